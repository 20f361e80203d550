"""Behind the api-gateway, both ways: client → gateway → nginx in the pod → service, and client → gateway → service. The tools
and the gateway's backends have different CAs."""

import contextlib
import itertools
import json
import socket
import ssl
import threading

import pytest

from stack.api import API
from stack.api_gateway import CARELESS, HOST, PREFIX, ApiGateway, InternalAuthority, Sidecar
from stack.certificates import CN, O, name, tool_name
from stack.processes import free_port, open_to_workers
from stack.service import Service
from stack.tool import Tool
from test_identity import SPELLINGS

_numbers = itertools.count(1)
# Every header that some hop reads as an identity, a prefix or a result of verification.
FORGED = SPELLINGS + ["SSL-Client-Verify", "SSL_CLIENT_VERIFY", "X_Toolforge_Tool", "x-Toolforge_tool", "Url_Prefix"]


@pytest.fixture(scope="module")
def started():
    """Stops at the end of the file what is added to it."""
    with contextlib.ExitStack() as stack:

        def keep(server):
            stack.callback(server.stop)
            return server

        yield keep


@pytest.fixture(scope="module")
def make_gateway(started, directory, authority, server_certificate, internal):
    """make_gateway(way, upstream): a gateway with the most careless settings."""

    def make(way, upstream, changes=None, **more):
        home = directory / f"api-gateway-{next(_numbers)}"
        changes = CARELESS | (changes or {})
        return started(
            ApiGateway(home, way, upstream, authority, server_certificate, internal, changes=changes, **more)
        )

    return make


@pytest.fixture(scope="module")
def sidecar(started, directory, session_service, internal):
    return started(Sidecar(directory / "pod", session_service.socket, internal))


@pytest.fixture(scope="module")
def fastcgi_service(started, directory, cluster):
    """The service on a port, as with the chart's fastcgi.enabled."""
    home = directory / "fastcgi-service"
    home.mkdir()
    open_to_workers(home)
    return started(Service(home, cluster.kubeconfig, free_port(), CLUSTER_DEADLINE_SECONDS="2"))


@pytest.fixture(scope="module", params=["sidecar", "direct"])
def hops(request, make_gateway):
    """The gateway with one of the two ways behind it."""
    if request.param == "sidecar":
        return make_gateway("proxy", f"127.0.0.1:{request.getfixturevalue('sidecar').port}")
    return make_gateway("fastcgi", request.getfixturevalue("fastcgi_service").socket)


@pytest.fixture
def owner(hops, authority, cluster, repository):
    tool = f"hops{next(_numbers)}"
    cluster.create_namespace(f"tool-{tool}")
    return Tool(tool, hops.api(authority.tool(tool)), cluster, repository)


def test_the_main_job(owner):
    owner.store(owner.config("web", "worker"))
    data = owner.deploy()
    assert set(data["builds"]) == set(owner.builds_of(data["deploy-id"])) == {"web", "worker"}
    assert owner.follow(data["deploy-id"])["status"] == "finished"
    assert owner.records() == [data["deploy-id"]]


def test_links_have_the_prefix_and_lead_back(owner):
    owner.store()
    response = owner.api.post(owner.deploy_path)
    location = response.headers["Location"]
    assert location.startswith(f"{PREFIX}/api/v1/tool/{owner.name}/deploy/")
    assert owner.api.get(location).data["deploy-id"] == response.data["deploy-id"]


def test_the_document_has_the_prefix_and_needs_no_identity(hops):
    document = hops.api().get("/openapi.json").document
    assert [server["url"] for server in document["servers"]] == [PREFIX]


def test_the_tool_s_certificate_decides_what_is_allowed(owner, authority, internal):
    owner.store()
    strangers = [
        (None, 401),
        (authority.issue(name((CN, owner.name))), 401),
        (authority.issue(name((O, "toolforge"), (CN, owner.name), (CN, "mallory"))), 401),
        (authority.issue(tool_name(owner.name), begins=-9, ends=-1), 401),
        (internal.issue(tool_name(owner.name)), 401),
        (internal.gateway, 401),
        (authority.tool("other"), 403),
    ]
    for certificate, status in strangers:
        with owner.cluster.recording() as journal:
            assert owner.api.get(owner.config_path, certificate=certificate).status == status, certificate
            assert owner.api.post(owner.deploy_path, certificate=certificate).status == status, certificate
        assert not journal.entries
    assert owner.api.get(owner.config_path).status == 200


def test_a_header_forged_by_the_client_changes_nothing(owner, authority):
    owner.store()
    subject = f"CN={owner.name},O=toolforge"
    attempts = [[(spelling, subject)] for spelling in FORGED]
    for value in (subject, owner.name, "SUCCESS"):
        everything = [(spelling, value) for spelling in FORGED]
        # nginx would answer 400 to a second Authorization.
        attempts += [everything, [pair for pair in everything if pair[0] != "Authorization"] * 2]
    strangers = ((None, 401), (authority.tool("other"), 403))
    with owner.cluster.recording() as journal:
        for headers in attempts:
            for certificate, status in strangers:
                response = owner.api.get(owner.config_path, headers=headers, certificate=certificate)
                assert response.status == status, (headers, response)
    assert not journal.entries
    # Nor does it refuse or redirect a valid client.
    for value in ("CN=mallory,O=toolforge", "other", "", "/elsewhere"):
        headers = {spelling: value for spelling in FORGED}
        assert owner.api.get(owner.config_path, headers=headers).status == 200, value
    response = owner.api.post(owner.deploy_path, headers={spelling: "/elsewhere" for spelling in FORGED})
    assert response.headers["Location"].startswith(f"{PREFIX}/api/"), response


@pytest.mark.parametrize("way", ["proxy", "fastcgi"])
def test_only_the_listed_headers_of_the_client_are_passed_on(
    way, make_gateway, make_tool, internal, authority
):
    tool = make_tool(f"seen-{way}")
    arrived = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(internal.file))
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_cert_chain(internal.sidecar.certificate, internal.sidecar.key)

        def receive():
            connection, _ = listener.accept()
            connection.settimeout(20)
            with context.wrap_socket(connection, server_side=True) if way == "proxy" else connection as peer:
                # The end of a header; the empty record that ends a FastCGI request's body.
                end, data = (b"\r\n\r\n" if way == "proxy" else b"\1\5\0\1\0\0"), b""
                while end not in data and (more := peer.recv(65536)):
                    data += more
                arrived.append(data)

        thread = threading.Thread(target=receive)
        thread.start()
        api = make_gateway(way, f"127.0.0.1:{listener.getsockname()[1]}").api(authority.tool(tool.name))
        # A deploy token is passed on: the service checks it.
        headers = [(spelling, "a-token" if spelling == "Authorization" else "forged") for spelling in FORGED]
        headers += [("Cookie", "forged"), ("X-Request-Id", "kept-1"), ("Sec-Fetch-Site", "cross-site")]
        # Nothing listens there.
        assert api.get("/healthz", headers=headers).status == 502
        thread.join()
    assert b"forged" not in arrived[0], arrived
    assert b"kept-1" in arrived[0] and b"cross-site" in arrived[0] and b"a-token" in arrived[0]
    assert arrived[0].count(f"CN={tool.name},O=toolforge".encode()) == 1


def test_errors_of_every_hop_are_envelopes(owner):
    missing = owner.api.get(owner.config_path)
    assert (missing.status, owner.name in missing.error) == (404, True)
    too_large = b"x" * (256 * 1024 + 1)
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(too_large), too_large)
    responses = {
        owner.api.post(owner.config_path, too_large): 413,
        owner.api.request("POST", owner.config_path, chunks, headers={"Transfer-Encoding": "chunked"}): 413,
        owner.api.post(owner.config_path, "{", "application/json"): 400,
        owner.api.post(owner.config_path, {"components": {}}): 422,
        owner.api.post(owner.config_path, "x", "text/plain"): 415,
        owner.api.request("PUT", owner.config_path, b""): 405,
        owner.api.get("/nothing"): 404,
        owner.api.get("/metrics"): 404,
        owner.api.get("/%6detrics"): 404,
    }
    for response, status in responses.items():
        assert response.status == status, response
        assert response.errors
        if response.path.endswith("metrics"):
            assert "It must begin with /components/" in response.error, "the gateway asked the service"


def test_a_body_in_chunks_arrives_whole(owner):
    body = json.dumps(owner.config()).encode()
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"
    headers = {"Transfer-Encoding": "chunked", "Content-Type": "application/json"}
    assert owner.api.request("POST", owner.config_path, chunks, headers=headers).status == 200
    assert owner.cluster.config(owner.name)["spec"] == owner.config()


def test_the_path_reaches_the_service_as_it_was_sent(owner):
    owner.store()
    base = f"/api/v1/tool/{owner.name}"
    expected = {
        f"{PREFIX}{base}/config?": 200,
        f"{PREFIX}{base}/config?a=%2F..&b": 400,
        f"{PREFIX}/api/v1/tool/{owner.name.replace('h', '%68', 1)}/config": 200,
        # Decoded once, by the service, for which this name contains a percent sign.
        f"{PREFIX}/api/v1/tool/{owner.name.replace('h', '%2568', 1)}/config": 404,
        f"{PREFIX}{base}%2Fconfig": 400,
        f"{PREFIX}/{base}/config": 400,
        f"{PREFIX}{base}/./config": 400,
        f"{PREFIX}{base}/x/../config": 400,
        f"{PREFIX}/x/..{base}/config": 400,
        f"{PREFIX}/x/%2e%2e{base}/config": 400,
        # Paths in which nginx would find the prefix although the client did not write it.
        f"/x/..{PREFIX}{base}/config": 404,
        f"/{PREFIX}{base}/config": 404,
        f"/%63omponents{base}/config": 404,
        f"{PREFIX}": 404,
    }
    api = API(owner.api.port, owner.api.ca, owner.api.certificate)
    for path, status in expected.items():
        response = api.get(path)
        assert response.status == status, response


def test_tags_and_conditions_pass_every_hop_as_they_are(owner, hops):
    compressing = {"Accept-Encoding": "gzip"}
    # This gateway does compress what is not from the service.
    elsewhere = API(hops.port, hops.users.file).get("/metrics", headers=compressing, check=False)
    assert elsewhere.headers["Content-Encoding"] == "gzip"
    response = owner.api.post(owner.config_path, owner.config(), headers={"If-None-Match": "*", **compressing})
    tag = response.headers["ETag"]
    assert (response.status, tag[:1]) == (200, '"')
    assert owner.api.get(owner.config_path, headers=compressing).headers["ETag"] == tag
    assert owner.api.get(owner.config_path, headers={"If-None-Match": tag}).status == 304
    for name, value in (("If-None-Match", "*"), ("If-Match", '"1"')):
        assert owner.api.post(owner.config_path, owner.config("x"), headers={name: value}).status == 412
    assert owner.api.post(owner.config_path, owner.config("y"), headers={"If-Match": tag}).status == 200
    assert owner.api.get(owner.config_path).data == owner.config("y")


def test_a_key_passes_every_hop(owner):
    owner.store()
    responses = [owner.api.post(owner.deploy_path, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert [response.status for response in responses] == [201, 200]
    assert responses[1].headers["Idempotent-Replayed"] == "true"
    assert owner.api.post(owner.deploy_path, headers={"Idempotency-Key": "a b"}).status == 400
    assert owner.records() == [responses[0].data["deploy-id"]]


def test_the_request_id_passes_every_hop(owner, hops):
    assert owner.api.get("/healthz", headers={"X-Request-Id": "from.me-1"}).headers["X-Request-Id"] == "from.me-1"
    ids = {owner.api.get("/healthz", headers={"X-Request-Id": "a b"}).headers["X-Request-Id"] for _ in range(2)}
    assert len(ids) == 2 and "a b" not in ids


# ---- the second hop --------------------------------------------------------------------------------------------------


def test_only_the_gateway_may_connect_to_the_pod(sidecar, authority, internal, make_tool, directory):
    tool = make_tool("bypassed")
    tool.store()
    path = f"/api/v1/tool/{tool.name}/config"
    forged = {"ssl-client-subject-dn": f"CN={tool.name},O=toolforge", "x-toolforge-tool": tool.name}
    impostor = InternalAuthority(directory / "false-internal-certificates")
    refused = [
        ("no certificate", None, 401),
        ("the tool's own, valid at the gateway", authority.tool(tool.name), 401),
        ("the gateway's subject, of the tools' CA", authority.issue(name((CN, "api-gateway"))), 401),
        ("the gateway's subject, of a CA of the same name", impostor.gateway, 401),
        ("another component's", internal.issue(name((CN, "builds-api"))), 403),
        ("the gateway's subject and more", internal.issue(name((O, "x"), (CN, "api-gateway"))), 403),
        ("the tool's subject, of the CA behind the gateway", internal.issue(tool_name(tool.name)), 403),
    ]
    pod = API(sidecar.port, internal.file)
    with tool.cluster.recording() as journal:
        for case, certificate, status in refused:
            for headers in ({}, forged):
                response = pod.get(path, headers=headers, certificate=certificate)
                assert response.status == status, (case, response)
    assert not journal.entries
    # The certificate admits the gateway; then the gateway's headers are the identity.
    assert pod.get(path, headers=forged, certificate=internal.gateway).status == 200
    assert pod.get(path, certificate=internal.gateway).status == 401


@pytest.mark.parametrize("case", ["of another name", "of the tools' CA", "for clients only"])
def test_the_gateway_connects_only_to_the_service(
    case, started, directory, authority, internal, make_gateway, service
):
    certificate = {
        "of another name": lambda: internal.server("builds-api.builds-api.svc"),
        "of the tools' CA": lambda: authority.server(HOST),
        "for clients only": lambda: internal.gateway,
    }[case]()
    pod = started(Sidecar(directory / f"false-pod-{next(_numbers)}", service.socket, internal, certificate))
    response = make_gateway("proxy", f"127.0.0.1:{pod.port}").api().get("/healthz", headers={"X-Request-Id": "mine"})
    assert response.status == 502
    assert int(response.headers["Retry-After"]) > 0
    assert response.headers["X-Request-Id"] == "mine"
    # No request line was logged.
    assert not pod.access_log.read_text()


def test_the_tool_s_header_is_the_gateway_s_where_it_is_configured(
    started, directory, authority, internal, make_gateway, make_tool, service
):
    pod = started(Sidecar(directory / "tool-pod", service.socket, internal, trust_tool_header="yes"))
    gateway = make_gateway("proxy", f"127.0.0.1:{pod.port}", tool_header="yes")
    tool = make_tool("named")
    tool.store()
    path = f"/api/v1/tool/{tool.name}/config"
    forged = {spelling: tool.name for spelling in ("x-toolforge-tool", "X_Toolforge_Tool", "X-TOOLFORGE_TOOL")}
    for certificate, status in (
        (authority.tool(tool.name), 200),
        (authority.issue(name((CN, tool.name), (O, "toolforge"))), 200),
        (authority.tool("other"), 403),
        (authority.issue(name((O, "evil"), (CN, tool.name))), 401),
        (None, 401),
    ):
        for headers in ({}, forged):
            assert gateway.api(certificate).get(path, headers=headers).status == status, (certificate, headers)
    # The header is the identity, no longer the subject: checked with the gateway's certificate.
    trusted = API(pod.port, internal.file, internal.gateway)
    headers = {"ssl-client-subject-dn": "CN=other,O=toolforge", "x-toolforge-tool": tool.name}
    assert trusted.get(path, headers=headers).status == 200


@pytest.mark.parametrize("way", ["proxy", "fastcgi"])
def test_no_request_is_sent_twice(way, make_gateway, sidecar, fastcgi_service):
    """One Service, two addresses, of which one is dead: each request is sent to one of them only."""
    upstream = f"127.0.0.1:{sidecar.port}" if way == "proxy" else fastcgi_service.socket
    live = f'server "{upstream}" max_fails=0;'
    dead = f'server "127.0.0.1:{free_port()}" max_fails=0;'
    api = make_gateway(way, upstream, changes={live: f"{live} {dead}"}).api()
    assert sorted(api.get("/healthz").status for _ in range(4)) == [200, 200, 502, 502]
