"""A cluster that exists already, by its kubeconfig. Nothing is stored in it but one tool's config, which is deleted at
the end."""

import base64
import contextlib
import http.client
import os
import ssl
import threading
import urllib.parse
from pathlib import Path

import yaml

from .cluster import OURS, Cluster, ClusterError

# What ci/bench --help says.
RIGHTS = "get of namespaces; get, create, patch and delete of toolconfigs"


class Refusal(Exception):
    """Why this cluster cannot be measured; a sentence for the person who asked for it."""


class RealCluster(Cluster):
    """What a real cluster can do of a `Cluster`. `directory`: for credentials as files."""

    def __init__(self, kubeconfig, directory):
        self.kubeconfig = Path(kubeconfig).resolve()
        try:
            document = yaml.safe_load(self.kubeconfig.read_text())
            context = entry(document, "context", document["current-context"])
            cluster, user = entry(document, "cluster", context["cluster"]), entry(document, "user", context["user"])
            server = urllib.parse.urlsplit(cluster["server"])
            self.host, self.port = server.hostname, server.port or 443
        except (OSError, yaml.YAMLError, KeyError, TypeError, StopIteration) as error:
            raise Refusal(f"{kubeconfig} is no kubeconfig with a current context: {error!r}") from error
        if server.scheme != "https" or server.path.strip("/"):
            raise Refusal(f"{cluster['server']} is measured only as https://HOST:PORT, without a path.")
        self.authority = self._file(cluster, "certificate-authority", directory)
        if not self.authority:
            raise Refusal(f"{kubeconfig} names no certificate authority, and nothing here goes without one.")
        self.token = user.get("token")
        if token_file := user.get("tokenFile"):
            self.token = self._relative(token_file).read_text().strip()
        certificate, key = (self._file(user, name, directory) for name in ("client-certificate", "client-key"))
        self.pem = None
        if certificate and key:
            self.pem = directory / "cluster-client.pem"
            write(self.pem, certificate.read_bytes() + b"\n" + key.read_bytes())
        if not (self.token or self.pem):
            raise Refusal(f"the user of {kubeconfig} has neither a token nor a client certificate.")
        self.context = ssl.create_default_context(cafile=str(self.authority))
        self._kept = threading.local()
        if self.pem:
            self.context.load_cert_chain(self.pem)

    def _relative(self, name):
        return self.kubeconfig.parent / name

    def _file(self, values, name, directory):
        """The file that the kubeconfig names, or one with the text that it contains; None if it has neither."""
        if text := values.get(f"{name}-data"):
            file = directory / f"cluster-{name}"
            write(file, base64.b64decode(text))
            return file
        return self._relative(values[name]) if values.get(name) else None

    @property
    def credentials(self):
        return super().credentials if self.token else {}

    @contextlib.contextmanager
    def borrowed(self, tool):
        """Inside the block the tool's config may be written; there was none before, and there is none after.

        Refuses, before anything is stored, a cluster in which that cannot be done."""
        namespace = f"tool-{tool}"
        try:
            if self.get(f"/api/v1/namespaces/{namespace}") is None:
                raise Refusal(
                    f"there is no namespace {namespace} at {self.host}:{self.port}: make it, or name a tool that has "
                    "one with --tool. Nothing is stored anywhere else."
                )
            if self.config(tool):
                raise Refusal(f"the tool {tool} has a config, which this would overwrite: name another with --tool.")
            self._check_rights(tool)
        except ClusterError as error:
            raise Refusal(self._words(error, tool)) from error
        except (OSError, http.client.HTTPException) as error:
            raise Refusal(f"{self.host}:{self.port} does not answer: {error}") from error
        except ValueError as error:
            raise Refusal(f"{self.host}:{self.port} does not answer as a Kubernetes API server: {error}") from error
        try:
            yield
        finally:
            try:
                self.delete_config(tool)
            except (ClusterError, OSError, http.client.HTTPException) as error:
                raise Refusal(
                    f"the config {tool}-config, which this stored in {namespace}, could not be deleted: {error}. "
                    f"Delete it: kubectl -n {namespace} delete toolconfigs.{OURS.split('/')[2]} {tool}-config"
                ) from error

    def _check_rights(self, tool):
        """Sends what will be sent later as dry runs, which store nothing."""
        path = f"{OURS}/namespaces/tool-{tool}/toolconfigs"
        config = {
            "apiVersion": OURS.removeprefix("/apis/"),
            "kind": "ToolConfig",
            "metadata": {"name": f"{tool}-config"},
            "spec": {"components": {"a": {"build": {"repository": "https://example.org/a.git"}}}},
        }
        self.request("POST", f"{path}?dryRun=All", config)
        for method, body in (("PATCH", {"metadata": {"labels": {}}}), ("DELETE", {"dryRun": ["All"]})):
            try:
                kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
                self.request(method, f"{path}/{tool}-config?dryRun=All", body, kind)
            except ClusterError as error:
                # Nothing is stored yet. The server checks rights before it looks for the object.
                if error.status != 404:
                    raise

    def _words(self, error, tool):
        message = error.body.get("message", error.body) if isinstance(error.body, dict) else error.body
        advice = {
            401: "The credentials of the kubeconfig are not valid.",
            403: f"The account needs these rights in tool-{tool}: {RIGHTS}.",
            404: "Are the custom resources there? kubectl apply -f chart/crds",
        }.get(error.status, "")
        return f"{self.host}:{self.port} refuses ({error.status}): {message}. {advice}".rstrip()

    def stop(self):
        """Does nothing: this process did not start it."""


def entry(document, kind, name):
    """The entry of a kubeconfig with that name."""
    return next(each[kind] for each in document[f"{kind}s"] if each["name"] == name)


def write(file, content):
    """Writes a file that only this user can read from the first byte on."""
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as output:
        output.write(content)
