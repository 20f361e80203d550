"""The service under the real spawn-fcgi."""

import json
import os
import signal
import socket
from pathlib import Path

from . import fastcgi
from .processes import IS_ROOT, PRODUCTS, SANITIZED, WORKER, Process, wait_until

PROGRAM = PRODUCTS / "components-api"
# The flag of a listening socket in /proc/net/unix.
LISTENING = "00010000"


def is_listening(path):
    """Whether a process listens on that Unix socket.

    The file exists, without its final mode, before a process listens; and a connection would be a silent peer."""
    sockets = (line.split() for line in Path("/proc/net/unix").read_text().splitlines())
    return any(entry[3] == LISTENING and entry[-1] == str(path) for entry in sockets)


class Service:
    """components-api on a Unix socket or on a port. It can be stopped, killed and started again."""

    def __init__(self, directory, kubeconfig, port=None, **settings):
        directory = Path(directory)
        self.port = port
        self.socket = f"127.0.0.1:{port}" if port else directory / "service.sock"
        self.log = directory / "service.log"
        self.settings = {
            "KUBECONFIG": str(kubeconfig),
            "LOG_FILE": str(self.log),
            "LOG_LEVEL": "debug",
            "FASTCGI_ALLOWED_UIDS": f"{WORKER.pw_uid},{os.geteuid()},0",
            # Tests count calls, and hold deployments where they are; test_engine.py is about what happens by itself.
            "ENGINE": "off",
            # Most configs of tests name repositories that are nowhere; test_commits.py is about the look-up.
            "RESOLVE_COMMITS": "off",
            "LEASE_NAMESPACE": "components-api",
            **settings,
        }
        self._output = directory / "service-output.log"
        self.start()

    def start(self):
        self.launch()
        wait_until(lambda: self.process.check() or self._listens(), "the service's socket")

    @property
    def listen(self):
        """Its address in the form of `LISTEN`."""
        return f"unix:{self.socket}" if isinstance(self.socket, Path) else f"tcp:{self.socket}"

    def _listens(self):
        if not self.port:
            return is_listening(self.socket)
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def launch(self):
        """Starts it without waiting. Removes the socket of a killed one first, which would look like the new one's."""
        if self.port:
            # As in a pod, it makes its own socket.
            self.process = Process([PROGRAM], self._output, {**self.settings, "LISTEN": self.listen})
            return
        group = ["-G", str(WORKER.pw_gid)] if IS_ROOT else []
        # The socket of a killed predecessor, which must not be taken for the new one's.
        self.socket.unlink(missing_ok=True)
        # -n: spawn-fcgi replaces itself by the service, so that a test can wait for its end.
        self.process = Process(
            ["spawn-fcgi", "-n", "-s", self.socket, "-M", "0660", *group, "-b", "1024", "--", PROGRAM],
            self._output,
            self.settings,
        )

    @property
    def pid(self):
        return self.process.pid

    def assert_serves(self):
        """Waits until a request that bypasses nginx is answered."""
        status, _, _ = fastcgi.request(self.listen, "GET", "/healthz")
        assert status == 200
        assert self.process.is_running

    def terminate(self, seconds=15):
        """Sends SIGTERM; returns the exit code."""
        return self.process.stop(signal.SIGTERM, seconds)

    def kill(self):
        """Sends SIGKILL."""
        if self.process.is_running:
            self.process.send(signal.SIGKILL)
        self.process.wait()

    def restart(self):
        self.kill()
        self.start()

    def stop(self):
        """Stops it in order, because a sanitizer looks for leaks only at the orderly end of a process."""
        if SANITIZED:
            self.terminate()
        else:
            self.kill()

    def log_lines(self):
        """Its log: one JSON object a line."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]
