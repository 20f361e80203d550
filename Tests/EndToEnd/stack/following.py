"""A service that drives deployments whose builds end when a test says so, and those who wait for them."""

import http.client
import json
import subprocess
import threading

from . import fastcgi
from .cluster import Cluster
from .processes import wait_until
from .service import Service
from .tool import Tool

WAITING = "components_api_http_requests_waiting"


class FollowedWorld:
    """A cluster whose builds end when the test says so, with a service that drives deployments, behind nginx."""

    def __init__(self, home, another_gateway, authority, **settings):
        self.cluster = Cluster(home, builds=False)
        for name in ("components-api", "tool-follower"):
            self.cluster.create_namespace(name)
        self.service = Service(home, self.cluster.kubeconfig, ENGINE="on", CLUSTER_DEADLINE_SECONDS="5", **settings)
        self.certificate = authority.tool("follower")
        api = another_gateway(self.service.socket)
        api.certificate = self.certificate
        self.tool = Tool("follower", api, self.cluster, "https://example.org/web")
        self.api = api
        wait_until(self.is_live, "a live watch and the lead", 20)

    def is_live(self):
        response = self.api.get("/readyz")
        return response.status == 200 and not response.warnings

    def stop(self):
        self.service.stop()
        self.cluster.stop()

    def deploy(self, *components):
        """The path of a new deployment of which every build is there."""
        self.tool.store(self.tool.config(*components))
        return f"{self.tool.deploy_path}/{self.tool.deploy()['deploy-id']}"

    def end_builds(self, succeeds=True, count=None):
        running = [build for build in self.cluster.builds("follower") if not ended(build)]
        for build in running[:count]:
            self.cluster.end_build(build, succeeds)

    def later(self, call, *arguments):
        """Makes a call in a thread; the result is a list that it is put into."""
        results = []
        thread = threading.Thread(target=lambda: results.append(call(*arguments)))
        thread.start()
        return thread, results

    def follow(self, path, accept="text/event-stream", **headers):
        """The lines of a stream, as they come."""
        return follow(self.api, path, accept, **headers)

    def curl(self, path, *arguments):
        """curl as a CI job calls it."""
        tls = ["--cacert", self.api.ca, "--cert", self.certificate.certificate, "--key", self.certificate.key]
        command = ["curl", "-sS", *map(str, tls), *arguments, self.api.url + path]
        return subprocess.run(command, capture_output=True, text=True, timeout=120)


def follow(api, path, accept="text/event-stream", **headers):
    """The lines of the events of a deployment, as they come."""
    connection = http.client.HTTPSConnection("127.0.0.1", api.port, context=api.context(), timeout=30)
    connection.request("GET", f"{path}/events", headers={"Accept": accept, **headers})
    response = connection.getresponse()
    assert response.status == 200, (response.status, response.read())
    assert response.headers["Content-Type"] == f"{accept}; charset=utf-8"
    return (line.decode().rstrip("\n") for line in iter(response.readline, b""))


def ended(build):
    conditions = (build.get("status") or {}).get("conditions") or [{}]
    return conditions[0].get("status") in ("True", "False")


def events(lines):
    """The events of a stream: (id, name, data)."""
    fields = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif "event" in fields:
            yield fields.get("id"), fields["event"], json.loads(fields["data"])
            fields = {}


def waits(world):
    """How many requests wait or are streamed now."""
    _, _, text = fastcgi.request(world.service.listen, "GET", "/metrics")
    (line,) = [line for line in text.decode().splitlines() if line.startswith(f"{WAITING} ")]
    return int(float(line.split()[1]))


def looks(world):
    """The calls that read one deployment."""
    return [entry for entry in world.cluster.journal() if (entry["verb"], entry["resource"]) == ("get", "tooldeployments")]
