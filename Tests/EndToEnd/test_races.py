"""Two replicas at once, with different clocks: whichever is faster, both see the same state in the cluster."""

import datetime
import itertools
import os
import random
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from model.replay import by_tool
from stack.score import figure, size

RETAINED = 2
HOUR, DAY = 3_600, 86_400
SKEWS = (0, HOUR, -HOUR, DAY, -DAY)
SKEWED_CLOCK = Path(__file__).parent / "stack/skewed_clock.c"


def at_once(*actions):
    """Runs each in a thread of its own, all started together; returns what each returned."""
    barrier = threading.Barrier(len(actions))

    def run(action):
        barrier.wait()
        return action()

    with ThreadPoolExecutor(len(actions)) as pool:
        return [future.result() for future in [pool.submit(run, action) for action in actions]]


def race(subject, replicas, rng):
    """Deploys, reads and ends of builds, all at the same moment. The reads are of earlier deployments."""
    subject.deploy(rng.choice(replicas))
    known = subject.records()
    deploys = [lambda replica=replica: subject.deploy(replica) for replica in replicas * rng.choice([1, 2])]
    looks = [
        lambda replica=replica, identifier=identifier: subject.look(replica, identifier)
        for replica in replicas
        for identifier in known
    ]

    def end():
        for build in subject.cluster.builds(subject.name):
            subject.cluster.end_build(build, succeeds=rng.random() < 0.8)

    actions = [*deploys, *looks, end]
    rng.shuffle(actions)
    responses = [response for response in at_once(*actions) if response is not None]
    assert {response.status for response in responses} <= {200, 201, 404, 409}, responses
    # Each was read by both at once, and again by both at the end.
    at_once(*[lambda replica=replica: [subject.look(replica, name) for name in subject.records()] for replica in replicas])
    subject.finish(replicas[0])


def hold(subjects_made, cluster, seed):
    journal = by_tool(cluster.journal())
    for subject in subjects_made:
        # There was no fault, so there is none too many: this does not depend on a later deploy.
        subject.verify(journal[subject.name], seed)


@pytest.mark.score(14)
@pytest.mark.timeout(3600)
def test_two_replicas_race(cluster, subjects, replicas, seed, long_run):
    races = size("RACES", 50, 1000)
    pair = [replicas(MAX_DEPLOYMENTS_RETAINED=RETAINED) for _ in range(2)]

    def run(number):
        subject = subjects(2, RETAINED)
        race(subject, pair, random.Random(f"{seed} {number}"))
        return subject

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(run, range(races)))
    hold(made, cluster, seed)
    deployments = sum(len([s for s in subject.statuses if s in (201, 409)]) for subject in made)
    figure(14, f"{races} races of two replicas, {deployments} deployments, 0 duplicate builds, TEST_SEED={seed}")


@pytest.fixture(scope="session")
def skew(directory):
    """The settings of a replica whose clock is off by that many seconds."""
    library = directory / "skewed-clock.so"
    subprocess.run(["clang", "-O1", "-shared", "-fPIC", "-o", library, SKEWED_CLOCK], check=True, timeout=60)
    return lambda seconds: {"LD_PRELOAD": library, "CLOCK_OFFSET_SECONDS": seconds}


@pytest.mark.score(14)
@pytest.mark.timeout(3600)
def test_replicas_whose_clocks_are_off(cluster, subjects, replicas, skew, seed, long_run):
    skewed = [replicas(MAX_DEPLOYMENTS_RETAINED=RETAINED, **skew(seconds)) for seconds in SKEWS]
    off = [int(subprocess.check_output(["date", "+%s"], env={**os.environ, **{k: str(v) for k, v in skew(seconds).items()}})) for seconds in SKEWS]
    assert max(off) - min(off) > 3_600, f"the clocks are not off: {off}"
    made = []
    for number in range(40 if long_run else 4):
        rng = random.Random(f"{seed} {number}")
        subject = subjects(1, RETAINED)
        made.append(subject)
        # One after the other: the latest stays, whichever clock was used.
        for replica in rng.sample(skewed, len(skewed)):
            response = subject.deploy(replica)
            assert response.status == 201, response
            assert response.data["deploy-id"] in subject.records()
            # By the cluster's clock, whatever the replica's says.
            record = cluster.deployment(subject.name, response.data["deploy-id"])
            requested = datetime.datetime.fromisoformat(record["spec"]["requestedAt"])
            created = datetime.datetime.fromisoformat(record["metadata"]["creationTimestamp"])
            assert abs(requested - created) < datetime.timedelta(seconds=30)
            assert requested.strftime("-deploy-%Y%m%d-%H%M%S-%f") in response.data["deploy-id"]
        race(subject, rng.sample(skewed, 2), rng)
    hold(made, cluster, seed)
    figure(14, f"{len(made)} tools, replicas with clocks off by up to a day, 0 violations, TEST_SEED={seed}")


@pytest.mark.timeout(3600)
def test_of_those_who_reject_each_other_one_goes_on(cluster, subjects, replicas, seed, long_run):
    """And the others are told of that one, which stays."""
    # Those that are taken back make none of the others one too many.
    pair = [replicas(MAX_DEPLOYMENTS_RETAINED=1) for _ in range(2)]
    made = [subjects(1, 1) for _ in range(size("REJECTIONS", 10, 200))]
    for subject in made:
        responses = at_once(*[lambda replica=replica: subject.deploy(replica, {"overlap": "reject"}) for replica in pair * 3])
        (started,) = [response for response in responses if response.status == 201]
        refused = [response for response in responses if response.status == 409]
        assert len(refused) == 5
        assert list(subject.records()) == [started.data["deploy-id"]]
        assert len(cluster.builds(subject.name)) == 1
        for response in refused:
            assert started.data["deploy-id"] in response.errors[0]
        subject.finish(pair[0])
    journal = by_tool(cluster.journal())
    for subject in made:
        # Those that are refused take their records back, whichever is the newest.
        violations = [found for found in subject.violations(journal[subject.name]) if found.invariant != "I4"]
        assert not violations, f"TEST_SEED={seed}: {violations}"


def test_records_of_one_second_are_kept_by_name_whoever_trims(cluster, subjects, replicas):
    """As many at once as fit into a second or two, by both replicas: all see the same order."""
    pair = [replicas(MAX_DEPLOYMENTS_RETAINED=RETAINED) for _ in range(2)]
    subject = subjects(1, RETAINED)
    at_once(*[lambda replica=replica: subject.deploy(replica) for replica, _ in itertools.product(pair, range(6))])
    assert len(subject.records()) == RETAINED
    subject.finish(pair[0])
    subject.verify(cluster.journal())
