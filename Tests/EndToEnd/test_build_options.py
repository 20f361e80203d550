"""What a config asks builds to be made with: versions of the buildpacks, and variables."""

import pytest

SECRET = "never-to-be-seen-4711"


def parameters(build):
    return {parameter["name"]: parameter["value"] for parameter in build["spec"]["params"]}


def test_the_config_chooses_images_and_variables(tool):
    plain = tool.component()
    latest = {"build": {**plain["build"], "use_latest_versions": True}}
    old = {"build": {**plain["build"], "use_deprecated_versions": True, "envvars": {"NODE_ENV": "a=b", "SECRET": SECRET}}}
    response = tool.store({"components": {"plain": plain, "latest": latest, "old": old}})
    assert response.warnings == []
    data = tool.follow(tool.deploy()["deploy-id"])
    builds = {name: parameters(build) for name, build in tool.builds_of(data["deploy-id"]).items()}
    assert builds["plain"]["ENV_VARS"] == builds["latest"]["ENV_VARS"] == []
    assert sorted(builds["old"]["ENV_VARS"]) == ["NODE_ENV=a=b", f"SECRET={SECRET}"]
    assert builds["plain"]["BUILDER_IMAGE"] == builds["latest"]["BUILDER_IMAGE"] != builds["old"]["BUILDER_IMAGE"]
    assert "24_0.21.8" in builds["plain"]["RUN_IMAGE"]


def test_a_variable_s_value_is_in_no_message_event_or_log(tool, service):
    component = tool.component()
    component["build"]["envvars"] = {"SECRET": SECRET}
    tool.store({"components": {"web": component}})
    with tool.cluster.paused_builder():
        started = tool.deploy()
        name = started["builds"]["web"]["build-id"]
        plan = {"run": name, "end": "fail", "step": "build", "message": f"SECRET={SECRET} is wrong"}
        with tool.cluster.build_plans(plan):
            tool.cluster.resume_builder()
            data = tool.follow(started["deploy-id"])
    assert "SECRET=••• is wrong" in data["builds"]["web"]["message"]
    assert SECRET not in str(data)
    refused = tool.api.post(tool.config_path, {"components": {"web": {"build": {"envvars": {"SECRET": f"{SECRET}$(x)"}}}}})
    assert refused.status == 422
    assert SECRET not in refused.body.decode()
    events = tool.cluster.request("GET", f"/api/v1/namespaces/tool-{tool.name}/events")["items"]
    assert SECRET not in str(events)
    assert not [line for line in service.log_lines() if SECRET in str(line)]


@pytest.mark.parametrize(
    "build, path",
    [
        ({"envvars": {"lower": "x"}}, "envvars.lower"),
        ({"envvars": {"PORT": 8080}}, "envvars.PORT"),
        ({"envvars": {f"NAME_{index}": "x" for index in range(51)}}, "envvars"),
        ({"use_latest_versions": True, "use_deprecated_versions": True}, "use_deprecated_versions"),
        ({"use_latest_versions": "yes"}, "use_latest_versions"),
    ],
)
def test_mistakes_are_named(tool, build, path):
    component = tool.component()
    component["build"].update(build)
    response = tool.api.post(tool.config_path, {"components": {"web": component}})
    assert response.status == 422
    assert [error for error in response.errors if error.startswith(f"components.web.build.{path}:")], response.errors
