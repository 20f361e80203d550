"""The api-gateway, with the location files that its administrators get."""

import shutil
from pathlib import Path

from .api import API
from .certificates import CN, Authority, name
from .gateway import Gateway, render
from .processes import free_port

PREFIX = "/components"
HOST = "components-api.components-api.svc"
# The settings of a careless gateway: it passes on every header and path as the client sent it, accepts certificates of any CA,
# and compresses whatever it can.
CARELESS = {
    "server_tokens          off;": "gzip on; gzip_types *; gzip_min_length 1; gzip_proxied any;",
    "underscores_in_headers off;": "underscores_in_headers on;",
    "ignore_invalid_headers on;": "ignore_invalid_headers off;",
    "merge_slashes          off;": "merge_slashes          on;",
    "ssl_verify_client optional;": "ssl_verify_client optional_no_ca;",
}


class InternalAuthority(Authority):
    """The CA of the gateway's backends, and of the gateway as their client. It signs no tool's certificate."""

    def __init__(self, directory):
        super().__init__(directory, "internal CA")
        self.sidecar = self.server(HOST)
        self.gateway = self.issue(name((CN, "api-gateway")))


class Sidecar(Gateway):
    """nginx in the service's pod, as the chart renders it. Only the api-gateway may connect."""

    def __init__(self, directory, service, internal, certificate=None, trust_tool_header="no"):
        self.health_port = free_port()
        peers = {
            "PEER": "gateway",
            "GATEWAY_SUBJECTS": "CN=api-gateway",
            "TRUST_TOOL_HEADER": trust_tool_header,
            "HEALTH_LISTEN": f"127.0.0.1:{self.health_port}",
            "SERVER_NAME": HOST,
        }
        super().__init__(
            directory, service, certificate or internal.sidecar, internal.file, prefix=PREFIX, more=peers
        )


class ApiGateway(Gateway):
    """The gateway's own nginx. `upstream`: the sidecar's host:port, or with `way="fastcgi"` the service's. Only the location
    files lead to the service."""

    def __init__(self, directory, way, upstream, users, server, internal, *, tool_header="no", git=None, changes=None):
        directory = Path(directory)
        locations = directory.with_name(f"{directory.name}-locations")
        shutil.copytree(git, locations) if git else locations.mkdir()
        values = {}
        if way == "proxy":
            values = {
                "COMPONENTS_API_NAME": HOST,
                "CLIENT_CERTIFICATE": internal.gateway.certificate,
                "CLIENT_KEY": internal.gateway.key,
                "INTERNAL_CA": internal.file,
            }
        (locations / "components-api.conf").write_text(render(values, f"api-gateway/{way}.conf.in"))
        maps = {"COMPONENTS_API": upstream, "SEND_TOOL_HEADER": tool_header}
        self.users = users
        super().__init__(
            directory,
            directory / "nobody.sock",
            server,
            users.file,
            locations=locations,
            servers=render(maps, "api-gateway/http.conf.in"),
            changes=changes,
            # One worker, so that its upstreams take turns strictly.
            more={"WORKER_PROCESSES": 1},
            api_prefix=PREFIX,
        )

    def api(self, certificate=None):
        """The values of a client of the gateway."""
        return API(self.port, self.users.file, certificate, self.api_prefix)
