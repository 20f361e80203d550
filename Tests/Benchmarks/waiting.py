"""Who waits: exchanges whose cluster does not answer, and clients that wait for deployments (waiters.py)."""

import asyncio
import statistics

import waiters
from measuring import load_command, load_result, middle, milliseconds
from stack.cluster import fault
from table import say

GOAL_SECONDS = 0.05
GOAL_RATIO = 3
# The chain must accept this many, and none of them may end before the measurement does.
SETTINGS = {"MAX_CONCURRENT_REQUESTS": "4096", "CLUSTER_DEADLINE_SECONDS": "300"}
# Nor may nginx time out while one Python process makes a thousand handshakes.
GATEWAY = {"max_exchanges": 4000, "service_timeout": "300s", "client_timeout": "300s"}


def measure(stage, table, options):
    if not stage.is_fake:
        table.needs_fake("/healthz beside 1,000 exchanges that wait for the cluster")
        return
    for count in (500, 1000):
        say(f"{count} exchanges that wait for the cluster")
        with stage.service(GATEWAY, **SETTINGS) as chain, stage.service(GATEWAY, **SETTINGS) as idle:
            tool = stage.make_tool()
            with chain.connection(tool) as connection:
                tool.store(connection, 1)
                connection.call("GET", tool.config_path)
            asyncio.run(beside(stage, chain, idle, tool, count, table, options))
    waiters.measure(stage, table, options)


async def beside(stage, chain, idle, tool, count, table, options):
    async def healthz(asked=chain):
        command, environment = load_command(asked.target(), "/healthz", seconds=options.seconds)
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=asyncio.subprocess.PIPE)
        return load_result((await process.communicate())[0].decode())

    threads = chain.usage.threads
    await healthz()
    await healthz(idle)
    descriptors, memory = chain.usage.descriptors, chain.usage.megabytes
    # Threads of the runtime's pool end when idle, and return.
    threads = max(threads, chain.usage.threads)

    hang = fault({"hang": "before"}, times=None, resource="toolconfigs", verb="get")
    with stage.cluster.faults(hang) as fired:
        context = chain.api.context(tool.certificate)
        waiting = [asyncio.create_task(wait(chain.api.port, context, tool.config_path)) for _ in range(count)]
        try:
            # Each exchange is a connection of nginx to the service.
            while chain.usage.descriptors < descriptors + count:
                for task in waiting:
                    if task.done():
                        raise RuntimeError(f"an exchange that should wait has ended: {task.result()!r}")
                await asyncio.sleep(0.05)
            # All have arrived; when the service uses no more processor time for them, they wait.
            before = -1.0
            while (now := chain.usage.cpu_seconds) > before:
                before = now
                await asyncio.sleep(0.3)
            # In turn, so that changes in the machine's speed affect both.
            rounds = [(await healthz(), await healthz(idle)) for _ in range(options.rounds)]
            usage = chain.usage
            threads_beside, memory_beside, at_cluster = usage.threads, usage.megabytes, fired()[0]
            if ended := [task for task in waiting if task.done()]:
                raise RuntimeError(f"{len(ended)} of {count} exchanges did not wait: {ended[0].result()!r}")
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    together, alone = (middle(one[number] for one in rounds) for number in range(2))
    ratio = statistics.median(beside.median / without.median for beside, without in rounds)
    beside_them = f"/healthz beside {count} that wait ({at_cluster} of them at the cluster)"
    table.add(
        beside_them,
        together.figure,
        goal=f"< {milliseconds(GOAL_SECONDS)} (worst)",
        met=together.worst < GOAL_SECONDS,
    )
    table.add(
        "… to its time without them",
        f"{alone.figure} of a service without",
        ratio=ratio,
        goal=f"≤ {GOAL_RATIO} × (median)",
        met=ratio <= GOAL_RATIO,
    )
    table.add(
        "… threads and memory of the service",
        f"{threads} → {threads_beside} threads, {memory:.1f} → {memory_beside:.1f} MB",
        ratio=threads_beside / threads,
        goal="no more threads",
        met=threads_beside <= threads,
    )


async def wait(port, context, path):
    """One exchange; returns the first bytes of its response, which should not arrive."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, ssl_handshake_timeout=120)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        return await reader.read(200)
    finally:
        writer.transport.abort()
