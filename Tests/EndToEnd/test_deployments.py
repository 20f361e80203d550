"""GET /deploy and /deploy/latest: what a tool's deployments are, and which is the newest."""


def listed(tool, query=""):
    response = tool.api.get(tool.deploy_path + query)
    assert response.status == 200, response
    return response.data["deployments"]


def test_deployments_are_listed_newest_first_by_one_call(tool):
    assert listed(tool) == []
    tool.store()
    ids = [tool.deploy()["deploy-id"] for _ in range(3)]
    for identifier in ids:
        tool.follow(identifier)
    with tool.cluster.recording() as journal:
        deployments = listed(tool)
    assert journal.summary() == ["list/tooldeployments/200"]
    assert [deployment["deploy-id"] for deployment in deployments] == ids[::-1]
    assert deployments[0] == tool.deployment(ids[-1])


def test_a_list_is_cut_and_filtered(tool):
    tool.store()
    ids = [tool.deploy()["deploy-id"] for _ in range(2)]
    for identifier in ids:
        tool.follow(identifier)
    assert [deployment["deploy-id"] for deployment in listed(tool, "?limit=1")] == ids[-1:]
    assert len(listed(tool, "?status=finished")) == 2
    assert listed(tool, "?status=pending") == []
    for query in ("limit=0", "limit=many", "status=done"):
        response = tool.api.get(f"{tool.deploy_path}?{query}")
        assert response.status == 400
        assert query.split("=")[0] in response.error


def test_a_record_that_cannot_be_read_is_listed_by_its_name(tool):
    tool.store()
    identifier = tool.deploy()["deploy-id"]
    tool.follow(identifier)
    odd = tool.put_unreadable_record()
    deployments = listed(tool)
    assert {"deploy-id": odd, "status": "unreadable"} in deployments
    assert [deployment["status"] for deployment in deployments if deployment["deploy-id"] == identifier] == ["finished"]


def test_the_latest_deployment_is_the_newest(tool):
    missing = tool.look("latest")
    assert missing.status == 404
    assert "POST" in missing.error
    tool.store()
    tool.deploy()
    newest = tool.deploy()["deploy-id"]
    tool.follow(newest)
    assert tool.deployment("latest") == tool.deployment(newest)


def test_the_deployments_of_a_tool_that_is_not_there_are_404(make_tool):
    tool = make_tool("absent-list", namespace=False)
    for path in (tool.deploy_path, f"{tool.deploy_path}/latest"):
        assert tool.api.get(path).status == 404
