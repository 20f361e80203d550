"""The part of FastCGI that nginx uses: one request on a connection of its own."""

import socket
import struct

BEGIN, END, PARAMS, STDIN, STDOUT = 1, 3, 4, 5, 6


class Response:
    def __init__(self, output):
        head, _, self.body = output.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        self.status = int(fields.pop("Status", "200").split()[0])
        self.fields = fields


def _record(kind, content):
    return struct.pack(">BBHHBx", 1, kind, 1, len(content), 0) + content


def _pair(name, value):
    name, value = name.encode(), value.encode()
    return struct.pack(">II", len(name) | 1 << 31, len(value) | 1 << 31) + name + value


def _read(connection, length):
    content = b""
    while len(content) < length:
        part = connection.recv(length - len(content))
        assert part, "the service closed the connection"
        content += part
    return content


def request(path, method, uri, body=b"", **parameters):
    """The response of the service that listens on this Unix socket."""
    parameters = {
        "REQUEST_METHOD": method,
        "REQUEST_URI": uri,
        "QUERY_STRING": "",
        "CONTENT_LENGTH": str(len(body)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_NAME": "localhost",
        **parameters,
    }
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(30)
        connection.connect(str(path))
        connection.sendall(
            _record(BEGIN, struct.pack(">HB5x", 1, 0))
            + _record(PARAMS, b"".join(_pair(*item) for item in parameters.items()))
            + _record(PARAMS, b"")
            + (_record(STDIN, body) if body else b"")
            + _record(STDIN, b"")
        )
        output = b""
        while True:
            _, kind, _, length, padding = struct.unpack(">BBHHBx", _read(connection, 8))
            content = _read(connection, length + padding)[:length]
            if kind == STDOUT:
                output += content
            elif kind == END:
                return Response(output)
