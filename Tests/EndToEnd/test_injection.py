"""Names with control characters: a response has one header block, and a request one log line, whatever a name contains."""

import json

import pytest

from stack.fastcgi import exchange, message, verified
from stack.score import figure, seeded, size

FIELDS = {"status", "content-type", "content-length", "cache-control", "x-request-id", "x-content-type-options", "vary"}
PIECES = ["\r\n", "\n", "\r", "\0", "\x1b[2J", "\x7f", "\x85", "\u2028", "\t", '"', "\\", "Status: 200", "Set-Cookie: a=b", "x", "é"]


def hostile(numbers):
    return "".join(numbers.choices(PIECES, k=numbers.randint(1, 8)))


def encoded(text):
    return "".join(f"%{byte:02X}" for byte in text.encode())


def escaped(text):
    """As nginx writes it in a subject (RFC 2253)."""
    return "".join(f"\\{byte:02X}" for byte in text.encode())


@pytest.mark.score("B20")
@pytest.mark.timeout(600)
def test_no_name_ends_a_line(lone_service, tool):
    service = lone_service(LOG_LEVEL="info")
    seed, numbers = seeded("hostile names")
    count = size("HOSTILE_NAMES", 300, 10_000)
    for number in range(count):
        name, place = hostile(numbers), number % 4
        target = [
            f"/api/v1/tool/{tool.name}/deploy/a{encoded(name)}",
            f"/api/v1/tool/a{encoded(name)}/config",
            f"/{encoded(name)}",
            f"/api/v1/tool/{tool.name}/config",
        ][place]
        more = verified(tool.name)
        if place == 3:
            more["SSL_CLIENT_S_DN"] = f"CN={escaped(name)},O=toolforge"
        if numbers.random() < 0.5:
            more["HTTP_X_REQUEST_ID"] = name.replace("\0", "")
        status, headers, body = exchange(service.listen, message("GET", target, more))
        assert 400 <= status < 500, (seed, number, status)
        assert {field.lower() for field in headers} <= FIELDS, (seed, number, headers.items())
        assert len(headers.keys()) == len(set(headers.keys())), (seed, number)
        assert set(json.loads(body)) == {"messages"}, (seed, number)
        assert int(headers["Content-Length"]) == len(body), (seed, number)
    # Each line is JSON, and there is one for each request.
    answered = [line for line in service.log_lines() if line["message"] == "Request answered"]
    assert len(answered) == count, seed
    figure("B20", f"{count:,} names with control characters, TEST_SEED={seed}: 1 header block and 1 log line each")
