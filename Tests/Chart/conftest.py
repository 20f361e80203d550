"""What ci/chart rendered, with one parameter for each values file."""

import os
from pathlib import Path

import pytest
from rendering import Rendering

RENDERED = Path(os.environ["RENDERED"])


def pytest_generate_tests(metafunc):
    if "chart" in metafunc.fixturenames:
        files = sorted(RENDERED.glob("*.yaml"))
        assert files, f"nothing was rendered into {RENDERED}: run ci/chart"
        metafunc.parametrize("chart", files, ids=lambda file: file.stem, indirect=True, scope="session")


@pytest.fixture(scope="session")
def chart(request):
    return Rendering(request.param)
