"""The API's page in a real browser. Only ci/test --long runs this, because chromium is a large package."""

import json
import os
from urllib.parse import urlsplit

import pytest

from stack.browser import Browser
from stack.following import waits
from stack.processes import wait_until

pytestmark = pytest.mark.skipif(not os.environ.get("LONG"), reason="a browser is started with --long only")


@pytest.fixture(scope="module")
def browser(directory, server_certificate):
    browser = Browser(directory / "browser", server_certificate)
    yield browser
    browser.stop()


@pytest.fixture
def page(browser, anonymous):
    """The page, loaded again, on a phone."""
    browser.view(360, 740)
    browser.open(f"{anonymous.url}/docs")
    return browser


def send(page, operation):
    """Sends the form of an operation; returns the line with the result."""
    section = f"document.getElementById('{operation}').closest('.operation')"
    page.evaluate(f"{section}.querySelector('details:has(form)')?.setAttribute('open', '')")
    page.evaluate(f"{section}.querySelector('form button[type=submit]').click()")
    outcome = f"{section}.querySelector('.outcome').textContent"
    page.wait(f"{outcome} !== '' && !{outcome}.endsWith('…')", "the answer")
    content = page.evaluate(
        f"{section}.querySelector('.answer').hidden ? null : {section}.querySelector('.content').textContent"
    )
    return page.evaluate(outcome), content


def test_it_loads_without_errors_from_this_host_only(page, anonymous):
    send(page, "getHealth")
    assert not page.seen("Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled")
    requested = [event["request"]["url"] for event in page.seen("Network.requestWillBeSent")]
    assert {f"{anonymous.url}/docs", f"{anonymous.url}/healthz"} <= set(requested)
    assert {urlsplit(url).netloc for url in requested} == {urlsplit(anonymous.url).netloc}


def test_it_shows_every_endpoint(page, anonymous):
    paths = anonymous.get("/openapi.json").document["paths"]
    shown = page.evaluate("[...document.querySelectorAll('h3')].filter(e => e.checkVisibility()).map(e => e.innerText)")
    for path, item in paths.items():
        for method in item:
            assert f"{method.upper()} {anonymous.prefix}{path}" in shown
    assert page.evaluate("[...document.querySelectorAll('form')].every(form => !form.hidden)")


def test_a_request_made_from_it_shows_its_response(page):
    outcome, content = send(page, "getHealth")
    assert outcome == "Answer: 200 OK"
    assert json.loads(content)["data"] == {"status": "alive"}
    assert content.count("\n") > 3


def test_an_error_is_shown_as_one(page):
    outcome, content = send(page, "startDeployment")
    assert outcome == "Answer: 401 Unauthorized"
    assert json.loads(content)["messages"]["error"]


def test_head_has_a_response_without_a_body(page):
    assert send(page, "headHealth") == ("Answer: 200 OK", "(no body)")


def test_a_path_is_made_of_what_stands_in_the_fields(page):
    page.evaluate("""{
        const field = document.getElementById("getConfig-tool");
        field.value = "../a b?<i>";
        field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    }""")
    assert page.evaluate("document.getElementById('storeConfig-tool').value") == "../a b?<i>"
    send(page, "getConfig")
    asked = page.seen("Network.requestWillBeSent")[-1]["request"]
    assert asked["url"].endswith("/api/v1/tool/..%2Fa%20b%3F%3Ci%3E/config")


def test_the_curl_lines_of_the_script_are_those_of_the_server(page, anonymous):
    lines = page.evaluate("[...document.querySelectorAll('.curl pre')].map(line => line.textContent)")
    served = page.evaluate("""fetch(location.pathname).then(answer => answer.text())""")
    assert len(lines) > 10
    for line in lines:
        escaped = line.replace(anonymous.url.removesuffix(anonymous.prefix), "https://HOST")
        for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#39;")):
            escaped = escaped.replace(character, entity)
        assert f"<pre>{escaped}</pre>" in served


def test_an_example_goes_into_the_form(page):
    page.evaluate("""[...document.querySelectorAll(".fill[data-type='application/yaml']")][1].click()""")
    assert "reuse_from: web" in page.evaluate("document.getElementById('storeConfig-body').value")
    assert page.evaluate("document.getElementById('storeConfig-type').value") == "application/yaml"
    assert page.evaluate("document.activeElement.id") == "storeConfig-body"


@pytest.fixture
def world(make_world):
    return make_world()


@pytest.fixture
def own_page(browser, world, another_gateway):
    """The page of a tool whose certificate the browser has, as far as nginx says."""
    identity = {
        "SSL_CLIENT_VERIFY $identity_verify;": "SSL_CLIENT_VERIFY SUCCESS;",
        "SSL_CLIENT_S_DN   $identity_subject;": 'SSL_CLIENT_S_DN "CN=follower,O=toolforge";',
    }
    api = another_gateway(world.service.socket, changes=identity)
    browser.gateway = api.gateway
    browser.open(f"{api.url}/docs")
    fill(browser, "startDeployment-tool", "follower")
    return browser


def fill(page, field, value):
    """Types a value into a field."""
    page.evaluate(f"""{{
        const field = document.getElementById({json.dumps(field)});
        field.value = {json.dumps(value)};
        field.dispatchEvent(new InputEvent("input", {{ bubbles: true }}));
    }}""")


class Stream:
    """The form of an operation whose response is a stream."""

    def __init__(self, page, operation, accept):
        self.page, self.section = page, f"document.getElementById('{operation}').closest('.operation')"
        page.evaluate(f"{self.section}.querySelector('.accept').value = {json.dumps(accept)}")
        self.click("button[type=submit]")

    def click(self, selector):
        self.page.evaluate(f"{self.section}.querySelector({json.dumps(selector)}).click()")

    def text(self, selector):
        return f"{self.section}.querySelector({json.dumps(selector)}).textContent"

    def shows(self, what, selector=".content"):
        self.page.wait(f"{self.text(selector)}.includes({json.dumps(what)})", what)

    @property
    def outcome(self):
        return self.page.evaluate(self.text(".outcome"))

    @property
    def can_be_stopped(self):
        return self.page.evaluate(f"{self.section}.querySelector('.stop').checkVisibility()")


def test_a_deployment_is_started_and_followed_live(own_page, world):
    world.tool.store(world.tool.config("api", "web"))
    outcome, content = send(own_page, "startDeployment")
    assert outcome == "Answer: 201 Created"
    identifier = json.loads(content)["data"]["deploy-id"]
    assert own_page.evaluate("document.getElementById('followDeployment-deploy-id').value") == identifier
    stream = Stream(own_page, "followDeployment", "text/event-stream")
    stream.shows("event: change")
    assert stream.outcome == "Answer: 200 OK, as it comes …" and stream.can_be_stopped
    world.end_builds(count=1)
    # It is shown while the response goes on.
    stream.shows('"status":"finished"')
    assert stream.outcome.endswith("…")
    world.end_builds()
    stream.shows("event: end")
    own_page.wait(f"{stream.text('.outcome')} === 'Answer: 200 OK'", "the end")
    assert not stream.can_be_stopped


def test_a_stream_can_be_stopped(own_page, world):
    path = world.deploy("web")
    fill(own_page, "followDeployment-deploy-id", path.rpartition("/")[2])
    stream = Stream(own_page, "followDeployment", "text/plain")
    stream.shows("0 of 1 build")
    assert waits(world) == 1
    stream.click(".stop")
    stream.shows("; stopped", ".outcome")
    wait_until(lambda: waits(world) == 0, "the service to know")
    stream.shows("0 of 1 build")


def test_a_stream_that_breaks_off_is_no_end(own_page, world):
    path = world.deploy("web")
    fill(own_page, "followDeployment-deploy-id", path.rpartition("/")[2])
    stream = Stream(own_page, "followDeployment", "text/plain")
    stream.shows("0 of 1 build")
    own_page.gateway.stop()
    own_page.wait(f"{stream.text('.outcome')}.startsWith('Answer: 200 OK: ')", "the break")


def test_a_problem_is_laid_out_as_json(own_page):
    own_page.evaluate("""{
        const send = window.fetch;
        window.fetch = (path, options) =>
            send(path, { ...options, headers: { ...options.headers, Accept: "application/problem+json" } });
    }""")
    outcome, content = send(own_page, "getConfig")
    assert outcome == "Answer: 404 Not Found"
    assert json.loads(content)["status"] == 404 and content.count("\n") > 3


def test_the_policy_holds_what_it_says(page, anonymous):
    # Markup from a string, another script, another host.
    attempt = "(() => { try { document.body.innerHTML = '<b>x</b>'; return 'done'; } catch (e) { return e.name; } })()"
    assert page.evaluate(attempt) == "TypeError"
    assert page.evaluate("fetch('https://127.0.0.2/').then(() => 'done', error => error.name)") == "TypeError"
    page.evaluate("document.querySelector('form').setAttribute('action', '/healthz')")
    page.evaluate("HTMLFormElement.prototype.submit.call(document.querySelector('form'))")

    def form_was_blocked():
        return any("form-action" in event["entry"]["text"] for event in page.seen("Log.entryAdded"))

    wait_until(form_was_blocked, "the refusal of the form")
    assert page.evaluate("location.pathname") == f"{anonymous.prefix}/docs"


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_nothing_is_wider_than_the_window(page, width):
    page.view(width, 800)
    page.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_every_control_has_a_name_and_the_page_its_landmarks(page):
    page.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
    nodes = page.call("Accessibility.getFullAXTree")["nodes"]
    roles = [node.get("role", {}).get("value") for node in nodes if not node["ignored"]]
    for role in ("main", "navigation", "banner", "heading", "table", "textbox", "button", "form"):
        assert role in roles, role
    controls = {"textbox", "button", "combobox", "link", "DisclosureTriangle", "region", "form", "table"}
    names = [
        (node["role"]["value"], node.get("name", {}).get("value"))
        for node in nodes
        if not node["ignored"] and node.get("role", {}).get("value") in controls
    ]
    assert len(names) > 100
    assert not [role for role, name in names if not name]
