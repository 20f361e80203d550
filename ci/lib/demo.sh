# shellcheck shell=bash
# The main job, as commands to paste and as a run. Reads BASE_URL, DEMO_REPOSITORY, TLS.

# demo_config: prints the config that is stored: two components of one repository.
demo_config() {
    jq -cn --arg repository "$DEMO_REPOSITORY" \
        '{repository: $repository, ref: "main"} as $build
        | {"config-version": "v0.1", components: {web: {build: $build}, worker: {build: $build}}}'
}

# print_commands: prints the commands of the main job.
print_commands() {
    local curl tool=$BASE_URL/api/v1/tool/demo
    printf -v curl 'curl -sS --cacert %q --cert %q --key %q' "$TLS/ca.crt" "$TLS/demo.crt" "$TLS/demo.key"
    cat <<TEXT

# store a config
$curl -H 'Content-Type: application/json' -d '$(demo_config)' $tool/config

# read it
$curl $tool/config

# deploy it: start all builds
deployment=\$($curl -X POST $tool/deploy | tee /dev/stderr | jq -r '.data["deploy-id"]')

# follow the log of a build to its end
$curl -N "$tool/deploy/\$deployment/builds/web/log?follow=true"

# read the deployment: how far it has come, and which commit is built
$curl "$tool/deploy/\$deployment"

# read what each component was built from last: commit, image, digest
$curl -H 'Accept: text/plain' $tool/components

TEXT
}

# call METHOD PATH [BODY]: prints the response and sets RESPONSE; a response other than 2xx ends the demo.
call() {
    local method=$1 path=$2 status body=()
    if [[ $# -gt 2 ]]; then
        body=(-H "Content-Type: application/json" -d "$3")
    fi
    RESPONSE=$(curl -sS --max-time 120 --cacert "$TLS/ca.crt" --cert "$TLS/demo.crt" --key "$TLS/demo.key" \
        -X "$method" "${body[@]}" -w '\n%{http_code}' "$BASE_URL$path") || fail "$method $path got no response."
    status=${RESPONSE##*$'\n'}
    RESPONSE=${RESPONSE%$'\n'*}
    printf '\n%s %s\n%s\n' "$method" "$path" "$status"
    jq . <<<"$RESPONSE" || fail "the response is not JSON: $RESPONSE"
    [[ $status == 2?? ]] || fail "the demo ended at $method $path with status $status."
}

# follow_log PATH: prints a log as it comes; a log that does not say that it is complete ends the demo.
follow_log() {
    local path=$1 log=$DEV/demo.log
    printf '\nGET %s\n' "$path"
    curl -sSN --fail-with-body --max-time 600 --cacert "$TLS/ca.crt" --cert "$TLS/demo.crt" --key "$TLS/demo.key" \
        "$BASE_URL$path" | tee "$log" || fail "the log cannot be read: GET $path"
    grep -q '^-- The log is complete\.' "$log" || fail "the log does not say that it is complete: GET $path"
}

# run_demo: stores a config, deploys it, follows the log of a build, and reads the deployment until it has ended; fails unless it is `finished`, both components
# from one commit. Of a repository whose host does not say which commit that is, none is shown.
run_demo() {
    local tool=/api/v1/tool/demo id status tries commits
    call POST "$tool/config" "$(demo_config)"
    call GET "$tool/config"
    call POST "$tool/deploy"
    id=$(jq -re '.data["deploy-id"]' <<<"$RESPONSE") || fail "the response has no deploy-id."
    commits=$(jq -r '[.data.builds[].commit // empty] | unique | join(" ")' <<<"$RESPONSE")
    [[ $commits != *" "* ]] || fail "the two components are built from different commits: $commits"
    follow_log "$tool/deploy/$id/builds/web/log?follow=true"
    for ((tries = 0; tries < 600; tries++)); do
        call GET "$tool/deploy/$id"
        status=$(jq -r '.data.status' <<<"$RESPONSE")
        case $status in
            finished)
                say "deployment $id: \"status\": \"finished\"${commits:+, both components from the commit $commits}"
                call GET "$tool/components"
                jq -r '.data.components | to_entries[] | "\(.key): commit \(.value.commit), image \(.value.digest)"' <<<"$RESPONSE"
                return 0
                ;;
            error) fail "deployment $id: \"status\": \"error\"" ;;
        esac
        sleep 0.5
    done
    fail "deployment $id is still $status after five minutes."
}
