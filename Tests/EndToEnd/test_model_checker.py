"""The checker itself: it accepts a correct journal, and finds every violation."""

import copy
import itertools

import pytest

from model.invariants import check, report
from model.replay import GROUP
from model.script import shortest
from stack.api import Response

TOOL, RETAINED = "demo", 2
CREATED = {"start": "created", "phase": "pending", "message": "m"}


class Scribe:
    """Writes a journal as the fake cluster does."""

    def __init__(self):
        self.entries, self.revisions = [], itertools.count(1)
        self.times, self.good = {}, None

    def note(self, verb, resource, name, body, subresource=None, uid=None, time="t", user="service"):
        revision = next(self.revisions)
        self.entries.append(
            {
                "index": len(self.entries),
                "verb": verb,
                "resource": resource,
                "subresource": subresource,
                "name": name,
                "namespace": "image-build" if resource == "pipelineruns" else f"tool-{TOOL}",
                "body": body,
                "user": user,
                "committed": True,
                "revision": revision,
                "status": 200,
                "fault": None,
                "result": {"uid": uid or f"uid-{name}", "resourceVersion": str(revision), "creationTimestamp": time},
            }
        )
        return str(revision)

    def record(self, name, *components, time="t"):
        builds = {component: {"id": build(name, component)} for component in components}
        self.times[name] = time
        return self.note("create", "tooldeployments", name, {"spec": {"builds": builds}}, time=time)

    def run(self, deployment, component, name=None, status=None):
        annotations = {f"{GROUP}/deployment": deployment, f"{GROUP}/component": component}
        body = {"metadata": {"annotations": annotations}, "spec": {"status": status} if status else {}}
        return self.note("create", "pipelineruns", name or build(deployment, component), body)

    def good_build(self, name, component, conditional=True):
        """Notes a good build of a deployment among the newest, as the service does before it stores the end."""
        age = {"requestedAt": self.times[name], "deployment": name}
        if self.good is None:
            self.good = {component: age}
            return self.note("create", "toolbuilds", f"{TOOL}-builds", {"spec": {"components": self.good}})
        self.good = {**self.good, component: age}
        steps = [{"op": "add", "path": "/spec", "value": {"components": self.good}}]
        if conditional:
            steps.insert(0, {"op": "replace", "path": "/metadata/resourceVersion", "value": "1"})
        return self.note("patch", "toolbuilds", f"{TOOL}-builds", steps)

    def status(self, name, version, phase="pending", notes=True, **builds):
        for component, build in builds.items():
            if notes and build["phase"] == "succeeded" and name in self.times:
                self.good_build(name, component)
        body = {"metadata": {"resourceVersion": version}, "status": {"phase": phase, "builds": builds}}
        return self.note("patch", "tooldeployments", name, body, "status")

    def cancel(self, name):
        return self.note("patch", "pipelineruns", name, {"spec": {"status": "CancelledRunFinally"}})

    def remove(self, name, version, uid=None):
        conditions = {"uid": uid or f"uid-{name}", "resourceVersion": version}
        return self.note("delete", "tooldeployments", name, {"preconditions": conditions})

    def whole(self, name, time="t"):
        """A deployment from its record to its end; the version of its last status."""
        version = self.record(name, "web", time=time)
        self.run(name, "web")
        version = self.status(name, version, web=CREATED)
        return self.status(name, version, "succeeded", web={**CREATED, "phase": "succeeded"})


def build(deployment, component):
    return f"{TOOL}-buildpacks-pipelinerun-{deployment}-{component}"


def broken(scribe, responses=(), settled=True):
    return {violation.invariant for violation in check(scribe.entries, TOOL, RETAINED, "service", responses, settled)}


@pytest.fixture
def scribe():
    return Scribe()


def test_a_deployment_that_went_well_breaks_nothing(scribe):
    version = scribe.whole("d1", "1")
    scribe.whole("d2", "2")
    scribe.remove("d1", version)
    scribe.whole("d3", "3")
    assert broken(scribe) == set()


def test_a_good_end_that_was_not_noted_before(scribe):
    version = scribe.record("d1", "web")
    scribe.run("d1", "web")
    scribe.status("d1", version, "succeeded", notes=False, web={**CREATED, "phase": "succeeded"})
    assert broken(scribe) == {"I9"}
    # What the cluster refused to take cannot be noted.
    refusal = scribe.entries[0] | {"resource": "toolbuilds", "committed": False, "status": 403}
    scribe.entries.append(refusal)
    assert broken(scribe) == set()
    # A conflict is not the end of it; but a read has none.
    refusal |= {"verb": "patch", "status": 409}
    assert broken(scribe) == {"I9"}
    refusal |= {"verb": "get"}
    assert broken(scribe) == set()


def test_a_good_build_that_gives_way_to_an_older_one(scribe):
    scribe.whole("d2", "2")
    scribe.record("d1", "web", time="1")
    scribe.good_build("d1", "web")
    assert "I9" in broken(scribe)


def test_good_builds_that_are_changed_in_no_version(scribe):
    scribe.whole("d1", "1")
    scribe.whole("d2", "2")
    scribe.good_build("d2", "web", conditional=False)
    assert broken(scribe) == {"I7"}


def test_the_order_is_that_of_the_revisions_not_that_of_the_entries(scribe):
    scribe.whole("d1")
    scribe.entries.reverse()
    assert broken(scribe) == set()


def test_what_was_not_done_or_is_another_tool_s_does_not_count(scribe):
    scribe.whole("d1")
    stray = copy.deepcopy(next(entry for entry in scribe.entries if entry["resource"] == "pipelineruns"))
    scribe.entries.append({**stray, "committed": False})
    scribe.entries.append({**stray, "name": stray["name"].replace(TOOL, "other")})
    assert broken(scribe) == set()


def test_a_build_that_is_created_twice(scribe):
    scribe.whole("d1")
    scribe.run("d1", "web")
    assert broken(scribe) == {"I1"}


def test_a_build_that_is_created_under_two_names(scribe):
    scribe.whole("d1")
    scribe.run("d1", "web", name=build("d1", "other"))
    assert broken(scribe) == {"I1", "I2"}


def test_a_build_that_is_never_created(scribe):
    scribe.status("d1", scribe.record("d1", "web"), "succeeded")
    assert broken(scribe) == {"I1"}


def test_a_build_before_its_record(scribe):
    scribe.run("d1", "web")
    version = scribe.record("d1", "web")
    scribe.status("d1", version, "succeeded", web={**CREATED, "phase": "succeeded"})
    assert broken(scribe) == {"I2"}


def test_a_build_that_is_created_when_its_record_is_gone(scribe):
    version = scribe.record("d1", "web", time="1")
    scribe.whole("d2", "2")
    scribe.remove("d1", version)
    scribe.run("d1", "web")
    assert broken(scribe) == {"I2"}
    scribe.cancel(build("d1", "web"))
    assert broken(scribe) == set()


def test_a_name_that_was_taken_is_not_a_build(scribe):
    version = scribe.record("d1", "web", time="1")
    scribe.whole("d2", "2")
    scribe.run("d1", "web", status="Cancelled")
    scribe.remove("d1", version)
    assert broken(scribe) == set()


def test_a_build_that_runs_on_when_its_record_has_gone(scribe):
    version = scribe.record("d1", "web", time="1")
    scribe.run("d1", "web")
    version = scribe.status("d1", version, web=CREATED)
    scribe.whole("d2", "2")
    scribe.remove("d1", version)
    assert broken(scribe) == {"I2"}
    # It ran all the same, although the sweep removes it.
    scribe.note("delete", "pipelineruns", build("d1", "web"), None)
    assert broken(scribe) == {"I2"}


def test_the_sweep_removes_what_has_no_record(scribe):
    version = scribe.whole("d1", "1")
    scribe.whole("d2", "2")
    scribe.remove("d1", version)
    scribe.note("delete", "pipelineruns", build("d1", "web"), None)
    assert broken(scribe) == set()


def test_a_removal_of_one_of_the_newest(scribe):
    scribe.remove("d1", scribe.whole("d1"))
    assert broken(scribe) == {"I4"}


def test_one_deployment_too_many(scribe):
    for number in range(RETAINED + 1):
        scribe.whole(f"d{number}", str(number))
    assert broken(scribe) == {"I4"}


@pytest.mark.parametrize(
    "before, after",
    [
        ({**CREATED, "phase": "failed"}, {**CREATED, "phase": "succeeded"}),
        ({**CREATED, "phase": "succeeded"}, {**CREATED, "phase": "succeeded", "message": "another"}),
        ({**CREATED, "phase": "running"}, CREATED),
        (CREATED, {**CREATED, "start": "unconfirmed"}),
    ],
)
def test_a_status_that_takes_something_back(scribe, before, after):
    version = scribe.record("d1", "web")
    scribe.run("d1", "web")
    version = scribe.status("d1", version, web=before)
    scribe.status("d1", version, "succeeded", web=after)
    assert broken(scribe) == {"I5"}


def test_a_deployment_that_never_ends(scribe):
    version = scribe.record("d1", "web")
    scribe.run("d1", "web")
    scribe.status("d1", version, web=CREATED)
    assert broken(scribe) == {"I5"}
    assert broken(scribe, settled=False) == set()


@pytest.mark.parametrize("version", [None, "1"])
def test_an_update_that_does_not_know_of_the_one_before(scribe, version):
    scribe.record("d1", "web")
    scribe.run("d1", "web")
    scribe.status("d1", "1", web=CREATED)
    scribe.status("d1", version, "succeeded", web={**CREATED, "phase": "succeeded"})
    assert broken(scribe) == {"I7"}


@pytest.mark.parametrize("conditions", [None, {}, {"uid": "uid-d1"}, {"uid": "another", "resourceVersion": "4"}])
def test_a_removal_of_something_else_than_was_read(scribe, conditions):
    scribe.whole("d1", "1")
    scribe.whole("d2", "2")
    body = None if conditions is None else {"preconditions": conditions}
    scribe.note("delete", "tooldeployments", "d1", body)
    assert broken(scribe) == {"I8"}


@pytest.mark.parametrize(
    "verb, resource, name, body",
    [
        ("patch", "tooldeployments", "d1", {"spec": {}}),
        ("update", "tooldeployments", "d1", {"spec": {}}),
        ("deletecollection", "tooldeployments", None, None),
        ("delete", "pipelineruns", build("d1", "web"), None),
        ("patch", "pipelineruns", build("d1", "web"), {"metadata": {"labels": {}}}),
        ("create", "secrets", "s", {}),
    ],
)
def test_a_write_that_is_none_of_the_service_s(scribe, verb, resource, name, body):
    scribe.whole("d1")
    scribe.note(verb, resource, name, body)
    assert broken(scribe) == {"I6"}
    scribe.entries[-1]["user"] = "somebody else"
    assert broken(scribe) == set()


def response(identifier, status="pending", build_id=build("d1", "web"), component="web", **more):
    reported = {"build-id": build_id, "status": status, "message": "m", **more}
    data = {"deploy-id": identifier, "status": status, "builds": {component: reported}}
    document = {"data": data, "messages": {"info": [], "warning": [], "error": []}}
    made = Response("POST", "/", 201, {"Content-Type": "application/json"}, b"")
    made.__class__ = type("Made", (Response,), {"document": document})
    return made


def test_true_responses_violate_nothing(scribe):
    scribe.whole("d1")
    assert broken(scribe, [response("d1"), response("d1", "finished"), response("d1", "finished")]) == set()


@pytest.mark.parametrize(
    "responses",
    [
        [response("d9")],
        [response("d1", component="other")],
        [response("d1", build_id="another")],
        [response("d1", "finished"), response("d1", "error")],
        [response("d1", "error"), response("d1", "pending")],
    ],
)
def test_a_response_that_is_not_true(scribe, responses):
    scribe.whole("d1")
    assert broken(scribe, responses) == {"I3"}


def test_a_response_that_does_not_find_what_is_there(scribe):
    scribe.whole("d1")
    missing = Response("GET", "/api/v1/tool/demo/deploy/d1", 404, {}, b"")
    assert broken(scribe, [missing]) == {"I3"}


def test_a_response_restricts_only_later_requests(scribe):
    scribe.whole("d1")
    first, second = response("d1", "finished"), response("d1", "pending")
    first.began, first.ended, second.began, second.ended = 1.0, 3.0, 2.0, 4.0
    assert broken(scribe, [first, second]) == set()
    second.began = 3.5
    assert broken(scribe, [first, second]) == {"I3"}


def test_a_build_that_was_reported_and_does_not_exist(scribe):
    scribe.record("d1", "web")
    assert broken(scribe, [response("d1")], settled=False) == {"I3"}
    for honest in (response("d1", "error"), response("d1", message="its start is not confirmed: no answer")):
        assert broken(scribe, [honest], settled=False) == set()


def test_a_report_names_the_seed_the_rule_the_place_and_the_script(scribe):
    scribe.whole("d1")
    scribe.run("d1", "web")
    violations = check(scribe.entries, TOOL, RETAINED, "service")
    text = report(violations, scribe.entries, TOOL, 17, ["kill before create pipelineruns"])
    assert "TEST_SEED=17" in text
    assert "I1: web of d1 was built twice" in text
    assert "by kill before create pipelineruns" in text
    assert [line for line in text.splitlines() if line.startswith(">")] == [
        f"> 6 create pipelineruns {build('d1', 'web')} 200"
    ]


def test_nothing_can_be_removed_from_the_shortest_script():
    tried = []

    def fails(steps):
        tried.append(steps)
        return {"a", "c"} <= set(steps)

    assert shortest("xaybcz", fails) == ["a", "c"]
    assert len(tried) < 30
