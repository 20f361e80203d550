"""The OpenAPI document: valid, and true."""

import re

import pytest
from openapi_spec_validator import validate


@pytest.fixture(scope="module")
def document(anonymous):
    return anonymous.get("/openapi.json").document


def test_it_needs_no_identity_and_is_not_wrapped(anonymous):
    response = anonymous.get("/openapi.json")
    assert response.status == 200
    assert response.media_type == "application/json"
    assert response.document["openapi"].startswith("3.1.")


def test_it_is_valid(document):
    validate(document)


def test_it_has_every_operation_and_no_other(document):
    operations = {
        (method, path) for path, item in document["paths"].items() for method in item if method in METHODS
    }
    config, deploy = "/api/v1/tool/{tool}/config", "/api/v1/tool/{tool}/deploy"
    one = f"{deploy}/{{deploy-id}}"
    expected = {("get", config), ("post", config), ("delete", config), ("get", deploy), ("post", deploy)}
    expected |= {("get", "/api/v1/tool/{tool}/components")}
    expected |= {("get", one), ("delete", one), ("put", f"{one}/cancel"), ("get", f"{one}/result")}
    expected |= {("get", f"{one}/events"), ("get", f"{one}/builds/{{component}}/log")}
    field = "/v1/tool/{tool}"
    expected |= {(method, f"{field}/config") for method in ("get", "post", "delete")}
    expected |= {(method, f"{field}/deployment") for method in ("get", "post")}
    expected |= {(method, f"{field}/deployment/{{deployment_id}}") for method in ("get", "delete")}
    expected |= {(method, f"{field}/deployment/token") for method in ("get", "post", "put", "delete")}
    expected |= {("get", f"{field}/config/generate"), ("put", f"{field}/deployment/{{deployment_id}}/cancel")}
    expected |= {("get", "/v1/healthz"), ("get", "/openapi.json"), ("get", "/config-schema.json"), ("get", "/healthz"), ("get", "/readyz")}
    assert {(method, path) for method, path in operations if method != "head"} == expected


METHODS = {"get", "head", "post", "put", "patch", "delete", "options", "trace"}


def test_every_operation_has_an_id_a_summary_and_described_responses(document):
    identifiers = []
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method not in METHODS:
                continue
            identifiers.append(operation["operationId"])
            assert operation.get("summary"), (method, path)
            assert operation["responses"], (method, path)
            assert not [status for status in operation["responses"] if not re.fullmatch(r"[1-5]\d\d", status)]
    assert len(identifiers) == len(set(identifiers))


@pytest.mark.parametrize(
    "method, path, statuses",
    [
        ("get", "/api/v1/tool/{tool}/config", {200, 304, 401, 403, 404, 412, 502, 503, 504}),
        ("post", "/api/v1/tool/{tool}/config", {200, 400, 401, 403, 404, 408, 412, 413, 415, 422, 502, 503, 504}),
        ("post", "/api/v1/tool/{tool}/deploy", {200, 201, 400, 401, 403, 404, 409, 413, 415, 422, 502, 503, 504}),
        ("get", "/api/v1/tool/{tool}/deploy/{deploy-id}", {200, 401, 403, 404, 409, 502, 503, 504}),
        ("get", "/readyz", {200, 503}),
    ],
)
def test_the_statuses_of_the_table_are_documented(document, method, path, statuses):
    documented = {int(status) for status in document["paths"][path][method]["responses"]}
    assert statuses <= documented, statuses - documented


def test_behind_a_prefix_its_servers_have_it(another_gateway, service):
    document = another_gateway(service.socket, prefix="/components").get("/openapi.json").document
    validate(document)
    assert any(server["url"].endswith("/components") for server in document.get("servers", []))
