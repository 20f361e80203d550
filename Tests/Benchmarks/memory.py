"""Memory, descriptors and threads of the process: after its start, and after very many requests."""

import json
import time

from deploys import end
from measuring import load, loading
from table import say

GOAL_MEGABYTES = 40
GOAL_GROWTH = 0.02
CLIENTS = 16
# How many requests between two measurements; then the fake cluster's journal is emptied.
BLOCK = 10_000
# The warm-up, before growth counts: a tenth of the requests, but at least this many. Until then the allocator still grows to
# the most that is in use at once.
WARM_UP = 40_000


def measure(stage, table, options):
    say(f"memory over {options.requests:,} requests")
    with stage.service() as chain:
        tool = stage.make_tool()
        with chain.connection(tool) as connection:
            connection.call("GET", "/healthz")
            first, threads = chain.usage.megabytes, chain.usage.threads
            tool.store(connection, 3)
        table.add(
            "memory after the start",
            f"{first:.1f} MB",
            ratio=first / GOAL_MEGABYTES,
            goal=f"≤ {GOAL_MEGABYTES} MB",
            met=first <= GOAL_MEGABYTES,
        )
        warm_up = max(options.requests // 10, WARM_UP if options.configuration == "release" else 0)
        grow(table, chain, Mixture(stage, chain, tool), warm_up, options.requests, first, threads)


class Mixture:
    """Requests of every kind: of 100, 95 are GETs in equal parts by 16 clients, and 5 store a config. With a fake cluster also
    deploys, a few in each block, which remove the oldest deployment."""

    def __init__(self, stage, chain, tool):
        self.stage, self.chain, self.tool = stage, chain, tool
        self.paths = ["/healthz", "/readyz", "/openapi.json", tool.config_path]
        with chain.connection(tool) as connection:
            self.body = stage.make_directory() / "config.json"
            self.body.write_text(json.dumps(json.loads(connection.call("GET", tool.config_path)[1])["data"]))
            if stage.is_fake:
                # An ended deployment to read, of a tool of its own, so that it is not removed.
                identifier = tool.deploy(connection)[1]
                end(stage, tool, identifier)
                self.paths.append(f"{tool.deploy_path}/{identifier}")
                self.deployer = stage.make_tool()
        if stage.is_fake:
            with chain.connection(self.deployer) as connection:
                self.deployer.store(connection, 3)

    def ask(self, count):
        target = self.chain.target(self.tool)
        with loading(target, self.tool.config_path, requests=count // 20, body=self.body) as stored:
            load(target, *self.paths, clients=CLIENTS, requests=count - count // 20)
            stored()
        if self.stage.is_fake:
            with self.chain.connection(self.deployer) as connection:
                for _ in range(count // 1000):
                    self.deployer.deploy(connection)
        self.stage.forget_journal()


def grow(table, chain, mixture, warm_up, requests, first, threads):
    def settled():
        """The open descriptors once nginx has closed the connection of every exchange."""
        before = -1
        while (now := chain.usage.descriptors) != before:
            before = now
            time.sleep(0.2)
        return chain.usage.megabytes, now, chain.usage.threads

    def ask(count):
        while count > 0:
            mixture.ask(min(count, BLOCK))
            count -= BLOCK
            say(f"  {chain.usage.megabytes:.1f} MB")

    ask(warm_up)
    before = settled()
    # Threads of the runtime's pool end when idle, and return.
    threads = max(threads, before[2])
    ask(requests // 2)
    halfway = settled()[0]
    ask(requests - requests // 2)
    after = settled()
    growth = after[0] / before[0] - 1
    table.add(
        f"memory's growth over {requests:,} requests of every kind, after {warm_up:,} to warm up",
        # A leak grows in the second half as in the first; an allocator that settles does not.
        f"{before[0]:.1f} → {halfway:.1f} → {after[0]:.1f} MB ({growth * 100:+.1f} %); {first:.1f} MB when cold",
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
