"""Instruments: times, loads, and what a process uses."""

import contextlib
import dataclasses
import http.client
import os
import re
import statistics
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

# Where ci/bench puts what it compiled.
PROGRAMS = Path(os.environ["BENCH_PROGRAMS"])
_TICKS = os.sysconf("SC_CLK_TCK")


class Times(list):
    """Durations in seconds."""

    @property
    def median(self):
        return statistics.median(self)

    @property
    def worst(self):
        return max(self)

    def percentile(self, percent):
        """So many percent were no slower."""
        return sorted(self)[min(len(self) - 1, len(self) * percent // 100)]

    @property
    def figure(self):
        return f"median {milliseconds(self.median)}, worst {milliseconds(self.worst)} of {len(self)}"


def milliseconds(seconds):
    value = seconds * 1000
    return f"{value:.0f} ms" if value >= 100 else f"{value:.1f} ms" if value >= 10 else f"{value:.2f} ms"


def plural(clients):
    return "1 client" if clients == 1 else f"{clients} clients"


class KeptConnection:
    """One client on one TLS connection, so that times do not include handshakes."""

    def __init__(self, host, port, context, headers=None):
        self._connection = http.client.HTTPSConnection(host, port, context=context, timeout=180)
        self._headers = headers or {}
        self._connection.connect()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._connection.close()

    def stream(self, path):
        """The response to a GET, which may never end, as a file of lines."""
        self._connection.request("GET", path, headers=self._headers)
        return self._connection.getresponse()

    def call(self, method, path, body=None, expected=200, headers=None):
        """Seconds and the body of the response. Another status than `expected` is an error; None accepts any."""
        began = time.perf_counter()
        self._connection.request(method, path, body, {**self._headers, **(headers or {})})
        response = self._connection.getresponse()
        content = response.read()
        seconds = time.perf_counter() - began
        if expected is not None and response.status != expected:
            raise RuntimeError(f"{method} {path}: {response.status} {content[:500]!r}")
        self.status = response.status
        return seconds, content


@dataclass
class Load:
    """The result of clients that sent each request as soon as they had the response to the last; times in seconds."""

    rate: float
    median: float
    # 99 of 100 responses were faster.
    nearly_all: float
    worst: float

    @property
    def figure(self):
        times = (self.median, self.nearly_all, self.worst)
        return "median {}, 99 % {}, worst {}".format(*map(milliseconds, times))

    def __post_init__(self):
        if self.rate <= 0:
            raise RuntimeError("a load was not answered at all")


def wrk(url, clients, seconds):
    """wrk, one thread: clients without a certificate."""
    command = ["wrk", "-t", "1", "-c", str(clients), "-d", f"{seconds}s", "--latency", url]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if bad := re.search(r"Non-2xx.*|Socket errors.*", text):
        raise RuntimeError(f"wrk {url}: {bad[0]}")
    unit = {"us": 1e-6, "ms": 1e-3, "s": 1.0}
    median = re.search(r"50%\s+([\d.]+)(us|ms|s)", text)
    nearly_all = re.search(r"99%\s+([\d.]+)(us|ms|s)", text)
    worst = re.search(r"Latency(?:\s+[\d.]+(?:us|ms|s)){2}\s+([\d.]+)(us|ms|s)", text)
    return Load(
        float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]),
        float(median[1]) * unit[median[2]],
        float(nearly_all[1]) * unit[nearly_all[2]],
        float(worst[1]) * unit[worst[2]],
    )


@dataclass
class Target:
    """The server of a load, and the client's identity."""

    host: str
    port: int
    # The CA of its certificate.
    authority: Path
    # A file of the client's certificate and its key.
    pem: Path | None = None
    # A further header line.
    header: str | None = None


def load_command(target, *paths, clients=1, seconds=None, requests=None, body=None):
    """The arguments of a subprocess that runs load.c, whose comment explains them. `body`: a file."""
    options = {"-c": clients, "-s": seconds, "-r": requests, "-a": target.authority, "-p": target.pem, "-b": body}
    given = [str(word) for pair in options.items() if pair[1] is not None for word in pair]
    environment = {**os.environ, **({"LOAD_HEADER": target.header} if target.header else {})}
    return [str(PROGRAMS / "load"), *given, target.host, str(target.port), *paths], environment


def load_result(text):
    responses, failures, seconds, *times = text.split()
    if int(failures):
        raise RuntimeError(f"{failures} of a load's requests were not answered with 200 ({responses} were)")
    return Load(int(responses) / float(seconds), *(int(time) / 1e6 for time in times))


def load(target, *paths, **options):
    with loading(target, *paths, **options) as result:
        return result()


@contextlib.contextmanager
def loading(target, *paths, **options):
    """Runs a load beside the block. Yields a function that waits for its end and returns its result."""
    command, environment = load_command(target, *paths, **options)
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)

    def result():
        text = process.communicate()[0]
        if process.returncode:
            raise RuntimeError(f"load ended with {process.returncode}")
        return load_result(text)

    try:
        yield result
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        process.stdout.close()


class Usage:
    """What a process uses, according to the kernel."""

    def __init__(self, pid):
        self._directory = Path(f"/proc/{pid}")

    def _status(self, key):
        text = (self._directory / "status").read_text()
        return int(re.search(rf"^{key}:\s+(\d+)", text, re.MULTILINE)[1])

    @property
    def megabytes(self):
        """Resident memory."""
        return self._status("VmRSS") / 1024

    @property
    def threads(self):
        return self._status("Threads")

    @property
    def descriptors(self):
        return len(os.listdir(self._directory / "fd"))

    @property
    def cpu_seconds(self):
        fields = (self._directory / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS


def middle(loads):
    """The medians of several."""
    return Load(*map(statistics.median, zip(*map(dataclasses.astuple, loads), strict=True)))


class Rounds:
    """Several loads in turn, repeatedly, so that changes in the machine's speed affect all of them."""

    def __init__(self, count, **loads):
        self.rounds = []
        for number in range(count):
            # In alternating order, so that a steady change favours none.
            order = list(loads) if number % 2 == 0 else list(reversed(loads))
            self.rounds.append({name: loads[name]() for name in order})

    def load(self, name):
        """The medians of its rounds."""
        return middle(one[name] for one in self.rounds)

    def ratio(self, first, second, of="rate"):
        """The median of the rounds' ratios."""
        return statistics.median(getattr(one[first], of) / getattr(one[second], of) for one in self.rounds)
