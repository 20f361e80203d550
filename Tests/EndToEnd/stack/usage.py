"""What a process uses, according to the kernel."""

import os
import re
from pathlib import Path
from typing import NamedTuple

from .processes import wait_until


def open_files(folder):
    """What its descriptors refer to. One that is closed concurrently is left out."""
    for name in os.listdir(folder):
        try:
            yield os.readlink(f"{folder}/{name}")
        except FileNotFoundError:
            pass


class Usage(NamedTuple):
    """Resident memory in KiB; how many threads, descriptors, and sockets among these."""

    resident: int
    threads: int
    descriptors: int
    sockets: int

    @classmethod
    def of(cls, pid):
        status = (Path("/proc") / str(pid) / "status").read_text()

        def number(key):
            return int(re.search(rf"^{key}:\s+(\d+)", status, re.MULTILINE)[1])

        files = list(open_files(f"/proc/{pid}/fd"))
        sockets = sum(file.startswith("socket:") for file in files)
        return cls(number("VmRSS"), number("Threads"), len(files), sockets)

    def growth_since(self, before):
        """The growth of resident memory in MiB."""
        return (self.resident - before.resident) / 1024


def settled(service):
    """What a service uses when all exchanges have ended: of sockets, only the listening one. It must not have called the
    cluster."""
    wait_until(lambda: Usage.of(service.pid).sockets == 1, "the close of all connections")
    return Usage.of(service.pid)
