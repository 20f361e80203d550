"""A cancellation beside everything else that ends a deployment: what was answered 200 ends as cancelled."""

import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from model.replay import Replay, by_tool
from model.subject import Subject
from stack.processes import wait_until
from stack.rights import ACCOUNT, restricted_kubeconfig
from stack.score import figure, size
from test_races import at_once

PHASES = {"Succeeded": "succeeded", "Failed": "failed", "Cancelled": "cancelled"}


class Race:
    """A deployment that two clients cancel at two replicas at the moment at which its builds end."""

    def __init__(self, world, number, replicas, rng):
        self.cluster, self.rng = world.cluster, rng
        self.subject = Subject(world.cluster, f"racer{number}", rng.choice([1, 2, 3]))
        self.subject.store_config()
        self.replicas = rng.sample(replicas, len(replicas))
        self.identifier = self.subject.deploy(self.replicas[0]).data["deploy-id"]
        self.responses = []

    def run(self):
        first, second = self.replicas
        actions = [
            lambda: self.responses.append(self.subject.cancel(first, self.identifier)),
            lambda: self.responses.append(self.subject.cancel(second, self.identifier)),
            lambda: self.subject.look(second, self.identifier),
            self.end_builds,
        ]
        # Not to wait for an event, but for a random order.
        pauses = [self.rng.uniform(0, 0.2) for _ in actions]
        at_once(*[lambda action=action, pause=pause: (time.sleep(pause), action()) for action, pause in zip(actions, pauses, strict=True)])
        # As Tekton does: every run ends, those that were told to are cancelled.
        wait_until(self.ended, f"the end of {self.identifier}", 60)
        return self

    def end_builds(self):
        for build in self.cluster.builds(self.subject.name):
            self.cluster.end_build(build, succeeds=self.rng.random() < 0.8)

    def ended(self):
        self.end_builds()
        return self.record["status"].get("phase") in ("succeeded", "failed", "cancelled")

    @property
    def record(self):
        return self.cluster.deployment(self.subject.name, self.identifier)

    def verify(self, journal):
        status = self.record["status"]
        statuses = {response.status for response in self.responses}
        assert statuses <= {200, 409}, self.responses
        shown = self.subject.look(self.replicas[0], self.identifier).data
        if 200 in statuses:
            assert status["phase"] == "cancelled", (self.responses, status)
            assert (shown["status"], shown["reason"]) == ("error", "Cancelled"), shown
        else:
            assert status["phase"] in ("succeeded", "failed"), (self.responses, status)
        for response in self.responses:
            if response.status == 409:
                assert f"{self.identifier} has ended as {shown['status']}" in response.error, (response, shown)
            else:
                assert response.data["status"] in ("running", "error"), response
                assert response.data["reason"] in ("Cancelling", "Cancelled"), response
        # Each build has the end of its run.
        for build in self.cluster.builds(self.subject.name):
            (condition,) = build["status"]["conditions"]
            component = build["metadata"]["annotations"]["deploy.toolforge.org/component"]
            assert status["builds"][component]["phase"] == PHASES[condition["reason"]], (status, condition)
        violations = Replay(journal, self.subject.name, 10, ACCOUNT).violations
        assert not violations, violations
        ends = {build["phase"] for build in status["builds"].values()}
        return "told 409" if 200 not in statuses else "all builds cancelled" if ends == {"cancelled"} else "some builds had ended"


@pytest.mark.score(31)
@pytest.mark.timeout(1800)
def test_what_was_answered_200_ends_as_cancelled(world, seed):
    kubeconfig = restricted_kubeconfig(world.cluster, world.home)
    replicas = [world.replica(kubeconfig, HOSTNAME=name) for name in ("first", "second")]
    wait_until(lambda: world.holder, "a leader")
    races = size("CANCEL_RACES", 12, 200)

    def run(number):
        return Race(world, number, replicas, random.Random(f"{seed} {number}")).run()

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(run, range(races)))
    journal = by_tool(world.cluster.journal())
    outcomes = Counter(race.verify(journal[race.subject.name]) for race in done)
    assert sum(outcomes.values()) == races
    told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
    figure(31, f"{races} races of two cancellations against ends: {told}; 0 violations, TEST_SEED={seed}")
