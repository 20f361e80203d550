"""The time from the service's start to its first response."""

import time

from measuring import Times, milliseconds
from table import say

GOAL_SECONDS = 0.15


def measure(stage, table, options):
    say("start to the first response")
    times = Times()
    with stage.service() as chain:
        for _ in range(3 if options.quick else 9):
            chain.service.kill()
            with chain.connection() as connection:
                # nginx runs all the time; measured from the start of spawn-fcgi.
                began = time.perf_counter()
                # Without the wait of `Service.start`: nginx has to find the socket.
                chain.service.launch()
                while connection.call("GET", "/healthz", expected=None) and connection.status != 200:
                    chain.service.process.check()
                    time.sleep(0.001)
                times.append(time.perf_counter() - began)
    table.add(
        "start to the first response, spawn-fcgi and nginx included",
        times.figure,
        ratio=times.median / GOAL_SECONDS,
        goal=f"≤ {milliseconds(GOAL_SECONDS)} (median)",
        met=times.median <= GOAL_SECONDS,
    )
