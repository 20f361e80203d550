"""/metrics: the figures change as they should, and no client can add labels."""

import threading

import pytest
from prometheus_client.parser import text_string_to_metric_families

from stack import fastcgi
from stack.cluster import fault, refusal
from stack.processes import wait_until

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
ROUTES = {
    "/api/v1/tool/{tool}/components",
    "/api/v1/tool/{tool}/config",
    "/api/v1/tool/{tool}/deploy",
    "/api/v1/tool/{tool}/deploy/latest",
    "/api/v1/tool/{tool}/deploy/{deploy-id}",
    "/api/v1/tool/{tool}/deploy/{deploy-id}/result",
    "/api/v1/tool/{tool}/deploy/{deploy-id}/events",
    "/api/v1/tool/{tool}/deploy/{deploy-id}/cancel",
    "/api/v1/tool/{tool}/deploy/{deploy-id}/builds/{component}/log",
    "/v1/healthz",
    "/v1/tool/{tool}/config",
    "/v1/tool/{tool}/config/generate",
    "/v1/tool/{tool}/deployment",
    "/v1/tool/{tool}/deployment/token",
    "/v1/tool/{tool}/deployment/{deployment_id}",
    "/v1/tool/{tool}/deployment/{deployment_id}/cancel",
    "/config-schema.json",
    "/openapi.json",
    "/docs",
    "/healthz",
    "/readyz",
    "/metrics",
    "none",
}
KINDS = {
    "pods",
    "pods/log",
    "toolconfigs.deploy.toolforge.org",
    "tooldeployments.deploy.toolforge.org",
    "toolbuilds.deploy.toolforge.org",
    "deploytokens.deploy.toolforge.org",
    "tooldeployments.deploy.toolforge.org/status",
    "pipelineruns.tekton.dev",
    "taskruns.tekton.dev",
    "namespaces",
    "events",
    "selfsubjectaccessreviews.authorization.k8s.io",
    "nonresource",
}
CONFIG = "/api/v1/tool/{tool}/config"
DEPLOY = "/api/v1/tool/{tool}/deploy"


class Figures:
    """One scrape."""

    def __init__(self, service):
        status, headers, body = fastcgi.request(service.listen, "GET", "/metrics")
        assert status == 200
        assert headers["Content-Type"] == MEDIA_TYPE
        self.text = body.decode()
        self.families = {family.name: family for family in text_string_to_metric_families(self.text)}
        self.samples = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in self.families.values()
            for sample in family.samples
        }

    def value(self, metric, **labels):
        return self.samples.get((metric, frozenset(labels.items())), 0)

    def total(self, metric, **labels):
        """The sum of all series that have these labels."""
        return sum(
            value for (name, of), value in self.samples.items() if name == metric and frozenset(labels.items()) <= of
        )

    def label_values(self, label):
        return {dict(labels)[label] for _, labels in self.samples if label in dict(labels)}


@pytest.fixture
def scrape(service):
    return lambda: Figures(service)


def test_every_figure_is_there_with_help_and_type(scrape):
    figures = scrape()
    kinds = {name: family.type for name, family in figures.families.items()}
    assert kinds == {
        "components_api_info": "gauge",
        "components_api_http_requests": "counter",
        "components_api_http_request_duration_seconds": "histogram",
        "components_api_http_requests_in_flight": "gauge",
        "components_api_http_requests_waiting": "gauge",
        "components_api_cluster_requests": "counter",
        "components_api_cluster_request_duration_seconds": "histogram",
        "components_api_deployments_started": "counter",
        "components_api_deployments_ended": "counter",
        "components_api_deployment_duration_seconds": "histogram",
        "components_api_builds_ended": "counter",
        "components_api_deploy_tokens_accepted": "counter",
        "components_api_engine_leading": "gauge",
        "components_api_engine_queue_length": "gauge",
        "components_api_engine_queue_delay_seconds": "gauge",
        "components_api_engine_drive_duration_seconds": "histogram",
        "components_api_build_end_delay_seconds": "histogram",
        "components_api_watch_age_seconds": "gauge",
        "components_api_watch_restarts": "counter",
        "components_api_builds": "gauge",
        "components_api_runs_removed": "counter",
        "components_api_rights_missing": "gauge",
        "process_cpu_seconds": "counter",
        "process_open_fds": "gauge",
        "process_max_fds": "gauge",
        "process_virtual_memory_bytes": "gauge",
        "process_resident_memory_bytes": "gauge",
        "process_start_time_seconds": "gauge",
    }
    assert all(family.documentation for family in figures.families.values())


def test_head_says_how_long_the_figures_are(service):
    status, headers, body = fastcgi.request(service.listen, "HEAD", "/metrics")
    assert (status, headers["Content-Type"], body) == (200, MEDIA_TYPE, b"")
    assert int(headers["Content-Length"]) > 1000


@pytest.mark.parametrize(
    "path", ["/metrics", "/metrics?x=1", "/%6detrics", "/x/../metrics", "/./metrics", "//metrics", "/metrics/", "/metrics#x"]
)
def test_nginx_does_not_serve_them(anonymous, tool, path):
    for certificate in (None, tool.api.certificate):
        response = anonymous.get(path, certificate=certificate)
        assert response.status in (400, 404), response
        assert "process_" not in response.body.decode()
    assert anonymous.get("/metrics").status == 404


def test_requests_are_counted_by_route_method_and_status(tool, anonymous, scrape):
    before = scrape()
    tool.store()
    tool.api.get(tool.config_path)
    tool.api.request("HEAD", tool.config_path)
    anonymous.get(tool.config_path)
    tool.api.request("PUT", tool.config_path)
    tool.api.get("/no/such/path")
    tool.api.get("/api/v1/tool/UPPER/config")
    after = scrape()

    def grown(**labels):
        metric = "components_api_http_requests_total"
        return after.value(metric, **labels) - before.value(metric, **labels)

    assert grown(route=CONFIG, method="POST", status="200") == 1
    assert grown(route=CONFIG, method="GET", status="200") == 1
    assert grown(route=CONFIG, method="HEAD", status="200") == 1
    assert grown(route=CONFIG, method="GET", status="401") == 1
    assert grown(route=CONFIG, method="PUT", status="405") == 1
    assert grown(route="none", method="GET", status="404") == 2
    assert grown(route="/metrics", method="GET", status="200") == 1

    count = "components_api_http_request_duration_seconds_count"
    assert after.value(count, route=CONFIG, method="GET") - before.value(count, route=CONFIG, method="GET") == 2


def test_latency_is_in_its_bucket_and_waiting_requests_are_in_flight(tool, scrape):
    tool.store()
    bucket, labels = "components_api_http_request_duration_seconds_bucket", {"route": CONFIG, "method": "GET"}
    before = scrape()
    # Longer than the bound below it, shorter than the calls' deadline.
    slow = fault({"latencyMilliseconds": 600}, verb="get", resource="toolconfigs")
    with tool.cluster.faults(slow) as fired:
        thread = threading.Thread(target=lambda: tool.api.get(tool.config_path))
        thread.start()
        wait_until(lambda: fired() == [1], "the arrival of the request")
        # The scrape itself is the other one.
        assert scrape().value("components_api_http_requests_in_flight") == 2
        thread.join()
    after = scrape()
    assert after.value("components_api_http_requests_in_flight") == 1
    for bound, grown in (("0.5", 0), ("30.0", 1), ("+Inf", 1)):
        assert after.value(bucket, le=bound, **labels) - before.value(bucket, le=bound, **labels) == grown, bound


def test_cluster_calls_are_counted_by_verb_kind_and_status(tool, scrape):
    tool.store()
    before = scrape()
    tool.api.get(tool.config_path)
    with tool.cluster.faults(fault({"drop": "before"}, verb="get", resource="toolconfigs")):
        tool.api.get(tool.config_path)
    after = scrape()
    metric, kind = "components_api_cluster_requests_total", "toolconfigs.deploy.toolforge.org"

    def grown(**labels):
        return after.value(metric, **labels) - before.value(metric, **labels)

    assert grown(verb="get", kind=kind, status="connection") == 1
    assert grown(verb="get", kind=kind, status="200") == 2
    count = "components_api_cluster_request_duration_seconds_count"
    assert after.value(count, verb="get", kind=kind) - before.value(count, verb="get", kind=kind) == 3


def test_a_call_that_runs_into_its_deadline_is_a_timeout(tool, scrape):
    before = scrape()
    with tool.cluster.faults(fault({"hang": "before"}, verb="get", resource="toolconfigs")):
        assert tool.api.get(tool.config_path).status == 504
    labels = {"verb": "get", "kind": "toolconfigs.deploy.toolforge.org", "status": "timeout"}
    metric = "components_api_cluster_requests_total"
    assert scrape().value(metric, **labels) - before.value(metric, **labels) == 1


def test_deployments_and_builds_are_counted_once_by_outcome(tool, scrape):
    before = scrape()
    tool.store()
    good = tool.deploy()["deploy-id"]
    tool.store({"components": {"good": tool.component(), "bad": tool.component(ref="no-such-branch")}})
    bad = tool.deploy()["deploy-id"]
    # Many read at once; only one of them stores the end.
    threads = [threading.Thread(target=tool.follow, args=[each]) for each in (good, bad) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tool.deployment(good)
    after = scrape()

    def grown(metric, **labels):
        return after.value(metric, **labels) - before.value(metric, **labels)

    assert grown("components_api_deployments_started_total") == 2
    for outcome in ("succeeded", "failed"):
        assert grown("components_api_deployments_ended_total", outcome=outcome) == 1
        assert grown("components_api_deployment_duration_seconds_count", outcome=outcome) == 1
        # Until the end of the builds: a fraction of a second, but the cluster writes whole seconds.
        assert 0 <= grown("components_api_deployment_duration_seconds_sum", outcome=outcome) <= 40
    assert grown("components_api_builds_ended_total", outcome="succeeded", reason="") == 2
    assert grown("components_api_builds_ended_total", outcome="failed", reason="RefNotFound") == 1


def test_an_end_whose_confirmation_was_lost_is_counted_once(tool, scrape):
    tool.store()
    identifier = tool.deploy()["deploy-id"]
    (build,) = tool.builds_of(identifier).values()
    name = build["metadata"]["name"]
    wait_until(lambda: (tool.cluster.build(name).get("status") or {}).get("completionTime"), "the end of the build", 20)
    before = scrape()
    with tool.cluster.faults(fault({"drop": "after"}, resource="tooldeployments", subresource="status")) as fired:
        tool.follow(identifier)
        assert fired() == [1]
    after = scrape()
    metric = "components_api_deployments_ended_total"
    assert after.value(metric, outcome="succeeded") - before.value(metric, outcome="succeeded") == 1


def test_a_refused_build_is_counted_as_such(tool, scrape):
    tool.store()
    before = scrape()
    with tool.cluster.faults(fault(refusal(422, "Invalid"), verb="create", resource="pipelineruns")):
        assert tool.deploy()["status"] == "error"
    after = scrape()
    metric = "components_api_builds_ended_total"
    labels = {"outcome": "refused", "reason": "ClusterRefused"}
    assert after.value(metric, **labels) - before.value(metric, **labels) == 1
    metric = "components_api_deployments_ended_total"
    assert after.value(metric, outcome="failed") - before.value(metric, outcome="failed") == 1


def test_no_label_contains_text_of_a_client(make_tool, anonymous, service, scrape):
    tool = make_tool("never-in-metrics")
    tool.store(tool.config("never-a-component"))
    identifier = tool.deploy()["deploy-id"]
    tool.deployment(identifier)
    word = "never-in-metrics"
    for path in (f"/{word}", f"/api/v1/tool/{word}/deploy/{word}", f"/metrics/{word}", f"/api/v1/tool/{word}x/config"):
        tool.api.get(path, headers={"X-Request-Id": word, "User-Agent": word, "Host": "never.example"})
    fastcgi.request(service.listen, "NEVER", f"/{word}?{word}")
    figures = scrape()
    assert "never" not in figures.text.lower()
    assert identifier not in figures.text
    assert figures.label_values("route") <= ROUTES
    assert figures.label_values("method") <= {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"}
    assert "other" in figures.label_values("method")
    assert figures.label_values("kind") <= KINDS
    assert figures.label_values("verb") <= {"get", "list", "create", "update", "patch", "delete"}
    ends = {"succeeded", "failed", "cancelled", "timedOut", "refused"}
    assert figures.label_values("outcome") == ends | {"done", "again"}


def test_the_process_is_described(service, scrape):
    figures = scrape()
    status = dict(
        line.split(":", 1) for line in open(f"/proc/{service.pid}/status").read().splitlines() if line.startswith("Vm")
    )
    resident = int(status["VmRSS"].split()[0]) * 1024
    assert 0.5 * resident < figures.value("process_resident_memory_bytes") < 2 * resident
    assert 3 < figures.value("process_open_fds") < figures.value("process_max_fds")
    assert figures.value("process_cpu_seconds_total") > 0
    service.restart()
    assert scrape().value("process_start_time_seconds") >= figures.value("process_start_time_seconds")
    assert scrape().total("components_api_deployments_ended_total") == 0
