"""GET /config through nginx, against the cluster asked directly and against FastAPI."""

import contextlib
import json

from measuring import Rounds, load, milliseconds, plural
from peers import fastapi
from table import say

GOAL_FASTEST = 0.4
GOAL_REAL = 0.85
GOAL_LATENCY = 1.25
GOAL_FASTAPI = 5
# What a small custom resource costs a real API server: one client sees this latency, and all together this rate.
REAL_MICROSECONDS = 2_400
REAL_READS_A_SECOND = 1_370


def measure(stage, table, options):
    with stage.service() as chain, fastapi(stage, options) as peer:
        tool = stage.make_tool()
        with chain.connection(tool) as connection:
            tool.store(connection, 1)
        check(stage, tool, chain.api, *([peer] if peer else []))
        if stage.is_fake:
            say("GET /config, against the cluster asked directly, at its fastest")
            fastest(stage, chain, tool, table, options)
            say("the same, the cluster costing what a real one does")
            with real_cost(stage, tool):
                real(stage, chain, peer, tool, table, options, "the cluster costing 2.4 ms a read, 1,370 a second")
        else:
            table.needs_fake("GET /config, fake cluster at its fastest")
            say("GET /config, against the cluster asked directly")
            real(stage, chain, peer, tool, table, options, "the cluster of the kubeconfig")


def check(stage, tool, *apis):
    """All of them give the same config, and give nobody another's."""
    with stage.cluster_connection() as direct:
        stored = json.loads(direct.call("GET", tool.object_path)[1])["spec"]
    for api in apis:
        answer = api.get(tool.config_path, certificate=tool.certificate, check=False)
        if answer.status != 200 or answer.data != stored:
            raise RuntimeError(f"{answer} is not the config that is stored")
        if (status := api.get(tool.config_path, certificate=None, check=False).status) != 401:
            raise RuntimeError(f"without a certificate {tool.config_path} is answered with {status}")


@contextlib.contextmanager
def real_cost(stage, tool):
    """The fake takes time of its own: inside the block it and the added latency are what a real cluster takes."""

    def median():
        return load(stage.direct, tool.object_path, seconds=1).median * 1e6

    with stage.cluster.read_cost(REAL_MICROSECONDS, REAL_READS_A_SECOND):
        excess = median() - REAL_MICROSECONDS
    with stage.cluster.read_cost(max(0, round(REAL_MICROSECONDS - excess)), REAL_READS_A_SECOND):
        say(f"  one client asking directly waits {median() / 1000:.2f} ms")
        yield


def fastest(stage, chain, tool, table, options):
    for clients in options.clients:
        rounds = compare(stage, options, clients, ours=(chain.target(tool), tool.config_path), direct=stage.asked(tool))
        table.at_least(
            f"GET /config through nginx, to the cluster asked directly at its fastest, {plural(clients)}",
            figure(rounds),
            rounds.ratio("ours", "direct"),
            GOAL_FASTEST,
            judged=clients == 16,
        )


def real(stage, chain, peer, tool, table, options, cluster):
    for clients in options.clients:
        asked = {"ours": (chain.target(tool), tool.config_path), "direct": stage.asked(tool)}
        if peer:
            asked["fastapi"] = (stage.target(peer, tool), tool.config_path)
        rounds = compare(stage, options, clients, **asked)
        table.at_least(
            f"GET /config through nginx, {cluster}, to it asked directly, {plural(clients)}",
            figure(rounds),
            rounds.ratio("ours", "direct"),
            GOAL_REAL,
        )
        if clients == 1:
            table.at_most(
                "… its median time to the direct one",
                f"{milliseconds(rounds.load('ours').median)} to {milliseconds(rounds.load('direct').median)}",
                rounds.ratio("ours", "direct", of="median"),
                GOAL_LATENCY,
            )
        if peer:
            theirs = rounds.load("fastapi")
            limit = rounds.ratio("direct", "fastapi")
            table.at_least(
                f"… to FastAPI, {plural(clients)}",
                f"{theirs.rate:,.0f} a second; median {milliseconds(theirs.median)}; the cluster itself {limit:.2f} ×",
                rounds.ratio("ours", "fastapi"),
                GOAL_FASTAPI,
            )


def compare(stage, options, clients, **asked):
    def one(target, path):
        stage.forget_journal()
        return load(target, path, clients=clients, seconds=options.seconds)

    return Rounds(options.rounds, **{name: lambda where=where: one(*where) for name, where in asked.items()})


def figure(rounds):
    ours, direct = rounds.load("ours"), rounds.load("direct")
    return f"{ours.rate:,.0f} of {direct.rate:,.0f} a second; median {milliseconds(ours.median)}"
