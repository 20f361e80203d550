"""Every fault at every call: the client gets a true response, and the next undisturbed request completes everything."""

import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from model.faults import ALL, FINAL, SLOW
from model.points import points, rule
from model.replay import by_tool
from stack.rights import ACCOUNT
from stack.score import figure

DEADLINE = 2
WORKERS = 12
# A fault that ends before the client gives up, and one that does not.
ONCE, STUBBORN = 1, 4


class Deploy:
    """A deployment of three builds."""

    retained, older = 10, 0

    def __init__(self, subjects):
        self.subject = subjects(3, self.retained)

    def prepare(self, replica):
        for _ in range(self.older):
            assert self.subject.deploy(replica).status == 201

    def ask(self, replica):
        return self.subject.deploy(replica)

    def converge(self, replica):
        self.subject.recover(replica)
        # The request that could not make room for one deployment does so for the next.
        if len(self.subject.records()) > self.retained:
            assert self.subject.deploy(replica).status == 201
        self.subject.finish(replica)

    def violations(self, journal):
        return self.subject.violations(journal)


class RemovingDeploy(Deploy):
    """A deployment of three builds for which another, whose builds run, is removed."""

    retained, older = 1, 1


class Look(Deploy):
    """A read of a deployment of three builds, of which one has ended."""

    older = 1

    def prepare(self, replica):
        super().prepare(replica)
        subject = self.subject
        subject.cluster.end_build(subject.cluster.builds(subject.name)[0])
        # Listed here, because the fault may be of lists.
        self.identifier = subject.records()[0]

    def ask(self, replica):
        return self.subject.look(replica, self.identifier)


class FinishingLook(Deploy):
    """A read of a deployment whose process was killed before it created anything."""

    older = 0

    def prepare(self, replica):
        subject = self.subject
        place = subject.where(("create", "pipelineruns", None), action={"drop": "before"})
        with subject.cluster.faults_for(f"{subject.name} prepare", place):
            subject.deploy(replica)
        self.identifier = subject.records()[0]

    def ask(self, replica):
        return self.subject.look(replica, self.identifier)


class FirstConfig:
    """A tool's first config."""

    retained = 10

    def __init__(self, subjects):
        self.subject = subjects(1, stored=False)
        self.before = None

    def prepare(self, replica):
        pass

    def ask(self, replica):
        return self.subject.post_config(replica, self.subject.config)

    def converge(self, replica):
        subject = self.subject
        response = subject.get_config(replica)
        assert response.status in (200, 404), response
        assert response.status == 404 or response.data in (subject.config, self.before), response
        assert subject.post_config(replica, subject.config).status == 200
        assert subject.get_config(replica).data == subject.config

    def violations(self, journal):
        return ()


class NextConfig(FirstConfig):
    """A config that replaces another."""

    def __init__(self, subjects):
        self.subject = subjects(1)

    def prepare(self, replica):
        self.before = self.subject.config
        self.subject.config = {**self.subject.config, "config-version": "v0.1"}


def points_of(kind, cluster, subjects, replica):
    case = kind(subjects)
    case.prepare(replica)
    name = case.subject.name
    known = len(cluster.journal())
    case.ask(replica)
    mine = [
        entry
        for entry in cluster.journal()[known:]
        if name in (entry["namespace"] or "") + (entry["name"] or "") and entry["resource"] != "events"
    ]
    return points(mine)


def suffer(cluster, replica, case, point, action, times):
    """Sends the request with that fault; returns how long it took."""
    case.prepare(replica)
    fault = rule(case.subject, point, action, times)
    with cluster.faults_for(case.subject.name, fault):
        began = time.monotonic()
        response = case.ask(replica)
        took = time.monotonic() - began
    assert response is not None, f"no answer to {type(case).__doc__} with {action} at {point}"
    if response.status == 200 and isinstance(case, FirstConfig):
        assert cluster.config(case.subject.name)["spec"] == case.subject.config, "a success without an effect"
    case.converge(replica)
    return took


def wasted(journal):
    """Calls that were repeated after a final refusal: the same change, or a read of the same object."""
    final = {f"status {code}" for code in FINAL}
    refused = Counter(
        (entry["verb"], entry["path"], entry["name"])
        for entry in journal
        if entry["user"] == ACCOUNT and entry["fault"] in final and entry["verb"] != "list"
    )
    return {call: count for call, count in refused.items() if count > 1}


def sample(script, rng, size=30):
    """This many cases, which include every fault and every call."""
    rng.shuffle(script)
    seen, first, others = set(), [], []
    for step in script:
        point, name, _, _ = step
        (first if {point, name} - seen else others).append(step)
        seen |= {point, name}
    return (first + others)[: max(size, len(first))]


@pytest.mark.score(16)
@pytest.mark.score(18)
@pytest.mark.score(19)
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", [Deploy, RemovingDeploy, Look, FinishingLook, FirstConfig, NextConfig])
def test_every_fault_at_every_call(cluster, subjects, replicas, kind, long_run, seed):
    replica = replicas(CLUSTER_DEADLINE_SECONDS=DEADLINE, MAX_DEPLOYMENTS_RETAINED=kind.retained)
    found = points_of(kind, cluster, subjects, replica)
    script = [
        (point, name, action, times) for point in found for name, action in ALL.items() for times in (ONCE, STUBBORN)
    ]
    if not long_run:
        script = sample(script, random.Random(seed))

    def run(step):
        point, _, action, times = step
        case = kind(subjects)
        try:
            return case, step, suffer(cluster, replica, case, point, action, times), None
        except Exception as error:
            return case, step, 0, error

    with ThreadPoolExecutor(WORKERS) as pool:
        done = list(pool.map(run, script))
    journal = by_tool(cluster.journal())
    broken = []
    for case, (point, name, _, times), _, error in done:
        what = f"{name} at {point}, {'once' if times == ONCE else 'again and again'}"
        violations = case.violations(journal[case.subject.name])
        if error or violations:
            broken.append(f"{what}: {str(error or '')[:400]} {'; '.join(map(str, violations))}")
    assert not broken, f"TEST_SEED={seed}, {len(broken)} of {len(done)}:\n" + "\n".join(broken)
    assert not wasted([entry for entries in journal.values() for entry in entries])
    slowest = max(took for _, (_, name, _, _), took, _ in done if name in SLOW)
    figure(
        16,
        f"{kind.__name__}: {len(done)} faults at {len(found)} calls, each answered once, 0 violations, TEST_SEED={seed}",
    )
    figure(18, f"{kind.__name__} that met a slow call: {slowest:.2f} s at most; each call's deadline is {DEADLINE} s")
    figure(19, f"{kind.__name__}: 0 repeats of final refusals")
