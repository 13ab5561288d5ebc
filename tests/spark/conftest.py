"""What the tests of the second engine share; they need the extra ``spark``."""

import os
import sys
from pathlib import Path

import pytest

# No test may load into the archive, or from the sources, of whoever runs it.
for name in [name for name in os.environ if name.startswith("SOURCES__")]:
    del os.environ[name]
os.environ.pop("INSIDER_ARCHIVE_URL", None)

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "python")]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Says why nothing runs where the extra is not installed."""
    from importlib.util import find_spec

    if not find_spec("pyspark"):
        for item in items:
            item.add_marker(pytest.mark.skip(reason="needs the extra `spark`: run make test-spark"))
