"""nginx with a rendered configuration, on loopback ports, in front of a responder that answers with its parameters."""

import http.client
import json
import os
import re
import shutil
import socket
import socketserver
import ssl
import struct
import subprocess
import tempfile
import threading
import time
from pathlib import Path

NGINX = "/usr/sbin/nginx"


def record(kind, content):
    return struct.pack(">BBHHBB", 1, kind, 1, len(content), 0, 0) + content


class Handler(socketserver.StreamRequestHandler):
    """One FastCGI exchange: the response is the request's parameters as JSON; for /waiting it waits for the gate."""

    def handle(self):
        parameters, ended = b"", 0
        while ended < 2:
            header = self.rfile.read(8)
            if len(header) < 8:
                return
            _, kind, _, length, padding, _ = struct.unpack(">BBHHBB", header)
            content = self.rfile.read(length + padding)[:length]
            if kind == 4:
                parameters += content
            ended += kind in (4, 5) and length == 0
        parameters = self.decode(parameters)
        if parameters["REQUEST_URI"] == "/waiting":
            self.server.waiting.release()
            self.server.gate.wait()
        body = json.dumps(parameters).encode()
        head = b"Status: 200\r\nContent-Type: application/json\r\n\r\n"
        self.wfile.write(record(6, head + body) + record(6, b"") + record(3, bytes(8)))

    @staticmethod
    def decode(data):
        result, position = {}, 0

        def length():
            nonlocal position
            if data[position] < 128:
                position += 1
                return data[position - 1]
            position += 4
            return struct.unpack(">I", data[position - 4 : position])[0] & 0x7FFFFFFF

        while position < len(data):
            name, value = length(), length()
            key = data[position : position + name].decode()
            result[key] = data[position + name : position + name + value].decode("latin-1")
            position += name + value
        return result


class Responder(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.gate = threading.Event()
        self.waiting = threading.Semaphore(0)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def replaced(text, old, new):
    assert old in text, f"the rendered configuration has no {old!r}"
    return text.replace(old, new)


class Sidecar:
    """The rendered text, with this machine's paths and ports."""

    def __init__(self, text, authority):
        self.directory = Path(tempfile.mkdtemp(prefix="components-api-chart."))
        self.tls = self.directory / "tls"
        self.tls.mkdir()
        self.serve(authority)
        (self.tls / "ca.crt").write_bytes(authority.pem)
        self.port, self.plain_port = free_port(), free_port()
        service = self.directory / "service.sock"
        text = replaced(text, "/etc/components-api/tls", str(self.tls))
        text = replaced(text, "/run/nginx", str(self.directory))
        text = replaced(text, "/dev/stdout", str(self.directory / "access.log"))
        text = replaced(text, "listen 8443 ssl;", f"listen 127.0.0.1:{self.port} ssl;")
        text = replaced(text, "listen 9000;", f"listen 127.0.0.1:{self.plain_port};")
        for upstream in ('"unix:/run/components-api/service.sock"', '"127.0.0.1:9001"'):
            text = text.replace(f"fastcgi_pass {upstream}", f'fastcgi_pass "unix:{service}"')
        assert text.count(str(service)) == 7
        self.configuration = self.directory / "nginx.conf"
        self.configuration.write_text(text)
        self.responder = Responder(str(service), Handler)
        threading.Thread(target=self.responder.serve_forever, args=(0.05,), daemon=True).start()
        self.process = None

    def serve(self, authority):
        """Replaces the server certificate, as cert-manager and the kubelet do."""
        certificate = authority.issue("service:components-api", server=True)
        (self.tls / "tls.crt").write_bytes(certificate.certificate.read_bytes())
        (self.tls / "tls.key").write_bytes(certificate.key.read_bytes())

    @property
    def command(self):
        user = "user root; " if os.getuid() == 0 else ""
        return [NGINX, "-e", "stderr", "-c", self.configuration, "-g", f"{user}daemon off;"]

    def check(self):
        return subprocess.run([*self.command, "-t"], capture_output=True, text=True)

    def start(self):
        self.process = subprocess.Popen(self.command, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        for port in (self.port, self.plain_port):
            while True:
                assert self.process.poll() is None and time.monotonic() < deadline, "nginx did not start"
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.02)

    def end(self, command):
        """Runs the container's preStop command, without its wait for the cluster."""
        shell, flag, script = command
        script = re.sub(r"^sleep \d+; nginx ", f"{NGINX} ", script)
        script = replaced(script, "/etc/components-api/nginx/nginx.conf", str(self.configuration))
        script = replaced(script, "/run/nginx/", f"{self.directory}/")
        return subprocess.Popen([shell, flag, script])

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait()
        self.responder.gate.set()
        self.responder.shutdown()
        self.responder.server_close()
        shutil.rmtree(self.directory)

    def context(self, authority, client=None):
        context = ssl.create_default_context(cadata=authority.pem.decode())
        context.check_hostname = False
        if client:
            context.load_cert_chain(client.certificate, client.key)
        return context

    def get(self, path, authority, client=None, headers=()):
        """Status, body and the parameters that the service got. Raises if the handshake is refused."""
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self.port, context=self.context(authority, client), timeout=20
        )
        return exchange(connection, path, headers)

    def get_plain(self, path, headers=()):
        return exchange(http.client.HTTPConnection("127.0.0.1", self.plain_port, timeout=20), path, headers)

    def served_serial(self, authority):
        context = self.context(authority, authority.gateway)
        with socket.create_connection(("127.0.0.1", self.port)) as connection, context.wrap_socket(connection) as tls:
            return tls.getpeercert()["serialNumber"]


def exchange(connection, path, headers):
    connection.putrequest("GET", path)
    for name, value in headers:
        connection.putheader(name, value)
    connection.endheaders()
    response = connection.getresponse()
    body = json.loads(response.read())
    connection.close()
    return response.status, body
