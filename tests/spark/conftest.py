"""What the tests of the second engine share; they need the extra ``spark``."""

import sys
from pathlib import Path

import pytest

from runner.settings import forget_sources

# No test may load into the archive, or from the sources, of whoever runs it.
forget_sources()

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "python")]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what is in this folder, and says why nothing runs where the extra is not installed."""
    from importlib.util import find_spec

    for item in items:
        if not item.path.is_relative_to(Path(__file__).parent):
            continue
        item.add_marker(pytest.mark.spark)
        if not find_spec("pyspark"):
            item.add_marker(pytest.mark.skip(reason="needs the extra `spark`: run make test-spark"))
