"""Faults of the cluster: what the user sees, and what is in the cluster afterwards."""

import pytest

from stack.cluster import fault, refusal
from stack.rights import TOKEN


def faulty(tool, action, verb, resource, **more):
    """A fault in the service's calls for this tool."""
    where = {} if resource == "pipelineruns" else {"namespace": f"tool-{tool.name}"}
    return fault(action, verb=verb, resource=resource, **{"times": None, **where, **more})


FAILURES = {
    "forbidden": (refusal(403, "Forbidden", 'toolconfigs is forbidden: User "system:serviceaccount:x:y"'), 502),
    "a bad token": (refusal(401, "Unauthorized"), 503),
    "a redirection": (refusal(302, "Found", headers={"Location": "https://example.org/"}), 502),
    "an internal error": (refusal(500, "InternalError"), 503),
    "not available": (refusal(503, "ServiceUnavailable"), 503),
    "too many requests": (refusal(429, "TooManyRequests", headers={"Retry-After": "1"}), 503),
    "no answer": ({"hang": "before"}, 504),
    "a closed connection": ({"drop": "before"}, 503),
}


@pytest.mark.parametrize("action, status", [pytest.param(*case, id=name) for name, case in FAILURES.items()])
def test_reading_a_config_from_a_cluster_that_fails(tool, action, status):
    tool.store()
    with tool.cluster.faults(faulty(tool, action, "get", "toolconfigs")):
        response = tool.api.get(tool.config_path)
    assert response.status == status, response
    assert ("Retry-After" in response.headers) == (status == 503)
    # What concerns administrators is only in the log.
    assert "serviceaccount" not in response.error
    assert tool.api.get(tool.config_path).data == tool.config()


@pytest.mark.parametrize("action, status", [pytest.param(*case, id=name) for name, case in FAILURES.items()])
def test_storing_a_config_in_a_cluster_that_fails_changes_nothing(tool, action, status):
    tool.store()
    with tool.cluster.faults(faulty(tool, action, "patch", "toolconfigs")):
        response = tool.api.post(tool.config_path, tool.config("new"))
    assert response.status == status, response
    assert tool.cluster.config(tool.name)["spec"] == tool.config()


@pytest.mark.parametrize("action, status", [pytest.param(*case, id=name) for name, case in FAILURES.items()])
def test_a_deployment_that_cannot_be_recorded_starts_no_build(tool, action, status):
    tool.store()
    with tool.cluster.faults(faulty(tool, action, "create", "tooldeployments")):
        response = tool.api.post(tool.deploy_path)
    assert response.status == status, response
    assert not tool.records()
    assert not tool.builds()


@pytest.mark.parametrize(
    "action",
    [
        refusal(500, "InternalError"),
        refusal(503, "ServiceUnavailable", headers={"Retry-After": "0"}),
        refusal(429, "TooManyRequests", headers={"Retry-After": "1"}),
        {"drop": "before"},
        {"drop": "after"},
    ],
)
def test_a_transient_failure_is_not_visible(tool, action):
    tool.store()
    with tool.cluster.faults(faulty(tool, action, "get", "toolconfigs", times=1)):
        assert tool.api.get(tool.config_path).data == tool.config()


@pytest.mark.parametrize(
    "action", [refusal(500, "InternalError", commit=True), {"drop": "after"}, refusal(504, "Timeout", commit=True)]
)
def test_a_config_whose_response_was_lost_is_stored_once(tool, action):
    tool.store()
    with tool.cluster.faults(faulty(tool, action, "patch", "toolconfigs", times=1)):
        response = tool.api.post(tool.config_path, tool.config("new"))
    assert response.status in (200, 503, 504), response
    assert tool.cluster.config(tool.name)["spec"] == tool.config("new")


@pytest.mark.parametrize(
    "action", [refusal(500, "InternalError", commit=True), {"drop": "after"}, refusal(504, "Timeout", commit=True)]
)
def test_a_record_whose_response_was_lost_does_not_start_builds_twice(tool, action):
    tool.store(tool.config("web", "worker"))
    with tool.cluster.faults(faulty(tool, action, "create", "tooldeployments", times=1)):
        response = tool.api.post(tool.deploy_path)
    assert response.status in (201, 503, 504), response
    records = tool.records()
    for identifier in records:
        tool.follow(identifier)
    builds = tool.cluster.builds(tool.name)
    assert len(builds) == len(tool.builds()) == 2 * len(records)
    assert len(records) == 1


def test_a_slow_cluster_is_not_an_error(tool):
    tool.store(tool.config("web", "worker"))
    with tool.cluster.faults(fault({"latencyMilliseconds": 100}, times=None)):
        data = tool.deploy()
    assert tool.follow(data["deploy-id"])["status"] == "finished"


def test_a_response_that_drips_is_taken_or_cut_off_in_time(tool):
    tool.store()
    with tool.cluster.faults(faulty(tool, {"drip": 50}, "get", "toolconfigs")):
        assert tool.api.get(tool.config_path).status in (200, 503, 504)
    assert tool.api.get(tool.config_path).status == 200


def test_a_race_that_is_always_lost_is_409_and_changes_nothing(tool):
    tool.store()
    conflict = refusal(409, "Conflict", "the object has been modified; please apply your changes to the latest version")
    rules = [faulty(tool, conflict, verb, "tooldeployments", subresource="status") for verb in ("update", "patch")]
    with tool.cluster.paused_builder():
        data = tool.deploy()
        tool.cluster.delete_build(data["builds"]["web"]["build-id"])
        version = tool.cluster.deployment(tool.name, data["deploy-id"])["metadata"]["resourceVersion"]
        with tool.cluster.faults(*rules):
            response = tool.look(data["deploy-id"])
        assert response.status == 409, response
        assert tool.cluster.deployment(tool.name, data["deploy-id"])["metadata"]["resourceVersion"] == version
    assert tool.deployment(data["deploy-id"])["status"] == "error"


def test_a_race_that_is_lost_once_is_not_visible(tool):
    tool.store()
    data = tool.deploy()
    conflict = refusal(409, "Conflict", "the object has been modified; please apply your changes to the latest version")
    rules = [
        faulty(tool, conflict, verb, "tooldeployments", subresource="status", times=1) for verb in ("update", "patch")
    ]
    with tool.cluster.faults(*rules):
        assert tool.follow(data["deploy-id"])["status"] == "finished"
    assert tool.cluster.deployment(tool.name, data["deploy-id"])["status"]["phase"] == "succeeded"


def test_what_the_cluster_s_rules_refuse_is_422_with_their_reason(tool):
    reason = 'admission webhook "policy.example.org" denied the request: no deployments on Sundays'
    tool.store()
    with tool.cluster.faults(faulty(tool, refusal(422, "Invalid", reason), "create", "tooldeployments")):
        response = tool.api.post(tool.deploy_path)
    assert response.status == 422
    assert "no deployments on Sundays" in response.error
    assert not tool.records()


def test_reading_a_deployment_while_builds_cannot_be_read_changes_nothing(tool):
    tool.store()
    with tool.cluster.paused_builder():
        identifier = tool.deploy()["deploy-id"]
        record = tool.cluster.deployment(tool.name, identifier)
        with tool.cluster.faults(faulty(tool, refusal(503, "ServiceUnavailable"), "get", "pipelineruns")):
            response = tool.look(identifier)
        assert response.status == 503
        assert tool.cluster.deployment(tool.name, identifier) == record
    assert tool.follow(identifier)["status"] == "finished"


def test_no_response_and_no_log_line_holds_the_token(tool, service):
    tool.store()
    for case in ("forbidden", "a bad token", "an internal error", "a closed connection"):
        action, _ = FAILURES[case]
        with tool.cluster.faults(faulty(tool, action, "get", "toolconfigs")):
            assert TOKEN.encode() not in tool.api.get(tool.config_path).body
    log = service.log.read_text()
    assert tool.cluster.token not in log and TOKEN not in log
