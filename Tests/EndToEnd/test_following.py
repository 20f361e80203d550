"""Waiting for a deployment, its result for scripts, its events, and tables for people."""

import http.client
import itertools
import json
import os
import re
import subprocess
import time

import pytest
import yaml

from stack.following import events, looks, waits
from stack.processes import ROOT, wait_until


@pytest.fixture
def world(make_world):
    return make_world()


def test_all_who_wait_are_answered_at_the_end_by_one_look(world):
    path = world.deploy("web")
    # What there is to note of its build is noted.
    world.api.get(path)
    before = len(looks(world))
    waiting = [world.later(world.api.get, f"{path}?wait=25") for _ in range(20)]
    wait_until(lambda: waits(world) == 20, "twenty waiting requests")
    # They have looked, and nothing has changed since.
    wait_until(lambda: len(looks(world)) >= before + 20, "the first looks")
    before = len(looks(world))
    began = time.monotonic()
    world.end_builds()
    for thread, results in waiting:
        thread.join()
        assert results[0].status == 200
        assert results[0].data["status"] == "finished"
    assert time.monotonic() - began < 10
    # One of the waiters', and at most one of the engine's own.
    assert len(looks(world)) - before <= 2


def test_whoever_follows_the_log_of_a_build_that_waits_asks_the_cluster_nothing(world):
    path = world.deploy("web")
    connections = []
    for _ in range(10):
        connection = http.client.HTTPSConnection("127.0.0.1", world.api.port, context=world.api.context(), timeout=60)
        connection.request("GET", f"{path}/builds/web/log?follow=true")
        connections.append((connection, connection.getresponse()))
    for _, response in connections:
        assert response.readline().startswith(b"-- The build waits to begin")

    def renewals():
        return sum(entry["resource"] == "leases" for entry in world.cluster.journal())

    world.cluster.request("DELETE", "/_fake/journal")
    wait_until(lambda: renewals() >= 3, "some time, by the lease's renewals", 30)
    # The engine's own: nothing else.
    assert {entry["resource"] for entry in world.cluster.journal()} <= {"leases", "tooldeployments", "pipelineruns"}
    assert not [entry for entry in world.cluster.journal() if entry["verb"] == "get" and entry["resource"] != "leases"]
    # One that was removed never begins: the watch says so.
    name = world.cluster.builds("follower")[0]["metadata"]["name"]
    world.cluster.delete_build(name)
    for connection, response in connections:
        assert "gone" in response.read().decode()
        connection.close()
    assert len(looks(world)) <= 3


def test_a_wait_that_is_over_shows_how_it_stands(world):
    path = world.deploy("web")
    began = time.monotonic()
    response = world.api.get(f"{path}?wait=2")
    assert response.status == 200
    assert response.data["status"] in ("pending", "running")
    assert 2 <= time.monotonic() - began < 12
    began = time.monotonic()
    head = world.api.request("HEAD", f"{path}?wait=20")
    assert head.status == 200
    assert time.monotonic() - began < 10


def test_the_field_s_family_waits_too(world):
    path = world.deploy("web")
    identifier = path.rpartition("/")[2]
    field = f"{world.tool.field}/deployment"
    waiting = [world.later(world.api.get, f"{field}/{name}?wait=25") for name in (identifier, "latest")]
    wait_until(lambda: waits(world) == 2, "two waiting requests")
    world.end_builds()
    for thread, results in waiting:
        thread.join()
        assert (results[0].status, results[0].data["status"]) == (200, "successful")
    for wait in ("0", "51", "x"):
        assert world.api.get(f"{field}/{identifier}?wait={wait}").status == 400


def test_a_waiter_of_what_is_removed_is_told(world):
    path = world.deploy("web")
    thread, results = world.later(world.api.get, f"{path}?wait=25")
    wait_until(lambda: waits(world) == 1, "a waiting request")
    assert world.api.request("DELETE", path).status == 200
    thread.join()
    assert results[0].status == 404


def test_the_result_is_a_status(world):
    path = world.deploy("api", "web")
    going_on = world.api.get(f"{path}/result")
    assert going_on.status == 429
    assert int(going_on.headers["Retry-After"]) >= 1
    assert "0 of 2 builds done" in going_on.error
    world.end_builds(count=1)
    world.end_builds(succeeds=False)
    failed = world.api.get(f"{path}/result?wait=25")
    assert failed.status == 424
    assert "BuildFailed" in failed.error
    path = world.deploy("web")
    world.end_builds()
    finished = world.api.get(f"{path}/result?wait=25")
    assert finished.status == 200
    assert finished.data["status"] == "finished"


def ci_script():
    """The script of the CI job in the README, as it stands there."""
    text = (ROOT / "README.md").read_text()
    (block,) = [block for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if "script:" in block]
    return "\n".join(yaml.safe_load(block)["deploy"]["script"])


@pytest.mark.parametrize("succeeds", [True, False])
def test_the_ci_job_of_the_readme_works(world, tmp_path, succeeds):
    world.tool.store()
    # Only what differs from production: no prefix, and a shorter wait.
    script = ci_script().replace("/components/api", "/api").replace("wait=50", "wait=2")
    environment = {
        "HOST": world.api.url,
        "TOOL": "follower",
        "TOOL_CERT": world.certificate.certificate,
        "TOOL_KEY": world.certificate.key,
        "CURL_CA_BUNDLE": world.api.ca,
        "PATH": os.environ["PATH"],
    }
    thread, results = world.later(
        lambda: subprocess.run(
            ["bash", "-ec", script],
            cwd=tmp_path,
            env={name: str(value) for name, value in environment.items()},
            capture_output=True,
            text=True,
            timeout=120,
        )
    )
    # It has been told to ask again at least once.
    wait_until(lambda: world.api.gateway.access_log.read_text().count("/result ") >= 2, "two requests", 30)
    world.end_builds(succeeds)
    thread.join()
    document = json.loads((tmp_path / "result.json").read_text())
    if succeeds:
        assert results[0].returncode == 0, results[0]
        assert document["data"]["status"] == "finished"
    else:
        assert results[0].returncode == 1, results[0]
        assert any("BuildFailed" in error for error in document["messages"]["error"])
        assert "BuildFailed" in results[0].stdout


def test_events_come_as_they_happen_and_end(world):
    path = world.deploy("api", "web")
    stream = events(world.follow(path))
    first = next(stream)
    assert first[1] == "change"
    world.end_builds(count=1)
    seen = [first, *itertools.takewhile(lambda event: "finished" not in builds(event), stream)]
    world.end_builds()
    seen += list(stream)
    names = [name for _, name, _ in seen]
    assert names[-1] == "end" and names.count("end") == 1
    versions = [int(version) for version, _, _ in seen]
    assert versions == sorted(set(versions))
    assert seen[-1][2] == world.api.get(path).data
    # A browser comes back until it is told 204.
    headers = {"Accept": "text/event-stream", "Last-Event-ID": seen[-1][0]}
    assert world.api.get(f"{path}/events", headers=headers).status == 204
    again = world.api.get(f"{path}/events", headers={**headers, "Last-Event-ID": seen[0][0]})
    assert [name for _, name, _ in events(again.body.decode().split("\n"))] == ["end"]


def builds(event):
    return [build["status"] for build in event[2]["builds"].values()]


def test_events_are_text_for_people(world):
    path = world.deploy("web")
    thread, results = world.later(world.curl, f"{path}/events", "-N")
    wait_until(lambda: waits(world) == 1, "a reader")
    world.end_builds(succeeds=False)
    thread.join()
    text = results[0].stdout
    assert results[0].returncode == 0
    assert "builds done" in text.splitlines()[0] or "build done" in text.splitlines()[0]
    assert any(" web  error (BuildFailed: " in line for line in text.splitlines()), text
    assert text.splitlines()[-1] == f"More: GET {path}"


def test_a_stop_answers_whoever_waits(world):
    path = world.deploy("web")
    waiter, responses = world.later(world.api.get, f"{path}?wait=25")
    result, results = world.later(world.api.get, f"{path}/result?wait=25")
    stream = events(world.follow(path))
    first = next(stream)
    wait_until(lambda: waits(world) == 3, "two waiting requests and a stream")
    assert world.service.terminate() == 0
    waiter.join()
    result.join()
    assert responses[0].status == 200 and responses[0].data["status"] in ("pending", "running")
    assert results[0].status == 429
    assert [name for _, name, _ in stream][-1] == "again"
    world.service.start()
    wait_until(world.is_live, "a live watch", 20)
    world.end_builds()
    rest = list(events(world.follow(path, **{"Last-Event-ID": first[0]})))
    assert rest[-1][1] == "end"
    assert all(int(version) > int(first[0]) for version, _, _ in rest)


def test_without_an_engine_whoever_waits_moves_the_deployment_on(tool):
    tool.store()
    identifier = tool.deploy()["deploy-id"]
    response = tool.api.get(f"{tool.deploy_path}/{identifier}?wait=25")
    assert response.status == 200
    assert response.data["status"] == "finished"
    assert response.data["requested-by"] == tool.name


def test_what_is_no_wait_is_refused(tool):
    for row in ("", "/result"):
        for wait in ("0", "51", "-1", "%2B5", "", "1.5", "soon"):
            response = tool.api.get(f"{tool.deploy_path}/latest{row}?wait={wait}")
            assert response.status == 400, response
            assert "from 1 to 50" in response.error
    assert tool.api.get(f"{tool.deploy_path}/latest/events?wait=5").status == 400
    assert tool.api.post(f"{tool.deploy_path}/latest/result").status == 405
    for row in ("?wait=1", "/result", "/result?wait=1", "/events"):
        assert tool.api.get(f"{tool.deploy_path}/latest{row}").status == 404
        assert tool.api.get(f"{tool.deploy_path}/{tool.name}-deploy-20200101-000000-1{row}").status == 404


def test_tables_are_for_people(tool):
    tool.store()
    identifier = tool.deploy()["deploy-id"]
    tool.follow(identifier)
    accept = {"Accept": "text/plain"}
    listed = tool.api.get(tool.deploy_path, headers=accept)
    assert listed.media_type == "text/plain"
    header, *rows = listed.body.decode().splitlines()
    assert header.split() == ["CREATED", "STATUS", "BUILDS", "REASON", "DEPLOY-ID"]
    assert rows[0].split()[2:4] == ["finished", "1/1"]
    assert identifier in listed.body.decode()
    one = tool.api.get(f"{tool.deploy_path}/{identifier}", headers=accept).body.decode()
    assert one.startswith(f"{identifier}\n")
    assert any(line.startswith("web        finished") for line in one.splitlines()), one
    assert all(len(line) <= 100 for line in (listed.body.decode() + one).splitlines())


def test_no_client_says_who_it_is(tool):
    tool.store()
    response = tool.api.post(tool.deploy_path, headers={"X-Toolforge-User": "mallory"})
    assert response.data["requested-by"] == tool.name
