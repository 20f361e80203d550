"""The rights of the service's account in the cluster, from the chart as Helm rendered it."""

from typing import NamedTuple

import yaml

from .processes import ROOT

ACCOUNT = "system:serviceaccount:components-api:components-api"
TOKEN = "the-token-of-the-service-s-account"
RENDERED = ROOT / ".dev/chart/tools.yaml"


class Right(NamedTuple):
    """One verb on one resource, in one namespace or in all."""

    verb: str
    group: str
    resource: str
    namespace: str | None

    def allows(self, call):
        return self[:3] == call[:3] and self.namespace in (None, call.namespace)


def rights_of_the_chart():
    if not RENDERED.exists():
        raise RuntimeError("the chart has not been rendered here: run ci/chart first, as ci/test does.")
    objects = [item for item in yaml.safe_load_all(RENDERED.read_text()) if item]
    rules = {
        (item["kind"], item["metadata"].get("namespace"), item["metadata"]["name"]): item["rules"]
        for item in objects
        if item["kind"] in ("Role", "ClusterRole")
    }
    _, _, namespace, name = ACCOUNT.split(":")
    rights = set()
    for binding in objects:
        if binding["kind"] not in ("RoleBinding", "ClusterRoleBinding"):
            continue
        if {"kind": "ServiceAccount", "name": name, "namespace": namespace} not in binding["subjects"]:
            continue
        scope = binding["metadata"].get("namespace")
        kind = binding["roleRef"]["kind"]
        for rule in rules[kind, scope if kind == "Role" else None, binding["roleRef"]["name"]]:
            for group in rule["apiGroups"]:
                for resource in rule["resources"]:
                    rights |= {Right(verb, group, resource, scope) for verb in rule["verbs"]}
    return rights


def calls_of_the_service(journal):
    """The account's calls in the journal, in the form of rights."""
    return {
        Right(
            entry["verb"],
            entry["group"],
            "/".join(filter(None, [entry["resource"], entry["subresource"]])),
            entry["namespace"],
        )
        for entry in journal
        # Every account may ask what it may do.
        if entry["user"] == ACCOUNT and entry["resource"] not in ("", None, "selfsubjectaccessreviews")
    }


def restricted_kubeconfig(cluster, directory):
    """A kubeconfig of the service's account, which has exactly the chart's rights in the fake cluster."""
    cluster.request("PUT", "/_fake/tokens", {"token": TOKEN, "user": ACCOUNT, "allowed": service_rights()})
    return kubeconfig_of(cluster, directory, {"token": TOKEN})


def service_rights():
    """The same, in the form that the fake cluster takes."""
    return [
        {key: value for key, value in right._asdict().items() if value is not None} for right in rights_of_the_chart()
    ]


def kubeconfig_with_files(cluster, directory, token, authority):
    """A kubeconfig that names the files of the token and of the CA, as a pod has them."""
    return kubeconfig_of(cluster, directory, {"tokenFile": str(token)}, authority)


def kubeconfig_of(cluster, directory, user, authority=None):
    document = yaml.safe_load(cluster.kubeconfig.read_text())
    document["users"][0]["user"] = user
    if authority:
        del document["clusters"][0]["cluster"]["certificate-authority-data"]
        document["clusters"][0]["cluster"]["certificate-authority"] = str(authority)
    path = directory / "service-kubeconfig"
    path.write_text(yaml.safe_dump(document))
    return path
