"""Why a build failed, and what came of one that did not: in responses, records and events; what each costs."""

import datetime
import re

from stack.cluster import BUILDS, TEKTON, fault, refusal
from stack.processes import wait_until

URL = "https://example.org/r"
# How a build goes, by a stub; the reason, and words of the message.
FAILURES = {
    "script": ({"end": "fail", "step": "build", "exit": 3}, "BuildFailed", "(step build, exit code 3); "),
    "words": ({"end": "fail", "step": "build", "exit": 2, "message": "no luck"}, "BuildFailed", "(step build, exit code 2): no luck; "),
    "detect": ({"end": "fail", "step": "build", "exit": 20}, "BuildpackNotDetected", "(step build, exit code 20); "),
    "memory": ({"end": "oom"}, "OutOfMemory", "(step build, exit code 137); "),
    "evicted": ({"end": "evict"}, "Evicted", ": The node was low on resource: memory."),
    "image": ({"end": "image"}, "ImagePullFailed", ": Back-off pulling image"),
    "gone": (
        {"end": "fail", "step": "clone", "exit": 128, "message": f"fatal: repository '{URL}' not found"},
        "RepositoryNotFound",
        f"(step clone, exit code 128): fatal: repository '{URL}' not found; ",
    ),
    "private": (
        {"end": "fail", "step": "clone", "exit": 128, "message": "fatal: could not read Username for 'https://example.org'"},
        "RepositoryPrivate",
        "could not read Username",
    ),
    "host": (
        {"end": "fail", "step": "clone", "exit": 128, "message": "fatal: unable to access: Could not resolve host: x.test"},
        "RepositoryUnreachable",
        "Could not resolve host",
    ),
    "ref": (
        {"end": "fail", "step": "clone", "exit": 128, "message": "fatal: Remote branch x not found in upstream origin"},
        "RefNotFound",
        "Remote branch x not found",
    ),
    "quota": (
        {
            "end": "fail",
            "step": "export",
            "exit": 62,
            "message": "denied: adding 2 MiB of storage resource, which when updated to current usage of 1 GiB will exceed the "
            "configured upper limit of 1 GiB.",
        },
        "RegistryQuotaExceeded",
        "toolforge build clean",
    ),
    "denied": (
        {"end": "fail", "step": "export", "exit": 62, "message": "unauthorized: project not found"},
        "RegistryRefused",
        "unauthorized: project not found",
    ),
    # What only the log tells: the step leaves no termination message.
    "log-quota": (
        {
            "end": "fail",
            "step": "export",
            "exit": 62,
            "log": [
                "ERROR: failed to export: failed to write image to the following tags: [r/tool-x/web:latest: PUT "
                "https://r/v2/tool-x/web/manifests/latest: DENIED: adding 61.5 MiB of storage resource, which when updated to "
                "current usage of 1023.9 MiB will exceed the configured upper limit of 1.0 GiB.]"
            ],
        },
        "RegistryQuotaExceeded",
        "(step export, exit code 62): ERROR: failed to export: ",
    ),
    "log-detect": (
        {"end": "fail", "exit": 1, "log": ["ERROR: No buildpack groups passed detection.", "ERROR: Please check the path."]},
        "BuildpackNotDetected",
        "(step build, exit code 1): ERROR: No buildpack groups passed detection.; ",
    ),
    "log-memory": (
        {"end": "fail", "exit": 51, "log": ["FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory"]},
        "OutOfMemory",
        "JavaScript heap out of memory; make the build need less memory",
    ),
    "log-private": (
        {"end": "fail", "step": "clone", "exit": 128, "log": ["fatal: Authentication failed for 'https://example.org/r/'"]},
        "RepositoryPrivate",
        "Authentication failed",
    ),
    "log-other": ({"end": "fail", "exit": 7, "log": ["DENIED: is what the build says"]}, "BuildFailed", "(step build, exit code 7); "),
}


def test_every_failure_has_its_reason_and_says_where_and_what_to_do(tool):
    tool.store(tool.config(*FAILURES, "good"))
    with tool.cluster.paused_builder():
        started = tool.deploy()
        builds = started["builds"]
        plans = [{"run": builds[name]["build-id"], **plan} for name, (plan, _, _) in FAILURES.items()]
        with tool.cluster.build_plans(*plans):
            tool.cluster.resume_builder()
            data = tool.follow(started["deploy-id"])
    for name, (_, reason, words) in FAILURES.items():
        build = data["builds"][name]
        assert build["status"] == "error", name
        assert build["reason"] == reason, (name, build)
        assert words in build["message"], (name, build)
        assert "; " in build["message"], (name, build)
        assert build["started"] <= build["ended"]
        assert "image" not in build
    assert data["builds"]["good"]["status"] == "finished"
    assert data["status"] == "error"
    assert data["reason"] in {reason for _, reason, _ in FAILURES.values()}
    # The record says the same.
    status = tool.cluster.deployment(tool.name, started["deploy-id"])["status"]
    assert status["reason"] == data["reason"]
    assert {name: status["builds"][name]["reason"] for name in FAILURES} == {
        name: reason for name, (_, reason, _) in FAILURES.items()
    }

    def event():
        events = tool.cluster.request("GET", f"/api/v1/namespaces/tool-{tool.name}/events")["items"]
        return [item["message"] for item in events if item["reason"] == "DeploymentFailed"]

    (message,) = wait_until(event, "the event of the failure")
    assert message.startswith(f"{len(FAILURES)} of {len(FAILURES) + 1} builds did not succeed: denied (RegistryRefused), ")


def test_a_good_build_has_its_image_and_its_times(tool):
    tool.store()
    data = tool.follow(tool.deploy()["deploy-id"])
    (build,) = data["builds"].values()
    assert build["status"] == "finished"
    assert "reason" not in build and "reason" not in data
    assert re.fullmatch(rf"\S+/tool-{tool.name}/\S+:latest@sha256:[0-9a-f]{{64}}", build["image"])
    assert build["started"] <= build["ended"]


def test_a_build_whose_pod_cannot_begin_says_what_it_waits_for(tool):
    tool.store(tool.config("web"))
    with tool.cluster.paused_builder():
        started = tool.deploy()
        name = started["builds"]["web"]["build-id"]
        with tool.cluster.build_plans({"run": name, "end": "unschedulable"}):
            tool.cluster.resume_builder()

            def task():
                children = (tool.cluster.build(name).get("status") or {}).get("childReferences") or [{}]
                if "name" not in children[0]:
                    return None
                status = tool.cluster.get(f"{TEKTON}/namespaces/{BUILDS}/taskruns/{children[0]['name']}").get("status") or {}
                return [condition["reason"] for condition in status.get("conditions", [])] == ["ExceededNodeResources"]

            wait_until(task, "the pod that has no node")
            assert "reason" not in tool.deployment(started["deploy-id"])["builds"]["web"]
            # As it is two minutes later.
            begun = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
            path = f"{TEKTON}/namespaces/{BUILDS}/pipelineruns/{name}/status"
            tool.cluster.request("PATCH", path, {"status": {"startTime": begun}}, "application/merge-patch+json")
            data = tool.deployment(started["deploy-id"])
            assert data["status"] == data["builds"]["web"]["status"] == "running"
            assert data["reason"] == data["builds"]["web"]["reason"] == "Unschedulable"
            assert "the build waits" in data["builds"]["web"]["message"]
            assert tool.cluster.deployment(tool.name, started["deploy-id"])["status"]["reason"] == "Unschedulable"
    tool.cluster.delete_build(name)


def test_an_end_costs_a_read_more_and_only_once(tool):
    """One of a good end; of a bad one a second, to find the pod whose log is kept."""
    bad = {"components": {"bad": tool.component(ref="no-such-branch")}}
    for config, most in ((tool.config(), 1), (bad, 2)):
        tool.store(config)
        identifier = tool.deploy()["deploy-id"]
        name = next(iter(tool.builds_of(identifier)))
        build = tool.builds_of(identifier)[name]["metadata"]["name"]
        wait_until(lambda: (tool.cluster.build(build).get("status") or {}).get("completionTime"), "the end of the build")
        with tool.cluster.recording() as journal:
            end = tool.deployment(identifier)
            assert tool.deployment(identifier) == end
        reads = [entry for entry in journal.summary() if "taskruns" in entry]
        assert reads == ["get/taskruns/200"] * len(reads) and len(reads) <= most


def test_an_end_of_which_nothing_more_can_be_read_is_stored_all_the_same(tool):
    tool.store({"components": {"bad": tool.component(ref="no-such-branch")}})
    with tool.cluster.faults(fault(refusal(500, "InternalError"), verb="get", resource="taskruns", times=None)):
        data = tool.follow(tool.deploy()["deploy-id"])
    build = data["builds"]["bad"]
    assert build["reason"] == "BuildFailed"
    assert "Tasks Completed: 1 (Failed: 1, Cancelled 0), Skipped: 0" in build["message"]
