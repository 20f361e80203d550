"""What the api-gateway's administrators take over: it leads to what the chart installs."""

import urllib.parse

import yaml
from rendering import ROOT, StrictLoader


def values():
    return yaml.load((ROOT / "nginx/api-gateway/values.yaml").read_text(), Loader=StrictLoader)


def test_the_backend_is_the_service_of_the_chart(chart):
    (backend,) = values()["backends"]
    service = chart.one("Service")
    assert backend["target"] == {
        "namespace": "components-api", "service": service["metadata"]["name"], "port": chart.ports["https"]
    }
    assert backend["path"] == f"/{backend['name']}"


def test_the_document_is_fetched_under_a_name_of_the_certificate(chart):
    app = values()["app"]
    assert app.keys() == {"openapi_docs", "superusers"}
    ((name, url),) = app["openapi_docs"].items()
    parts = urllib.parse.urlsplit(url)
    assert parts.scheme == "https" and parts.path == "/openapi.json" and parts.port == chart.ports["https"]
    assert parts.hostname in chart.one("Certificate")["spec"]["dnsNames"]
    assert name == values()["backends"][0]["name"]
    assert isinstance(app["superusers"], dict)
