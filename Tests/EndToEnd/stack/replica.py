"""Replicas of the service, with requests by FastCGI as nginx would send them."""

import itertools
import json
import time

from . import fastcgi
from .api import Response
from .processes import open_to_workers
from .service import Service

_numbers = itertools.count(1)


class Replica:
    """One process of the service with a folder of its own."""

    def __init__(self, directory, kubeconfig, **settings):
        home = directory / f"replica-{next(_numbers)}"
        home.mkdir()
        open_to_workers(home)
        settings = {"LOG_LEVEL": "info", **{name: str(value) for name, value in settings.items()}}
        self.service = Service(home, kubeconfig, **settings)

    def ask(self, method, path, tool=None, body=None):
        """The response, or None if the process ended before it sent one."""
        data = b"" if body is None else json.dumps(body).encode()
        more = fastcgi.verified(tool) if tool else {}
        if body is not None:
            more["CONTENT_TYPE"] = "application/json"
        announced = len(data) if method == "POST" else None
        began = time.monotonic()
        message = fastcgi.message(method, path, more, data, announced=announced)
        try:
            found = fastcgi.exchange(self.service.listen, message)
        except ConnectionRefusedError:
            # Nothing listens if an earlier request of the same client killed the process; its end may still be under way.
            self.service.process.wait(5)
            found = None
        if found is None:
            return None
        status, headers, content = found
        response = Response(method, path, status, headers, content)
        response.began, response.ended = began, time.monotonic()
        return response

    @property
    def pid(self):
        return self.service.pid

    @property
    def descriptors(self):
        """How many file descriptors it has open."""
        (line,) = [
            line
            for line in self.ask("GET", "/metrics").body.decode().splitlines()
            if line.startswith("process_open_fds ")
        ]
        return int(float(line.split()[1]))

    def revive(self):
        """Waits for the end of a killed process, and starts another."""
        self.service.process.wait()
        self.service.start()

    def stop(self):
        self.service.stop()
