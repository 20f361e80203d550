"""What ci/bench does with a cluster that others use: it reads its kubeconfig, and leaves nothing behind."""

import base64

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from stack.certificates import CN, Authority, name
from stack.cluster import OURS
from stack.processes import ROOT
from stack.real_cluster import RIGHTS, RealCluster, Refusal
from stack.rights import Right, kubeconfig_of


@pytest.fixture
def real(cluster, tmp_path):
    return RealCluster(cluster.kubeconfig, tmp_path)


def store(cluster, tool):
    cluster.request(
        "POST",
        f"{OURS}/namespaces/tool-{tool.name}/toolconfigs",
        {
            "apiVersion": "deploy.toolforge.org/v1",
            "kind": "ToolConfig",
            "metadata": {"name": f"{tool.name}-config"},
            "spec": tool.config(),
        },
    )


def test_a_config_is_stored_for_as_long_as_it_is_measured(real, cluster, tool):
    with pytest.raises(ZeroDivisionError), real.borrowed(tool.name):
        store(real, tool)
        assert cluster.config(tool.name)
        raise ZeroDivisionError
    assert cluster.config(tool.name) is None


def test_a_config_that_is_there_is_never_touched(real, cluster, tool):
    store(cluster, tool)
    before = cluster.config(tool.name)
    with pytest.raises(Refusal, match=f"the tool {tool.name} has a config"), real.borrowed(tool.name):
        pytest.fail("measured all the same")
    assert cluster.config(tool.name) == before


def test_a_namespace_that_is_not_there_is_not_made(real, cluster):
    with cluster.recording() as journal, pytest.raises(Refusal, match="there is no namespace tool-nobody"):
        with real.borrowed("nobody"):
            pytest.fail("measured all the same")
    assert not journal.writes


OWN = OURS.split("/")[2]
NEEDED = {
    Right("get", "", "namespaces", None),
    *(Right(verb, OWN, "toolconfigs", None) for verb in ("get", "create", "patch", "delete")),
}


def restricted(cluster, tmp_path, rights):
    """The cluster, by an account with these rights."""
    allowed = [{key: value for key, value in right._asdict().items() if value is not None} for right in rights]
    cluster.request("PUT", "/_fake/tokens", {"token": "a-token-of-ci-bench", "user": "bench", "allowed": allowed})
    return RealCluster(kubeconfig_of(cluster, tmp_path, {"token": "a-token-of-ci-bench"}), tmp_path)


def test_the_rights_that_the_help_lists_are_enough(cluster, tool, tmp_path):
    real = restricted(cluster, tmp_path, NEEDED)
    with real.borrowed(tool.name):
        store(real, tool)
    assert cluster.config(tool.name) is None
    listed = " ".join((ROOT / "ci/bench").read_text().split())
    assert RIGHTS in listed


@pytest.mark.parametrize("missing", sorted(NEEDED), ids=lambda right: f"{right.verb}-{right.resource}")
def test_a_right_that_is_missing_is_named_before_anything_is_stored(cluster, tool, tmp_path, missing):
    real = restricted(cluster, tmp_path, NEEDED - {missing})
    with cluster.recording() as journal, pytest.raises(Refusal, match=f"cannot {missing.verb} .*needs these rights") as refusal:
        with real.borrowed(tool.name):
            pytest.fail("measured all the same")
    assert RIGHTS in str(refusal.value)
    assert cluster.config(tool.name) is None
    assert {entry["status"] for entry in journal.writes} <= {201, 403, 404}


def test_a_config_that_cannot_be_deleted_at_the_end_is_named(cluster, tool, tmp_path):
    real = restricted(cluster, tmp_path, NEEDED)
    with pytest.raises(Refusal, match=f"kubectl -n tool-{tool.name} delete toolconfigs.{OWN} {tool.name}-config"):
        with real.borrowed(tool.name):
            store(real, tool)
            restricted(cluster, tmp_path, NEEDED - {Right("delete", OWN, "toolconfigs", None)})
    cluster.delete_config(tool.name)


def test_a_client_certificate_is_shown(cluster, directory, tool, tmp_path):
    document = yaml.safe_load(cluster.kubeconfig.read_text())
    authority = Authority(tmp_path / "authority")
    authority.key = load_pem_private_key((directory / "cluster-tls" / "ca.key").read_bytes(), None)
    authority.name = x509.load_pem_x509_certificate((directory / "cluster-tls" / "ca.crt").read_bytes()).subject
    files = authority.issue(name((CN, "operator")))
    document["users"][0]["user"] = {
        "client-certificate": str(files.certificate),
        "client-key-data": base64.b64encode(files.key.read_bytes()).decode(),
    }
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(yaml.safe_dump(document))
    real = RealCluster(kubeconfig, tmp_path)
    assert real.credentials == {}
    assert real.get(f"/api/v1/namespaces/tool-{tool.name}")
    assert real.pem.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda document: document.pop("current-context"), "no kubeconfig with a current context"),
        (lambda document: document["clusters"][0].update(name="another"), "no kubeconfig with a current context"),
        (lambda document: document["clusters"][0]["cluster"].pop("certificate-authority-data"), "no certificate auth"),
        (lambda document: document["clusters"][0]["cluster"].update(server="http://localhost:1"), "only as https://"),
        (lambda document: document["users"][0].update(user={"exec": {}}), "neither a token nor a client certificate"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(cluster, tmp_path, change, message):
    document = yaml.safe_load(cluster.kubeconfig.read_text())
    change(document)
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(yaml.safe_dump(document))
    with pytest.raises(Refusal, match=message):
        RealCluster(kubeconfig, tmp_path)
