# shellcheck shell=bash
# Which versions of the Swift packages this is built with.
#
# SwiftPM notes them in Package.resolved, with the commit of each. That file is not committed, because development
# machines may fetch the packages from mirrors whose commits differ from those of the packages' own repositories: .gitignore
# says so. Only the versions are committed, in ci/versions.txt. A checkout without Package.resolved gets one
# made from them, without commits, and SwiftPM fills these in when it resolves.

VERSIONS=$ROOT/ci/versions.txt
RESOLVED=$ROOT/Package.resolved

# recorded_versions: the lines of ci/versions.txt: name, version, place.
recorded_versions() {
    sed -E '/^(#|$)/d' "$VERSIONS"
}

# resolved_versions: the same lines, from Package.resolved.
resolved_versions() {
    [[ -r $RESOLVED ]] || fail "nothing is resolved yet: swift package resolve"
    have jq || install_missing jq=jq
    jq --raw-output '.pins[] | [.identity, (.state.version // .state.revision), .location] | join(" ")' "$RESOLVED" | LC_ALL=C sort
}

# pin_versions: makes Package.resolved from ci/versions.txt, unless it is there.
pin_versions() {
    [[ ! -e $RESOLVED && -r $VERSIONS ]] || return 0
    have jq || install_missing jq=jq
    recorded_versions | jq --raw-input --null-input \
        '{pins: [inputs | split(" ") | {identity: .[0], kind: "remoteSourceControl", location: .[2], state: {version: .[1]}}],
          version: 3}' >"$RESOLVED.new"
    mv -- "$RESOLVED.new" "$RESOLVED"
}

# versions_are_recorded: fails, and names each difference, unless what is resolved is what ci/versions.txt lists.
versions_are_recorded() {
    local resolved differences
    resolved=$(resolved_versions) || return 1
    differences=$(diff --unchanged-line-format='' --old-line-format='  recorded: %L' --new-line-format='  resolved: %L' \
        <(recorded_versions) <(printf '%s\n' "$resolved")) && return 0
    say "the Swift packages are not those of ci/versions.txt:"$'\n'"$differences"
    return 1
}

# record_versions: writes ci/versions.txt from what is resolved; its comments stay.
record_versions() {
    local resolved comments
    resolved=$(resolved_versions) || return 1
    comments=$(sed -n '/^#/p' "$VERSIONS")
    printf '%s\n' "$comments" "$resolved" >"$VERSIONS"
}
