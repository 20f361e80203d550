"""What is just within a limit is served; what is just beyond is refused with the limit. At nginx, and at the service."""

import json

import pytest

from stack.fastcgi import exchange, message, verified
from stack.kept import Kept
from stack.score import figure, seeded, size

LIMIT = 256 * 1024


def padded(tool, length):
    """A config in JSON of that many bytes."""
    return json.dumps(tool.config()).encode().ljust(length)


def chunked(body):
    return b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)


@pytest.mark.parametrize("beyond, status", [(-1, 200), (0, 200), (1, 413)])
def test_a_body_at_the_limit(tool, service, beyond, status):
    body = padded(tool, LIMIT + beyond)
    more = verified(tool.name) | {"CONTENT_TYPE": "application/json"}
    json_type = {"Content-Type": "application/json"}
    responses = {
        "nginx": tool.api.request("POST", tool.config_path, body, headers=json_type).status,
        "nginx, in chunks": tool.api.request(
            "POST", tool.config_path, chunked(body), headers=json_type | {"Transfer-Encoding": "chunked"}
        ).status,
        "the service": exchange(service.listen, message("POST", f"/api/v1/tool/{tool.name}/config", more, body))[0],
    }
    assert responses == dict.fromkeys(responses, status)


# nginx reads the line into a buffer of 8 KiB, with the method, the version and the line ends.
@pytest.mark.parametrize("beyond, status", [(-1, 404), (0, 404), (1, 414)])
def test_a_request_line_at_the_limit(another_gateway, service, beyond, status):
    api = another_gateway(service.socket)
    path = "/" + "a" * (8192 - len("GET / HTTP/1.1\r\n") + beyond)
    assert api.get(path).status == status


@pytest.mark.parametrize("beyond, status", [(-1, 200), (0, 200), (1, 400)])
def test_a_header_line_at_the_limit(another_gateway, service, beyond, status):
    api = another_gateway(service.socket)
    assert api.get("/healthz", headers={"X-A": "a" * (8192 - len("X-A: \r\n") + beyond)}).status == status


def test_many_small_headers(another_gateway, service):
    api = another_gateway(service.socket)
    for count, status in ((90, 200), (1_500, 400)):
        headers = "".join(f"X-{number}: {'a' * 20}\r\n" for number in range(count))
        response = api.raw(f"GET /healthz HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n".encode())
        assert response.status == status, count


def test_only_the_methods_that_are_offered_do_something(tool):
    tool.store()
    seed, numbers = seeded("methods")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    methods = {"".join(numbers.choices(letters, k=numbers.randint(1, 12))) for _ in range(size("METHODS", 60, 200))}
    methods |= {"OPTIONS", "PUT", "PATCH", "DELETE", "PRI", "GETS", "POS", "M-SEARCH", "A_B", "get", "Post"}
    methods -= {"GET", "HEAD", "POST", "TRACE", "CONNECT"}
    with tool.cluster.recording() as journal, Kept(tool.api, tool.api.certificate) as client:
        for method in sorted(methods):
            # On the path of the deployments an effect would be visible.
            head = f"{method} {tool.deploy_path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
            status, headers, _ = client.ask(head.encode())
            # nginx does not accept lower-case methods, and closes the connection.
            assert status == (405 if method.isupper() else 400), (seed, method)
            assert status == 400 or headers["allow"] == "GET, HEAD, POST", (seed, method)
    assert not journal.entries, seed
    assert not tool.records()


def request_of_any_kind(numbers):
    """A request with random line and headers."""
    paths = ["/healthz", "/openapi.json", "/", "/api/v1/tool/x/config", "/%00", "/a%2Fb", "//", "/é", "/" + "a" * 3_000]
    lines = [f"{numbers.choice(['GET', 'HEAD', 'POST', 'FOO', 'OPTIONS'])} {numbers.choice(paths)} HTTP/1.1"]
    lines += ["Host: localhost"] if numbers.random() < 0.98 else []
    for _ in range(numbers.randint(0, 20)):
        names = ["Accept", "Proxy", "Content-Type", "X-Request-Id", "Cookie", "X_Y", "SSL_CLIENT_VERIFY", "X-" + "y" * 40]
        characters = [numbers.choice("\x01\t !\"%,;:=~é\xffabcdefgh012345") for _ in range(numbers.randint(0, 60))]
        lines.append(f"{numbers.choice(names)}: {''.join(characters)}")
    body = "x" * numbers.choice([0, 0, 1, 100])
    lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode("latin-1")


@pytest.mark.score(1)
@pytest.mark.timeout(3600)
def test_random_requests_through_nginx_harm_nothing(lone_service, another_gateway, tool):
    service = lone_service()
    api = another_gateway(service.socket)
    seed, numbers = seeded("random requests")
    count = size("RANDOM_REQUESTS", 500, 100_000)
    statuses = {}
    with Kept(api, tool.api.certificate) as client:
        for number in range(count):
            status, headers, _ = client.ask(request_of_any_kind(numbers))
            assert status < 500, (seed, number)
            assert headers["x-request-id"], (seed, number)
            statuses[status] = statuses.get(status, 0) + 1
    assert service.process.is_running
    assert api.get("/healthz").status == 200
    assert 200 in statuses, statuses
    summary = ", ".join(f"{times:,} × {status}" for status, times in sorted(statuses.items()))
    figure(1, f"{count:,} random requests through nginx, TEST_SEED={seed}: 0 crashes, 0 × 5xx ({summary})")
