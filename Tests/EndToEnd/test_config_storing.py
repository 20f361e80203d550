"""POST and GET config: the config is stored as it was sent, in one write."""

import json

import pytest
import yaml

ODD = {
    "components": {"web": {"build": {"repository": "https://example.org/web.git"}}},
    "nothing": None,
    "whole": 1.0,
    "minus-zero": -0.0,
    "large": 1e22,
    "tiny": 5e-324,
    "exact": 2**53 + 1,
    "most": 2**63 - 1,
    "least": -(2**63),
    "empty": {"mapping": {}, "list": [], "string": ""},
    "é": "composed",
    "e\u0301": "decomposed",
    "": "the empty key",
    "emoji 🐘": ["\u0000", "\u2028", '"\\/'],
    "nested": [[[{"a": [None, True, False]}]]],
}


def same(left, right):
    """Equal as JSON: numbers by value, but true is not 1."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def test_a_tool_without_a_config_is_told_how_to_store_one(tool):
    response = tool.api.get(tool.config_path)
    assert response.status == 404
    assert f"POST {tool.config_path}" in response.error


def test_a_config_is_answered_and_read_back_as_given(tool):
    stored = tool.store(ODD)
    assert same(stored.data, ODD)
    assert stored.info
    read = tool.api.get(tool.config_path)
    assert read.status == 200
    assert same(read.data, ODD)
    assert same(tool.cluster.config(tool.name)["spec"], ODD)


def test_the_field_s_first_example_is_stored_from_yaml(tool):
    text = """\
config-version: v0.1
components:
  toolhunt-ui:
    build:
      repository: https://github.com/wikimedia/toolhunt-ui
"""
    response = tool.api.post(tool.config_path, text, "application/yaml")
    assert response.status == 200
    assert not response.warnings
    assert tool.cluster.config(tool.name)["spec"] == yaml.safe_load(text)


def test_yaml_is_read_by_the_core_schema(tool):
    text = """\
# a comment
components: {web: {build: {repository: "https://example.org/web.git"}}}
yes: no
date: 2026-11-22
decimal: 012
octal: 0o14
hexadecimal: 0xC
float: 1.5e3
"null": ~
quoted: "012"
folded: >-
  two
  words
'é': true
"""
    response = tool.api.post(tool.config_path, text, "application/yaml")
    assert response.status == 200
    expected = {
        "components": {"web": {"build": {"repository": "https://example.org/web.git"}}},
        "yes": "no",
        "date": "2026-11-22",
        "decimal": 12,
        "octal": 12,
        "hexadecimal": 12,
        "float": 1500,
        "null": None,
        "quoted": "012",
        "folded": "two words",
        "é": True,
    }
    assert same(tool.cluster.config(tool.name)["spec"], expected)
    assert same(tool.api.get(tool.config_path).data, expected)


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON",
        "application/yaml",
        "text/yaml",
        "application/x-yaml; charset=UTF-8",
        None,
    ],
)
def test_the_content_types_of_json_and_yaml_are_accepted_and_none_means_json(tool, content_type):
    response = tool.api.post(tool.config_path, json.dumps(tool.config()), content_type)
    assert response.status == 200
    assert tool.cluster.config(tool.name)["spec"] == tool.config()


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/xml", "application/x-www-form-urlencoded", "application/json; charset=latin1", "json"],
)
def test_other_content_types_are_415_and_change_nothing(tool, content_type):
    with tool.cluster.recording() as journal:
        response = tool.api.post(tool.config_path, json.dumps(tool.config()), content_type)
    assert response.status == 415
    assert "application/yaml" in response.error
    assert not journal.entries


def test_the_second_config_replaces_the_first_one_in_one_write(tool):
    tool.store(tool.config("web", "worker", extra={"a": 1}))
    uid = tool.cluster.config(tool.name)["metadata"]["uid"]
    config = tool.config("api")
    with tool.cluster.recording() as journal:
        tool.store(config)
    assert journal.summary() == ["patch/toolconfigs/200"]
    assert journal.entries[0]["contentType"] == "application/json-patch+json"
    stored = tool.cluster.config(tool.name)
    assert stored["spec"] == config
    assert stored["metadata"]["uid"] == uid


def test_the_first_config_is_one_write_that_misses_and_one_that_creates(tool):
    with tool.cluster.recording() as journal:
        tool.store()
    assert journal.summary() == ["patch/toolconfigs/404", "create/toolconfigs/201"]


def test_reading_a_config_is_one_call(tool):
    tool.store()
    with tool.cluster.recording() as journal:
        tool.api.get(tool.config_path)
    assert journal.summary() == ["get/toolconfigs/200"]


def test_another_manager_s_metadata_survives(tool):
    tool.store()
    path = f"/apis/deploy.toolforge.org/v1/namespaces/tool-{tool.name}/toolconfigs/{tool.name}-config"
    patch = {"metadata": {"labels": {"kept": "yes"}}}
    tool.cluster.request("PATCH", path, patch, "application/merge-patch+json")
    tool.store(tool.config("other"))
    assert tool.cluster.config(tool.name)["metadata"]["labels"] == {"kept": "yes"}


def test_unknown_and_later_keys_are_kept_with_one_warning_each_that_names_the_path(tool):
    config = {
        "config_version": "v1beta1",
        "components": {
            "web": {
                "component_type": "continuous",
                "run": {"command": "web"},
                "note": 1,
                "build": {
                    "repository": "https://example.org/web.git",
                    "use_latest_versions": True,
                    "use_deprecated_versions": False,
                    "depth": 3,
                },
            }
        },
        "extra": {"deep": {"deeper": 1}},
    }
    response = tool.store(config)
    paths = [
        "components.web.component_type",
        "components.web.run",
        "components.web.note",
        "components.web.build.depth",
        "extra",
    ]
    assert len(response.warnings) == len(paths), response.warnings
    for path in paths:
        assert [warning for warning in response.warnings if warning.startswith(f"{path}:")], (path, response.warnings)
    assert tool.cluster.config(tool.name)["spec"] == config


def test_a_body_of_exactly_256_KiB_is_stored_and_one_byte_more_is_413(tool):
    def body(size):
        start = json.dumps({**tool.config(), "padding": ""})[:-2]
        return start + "x" * (size - len(start) - 2) + '"}'

    largest = body(256 * 1024)
    assert len(largest) == 262144
    assert tool.api.post(tool.config_path, largest, "application/json").status == 200
    assert tool.cluster.config(tool.name)["spec"] == json.loads(largest)
    with tool.cluster.recording() as journal:
        response = tool.api.post(tool.config_path, body(256 * 1024 + 1), "application/json")
    assert response.status == 413
    assert "262144" in response.error
    assert not journal.entries


def test_a_tool_without_a_namespace_is_told_so(make_tool):
    tool = make_tool(namespace=False)
    for response in (
        tool.api.post(tool.config_path, tool.config()),
        tool.api.get(tool.config_path),
        tool.api.post(tool.deploy_path),
        tool.look(f"{tool.name}-deploy-20261122-101500-48213"),
    ):
        assert response.status == 404, response
        assert f"tool-{tool.name}" in response.error, response


def test_a_config_is_removed_and_returned(tool):
    assert tool.api.request("DELETE", tool.config_path).status == 404
    config = tool.config(kept="as it is")
    tool.store(config)
    identifier = tool.deploy()["deploy-id"]
    response = tool.api.request("DELETE", tool.config_path)
    assert response.status == 200
    assert response.data == config
    assert tool.api.get(tool.config_path).status == 404
    assert tool.api.request("DELETE", tool.config_path).status == 404
    assert tool.records() == [identifier]
    tool.store(response.data)
    assert tool.api.get(tool.config_path).data == config


def test_only_the_config_that_was_read_is_removed(tool):
    old = tool.store(tool.config("first")).headers["ETag"]
    new = tool.store(tool.config("second")).headers["ETag"]
    for tag in (old, f"W/{new}"):
        response = tool.api.request("DELETE", tool.config_path, headers={"If-Match": tag})
        assert response.status == 412, response
    assert tool.api.get(tool.config_path).data == tool.config("second")
    assert tool.api.request("DELETE", tool.config_path, headers={"If-Match": new}).status == 200
    assert tool.api.get(tool.config_path).status == 404
