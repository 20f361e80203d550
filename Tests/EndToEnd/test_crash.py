"""The service is killed and started again: the next request continues what was interrupted. See also test_crash_points.py."""

import pytest

from stack.cluster import fault


def kill(service, when, **where):
    return fault({"kill": service.pid, "when": when}, **where)


RECORD = {"verb": "create", "resource": "tooldeployments"}


def test_killed_before_the_record_nothing_was_started(tool, service):
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
