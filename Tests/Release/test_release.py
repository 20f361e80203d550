"""ci/release, in a small checkout of its own."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = "Sources/ComponentsServer/ServiceVersion.swift"
CHART = "chart/Chart.yaml"
CHANGELOG = "chart/CHANGELOG.md"
VERSIONS = "ci/versions.txt"


class Checkout:
    """Version 1.2.3 of something, and one commit since."""

    def __init__(self, path):
        self.path = path
        shutil.copytree(ROOT / "ci", path / "ci")
        self.write(SOURCE, 'enum ServiceVersion {\n    static let current = "1.2.3"\n}\n')
        self.write(CHART, "name: components-api\nversion: 1.2.3\n# a comment\nappVersion: 1.2.3\n")
        self.write(CHANGELOG, "# Changes\n\nWhat changed.\n\n## 1.2.3\n\n- The first\n")
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit("Begin")
        self.write("README.md", "new\n")
        self.write(".gitignore", "Package.resolved\n")
        self.write(VERSIONS, "# A comment.\none 1.0.0 https://example.org/one\ntwo 2.0.0 https://example.org/two\n")
        self.resolve(one="1.0.0", two="2.0.0")
        self.commit(r"Tell the \n of `it` & more")

    def write(self, name, text):
        (self.path / name).parent.mkdir(parents=True, exist_ok=True)
        (self.path / name).write_text(text)

    def read(self, name):
        return (self.path / name).read_text()

    def resolve(self, **versions):
        """As SwiftPM notes it."""
        pins = [
            {
                "identity": name,
                "kind": "remoteSourceControl",
                "location": f"https://example.org/{name}",
                "state": {"revision": "0123456789abcdef" * 2, "version": version},
            }
            for name, version in versions.items()
        ]
        self.write("Package.resolved", json.dumps({"originHash": "", "pins": pins, "version": 3}))

    def pin(self):
        script = '. "$1/ci/lib/common.sh"; pin_versions; versions_are_recorded'
        return subprocess.run(["bash", "-euc", script, "pin", self.path], capture_output=True, text=True)

    def git(self, *arguments):
        identity = ["-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false"]
        return subprocess.run(
            ["git", *identity, "-C", self.path, *arguments], check=True, capture_output=True, text=True
        ).stdout

    def commit(self, message):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)

    def changed(self):
        return self.git("status", "--porcelain").split()[1::2]

    def release(self, *arguments):
        return subprocess.run([self.path / "ci/release", *arguments], capture_output=True, text=True)

    def check(self):
        script = '. "$1/ci/lib/common.sh"; . "$1/ci/lib/version.sh"; version_is_one'
        return subprocess.run(["bash", "-euc", script, "check", self.path], capture_output=True, text=True)


@pytest.fixture
def checkout(tmp_path):
    return Checkout(tmp_path / "checkout")


@pytest.mark.parametrize("version", ["1.2.4", "1.3.0-rc.1", "10.0.0"])
def test_writes_the_version_in_every_place(checkout, version):
    result = checkout.release(version)
    assert result.returncode == 0, result.stderr
    assert f'static let current = "{version}"' in checkout.read(SOURCE)
    assert checkout.read(CHART) == f"name: components-api\nversion: {version}\n# a comment\nappVersion: {version}\n"
    assert set(checkout.changed()) == {SOURCE, CHART, CHANGELOG}
    assert checkout.check().returncode == 0


def test_begins_an_entry_with_the_commits_since_the_last_release(checkout):
    assert checkout.release("1.3.0").returncode == 0
    assert checkout.read(CHANGELOG) == (
        "# Changes\n\nWhat changed.\n\n"
        "## 1.3.0\n\n- Tell the \\n of `it` & more\n\n"
        "## 1.2.3\n\n- The first\n"
    )


def test_a_tag_is_the_last_release_where_there_is_one(checkout):
    checkout.git("tag", "v1.2.3")
    checkout.write("README.md", "newer\n")
    checkout.commit("Come after the tag")
    assert checkout.release("1.3.0").returncode == 0
    assert "## 1.3.0\n\n- Come after the tag\n\n## 1.2.3" in checkout.read(CHANGELOG)


def test_commits_nothing_and_says_what_to_do(checkout):
    before = checkout.git("rev-parse", "HEAD")
    result = checkout.release("1.3.0")
    assert checkout.git("rev-parse", "HEAD") == before
    assert "git commit" in result.stderr and "git tag" in result.stderr and ".ci/run" in result.stderr


def test_does_without_a_chart(checkout):
    checkout.git("rm", "--quiet", CHART)
    checkout.commit("Take the chart away")
    assert checkout.release("1.3.0").returncode == 0
    assert set(checkout.changed()) == {SOURCE, CHANGELOG}


@pytest.mark.parametrize(
    "version", ["", "1", "1.3", "v1.3.0", "01.3.0", "1.3.0-rc.01", "1.3.0-", "1.3.0+build", "1.3.0 ", "1.3.0\n", "latest"]
)
def test_refuses_an_invalid_version(checkout, version):
    refused(checkout, version, "semver.org")


@pytest.mark.parametrize("version", ["1.2.3", "1.2.2", "1.2.3-rc.1", "0.9.9", "1.1.99"])
def test_refuses_a_version_that_is_not_newer(checkout, version):
    refused(checkout, version, "not newer")


def refused(checkout, version, reason):
    result = checkout.release(version)
    assert result.returncode != 0
    assert reason in result.stderr
    assert checkout.changed() == []


@pytest.mark.parametrize("name", ["README.md", "untracked"])
def test_refuses_a_working_tree_that_is_not_clean(checkout, name):
    checkout.write(name, "unfinished\n")
    result = checkout.release("1.3.0")
    assert result.returncode != 0
    assert "not clean" in result.stderr and name in result.stderr
    assert checkout.changed() == [name]


def test_refuses_a_version_that_is_tagged(checkout):
    checkout.git("tag", "v1.3.0")
    refused(checkout, "1.3.0", "tag v1.3.0")


@pytest.mark.parametrize(
    "resolved, differences",
    [
        ({"one": "1.0.1", "two": "2.0.0"}, ["recorded: one 1.0.0", "resolved: one 1.0.1"]),
        ({"one": "1.0.0"}, ["recorded: two 2.0.0"]),
        ({"one": "1.0.0", "two": "2.0.0", "three": "3.0.0"}, ["resolved: three 3.0.0"]),
    ],
)
def test_refuses_packages_that_are_not_the_recorded_ones(checkout, resolved, differences):
    checkout.resolve(**resolved)
    for difference in differences:
        refused(checkout, "1.3.0", difference)


def test_refuses_a_checkout_in_which_nothing_is_resolved(checkout):
    (checkout.path / "Package.resolved").unlink()
    refused(checkout, "1.3.0", "nothing is resolved yet: swift package resolve")


def test_records_what_is_resolved(checkout):
    checkout.resolve(two="2.0.0", one="1.1.0", three="3.0.0")
    result = checkout.release("--versions")
    assert result.returncode == 0, result.stderr
    assert checkout.read(VERSIONS) == (
        "# A comment.\none 1.1.0 https://example.org/one\n"
        "three 3.0.0 https://example.org/three\ntwo 2.0.0 https://example.org/two\n"
    )
    assert checkout.changed() == [VERSIONS]
    checkout.commit("Take newer packages")
    assert checkout.release("1.3.0").returncode == 0


def test_a_checkout_in_which_nothing_is_resolved_gets_the_recorded_versions(checkout):
    (checkout.path / "Package.resolved").unlink()
    result = checkout.pin()
    assert result.returncode == 0, result.stderr
    resolved = json.loads(checkout.read("Package.resolved"))
    assert resolved["version"] == 3
    assert resolved["pins"] == [
        {
            "identity": name,
            "kind": "remoteSourceControl",
            "location": f"https://example.org/{name}",
            "state": {"version": version},
        }
        for name, version in (("one", "1.0.0"), ("two", "2.0.0"))
    ]


def test_what_is_resolved_already_stays(checkout):
    checkout.resolve(one="1.0.9", two="2.0.0")
    before = checkout.read("Package.resolved")
    result = checkout.pin()
    assert result.returncode != 0
    assert "resolved: one 1.0.9" in result.stderr
    assert checkout.read("Package.resolved") == before


@pytest.mark.parametrize(
    "name, old, new",
    [
        (SOURCE, '"1.2.3"', '"1.2.4"'),
        (SOURCE, '"1.2.3"', '"1.2"'),
        (CHART, "\nversion: 1.2.3", "\nversion: 1.2.4"),
        (CHART, "appVersion: 1.2.3", "appVersion: 1.2.4"),
        (CHART, "appVersion: 1.2.3\n", ""),
        (CHANGELOG, "## 1.2.3", "## 1.2.2"),
        (CHANGELOG, "## 1.2.3", "### 1.2.3"),
    ],
)
def test_the_check_names_the_place_that_differs(checkout, name, old, new):
    assert checkout.check().returncode == 0
    assert old in checkout.read(name)
    checkout.write(name, checkout.read(name).replace(old, new))
    result = checkout.check()
    assert result.returncode != 0
    assert name in result.stderr
    checkout.commit("Differ")
    refused(checkout, "2.0.0", "")


def test_quotes_around_the_charts_versions_do_not_matter(checkout):
    checkout.write(CHART, "version: '1.2.3'\nappVersion: \"1.2.3\"\n")
    assert checkout.check().returncode == 0


# The example of semver.org, section 11, and what comparing text or 64-bit numbers would get wrong.
ORDER = [
    "1.0.0-0",
    "1.0.0-9",
    "1.0.0-10",
    "1.0.0-99999999999999999998",
    "1.0.0-99999999999999999999",
    "1.0.0-Z",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0-rc-1",
    "1.0.0",
    "1.0.9",
    "1.0.10",
    "1.9.0",
    "1.10.0-a-b.1",
    "1.10.0",
    "2.0.0",
    "10.0.0",
]


def test_versions_have_the_order_of_semver():
    pairs = [(first, second) for first in ORDER for second in ORDER]
    script = '. "$1/ci/lib/common.sh"; . "$1/ci/lib/version.sh"; while read -r a b; do ' + (
        '[[ $a =~ $SEMVER && $b =~ $SEMVER ]] || exit 1; if is_newer "$a" "$b"; then echo yes; else echo no; fi; done'
    )
    lines = "".join(f"{first} {second}\n" for first, second in pairs)
    result = subprocess.run(["bash", "-uc", script, "order", ROOT], input=lines, capture_output=True, text=True, check=True)
    wrong = [
        pair
        for pair, answer in zip(pairs, result.stdout.split(), strict=True)
        if (answer == "yes") != (ORDER.index(pair[0]) > ORDER.index(pair[1]))
    ]
    assert wrong == []


def test_the_checkout_of_this_test_agrees_with_itself():
    version = re.search(r'current = "(.+)"', (ROOT / SOURCE).read_text())[1]
    assert f"\n## {version}\n" in (ROOT / CHANGELOG).read_text()


def test_every_package_of_the_manifest_has_a_recorded_version():
    lines = [line.split() for line in (ROOT / VERSIONS).read_text().splitlines() if not line.startswith("#")]
    assert lines == sorted(lines)
    assert all(re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", version) for _, version, _ in lines)
    places = re.findall(r'\.package\(url: "([^"]+)"', (ROOT / "Package.swift").read_text())
    assert set(places) <= {place for _, _, place in lines}
