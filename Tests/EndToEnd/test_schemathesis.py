"""schemathesis looks for answers that the OpenAPI document does not allow."""

import subprocess
import sys
from pathlib import Path

import pytest

CONFIGURATION = """
[parameters]
tool = "{tool}"
"""


@pytest.mark.timeout(900)
def test_no_answer_stands_against_the_document(tool, directory, long_run):
    tool.store()
    tool.follow(tool.deploy()["deploy-id"])
    configuration = directory / "schemathesis.toml"
    configuration.write_text(CONFIGURATION.format(tool=tool.name))
    result = subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"),
            f"--config-file={configuration}",
            "run",
            f"{tool.api.url}/openapi.json",
            f"--tls-verify={tool.api.ca}",
            f"--request-cert={tool.api.certificate.certificate}",
            f"--request-cert-key={tool.api.certificate.key}",
            "--checks=all",
            "--phases=examples,coverage,fuzzing" + (",stateful" if long_run else ""),
            f"--max-examples={200 if long_run else 15}",
            "--generation-database=none",
            "--seed=1",
            "--request-timeout=30",
            "--warnings=off",
            "--no-color",
        ],
        capture_output=True,
        text=True,
        cwd=directory,
        timeout=880,
    )
    assert result.returncode == 0, result.stdout[-12000:] + result.stderr[-3000:]
