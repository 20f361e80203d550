"""The service under the real spawn-fcgi."""

import json
import os
import signal
import socket
from pathlib import Path

from . import fastcgi
from .processes import IS_ROOT, PRODUCTS, SANITIZED, WORKER, Process, wait_until

PROGRAM = PRODUCTS / "components-api"
# In the flags of /proc/net/unix.
LISTENING = "00010000"


def is_listening(path):
    """Whether somebody listens on that Unix socket.

    Its file is there, and has not its mode yet, before anybody does; and a connection would be a peer that says nothing."""
    sockets = (line.split() for line in Path("/proc/net/unix").read_text().splitlines())
    return any(entry[3] == LISTENING and entry[-1] == str(path) for entry in sockets)


class Service:
    """components-api on a Unix socket, or on a port of its own; it can be stopped, killed and started again."""

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
            **settings,
        }
        self._output = directory / "service-output.log"
        self.start()

    def start(self):
        self.launch()
        wait_until(lambda: self.process.check() or self._listens(), "the service's socket")

    @property
    def listen(self):
        """Where it listens, as `LISTEN` names it."""
        return f"unix:{self.socket}" if isinstance(self.socket, Path) else f"tcp:{self.socket}"

    def _listens(self):
        if not self.port:
            return is_listening(self.socket)
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def launch(self):
        """Starts it and waits for nothing. The socket that a killed one left behind would look like the new one's."""
        if self.port:
            # As in a pod: it makes its own.
            self.process = Process([PROGRAM], self._output, {**self.settings, "LISTEN": self.listen})
            return
        group = ["-G", str(WORKER.pw_gid)] if IS_ROOT else []
        # What a killed predecessor left: nothing answers there, and it must not be taken for the new one's.
        self.socket.unlink(missing_ok=True)
        # -n: spawn-fcgi becomes the service, so that its end can be seen.
        self.process = Process(
            ["spawn-fcgi", "-n", "-s", self.socket, "-M", "0660", *group, "-b", "1024", "--", PROGRAM],
            self._output,
            self.settings,
        )

    @property
    def pid(self):
        return self.process.pid

    def assert_serves(self):
        """The next request is answered, past nginx."""
        status, _, _ = fastcgi.request(self.listen, "GET", "/healthz")
        assert status == 200
        assert self.process.is_running

    def terminate(self, seconds=15):
        """SIGTERM; the exit code."""
        return self.process.stop(signal.SIGTERM, seconds)

    def kill(self):
        """SIGKILL."""
        if self.process.is_running:
            self.process.send(signal.SIGKILL)
        self.process.wait()

    def restart(self):
        self.kill()
        self.start()

    def stop(self):
        """Ends it. A sanitizer looks for leaks at the orderly end of a process, and there only."""
        if SANITIZED:
            self.terminate()
        else:
            self.kill()

    def log_lines(self):
        """What it logged: one JSON object a line."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]
