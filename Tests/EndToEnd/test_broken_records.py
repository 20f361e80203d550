"""Records that no web server sends, to the socket of the process itself: it does not crash, hang or grow, and serves none."""

import collections
import itertools
from typing import NamedTuple

import pytest

from stack import fastcgi
from stack.fastcgi import ABORT, GET_VALUES, PARAMS, STDIN, begin, long_length, message, pair, record
from stack.processes import KEEPS_FREED_MEMORY
from stack.score import figure, seeded, size
from stack.usage import Usage, settled


def random_records(numbers):
    """Records of random types, ids, lengths and contents, often nearly valid; some with a flipped bit."""
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


class Siege(NamedTuple):
    """What a service used before and after everything that was sent, a description of it, and what must be empty: the kinds
    that got a response, and the calls to the cluster."""

    before: Usage
    after: Usage
    summary: str
    answered: tuple = ()
    calls: tuple = ()

    def assert_no_memory_is_kept(self, row, megabytes):
        growth = self.after.growth_since(self.before)
        assert growth < megabytes, self
        figure(row, f"{self.summary}: memory {growth:+.1f} MiB")


@pytest.fixture(scope="module")
def random_records_sent(lone_services):
    service = lone_services()
    seed, numbers = seeded("random records")
    count = size("RANDOM_CONNECTIONS", 2_000, 100_000)
    # Warms up: the memory grows until then.
    for _ in range(500):
        fastcgi.until_closed(service.listen, random_records(numbers))
    before = settled(service)
    for _ in range(count):
        # A connection that is neither answered nor closed is a timeout here.
        fastcgi.until_closed(service.listen, random_records(numbers))
    service.assert_serves()
    return Siege(before, settled(service), f"{count:,} random connections, TEST_SEED={seed}")


@pytest.mark.score(1)
@pytest.mark.timeout(3600)
def test_random_records_harm_nothing(random_records_sent):
    siege = random_records_sent
    assert siege.after.threads <= siege.before.threads + 2, siege
    figure(1, f"{siege.summary}: 0 crashes, 0 hung")


@pytest.mark.score(1)
@pytest.mark.timeout(3600)
@pytest.mark.unsanitized(*KEEPS_FREED_MEMORY)
def test_random_records_leave_no_memory_behind(random_records_sent):
    random_records_sent.assert_no_memory_is_kept(1, 5)


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


@pytest.fixture(scope="module")
def attacks_sent(lone_services, cluster):
    service = lone_services()
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
    counts, answered = collections.Counter(), collections.Counter()
    with cluster.recording() as journal:
        for kind in kinds:
            for attack in kind():
                answered[kind.__name__] += fastcgi.until_closed(service.listen, attack) != b""
                counts[kind.__name__] += 1
            service.assert_serves()
    summary = ", ".join(f"{n:,} {kind.replace('_', ' ')}" for kind, n in counts.items())
    return Siege(before, settled(service), summary, tuple(+answered), tuple(journal.entries))


@pytest.mark.score(2)
@pytest.mark.timeout(1800)
def test_what_kills_other_programs_is_closed_without_a_response(attacks_sent):
    assert not attacks_sent.answered
    assert not attacks_sent.calls
    figure(2, f"{attacks_sent.summary}: 0 crashes, 0 answered, 0 parameters injected")


@pytest.mark.score(2)
@pytest.mark.timeout(1800)
@pytest.mark.unsanitized(*KEEPS_FREED_MEMORY)
def test_what_kills_other_programs_leaves_no_memory_behind(attacks_sent):
    attacks_sent.assert_no_memory_is_kept(2, 2)
