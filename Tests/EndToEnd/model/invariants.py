"""The rules for a journal, once every request has settled.

I1  each build of each deployment is created exactly once
I2  no build is created before its record exists; none continues when its record is gone
I3  every response to a client is true
I4  the newest deployments stay, and no more than the limit
I5  a final status never changes, and every deployment reaches one
I6  nothing else is written; a spec never changes
I7  no update is lost: each was made from the version that it replaced
I8  a record is removed only in the version that was read
I9  a build's good end is noted among the newest good builds before it is stored; none of these gives way to an older one
"""

from .replay import Replay, Violation, builds_of, commits, ended


def check(journal, tool, retained, service=None, responses=(), settled=True):
    """Every violation in a tool's part of the journal, in order. `settled`: every deployment must have ended."""
    replay = Replay(journal, tool, retained, service)
    violations = list(replay.violations)
    violations += runs_without_record(replay)
    if settled:
        violations += unsettled(replay)
    violations += false_responses(replay, responses)
    return violations


def runs_without_record(replay):
    for run in replay.runs.values():
        record = replay.records.get(run.deployment)
        if record is None or record.deleted is None or run.cancelled:
            continue
        # Tekton's webhook refuses to cancel a run that has ended, so such an attempt is not in the journal.
        if run.ended and run.ended < record.deleted:
            continue
        noted = builds_of(record.status).get(run.component) or {}
        if run.created > record.deleted or not ended(noted.get("phase")) or noted.get("start") == "refused":
            yield Violation("I2", f"{run.name} runs on without its record {record.name}")


def unsettled(replay):
    living = replay.living
    if len(living) > replay.retained:
        yield Violation("I4", f"{len(living)} deployments are kept: {sorted(record.name for record in living)}")
    for record in living:
        if not ended(record.status.get("phase")):
            yield Violation("I5", f"{record.name} never ended: {record.status.get('phase')}")
        for component, name in record.builds.items():
            noted = builds_of(record.status).get(component) or {}
            if name not in replay.runs.keys() | replay.freed and noted.get("start") != "refused":
                yield Violation("I1", f"{component} of {record.name} was never built")


def false_responses(replay, responses):
    """Checks responses in the order in which they were received. Each restricts those to requests that began after it."""
    ends = {}
    for response in responses:
        if response.status == 404:
            identifier = response.path.rpartition("/")[2]
            if identifier in replay.records and not replay.records[identifier].deleted:
                yield Violation("I3", f"{identifier} was said not to be there, and is")
        if response.status >= 300:
            continue
        identifier = response.data["deploy-id"]
        record = replay.records.get(identifier)
        if record is None:
            yield Violation("I3", f"{identifier} was reported and does not exist")
            continue
        reported = response.data["builds"]
        if {component: build["build-id"] for component, build in reported.items()} != record.builds:
            yield Violation("I3", f"{identifier} was reported with other builds: {reported}")
        for component, build in reported.items():
            if build["build-id"] not in replay.runs.keys() | replay.freed and not (
                build["status"] == "error" and build["message"] or "not confirmed" in build["message"]
            ):
                yield Violation("I3", f"{component} of {identifier} was said to be built and is not: {build}")
        known, when = ends.get(identifier, (None, 0))
        if known and when <= response.began and known != response.data["status"]:
            yield Violation("I3", f"{identifier} was {known}, then {response.data['status']}")
        if response.data["status"] in ("finished", "error") and not known:
            ends[identifier] = response.data["status"], response.ended


def report(violations, journal, tool, seed=None, script=()):
    """A failure for people to read: the seed, each violated rule and where, and the script that led to it."""
    lines = [f"{len(violations)} violations for the tool {tool}" + ("" if seed is None else f", TEST_SEED={seed}")]
    lines += [str(violation) for violation in violations]
    lines += [f"  by {step}" for step in script]
    indices = [violation.index for violation in violations if violation.index is not None]
    first = min(indices, default=None)
    for entry in commits(journal, tool):
        mark = ">" if entry["index"] in indices else " "
        if first is None or entry["index"] <= max(indices):
            lines.append(
                f"{mark} {entry['revision']} {entry['verb']} {entry['resource']}"
                f"{'/' + entry['subresource'] if entry['subresource'] else ''} {entry['name']} {entry['status']}"
                f"{' (' + entry['fault'] + ')' if entry['fault'] else ''}"
            )
    return "\n".join(lines)
