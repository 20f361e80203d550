# shellcheck shell=bash
# Python environments in .dev, one for each list of packages.

# python_environment NAME LIST: makes .dev/NAME, again if the list has changed; sets PYTHON to its interpreter.
python_environment() {
    local folder=$DEV/$1 list=$2
    PYTHON=$folder/bin/python
    export PYTHON
    if cmp -s "$list" "$folder/requirements.txt"; then
        return 0
    fi
    python3 -c 'import ensurepip, venv' 2>/dev/null || install_missing /nonexistent=python3-venv
    say "installing the Python packages of ${list#"$ROOT/"}"
    rm -rf "$folder"
    python3 -m venv "$folder" || fail "python3 could not make an environment in $folder."
    "$folder/bin/pip" install --quiet --disable-pip-version-check --requirement "$list" >&2 ||
        fail "pip could not install what $list lists."
    cp "$list" "$folder/requirements.txt"
}

# prepare_python: the environment of the end-to-end suite, which the benchmarks use too.
prepare_python() {
    python_environment venv "$ROOT/Tests/EndToEnd/requirements.txt"
}
