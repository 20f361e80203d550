"""What ci/mutants and ci/coverage read of SwiftPM's own files: another form of them ends with a clear message."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DESCRIPTION = """\
client:
  name: basic
commands:
  "C.JSON-x86_64-unknown-linux-gnu-debug.module":
    tool: shell
    args: {module}

  "C.components-apiPackageTests-x86_64-unknown-linux-gnu-debug.test":
    tool: shell
    args: {test}

"""


class Checkout:
    """A module and its tests as SwiftPM leaves them, and commands that stand for the toolchain."""

    def __init__(self, path):
        self.path = path
        shutil.copytree(ROOT / "ci", path / "ci")
        self.products = path / ".build/debug"
        self.description = path / ".build/debug.yaml"
        self.objects = self.write(".build/debug/components-apiPackageTests.product/Objects.LinkFileList", "JSON.build/A.swift.o\n")
        for name in ("sources", "output-file-map.json"):
            self.write(f".build/debug/JSON.build/{name}", f"{self.products}/JSON.build/\n")
        self.linker = self.command("linker", 'printf "linked %s\\n" "$*"')
        self.command("swift", f'case $1 in --version) echo "Swift version 9.9" ;; *) echo "{self.products}" ;; esac')
        self.command("swiftc", "exit 1")
        self.describe()

    def describe(self, form=DESCRIPTION):
        module, test = ["swiftc", "-module-name", "JSON"], [str(self.linker), "-o", "program", "@objects"]
        self.description.write_text(form.format(module=json.dumps(module), test=json.dumps(test)))

    def write(self, name, text):
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def command(self, name, text):
        file = self.write(f"bin/{name}", f"#!/bin/sh\n{text}\n")
        file.chmod(0o755)
        return file

    def link(self):
        """Prepares the module and links the tests with it."""
        script = (
            '. "$1/ci/lib/common.sh"; . "$1/ci/lib/modules.sh"; LINK_FLAGS=(); use_debug_build; '
            'prepare_module JSON "$1/made"; link_tests "$1/made" "$1/made/tests" JSON'
        )
        environment = {**os.environ, "PATH": f"{self.path / 'bin'}:{os.environ['PATH']}"}
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script, "link", self.path], capture_output=True, text=True, env=environment
        )


@pytest.fixture
def checkout(tmp_path):
    return Checkout(tmp_path / "checkout")


def test_modules_are_linked_by_the_description(checkout):
    result = checkout.link()
    assert result.returncode == 0, result.stderr
    made = checkout.path / "made"
    assert result.stdout == f"linked -o {made}/tests @{made}/tests.objects\n"
    assert (made / "JSON.build/sources").read_text() == f"{made}/JSON.build/\n"


@pytest.mark.parametrize(
    "change",
    [
        lambda checkout: checkout.description.unlink(),
        lambda checkout: checkout.describe(DESCRIPTION.replace("C.JSON", "D.JSON")),
        lambda checkout: checkout.describe(DESCRIPTION.replace("C.components", "D.components")),
        lambda checkout: checkout.describe(DESCRIPTION.replace("    args:", "    arguments:")),
        lambda checkout: checkout.describe(DESCRIPTION + DESCRIPTION),
        lambda checkout: checkout.describe("[]\n"),
        lambda checkout: (checkout.products / "JSON.build/sources").unlink(),
        lambda checkout: (checkout.products / "JSON.build/output-file-map.json").unlink(),
    ],
)
def test_another_form_ends_with_a_message_that_names_the_toolchain(checkout, change):
    change(checkout)
    result = checkout.link()
    assert result.returncode != 0
    assert result.stdout == ""
    assert "Swift version 9.9 describes its builds in another way than Swift 6.3" in result.stderr
    assert "ci/lib/modules.sh" in result.stderr


def test_without_a_build_of_the_tests_the_message_says_how_to_make_it(checkout):
    checkout.objects.unlink()
    result = checkout.link()
    assert result.returncode != 0
    assert "swift build --build-tests" in result.stderr
