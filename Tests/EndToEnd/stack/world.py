"""A cluster of a test's own, and replicas of the service that drive deployments although nobody asks."""

from .cluster import Cluster
from .processes import wait_until
from .replica import Replica

LEASES = "/apis/coordination.k8s.io/v1/namespaces/components-api/leases"
CONFIG = {"components": {"web": {"build": {"repository": "https://example.org/web"}}}}


class World:
    """A cluster whose builds end when the test says so, with one tool, `lonely`."""

    def __init__(self, home, **more):
        """`more`: for the cluster."""
        self.home = home
        self.cluster = Cluster(home, builds=False, **more)
        for name in ("components-api", "tool-lonely"):
            self.cluster.create_namespace(name)
        self.replicas = []

    def stop(self):
        for replica in self.replicas:
            replica.stop()
        self.cluster.stop()

    def replica(self, kubeconfig=None, **settings):
        settings = {"ENGINE": "on", "LEASE_NAMESPACE": "components-api", "CLUSTER_DEADLINE_SECONDS": 5, **settings}
        self.replicas.append(Replica(self.home, kubeconfig or self.cluster.kubeconfig, **settings))
        return self.replicas[-1]

    def deploy(self, replica):
        """The name of a new deployment of one build."""
        if replica.ask("GET", "/api/v1/tool/lonely/config", "lonely").status == 404:
            assert replica.ask("POST", "/api/v1/tool/lonely/config", "lonely", CONFIG).status == 200
        response = replica.ask("POST", "/api/v1/tool/lonely/deploy", "lonely")
        assert response.status == 201, response
        return response.data["deploy-id"]

    def end_builds(self):
        for build in self.cluster.builds("lonely"):
            self.cluster.end_build(build)

    def phase(self, identifier):
        return (self.cluster.deployment("lonely", identifier).get("status") or {}).get("phase")

    def await_end(self, identifier, seconds=15):
        wait_until(lambda: self.phase(identifier) == "succeeded", f"the end of {identifier}", seconds)

    @property
    def holder(self):
        lease = self.cluster.get(f"{LEASES}/components-api")
        return lease["spec"]["holderIdentity"] if lease else ""

    def await_leader(self, replica, seconds=15):
        wait_until(lambda: gauge(replica, "components_api_engine_leading") == 1, "its lead", seconds)


def gauge(replica, name):
    """A metric without labels."""
    text = replica.ask("GET", "/metrics").body.decode()
    return next(float(line.split()[1]) for line in text.splitlines() if line.startswith(f"{name} "))
