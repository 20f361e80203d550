"""Peers of the service's socket that are no web server, and ones that do not get on: the process, past nginx."""

import itertools
import json
import os
import resource
import socket
import time

import pytest

from stack import fastcgi
from stack.fastcgi import ABORT, GET_VALUES, PARAMS, STDIN, begin, exchange, long_length, message, pair, record, verified
from stack.processes import wait_until
from stack.score import figure, seeded, size
from stack.usage import Usage

HEALTH = message("GET", "/healthz")


def assert_serves(service):
    status, _, _ = exchange(service.listen, HEALTH)
    assert status == 200
    assert service.process.is_running


def settled(service):
    """What it uses when all that was begun has ended: of sockets, the listening one. None of this asks the cluster."""
    wait_until(lambda: Usage.of(service.pid).sockets == 1, "the close of all connections")
    return Usage.of(service.pid)


def random_records(numbers):
    """Records of random types, ids, lengths and contents, often near to what is right; some with a bit turned over."""
    data = b"" if numbers.random() < 0.5 else begin(keep=numbers.random() < 0.5)
    if numbers.random() < 0.25:
        data = message("GET", "/healthz", keep=numbers.random() < 0.5) + data
    for _ in range(numbers.randint(0, 8)):
        content = numbers.choice(
            [
                lambda: b"",
                lambda: pair("REQUEST_METHOD", "GET") + pair("REQUEST_URI", "/") + pair("FCGI_MAX_CONNS", ""),
                lambda: long_length(numbers.getrandbits(31)) + long_length(1 << 30),
                lambda: bytes([0, 1, 1, 0, 0, 0, 0, 0]),
                lambda: numbers.randbytes(numbers.randint(0, 300)),
            ]
        )()
        data += record(
            numbers.choice([1, 2, 4, 4, 4, 5, 5, 9, 77, numbers.getrandbits(8)]),
            content,
            numbers.choice([0, 1, 1, 1, 1, 2, numbers.getrandbits(16)]),
            padding=numbers.randint(0, 255),
            version=3 if numbers.random() < 0.05 else 1,
        )
    if data and numbers.random() < 0.5:
        place = numbers.randrange(len(data))
        data = data[:place] + bytes([data[place] ^ 1 << numbers.randrange(8)]) + data[place + 1 :]
    return data


@pytest.mark.score(1)
@pytest.mark.timeout(3600)
def test_random_records_harm_nothing(lone_service):
    service = lone_service()
    seed, numbers = seeded("random records")
    count = size("RANDOM_CONNECTIONS", 2_000, 100_000)
    # The first ones bring the memory to where it stays.
    for _ in range(500):
        fastcgi.until_closed(service.listen, random_records(numbers))
    before = settled(service)
    for _ in range(count):
        # One that is neither answered nor closed is a timeout here.
        fastcgi.until_closed(service.listen, random_records(numbers))
    assert_serves(service)
    after = settled(service)
    assert after.threads <= before.threads + 2, (seed, before, after)
    assert after.growth_since(before) < 5, (seed, before, after)
    figure(1, f"{count:,} random connections, TEST_SEED={seed}: 0 exits, 0 hung, {after.growth_since(before):+.1f} MiB")


LENGTHS = [
    *itertools.product([1 << 30, 0x7FFF_FFFE, 0x7FFF_FFFF, 0x7000_0000], [1 << 30, 0x7FFF_FFFE, 0, 1]),
    (0, 0x7FFF_FFFF),
    (1 << 20, 1 << 20),
    (73_728, 1),
    (0x4000_0000, 0x3FFF_FFFF),
]
GOOD = pair("REQUEST_METHOD", "GET") + pair("REQUEST_URI", "/healthz")
FORGED = record(77, pair("SSL_CLIENT_VERIFY", "SUCCESS") + pair("SSL_CLIENT_S_DN", "CN=admin,O=toolforge"), 0)


def oversize_lengths():
    attacks = [begin() + record(PARAMS, long_length(name) + long_length(value)) for name, value in LENGTHS]
    assert len(attacks) == 20
    return attacks * size("OVERSIZE_LENGTHS", 5, 50)


def queries_of_values():
    for count in range(1, 41):
        names = b"".join(pair(name, "") for name in itertools.islice(itertools.cycle(["FCGI_MAX_CONNS", "X"]), count))
        for padding in (0, 8 - len(names) % 8):
            yield record(GET_VALUES, names, 0, padding)
            yield begin() + record(GET_VALUES, names, 0, padding)


def management_records():
    places = [
        FORGED + message("GET", "/healthz"),
        begin() + FORGED + fastcgi.stream(PARAMS, GOOD) + record(STDIN),
        begin() + record(PARAMS, GOOD) + FORGED + record(PARAMS) + record(STDIN),
        begin() + fastcgi.stream(PARAMS, GOOD) + FORGED + record(STDIN),
    ]
    return itertools.islice(itertools.cycle(places), size("MANAGEMENT_RECORDS", 500, 100_000))


def records_of_another_request():
    for kind, number in itertools.product([PARAMS, STDIN], range(2, 27)):
        yield begin() + record(kind, number=number) + fastcgi.stream(PARAMS, GOOD) + record(STDIN)


def aborted_requests():
    parts = [b"", record(PARAMS, GOOD), fastcgi.stream(PARAMS, GOOD), fastcgi.stream(PARAMS, GOOD) + record(STDIN, b"1")]
    return [begin() + part + record(ABORT) for part in parts] * size("ABORTED_REQUESTS", 10, 100)


def odd_parameters():
    dn = pair("SSL_CLIENT_S_DN", "CN=a,O=toolforge")
    odd = [
        pair("B=C", "D"),
        pair("A", "x\0y"),
        pair("A\0", "x"),
        pair("", "x"),
        pair("REQUEST_METHOD", "PUT"),
        pair("REQUEST_URI", "/x"),
        dn + dn,
        b"".join(pair(f"P{number}", "") for number in range(300)),
        pair("P", "v" * 80_000),
        bytes([5, 5, 1]),
    ]
    return [begin() + fastcgi.stream(PARAMS, GOOD + parameter) + record(STDIN) for parameter in odd]


@pytest.mark.score(2)
@pytest.mark.timeout(1800)
def test_what_kills_other_programs_is_closed_without_a_word(lone_service, tool):
    service = lone_service()
    kinds = [
        oversize_lengths,
        queries_of_values,
        management_records,
        records_of_another_request,
        aborted_requests,
        odd_parameters,
    ]
    for attack in itertools.chain(oversize_lengths(), odd_parameters()):
        fastcgi.until_closed(service.listen, attack)
    before = settled(service)
    counts = {}
    with tool.cluster.recording() as journal:
        for kind in kinds:
            for attack in kind():
                assert fastcgi.until_closed(service.listen, attack) == b"", kind.__name__
                counts[kind.__name__] = counts.get(kind.__name__, 0) + 1
            assert_serves(service)
    assert not journal.entries
    after = settled(service)
    assert after.growth_since(before) < 2, (before, after)
    told = ", ".join(f"{count:,} {kind.replace('_', ' ')}" for kind, count in counts.items())
    figure(2, f"{told}: 0 exits, 0 answered, 0 parameters injected, {after.growth_since(before):+.1f} MiB")


@pytest.mark.score(3)
def test_nothing_is_read_from_another_user(lone_service, tool):
    service = lone_service(FASTCGI_ALLOWED_UIDS=str(os.geteuid() + 1), LOG_LEVEL="debug")
    forged = message("POST", tool.config_path, verified(tool.name), json.dumps(tool.config()).encode())
    times = []
    with tool.cluster.recording() as journal:
        for number in range(size("WRONG_USERS", 100, 1_000)):
            began = time.perf_counter()
            # What would be told from one that is read: the second has no right version.
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
def test_idle_slow_and_silent_peers_delay_nobody_and_are_let_go(lone_service):
    service = lone_service(REQUEST_TIMEOUT_SECONDS="5")
    for _ in range(100):
        assert_serves(service)
    before = settled(service)
    each = size("SLOW_PEERS", 40, 300)
    whole = message("POST", "/api/v1/tool/slow/config", verified("slow"), b"x" * 100)
    starts = {"silent": b"", "in a header": whole[:1], "in the parameters": whole[:60], "in the body": whole[:-60]}
    peers = []
    for number in range(each):
        for start in starts.values():
            peers.append(fastcgi.connect(service.listen))
            peers[-1].sendall(start)
        idle = fastcgi.connect(service.listen)
        idle.sendall(message("GET", "/healthz", keep=True))
        assert fastcgi.answer(idle)[0] == 200
        peers.append(idle)
    # Each of them is a descriptor above those that the next ones get.
    wait_until(lambda: Usage.of(service.pid).sockets > len(peers), "all connections")
    times = []
    for _ in range(100):
        began = time.perf_counter()
        assert_serves(service)
        times.append(time.perf_counter() - began)
    during = Usage.of(service.pid)
    assert max(times) <= 2, times
    for start, peer in zip(itertools.cycle([*starts, "idle"]), peers):
        if start == "in the body":
            assert fastcgi.answer(peer)[0] == 408
        elif start != "idle":
            assert peer.recv(1) == b"", start
    # Kept ones may stay: they hold a descriptor and nothing else.
    for peer in peers:
        peer.close()
    settled(service)
    figure(
        4,
        f"{len(peers):,} idle, slow and silent peers: 100 of 100 further requests served, the slowest in "
        f"{max(times) * 1000:.0f} ms; {before.threads} → {during.threads} threads; all let go in time",
    )


@pytest.mark.score(4)
def test_it_serves_on_when_its_descriptors_have_run_out(lone_service):
    service = lone_service()
    assert_serves(service)
    resource.prlimit(service.pid, resource.RLIMIT_NOFILE, (32, 32))
    peers = []
    for _ in range(200):
        peers.append(fastcgi.connect(service.listen))
        peers[-1].sendall(HEALTH)
    assert [fastcgi.answer(peer)[0] for peer in peers] == [200] * 200
    for peer in peers:
        peer.close()
    held = [fastcgi.connect(service.listen) for _ in range(200)]
    wait_until(lambda: "no descriptor left" in service.log.read_text(), "the want of descriptors")
    for peer in held:
        peer.close()
    assert_serves(service)


def contents(journal):
    return [(entry["verb"], entry["resource"]) for entry in journal.writes]


@pytest.mark.score(5)
@pytest.mark.timeout(900)
def test_no_part_of_a_request_writes_to_the_cluster(lone_service, tool, another_gateway):
    service = lone_service()
    api = another_gateway(service.socket)
    # Its first part is JSON as much as all of it: only what was announced tells that it is none.
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
        # Through nginx, by a client that goes away in the middle.
        head = f"POST {tool.config_path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        for kept in range(0, len(body), 10 * step):
            with socket.create_connection(("127.0.0.1", api.port)) as plain:
                with api.context(tool.api.certificate).wrap_socket(plain, server_hostname="localhost") as connection:
                    connection.sendall(head + body[:kept])
            tried += 1
        # Whatever came of them has come when these are answered.
        assert api.get("/healthz").status == 200
        assert_serves(service)
    assert contents(journal) == []
    assert tool.cluster.config(tool.name) is None
    # The same in one piece is a write.
    with tool.cluster.recording() as journal:
        assert exchange(service.listen, whole)[0] == 200
    assert contents(journal)
    figure(5, f"{tried:,} truncated requests, past nginx and through it: 0 cluster writes")
