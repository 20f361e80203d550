# shellcheck shell=bash
# The root file system of the image: the program and what it needs, from this machine's Debian packages.

IMAGE_USER=65532

# put FILE PATH [MODE]: copies a file, following links, to its place below ROOTFS.
put() {
    install -D --mode="${3:-0644}" -- "$1" "$ROOTFS/$2"
}

# make_rootfs PROGRAM FOLDER: makes the root file system in FOLDER, which is emptied first.
make_rootfs() {
    local program=$1
    ROOTFS=$2
    rm -rf -- "$ROOTFS"
    # One tree of libraries, as Debian has it. The program names its loader by a path in /lib64.
    mkdir -p "$ROOTFS"/{etc,usr/bin,usr/lib,usr/lib64,tmp}
    ln -s usr/lib usr/lib64 "$ROOTFS"
    chmod 1777 "$ROOTFS/tmp"

    put "$program" usr/bin/components-api 0755
    put_libraries "$program"
    # For git hosts, and clusters whose certificate is of a public authority; a kubeconfig or a service account has its own.
    put /etc/ssl/certs/ca-certificates.crt etc/ssl/certs/ca-certificates.crt
    add_package ca-certificates
    put_accounts
}

# put_libraries PROGRAM: copies the shared libraries that the loader finds for it, and the loader.
put_libraries() {
    local list file
    list=$(libraries_of "$1")
    while read -r file; do
        # Debian's /lib is /usr/lib.
        put "$file" "usr/${file#/}" 0755
        add_package_of "$file"
    done <<<"$list"
}

# libraries_of PROGRAM: prints their paths below /lib or /lib64, one a line.
libraries_of() {
    local line
    ldd -- "$1" | while read -r line; do
        case $line in
            linux-vdso.so.1\ *) ;;
            libswift* | libFoundation* | lib_Foundation* | libdispatch*)
                fail "the program needs ${line%% *}: it was not built with the static Swift standard library."
                ;;
            # "name => path (address)", or "path (address)" for the loader.
            *\ =\>\ /lib*\ \(* | *\ =\>\ /usr/lib/*\ \(* | /lib*\ \(*)
                line=${line##* => }
                line=${line%% (*}
                printf '%s\n' "${line#/usr}"
                ;;
            *) fail "ci/lib/rootfs.sh does not know this kind of library: $line" ;;
        esac
    done
}

# The accounts, and how names are looked up. glibc has the services "files" and "dns" built in since 2.34; older ones load
# libraries for them.
put_accounts() {
    printf 'root:x:0:0:root:/nonexistent:/nonexistent\nnonroot:x:%s:%s:nonroot:/nonexistent:/nonexistent\n' \
        "$IMAGE_USER" "$IMAGE_USER" >"$ROOTFS/etc/passwd"
    printf 'root:x:0:\nnonroot:x:%s:\n' "$IMAGE_USER" >"$ROOTFS/etc/group"
    printf 'passwd: files\ngroup: files\nhosts: files dns\n' >"$ROOTFS/etc/nsswitch.conf"
    # Scanners read here which distribution the packages below belong to.
    put /etc/os-release etc/os-release
}

# add_package_of FILE: adds the entry of the Debian package that a file belongs to.
add_package_of() {
    local owner
    # Packages name their files by /lib or by /usr/lib, whichever they were built with.
    owner=$(dpkg-query --search "$1" "/usr$1" "$(realpath -- "$1")" 2>/dev/null | head -n 1) || true
    [[ -n $owner ]] || fail "no Debian package owns $1."
    add_package "${owner%%:*}"
}

# add_package NAME: adds its entry of dpkg's database, one file for each package as in distroless images, so that scanners for
# known vulnerabilities see what is in the image; and its licence, which must be distributed with it.
add_package() {
    [[ ! -e $ROOTFS/var/lib/dpkg/status.d/$1 ]] || return 0
    mkdir -p "$ROOTFS/var/lib/dpkg/status.d"
    dpkg-query --status -- "$1" | sed '/^Conffiles:/,/^[^ ]/{/^Conffiles:/d;/^ /d}' >"$ROOTFS/var/lib/dpkg/status.d/$1"
    put "/usr/share/doc/$1/copyright" "usr/share/doc/$1/copyright"
}
