# shellcheck shell=bash
# The processes of the chain, one function each, from the cluster to nginx. Each records what it started. A failure shows the
# end of the log with its cause.
#
# Reads COMPONENTS_PORT, FAKE_KUBERNETES_PORT, PRODUCTS, RUNTIME, TLS, KUBECONFIG.

LOGS=$DEV/logs

# fail_with_log LOG TEXT…: fails, and shows the last lines of the log, which mostly have the reason.
fail_with_log() {
    local log=$1
    shift
    if [[ -s $log ]]; then
        say "the end of $log:"
        tail -n 20 -- "$log" >&2
    fi
    fail "$@"
}

# choose_worker_user: sets WORKER_USER, the user of nginx's workers. nginx that root starts runs them as another user.
choose_worker_user() {
    if [[ $(id -u) -eq 0 ]]; then
        WORKER_USER=www-data
        id -u "$WORKER_USER" >/dev/null 2>&1 || WORKER_USER=nobody
    else
        WORKER_USER=$(id -un)
    fi
}

# wait_for SECONDS WHAT COMMAND…: waits until the command succeeds; fails after that time. Reports every two seconds.
wait_for() {
    local seconds=$1 what=$2 tries
    shift 2
    for ((tries = 0; tries < seconds * 10; tries++)); do
        if "$@"; then
            return 0
        fi
        if ((tries > 0 && tries % 20 == 0)); then
            say "waiting for $what ($((tries / 10)) s)"
        fi
        sleep 0.1
    done
    return 1
}

# spawn NAME SOCKET [OPTION… --] PROGRAM…: starts a FastCGI program under spawn-fcgi, which passes it the socket as descriptor
# 0 (the options are spawn-fcgi's). Only nginx's workers may connect. The backlog is above nginx's limit of exchanges,
# because nginx answers 502 at once if it is full.
spawn() {
    local name=$1 socket=$2 group=() pid
    shift 2
    if [[ $(id -u) -eq 0 ]]; then
        group=(-G "$(id -gn "$WORKER_USER")")
    fi
    [[ $1 == -* ]] || set -- -- "$@"
    spawn-fcgi -s "$socket" -M 0660 "${group[@]}" -b 1024 -P "$DEV/pids/$name.new" "$@" >>"$LOGS/$name.log" 2>&1 9>&- ||
        fail_with_log "$LOGS/$name.log" "spawn-fcgi could not start $name."
    pid=$(<"$DEV/pids/$name.new")
    rm -f "$DEV/pids/$name.new"
    record "$name" "$pid" || fail_with_log "$LOGS/$name.log" "$name ended as soon as it was started."
}

# start_fake_cluster: returns when the cluster has written its kubeconfig.
start_fake_cluster() {
    local log=$LOGS/fake-kubernetes.log
    rm -f "$KUBECONFIG"
    say "starting the fake cluster"
    setsid "$PRODUCTS/fake-kubernetes" --port "$FAKE_KUBERNETES_PORT" --crds "$ROOT/chart/crds" \
        --tls-directory "$DEV/fake-kubernetes" --kubeconfig "$KUBECONFIG" --git-ca "$TLS/ca.crt" \
        >"$log" 2>&1 </dev/null 9>&- &
    record fake-kubernetes $! || fail_with_log "$log" "the fake cluster ended as soon as it was started."
    disown
    wait_for 30 "the fake cluster" fake_cluster_is_ready ||
        fail_with_log "$log" "the fake cluster did not get ready."
}

# Fails at once if the process has ended.
fake_cluster_is_ready() {
    running fake-kubernetes >/dev/null || fail_with_log "$LOGS/fake-kubernetes.log" "the fake cluster ended."
    [[ -s $KUBECONFIG ]]
}

# start_service: starts the service under spawn-fcgi. spawn-fcgi closes standard error, hence LOG_FILE.
start_service() {
    FASTCGI_SOCKET=$RUNTIME/components-api.sock
    say "starting the service"
    : >"$LOGS/components-api.log"
    (
        export KUBECONFIG LOG_FILE=$LOGS/components-api.log
        FASTCGI_ALLOWED_UIDS=$(id -u "$WORKER_USER"),$(id -u),0
        TOKEN_KEYS_FILE=${TOKEN_KEYS_FILE:-$DEV/token-keys}
        export FASTCGI_ALLOWED_UIDS TOKEN_KEYS_FILE
        # Kept over a restart, so that a tool's deploy token is.
        [[ -e $TOKEN_KEYS_FILE ]] ||
            (umask 077 && printf 'development %s\n' "$(openssl rand -base64 32)" >"$TOKEN_KEYS_FILE")
        # The demo repository is served by this machine, with a development certificate.
        export GIT_ALLOWED_NETWORKS=${GIT_ALLOWED_NETWORKS:-127.0.0.0/8,::1} GIT_CA_FILE=${GIT_CA_FILE:-$TLS/ca.crt}
        spawn components-api "$FASTCGI_SOCKET" "$PRODUCTS/components-api"
    )
}

# make_demo_repository: makes a repository with one commit on main, owned by the user that serves it.
make_demo_repository() {
    local work=$RUNTIME/demo.work
    git init -q --initial-branch=main "$work"
    printf '%s\n' "web: python3 -m http.server 8000" >"$work/Procfile"
    printf '%s\n' "# Demo" "" "What the demo of components-api builds." >"$work/README.md"
    git -C "$work" add .
    git -C "$work" -c user.name=demo -c user.email=demo@localhost -c commit.gpgsign=false commit -q -m "A page to build"
    mkdir -p "$RUNTIME/git"
    git clone -q --bare "$work" "$RUNTIME/git/demo.git"
    rm -rf "$work"
    if [[ $(id -u) -eq 0 ]]; then
        chown -R "$WORKER_USER:" "$RUNTIME/git"
    fi
}

# start_git: starts git's own CGI program behind fcgiwrap, which may start nothing else, as the workers' user.
start_git() {
    local user=()
    make_demo_repository
    if [[ $(id -u) -eq 0 ]]; then
        user=(-u "$WORKER_USER" -g "$(id -gn "$WORKER_USER")" -U "$WORKER_USER")
    fi
    spawn fcgiwrap "$RUNTIME/git.sock" "${user[@]}" -- /usr/sbin/fcgiwrap -p /usr/lib/git-core/git-http-backend
}

# check_ports: fails if a port is taken. What ci/up started has been stopped by now, so another program has it.
check_ports() {
    if port_is_taken "$COMPONENTS_PORT"; then
        fail "port $COMPONENTS_PORT is taken by another program; choose another one by COMPONENTS_PORT=…"
    fi
    if [[ $FAKE_KUBERNETES_PORT -ne 0 ]] && port_is_taken "$FAKE_KUBERNETES_PORT"; then
        fail "port $FAKE_KUBERNETES_PORT is taken by another program; choose another one by FAKE_KUBERNETES_PORT=…"
    fi
}

# start_nginx: starts nginx with the configuration of nginx/, rendered for this machine.
start_nginx() {
    local log=$LOGS/nginx-error.log configuration=$DEV/nginx user=() pid
    start_git
    say "starting nginx on port $COMPONENTS_PORT"
    rm -rf "$configuration"
    mkdir -p "$configuration/locations" "$RUNTIME/nginx"
    chmod 0755 "$RUNTIME/nginx"
    "$ROOT/nginx/render" "$ROOT/nginx/git.conf.in" GIT_CGI="unix:$RUNTIME/git.sock" GIT_ROOT="$RUNTIME/git" \
        >"$configuration/locations/git.conf"
    "$ROOT/nginx/render" "$ROOT/nginx/nginx.conf.in" \
        LISTEN="127.0.0.1:$COMPONENTS_PORT" \
        SERVER_NAME=localhost \
        SERVER_CERTIFICATE="$TLS/server.crt" \
        SERVER_KEY="$TLS/server.key" \
        CLIENT_CA="$TLS/ca.crt" \
        SERVICE="unix:$FASTCGI_SOCKET" \
        URL_PREFIX= \
        CLIENT_TIMEOUT=15s \
        SERVICE_TIMEOUT=90s \
        MAX_EXCHANGES=900 \
        TEMPORARY_DIRECTORY="$RUNTIME/nginx" \
        PID_FILE="$DEV/pids/nginx.pid" \
        ACCESS_LOG="$LOGS/nginx-access.log" \
        ERROR_LOG="$log" \
        LOCATIONS="$configuration/locations" \
        >"$configuration/nginx.conf"
    if [[ $(id -u) -eq 0 ]]; then
        user=(-g "user $WORKER_USER $(id -gn "$WORKER_USER");")
    fi
    rm -f "$log" "$DEV/pids/nginx.pid"
    /usr/sbin/nginx -p "$configuration" -c "$configuration/nginx.conf" -e "$LOGS/nginx-error.log" "${user[@]}" 9>&- ||
        fail_with_log "$log" "nginx did not start."
    wait_for 5 "nginx's pid file" test -s "$DEV/pids/nginx.pid" || fail_with_log "$log" "nginx did not start."
    pid=$(<"$DEV/pids/nginx.pid")
    record nginx "$pid" || fail_with_log "$log" "nginx ended as soon as it was started."
}

# write_environment: writes .dev/env, which the user's shell can source.
write_environment() {
    BASE_URL=https://127.0.0.1:$COMPONENTS_PORT
    DEMO_REPOSITORY=${DEMO_REPOSITORY:-$BASE_URL/git/demo.git}
    {
        printf 'BASE_URL=%q\n' "$BASE_URL"
        printf 'DEMO_REPOSITORY=%q\n' "$DEMO_REPOSITORY"
        printf 'KUBECONFIG=%q\n' "$KUBECONFIG"
        printf 'FASTCGI_SOCKET=%q\n' "$FASTCGI_SOCKET"
    } >"$DEV/env"
}

# wait_until_ready: waits until a request through nginx and the service reaches the cluster.
wait_until_ready() {
    READY_RESPONSE=
    wait_for 60 "GET $BASE_URL/readyz" chain_is_ready ||
        fail_with_log "$LOGS/components-api.log" "the chain did not get ready; the last response: ${READY_RESPONSE%$'\n'*}"
}

chain_is_ready() {
    local name
    for name in nginx components-api; do
        running "$name" >/dev/null || fail_with_log "$(log_of "$name")" "$name ended."
    done
    if [[ -e $DEV/pids/fake-kubernetes ]] && ! running fake-kubernetes >/dev/null; then
        fail_with_log "$(log_of fake-kubernetes)" "the fake cluster ended."
    fi
    READY_RESPONSE=$(curl -sS --max-time 15 --cacert "$TLS/ca.crt" -w '\n%{http_code}' "$BASE_URL/readyz" 2>&1) || return 1
    [[ ${READY_RESPONSE##*$'\n'} == 200 ]]
}

log_of() {
    case $1 in
        nginx) printf '%s\n' "$LOGS/nginx-error.log" ;;
        *) printf '%s\n' "$LOGS/$1.log" ;;
    esac
}
