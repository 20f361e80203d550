"""Errors in the form of RFC 9457, for whoever asks for it, with the places of what is wrong."""

import pytest

from stack.api import PROBLEM
from stack.cluster import fault, refusal

ACCEPT = {"Accept": f"application/json, {PROBLEM}"}


def problem(response, status):
    assert response.status == status, response
    assert response.media_type == PROBLEM, response
    assert response.headers["Vary"] == "Accept"
    document = response.document
    assert document["type"] == "about:blank" and document["title"]
    assert document["detail"] == document["errors"][0]["detail"] == response.errors[0]
    return document


def test_a_success_is_as_ever(tool):
    response = tool.api.post(tool.config_path, tool.config(), headers=ACCEPT)
    assert (response.status, response.media_type) == (200, "application/json")
    read = tool.api.get(tool.config_path, headers={"Accept": PROBLEM})
    assert (read.status, read.media_type) == (200, "application/json")
    assert read.headers["Vary"] == "Accept"


@pytest.mark.parametrize(
    "accept, expected",
    [
        (PROBLEM, PROBLEM),
        (f"application/json, {PROBLEM}", PROBLEM),
        (f"application/json, {PROBLEM};q=0.9", "application/json"),
        (f"application/yaml, {PROBLEM};q=0.9", "application/yaml"),
        (f"text/plain, {PROBLEM}", PROBLEM),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
    ],
)
def test_accept_decides(tool, accept, expected):
    response = tool.api.get(tool.deploy_path + "/latest", headers={"Accept": accept})
    assert (response.status, response.media_type) == (404, expected)
    assert response.headers["Vary"] == "Accept"


def test_what_no_row_answers_is_a_problem_too(tool, anonymous):
    problem(tool.api.get(f"{tool.base}/nothing", headers=ACCEPT), 404)
    refused = tool.api.request("DELETE", f"{tool.base}/deploy", headers=ACCEPT)
    problem(refused, 405)
    assert refused.headers["Allow"] == "GET, HEAD, POST"
    problem(anonymous.get(tool.config_path, headers=ACCEPT), 401)
    problem(tool.api.get(f"{tool.config_path}?x=1", headers=ACCEPT), 400)
    problem(tool.api.get(f"{anonymous.prefix}/nothing", headers=ACCEPT), 404)


def test_head_has_the_fields_of_the_problem(tool):
    got = tool.api.get(tool.config_path, headers=ACCEPT)
    head = tool.api.request("HEAD", tool.config_path, headers=ACCEPT)
    problem(got, 404)
    assert head.status == 404 and head.body == b""
    for name in ("Content-Type", "Content-Length", "Vary"):
        assert head.headers[name] == got.headers[name]


def test_a_condition_that_fails_is_a_problem(tool):
    tool.store()
    response = tool.api.post(tool.config_path, tool.config(), headers={**ACCEPT, "If-None-Match": "*"})
    assert problem(response, 412)["title"] == "Precondition Failed"


def test_every_mistake_has_its_place_in_yaml(tool):
    text = """\
# what is deployed
components:
  web:
    build:
      repository: ftp://example.org/r
      ref: [main]
  Worker_1:
    build: {repository: "https://example.org/r"}
  none: {}
"""
    response = tool.api.post(tool.config_path, text, "application/yaml", headers=ACCEPT)
    items = problem(response, 422)["errors"]
    places = {item["pointer"]: (item["line"], item["column"]) for item in items}
    assert places == {
        "#/components/web/build/repository": (5, 7),
        "#/components/web/build/ref": (6, 7),
        "#/components/Worker_1": (7, 3),
        # What is missing is where it should stand.
        "#/components/none/build": (9, 3),
    }
    checked = tool.api.post(f"{tool.config_path}?dry-run=true", text, "application/yaml", headers=ACCEPT)
    assert checked.document == response.document


def test_every_mistake_has_its_place_in_json(tool):
    text = '{"components": {"web": {"build": {"repository": 1}},\n  "é": {"build": {"repository": "https://example.org/r"}}}}'
    items = problem(tool.api.post(tool.config_path, text.encode(), "application/json", headers=ACCEPT), 422)["errors"]
    assert {item["pointer"]: (item["line"], item["column"]) for item in items} == {
        "#/components/web/build/repository": (1, 35),
        "#/components/%C3%A9": (2, 3),
    }


def test_what_cannot_be_read_has_its_line(tool):
    for text, kind, place in (
        ("a: 1\nb: [1\n", "application/yaml", (3, 1)),
        ('{"a": 1,\n "b": x}', "application/json", (2, 7)),
    ):
        (item,) = problem(tool.api.post(tool.config_path, text, kind, headers=ACCEPT), 400)["errors"]
        assert (item["line"], item["column"]) == place
        assert "pointer" not in item


def test_options_have_their_places(tool):
    tool.store()
    body = '{"overlap": "alow",\n "refs": {"wbe": "main"}}'
    (item,) = problem(tool.api.post(tool.deploy_path, body, "application/json", headers=ACCEPT), 422)["errors"]
    assert (item["pointer"], item["line"], item["column"]) == ("#/overlap", 1, 2)
    body = body.replace("alow", "allow")
    (item,) = problem(tool.api.post(tool.deploy_path, body, "application/json", headers=ACCEPT), 422)["errors"]
    assert (item["pointer"], item["line"], item["column"]) == ("#/refs/wbe", 2, 11)
    assert "did you mean web?" in item["detail"]


def test_a_result_and_a_cluster_that_is_away_say_when_to_ask_again(tool):
    tool.store()
    with tool.cluster.paused_builder():
        identifier = tool.deploy()["deploy-id"]
        going = tool.api.get(f"{tool.deploy_path}/{identifier}/result", headers=ACCEPT)
    assert problem(going, 429)["title"] == "Too Many Requests"
    assert int(going.headers["Retry-After"]) >= 1
    away = fault(refusal(503, "ServiceUnavailable"), times=None, namespace=f"tool-{tool.name}", resource="toolconfigs")
    with tool.cluster.faults(away):
        response = tool.api.get(tool.config_path, headers=ACCEPT)
    problem(response, 503)
    assert int(response.headers["Retry-After"]) >= 1


def test_the_fields_clients_get_their_envelope(tool):
    response = tool.api.get(f"{tool.field}/config", headers=ACCEPT)
    assert (response.status, response.media_type) == (404, "application/json")
