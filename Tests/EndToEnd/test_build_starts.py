"""Builds that do not start, or whose start is unconfirmed: each build exists at most once, and the deployment ends."""

import pytest

from stack.cluster import fault, refusal


def start_fault(action, **more):
    return fault(action, verb="create", resource="pipelineruns", **more)


@pytest.mark.parametrize(
    "status, reason, message",
    [
        (422, "Invalid", "admission webhook denied the request: validation failed: no more builds"),
        (400, "BadRequest", 'admission webhook "validation.webhook.pipeline.tekton.dev" denied the request'),
    ],
)
def test_a_refused_build_is_an_error_with_the_reason_and_the_others_go_on(tool, status, reason, message):
    tool.store(tool.config("a", "b", "c"))
    with tool.cluster.faults(start_fault(refusal(status, reason, message))):
        data = tool.deploy()
    refused = [component for component, build in data["builds"].items() if build["status"] == "error"]
    assert len(refused) == 1
    assert message in data["builds"][refused[0]]["message"]
    assert data["status"] == "running"
    end = tool.follow(data["deploy-id"])
    assert end["status"] == "error"
    assert sorted(build["status"] for build in end["builds"].values()) == ["error", "finished", "finished"]
    # It is not created later.
    assert set(tool.builds_of(data["deploy-id"])) == {"a", "b", "c"} - set(refused)


def test_a_build_for_which_there_is_no_room_waits_and_is_told_as_waiting(tool):
    tool.store(tool.config("a", "b"))
    message = 'pipelineruns.tekton.dev "x" is forbidden: exceeded quota: builds'
    with tool.cluster.faults(start_fault(refusal(403, "Forbidden", message))):
        response = tool.api.post(tool.deploy_path)
    waiting = [build for build in response.data["builds"].values() if build.get("reason") == "QuotaFull"]
    assert [build["status"] for build in waiting] == ["pending"]
    assert message in waiting[0]["message"]
    assert response.data["status"] in ("pending", "running")
    assert "has started" not in response.document["messages"]["info"][0]
    assert any("QuotaFull" in warning for warning in response.document["messages"]["warning"])
    end = tool.follow(response.data["deploy-id"])
    assert {build["status"] for build in end["builds"].values()} == {"finished"}


def test_all_builds_refused_is_an_error_at_once(tool):
    tool.store(tool.config("a", "b"))
    with tool.cluster.faults(start_fault(refusal(403, "Forbidden"), times=None)):
        data = tool.deploy()
    assert data["status"] == "error"
    with tool.cluster.recording() as journal:
        assert tool.deployment(data["deploy-id"])["status"] == "error"
    assert journal.summary() == ["get/tooldeployments/200"]


@pytest.mark.parametrize(
    "action",
    [
        refusal(500, "InternalError"),
        refusal(500, "InternalError", commit=True),
        refusal(503, "ServiceUnavailable"),
        refusal(504, "Timeout", commit=True),
        refusal(429, "TooManyRequests", headers={"Retry-After": "1"}),
        {"drop": "before"},
        {"drop": "after"},
        {"hang": "after"},
        {"hang": "before"},
    ],
)
def test_an_uncertain_start_ends_in_exactly_one_build(tool, action):
    tool.store(tool.config("a", "b", "c"))
    with tool.cluster.recording() as journal:
        with tool.cluster.faults(start_fault(action)):
            data = tool.deploy()
        assert tool.follow(data["deploy-id"])["status"] == "finished"
    created = [
        entry["name"] or entry["body"]["metadata"]["name"]
        for entry in journal.of("create", resource="pipelineruns")
        if entry["committed"]
    ]
    assert len(created) == len(set(created)) == 3
    assert set(tool.builds_of(data["deploy-id"])) == {"a", "b", "c"}


def test_builds_that_could_not_be_started_are_started_by_the_next_read(tool):
    tool.store(tool.config("a", "b"))
    with tool.cluster.faults(start_fault(refusal(503, "ServiceUnavailable"), times=None)):
        data = tool.deploy()
    assert {build["status"] for build in data["builds"].values()} == {"pending"}
    assert not tool.builds()
    assert set(tool.deployment(data["deploy-id"])["builds"]) == {"a", "b"}
    assert set(tool.builds_of(data["deploy-id"])) == {"a", "b"}
    assert tool.follow(data["deploy-id"])["status"] == "finished"


def test_a_name_that_is_taken_is_an_error_of_that_build(tool):
    tool.store(tool.config("a"))
    with tool.cluster.paused_builder():
        data = tool.deploy()
        name = data["builds"]["a"]["build-id"]
        build = tool.cluster.build(name)
        tool.cluster.delete_build(name)
        tool.cluster.request(
            "POST",
            "/apis/tekton.dev/v1/namespaces/image-build/pipelineruns",
            {
                "apiVersion": "tekton.dev/v1",
                "kind": "PipelineRun",
                "metadata": {"name": name, "labels": {"user": "somebody-else"}},
                "spec": build["spec"],
            },
        )
        assert tool.deployment(data["deploy-id"])["builds"]["a"]["status"] == "error"
        tool.cluster.delete_build(name)


def test_a_lost_status_is_found_again(tool):
    tool.store(tool.config("a", "b"))
    lost = [
        fault({"drop": "before"}, verb=verb, resource="tooldeployments", subresource="status", times=None)
        for verb in ("update", "patch")
    ]
    with tool.cluster.faults(*lost):
        response = tool.api.post(tool.deploy_path)
    assert response.status == 201
    assert response.warnings
    assert tool.follow(response.data["deploy-id"])["status"] == "finished"
    assert len(tool.cluster.builds(tool.name)) == 2
