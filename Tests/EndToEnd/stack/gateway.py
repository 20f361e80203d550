"""nginx with the configuration of production, rendered with other values."""

import socket
import subprocess
from pathlib import Path

from .processes import IS_ROOT, ROOT, WORKER, Process, free_port, open_to_workers, wait_until


class Gateway:
    """One nginx in front of one service.

    `service`: the path of its socket, or host:port. `servers`: text for the end of the `http` block. `more`: further values
    of the template. `changes`: replaces text of the configuration. `api_prefix`: the prefix of the API's paths here."""

    def __init__(
        self,
        directory,
        service,
        server,
        client_ca,
        *,
        port=None,
        client_timeout="10s",
        service_timeout="30s",
        max_exchanges=900,
        max_exchanges_each=None,
        prefix="",
        locations="/nonexistent",
        servers="",
        more=None,
        changes=None,
        api_prefix="",
    ):
        self.directory = Path(directory)
        self.directory.mkdir()
        open_to_workers(self.directory)
        self.port = port or free_port()
        self.api_prefix = api_prefix
        self.access_log = self.directory / "access.log"
        values = {
            "LISTEN": f"127.0.0.1:{self.port}",
            "SERVER_NAME": "localhost",
            "SERVER_CERTIFICATE": server.certificate,
            "SERVER_KEY": server.key,
            "CLIENT_CA": client_ca,
            "SERVICE": f"unix:{service}" if isinstance(service, Path) else service,
            "URL_PREFIX": prefix,
            "CLIENT_TIMEOUT": client_timeout,
            "SERVICE_TIMEOUT": service_timeout,
            "MAX_EXCHANGES": max_exchanges,
            # A test's one client stands for many, unless the test sets another limit.
            "MAX_EXCHANGES_EACH": max_exchanges_each or max_exchanges,
            "TEMPORARY_DIRECTORY": self.directory,
            "PID_FILE": self.directory / "nginx.pid",
            "ACCESS_LOG": self.access_log,
            "ERROR_LOG": self.directory / "error.log",
            "LOCATIONS": locations,
            **(more or {}),
        }
        text = render(values)
        if servers:
            # Another virtual host on the same port, or what it needs, before the closing brace of `http`.
            text = text.rstrip().removesuffix("}") + servers.replace("@PORT@", str(self.port)) + "\n}\n"
        for old, new in (changes or {}).items():
            assert old in text, old
            text = text.replace(old, new)
        configuration = self.directory / "nginx.conf"
        configuration.write_text(text)
        user = f"user {WORKER.pw_name};" if IS_ROOT else ""
        self.process = Process(
            ["/usr/sbin/nginx", "-p", self.directory, "-c", configuration, "-e", self.directory / "error.log"]
            + ["-g", f"daemon off; {user}"],
            self.directory / "output.log",
        )
        wait_until(self._accepts, "nginx's port")

    def _accepts(self):
        self.process.check()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self):
        self.process.stop()


def render(values, template="nginx.conf.in"):
    """The configuration, rendered by the script that ci/up uses. Raises with the script's message."""
    result = subprocess.run(
        [ROOT / "nginx/render", ROOT / "nginx" / template, *(f"{name}={value}" for name, value in values.items())],
        capture_output=True,
        text=True,
    )
    if result.returncode != 0:
        raise ValueError(result.stderr)
    return result.stdout


def second_server(certificate, verification):
    """A host `second` on the gateway's own port; `verification`: its lines about client certificates."""
    return f"""
    server {{
        listen 127.0.0.1:@PORT@ ssl;
        server_name second;
        ssl_certificate {certificate.certificate};
        ssl_certificate_key {certificate.key};
        {verification}
        location / {{ return 204; }}
    }}"""
