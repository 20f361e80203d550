"""Overload: requests beyond the limit get 503 and Retry-After at once, and the service recovers."""

import contextlib
import socket
import statistics
import time

import pytest

from stack.cluster import fault
from stack.load import Load, get
from stack.processes import wait_until
from stack.score import figure, size

CAPACITY = 8
LATENCY = 0.1
# How long a client pauses after a 503: less than Retry-After says, so that the load stays.
PAUSE = {503: 0.1}


def rate(load, begin, end):
    return sum(begin <= when < end and status == 200 for when, _, status in load.times) / (end - begin)


@pytest.mark.score("A28")
@pytest.mark.timeout(600)
def test_ten_times_its_capacity_leaves_it_serving(tool, lone_service, another_gateway):
    tool.store()
    service = lone_service(MAX_CONCURRENT_REQUESTS=str(CAPACITY))
    api = another_gateway(service.socket)
    seconds = size("OVERLOAD_SECONDS", 1, 60)
    read, own = get(tool.config_path), tool.api.certificate
    slow = fault({"latencyMilliseconds": LATENCY * 1000}, verb="get", resource="toolconfigs", times=None)

    def goodput(clients, beside=None):
        with Load(api, clients, read, certificate=own, wanted=(200, 503), pauses=PAUSE) as load:
            wait_until(lambda: load.count(200) >= CAPACITY, "the first answers")
            begin = time.monotonic()
            while time.monotonic() < begin + seconds:
                if beside:
                    beside()
                time.sleep(0.02)
            end = time.monotonic()
        assert load.failures == []
        return load, rate(load, begin, end)

    health = []

    def ask_health():
        began = time.monotonic()
        assert api.get("/healthz").status == 200
        health.append(time.monotonic() - began)

    with tool.cluster.faults(slow):
        _, peak = goodput(CAPACITY)
        load, good = goodput(10 * CAPACITY, ask_health)
        refused = [took for _, took, status in load.times if status == 503]
        assert refused
        response = api.get(tool.config_path, certificate=own)
        # The load has ended: no request is refused any more.
        assert response.status == 200, response
    figure(
        "A28",
        f"{10 * CAPACITY} clients where {CAPACITY} find room, {seconds} s: goodput {100 * good / peak:.0f} % of the peak "
        f"({good:.0f} and {peak:.0f} a second); {len(refused):,} × 503, median {statistics.median(refused) * 1000:.1f} ms; "
        f"/healthz {len(health):,} × 200, at worst {max(health) * 1000:.0f} ms; the next request after it: 200",
    )


@pytest.mark.score("B17")
@pytest.mark.timeout(600)
def test_slow_clients_do_not_delay_others(lone_service, another_gateway, tool):
    api = another_gateway(lone_service().socket)
    count, seconds = size("SLOW_CLIENTS", 50, 500), size("SLOW_CLIENT_SECONDS", 1, 30)

    def percentile():
        with Load(api, 1, get("/healthz")) as load:
            time.sleep(seconds)
        assert load.failures == []
        times = sorted(took for _, took, _ in load.times)
        return times[len(times) * 99 // 100] * 1000

    idle = percentile()
    head = f"POST {tool.config_path} HTTP/1.1\r\nHost: localhost\r\n"
    starts = [head, f"{head}Content-Length: 100\r\n\r\n{{", "G"]
    context = api.context(tool.api.certificate)
    with contextlib.ExitStack() as stack, tool.cluster.recording() as journal:
        clients = []
        for number in range(count):
            plain = stack.enter_context(socket.create_connection(("127.0.0.1", api.port), timeout=30))
            clients.append(stack.enter_context(context.wrap_socket(plain, server_hostname="localhost")))
            clients[-1].sendall(starts[number % 3].encode())
        beside = percentile()
    assert not journal.entries
    figure(
        "B17",
        f"{count} slow clients for {seconds} s: 99 % of other requests within {beside:.1f} ms, {idle:.1f} ms without them",
    )


def test_no_client_occupies_all_exchanges(tool, another_gateway, service):
    tool.store()
    api = another_gateway(service.socket, max_exchanges=20, max_exchanges_each=5)
    with contextlib.ExitStack() as stack:
        for _ in range(30):
            plain = stack.enter_context(socket.create_connection(("127.0.0.1", api.port), timeout=30))
            held = stack.enter_context(api.context().wrap_socket(plain, server_hostname="localhost"))
            held.sendall(b"POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nx")
        wait_until(lambda: api.get("/healthz").status == 503, "the limit of exchanges")
        assert api.get(tool.config_path, certificate=tool.api.certificate).status == 200
