"""The service's account in the cluster: in the whole suite it has exactly the chart's rights."""

from stack.processes import wait_until
from stack.rights import calls_of_the_service, rights_of_the_chart


def test_every_right_of_the_chart_is_used_and_none_is_missing(tool, anonymous, replicas):
    """The main job with every kind of call, and a replica that leads: the calls are exactly those that the chart allows."""
    with tool.cluster.recording(events=True) as journal:
        assert anonymous.get("/readyz").status == 200
        assert tool.api.get(tool.config_path).status == 404
        tool.store()
        tool.store()
        with tool.cluster.paused_builder():
            # The eleventh removes the first, whose build has to be cancelled.
            identifiers = [tool.deploy()["deploy-id"] for _ in range(11)]
        end = tool.follow(identifiers[-1])
        # Its good build is not the first: what is noted is changed.
        tool.follow(tool.deploy()["deploy-id"])
        component = next(iter(end["builds"]))
        assert tool.api.get(f"{tool.deploy_path}/{identifiers[-1]}/builds/{component}/log").status == 200
        assert tool.api.request("DELETE", tool.config_path).status == 200
        for method in ("POST", "PUT", "DELETE"):
            headers = {"Content-Length": "0"}
            assert tool.api.request(method, f"{tool.field}/deployment/token", headers=headers).status == 200
        events = f"/api/v1/namespaces/tool-{tool.name}/events"
        wait_until(lambda: tool.cluster.request("GET", events)["items"], "an event")
        lead_and_renew(tool.cluster, replicas)
    calls = calls_of_the_service(journal)
    rights = rights_of_the_chart()
    assert {call for call in calls if not any(right.allows(call) for right in rights)} == set()
    unused = {right for right in rights if not any(right.allows(call) for call in calls)}
    # Builds are removed when they are two minutes old: SweeperTests has those calls.
    assert {(right.verb, right.resource) for right in unused} <= {("delete", "pipelineruns")}


def lead_and_renew(cluster, replicas):
    """Has a replica take the lease and renew it once; returns when it has begun to watch, too."""
    if not cluster.get("/api/v1/namespaces/components-api"):
        cluster.create_namespace("components-api")
    replicas(ENGINE="on")
    lease = "/apis/coordination.k8s.io/v1/namespaces/components-api/leases/components-api"

    def is_renewed():
        spec = (cluster.get(lease) or {}).get("spec") or {}
        return spec.get("renewTime") != spec.get("acquireTime")

    wait_until(is_renewed, "the renewal of the lease")
    watched = {"tooldeployments", "pipelineruns"}

    def is_watching():
        return watched <= {entry["resource"] for entry in cluster.journal() if entry["verb"] == "watch"}

    wait_until(is_watching, "the watches of deployments and builds")
