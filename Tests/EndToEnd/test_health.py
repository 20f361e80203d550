"""healthz and readyz: without an identity. One makes no calls, the other calls the cluster."""

import pytest

from stack.cluster import Cluster, fault, refusal
from stack.processes import free_port, open_to_workers
from stack.service import Service


def test_health_makes_no_calls(anonymous, cluster):
    with cluster.recording() as journal:
        assert anonymous.get("/healthz").status == 200
    assert not journal.entries


def test_readiness_asks_the_cluster(anonymous, cluster):
    with cluster.recording() as journal:
        assert anonymous.get("/readyz").status == 200
    assert journal.entries and not journal.writes


@pytest.mark.parametrize(
    "action",
    [
        refusal(500, "InternalError"),
        refusal(503, "ServiceUnavailable"),
        refusal(403, "Forbidden"),
        {"drop": "before"},
        {"hang": "before"},
    ],
)
def test_a_cluster_that_does_not_answer_is_not_ready_but_alive(anonymous, cluster, action):
    with cluster.faults(fault(action, times=None)):
        response = anonymous.get("/readyz")
        assert response.status == 503
        assert int(response.headers["Retry-After"]) > 0
        assert anonymous.get("/healthz").status == 200
    assert anonymous.get("/readyz").status == 200


@pytest.fixture
def lonely(directory, another_gateway, request):
    """The API of a service with a kubeconfig of the test: lonely(kubeconfig_file)."""
    services = []

    def make(kubeconfig):
        home = directory / f"lonely-{len(services)}-{request.node.name[:20]}"
        home.mkdir()
        open_to_workers(home)
        services.append(Service(home, kubeconfig, CLUSTER_DEADLINE_SECONDS="3"))
        return another_gateway(services[-1].socket)

    yield make
    for service in services:
        service.stop()


def test_without_a_cluster_everything_but_health_is_503(lonely, cluster, directory, authority):
    kubeconfig = directory / "nowhere.kubeconfig"
    kubeconfig.write_text(cluster.kubeconfig.read_text().replace(f":{cluster.port}", f":{free_port()}"))
    api = lonely(kubeconfig)
    assert api.get("/healthz").status == 200
    for response in (
        api.get("/readyz"),
        api.get("/api/v1/tool/demo/config", certificate=authority.tool("demo")),
        api.post("/api/v1/tool/demo/deploy", certificate=authority.tool("demo")),
    ):
        assert response.status == 503, response
        assert int(response.headers["Retry-After"]) > 0


def test_a_cluster_without_our_kinds_is_not_ready(lonely, directory):
    home = directory / "bare"
    (home / "crds").mkdir(parents=True)
    bare = Cluster(home, crds=home / "crds")
    try:
        response = lonely(bare.kubeconfig).get("/readyz")
        assert response.status == 503
        assert "chart/crds" in response.error
    finally:
        bare.stop()


def test_a_cluster_with_another_certificate_gets_no_token(lonely, cluster, directory):
    home = directory / "another-cluster"
    home.mkdir()
    impostor = Cluster(home)
    try:
        kubeconfig = home / "mixed.kubeconfig"
        kubeconfig.write_text(cluster.kubeconfig.read_text().replace(f":{cluster.port}", f":{impostor.port}"))
        assert lonely(kubeconfig).get("/readyz").status == 503
        assert not impostor.request("GET", "/_fake/journal")["entries"]
    finally:
        impostor.stop()
