# shellcheck shell=bash
# Python environments in .dev, one for each list of packages.

# python_environment NAME LIST [INTERPRETER]: makes .dev/NAME, again if the list has changed; sets PYTHON to its interpreter.
python_environment() {
    local folder=$DEV/$1 list=$2 interpreter=${3:-python3}
    PYTHON=$folder/bin/python
    export PYTHON
    if cmp -s "$list" "$folder/requirements.txt"; then
        return 0
    fi
    "$interpreter" -c 'import ensurepip, venv' 2>/dev/null || install_missing /nonexistent=python3-venv
    say "installing the Python packages of ${list#"$ROOT/"}"
    rm -rf "$folder"
    "$interpreter" -m venv "$folder" || fail "$interpreter could not make an environment in $folder."
    "$folder/bin/pip" install --quiet --disable-pip-version-check --requirement "$list" >&2 ||
        fail "pip could not install what $list lists."
    cp "$list" "$folder/requirements.txt"
}

# prepare_python: the environment of the end-to-end suite, which the benchmarks use too.
prepare_python() {
    python_environment venv "$ROOT/Tests/EndToEnd/requirements.txt"
}

# prepare_field_client: the environment of the client that the field uses, which needs a newer Python than Debian 12 has. Where
# none can be found, its tests are skipped, which this says.
prepare_field_client() {
    local interpreter environment=${PYTHON:-}
    if ! interpreter=$(newer_python); then
        say "THE FIELD'S CLIENT IS NOT TESTED: it needs Python 3.13 or later, and there is none in PATH, of pyenv or of uv."
        return 0
    fi
    python_environment field-client "$ROOT/Tests/EndToEnd/field-client.txt" "$interpreter"
    PYTHON=$environment
}

# newer_python: prints a Python of 3.13 or later, also one of pyenv or uv; fails if there is none.
newer_python() {
    local candidate
    for candidate in python3 python3.1{3..9} "$HOME"/.pyenv/versions/3.1[3-9]*/bin/python3 \
        "${UV_PYTHON_INSTALL_DIR:-$HOME/.local/share/uv/python}"/cpython-3.1[3-9]*/bin/python3; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 13))' 2>/dev/null; then
            command -v "$candidate"
            return 0
        fi
    done
    return 1
}
