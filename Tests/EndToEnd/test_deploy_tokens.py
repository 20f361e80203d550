"""Deploy tokens: who may do what with one, and that no log has one."""

import contextlib
import re
import socket
import subprocess
import uuid

import pytest

from stack.processes import wait_until
from stack.secrets import deploy_tokens, logs_of

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def known(response):
    """The token of a response, which from now on must be in no log."""
    assert response.status == 200, response
    token = response.data["token"]
    deploy_tokens.add(token)
    return token


def made(tool):
    return known(tool.api.post(f"{tool.field}/deployment/token"))


@pytest.fixture
def ready(tool):
    tool.store()
    return tool


def test_a_token_is_made_shown_refreshed_and_removed(tool, cluster):
    path = f"{tool.field}/deployment/token"
    missing = tool.api.get(path)
    assert missing.status == 404
    assert missing.errors[0].startswith(f"Unable to find namespace tool-{tool.name} or deploytoken")
    assert tool.api.put(path).status == tool.api.delete(path).status == 404
    created = tool.api.post(path)
    token = known(created)
    assert UUID.fullmatch(token)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", created.data["creation_date"])
    assert created.info == [f"Deploy token for {tool.name} created successfully."]
    assert tool.api.get(path).data == created.data
    taken = tool.api.post(path)
    assert taken.status == 409
    assert taken.errors[0].startswith("Deploy token already exists.")
    refreshed = tool.api.put(path)
    assert known(refreshed) != token
    assert refreshed.info == [f"Deploy token for {tool.name} updated successfully."]
    stored = cluster.request("GET", f"/apis/deploy.toolforge.org/v1/namespaces/tool-{tool.name}/deploytokens/{tool.name}-deploy-token")
    assert set(stored["spec"]) == {"keyID", "nonce", "createdAt", "expiresAt"}
    assert known(refreshed) not in str(stored)
    deleted = tool.api.delete(path)
    assert known(deleted) == known(refreshed)
    assert deleted.info == [f"Deploy token for {tool.name} deleted successfully."]
    assert tool.api.get(path).status == 404


def test_ci_deploys_with_a_token_and_nothing_else(ready, anonymous):
    token = made(ready)
    starts = [
        anonymous.post(f"{ready.field}/deployment", headers=bearer(token)),
        anonymous.post(f"{ready.deploy_path}", headers=bearer(token)),
    ]
    assert [response.status for response in starts] == [200, 201], starts
    identifier = starts[0].data["deploy_id"]
    assert anonymous.get(f"{ready.field}/deployment/{identifier}?token={token}").status == 200
    for path in (f"{ready.field}/deployment/latest", f"{ready.deploy_path}/{identifier}"):
        assert anonymous.get(path, headers=bearer(token)).status == 200
    refused = [
        anonymous.get(ready.config_path, headers=bearer(token)),
        anonymous.get(f"{ready.field}/config", headers=bearer(token)),
        anonymous.post(f"{ready.field}/config", ready.config(), headers=bearer(token)),
        anonymous.get(ready.deploy_path, headers=bearer(token)),
        anonymous.get(f"{ready.field}/deployment", headers=bearer(token)),
        anonymous.put(f"{ready.field}/deployment/{identifier}/cancel", headers=bearer(token)),
        anonymous.delete(f"{ready.field}/deployment/{identifier}", headers=bearer(token)),
        anonymous.delete(f"{ready.deploy_path}/{identifier}", headers=bearer(token)),
        *(
            anonymous.request(method, f"{ready.field}/deployment/token", headers={**bearer(token), "Content-Length": "0"})
            for method in ("GET", "POST", "PUT", "DELETE")
        ),
    ]
    for response in refused:
        assert response.status == 403, response
        assert response.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope"'


def test_the_scripts_of_the_field(ready, anonymous, authority):
    """As they stand in the CI files of tools."""
    token = made(ready)
    curl = ["curl", "-sS", "--cacert", str(authority.file), "--fail-with-body"]
    url = f"https://127.0.0.1:{anonymous.port}{ready.field}/deployment"
    for arguments in (
        ["-X", "POST", f"{url}?token={token}"],
        ["-X", "POST", f"{url}?token={token}&force-build=true&force-run=true", "-H", "Content-Type: application/json"],
        ["-X", "POST", f"{url}?force_build=true&force_run=true&token={token}", "-d", ""],
        ["-X", "POST", "-H", f"Authorization: Bearer {token}", "--json", '{"description": "commit 1"}', url],
    ):
        result = subprocess.run([*curl, *arguments], capture_output=True, text=True)
        assert result.returncode == 0, result
        identifier = re.search(r'"deploy_id":"([^"]+)"', result.stdout)[1]

        def status():
            shown = subprocess.run([*curl, f"{url}/{identifier}?token={token}"], capture_output=True, text=True)
            assert shown.returncode == 0, shown
            found = re.search(r'"status":"(\w+)"', shown.stdout)[1]
            return found if found not in ("pending", "running") else None

        assert wait_until(status, "the end of the deployment", 40) == "successful"


# The rows of the score card about identities, with tokens in the mix.
FORGED = {
    "none": None,
    "empty": "",
    "no UUID": "secret",
    "a UUID": str(uuid.UUID(int=1 << 78 | 1 << 63, version=4)),
    "in braces": "{848f4cf3-67f3-487e-b8e6-1df0b8820bad}",
    "very long": "8" * 4_000,
    "a line end": "848f4cf3-67f3-487e-b8e6-1df0b8820bad%0d%0a",
}


@pytest.mark.score(7)
@pytest.mark.parametrize("token", [pytest.param(token, id=case) for case, token in FORGED.items()])
def test_a_forged_token_lets_nobody_in(ready, anonymous, token):
    made(ready)
    with ready.cluster.recording() as journal:
        if token is None:
            responses = [anonymous.post(f"{ready.field}/deployment"), anonymous.post(ready.deploy_path)]
        else:
            responses = [
                anonymous.post(f"{ready.field}/deployment?token={token}"),
                anonymous.post(f"{ready.field}/deployment", headers=bearer(token)),
                anonymous.post(ready.deploy_path, headers=bearer(token)),
            ]
    assert [response.status for response in responses] == [401] * len(responses), responses
    assert all(token not in response.body.decode() for response in responses if token)
    assert {entry["resource"] for entry in journal.entries} <= {"deploytokens"}, journal.summary()


@pytest.mark.score(7)
def test_foreign_and_older_tokens_let_nobody_in(make_tool, anonymous):
    owner, other = make_tool(), make_tool()
    owner.store()
    foreign, older = made(other), made(owner)
    newer = known(owner.api.put(f"{owner.field}/deployment/token"))
    for token in (foreign, older):
        response = anonymous.post(f"{owner.field}/deployment", headers=bearer(token))
        assert response.status == 401
        assert response.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
        assert "does not match the tool's token" in response.errors[0]
    # Facts that somebody copied are no token of the other tool.
    assert anonymous.post(f"{other.field}/deployment", headers=bearer(newer)).status == 401
    owner.api.delete(f"{owner.field}/deployment/token")
    gone = anonymous.post(f"{owner.field}/deployment", headers=bearer(newer))
    assert gone.status == 401
    assert gone.errors[0].startswith(f"The tool '{owner.name}' has no deploy token yet, you have to create one")


def test_an_expired_token_is_refused(ready, anonymous, cluster):
    token = made(ready)
    cluster.request(
        "PATCH",
        f"/apis/deploy.toolforge.org/v1/namespaces/tool-{ready.name}/deploytokens/{ready.name}-deploy-token",
        {"spec": {"expiresAt": "2020-01-01T00:00:00.000000Z"}},
        content_type="application/merge-patch+json",
    )
    response = anonymous.post(f"{ready.field}/deployment", headers=bearer(token))
    assert (response.status, "has expired" in response.errors[0]) == (401, True)
    # It makes room for a new one.
    assert made(ready) != token


@pytest.mark.score(6)
def test_a_certificate_and_a_token_must_be_of_the_same_tool(make_tool, authority):
    owner, other = make_tool(), make_tool()
    owner.store()
    own, foreign = made(owner), made(other)
    path = f"{owner.field}/deployment"
    for certificate, token, status in (
        (authority.tool(owner.name), own, 200),
        (authority.tool(owner.name), foreign, 403),
        (authority.tool(other.name), own, 403),
        (authority.tool(other.name), foreign, 403),
        (authority.self_signed(authority.name), own, 401),
    ):
        response = owner.api.post(path, headers=bearer(token), certificate=certificate)
        assert response.status == status, response


def test_a_service_without_keys_says_so(make_tool, lone_service, another_gateway, authority):
    tool = make_tool()
    service = lone_service()
    api = another_gateway(service.socket)
    certificate = authority.tool(tool.name)
    response = api.post(f"/v1/tool/{tool.name}/deployment/token", certificate=certificate)
    assert (response.status, "TOKEN_KEYS_FILE" in response.errors[0]) == (404, True)
    refused = api.post(f"/v1/tool/{tool.name}/deployment", headers=bearer(str(uuid.uuid4())))
    assert refused.status == 401
    assert api.post(f"/v1/tool/{tool.name}/config", tool.config(), certificate=certificate).status == 200


def test_a_refresh_counts_on_every_replica_at_once(make_tool, lone_service, another_gateway, authority, directory):
    tool = make_tool()
    keys = {"TOKEN_KEYS_FILE": str(directory / "token-keys")}
    apis = [another_gateway(lone_service(**keys).socket) for _ in range(2)]
    certificate = authority.tool(tool.name)
    path = f"/v1/tool/{tool.name}/deployment/token"
    apis[0].post(f"/v1/tool/{tool.name}/config", tool.config(), certificate=certificate)
    token = known(apis[0].post(path, certificate=certificate))
    for number in range(4):
        newer = known(apis[number % 2].put(path, certificate=certificate))
        for api in apis:
            assert api.get(f"/v1/tool/{tool.name}/deployment/x", headers=bearer(token)).status == 401
            assert api.get(f"/v1/tool/{tool.name}/deployment/x", headers=bearer(newer)).status == 404
        token = newer


def test_no_log_has_a_token(make_tool, lone_service, another_gateway, authority, directory):
    """Through everything that nginx writes an error about: limits, a body that is too large, a service that is away."""
    tool = make_tool()
    service = lone_service(TOKEN_KEYS_FILE=str(directory / "token-keys"), LOG_LEVEL="trace")
    api = another_gateway(service.socket, max_exchanges_each=1)
    token = known(api.post(f"/v1/tool/{tool.name}/deployment/token", certificate=authority.tool(tool.name)))
    places = [f"/v1/tool/{tool.name}/deployment", f"/api/v1/tool/{tool.name}/deploy", "/v1/nothing"]

    def ask():
        for place in places:
            queries = [f"token={token}", f"x=1&token={token}"]
            if place.startswith("/v1/"):
                queries += [f"%74oken={token}", f"tok%65n={token}"]
            for path, headers in ((f"{place}?{query}", headers) for query in queries for headers in ({}, bearer(token))):
                api.request("POST", path, body="{}", headers={"Content-Type": "application/json", **headers})
                api.request("POST", path, headers={"Content-Length": "300000", **headers}, check=False)
                api.request("POST", path, body="2\r\n{}\r\n0\r\n\r\n", headers={"Transfer-Encoding": "chunked", **headers})

    ask()
    with contextlib.ExitStack() as stack:
        # Two at a time are one too many for the tool of the path.
        import socket

        plain = stack.enter_context(socket.create_connection(("127.0.0.1", api.port)))
        slow = stack.enter_context(api.context(None).wrap_socket(plain, server_hostname="localhost"))
        slow.sendall(
            f"POST {places[0]}?token={token} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n".encode()
        )
        for place in (f"{places[0]}/x?token={token}", f"{places[1]}/x?token={token}"):
            wait_until(lambda place=place: api.get(place).status == 503, "the limit of the tool of the path")
        # Another tool's are not affected.
        assert api.get(f"/v1/tool/{tool.name}2/deployment/x?token={token}").status == 401
    service.kill()
    ask()
    assert api.get(f"{places[0]}/x?token={token}").status == 502
    for log in logs_of(directory):
        assert token not in log.read_text(errors="replace"), log
