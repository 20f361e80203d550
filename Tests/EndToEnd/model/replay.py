"""Replays a tool's part of a journal: what was stored, in the order of the cluster's revisions."""

from collections import defaultdict
from dataclasses import dataclass, field

GROUP = "deploy.toolforge.org"
RECORDS, RUNS, CONFIGS, EVENTS = "tooldeployments", "pipelineruns", "toolconfigs", "events"
GOOD_BUILDS = "toolbuilds"


@dataclass
class Record:
    """A ToolDeployment."""

    name: str
    uid: str
    requested_at: str
    created: int
    version: str
    builds: dict
    status: dict = field(default_factory=dict)
    deleted: int | None = None
    """The revision at which it was removed."""

    @property
    def age(self):
        """The order of age: when it was asked for, by the cluster's clock, then the name."""
        return self.requested_at, self.name


@dataclass
class Run:
    """A PipelineRun."""

    name: str
    deployment: str
    component: str
    created: int
    only_takes_the_name: bool
    cancelled: int | None = None
    """The revision of the first request to stop it."""
    ended: int | None = None
    """The revision at which it ended."""

    @property
    def build(self):
        return self.deployment, self.component


@dataclass(frozen=True)
class Violation:
    """A violated rule, and where in the journal."""

    invariant: str
    text: str
    index: int | None = None

    def __str__(self):
        return f"{self.invariant}: {self.text}"


def tool_of(entry):
    """The tool that an entry is about, if any."""
    if entry["resource"] == RUNS:
        return (entry["name"] or "").partition("-buildpacks-pipelinerun-")[0]
    return (entry["namespace"] or "").removeprefix("tool-")


def by_tool(journal):
    """The journal of each tool."""
    found = defaultdict(list)
    for entry in journal:
        found[tool_of(entry)].append(entry)
    return found


def commits(journal, tool):
    """The entries about a tool that changed something, in the order of the changes."""
    mine = [entry for entry in journal if entry["committed"] and tool_of(entry) == tool]
    return sorted(mine, key=lambda entry: entry["revision"])


def ended(phase):
    return phase in ("succeeded", "failed", "cancelled", "timedOut")


def builds_of(status):
    return (status or {}).get("builds") or {}


def is_final(entry):
    """Whether the cluster refused that call for good. A conflict passes; but a read has none."""
    passing = {404, 429} if entry["verb"] == "get" else {404, 409, 429}
    return 400 <= (entry["status"] or 0) < 500 and entry["status"] not in passing


class Replay:
    """The state after the journal, and each step that violated a rule."""

    def __init__(self, journal, tool, retained, service=None):
        """`retained`: how many deployments are kept. `service`: its user; what others did is no violation."""
        self.tool, self.retained, self.service = tool, retained, service
        self.records, self.runs, self.violations = {}, {}, []
        # Names of runs that others deleted: they may be created again.
        self.freed = set()
        # The age of the newest good build of each component, as it is noted.
        self.good = {}
        # Whether the cluster refused to note good builds, or answered nonsense twice: then those may be missing.
        calls = [entry for entry in journal if entry["resource"] == GOOD_BUILDS and tool_of(entry) == tool]
        self.is_refused = sum(bool(entry["fault"]) for entry in calls) > 1 or any(map(is_final, calls))
        for entry in commits(journal, tool):
            step = getattr(self, f"_{entry['verb']}_{entry['resource']}", None)
            if step:
                step(entry)
            elif entry["resource"] not in (EVENTS, CONFIGS) and self._is_ours(entry):
                self._fault(entry, "I6", f"{entry['verb']} {entry['resource']} is nothing that the service does")

    def _is_ours(self, entry):
        return self.service in (None, entry["user"])

    def _fault(self, entry, invariant, text):
        self.violations.append(Violation(invariant, text, entry["index"]))

    # ---- records ----------------------------------------------------------------------------------------------------

    def _create_tooldeployments(self, entry):
        name, result = entry["name"], entry["result"]
        if name in self.records:
            self._fault(entry, "I1", f"the record {name} was made twice")
        self.records[name] = Record(
            name,
            result["uid"],
            entry["body"]["spec"].get("requestedAt") or result["creationTimestamp"],
            entry["revision"],
            result["resourceVersion"],
            {component: build["id"] for component, build in entry["body"]["spec"]["builds"].items()},
        )

    def _patch_tooldeployments(self, entry):
        record = self.records.get(entry["name"])
        if entry["subresource"] != "status" or "spec" in entry["body"]:
            if self._is_ours(entry):
                self._fault(entry, "I6", f"the spec of {entry['name']} was changed")
            return
        if record is None or record.deleted:
            self._fault(entry, "I6", f"the status of {entry['name']} was stored without the record")
            return
        version = (entry["body"].get("metadata") or {}).get("resourceVersion")
        if version != record.version:
            self._fault(
                entry, "I7", f"an update of {record.name} was made from {version}, not {record.version}: one is lost"
            )
        before, after = builds_of(record.status), builds_of(entry["body"]["status"])
        for component, old in before.items():
            new = after.get(component, old)
            if ended(old["phase"]) and new != old:
                self._fault(entry, "I5", f"{record.name} {component} left its end: {old} became {new}")
            if old["phase"] == "running" and new["phase"] == "pending":
                self._fault(entry, "I5", f"{record.name} {component} waits again")
            if old["start"] == "created" and new["start"] != "created":
                self._fault(entry, "I5", f"{record.name} {component} is unknown again")
        for component in set(after) - set(record.builds):
            self._fault(entry, "I5", f"{record.name} has no {component}")
        record.status = {**record.status, **entry["body"]["status"], "builds": {**before, **after}}
        record.version = entry["result"]["resourceVersion"]
        self._check_good_builds(entry, record, {"builds": before})

    _update_tooldeployments = _patch_tooldeployments

    def _delete_tooldeployments(self, entry):
        record = self.records.get(entry["name"])
        if record is None:
            self._fault(entry, "I6", f"{entry['name']} was removed and never made")
            return
        if self._is_ours(entry):
            asked = (entry["body"] or {}).get("preconditions") or {}
            if asked != {"uid": record.uid, "resourceVersion": record.version}:
                self._fault(entry, "I8", f"{record.name} was removed under the conditions {asked}")
            newer = [other for other in self.living if other.age > record.age]
            if len(newer) < self.retained - 1:
                self._fault(entry, "I4", f"{record.name} was removed with {len(newer)} newer ones")
        record.deleted = entry["revision"]

    @property
    def living(self):
        return [record for record in self.records.values() if not record.deleted]

    # ---- the newest good builds --------------------------------------------------------------------------------------

    def _create_toolbuilds(self, entry):
        self._note_good_builds(entry, entry["body"]["spec"])

    def _patch_toolbuilds(self, entry):
        if self._is_ours(entry) and "/metadata/resourceVersion" not in [step["path"] for step in entry["body"]]:
            self._fault(entry, "I7", "good builds were changed in no version")
        (spec,) = (step["value"] for step in entry["body"] if step["path"] == "/spec")
        self._note_good_builds(entry, spec)

    def _note_good_builds(self, entry, spec):
        found = {name: (build["requestedAt"], build["deployment"]) for name, build in spec["components"].items()}
        for component, age in self.good.items():
            if found.get(component, ("", "")) < age:
                self._fault(entry, "I9", f"the good build of {component} went back to {found.get(component)}")
        self.good = found

    def _check_good_builds(self, entry, record, before):
        for component, build in builds_of(record.status).items():
            if build["phase"] != "succeeded" or (builds_of(before).get(component) or {}).get("phase") == "succeeded":
                continue
            if self.good.get(component, ("", "")) < record.age and not self.is_refused:
                self._fault(entry, "I9", f"{component} of {record.name} ended well and was not noted before")

    # ---- runs -------------------------------------------------------------------------------------------------------

    def _create_pipelineruns(self, entry):
        annotations = entry["body"]["metadata"].get("annotations") or {}
        name = entry["name"]
        run = Run(
            name,
            annotations.get(f"{GROUP}/deployment"),
            annotations.get(f"{GROUP}/component"),
            entry["revision"],
            (entry["body"]["spec"].get("status") or "").startswith("Cancelled"),
        )
        if run.only_takes_the_name:
            run.cancelled = entry["revision"]
        for other in self.runs.values():
            if other.build == run.build:
                self._fault(entry, "I1", f"{run.component} of {run.deployment} was built twice")
        record = self.records.get(run.deployment)
        if record is None:
            self._fault(entry, "I2", f"{name} was created before the record {run.deployment}")
        elif record.builds.get(run.component) != name:
            self._fault(entry, "I2", f"{name} is not the name that the record {run.deployment} has for {run.component}")
        self.runs[name] = run

    def _patch_pipelineruns(self, entry):
        run = self.runs.get(entry["name"])
        spec = (entry["body"] or {}).get("spec")
        if run and entry["subresource"] == "status" and not run.ended:
            conditions = entry["body"]["status"].get("conditions") or []
            if any(condition["status"] in ("True", "False") for condition in conditions):
                run.ended = entry["revision"]
        if not self._is_ours(entry):
            return
        if run is None or entry["subresource"] or set(entry["body"]) != {"spec"} or set(spec) != {"status"}:
            self._fault(entry, "I6", f"{entry['name']} was changed by {entry['body']}")
        elif spec["status"].startswith("Cancelled"):
            run.cancelled = run.cancelled or entry["revision"]

    def _delete_pipelineruns(self, entry):
        run = self.runs.get(entry["name"])
        if self._is_ours(entry):
            # The sweep removes what no record has; such a run stays known, so that it is still seen if it was left to run.
            record = run and self.records.get(run.deployment)
            if run is None or (record and record.deleted is None and record.builds.get(run.component) == run.name):
                self._fault(entry, "I6", f"{entry['name']} was deleted")
        elif self.runs.pop(entry["name"], None):
            self.freed.add(entry["name"])
