"""`IMPORT_CONFIGS`: a tool without a config here is answered the one that it has in the Python implementation."""

import contextlib

import pytest

from stack.rights import ACCOUNT, kubeconfig_of, service_rights

GROUP = "components-api.toolforge.org"
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
TOKEN = "the-token-of-an-account-that-may-import"
RIGHT = {"verb": "get", "group": GROUP, "resource": "toolconfigs"}
NOTE = "the tool's config of the Python components-api"
BETA = "You are using a beta feature of Toolforge."


@pytest.fixture(scope="module")
def foreign(cluster):
    """The kind of the Python implementation, which has no schema."""
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
    }
    names = {"kind": "ToolConfig", "listKind": "ToolConfigList", "plural": "toolconfigs", "singular": "toolconfig"}
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"toolconfigs.{GROUP}"},
        "spec": {"group": GROUP, "scope": "Namespaced", "names": names, "versions": [version]},
    }
    cluster.request("POST", DEFINITIONS, definition)
    yield
    cluster.request("DELETE", f"{DEFINITIONS}/toolconfigs.{GROUP}")


class Newcomer:
    """A tool at a replica that imports, with the rights that the chart then gives."""

    def __init__(self, replica, tool):
        self.replica, self.tool = replica, tool
        self.objects = f"/apis/{GROUP}/v1/namespaces/tool-{tool.name}/toolconfigs"
        self.path = f"{self.objects}/{tool.name}-config"

    def put(self, spec):
        """Stores a config as the Python implementation does."""
        self.tool.cluster.request(
            "POST",
            self.objects,
            {
                "apiVersion": f"{GROUP}/v1",
                "kind": "ToolConfig",
                "metadata": {"name": f"{self.tool.name}-config"},
                "spec": spec,
            },
        )

    def ask(self, method, path, body=None):
        return self.replica.ask(method, f"/api/v1/tool/{self.tool.name}/{path}", self.tool.name, body)

    def ask_field(self, method, path, body=None):
        return self.replica.ask(method, f"/v1/tool/{self.tool.name}/{path}", self.tool.name, body)

    @contextlib.contextmanager
    def untouched(self):
        """Nothing of the other group is written inside the block."""
        before = self.tool.cluster.get(self.path)
        with self.tool.cluster.recording() as journal:
            yield journal
        assert [entry for entry in journal.writes if entry["group"] == GROUP] == []
        assert self.tool.cluster.get(self.path) == before


@pytest.fixture
def newcomer(foreign, replicas, cluster, directory, tool):
    cluster.request("PUT", "/_fake/tokens", {"token": TOKEN, "user": ACCOUNT, "allowed": [*service_rights(), RIGHT]})
    home = directory / "importing"
    home.mkdir(exist_ok=True)
    return Newcomer(replicas(kubeconfig_of(cluster, home, {"token": TOKEN}), IMPORT_CONFIGS="true"), tool)


def test_where_the_other_kind_is_not_known_nothing_is_imported(replicas, cluster, tool):
    """The Python implementation was uninstalled, with its custom resources. The first test: the kind comes with the next one."""
    replica = replicas(cluster.kubeconfig, IMPORT_CONFIGS="true")
    assert GROUP not in {group["name"] for group in cluster.request("GET", "/apis")["groups"]}
    path = f"/api/v1/tool/{tool.name}/config"
    assert replica.ask("GET", path, tool.name).status == 404
    assert replica.ask("POST", path, tool.name, tool.config()).status == 200
    assert replica.ask("GET", path, tool.name).data == tool.config()


def test_a_tool_moves_over(newcomer):
    tool = newcomer.tool
    old = {**tool.config("old"), "config_version": "v1beta1"}
    assert newcomer.ask("GET", "config").status == 404
    newcomer.put(old)
    with newcomer.untouched() as journal:
        shown = newcomer.ask("GET", "config")
    assert journal.summary() == ["get/toolconfigs/404", "get/toolconfigs/200"]
    assert (shown.status, shown.data) == (200, old)
    assert NOTE in shown.warnings[0]
    with newcomer.untouched():
        for path in ("config", "config/generate"):
            response = newcomer.ask_field("GET", path)
            assert (response.status, response.data) == (200, old), response
            assert response.warnings[0] == BETA and NOTE in response.warnings[1]
        started = newcomer.ask("POST", "deploy")
        assert started.status == 201 and set(started.data["builds"]) == {"old"}
        assert any("Python components-api" in warning for warning in started.warnings)
        tool.follow(started.data["deploy-id"])
        started = newcomer.ask_field("POST", "deployment")
        assert started.status == 200 and set(started.data["builds"]) == {"old"}
        assert any("Python components-api" in warning for warning in started.warnings)
        for response in (newcomer.ask("DELETE", "config"), newcomer.ask_field("DELETE", "config")):
            assert response.status == 409
            assert "which this service never changes" in response.error
        assert newcomer.ask("POST", "config", tool.config("new")).status == 200
        for response in (newcomer.ask("GET", "config"), newcomer.ask_field("GET", "config")):
            assert response.data == tool.config("new")
            assert not any(NOTE in warning for warning in response.warnings)
        removed = newcomer.ask("DELETE", "config")
        assert (removed.status, removed.data) == (200, tool.config("new"))
        assert "still has a config of the Python components-api" in removed.warnings[0]
        assert newcomer.ask("GET", "config").data == old


def test_what_is_not_valid_here_is_told_with_its_origin(newcomer):
    newcomer.put({"components": {"Web": newcomer.tool.component(), "job": {"build": {}}}})
    response = newcomer.ask("POST", "deploy")
    assert response.status == 422
    assert len(response.errors) == 2
    assert all(error.startswith("The config of the Python components-api is not valid") for error in response.errors)
    response = newcomer.ask_field("POST", "deployment")
    assert response.status == 422
    assert response.error.startswith("2 mistakes in the config of the Python components-api, so nothing is deployed:\n- ")
    assert newcomer.tool.records() == []


def test_readiness_asks_for_the_right_only_then(newcomer, replicas):
    assert newcomer.replica.ask("GET", "/readyz").status == 200
    # With the rights of the default values.
    refused = replicas(IMPORT_CONFIGS="true").ask("GET", "/readyz")
    assert refused.status == 503
    assert f"get toolconfigs.{GROUP}" in refused.error
    assert replicas().ask("GET", "/readyz").status == 200
