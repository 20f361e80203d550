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
        self.answers = []
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

    def _note(self, kind, answer):
        if answer is None:
            self.statuses.append(None)
            return None
        answer.check()
        assert answer.status in ALLOWED[kind], answer
        self.answers.append(answer)
        self.statuses.append(answer.status)
        return answer

    def deploy(self, replica, body=None):
        return self._note("deploy", replica.ask("POST", f"{self.base}/deploy", self.name, body))

    def look(self, replica, identifier):
        return self._note("look", replica.ask("GET", f"{self.base}/deploy/{quote(identifier)}", self.name))

    def cancel(self, replica, identifier):
        return self._note("cancel", replica.ask("PUT", f"{self.base}/deploy/{quote(identifier)}/cancel", self.name))

    def remove(self, replica, identifier):
        return self._note("remove", replica.ask("DELETE", f"{self.base}/deploy/{quote(identifier)}", self.name))

    def post_config(self, replica, config):
        answer = replica.ask("POST", f"{self.base}/config", self.name, config)
        if answer is not None:
            answer.check()
            assert answer.status in ALLOWED["config"], answer
        return answer

    def get_config(self, replica):
        answer = replica.ask("GET", f"{self.base}/config", self.name)
        return answer.check() or answer if answer else None

    # ---- state ------------------------------------------------------------------------------------------------------

    def records(self):
        return [record["metadata"]["name"] for record in self.cluster.deployments(self.name)]

    def recover(self, replica):
        """What a client does that got no response: it reads, or sends the request again."""
        identifiers = self.records()
        for identifier in identifiers:
            answer = patiently(lambda identifier=identifier: self.look(replica, identifier))
            assert answer is None or answer.status in (200, 404), answer
        if not identifiers:
            answer = patiently(lambda: self.deploy(replica))
            assert answer is None or answer.status == 201, answer

    def finish(self, replica, seconds=30):
        """Lets every build end, and reads every deployment until it has ended."""

        def ended():
            for build in self.cluster.builds(self.name):
                self.cluster.end_build(build)
            answers = [self.look(replica, identifier) for identifier in self.records()]
            return all(
                answer.status == 200 and answer.data["status"] in ("finished", "error") for answer in answers
            )

        wait_until(ended, f"the end of {self.name}'s deployments", seconds)

    # ---- checks -----------------------------------------------------------------------------------------------------

    def violations(self, journal, settled=True):
        return check(journal, self.name, self.retained, ACCOUNT, self.answers, settled)

    def verify(self, journal, seed=None, script=(), settled=True):
        violations = self.violations(journal, settled)
        assert not violations, report(violations, journal, self.name, seed, script)


def patiently(ask):
    """The response. Sent again if it missed the test's deadline only because the machine was busy."""
    for _ in range(5):
        answer = ask()
        if answer is None or answer.status != 504:
            break
    return answer
