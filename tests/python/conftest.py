"""Fixtures that several test modules share."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

# dbt writes its parse and its log where these say; test processes that run side by side must not write over each other.
if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    os.environ["DBT_TARGET_PATH"] = f"target/{worker}"
    os.environ["DBT_LOG_PATH"] = f"logs/{worker}"

import project

from runner.settings import forget_sources

# No test may load into the archive, or from the sources, of whoever runs it.
forget_sources()
# Nor write into their log.
_LOGS = tempfile.TemporaryDirectory(prefix="insider_filings_logs_")
os.environ["INSIDER_LOGS"] = _LOGS.name


@pytest.fixture(scope="module")
def module_environment() -> Iterator[pytest.MonkeyPatch]:
    """The environment, as it was again after the module's tests."""
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with seeds and calendars, and nothing else: no archive yet."""
    return project.seed(tmp_path_factory.mktemp("seeded") / "insider_filings.duckdb")


@pytest.fixture
def database(seeded: Path, tmp_path: Path) -> Path:
    """A copy of the one with seeds and calendars."""
    return project.copy_of(seeded, tmp_path / "insider_filings.duckdb")
