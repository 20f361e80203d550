"""The names of our kinds: the Python implementation of the service has kinds of the same names in another group."""

import json

from rendering import ROOT, custom_resource_definitions

OURS = "deploy.toolforge.org"
THEIRS = "components-api.toolforge.org"


def test_our_kinds_are_of_our_group():
    definitions = custom_resource_definitions()
    assert {definition["spec"]["group"] for definition in definitions} == {OURS}
    for definition in definitions:
        assert definition["metadata"]["name"] == f"{definition['spec']['names']['plural']}.{OURS}"


def test_nothing_that_is_applied_is_of_the_python_implementations_group(chart):
    """But for the right to read its configs, where those are imported: test_rbac says which that is."""
    for item in [*chart.objects, *custom_resource_definitions()]:
        if item["kind"] == "ClusterRole" and chart.environment["IMPORT_CONFIGS"] == "true":
            item = {**item, "rules": [rule for rule in item["rules"] if rule["apiGroups"] != [THEIRS]]}
        assert THEIRS not in json.dumps(item), f"{item['kind']} {item['metadata']['name']}"
    for file in sorted((ROOT / "chart").rglob("*")):
        if file.suffix in {".yaml", ".tpl", ".json"} and file.is_file() and file.name != "rbac.yaml":
            assert THEIRS not in file.read_text(), file
