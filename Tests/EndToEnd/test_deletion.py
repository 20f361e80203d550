"""Objects that were deleted and only wait for a finalizer: nothing is stored in them, and they count as gone."""

from stack.cluster import fault, refusal

OURS = "/apis/deploy.toolforge.org/v1/namespaces/tool-{}"
HELD = {"metadata": {"finalizers": ["example.org/held"]}}
FREE = {"metadata": {"finalizers": None}}


def hold_and_delete(tool, plural, name):
    """Deletes an object that a finalizer holds; its path."""
    path = f"{OURS.format(tool.name)}/{plural}/{name}"
    tool.cluster.request("PATCH", path, HELD, "application/merge-patch+json")
    tool.cluster.request("DELETE", path)
    assert tool.cluster.get(path)["metadata"]["deletionTimestamp"]
    return path


def free(tool, path):
    tool.cluster.request("PATCH", path, FREE, "application/merge-patch+json")
    assert tool.cluster.get(path) is None


def test_nothing_is_said_to_be_stored_in_a_config_that_goes(tool):
    tool.store()
    path = hold_and_delete(tool, "toolconfigs", f"{tool.name}-config")
    assert tool.api.get(tool.config_path).status == 404
    response = tool.api.post(tool.config_path, tool.config("other"))
    assert response.status == 409, response
    assert "is being deleted" in response.error
    assert not response.info
    assert tool.api.post(tool.deploy_path).status == 404
    free(tool, path)
    tool.store(tool.config("other"))
    assert set(tool.api.get(tool.config_path).data["components"]) == {"other"}


def test_a_deployment_that_goes_is_not_replayed(tool):
    tool.store()
    key = {"Idempotency-Key": "again"}
    identifier = tool.api.post(tool.deploy_path, headers=key).data["deploy-id"]
    tool.follow(identifier)
    path = hold_and_delete(tool, "tooldeployments", identifier)
    assert tool.api.get(f"{tool.deploy_path}/{identifier}").status == 404
    # As a real API server says it.
    message = f'object is being deleted: tooldeployments.deploy.toolforge.org "{identifier}" already exists'
    taken = fault(refusal(409, "AlreadyExists", message), verb="create", resource="tooldeployments")
    with tool.cluster.faults(taken):
        response = tool.api.post(tool.deploy_path, headers=key)
    assert response.status == 409, response
    assert "is being deleted" in response.error
    free(tool, path)
    assert tool.api.post(tool.deploy_path, headers=key).status == 201


def test_a_deployment_that_goes_is_not_counted(tool):
    tool.store()
    with tool.cluster.paused_builder():
        going = tool.deploy()["deploy-id"]
        path = hold_and_delete(tool, "tooldeployments", going)
        kept = [tool.deploy()["deploy-id"] for _ in range(10)]
        assert tool.records() == [going, *kept]
    free(tool, path)
