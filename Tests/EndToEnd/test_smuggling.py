"""Request smuggling: no request within a request reaches the service."""

import pytest

from stack.kept import Kept
from stack.score import figure

HIDDEN = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: hidden-{number}\r\n\r\n"
CHUNKED = "0\r\n\r\n"
# Header lines, and what precedes the hidden request; {n} is the length of everything after the header.
PROBES = [
    ("Content-Length: {n}\r\nTransfer-Encoding: chunked", CHUNKED),
    ("Transfer-Encoding: chunked\r\nContent-Length: {n}", CHUNKED),
    ("Content-Length: 0\r\nContent-Length: {n}", ""),
    ("Content-Length: {n}\r\nContent-Length: 0", ""),
    ("Content-Length: -1", ""),
    ("Content-Length: +{n}", ""),
    ("Content-Length: 0x{n:x}", ""),
    ("Content-Length: {n},{n}", ""),
    ("Content-Length: 18446744073709551616{n}", ""),
    ("Transfer-Encoding: xchunked\r\nContent-Length: {n}", CHUNKED),
    ("Transfer-Encoding: gzip, chunked", CHUNKED),
    ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", CHUNKED),
    ("Transfer-Encoding : chunked\r\nContent-Length: {n}", CHUNKED),
    ("Transfer-Encoding:\x0bchunked\r\nContent-Length: {n}", CHUNKED),
    ("X-A: b\nTransfer-Encoding: chunked\r\nContent-Length: {n}", CHUNKED),
    ("Host: other\r\nContent-Length: {n}", ""),
    (" Content-Length: 0\r\nContent-Length: {n}", ""),
]


def requests_of(service, identifier):
    return [
        line
        for line in service.log_lines()
        if line["message"] == "Request answered" and line.get("request-id") == identifier
    ]


@pytest.mark.score(8)
def test_no_request_is_smuggled_in_another(lone_service, another_gateway):
    assert len(PROBES) == 17
    service = lone_service(LOG_LEVEL="info")
    api = another_gateway(service.socket)
    for number, (headers, before) in enumerate(PROBES):
        after = before + HIDDEN.format(number=number)
        head = f"POST /healthz HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: outer-{number}\r\n"
        # The body of a complete request, or an error and the end: in either case there is only one response.
        response = api.raw((head + headers.format(n=len(after)) + "\r\n\r\n" + after).encode("latin-1"), check=False)
        assert response is None or response.status >= 400, (headers, response)
    assert api.get("/healthz").status == 200
    for number, (headers, _) in enumerate(PROBES):
        assert len(requests_of(service, f"outer-{number}")) <= 1, headers
        assert not requests_of(service, f"hidden-{number}"), headers
    # An ordinary second request is served and found in the log.
    with Kept(api) as client:
        assert client.ask(HIDDEN.format(number="openly").encode() * 2)[0] == 404
        assert client.ask(b"")[0] == 404
    assert len(requests_of(service, "hidden-openly")) == 2
    figure(8, "17 probes: never more than 1 request at the service for 1 of the client, 0 hidden ones")
