"""A cluster in which three calls in ten fail for some time: nothing is lost, done twice, or left unfinished."""

import itertools
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from model.replay import by_tool
from stack.cluster import refusal
from stack.processes import wait_until
from stack.rights import ACCOUNT, TOKEN, kubeconfig_with_files, service_rights
from stack.score import figure, size

WORKERS = 8
TOOLS = 8
RETAINED = 3
# Each applies to every nth call that the rules before it let pass; together three in ten.
MIXED = [
    (18, refusal(429, "TooManyRequests", headers={"Retry-After": "0"})),
    (20, refusal(429, "TooManyRequests")),
    (21, refusal(503, "ServiceUnavailable")),
    (22, refusal(500, "InternalError")),
    (23, refusal(504, "Timeout", commit=True)),
    (24, {"drop": "before"}),
    (25, {"drop": "after"}),
]
OVERLOADED = [(3, refusal(429, "TooManyRequests", headers={"Retry-After": "0"}))]


def rules(actions):
    """Only for the service's calls for these tools, not for the tests' own calls."""
    return [{"every": every, "user": ACCOUNT, "action": action} for every, action in actions]


def workload(subjects_made, replica, requests, rng, seconds=None):
    """Sends requests from several threads, for a number or a time; returns the count of each status."""
    numbers, statuses, lock = itertools.count(), [], threading.Lock()
    until = time.monotonic() + seconds if seconds else None
    seeds = [rng.random() for _ in range(WORKERS)]

    def work(seed):
        own = random.Random(seed)
        while next(numbers) < requests and (until is None or time.monotonic() < until):
            subject = own.choice(subjects_made)
            roll = own.random()
            known = subject.known
            if roll < 0.3 or not known:
                response = subject.deploy(replica)
                if response.status == 201:
                    subject.known.append(response.data["deploy-id"])
            elif roll < 0.8:
                response = subject.look(replica, own.choice(known[-RETAINED:]))
            else:
                response = subject.post_config(replica, subject.config)
            with lock:
                statuses.append(response.status)

    with ThreadPoolExecutor(WORKERS) as pool:
        for future in [pool.submit(work, seed) for seed in seeds]:
            future.result()
    return statuses


def attempts(journal):
    return len([entry for entry in journal if entry["user"] == ACCOUNT and entry["resource"] != "events"])


@pytest.fixture
def crowd(subjects):
    made = [subjects(2, RETAINED) for _ in range(TOOLS)]
    for subject in made:
        subject.known = []
    return made


def settle(crowd, replica, cluster, seed):
    """Lets an undisturbed deploy, and a read of each deployment, complete everything."""
    for subject in crowd:
        assert subject.deploy(replica).status == 201
        subject.finish(replica)
    journal = by_tool(cluster.journal())
    for subject in crowd:
        subject.verify(journal[subject.name], seed)


@pytest.mark.score(16)
@pytest.mark.score(19)
@pytest.mark.timeout(3600)
def test_three_bad_responses_in_ten(cluster, crowd, replicas, seed, long_run):
    replica = replicas(MAX_DEPLOYMENTS_RETAINED=RETAINED)
    rng = random.Random(seed)
    quiet = workload(crowd, replica, 50, rng)
    assert all(status < 300 or status in (404, 409) for status in quiet), quiet
    per_request = attempts(cluster.journal()) / len(quiet)
    before, known = replica.descriptors, len(cluster.journal())
    count, seconds = size("FAULTY_REQUESTS", 300, 10_000), 60 if long_run else 20
    with cluster.faults(*rules(MIXED)):
        statuses = workload(crowd, replica, count, rng, seconds)
    disturbed = cluster.journal()[known:]
    calls = attempts(disturbed)
    bad = len([entry for entry in disturbed if entry["user"] == ACCOUNT and entry["fault"]])
    amplification = calls / len(statuses) / per_request
    # Each thread sends the next request only after a response, and none raised: as many responses as requests.
    assert len(statuses) > WORKERS
    assert bad / calls > 0.2, f"{bad} of {calls}"
    assert amplification <= 2
    wait_until(lambda: replica.descriptors <= before + 2, "the closing of what was opened", 75)
    settle(crowd, replica, cluster, seed)
    figure(
        16,
        f"mixed faults: {len(statuses)} requests, {bad / calls:.0%} of {calls} calls bad: {len(statuses)} answers, 0 lost, 0 duplicates, "
        f"descriptors {replica.descriptors - before:+}, TEST_SEED={seed}",
    )
    figure(19, f"mixed faults: {amplification:.2f} times the calls")


@pytest.mark.score(19)
@pytest.mark.timeout(3600)
def test_one_response_in_three_says_too_many(cluster, crowd, replicas, seed, long_run):
    replica = replicas(MAX_DEPLOYMENTS_RETAINED=RETAINED)
    rng = random.Random(seed)
    quiet = workload(crowd, replica, 40, rng)
    per_request = attempts(cluster.journal()) / len(quiet)
    known = len(cluster.journal())
    with cluster.faults(*rules(OVERLOADED)):
        statuses = workload(crowd, replica, 5_000 if long_run else 80, rng, 60 if long_run else 10)
    calls = attempts(cluster.journal()[known:])
    amplification = calls / len(statuses) / per_request
    assert amplification <= 2
    settle(crowd, replica, cluster, seed)
    figure(19, f"429 to each third call: {amplification:.2f} times the calls")


@pytest.mark.score(17)
@pytest.mark.timeout(600)
def test_tokens_and_authorities_are_rotated_under_load(
    cluster, crowd, replicas, directory, authority, seed, long_run
):
    """As the kubelet does: writes another token to the file, and the old one is invalid at once. Every other time a second CA
    is added beside the cluster's, or removed."""
    rotations = size("ROTATIONS", 5, 100)
    home = directory / "rotated"
    home.mkdir(exist_ok=True)
    rights = service_rights()
    token_file, authority_file = home / "token", home / "ca.crt"
    bundles = [cluster.ca, cluster.ca + "\n" + authority.file.read_text()]

    def replace(file, text):
        fresh = file.with_suffix(".new")
        fresh.write_text(text)
        fresh.rename(file)

    def issue(number):
        token = f"rotated-token-{number}"
        cluster.request("PUT", "/_fake/tokens", {"token": token, "user": ACCOUNT, "allowed": rights})
        replace(token_file, token)
        replace(authority_file, bundles[number % 2])
        return token

    token = issue(0)
    kubeconfig = kubeconfig_with_files(cluster, home, token_file, authority_file)
    replica = replicas(kubeconfig=kubeconfig, MAX_DEPLOYMENTS_RETAINED=RETAINED)
    rng = random.Random(seed)
    responses = []
    running = threading.Event()
    running.set()

    def load():
        while running.is_set():
            responses.extend(workload(crowd, replica, WORKERS, rng))

    thread = threading.Thread(target=load)
    thread.start()
    try:
        for number in range(1, rotations + 1):
            seen, retired = len(responses), token
            token = issue(number)
            cluster.request("DELETE", "/_fake/tokens", {"token": retired})
            wait_until(lambda seen=seen: len(responses) > seen + WORKERS, "answers after a rotation", 30)
    finally:
        running.clear()
        thread.join()
    errors = [status for status in responses if status >= 300 and status not in (404, 409)]
    assert not errors, errors
    assert TOKEN not in replica.service.log.read_text() and "rotated-token" not in replica.service.log.read_text()
    settle(crowd, replica, cluster, seed)
    figure(17, f"{rotations} rotations of token and CA under load, {len(responses)} requests, {len(errors)} client errors")
