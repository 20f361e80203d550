# shellcheck shell=bash
# The root file system of the image: the program and what it cannot do without, from this machine's Debian packages.

IMAGE_USER=65532

# put FILE PATH [MODE]: copies a file, following links, to its place below ROOTFS.
put() {
    install -D --mode="${3:-0644}" -- "$1" "$ROOTFS/$2"
}

# make_rootfs PROGRAM FOLDER: makes FOLDER anew.
make_rootfs() {
    local program=$1
    ROOTFS=$2
    rm -rf -- "$ROOTFS"
    # One tree of libraries, as Debian has it; the loader's own path leads through /lib64.
    mkdir -p "$ROOTFS"/{etc,usr/bin,usr/lib,usr/lib64,tmp}
    ln -s usr/lib usr/lib64 "$ROOTFS"
    chmod 1777 "$ROOTFS/tmp"

    put "$program" usr/bin/components-api 0755
    put_libraries "$program"
    # For clusters whose certificate is of a public authority; a kubeconfig or a pod's service account brings its own.
    put /etc/ssl/certs/ca-certificates.crt etc/ssl/certs/ca-certificates.crt
    add_package ca-certificates
    put_accounts
}

# put_libraries PROGRAM: the shared libraries that the loader finds for it, and the loader.
put_libraries() {
    local list file
    list=$(libraries_of "$1")
    while read -r file; do
        # Debian's /lib is /usr/lib.
        put "$file" "usr/${file#/}" 0755
        add_package_of "$file"
    done <<<"$list"
}

# libraries_of PROGRAM: their paths below /lib or /lib64, one a line.
libraries_of() {
    local line
    ldd -- "$1" | while read -r line; do
        case $line in
            linux-vdso.so.1\ *) ;;
            libswift* | libFoundation* | lib_Foundation* | libdispatch*)
                fail "the program wants ${line%% *}: it was not built with the static Swift standard library."
                ;;
            # "name => path (address)", or "path (address)" for the loader.
            *\ =\>\ /lib*\ \(* | *\ =\>\ /usr/lib/*\ \(* | /lib*\ \(*)
                line=${line##* => }
                line=${line%% (*}
                printf '%s\n' "${line#/usr}"
                ;;
            *) fail "do not know what to do with this library: $line" ;;
        esac
    done
}

# Who we are, and how names are looked up. glibc has had the services "files" and "dns" built in since 2.34; those before
# it take them from libraries of their own.
put_accounts() {
    printf 'root:x:0:0:root:/nonexistent:/nonexistent\nnonroot:x:%s:%s:nonroot:/nonexistent:/nonexistent\n' \
        "$IMAGE_USER" "$IMAGE_USER" >"$ROOTFS/etc/passwd"
    printf 'root:x:0:\nnonroot:x:%s:\n' "$IMAGE_USER" >"$ROOTFS/etc/group"
    printf 'passwd: files\ngroup: files\nhosts: files dns\n' >"$ROOTFS/etc/nsswitch.conf"
    # What scanners look at to tell which distribution the packages below are of.
    put /etc/os-release etc/os-release
}

# add_package_of FILE: notes the Debian package that a file comes from.
add_package_of() {
    local owner
    # Packages name their files by /lib or by /usr/lib, whichever they were built with.
    owner=$(dpkg-query --search "$1" "/usr$1" "$(realpath -- "$1")" 2>/dev/null | head -n 1) || true
    [[ -n $owner ]] || fail "no Debian package owns $1."
    add_package "${owner%%:*}"
}

# add_package NAME: its entry of dpkg's database, a file for each as in distroless images, so that scanners for known
# vulnerabilities see what is in the image; and its licence, which must go wherever the package goes.
add_package() {
    [[ ! -e $ROOTFS/var/lib/dpkg/status.d/$1 ]] || return 0
    mkdir -p "$ROOTFS/var/lib/dpkg/status.d"
    dpkg-query --status -- "$1" | sed '/^Conffiles:/,/^[^ ]/{/^Conffiles:/d;/^ /d}' >"$ROOTFS/var/lib/dpkg/status.d/$1"
    put "/usr/share/doc/$1/copyright" "usr/share/doc/$1/copyright"
}
