"""/v1: what scripts and clients in the field send, and what they read from the responses."""

import json
import re

import pytest

from stack.processes import wait_until
from stack.secrets import deploy_tokens

BETA = "You are using a beta feature of Toolforge."


def ended(tool, identifier):
    """The deployment, once it has ended."""

    def look():
        response = tool.api.get(f"{tool.field}/deployment/{identifier}")
        assert response.status == 200, response
        return response.data if response.data["status"] not in ("pending", "running", "cancelling") else None

    return wait_until(look, f"the end of {identifier}", 40)


def start(tool, query="", body=None):
    response = tool.api.post(f"{tool.field}/deployment{query}", body)
    assert response.status == 200, response
    return response.data


def test_the_main_job(tool):
    config = {"config_version": "v1beta1", **tool.config("web")}
    stored = tool.api.post(f"{tool.field}/config", config)
    assert (stored.status, stored.data) == (200, config)
    assert stored.info == [f"Configuration for {tool.name} updated successfully."]
    assert stored.warnings == [BETA]
    created = tool.api.post(f"{tool.field}/deployment")
    assert created.document["messages"] == {"info": [f"Deployment for {tool.name} created successfully."]}
    data = created.data
    assert re.fullmatch(r"\d{8}-\d{6}", data["creation_time"])
    assert data["builds"]["web"]["build_status"] == "pending"
    assert data["builds"]["web"]["build_id"].startswith(f"{tool.name[:20]}")
    assert (data["tool_config"], data["force_build"], data["force_run"]) == (config, False, False)
    end = ended(tool, data["deploy_id"])
    assert end["status"] == "successful"
    assert re.match(r"Finished at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+00:00$", end["long_status"]), end
    assert end["builds"]["web"]["build_status"] == "successful"
    assert end["builds"]["web"]["build_long_status"] == (
        f"You can see the logs with `toolforge build logs {data['builds']['web']['build_id']}`"
    )
    assert end["runs"]["web"]["run_status"] == "skipped"
    # Both families show the same deployment.
    assert tool.deployment(data["deploy_id"])["status"] == "finished"
    assert tool.api.get(f"{tool.field}/deployment/latest").data == end
    assert tool.api.get(f"{tool.field}/deployment").data["deployments"][-1] == end


def test_health_needs_nobody(anonymous):
    response = anonymous.get(f"{anonymous.prefix}/v1/healthz")
    assert response.document == {
        "data": {"status": "OK"},
        "messages": {"info": [], "warning": [BETA], "error": []},
    }


def test_one_deployment_at_a_time_unless_it_is_cancelled(tool, cluster):
    tool.store()
    with cluster.paused_builder():
        first = start(tool)["deploy_id"]
        refused = tool.api.post(f"{tool.field}/deployment")
        assert refused.status == 409
        assert refused.errors[0].startswith(
            "There's already 1 running, the limit is 1. Wait for it to finish for now."
        )
        assert first in refused.errors[0]
        assert [item["deploy_id"] for item in tool.api.get(f"{tool.field}/deployment").data["deployments"]] == [first]
        cancelled = tool.api.put(f"{tool.field}/deployment/{first}/cancel")
        assert cancelled.status == 200
        assert cancelled.info == ["Deployment flagged for cancellation, might take a moment to cancel."]
        assert cancelled.data["status"] in ("cancelling", "cancelled")
        # The client repeats a PUT whose response was lost.
        again = tool.api.put(f"{tool.field}/deployment/latest/cancel")
        assert (again.status, again.data["deploy_id"]) == (200, first)
    assert ended(tool, first)["status"] == "cancelled"
    assert tool.api.get(f"{tool.field}/deployment/{first}").data["long_status"] == "Deployment was cancelled"
    done = start(tool)["deploy_id"]
    assert ended(tool, done)["status"] == "successful"
    late = tool.api.put(f"{tool.field}/deployment/{done}/cancel")
    assert (late.status, late.errors) == (409, ["Deployment can't be cancelled, it's state is successful"])


def test_a_build_that_fails_is_told_with_its_reason(tool):
    tool.store({"components": {"web": tool.component(ref="no-such-branch")}})
    end = ended(tool, start(tool)["deploy_id"])
    assert end["status"] == "failed"
    build = end["builds"]["web"]
    assert build["build_status"] == "failed"
    assert build["build_long_status"].endswith(f"`toolforge build logs {build['build_id']}`")
    assert end["long_status"].endswith("Failed: web")


def test_reused_builds_need_none(tool):
    tool.store({"components": {"web": tool.component(), "worker": {"build": {"reuse_from": "web"}}}})
    data = start(tool)
    assert data["builds"]["worker"] == {
        "build_id": "no-build-needed",
        "build_status": "skipped",
        "build_long_status": "Component re-uses build from web",
    }
    assert set(data["runs"]) == {"web", "worker"}


@pytest.mark.parametrize("query", ["?force-build=true&force-run=true", "?force_build=true&force_run=True"])
def test_what_was_asked_is_kept(tool, query):
    tool.store()
    data = start(tool, query, {"description": "the new front page"})
    kept = ended(tool, data["deploy_id"])
    for shown in (data, kept):
        assert (shown["description"], shown["force_build"], shown["force_run"]) == ("the new front page", True, True)


def test_a_deleted_deployment_is_gone(tool):
    tool.store()
    data = ended(tool, start(tool)["deploy_id"])
    path = f"{tool.field}/deployment/{data['deploy_id']}"
    deleted = tool.api.delete(path)
    assert (deleted.status, deleted.data) == (200, data)
    assert deleted.info == [f"Deployment {data['deploy_id']} deleted successfully."]
    for response in (tool.api.delete(path), tool.api.get(path)):
        assert response.status == 404
        assert response.errors[0].startswith(f"Unable to find namespace tool-{tool.name} or deployment")
    assert tool.api.delete(f"{tool.field}/deployment/latest").status == 400
    nothing = tool.api.get(f"{tool.field}/deployment/latest")
    assert (nothing.status, nothing.errors) == (404, [f"No deployments found for tool: {tool.name}"])
    assert tool.api.get(f"{tool.field}/deployment").document == {"data": {"deployments": []}, "messages": {}}


def test_a_config_that_is_not_there(tool):
    for response in (tool.api.get(f"{tool.field}/config"), tool.api.delete(f"{tool.field}/config"), tool.api.post(f"{tool.field}/deployment")):
        assert response.status == 404
        assert response.errors[0].startswith(f"Unable to find namespace tool-{tool.name} or config {tool.name}-config for")
    example = tool.api.get(f"{tool.field}/config/generate")
    assert example.warnings[1:] == [
        "Note that this config is an autogenerated example, please double check and validate before using it",
        "No components were able to be generated from your tool, a sample set of them is returned instead",
    ]
    assert tool.api.post(f"{tool.field}/config", example.data).status == 200
    assert tool.api.get(f"{tool.field}/config/generate").data == example.data
    removed = tool.api.delete(f"{tool.field}/config")
    assert (removed.status, removed.data) == (200, example.data)


def test_the_first_message_says_how_many_mistakes_there_are(tool):
    response = tool.api.post(f"{tool.field}/config", {"components": {"A": {"build": {}}, "b": {}}})
    assert response.status == 422
    assert response.errors[0].startswith("3 mistakes in the config:\n- components.")
    assert len(response.errors[0].splitlines()) == 4
    one = tool.api.post(f"{tool.field}/config", {"components": {}})
    assert one.errors[0].startswith("1 mistake in the config: components: ")


@pytest.mark.parametrize(
    "method, path",
    [
        ("POST", "deployment?rebuild_storage=true"),
        ("GET", "deployment?limit=3"),
        ("POST", "deployment?force-build=maybe"),
        ("POST", "deployment?force-build=1&force_build=1"),
        ("GET", "config?token=848f4cf3-67f3-487e-b8e6-1df0b8820bad"),
    ],
)
def test_what_is_not_understood_is_refused(tool, method, path):
    tool.store()
    with tool.cluster.recording() as journal:
        response = tool.api.request(method, f"{tool.field}/{path}", headers={"Content-Length": "0"})
    assert response.status == 400
    assert not journal.entries, journal.summary()


def test_a_repeat_with_a_key_starts_nothing(tool):
    tool.store()
    headers = {"Idempotency-Key": "ci-job-1"}
    first = tool.api.post(f"{tool.field}/deployment", headers=headers)
    again = tool.api.post(f"{tool.field}/deployment", headers=headers)
    assert (first.status, again.status) == (200, 200)
    assert first.data["deploy_id"] == again.data["deploy_id"]
    assert again.headers["Idempotent-Replayed"] == "true"


def test_nobody_else_is_let_in(tool, anonymous, authority):
    tool.store()
    paths = [
        ("GET", "config"),
        ("POST", "config"),
        ("DELETE", "config"),
        ("GET", "config/generate"),
        ("GET", "deployment"),
        ("POST", "deployment"),
        ("GET", "deployment/latest"),
        ("DELETE", "deployment/x"),
        ("PUT", "deployment/latest/cancel"),
        *((method, "deployment/token") for method in ("GET", "POST", "PUT", "DELETE")),
    ]
    with tool.cluster.recording() as journal:
        for method, path in paths:
            for certificate, status in ((None, 401), (authority.tool("other"), 403)):
                for headers in ({}, {"x-toolforge-tool": tool.name, "ssl-client-subject-dn": f"CN={tool.name},O=toolforge"}):
                    response = tool.api.request(
                        method,
                        f"{tool.field}/{path}",
                        headers={"Content-Length": "0", **headers},
                        certificate=certificate,
                    )
                    assert response.status == status, response
                    assert response.errors and response.warnings == [BETA]
    assert not journal.entries, journal.summary()


def test_the_texts_that_functional_tests_in_the_field_look_for(tool, anonymous):
    """The Python implementation's own functional tests, as far as they read answers."""
    tool.store()
    created = tool.api.post(f"{tool.field}/deployment")
    assert created.document["messages"]["info"][0] == f"Deployment for {tool.name} created successfully."
    ended(tool, created.data["deploy_id"])
    later = tool.api.post(f"{tool.field}/deployment")
    newest = tool.api.get(f"{tool.field}/deployment").document["data"]["deployments"][-1]
    assert newest["deploy_id"] == later.data["deploy_id"]
    end = ended(tool, later.data["deploy_id"])
    assert end["status"] not in ("pending", "running")
    assert "deleted successfully" in tool.api.delete(f"{tool.field}/deployment/{later.data['deploy_id']}").info[0]
    assert "Unable to find" in tool.api.get(f"{tool.field}/deployment/{later.data['deploy_id']}").errors[0]
    token = tool.api.post(f"{tool.field}/deployment/token")
    deploy_tokens.add(token.data["token"])
    assert "created successfully" in token.info[0]
    token = tool.api.put(f"{tool.field}/deployment/token")
    deploy_tokens.add(token.data["token"])
    assert "updated successfully" in token.info[0]
    wrong = anonymous.post(f"{tool.field}/deployment?token=848f4cf3-67f3-487e-b8e6-1df0b8820bad")
    assert (wrong.status, "does not match the tool's token" in wrong.errors[0]) == (401, True)
    assert "deleted successfully" in tool.api.delete(f"{tool.field}/deployment/token").info[0]
    assert tool.api.delete(f"{tool.field}/config").status == 200
    assert "Unable to find" in tool.api.delete(f"{tool.field}/config").errors[0]
    warnings = tool.api.get(f"{tool.field}/config/generate").warnings
    for text in ("autogenerated example, please double check", "a sample set of them is returned instead"):
        assert any(text in warning for warning in warnings)


def test_no_response_is_a_redirect_or_without_a_body(tool):
    for path in ("", "/", "//", "/config/", "/deployment/", "/deployment//cancel"):
        response = tool.api.get(tool.field + path)
        assert response.status in (400, 404), response
        assert json.loads(response.body)["messages"]["error"]
