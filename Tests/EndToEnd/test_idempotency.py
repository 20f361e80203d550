"""Idempotency-Key on deploys: repeats of a request, at any replica and after any fault, make one deployment."""

import concurrent.futures
import itertools
import os
import re
import socket

import pytest

from stack.cluster import fault
from stack.processes import open_to_workers, wait_until
from stack.service import Service

_numbers = itertools.count(1)
RECORD = {"verb": "create", "resource": "tooldeployments"}
# A repeat does what a read does, which test_crash_points.py tests at every point.
MOMENTS = [("after the record", ("after", RECORD))]
if os.environ.get("LONG"):
    MOMENTS += [
        ("after the first build", ("after", {"verb": "create", "resource": "pipelineruns"})),
        ("before the status", ("before", {"resource": "tooldeployments", "subresource": "status"})),
    ]


def kill(service, when, **where):
    return fault({"kill": service.pid, "when": when}, **where)


def deploy(tool, key, api=None, **more):
    headers = {"Idempotency-Key": key, **more.pop("headers", {})}
    return (api or tool.api).post(tool.deploy_path, headers=headers, **more)


def assert_replayed(response, identifier):
    assert response.status == 200, response
    assert response.headers["Idempotent-Replayed"] == "true"
    assert response.data["deploy-id"] == identifier
    assert response.headers["Location"].endswith(f"/deploy/{identifier}")
    assert identifier in response.info[0] and "Idempotency-Key" in response.info[0]


@pytest.fixture
def make_replica(directory, cluster, another_gateway):
    """Starts replicas of the service, each behind a gateway of its own: make_replica(tool) returns service and API."""
    started = []

    def make(tool, **values):
        home = directory / f"keyed-replica-{next(_numbers)}"
        home.mkdir()
        open_to_workers(home)
        replica = Service(home, cluster.kubeconfig, CLUSTER_DEADLINE_SECONDS="5")
        started.append(replica)
        api = another_gateway(replica.socket, **values)
        api.certificate = tool.api.certificate
        return replica, api

    yield make
    for replica in started:
        replica.stop()


def test_the_same_key_is_the_same_deployment(tool):
    tool.store(tool.config("web", "worker"))
    first = deploy(tool, "my-key_1.0")
    identifier = first.data["deploy-id"]
    assert first.status == 201
    assert "Idempotent-Replayed" not in first.headers
    assert re.fullmatch(rf"{tool.name}-deploy-key-[0-9a-f]{{32}}", identifier)
    for body, content_type in ((None, None), ("{}", "application/json"), ("{}", "application/yaml")):
        assert_replayed(deploy(tool, "my-key_1.0", body=body, content_type=content_type), identifier)
    assert tool.records() == [identifier]
    assert set(tool.builds()) == {(identifier, "web"), (identifier, "worker")}
    assert tool.follow(identifier)["status"] == "finished"
    ended = deploy(tool, "my-key_1.0")
    assert_replayed(ended, identifier)
    assert ended.data["status"] == "finished"
    # Another key, the same in another case, or none: other deployments.
    others = {deploy(tool, key).data["deploy-id"] for key in ("my-key_1.1", "MY-KEY_1.0")}
    assert len(others | {identifier, tool.deploy()["deploy-id"]}) == 4


def test_keys_are_a_tool_s_own(tool, make_tool):
    other = make_tool()
    for each in (tool, other):
        each.store()
        assert deploy(each, "k").status == 201
    assert not set(tool.records()) & set(other.records())


@pytest.mark.parametrize("key", ["", "a b", '"a"', "a/b", "a,b", "caf\xe9", "x" * 129, "\x01"])
def test_an_invalid_key_is_400_and_nothing_is_deployed(tool, key):
    # The api-gateway does not pass on an empty field.
    if key == "" and tool.api.prefix:
        pytest.skip("the api-gateway hands no empty field on")
    tool.store()
    with tool.cluster.recording() as journal:
        response = deploy(tool, key)
    assert response.status == 400, response
    assert "Idempotency-Key" in response.error
    assert not journal.entries


def test_two_keys_are_400(tool, stack_kind):
    if stack_kind != "plain":
        pytest.skip("nginx 1.22 knows only the first of two fields by name")
    tool.store()
    headers = [("Idempotency-Key", "a"), ("Idempotency-Key", "b"), ("Content-Length", "0")]
    assert tool.api.request("POST", tool.deploy_path, headers=headers).status == 400
    assert not tool.records()


def test_the_longest_key_and_tool(make_tool):
    tool = make_tool("k" * 58)
    tool.store()
    response = deploy(tool, "x" * 128)
    assert response.status == 201
    assert_replayed(deploy(tool, "x" * 128), response.data["deploy-id"])
    assert tool.follow(response.data["deploy-id"])["status"] == "finished"


def test_the_config_at_the_time_of_a_repeat_does_not_matter(tool):
    tool.store(tool.config("first"))
    identifier = deploy(tool, "k").data["deploy-id"]
    tool.store(tool.config("second"))
    assert set(deploy(tool, "k").data["builds"]) == {"first"}
    path = f"/apis/deploy.toolforge.org/v1/namespaces/tool-{tool.name}/toolconfigs/{tool.name}-config"
    tool.cluster.request("DELETE", path)
    assert_replayed(deploy(tool, "k"), identifier)
    # A key that has not started anything needs a config, like any deployment.
    assert deploy(tool, "unused").status == 404


def test_another_body_is_another_request(tool):
    tool.store()
    assert deploy(tool, "k", body={"a": 1}).status == 422
    identifier = deploy(tool, "k").data["deploy-id"]
    assert deploy(tool, "k", body={"a": 1}).status == 422
    response = deploy(tool, "k", body={"overlap": "supersede"})
    assert response.status == 409
    assert identifier in response.error
    assert deploy(tool, "k", body="{", content_type="application/json").status == 400
    assert tool.records() == [identifier]


def test_a_repeat_is_not_told_of_a_deployment_that_may_still_be_rejected(tool, make_replica):
    tool.store(tool.config("a", "b"))
    (dying, first), (_, second) = make_replica(tool), make_replica(tool)
    body = {"overlap": "reject"}
    with tool.cluster.faults(kill(dying, "after", **RECORD)):
        assert deploy(tool, "k", first, body=body).status == 502
    (identifier,) = tool.records()
    repeated = deploy(tool, "k", second, body=body)
    assert repeated.status == 503 and repeated.headers["Retry-After"] == "1"
    assert identifier in repeated.error and "Send the same request again in a second." in repeated.error
    assert not tool.builds()
    # Its request does not come back, so after a while anybody decides.
    decided = wait_until(lambda: (r := deploy(tool, "k", second, body=body)).status != 503 and r, "the decision", 30)
    assert_replayed(decided, identifier)
    assert set(tool.builds_of(identifier)) == {"a", "b"}
    assert tool.follow(identifier)["status"] == "finished"


def test_a_replay_removes_nothing_and_a_key_whose_record_is_gone_starts_another(tool):
    tool.store()
    with tool.cluster.paused_builder():
        first = deploy(tool, "k").data
        others = [tool.deploy()["deploy-id"] for _ in range(9)]
        with tool.cluster.recording() as journal:
            assert_replayed(deploy(tool, "k"), first["deploy-id"])
        # The calls of a read, and two more.
        assert sorted(journal.summary()) == [
            *("get/pipelineruns/200", "get/toolconfigs/200", "get/tooldeployments/200", "list/tooldeployments/200")
        ]
        assert set(tool.records()) == {first["deploy-id"], *others}
        # It is removed in its turn, like any other.
        wait_until(lambda: tool.deploy() and first["deploy-id"] not in tool.records(), "the removal of the first")
    again = deploy(tool, "k")
    assert again.status == 201
    assert again.data["deploy-id"] == first["deploy-id"]
    # A name of its own: under the first one's name there is a cancelled build.
    assert again.data["builds"]["web"]["build-id"] != first["builds"]["web"]["build-id"]
    assert tool.follow(first["deploy-id"])["status"] == "finished"


@pytest.mark.parametrize("when, where", [pytest.param(*point, id=name) for name, point in MOMENTS])
def test_killed_anywhere_the_repeat_continues_what_was_interrupted(tool, service, when, where):
    tool.store(tool.config("a", "b", "c"))
    with tool.cluster.recording() as journal:
        with tool.cluster.faults(kill(service, when, **where)) as fired:
            assert deploy(tool, "k").status == 502
            assert fired() == [1]
        assert service.process.wait() == -9
        service.start()
        (identifier,) = tool.records()
        assert_replayed(deploy(tool, "k"), identifier)
        assert set(tool.builds_of(identifier)) == {"a", "b", "c"}
        assert tool.follow(identifier)["status"] == "finished"
    created = [
        entry["name"] or entry["body"]["metadata"]["name"]
        for entry in journal.of("create", resource="pipelineruns")
        if entry["committed"]
    ]
    assert len(created) == len(set(created)) == 3
    assert tool.records() == [identifier]


def test_two_replicas_with_the_same_request_at_once_start_one(tool, make_replica):
    tool.store(tool.config("a", "b"))
    apis = [make_replica(tool)[1] for _ in range(2)]
    for number in range(5):
        # Each has listed the names before the other has stored anything.
        slow = fault({"latencyMilliseconds": 100}, verb="list", resource="tooldeployments", times=4)
        with tool.cluster.faults(slow), concurrent.futures.ThreadPoolExecutor(4) as pool:
            responses = list(pool.map(lambda api: deploy(tool, f"k{number}", api), apis * 2))
        assert sorted(response.status for response in responses) == [200, 200, 200, 201], responses
        (identifier,) = {response.data["deploy-id"] for response in responses}
        for response in responses:
            assert ("Idempotent-Replayed" in response.headers) == (response.status == 200)
        assert set(tool.builds_of(identifier)) == {"a", "b"}
    assert len(tool.records()) == 5
    assert len(tool.builds()) == 10


def test_killed_after_the_record_another_replica_finishes_it(tool, make_replica):
    tool.store(tool.config("a", "b"))
    (dying, first), (_, second) = make_replica(tool), make_replica(tool)
    with tool.cluster.faults(kill(dying, "after", **RECORD)):
        assert deploy(tool, "k", first).status == 502
    (identifier,) = tool.records()
    assert not tool.builds()
    assert_replayed(deploy(tool, "k", second), identifier)
    assert set(tool.builds_of(identifier)) == {"a", "b"}
    assert tool.follow(identifier)["status"] == "finished"


def test_a_client_without_a_response_repeats_the_request_and_gets_the_same(tool, make_replica):
    """A gateway that times out (504), and a client that disconnects (499): the handler continues."""
    tool.store()
    _, hasty = make_replica(tool, service_timeout="1s")
    slow = fault({"latencyMilliseconds": 1500}, verb="create", resource="tooldeployments")
    with tool.cluster.faults(slow):
        assert deploy(tool, "late", hasty).status == 504
    identifier = wait_until(tool.records, "the record")[0]
    assert_replayed(deploy(tool, "late", hasty), identifier)

    fields = "Host: localhost\r\nIdempotency-Key: gone\r\nContent-Length: 0"
    request = f"POST {tool.deploy_path} HTTP/1.1\r\n{fields}\r\n\r\n"
    hang = fault({"latencyMilliseconds": 300}, verb="create", resource="tooldeployments")
    with tool.cluster.faults(hang) as fired:
        plain = socket.create_connection(("127.0.0.1", hasty.port), timeout=20)
        with hasty.context().wrap_socket(plain, server_hostname="localhost") as connection:
            connection.sendall(request.encode())
            wait_until(lambda: fired() == [1], "the record's creation")
        wait_until(lambda: len(tool.records()) == 2, "the record")
    (gone,) = set(tool.records()) - {identifier}
    assert_replayed(deploy(tool, "gone", hasty), gone)
    assert len(tool.records()) == 2
    assert {deployment for deployment, _ in tool.builds()} == {identifier, gone}
