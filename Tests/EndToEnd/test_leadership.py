"""How the lead moves between two replicas, and what the next leader makes of what a killed one left."""

import itertools
import signal
import threading
import time

import pytest

from model.points import points, rule
from model.replay import by_tool, commits
from model.subject import Subject
from stack.cluster import fault
from stack.processes import wait_until
from stack.rights import ACCOUNT, restricted_kubeconfig
from stack.score import figure


def holders(world):
    """The holders of the lease in the order in which they were stored; an empty one gave it up."""
    entries = [entry for entry in world.cluster.journal() if entry["resource"] == "leases" and entry["committed"]]
    entries.sort(key=lambda entry: entry["revision"])
    names = [entry["body"]["spec"]["holderIdentity"].partition("_")[0] for entry in entries]
    return [name for name, _ in itertools.groupby(names)]


@pytest.mark.score(32)
def test_a_rolling_restart_moves_the_lead_at_once(world):
    running = {"first": world.replica(HOSTNAME="first")}
    world.await_leader(running["first"])
    running["second"] = world.replica(HOSTNAME="second")
    moves, led = [], ["first"]
    for name in ("third", "fourth"):
        running[name] = world.replica(HOSTNAME=name)
        leader = running.pop(led[-1])
        identifier = world.deploy(leader)
        began = time.monotonic()
        assert leader.service.terminate() == 0
        # Its builds end while nobody leads, or the next one has just begun.
        world.end_builds()
        wait_until(lambda: world.holder.partition("_")[0] in running, "the move of the lead")
        moves.append(time.monotonic() - began)
        world.await_end(identifier)
        led.append(world.holder.partition("_")[0])
    # Each gave the lease up, and only then another took it, once.
    assert holders(world) == [led[0], "", led[1], "", led[2]]
    figure(32, f"2 of 2 rolling restarts moved the lead in order, {max(moves):.1f} s after SIGTERM at most (goal 3 s)")


class Scene:
    """A tool at whose request the leader is killed: at one call, before it is done or after."""

    def __init__(self, world, number, kind, point, moment):
        self.world, self.kind, self.point, self.moment = world, kind, point, moment
        self.subject = kind.subject(world, number)

    def __str__(self):
        return f"{self.kind.name} of {self.subject.name}, killed at {self.point}, {self.moment}"

    @property
    def rule(self):
        return {"id": str(self), **rule(self.subject, self.point, {"hang": self.moment})}

    def end_builds(self):
        for build in self.world.cluster.builds(self.subject.name):
            self.world.cluster.end_build(build)

    def ended(self):
        self.end_builds()
        records = self.world.cluster.deployments(self.subject.name)
        return all((record.get("status") or {}).get("phase") in ("succeeded", "failed", "cancelled") for record in records)


class Kind:
    """An operation: what there is before it, and the request."""

    components, retained = 2, 10

    def subject(self, world, number):
        subject = Subject(world.cluster, f"{self.name}{number}", self.components, self.retained)
        subject.store_config()
        return subject

    @property
    def name(self):
        return type(self).__name__.lower()

    def prepare(self, subject, replica):
        """What there is before the request: the id of an unfinished deployment, if any."""
        return subject.deploy(replica).data["deploy-id"]


class Deploy(Kind):
    def prepare(self, subject, replica):
        return None

    def ask(self, subject, replica, identifier):
        return subject.deploy(replica)

    def verify(self, records, identifier):
        assert all(record["status"]["phase"] == "succeeded" for record in records), records


class Cancel(Kind):
    def ask(self, subject, replica, identifier):
        return subject.cancel(replica, identifier)

    def verify(self, records, identifier):
        (record,) = records
        decided = "stop" in record["status"]
        assert record["status"]["phase"] == ("cancelled" if decided else "succeeded"), record


class Supersede(Kind):
    components = 1

    def ask(self, subject, replica, identifier):
        return subject.deploy(replica, {"overlap": "supersede"})

    def verify(self, records, identifier):
        phases = {record["metadata"]["name"]: record["status"]["phase"] for record in records}
        newer = [phase for name, phase in phases.items() if name != identifier]
        # Once the newer one is recorded, it takes the place of the older one.
        assert newer in ([], ["succeeded"]), phases
        assert phases[identifier] == ("cancelled" if newer else "succeeded"), phases


class Remove(Kind):
    retained = 1

    def ask(self, subject, replica, identifier):
        return subject.remove(replica, identifier)

    def verify(self, records, identifier):
        assert len(records) <= 1


KINDS = (Deploy(), Cancel(), Supersede(), Remove())


def writes_of(kind, subject, replica):
    """The points of an undisturbed request that change something of the tool's."""
    identifier = kind.prepare(subject, replica)
    known = len(subject.cluster.journal())
    response = kind.ask(subject, replica, identifier)
    assert response.status in (200, 201), response

    entries = [entry for entry in subject.cluster.journal()[known:] if entry["user"] == ACCOUNT]
    entries = by_tool(entries)[subject.name]
    changing = {(entry["verb"], entry["resource"], entry["subresource"]) for entry in commits(entries, subject.name)}
    return [point for point in points(entries) if point.call in changing and point.call[1] != "events"]


@pytest.mark.score(32)
@pytest.mark.timeout(300)
def test_the_leader_is_killed_at_each_write_and_the_other_replica_ends_it(world):
    settings = {"kubeconfig": restricted_kubeconfig(world.cluster, world.home), "CLUSTER_DEADLINE_SECONDS": 18}
    # The points are those of a request alone, without what an engine does beside it.
    lone = world.replica(ENGINE="off", **settings)
    found = {kind: writes_of(kind, kind.subject(world, 0), lone) for kind in KINDS}
    lone.stop()
    assert [len(found[kind]) for kind in KINDS] == [4, 4, 6, 3], found
    leader = world.replica(HOSTNAME="first", **settings)
    world.await_leader(leader)
    world.replica(HOSTNAME="second", **settings)
    scenes = [
        Scene(world, number, kind, point, moment)
        for kind in KINDS
        for number, (point, moment) in enumerate(itertools.product(found[kind], ("before", "after")), 1)
    ]
    known = [scene.kind.prepare(scene.subject, leader) for scene in scenes]
    with world.cluster.faults(*[scene.rule for scene in scenes]) as fired:
        asked = [
            threading.Thread(target=scene.kind.ask, args=(scene.subject, leader, identifier), daemon=True)
            for scene, identifier in zip(scenes, known, strict=True)
        ]
        for thread in asked:
            thread.start()
        wait_until(lambda: all(fired()), "every request to come to its point")
        assert world.holder.startswith("first_")
        leader.service.process.send(signal.SIGKILL)
        leader.service.process.wait()
        for thread in asked:
            thread.join(20)
    began = time.monotonic()
    for scene in scenes:
        wait_until(scene.ended, f"the end of what is left: {scene}", 60)
    took = time.monotonic() - began
    assert world.holder.startswith("second_")
    journal = by_tool(world.cluster.journal())
    for scene, identifier in zip(scenes, known, strict=True):
        try:
            scene.kind.verify(world.cluster.deployments(scene.subject.name), identifier)
            scene.subject.verify(journal[scene.subject.name], script=[str(scene)])
        except AssertionError as error:
            raise AssertionError(f"{scene}: {error}") from error
    figure(32, f"the leader killed at {len(scenes)} writes at once: all ended {took:.0f} s later, 0 violations")


@pytest.mark.score(32)
@pytest.mark.timeout(600)
def test_the_leader_is_killed_in_its_sweep_and_the_other_replica_sweeps(world, long_run):
    if not long_run:
        pytest.skip("ci/test --long: a sweep is a minute after the lead began, and spares what is younger than two")
    settings = {"kubeconfig": restricted_kubeconfig(world.cluster, world.home), "CLUSTER_DEADLINE_SECONDS": 18}
    maker = world.replica(ENGINE="off", **settings)
    calls = [("patch", "pipelineruns", None), ("delete", "pipelineruns", None)]
    moments = list(itertools.product(calls, ("before", "after")))
    subjects = [Subject(world.cluster, f"swept{number}", 1) for number in range(len(moments))]
    for subject in subjects:
        subject.store_config()
    made = time.monotonic()
    for subject in subjects:
        name = subject.deploy(maker).data["deploy-id"]
        # Not by the service, which would end the build.
        world.cluster.request("DELETE", f"/apis/deploy.toolforge.org/v1/namespaces/tool-{subject.name}/tooldeployments/{name}")
    maker.stop()
    wait_until(lambda: time.monotonic() - made > 65, "the age at which the first sweep finds them old enough", 90)
    leader = world.replica(HOSTNAME="first", **settings)
    world.await_leader(leader)
    world.replica(HOSTNAME="second", **settings)
    rules = [
        fault({"hang": moment}, **subject.where(call)) for subject, (call, moment) in zip(subjects, moments, strict=True)
    ]
    with world.cluster.faults(*rules) as fired:
        wait_until(lambda: all(fired()), "the sweep", 120)
        leader.service.process.send(signal.SIGKILL)
        leader.service.process.wait()
    wait_until(lambda: not any(world.cluster.builds(subject.name) for subject in subjects), "the other's sweep", 150)
    assert world.holder.startswith("second_")
    figure(32, f"the leader killed at {len(moments)} writes of its sweep: the next leader's removed all runs")
