"""Processes of the service that share one socket, as those before and after a rolling restart."""

import os
import signal
import socket

from .processes import IS_ROOT, WORKER, Process, open_to_workers, wait_until
from .service import PROGRAM


class Parent:
    """Holds the socket, as spawn-fcgi does, and starts one process after another on it."""

    def __init__(self, home, kubeconfig, **settings):
        home.mkdir()
        open_to_workers(home)
        self.home, self.path = home, home / "service.sock"
        self.settings = {"KUBECONFIG": str(kubeconfig), "LOG_LEVEL": "info", **settings}
        self.settings["FASTCGI_ALLOWED_UIDS"] = f"{WORKER.pw_uid},{os.geteuid()},0"
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(str(self.path))
        self.path.chmod(0o660)
        if IS_ROOT:
            os.chown(self.path, 0, WORKER.pw_gid)
        self.socket.listen(1024)
        self.processes = []

    def start(self):
        """Starts one more process; returns when it serves."""
        log = self.home / f"service-{len(self.processes)}.log"
        settings = {**self.settings, "LOG_FILE": str(log)}
        process = Process([PROGRAM], log.with_suffix(".output.log"), settings, stdin=self.socket)
        self.processes.append(process)
        wait_until(lambda: process.check() or (log.exists() and '"listening"' in log.read_text()), "its start")
        return process

    def close(self):
        for process in self.processes:
            process.stop(signal.SIGKILL)
        self.socket.close()
