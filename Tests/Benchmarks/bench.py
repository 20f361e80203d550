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
import deploys
import footprint
import reads
import waiting
from stage import Stage
from table import Table, say

PARTS = {"deploys": deploys, "waiting": waiting, "reads": reads, "footprint": footprint, "bodies": bodies}


@dataclass
class Options:
    """How much is measured."""

    quick: bool
    requests: int | None = None

    def __post_init__(self):
        # For the growth of memory.
        self.requests = self.requests or (10_000 if self.quick else 50_000)

    @property
    def seconds(self):
        """Of one load."""
        return 2 if self.quick else 5

    @property
    def rounds(self):
        """Of two loads that are compared."""
        return 1 if self.quick else 3

    @property
    def deploys(self):
        return 8 if self.quick else 24


def heading(configuration):
    """The machine and the build: figures say nothing without."""
    text = Path("/proc/cpuinfo").read_text()
    model = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    one, _, _ = os.getloadavg()
    kind = f"{cores} cores, {model[1] if model else platform.machine()}, {memory:.0f} GiB, {platform.release()}"
    lines = [f"{kind}; {configuration} build; everything on this one machine, the clients too."]
    if configuration != "release":
        lines.append("NOT A RELEASE BUILD: the goals are meant for one.")
    if one > cores / 2:
        lines.append(f"THE MACHINE WAS BUSY WITH OTHER WORK at the start (load {one:.1f}): the figures are too bad.")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--configuration", required=True)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--requests", type=int)
    parser.add_argument("parts", nargs="*")
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are: {', '.join(PARTS)}")

    # As a stop by ^C: what was started is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("bench: stopped"))
    # A thousand clients are a thousand descriptors, here and in the service.
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    # Before anything here makes the machine busy.
    title = heading(arguments.configuration)
    table = Table()
    options = Options(arguments.quick, arguments.requests)
    with Stage() as stage:
        for name in arguments.parts or PARTS:
            PARTS[name].measure(stage, table, options)
    missed = sum(row.met is False for row in table.rows)
    say(f"done; {missed} of {sum(row.met is not None for row in table.rows)} goals not reached")
    print(f"{title}\n\n{table.text()}")


if __name__ == "__main__":
    main()
