"""POST /deploy against a cluster that takes 20 ms for every call."""

import json

from measuring import Times, milliseconds
from stack.cluster import fault
from stack.tool import annotation
from stage import end_build
from table import say

LATENCY = 20
GOAL_SECONDS = 0.2
GOAL_CALLS = 10
# One less than the limit: none of these deploys of a tool has to remove an older one.
ROOM = 9


def measure(stage, table, options):
    if not stage.is_fake:
        table.needs_fake(f"POST /deploy, {LATENCY} ms a call")
        return
    say(f"deploys, with {LATENCY} ms on every call to the cluster")
    slow = fault({"latencyMilliseconds": LATENCY}, times=None)
    with stage.service() as chain:
        cold = Times(first_after_start(stage, chain, slow) for _ in range(3 if options.quick else 5))
        add(table, f"POST /deploy, 50 components, {LATENCY} ms a call: the first after a start", cold)

        with_room = deploys(stage, chain, slow, 50, options.deploys)
        add(table, f"POST /deploy, 50 components, {LATENCY} ms a call", with_room)

        with stage.cluster.faults(slow), stage.cluster_connection() as direct:
            tool = stage.make_tool()
            one = Times(direct.call("GET", tool.object_path, expected=404)[0] for _ in range(22)[2:])
        hundred = deploys(stage, chain, slow, 100, options.deploys)
        ratio = hundred.median / one.median
        table.add(
            f"POST /deploy, 100 components, to one call of {milliseconds(one.median)}",
            hundred.figure,
            ratio=ratio,
            goal=f"≤ {GOAL_CALLS} × (median)",
            met=ratio <= GOAL_CALLS,
        )

        for ended, which in ((True, "has ended"), (False, "still builds")):
            times = removing(stage, chain, slow, max(2, options.deploys // 4), ended)
            add(table, f"… 50 components, and the oldest of 10, which {which}, is removed", times)


def add(table, what, times):
    goal = f"< {milliseconds(GOAL_SECONDS)} (worst)"
    table.add(what, times.figure, ratio=times.worst / GOAL_SECONDS, goal=goal, met=times.worst < GOAL_SECONDS)


def first_after_start(stage, chain, slow):
    tool = stage.make_tool()
    with chain.connection(tool) as connection:
        tool.store(connection, 50)
        chain.service.restart()
        # Only the service is cold: it has no open connection to the cluster, and has not run any request.
        connection.call("GET", "/healthz")
        with stage.cluster.faults(slow):
            return tool.deploy(connection)[0]


def deploys(stage, chain, slow, components, count):
    times = Times()
    while len(times) < count:
        tool = stage.make_tool()
        with chain.connection(tool) as connection:
            tool.store(connection, components)
            with stage.cluster.faults(slow):
                # Warms up: opens the connections to the cluster.
                tool.deploy(connection)
                for _ in range(min(ROOM - 1, count - len(times))):
                    times.append(tool.deploy(connection)[0])
        stage.forget_journal()
    return times


def removing(stage, chain, slow, count, ended):
    """Deploys of a tool that has the most deployments that are kept."""
    tool = stage.make_tool()
    times = Times()
    with chain.connection(tool) as connection:
        tool.store(connection, 50)
        for _ in range(ROOM + 1):
            identifier = tool.deploy(connection)[1]
            if ended:
                end(stage, tool, identifier)
                response = connection.call("GET", f"{tool.deploy_path}/{identifier}")[1]
                if json.loads(response)["data"]["status"] != "finished":
                    raise RuntimeError(f"{identifier} should be finished: {response[:500]!r}")
        with stage.cluster.faults(slow):
            for _ in range(count):
                times.append(tool.deploy(connection)[0])
    stage.forget_journal()
    return times


def end(stage, tool, identifier):
    """Lets every build of the deployment succeed, without a builder."""
    names = [name for name, build in stage.builds(tool).items() if annotation(build, "deployment") == identifier]
    if not names:
        raise RuntimeError(f"{identifier} has no builds")
    with stage.cluster_connection() as direct:
        for name in names:
            end_build(direct, name)
