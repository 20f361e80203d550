"""Stops and restarts under load: a new process beside the old one, a killed process, a stopped process."""

import signal
import threading
import time

import pytest

from stack import fastcgi
from stack.cluster import fault
from stack.fastcgi import message, verified
from stack.load import Load, get
from stack.processes import Process, open_to_workers, wait_until
from stack.score import figure, seeded, size
from stack.service import PROGRAM

CLIENTS = 4


@pytest.fixture
def parent(cluster, make_parent):
    """A parent beside the session's cluster, and the API behind an nginx in front of it."""
    return lambda: make_parent(cluster)


@pytest.mark.score(10)
@pytest.mark.timeout(1800)
def test_a_rolling_restart_loses_no_request(parent):
    restarts = size("ROLLING_RESTARTS", 3, 20)
    requests = size("ROLLING_REQUESTS", 1_500, 100_000)
    held, api = parent()
    current = held.start()
    with Load(api, CLIENTS, get("/healthz")) as load:
        for number in range(restarts):
            mark = requests * (number + 1) // (restarts + 1)
            wait_until(lambda: load.responses >= mark or load.failures, "the load", seconds=900)
            new = held.start()
            # Under load: it stops although requests still arrive, and answers those that it has accepted.
            assert current.stop(signal.SIGTERM) == 0
            current = new
        wait_until(lambda: load.responses >= requests or load.failures, "the load", seconds=900)
    assert load.failures == []
    figure(10, f"{restarts} rolling restarts during {load.responses:,} requests of {CLIENTS} clients: 0 failed")


@pytest.mark.score(11)
@pytest.mark.timeout(600)
def test_a_killed_process_loses_only_its_requests_in_flight(parent):
    kills = size("KILLS", 3, 20)
    held, api = parent()
    current = held.start()
    gaps, lost = [], []
    with Load(api, CLIENTS, get("/healthz"), pauses={502: 0.05}) as load:
        for _ in range(kills):
            before, answered = len(load.failures), load.count(200)
            wait_until(lambda: load.count(200) > answered + 50, "the load")
            current.send(signal.SIGKILL)
            current.wait()
            killed, answered = time.monotonic(), load.count(200)
            current = held.start()
            # More than those whose responses were under way when it stopped.
            wait_until(lambda: load.count(200) > answered + CLIENTS, "it to serve")
            gaps.append(time.monotonic() - killed)
            lost.append(len(load.failures) - before)
    assert max(lost) <= CLIENTS, lost
    assert {status for _, status in load.failures} <= {502}
    figure(
        11,
        f"{kills} × kill −9 during {load.responses:,} requests of {CLIENTS} clients: {sum(lost)} failed (at most "
        f"{max(lost)} at a time); serving again after {max(gaps) * 1000:.0f} ms at most, its start included",
    )


def connected(listen):
    """A connection, or None if nothing listens."""
    try:
        return fastcgi.connect(listen)
    except (FileNotFoundError, ConnectionRefusedError):
        return None


class Hammer(threading.Thread):
    """One request after another, without nginx, until nothing listens: each accepted request gets a complete response."""

    def __init__(self, listen, data):
        super().__init__(daemon=True)
        self.listen, self.data = listen, data
        self.answered, self.broken = 0, []

    def run(self):
        while connection := connected(self.listen):
            with connection:
                fastcgi.send(connection, self.data)
                response = fastcgi.response(connection)
            if response and response[0] == 200:
                self.answered += 1
            else:
                self.broken.append(response)


@pytest.mark.score(12)
@pytest.mark.timeout(1800)
def test_it_stops_in_time_at_any_moment(tool, directory, stack_kind):
    if stack_kind != "plain":
        pytest.skip("it asks a service of its own, past every gateway")
    tool.store()
    seed, numbers = seeded("moments to stop at")
    times, answered = [], 0
    slow = fault({"latencyMilliseconds": 100}, verb="get", resource="toolconfigs", times=None)
    home = directory / f"stops-{seed}"
    home.mkdir()
    open_to_workers(home)
    path = home / "service.sock"
    listen = f"unix:{path}"
    settings = {"KUBECONFIG": str(tool.cluster.kubeconfig), "LOG_LEVEL": "warning", "LISTEN": listen}
    with tool.cluster.faults(slow):
        for number in range(size("STOPS", 5, 100)):
            process = Process([PROGRAM], home / "service.log", settings)
            silent = wait_until(lambda: process.check() or connected(listen), "the socket")
            health, config = message("GET", "/healthz"), message("GET", tool.config_path, verified(tool.name))
            clients = [Hammer(listen, data) for data in (health, health, config, config)]
            for client in clients:
                client.start()
            # Not to wait for an event, but to stop at a random moment.
            time.sleep(numbers.uniform(0, 0.4))
            began = time.monotonic()
            assert process.stop(signal.SIGTERM) == 0, (seed, number)
            times.append(time.monotonic() - began)
            for client in clients:
                client.join()
                assert client.broken == [], (seed, number)
                answered += client.answered
            silent.close()
    assert max(times) <= 5, (seed, times)
    assert answered
    figure(
        12,
        f"{len(times)} of {len(times)} stops under load, TEST_SEED={seed}: exit 0 after {max(times):.2f} s at most; "
        f"{answered:,} requests taken, all answered",
    )
