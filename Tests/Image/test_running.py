"""What is in the image, running against a cluster."""

import base64
import datetime
import json
import os
from pathlib import Path

import pytest

from stack.processes import IS_ROOT

NOT_ISOLATED = "this machine does not permit mounts, so the image's program runs in this machine's root"
IDENTITY = {"SSL_CLIENT_VERIFY": "SUCCESS", "SSL_CLIENT_S_DN": "CN=demo,O=toolforge"}


def test_without_a_socket_it_says_how_to_start_it(container, kubeconfig):
    result = container.run(KUBECONFIG=kubeconfig)
    assert result.returncode == 78
    assert "LISTEN" in result.stderr


def test_it_is_alive(service):
    assert service.ask("GET", "/healthz").status == 200


def test_it_reaches_the_cluster_by_name_and_trusts_its_certificate(service):
    response = service.ask("GET", "/readyz")
    assert response.status == 200, response.body


def test_it_trusts_the_authorities_in_the_image_and_no_others(container, cluster, directory):
    """A kubeconfig without a CA means those."""
    if not container.is_isolated:
        pytest.skip(NOT_ISOLATED)
    lines = cluster.kubeconfig.read_text().splitlines(keepends=True)
    [data] = [line.split()[1] for line in lines if "certificate-authority-data" in line]
    text = "".join(line for line in lines if "certificate-authority-data" not in line)
    kubeconfig = container.add(text, "without-authority")
    authorities = container.root / "etc/ssl/certs/ca-certificates.crt"
    known = authorities.read_bytes()
    assert known.count(b"BEGIN CERTIFICATE") > 100
    for content, status in ((known, 503), (known + base64.b64decode(data), 200)):
        authorities.write_bytes(content)
        service = container.start(directory / f"authorities-{status}.log", KUBECONFIG=kubeconfig)
        try:
            response = service.ask("GET", "/readyz")
            assert response.status == status, response.body
        finally:
            service.stop()
    authorities.write_bytes(known)
    assert "CERTIFICATE_VERIFY_FAILED" in (directory / "authorities-503.log").read_text()


def test_it_is_the_version_that_the_label_says(service, image):
    document = json.loads(service.ask("GET", "/openapi.json").body)
    assert document["info"]["version"] == image.labels["org.opencontainers.image.version"]


def test_it_stores_deploys_and_has_the_time(service):
    config = {"components": {"web": {"build": {"repository": "https://127.0.0.1:9/none.git"}}}}
    body = json.dumps(config).encode()
    stored = service.ask(
        "POST", "/api/v1/tool/demo/config", body, CONTENT_TYPE="application/json", **IDENTITY
    )
    assert stored.status == 200, stored.body
    before = now()
    started = service.ask("POST", "/api/v1/tool/demo/deploy", **IDENTITY)
    assert started.status == 201, started.body
    data = json.loads(started.body)["data"]
    # The image has no time zone files. The time is the cluster's, whose Date has whole seconds: it may be one behind.
    assert before - datetime.timedelta(seconds=1) <= datetime.datetime.fromisoformat(data["creation-time"]) <= now()
    assert service.ask("GET", f"/api/v1/tool/demo/deploy/{data['deploy-id']}", **IDENTITY).status == 200
    assert service.ask("GET", "/api/v1/tool/demo/config").status == 401


def now():
    return datetime.datetime.now(datetime.UTC).replace(tzinfo=None, microsecond=0)


def test_it_has_no_privilege(service, container):
    lines = Path(f"/proc/{service.pid}/status").read_text().splitlines()
    status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    uid = container.user.partition(":")[0] if IS_ROOT else str(os.geteuid())
    assert status["Uid"].split() == [uid] * 4
    if IS_ROOT:
        assert status["Groups"].split() == []
        assert int(status["CapEff"], 16) == 0


def test_its_root_is_read_only(service, container):
    """Shows that the other tests here need no writable root."""
    if not container.is_isolated:
        pytest.skip(NOT_ISOLATED)
    mounts = [line.split() for line in Path(f"/proc/{service.pid}/mountinfo").read_text().splitlines()]
    [options] = [fields[5].split(",") for fields in mounts if fields[4] == "/"]
    assert "ro" in options


def test_the_charts_probes_work_in_it(service, container):
    """They run beside the service, with its settings."""
    for path in ("/healthz", "/readyz"):
        result = container.run("--probe", path, **service.settings)
        assert result.returncode == 0, result.stderr
    assert container.run("--probe", "/nowhere", **service.settings).returncode != 0
    elsewhere = {**service.settings, "LISTEN": service.settings["LISTEN"].replace(".sock", ".none")}
    assert container.run("--probe", "/healthz", **elsewhere).returncode != 0


def test_sigterm_ends_it_with_0(service):
    assert service.stop() == 0
    assert not service.path.exists()
