"""A tool whose requests meet faults, and the responses that it got."""

from urllib.parse import quote

from stack.cluster import OURS
from stack.processes import wait_until
from stack.rights import ACCOUNT

from .invariants import check, report

# The statuses that a client may get, whatever the cluster does.
ALLOWED = {
    "deploy": {201, 409, 422, 502, 503, 504},
    "look": {200, 404, 409, 422, 502, 503, 504},
    "config": {200, 409, 422, 502, 503, 504},
    "cancel": {200, 404, 409, 502, 503, 504},
    "remove": {200, 404, 409, 502, 503, 504},
}


class Subject:
    """A tool with a config of that many components."""

    def __init__(self, cluster, name, components, retained=10):
        self.cluster, self.name, self.retained = cluster, name, retained
        self.base = f"/api/v1/tool/{name}"
        self.config = {
            "components": {
                f"c{number}": {"build": {"repository": f"https://example.org/{number}.git"}}
                for number in range(components)
            }
        }
        cluster.create_namespace(f"tool-{name}")
        # Every response, in the order in which they arrived.
        self.responses = []
        self.statuses = []

    def store_config(self):
        """Stored in the cluster directly."""
        self.cluster.request(
            "POST",
            f"{OURS}/namespaces/tool-{self.name}/toolconfigs",
            {
                "apiVersion": "deploy.toolforge.org/v1",
                "kind": "ToolConfig",
                "metadata": {"name": f"{self.name}-config"},
                "spec": self.config,
            },
        )

    def where(self, call, **more):
        """A fault's place: this call of this tool. `call`: (verb, resource, subresource)."""
        verb, resource, subresource = call
        place = {"verb": verb, "resource": resource, "subresource": subresource, **more}
        if resource == "pipelineruns":
            return {**place, "name": f"{self.name}-buildpacks-pipelinerun-*"}
        return {**place, "namespace": f"tool-{self.name}"}

    # ---- requests ---------------------------------------------------------------------------------------------------

    def _note(self, kind, response):
        if response is None:
            self.statuses.append(None)
            return None
        response.check()
        assert response.status in ALLOWED[kind], response
        self.responses.append(response)
        self.statuses.append(response.status)
        return response

    def deploy(self, replica, body=None):
        return self._note("deploy", replica.ask("POST", f"{self.base}/deploy", self.name, body))

    def look(self, replica, identifier):
        return self._note("look", replica.ask("GET", f"{self.base}/deploy/{quote(identifier)}", self.name))

    def cancel(self, replica, identifier):
        return self._note("cancel", replica.ask("PUT", f"{self.base}/deploy/{quote(identifier)}/cancel", self.name))

    def remove(self, replica, identifier):
        return self._note("remove", replica.ask("DELETE", f"{self.base}/deploy/{quote(identifier)}", self.name))

    def post_config(self, replica, config):
        response = replica.ask("POST", f"{self.base}/config", self.name, config)
        if response is not None:
            response.check()
            assert response.status in ALLOWED["config"], response
        return response

    def get_config(self, replica):
        response = replica.ask("GET", f"{self.base}/config", self.name)
        return response.check() or response if response else None

    # ---- state ------------------------------------------------------------------------------------------------------

    def records(self):
        return [record["metadata"]["name"] for record in self.cluster.deployments(self.name)]

    def recover(self, replica):
        """What a client does that got no response: it reads, or sends the request again."""
        identifiers = self.records()
        for identifier in identifiers:
            response = patiently(lambda identifier=identifier: self.look(replica, identifier))
            assert response is None or response.status in (200, 404), response
        if not identifiers:
            response = patiently(lambda: self.deploy(replica))
            assert response is None or response.status == 201, response

    def finish(self, replica, seconds=30):
        """Lets every build end, and reads every deployment until it has ended."""

        def ended():
            for build in self.cluster.builds(self.name):
                self.cluster.end_build(build)
            responses = [self.look(replica, identifier) for identifier in self.records()]
            return all(
                response.status == 200 and response.data["status"] in ("finished", "error") for response in responses
            )

        wait_until(ended, f"the end of {self.name}'s deployments", seconds)

    # ---- checks -----------------------------------------------------------------------------------------------------

    def violations(self, journal, settled=True):
        return check(journal, self.name, self.retained, ACCOUNT, self.responses, settled)

    def verify(self, journal, seed=None, script=(), settled=True):
        violations = self.violations(journal, settled)
        assert not violations, report(violations, journal, self.name, seed, script)


def patiently(ask):
    """The response. Sent again if it missed the test's deadline only because the machine was busy."""
    for _ in range(5):
        response = ask()
        if response is None or response.status != 504:
            break
    return response
