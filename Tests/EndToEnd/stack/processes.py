"""Processes and waiting. Every process belongs to one object, which stops it by its process id."""

import os
import pwd
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PRODUCTS = Path(os.environ.get("PRODUCTS", ROOT / ".build" / "debug"))
# The sanitizer with which the programs are built, if any; ci/sanitize sets it.
SANITIZED = os.environ.get("SANITIZED")
# The factor for all timeouts, because a sanitizer makes every process slower.
PATIENCE = 2 if SANITIZED else 1
# The sanitizer under which a test of memory means nothing, and why.
KEEPS_FREED_MEMORY = "address", "it keeps what is freed for a while, so as to find who uses it still"
IS_ROOT = os.geteuid() == 0
# nginx runs its workers as this user if root starts it.
WORKER = pwd.getpwnam("www-data") if IS_ROOT else pwd.getpwuid(os.geteuid())
PATH = os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin"


def wait_until(predicate, what, seconds=15.0):
    """Waits for an event and returns what the predicate returned. Fails with a message if it does not happen."""
    seconds *= PATIENCE
    deadline = time.monotonic() + seconds
    while True:
        result = predicate()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not happen within {seconds} s")
        time.sleep(0.02)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def runtime_directory():
    """A folder that only this user and nginx's workers may enter."""
    directory = Path(tempfile.mkdtemp(prefix="components-api-test.", dir="/run" if IS_ROOT else None))
    open_to_workers(directory)
    return directory


def open_to_workers(directory):
    if IS_ROOT:
        os.chown(directory, 0, WORKER.pw_gid)
    directory.chmod(0o750)


class Process:
    """A program with its log."""

    def __init__(self, arguments, log, environment=None, stdin=subprocess.DEVNULL):
        self.name = Path(arguments[0]).name
        self.log = Path(log)
        with open(self.log, "ab") as output:
            self.child = subprocess.Popen(
                [str(argument) for argument in arguments],
                stdin=stdin,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={"PATH": PATH, "HOME": "/nonexistent", **(environment or {})},
                start_new_session=True,
            )

    @property
    def pid(self):
        return self.child.pid

    @property
    def is_running(self):
        return self.child.poll() is None

    def check(self):
        """For waits: fails early, with the log, if the process has ended."""
        assert self.is_running, f"{self.name} ended with {self.child.returncode}:\n{self.tail()}"

    def tail(self):
        return self.log.read_text(errors="replace")[-4000:]

    def send(self, number):
        self.child.send_signal(number)

    def wait(self, seconds=15):
        return self.child.wait(timeout=seconds)

    def stop(self, number=signal.SIGTERM, seconds=15):
        """Stops it and returns its exit code. It is killed if it does not stop in time."""
        if self.is_running:
            self.send(number)
        try:
            return self.wait(seconds)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.wait()
            raise
