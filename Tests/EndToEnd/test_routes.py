"""Paths, methods, formats and ids: what exists, and the responses for what does not."""

import json

import pytest
import yaml


def allowed(response):
    return {method.strip() for method in response.headers["Allow"].split(",")}


ROUTES = {
    "/openapi.json": {"GET", "HEAD"},
    "/config-schema.json": {"GET", "HEAD"},
    "/docs": {"GET", "HEAD"},
    "/healthz": {"GET", "HEAD"},
    "/readyz": {"GET", "HEAD"},
    "{base}/config": {"GET", "HEAD", "POST", "DELETE"},
    "{base}/deploy": {"GET", "HEAD", "POST"},
    "{base}/deploy/latest": {"GET", "HEAD", "DELETE"},
    "{base}/deploy/x": {"GET", "HEAD", "DELETE"},
    "{base}/deploy/x/cancel": {"PUT"},
    "{base}/deploy/x/result": {"GET", "HEAD"},
    "{base}/deploy/x/events": {"GET", "HEAD"},
    "{base}/deploy/x/builds/web/log": {"GET", "HEAD"},
}


@pytest.mark.parametrize("path", ROUTES)
def test_other_methods_are_405_with_those_that_are_offered(tool, path):
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "FOO"):
        if method in ROUTES[path]:
            continue
        with tool.cluster.recording() as journal:
            response = tool.api.request(method, path.format(base=tool.base), body=b"")
        assert response.status == 405, (method, response)
        assert allowed(response) == ROUTES[path]
        assert not journal.entries


@pytest.mark.parametrize("path", ["/healthz", "/{base}/config"])
def test_trace_is_405(tool, path):
    response = tool.api.request("TRACE", path.format(base=tool.base).replace("//", "/"))
    assert response.status == 405
    assert response.headers["Allow"]


def test_a_method_override_is_not_one(tool):
    tool.store()
    for header in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        assert tool.api.get(tool.deploy_path, headers={header: "POST"}).data == {"deployments": []}
    assert not tool.records()


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/api",
        "/api/v1",
        "/api/v1/tool",
        "/api/v1/tool/{tool}",
        "/api/v1/tool/{tool}/Config",
        "/api/v1/tool/{tool}/config/x",
        "/api/v1/tool/{tool}/deploy/x/y",
        "/api/v2/tool/{tool}/config",
        "/healthz/x",
        "/openapi.yaml",
        "/favicon.ico",
        "/git",
        "/_gateway/400",
    ],
)
def test_an_unknown_path_is_404_and_refers_to_the_document(tool, path):
    response = tool.api.get(path.format(tool=tool.name))
    assert response.status == 404
    assert "/openapi.json" in response.error


@pytest.mark.parametrize("name", ["Upper", "a_b", "-a", "a-", "1a", "a.b", "a" * 59, "%C3%A9", "a%20b"])
def test_what_cannot_be_a_tool_is_404(tool, name):
    with tool.cluster.recording() as journal:
        assert tool.api.get(f"/api/v1/tool/{name}/config").status == 404
    assert not journal.entries


@pytest.mark.parametrize(
    "path",
    [
        "/api//v1/tool/{tool}/config",
        "//api/v1/tool/{tool}/config",
        "/api/v1/tool/{tool}/config/",
        "/api/v1/tool/{tool}/./config",
        "/api/v1/tool/x/../{tool}/config",
        "/api/v1/tool/{tool}%2Fconfig",
        "/api/v1/tool/{tool}/config%5C",
        "/api/v1/tool/{tool}/config%00",
        "/api/v1/tool/{tool}/config%0d%0aX-Evil:%20yes",
        "/api/v1/tool/{tool}/config%zz",
        "/api/v1/tool/{tool}/%ff%fe",
        "/api/v1/tool/{tool}/%c0%af",
        "/../..",
    ],
)
def test_a_path_that_two_readers_could_read_differently_is_400(tool, path):
    response = tool.api.get(path.format(tool=tool.name))
    assert response.status == 400
    assert "X-Evil" not in response.headers


def test_a_query_parameter_that_is_not_known_is_400(tool):
    tool.store()
    assert tool.api.get(tool.config_path + "?").data == tool.config()
    with tool.cluster.recording() as journal:
        for query in ("?tool=other", "?a=1&a=2", "??", "?%2e%2e/", "?dry_run=true", "?force_run", "?%zz"):
            for method, path in (("GET", tool.config_path), ("POST", tool.deploy_path)):
                response = tool.api.request(method, path + query)
                assert response.status == 400, response
                assert "query" in response.error
    assert not journal.entries
    assert not tool.records()


def test_a_condition_that_an_endpoint_does_not_evaluate_is_400(tool):
    tool.store()
    for field, value in (
        ("If-Match", '"1"'),
        ("If-None-Match", "*"),
        ("If-Unmodified-Since", "Sun, 22 Nov 2026 10:15:00 GMT"),
    ):
        response = tool.api.post(tool.deploy_path, headers={field: value})
        assert response.status == 400
        assert field in response.error
    assert tool.api.post(tool.config_path, tool.config(), headers={"If-Unmodified-Since": "x"}).status == 400
    assert not tool.records()
    for field in ("If-None-Match", "If-Modified-Since"):
        assert tool.api.get("/healthz", headers={field: "*"}).status == 200


def test_a_field_that_is_nearly_the_idempotency_key_gets_a_warning(tool):
    tool.store()
    response = tool.api.post(tool.deploy_path, headers={"X-Idempotency-Key": "a"})
    assert response.status == 201
    assert any("X-Idempotency-Key" in warning for warning in response.warnings)


def test_head_is_get_without_a_body(tool):
    tool.store()
    identifier = tool.deploy()["deploy-id"]
    tool.follow(identifier)
    for path in ("/openapi.json", "/docs", "/healthz", "/readyz", tool.config_path, f"{tool.deploy_path}/{identifier}"):
        get, head = tool.api.get(path), tool.api.request("HEAD", path)
        assert head.status == get.status == 200
        for field in ("Content-Type", "Content-Length"):
            assert head.headers[field] == get.headers[field], path
    for path in ("/gone", f"{tool.deploy_path}/gone"):
        assert tool.api.request("HEAD", path).status == 404


def test_configs_and_deployments_are_offered_in_yaml(tool):
    config = tool.config(**{"yes": "no", "number": "012", "date": "2026-11-22", "text": "a\nb\n", "null": None, "é": "~"})
    tool.store(config)
    identifier = tool.deploy()["deploy-id"]
    tool.follow(identifier)
    for path in (tool.config_path, f"{tool.deploy_path}/{identifier}"):
        plain = tool.api.get(path)
        response = tool.api.get(path, headers={"Accept": "application/yaml"})
        assert response.media_type == "application/yaml"
        # PyYAML reads YAML 1.1: whatever is not a string in either version must be quoted.
        assert response.document == plain.document
    for accept in ("application/json", "*/*", "text/html", "application/yaml;q=0, */*", "application/*"):
        assert tool.api.get(tool.config_path, headers={"Accept": accept}).media_type == "application/json"
    missing = tool.look("gone")
    response = tool.api.get(f"{tool.deploy_path}/gone", headers={"Accept": "application/yaml"})
    assert (response.status, response.media_type) == (404, "application/yaml")
    assert yaml.safe_load(response.body) == missing.document


@pytest.mark.parametrize("identifier", ["a", "A.b_c-9", "x" * 64])
def test_a_well_formed_request_id_is_kept_and_logged(tool, service, identifier):
    for path in ("/healthz", "/gone", tool.config_path):
        response = tool.api.get(path, headers={"X-Request-Id": identifier})
        assert response.headers["X-Request-Id"] == identifier
    lines = [line for line in service.log.read_text().splitlines() if json.dumps(identifier) in line]
    assert lines and all(json.loads(line) for line in lines)


@pytest.mark.parametrize("identifier", ["", "x" * 65, "a b", "a/b", "é", "a\u0001b", '"', "a~b", "a,b"])
def test_a_malformed_request_id_is_replaced(tool, identifier):
    for path in ("/healthz", "/gone"):
        response = tool.api.get(path, headers={"X-Request-Id": identifier.encode()})
        assert response.headers["X-Request-Id"] not in (identifier, "")


def test_every_request_gets_an_id_of_its_own(anonymous):
    ids = {anonymous.get("/healthz").headers["X-Request-Id"] for _ in range(20)}
    assert len(ids) == 20
