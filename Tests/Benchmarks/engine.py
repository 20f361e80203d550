"""The engine: how soon a build's end is stored although nobody asks, and how many calls a deployment costs."""

import datetime
import hashlib
import json
import threading
import time

from large import fresh
from measuring import Times, milliseconds
from stack.cluster import BUILDS, OURS, TEKTON
from stage import Stage, end_build
from table import say

SETTINGS = {"ENGINE": "on", "LEASE_NAMESPACE": "components-api"}
# From a build's end to the stored end, beside 100 builds that go on: the 99th percentile.
GOAL_SECONDS = 1
# A deployment of 10 builds, from POST to its end without a reader, beside what it stores.
BUILDS_OF_ONE, GOAL_CALLS = 10, 10 + 5 + 3
# The most components of a config.
LARGEST = 100
# A start beside so many deployments that have ended, and that are open.
ENDED, OPEN = 30_000, 1_000
GOAL_START_SECONDS, GOAL_MEGABYTES = 30, 80
# Calls that are not a deployment's: of the election, of watches, and of the response to /readyz.
APART = ("leases", "selfsubjectaccessreviews", "namespaces")


def measure(stage, table, options):
    if not stage.is_fake:
        table.needs_fake("from a build's end to its stored end")
        return
    for count in (1, 100) if options.quick else (1, 100, 1_000):
        with Stage() as quiet:
            quiet.cluster.create_namespace("components-api")
            with quiet.service(**SETTINGS) as chain:
                ends(quiet, chain, table, count, options)
    with Stage() as quiet:
        quiet.cluster.create_namespace("components-api")
        with quiet.service(**SETTINGS) as chain:
            calls(quiet, chain, table)
    start(table, options)


class Ends(threading.Thread):
    """A watch of all deployments, by a client of its own: when each build's end was stored."""

    def __init__(self, stage):
        super().__init__(daemon=True)
        self._connection = stage.cluster_connection()
        self.stored = {}
        self._changed = threading.Condition()
        path = f"{OURS}/tooldeployments?watch=true&timeoutSeconds=600"
        self._lines = self._connection.stream(path)
        self.start()

    def run(self):
        try:
            while line := self._lines.readline():
                event, now = json.loads(line)["object"], time.monotonic()
                builds = ((event.get("status") or {}).get("builds") or {}).items()
                named = (event.get("spec") or {}).get("builds") or {}
                with self._changed:
                    for component, build in builds:
                        if "ended" in build:
                            self.stored.setdefault(named[component]["id"], now)
                    self._changed.notify_all()
        except (OSError, ValueError, AttributeError):
            # The connection was closed at the end.
            return

    def wait(self, build, seconds=60):
        """When its end was stored."""
        with self._changed:
            if not self._changed.wait_for(lambda: build in self.stored, seconds):
                raise RuntimeError(f"the end of {build} was not stored within {seconds} s")
            return self.stored[build]


def ends(stage, chain, table, count, options):
    say(f"from a build's end to its stored end, {count:,} builds going on")
    waiting = []
    for _ in range(-(-count // LARGEST)):
        tool = stage.make_tool()
        with chain.connection(tool) as connection:
            tool.store(connection, min(count, LARGEST))
            tool.deploy(connection)
        waiting += stage.builds(tool)
    samples = min(len(waiting), 30 if options.quick else 100)
    times = Times()
    watch = Ends(stage)
    with stage.cluster_connection() as direct:
        if count == 1:
            # One at a time: each needs another deployment.
            tool = stage.make_tool()
            with chain.connection(tool) as connection:
                tool.store(connection, 1)
                for _ in range(10):
                    tool.deploy(connection)
            waiting += stage.builds(tool)
            samples = len(waiting)
        for build in waiting[:samples]:
            began = end_build(direct, build)
            times.append(watch.wait(build) - began)
    stage.forget_journal()
    slowest = times.percentile(99)
    table.add(
        f"from a build's end to its stored end, {count:,} builds going on",
        f"{milliseconds(times.median)} median, {milliseconds(slowest)} 99th percentile of {len(times)}",
        goal=f"≤ {GOAL_SECONDS} s (99th percentile)",
        met=slowest <= GOAL_SECONDS,
    )


def calls(stage, chain, table):
    say(f"calls for a deployment of {BUILDS_OF_ONE} builds that nobody reads")
    tool = stage.make_tool()
    with chain.connection(tool) as connection:
        tool.store(connection, BUILDS_OF_ONE)
        connection.call("GET", "/readyz")
        watch = Ends(stage)
        stage.forget_journal()
        tool.deploy(connection)
        time.sleep(2)
        start_calls = ours(stage)
        # While they build, nothing is asked.
        time.sleep(5)
        building = ours(stage)[len(start_calls) :]
        builds = list(stage.builds(tool))
        stage.forget_journal()
        with stage.cluster_connection() as direct:
            for build in builds:
                end_build(direct, build)
            for build in builds:
                watch.wait(build)
        time.sleep(1)
        ending = [entry for entry in ours(stage) if entry["subresource"] != "status" or "patch" != entry["verb"]]
        stored = len(ours(stage)) - len(ending)
    # The ends that this program stored are no calls of the service.
    ending = [entry for entry in ending if entry["resource"] != "pipelineruns" or entry["verb"] == "get"]
    stored -= len(builds)
    total = len(start_calls) + len(building) + len(ending) + stored
    table.add(
        f"calls to the cluster for a deployment of {BUILDS_OF_ONE} builds, from POST to its end without a reader",
        f"{len(start_calls)} to start, {len(building)} while it builds, {len(ending)} reads at the ends, {stored} stored changes",
        goal=f"≤ {GOAL_CALLS} + stored changes, 0 while it builds",
        met=total - stored <= GOAL_CALLS and not building,
    )


def ours(stage):
    """The calls of the service that belong to deployments."""
    return [entry for entry in stage.cluster.journal() if entry["resource"] not in APART and entry["verb"] != "watch"]


def start(table, options):
    ended, open_ = (ENDED, OPEN) if options.configuration == "release" and not options.quick else (ENDED // 20, OPEN // 20)
    say(f"a start beside {ended:,} deployments that have ended and {open_:,} that are open")
    with Stage() as stage:
        stage.cluster.create_namespace("components-api")
        with stage.service() as chain:
            fill(stage, chain, ended, open_)
        began = time.monotonic()
        with stage.service(**SETTINGS) as chain, chain.connection() as connection:
            connection.call("GET", "/readyz")
            ready = time.monotonic() - began
            while (left := unfinished(stage)) and time.monotonic() - began < 4 * GOAL_START_SECONDS:
                time.sleep(0.5)
            driven = time.monotonic() - began
            megabytes = chain.usage.megabytes
    what = f"a start beside {ended:,} deployments that have ended and {open_:,} that are open"
    table.add(f"{what}: ready", milliseconds(ready))
    table.add(
        "… all of them driven",
        f"{driven:.1f} s" if not left else f"{left} not after {driven:.0f} s",
        goal=f"≤ {GOAL_START_SECONDS} s",
        met=not left and driven <= GOAL_START_SECONDS,
    )
    table.add("… memory", f"{megabytes:.1f} MB", goal=f"≤ {GOAL_MEGABYTES} MB", met=megabytes <= GOAL_MEGABYTES)


def unfinished(stage):
    """How many deployments have not ended."""
    selector = "status.phase!=succeeded,status.phase!=failed"
    return len(stage.cluster.request("GET", f"{OURS}/tooldeployments?fieldSelector={selector}")["items"])


def fill(stage, chain, ended, open_):
    """Stores copies of one deployment of one build: most have ended; the builds of the others have, and nobody has noted it."""
    tool = stage.make_tool()
    with chain.connection(tool) as connection:
        tool.store(connection, 1)
        identifier = tool.deploy(connection)[1]
    record = stage.cluster.deployment(tool.name, identifier)
    (build,) = stage.builds(tool).values()
    status = json.dumps({"status": record["status"]})
    over = status.replace("pending", "succeeded").replace("0/1", "1/1")
    namespace = json.dumps(fresh(stage.cluster.get(f"/api/v1/namespaces/tool-{tool.name}")))
    record, run = (json.dumps(fresh(model)) for model in (record, build))
    with stage.cluster_connection() as direct:

        def store(path, text, method="POST", status=201, kind="application/json"):
            direct.call(method, path, text, status, {"Content-Type": kind})

        for number in range(ended + open_):
            name = f"full{number}x"
            deployments = f"{OURS}/namespaces/tool-{name}/tooldeployments"
            store("/api/v1/namespaces", namespace.replace(tool.name, name))
            own = named(stage, name, identifier.replace(tool.name, name), record.replace(tool.name, name), build)
            store(deployments, own[0])
            state = over if number >= open_ else status
            path = f"{deployments}/{identifier.replace(tool.name, name)}/status"
            store(path, state, "PATCH", 200, "application/merge-patch+json")
            store(f"{TEKTON}/namespaces/{BUILDS}/pipelineruns", run.replace(build["metadata"]["name"], own[1]).replace(tool.name, name))
            end_build(direct, own[1])
        end_build(direct, build["metadata"]["name"])
    stage.forget_journal()


def named(stage, tool, identifier, record, build):
    """The record with the name that its build must have, and that name (`DeploymentNames.build`)."""
    component = build["metadata"]["annotations"]["deploy.toolforge.org/component"]
    digest = hashlib.sha256(f"{identifier}/{component}".encode()).hexdigest()[:12]
    name = f"{tool}-buildpacks-pipelinerun-{digest}"
    document = json.loads(record)
    document["spec"]["builds"][component]["id"] = name
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    document["spec"]["requestedAt"] = now
    return json.dumps(document), name
