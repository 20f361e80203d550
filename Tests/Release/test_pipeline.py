"""The files that other projects' pipelines read: what they name exists, and they use only known keywords."""

import os
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = "repos/cloud/cicd/gitlab-ci"
# The keywords of GitLab that are used here, so that a misspelt one is found.
JOB_KEYS = {"artifacts", "cache", "extends", "image", "interruptible", "needs", "rules", "script", "stage", "timeout"}
VARIANT_KEYS = {"apt", "base", "builders", "copies", "entrypoint", "lives", "runs"}


class UniqueKeys(yaml.SafeLoader):
    """YAML without duplicate keys; the library itself silently takes the last one."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key) for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"a key twice among {keys}"
        return super().construct_mapping(node, deep)


def read(name):
    return yaml.load((ROOT / name).read_text(), UniqueKeys)


class TestGitLab:
    @pytest.fixture
    def pipeline(self):
        return read(".gitlab-ci.yml")

    @pytest.fixture
    def jobs(self, pipeline):
        return {name: job for name, job in pipeline.items() if name not in ("include", "variables")}

    def test_includes_the_templates_of_toolforges_components(self, pipeline):
        assert {(entry["project"], entry["file"]) for entry in pipeline["include"]} == {
            (TEMPLATES, "toolforge-cd/only_image_publish.yaml"),
            (TEMPLATES, "toolforge-cd/only_helm_publish.yaml"),
        }
        assert all(set(entry) == {"project", "ref", "file"} for entry in pipeline["include"])
        assert pipeline["variables"]["PROJECT_NAME"] == "components-api"

    def test_variables_are_text(self, pipeline):
        assert all(isinstance(value, str) for value in pipeline["variables"].values())

    def test_jobs_use_known_keywords_on_known_jobs(self, jobs):
        assert {"test", "image"} <= set(jobs)
        for name, job in jobs.items():
            assert set(job) <= JOB_KEYS, name
            assert job.get("extends", name) in jobs
            for rule in job.get("rules", []):
                assert set(rule) <= {"if", "when"}
            if not name.startswith("."):
                whole = {**jobs.get(job.get("extends"), {}), **job}
                assert whole["script"] and whole["image"]
                # The templates define stages of their own; GitLab always has this one.
                assert whole["stage"] == "test"

    def test_jobs_call_scripts_that_are_here(self, jobs):
        commands = [line.split() for job in jobs.values() for line in job.get("script", [])]
        assert ["ci/test"] in commands and ["ci/image", "--smoke"] in commands
        for command in commands:
            assert os.access(ROOT / command[0], os.X_OK), command

    def test_the_quick_job_stands_before_the_long_ones(self, jobs):
        assert jobs["quick"]["script"] == ["ci/test --quick"]
        for name, job in jobs.items():
            if not name.startswith(".") and name != "quick":
                assert job["needs"] == ["quick"], name

    def test_caches_are_keyed_by_the_dependencies_and_hold_ignored_folders(self, jobs):
        ignored = (ROOT / ".gitignore").read_text().splitlines()
        caches = [job["cache"] for job in jobs.values() if "cache" in job]
        assert caches
        for cache in caches:
            assert set(cache) == {"key", "paths"}
            assert all((ROOT / name).exists() for name in cache["key"]["files"])
            assert all(path.split("/")[0] + "/" in ignored for path in cache["paths"])
        prefixes = [cache["key"]["prefix"] for cache in caches]
        assert len(prefixes) == len(set(prefixes))

    def test_variables_that_jobs_use_are_defined(self, pipeline):
        used = set(re.findall(r"\$\{?([A-Z_]+)", (ROOT / ".gitlab-ci.yml").read_text()))
        assert {name for name in used if not name.startswith("CI_")} <= set(pipeline["variables"])


class TestBlubber:
    @pytest.fixture
    def variants(self):
        file = read(".pipeline/blubber.yaml")
        assert set(file) == {"version", "variants"}
        assert file["version"] == "v4"
        return file["variants"]

    def test_the_first_line_names_the_frontend(self):
        first = (ROOT / ".pipeline/blubber.yaml").read_text().splitlines()[0]
        assert re.fullmatch(r"# syntax=docker-registry\.wikimedia\.org/repos/releng/blubber/buildkit:v[0-9.]+", first)

    def test_variants_use_known_keys(self, variants):
        assert set(variants) == {"build", "image"}
        for variant in variants.values():
            assert set(variant) <= VARIANT_KEYS
            assert ":" in variant["base"]

    def test_the_build_has_what_it_needs(self, variants):
        [builder] = variants["build"]["builders"]
        requirements = builder["custom"]["requirements"]
        for path in requirements:
            assert (ROOT / path).exists()
        assert {"Package.swift", "Sources/", "Tests/", "ci/"} <= set(requirements)
        command = builder["custom"]["command"]
        assert os.access(ROOT / command[0], os.X_OK)
        assert command[1:2] == ["--program"]

    def test_the_image_copies_what_the_build_makes_and_runs_it(self, variants):
        [copy] = variants["image"]["copies"]
        assert copy["from"] == "build"
        assert copy["source"] == variants["build"]["builders"][0]["custom"]["command"][2]
        assert [copy["destination"]] == variants["image"]["entrypoint"]

    def test_program_path_and_user_are_those_of_the_other_image(self, variants):
        [entrypoint] = variants["image"]["entrypoint"]
        assert f'Entrypoint: ["{entrypoint}"]' in (ROOT / "ci/image").read_text()
        runs = variants["image"]["runs"]
        assert runs["uid"] == runs["gid"]
        assert f"IMAGE_USER={runs['uid']}\n" in (ROOT / "ci/lib/rootfs.sh").read_text()
        assert not runs.get("insecurely")
