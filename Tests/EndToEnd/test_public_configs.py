"""Configs of the shapes that are published by tools on Toolforge: each is stored as given, or refused with sentences
that lead to a config that is stored."""

import pytest
import yaml

# Named after the tools whose published files have this shape; commands and the like are shortened.
STORED = {
    "toolhunt-ui, the first": """
        config-version: v0.1
        components:
          toolhunt-ui:
            build:
              repository: https://github.com/wikimedia/toolhunt-ui
        """,
    "simple-deploy: a source_url and a health check": """
        config_version: v1beta1
        source_url: https://raw.githubusercontent.com/user/tool/refs/heads/main/toolforge.yaml
        components:
          backend-service:
            component_type: continuous
            build:
              repository: https://github.com/user/tool
              ref: main
            run:
              command: backend
              port: 8080
              health_check_http: /healthz
        """,
    "osmviews: a scheduled component that reuses a build": """
        # yaml-language-server: $schema=https://example.org/schema.json
        config_version: v1beta1
        components:
          webserver:
            component_type: continuous
            build:
              repository: https://github.com/user/tool
              ref: main
            run:
              # the absolute path
              command: /layers/bin/webserver --port 8000
              publish: "/" # the public page
              mount: none
              cpu: "1"
              memory: 512M
          builder:
            component_type: scheduled
            build:
              reuse_from: webserver
            run:
              command: /layers/bin/builder
              schedule: "@daily"
              retry: 0
        """,
    "wikitermbase and lexeme-forms: no version": """
        source_url: https://gitlab.wikimedia.org/toolforge-repos/tool/-/raw/main/toolforge.yaml
        components:
          tool:
            component_type: continuous
            build:
              repository: https://gitlab.wikimedia.org/toolforge-repos/tool
              ref: main
            run:
              command: web
              publish: /
        """,
    "wikidata-painters: defaults": """
        config_version: v1beta1
        defaults:
          alerts:
            enabled: true
        components:
          web:
            build:
              repository: https://github.com/user/tool
              ref: main
        """,
    "replag: HEAD of a repository that ends in .git": """
        config_version: v1beta1
        components:
          tool-replag:
            build:
              repository: https://gitlab.wikimedia.org/toolforge-repos/tool.git
              ref: HEAD
            run: {command: web, mount: none, port: 8080, publish: /}
        """,
    "cluebotng: tags, flags and jobs": """
        components:
          # the core
          core:
            build:
              repository: https://github.com/user/core.git
              ref: refs/tags/v0.0.5
              use_latest_versions: true
            run:
              command: ./core -l -m live_run
              cpu: '1'
          report:
            build:
              repository: https://github.com/user/report.git
              ref: refs/tags/v1.7.1
            run:
              command: web
              health_check_http: /api/?action=health.check
          import:
            build:
              reuse_from: report
            run:
              command: curl -s https://tool.toolforge.org/api/?action=review.import
              schedule: '13 * * * *'
          backup:
            build:
              reuse_from: core
            run:
              command: bash -c 'dump | gzip -9 > /data/$(date +"%Y%m%d").sql.gz'
              schedule: '45 */2 * * *'
        """,
    "agpb, with a version that is known": """
        config_version: v1beta1
        components:
          frontend-service:
            build:
              repository: https://gitlab.wikimedia.org/toolforge-repos/tool
              ref: build-dev
            run: {command: frontend, filelog: false, memory: 2Gi}
        """,
}

REFUSED = {
    "agpb: a version that nobody knows": (
        "config_version: v1\ncomponents: {web: {build: {repository: 'https://example.org/r'}}}\n",
        ["config_version: the version \"v1\" is not known: write config_version: v1beta1 or config-version: v0.1"],
    ),
    "the functional tests: a version in jest, and a prebuilt image": (
        "config_version: silly\ncomponents: {c: {component_type: continuous, build: {use_prebuilt: python3.11}}}\n",
        ["write config_version: v1beta1", 'components.c.build.repository: is required', '"use_prebuilt"'],
    ),
    "the generated example": (
        "components: {example_component: {build: {ref: <string>, repository: <string>}, run: {command: <string>}}}\n",
        [
            "lower-case letters, digits and '-', and begin and end with a letter or digit: write example-component",
            'components.example_component.build.ref: is the placeholder "<string>"',
            'components.example_component.build.repository: holds a placeholder "<string>": write the real value',
        ],
    ),
    "talk-snapshots: a job without a build": (
        'components: {daily: {component_type: scheduled, schedule: "17 4 * * *", command: daily}}\n',
        ["components.daily.build: is required", '"schedule" (it belongs under run), "command" (it belongs under run)'],
    ),
    "wikitimer: a type of its own": (
        "components:\n  web:\n    type: web\n",
        ["components.web.build: is required: a mapping with the key repository", '"type"'],
    ),
    "a list of jobs": (
        "- name: update\n  image: php8.4\n  command: php x.php\n",
        ["the config must be a mapping with the key components, not a list"],
    ),
    "an object of Kubernetes": (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: tool}\nspec: {replicas: 1}\n",
        ["components: is required", '"apiVersion", "kind", "metadata" and 1 more'],
    ),
    "versions of languages": ('php:\n  version: "8.1"\n', ["components: is required", '"php"']),
    "a source in a repository": (
        "source: {repository: https://gitlab.wikimedia.org/toolforge-repos/tool, path: toolforge.yaml}\n",
        ["source.repository: a config cannot be taken from a repository yet: give source.url"],
    ),
    "a daily schedule without quotes": (
        "components:\n  web:\n    run:\n      schedule: @daily\n",
        ["line 4, column 17: a value cannot begin with '@': put it in quotes"],
    ),
    "a cron schedule without quotes": (
        "components:\n  web:\n    run:\n      schedule: */5 * * * *\n",
        ["line 4, column", "put a value that begins with '*' in quotes"],
    ),
}


@pytest.fixture(scope="module")
def holder(make_tool):
    return make_tool("samples")


# What hosts without the network are: test_config_source.py has the fetch.
UNREACHABLE = "https://127.0.0.1:1/toolforge.yaml"


@pytest.mark.parametrize("text", STORED.values(), ids=STORED)
def test_a_config_that_is_in_use_is_stored_as_given(holder, text):
    config = yaml.safe_load(text)
    if "source_url" in config:
        response = holder.api.post(holder.config_path, {**config, "source_url": UNREACHABLE})
        assert response.status == 400 and "not on the public internet" in response.error, response
        del config["source_url"]
        text = yaml.safe_dump(config)
    response = holder.api.post(holder.config_path, text, "application/yaml")
    assert response.status == 200, response
    assert holder.api.get(holder.config_path).data == config


@pytest.mark.parametrize("text, sentences", REFUSED.values(), ids=REFUSED)
def test_a_config_that_is_refused_says_what_to_write(holder, text, sentences):
    with holder.cluster.recording() as journal:
        response = holder.api.post(holder.config_path, text, "application/yaml")
    assert response.status in (400, 422), response
    assert not journal.entries
    for sentence in sentences:
        assert sentence in response.error, response.errors
