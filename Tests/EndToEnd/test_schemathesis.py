"""schemathesis searches for responses that the OpenAPI document does not allow."""

import subprocess
import sys
from pathlib import Path

import pytest

CONFIGURATION = """
[parameters]
tool = "{tool}"
# A request that waits as long as it may would look like one that hangs.
wait = 2

# A schema cannot say which version the config has (304, 412), that the target of reuse_from must be one of the
# components (422), nor that a number under a key of the author's own must be one that the cluster gives back (400). All
# are documented answers.
[[operations]]
include-name-regex = "POST (/api)?/v1/tool/.*/config"
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 401, 403, 404, 409, 412, 422, "5xx"]
checks.negative_data_rejection.expected-statuses = [400, 401, 403, 404, 412, 413, 415, 422, "5xx"]

# A null, which generated clients send for no body, is read as none. A schema cannot say that of some options only one may be
# given, that refs are of the config's components (422), nor how long a query gets when it is encoded (414).
[[operations]]
include-name-regex = "POST /.*/deploy(ment)?$"
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 401, 403, 404, 409, 414, 422, "5xx"]
checks.negative_data_rejection.expected-statuses = ["2xx", 400, 401, 403, 404, 409, 413, 414, 415, 422, "5xx"]

# 400: of a pattern that it cannot fill it takes "0" for valid.
[[operations]]
include-name-regex = "(DELETE|GET|HEAD) /api/v1/tool/.*/config"
checks.positive_data_acceptance.expected-statuses = ["2xx", 304, 400, 401, 403, 404, 409, 412, "5xx"]

# `latest` is no id of a deployment that is to go; a deploy token may stand in one place only: 400.
[[operations]]
include-name-regex = "DELETE .*/deploy(ment)?/.*|(GET|HEAD) /v1/tool/.*/deployment.*"
checks.positive_data_acceptance.expected-statuses = ["2xx", 400, 401, 403, 404, 409, 422, "5xx"]

# A schema cannot say how far the deployment is.
[[operations]]
include-name-regex = "(GET|HEAD) /api/v1/tool/.*/result"
checks.positive_data_acceptance.expected-statuses = ["2xx", 401, 403, 404, 409, 424, 429, "5xx"]
"""


@pytest.mark.timeout(900)
def test_no_response_contradicts_the_document(tool, directory, long_run):
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
            # Where a deploy token is enough, so is the certificate, which every request has. (test_deploy_tokens and
            # test_identity ask without either.) The api-gateway does not pass on an empty field, so it is not refused there.
            f"--exclude-checks=ignored_auth{',negative_data_rejection' if tool.api.prefix else ''}",
            f"--max-examples={500 if long_run else 25}",
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
