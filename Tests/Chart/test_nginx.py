"""nginx in the pod: its configuration, which clients may connect, with which identity, and to which paths."""

import re
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from authority import Authority
from rendering import ROOT
from sidecar import Sidecar

PATH = "/api/v1/tool/demo/config"
SUBJECT = "ssl-client-subject-dn"
TOOL = "x-toolforge-tool"
DEMO = "CN=demo,O=toolforge"


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def sidecar(chart, authority):
    sidecar = Sidecar(chart.nginx, authority)
    try:
        sidecar.start()
        yield sidecar
    finally:
        sidecar.stop()


@pytest.fixture(scope="session")
def trusts_tool_header(chart):
    return 'map "yes $http_x_toolforge_tool"' in chart.nginx


def test_nginx_accepts_the_configuration(chart, authority):
    sidecar = Sidecar(chart.nginx, authority)
    try:
        result = sidecar.check()
        assert result.returncode == 0, result.stderr
        # As root there are no warnings; otherwise only one about the user to which it cannot change.
        assert "[emerg]" not in result.stderr and "[warn]" not in result.stderr
    finally:
        sidecar.stop()


def test_the_text_is_that_of_nginx_render(chart):
    """The chart's rendering and nginx/render's, with the chart's values, are the same bytes."""
    text = chart.nginx
    (upstream,) = set(re.findall(r'fastcgi_pass "(.*)";', text))
    values = {
        "LISTEN": "8443",
        "SERVER_NAME": re.search(r"server_name (components-api.*);", text)[1],
        "SERVER_CERTIFICATE": "/etc/components-api/tls/tls.crt",
        "SERVER_KEY": "/etc/components-api/tls/tls.key",
        "CLIENT_CA": "/etc/components-api/tls/ca.crt",
        "PEER": "gateway",
        "SERVICE": upstream,
        "URL_PREFIX": "/components",
        "CLIENT_TIMEOUT": "15s",
        "SERVICE_TIMEOUT": "90s",
        "MAX_EXCHANGES": "900",
        "MAX_WAITING": "4200",
        "MAX_WAITING_EACH": "500",
        "WORKER_PROCESSES": "2",
        "TEMPORARY_DIRECTORY": "/run/nginx",
        "PID_FILE": "/run/nginx/nginx.pid",
        "ACCESS_LOG": "/dev/stdout",
        "ERROR_LOG": "stderr",
        "LOCATIONS": "/nonexistent",
        "GATEWAY_SUBJECTS": re.search(r'"~\^SUCCESS \((.*)\)\\z" 0;', text)[1],
        "TRUST_TOOL_HEADER": re.search(r'map "(yes|no) \$http_x_toolforge_tool"', text)[1],
        "HEALTH_LISTEN": "9000",
    }
    result = subprocess.run(
        [ROOT / "nginx/render", ROOT / "nginx/nginx.conf.in", *(f"{name}={value}" for name, value in values.items())],
        capture_output=True,
        text=True,
        check=True,
    )
    assert text == result.stdout


def test_without_a_certificate_nothing_is_served(sidecar, authority):
    status, body = sidecar.get("/healthz", authority)
    assert status == 401
    assert body["messages"]["error"]


@pytest.mark.parametrize(
    "common, organization",
    [
        ("service:builds-api", "toolforge"),
        ("demo", "toolforge"),
        ("api-gateway", "toolforge"),
        ("api-gateway2", None),
        ("not-api-gateway", None),
        ("API-GATEWAY", None),
        ("api-gateway,O=x", None),
        ("api-gateway\nx", None),
        ("api-gateway\n", None),
        ("service:api-gatewayXv2", "toolforge"),
    ],
)
def test_another_certificate_of_the_same_ca_is_refused(sidecar, authority, common, organization):
    other = authority.issue(common, organization)
    status, body = sidecar.get(PATH, authority, other, [(SUBJECT, DEMO), (TOOL, "demo")])
    assert status == 403
    assert "api-gateway" in body["messages"]["error"][0]


def test_the_gateway_s_certificate_of_another_ca_is_refused(sidecar, authority, tmp_path):
    forged = Authority(tmp_path).gateway
    status, body = sidecar.get(PATH, authority, forged, [(SUBJECT, DEMO)])
    assert status == 401
    assert body["messages"]["error"]


def test_the_gateway_s_header_is_the_identity(sidecar, authority):
    status, parameters = sidecar.get(PATH, authority, authority.gateway, [(SUBJECT, DEMO)])
    assert status == 200
    assert parameters["SSL_CLIENT_VERIFY"] == "SUCCESS"
    assert parameters["SSL_CLIENT_S_DN"] == DEMO
    assert parameters["URL_PREFIX"] == "/components"
    assert parameters["REQUEST_URI"] == PATH


def test_every_subject_of_the_values_may_connect(sidecar, authority, chart):
    allowed = re.search(r'"~\^SUCCESS \((.*)\)\\z" 0;', chart.nginx)[1].replace("[.]", ".").split("|")
    assert "CN=api-gateway" in allowed
    for subject in allowed:
        common, _, organization = subject.removeprefix("CN=").partition(",O=")
        client = authority.issue(common, organization or None)
        status, parameters = sidecar.get(PATH, authority, client, [(SUBJECT, DEMO)])
        assert (status, parameters["SSL_CLIENT_S_DN"]) == (200, DEMO)


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(SUBJECT, "")],
        [("ssl_client_subject_dn", DEMO)],
        [("ssl-client_subject-dn", DEMO)],
        [("ssl-client-s-dn", DEMO), ("ssl-client-verify", "SUCCESS")],
        [("SSL_CLIENT_S_DN", DEMO), ("SSL_CLIENT_VERIFY", "SUCCESS")],
        [("x-ssl-client-subject-dn", DEMO)],
    ],
)
def test_without_the_gateway_s_header_there_is_no_identity(sidecar, authority, headers):
    status, parameters = sidecar.get(PATH, authority, authority.gateway, headers)
    assert status == 200
    assert parameters["SSL_CLIENT_VERIFY"] == "NONE"
    assert parameters["SSL_CLIENT_S_DN"] == ""


def test_the_tool_s_header_is_the_identity_where_the_values_say_so(sidecar, authority, trusts_tool_header):
    headers = [(SUBJECT, "CN=somebody,O=toolforge"), (TOOL, "demo")]
    _, parameters = sidecar.get(PATH, authority, authority.gateway, headers)
    assert parameters["SSL_CLIENT_VERIFY"] == "SUCCESS"
    assert parameters["SSL_CLIENT_S_DN"] == (DEMO if trusts_tool_header else "CN=somebody,O=toolforge")


@pytest.mark.parametrize("tool", ["Demo", "demo,O=x", "-demo", "demo-", "d/emo", "1demo", "demo x"])
def test_an_invalid_tool_name_gives_no_identity(sidecar, authority, trusts_tool_header, tool):
    if not trusts_tool_header:
        headers = [(TOOL, tool)]
    else:
        headers = [(SUBJECT, DEMO), (TOOL, tool)]
    _, parameters = sidecar.get(PATH, authority, authority.gateway, headers)
    assert parameters["SSL_CLIENT_VERIFY"] == "NONE"
    assert parameters["SSL_CLIENT_S_DN"] == ""


@pytest.mark.parametrize("path", ["/metrics", "/%6detrics", "/metrics?x=1", "/x/../metrics"])
def test_metrics_are_closed_to_the_gateway(sidecar, authority, path):
    status, body = sidecar.get(path, authority, authority.gateway)
    assert status == 404
    assert body["messages"]["error"]


@pytest.mark.parametrize("path", ["/metrics", "/healthz", "/readyz"])
def test_the_plain_listener_serves_three_paths_without_an_identity(sidecar, path):
    status, parameters = sidecar.get_plain(path, [(SUBJECT, DEMO), (TOOL, "demo")])
    assert status == 200
    assert parameters["REQUEST_URI"] == path
    assert parameters["SSL_CLIENT_VERIFY"] == "NONE"
    assert parameters["SSL_CLIENT_S_DN"] == ""


@pytest.mark.parametrize("path", [PATH, "/", "/openapi.json", "/healthz/", "/metrics/x", "/_gateway/404", "/_gateway/chunked"])
def test_the_plain_listener_serves_nothing_else(sidecar, path):
    status, body = sidecar.get_plain(path, [(SUBJECT, DEMO)])
    assert status == 404
    assert body["messages"]["error"]


def test_a_renewed_certificate_is_served_without_a_reload(sidecar, authority):
    before = sidecar.served_serial(authority)
    sidecar.serve(authority)
    assert sidecar.served_serial(authority) != before


def test_a_pod_that_ends_finishes_its_requests(chart, authority):
    sidecar = Sidecar(chart.nginx, authority)
    begun = 8
    with ThreadPoolExecutor(begun) as threads:
        try:
            sidecar.start()
            responses = [threads.submit(sidecar.get, "/waiting", authority, authority.gateway) for _ in range(begun)]
            for _ in range(begun):
                assert sidecar.responder.waiting.acquire(timeout=20)
            stopping = sidecar.end(chart.container("nginx")["lifecycle"]["preStop"]["exec"]["command"])
            until_refused(sidecar.port)
            assert not any(response.done() for response in responses)
            sidecar.responder.gate.set()
            assert [response.result()[0] for response in responses] == [200] * begun
            assert stopping.wait(20) == 0
            assert sidecar.process.wait(20) == 0
        finally:
            sidecar.stop()


def until_refused(port):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return
        time.sleep(0.02)
    pytest.fail("nginx still takes connections")
