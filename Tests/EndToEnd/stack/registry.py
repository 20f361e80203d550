"""The calls of Harbor that the service makes: HEAD of a manifest by tag, and the creation of a project."""

import base64
import http.server
import json
import ssl
import threading

USER, PASSWORD = "robot", "the-password-of-the-registry"


class Registry:
    """A registry by HTTPS. Tests set what its tags are and what it answers, and look at what it was asked."""

    def __init__(self, certificate, key):
        self.tags = {}
        self.projects = set()
        self.requests = []
        # A status for every response in place of the usual one.
        self.status = None
        # Set while nothing is answered.
        self.hangs = threading.Event()
        # Set while no response comes to its end.
        self.stalls = threading.Event()
        self.released = threading.Event()
        registry = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_HEAD(self):
                registry.response(self)

            do_GET = do_POST = do_HEAD

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        self.url = f"https://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def response(self, exchange):
        length = int(exchange.headers.get("Content-Length") or 0)
        body = json.loads(exchange.rfile.read(length)) if length else None
        self.requests.append((exchange.command, exchange.path, body, exchange.headers.get("Authorization")))
        if self.hangs.is_set():
            self.released.wait(60)
        status, headers = self.status or self.usual(exchange.command, exchange.path, body, exchange.headers)
        exchange.send_response(status)
        for name, value in headers.items():
            exchange.send_header(name, value)
        exchange.send_header("Content-Length", "10" if self.stalls.is_set() else "0")
        exchange.end_headers()
        if self.stalls.is_set():
            exchange.wfile.flush()
            self.released.wait(60)
            exchange.close_connection = True

    def usual(self, method, path, body, headers):
        wanted = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        # As Harbor does: a HEAD without the field is 401, whoever may pull.
        if headers.get("Authorization") != wanted:
            return 401, {"WWW-Authenticate": 'Bearer realm="https://127.0.0.1/service/token"'}
        if method == "POST" and path == "/api/v2.0/projects":
            if body["project_name"] in self.projects:
                return 409, {}
            self.projects.add(body["project_name"])
            return 201, {"Location": "/api/v2.0/projects/1"}
        tag = path.removeprefix("/v2/").removesuffix("/manifests/latest")
        if method == "HEAD" and path.startswith("/v2/") and tag in self.tags:
            assert "application/vnd.oci.image.manifest.v1+json" in headers["Accept"]
            return 200, {"Docker-Content-Digest": self.tags[tag]}
        return 404, {}

    def asked(self, method):
        """The paths that were asked for by that method."""
        return [path for found, path, _, _ in self.requests if found == method]

    def stop(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
