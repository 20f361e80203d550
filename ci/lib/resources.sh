# shellcheck shell=bash
# Our custom resources in a cluster that is there already. Reads KUBECONFIG.

# apply_resources: applies chart/crds. An account that may not do that is no error if the cluster has what chart/crds defines.
apply_resources() {
    # kubectl reads it from the environment; ci/up sets it as a shell variable.
    local -x KUBECONFIG=$KUBECONFIG
    local output missing advice="an administrator has to run: kubectl apply -f $ROOT/chart/crds"
    if ! have kubectl; then
        say "there is no kubectl here to apply chart/crds: if the cluster does not have our custom resources yet, $advice"
        return 0
    fi
    say "applying chart/crds to the cluster"
    if output=$(kubectl apply -f "$ROOT/chart/crds" 2>&1); then
        printf '%s\n' "$output" >&2
        return 0
    fi
    if [[ $output != *'(Forbidden)'* ]]; then
        printf '%s\n' "$output" >&2
        fail "kubectl could not apply chart/crds to the cluster of $KUBECONFIG."
    fi
    have jq || install_missing jq=jq
    missing=$(missing_resources) || fail "the account of $KUBECONFIG may neither apply chart/crds nor read which kinds there are; $advice"
    if [[ -n $missing ]]; then
        fail "the account of $KUBECONFIG may not apply chart/crds, and the cluster lacks what they define; $advice"$'\n'"$missing"
    fi
    say "the account of $KUBECONFIG may not apply chart/crds, and need not: the cluster has what they define"
}

# missing_resources: prints what chart/crds define and the cluster does not serve, one a line: a resource, or a field of
# its schema. Reads discovery and OpenAPI, which every account may; fails if they cannot be read.
missing_resources() {
    local definitions group version resources document
    # With --local kubectl only reads the files; the label is not stored anywhere.
    definitions=$(kubectl label --local -f "$ROOT/chart/crds" -o json read=locally |
        jq --slurp 'map(if .kind == "List" then .items[] else . end)') || return 1
    while read -r group version; do
        # A group without kinds has no such documents.
        resources=$(kubectl get --raw "/apis/$group/$version" 2>/dev/null) || resources='{"resources": []}'
        document=$(kubectl get --raw "/openapi/v3/apis/$group/$version" 2>/dev/null) || document='{}'
        jq --raw-output --arg group "$group" --arg version "$version" --argjson resources "$resources" \
            --slurpfile document <(printf '%s' "$document") '
            # With what a field accepts, because an older schema may refuse what a newer service writes.
            def accepts: [(.enum // empty | "one of " + (map(tojson) | join(", "))), (select(.nullable) | "null")] | join(", and ");
            def fields($path): ((.properties // {}) | to_entries[] | ($path + [.key]) as $own
                    | {path: ($own | join(".")), accepts: (.value | accepts)}, (.value | fields($own))),
                (.items? | objects | fields($path)), (.additionalProperties? | objects | fields($path + ["*"]));
            ($resources.resources | map(.name)) as $served
            | $document[0].components.schemas // {} | map(select(."x-kubernetes-group-version-kind"?)) as $schemas
            | $definitions[] | select(.spec.group == $group) | .spec.names as $names
            | .spec.versions[] | select(.name == $version and .served)
            | ($names.plural, ($names.plural + "/" + (.subresources // {} | keys[]))) as $resource
            | if $served | index($resource) | not then "\($resource).\($group): is not there"
              elif $resource != $names.plural then empty
              else ([$schemas[] | select(."x-kubernetes-group-version-kind"
                        | any(.kind == $names.kind and .version == $version))] | first // {} | [fields([])]) as $there
                | ([.schema.openAPIV3Schema | fields([])] - $there)[]
                | if .path | IN($there[].path) | not then "\($resource).\($group): has no field \(.path)"
                  else "\($resource).\($group): \(.path) has to accept \(.accepts | if . == "" then "any value of its type" else . end)"
                  end
              end' --argjson definitions "$definitions" --null-input || return 1
    done < <(jq --raw-output '[.[].spec | .group as $group | .versions[] | "\($group) \(.name)"] | unique[]' <<<"$definitions")
}
