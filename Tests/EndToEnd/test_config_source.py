"""A config that names where another one is: `source_url`, `source: {url}`; each deployment fetches that one anew."""

import hashlib
import http.server
import json
import threading

import pytest

SECRET = "a-word-that-is-in-the-file-alone"


class Host:
    """A web server with one file, which counts who asks."""

    def __init__(self):
        self.files, self.asked = {}, []
        host = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                host.asked.append(self.path)
                status, headers, body = host.files.get(self.path, (404, {}, b""))
                self.send_response(status)
                for name, value in {"Content-Type": "text/plain", **headers, "Content-Length": len(body)}.items():
                    self.send_header(name, str(value))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def put(self, path, text, status=200, **headers):
        self.files[path] = (status, headers, text.encode())
        return self.url + path

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def host():
    host = Host()
    yield host
    host.stop()


class Deployer:
    """A tool at a replica that may call this machine."""

    def __init__(self, replica, tool):
        self.replica, self.tool = replica, tool

    def ask(self, method, path, body=None):
        return self.replica.ask(method, f"/api/v1/tool/{self.tool.name}/{path}", self.tool.name, body)

    def ask_field(self, method, path, body=None):
        return self.replica.ask(method, f"/v1/tool/{self.tool.name}/{path}", self.tool.name, body)


@pytest.fixture
def deployer(replicas, tool):
    return Deployer(replicas(GIT_ALLOWED_NETWORKS="127.0.0.0/8", LOG_LEVEL="trace"), tool)


def text_of(tool, *names):
    return json.dumps({**tool.config(*names), "note": SECRET})


def test_each_deployment_fetches_deploys_and_records(deployer, host):
    tool = deployer.tool
    url = host.put("/toolforge.yaml", text_of(tool, "web"))
    config = {"config_version": "v1beta1", "source_url": url}
    stored = deployer.ask_field("POST", "config", config)
    assert (stored.status, stored.data) == (200, config), stored
    assert host.asked == ["/toolforge.yaml"]
    first = deployer.ask_field("POST", "deployment")
    assert first.status == 200, first
    assert set(first.data["builds"]) == {"web"}
    source = first.data["config_source"]
    assert source["url"] == url
    assert source["sha256"] == hashlib.sha256(host.files["/toolforge.yaml"][2]).hexdigest()
    assert first.data["tool_config"]["note"] == SECRET
    tool.follow(first.data["deploy_id"])
    host.put("/toolforge.yaml", "components:\n  other: {build: {repository: '%s', ref: main}}\n" % tool.repository)
    second = deployer.ask("POST", "deploy")
    assert second.status == 201 and set(second.data["builds"]) == {"other"}
    assert second.data["config-source"]["url"] == url
    assert tool.follow(second.data["deploy-id"])["status"] == "finished"
    spec = tool.cluster.deployment(tool.name, second.data["deploy-id"])["spec"]
    assert spec["config"] == {"components": {"other": tool.component()}}
    assert spec["configSource"]["sha256"] == second.data["config-source"]["sha256"]
    assert deployer.ask("GET", "config").data == config
    assert host.asked == ["/toolforge.yaml"] * 3
    # What was fetched is in no log.
    assert SECRET not in deployer.replica.service.log.read_text()


def test_a_failed_fetch_is_400_with_the_reason_and_nothing_is_deployed(deployer, host):
    tool = deployer.tool
    url = host.put("/c", text_of(tool, "web"))
    assert deployer.ask("POST", "config", {"source": {"url": url}}).status == 200
    pages = {
        "has no file at this URL": ("", 404, {}),
        "sends a page": ("<html>", 200, {"Content-Type": "text/html"}),
        "is longer than 262144 bytes": ("#" * (256 * 1024 + 1), 200, {}),
        "it cannot be read as YAML or JSON: line ": ("components: [", 200, {}),
        "redirects elsewhere": ("", 302, {"Location": "http://10.0.0.1/c"}),
    }
    for reason, (text, status, headers) in pages.items():
        host.put("/c", text, status, **headers)
        with tool.cluster.recording() as journal:
            responses = [deployer.ask("POST", path) for path in ("deploy", "deploy?dry-run=true")]
            responses += [deployer.ask("POST", "config", {"source_url": url})]
            field = [deployer.ask_field("POST", "deployment"), deployer.ask_field("POST", "config", {"source_url": url})]
        for response in responses + field:
            assert response.status == 400, response
            assert reason in response.error
        assert all(response.error.startswith(f"Unable to retrive config from source url {url}: ") for response in field)
        assert journal.writes == []
    assert tool.records() == []
    assert deployer.ask("GET", "config").data == {"source": {"url": url}}


def test_mistakes_in_what_was_fetched_are_told_with_the_url(deployer, host):
    url = host.put("/c", "components: {Web: {build: {}}}")
    response = deployer.ask("POST", "config", {"source_url": url})
    assert response.status == 422
    assert len(response.errors) == 2
    assert all(error.startswith(f"The config at {url} is not valid, correct it there: ") for error in response.errors)
    field = deployer.ask_field("POST", "config", {"source_url": url})
    assert field.status == 422
    assert field.error.startswith(f"2 mistakes in the config at {url}, so nothing is done:\n- ")
    later = deployer.ask_field("POST", "config", {"source": {"repository": "https://example.org/r", "path": "c"}})
    assert later.status == 422
    assert "a config cannot be taken from a repository yet: give source.url" in later.error


def test_a_dry_run_fetches_and_shows(deployer, host):
    tool = deployer.tool
    url = host.put("/c", text_of(tool, "web"))
    assert deployer.ask("POST", "config?dry-run=true", {"source_url": url}).status == 200
    assert deployer.ask("POST", "config", {"source_url": url}).status == 200
    response = deployer.ask("POST", "deploy?dry-run=true")
    assert response.status == 200, response
    assert set(response.data["components"]) == {"web"}
    assert response.data["config"] == json.loads(host.files["/c"][2])
    assert response.data["config-source"]["url"] == url
    assert tool.records() == []


def test_this_machine_is_not_called_without_the_setting(tool, host):
    url = host.put("/c", text_of(tool, "web"))
    for source in (url, url.replace("127.0.0.1", "localhost"), url.replace("127.0.0.1", "[::ffff:127.0.0.1]")):
        response = tool.api.post(tool.config_path, {"source_url": source})
        assert response.status == 400
        assert "is not on the public internet, so it is not called" in response.error
    assert host.asked == []
