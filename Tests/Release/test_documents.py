"""The documents agree with the code: links have targets, and lists are complete."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    ROOT / name
    for name in subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", "-C", ROOT, "ls-files", "*.md"], check=True, capture_output=True, text=True
    ).stdout.split()
)
README = ROOT / "README.md"
CARD = ROOT / "Tests/EndToEnd/SCORECARD.md"
LONGEST_LINE = 140
README_LINES = 250


def anchors(document):
    """The headings of a document as GitLab makes anchors of them."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def rows(document, heading):
    """The first cells of the table below a heading."""
    _, _, text = document.read_text().partition(f"\n{heading}\n")
    table = re.search(r"(?:^\|.*\n)+", text, re.MULTILINE)[0].splitlines()[2:]
    return [re.split(r"(?<!\\)\|", line)[1].strip() for line in table]


def code(text):
    """The texts in backticks, without whole blocks."""
    return re.findall(r"`([^`]+)`", re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT)))
def test_links_have_targets(document):
    for link in re.findall(r"\]\(([^)\s]+)\)", document.read_text()):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), link


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT)))
def test_lines_of_prose_are_short_enough_to_read(document):
    long = [line for line in document.read_text().splitlines() if len(line) > LONGEST_LINE and not line.startswith("|")]
    assert long == []


def test_the_readme_is_short():
    assert len(README.read_text().splitlines()) <= README_LINES


def test_the_readme_lists_every_setting():
    source = "".join(file.read_text() for file in (ROOT / "Sources/ComponentsServer/Settings").glob("*.swift"))
    read = set(re.findall(r'(?:value|number|name|image|text)\(\s*"([A-Z][A-Z0-9_]+)"', source))
    # Read elsewhere: by the Kubernetes client, and before the others.
    listed = {name for cell in rows(README, "## Settings") for name in code(cell)}
    assert listed == read | {"KUBECONFIG", "LOG_FILE"}


def test_the_readme_lists_every_reason():
    source = (ROOT / "Sources/Components/Build/Reason.swift").read_text()
    assert sorted(name for cell in rows(README, "### Why it failed") for name in code(cell)) == sorted(
        re.findall(r'case \w+ = "(\w+)"', source)
    )


def test_the_runbook_lists_every_metric():
    sources = [*(ROOT / "Sources/ComponentsServer/Metrics").iterdir(), ROOT / "Sources/Telemetry/ProcessFigures.swift"]
    shown = {name for file in sources for name in re.findall(r'"((?:components_api|process)_[a-z_]+)"', file.read_text())}
    assert {name for cell in rows(ROOT / "chart/RUNBOOK.md", "## Metrics") for name in code(cell)} == shown


def test_the_readme_names_every_command():
    commands = {entry.name for entry in os.scandir(ROOT / "ci") if entry.is_file() and os.access(entry, os.X_OK)}
    words = {word for text in code(README.read_text()) for word in text.split()}
    assert {name for name in commands if not words & {name, f"ci/{name}"}} == set()


def test_the_score_card_names_tests_that_exist():
    tests = [file for file in (ROOT / "Tests").rglob("*") if file.suffix in (".swift", ".py")]
    words = {word for file in tests for word in re.findall(r"\w+", file.read_text())} | {file.name for file in tests}
    _, _, text = CARD.read_text().partition("## What is tried")
    # `Suite.test`, `test` of the suite before it, `Suite`, or a file; a command or a field's name has another form.
    named = {name for name in code(text) if re.fullmatch(r"[A-Za-z]+(\.[A-Za-z]+)?|test_\w+\.py", name)}
    missing = {name for name in named if name not in words and not set(name.split(".")) <= words}
    assert missing == set()


def test_the_alert_counts_every_reason_that_is_the_clusters_fault():
    source = (ROOT / "Sources/Components/Build/Reason.swift").read_text()
    codes = dict(re.findall(r'case (\w+) = "(\w+)"', source))
    (faults,) = re.findall(r"isClusterFault: Bool \{.*?case (.*?):\s+true", source, re.DOTALL)
    rules = (ROOT / "chart/templates/monitoring.yaml").read_text()
    (counted,) = re.findall(r'builds_ended_total\{[^}]*\}\}, reason=~"([\w|]+)"', rules)
    assert set(counted.split("|")) == {codes[name] for name in re.findall(r"\.(\w+)", faults)}
