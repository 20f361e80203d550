# shellcheck shell=bash
# The version of the service. Its source is Sources/ComponentsServer/ServiceVersion.swift, from which the program, its OpenAPI
# document and the image take it. The chart and the changelog repeat it.

VERSION_SOURCE=Sources/ComponentsServer/ServiceVersion.swift
CHART_DESCRIPTION=chart/Chart.yaml
CHANGELOG=chart/CHANGELOG.md

# The grammar of semver.org without build metadata: an image's tag may not contain a '+'.
SEMVER_NUMBER='(0|[1-9][0-9]*)'
SEMVER_IDENTIFIER='(0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)'
SEMVER="^$SEMVER_NUMBER\\.$SEMVER_NUMBER\\.$SEMVER_NUMBER(-$SEMVER_IDENTIFIER(\\.$SEMVER_IDENTIFIER)*)?\$"

# service_version: prints the version of the service.
service_version() {
    local version
    version=$(sed -nE 's/^ *static let current = "([^"]*)"$/\1/p' "$ROOT/$VERSION_SOURCE")
    [[ -n $version ]] || fail "$VERSION_SOURCE holds no line 'static let current = \"…\"'."
    printf '%s\n' "$version"
}

# chart_value KEY: prints a plain value of the top level of the chart's description, without its quotes.
chart_value() {
    sed -nE "s/^$1: *[\"']?([^\"' ]*)[\"']? *\$/\\1/p" "$ROOT/$CHART_DESCRIPTION"
}

# changelog_version: prints the version of the newest entry.
changelog_version() {
    sed -nE '/^## /{s/^## ([^ ]+).*$/\1/p;q}' "$ROOT/$CHANGELOG"
}

# version_is_one: fails, and names each place, unless all places agree on a version that SemVer allows.
version_is_one() {
    local version differing=0
    version=$(service_version)
    if ! [[ $version =~ $SEMVER ]]; then
        say "$VERSION_SOURCE: '$version' is not a version as semver.org defines it"
        return 1
    fi
    if [[ -e $ROOT/$CHART_DESCRIPTION ]]; then
        agrees "$CHART_DESCRIPTION: version" "$(chart_value version)" "$version" || differing=1
        agrees "$CHART_DESCRIPTION: appVersion" "$(chart_value appVersion)" "$version" || differing=1
    fi
    agrees "$CHANGELOG: the newest entry" "$(changelog_version)" "$version" || differing=1
    return "$differing"
}

agrees() {
    [[ $2 == "$3" ]] || {
        say "$1 says '$2', but $VERSION_SOURCE says '$3'"
        return 1
    }
}

# is_newer VERSION OTHER: whether SemVer (section 11) puts the first after the second.
is_newer() {
    local LC_ALL=C core=${1%%-*} other_core=${2%%-*} before='' other_before='' mine theirs index
    [[ $1 != *-* ]] || before=${1#*-}
    [[ $2 != *-* ]] || other_before=${2#*-}
    IFS=. read -ra mine <<<"$core"
    IFS=. read -ra theirs <<<"$other_core"
    for index in 0 1 2; do
        [[ ${mine[index]} == "${theirs[index]}" ]] || {
            greater_number "${mine[index]}" "${theirs[index]}"
            return
        }
    done
    # The same numbers: what comes before a release is older than the release.
    [[ $before != "$other_before" && -n $other_before ]] || return 1
    [[ -n $before ]] || return 0
    IFS=. read -ra mine <<<"$before"
    IFS=. read -ra theirs <<<"$other_before"
    for ((index = 0; index < ${#mine[@]}; index++)); do
        # All the same so far, and more of them.
        [[ $index -lt ${#theirs[@]} ]] || return 0
        [[ ${mine[index]} == "${theirs[index]}" ]] || {
            identifier_is_newer "${mine[index]}" "${theirs[index]}"
            return
        }
    done
    return 1
}

# Numbers are older than words; numbers are compared as such, words byte by byte.
identifier_is_newer() {
    case $(is_number "$1" && echo number)/$(is_number "$2" && echo number) in
        number/number) greater_number "$1" "$2" ;;
        number/) return 1 ;;
        /number) return 0 ;;
        *) [[ $1 > $2 ]] ;;
    esac
}

is_number() {
    [[ $1 =~ ^[0-9]+$ ]]
}

# By length first, because there is no leading zero and the shell's own numbers end at 64 bits.
greater_number() {
    if [[ ${#1} -ne ${#2} ]]; then
        [[ ${#1} -gt ${#2} ]]
    else
        [[ $1 > $2 ]]
    fi
}
