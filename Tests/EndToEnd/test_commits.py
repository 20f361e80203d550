"""Which commit is built: looked up at a real git server, shown, chosen, and deployed again."""

import http.server
import itertools
import ssl
import threading

import pytest

from stack.processes import free_port
from stack.tool import annotation

_numbers = itertools.count(1)
REFS = ["refs/heads/main", "refs/heads/next", "refs/tags/v1"]


class Deployer:
    """A tool at a replica that looks commits up."""

    def __init__(self, replica, tool):
        self.replica, self.tool, self.base = replica, tool, f"/api/v1/tool/{tool.name}"

    def post(self, path, body=None):
        return self.replica.ask("POST", f"{self.base}/{path}", self.tool.name, body)

    def store(self, components):
        response = self.post("config", {"components": components})
        assert response.status == 200, response

    def deploy(self, body=None):
        response = self.post("deploy", body)
        assert response.status == 201, response
        return response

    def runs(self, identifier):
        """The parameters of a deployment's PipelineRuns by component."""
        return {
            annotation(run, "component"): {item["name"]: item["value"] for item in run["spec"]["params"]}
            for run in self.tool.builds_of(identifier).values()
        }


@pytest.fixture
def start(replicas, authority, tool):
    """Starts a replica that looks commits up on this machine: start(**settings)."""

    def make(**settings):
        defaults = {"RESOLVE_COMMITS": "on", "GIT_ALLOWED_NETWORKS": "127.0.0.0/8", "GIT_CA_FILE": authority.file}
        return Deployer(replicas(**{**defaults, **settings}), tool)

    return make


@pytest.fixture
def deployer(start):
    return start()


@pytest.fixture
def source(gateway, git):
    """A repository of its own: its URL, and its commits by ref."""
    name = f"commits-{next(_numbers)}"
    commits = git.add_repository(name, *REFS)
    return f"https://127.0.0.1:{gateway.port}/git/{name}.git", commits


def component(url, ref=None):
    return {"build": {"repository": url, **({"ref": ref} if ref else {})}}


def test_every_build_gets_the_commit_that_its_ref_names(deployer, source):
    url, commits = source
    deployer.store({"web": component(url), "worker": component(url, "main"), "old": component(url, "v1")})
    with deployer.tool.cluster.paused_builder():
        response = deployer.deploy()
        identifier = response.data["deploy-id"]
        wanted = {"web": "refs/heads/main", "worker": "refs/heads/main", "old": "refs/tags/v1"}
        assert {name: build["commit"] for name, build in response.data["builds"].items()} == {
            name: commits[ref] for name, ref in wanted.items()
        }
        assert response.warnings == []
        runs = deployer.runs(identifier)
        for name, written in (("web", "HEAD"), ("worker", "main"), ("old", "v1")):
            assert runs[name]["SOURCE_REFERENCE"] == commits[wanted[name]]
            assert runs[name]["UNRESOLVED_SOURCE_REFERENCE"] == written
        spec = deployer.tool.cluster.deployment(deployer.tool.name, identifier)["spec"]["builds"]
        assert spec["worker"]["commit"] == commits["refs/heads/main"] and spec["worker"]["ref"] == "main"
        assert "ref" not in spec["web"]
    data = deployer.tool.follow(identifier)
    assert data["status"] == "finished"
    assert data["builds"]["old"]["commit"] == commits["refs/tags/v1"]


def test_what_does_not_exist_fails_alone_and_at_once(deployer, source):
    url, commits = source
    nowhere = url.replace(".git", "-not.git")
    deployer.store({"web": component(url, "main"), "ref": component(url, "nope"), "gone": component(nowhere, "main")})
    response = deployer.deploy()
    builds = response.data["builds"]
    assert (builds["ref"]["status"], builds["ref"]["reason"]) == ("error", "RefNotFound")
    assert "no branch or tag nope" in builds["ref"]["message"]
    assert (builds["gone"]["status"], builds["gone"]["reason"]) == ("error", "RepositoryNotFound")
    assert builds["web"]["commit"] == commits["refs/heads/main"]
    assert set(deployer.runs(response.data["deploy-id"])) == {"web"}
    data = deployer.tool.follow(response.data["deploy-id"])
    assert data["builds"]["web"]["status"] == "finished"
    assert (data["status"], data["reason"]) == ("error", "RepositoryNotFound")
    spec = deployer.tool.cluster.deployment(deployer.tool.name, data["deploy-id"])["spec"]["builds"]
    assert spec["ref"]["failure"]["reason"] == "RefNotFound"
    # No PipelineRun takes the names when the record goes, either.
    deployer.tool.api.request("DELETE", f"{deployer.tool.deploy_path}/{data['deploy-id']}")
    names = {builds[name]["build-id"] for name in ("ref", "gone")}
    assert not names & {run["metadata"]["name"] for run in deployer.tool.cluster.builds(deployer.tool.name)}


def test_what_cannot_be_found_out_is_left_to_the_builder(start, source):
    url, _ = source
    deployer = start(GIT_ALLOWED_NETWORKS="")
    closed = f"https://127.0.0.1:{free_port()}/r.git"
    deployer.store({"web": component(url, "main"), "more": component(url, "main"), "git": component("git://127.0.0.1/r", "v1")})
    with deployer.tool.cluster.paused_builder():
        response = deployer.deploy()
        assert all("commit" not in build and build["status"] == "pending" for build in response.data["builds"].values())
        assert deployer.runs(response.data["deploy-id"])["web"]["SOURCE_REFERENCE"] == "main"
    git, inside = sorted(response.warnings)
    assert "git://127.0.0.1/r" in git and "takes v1 as it is when it starts" in git
    assert "not on the public internet" in inside and "more, web" in inside
    open_deployer = start()
    open_deployer.store({"web": component(closed, "main")})
    (warning,) = open_deployer.deploy().warnings
    assert "cannot be reached" in warning


class SilentHost:
    """A git server by HTTPS with one branch that never closes a connection, nor answers when a client does."""

    commit = "1234567890" * 4

    def __init__(self, certificate, key):
        self.released = threading.Event()
        host = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                self.answer("advertisement", "# service=git-upload-pack\n", None, "version 2\n", "ls-refs\n", None)

            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                self.answer("result", f"{host.commit} refs/heads/main\n", None)
                host.released.wait(60)
                self.close_connection = True

            def answer(self, name, *lines):
                body = "".join("0000" if line is None else f"{len(line) + 4:04x}{line}" for line in lines).encode()
                self.send_response(200)
                self.send_header("Content-Type", f"application/x-git-upload-pack-{name}")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"https://127.0.0.1:{self.server.server_address[1]}/r.git"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def silent(authority):
    server = authority.server("127.0.0.1")
    host = SilentHost(server.certificate, server.key)
    yield host
    host.stop()


def test_a_host_that_never_closes_has_answered(deployer, silent):
    deployer.store({"web": component(silent.url, "main")})
    response = deployer.deploy()
    assert (response.warnings, response.data["builds"]["web"]["commit"]) == ([], silent.commit)


def test_refs_in_place_of_those_of_the_config(deployer, source):
    url, commits = source
    deployer.store({"web": component(url, "main"), "api": component(url, "main"), "job": {"build": {"reuse_from": "web"}}})
    one = deployer.deploy({"refs": {"web": "next"}}).data["builds"]
    assert (one["web"]["commit"], one["web"]["ref"]) == (commits["refs/heads/next"], "next")
    assert one["api"]["commit"] == commits["refs/heads/main"]
    both = deployer.deploy({"ref": commits["refs/tags/v1"]}).data["builds"]
    assert {build["commit"] for build in both.values()} == {commits["refs/tags/v1"]}
    for body, words in (
        ({"refs": {"wbe": "next"}}, "did you mean web?"),
        ({"refs": {"job": "next"}}, "reuses the build"),
        ({"refs": {"web": "a..b"}}, "must not hold '..'"),
        ({"ref": "next", "refs": {"web": "next"}}, "give only one"),
        ({"from": "nothing"}, "has no deployment of that id"),
    ):
        response = deployer.post("deploy", body)
        assert response.status == 422, response
        assert words in response.error
    deployer.store({"web": component(url), "api": component(f"{url}/")})
    response = deployer.post("deploy", {"ref": "next"})
    assert response.status == 422 and "2 (" in response.error


def test_an_earlier_deployment_again(deployer, source):
    url, commits = source
    deployer.store({"web": component(url, "main")})
    first = deployer.deploy({"refs": {"web": "next"}}).data
    deployer.store({"other": component(url, "main")})
    again = deployer.deploy({"from": first["deploy-id"]})
    assert set(again.data["builds"]) == {"web"}
    assert again.data["builds"]["web"]["commit"] == commits["refs/heads/next"]
    assert again.warnings == []
    stored = [deployer.tool.cluster.deployment(deployer.tool.name, data["deploy-id"])["spec"] for data in (first, again.data)]
    assert stored[0]["config"] == stored[1]["config"]
    assert stored[1]["options"] == {"from": first["deploy-id"]}


def test_a_dry_run_changes_nothing(deployer, source):
    url, commits = source
    tool = deployer.tool
    deployer.store({"web": component(url, "main"), "job": {"build": {"reuse_from": "web"}}, "bad": component(url, "nope")})
    first = deployer.deploy().data
    tool.follow(first["deploy-id"])
    with tool.cluster.recording() as journal:
        response = deployer.post("deploy?dry-run=true", {"refs": {"web": "next"}})
        checked = deployer.post("config?dry-run=true", {"components": {"web": component(url, "main")}, "more": 1})
    assert {entry.split("/")[0] for entry in journal.summary()} <= {"get", "list"}, journal.summary()
    assert response.status == 200 and "Location" not in response.headers
    components = response.data["components"]
    assert components["web"]["action"] == "build"
    assert components["web"]["commit"] == commits["refs/heads/next"]
    assert components["web"]["was"] == {
        "build": first["builds"]["web"]["build-id"],
        "commit": commits["refs/heads/main"],
    }
    assert components["job"]["action"] == "reuse" and components["job"]["reuse-from"] == "web"
    assert (components["bad"]["action"], components["bad"]["reason"]) == ("fail", "RefNotFound")
    assert response.data["overlaps-with"] == [] and response.data["would-remove"] == []
    assert "nothing is stored or started" in response.info[0]
    assert checked.status == 200 and "ETag" not in checked.headers
    assert "nothing is stored" in checked.info[0]
    assert checked.warnings
    assert deployer.post("config?dry-run=true", {"components": {}}).status == 422


def test_a_dry_run_tells_what_overlaps_and_what_goes(start, source):
    url, _ = source
    deployer = start(MAX_DEPLOYMENTS_RETAINED=1)
    deployer.store({"web": component(url, "main")})
    with deployer.tool.cluster.paused_builder():
        first = deployer.deploy().data["deploy-id"]
        response = deployer.post("deploy?dry-run=true", {"overlap": "reject"})
    assert response.data["overlaps-with"] == response.data["would-remove"] == [first]
    assert any("would not be started" in warning for warning in response.warnings)


def test_a_repeat_with_another_ref_is_another_request(deployer, source):
    url, _ = source
    deployer.store({"web": component(url, "main")})
    tool = deployer.tool
    headers = {"Idempotency-Key": "one"}
    first = tool.api.post(tool.deploy_path, {"refs": {"web": "next"}}, headers=headers)
    assert first.status == 201
    assert tool.api.post(tool.deploy_path, {"refs": {"web": "next"}}, headers=headers).status == 200
    assert tool.api.post(tool.deploy_path, {"refs": {"web": "main"}}, headers=headers).status == 409
    assert tool.api.post(tool.deploy_path, headers=headers).status == 409
