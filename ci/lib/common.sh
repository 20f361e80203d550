# shellcheck shell=bash
# Shared by every script of ci/: paths, messages, builds, and the installation of missing packages.
# Sourced after `set -euo pipefail`; sets ROOT and DEV, and does not change the working directory.

ROOT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
DEV=$ROOT/.dev

# Git sets these for its hooks; here they would make every git command act on the checkout instead of on its own repository.
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE

# say TEXT…: reports progress on standard error. Standard output has results only.
say() {
    printf '%s\n' "${0##*/}: $*" >&2
}

# fail TEXT…: reports why, and ends the script with 1.
fail() {
    say "$@"
    exit 1
}

# have WHAT: whether a command, or a file given by its full path, exists.
have() {
    case $1 in
        /*) [[ -e $1 ]] ;;
        *) command -v -- "$1" >/dev/null ;;
    esac
}

# install_missing WHAT=PACKAGE…: installs the Debian packages whose command or file does not exist. Does not call apt if
# all exist.
install_missing() {
    local pair packages=()
    for pair in "$@"; do
        have "${pair%%=*}" || packages+=("${pair#*=}")
    done
    [[ ${#packages[@]} -gt 0 ]] || return 0

    local as_root=()
    if [[ $(id -u) -ne 0 ]]; then
        if ! have sudo || ! { sudo -n true 2>/dev/null || [[ -t 0 ]]; }; then
            fail "missing: ${packages[*]}. This user is not root and cannot use sudo;" \
                "an administrator has to run: apt-get install ${packages[*]}"
        fi
        as_root=(sudo)
    fi
    have apt-get || fail "missing: ${packages[*]} (Debian's names). There is no apt-get here: install them by hand."
    say "installing ${packages[*]}"
    "${as_root[@]}" apt-get update -q >&2
    apt_install "${packages[@]}"
}

# apt_install PACKAGE…: installs, and does not start the packages' services (nginx would take port 80).
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

# require_swift: fails unless a Swift toolchain is installed. Debian has none.
require_swift() {
    have swift || fail "there is no swift in PATH: install a Swift 6.3 toolchain (https://www.swift.org/install)."
}

# unit_tests ARGUMENT…: runs the unit tests of what is built, as swift test with these arguments. At most eight at a time:
# with all at once, what the tests' clients and servers say to each other takes seconds, which is longer than a connection
# may take to be made.
unit_tests() {
    swift test "$@" --skip-build --experimental-maximum-parallelization-width 8
}

# build [debug|release] [ARGUMENT…]: every script builds through this, so that none repeats the work of another.
# Package.swift makes warnings errors. A release build links the Swift standard library statically, as the image needs it;
# one without that would compile everything again.
build() {
    local configuration=${1:-debug} flags=()
    shift || true
    if [[ $configuration == release ]]; then
        flags=(--static-swift-stdlib)
    fi
    pin_versions
    (cd "$ROOT" && swift build -c "$configuration" "${flags[@]}" "$@")
}

# products [debug|release]: prints the folder of what was built.
products() {
    (cd "$ROOT" && swift build -c "${1:-debug}" --show-bin-path)
}

# shellcheck source-path=SCRIPTDIR source=dependencies.sh
. "$ROOT/ci/lib/dependencies.sh"

# lock: lets one script at a time start and stop processes. Held until this process ends; the processes that it starts must
# not inherit it (they are started with `9>&-`).
lock() {
    mkdir -p "$DEV"
    exec 9>"$DEV/lock"
    if ! flock -n 9; then
        say "another ci/up or ci/down is running; waiting for it"
        flock -w 1800 9 || fail "it did not end within half an hour."
    fi
}
