# shellcheck shell=bash
# The development certificates in .dev/tls. One CA issues those of the server and of the tools, so that clients need one file.

TLS=$DEV/tls

# still_good FILE: whether a certificate is of this CA and valid for another day.
still_good() {
    [[ -s $TLS/$1.crt && -s $TLS/$1.key ]] &&
        openssl x509 -in "$TLS/$1.crt" -noout -checkend 86400 >/dev/null 2>&1 &&
        openssl verify -CAfile "$TLS/ca.crt" "$TLS/$1.crt" >/dev/null 2>&1
}

# new_key FILE: an EC key that only its owner can read.
new_key() {
    (umask 077 && openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$TLS/$1.key" 2>/dev/null)
}

# issue FILE SUBJECT EXTENSIONS: makes a key and a certificate of this CA.
issue() {
    new_key "$1"
    openssl req -new -key "$TLS/$1.key" -subj "$2" |
        openssl x509 -req -CA "$TLS/ca.crt" -CAkey "$TLS/ca.key" -set_serial "0x$(openssl rand -hex 16)" -days 825 \
            -sha256 -extfile <(printf '%s\n' "basicConstraints=critical,CA:FALSE" "$3") -out "$TLS/$1.crt" 2>/dev/null
}

# make_certificates: makes the CA and the certificates of the server and of the tools demo and other. Valid ones are kept.
make_certificates() {
    local tool
    mkdir -p "$TLS"
    if ! still_good ca; then
        say "making a CA and certificates in .dev/tls"
        new_key ca
        openssl req -x509 -new -key "$TLS/ca.key" -sha256 -days 3650 -subj "/CN=components-api development CA" \
            -addext "basicConstraints=critical,CA:TRUE,pathlen:0" -addext "keyUsage=critical,keyCertSign,cRLSign" \
            -out "$TLS/ca.crt"
    fi
    still_good server ||
        issue server "/CN=localhost" \
            $'extendedKeyUsage=serverAuth\nsubjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1'
    for tool in demo other; do
        # RFC 2253 writes the last part of a subject first: CN=<tool>,O=toolforge.
        still_good "$tool" || issue "$tool" "/O=toolforge/CN=$tool" "extendedKeyUsage=clientAuth"
    done
}
