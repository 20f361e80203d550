"""Rights: the service may do what it does and no more, and tools may read."""

GROUP = "deploy.toolforge.org"

# The calls of the service, as (scope, group, resource, verb).
CALLS = {
    *(("cluster", GROUP, "toolconfigs", verb) for verb in ("get", "create", "patch", "delete")),
    *(("cluster", GROUP, "tooldeployments", verb) for verb in ("get", "list", "watch", "create", "delete")),
    ("cluster", GROUP, "tooldeployments/status", "patch"),
    *(("cluster", GROUP, "toolbuilds", verb) for verb in ("get", "create", "patch")),
    *(("cluster", GROUP, "deploytokens", verb) for verb in ("get", "create", "patch", "delete")),
    ("cluster", "", "events", "create"),
    ("cluster", "", "namespaces", "get"),
    ("image-build", "tekton.dev", "taskruns", "get"),
    *(("image-build", "tekton.dev", "pipelineruns", verb) for verb in ("get", "list", "watch", "create", "patch", "delete")),
    *(("components-api", "coordination.k8s.io", "leases", verb) for verb in ("create", "get", "update")),
    ("image-build", "", "pods", "get"),
    ("image-build", "", "pods/log", "get"),
}

# What is read of the Python implementation, only where its configs are imported.
IMPORT = {("cluster", "components-api.toolforge.org", "toolconfigs", "get")}


def rules_of_the_service(chart):
    """What is bound to the service's own account."""
    account = chart.one("ServiceAccount")["metadata"]["name"]
    for binding in chart.of_kind("ClusterRoleBinding", "RoleBinding"):
        assert binding["subjects"] == [{"kind": "ServiceAccount", "name": account, "namespace": "components-api"}]
        namespace = binding["metadata"].get("namespace")
        (role,) = (
            role
            for role in chart.of_kind(binding["roleRef"]["kind"])
            if role["metadata"]["name"] == binding["roleRef"]["name"] and role["metadata"].get("namespace") == namespace
        )
        for rule in role["rules"]:
            assert rule.keys() - {"resourceNames"} == {"apiGroups", "resources", "verbs"}
            for group in rule["apiGroups"]:
                for resource in rule["resources"]:
                    yield from ((namespace or "cluster", group, resource, verb) for verb in rule["verbs"])


def test_the_service_may_do_what_it_does_and_no_more(chart):
    rights = list(rules_of_the_service(chart))
    calls = CALLS | (IMPORT if chart.environment["IMPORT_CONFIGS"] == "true" else set())
    assert set(rights) == calls
    assert len(rights) == len(calls), "a right that is given twice"


def test_there_is_no_wildcard(chart):
    for role in chart.of_kind("ClusterRole", "Role"):
        for rule in role["rules"]:
            assert not any("*" in word for words in rule.values() for word in words)


def test_tools_may_read_their_records_and_not_write_them(chart):
    labels = {f"rbac.authorization.k8s.io/aggregate-to-{name}" for name in ("view", "edit", "admin")}
    aggregated = [role for role in chart.of_kind("ClusterRole") if labels & role["metadata"]["labels"].keys()]
    (role,) = aggregated
    assert labels <= role["metadata"]["labels"].keys()
    assert role["rules"] == [
        {
            "apiGroups": [GROUP],
            "resources": ["toolconfigs", "tooldeployments", "toolbuilds", "deploytokens"],
            "verbs": ["get", "list", "watch"],
        }
    ]
    bound = {binding["roleRef"]["name"] for binding in chart.of_kind("ClusterRoleBinding", "RoleBinding")}
    assert role["metadata"]["name"] not in bound


def test_every_bound_role_is_of_this_chart(chart):
    names = {(role["kind"], role["metadata"]["name"]) for role in chart.of_kind("ClusterRole", "Role")}
    for binding in chart.of_kind("ClusterRoleBinding", "RoleBinding"):
        assert (binding["roleRef"]["kind"], binding["roleRef"]["name"]) in names
