"""The log of a build: live and after its end, as text and as JSON lines."""

import contextlib
import http.client
import json
import re
import signal
import urllib.parse

import pytest

from stack.cluster import fault, refusal
from stack.processes import KEEPS_FREED_MEMORY, wait_until
from stack.relay import Relay
from stack.usage import Usage

COMPLETE = "-- The log is complete. Every step succeeded."
LINES = "application/x-ndjson"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z"


class Follower:
    """A client that reads a log as it comes."""

    def __init__(self, tool, path, headers=None):
        api = tool.api
        self.connection = http.client.HTTPSConnection("127.0.0.1", api.port, context=api.context(), timeout=60)
        self.connection.request("GET", api.placed(path), headers=headers or {})
        self.response = self.connection.getresponse()
        assert self.response.status == 200, self.response.read()

    def line(self):
        """The next line that is no sign of life; None at the end."""
        while text := self.response.readline():
            if text != b"\n":
                return text.decode().rstrip("\n")
        return None

    def lines(self):
        """All lines to the end."""
        return list(iter(self.line, None))

    def close(self):
        # The response has the socket too.
        self.response.close()
        self.connection.close()


@contextlib.contextmanager
def following(tool, identifier, headers=None, **query):
    follower = Follower(tool, log_path(tool, identifier, follow="true", **query), headers)
    try:
        yield follower
    finally:
        follower.close()


def log_path(tool, identifier, component="web", **query):
    text = f"?{urllib.parse.urlencode(query)}" if query else ""
    return f"{tool.deploy_path}/{identifier}/builds/{component}/log{text}"


def read(tool, identifier, component="web", headers=None, **query):
    """The response; a stream has no length, so not all of what holds for others holds for it."""
    response = tool.api.get(log_path(tool, identifier, component, **query), headers=headers, check=False)
    assert response.status == 200, response
    assert response.headers["X-Request-Id"] and response.headers["Cache-Control"] == "no-store"
    assert response.headers["Content-Length"] is None
    return response


def lines(response):
    return [line for line in response.body.decode().split("\n") if line]


def deployed(tool, **components):
    """Stores a config of these components, by default of `web`, and deploys it; returns the id."""
    tool.store({"components": components or {"web": tool.component()}})
    return tool.deploy()["deploy-id"]


@contextlib.contextmanager
def plans(cluster, *plans):
    cluster.request("PUT", "/_fake/builder", {"plans": list(plans)})
    try:
        yield
    finally:
        cluster.request("PUT", "/_fake/builder", {"plans": []})


def build_of(tool, identifier, component="web"):
    return tool.builds_of(identifier)[component]["metadata"]["name"]


def pod_of(tool, build):
    """The pod of a build; None while there is none."""
    runs = tool.cluster.build(build).get("status", {}).get("childReferences") or []
    task_run = runs and tool.cluster.get(f"/apis/tekton.dev/v1/namespaces/image-build/taskruns/{runs[0]['name']}")
    name = task_run and task_run.get("status", {}).get("podName")
    return tool.cluster.get(f"/api/v1/namespaces/image-build/pods/{name}") if name else None


def write(tool, build, *lines, step="build"):
    """Has a step of a running build write lines."""
    pod = wait_until(lambda: pod_of(tool, build), "the build's pod")
    body = {"podUID": pod["metadata"]["uid"], "container": f"step-{step}", "lines": list(lines)}
    tool.cluster.request("POST", "/_fake/logs", body)


def open_logs(cluster):
    return cluster.request("GET", "/_fake/logs")["open"]


@pytest.fixture
def ended(tool):
    """A deployment whose build has succeeded."""
    identifier = deployed(tool)
    tool.follow(identifier)
    return identifier


def test_the_log_of_a_build_that_ended(tool, ended):
    response = read(tool, ended)
    assert response.media_type == "text/plain"
    text = lines(response)
    assert text[0] == "[clone] Cloning into '/workspace/source'..."
    steps = [re.match(r"\[(\w+)\] ", line)[1] for line in text[:-1]]
    assert steps == sorted(steps, key=["clone", "build", "export"].index)
    assert set(steps) == {"clone", "build", "export"}
    assert text[-1] == COMPLETE
    assert lines(read(tool, "latest")) == text


def test_lines_as_json(tool, ended):
    text = lines(read(tool, ended))
    response = read(tool, ended, headers={"Accept": LINES})
    assert response.media_type == LINES
    *values, note = [json.loads(line) for line in lines(response)]
    assert [f"[{value['step']}] {value['line']}" for value in values] == text[:-1]
    assert all(re.fullmatch(TIME, value["time"]) for value in values)
    assert note == {"note": COMPLETE.removeprefix("-- "), "complete": True}
    with following(tool, ended, {"Accept": LINES}) as follower:
        assert follower.lines() == lines(response)
    tail = [json.loads(line) for line in lines(read(tool, ended, headers={"Accept": LINES}, tail=1))]
    assert [line.get("step") for line in tail] == ["clone", "build", "export", None]
    (late,) = lines(read(tool, ended, headers={"Accept": LINES}, since="2100-01-01T00:00:00Z"))
    assert json.loads(late) == note


def test_times_tail_and_since(tool, ended):
    timed = lines(read(tool, ended, timestamps="true"))[:-1]
    assert all(re.match(rf"\[\w+\] {TIME} ", line) for line in timed)
    # Of each step, as kubectl does with all containers of a pod.
    tail = lines(read(tool, ended, tail=1))[:-1]
    assert [line.split("]")[0] for line in tail] == ["[clone", "[build", "[export"]
    assert lines(read(tool, ended, tail=0)) == [COMPLETE]
    assert lines(read(tool, ended, since="2000-01-01T00:00:00Z")) == lines(read(tool, ended))
    assert lines(read(tool, ended, since="2100-01-01T00:00:00Z")) == [COMPLETE]


@pytest.mark.parametrize("query", ["follow=yes", "tail=-1", "tail=x", "since=10m", "timestamps=1", "previous=true", "tail=1&tail=2"])
def test_a_query_that_cannot_be_meant_is_400(tool, ended, query):
    response = tool.api.get(f"{log_path(tool, ended)}?{query}")
    assert response.status == 400
    assert query.split("=")[0] in response.error


def test_what_is_not_there_is_404(tool, ended):
    response = tool.api.get(log_path(tool, ended, "wbe"))
    assert response.status == 404
    assert 'no component "wbe"' in response.error and 'Did you mean "web"?' in response.error
    assert tool.api.get(log_path(tool, f"{tool.name}-deploy-20200101-000000-1")).status == 404
    assert tool.api.post(log_path(tool, ended)).status == 405


def test_there_is_no_newest_log_without_a_deployment(tool):
    response = tool.api.get(log_path(tool, "latest"))
    assert response.status == 404
    assert "no deployment yet" in response.error


def test_another_tool_s_log_is_403(tool, ended, make_tool):
    response = make_tool().api.get(log_path(tool, ended))
    assert response.status == 403


def test_a_head_is_over_at_once(tool, cluster, ended):
    response = tool.api.request("HEAD", log_path(tool, ended, follow="true"), check=False)
    assert response.status == 200
    assert response.media_type == "text/plain"
    assert response.body == b""
    assert open_logs(cluster) == 0


def test_a_build_is_followed_from_its_wait_to_its_end(tool, cluster):
    with cluster.paused_builder():
        identifier = deployed(tool)
        assert lines(read(tool, identifier))[-1].startswith("-- The build waits to begin")
        with following(tool, identifier) as follower:
            assert follower.line().startswith("-- The build waits to begin")
            cluster.resume_builder()
            rest = follower.lines()
    assert rest[0] == "[clone] Cloning into '/workspace/source'..."
    assert rest[-1] == COMPLETE
    assert rest == lines(read(tool, identifier))


@contextlib.contextmanager
def held_build(tool, *log):
    """A build whose step `build` writes these lines and goes on until the block ends; yields the deployment and the build."""
    with plans(tool.cluster, {"run": f"{tool.name}-*", "log": log or ["begun"], "hold": True}):
        identifier = deployed(tool)
        yield identifier, build_of(tool, identifier)
    tool.follow(identifier)


def test_each_line_comes_when_it_is_written(tool, cluster):
    with held_build(tool, "one") as (identifier, build):
        with following(tool, identifier) as follower:
            while follower.line() != "[build] one":
                pass
            for number in range(20):
                write(tool, build, f"line {number}")
                assert follower.line() == f"[build] line {number}"
        so_far = lines(read(tool, identifier))
    assert so_far[-2:] == ["[build] line 19", "-- This is the log so far: the build goes on. follow=true goes on with it."]
    whole = lines(read(tool, identifier))
    assert whole[: len(so_far) - 1] == so_far[:-1] and whole[-1] == COMPLETE


def test_a_reader_that_goes_ends_the_call_to_the_cluster(tool, cluster):
    with held_build(tool) as (identifier, build):
        followers = [Follower(tool, log_path(tool, identifier, follow="true")) for _ in range(5)]
        for follower in followers:
            while follower.line() != "[build] begun":
                pass
        assert open_logs(cluster) == 5
        for follower in followers:
            follower.close()
        wait_until(lambda: open_logs(cluster) == 0, "the end of the calls to the cluster")


def test_a_slow_reader_gets_every_line(tool, service):
    read_slowly(tool, service)


@pytest.mark.unsanitized(*KEEPS_FREED_MEMORY)
def test_a_slow_reader_does_not_fill_the_memory(tool, service):
    assert read_slowly(tool, service) < 20


def read_slowly(tool, service):
    """Lets 36 of 48 MB wait for a reader, who then gets all of it; by how many MB the service had grown."""
    line, rounds, each = "x" * 60_000, 20, 40
    with held_build(tool) as (identifier, build):
        with following(tool, identifier) as follower:
            while follower.line() != "[build] begun":
                pass
            before = Usage.of(service.pid)
            for _ in range(rounds):
                write(tool, build, *([line] * each))
                # Meanwhile the others are served.
                assert tool.api.get("/healthz").status == 200
                # A gateway cuts off who reads too little for it to send anything for a while, here ten seconds.
                for _ in range(each // 4):
                    assert follower.line() == f"[build] {line}"
            write(tool, build, "the last line")
            growth = Usage.of(service.pid).growth_since(before)
            count = rounds * (each // 4)
            while (text := follower.line()) != "[build] the last line":
                assert text == f"[build] {line}"
                count += 1
            assert count == rounds * each
    return growth


def test_a_build_that_fails_says_which_step_did(tool, cluster):
    with plans(cluster, {"run": f"{tool.name}-*", "log": ["compiling"], "end": "fail", "exit": 51}):
        identifier = deployed(tool)
        with following(tool, identifier) as follower:
            text = follower.lines()
        tool.follow(identifier)
    assert text[-3:] == [
        "[build] compiling",
        "[build] ERROR: failed to build: exit status 51",
        "-- The log is complete. The step build failed with the exit code 51.",
    ]
    assert lines(read(tool, identifier)) == text


def test_a_log_that_is_gone_says_so(tool, cluster, ended):
    cluster.delete_build(build_of(tool, ended))
    wait_until(lambda: not tool.builds(), "the end of the build's run")
    assert lines(read(tool, ended)) == ["-- The log is gone from the cluster, and nothing of it was kept."]


def test_a_component_that_reuses_a_build_shows_that_one(tool):
    identifier = deployed(tool, web=tool.component(), worker={"build": {"reuse_from": "web"}})
    tool.follow(identifier)
    note, *rest = lines(read(tool, identifier, "worker"))
    assert note == "-- The component has no build of its own: this is the log of the build of web."
    assert rest == lines(read(tool, identifier))


def test_values_of_envvars_are_hidden(tool, cluster):
    secret = "correct-horse-battery"
    with plans(cluster, {"run": f"{tool.name}-*", "log": [f"PASSWORD={secret}", f"{secret}{secret} and short"]}):
        identifier = deployed(tool, web=tool.component(envvars={"PASSWORD": secret, "SHORT": "short"}))
        tool.follow(identifier)
    for headers in ({}, {"Accept": LINES}):
        response = read(tool, identifier, headers=headers)
        assert secret.encode() not in response.body
        assert b"PASSWORD=***" in response.body and b"****** and short" in response.body


def test_long_lines_are_cut_and_odd_bytes_replaced(tool, cluster):
    with plans(cluster, {"run": f"{tool.name}-*", "log": ["é" * 40_000, "after it", "carriage\rreturn", ""]}):
        identifier = deployed(tool)
        tool.follow(identifier)
    found = [line for line in lines(read(tool, identifier)) if line.startswith("[build] ")]
    cut = " [cut: the line is longer than 64 KiB]"
    assert found[0] == f"[build] {'é' * 32_768}{cut}"
    assert found[1:] == ["[build] after it", "[build] carriage\rreturn", "[build] "]
    values = [json.loads(line) for line in lines(read(tool, identifier, headers={"Accept": LINES}))]
    assert [f"[build] {value['line']}" for value in values if value.get("step") == "build"] == found


def test_a_quiet_log_shows_signs_of_life(tool):
    with held_build(tool) as (identifier, _), contextlib.ExitStack() as stack:
        for form in ({}, {"Accept": LINES}):
            follower = stack.enter_context(following(tool, identifier, form))
            while "begun" not in follower.line():
                pass
            assert follower.response.readline() == b"\n"


@pytest.mark.parametrize("status, word", [(500, "breaks off"), (404, "gone")])
def test_a_cluster_that_gives_no_log(tool, cluster, ended, status, word):
    pod = pod_of(tool, build_of(tool, ended))["metadata"]["name"]
    details = {"details": {"name": pod, "kind": "pods"}} if status == 404 else {}
    rule = {"verb": "get", "resource": "pods", "subresource": "log", "times": None}
    action = refusal(status, "NotFound" if status == 404 else "InternalError", f'pods "{pod}" not found', **details)
    if status == 404:
        cluster.request("DELETE", f"/api/v1/namespaces/image-build/pods/{pod}")
        wait_until(lambda: cluster.get(f"/api/v1/namespaces/image-build/pods/{pod}") is None, "the end of the pod")
        assert word in lines(read(tool, ended))[-1]
        return
    with cluster.faults(fault(action, **rule)):
        assert word in lines(read(tool, ended))[-1]


# What the API server answers while a build only waits, or its node is away: as recorded.
OBSTACLES = {
    "no node yet": (204, None, "", {}, "The build waits to begin"),
    "not started": (
        400,
        "BadRequest",
        'container "step-clone" in pod "p" is waiting to start: PodInitializing',
        {},
        "The build waits to begin",
    ),
    "node away": (
        500,
        None,
        'Get "https://10.0.0.1:10250/containerLogs/image-build/p/step-clone": dial tcp 10.0.0.1:10250: connect: refused',
        {},
        "The cluster cannot reach the node",
    ),
    "node object gone": (
        404,
        "NotFound",
        'pods "node-1" not found',
        {"details": {"name": "node-1", "kind": "pods"}},
        "The cluster cannot reach the node",
    ),
    "kubelet does not know the pod": (
        404,
        "NotFound",
        "the server could not find the requested resource ( pods/log p)",
        {"details": {"name": "p", "kind": "pods/log"}},
        "The cluster cannot reach the node",
    ),
}


@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_what_keeps_a_log_from_being_read_is_a_sentence(tool, cluster, obstacle):
    status, reason, message, details, words = OBSTACLES[obstacle]
    with held_build(tool) as (identifier, build):
        wait_until(lambda: "[build] begun" in lines(read(tool, identifier)), "the build's line")
        rule = {"verb": "get", "resource": "pods", "subresource": "log"}
        for form in ({}, {"Accept": LINES}):
            with cluster.faults(fault({"status": status, "reason": reason, "message": message, **details}, times=None, **rule)):
                last = lines(read(tool, identifier, headers=form))[-1]
            assert words in (json.loads(last)["note"] if form else last), last
        # Whoever follows is not sent away, and misses nothing.
        with cluster.faults(fault({"status": status, "reason": reason, "message": message, **details}, **rule) | {"times": 2}):
            with following(tool, identifier) as follower:
                text = follower.line()
                while text != "[build] begun":
                    assert not text.startswith("-- ") or words in text, text
                    text = follower.line()


def test_a_cluster_that_is_away_is_503(tool, cluster, ended):
    with cluster.faults(fault(refusal(503, "ServiceUnavailable"), verb="get", resource="pipelineruns", times=None)):
        response = tool.api.get(log_path(tool, ended))
    assert response.status == 503
    assert response.headers["Retry-After"]


def test_a_log_that_breaks_off_goes_on_without_a_line_twice(tool, cluster):
    with held_build(tool, *(f"line {number}" for number in range(10))) as (identifier, build):
        rule = {"verb": "get", "resource": "pods", "subresource": "log"}
        actions = [{"pieces": 1, "drop": "after"}, {"pieces": 2, "end": True}, {"pieces": 1, "drop": "after"}]
        with cluster.faults(*(fault(action, **rule) for action in actions)):
            with following(tool, identifier) as follower:
                text = [follower.line() for _ in range(12)]
                write(tool, build, "at last")
                assert follower.line() == "[build] at last"
    assert text == lines(read(tool, identifier))[:12]


def test_a_tool_has_a_tenth_of_the_places(tool, another_gateway, lone_service):
    service = lone_service(MAX_WAITING_REQUESTS="30")
    api = another_gateway(service.socket)
    api.certificate, tool.api = tool.api.certificate, api
    with held_build(tool) as (identifier, _):
        followers = [Follower(tool, log_path(tool, identifier, follow="true")) for _ in range(3)]
        response = tool.api.get(log_path(tool, identifier))
        assert response.status == 429 and int(response.headers["Retry-After"]) > 0
        assert "3 requests of the tool" in response.error
        assert tool.look(identifier).status == 200
        followers.pop().close()
        wait_until(lambda: tool.api.get(log_path(tool, identifier), check=False).status == 200, "a free place")
        for follower in followers:
            follower.close()


def test_a_stop_ends_a_stream_with_a_sentence(tool, another_gateway, lone_service):
    service = lone_service()
    api = another_gateway(service.socket)
    api.certificate, tool.api = tool.api.certificate, api
    with held_build(tool) as (identifier, _):
        with following(tool, identifier) as follower:
            while follower.line() != "[build] begun":
                pass
            service.process.send(signal.SIGTERM)
            assert follower.lines() == ["-- This service is being restarted: read the log again, which goes on."]
        service.process.wait()
        service.start()


def test_a_service_that_is_killed_breaks_the_stream_off(tool, another_gateway, lone_service):
    service = lone_service()
    api = another_gateway(service.socket)
    api.certificate, tool.api = tool.api.certificate, api
    with held_build(tool) as (identifier, _):
        with following(tool, identifier) as follower:
            while follower.line() != "[build] begun":
                pass
            service.kill()
            # The response ends; whether the log is complete only its last line says.
            assert not any("complete" in line for line in follower.lines())
        service.start()


@pytest.fixture
def relayed(tool, cluster, another_gateway, lone_service, directory):
    """The tool behind a service whose way to the cluster a test can cut; yields the way."""
    relay = Relay(cluster.host, cluster.port)
    kubeconfig = directory / f"relayed-{relay.port}.kubeconfig"
    kubeconfig.write_text(cluster.kubeconfig.read_text().replace(f":{cluster.port}", f":{relay.port}"))
    service = lone_service(KUBECONFIG=str(kubeconfig), CLUSTER_DEADLINE_SECONDS="3")
    api = another_gateway(service.socket)
    api.certificate, tool.api = tool.api.certificate, api
    yield relay
    relay.stop()


@pytest.mark.parametrize("form", [{}, {"Accept": LINES}])
def test_a_log_goes_on_after_a_restart_of_the_cluster_without_a_line_twice(tool, cluster, relayed, form):
    with held_build(tool, "one", "two") as (identifier, build):
        with following(tool, identifier, form) as follower:

            def line():
                text = follower.line()
                if not form:
                    return text
                value = json.loads(text)
                return f"[{value['step']}] {value['line']}"

            while line() != "[build] two":
                pass
            relayed.cut()
            # Nothing of what is written while the API server is away is lost.
            write(tool, build, "three", "four")
            wait_until(lambda: relayed.refused >= 2, "calls to the cluster in vain")
            relayed.mend()
            assert [line(), line()] == ["[build] three", "[build] four"]
            write(tool, build, "five")
            assert line() == "[build] five"


def test_the_end_of_the_log_of_a_build_that_fails_is_kept(tool, cluster):
    printed = [f"line {number} {'.' * 60}" for number in range(1_000)] + ["\x1b[31mno buildpack fits\x1b[0m"]
    with plans(cluster, {"run": f"{tool.name}-*", "log": printed, "end": "fail", "exit": 20}):
        identifier = deployed(tool)
        build = tool.follow(identifier)["builds"]["web"]
    tail = build["log-tail"]
    assert (tail["step"], tail["exit-code"]) == ("build", 20)
    assert tail["lines"][-2:] == ["no buildpack fits", "ERROR: failed to build: exit status 20"]
    assert 3_500 < len("\n".join(tail["lines"])) <= 4_096
    # It is there when the cluster has forgotten the log.
    cluster.delete_build(build["build-id"])
    wait_until(lambda: not tool.builds(), "the end of the build's run")
    *kept, note = lines(read(tool, identifier))
    assert kept == [f"[build] {line}" for line in tail["lines"]]
    assert note == "-- The log is gone from the cluster: these are the last lines, as they were kept."
    values = [json.loads(line) for line in lines(read(tool, identifier, headers={"Accept": LINES}))]
    assert values == [*({"time": None, "step": "build", "line": line} for line in tail["lines"]), {"note": note.removeprefix("-- ")}]
    # A table for people, and the events as text, show the end of what was kept.
    path = f"{tool.deploy_path}/{identifier}"
    for text in (
        tool.api.get(path, headers={"Accept": "text/plain"}, check=False),
        tool.api.get(f"{path}/events", headers={"Accept": "text/plain"}, check=False),
    ):
        assert "The end of the log of web, step build:\n" in text.body.decode()
        assert "  | no buildpack fits\n  | ERROR: failed to build: exit status 20\n" in text.body.decode()
    events = tool.api.get(f"{path}/events", headers={"Accept": "text/event-stream"}, check=False)
    assert b'"log-tail":{"step":"build","lines":[' in events.body
    # A list is for an overview.
    listed = tool.api.get(tool.deploy_path).data["deployments"][0]
    assert "log-tail" not in listed["builds"]["web"]


def test_the_end_of_the_log_of_a_build_that_is_cancelled_is_kept(tool):
    with held_build(tool, "half done") as (identifier, _):
        wait_until(lambda: tool.deployment(identifier)["status"] == "running", "the build's begin")
        wait_until(lambda: "[build] half done" in lines(read(tool, identifier)), "the build's line")
        response = tool.api.request("PUT", f"{tool.deploy_path}/{identifier}/cancel", headers={"Content-Length": "0"})
        assert response.status == 200, response
        build = tool.follow(identifier)["builds"]["web"]
    assert build["reason"] == "Cancelled"
    assert build["log-tail"] == {"step": "build", "lines": ["half done"]}
