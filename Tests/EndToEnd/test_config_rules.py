"""Configs that break a rule: 422, one message for each mistake, with its path."""

import json

import pytest

URL = "https://example.org/web.git"


def web(**build):
    return {"components": {"web": {"build": {"repository": URL, **build}}}}


def named(name):
    return {"components": {name: {"build": {"repository": URL}}}}


def at(url):
    return {"components": {"web": {"build": {"repository": url}}}}


REPOSITORY = "components.web.build.repository"
REF = "components.web.build.ref"
REUSE = "components.web.build.reuse_from"

BROKEN = {
    "a list": ([], ""),
    "a string": ("components", ""),
    "null": (None, ""),
    "empty": ({}, "components"),
    "components null": ({"components": None}, "components"),
    "components a list": ({"components": []}, "components"),
    "no component": ({"components": {}}, "components"),
    "101 components": ({"components": {f"c{n}": web()["components"]["web"] for n in range(101)}}, "components"),
    "component null": ({"components": {"web": None}}, "components.web"),
    "no build": ({"components": {"web": {}}}, "components.web.build"),
    "build a string": ({"components": {"web": {"build": URL}}}, "components.web.build"),
    "no repository": ({"components": {"web": {"build": {}}}}, REPOSITORY),
    "upper-case name": (named("Web"), "components.Web"),
    "name with a dash at its end": (named("web-"), "components.web-"),
    "name with an underscore": (named("a_b"), "components.a_b"),
    "name of 41 characters": (named("a" * 41), "components." + "a" * 41),
    "name that looks ASCII": (named("wеb"), 'components["wеb"]'),
    "repository a number": (at(1), REPOSITORY),
    "repository null": (at(None), REPOSITORY),
    "repository empty": (at(""), REPOSITORY),
    "repository by ssh": (at("ssh://example.org/web.git"), REPOSITORY),
    "repository by scp": (at("git@example.org:web.git"), REPOSITORY),
    "repository a file": (at("file:///etc/passwd"), REPOSITORY),
    "repository an option": (at("--upload-pack=touch /tmp/x"), REPOSITORY),
    "repository by ext": (at("ext::sh -c id"), REPOSITORY),
    "repository with a password": (at("https://user:secret@example.org/web.git"), REPOSITORY),
    "repository with a user": (at("https://user@example.org/web.git"), REPOSITORY),
    "repository without a host": (at("https:///web.git"), REPOSITORY),
    "repository with a space": (at("https://example.org/a b"), REPOSITORY),
    "repository with a line break": (at("https://example.org/a\nb"), REPOSITORY),
    "repository of 2049 characters": (at("https://example.org/" + "a" * 2029), REPOSITORY),
    "ref empty": (web(ref=""), REF),
    "ref null": (web(ref=None), REF),
    "ref a number": (web(ref=1), REF),
    "ref an option": (web(ref="--upload-pack=x"), REF),
    "ref with two dots": (web(ref="a..b"), REF),
    "ref with a space": (web(ref="a b"), REF),
    "ref with a caret": (web(ref="main^"), REF),
    "ref with a colon": (web(ref="main:x"), REF),
    "ref that ends in .lock": (web(ref="main.lock"), REF),
    "ref that ends in a slash": (web(ref="main/"), REF),
    "ref @": (web(ref="@"), REF),
    "ref with @{": (web(ref="main@{1}"), REF),
    "ref with a backslash": (web(ref="a\\b"), REF),
    "ref with a control character": (web(ref="a\u007fb"), REF),
    "reuse of nothing": ({"components": {"web": {"build": {"reuse_from": "gone"}}}}, REUSE),
    "reuse of itself": ({"components": {"web": {"build": {"reuse_from": "web"}}}}, REUSE),
    "reuse a number": ({"components": {"web": {"build": {"reuse_from": 1}}}}, REUSE),
    "reuse beside a repository": (web(reuse_from="web"), REUSE),
    "config-version unknown": ({**web(), "config-version": "v9"}, "config-version"),
    "config_version unknown": ({**web(), "config_version": "v0.1"}, "config_version"),
    "config-version a number": ({**web(), "config-version": 0.1}, "config-version"),
}

REUSE_CHAIN = {
    "components": {
        "web": {"build": {"reuse_from": "api"}},
        "api": {"build": {"reuse_from": "base"}},
        "base": {"build": {"repository": URL}},
    }
}


@pytest.fixture(scope="module")
def holder(make_tool):
    """One tool for all cases, with a config that no case may change."""
    tool = make_tool("rules")
    tool.store()
    return tool


@pytest.mark.parametrize("config, path", [pytest.param(*case, id=name) for name, case in BROKEN.items()])
def test_a_broken_rule_is_422_with_its_path_and_stores_nothing(holder, config, path):
    with holder.cluster.recording() as journal:
        answer = holder.api.post(holder.config_path, json.dumps(config), "application/json")
    assert answer.status == 422, answer
    assert any(message.startswith(path) for message in answer.errors), answer.errors
    assert not journal.entries
    assert holder.cluster.config("rules")["spec"] == holder.config()


def test_a_password_in_a_repository_is_not_repeated(holder):
    answer = holder.api.post(holder.config_path, at("https://user:secret@example.org/web.git"))
    assert b"secret" not in answer.body


def test_a_reused_component_must_build_itself(holder):
    answer = holder.api.post(holder.config_path, REUSE_CHAIN)
    assert answer.status == 422
    assert len(answer.errors) == 1
    assert answer.errors[0].startswith(REUSE)


def test_all_mistakes_are_reported_at_once(holder):
    answer = holder.api.post(
        holder.config_path,
        {
            "config-version": "v9",
            "components": {
                "Bad": {"build": {"repository": URL}},
                "web": {"build": {"repository": "ssh://example.org/x", "ref": "-x"}},
                "api": {"build": {"reuse_from": "gone"}},
                "worker": {},
            },
        },
    )
    assert answer.status == 422
    paths = ["config-version", "components.Bad", REPOSITORY, REF, "components.api.build.reuse_from"]
    for path in [*paths, "components.worker.build"]:
        assert sum(message.startswith(f"{path}:") for message in answer.errors) == 1, (path, answer.errors)
    assert len(answer.errors) == len(paths) + 1


def test_an_unknown_version_is_refused_with_the_known_ones(holder):
    answer = holder.api.post(holder.config_path, {**web(), "config-version": "v9"})
    assert "v0.1" in answer.error and "v1beta1" in answer.error


@pytest.mark.parametrize(
    "config",
    [
        {**web(), "config-version": "v0.1"},
        {**web(), "config_version": "v1beta1"},
        named("a" * 40),
        named("0"),
        at("http://example.org"),
        at("git://example.org:9418/web.git"),
        at("https://example.org/" + "a" * 2028),
        web(ref="feature/x-1"),
        web(ref="0123456789abcdef0123456789abcdef01234567"),
        web(ref="v1.0"),
        {"components": {f"c{n}": web()["components"]["web"] for n in range(100)}},
    ],
)
def test_a_valid_config_is_stored(tool, config):
    answer = tool.store(config)
    assert not answer.warnings
    assert tool.cluster.config(tool.name)["spec"] == config
