"""The process: how it starts and stops, and its messages when it cannot."""

import json
import os
import subprocess
import threading

import pytest

from stack.cluster import fault
from stack.processes import PATH, WORKER, Process, open_to_workers, wait_until
from stack.rights import TOKEN
from stack.service import PROGRAM, Service, is_listening


def run(stdin, **environment):
    """Runs the program until it ends by itself."""
    return subprocess.run(
        [PROGRAM],
        stdin=stdin,
        capture_output=True,
        text=True,
        timeout=10,
        env={"PATH": PATH, "HOME": "/nonexistent", **environment},
    )


@pytest.fixture
def settings(cluster):
    return {"KUBECONFIG": str(cluster.kubeconfig)}


def test_started_by_hand_it_says_how_to_start_it(settings):
    reading, writing = os.pipe()
    try:
        for stdin in (subprocess.DEVNULL, reading):
            result = run(stdin, **settings)
            assert result.returncode > 0
            assert "spawn-fcgi" in result.stderr and "LISTEN" in result.stderr
    finally:
        os.close(reading)
        os.close(writing)


def test_without_a_descriptor_0_it_says_so_too(settings):
    command = ["sh", "-c", 'exec "$0" 0<&-', PROGRAM]
    result = subprocess.run(
        command, capture_output=True, text=True, timeout=10, env={"PATH": PATH, "HOME": "/nonexistent", **settings}
    )
    assert result.returncode > 0
    assert "spawn-fcgi" in result.stderr and "LISTEN" in result.stderr


def test_only_the_allowed_users_may_connect(tool, directory, settings, another_gateway):
    home = directory / "choosy"
    home.mkdir()
    open_to_workers(home)
    nobody = str(max(os.geteuid(), WORKER.pw_uid) + 1)
    choosy = Service(home, tool.cluster.kubeconfig, FASTCGI_ALLOWED_UIDS=nobody)
    try:
        api = another_gateway(choosy.socket)
        with tool.cluster.recording() as journal:
            assert api.get("/healthz").status == 502
            assert api.post(tool.deploy_path, certificate=tool.api.certificate).status == 502
        assert not journal.entries
        assert choosy.process.is_running
    finally:
        choosy.stop()


def test_a_socket_that_everybody_could_write_to_is_refused(settings, directory):
    path = directory / "open.sock"
    result = run(subprocess.DEVNULL, **settings, LISTEN=f"unix:{path}?mode=0666")
    assert result.returncode > 0
    assert "mode" in result.stderr
    assert not path.exists()


@pytest.mark.parametrize(
    "name, value",
    [
        ("LOG_LEVEL", "loud"),
        ("LISTEN", "nowhere"),
        ("LISTEN", "tcp:127.0.0.1:99999"),
        ("SHUTDOWN_GRACE_SECONDS", "soon"),
        ("MAX_DEPLOYMENTS_RETAINED", "0"),
        ("MAX_DEPLOYMENTS_RETAINED", "many"),
        ("CLUSTER_DEADLINE_SECONDS", "-1"),
        ("CLUSTER_CONNECTIONS", "0"),
        ("MAX_CONCURRENT_REQUESTS", "x"),
        ("FASTCGI_ALLOWED_UIDS", "root"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_its_name(settings, directory, name, value):
    result = run(subprocess.DEVNULL, **{"LISTEN": f"unix:{directory}/never.sock", **settings, name: value})
    assert result.returncode > 0
    assert name in result.stderr
    assert "Fatal error" not in result.stderr


def test_a_kubeconfig_that_cannot_be_read_stops_the_start(directory):
    missing = directory / "gone.kubeconfig"
    result = run(subprocess.DEVNULL, LISTEN=f"unix:{directory}/never.sock", KUBECONFIG=str(missing))
    assert result.returncode > 0
    assert str(missing) in result.stderr


def test_it_makes_its_own_socket_if_listen_says_so(tool, directory, settings, another_gateway):
    home = directory / "own"
    home.mkdir()
    open_to_workers(home)
    path = home / "own.sock"
    allowed = f"{os.geteuid()},{WORKER.pw_uid}"
    environment = {**settings, "LISTEN": f"unix:{path}?mode=0660", "FASTCGI_ALLOWED_UIDS": allowed}
    process = Process([PROGRAM], home / "own.log", environment)
    try:
        wait_until(lambda: process.check() or is_listening(path), "the socket")
        assert path.stat().st_mode & 0o777 == 0o660
        if os.geteuid() == 0:
            os.chown(path, 0, WORKER.pw_gid)
        assert another_gateway(path).get("/healthz").status == 200

        second = run(subprocess.DEVNULL, **environment)
        assert second.returncode > 0
        assert process.is_running
    finally:
        assert process.stop() == 0


def test_it_does_not_take_the_place_of_a_file(directory, settings):
    path = directory / "a-file"
    path.write_text("precious")
    result = run(subprocess.DEVNULL, **settings, LISTEN=f"unix:{path}")
    assert result.returncode > 0
    assert '"cannot start"' in result.stderr
    assert path.read_text() == "precious"


def test_sigterm_finishes_requests_and_exits_with_0(tool, service):
    tool.store()
    responses = []
    slow = fault({"latencyMilliseconds": 900}, verb="get", resource="toolconfigs", times=3)
    with tool.cluster.faults(slow) as fired:
        threads = [
            threading.Thread(target=lambda: responses.append(tool.api.get(tool.config_path))) for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        wait_until(lambda: fired() == [3], "the arrival of three requests")
        assert service.terminate() == 0
        for thread in threads:
            thread.join()
    assert [response.status for response in responses] == [200, 200, 200], responses
    assert tool.api.get(tool.config_path).status == 502
    service.start()
    assert tool.api.get(tool.config_path).data == tool.config()


def test_sigterm_finishes_a_deployment_that_was_begun(tool, service):
    tool.store(tool.config("a", "b", "c"))
    responses = []
    slow = fault({"latencyMilliseconds": 700}, verb="create", resource="pipelineruns", times=3)
    with tool.cluster.faults(slow) as fired:
        thread = threading.Thread(target=lambda: responses.append(tool.api.post(tool.deploy_path)))
        thread.start()
        wait_until(lambda: fired()[0] > 0, "the arrival of a build")
        assert service.terminate() == 0
        thread.join()
    assert responses[0].status == 201
    assert len(tool.cluster.builds(tool.name)) == 3


def test_an_idle_process_stops_at_once(service, anonymous):
    for _ in range(3):
        assert anonymous.get("/healthz").status == 200
        assert service.terminate(5) == 0
        service.start()


def test_its_log_is_one_json_object_a_line_with_the_request_id(tool, service):
    tool.store(tool.config(secret="do-not-log-me"))
    tool.api.get(tool.config_path, headers={"X-Request-Id": "find.me-1"})
    lines = service.log_lines()
    assert [line for line in lines if "find.me-1" in json.dumps(line)]
    data = tool.deploy()
    (line,) = [line for line in service.log_lines() if line.get("deployment") == data["deploy-id"] and "route" in line]
    assert line["message"] == "Request answered"
    assert (line["tool"], line["method"], line["status"]) == (tool.name, "POST", "201")
    # Everything that this request caused has its id.
    caused = {other["message"] for other in service.log_lines() if other.get("request-id") == line["request-id"]}
    assert {"deployment recorded", "Kubernetes request ended", "Request answered"} <= caused
    text = service.log.read_text()
    assert tool.cluster.token not in text and TOKEN not in text
    assert "do-not-log-me" not in text
