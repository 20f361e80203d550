"""ETag, If-Match and If-None-Match on the config: no client overwrites a config that it has not read."""

import concurrent.futures
import json

import pytest

from stack.cluster import fault, refusal
from stack.score import figure


def tag_of(response):
    (tag,) = response.headers.get_all("ETag")
    return tag


def read(tool, **headers):
    return tool.api.get(tool.config_path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def store(tool, config, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return tool.api.post(tool.config_path, config, headers=headers)


def test_reading_and_storing_answer_the_tag_of_what_is_stored(tool):
    first = tag_of(tool.store())
    assert first.startswith('"') and first.endswith('"')
    assert tag_of(read(tool)) == first
    head = tool.api.request("HEAD", tool.config_path)
    assert tag_of(head) == first
    # Two representations; and a proxy that compresses on request must leave the tags unchanged.
    yaml = read(tool, Accept="application/yaml", Accept_Encoding="gzip")
    assert tag_of(yaml) not in (first, f"W/{first}")
    assert tag_of(read(tool, Accept_Encoding="gzip")) == first
    # The same config again changes nothing.
    assert tag_of(tool.store()) == first
    assert tag_of(tool.store(tool.config("other"))) != first


def test_a_client_that_has_it_gets_no_body(tool):
    tag = tag_of(tool.store())
    with tool.cluster.recording() as journal:
        for value in (tag, f"W/{tag}", f'"x", {tag}', "*"):
            for method in ("GET", "HEAD"):
                response = tool.api.request(method, tool.config_path, headers={"If-None-Match": value})
                assert (response.status, response.body, tag_of(response)) == (304, b"", tag), response
    assert journal.summary() == ["get/toolconfigs/200"] * 8
    assert read(tool, If_None_Match='"x"').data == tool.config()
    yaml = read(tool, Accept="application/yaml")
    assert read(tool, Accept="application/yaml", If_None_Match=tag).status == 200
    assert read(tool, Accept="application/yaml", If_None_Match=tag_of(yaml)).status == 304
    tool.store(tool.config("other"))
    assert read(tool, If_None_Match=tag).data == tool.config("other")


@pytest.mark.parametrize("accept", ["application/json", "application/yaml"])
def test_only_a_client_that_has_read_the_config_replaces_it(tool, accept):
    tool.store(tool.config("first"))
    tag = tag_of(read(tool, Accept=accept))
    with tool.cluster.recording() as journal:
        assert store(tool, tool.config("second"), If_Match=f'"1", {tag}').status == 200
        latest = store(tool, tool.config("third"), If_Match=tag_of(read(tool, Accept=accept)))
        assert latest.status == 200
        late = store(tool, tool.config("late"), If_Match=tag)
    assert late.status == 412
    assert "nothing was stored" in late.error and "If-Match" in late.error and tool.config_path in late.error
    assert tool.api.get(tool.config_path).data == tool.config("third")
    assert journal.summary() == [
        *("get/toolconfigs/200", "patch/toolconfigs/200"),
        *("get/toolconfigs/200", "patch/toolconfigs/200"),
        "patch/toolconfigs/409",
    ]
    # Strong comparison: a tag that a proxy made weak matches nothing.
    assert store(tool, tool.config("weak"), If_Match=f"W/{tag_of(latest)}").status == 412


def test_a_first_config_is_stored_once(tool):
    with tool.cluster.recording() as journal:
        first = store(tool, tool.config("first"), If_None_Match="*")
        second = store(tool, tool.config("second"), If_None_Match="*")
    assert (first.status, second.status) == (200, 412)
    assert tool.config_path in second.error
    assert journal.summary() == ["create/toolconfigs/201", "create/toolconfigs/409"]
    assert tool.cluster.config(tool.name)["spec"] == tool.config("first")


def test_what_is_not_there_cannot_be_replaced(tool, make_tool):
    for value in ("*", '"1"', '"0"', 'W/"1"'):
        response = store(tool, tool.config(), If_Match=value)
        assert response.status == 412, value
        assert "If-None-Match: *" in response.error
    assert not tool.cluster.config(tool.name)
    # A missing tool is another error.
    nobody = make_tool(namespace=False)
    for headers in ({"If_Match": "*"}, {"If_Match": '"1"'}, {"If_None_Match": "*"}):
        assert store(nobody, tool.config(), **headers).status == 404
    # A read reports what is missing, whatever the condition.
    assert read(tool, If_Match="*").status == read(tool, If_None_Match="*").status == 404


def test_an_old_tag_does_not_fit_a_config_that_was_deleted_and_made_again(tool):
    tag = tag_of(tool.store())
    path = f"/apis/deploy.toolforge.org/v1/namespaces/tool-{tool.name}/toolconfigs/{tool.name}-config"
    tool.cluster.request("DELETE", path)
    tool.store()
    assert store(tool, tool.config("late"), If_Match=tag).status == 412
    assert read(tool, If_None_Match=tag).status == 200


@pytest.mark.parametrize("value", ["1", "", '"1', "'1'", '"a b"', '"1" "2"', '*, "1"', "W/1", '"\x01"'])
def test_a_condition_that_cannot_be_read_changes_nothing(tool, value):
    tool.store()
    for name in ("If-Match", "If-None-Match"):
        with tool.cluster.recording() as journal:
            response = tool.api.post(tool.config_path, tool.config("new"), headers={name: value})
            # The api-gateway does not pass on an empty field.
            if not (value == "" and tool.api.prefix):
                assert response.status == 400, response
                assert name in response.error or "valid HTTP" in response.error
                assert not journal.entries


def test_a_condition_does_not_bypass_the_rules(tool, authority):
    tool.store()
    tag = tag_of(read(tool))
    assert store(tool, {"components": {}}, If_Match=tag).status == 422
    assert tool.api.get(tool.config_path, headers={"If-None-Match": "*"}, certificate=None).status == 401
    other = authority.tool("other")
    assert tool.api.get(tool.config_path, headers={"If-None-Match": "*"}, certificate=other).status == 403


def test_a_lost_response_is_no_conflict_with_oneself(tool):
    tag = tag_of(tool.store())
    with tool.cluster.faults(fault({"drop": "after"}, verb="patch", resource="toolconfigs")) as fired:
        response = store(tool, tool.config("new"), If_Match=tag)
        assert fired() == [1]
    assert response.status == 200, response
    assert tag_of(response) == tag_of(read(tool)) != tag
    # It may have been stored and replaced, or never stored. A 412 would claim that it was not stored.
    conflict = fault(refusal(409, "Conflict"), verb="patch", resource="toolconfigs")
    with tool.cluster.faults(fault({"drop": "before"}, verb="patch", resource="toolconfigs"), conflict):
        response = store(tool, tool.config("newer"), If_Match=tag_of(response))
    assert response.status == 504, response
    assert "look before you ask again" in response.error


@pytest.mark.score(15)
@pytest.mark.timeout(1200)
def test_of_many_writers_none_is_overwritten(tool, long_run):
    """Each reads, adds one, and stores it unless another stored in the meantime."""
    writers, increments = (16, 100) if long_run else (4, 10)
    tool.store({**tool.config(), "count": 0})

    def write(_):
        refused = 0
        for _ in range(increments):
            while True:
                current = tool.api.get(tool.config_path)
                config = {**current.data, "count": current.data["count"] + 1}
                response = store(tool, config, If_Match=tag_of(current))
                if response.status == 200:
                    break
                assert response.status == 412, response
                refused += 1
        return refused

    with concurrent.futures.ThreadPoolExecutor(writers) as pool:
        refused = sum(pool.map(write, range(writers)))
    assert tool.api.get(tool.config_path).data["count"] == writers * increments
    figure(15, f"0 of {writers * increments} updates lost, by {writers} writers at once; {refused} had to read again")
    # Otherwise there was no conflict, and the test shows nothing.
    assert refused > 0


def test_of_many_first_configs_one_is_stored(tool):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        responses = list(pool.map(lambda number: store(tool, tool.config(f"c{number}"), If_None_Match="*"), range(8)))
    assert sorted(response.status for response in responses) == [200] + [412] * 7
    (stored,) = [response for response in responses if response.status == 200]
    assert json.loads(json.dumps(tool.cluster.config(tool.name)["spec"])) == stored.data
