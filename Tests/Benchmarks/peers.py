"""What the service is compared with, each behind the same nginx."""

import contextlib
import os
from pathlib import Path

from measuring import PROGRAMS
from stack.processes import IS_ROOT, WORKER, Process, wait_until
from table import say

PEER = Path(__file__).parent / "peer"


@contextlib.contextmanager
def bare_responder(stage, chain):
    """The C responder with exactly the service's response. Yields the API in front of it."""
    response = chain.api.get("/healthz")
    own = {"server", "date", "connection"}
    head = [f"{name}: {value}" for name, value in response.headers.items() if name.lower() not in own]
    directory = stage.make_directory()
    text = directory / "answer"
    text.write_bytes("\r\n".join([f"Status: {response.status}", *head, "", ""]).encode() + response.body)
    with spawned(directory, [PROGRAMS / "responder", text]) as socket, stage.gateway(socket) as api:
        same = api.get("/healthz")
        if same.body != response.body or sorted(same.headers) != sorted(response.headers):
            raise RuntimeError(f"the responder answers otherwise than the service: {same} instead of {response}")
        yield api


@contextlib.contextmanager
def bare_reader(stage, tool):
    """The C responder that reads the config from the same cluster; the API at it."""
    cluster = stage.cluster
    environment = {
        "OBJECT_URL": f"https://{cluster.host}:{cluster.port}{tool.OBJECT_PATH}",
        "CLUSTER_CA": str(cluster.authority),
        **({"CLUSTER_PEM": str(cluster.pem)} if cluster.pem else {}),
        **{"CLUSTER_HEADER": f"{name}: {value}" for name, value in cluster.credentials.items()},
    }
    with (
        spawned(stage.make_directory(), [PROGRAMS / "reader"], environment) as socket,
        stage.gateway(socket) as api,
    ):
        yield api


@contextlib.contextmanager
def spawned(directory, command, environment=None):
    """A responder under spawn-fcgi; its socket."""
    group = ["-G", str(WORKER.pw_gid)] if IS_ROOT else []
    socket = directory / "responder.sock"
    process = Process(
        ["spawn-fcgi", "-n", "-s", socket, "-M", "0660", *group, "-b", "1024", "--", *command],
        directory / "responder.log",
        environment,
    )
    try:
        wait_until(lambda: process.check() or socket.exists(), "the responder's socket")
        yield socket
    finally:
        process.stop()


@contextlib.contextmanager
def fastapi(stage, options):
    """The FastAPI application. Yields the API in front of it, or None if it is left out.

    It runs as its documentation recommends: a worker for each core, uvloop and httptools, and nginx keeps its connections
    to a Unix socket."""
    if not options.fastapi:
        yield None
        return
    directory = stage.make_directory()
    socket = directory / "uvicorn.sock"
    workers = len(os.sched_getaffinity(0))
    environment = {"KUBECONFIG": str(stage.cluster.kubeconfig), "PYTHONDONTWRITEBYTECODE": "1"}
    uvicorn = [os.environ["PEER_PYTHON"], "-m", "uvicorn", "--app-dir", PEER, "app:app", "--uds", socket]
    settings = ["--workers", workers, "--loop", "uvloop", "--http", "httptools", "--no-access-log"]
    say(f"starting FastAPI under uvicorn, {workers} workers")
    process = Process([*uvicorn, *settings], directory / "uvicorn.log", environment)
    try:
        wait_until(lambda: process.check() or socket.exists(), "uvicorn's socket", 60)
        upstream = f"upstream fastapi {{ server unix:{socket}; keepalive 64; }}"
        pass_on = (
            "proxy_pass http://fastapi; proxy_http_version 1.1; proxy_set_header Connection ''; "
            "proxy_set_header ssl-client-verify $identity_verify; "
            "proxy_set_header ssl-client-subject-dn $identity_subject;"
        )
        with stage.gateway(
            socket,
            servers=upstream,
            changes={f'fastcgi_pass "unix:{socket}";\n            # The service reads': f"{pass_on}\n            #"},
        ) as api:
            wait_until(lambda: api.get("/healthz", check=False).status == 200, "an answer of FastAPI", 60)
            yield api
    finally:
        process.stop()
