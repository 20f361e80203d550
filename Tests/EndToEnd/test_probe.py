"""`components-api --probe PATH`, the probe of a container."""

import subprocess

import pytest

from stack.cluster import fault, refusal
from stack.processes import PATH
from stack.service import PROGRAM


@pytest.fixture
def probe(service):
    def run(path, listen=service.listen):
        return subprocess.run(
            [PROGRAM, "--probe", path],
            capture_output=True,
            text=True,
            timeout=30,
            env={"PATH": PATH, "HOME": "/nonexistent", "LISTEN": listen},
        )

    return run


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_it_ends_with_0_if_the_response_is_200(probe, path):
    result = probe(path)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_it_says_which_other_response_it_got(probe, cluster):
    with cluster.faults(fault(refusal(503, "ServiceUnavailable"), times=None)):
        assert probe("/healthz").returncode == 0
        result = probe("/readyz")
    assert result.returncode == 1
    assert "503" in result.stderr


def test_without_the_service_it_says_so(probe, directory):
    result = probe("/healthz", listen=f"unix:{directory}/nobody.sock")
    assert result.returncode == 1
    assert "nobody.sock" in result.stderr


def test_an_inherited_socket_cannot_be_probed(probe):
    result = probe("/healthz", listen="")
    assert result.returncode == 1
    assert "unix:PATH" in result.stderr
