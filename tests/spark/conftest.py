"""What the tests of the second engine share; they need the extra ``spark``."""

import sys
from pathlib import Path

import pytest

from runner.settings import forget_sources

# No test may load into the archive, or from the sources, of whoever runs it.
forget_sources()

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "python")]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Says why nothing runs where the extra is not installed."""
    from importlib.util import find_spec

    if not find_spec("pyspark"):
        for item in items:
            item.add_marker(pytest.mark.skip(reason="needs the extra `spark`: run make test-spark"))
