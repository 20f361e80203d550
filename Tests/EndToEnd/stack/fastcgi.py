"""A FastCGI client, to ask the service past nginx for what nginx shows to nobody."""

import http.client
import io
import socket
import struct

BEGIN, END, PARAMS, STDIN, STDOUT = 1, 3, 4, 5, 6


def record(kind, content=b""):
    return struct.pack("!BBHHBx", 1, kind, 1, len(content), 0) + content


def length(number):
    return struct.pack("!B", number) if number < 128 else struct.pack("!I", number | 1 << 31)


def connect(listen):
    """A connection to where the service listens, as `LISTEN` names it."""
    kind, _, address = listen.partition(":")
    if kind == "tcp":
        host, _, port = address.rpartition(":")
        return socket.create_connection((host, int(port)), timeout=20)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(20)
    connection.connect(address)
    return connection


def request(listen, method, target):
    """(status, headers, body) of a request without identity and body."""
    parameters = {"REQUEST_METHOD": method, "REQUEST_URI": target, "SERVER_PROTOCOL": "HTTP/1.1", "SERVER_NAME": "x"}
    pairs = b"".join(
        length(len(name)) + length(len(value)) + name.encode() + value.encode() for name, value in parameters.items()
    )
    output = b""
    with connect(listen) as connection:
        connection.sendall(
            record(BEGIN, struct.pack("!HB5x", 1, 0)) + record(PARAMS, pairs) + record(PARAMS) + record(STDIN)
        )
        stream = connection.makefile("rb")
        while True:
            _, kind, _, size, padding = struct.unpack("!BBHHBx", stream.read(8))
            content = stream.read(size + padding)[:size]
            if kind == STDOUT:
                output += content
            elif kind == END:
                break
    text = io.BytesIO(output)
    headers = http.client.parse_headers(text)
    return int((headers["Status"] or "200").split()[0]), headers, text.read()
