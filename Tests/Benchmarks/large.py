"""Every endpoint beside 10,000 PipelineRuns and 2,000 tools, compared with an empty cluster."""

import json
import threading
import time

from deploys import end
from measuring import Times, milliseconds
from stack.cluster import BUILDS, OURS, TEKTON
from stage import Stage
from table import say

GOAL = 1.2
TOOLS = 2_000
# The components of each tool's one deployment.
COMPONENTS = 5
LOADERS = 4
# How many deployments of a tool are kept.
KEPT = 10


def measure(stage, table, options):
    if not stage.is_fake:
        table.needs_fake("every endpoint beside 10,000 PipelineRuns and 2,000 tools")
        return
    # With a debug build, only enough to see that this works: the fake cluster is not optimised either.
    tools = TOOLS if options.configuration == "release" else TOOLS // 20
    say(f"every endpoint beside {tools * COMPONENTS:,} PipelineRuns and {tools:,} tools, and in an empty cluster")
    with Stage() as full, stage.service() as empty_chain, full.service() as full_chain:
        began = time.monotonic()
        objects = fill(full, full_chain, tools)
        say(f"  {objects:,} objects stored in {time.monotonic() - began:.0f} s")
        with Endpoints(stage, empty_chain) as empty, Endpoints(full, full_chain) as beside:
            for name in empty.calls:
                count = options.repeats
                times = {"empty": Times(), "full": Times()}
                empty.hang_up()
                beside.hang_up()
                for number in range(count + 5):
                    pair = [("empty", empty), ("full", beside)]
                    for which, endpoints in pair if number % 2 else reversed(pair):
                        seconds = endpoints.calls[name]()
                        # The first calls open connections again.
                        if number >= 5:
                            times[which].append(seconds)
                stage.forget_journal()
                full.forget_journal()
                in_full, in_empty = times["full"].median, times["empty"].median
                table.at_most(
                    f"{name} beside {tools * COMPONENTS:,} PipelineRuns and {tools:,} tools, to an empty cluster",
                    f"{milliseconds(in_full)} to {milliseconds(in_empty)}, medians of {count}",
                    in_full / in_empty,
                    GOAL,
                )


class Endpoints:
    """One client of one service. `calls`: for each endpoint a function that sends one request and returns the seconds."""

    def __init__(self, stage, chain):
        self.stage, self.chain = stage, chain

    def __enter__(self):
        tool, deployer = self.stage.make_tool(), self.stage.make_tool()
        self.connection = connection = self.chain.connection(tool)
        self.deploying = self.chain.connection(deployer)
        deployer.store(self.deploying, COMPONENTS)
        # From the next one on each replaces the oldest.
        for _ in range(KEPT):
            deployer.deploy(self.deploying)
        tool.store(connection, COMPONENTS)
        config = json.dumps(json.loads(connection.call("GET", tool.config_path)[1])["data"])
        ended, running = (tool.deploy(connection)[1] for _ in range(2))
        end(self.stage, tool, ended)
        json_type = {"Content-Type": "application/json"}

        def get(path):
            return lambda: connection.call("GET", path)[0]

        self.calls = {
            "GET /config": get(tool.config_path),
            "POST /config": lambda: connection.call("POST", tool.config_path, config, headers=json_type)[0],
            "POST /deploy": lambda: deployer.deploy(self.deploying)[0],
            "GET /deploy/{id} of one that builds": get(f"{tool.deploy_path}/{running}"),
            "GET /deploy/{id} of one that has ended": get(f"{tool.deploy_path}/{ended}"),
            "GET /readyz": get("/readyz"),
            "GET /healthz": get("/healthz"),
            "GET /openapi.json": get("/openapi.json"),
        }
        return self

    def __exit__(self, *_):
        self.hang_up()

    def hang_up(self):
        """nginx may close an idle connection at any time; the next call opens it again."""
        self.connection.close()
        self.deploying.close()


def fill(stage, chain, tools):
    """Stores copies of the objects of one tool under other names; returns how many."""
    tool = stage.make_tool()
    with chain.connection(tool) as connection:
        tool.store(connection, COMPONENTS)
        identifier = tool.deploy(connection)[1]
    record = stage.cluster.deployment(tool.name, identifier)
    builds = list(stage.builds(tool).values())
    configs, deployments = (f"{OURS}/namespaces/tool-{tool.name}/{kind}" for kind in ("toolconfigs", "tooldeployments"))
    models = [("/api/v1/namespaces", stage.cluster.get(f"/api/v1/namespaces/tool-{tool.name}"))]
    models += [(configs, stage.cluster.config(tool.name)), (deployments, record)]
    models += [(f"{TEKTON}/namespaces/{BUILDS}/pipelineruns", build) for build in builds]
    texts = [(path, json.dumps(fresh(model))) for path, model in models]

    failures = []

    def store(numbers):
        try:
            with stage.cluster_connection() as direct:
                for number in numbers:
                    for path, text in texts:
                        name = f"full{number}x"
                        body = text.replace(tool.name, name)
                        direct.call(
                            "POST", path.replace(tool.name, name), body, 201, {"Content-Type": "application/json"}
                        )
        except Exception as error:  # noqa: BLE001 - raised again below
            failures.append(error)

    loaders = [threading.Thread(target=store, args=(range(first, tools, LOADERS),)) for first in range(LOADERS)]
    for loader in loaders:
        loader.start()
    for loader in loaders:
        loader.join()
    if failures:
        raise failures[0]
    stage.forget_journal()
    return tools * len(texts)


def fresh(model):
    """An object without what the cluster added."""
    model = {key: value for key, value in model.items() if key != "status"}
    given = ("name", "namespace", "labels", "annotations")
    model["metadata"] = {key: value for key, value in model["metadata"].items() if key in given}
    return model
