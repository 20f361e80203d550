"""GET deploy/{deploy-id}: brought up to date, stored if that changed it, and never again once it has ended."""

import pytest

from stack.processes import wait_until


def test_a_deployment_runs_to_its_end(tool):
    tool.store(tool.config("web", "worker"))
    identifier = tool.deploy()["deploy-id"]
    data = tool.follow(identifier)
    assert data["status"] == "finished"
    assert {build["status"] for build in data["builds"].values()} == {"finished"}
    record = tool.cluster.deployment(tool.name, identifier)
    assert record["status"]["phase"] == "succeeded"
    for build in tool.builds_of(identifier).values():
        assert build["status"]["conditions"][0]["status"] == "True"


def test_it_is_pending_then_running_then_finished(tool):
    tool.store()
    with tool.cluster.paused_builder():
        identifier = tool.deploy()["deploy-id"]
        assert tool.deployment(identifier)["status"] == "pending"
    seen = []

    def ended():
        status = tool.deployment(identifier)["status"]
        if not seen or seen[-1] != status:
            seen.append(status)
        return status in ("finished", "error")

    wait_until(ended, "the end of the build")
    assert seen[-1] == "finished"
    assert seen == [status for status in ("pending", "running", "finished") if status in seen]


@pytest.mark.parametrize("component", [{"ref": "no-such-branch"}, {"ref": "0" * 40}])
def test_a_wrong_ref_ends_in_error_and_names_the_step(tool, component):
    tool.store({"components": {"web": tool.component(**component)}})
    data = tool.follow(tool.deploy()["deploy-id"])
    build = data["builds"]["web"]
    assert data["status"] == build["status"] == "error"
    # Tekton says nothing of git's failure: its words stand in the log of the step.
    assert build["reason"] == "RefNotFound", data
    assert "(step clone, exit code 128): " in build["message"], data
    assert component["ref"] in tool.cluster.build_log(build["build-id"], "clone")


def test_a_wrong_url_ends_in_error_and_names_the_step(tool, repository):
    url = repository.replace("demo.git", "gone.git")
    tool.store({"components": {"web": {"build": {"repository": url}}}})
    data = tool.follow(tool.deploy()["deploy-id"])
    build = data["builds"]["web"]
    assert data["status"] == "error"
    assert build["reason"] == "RepositoryNotFound", data
    assert "(step clone, exit code 128): " in build["message"], data
    assert "not found" in tool.cluster.build_log(build["build-id"], "clone")


def test_a_tag_and_a_commit_can_be_built(tool, git):
    tool.store({"components": {"tag": tool.component(ref="v1"), "commit": tool.component(ref=git.commit)}})
    assert tool.follow(tool.deploy()["deploy-id"])["status"] == "finished"


def test_one_failed_build_is_an_error_of_the_deployment_and_the_others_go_on(tool):
    tool.store({"components": {"good": tool.component(), "bad": tool.component(ref="no-such-branch")}})
    data = tool.follow(tool.deploy()["deploy-id"])
    assert data["status"] == "error"
    assert data["builds"]["good"]["status"] == "finished"
    assert data["builds"]["bad"]["status"] == "error"


def test_an_ended_deployment_is_read_from_its_record_alone(tool):
    for config in (tool.config(), {"components": {"bad": tool.component(ref="no-such-branch")}}):
        tool.store(config)
        identifier = tool.deploy()["deploy-id"]
        end = tool.follow(identifier)
        for build in tool.builds_of(identifier).values():
            tool.cluster.delete_build(build["metadata"]["name"])
        with tool.cluster.recording() as journal:
            assert tool.deployment(identifier) == end
        assert journal.summary() == ["get/tooldeployments/200"]


def test_an_unchanged_deployment_is_not_written(tool):
    tool.store(tool.config("web", "worker"))
    with tool.cluster.paused_builder():
        identifier = tool.deploy()["deploy-id"]
        tool.deployment(identifier)
        version = tool.cluster.deployment(tool.name, identifier)["metadata"]["resourceVersion"]
        with tool.cluster.recording() as journal:
            tool.deployment(identifier)
        assert not journal.writes
        assert sorted(journal.summary()) == ["get/pipelineruns/200"] * 2 + ["get/tooldeployments/200"]
        assert tool.cluster.deployment(tool.name, identifier)["metadata"]["resourceVersion"] == version


def test_a_change_is_stored_by_whichever_request_reads_it(tool):
    tool.store()
    identifier = tool.deploy()["deploy-id"]
    name = next(iter(tool.builds_of(identifier).values()))["metadata"]["name"]

    def condition():
        conditions = (tool.cluster.build(name).get("status") or {}).get("conditions") or [{}]
        return conditions[0].get("status") == "True"

    wait_until(condition, "the end of the build")
    assert tool.cluster.deployment(tool.name, identifier)["status"]["phase"] != "succeeded"
    assert tool.deployment(identifier)["status"] == "finished"
    assert tool.cluster.deployment(tool.name, identifier)["status"]["phase"] == "succeeded"


def test_a_build_that_vanished_is_an_error_that_says_so(tool):
    tool.store(tool.config("web", "worker"))
    with tool.cluster.paused_builder():
        data = tool.deploy()
        tool.cluster.delete_build(data["builds"]["web"]["build-id"])
        found = tool.deployment(data["deploy-id"])
        assert found["builds"]["web"]["status"] == "error"
        assert "vanished" in found["builds"]["web"]["message"]
        assert found["builds"]["worker"]["status"] == "pending"
        assert tool.cluster.build(data["builds"]["web"]["build-id"]) is None
    assert tool.follow(data["deploy-id"])["status"] == "error"


def test_a_build_that_another_client_cancelled_is_an_error(tool):
    tool.store()
    with tool.cluster.paused_builder():
        data = tool.deploy()
        path = f"/apis/tekton.dev/v1/namespaces/image-build/pipelineruns/{data['builds']['web']['build-id']}"
        patch = {"spec": {"status": "CancelledRunFinally"}}
        tool.cluster.request("PATCH", path, patch, "application/merge-patch+json")
        assert tool.follow(data["deploy-id"])["builds"]["web"]["status"] == "error"


@pytest.mark.parametrize(
    "identifier",
    ["{tool}-deploy-20261122-101500-48213", "x", "{tool}-deploy-", "UPPER", "a" * 300, "%C3%A9", "a%20b", "a.b", "-"],
)
def test_a_deployment_that_is_not_there_is_404(tool, identifier):
    response = tool.look(identifier.format(tool=tool.name))
    assert response.status == 404
    assert tool.deploy_path in response.error


def test_another_tool_s_deployment_is_404(tool, make_tool):
    other = make_tool()
    other.store()
    identifier = other.deploy()["deploy-id"]
    assert tool.look(identifier).status == 404


def test_a_record_that_cannot_be_read_harms_itself_only(tool):
    tool.store()
    good = tool.deploy()["deploy-id"]
    name = tool.put_unreadable_record(**{"requested-at": "2999-01-01T00:00:00.000000Z"})
    response = tool.look(name)
    assert response.status == 409
    assert "spec.tool does not name this tool" in response.error
    assert f"DELETE {tool.deploy_path}/{name}." in response.error
    assert tool.deployment(good)
    latest = tool.look("latest")
    assert latest.data["deploy-id"] == good
    assert name in latest.warnings[0]
    assert tool.deploy()
    assert tool.api.request("DELETE", f"{tool.deploy_path}/{name}").status == 200
    assert name not in tool.records()
    assert tool.look(name).status == 404
