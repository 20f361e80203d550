"""ci/up with an existing cluster: its custom resources; and what its demo does."""

import os
import re
import shutil
import subprocess

import pytest

from stack.cluster import OURS, Cluster
from stack.processes import ROOT
from stack.rights import kubeconfig_of, service_rights

CRDS = ROOT / "chart/crds"
KUBECTL = ROOT / ".dev/tools/kubectl"
OWN = OURS.split("/")[2]
SCRIPT = '. "$1/ci/lib/common.sh"; . "$1/ci/lib/resources.sh"; KUBECONFIG=$2; apply_resources'


def apply(kubeconfig):
    """Runs what ci/up does with the custom resources; returns its exit code and its messages."""
    if not KUBECTL.exists():
        raise RuntimeError("there is no kubectl here: run ci/chart first, as ci/test does.")
    # As in ci/up, which does not get the file from its environment.
    environment = {name: value for name, value in os.environ.items() if name != "KUBECONFIG"}
    environment["PATH"] = f"{KUBECTL.parent}:{environment['PATH']}"
    command = ["bash", "-euo", "pipefail", "-c", SCRIPT, "up", ROOT, kubeconfig]
    result = subprocess.run(command, env=environment, capture_output=True, text=True)
    return result.returncode, result.stderr


def services_account(cluster, directory):
    """A kubeconfig of an account with exactly the rights that the README lists."""
    token = {"token": "a-token-of-ci-up", "user": "up", "allowed": service_rights()}
    cluster.request("PUT", "/_fake/tokens", token)
    return kubeconfig_of(cluster, directory, {"token": token["token"]})


@pytest.fixture
def cluster_with(tmp_path):
    """Starts clusters with changed custom resources: cluster_with({file: (old, new)}), {file: None} for none."""
    started = []

    def start(changes):
        crds = tmp_path / "crds"
        shutil.copytree(CRDS, crds)
        for name, change in changes.items():
            file = crds / name
            if change is None:
                file.unlink()
            else:
                assert change[0] in file.read_text()
                file.write_text(file.read_text().replace(*change))
        started.append(Cluster(tmp_path, crds=crds))
        return started[-1]

    yield start
    for cluster in started:
        cluster.stop()


def test_an_administrator_applies_them(cluster_with):
    cluster = cluster_with({"toolconfigs.yaml": None})
    status, words = apply(cluster.kubeconfig)
    assert status == 0, words
    assert f"toolconfigs.{OWN} created" in words
    assert cluster.request("GET", f"{OURS}/namespaces/default/toolconfigs")["items"] == []


def test_an_account_that_may_not_continues_if_they_exist(cluster, tmp_path):
    status, words = apply(services_account(cluster, tmp_path))
    assert status == 0, words
    assert "may not apply chart/crds, and need not" in words


@pytest.mark.parametrize(
    "changes, missing",
    [
        ({"toolconfigs.yaml": None}, [f"toolconfigs.{OWN}: is not there"]),
        (
            {"tooldeployments.yaml": None},
            [f"tooldeployments.{OWN}: is not there", f"tooldeployments/status.{OWN}: is not there"],
        ),
        (
            {"tooldeployments.yaml": ("requestedBy:", "askedBy:")},
            [f"tooldeployments.{OWN}: has no field spec.requestedBy"],
        ),
        (
            {"tooldeployments.yaml": (", timedOut]", "]")},
            [f"tooldeployments.{OWN}: status.builds.*.phase has to accept one of ", '"timedOut"'],
        ),
    ],
)
def test_an_account_that_may_not_gets_the_command_for_an_administrator(cluster_with, tmp_path, changes, missing):
    cluster = cluster_with(changes)
    status, words = apply(services_account(cluster, tmp_path))
    assert status == 1
    assert "an administrator has to run: kubectl apply -f" in words
    for line in missing:
        assert line in words


def test_a_cluster_that_does_not_respond_is_not_a_question_of_rights(cluster, tmp_path):
    kubeconfig = kubeconfig_of(cluster, tmp_path, {"token": "a-token"})
    kubeconfig.write_text(kubeconfig.read_text().replace(f":{cluster.port}", ":1"))
    status, words = apply(kubeconfig)
    assert status == 1
    assert "kubectl could not apply chart/crds to the cluster of" in words


DEMO = '. "$1/ci/lib/common.sh"; . "$1/ci/lib/demo.sh"; DEV=$2; TLS=$2; BASE_URL=$3; DEMO_REPOSITORY=$4; run_demo'


def test_the_demo_follows_the_log_of_its_build_to_its_end(make_tool, repository, tmp_path):
    tool = make_tool("demo", namespace=False)
    certificate = tool.api.certificate
    for name, file in (("ca.crt", tool.api.ca), ("demo.crt", certificate.certificate), ("demo.key", certificate.key)):
        shutil.copy(file, tmp_path / name)
    command = ["bash", "-euo", "pipefail", "-c", DEMO, "up", ROOT, tmp_path, tool.api.url, repository]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stdout + result.stderr
    assert '"status": "finished"' in result.stderr
    # Which commit and image both components of the one repository have.
    for component in ("web", "worker"):
        assert re.search(rf"^{component}: commit .*, image sha256:[0-9a-f]{{64}}$", result.stdout, re.MULTILINE)
    log = (tmp_path / "demo.log").read_text()
    assert log.startswith("[clone] Cloning into") or "\n[clone] Cloning into" in log
    assert log.endswith("-- The log is complete. Every step succeeded.\n")
    assert log in result.stdout
