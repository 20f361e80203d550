"""The image registry: what has not changed is not built, and every tool that builds has a project."""

import itertools

import pytest

from stack.processes import free_port
from stack.registry import PASSWORD, USER, Registry

_numbers = itertools.count(1)


@pytest.fixture
def registry(authority):
    server = authority.server("127.0.0.1")
    registry = Registry(server.certificate, server.key)
    yield registry
    registry.stop()


class Deployer:
    """A tool at a replica that looks commits up and asks the registry."""

    def __init__(self, replica, tool, registry):
        self.replica, self.tool, self.registry = replica, tool, registry
        self.base = f"/api/v1/tool/{tool.name}"

    def ask(self, method, path, body=None):
        return self.replica.ask(method, f"{self.base}/{path}", self.tool.name, body)

    def store(self, components):
        response = self.ask("POST", "config", {"components": components})
        assert response.status == 200, response

    def deploy(self, body=None):
        response = self.ask("POST", "deploy", body)
        assert response.status == 201, response
        return response

    def build(self, body=None):
        """A deployment at its end; the registry has the images that it made."""
        data = self.tool.follow(self.deploy(body).data["deploy-id"])
        assert data["status"] == "finished", data
        for name, build in data["builds"].items():
            if "reuse-from" not in build and build.get("reason") != "Unchanged":
                self.registry.tags[f"tool-{self.tool.name}/{name}"] = build["image"].rpartition("@")[2]
        return data

    def runs(self):
        return {run["metadata"]["name"] for run in self.tool.cluster.builds(self.tool.name)}


@pytest.fixture
def start(replicas, authority, tool, registry, tmp_path):
    credentials = tmp_path / "credentials"
    credentials.write_text(f"{USER}:{PASSWORD}\n")
    credentials.chmod(0o644)
    tmp_path.chmod(0o755)

    def make(**settings):
        defaults = {
            "RESOLVE_COMMITS": "on",
            "GIT_ALLOWED_NETWORKS": "127.0.0.0/8",
            "GIT_CA_FILE": authority.file,
            "HARBOR_URL": registry.url,
            "HARBOR_CREDENTIALS_FILE": credentials,
            "HARBOR_CA_FILE": authority.file,
        }
        return Deployer(replicas(**{**defaults, **settings}), tool, registry)

    return make


@pytest.fixture
def deployer(start):
    return start()


@pytest.fixture
def source(gateway, git):
    name = f"registry-{next(_numbers)}"
    commits = git.add_repository(name, "refs/heads/main", "refs/heads/next")
    return f"https://127.0.0.1:{gateway.port}/git/{name}.git", commits


def component(url, **build):
    return {"build": {"repository": url, "ref": "main", **build}}


SKIP = {"skip-unchanged": True}


def test_what_has_not_changed_is_not_built(deployer, source):
    url, commits = source
    deployer.store({"web": component(url), "api": component(url), "job": {"build": {"reuse_from": "web"}}})
    first = deployer.build()
    before = deployer.runs()
    response = deployer.deploy(SKIP)
    assert response.data["status"] == "finished" and response.warnings == []
    for name in ("web", "api", "job"):
        built, taken = first["builds"][name], response.data["builds"][name]
        assert (taken["status"], taken["reason"]) == ("finished", "Unchanged")
        assert taken["build-id"] == built["build-id"] and taken["taken-from"] == first["deploy-id"]
        assert taken["commit"] == commits["refs/heads/main"] and taken["image"] == built["image"]
        assert taken["builder"] == built["builder"]
    assert response.data["builds"]["job"]["reuse-from"] == "web"
    assert deployer.runs() == before
    # It is recorded so, and a later look finds the same.
    again = deployer.ask("GET", f"deploy/{response.data['deploy-id']}").data
    assert again["builds"] == response.data["builds"]
    # The log is that of the build that was taken, and says so; of a component that reuses it, too.
    taken = f"-- Nothing had changed: this is the log of the build of web in the deployment {first['deploy-id']}, which was taken."
    reused = "-- The component has no build of its own: this is the log of the build of web."
    log = deployer.ask("GET", f"deploy/{first['deploy-id']}/builds/web/log").body.decode()
    assert log.endswith("-- The log is complete. Every step succeeded.\n")
    for name, notes in (("web", [taken]), ("job", [reused, taken])):
        found = deployer.ask("GET", f"deploy/{response.data['deploy-id']}/builds/{name}/log").body.decode()
        assert found == "".join(f"{note}\n" for note in notes) + log
    # Where everything is built anyway, that is what happens.
    assert deployer.deploy().data["builds"]["web"]["build-id"] not in before


def test_what_skipping_costs(deployer, source):
    url, _ = source
    deployer.store({"web": component(url), "api": component(url)})
    deployer.build()
    deployer.registry.requests.clear()
    with deployer.tool.cluster.recording() as journal:
        deployer.deploy(SKIP)
    reads = ["get/toolbuilds/200", "get/toolconfigs/200", "list/tooldeployments/200", "list/tooldeployments/200"]
    assert sorted(journal.summary()) == ["create/tooldeployments/201", *reads, "patch/tooldeployments/status/200"]
    assert len(deployer.registry.asked("HEAD")) == 2 and deployer.registry.asked("POST") == []
    with deployer.tool.cluster.recording() as journal:
        deployer.ask("POST", "deploy?dry-run=true", SKIP)
    assert sorted(journal.summary()) == ["get/toolbuilds/200", "get/toolconfigs/200", "list/tooldeployments/200"]


def test_what_has_changed_is_built(deployer, source):
    url, commits = source
    cases = {
        "a ref": component(url, ref="next"),
        "the repository": component(f"{url}/"),
        "a variable": component(url, envvars={"SOME_NAME": "1"}),
        "the builder": component(url, use_deprecated_versions=True),
    }
    deployer.store({"web": component(url)})
    first = deployer.build()
    for what, changed in cases.items():
        deployer.store({"web": changed})
        plan = deployer.ask("POST", "deploy?dry-run=true", SKIP).data["components"]["web"]
        assert plan["action"] == "build", (what, plan)
        assert plan["was"]["build"] == first["builds"]["web"]["build-id"]
    deployer.store({"web": component(url, ref="next"), "api": component(url)})
    builds = deployer.deploy(SKIP).data["builds"]
    assert all("reason" not in build for build in builds.values())
    assert builds["web"]["commit"] == commits["refs/heads/next"]


def test_a_dry_run_shows_what_is_skipped(deployer, source):
    url, _ = source
    deployer.store({"web": component(url), "job": {"build": {"reuse_from": "web"}}})
    nothing = deployer.ask("POST", "deploy?dry-run=true", SKIP).data["components"]["web"]
    assert (nothing["action"], nothing["why"]) == ("build", "no good build of it is recorded")
    first = deployer.build()
    plan = deployer.ask("POST", "deploy?dry-run=true", SKIP).data["components"]
    assert (plan["web"]["action"], plan["web"]["reason"]) == ("skip", "Unchanged")
    assert plan["web"]["was"]["build"] == first["builds"]["web"]["build-id"]
    assert plan["job"]["action"] == "reuse"
    assert deployer.ask("POST", "deploy?dry-run=true").data["components"]["web"]["action"] == "build"
    deployer.registry.tags.clear()
    gone = deployer.ask("POST", "deploy?dry-run=true", SKIP).data["components"]["web"]
    assert gone["action"] == "build" and "does not have its image any more" in gone["why"]
    deployer.registry.tags[f"tool-{deployer.tool.name}/web"] = f"sha256:{'0' * 64}"
    other = deployer.ask("POST", "deploy?dry-run=true", SKIP).data["components"]["web"]
    assert other["action"] == "build" and "another image" in other["why"]


def test_what_another_deployment_builds_is_built(deployer, source):
    url, _ = source
    deployer.store({"web": component(url)})
    deployer.build()
    with deployer.tool.cluster.paused_builder():
        busy = deployer.deploy().data["deploy-id"]
        plan = deployer.ask("POST", "deploy?dry-run=true", SKIP).data["components"]["web"]
        assert plan["action"] == "build" and busy in plan["why"]
        assert "reason" not in deployer.deploy(SKIP).data["builds"]["web"]


def test_the_setting_and_the_request_say_whether(start, source):
    url, _ = source
    deployer = start(SKIP_UNCHANGED="on")
    deployer.store({"web": component(url)})
    deployer.build()
    assert deployer.deploy().data["builds"]["web"]["reason"] == "Unchanged"
    for body in ({"force-build": True}, {"skip-unchanged": False}):
        assert "reason" not in deployer.deploy(body).data["builds"]["web"], body
    for body, words in (
        ({"force-build": True, "skip-unchanged": True}, "both true"),
        ({"skip-unchanged": "yes"}, "must be true or false"),
        ({"skip-unchange": True}, "Did you mean skip-unchanged?"),
    ):
        response = deployer.ask("POST", "deploy", body)
        assert response.status == 422 and words in response.error, response


def test_the_field_s_family_has_both(deployer, source):
    url, _ = source
    deployer.store({"web": component(url)})
    first = deployer.build()
    path = f"/v1/tool/{deployer.tool.name}/deployment"

    def deploy(query="", body=None):
        return deployer.replica.ask("POST", path + query, deployer.tool.name, body)

    for query, body in (("?skip-unchanged=true", None), ("?skip_unchanged=1", None), ("", SKIP)):
        build = deploy(query, body).data["builds"]["web"]
        assert build == {
            "build_id": first["builds"]["web"]["build-id"],
            "build_status": "skipped",
            "build_image": first["builds"]["web"]["image"],
            "build_long_status": "Reusing existing build",
        }
    forced = deploy("?force-build=true", {"skip-unchanged": False})
    assert forced.data["force_build"] is True and forced.data["builds"]["web"]["build_status"] == "pending"
    for query, body in (
        ("?force-build=true&skip-unchanged=true", None),
        ("?force-build=true", SKIP),
        ("?skip-unchanged=true", {"force-build": True}),
    ):
        refused = deploy(query, body)
        assert refused.status == 422 and "both true" in refused.error, (query, body, refused)


def test_without_a_registry_everything_is_built_and_the_response_says_why(start, source):
    url, _ = source
    deployer = start(HARBOR_URL="")
    deployer.store({"web": component(url)})
    response = deployer.deploy(SKIP)
    assert "reason" not in response.data["builds"]["web"]
    assert [warning for warning in response.warnings if "HARBOR_URL" in warning]
    assert not [warning for warning in deployer.deploy().warnings if "HARBOR_URL" in warning]


@pytest.mark.parametrize("failure", ["500", "401", "no digest", "away", "hangs", "distrusted"])
def test_a_registry_that_fails_lets_everything_be_built(start, source, registry, failure):
    url, _ = source
    deployer = start()
    deployer.store({"web": component(url)})
    deployer.build()
    if failure == "distrusted":
        deployer = start(HARBOR_CA_FILE="")
    elif failure == "away":
        deployer = start(HARBOR_URL=f"https://127.0.0.1:{free_port()}")
    elif failure == "hangs":
        registry.hangs.set()
    else:
        registry.status = {"500": (500, {}), "401": (401, {}), "no digest": (200, {})}[failure]
    response = deployer.deploy(SKIP)
    assert "reason" not in response.data["builds"]["web"]
    assert [warning for warning in response.warnings if "web" in warning and "is built" in warning], response.warnings
    # Nobody could make sure of the project either.
    assert failure == "no digest" or [warning for warning in response.warnings if "project" in warning], response.warnings
    assert PASSWORD not in "".join(response.warnings)


def test_a_tool_that_builds_has_a_project(deployer, source, registry):
    url, _ = source
    project = f"tool-{deployer.tool.name}"
    deployer.store({"web": component(url), "api": component(url)})
    # It is made whether it is new or there already.
    for count in (1, 2):
        assert deployer.deploy().warnings == []
        assert registry.asked("POST") == ["/api/v2.0/projects"] * count
    assert registry.projects == {project}
    assert {body["project_name"] for _, _, body, _ in registry.requests if body} == {project}
    assert {body["metadata"]["public"] for _, _, body, _ in registry.requests if body} == {"true"}
    # Where nothing is built, it is not needed.
    deployer.store({"web": component(url, ref="no-such-ref")})
    deployer.deploy()
    assert len(registry.asked("POST")) == 2
    assert registry.asked("HEAD") == []


def test_a_project_that_is_not_sure_is_a_warning(deployer, source, registry):
    url, _ = source
    deployer.store({"web": component(url)})
    registry.status = (500, {})
    response = deployer.deploy()
    (warning,) = response.warnings
    assert "project" in warning and "status 500" in warning
    assert deployer.tool.follow(response.data["deploy-id"])["status"] == "finished"


def test_a_response_that_never_ends_keeps_no_deployment(deployer, source, registry):
    url, _ = source
    deployer.store({"web": component(url)})
    registry.stalls.set()
    # What it says of the project is in its head.
    assert deployer.deploy().warnings == []
    assert registry.projects == {f"tool-{deployer.tool.name}"}


def test_without_credentials_no_project_is_made(start, source, registry):
    url, _ = source
    deployer = start(HARBOR_CREDENTIALS_FILE="")
    deployer.store({"web": component(url)})
    assert deployer.deploy().warnings == []
    assert registry.requests == []
