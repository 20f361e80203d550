"""The fake cluster, and a client of its Kubernetes API that shares no code with the service."""

import base64
import contextlib
import datetime
import http.client
import json
import ssl
import threading
import urllib.parse
from pathlib import Path

import yaml

from .processes import PRODUCTS, ROOT, Process, wait_until

OURS = "/apis/deploy.toolforge.org/v1"
TEKTON = "/apis/tekton.dev/v1"
BUILDS = "image-build"


class ClusterError(Exception):
    """A response of 400 or more."""

    def __init__(self, status, body):
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


class Journal:
    """The calls that reached the cluster while it was recorded."""

    def __init__(self, entries):
        self.entries = entries

    def __iter__(self):
        return iter(self.entries)

    def of(self, *verbs, resource=None, subresource=...):
        return [
            entry
            for entry in self.entries
            if (not verbs or entry["verb"] in verbs)
            and (resource is None or entry["resource"] == resource)
            and (subresource is ... or entry["subresource"] == subresource)
        ]

    @property
    def writes(self):
        """What changes something; a question about rights is a creation, too."""
        calls = self.of("create", "update", "patch", "delete", "deletecollection")
        return [entry for entry in calls if entry["resource"] != "selfsubjectaccessreviews"]

    def summary(self):
        return [
            "/".join(filter(None, [e["verb"], e["resource"], e["subresource"], str(e["status"])])) for e in self.entries
        ]


class Cluster:
    """One fake-kubernetes process."""

    def __init__(self, directory, git_ca=None, crds=ROOT / "chart/crds", build_milliseconds=200, builds=True):
        """`builds`: whether PipelineRuns are played."""
        directory = Path(directory)
        self.kubeconfig = directory / "kubeconfig"
        more = ["--git-ca", git_ca] if git_ca else []
        if not builds:
            more.append("--no-builder")
        self.process = Process(
            [PRODUCTS / "fake-kubernetes", "--port", "0", "--crds", crds, "--tls-directory", directory / "cluster-tls"]
            + ["--kubeconfig", self.kubeconfig, "--build-duration-milliseconds", build_milliseconds, *more],
            directory / "cluster.log",
        )
        wait_until(lambda: self.process.check() or self.kubeconfig.exists(), "the cluster's kubeconfig", 30)
        document = yaml.safe_load(self.kubeconfig.read_text())
        server = urllib.parse.urlsplit(document["clusters"][0]["cluster"]["server"])
        self.host, self.port = server.hostname, server.port
        self.ca = ca = base64.b64decode(document["clusters"][0]["cluster"]["certificate-authority-data"]).decode()
        self.token = document["users"][0]["user"]["token"]
        self.context = ssl.create_default_context(cadata=ca)
        self._kept = threading.local()
        # For clients that read files: the CA, and the client's certificate with its key.
        self.authority, self.pem = directory / "cluster-tls" / "ca.crt", None

    def stop(self):
        self.process.stop()

    @property
    def credentials(self):
        """The header of every request."""
        return {"Authorization": f"Bearer {self.token}"}

    # ---- Kubernetes -------------------------------------------------------------------------------------------------

    def request(self, method, path, body=None, content_type="application/json"):
        """One request, on a connection that each thread keeps."""
        headers = {**self.credentials, "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = content_type
            body = json.dumps(body).encode()
        try:
            status, text = self._exchange(method, path, body, headers)
        except (http.client.HTTPException, OSError):
            # A test may have cut it.
            self._kept.connection = None
            status, text = self._exchange(method, path, body, headers)
        document = json.loads(text) if text else None
        if status >= 400:
            raise ClusterError(status, document)
        return document

    def _exchange(self, method, path, body, headers):
        if getattr(self._kept, "connection", None) is None:
            self._kept.connection = http.client.HTTPSConnection(
                self.host, self.port, context=self.context, timeout=30
            )
        self._kept.connection.request(method, path, body, headers)
        response = self._kept.connection.getresponse()
        return response.status, response.read()

    def get(self, path):
        """An object, or None."""
        try:
            return self.request("GET", path)
        except ClusterError as error:
            if error.status == 404:
                return None
            raise

    def create_namespace(self, name):
        self.request(
            "POST", "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        )

    def create_quota(self, namespace, deployments):
        self.request(
            "POST",
            f"/api/v1/namespaces/{namespace}/resourcequotas",
            {
                "apiVersion": "v1",
                "kind": "ResourceQuota",
                "metadata": {"name": "deployments"},
                "spec": {"hard": {"count/tooldeployments.deploy.toolforge.org": str(deployments)}},
            },
        )

    def config(self, tool):
        return self.get(f"{OURS}/namespaces/tool-{tool}/toolconfigs/{tool}-config")

    def delete_config(self, tool):
        """Deletes it, if it exists."""
        try:
            self.request("DELETE", f"{OURS}/namespaces/tool-{tool}/toolconfigs/{tool}-config")
        except ClusterError as error:
            if error.status != 404:
                raise

    def deployment(self, tool, identifier):
        return self.get(f"{OURS}/namespaces/tool-{tool}/tooldeployments/{identifier}")

    def deployments(self, tool):
        """Sorted by age, the oldest first."""
        items = self.request("GET", f"{OURS}/namespaces/tool-{tool}/tooldeployments")["items"]

        def age(item):
            return item["spec"].get("requestedAt") or item["metadata"]["creationTimestamp"], item["metadata"]["name"]

        return sorted(items, key=age)

    def build(self, name):
        return self.get(f"{TEKTON}/namespaces/{BUILDS}/pipelineruns/{name}")

    def builds(self, tool):
        query = urllib.parse.urlencode({"labelSelector": f"user={tool}"})
        return self.request("GET", f"{TEKTON}/namespaces/{BUILDS}/pipelineruns?{query}")["items"]

    def build_log(self, name, step):
        """The log of a build's step, from the pod of its TaskRun."""
        task_run = self.build(name)["status"]["childReferences"][0]["name"]
        pod = self.get(f"{TEKTON}/namespaces/{BUILDS}/taskruns/{task_run}")["status"]["podName"]
        path = f"/api/v1/namespaces/{BUILDS}/pods/{pod}/log?container=step-{step}"
        status, text = self._exchange("GET", path, None, self.credentials)
        assert status == 200, text
        return text.decode()

    def end_build(self, build, succeeds=True):
        """Ends a run as Tekton would, if it has not ended: one that was told to end is cancelled. For runs that no builder plays."""
        conditions = (build.get("status") or {}).get("conditions") or [{}]
        if conditions[0].get("status") in ("True", "False"):
            return
        time = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        condition = {"type": "Succeeded", "status": "True", "reason": "Succeeded", "message": "All done"}
        condition["lastTransitionTime"] = time
        if (build["spec"].get("status") or "").startswith("Cancelled"):
            condition |= {"status": "False", "reason": "Cancelled", "message": "the PipelineRun was cancelled"}
        elif not succeeds:
            condition |= {"status": "False", "reason": "Failed", "message": "a step failed"}
        path = f"{TEKTON}/namespaces/{BUILDS}/pipelineruns/{build['metadata']['name']}/status"
        body = {"metadata": {"resourceVersion": build["metadata"]["resourceVersion"]}, "status": {"conditions": [condition]}}
        try:
            self.request("PATCH", path, body, "application/merge-patch+json")
        except ClusterError as error:
            if error.status not in (404, 409):
                raise

    def delete_build(self, name):
        self.request("DELETE", f"{TEKTON}/namespaces/{BUILDS}/pipelineruns/{name}")

    # ---- controls of the fake cluster --------------------------------------------------------------------------------

    @contextlib.contextmanager
    def faults(self, *rules):
        """Applies the rules inside the block. Yields a function that returns how often each fired."""
        self.request("PUT", "/_fake/faults", {"rules": list(rules)})
        try:
            yield lambda: [rule["fired"] for rule in self.request("GET", "/_fake/faults")["rules"]]
        finally:
            self.request("DELETE", "/_fake/faults")

    @contextlib.contextmanager
    def faults_for(self, identity, *rules):
        """Applies the rules inside the block, in addition to those of others."""
        self.request("POST", "/_fake/faults", {"rules": [{"id": identity, **rule} for rule in rules]})
        try:
            yield
        finally:
            self.request("DELETE", "/_fake/faults", {"id": identity})

    def journal(self):
        """Everything since the journal was last cleared."""
        entries = []
        while page := self.request("GET", f"/_fake/journal?from={len(entries)}")["entries"]:
            entries += page
        return entries

    @contextlib.contextmanager
    def read_cost(self, latency_microseconds, reads_per_second):
        """Inside the block reads take at least this long, and only this many a second are answered."""
        cost = {"latencyMicroseconds": latency_microseconds, "readsPerSecond": reads_per_second}
        self.request("PUT", "/_fake/read-cost", cost)
        try:
            yield
        finally:
            self.request("DELETE", "/_fake/read-cost")

    @contextlib.contextmanager
    def recording(self, events=False):
        """Yields a journal that is filled when the block ends.

        Nothing waits for the events of deployments, so they may arrive at any time, also those of an earlier test. They are
        left out unless `events` is true (test_events.py counts them).
        """
        journal = Journal([])
        self.request("DELETE", "/_fake/journal")
        yield journal
        entries = self.journal()
        journal.entries = [
            entry for entry in entries if events or (entry["verb"], entry["resource"]) != ("create", "events")
        ]

    @contextlib.contextmanager
    def paused_builder(self):
        """No build proceeds inside the block."""
        self.request("PUT", "/_fake/builder", {"paused": True})
        try:
            yield
        finally:
            self.resume_builder()

    @contextlib.contextmanager
    def build_plans(self, *plans):
        """Decides how some builds go: see BuildPlan of the fake cluster."""
        self.request("PUT", "/_fake/builder", {"plans": list(plans)})
        try:
            yield
        finally:
            self.request("PUT", "/_fake/builder", {"plans": []})

    def resume_builder(self):
        self.request("PUT", "/_fake/builder", {"paused": False})


def fault(action, **where):
    """A rule for `Cluster.faults`, by default for one request."""
    return {"times": 1, **where, "action": action}


def refusal(status, reason, message="made by a test", **more):
    """The action of a fault: this error instead of the call."""
    return {"status": status, "reason": reason, "message": message, **more}
