"""Reads through nginx, against the limit of the transport and the limit of the work."""

import contextlib
import json

from measuring import PROGRAMS, alternating, load, milliseconds, wrk
from stack.cluster import fault
from stack.processes import IS_ROOT, WORKER, Process, wait_until
from table import say

CLIENTS = (1, 4, 16)
GOAL_TRANSPORT = 0.9
GOAL_FASTEST = 0.4
GOAL_REAL = 0.85
GOAL_LATENCY = 1.25
# A read of a real API server took 2.4 ms; the fake's own time comes on top of this.
REAL_MILLISECONDS = 2


def measure(stage, table, options):
    with stage.service() as chain:
        health_checks(stage, chain, table, options)
        configs(stage, chain, table, options)


def health_checks(stage, chain, table, options):
    say("/healthz, against a bare responder in C behind the same nginx")
    with bare_responder(stage, chain) as bare:
        for clients in CLIENTS:
            ours, theirs, ratio, _ = alternating(
                options.rounds,
                lambda: wrk(f"{chain.api.url}/healthz", clients, options.seconds),
                lambda: wrk(f"{bare.url}/healthz", clients, options.seconds),
            )
            table.add(
                f"/healthz through nginx, to a bare C responder, {plural(clients)}",
                f"{ours.rate:,.0f} of {theirs.rate:,.0f} a second; median {milliseconds(ours.median)}",
                ratio=ratio,
                goal=f"≥ {GOAL_TRANSPORT} ×",
                met=ratio >= GOAL_TRANSPORT,
            )


@contextlib.contextmanager
def bare_responder(stage, chain):
    """The C responder with the very answer that the service gives."""
    answer = chain.api.get("/healthz")
    own = {"server", "date", "connection"}
    head = [f"{name}: {value}" for name, value in answer.headers.items() if name.lower() not in own]
    directory = stage.make_directory()
    text = directory / "answer"
    text.write_bytes("\r\n".join([f"Status: {answer.status}", *head, "", ""]).encode() + answer.body)
    group = ["-G", str(WORKER.pw_gid)] if IS_ROOT else []
    socket = directory / "responder.sock"
    process = Process(
        ["spawn-fcgi", "-n", "-s", socket, "-M", "0660", *group, "-b", "1024", "--", PROGRAMS / "responder", text],
        directory / "responder.log",
    )
    try:
        wait_until(lambda: process.check() or socket.exists(), "the responder's socket")
        with stage.gateway(socket) as api:
            same = api.get("/healthz")
            if same.body != answer.body or sorted(same.headers) != sorted(answer.headers):
                raise RuntimeError(f"the responder answers otherwise than the service: {same} instead of {answer}")
            yield api
    finally:
        process.stop()


def configs(stage, chain, table, options):
    tool = stage.make_tool()
    with chain.connection(tool) as connection, stage.cluster_connection() as direct:
        tool.store(connection, 1)
        stored = json.loads(connection.call("GET", tool.config_path)[1])["data"]
        if stored != json.loads(direct.call("GET", tool.object_path)[1])["spec"]:
            raise RuntimeError("the two ways to the config give different ones")
    authorization = f"Authorization: Bearer {stage.cluster.token}"

    def both(clients):
        stage.forget_journal()
        return alternating(
            options.rounds,
            lambda: load(chain.api.port, tool.config_path, clients, seconds=options.seconds, pem=tool.pem),
            lambda: load(stage.cluster.port, tool.object_path, clients, seconds=options.seconds, header=authorization),
        )

    def figure(ours, theirs):
        return f"{ours.rate:,.0f} of {theirs.rate:,.0f} a second; median {milliseconds(ours.median)}"

    say("GET /config, against the cluster asked directly")
    for clients in CLIENTS:
        ours, theirs, ratio, _ = both(clients)
        judged = clients == CLIENTS[-1]
        table.add(
            f"GET /config through nginx, to the cluster asked directly, {plural(clients)}",
            figure(ours, theirs),
            ratio=ratio,
            goal=f"≥ {GOAL_FASTEST} ×" if judged else "",
            met=ratio >= GOAL_FASTEST if judged else None,
        )
    say(f"the same, the cluster taking {REAL_MILLISECONDS} ms more a read")
    with stage.cluster.faults(fault({"latencyMilliseconds": REAL_MILLISECONDS}, times=None, resource="toolconfigs")):
        for clients in CLIENTS:
            ours, theirs, ratio, latency = both(clients)
            table.add(
                f"… the cluster taking {REAL_MILLISECONDS} ms more a read, {plural(clients)}",
                figure(ours, theirs),
                ratio=ratio,
                goal=f"≥ {GOAL_REAL} ×",
                met=ratio >= GOAL_REAL,
            )
            if clients == 1:
                table.add(
                    "… and its median time to the direct one",
                    f"{milliseconds(ours.median)} to {milliseconds(theirs.median)}",
                    ratio=latency,
                    goal=f"≤ {GOAL_LATENCY} ×",
                    met=latency <= GOAL_LATENCY,
                )
    stage.forget_journal()


def plural(clients):
    return "1 client" if clients == 1 else f"{clients} clients"
