# shellcheck shell=bash
# Processes that outlive the script: each has a file .dev/pids/NAME, "PID START", where START is the moment at which
# the kernel started it. So a number that has gone to another process since is never signalled.

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

# record NAME PID: notes a process as ours.
record() {
    local start
    start=$(started_at "$2") || return 1
    mkdir -p "$DEV/pids"
    printf '%s %s\n' "$2" "$start" >"$DEV/pids/$1"
}

# running NAME: prints the pid, if the process that was recorded still runs.
running() {
    local pid start
    [[ -r $DEV/pids/$1 ]] || return 1
    read -r pid start <"$DEV/pids/$1" || return 1
    [[ $(started_at "$pid") == "$start" ]] || return 1
    printf '%s\n' "$pid"
}

# stop NAME [SECONDS]: SIGTERM, and SIGKILL if it is still there after so long.
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

# stop_all: everything that ci/up starts, the front first, so that nothing is asked of what is gone.
stop_all() {
    local directory
    stop nginx
    stop components-api 35
    stop fcgiwrap
    stop fake-kubernetes
    if [[ -r $DEV/runtime-directory ]]; then
        directory=$(<"$DEV/runtime-directory")
        # Only ever what `make_runtime_directory` made.
        if [[ $directory == /*/components-api.?????? && -d $directory && -O $directory ]]; then
            rm -rf -- "$directory"
        fi
        rm -f "$DEV/runtime-directory"
    fi
}

# make_runtime_directory: a folder for what nginx's workers must reach: the sockets, nginx's temporary files and the
# demo repository. Not below .dev, because the way there may be closed to them. Sets RUNTIME.
make_runtime_directory() {
    local parent=${TMPDIR:-/tmp}
    # root's temporary folder may be root's alone, and the workers are not root.
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

# port_is_taken PORT: whether somebody listens there on the loopback.
port_is_taken() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# check_port NAME LOWEST: ends the script unless the variable of that name holds a port.
check_port() {
    if ! [[ ${!1} =~ ^[0-9]{1,5}$ ]] || ((10#${!1} < $2 || 10#${!1} > 65535)); then
        fail "$1=${!1} is not a port: give a number from $2 to 65535."
    fi
}
