"""A client on one kept TLS connection, for many requests. It sends bytes unchanged, and reads no more than it must."""

import socket

from .api import error_bodies

# What may happen when the server has closed the connection.
GONE = (BrokenPipeError, ConnectionResetError, ConnectionAbortedError, ConnectionRefusedError)


class Kept:
    """Opens a new connection whenever the server has closed the last one."""

    def __init__(self, api, certificate=None, timeout=30):
        self._port, self._context, self._timeout = api.port, api.context(certificate), timeout
        self._connection, self._pending = None, b""

    def ask(self, data):
        """(status, headers in lower case, body) of the response to one request; None if there is none."""
        if self._connection is None:
            plain = socket.create_connection(("127.0.0.1", self._port), timeout=self._timeout)
            self._connection = self._context.wrap_socket(plain, server_hostname="localhost")
            self._pending = b""
        try:
            try:
                self._connection.sendall(data)
            except GONE:
                # The response may have arrived although not all of the request was read.
                pass
            return self._read(is_head=data.startswith(b"HEAD "))
        except (EOFError, *GONE):
            self.close()
            return None

    def _read(self, is_head):
        while b"\r\n\r\n" not in self._pending:
            self._more()
        head, _, self._pending = self._pending.partition(b"\r\n\r\n")
        status, _, lines = head.partition(b"\r\n")
        headers = {}
        for line in lines.decode("latin-1").split("\r\n"):
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        size = 0 if is_head else int(headers.get("content-length", 0))
        while len(self._pending) < size:
            self._more()
        body, self._pending = self._pending[:size], self._pending[size:]
        if headers.get("connection") == "close":
            self.close()
        number = int(status.split()[1])
        if number >= 400:
            error_bodies.append(body)
        return number, headers, body

    def _more(self):
        data = self._connection.recv(65_536)
        if not data:
            raise EOFError
        self._pending += data

    def close(self):
        if self._connection is not None:
            self._connection.close()
        self._connection, self._pending = None, b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
