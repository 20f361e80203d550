"""What is measured: a cluster, and any number of services behind nginx, on ports of their own."""

import contextlib
import datetime
import itertools
import json
import shutil
import time

from measuring import KeptConnection, Target, Usage
from stack.api import API
from stack.certificates import Authority
from stack.cluster import BUILDS, OURS, TEKTON, Cluster
from stack.gateway import Gateway
from stack.processes import free_port, open_to_workers, runtime_directory
from stack.real_cluster import RealCluster
from stack.service import Service

# The log level of production; the tests' stack logs everything.
SETTINGS = {"LOG_LEVEL": "info"}


class Stage:
    """Exists for the `with` block; stops everything that it started, the last first.

    `kubeconfig` and `tool`: a real cluster instead of a fake one, and the tool for which a config is stored there."""

    def __init__(self, kubeconfig=None, tool=None):
        self.is_fake = kubeconfig is None
        self._kubeconfig, self._real_tool = kubeconfig, tool
        self._stack = contextlib.ExitStack()
        self._numbers = itertools.count(1)

    def __enter__(self):
        with contextlib.ExitStack() as starting:
            self.directory = runtime_directory()
            starting.callback(shutil.rmtree, self.directory)
            self.authority = Authority(self.directory / "certificates")
            self.server_certificate = self.authority.server()
            if self.is_fake:
                # No build proceeds: then the cluster works only for the service, and no git uses the processor.
                self.cluster = Cluster(self.directory, builds=False)
                starting.callback(self.cluster.stop)
            else:
                self.cluster = RealCluster(self._kubeconfig, self.directory)
                starting.enter_context(self.cluster.borrowed(self._real_tool))
            self._stack = starting.pop_all()
        return self

    def __exit__(self, *exception):
        return self._stack.__exit__(*exception)

    def make_directory(self):
        """A folder that nginx's workers may enter."""
        directory = self.directory / f"{next(self._numbers)}"
        directory.mkdir()
        open_to_workers(directory)
        return directory

    @contextlib.contextmanager
    def service(self, gateway_values=None, **settings):
        """A service behind an nginx of its own: yields a `Chain`."""
        directory = self.make_directory()
        service = Service(directory, self.cluster.kubeconfig, **SETTINGS, **settings)
        try:
            with self.gateway(service.socket, **(gateway_values or {})) as api:
                yield Chain(self, service, api)
        finally:
            service.stop()

    @contextlib.contextmanager
    def gateway(self, socket, **values):
        """An nginx in front of a socket: yields the API, without a certificate."""
        directory = self.make_directory() / "gateway"
        gateway = Gateway(directory, socket, self.server_certificate, self.authority.file, port=free_port(), **values)
        try:
            yield API(gateway.port, self.authority.file)
        finally:
            gateway.stop()

    def make_tool(self):
        """A tool with a namespace and without a config; always the same one in a real cluster."""
        if not self.is_fake:
            self.cluster.delete_config(self._real_tool)
            return BenchTool(self, self._real_tool)
        name = f"bench{next(self._numbers)}"
        self.cluster.create_namespace(f"tool-{name}")
        return BenchTool(self, name)

    def cluster_connection(self):
        """A connection to the cluster itself."""
        headers = {**self.cluster.credentials, "Accept": "application/json"}
        return KeptConnection(self.cluster.host, self.cluster.port, self.cluster.context, headers)

    @property
    def direct(self):
        """The cluster as the target of a load."""
        header = "\r\n".join(f"{name}: {value}" for name, value in self.cluster.credentials.items())
        return Target(self.cluster.host, self.cluster.port, self.cluster.authority, self.cluster.pem, header)

    def asked(self, tool):
        """The cluster as a target, and the path of the tool's config."""
        return self.direct, tool.object_path

    def target(self, api, tool=None):
        """An API as the target of a load by a tool."""
        return Target("127.0.0.1", api.port, self.authority.file, tool and tool.pem)

    def builds(self, tool):
        """Its PipelineRuns by name."""
        return {build["metadata"]["name"]: build for build in self.cluster.builds(tool.name)}

    def forget_journal(self):
        """The fake cluster records every request; its memory is not measured here."""
        if self.is_fake:
            self.cluster.request("DELETE", "/_fake/journal")


class Chain:
    """nginx and the service behind it."""

    def __init__(self, stage, service, api):
        self.stage, self.service, self.api = stage, service, api

    @property
    def usage(self):
        return Usage(self.service.pid)

    def target(self, tool=None):
        """It as the target of a load by a tool."""
        return self.stage.target(self.api, tool)

    def connection(self, tool=None):
        """A client with the tool's certificate, or with none."""
        return KeptConnection("127.0.0.1", self.api.port, self.api.context(tool and tool.certificate))


class BenchTool:
    # Where a tool's config is in the cluster.
    OBJECT_PATH = f"{OURS}/namespaces/tool-{{tool}}/toolconfigs/{{tool}}-config"

    def __init__(self, stage, name):
        self.name = name
        self.certificate = stage.authority.tool(name)
        # Certificate and key in one file, for load.c.
        self.pem = self.certificate.certificate.with_suffix(".pem")
        self.pem.write_bytes(self.certificate.certificate.read_bytes() + self.certificate.key.read_bytes())
        self.config_path = f"/api/v1/tool/{name}/config"
        self.field_config_path = f"/v1/tool/{name}/config"
        self.deploy_path = f"/api/v1/tool/{name}/deploy"
        self.object_path = self.OBJECT_PATH.format(tool=name)

    def store(self, connection, components):
        """Stores a config with that many components, each with a build."""
        build = {"repository": "https://localhost/git/demo.git", "ref": "main"}
        config = {"components": {f"component-{number}": {"build": build} for number in range(components)}}
        connection.call("POST", self.config_path, json.dumps(config), headers={"Content-Type": "application/json"})

    def deploy(self, connection):
        """Starts a deployment; returns the seconds and its id."""
        seconds, response = connection.call("POST", self.deploy_path, b"", 201)
        return seconds, json.loads(response)["data"]["deploy-id"]


def end_build(direct, build):
    """Lets a run succeed, as Tekton tells it; returns when."""
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    condition = {"type": "Succeeded", "status": "True", "reason": "Succeeded", "message": "Tasks Completed: 1"}
    condition["lastTransitionTime"] = now
    status = json.dumps({"status": {"conditions": [condition], "startTime": now, "completionTime": now}})
    path = f"{TEKTON}/namespaces/{BUILDS}/pipelineruns/{build}/status"
    direct.call("PATCH", path, status, headers={"Content-Type": "application/merge-patch+json"})
    return time.monotonic()
