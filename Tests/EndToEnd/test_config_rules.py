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
    "ref that Tekton would replace": (web(ref="$(context.pipelineRun.namespace)"), REF),
    "ref with a semicolon": (web(ref="main;id"), REF),
    "ref with an invisible character": (web(ref="main\u200b"), REF),
    "ref true": (web(ref=True), REF),
    "repository that Tekton would replace": (at("https://example.org/$(context.pipelineRun.namespace)"), REPOSITORY),
    "repository with a backtick": (at("https://example.org/`id`"), REPOSITORY),
    "repository that ends with a line break": (at("https://example.org/web.git\n"), REPOSITORY),
    "repository with an encoded line break": (at("https://example.org/a%0ab"), REPOSITORY),
    "repository with a placeholder": (at("https://example.org/<user>/web.git"), REPOSITORY),
    "reuse null": ({"components": {"web": {"build": {"reuse_from": None}}}}, REPOSITORY),
    "build null": ({"components": {"web": {"build": None}}}, "components.web.build"),
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
        response = holder.api.post(holder.config_path, json.dumps(config), "application/json")
    assert response.status == 422, response
    assert any(message.startswith(path) for message in response.errors), response.errors
    assert not journal.entries
    assert holder.cluster.config("rules")["spec"] == holder.config()


# What a client writes, and what it is told to write: that is then stored.
WRITE = {
    "git@github.com:user/tool.git": "https://github.com/user/tool.git",
    "ssh://git@github.com/user/tool": "https://github.com/user/tool",
    "https://user:secret@github.com/user/tool": "https://github.com/user/tool",
    "github.com/user/tool": "https://github.com/user/tool",
    "HTTPS://github.com/user/tool": "https://github.com/user/tool",
    "https://bücher.example/tool": "https://xn--bcher-kva.example/tool",
}


@pytest.mark.parametrize("url", WRITE)
def test_what_a_url_should_be_is_told_and_is_stored(tool, url):
    response = tool.api.post(tool.config_path, at(url))
    assert response.status == 422
    assert response.error == f"{REPOSITORY}: {response.error.split(': ')[1]}: write {WRITE[url]}"
    assert not tool.store(at(WRITE[url])).warnings


def test_what_is_absent_may_be_null_and_is_stored_as_given(tool):
    config = {
        "config_version": None,
        "config-version": "v0.1",
        "components": {
            "api": {
                "component_type": None,
                "run": None,
                "build": {"repository": URL, "ref": None, "reuse_from": None, "use_latest_versions": None},
            },
            "web": {"build": {"reuse_from": "api", "repository": None, "ref": None}},
        },
    }
    assert not tool.store(config).warnings
    assert tool.cluster.config(tool.name)["spec"] == config
    assert tool.api.get(tool.config_path).data == config
    assert tool.api.post(tool.deploy_path).status == 201


def test_warnings_stand_beside_errors(holder):
    response = holder.api.post(holder.config_path, {"components": {"web": {"bulid": {"repository": URL}}}})
    assert response.status == 422
    assert response.errors == [
        'components.web.build: is required: a mapping with the key repository; not known here: "bulid" (did you mean build?)'
    ]
    assert response.warnings == [
        "components.web.bulid: this key is not known (did you mean build?), and has no effect"
    ]


def test_numbers_that_lose_their_text_are_kept_with_a_warning(tool):
    body = f"components: {{web: {{build: {{repository: {URL}}}, run: {{python: 3.10, mode: 0777, port: 8000}}}}}}\n"
    response = tool.api.post(tool.config_path, body, "application/yaml")
    assert response.status == 200, response
    run = "components.web.run"
    assert response.warnings == [
        f"{run}: this version does not act on this key yet",
        f"{run}.python: 3.10 is a number, the same as 3.1; put it in quotes to keep the text",
        f"{run}.mode: 0777 is a number, the same as 777; put it in quotes to keep the text",
    ]
    assert tool.api.get(tool.config_path).data["components"]["web"]["run"] == {"python": 3.1, "mode": 777, "port": 8000}


@pytest.mark.parametrize("ref", ["72225e2", "58467965", "0123456", "1.0", "0x1F", "true"])
def test_a_ref_without_quotes_is_shown_with_them(holder, ref):
    body = f"components: {{web: {{build: {{repository: {URL}, ref: {ref}}}}}}}\n"
    response = holder.api.post(holder.config_path, body, "application/yaml")
    assert response.status == 422
    assert f'{REF}: must be a string, not ' in response.error and f'put it in quotes, "{ref}"' in response.error


def test_a_page_of_a_repository_is_stored_with_a_warning(tool):
    response = tool.store(at("https://github.com/user/tool/tree/main"))
    assert len(response.warnings) == 1
    assert "repository: https://github.com/user/tool, ref: main" in response.warnings[0]


def test_a_password_in_a_repository_is_not_repeated(holder):
    response = holder.api.post(holder.config_path, at("https://user:secret@example.org/web.git"))
    assert b"secret" not in response.body


def test_a_reused_component_must_build_itself(holder):
    response = holder.api.post(holder.config_path, REUSE_CHAIN)
    assert response.status == 422
    assert len(response.errors) == 1
    assert response.errors[0].startswith(REUSE)


def test_all_mistakes_are_reported_at_once(holder):
    response = holder.api.post(
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
    assert response.status == 422
    paths = ["config-version", "components.Bad", REPOSITORY, REF, "components.api.build.reuse_from"]
    for path in [*paths, "components.worker.build"]:
        assert sum(message.startswith(f"{path}:") for message in response.errors) == 1, (path, response.errors)
    assert len(response.errors) == len(paths) + 1


def test_an_unknown_version_is_refused_with_the_known_ones(holder):
    response = holder.api.post(holder.config_path, {**web(), "config-version": "v9"})
    assert "v0.1" in response.error and "v1beta1" in response.error


@pytest.mark.parametrize(
    "config",
    [
        {**web(), "config-version": "v0.1"},
        {**web(), "config_version": "v1beta1"},
        named("a" * 40),
        named("0"),
        at("http://example.org"),
        at("git://example.org:9418/web.git"),
        at("https://my_git.example.org/web.git"),
        at("https://example.org/web.git?a=b&c=d"),
        web(ref="refs/tags/v1.0.0"),
        at("https://example.org/" + "a" * 2028),
        web(ref="feature/x-1"),
        web(ref="0123456789abcdef0123456789abcdef01234567"),
        web(ref="v1.0"),
        {"components": {f"c{n}": web()["components"]["web"] for n in range(100)}},
    ],
)
def test_a_valid_config_is_stored(tool, config):
    response = tool.store(config)
    assert not response.warnings
    assert tool.cluster.config(tool.name)["spec"] == config
