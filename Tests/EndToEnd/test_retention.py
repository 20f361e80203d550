"""The latest deployments stay, the others go, with their builds."""

import threading

from stack.processes import wait_until


def is_cancelled(build):
    return (build["spec"].get("status") or "").startswith("Cancel")


def has_ended(build):
    conditions = (build.get("status") or {}).get("conditions") or [{}]
    return conditions[0].get("status") in ("True", "False")


def deploy_all(tool, count):
    """Makes that many deployments, one after the other; returns their ids."""
    return [tool.deploy()["deploy-id"] for _ in range(count)]


def test_the_latest_ten_stay(tool):
    tool.store()
    with tool.cluster.paused_builder():
        identifiers = deploy_all(tool, 12)
    assert tool.records() == identifiers[2:]
    for gone in identifiers[:2]:
        assert tool.look(gone).status == 404
    for kept in (identifiers[2], identifiers[-1]):
        assert tool.look(kept).status == 200


def test_unfinished_builds_of_a_removed_deployment_are_cancelled_before_its_record_goes(tool):
    tool.store(tool.config("web", "worker"))
    with tool.cluster.paused_builder():
        identifiers = deploy_all(tool, 10)
        with tool.cluster.recording() as journal:
            tool.deploy()
        builds = tool.builds()
        for (deployment, _), build in builds.items():
            assert is_cancelled(build) == (deployment == identifiers[0]), deployment
    steps = [
        f"{entry['verb']} {entry['resource']}"
        for entry in journal.writes
        if entry["verb"] in ("patch", "delete", "create") and entry["subresource"] is None
    ]
    assert steps[:4] == ["patch pipelineruns"] * 2 + ["delete tooldeployments", "create tooldeployments"], steps


def test_ended_builds_of_a_removed_deployment_are_left_alone(tool):
    tool.store()
    first = tool.deploy()["deploy-id"]
    tool.follow(first)
    with tool.cluster.paused_builder():
        deploy_all(tool, 10)
    assert first not in tool.records()
    (build,) = tool.builds_of(first).values()
    assert not is_cancelled(build)


def test_a_quota_of_exactly_ten_is_enough(tool):
    tool.cluster.create_quota(f"tool-{tool.name}", 10)
    tool.store()
    with tool.cluster.paused_builder():
        identifiers = deploy_all(tool, 13)
    assert tool.records() == identifiers[-10:]


def test_a_smaller_quota_leaves_as_many_as_it_allows(tool):
    tool.cluster.create_quota(f"tool-{tool.name}", 3)
    tool.store()
    with tool.cluster.paused_builder():
        identifiers = deploy_all(tool, 5)
        assert tool.records() == identifiers[-3:]
        builds = tool.builds()
        for (deployment, _), build in builds.items():
            assert is_cancelled(build) == (deployment in identifiers[:2])


def test_a_quota_that_allows_none_is_reported(tool):
    tool.cluster.create_quota(f"tool-{tool.name}", 0)
    tool.store()
    response = tool.api.post(tool.deploy_path)
    assert response.status == 422, response
    assert "quota" in response.error
    assert not tool.builds()


def test_no_deployment_is_given_up_for_a_quota_that_allows_none(tool):
    tool.store()
    with tool.cluster.paused_builder():
        identifiers = deploy_all(tool, 3)
        tool.cluster.create_quota(f"tool-{tool.name}", 0)
        response = tool.api.post(tool.deploy_path)
        assert response.status == 422, response
        assert tool.records() == identifiers
        assert not any(is_cancelled(build) for build in tool.builds().values())


def test_a_quota_that_was_lowered_is_made_room_for_at_once(tool):
    tool.store()
    with tool.cluster.paused_builder():
        identifiers = deploy_all(tool, 6)
        tool.cluster.create_quota(f"tool-{tool.name}", 2)
        identifiers += deploy_all(tool, 1)
    assert tool.records() == identifiers[-2:]


def test_fifteen_deploys_at_once_leave_the_newest_ten(tool):
    tool.store()
    responses = []
    with tool.cluster.paused_builder():
        threads = [
            threading.Thread(target=lambda: responses.append(tool.api.post(tool.deploy_path))) for _ in range(15)
        ]
        with tool.cluster.recording() as journal:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert len(responses) == 15
        assert {response.status for response in responses} <= {201, 409}, responses
        records = tool.records()
        made = {
            entry["name"]: entry["body"]["spec"]["requestedAt"]
            for entry in journal.of("create", resource="tooldeployments")
            if entry["status"] == 201
        }
        assert len(made) == 15
        # Newest by the time of the request, then by id.
        assert len(records) == 10
        removed = set(made) - set(records)
        newest = sorted(made, key=lambda name: (made[name], name))[-10:]
        assert records == newest
        # A removed deployment's builds are stopped, and a kept one's were not touched.
        for (deployment, _), build in tool.builds().items():
            assert is_cancelled(build) == (deployment in removed), deployment
    for kept in records:
        tool.follow(kept)
    ended = [build for build in tool.builds().values() if has_ended(build) and not is_cancelled(build)]
    assert len(ended) == 10


def test_an_unreadable_record_does_not_block_deployments(tool):
    tool.put_unreadable_record()
    tool.store()
    with tool.cluster.paused_builder():
        identifiers = deploy_all(tool, 10)
    assert wait_until(lambda: tool.records() == identifiers, "the removal of the unreadable record", 5)
