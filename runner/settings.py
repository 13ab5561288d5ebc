"""Where the files of a run are: from the environment, else in the project folder."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from loader.config import PROJECT as PROJECT
from loader.run_log import logs_in


@dataclass(frozen=True)
class Files:
    """The working database, the published one, the folder of the exports, and that of the log of runs."""

    working: Path
    published: Path
    exports: Path
    logs: Path

    @property
    def outbox(self) -> Path:
        """Which alerts were delivered: a file beside the working database, as old as the archive in that."""
        return self.working.with_suffix(".alerts.sqlite")

    @classmethod
    def in_folder(cls, folder: Path, environment: Mapping[str, str] = os.environ) -> "Files":
        """The files that the environment names; those it does not name lie in ``folder``.

        Raises:
            RunError: the working database is the published one, which publishing replaces.
        """
        files = cls(
            working=Path(
                environment.get("INSIDER_FILINGS_DB") or folder / "insider_filings.duckdb"
            ).resolve(),
            published=Path(environment.get("INSIDER_MARTS_DB") or folder / "insider_marts.duckdb").resolve(),
            exports=Path(environment.get("INSIDER_EXPORTS") or folder / "exports").resolve(),
            logs=logs_in(folder, environment),
        )
        if files.working == files.published:
            raise RunError(
                f"INSIDER_FILINGS_DB and INSIDER_MARTS_DB name the same file, {files.working}:"
                " publishing would replace what is loaded by the marts; let one of them name another file"
            )
        return files


def resolve_archive() -> None:
    """Makes the archive's folder in the environment absolute: dbt would look for it in the project, and Spark below its warehouse."""
    if (archive := os.environ.get("INSIDER_ARCHIVE_URL")) and "://" not in archive:
        os.environ["INSIDER_ARCHIVE_URL"] = str(Path(archive).resolve())


def forget_sources() -> None:
    """Takes the archive, the sources of real feeds and the receivers of alerts out of the environment: nothing made up gets there."""
    for name in [name for name in os.environ if name.startswith(("SOURCES__", "ALERTS__"))]:
        del os.environ[name]
    os.environ.pop("INSIDER_ARCHIVE_URL", None)


class RunError(Exception):
    """A run stopped; the message says what happened and what to do next."""
