# shellcheck shell=bash
# Processes that outlive the script. Each has a file .dev/pids/NAME with "PID START", where START is the time at which the
# kernel started it: a process that got the same number later is never signalled.

# started_at PID: the start time of a process in clock ticks since boot; fails if there is none.
started_at() {
    local stat
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    # The second field is the command in parentheses and may hold anything; the start is the 20th field after it.
    set -f
    # shellcheck disable=SC2086
    set -- ${stat##*) }
    set +f
    [[ $1 != Z ]] || return 1
    printf '%s\n' "${20}"
}

# record NAME PID: writes the file of a process that was started here.
record() {
    local start
    start=$(started_at "$2") || return 1
    mkdir -p "$DEV/pids"
    printf '%s %s\n' "$2" "$start" >"$DEV/pids/$1"
}

# running NAME: prints the process id, if the recorded process still runs.
running() {
    local pid start
    [[ -r $DEV/pids/$1 ]] || return 1
    read -r pid start <"$DEV/pids/$1" || return 1
    [[ $(started_at "$pid") == "$start" ]] || return 1
    printf '%s\n' "$pid"
}

# stop NAME [SECONDS]: sends SIGTERM, and SIGKILL if the process still runs after that time (10).
stop() {
    local name=$1 seconds=${2:-10} pid tries
    if pid=$(running "$name"); then
        say "stopping $name (process $pid)"
        kill -TERM "$pid" 2>/dev/null || true
        for ((tries = 0; tries < seconds * 20; tries++)); do
            running "$name" >/dev/null || break
            sleep 0.05
        done
        if running "$name" >/dev/null; then
            say "$name did not stop within $seconds seconds; killing it"
            kill -KILL "$pid" 2>/dev/null || true
        fi
    fi
    rm -f "$DEV/pids/$name"
}

# stop_all: stops everything that ci/up starts. nginx first, so that no request reaches a part that has stopped.
stop_all() {
    local directory
    stop nginx
    stop components-api 35
    stop fcgiwrap
    stop fake-kubernetes
    if [[ -r $DEV/runtime-directory ]]; then
        directory=$(<"$DEV/runtime-directory")
        # Deletes only what `make_runtime_directory` made.
        if [[ $directory == /*/components-api.?????? && -d $directory && -O $directory ]]; then
            rm -rf -- "$directory"
        fi
        rm -f "$DEV/runtime-directory"
    fi
}

# make_runtime_directory: makes a folder for what nginx's workers must reach: the sockets, nginx's temporary files and the
# demo repository. It is not below .dev, because the workers may not enter the folders above that. Sets RUNTIME.
make_runtime_directory() {
    local parent=${TMPDIR:-/tmp}
    # The temporary folder of root may be closed to others, and the workers are not root.
    if [[ $(id -u) -eq 0 ]]; then
        parent=/run
    fi
    RUNTIME=$(mktemp -d "$parent/components-api.XXXXXX")
    printf '%s\n' "$RUNTIME" >"$DEV/runtime-directory"
    if [[ $(id -u) -eq 0 ]]; then
        chgrp "$(id -gn "$WORKER_USER")" "$RUNTIME"
    fi
    chmod 0750 "$RUNTIME"
}

# port_is_taken PORT: whether a process listens on that port of the loopback interface.
port_is_taken() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# check_port NAME LOWEST: fails unless the variable of that name is a port of at least LOWEST.
check_port() {
    if ! [[ ${!1} =~ ^[0-9]{1,5}$ ]] || ((10#${!1} < $2 || 10#${!1} > 65535)); then
        fail "$1=${!1} is not a port: give a number from $2 to 65535."
    fi
}
