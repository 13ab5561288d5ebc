"""Fixtures that several test modules share."""

from collections.abc import Iterator
from pathlib import Path

import project
import pytest


@pytest.fixture(scope="module")
def module_environment() -> Iterator[pytest.MonkeyPatch]:
    """The environment, as it was again after the module's tests."""
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="session")
def empty_build(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A database built and tested with no source loaded, and the status of every node."""
    database = tmp_path_factory.mktemp("empty") / "insider_filings.duckdb"
    return database, project.build_everything(database)


@pytest.fixture
def database(empty_build: tuple[Path, dict[str, str]], tmp_path: Path) -> Path:
    """A database with seeds and calendars, and no archive yet."""
    return project.copy_of(empty_build[0], tmp_path / "insider_filings.duckdb")
