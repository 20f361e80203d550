"""Clients that wait for the ends of deployments, and readers of one deployment's events."""

import asyncio
import contextlib
import json
import socket
import statistics
import struct
import time
from dataclasses import dataclass, field

from engine import LARGEST, ours
from engine import SETTINGS as ENGINE
from measuring import Times, load_command, load_result, milliseconds
from stack import fastcgi
from stage import Stage, end_build
from table import say

# What a waiting client may cost, and how much later /healthz may be answered beside all of them.
GOAL_KIB, GOAL_RATIO = 24, 3
# Beside what the engine itself reads of a deployment when its build ends.
GOAL_READS = 1
# A tool has a tenth of the places, and one tool has all readers.
PLACES = 20_000
SETTINGS = {
    **ENGINE,
    "MAX_WAITING_REQUESTS": str(PLACES),
    "MAX_CONCURRENT_REQUESTS": "8192",
    # The fake cluster is slower than a real one, above all in a debug build.
    "CLUSTER_DEADLINE_SECONDS": "120",
}
GATEWAY = {
    "max_exchanges": 8000,
    "service_timeout": "120s",
    "client_timeout": "120s",
    "more": {"MAX_WAITING": PLACES, "MAX_WAITING_EACH": PLACES},
}
# The longest wait, and how many connections are made at a time: fewer than the backlog of the service's socket.
WAIT, AT_A_TIME = 50, 128
WAITING = "components_api_http_requests_waiting"


@dataclass
class Sizes:
    """How many of what."""

    tools: int
    deployments: int
    through_nginx: int
    straight: int
    readers: int
    builds: int
    quiet_seconds: float


FULL = Sizes(tools=40, deployments=10, through_nginx=1_000, straight=4_000, readers=1_000, builds=LARGEST, quiet_seconds=5)
QUICK = Sizes(tools=8, deployments=5, through_nginx=100, straight=400, readers=100, builds=20, quiet_seconds=3)


def measure(stage, table, options):
    if not stage.is_fake:
        table.needs_fake("clients that wait for deployments")
        return
    sizes = QUICK if options.quick else FULL
    for count, way in ((sizes.through_nginx, "through nginx"), (sizes.straight, "straight to the socket")):
        with live(SETTINGS) as (own, chain), own.service(GATEWAY) as idle:
            asyncio.run(Waiters(own, chain, idle, sizes, way, table, options).measure(count))
    with live(SETTINGS) as (own, chain):
        asyncio.run(Readers(own, chain, table).measure(sizes))


@contextlib.contextmanager
def live(settings):
    """A cluster, and a service that drives its deployments and watches them."""
    with Stage() as stage:
        stage.cluster.create_namespace("components-api")
        with stage.service(GATEWAY, **settings) as chain:
            with chain.connection() as connection:
                deadline = time.monotonic() + 60
                while True:
                    _, response = connection.call("GET", "/readyz", expected=None)
                    if connection.status == 200 and not json.loads(response)["messages"]["warning"]:
                        break
                    if time.monotonic() > deadline:
                        raise RuntimeError(f"the service does not become live: {response!r}")
                    time.sleep(0.1)
            yield stage, chain


class Crowd:
    """What many clients of one service have in common."""

    def __init__(self, stage, chain, table):
        self.stage, self.chain, self.table = stage, chain, table
        self.failures, self.watches = [], 0
        self._connecting = asyncio.Semaphore(AT_A_TIME)

    async def connect(self):
        """A connection straight to the service's socket."""
        connection = socket.socket(socket.AF_UNIX)
        connection.setblocking(False)
        async with self._connecting:
            while True:
                try:
                    connection.connect(str(self.chain.service.socket))
                    return await asyncio.open_unix_connection(sock=connection)
                except BlockingIOError:
                    # The backlog of the socket is full.
                    await asyncio.sleep(0.05)

    async def gather(self, count, begin, at_a_time):
        """Lets so many clients begin, a quarter of them first: what the service takes once for all is not counted to the others.

        Only a few begin at a time, so that what is measured is what a client keeps while it waits, not what its arrival takes.
        Returns their tasks, the seconds until all wait, and the service's memory with the first and with all."""
        tasks, first, began = [], count // 4, time.monotonic()
        try:
            for goal in (first, count):
                while len(tasks) < goal:
                    many = min(at_a_time, goal - len(tasks))
                    await asyncio.to_thread(self.stage.forget_journal)
                    tasks += [asyncio.create_task(begin(number)) for number in range(len(tasks), len(tasks) + many)]
                    await self.arrived(many, tasks)
                if goal == first:
                    before = self.chain.usage.megabytes
            return tasks, time.monotonic() - began, (count - first, before, self.chain.usage.megabytes)
        except BaseException:
            await self.dismiss(tasks)
            raise

    async def arrived(self, many, tasks, seconds=60):
        """Waits until all wait, and the last ones have looked at their deployments."""
        deadline = time.monotonic() + seconds
        while True:
            looks, waiting = await asyncio.to_thread(lambda: (len(self.entries("get")), self.waiting()))
            if looks >= many and waiting >= len(tasks):
                self.watches += len(self.entries("watch"))
                return
            if self.failures or any(task.done() for task in tasks):
                raise RuntimeError(f"{waiting} of {len(tasks)} wait: {self.failures[:3]}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"after {seconds} s {waiting} of {len(tasks)} wait, and {looks} of the last {many} have looked")
            await asyncio.sleep(0.02)

    def waiting(self):
        """How many requests wait or are streamed."""
        status, _, text = fastcgi.request(self.chain.service.listen, "GET", "/metrics")
        (line,) = [line for line in text.decode().splitlines() if line.startswith(f"{WAITING} ")]
        return int(float(line.split()[1]))

    def entries(self, verb):
        """The calls of that verb for deployments, since the journal was forgotten."""
        return [entry for entry in self.stage.cluster.journal() if (entry["verb"], entry["resource"]) == (verb, "tooldeployments")]

    @staticmethod
    async def dismiss(tasks):
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def add_memory(self, count, before, after):
        each = (after - before) * 1024 / count
        self.table.add(
            "… memory of the service for each",
            f"{each:.1f} KiB ({before:.1f} → {after:.1f} MB for {count:,} more)",
            goal=f"≤ {GOAL_KIB} KiB",
            met=each <= GOAL_KIB,
        )


class Waiters(Crowd):
    """Clients that wait, each for one of many deployments."""

    def __init__(self, stage, chain, idle, sizes, way, table, options):
        super().__init__(stage, chain, table)
        self.idle, self.sizes, self.way, self.options = idle, sizes, way, options
        self.ended, self.late = {}, Times()
        self.again = 0

    def deploy(self, tools, each):
        """Deployments of one build each: {(tool, id): build}."""
        made = {}
        for _ in range(tools):
            tool = self.stage.make_tool()
            with self.chain.connection(tool) as connection:
                tool.store(connection, 1)
                for _ in range(each):
                    identifier = tool.deploy(connection)[1]
                    made[tool, identifier] = None
            for build in self.stage.cluster.builds(tool.name):
                (identifier,) = [each for _, each in made if each in build["metadata"].get("annotations", {}).values()]
                made[tool, identifier] = build["metadata"]["name"]
        return made

    async def wait(self, tool, identifier):
        """Waits for the end of a deployment; one whose time is over waits anew."""
        try:
            while True:
                path = f"{tool.deploy_path}/{identifier}?wait={WAIT}"
                ask = self.by_nginx if self.way == "through nginx" else self.by_socket
                status, body = await ask(tool, path)
                if status != 200:
                    raise RuntimeError(f"{status} {body[:200]!r}")
                if json.loads(body)["data"]["status"] in ("finished", "error"):
                    self.late.append(time.monotonic() - self.ended[identifier])
                    return
                self.again += 1
        except Exception as error:  # noqa: BLE001: whatever it is, it is told
            self.failures.append(repr(error))
            raise

    async def by_socket(self, tool, path):
        reader, writer = await self.connect()
        try:
            writer.write(fastcgi.message("GET", path, fastcgi.verified(tool.name)))
            output = b"".join([piece async for piece in output_of(reader)])
        finally:
            writer.close()
        head, _, body = output.partition(b"\r\n\r\n")
        status = [line for line in head.split(b"\r\n") if line.lower().startswith(b"status:")]
        return (int(status[0].split()[1]) if status else 200), body

    async def by_nginx(self, tool, path):
        async with self._connecting:
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", self.chain.api.port, ssl=self.contexts[tool], ssl_handshake_timeout=120
            )
        try:
            writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        finally:
            writer.transport.abort()
        return int(head.split()[1]), body

    async def measure(self, count):
        sizes, table = self.sizes, self.table
        total = sizes.tools * sizes.deployments
        say(f"{count:,} clients that wait for {total} deployments, {self.way}")
        alone = await asyncio.to_thread(self.reads_alone)
        made = self.deploy(sizes.tools, sizes.deployments)
        self.contexts = {tool: self.chain.api.context(tool.certificate) for tool, _ in made}
        await self.healthz(self.chain)
        await self.healthz(self.idle)
        keys = list(made)
        tasks, took, memory = await self.gather(count, lambda number: self.wait(*keys[number % len(keys)]), at_a_time=100)
        try:
            table.add(f"{count:,} clients that wait for {total} deployments, {self.way}", f"all wait after {took:.1f} s")
            self.add_memory(*memory)
            await self.quiet()
            await self.beside()
            await self.end(made, tasks, alone, count)
            self.watches += len(self.entries("watch"))
        finally:
            await self.dismiss(tasks)
        table.add(
            "… watches of deployments begun for them",
            f"{self.watches} (one goes on since the start)",
            goal="0, or 1 that is renewed",
            met=self.watches <= 1,
        )

    def reads_alone(self):
        """How often a deployment whose build has ended is read if nobody waits: by the engine."""
        made = self.deploy(2, 5)
        self.stage.forget_journal()
        with self.stage.cluster_connection() as direct:
            for build in made.values():
                end_build(direct, build)
        deadline = time.monotonic() + 60
        # Listed, because a reading would count.
        tools = {tool for tool, _ in made}
        while any(not is_over(record) for tool in tools for record in self.stage.cluster.deployments(tool.name)):
            if time.monotonic() > deadline:
                raise RuntimeError("the ends of builds were not stored within 60 s")
            time.sleep(0.2)
        return len(self.entries("get")) / len(made)

    async def quiet(self):
        """Nothing happens for some seconds: what is asked of the cluster?"""
        self.stage.forget_journal()
        again = self.again
        await asyncio.sleep(self.sizes.quiet_seconds)
        calls = [entry["resource"] for entry in ours(self.stage)]
        own, anew = calls.count("tooldeployments"), self.again - again
        # No builder works here. Of a build that does not begin within a minute the engine asks why, whoever waits.
        notes = [f"{anew} waits were over, and began anew"] * bool(anew)
        notes += [f"{len(calls) - own} more by the engine, about builds that do not begin"] * (len(calls) > own)
        self.table.add(
            f"… calls to the cluster for them in {self.sizes.quiet_seconds:.0f} s in which nothing changes",
            f"{own}" + (f" ({'; '.join(notes)})" if notes else ""),
            goal="0",
            met=own <= anew,
        )

    async def healthz(self, chain, seconds=1):
        command, environment = load_command(chain.target(), "/healthz", seconds=seconds)
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=asyncio.subprocess.PIPE)
        return load_result((await process.communicate())[0].decode())

    async def beside(self):
        seconds, rounds = (1, 2) if self.options.quick else (2, 3)
        # In turn, so that changes in the machine's speed affect both.
        pairs = [(await self.healthz(self.chain, seconds), await self.healthz(self.idle, seconds)) for _ in range(rounds)]
        ratio = statistics.median(beside.nearly_all / without.nearly_all for beside, without in pairs)
        here, there = (statistics.median(pair[number].nearly_all for pair in pairs) for number in range(2))
        self.table.add(
            "… /healthz beside them, 99th percentile",
            f"{milliseconds(here)}, {milliseconds(there)} of a service without",
            ratio=ratio,
            goal=f"≤ {GOAL_RATIO} ×",
            met=ratio <= GOAL_RATIO,
        )

    async def end(self, made, tasks, alone, count):
        self.stage.forget_journal()
        again = self.again

        def end_all():
            with self.stage.cluster_connection() as direct:
                for (_, identifier), build in made.items():
                    # Before the call, because the response may be there before it returns.
                    self.ended[identifier] = time.monotonic()
                    end_build(direct, build)

        await asyncio.to_thread(end_all)
        _, rest = await asyncio.wait(tasks, timeout=120)
        if rest or self.failures:
            raise RuntimeError(f"{len(rest)} of {count} were not answered: {self.failures[:3]}")
        reads = (len(self.entries("get")) - (self.again - again)) / len(made)
        self.table.add(
            "… reads of a deployment at its end",
            f"{reads:.2f} ({alone:.2f} if nobody waits)",
            goal=f"≤ {GOAL_READS} more than if nobody waits",
            met=reads - alone <= GOAL_READS,
        )
        self.table.add(
            "… from a build's end to the answers",
            f"{milliseconds(self.late.median)} median, {milliseconds(self.late.percentile(99))} 99th percentile of {len(self.late):,}",
        )


class Readers(Crowd):
    """Readers of the events of one deployment."""

    def __init__(self, stage, chain, table):
        super().__init__(stage, chain, table)
        self.events = self.bytes = 0

    async def read(self, tool, path):
        """Reads to the end; checks that no version comes twice or goes back, and that there is one end."""
        last, ends, head = 0, 0, b""
        try:
            reader, writer = await self.connect()
            more = {**fastcgi.verified(tool.name), "HTTP_ACCEPT": "text/event-stream"}
            writer.write(fastcgi.message("GET", path, more))
            pending, is_body = b"", False
            async for piece in output_of(reader):
                self.bytes += len(piece)
                pending += piece
                if not is_body:
                    head, found, rest = pending.partition(b"\r\n\r\n")
                    if not found:
                        continue
                    pending, is_body = rest, True
                *events, pending = pending.split(b"\n\n")
                for event in events:
                    fields = dict(line.partition(b": ")[::2] for line in event.partition(b"\ndata: ")[0].split(b"\n"))
                    if b"id" not in fields:
                        # A sign of life, or the word that the service goes on elsewhere.
                        continue
                    version = int(fields[b"id"])
                    if version <= last:
                        raise RuntimeError(f"the event {version} came after {last}")
                    last = version
                    ends += fields.get(b"event") == b"end"
                    self.events += 1
            writer.close()
            if ends != 1:
                raise RuntimeError(f"a stream had {ends} ends: {head!r}, and last {pending[:200]!r}")
        except Exception as error:  # noqa: BLE001: whatever it is, it is told
            self.failures.append(repr(error))
            raise
        return time.monotonic()

    async def measure(self, sizes):
        say(f"{sizes.readers:,} readers of the events of one deployment of {sizes.builds} builds")
        tool = self.stage.make_tool()
        with self.chain.connection(tool) as connection:
            tool.store(connection, sizes.builds)
            identifier = tool.deploy(connection)[1]
        builds = list(self.stage.builds(tool))
        path = f"{tool.deploy_path}/{identifier}/events"
        tasks, took, memory = await self.gather(sizes.readers, lambda _: self.read(tool, path), at_a_time=10)
        try:
            what = f"{sizes.readers:,} readers of the events of one deployment of {sizes.builds} builds"
            self.table.add(what, f"all read after {took:.1f} s")
            self.add_memory(*memory)
            self.stage.forget_journal()

            def end_all():
                with self.stage.cluster_connection() as direct:
                    return [end_build(direct, build) for build in builds][-1]

            ended = await asyncio.to_thread(end_all)
            _, rest = await asyncio.wait(tasks, timeout=300)
            if rest or self.failures:
                raise RuntimeError(f"{len(rest)} of {sizes.readers} had no end: {self.failures[:3]}")
        finally:
            await self.dismiss(tasks)
        calls = ours(self.stage)
        changes = len([entry for entry in calls if (entry["resource"], entry["verb"]) == ("tooldeployments", "patch")])
        reads = len([entry for entry in calls if (entry["resource"], entry["verb"]) == ("tooldeployments", "get")])
        self.table.add(
            "… from the last build's end to the last reader's end",
            f"{max(task.result() for task in tasks) - ended:.2f} s; {self.events / sizes.readers:.1f} events each, "
            f"{self.bytes / 2**20:,.0f} MB in all, no id twice, one end each",
        )
        self.table.add(
            "… reads of the deployment for all of them",
            f"{reads} of {changes} stored changes",
            # One of the readers, one of the engine, and the last look of either.
            goal="≤ 1 a change, beside the engine's",
            met=reads <= 2 * changes + 2,
        )


async def output_of(reader):
    """The pieces of a response as a FastCGI connection carries it, until its end."""
    while True:
        _, kind, _, size, padding = struct.unpack("!BBHHBx", await reader.readexactly(8))
        content = await reader.readexactly(size + padding)
        if kind == fastcgi.END:
            return
        if kind == fastcgi.STDOUT and size:
            yield content[:size]


def is_over(record):
    """Whether a stored deployment has succeeded."""
    return (record.get("status") or {}).get("phase") == "succeeded"
