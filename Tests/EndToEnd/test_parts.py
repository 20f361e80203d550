"""Deployments of some of the config's components."""

import pytest


@pytest.fixture
def shop(tool):
    """A tool of two components that are built, and one that reuses a build."""
    config = tool.config("api", "web")
    config["components"]["job"] = {"build": {"reuse_from": "web"}}
    tool.store(config)
    return tool


def deploy(tool, body, **headers):
    response = tool.api.post(tool.deploy_path, body, headers=headers)
    assert response.status == 201, response
    return response.data


def test_only_the_part_is_built(shop):
    part = deploy(shop, {"components": ["web"], "description": "the front page"})
    assert set(part["builds"]) == {"web"} == set(shop.builds_of(part["deploy-id"]))
    assert (part["components"], part["description"]) == (["web"], "the front page")
    ended = shop.follow(part["deploy-id"])
    assert ended["status"] == "finished"
    spec = shop.cluster.deployment(shop.name, part["deploy-id"])["spec"]
    assert spec["options"]["components"] == ["web"]
    assert set(spec["config"]["components"]) == {"api", "web", "job"}
    whole = deploy(shop, None)
    assert set(whole["builds"]) == {"api", "web", "job"} and "components" not in whole
    # The newest is the newest, whatever its parts are.
    assert shop.api.get(f"{shop.deploy_path}/latest").data["deploy-id"] == whole["deploy-id"]


def test_what_is_reused_is_taken_along(shop):
    part = deploy(shop, {"components": ["job"]})
    assert set(shop.builds_of(part["deploy-id"])) == {"web"}
    assert part["builds"]["job"]["build-id"] == part["builds"]["web"]["build-id"] and len(part["builds"]) == 2
    plan = shop.api.post(f"{shop.deploy_path}?dry-run=true", {"components": ["job"]})
    assert {name: each["action"] for name, each in plan.data["components"].items()} == {"job": "reuse", "web": "build"}
    assert len(shop.records()) == 1


def test_the_fields_clients_see_the_part(shop):
    part = deploy(shop, {"components": ["job"]})
    data = shop.api.get(f"{shop.field}/deployment/{part['deploy-id']}").data
    assert set(data["builds"]) == {"web", "job"} == set(data["runs"])
    assert data["builds"]["job"]["build_status"] == "skipped"
    refused = shop.api.post(f"{shop.field}/deployment", {"components": ["web"]})
    assert refused.status == 422 and "is not known" in refused.error


def test_what_is_no_part_is_refused(shop):
    for body, words in (
        ({"components": ["wbe"]}, "did you mean web?"),
        ({"components": []}, "a list of 1 to 100 names"),
        ({"components": ["web", "web"]}, 'names "web" twice'),
        ({"components": "web"}, "a list of 1 to 100 names"),
        ({"components": ["web"], "refs": {"api": "main"}}, "is not deployed"),
        ({"components": ["web"], "description": "x" * 1_001}, "at most 1000 characters"),
        ({"componets": ["web"]}, "Did you mean components?"),
    ):
        response = shop.api.post(shop.deploy_path, body)
        assert response.status == 422 and words in response.error, response
    assert shop.records() == []


def test_a_part_again_and_with_other_refs(shop):
    first = deploy(shop, {"components": ["web"], "ref": "main"})
    assert first["builds"]["web"]["ref"] == "main"
    again = deploy(shop, {"from": first["deploy-id"]})
    assert set(shop.builds_of(again["deploy-id"])) == {"web"}
    response = shop.api.post(shop.deploy_path, {"from": first["deploy-id"], "components": ["api"]})
    assert response.status == 422 and f"was not deployed by {first['deploy-id']}" in response.error


def test_a_repeat_of_a_part(shop):
    key = {"Idempotency-Key": "one"}
    first = deploy(shop, {"components": ["web", "api"]}, **key)
    again = shop.api.post(shop.deploy_path, {"components": ["api", "web"]}, headers=key)
    assert (again.status, again.data["deploy-id"]) == (200, first["deploy-id"])
    for other in ({"components": ["web"]}, None):
        assert shop.api.post(shop.deploy_path, other, headers=key).status == 409


def test_parts_overlap_as_whole_deployments_do(shop):
    with shop.cluster.paused_builder():
        first = deploy(shop, {"components": ["api"]})
        refused = shop.api.post(shop.deploy_path, {"components": ["web"], "overlap": "reject"})
        assert refused.status == 409
        newer = deploy(shop, {"components": ["web"], "overlap": "supersede"})
        older = shop.deployment(first["deploy-id"])
        assert older["superseded-by"] == newer["deploy-id"]
