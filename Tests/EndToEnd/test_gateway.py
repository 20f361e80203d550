"""nginx's own responses are envelopes too; each is provoked by a request."""

import collections
import json
import os
import socket
import threading

import pytest

from stack import fastcgi
from stack.cluster import fault
from stack.gateway import render, second_server
from stack.processes import open_to_workers, wait_until
from stack.score import figure
from stack.service import Service


def raw(api, head, **more):
    return api.raw(head.replace("\n", "\r\n").encode("latin-1"), **more)


@pytest.mark.parametrize(
    "line",
    ["GARBAGE", "GET", "GET  HTTP/1.1", "GET / HTTP/1.x", "GET nothing HTTP/1.1", "\x16\x03\x01", "GET /%00 HTTP/1.1"],
)
def test_a_bad_request_line_is_400(anonymous, line):
    assert raw(anonymous, f"{line}\nHost: localhost\n\n").status == 400


def test_the_options_of_the_whole_server_are_its_methods(anonymous, stack_kind):
    if stack_kind != "plain":
        pytest.skip("the api-gateway's own server answers")
    response = raw(anonymous, "OPTIONS * HTTP/1.1\nHost: localhost\n\n")
    assert response.status == 200
    assert response.headers["Allow"] == "DELETE, GET, HEAD, POST, PUT"
    assert response.data == {} and "/openapi.json" in response.info[0]
    assert raw(anonymous, "GET * HTTP/1.1\nHost: localhost\n\n").status == 400


def test_straight_from_the_service_they_are_the_same(service):
    status, headers, body = fastcgi.request(service.listen, "OPTIONS", "*")
    assert (status, headers["Allow"]) == (200, "DELETE, GET, HEAD, POST, PUT")
    assert json.loads(body)["data"] == {}
    assert fastcgi.request(service.listen, "GET", "*")[0] == 400


@pytest.mark.parametrize(
    "headers",
    [
        "",
        "Host: a\nHost: b",
        "Host: a\nContent-Length: 1\nContent-Length: 2",
        "Host: a\nContent-Length: -1",
        "Host: a\nContent-Length: 5,5",
        "Host: a\nContent-Length: 99999999999999999999",
        "Host: a\nContent-Length: 5\nTransfer-Encoding: chunked",
        "Host: a\nX-A : b",
        "Host: a\nX-A: \0",
    ],
)
def test_headers_that_two_readers_could_read_differently_are_400(anonymous, headers):
    assert raw(anonymous, f"POST /healthz HTTP/1.1\n{headers}\n\n").status == 400


@pytest.mark.parametrize("headers", [{"X-A": "a" * 9000}, [(f"X-{n}", "a" * 7000) for n in range(5)]])
def test_headers_that_are_too_large_are_400(anonymous, headers):
    response = anonymous.get("/healthz", headers=headers)
    assert response.status == 400
    assert "8 KiB" in response.error


def test_a_uri_that_is_too_long_is_414(anonymous):
    response = anonymous.get("/" + "a" * 9000)
    assert response.status == 414
    assert "8 KiB" in response.error


def test_a_body_that_is_too_large_is_413_also_in_chunks(tool):
    body = b"x" * (256 * 1024 + 1)
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    for response in (
        tool.api.post(tool.config_path, body),
        tool.api.request("POST", tool.config_path, chunks, headers={"Transfer-Encoding": "chunked"}),
    ):
        assert response.status == 413
        assert "262144" in response.error


def test_a_body_in_chunks_arrives_whole(tool):
    body = json.dumps(tool.config()).encode()
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"
    headers = {"Transfer-Encoding": "chunked", "Content-Type": "application/json"}
    assert tool.api.request("POST", tool.config_path, chunks, headers=headers).status == 200
    assert tool.cluster.config(tool.name)["spec"] == tool.config()


@pytest.mark.parametrize("method", ["TRACE", "CONNECT"])
def test_methods_that_nginx_refuses_are_405(anonymous, method):
    response = anonymous.request(method, "/healthz")
    assert response.status == 405
    assert response.headers["Allow"]


def test_an_unknown_transfer_encoding_is_501(anonymous):
    assert raw(anonymous, "POST /healthz HTTP/1.1\nHost: a\nTransfer-Encoding: gzip, chunked\n\n").status == 501


def test_an_unknown_version_of_http_is_505(anonymous):
    assert raw(anonymous, "GET /healthz HTTP/9.9\nHost: a\n\n").status == 505


def test_plain_http_on_the_tls_port_is_400_with_advice(anonymous):
    response = raw(anonymous, "GET /healthz HTTP/1.1\nHost: a\n\n", tls=False)
    assert response.status == 400
    assert "https://" in response.error


def test_another_host_than_in_the_handshake_is_421(another_gateway, service, directory, authority, server_certificate):
    second = second_server(server_certificate, f"ssl_client_certificate {authority.file}; ssl_verify_client optional;")
    api = another_gateway(service.socket, servers=second)
    assert raw(api, "GET /healthz HTTP/1.1\nHost: localhost\n\n").status == 200
    assert raw(api, "GET /healthz HTTP/1.1\nHost: second\n\n").status == 421


def test_without_the_service_it_is_502_with_retry_after(another_gateway, directory):
    api = another_gateway(directory / "nobody.sock")
    response = api.get("/healthz", headers={"X-Request-Id": "mine"})
    assert response.status == 502
    assert int(response.headers["Retry-After"]) > 0
    assert response.headers["X-Request-Id"] == "mine"


def test_a_service_that_was_stopped_is_502_until_it_is_back(tool, service):
    tool.store()
    service.kill()
    assert tool.api.get(tool.config_path).status == 502
    service.start()
    assert tool.api.get(tool.config_path).data == tool.config()


def test_a_service_that_does_not_answer_in_time_is_504(tool, another_gateway, service):
    tool.store()
    api = another_gateway(service.socket, service_timeout="1s")
    slow = fault({"latencyMilliseconds": 1200}, verb="get", resource="toolconfigs")
    with tool.cluster.faults(slow):
        response = api.get(tool.config_path, certificate=tool.api.certificate)
    assert response.status == 504
    assert "may have been processed" in response.error


def test_more_exchanges_than_are_served_at_once_are_503_with_retry_after(tool, another_gateway, service):
    tool.store()
    api = another_gateway(service.socket, max_exchanges=2)
    slow = fault({"latencyMilliseconds": 900}, verb="get", resource="toolconfigs", times=2)
    statuses = []

    def read():
        statuses.append(api.get(tool.config_path, certificate=tool.api.certificate).status)

    with tool.cluster.faults(slow) as fired:
        threads = [threading.Thread(target=read) for _ in range(2)]
        for thread in threads:
            thread.start()
        wait_until(lambda: fired() == [2], "the arrival of two requests")
        response = api.get("/healthz")
        for thread in threads:
            thread.join()
    assert response.status == 503
    assert int(response.headers["Retry-After"]) > 0
    assert statuses == [200, 200]
    assert api.get("/healthz").status == 200


@pytest.mark.score(9)
def test_a_thousand_requests_at_once_are_served_or_503_and_never_502(tool, another_gateway, lone_service, long_run):
    tool.store()
    # On a busy machine the cluster takes longer for so many than it may take elsewhere.
    api = another_gateway(lone_service(CLUSTER_DEADLINE_SECONDS="60").socket)
    responses = []

    def read():
        responses.append(api.get(tool.config_path, certificate=tool.api.certificate))

    slow = fault({"latencyMilliseconds": 100}, verb="get", resource="toolconfigs", times=None)
    threads = [threading.Thread(target=read) for _ in range(1000 if long_run else 150)]
    with tool.cluster.faults(slow):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(responses) == len(threads)
    assert {response.status for response in responses} <= {200, 503}
    assert all("Retry-After" in response.headers for response in responses if response.status == 503)
    counts = collections.Counter(response.status for response in responses)
    figure(9, f"{len(responses):,} at once: {counts[200]} × 200, {counts[503]} × 503 with Retry-After, {counts[502]} × 502")


@pytest.mark.parametrize("framing", ["Content-Length: 100\n\n{", "Content-Length: 1\n\n"])
def test_a_body_that_does_not_come_in_time_is_408(tool, another_gateway, directory, framing):
    home = directory / f"impatient-{len(framing)}"
    home.mkdir()
    open_to_workers(home)
    impatient = Service(home, tool.cluster.kubeconfig, REQUEST_TIMEOUT_SECONDS="1")
    try:
        api = another_gateway(impatient.socket)
        with tool.cluster.recording() as journal:
            response = raw(
                api, f"POST {tool.config_path} HTTP/1.1\nHost: a\n{framing}", certificate=tool.api.certificate
            )
        assert response.status == 408
        assert not journal.entries
    finally:
        impatient.stop()


@pytest.mark.parametrize("part", ["header", "body"])
def test_a_client_that_stalls_is_disconnected_and_does_not_reach_the_service(tool, another_gateway, service, part):
    # nginx 1.22 closes such a connection without a response; its access log has 408.
    api = another_gateway(service.socket, client_timeout="1s")
    request = f"POST {tool.config_path} HTTP/1.1\nHost: a\nContent-Length: 100\n"
    with tool.cluster.recording() as journal:
        response = raw(api, request + ("\n{" if part == "body" else ""), certificate=tool.api.certificate)
    assert response is None
    assert not journal.entries
    assert api.get("/healthz").status == 200


def test_an_incomplete_body_changes_nothing(tool):
    body = json.dumps(tool.config())
    # Complete as JSON, but shorter than announced.
    request = f"POST {tool.config_path} HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body) + 1}\r\n\r\n{body}"
    with tool.cluster.recording() as journal:
        with socket.create_connection(("127.0.0.1", tool.api.port)) as plain:
            with tool.api.context().wrap_socket(plain, server_hostname="localhost") as connection:
                connection.sendall(request.encode())
        # When the next request is answered, this one has had its effect, if any.
        assert tool.api.get("/healthz").status == 200
    assert not journal.entries
    assert tool.cluster.config(tool.name) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a folder that nginx's workers cannot write to")
def test_a_failure_of_nginx_itself_is_500(tool, another_gateway, service):
    api = another_gateway(service.socket)
    (api.gateway.directory / "client-body").chmod(0)
    # A chunked body is buffered until all of it has arrived, in a file if it is too large for memory.
    response = api.request(
        "POST",
        tool.config_path,
        f"{200_000:x}\r\n".encode() + b"x" * 200_000 + b"\r\n0\r\n\r\n",
        headers={"Transfer-Encoding": "chunked"},
        certificate=tool.api.certificate,
    )
    assert response.status == 500
    assert tool.cluster.config(tool.name) is None


def test_the_service_s_own_errors_are_passed_on_unchanged(tool):
    response = tool.api.get(tool.config_path)
    assert response.status == 404
    assert tool.name in response.error


def test_the_access_log_has_the_request_id_that_the_client_saw(anonymous, gateway):
    for path in ("/healthz", "/" + "a" * 9000):
        identifier = anonymous.get(path).headers["X-Request-Id"]

        def logged():
            lines = map(json.loads, gateway.access_log.read_text().splitlines())
            return [line for line in lines if line["request-id"] == identifier]

        assert wait_until(logged, "the line in the access log")


def test_the_pages_of_its_own_responses_cannot_be_requested(anonymous, stack_kind):
    assert anonymous.get("/_gateway/502").status == 404
    # By FastCGI there is no such page: the service checks the slash at the end.
    assert anonymous.get("/_gateway/").status == (400 if stack_kind == "direct" else 404)


def test_no_response_names_nginx_s_version(anonymous):
    for path in ("/healthz", "/_gateway/404"):
        assert "/" not in anonymous.get(path).headers.get("Server", "")


def test_the_template_refuses_a_missing_and_an_unknown_value():
    with pytest.raises(ValueError, match="no value is given for @[A-Z_]+@"):
        render({"SERVICE": "unix:/x"})
    with pytest.raises(ValueError, match="NOTHING"):
        render({"NOTHING": "x"})
    with pytest.raises(ValueError, match="LISTEN"):
        render({"LISTEN": "127.0.0.1:1; evil on"})
