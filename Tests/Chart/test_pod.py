"""The pod: restricted Pod Security, access within it, its start and its end."""

import base64
import hashlib
import re

ALLOWED_VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
DANGEROUS = {"hostNetwork", "hostPID", "hostIPC", "hostUsers", "shareProcessNamespace"}


def containers(pod):
    return pod["containers"] + pod.get("initContainers", []) + pod.get("ephemeralContainers", [])


def test_pod_security_is_restricted(chart):
    pod = chart.pod
    assert not DANGEROUS & pod.keys()
    for volume in pod["volumes"]:
        assert volume.keys() - {"name"} <= ALLOWED_VOLUMES
    for container in containers(pod):
        own = {**pod["securityContext"], **container["securityContext"]}
        assert own["runAsNonRoot"] is True
        assert own["runAsUser"] > 0
        assert own["seccompProfile"] == {"type": "RuntimeDefault"}
        assert own["allowPrivilegeEscalation"] is False
        assert own["capabilities"] == {"drop": ["ALL"]}
        assert not own.keys() & {"privileged", "procMount", "seLinuxOptions", "windowsOptions", "sysctls"}
        assert all("hostPort" not in port for port in container.get("ports", []))


def test_root_file_systems_are_read_only(chart):
    for container in containers(chart.pod):
        assert container["securityContext"]["readOnlyRootFilesystem"] is True


def test_only_the_service_has_the_token_of_its_account(chart):
    assert chart.pod["automountServiceAccountToken"] is False
    assert chart.one("ServiceAccount")["automountServiceAccountToken"] is False
    tokens = {volume["name"] for volume in chart.pod["volumes"] if "projected" in volume}
    holders = {
        container["name"]
        for container in containers(chart.pod)
        if tokens & {mount["name"] for mount in container["volumeMounts"]}
    }
    assert holders == {"service"}


def test_only_nginx_has_the_server_s_key(chart):
    assert holders(chart, "certificate") == {"nginx"}


def test_only_the_service_has_the_keys_of_deploy_tokens(chart):
    assert holders(chart, "token-keys") == {"service"}
    (volume,) = (volume for volume in chart.pod["volumes"] if volume["name"] == "token-keys")
    assert chart.environment["TOKEN_KEYS_FILE"] == "/etc/components-api/token-keys/keys"
    secret = chart.one("Secret")
    assert volume["secret"] == {"secretName": secret["metadata"]["name"], "defaultMode": 0o440}
    # A key that is lost takes every tool's token with it.
    assert secret["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}
    identifier, key = base64.b64decode(secret["data"]["keys"]).decode().split()
    assert re.fullmatch(r"\d{4}-\d\d", identifier)
    assert len(base64.b64decode(key)) == 32


def test_only_the_service_has_the_credentials_of_the_registry_if_there_are_any(chart):
    volumes = [volume for volume in chart.pod["volumes"] if volume["name"] == "registry"]
    if not volumes:
        assert "HARBOR_CREDENTIALS_FILE" not in chart.environment
        return
    assert holders(chart, "registry") == {"service"}
    assert chart.environment["HARBOR_CREDENTIALS_FILE"] == "/etc/components-api/registry/credentials"
    assert chart.environment["HARBOR_URL"].startswith("https://")


def test_the_service_trusts_the_authorities_of_the_config_maps_that_are_named(chart):
    volumes = {volume["name"]: volume for volume in chart.pod["volumes"]}
    mounts = {mount["name"]: mount for mount in chart.container("service")["volumeMounts"]}
    for name, setting in (("git-authorities", "GIT_CA_FILE"), ("registry-authorities", "HARBOR_CA_FILE")):
        assert (name in volumes) == (name in mounts) == (setting in chart.environment)
        if name in volumes:
            assert volumes[name]["configMap"].keys() == {"name"}
            assert chart.environment[setting] == f"{mounts[name]['mountPath']}/ca.crt"
            assert mounts[name]["readOnly"] is True


def holders(chart, name):
    """The containers that see the secret in the volume of that name; every secret is in one of these."""
    secrets = {volume["name"] for volume in chart.pod["volumes"] if "secret" in volume}
    assert secrets - {"registry"} == {"certificate", "token-keys"}
    return {
        container["name"]
        for container in containers(chart.pod)
        if name in {mount["name"] for mount in container["volumeMounts"]}
    }


def test_the_service_lets_in_nginx_and_itself(chart):
    users = {
        {**chart.pod["securityContext"], **container["securityContext"]}["runAsUser"]
        for container in chart.pod["containers"]
    }
    assert len(users) == 2
    assert {int(user) for user in chart.environment["FASTCGI_ALLOWED_UIDS"].split(",")} == users


def test_both_containers_share_the_socket_s_folder_and_nothing_else(chart):
    mounts = [{mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]} for container in chart.pod["containers"]]
    shared = mounts[0].items() & mounts[1].items()
    assert shared == {("socket", "/run/components-api")}
    if chart.environment["LISTEN"].startswith("unix:"):
        assert f'fastcgi_pass "{chart.environment["LISTEN"].split("?")[0]}"' in chart.nginx


def test_each_container_is_probed_for_itself(chart):
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert "exec" in chart.container("service")[probe]
        handler = chart.container("nginx")[probe]
        assert handler.get("tcpSocket", handler.get("httpGet"))["port"] in ("https", "metrics")
    # nginx is not restarted because the service is not available.
    assert "tcpSocket" in chart.container("nginx")["livenessProbe"]


def test_the_pod_has_time_to_end(chart):
    grace = chart.pod["terminationGracePeriodSeconds"]
    before = chart.container("service")["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert grace > before + int(chart.environment["SHUTDOWN_GRACE_SECONDS"])


def test_an_update_takes_no_pod_away_before_its_successor_is_ready(chart):
    strategy = chart.one("Deployment")["spec"]["strategy"]
    assert strategy == {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}


def test_a_changed_nginx_configuration_makes_new_pods(chart):
    annotation = chart.one("Deployment")["spec"]["template"]["metadata"]["annotations"]["checksum/nginx"]
    assert len(annotation) == hashlib.sha256().digest_size * 2


def test_every_container_has_requests_and_limits(chart):
    for container in containers(chart.pod):
        for bound in ("requests", "limits"):
            assert container["resources"][bound].keys() == {"cpu", "memory"}


def test_more_than_one_replica_has_a_budget_that_lets_nodes_be_drained(chart):
    replicas = chart.one("Deployment")["spec"]["replicas"]
    budgets = chart.of_kind("PodDisruptionBudget")
    assert len(budgets) == (1 if replicas > 1 else 0)
    for budget in budgets:
        assert budget["spec"]["minAvailable"] < replicas


def test_selectors_find_the_pods_and_no_others(chart):
    labels = chart.one("Deployment")["spec"]["template"]["metadata"]["labels"]
    selectors = [chart.one("Deployment")["spec"]["selector"]["matchLabels"], chart.one("Service")["spec"]["selector"]]
    selectors += [item["spec"]["selector"]["matchLabels"] for item in chart.of_kind("PodDisruptionBudget", "PodMonitor")]
    selectors += [item["spec"]["podSelector"]["matchLabels"] for item in chart.of_kind("NetworkPolicy")]
    for selector in selectors:
        assert selector.items() <= labels.items()
        assert "app.kubernetes.io/instance" in selector


def test_the_certificate_is_the_one_that_nginx_serves(chart):
    certificate = chart.one("Certificate")["spec"]
    assert certificate["issuerRef"] == {"name": "api-gateway-backend-ca", "kind": "ClusterIssuer", "group": "cert-manager.io"}
    assert certificate["duration"] == f"{21 * 24}h"
    assert (certificate["privateKey"]["algorithm"], certificate["privateKey"]["size"]) == ("ECDSA", 256)
    (volume,) = (volume for volume in chart.pod["volumes"] if volume["name"] == "certificate")
    assert volume["secret"]["secretName"] == certificate["secretName"]
    assert certificate["dnsNames"][0] == "components-api.components-api.svc"


def test_fastcgi_is_open_only_to_the_gateway_s_pods_if_at_all(chart):
    policies = chart.of_kind("NetworkPolicy")
    if "fastcgi" not in chart.ports:
        assert policies == []
        assert chart.environment["LISTEN"].startswith("unix:")
        return
    (policy,) = policies
    assert policy["spec"]["policyTypes"] == ["Ingress"]
    (rule,) = (rule for rule in policy["spec"]["ingress"] if {"port": "fastcgi", "protocol": "TCP"} in rule["ports"])
    assert rule["ports"] == [{"port": "fastcgi", "protocol": "TCP"}]
    (peer,) = rule["from"]
    # Both in one peer: pods with that label in that namespace. Two peers would mean either.
    assert peer["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": "api-gateway"}
    assert peer["podSelector"]["matchLabels"]
    assert chart.ports["fastcgi"] == int(chart.environment["LISTEN"].rpartition(":")[2])
