"""POST deploy: the record, and all its builds, in the form that Toolforge's build tools expect."""

import datetime
import re

import pytest

ID = r"{tool}-deploy-(\d{{8}}-\d{{6}})-(\d+)"


def test_a_deployment_lists_all_its_builds_and_they_are_started(tool):
    config = tool.config("web", "worker", "api")
    config["components"]["cron"] = {"build": {"reuse_from": "web"}}
    tool.store(config)
    before = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    with tool.cluster.paused_builder():
        data = tool.deploy()
        builds = tool.builds_of(data["deploy-id"])
    after = datetime.datetime.now(datetime.timezone.utc)

    assert set(data) == {"deploy-id", "creation-time", "status", "requested-by", "builds"}
    stamp = re.fullmatch(ID.format(tool=tool.name), data["deploy-id"]).group(1)
    for text, form in ((stamp, "%Y%m%d-%H%M%S"), (data["creation-time"], "%Y-%m-%d %H:%M:%S")):
        moment = datetime.datetime.strptime(text, form).replace(tzinfo=datetime.timezone.utc)
        # By the cluster's clock, which tells whole seconds: one may have passed.
        assert before - datetime.timedelta(seconds=1) <= moment <= after
    assert data["status"] == "pending"
    # One that reuses a build stands with the build that it takes.
    reused = data["builds"].pop("cron")
    assert reused == {**data["builds"]["web"], "reuse-from": "web"}
    assert set(data["builds"]) == set(builds) == {"web", "worker", "api"}
    for component, build in data["builds"].items():
        assert set(build) == {"build-id", "status", "message", "ref"}
        assert build["build-id"] == builds[component]["metadata"]["name"]
        assert build["status"] == "pending"
        assert build["message"]


def test_a_build_is_the_pipeline_run_that_toolforge_s_tools_know(tool, repository):
    tool.store({"components": {"web": tool.component(ref="v1"), "api": {"build": {"repository": repository}}}})
    with tool.cluster.paused_builder():
        builds = tool.builds_of(tool.deploy()["deploy-id"])
    for component, ref in (("web", "v1"), ("api", "HEAD")):
        run = builds[component]
        assert re.fullmatch(rf"{tool.name}-buildpacks-pipelinerun-[0-9a-f]{{12}}", run["metadata"]["name"])
        assert run["metadata"]["namespace"] == "image-build"
        assert run["metadata"]["labels"]["user"] == tool.name
        spec = run["spec"]
        assert spec["pipelineRef"]["name"] == "buildpacks"
        account = {"pipelineTaskName": "build-from-git", "serviceAccountName": "buildpacks-service-account"}
        assert spec["taskRunSpecs"] == [account]
        parameters = {parameter["name"]: parameter["value"] for parameter in spec["params"]}
        assert parameters.pop("BUILDER_IMAGE") and parameters.pop("RUN_IMAGE")
        assert re.fullmatch(rf"[^/]+/tool-{tool.name}/{component}:latest", parameters.pop("APP_IMAGE"))
        assert parameters == {
            "SOURCE_URL": repository,
            "SOURCE_REFERENCE": ref,
            "UNRESOLVED_SOURCE_REFERENCE": ref,
            "ENV_VARS": [],
        }
        workspaces = sorted(spec["workspaces"], key=lambda workspace: workspace["name"])
        assert workspaces == [{"name": name, "emptyDir": {}} for name in ("aptbuildpack-ws", "cache-ws", "source-ws")]
        assert spec.get("status") is None


def test_the_record_holds_what_was_asked(tool):
    config = tool.config("web", extra=[1, None])
    tool.store(config)
    data = tool.deploy()
    record = tool.cluster.deployment(tool.name, data["deploy-id"])
    assert record["spec"]["tool"] == tool.name
    assert record["spec"]["config"] == config
    assert record["spec"]["builds"]["web"]["id"] == data["builds"]["web"]["build-id"]


def test_the_record_is_written_before_any_build(tool):
    tool.store(tool.config("web", "worker"))
    with tool.cluster.recording() as journal:
        tool.deploy()
    created = [entry["resource"] for entry in journal.of("create")]
    assert created == ["tooldeployments", "pipelineruns", "pipelineruns"]


def test_a_later_config_does_not_change_a_deployment(tool):
    tool.store(tool.config("web"))
    first = tool.deploy()
    tool.store(tool.config("api"))
    assert set(tool.deployment(first["deploy-id"])["builds"]) == {"web"}
    assert set(tool.deploy()["builds"]) == {"api"}


# Generated clients send a null for a body that is left out.
@pytest.mark.parametrize(
    "body, content_type",
    [(None, None), ("{}", "application/json"), ("{}", "application/yaml"), ("null", "application/json")],
)
def test_no_body_or_an_empty_mapping_deploys(tool, body, content_type):
    tool.store()
    assert tool.api.post(tool.deploy_path, body, content_type).status == 201
    assert len(tool.records()) == 1


@pytest.mark.parametrize(
    "body, status", [('{"a": 1}', 422), ("[]", 422), ('"x"', 422), ("{", 400), ("x", 400)]
)
def test_any_other_body_is_refused_and_nothing_is_deployed(tool, body, status):
    tool.store()
    response = tool.api.post(tool.deploy_path, body, "application/json")
    assert response.status == status
    assert not tool.records()
    assert not tool.builds()


def test_without_a_config_there_is_nothing_to_deploy(tool):
    response = tool.api.post(tool.deploy_path)
    assert response.status == 404
    assert f"POST {tool.config_path}" in response.error
    assert not tool.records()


def test_a_stored_config_that_was_broken_by_hand_is_422(tool):
    tool.store()
    path = f"/apis/deploy.toolforge.org/v1/namespaces/tool-{tool.name}/toolconfigs/{tool.name}-config"
    patch = {"spec": {"components": {"web": {"build": {"ref": "a..b"}}}}}
    tool.cluster.request("PATCH", path, patch, "application/merge-patch+json")
    response = tool.api.post(tool.deploy_path)
    assert response.status == 422
    assert "components.web.build.ref" in response.error
    assert not tool.records()


def test_the_longest_tool_and_component_names_make_valid_builds(make_tool):
    tool = make_tool("x" * 25 + "y-z" + "w" * 30)
    assert len(tool.name) == 58
    component = "c" * 40
    tool.store(tool.config(component))
    data = tool.deploy()
    name = data["builds"][component]["build-id"]
    assert len(name) <= 63
    # 26 characters of the tool and a dash, with which no other tool's name ends.
    assert re.fullmatch(r"x{25}y--buildpacks-pipelinerun-[0-9a-f]{12}", name)
    assert tool.follow(data["deploy-id"])["status"] == "finished"
    labels = tool.builds_of(data["deploy-id"])[component]["metadata"]["labels"]
    assert labels["user"] == labels["deploy.toolforge.org/tool"] == tool.name
    assert labels["app.kubernetes.io/managed-by"] == "components-api"


def test_behind_a_prefix_the_location_has_it(tool, another_gateway, service):
    tool.store()
    behind = another_gateway(service.socket, prefix="/components")
    response = behind.post(tool.deploy_path, certificate=tool.api.certificate)
    assert response.status == 201
    assert response.headers["Location"] == f"/components{tool.deploy_path}/{response.data['deploy-id']}"


def test_fifty_components_are_one_deployment(tool):
    names = [f"c{number}" for number in range(50)]
    tool.store(tool.config(*names))
    with tool.cluster.paused_builder():
        data = tool.deploy()
        assert set(tool.builds_of(data["deploy-id"])) == set(names) == set(data["builds"])
        # None of them is cloned while other tests wait for theirs.
        for build in tool.builds().values():
            tool.cluster.delete_build(build["metadata"]["name"])
