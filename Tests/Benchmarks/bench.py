"""All benchmarks, and their table on standard output. Started by ci/bench, which compiles what it needs."""

import argparse
import os
import platform
import re
import resource
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

import bodies
import config
import deploys
import engine
import healthz
import large
import log
import memory
import start
import waiting
from stack.real_cluster import Refusal
from stage import Stage
from table import Table, say

PARTS = {
    "healthz": healthz,
    "config": config,
    "deploys": deploys,
    "engine": engine,
    "large": large,
    "waiting": waiting,
    "log": log,
    "start": start,
    "memory": memory,
    "bodies": bodies,
}


@dataclass
class Options:
    """What is measured, and how often."""

    quick: bool
    configuration: str
    # Whether FastAPI is measured too.
    fastapi: bool
    # How many clients send requests at once.
    clients: list[int]
    # How many requests for the growth of memory.
    requests: int

    @property
    def seconds(self):
        """The duration of one load."""
        return 1 if self.quick else 4

    @property
    def rounds(self):
        """How often the loads that are compared are repeated."""
        return 3 if self.quick else 5

    @property
    def deploys(self):
        return 8 if self.quick else 24

    @property
    def repeats(self):
        """How often a request is repeated for its median."""
        return 60 if self.quick else 300


def heading(configuration):
    """The machine and the build, without which figures mean nothing."""
    text = Path("/proc/cpuinfo").read_text()
    model = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    one, _, _ = os.getloadavg()
    kind = f"{cores} cores, {model[1] if model else platform.machine()}, {memory:.0f} GiB, {platform.release()}"
    lines = [f"{kind}; {configuration} build; everything runs on this machine, the clients too."]
    if configuration != "release":
        lines.append("NOT A RELEASE BUILD: the goals are meant for one.")
    if one > cores / 2:
        lines.append(f"THE MACHINE WAS BUSY WITH OTHER WORK at the start (load {one:.1f}): the figures are worse than they should be.")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--configuration", required=True)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--no-fastapi", action="store_true")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 4, 16])
    parser.add_argument("--requests", type=int)
    parser.add_argument("--kubeconfig")
    parser.add_argument("--tool", default="bench")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    arguments = parser.parse_args()

    # Like ^C: stops what was started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("bench: stopped"))
    # A thousand clients need a thousand descriptors, here and in the service.
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    # Before this program makes the machine busy.
    title = heading(arguments.configuration)
    table = Table()
    options = Options(
        arguments.quick,
        arguments.configuration,
        not arguments.no_fastapi,
        arguments.clients,
        arguments.requests or (20_000 if arguments.quick else 1_000_000),
    )
    try:
        with Stage(arguments.kubeconfig, arguments.tool) as stage:
            for name in arguments.parts:
                PARTS[name].measure(stage, table, options)
    except Refusal as refusal:
        sys.exit(f"bench: {refusal}")
    missed = sum(row.met is False for row in table.rows)
    say(f"done; {missed} of {sum(row.met is not None for row in table.rows)} goals not reached")
    print(f"{title}\n\n{table.text()}")


if __name__ == "__main__":
    main()
