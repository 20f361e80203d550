"""A way to a server that a test can cut: what a restart of the server looks like from outside."""

import contextlib
import socket
import threading


class Relay:
    """Passes TCP connections on to a server. While it is cut, new ones are closed at once, and those from before are gone."""

    def __init__(self, host, port):
        self._server = (host, port)
        self._lock = threading.Lock()
        self._open = set()
        self._is_cut = False
        # How many connections were closed at once.
        self.refused = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        with self._lock:
            self._is_cut = True
            for end in self._open:
                self._end(end)

    def mend(self):
        with self._lock:
            self._is_cut = False

    def stop(self):
        self.cut()
        # Wakes the thread that waits in accept.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    @staticmethod
    def _end(connection):
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                if self._is_cut:
                    self.refused += 1
                    client.close()
                    continue
                server = socket.create_connection(self._server)
                self._open |= {client, server}
            for source, target in ((client, server), (server, client)):
                threading.Thread(target=self._pass, args=[source, target], daemon=True).start()

    def _pass(self, source, target):
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                target.sendall(piece)
        for end in (source, target):
            self._end(end)
        with self._lock:
            self._open -= {source, target}
