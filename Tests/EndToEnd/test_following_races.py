"""Those who wait for a deployment, while their connections are cut, the service is restarted, and what they wait for goes."""

import http.client
import itertools
import signal
import threading

import pytest

from stack.following import events, waits
from stack.processes import wait_until
from stack.score import size

OVER = ("end", "removed")


class Reader(threading.Thread):
    """Reads the events of a deployment to the last, over as many connections as that takes, as a browser does.

    `cuts`: whether it breaks off the connection after each event. `status`: of the first response that was no stream."""

    def __init__(self, api, path, cuts=False):
        super().__init__(daemon=True)
        self.api, self.path, self.cuts = api, path, cuts
        self.seen, self.status, self.connections = [], None, 0
        self.start()

    def run(self):
        while self.status is None and not (self.seen and self.seen[-1][1] in OVER):
            self.connect()

    def connect(self):
        """Reads one connection, until it ends or is cut."""
        headers = {"Accept": "text/event-stream"}
        if self.seen:
            headers["Last-Event-ID"] = self.seen[-1][0]
        connection = http.client.HTTPSConnection("127.0.0.1", self.api.port, context=self.api.context(), timeout=60)
        try:
            connection.request("GET", f"{self.path}/events", headers=headers)
            response = connection.getresponse()
            self.connections += 1
            if response.status != 200:
                self.status = response.status
                return
            lines = (line.decode().rstrip("\n") for line in iter(response.readline, b""))
            for event in events(lines):
                if event[1] == "again":
                    return
                self.seen.append(event)
                if self.cuts or event[1] in OVER:
                    return
        finally:
            connection.close()

    @property
    def done(self):
        """How many builds have ended as far as it knows."""
        return done(self.seen[-1][2]) if self.seen else -1

    def check(self):
        """No version comes twice or after a newer one, no build is taken back, and the end comes once, as the last event."""
        self.join(60)
        assert not self.is_alive()
        names = [name for _, name, _ in self.seen]
        assert self.status is None and names[-1] in OVER, (self.status, names)
        assert not set(names[:-1]) & set(OVER), names
        versions = [int(version) for version, name, _ in self.seen if name != "removed"]
        assert versions == sorted(set(versions))
        progress = [done(data) for _, name, data in self.seen if name != "removed"]
        assert progress == sorted(progress)


def done(data):
    return sum(build["status"] in ("finished", "error") for build in data["builds"].values())


def names(count):
    return [f"c{number}" for number in range(count)]


def test_a_cut_at_every_event_loses_nothing(make_world):
    count = size("CUTS", 8, 60)
    world = make_world()
    path = world.deploy(*names(count))
    cut, whole = readers = [Reader(world.api, path, cuts=cuts) for cuts in (True, False)]
    wait_until(lambda: all(reader.seen for reader in readers), "the first events")
    for number in range(1, count + 1):
        world.end_builds(count=1)
        # Each is told of it, though the connection of one was cut since the last.
        wait_until(lambda: all(reader.done >= number for reader in readers), f"the end of {number} builds")
    for reader in readers:
        reader.check()
    assert whole.connections == 1
    assert cut.connections == len(cut.seen) > count
    assert cut.seen[-1] == whole.seen[-1]
    assert cut.seen[-1][2] == world.api.get(path).data


@pytest.mark.timeout(1800)
def test_rolling_restarts_lose_nothing(make_world, make_parent):
    restarts = size("FOLLOWED_RESTARTS", 3, 20)
    world = make_world()
    path = world.deploy(*names(restarts + 1))
    assert world.service.terminate() == 0
    settings = {name: world.service.settings[name] for name in ("ENGINE", "RESOLVE_COMMITS", "LEASE_NAMESPACE")}
    parent, api = make_parent(world.cluster, **settings)
    api.certificate = world.certificate
    replicas = [parent.start() for _ in range(2)]
    readers = [Reader(api, path, cuts=number == 0) for number in range(4)]
    statuses = []

    def wait(row, again):
        """Asks until it is answered that the deployment has ended."""
        while True:
            response = api.get(f"{path}{row}?wait=25")
            statuses.append(response.status)
            if not again(response):
                return response

    waiters = [
        world.later(wait, "", lambda response: response.data["status"] in ("pending", "running")),
        world.later(wait, "/result", lambda response: response.status == 429),
    ]
    wait_until(lambda: all(reader.seen for reader in readers), "the first events", 40)
    for number in range(1, restarts + 1):
        # One after the other, each replaced before it goes.
        replicas.append(parent.start())
        assert replicas.pop(0).stop(signal.SIGTERM) == 0
        world.end_builds(count=1)
        wait_until(lambda: all(reader.done >= number for reader in readers), f"the end of {number} builds", 60)
    world.end_builds()
    for thread, _ in waiters:
        thread.join(60)
    for reader in readers:
        reader.check()
        assert reader.seen[-1][1:] == ("end", api.get(path).data)
    assert [results[0].status for _, results in waiters] == [200, 200]
    # No restart was an error to anyone.
    assert set(statuses) <= {200, 429}, statuses


KINDS = ("cancel", "delete", "retention")
WAITERS = ("wait", "result", "events")
# When the waiter comes, and whether a build ends at the same moment.
MOMENTS = ("waits already", "waits already, and the build ends", "at once", "at once, and the build ends")


@pytest.fixture
def racing(make_world):
    """A world in which one deployment of a tool is kept."""
    world = make_world(MAX_DEPLOYMENTS_RETAINED="1")
    world.tool.store(world.tool.config("web"))
    return world


@pytest.mark.parametrize("moment", MOMENTS)
def test_whoever_waits_for_what_goes_is_told(racing, moment):
    for _, kind, waiter in itertools.product(range(size("RACES_OF_WAITERS", 1, 10)), KINDS, WAITERS):
        race(racing, kind, waiter, moment)


def race(world, kind, waiter, moment):
    path = f"{world.tool.deploy_path}/{world.tool.deploy()['deploy-id']}"
    barrier = threading.Barrier(1 + moment.startswith("at once") + moment.endswith("ends"))

    def act():
        barrier.wait(30)
        if kind == "cancel":
            return world.api.put(f"{path}/cancel").status
        return (world.api.delete(path) if kind == "delete" else world.api.post(world.tool.deploy_path)).status

    def wait():
        if moment.startswith("at once"):
            barrier.wait(30)
        if waiter == "events":
            reader = Reader(world.api, path)
            reader.join(60)
            return reader
        return world.api.get(f"{path}{'/result' if waiter == 'result' else ''}?wait=45")

    def end():
        barrier.wait(30)
        world.end_builds()

    waiting = world.later(wait)
    if moment.startswith("waits"):
        wait_until(lambda: waits(world) == 1, "somebody who waits")
    others = [world.later(act)] + ([world.later(end)] if moment.endswith("ends") else [])
    for thread, _ in others:
        thread.join(60)
    ((action,), *_) = [results for _, results in others]
    what = (kind, waiter, moment, action)
    # A deployment that has ended cannot be cancelled.
    assert action in {"cancel": (200, 409), "delete": (200,), "retention": (201,)}[kind], what
    if kind == "cancel":
        # Nobody plays Tekton here: what is told to end does so now.
        world.end_builds(succeeds=False)
    thread, results = waiting
    thread.join(60)
    (response,) = results
    if waiter == "events":
        if response.status is None:
            response.check()
        else:
            assert (response.status, response.seen) == (404, []) and kind != "cancel", what
    else:
        # It has ended, or is gone: nobody waits until the time is over.
        ends = (200,) if waiter == "wait" else (200, 424)
        assert response.status in ends or response.status == 404 and kind != "cancel", (what, response)
        if response.status == 200:
            assert response.data["status"] in ("finished", "error"), (what, response)
    wait_until(lambda: waits(world) == 0, "nobody waits any more")
    if kind == "cancel":
        data = world.api.get(path).data
        assert (data["status"], data.get("reason")) == ("error", "Cancelled") if action == 200 else data["status"] == "finished", (what, data)
