"""TLS: a connection, a session or another host on the same port gives no access without a certificate."""

import itertools
import socket
import ssl

import pytest

from stack.gateway import second_server

VERSIONS = [pytest.param(version, id=version.name) for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)]


def connect(api, version, server_name, certificate=None):
    context = api.context(certificate)
    context.minimum_version = context.maximum_version = version
    # Like a client that connects to an address: without a host name, so there is none to compare with the certificate.
    context.check_hostname = server_name == "localhost"
    plain = socket.create_connection(("127.0.0.1", api.port), timeout=20)
    return context, context.wrap_socket(plain, server_hostname=server_name)


@pytest.mark.parametrize("version", VERSIONS)
def test_an_open_host_on_the_same_port_gives_no_access(tool, another_gateway, service, server_certificate, version):
    tool.store()
    second = second_server(server_certificate, "ssl_verify_client off;")
    api = another_gateway(service.socket, servers=second)
    statuses = {}
    with tool.cluster.recording() as journal:
        for server_name, host in itertools.product(("localhost", "second", None), ("localhost", "second")):
            _, connection = connect(api, version, server_name)
            with connection:
                connection.sendall(f"GET {tool.config_path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
                statuses[server_name, host] = int(connection.recv(65_536).split()[1])
    assert not journal.entries
    assert statuses["second", "second"] == 204
    assert {status for (_, host), status in statuses.items() if host == "localhost"} <= {401, 421}, statuses


@pytest.mark.parametrize("version", VERSIONS)
def test_no_session_outlives_its_connection(tool, another_gateway, service, version):
    def is_resumed(api):
        request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
        context, first = connect(api, version, "localhost", tool.api.certificate)
        with first:
            first.sendall(request)
            assert first.recv(65_536)
            session = first.session
        plain = socket.create_connection(("127.0.0.1", api.port), timeout=20)
        with context.wrap_socket(plain, server_hostname="localhost", session=session) as second:
            second.sendall(request)
            assert second.recv(65_536)
            return second.session_reused

    assert not is_resumed(another_gateway(service.socket))
    tickets = {"ssl_session_tickets    off;": "ssl_session_tickets    on;"}
    assert is_resumed(another_gateway(service.socket, changes=tickets))
