# shellcheck shell=bash
# An OCI image of one layer from a folder (https://github.com/opencontainers/image-spec), by tar, gzip, sha256sum and jq.
#
# Not made by umoci or buildah, which Debian has, because the format is only three small JSON documents and a tar archive. Made
# here it needs no root, no namespaces and no mount, works in any CI container, and the same files give the same bytes.
# skopeo, umoci and the runtimes read it like any other.
#
# Reads EPOCH: the time of every file, in seconds since 1970.

# archive FOLDER NAME…: writes a tar archive of these, in which nothing depends on the machine.
archive() {
    local folder=$1
    shift
    tar --create --directory="$folder" --format=ustar --sort=name --mtime="@$EPOCH" --owner=0 --group=0 --numeric-owner \
        -- "$@"
}

# digest FILE: prints its SHA-256 as OCI writes it.
digest() {
    local sum
    sum=$(sha256sum <"$1")
    printf 'sha256:%s\n' "${sum%% *}"
}

# store LAYOUT FILE MEDIA-TYPE: moves a file to its place among the blobs, and prints its descriptor.
store() {
    local layout=$1 file=$2 type=$3 sum size
    sum=$(digest "$file")
    size=$(stat --format=%s -- "$file")
    mv -- "$file" "$layout/blobs/sha256/${sum#sha256:}"
    jq --null-input --compact-output --arg type "$type" --arg digest "$sum" --argjson size "$size" \
        '{mediaType: $type, digest: $digest, size: $size}'
}

# architecture: prints this machine's, by the name that OCI (and Go) gives it.
architecture() {
    case $(uname -m) in
        x86_64) echo amd64 ;;
        aarch64) echo arm64 ;;
        *) uname -m ;;
    esac
}

# make_image ROOT-FOLDER CONFIG NAME OUT: writes the OCI archive OUT. CONFIG is the JSON object `config` of the image: user,
# entrypoint, labels. NAME is the tag. Sets, for the caller, IMAGE_DIGEST, and COMPRESSED_SIZE and UNCOMPRESSED_SIZE (of the
# layer, in bytes).
# shellcheck disable=SC2034
make_image() {
    local folder=$1 config=$2 name=$3 out=$4 work names diff_id layer configuration manifest
    work=$(mktemp -d -- "$out.XXXXXX")
    mkdir -p "$work/layout/blobs/sha256"

    mapfile -t names < <(cd -- "$folder" && printf '%s\n' *)
    archive "$folder" "${names[@]}" >"$work/layer.tar"
    diff_id=$(digest "$work/layer.tar")
    UNCOMPRESSED_SIZE=$(stat --format=%s "$work/layer.tar")
    gzip -9 --no-name "$work/layer.tar"
    COMPRESSED_SIZE=$(stat --format=%s "$work/layer.tar.gz")
    layer=$(store "$work/layout" "$work/layer.tar.gz" application/vnd.oci.image.layer.v1.tar+gzip)

    jq --null-input --compact-output --argjson config "$config" --arg architecture "$(architecture)" \
        --arg diff "$diff_id" --argjson epoch "$EPOCH" \
        '{created: ($epoch | todate), architecture: $architecture, os: "linux", config: $config,
          rootfs: {type: "layers", diff_ids: [$diff]}, history: [{created: ($epoch | todate), created_by: "ci/image"}]}' \
        >"$work/configuration"
    configuration=$(store "$work/layout" "$work/configuration" application/vnd.oci.image.config.v1+json)

    jq --null-input --compact-output --argjson config "$configuration" --argjson layer "$layer" \
        --argjson labels "$(jq '.Labels // {}' <<<"$config")" \
        '{schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json", config: $config, layers: [$layer],
          annotations: $labels}' >"$work/manifest"
    manifest=$(store "$work/layout" "$work/manifest" application/vnd.oci.image.manifest.v1+json)
    IMAGE_DIGEST=$(jq --raw-output .digest <<<"$manifest")

    jq --null-input --compact-output --argjson manifest "$manifest" --arg name "$name" \
        --arg architecture "$(architecture)" \
        '{schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests: [$manifest +
          {platform: {architecture: $architecture, os: "linux"}, annotations: {"org.opencontainers.image.ref.name": $name}}]}' \
        >"$work/layout/index.json"
    printf '{"imageLayoutVersion":"1.0.0"}' >"$work/layout/oci-layout"

    archive "$work/layout" oci-layout index.json blobs >"$work/out"
    mv -- "$work/out" "$out"
    rm -rf -- "$work"
}
