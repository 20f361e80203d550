"""Clients that send the next request as soon as they have a response, each in a thread."""

import threading
import time

from .kept import Kept


def get(path):
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


class Load:
    """This many clients with a kept connection each. `wanted`: the statuses that are not failures. `pauses`: how many seconds
    to pause after a status."""

    def __init__(self, api, clients, data, *, certificate=None, wanted=(200,), pauses=None):
        self.responses = 0
        self.failures = []
        # (when it ended, how long it took, status)
        self.times = []
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._wanted, self._pauses = wanted, pauses or {}
        self._threads = [
            threading.Thread(target=self._ask, args=(api, certificate, data), daemon=True) for _ in range(clients)
        ]

    def _ask(self, api, certificate, data):
        with Kept(api, certificate) as client:
            while not self._stopped.is_set():
                began = time.monotonic()
                try:
                    response = client.ask(data)
                except OSError as error:
                    response = (repr(error),)
                now = time.monotonic()
                status = response[0] if response else "closed"
                with self._lock:
                    self.responses += 1
                    self.times.append((now, now - began, status))
                    if status not in self._wanted:
                        self.failures.append((now, status))
                if status in self._pauses:
                    self._stopped.wait(self._pauses[status])

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def count(self, status):
        return sum(each == status for _, _, each in self.times)
