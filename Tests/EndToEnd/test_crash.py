"""The service is killed in the middle of a deployment: started again, one look finishes what was begun."""

import pytest

from stack.cluster import fault


def kill(service, when, **where):
    return fault({"kill": service.pid, "when": when}, **where)


RECORD = {"verb": "create", "resource": "tooldeployments"}
BUILD = {"verb": "create", "resource": "pipelineruns"}
POINTS = {
    "after the record": ("after", RECORD),
    "before the first build": ("before", BUILD),
    "after the first build": ("after", BUILD),
    "before the third build": ("before", {**BUILD, "skip": 2}),
    "after the third build": ("after", {**BUILD, "skip": 2}),
    "before the status": ("before", {"resource": "tooldeployments", "subresource": "status"}),
    "after the status": ("after", {"resource": "tooldeployments", "subresource": "status"}),
}


@pytest.mark.parametrize("when, where", [pytest.param(*point, id=name) for name, point in POINTS.items()])
def test_every_build_exists_once_and_the_deployment_ends(tool, service, when, where):
    tool.store(tool.config("a", "b", "c"))
    with tool.cluster.recording() as journal:
        with tool.cluster.faults(kill(service, when, **where)) as fired:
            answer = tool.api.post(tool.deploy_path)
            assert fired() == [1]
        assert answer.status == 502
        assert service.process.wait() == -9
        (identifier,) = tool.records()
        service.start()
        data = tool.deployment(identifier)
        assert set(data["builds"]) == set(tool.builds_of(identifier)) == {"a", "b", "c"}
        assert tool.follow(identifier)["status"] == "finished"
    created = [
        entry["name"] or entry["body"]["metadata"]["name"]
        for entry in journal.of("create", resource="pipelineruns")
        if entry["committed"]
    ]
    assert len(created) == len(set(created)) == 3
    assert tool.records() == [identifier]


def test_killed_before_the_record_nothing_was_begun(tool, service):
    tool.store()
    with tool.cluster.faults(kill(service, "before", **RECORD)):
        assert tool.api.post(tool.deploy_path).status == 502
    service.process.wait()
    service.start()
    assert not tool.records()
    assert not tool.builds()
    assert tool.follow(tool.deploy()["deploy-id"])["status"] == "finished"


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_while_making_room_the_next_deployment_makes_it(tool, service, when):
    tool.store()
    with tool.cluster.paused_builder():
        identifiers = [tool.deploy()["deploy-id"] for _ in range(10)]
        with tool.cluster.faults(kill(service, when, verb="delete", resource="tooldeployments")):
            assert tool.api.post(tool.deploy_path).status == 502
        service.process.wait()
        service.start()
        latest = tool.deploy()["deploy-id"]
        assert tool.records() == [*identifiers[1:], latest]
        (build,) = tool.builds_of(identifiers[0]).values()
        assert build["spec"]["status"].startswith("Cancel")


def test_killed_while_storing_a_config_it_is_the_old_or_the_new_one(tool, service):
    tool.store()
    for when, expected in (("before", tool.config()), ("after", tool.config("new"))):
        with tool.cluster.faults(kill(service, when, verb="patch", resource="toolconfigs")):
            assert tool.api.post(tool.config_path, tool.config("new")).status == 502
        service.process.wait()
        service.start()
        assert tool.api.get(tool.config_path).data == expected
