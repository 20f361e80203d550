"""The process is killed at every point of a deployment, and gets a request after its restart: nothing is lost, nothing is done
twice, and no response was false."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from model.invariants import report
from model.points import points, rule
from model.replay import by_tool, commits
from model.script import shortest
from stack.processes import wait_until
from stack.score import figure, size

MOMENTS = ("before", "after", "answered")


def undisturbed(cluster, replica, subject, older=0, elder=None):
    """The points of a deploy of this subject, its events included, after as many deployments by `elder`."""
    for _ in range(older):
        subject.deploy(elder or replica)
        wait_for_events(cluster, subject)
    known = len(cluster.journal())
    subject.deploy(replica)
    wait_for_events(cluster, subject)
    found = points(cluster.journal()[known:])
    subject.finish(replica)
    subject.verify(cluster.journal())
    return found


def wait_for_events(cluster, subject):
    """Waits for events: one for each deployment that was started, and one for each that was removed."""

    def events_exist():
        done = [(entry["verb"], entry["resource"]) for entry in commits(cluster.journal(), subject.name)]
        changes = done.count(("create", "tooldeployments")) + done.count(("delete", "tooldeployments"))
        return done.count(("create", "events")) >= changes

    wait_until(events_exist, "the events of a deployment")


def kill(replica, subject, point, moment):
    return rule(subject, point, {"kill": replica.pid, "when": moment})


def crash(cluster, replica, subject, point, moment, ask):
    """Sends a request, with the process killed at that point if the request reaches it. Returns whether it was."""
    rules = [kill(replica, subject, point, moment)]
    with cluster.faults_for(f"{subject.name} {point}", *rules):
        ask()
        try:
            # An event may be stored after the response; its call, too, is a point at which the process is killed.
            wait_until(lambda: not replica.service.process.is_running, "a death", 1)
        except AssertionError:
            return False
    replica.revive()
    return True


def each(cases, replicas, workers, work):
    """Runs each case on one of several replicas; returns what `work` returned for each."""
    idle = [replicas() for _ in range(workers)]

    def run(case):
        replica = idle.pop()
        try:
            return work(replica, case)
        finally:
            idle.append(replica)

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(run, cases))


def every_point(cluster, subjects, replicas, components, older, retained, workers):
    """The number of points of a deploy that removes all older deployments, and of kills at them."""
    first = replicas(MAX_DEPLOYMENTS_RETAINED=retained)
    # Keeps all deployments, so that none is removed before this deploy.
    elder = replicas(MAX_DEPLOYMENTS_RETAINED=10)
    found = undisturbed(cluster, first, subjects(components, retained), older, elder)
    assert len(found) >= components + 5, found
    assert [point.call for point in found].count(("delete", "tooldeployments", None)) == older, found

    def start():
        return replicas(MAX_DEPLOYMENTS_RETAINED=retained)

    def work(replica, case):
        point, moment = case
        subject = subjects(components, retained)
        # One of their events may still be under way and match the rule: that would count as a kill.
        for _ in range(older):
            subject.deploy(elder)
        was_killed = crash(cluster, replica, subject, point, moment, lambda: subject.deploy(replica))
        subject.recover(replica)
        # The process may have been killed before it had removed all, and a read removes none: the next deploy does.
        if len(subject.records()) > retained:
            subject.deploy(replica)
        subject.finish(replica)
        return subject, case, was_killed

    cases = [(point, moment) for point in found for moment in MOMENTS]
    done = each(cases, start, workers, work)
    journal = by_tool(cluster.journal())
    for subject, (point, moment), was_killed in done:
        subject.verify(journal[subject.name], script=[f"a kill at {point}, {moment}"])
        assert was_killed, f"the request never came to {point}"
    return len(found), len(done)


@pytest.mark.score(13)
def test_a_kill_at_every_point_of_a_deploy_of_three(cluster, subjects, replicas):
    calls, kills = every_point(cluster, subjects, replicas, components=3, older=0, retained=10, workers=4)
    figure(13, f"deploy of 3: {kills} kills at {calls} calls, 0 violations")


@pytest.mark.score(13)
@pytest.mark.timeout(1200)
def test_a_kill_at_every_point_of_a_deploy_of_ten_that_removes_three(cluster, subjects, replicas, long_run):
    if not long_run:
        pytest.skip("ci/test --long")
    calls, kills = every_point(cluster, subjects, replicas, components=10, older=3, retained=1, workers=4)
    figure(13, f"deploy of 10 that removes 3: {kills} kills at {calls} calls, 0 violations")


def double_kill(cluster, subjects, replica, rng, deploying, looking):
    """Kills the process at a random point of a deploy, and at another of its recovery, mostly reads. `deploying`: the points of a
    deploy by the number of older deployments. Returns the subject, what was done, and how often the process was killed."""
    subject = subjects(3, 2)
    older = rng.choice(list(deploying))
    for _ in range(older):
        subject.deploy(replica)
    recovering = rng.choice([looking, looking, deploying[older]])
    script = [(rng.choice(found), rng.choice(MOMENTS)) for found in (deploying[older], recovering)]
    return subject, script, play(cluster, subject, replica, script)


def play(cluster, subject, replica, script):
    """How often the process was killed."""
    asks = [lambda: subject.deploy(replica)] + [lambda: subject.recover(replica)] * len(script)
    deaths = 0
    for (point, moment), ask in zip(script, asks, strict=False):
        deaths += crash(cluster, replica, subject, point, moment, ask)
    subject.recover(replica)
    subject.finish(replica)
    return deaths


@pytest.mark.score(13)
@pytest.mark.timeout(3600)
def test_random_double_kills(cluster, subjects, replicas, seed, long_run):
    runs = size("DOUBLE_KILLS", 8, 500)
    first = replicas(MAX_DEPLOYMENTS_RETAINED=2)
    # A deploy that has nothing to remove never comes to the calls of a removal.
    found = {
        older: list(dict.fromkeys(undisturbed(cluster, first, subjects(3, 2), older=older))) for older in (0, 2)
    }
    # The calls of a read, so that the second kill can hit a recovery.
    looked = subjects(3, 2)
    data = looked.deploy(first).data
    known = len(cluster.journal())
    looked.finish(first)
    looked.look(first, data["deploy-id"])
    looking = list(dict.fromkeys(points(cluster.journal()[known:])))

    def work(replica, number):
        return *double_kill(cluster, subjects, replica, random.Random(f"{seed} {number}"), found, looking), replica

    done = each(range(runs), lambda: replicas(MAX_DEPLOYMENTS_RETAINED=2), 4, work)
    journal = by_tool(cluster.journal())
    deaths = sum(met for _, _, met, _ in done)
    for subject, script, _, replica in done:
        violations = subject.violations(journal[subject.name])
        if violations:

            def fails(steps, replica=replica):
                again = subjects(3, 2)
                for _ in range(2):
                    again.deploy(replica)
                play(cluster, again, replica, steps)
                return bool(again.violations(cluster.journal()))

            needed = shortest(script, fails) if fails(script) else script
            steps = [f"a kill at {point}, {moment}" for point, moment in needed]
            pytest.fail(report(violations, journal[subject.name], subject.name, seed, steps))
    # A recovery does not reach every second point.
    assert deaths >= runs, f"{deaths} kills in {runs} runs"
    figure(13, f"{runs} runs with two random kills, {deaths} of them met: 0 violations, TEST_SEED={seed}")
