"""A FastCGI client that bypasses nginx: for what nginx does not serve, and for requests that nginx never sends."""

import http.client
import io
import socket
import struct

BEGIN, ABORT, END, PARAMS, STDIN, STDOUT, GET_VALUES = 1, 2, 3, 4, 5, 6, 9


def record(kind, content=b"", number=1, padding=0, version=1):
    return struct.pack("!BBHHBx", version, kind, number, len(content), padding) + content + bytes(padding)


def begin(keep=False, number=1, role=1):
    return record(BEGIN, struct.pack("!HB5x", role, keep), number)


def length(number):
    return struct.pack("!B", number) if number < 128 else long_length(number)


def long_length(number):
    return struct.pack("!I", number | 1 << 31)


def pair(name, value):
    name, value = (text.encode() if isinstance(text, str) else text for text in (name, value))
    return length(len(name)) + length(len(value)) + name + value


def stream(kind, content):
    """A whole stream: its records, and the empty one that ends it."""
    parts = [content[start : start + 65_528] for start in range(0, len(content), 65_528)]
    return b"".join(record(kind, part) for part in [*parts, b""])


def environment(method, target, more=()):
    """The parameters of a request as nginx sends them: pairs, so that a name may occur twice."""
    return [
        ("REQUEST_METHOD", method),
        ("REQUEST_URI", target),
        ("SERVER_PROTOCOL", "HTTP/1.1"),
        ("SERVER_NAME", "x"),
        *(more.items() if isinstance(more, dict) else more),
    ]


def message(method, target, more=(), body=b"", keep=False, announced=None):
    """The bytes of a request; `announced` is its CONTENT_LENGTH, by default the right one."""
    announced = len(body) if announced is None else announced
    pairs = environment(method, target, more) + ([("CONTENT_LENGTH", str(announced))] if announced or body else [])
    return begin(keep) + stream(PARAMS, b"".join(pair(*each) for each in pairs)) + stream(STDIN, body)


def verified(tool):
    """What nginx sends for a client with the tool's certificate."""
    return {"SSL_CLIENT_VERIFY": "SUCCESS", "SSL_CLIENT_S_DN": f"CN={tool},O=toolforge"}


def connect(listen):
    """A connection to the service; the address has the form of `LISTEN`."""
    kind, _, address = listen.partition(":")
    if kind == "tcp":
        host, _, port = address.rpartition(":")
        return socket.create_connection((host, int(port)), timeout=20)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(20)
    connection.connect(address)
    return connection


def response(connection):
    """(status, headers, body) of the next response on a connection; None if it is closed before the end."""
    output = b""
    with connection.makefile("rb") as incoming:
        while True:
            try:
                head = incoming.read(8)
                if len(head) < 8:
                    return None
                _, kind, _, size, padding = struct.unpack("!BBHHBx", head)
                content = incoming.read(size + padding)
            except ConnectionResetError:
                return None
            if len(content) < size + padding:
                return None
            if kind == STDOUT:
                output += content[:size]
            elif kind == END:
                break
    text = io.BytesIO(output)
    headers = http.client.parse_headers(text)
    return int((headers["Status"] or "200").split()[0]), headers, text.read()


def exchange(listen, data):
    """The response to these bytes on a connection of its own; None if there is none."""
    with connect(listen) as connection:
        send(connection, data)
        return response(connection)


def send(connection, data):
    """Sends as much as the service reads; it may close before the end."""
    try:
        connection.sendall(data)
    except (BrokenPipeError, ConnectionResetError):
        pass


def until_closed(listen, data):
    """Everything that is received when nothing but these bytes is sent."""
    with connect(listen) as connection:
        send(connection, data)
        try:
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65_536), b""))
        except (ConnectionResetError, OSError) as error:
            if isinstance(error, TimeoutError):
                raise
            return b""


def request(listen, method, target):
    """(status, headers, body) of a request without identity and body."""
    return exchange(listen, message(method, target))
