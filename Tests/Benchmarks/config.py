"""GET /config through nginx, in both families, compared with a C responder that reads from the same cluster, with FastAPI, and with the cluster
asked directly."""

import contextlib
import json

from measuring import Rounds, load, milliseconds, plural
from peers import bare_reader, fastapi
from table import say

GOAL_READER = 0.95
GOAL_LATENCY = 1.05
GOAL_FASTAPI = 5
# A read of a small custom resource from a real API server: the latency at one client, and the rate of all together.
REAL_MICROSECONDS = 2_400
REAL_READS_A_SECOND = 1_370


def measure(stage, table, options):
    with stage.service() as chain, fastapi(stage, options) as peer:
        tool = stage.make_tool()
        with chain.connection(tool) as connection:
            tool.store(connection, 1)
        with bare_reader(stage, tool) as reader:
            apis = {"ours": chain.api, "reader": reader, **({"fastapi": peer} if peer else {})}
            check(stage, tool, *apis.values())
            asked = {name: (stage.target(api, tool), tool.config_path) for name, api in apis.items()}
            asked["field"] = (stage.target(chain.api, tool), tool.field_config_path)
            if chain.api.get(tool.field_config_path, certificate=tool.certificate).data is None:
                raise RuntimeError(f"{tool.field_config_path} has no data")
            asked["direct"] = stage.asked(tool)
            if stage.is_fake:
                compare(stage, table, options, asked, "the fake cluster at its fastest")
                with real_cost(stage, tool):
                    compare(stage, table, options, asked, "the cluster costing 2.4 ms a read, 1,370 a second")
            else:
                table.needs_fake("GET /config, fake cluster at its fastest")
                compare(stage, table, options, asked, "the cluster of the kubeconfig")


def check(stage, tool, *apis):
    """Checks that all of them return the same config, and none without a certificate."""
    with stage.cluster_connection() as direct:
        stored = json.loads(direct.call("GET", tool.object_path)[1])["spec"]
    for api in apis:
        response = api.get(tool.config_path, certificate=tool.certificate, check=False)
        if response.status != 200 or response.data != stored:
            raise RuntimeError(f"{response} is not the config that is stored")
        if (status := api.get(tool.config_path, certificate=None, check=False).status) != 401:
            raise RuntimeError(f"without a certificate {tool.config_path} is answered with {status}")


@contextlib.contextmanager
def real_cost(stage, tool):
    """Inside the block a read takes as long as from a real cluster: the fake's own time plus an added latency."""

    def median():
        return load(stage.direct, tool.object_path, seconds=1).median * 1e6

    with stage.cluster.read_cost(REAL_MICROSECONDS, REAL_READS_A_SECOND):
        excess = median() - REAL_MICROSECONDS
    with stage.cluster.read_cost(max(0, round(REAL_MICROSECONDS - excess)), REAL_READS_A_SECOND):
        say(f"  one client asking directly waits {median() / 1000:.2f} ms")
        yield


def compare(stage, table, options, asked, cluster):
    """The rows of one cluster. Nothing behind nginx can be as fast as the cluster asked directly on the same cores: its
    ratios show what there is to reach, and are no goals."""
    say(f"GET /config, {cluster}")

    def one(target, path):
        stage.forget_journal()
        return load(target, path, clients=clients, seconds=options.seconds)

    for clients in options.clients:
        rounds = Rounds(options.rounds, **{name: lambda where=where: one(*where) for name, where in asked.items()})
        ours, reader, direct = (rounds.load(name) for name in ("ours", "reader", "direct"))
        table.at_least(
            f"GET /config through nginx, {cluster}, to a C responder that reads the same, {plural(clients)}",
            f"{ours.rate:,.0f} of {reader.rate:,.0f} a second",
            rounds.ratio("ours", "reader"),
            GOAL_READER,
        )
        table.at_most(
            "… its median time to the C responder's",
            f"{milliseconds(ours.median)} to {milliseconds(reader.median)}",
            rounds.ratio("ours", "reader", of="median"),
            GOAL_LATENCY,
        )
        table.add(
            "… to the cluster asked directly",
            f"{direct.rate:,.0f} a second; median {milliseconds(direct.median)}; "
            f"the C responder {rounds.ratio('reader', 'direct'):.2f} ×",
            ratio=rounds.ratio("ours", "direct"),
        )
        field = rounds.load("field")
        table.add(
            "… by /v1, as the clients in the field ask, to /api/v1",
            f"{field.rate:,.0f} a second; median {milliseconds(field.median)}",
            ratio=rounds.ratio("field", "ours"),
        )
        if "fastapi" in asked:
            theirs = rounds.load("fastapi")
            table.at_least(
                "… to FastAPI",
                f"{theirs.rate:,.0f} a second; median {milliseconds(theirs.median)}; "
                f"the C responder {rounds.ratio('reader', 'fastapi'):.2f} ×",
                rounds.ratio("ours", "fastapi"),
                GOAL_FASTAPI,
            )
