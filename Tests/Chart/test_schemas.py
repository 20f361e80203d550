"""A cluster accepts every object: it has its kind's schema, and no field that the kind does not have."""

import copy
import json

import jsonschema
import kubernetes_validate
import pytest
from rendering import ROOT, custom_resource_definitions

# From the oldest that Chart.yaml allows to the newest.
VERSIONS = ["1.32", "1.33", "1.34", "1.35", "1.36", "1.37"]
OURS = {
    ("cert-manager.io/v1", "Certificate"): "certificate.json",
    ("monitoring.coreos.com/v1", "ServiceMonitor"): "monitoring.json",
    ("monitoring.coreos.com/v1", "PodMonitor"): "monitoring.json",
    ("monitoring.coreos.com/v1", "PrometheusRule"): "monitoring.json",
}


def validate(item, version):
    """Raises unless the object is valid: by Kubernetes' schema, or by ours for a kind that has no public one."""
    name = OURS.get((item["apiVersion"], item["kind"]))
    if name is None:
        kubernetes_validate.validate(item, version, strict=True)
    else:
        schema = json.loads((ROOT / "Tests/Chart/schemas" / name).read_text())
        jsonschema.Draft202012Validator(schema).validate(item)



@pytest.mark.parametrize("version", VERSIONS)
def test_every_object_is_valid(chart, version):
    for item in chart.objects:
        validate(item, version)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_custom_resources_are_valid(version):
    for item in custom_resource_definitions():
        validate(item, version)


def test_no_object_is_duplicated(chart):
    names = [(item["kind"], item["metadata"].get("namespace"), item["metadata"]["name"]) for item in chart.objects]
    assert len(names) == len(set(names))


def test_a_field_that_a_kind_does_not_have_is_an_error(chart):
    """The check itself: it finds a wrong field in any place."""
    for item in chart.objects:
        for path in mappings(item):
            wrong = copy.deepcopy(item)
            place = wrong
            for key in path:
                place = place[key]
            place["nonsense"] = "x"
            with pytest.raises((jsonschema.ValidationError, kubernetes_validate.ValidationError)):
                validate(wrong, VERSIONS[-1])


FREE = {"labels", "annotations", "matchLabels", "data", "nodeSelector", "selector", "limits", "requests"}


def mappings(value, path=()):
    """The path of every mapping whose keys are fields, not free names."""
    if isinstance(value, dict):
        if not path or path[-1] not in FREE or (path[-1] == "selector" and "matchLabels" in value):
            yield path
        for key, item in value.items():
            yield from mappings(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from mappings(item, (*path, index))
