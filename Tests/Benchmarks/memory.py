"""What the process takes: to start, in memory, and after many requests."""

import time

from measuring import Times, load, milliseconds
from table import say

GOAL_START = 0.15
GOAL_MEGABYTES = 40
GOAL_GROWTH = 0.02


def measure(stage, table, options):
    say("start to the first answer")
    with stage.service() as chain:
        start(chain, table, 3 if options.quick else 7)
    say(f"memory over {options.requests:,} requests")
    with stage.service() as chain:
        memory(stage, chain, table, options.requests)


def start(chain, table, count):
    """From the moment at which spawn-fcgi is started; nginx is there all the time."""
    times = Times()
    for _ in range(count):
        chain.service.kill()
        with chain.connection() as connection:
            began = time.perf_counter()
            # Without the wait of `Service.start`: the socket is nginx's to find.
            chain.service.launch()
            while connection.call("GET", "/healthz", expected=None) and connection.status != 200:
                chain.service.process.check()
                time.sleep(0.001)
            times.append(time.perf_counter() - began)
    goal = f"≤ {milliseconds(GOAL_START)} (median)"
    table.add(
        "start to the first answer, spawn-fcgi and nginx included",
        times.figure,
        ratio=times.median / GOAL_START,
        goal=goal,
        met=times.median <= GOAL_START,
    )


def memory(stage, chain, table, requests):
    tool = stage.make_tool()
    with chain.connection(tool) as connection:
        connection.call("GET", "/healthz")
        first, threads = chain.usage.megabytes, chain.usage.threads
        tool.store(connection, 10)
        connection.call("GET", tool.config_path)
    table.add(
        "memory after the start",
        f"{first:.1f} MB",
        ratio=first / GOAL_MEGABYTES,
        goal=f"≤ {GOAL_MEGABYTES} MB",
        met=first <= GOAL_MEGABYTES,
    )

    def ask(count):
        """Half of them reads that ask the cluster."""
        load(chain.api.port, "/healthz", 16, requests=count // 2, pem=tool.pem)
        load(chain.api.port, tool.config_path, 16, requests=count // 2, pem=tool.pem)
        stage.forget_journal()

    def settled():
        """What is open once nginx has hung up on every exchange."""
        before = -1
        while (now := chain.usage.descriptors) != before:
            before = now
            time.sleep(0.2)
        return chain.usage.megabytes, now, chain.usage.threads

    ask(requests // 10)
    before = settled()
    # Threads of the runtime's pool end when they have nothing to do, and come back.
    threads = max(threads, before[2])
    halfway = 0.0
    for tenth in range(10):
        if tenth == 5:
            halfway = settled()[0]
        ask(requests // 10)
    after = settled()
    growth = after[0] / before[0] - 1
    table.add(
        f"growth over {requests:,} requests, after {requests // 10:,} to warm up",
        # A leak grows in the second half as it did in the first; an allocator that settles does not.
        f"{before[0]:.1f} → {halfway:.1f} → {after[0]:.1f} MB ({growth * 100:+.1f} %)",
        ratio=after[0] / before[0],
        goal=f"< {GOAL_GROWTH * 100:.0f} %",
        met=growth < GOAL_GROWTH,
    )
    table.add(
        "… descriptors and threads",
        f"{before[1]} → {after[1]} descriptors, {threads} → {after[2]} threads",
        goal="no more",
        met=after[1] <= before[1] and after[2] <= threads,
    )
