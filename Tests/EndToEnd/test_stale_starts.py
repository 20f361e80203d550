"""Old deployments that are read again: they build nothing over a newer image, and say so."""

import pytest
from stack.cluster import fault, refusal

RECORDS = "/apis/deploy.toolforge.org/v1/namespaces/tool-{}/tooldeployments"


def unstarted(tool, **more):
    """A deployment whose builds could not be created."""
    starts = fault(
        refusal(503, "ServiceUnavailable"), verb="create", resource="pipelineruns", namespace="image-build", times=None
    )
    with tool.cluster.faults(starts):
        response = tool.api.post(tool.deploy_path, **more)
    assert response.status == 201, response
    assert not tool.builds()
    return response.data["deploy-id"]


def runs(tool, identifier):
    """The deployment's runs that are not cancelled."""
    return [
        run for run in tool.builds_of(identifier).values() if not (run["spec"].get("status") or "").startswith("Cancel")
    ]


@pytest.mark.parametrize("way", ["GET", "HEAD", "replay"])
def test_an_old_deployment_does_not_build_over_a_newer_image(tool, way):
    tool.store()
    key = {"headers": {"Idempotency-Key": "again"}} if way == "replay" else {}
    old = unstarted(tool, **key)
    newer = tool.deploy()
    assert tool.follow(newer["deploy-id"])["status"] == "finished"
    if way == "HEAD":
        assert tool.api.request("HEAD", f"{tool.deploy_path}/{old}").status == 200
    elif way == "replay":
        assert tool.api.post(tool.deploy_path, **key).data["deploy-id"] == old
    data = tool.deployment(old)
    assert data["status"] == "error"
    assert newer["deploy-id"] in data["builds"]["web"]["message"]
    assert not runs(tool, old)
    record = tool.cluster.deployment(tool.name, old)
    assert record["status"]["builds"]["web"]["reason"] == "Superseded"


def restore(tool, identifier, days):
    """Deletes the record and creates it again as a backup of that age would."""
    path = RECORDS.format(tool.name)
    record = tool.cluster.deployment(tool.name, identifier)
    tool.cluster.request("DELETE", f"{path}/{identifier}")
    metadata = {"name": identifier, "annotations": record["metadata"].get("annotations") or {}}
    spec = dict(record["spec"])
    year = int(spec["requestedAt"][:4])
    spec["requestedAt"] = f"{year - 1}{spec['requestedAt'][4:]}" if days else spec["requestedAt"]
    body = {"apiVersion": record["apiVersion"], "kind": record["kind"], "metadata": metadata, "spec": spec}
    tool.cluster.request("POST", path, body)


def test_a_record_that_comes_back_from_a_backup_starts_nothing(tool):
    tool.store()
    identifier = tool.deploy()["deploy-id"]
    assert tool.follow(identifier)["status"] == "finished"
    for run in tool.builds_of(identifier).values():
        tool.cluster.delete_build(run["metadata"]["name"])
    restore(tool, identifier, days=365)
    data = tool.deployment(identifier)
    assert data["status"] == "error"
    assert "not started within 600 s" in data["builds"]["web"]["message"]
    assert not tool.builds_of(identifier)
    record = tool.cluster.deployment(tool.name, identifier)
    assert record["status"]["builds"]["web"]["reason"] == "NotStarted"


def test_what_the_newer_deployment_has_not_built_is_built(tool):
    tool.store(tool.config("a", "b"))
    old = unstarted(tool)
    tool.store(tool.config("b"))
    assert tool.follow(tool.deploy()["deploy-id"])["status"] == "finished"
    tool.deployment(old)
    end = tool.follow(old)
    assert {name: build["status"] for name, build in end["builds"].items()} == {"a": "finished", "b": "error"}
    assert [run["metadata"]["annotations"]["deploy.toolforge.org/component"] for run in runs(tool, old)] == ["a"]
