"""The engine: deployments end although nobody asks, whichever replica leads and however it ends."""

import shutil
import signal
import time

import yaml

from stack.cluster import OURS, fault, refusal
from stack.processes import ROOT, open_to_workers, wait_until
from stack.rights import ACCOUNT, TOKEN, kubeconfig_of, service_rights
from stack.world import World, gauge

def warnings(replica):
    response = replica.ask("GET", "/readyz")
    assert response.status == 200, response
    return response.warnings


def test_a_deployment_at_which_nobody_looks_ends(world):
    replica = world.replica()
    world.await_leader(replica)
    identifier = world.deploy(replica)
    assert world.phase(identifier) == "pending"
    world.end_builds()
    world.await_end(identifier)
    reasons = lambda: {  # noqa: E731
        event["reason"] for event in world.cluster.request("GET", "/api/v1/namespaces/tool-lonely/events")["items"]
    }
    wait_until(lambda: reasons() == {"DeploymentStarted", "DeploymentSucceeded"}, "its events")
    assert gauge(replica, "components_api_build_end_delay_seconds_count") == 1


def test_an_end_that_was_seen_is_stored_although_the_run_is_gone(world):
    replica = world.replica()
    world.await_leader(replica)
    identifier = world.deploy(replica)
    (build,) = world.cluster.builds("lonely")
    # Nothing can be stored until the run is gone.
    rule = fault(refusal(503, "ServiceUnavailable"), verb="patch", resource="tooldeployments", subresource="status", times=None)
    with world.cluster.faults(rule) as fired:
        world.end_builds()
        wait_until(lambda: fired()[0] > 0, "a try to store the end")
        world.cluster.delete_build(build["metadata"]["name"])
    world.await_end(identifier, 60)


def test_one_of_two_leads_and_a_stop_moves_the_lead(world):
    first = world.replica(HOSTNAME="first")
    world.await_leader(first)
    second = world.replica(HOSTNAME="second")
    identifier = world.deploy(second)
    assert gauge(second, "components_api_engine_leading") == 0
    assert world.holder.startswith("first_")
    began = time.monotonic()
    assert first.service.terminate() == 0
    world.await_leader(second)
    # It tries every two seconds.
    assert time.monotonic() - began < 10
    assert world.holder.startswith("second_")
    world.end_builds()
    world.await_end(identifier)


def test_when_the_leader_is_killed_the_other_one_goes_on(world):
    first = world.replica(HOSTNAME="first")
    world.await_leader(first)
    second = world.replica(HOSTNAME="second")
    identifier = world.deploy(first)
    first.service.process.send(signal.SIGKILL)
    first.service.process.wait()
    world.end_builds()
    # The lease lasts for 15 s.
    world.await_end(identifier, 40)
    assert world.holder.startswith("second_")


def test_after_the_cluster_was_away_the_engine_goes_on(world):
    replica = world.replica()
    world.await_leader(replica)
    identifier = world.deploy(replica)
    with world.cluster.faults(fault({"drop": "before"}, times=None)):
        # Who cannot renew the lease leads no more, as far as it knows, after 10 s.
        wait_until(lambda: gauge(replica, "components_api_engine_leading") == 0, "the loss of the lead", 30)
    world.end_builds()
    world.await_end(identifier, 40)
    wait_until(lambda: not warnings(replica), "its watch", 30)


def test_a_record_from_a_backup_finds_its_builds(world):
    replica = world.replica()
    world.await_leader(replica)
    identifier = world.deploy(replica)
    record = world.cluster.deployment("lonely", identifier)
    records = f"{OURS}/namespaces/tool-lonely/tooldeployments"
    world.cluster.request("DELETE", f"{records}/{identifier}")
    # Another object, without a status: nobody is at work on it, which shows after 15 s.
    restored = {key: record[key] for key in ("apiVersion", "kind", "spec")}
    restored["metadata"] = {"name": identifier, "annotations": record["metadata"].get("annotations", {})}
    world.cluster.request("POST", records, restored)
    world.end_builds()
    world.await_end(identifier, 40)
    assert len(world.cluster.builds("lonely")) == 1


def test_before_the_custom_resources_of_an_upgrade_are_there_deployments_end(directory):
    home = directory / "old-resources"
    (home / "crds").mkdir(parents=True)
    open_to_workers(home)
    document = yaml.safe_load((ROOT / "chart/crds/tooldeployments.yaml").read_text())
    status = document["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["status"]["properties"]
    builds = status["builds"]["additionalProperties"]
    # What the first version had.
    builds["properties"] = {name: builds["properties"][name] for name in ("start", "phase", "message")}
    (home / "crds/tooldeployments.yaml").write_text(yaml.safe_dump(document))
    shutil.copy(ROOT / "chart/crds/toolconfigs.yaml", home / "crds")
    world = World(home, crds=home / "crds")
    try:
        replica = world.replica()
        world.await_leader(replica)
        identifier = world.deploy(replica)
        world.end_builds()
        world.await_end(identifier)
    finally:
        world.stop()


def test_with_the_engine_off_a_deployment_waits_for_a_request(world):
    replica = world.replica(ENGINE="off")
    identifier = world.deploy(replica)
    world.end_builds()
    assert not world.holder
    assert gauge(replica, "components_api_engine_leading") == 0
    assert world.phase(identifier) == "pending"
    response = replica.ask("GET", f"/api/v1/tool/lonely/deploy/{identifier}", "lonely")
    assert response.data["status"] == "finished"


def test_without_a_watch_requests_are_served_and_readiness_warns(world):
    rule = fault(refusal(403, "Forbidden"), verb="watch", resource="pipelineruns", times=None)
    with world.cluster.faults(rule):
        replica = world.replica()
        wait_until(lambda: any("not told" in text for text in warnings(replica)), "a warning")
        identifier = world.deploy(replica)
        world.end_builds()
        response = replica.ask("GET", f"/api/v1/tool/lonely/deploy/{identifier}", "lonely")
        assert response.data["status"] == "finished"
    wait_until(lambda: not warnings(replica), "the watch", 30)


def without(*names):
    """The chart's rights but for those of these verbs on these resources."""
    return [right for right in service_rights() if f"{right['verb']} {right['resource']}" not in names]


def test_missing_rights_are_named(world):
    def kubeconfig(token, rights):
        world.cluster.request("PUT", "/_fake/tokens", {"token": token, "user": ACCOUNT, "allowed": rights})
        home = world.home / token
        home.mkdir()
        open_to_workers(home)
        return kubeconfig_of(world.cluster, home, {"token": token})

    complete = world.replica(kubeconfig(TOKEN, service_rights()))
    wait_until(lambda: warnings(complete) == [], "its watch")
    useless = world.replica(kubeconfig("no-runs", without("create pipelineruns", "patch toolconfigs")))
    response = useless.ask("GET", "/readyz")
    assert response.status == 503
    assert "create pipelineruns.tekton.dev in image-build" in response.error
    assert "patch toolconfigs.deploy.toolforge.org" in response.error
    mute = world.replica(kubeconfig("no-events", without("create events")))
    wait_until(lambda: len(warnings(mute)) == 1, "one warning")
    assert "create events" in warnings(mute)[0]
    assert gauge(mute, "components_api_rights_missing") == 1


def test_a_freeze_lets_nothing_new_start(world):
    replica = world.replica()
    identifier = world.deploy(replica)
    frozen = world.replica(FREEZE="Harbor is down until noon.")
    response = frozen.ask("POST", "/api/v1/tool/lonely/deploy", "lonely")
    assert response.status == 503
    assert "Harbor is down until noon." in response.error
    assert [record["metadata"]["name"] for record in world.cluster.deployments("lonely")] == [identifier]
    assert frozen.ask("GET", f"/api/v1/tool/lonely/deploy/{identifier}", "lonely").status == 200
    world.end_builds()
    world.await_end(identifier)
