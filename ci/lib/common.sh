# shellcheck shell=bash
# What every script of ci/ shares: where things are, how to speak, and how to install what is missing.
# Sourced, after `set -euo pipefail`; sets ROOT and DEV and leaves the working directory alone.

ROOT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
DEV=$ROOT/.dev

# Git sets these for its hooks; here they would make every git command act on the checkout.
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE

# say TEXT…: progress, on standard error, so that standard output holds results only.
say() {
    printf '%s\n' "${0##*/}: $*" >&2
}

# fail TEXT…: says why, and ends the script.
fail() {
    say "$@"
    exit 1
}

# have WHAT: whether a command, or a file by its full path, is there.
have() {
    case $1 in
        /*) [[ -e $1 ]] ;;
        *) command -v -- "$1" >/dev/null ;;
    esac
}

# install_missing WHAT=PACKAGE…: installs the Debian packages whose command or file is not there. Asks apt nothing when
# all are.
install_missing() {
    local pair packages=()
    for pair in "$@"; do
        have "${pair%%=*}" || packages+=("${pair#*=}")
    done
    [[ ${#packages[@]} -gt 0 ]] || return 0

    local as_root=()
    if [[ $(id -u) -ne 0 ]]; then
        if ! have sudo || ! { sudo -n true 2>/dev/null || [[ -t 0 ]]; }; then
            fail "missing: ${packages[*]}. This user is neither root nor may use sudo;" \
                "have somebody run: apt-get install ${packages[*]}"
        fi
        as_root=(sudo)
    fi
    have apt-get || fail "missing: ${packages[*]} (Debian's names), and there is no apt-get to install them with."
    say "installing ${packages[*]}"
    "${as_root[@]}" apt-get update -q >&2
    apt_install "${packages[@]}"
}

# apt_install PACKAGE…: without starting the services that packages bring along (nginx would take port 80).
apt_install() {
    local policy=/usr/sbin/policy-rc.d written=no status=0
    if [[ ! -e $policy ]]; then
        written=yes
        printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
        "${as_root[@]}" chmod 755 "$policy"
    fi
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@" >&2 ||
        status=$?
    if [[ $written == yes ]]; then
        "${as_root[@]}" rm -f "$policy"
    fi
    [[ $status -eq 0 ]] || fail "apt-get could not install $*"
}

# require_swift: the toolchain is not Debian's; it has to be there.
require_swift() {
    have swift || fail "there is no swift in PATH: install a Swift 6.3 toolchain (https://www.swift.org/install)."
}

# build [debug|release] [ARGUMENT…]: the one way in which everything here is built, so that no two scripts build twice.
# Warnings are errors by Package.swift's own settings. A release build has the Swift standard library inside, because that
# is what the image gets; without it everything would be compiled anew.
build() {
    local configuration=${1:-debug} flags=()
    shift || true
    if [[ $configuration == release ]]; then
        flags=(--static-swift-stdlib)
    fi
    pin_versions
    (cd "$ROOT" && swift build -c "$configuration" "${flags[@]}" "$@")
}

# products [debug|release]: the folder of what was built.
products() {
    (cd "$ROOT" && swift build -c "${1:-debug}" --show-bin-path)
}

# shellcheck source-path=SCRIPTDIR source=dependencies.sh
. "$ROOT/ci/lib/dependencies.sh"

# lock: one script at a time changes what runs. Held until this process ends; started processes must not inherit it
# (`start` closes it for them).
lock() {
    mkdir -p "$DEV"
    exec 9>"$DEV/lock"
    if ! flock -n 9; then
        say "another ci/up or ci/down is at work; waiting for it"
        flock -w 1800 9 || fail "it did not end within half an hour."
    fi
}
