"""What a tool's maintainer sees with `kubectl get events`."""

import pytest

from stack.cluster import fault, refusal
from stack.processes import wait_until

EVENT = {"verb": "create", "resource": "events"}


def events_of(tool, identifier=None):
    items = tool.cluster.request("GET", f"/api/v1/namespaces/tool-{tool.name}/events")["items"]
    return [item for item in items if identifier in (None, item["involvedObject"]["name"])]


def reasons(tool, identifier=None):
    return sorted(item["reason"] for item in events_of(tool, identifier))


def await_reasons(tool, identifier, *expected):
    """Waits for the events, and fails if there is one too many."""
    wait_until(lambda: set(reasons(tool, identifier)) >= set(expected), f"the events {expected}")
    assert reasons(tool, identifier) == sorted(expected)


def test_start_and_end_of_a_deployment_are_events(tool):
    tool.store(tool.config("web", "api"))
    identifier = tool.deploy()["deploy-id"]
    tool.follow(identifier)
    await_reasons(tool, identifier, "DeploymentStarted", "DeploymentSucceeded")
    record = tool.cluster.deployment(tool.name, identifier)
    messages = {}
    for event in events_of(tool, identifier):
        assert event["involvedObject"] == {
            "apiVersion": "deploy.toolforge.org/v1",
            "kind": "ToolDeployment",
            "namespace": f"tool-{tool.name}",
            "name": identifier,
            "uid": record["metadata"]["uid"],
        }
        assert event["metadata"]["name"].startswith(f"{identifier}.")
        assert event["type"] == "Normal"
        assert event["count"] == 1
        assert event["source"] == {"component": "components-api"}
        assert f"{record['spec']['requestedAt'][:19]}Z" <= event["firstTimestamp"] == event["lastTimestamp"]
        messages[event["reason"]] = event["message"]
    assert messages == {"DeploymentStarted": "2 builds start: api, web", "DeploymentSucceeded": "all 2 builds succeeded"}


def test_a_failure_names_what_failed(tool):
    tool.store({"components": {"good": tool.component(), "bad": tool.component(ref="no-such-branch")}})
    identifier = tool.deploy()["deploy-id"]
    tool.follow(identifier)
    await_reasons(tool, identifier, "DeploymentFailed", "DeploymentStarted")
    (event,) = [event for event in events_of(tool, identifier) if event["reason"] == "DeploymentFailed"]
    assert event["type"] == "Warning"
    assert event["message"] == "1 of 2 builds did not succeed: bad (RefNotFound)"


def test_a_removal_is_an_event(tool):
    tool.store()
    with tool.cluster.paused_builder():
        identifiers = [tool.deploy()["deploy-id"] for _ in range(11)]
    await_reasons(tool, identifiers[0], "DeploymentRemoved", "DeploymentStarted")
    assert "DeploymentRemoved" not in reasons(tool, identifiers[1])


def test_reading_again_adds_none(tool):
    tool.store()
    identifier = tool.deploy()["deploy-id"]
    tool.follow(identifier)
    await_reasons(tool, identifier, "DeploymentStarted", "DeploymentSucceeded")
    with tool.cluster.recording(events=True) as journal:
        for _ in range(3):
            tool.deployment(identifier)
    # An event of an earlier test may still arrive.
    assert not [entry for entry in journal.writes if entry["namespace"] == f"tool-{tool.name}"]


@pytest.mark.parametrize(
    "when, where",
    [
        ("after", {"verb": "create", "resource": "tooldeployments"}),
        ("before", {"verb": "create", "resource": "pipelineruns"}),
        ("after", {"verb": "create", "resource": "pipelineruns", "skip": 1}),
        ("before", {"resource": "tooldeployments", "subresource": "status"}),
    ],
)
def test_after_a_crash_each_exists_once(tool, service, when, where):
    tool.store(tool.config("web", "api"))
    with tool.cluster.faults(fault({"kill": service.pid, "when": when}, **where)):
        assert tool.api.post(tool.deploy_path).status == 502
    service.process.wait()
    service.start()
    (identifier,) = tool.records()
    tool.follow(identifier)
    await_reasons(tool, identifier, "DeploymentStarted", "DeploymentSucceeded")


def test_an_event_whose_confirmation_was_lost_exists_once(tool):
    tool.store()
    with tool.cluster.faults(fault({"drop": "after"}, **EVENT)) as fired:
        identifier = tool.deploy()["deploy-id"]
        wait_until(lambda: fired() == [1], "the event")
    tool.follow(identifier)
    await_reasons(tool, identifier, "DeploymentStarted", "DeploymentSucceeded")


@pytest.mark.parametrize("action", [{"hang": "before"}, refusal(403, "Forbidden"), refusal(500, "InternalError")])
def test_nothing_waits_for_an_event_and_its_failure_harms_nothing(tool, service, action):
    tool.store()

    def failure_lines(identifier):
        lines = service.log_lines()
        return [line for line in lines if line["message"] == "event not stored" and identifier in line["event"]]

    with tool.cluster.faults(fault(action, times=None, **EVENT)) as fired:
        identifier = tool.deploy()["deploy-id"]
        # The response has arrived, and the event's call has not ended.
        assert "hang" not in action or not failure_lines(identifier)
        assert tool.follow(identifier)["status"] == "finished"
        wait_until(lambda: fired()[0] > 0, "the event")
        assert not events_of(tool)
        lines = wait_until(lambda: failure_lines(identifier), "the line of the log")
    assert {line["level"] for line in lines} == {"debug"}
    assert all(line["namespace"] == f"tool-{tool.name}" and line["request-id"] for line in lines)


def test_a_stop_lets_what_waits_be_stored(tool, service):
    tool.store()
    with tool.cluster.faults(fault({"latencyMilliseconds": 700}, times=None, **EVENT)) as fired:
        identifier = tool.deploy()["deploy-id"]
        wait_until(lambda: fired()[0] > 0, "the event")
        assert service.terminate() == 0
    assert reasons(tool, identifier) == ["DeploymentStarted"]


def test_a_stop_does_not_wait_long_for_an_event(tool, service):
    tool.store()
    with tool.cluster.faults(fault({"hang": "before"}, times=None, **EVENT)) as fired:
        tool.deploy()
        wait_until(lambda: fired()[0] > 0, "the event")
        assert service.terminate(8) == 0


def test_every_write_names_its_field_manager(tool):
    tool.store()
    with tool.cluster.recording(events=True) as journal:
        tool.store(tool.config("web", "api"))
        with tool.cluster.paused_builder():
            identifiers = [tool.deploy()["deploy-id"] for _ in range(11)]
        tool.follow(identifiers[-1])
        await_reasons(tool, identifiers[-1], "DeploymentStarted", "DeploymentSucceeded")
    # Not those of the suite or of the builder.
    writes = [entry for entry in journal.writes if "fieldValidation" in (entry["query"] or "")]
    made = {(entry["verb"], entry["resource"], entry["subresource"]) for entry in writes}
    # The second good build is noted by a patch, unless both end at once.
    assert made - {("patch", "toolbuilds", None)} == {
        ("create", "toolbuilds", None),
        ("patch", "toolconfigs", None),
        ("create", "tooldeployments", None),
        ("patch", "tooldeployments", "status"),
        ("create", "pipelineruns", None),
        ("patch", "pipelineruns", None),
        ("create", "events", None),
    }
    for entry in writes:
        assert "fieldManager=components-api" in entry["query"], entry
    (manager,) = {
        field["manager"] for event in events_of(tool, identifiers[-1]) for field in event["metadata"]["managedFields"]
    }
    assert manager == "components-api"
