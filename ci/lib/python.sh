# shellcheck shell=bash
# The Python packages of the end-to-end suite, which the benchmarks use too. Reads ROOT, DEV; sets nothing.

# prepare_python: an environment of their own, in .dev/venv, that is made anew when their list changes.
prepare_python() {
    local venv=$DEV/venv list=$ROOT/Tests/EndToEnd/requirements.txt
    if cmp -s "$list" "$venv/requirements.txt"; then
        return 0
    fi
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$list" >&2
    cp "$list" "$venv/requirements.txt"
}
