# shellcheck shell=bash
# The main job, as commands to paste and as a run. Reads BASE_URL, DEMO_REPOSITORY, TLS.

# demo_config: what is stored.
demo_config() {
    jq -cn --arg repository "$DEMO_REPOSITORY" \
        '{"config-version": "v0.1", components: {web: {build: {repository: $repository, ref: "main"}}}}'
}

# print_commands: the four of the main job.
print_commands() {
    local curl tool=$BASE_URL/api/v1/tool/demo
    printf -v curl 'curl -sS --cacert %q --cert %q --key %q' "$TLS/ca.crt" "$TLS/demo.crt" "$TLS/demo.key"
    cat <<TEXT

# store a config
$curl -H 'Content-Type: application/json' -d '$(demo_config)' $tool/config

# look at it
$curl $tool/config

# deploy it: starts all builds
deployment=\$($curl -X POST $tool/deploy | tee /dev/stderr | jq -r '.data["deploy-id"]')

# see how far it is
$curl "$tool/deploy/\$deployment"

TEXT
}

# call METHOD PATH [BODY]: prints the answer and sets ANSWER; an answer that is no success ends the demo.
call() {
    local method=$1 path=$2 status body=()
    if [[ $# -gt 2 ]]; then
        body=(-H "Content-Type: application/json" -d "$3")
    fi
    ANSWER=$(curl -sS --max-time 120 --cacert "$TLS/ca.crt" --cert "$TLS/demo.crt" --key "$TLS/demo.key" \
        -X "$method" "${body[@]}" -w '\n%{http_code}' "$BASE_URL$path") || fail "$method $path was not answered."
    status=${ANSWER##*$'\n'}
    ANSWER=${ANSWER%$'\n'*}
    printf '\n%s %s\n%s\n' "$method" "$path" "$status"
    jq . <<<"$ANSWER" || fail "the answer is not JSON: $ANSWER"
    [[ $status == 2?? ]] || fail "the demo ended at $method $path with status $status."
}

# run_demo: stores, deploys and asks until the deployment is at its end; fails if that is not `finished`.
run_demo() {
    local tool=/api/v1/tool/demo id status tries
    call POST "$tool/config" "$(demo_config)"
    call GET "$tool/config"
    call POST "$tool/deploy"
    id=$(jq -re '.data["deploy-id"]' <<<"$ANSWER") || fail "the answer has no deploy-id."
    for ((tries = 0; tries < 600; tries++)); do
        call GET "$tool/deploy/$id"
        status=$(jq -r '.data.status' <<<"$ANSWER")
        case $status in
            finished)
                say "deployment $id: \"status\": \"finished\""
                return 0
                ;;
            error) fail "deployment $id: \"status\": \"error\"" ;;
        esac
        sleep 0.5
    done
    fail "deployment $id is still $status after five minutes."
}
