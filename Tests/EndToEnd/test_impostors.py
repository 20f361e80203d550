"""Clients that claim another identity: by certificate in every mode of verification, by headers, parameters and paths."""

import json
import uuid

import pytest

from stack import fastcgi
from stack.certificates import tool_name
from stack.kept import Kept
from stack.score import figure, seeded, size
from stack.secrets import deploy_tokens
from test_identity import SPELLINGS, SUBJECTS, UNVERIFIED

MARK = "for-the-owner-alone"
VERIFY = "ssl_verify_client optional;"


@pytest.fixture(scope="module")
def owner(cluster, make_tool):
    """A tool whose config no other may read, change or deploy. Another file's tests may have created its namespace."""
    tool = make_tool("owner", namespace=not cluster.get("/api/v1/namespaces/tool-owner"))
    tool.store(tool.config(mark=MARK))
    return tool


@pytest.fixture(scope="module")
def tokens(owner, make_tool, cluster):
    """Deploy tokens of which none lets anybody act for the owner: forged, foreign, older, expired."""
    foreign_tool = make_tool()
    steps = ((foreign_tool, "POST"), (owner, "POST"), (owner, "PUT"))
    made = [
        tool.api.request(method, f"{tool.field}/deployment/token", headers={"Content-Length": "0"})
        for tool, method in steps
    ]
    assert [response.status for response in made] == [200] * 3, made
    foreign, older, expired = (response.data["token"] for response in made)
    deploy_tokens.update((foreign, older, expired))
    cluster.request(
        "PATCH",
        "/apis/deploy.toolforge.org/v1/namespaces/tool-owner/deploytokens/owner-deploy-token",
        {"spec": {"expiresAt": "2020-01-01T00:00:00.000000Z"}},
        content_type="application/merge-patch+json",
    )
    yield {"foreign": foreign, "older": older, "expired": expired, "forged": str(uuid.uuid4()), "no UUID": "secret", "empty": ""}
    owner.api.request("DELETE", f"{owner.field}/deployment/token")


def beyond_tokens(journal):
    """What was asked of the cluster, but for the facts that a token is compared with."""
    return [entry for entry in journal if (entry["verb"], entry["resource"]) != ("get", "deploytokens")]


@pytest.fixture(scope="module")
def crl(authority, directory):
    """A revoked certificate, and its CA's revocation list."""
    revoked = authority.issue(tool_name("owner"))
    path = directory / "certificates/revoked.crl"
    path.write_bytes(authority.revoke(revoked))
    return revoked, path


def modes(crl):
    """What replaces `ssl_verify_client optional`, and whether the owner's own certificate is accepted then."""
    return {
        "optional": (VERIFY, True),
        "on": ("ssl_verify_client on;", True),
        "on, with a list of the revoked": (f'ssl_verify_client on; ssl_crl "{crl}";', True),
        "optional_no_ca": ("ssl_verify_client optional_no_ca;", True),
        "off": ("ssl_verify_client off;", False),
    }


@pytest.mark.score(6)
@pytest.mark.timeout(300)
def test_no_certificate_is_another_s_in_any_mode_of_verification(
    owner, authority, directory, crl, service, another_gateway
):
    revoked, revoked_list = crl
    certificates = {case: authority.issue(subject) for case, subject in SUBJECTS.items()}
    certificates |= {case: make(authority, directory / "modes") for case, make in UNVERIFIED.items()}
    assert len(certificates) == 36
    tried = 0
    for mode, (directive, has_identity) in modes(revoked_list).items():
        api = another_gateway(service.socket, changes={VERIFY: directive})
        get = f"GET {owner.config_path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        with owner.cluster.recording() as journal:
            for case, certificate in certificates.items():
                with Kept(api, certificate) as client:
                    status, _, body = client.ask(get)
                assert status in (400, 401), (mode, case, status)
                assert MARK.encode() not in body
                tried += 1
        assert not journal.entries, mode
        # With the right certificate the same request succeeds; a revoked one is accepted unless there is a list.
        with Kept(api, authority.tool("owner")) as client:
            assert client.ask(get)[0] == (200 if has_identity else 401), mode
        with Kept(api, revoked) as client:
            assert client.ask(get)[0] == (200 if has_identity and "crl" not in directive else 401), mode
    figure(6, f"36 certificates × 5 modes of verification: 0 of {tried} taken for another tool's")


@pytest.mark.score(6)
@pytest.mark.timeout(300)
def test_no_certificate_beside_a_token_is_another_s(owner, tokens, authority, directory):
    """Nor does a token help a certificate, or the other way round."""
    certificates = {case: authority.issue(subject) for case, subject in SUBJECTS.items()}
    certificates |= {case: make(authority, directory / "beside tokens") for case, make in UNVERIFIED.items()}
    certificates |= {"none": None, "of another tool": authority.tool("stranger")}
    tried = 0
    with owner.cluster.recording() as journal:
        for case, certificate in certificates.items():
            for kind, token in tokens.items():
                for path in (owner.deploy_path, f"{owner.field}/deployment"):
                    response = owner.api.post(path, headers={"Authorization": f"Bearer {token}"}, certificate=certificate)
                    assert response.status in (400, 401, 403), (case, kind, response)
                    assert MARK.encode() not in response.body
                    tried += 1
    assert beyond_tokens(journal) == []
    figure(6, f"{len(certificates)} certificates × {len(tokens)} tokens × 2 families: 0 of {tried} taken for the owner")


SUBJECTS_OF_THE_OWNER = [
    "CN=owner,O=toolforge",
    "O=toolforge,CN=owner",
    "/O=toolforge/CN=owner",
    "/CN=owner",
    "owner",
    "SUCCESS",
    "Subject=\"CN=owner,O=toolforge\"",
    "for=owner",
]
# A subject of another tool, of a form that nginx never sends, or not verified.
NEARLY = [
    ("NONE", "CN=owner,O=toolforge"),
    ("FAILED:self-signed certificate", "CN=owner,O=toolforge"),
    ("success", "CN=owner,O=toolforge"),
    ("SUCCESS ", "CN=owner,O=toolforge"),
    ("", "CN=owner,O=toolforge"),
    ("SUCCESS", "CN=stranger,O=toolforge"),
    ("SUCCESS", "CN=owner,CN=stranger,O=toolforge"),
    ("SUCCESS", "CN=stranger+CN=owner,O=toolforge"),
    ("SUCCESS", "CN=stranger\\,CN=owner,O=toolforge"),
    ("SUCCESS", "/O=toolforge/CN=owner"),
    ("SUCCESS", "CN=owner\\00,O=toolforge"),
    ("SUCCESS", "CN=owner,O=toolforge2"),
    ("SUCCESS", ""),
]
SEGMENTS = [
    "/owner",
    "/%6fwner",
    "/%6Fwne%72",
    "/stranger/../owner",
    "/stranger/%2e%2e/owner",
    "/stranger%2F..%2Fowner",
    "/stranger/./../owner",
    "//owner",
    "/owner/",
    "/owner;x",
    "/owner%00",
    "/stranger%5C..%5Cowner",
    "/stranger%252F..%252Fowner",
    "/owner%20",
    "/OWNER",
    "/ow%C5%8Fner",
    "/stranger?tool=owner&x=/owner",
    "/stranger/config/../../owner",
]


def respelled(name, numbers):
    """The name of a header in another spelling."""
    name = "".join(letter.swapcase() if numbers.random() < 0.3 else letter for letter in name)
    if numbers.random() < 0.4:
        name = "".join(numbers.choice("-_") if letter in "-_" else letter for letter in name)
    if numbers.random() < 0.2:
        name = numbers.choice(["HTTP_", "HTTP-", "X-", "x_", "REDIRECT_", "FCGI_"]) + name
    return name


def forged_headers(numbers):
    names = [*SPELLINGS, "SSL-Client-Verify", "SSL_CLIENT_VERIFY", "X-HTTP-Method-Override", "X-Original-URL", "X-Rewrite-URL"]
    for _ in range(numbers.randint(1, 4)):
        yield respelled(numbers.choice(names), numbers), numbers.choice(SUBJECTS_OF_THE_OWNER)


def over_tls(numbers, tokens):
    """A request that claims to be the owner's, by headers, by its path, or by a token."""
    method, end = numbers.choice([("GET", "/config"), ("HEAD", "/config"), ("POST", "/config"), ("POST", "/deploy")])
    family = numbers.choice(["/api/v1", "/v1"])
    is_config = end == "/config"
    if family == "/v1":
        end = end.replace("/deploy", "/deployment")
    path = f"{family}/tool{numbers.choice(SEGMENTS) if numbers.random() < 0.5 else '/owner'}{end}"
    if numbers.random() < 0.1:
        path = f"https://owner.localhost{path}"
    token = numbers.choice(tokens)
    if numbers.random() < 0.2:
        path += f"{'&' if '?' in path else '?'}token={token}"
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "X-Owner: yes"]
    lines += [f"{name}: {value}" for name, value in forged_headers(numbers)]
    if numbers.random() < 0.3:
        lines.append(f"Authorization: {numbers.choice(['Bearer', 'bearer', 'Basic', 'Token'])} {token}")
    body = STOLEN if is_config and method == "POST" else ""
    if method == "POST":
        lines += [f"Content-Length: {len(body)}", "Content-Type: application/json"]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode("latin-1")


STOLEN = json.dumps({"components": {"stolen": {"build": {"repository": "https://localhost/x.git"}}}})


def past_nginx(numbers, tokens):
    """What a misconfigured web server could send: everything of the owner, but under wrong names."""
    verify, subject = numbers.choice(NEARLY)
    pairs = {"SSL_CLIENT_VERIFY": verify, "SSL_CLIENT_S_DN": subject}
    for name, value in (("SSL_CLIENT_VERIFY", "SUCCESS"), ("SSL_CLIENT_S_DN", "CN=owner,O=toolforge")):
        name = numbers.choice(["HTTP_", "REDIRECT_", "X_", "ENV_"]) + respelled(name, numbers).replace("-", "_")
        pairs[name] = value
    for name, value in forged_headers(numbers):
        pairs["HTTP_" + name.upper().replace("-", "_").replace(".", "_")] = value
    if numbers.random() < 0.3:
        pairs["HTTP_AUTHORIZATION"] = f"Bearer {numbers.choice(tokens)}"
    if numbers.random() < 0.3:
        del pairs[numbers.choice(["SSL_CLIENT_VERIFY", "SSL_CLIENT_S_DN"])]
    method, end = numbers.choice([("GET", "/config"), ("POST", "/config"), ("POST", "/deploy")])
    return fastcgi.message(method, f"/api/v1/tool/owner{end}", pairs, STOLEN.encode() if method == "POST" else b"")


@pytest.mark.score(7)
@pytest.mark.timeout(1800)
def test_nothing_that_is_sent_makes_an_identity(
    owner, tokens, authority, lone_service, another_gateway, directory
):
    seed, numbers = seeded("forgeries")
    count = size("FORGERIES", 1_000, 10_000)
    service = lone_service(TOKEN_KEYS_FILE=str(directory / "token-keys"))
    api = another_gateway(service.socket)
    tokens = list(tokens.values())
    statuses = {}
    with owner.cluster.recording() as journal:
        with Kept(api) as nobody, Kept(api, authority.tool("stranger")) as stranger:
            for number in range(count):
                if number % 5 == 0:
                    status, _, body = fastcgi.exchange(service.listen, past_nginx(numbers, tokens))
                else:
                    client = nobody if number % 2 else stranger
                    status, _, body = client.ask(over_tls(numbers, tokens))
                assert 400 <= status < 500, (seed, number, status, body)
                assert MARK.encode() not in body, (seed, number)
                statuses[status] = statuses.get(status, 0) + 1
    reached = {entry["namespace"] for entry in beyond_tokens(journal) if entry["namespace"]}
    # Only requests with an identity reached the cluster, and only for their own tool.
    assert reached <= {"tool-stranger", "image-build"}, seed
    assert {401, 403} <= set(statuses)
    # The same client as the owner reads what is stored.
    with Kept(api, authority.tool("owner")) as client:
        status, _, body = client.ask(f"GET {owner.config_path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    assert status == 200 and MARK.encode() in body
    summary = ", ".join(f"{times:,} × {status}" for status, times in sorted(statuses.items()))
    figure(7, f"{count:,} forged headers, parameters, paths and tokens, TEST_SEED={seed}: 0 taken for the owner ({summary})")
