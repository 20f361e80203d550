"""GET components: what each component was built from last."""

import pytest

from stack.processes import wait_until


def components(tool, **headers):
    return tool.api.get(f"{tool.base}/components", headers=headers)


def test_a_tool_without_builds_has_none(tool):
    response = components(tool)
    assert response.status == 200 and response.data == {"components": {}}
    assert components(tool, Accept="text/plain").body.decode() == "No component has been built yet.\n"


def test_the_newest_good_build_of_each(tool):
    tool.store({"components": {"good": tool.component(), "bad": tool.component(ref="no-such-branch")}})
    first = tool.follow(tool.deploy()["deploy-id"])
    found = components(tool).data["components"]
    assert set(found) == {"good"}
    build = first["builds"]["good"]
    good = found["good"]
    assert (good["build-id"], good["deploy-id"]) == (build["build-id"], first["deploy-id"])
    assert (good["image"], good["builder"], good["built"]) == (build["image"], build["builder"], build["ended"])
    assert good["digest"] == build["image"].rpartition("@")[2] and good["digest"].startswith("sha256:")
    assert (good["repository"], good["ref"], good["requested"]) == (tool.repository, "main", first["creation-time"])
    # A newer build that fails takes nothing away, and neither does the removal of the deployment, or of the config.
    tool.store({"components": {"good": tool.component(ref="no-such-branch")}})
    assert tool.follow(tool.deploy()["deploy-id"])["status"] == "error"
    assert tool.api.request("DELETE", f"{tool.deploy_path}/{first['deploy-id']}").status == 200
    assert tool.api.request("DELETE", tool.config_path).status == 200
    assert components(tool).data["components"] == found


def test_a_newer_build_takes_the_place_whichever_ends_first(tool):
    tool.store()
    with tool.cluster.paused_builder():
        older = tool.deploy()["deploy-id"]
        newer = tool.deploy()["deploy-id"]
    tool.follow(newer)
    assert components(tool).data["components"]["web"]["deploy-id"] == newer
    tool.follow(older)
    assert components(tool).data["components"]["web"]["deploy-id"] == newer


def test_as_a_table(tool):
    tool.store(tool.config("web", "a" * 40))
    identifier = tool.follow(tool.deploy()["deploy-id"])["deploy-id"]
    response = components(tool, Accept="text/plain")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    lines = response.body.decode().splitlines()
    # Where a line is too wide, its last cell stands below.
    assert [*lines[0].split(), *lines[1].split()] == ["COMPONENT", "COMMIT", "BUILT", "DIGEST", "DEPLOY-ID"]
    assert max(map(len, lines)) <= 100
    assert identifier in response.body.decode() and "sha256:" in lines[2]
    assert components(tool, Accept="application/yaml").headers["Content-Type"].startswith("application/yaml")


def test_it_is_one_call(tool):
    tool.store()
    tool.follow(tool.deploy()["deploy-id"])
    with tool.cluster.recording() as journal:
        components(tool)
    assert journal.summary() == ["get/toolbuilds/200"]


def test_others_and_unknown_queries_are_refused(tool, make_tool):
    assert tool.api.get(f"{tool.base}/components?limit=1").status == 400
    assert tool.api.post(f"{tool.base}/components").status == 405
    other = make_tool(f"{tool.name[:20]}-other")
    assert other.api.get(f"{tool.base}/components").status == 403


def test_what_others_wrote_is_left_out_and_replaced(tool):
    tool.store()
    first = tool.follow(tool.deploy()["deploy-id"])["deploy-id"]
    path = f"/apis/deploy.toolforge.org/v1/namespaces/tool-{tool.name}/toolbuilds/{tool.name}-builds"
    broken = {"build": "x", "deployment": "y", "requestedAt": "2999-99-99T00:00:00Z", "repository": "z"}
    tool.cluster.request(
        "PATCH", path, {"spec": {"components": {"web": broken, "odd": broken}}}, "application/merge-patch+json"
    )
    assert components(tool).data["components"] == {}
    second = tool.follow(tool.deploy()["deploy-id"])["deploy-id"]
    assert first != second and components(tool).data["components"]["web"]["deploy-id"] == second


@pytest.mark.parametrize("verb", ["get", "create"])
def test_a_deployment_ends_though_it_cannot_be_noted(tool, verb):
    tool.store()
    identifier = tool.deploy()["deploy-id"]
    rule = {
        "verb": verb, "resource": "toolbuilds", "namespace": f"tool-{tool.name}",
        "action": {"status": 403, "reason": "Forbidden", "message": 'User "x" cannot do that'},
    }
    with tool.cluster.faults(rule):
        assert tool.follow(identifier)["status"] == "finished"
    wait_until(lambda: components(tool).data == {"components": {}}, "an empty answer")
