"""Peers of the service's socket that may not connect, that are slow, or that break off; without nginx."""

import itertools
import json
import os
import resource
import socket
import time

import pytest

from stack import fastcgi
from stack.fastcgi import exchange, message, verified
from stack.processes import wait_until
from stack.score import figure, size
from stack.usage import Usage, settled

HEALTH = message("GET", "/healthz")


@pytest.mark.score(3)
def test_nothing_is_read_from_another_user(lone_service, tool):
    service = lone_service(FASTCGI_ALLOWED_UIDS=str(os.geteuid() + 1), LOG_LEVEL="debug")
    forged = message("POST", tool.config_path, verified(tool.name), json.dumps(tool.config()).encode())
    times = []
    with tool.cluster.recording() as journal:
        for number in range(size("WRONG_USERS", 100, 1_000)):
            began = time.perf_counter()
            # If it were read, this would be noticed: the second record has an invalid version.
            assert fastcgi.until_closed(service.listen, [forged, b"\xff" * 16][number % 2]) == b""
            times.append(time.perf_counter() - began)
    assert not journal.entries
    reasons = {line.get("reason") for line in service.log_lines() if line["level"] not in ("info", "debug")}
    assert reasons == {f"user {os.geteuid()} is not in the allow-list"}
    assert "Request answered" not in service.log.read_text()
    median = sorted(times)[len(times) // 2] * 1000
    figure(3, f"{len(times):,} connections: 0 bytes parsed; closed after {median:.2f} ms (median)")


@pytest.mark.score(4)
@pytest.mark.timeout(300)
def test_slow_and_silent_peers_delay_no_other_and_are_disconnected(lone_service):
    service = lone_service(REQUEST_TIMEOUT_SECONDS="5")
    for _ in range(100):
        service.assert_serves()
    before = settled(service)
    each = size("SLOW_PEERS", 40, 300)
    whole = message("POST", "/api/v1/tool/slow/config", verified("slow"), b"x" * 100)
    starts = {"silent": b"", "in a header": whole[:1], "in the parameters": whole[:60], "in the body": whole[:-60]}
    peers = []
    for number in range(each):
        for start in starts.values():
            peers.append(fastcgi.connect(service.listen))
            peers[-1].sendall(start)
        # A connection that its peer would keep open is closed after the response too.
        with fastcgi.connect(service.listen) as keeping:
            keeping.sendall(message("GET", "/healthz", keep=True))
            assert fastcgi.response(keeping)[0] == 200
            assert keeping.recv(1) == b""
    # Each occupies a descriptor, so the next ones get higher numbers.
    wait_until(lambda: Usage.of(service.pid).sockets > len(peers), "all connections")
    times = []
    for _ in range(100):
        began = time.perf_counter()
        service.assert_serves()
        times.append(time.perf_counter() - began)
    during = Usage.of(service.pid)
    assert max(times) <= 2, times
    for start, peer in zip(itertools.cycle(starts), peers):
        if start == "in the body":
            assert fastcgi.response(peer)[0] == 408
        else:
            assert peer.recv(1) == b"", start
        peer.close()
    settled(service)
    figure(
        4,
        f"{len(peers):,} slow and silent peers: 100 of 100 further requests served, the slowest in "
        f"{max(times) * 1000:.0f} ms; {before.threads} → {during.threads} threads; all let go in time",
    )


@pytest.mark.score(4)
def test_it_continues_when_its_descriptors_have_run_out(lone_service):
    service = lone_service()
    service.assert_serves()
    resource.prlimit(service.pid, resource.RLIMIT_NOFILE, (32, 32))
    peers = []
    for _ in range(200):
        peers.append(fastcgi.connect(service.listen))
        peers[-1].sendall(HEALTH)
    responses = [fastcgi.response(peer) for peer in peers]
    assert [number for number, response in enumerate(responses) if not response or response[0] != 200] == []
    for peer in peers:
        peer.close()
    held = [fastcgi.connect(service.listen) for _ in range(200)]
    wait_until(lambda: "no descriptor left" in service.log.read_text(), "the want of descriptors")
    for peer in held:
        peer.close()
    service.assert_serves()


def contents(journal):
    return [(entry["verb"], entry["resource"]) for entry in journal.writes]


@pytest.mark.score(5)
@pytest.mark.timeout(900)
def test_no_part_of_a_request_writes_to_the_cluster(lone_service, tool, another_gateway):
    service = lone_service()
    api = another_gateway(service.socket)
    # Its first part is valid JSON too: only the announced length shows that it is incomplete.
    body = json.dumps(tool.config()).encode().ljust(1_000)
    more = verified(tool.name) | {"CONTENT_TYPE": "application/json", "HTTP_X": "x" * 800}
    whole = message("POST", tool.config_path, more, body)
    assert len(whole) >= 2_000
    step = size("CUT_STEP", 17, 1)
    tried = 0
    with tool.cluster.recording() as journal:
        for cut in range(0, len(whole), step):
            assert fastcgi.until_closed(service.listen, whole[:cut]) == b"", cut
            tried += 1
        for kept in range(0, len(body), step):
            partly = message("POST", tool.config_path, more, body[:kept], announced=len(body))
            assert exchange(service.listen, partly)[0] == 400, kept
            tried += 1
        # Through nginx, by a client that disconnects in the middle.
        head = f"POST {tool.config_path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        for kept in range(0, len(body), 10 * step):
            with socket.create_connection(("127.0.0.1", api.port)) as plain:
                with api.context(tool.api.certificate).wrap_socket(plain, server_hostname="localhost") as connection:
                    connection.sendall(head + body[:kept])
            tried += 1
        # When these are answered, those before have had their effect, if any.
        assert api.get("/healthz").status == 200
        service.assert_serves()
    assert contents(journal) == []
    assert tool.cluster.config(tool.name) is None
    # The same request, complete, is a write.
    with tool.cluster.recording() as journal:
        assert exchange(service.listen, whole)[0] == 200
    assert contents(journal)
    figure(5, f"{tried:,} truncated requests, past nginx and through it: 0 cluster writes")
