"""The values files: the chart's own, and those that these tests render."""

import pytest
import yaml
from rendering import ROOT, StrictLoader

FILES = sorted([*ROOT.glob("chart/values*.yaml"), *ROOT.glob("Tests/Chart/values-*.yaml")])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_key_stands_twice(file):
    """Helm would take the last one, and what the first one turns on would not be rendered."""
    yaml.load(file.read_text(), Loader=StrictLoader)
