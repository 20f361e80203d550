"""/config-schema.json: it accepts the configs that the service stores, and refuses those that the service refuses."""

import re

import jsonschema
import pytest

from stack.score import seeded
from test_config_rules import BROKEN, REUSE, URL

# What no schema can say: which components there are, and which of them have a build.
BEYOND_A_SCHEMA = {name for name, (_, path) in BROKEN.items() if path == REUSE and name.startswith("reuse of")}


def ecma_pattern(validator, pattern, instance, schema):
    """`pattern` as JSON Schema means it (ECMA-262): `$` is the end, where Python's also stands before a last line break."""
    if validator.is_type(instance, "string") and not re.search(re.sub(r"\$$", r"\\Z", pattern), instance):
        yield jsonschema.ValidationError(f"{instance!r} does not match {pattern!r}")


Validator = jsonschema.validators.extend(jsonschema.Draft202012Validator, {"pattern": ecma_pattern})


@pytest.fixture(scope="module")
def validator(anonymous):
    response = anonymous.get("/config-schema.json")
    assert (response.status, response.media_type) == (200, "application/json")
    jsonschema.Draft202012Validator.check_schema(response.document)
    return Validator(response.document)


@pytest.mark.parametrize("name", BROKEN)
def test_it_refuses_what_breaks_a_rule(validator, name):
    config, _ = BROKEN[name]
    assert validator.is_valid(config) == (name in BEYOND_A_SCHEMA)


def test_it_agrees_with_the_service_on_generated_configs(validator, make_tool):
    tool = make_tool("schema")
    _, source = seeded("configs")
    verdicts = set()
    for _ in range(300):
        config = generated(source)
        response = tool.api.post(tool.config_path, config)
        assert response.status in (200, 422), response
        assert validator.is_valid(config) == (response.status == 200), (config, response)
        verdicts.add(response.status)
    assert verdicts == {200, 422}


def generated(source):
    """A config with at most a few odd pieces; each component that is reused exists and has a build."""
    names = source.sample(["web", "api", "a" * 40, "0", "a-b"], source.randint(1, 3))
    components = {name: {"build": {"repository": URL}} for name in names}
    config = {"components": components}
    if len(names) > 1 and source.random() < 0.5:
        components[names[1]]["build"] = {"reuse_from": names[0]}
    for _ in range(source.randint(0, 2)):
        component = components[source.choice(names)]
        change, values = source.choice(CHANGES)
        value = source.choice(values)
        build = component.get("build")
        if change == "build":
            component["build"] = value
        elif change in ("config-version", "config_version"):
            config[change] = value
        elif change == "extra":
            source.choice([config, component])[value] = source.choice([None, 1, "x", [], {}])
        elif isinstance(build, dict):
            build[change] = value
    # Only a build that stays can be reused.
    first = components[names[0]].get("build")
    if not isinstance(first, dict) or first.get("reuse_from") is not None or "repository" not in first:
        for name in names[1:]:
            components[name] = {"build": {"repository": URL}}
    return config


CHANGES = [
    ("repository", [URL, "http://a.b", "git://x:1/y", "ssh://x/y", "https://", "https://u@x/y", "https://x/%zz", 1, None]),
    ("ref", ["main", "a/b", "v1.0", "", "-x", "a..b", "a b", "x.lock", 1, None]),
    ("build", [None, {}, [], "x", {"repository": URL}]),
    ("config-version", ["v0.1", "v9", 1, None]),
    ("config_version", ["v1beta1", "v0.1", None]),
    ("extra", ["run", "component_type", "anything"]),
]
