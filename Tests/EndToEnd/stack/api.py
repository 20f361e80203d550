"""A client of the API, and of nginx itself. Checks in every response what holds for all of them."""

import http.client
import json
import re
import socket
import ssl

import yaml

# RFC 9457, and what the envelope has.
PROBLEM = "application/problem+json"
PROBLEM_MEMBERS = {"type", "title", "status", "detail", "errors", "messages"}
WELL_FORMED_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
# The body of every response of 400 and more, for the check that none contains a secret.
error_bodies = []


def told_secrets(secrets):
    """The secrets that are in an error's body."""
    return secrets.found_in("\n".join(body.decode(errors="replace") for body in error_bodies))


class Response:
    """An HTTP response."""

    # When the request was sent and when the response was complete, in seconds.
    began = ended = 0.0

    def __init__(self, method, path, status, headers, body):
        self.request = f"{method} {path}"[:120]
        self.method, self.path = method, path
        self.status, self.headers, self.body = status, headers, body
        self.media_type = (headers.get("Content-Type") or "").split(";")[0].strip()
        if status >= 400:
            error_bodies.append(body)

    def __repr__(self):
        return f"<{self.request}: {self.status} {self.body[:600]!r}>"

    @property
    def document(self):
        return yaml.safe_load(self.body) if self.media_type == "application/yaml" else json.loads(self.body)

    @property
    def data(self):
        return self.document["data"]

    @property
    def errors(self):
        return self.document["messages"]["error"]

    @property
    def error(self):
        """All error messages as one text."""
        return "\n".join(self.errors)

    @property
    def warnings(self):
        return self.document["messages"].get("warning", [])

    @property
    def info(self):
        return self.document["messages"].get("info", [])

    def check(self):
        """Checks what holds for every response."""
        assert self.headers.get("Cache-Control") == "no-store", self
        assert WELL_FORMED_ID.fullmatch(self.headers.get("X-Request-Id", "")), self
        if self.status in (204, 304):
            assert self.body == b"", self
            assert not self.media_type, self
            return
        if self.media_type in ("text/plain", "text/event-stream"):
            assert self.status == 200, self
            return
        assert self.headers.get("Content-Length") is not None, self
        is_page = self.path == "/docs" and self.status == 200
        types = ("text/html",) if is_page else ("application/json", "application/yaml", *([PROBLEM] if self.status >= 400 else []))
        assert self.media_type in types, self
        if self.method == "HEAD":
            assert self.body == b"", self
            return
        assert int(self.headers["Content-Length"]) == len(self.body), self
        if is_page or self.path in ("/openapi.json", "/config-schema.json") and self.status == 200:
            return
        document = self.document
        if self.media_type == PROBLEM:
            assert set(document) == PROBLEM_MEMBERS, self
            assert document["status"] == self.status, self
            assert [item["detail"] for item in document["errors"]] == self.errors, self
        else:
            assert set(document) <= {"data", "messages"}, self
        lists = {"info", "warning", "error"}
        # The family of the field's clients leaves lists out that are empty, in what is no error.
        if "/v1/" in self.path and "/api/v1/" not in self.path and self.status < 400:
            assert set(document["messages"]) <= lists, self
        else:
            assert set(document["messages"]) == lists, self
        for messages in document["messages"].values():
            assert all(isinstance(message, str) and message for message in messages), self
        if self.status >= 400:
            assert "data" not in document, self
            assert document["messages"]["error"], self
        else:
            assert "data" in document, self
            assert not document["messages"].get("error"), self


class API:
    """The API at one nginx. `certificate`: for calls that name no other; None for none. `prefix`: put before every path that
    does not have it."""

    def __init__(self, port, ca, certificate=None, prefix=""):
        self.port, self.ca, self.certificate, self.prefix = port, ca, certificate, prefix
        self.url = f"https://127.0.0.1:{port}{prefix}"

    def placed(self, path):
        return path if not path.startswith("/") or path.startswith(f"{self.prefix}/") else self.prefix + path

    def context(self, certificate=...):
        context = ssl.create_default_context(cafile=str(self.ca))
        certificate = self.certificate if certificate is ... else certificate
        if certificate:
            context.load_cert_chain(certificate.certificate, certificate.key)
        return context

    def request(self, method, path, body=None, headers=None, certificate=..., timeout=60, check=True):
        """One request on a connection of its own; the path is sent unchanged. Headers: a mapping, or pairs if a name occurs
        twice."""
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self.port, context=self.context(certificate), timeout=timeout
        )
        pairs = list(headers.items()) if isinstance(headers, dict) else list(headers or [])
        names = {name.lower() for name, _ in pairs}
        if isinstance(body, str):
            body = body.encode()
        try:
            connection.putrequest(method, self.placed(path), skip_accept_encoding=True)
            for name, value in pairs:
                connection.putheader(name, value)
            if body is not None and not names & {"content-length", "transfer-encoding"}:
                connection.putheader("Content-Length", str(len(body)))
            try:
                connection.endheaders(body)
            except (BrokenPipeError, ConnectionResetError):
                # The response may have arrived although not all of the body was read.
                pass
            received = connection.getresponse()
            response = Response(method, path, received.status, received.headers, received.read())
        finally:
            connection.close()
        if check:
            response.check()
        return response

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def put(self, path, **more):
        return self.request("PUT", path, headers={"Content-Length": "0", **more.pop("headers", {})}, **more)

    def delete(self, path, **more):
        return self.request("DELETE", path, **more)

    def post(self, path, body=None, content_type=None, **more):
        """A body that is not text is sent as JSON."""
        if body is not None and not isinstance(body, (str, bytes)):
            body, content_type = json.dumps(body), content_type or "application/json"
        headers = dict(more.pop("headers", {}))
        if content_type:
            headers["Content-Type"] = content_type
        if body is None:
            headers["Content-Length"] = "0"
        return self.request("POST", path, body, headers=headers, **more)

    def raw(self, data, *, server_name="localhost", tls=True, certificate=..., timeout=20, check=True):
        """Sends bytes unchanged. Returns the first response, or None if the connection is closed without one."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=timeout)
        connection = self.context(certificate).wrap_socket(plain, server_hostname=server_name) if tls else plain
        if prefix := self.prefix.encode():
            data = re.sub(rb"\A(\S+ )(?=/)(?!%b/)" % prefix, rb"\1" + prefix, data)
        with connection:
            connection.sendall(data)
            received = http.client.HTTPResponse(connection)
            try:
                received.begin()
                body = received.read()
            except (http.client.RemoteDisconnected, http.client.BadStatusLine, ConnectionResetError):
                return None
        response = Response(data[:8].decode("latin-1"), "raw", received.status, received.headers, body)
        if check:
            response.check()
        return response
