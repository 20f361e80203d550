"""The page made from the OpenAPI document, through nginx."""

import base64
import hashlib
from html.parser import HTMLParser

import pytest


class Page(HTMLParser):
    """What the tests check: elements with their attributes, and the text of script and style."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.inline, self._open = [], {}, None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self._open = tag if tag in ("script", "style") else None

    def handle_endtag(self, tag):
        self._open = None

    def handle_data(self, data):
        if self._open:
            self.inline.setdefault(self._open, []).append(data)

    def forms(self):
        return {(attributes["data-method"], attributes["data-path"]) for tag, attributes in self.elements if tag == "form"}


@pytest.fixture(scope="module")
def response(anonymous):
    return anonymous.get("/docs")


@pytest.fixture(scope="module")
def page(response):
    return Page(response.body.decode())


@pytest.fixture(scope="module")
def operations(anonymous):
    """Those of the document, without a prefix."""
    paths = anonymous.get("/openapi.json").document["paths"]
    return {(method.upper(), path) for path, item in paths.items() for method in item}


def below(prefix, operations):
    return {(method, prefix + path) for method, path in operations}


def test_it_needs_no_certificate_and_is_html(response):
    assert response.status == 200
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.body.startswith(b"<!DOCTYPE html>")


def test_the_policy_allows_its_own_script_and_style_and_nothing_else(response, page):
    (policy,) = response.headers.get_all("Content-Security-Policy")
    directives = dict(part.split(" ", 1) for part in policy.split("; "))
    for element in ("script", "style"):
        (text,) = page.inline[element]
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert directives.pop(f"{element}-src") == f"'sha256-{digest}'"
    assert directives == {
        "default-src": "'none'",
        "connect-src": "'self'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    assert response.headers.get_all("X-Content-Type-Options") == ["nosniff"]
    assert response.headers.get_all("Referrer-Policy") == ["no-referrer"]


def test_head_has_the_fields_of_get(anonymous, response):
    head = anonymous.request("HEAD", "/docs")
    assert head.status == 200
    volatile = {"Date", "X-Request-Id"}
    assert [field for field in head.headers.items() if field[0] not in volatile] == [
        field for field in response.headers.items() if field[0] not in volatile
    ]


def test_it_has_a_form_for_every_operation(page, operations, anonymous):
    assert len(operations) > 10
    assert page.forms() == below(anonymous.prefix, operations)


def test_nothing_of_it_comes_from_elsewhere(page, anonymous):
    for tag, attributes in page.elements:
        assert not {"src", "srcset", "style", "action", "formaction", "background"} & set(attributes), (tag, attributes)
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
        link = attributes.get("href", "#")
        assert link.startswith("#") or link == f"{anonymous.prefix}/openapi.json", (tag, attributes)
    assert not {tag for tag, _ in page.elements} & {"link", "base", "iframe", "img", "object", "embed"}


def test_it_is_read_only(anonymous):
    response = anonymous.post("/docs", {})
    assert response.status == 405
    assert response.headers["Allow"] == "GET, HEAD"


def test_behind_a_prefix_its_forms_have_it(another_gateway, service, operations):
    page = Page(another_gateway(service.socket, prefix="/components").get("/docs").body.decode())
    assert page.forms() == below("/components", operations)


def test_the_document_does_not_list_it(operations):
    assert "/docs" not in {path for _, path in operations}
