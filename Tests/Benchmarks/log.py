"""The log of a build through the whole chain, against the API server asked directly."""

import asyncio
import statistics
import subprocess
import threading
import time
import urllib.parse

from measuring import Times, load_command, load_result, middle, milliseconds
from stack.cluster import BUILDS, TEKTON
from stack.processes import wait_until
from table import say

# The log that is read, and its lines.
MEGABYTES, LINE = 50, 100
# Of the rate at which curl reads the same log from the API server.
GOAL_RATE = 0.5
# How much longer a line takes than to a reader who asks the API server: the 99th percentile.
GOAL_SECONDS = 0.05
# How many follow a log at once, and how much memory each may take: 64 KiB to hold what a slow one has not read, and its
# connections on both sides.
FOLLOWERS, GOAL_MEGABYTES_EACH = 400, 0.25
GOAL_RATIO = 3
STEP = "build"
GATEWAY = {"max_exchanges": 2000, "service_timeout": "300s", "client_timeout": "300s"}
# A tool may have a tenth of the places.
SETTINGS = {"MAX_WAITING_REQUESTS": str(10 * FOLLOWERS + 100)}


def measure(stage, table, options):
    if not stage.is_fake:
        table.needs_fake("the log of a build")
        return
    with stage.service(GATEWAY, **SETTINGS) as chain:
        build = RunningBuild(stage, chain)
        latency(build, table, options)
        followers(build, table, options)
        throughput(build, table, options)


class RunningBuild:
    """A build of which the cluster says that it runs, with a pod whose log is written here."""

    def __init__(self, stage, chain):
        self.stage, self.chain = stage, chain
        self.tool = stage.make_tool()
        with chain.connection(self.tool) as connection:
            self.tool.store(connection, 1)
            identifier = self.tool.deploy(connection)[1]
        (run,) = stage.builds(self.tool)
        task, self.pod = f"{run}-build-from-git", f"{run}-build-from-git-pod"
        self.path = f"{self.tool.deploy_path}/{identifier}/builds/component-0/log"
        query = urllib.parse.urlencode({"container": f"step-{STEP}", "timestamps": "true"})
        # As the service asks for it.
        self.direct_path = f"/api/v1/namespaces/{BUILDS}/pods/{self.pod}/log?{query}"
        self._begin(run, task)

    def _begin(self, run, task):
        cluster, container = self.stage.cluster, f"step-{STEP}"
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        running = {"running": {"startedAt": now}}
        tasks, pods = f"{TEKTON}/namespaces/{BUILDS}/taskruns", f"/api/v1/namespaces/{BUILDS}/pods"
        merge = "application/merge-patch+json"
        metadata = {"name": task, "labels": {"tekton.dev/pipelineRun": run}}
        head = {"apiVersion": "tekton.dev/v1", "kind": "TaskRun"}
        cluster.request("POST", tasks, {**head, "metadata": metadata, "spec": {"taskRef": {"name": "build-from-git"}}})
        step = {"name": STEP, "container": container, **running}
        cluster.request("PATCH", f"{tasks}/{task}/status", {"status": {"podName": self.pod, "steps": [step]}}, merge)
        spec = {"nodeName": "node", "containers": [{"name": container, "image": "i"}]}
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": self.pod}, "spec": spec}
        self.uid = cluster.request("POST", pods, pod)["metadata"]["uid"]
        self._pod_status, self._container = f"{pods}/{self.pod}/status", container
        self._set("Running", running)
        condition = {"type": "Succeeded", "status": "Unknown", "reason": "Running", "message": "m", "lastTransitionTime": now}
        child = {"kind": "TaskRun", "apiVersion": "tekton.dev/v1", "name": task, "pipelineTaskName": "build-from-git"}
        status = {"status": {"conditions": [condition], "startTime": now, "childReferences": [child]}}
        cluster.request("PATCH", f"{TEKTON}/namespaces/{BUILDS}/pipelineruns/{run}/status", status, merge)

    def _set(self, phase, state):
        status = {"name": self._container, "state": state, "ready": False, "restartCount": 0, "image": "i", "imageID": ""}
        body = {"status": {"phase": phase, "containerStatuses": [status]}}
        self.stage.cluster.request("PATCH", self._pod_status, body, "application/merge-patch+json")

    def write(self, *lines):
        body = {"podUID": self.uid, "container": self._container, "lines": lines}
        self.stage.cluster.request("POST", "/_fake/logs", body)

    def follow(self, directly):
        """The lines of a follower."""
        connection = self.stage.cluster_connection() if directly else self.chain.connection(self.tool)
        return connection.stream(f"{self.direct_path}&follow=true" if directly else f"{self.path}?follow=true")


def latency(build, table, options):
    """Each line goes to both readers at once."""
    count = 200 if options.quick else 1000
    say(f"from a line at the pod to the client, {count} lines")
    arrivals = [{}, {}]

    def read(directly):
        for line in iter(build.follow(directly).readline, b""):
            now = time.monotonic()
            if b"line-" in line:
                number = int(line.rsplit(b"line-", 1)[1])
                arrivals[directly][number] = now
                if number == count - 1:
                    return

    readers = [threading.Thread(target=read, args=[directly], daemon=True) for directly in (False, True)]
    for reader in readers:
        reader.start()
    wait_until(lambda: open_logs(build) == 2, "both readers")
    written = []
    for number in range(count):
        written.append(time.monotonic())
        build.write(f"line-{number}")
    for reader in readers:
        reader.join(30)
    through, directly = (Times(seen[number] - written[number] for number in range(count)) for seen in arrivals)
    longer = through.percentile(99) - directly.percentile(99)
    table.add(
        "from a line at the pod to the client, 99th percentile",
        f"{milliseconds(through.percentile(99))}, median {milliseconds(through.median)}; directly "
        f"{milliseconds(directly.percentile(99))}, median {milliseconds(directly.median)}",
        goal=f"≤ {milliseconds(GOAL_SECONDS)} longer",
        met=longer <= GOAL_SECONDS,
    )


def open_logs(build):
    return build.stage.cluster.request("GET", "/_fake/logs")["open"]


def followers(build, table, options):
    count = FOLLOWERS // 4 if options.quick else FOLLOWERS
    say(f"{count} who follow one log")
    asyncio.run(beside(build, count, table, options))


async def beside(build, count, table, options):
    stage, chain = build.stage, build.chain

    async def healthz():
        command, environment = load_command(chain.target(), "/healthz", seconds=options.seconds)
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=asyncio.subprocess.PIPE)
        return load_result((await process.communicate())[0].decode())

    alone = [await healthz() for _ in range(options.rounds)]
    wait_until(lambda: open_logs(build) == 0, "the end of earlier readers")
    before, threads = chain.usage.megabytes, chain.usage.threads
    stage.forget_journal()
    context = chain.api.context(build.tool.certificate)
    readers = [await asyncio.open_connection("127.0.0.1", chain.api.port, ssl=context, limit=2**20) for _ in range(count)]
    try:
        request = f"GET {build.path}?follow=true&tail=0 HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        for _, writer in readers:
            writer.write(request)
        while open_logs(build) < count:
            await asyncio.sleep(0.05)
        calls = len(stage.cluster.journal())
        stage.forget_journal()
        last = []

        async def until(text, reader):
            await reader.readuntil(text)
            last.append(time.monotonic())

        began = time.monotonic()
        waiting = [asyncio.create_task(until(b"to all of them\n", reader)) for reader, _ in readers]
        await asyncio.to_thread(build.write, "to all of them")
        await asyncio.gather(*waiting)
        spread = max(last) - began
        together = [await healthz() for _ in range(options.rounds)]
        usage = chain.usage
        later = len(stage.cluster.journal())
        threads_beside, memory = usage.threads, usage.megabytes
    finally:
        for _, writer in readers:
            writer.transport.abort()
    while open_logs(build):
        await asyncio.sleep(0.05)
    each = (memory - before) / count
    table.add(
        f"memory of each of {count} who follow a log",
        f"{each * 1024:.0f} KiB ({before:.1f} → {memory:.1f} MB); {threads} → {threads_beside} threads",
        ratio=each / GOAL_MEGABYTES_EACH,
        goal=f"≤ {GOAL_MEGABYTES_EACH * 1024:.0f} KiB",
        met=each <= GOAL_MEGABYTES_EACH,
    )
    table.add(
        "… calls to the cluster, of each to begin; of all afterwards",
        f"{calls / count:.1f}; {later}; a line reaches all in {milliseconds(spread)}",
        goal="≤ 4; 0",
        met=calls <= 4 * count and later == 0,
    )
    ratio = middle(together).median / middle(alone).median
    table.at_most("… /healthz beside them, to its time without", middle(together).figure, ratio, GOAL_RATIO)


def throughput(build, table, options):
    megabytes = MEGABYTES // 5 if options.quick else MEGABYTES
    if options.configuration == "debug":
        # Whatever a debug build does to 50 MB, it takes longer than a call to the cluster may.
        megabytes = 2
    say(f"a log of {megabytes} MB")
    line = "x" * (LINE - 1)
    count = megabytes * 1_000_000 // LINE
    for begin in range(0, count, 10_000):
        build.write(*[line] * min(10_000, count - begin))
    cluster, api = build.stage.cluster, build.chain.api
    headers = [word for name, value in cluster.credentials.items() for word in ("-H", f"{name}: {value}")]
    through = ["--cacert", api.ca, "-E", build.tool.pem, api.url + build.path]
    directly = ["--cacert", cluster.authority, *headers, f"https://{cluster.host}:{cluster.port}{build.direct_path}"]
    seconds = [(curl(*through), curl(*directly)) for _ in range(options.rounds)]
    chain, direct = (statistics.median(megabytes / one[index] for one in seconds) for index in range(2))
    ratio = statistics.median(one[1] / one[0] for one in seconds)
    table.at_least(
        f"a log of {megabytes} MB through nginx to one reader, to the API server asked directly",
        f"{chain:.0f} MB a second, directly {direct:.0f}",
        ratio,
        GOAL_RATE,
    )


def curl(*arguments):
    """The seconds in which curl reads a whole response."""
    command = ["curl", "-sS", "--fail", "-o", "/dev/null", "-w", "%{time_total} %{size_download}", *map(str, arguments)]
    seconds, size = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    if int(size) < 1_000_000:
        raise RuntimeError(f"curl has read {size} bytes only: {arguments}")
    return float(seconds)
