"""Raw archives of SEC filings as the loader writes them, by both routes, from submissions and from constructed filings."""

import json
import os
import tarfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import bulk_tables
import real_filings

from loader import ecb_rates, sec_bulk
from loader.archive import NamedTable, Record, Walk, open_archive
from loader.ownership_document import read_submission
from loader.windows import Window

Payload = dict[str, Any]


def submissions() -> dict[str, bytes]:
    """The real submissions as they were filed, by accession."""
    with tarfile.open(real_filings.archive()) as tar:
        return {Path(member.name).stem: tar.extractfile(member).read() for member in tar if member.isfile()}


def payloads(contents: dict[str, bytes]) -> list[Payload]:
    """What the loader makes of submissions."""
    return [read_submission(content, accession) for accession, content in contents.items()]


@contextmanager
def working_database(database: Path, now: str) -> Iterator[None]:
    """Let the loader write into ``database``, and think that it is ``now`` (UTC)."""
    places = {"INSIDER_FILINGS_DB": str(database), "DLT_DATA_DIR": str(database.parent / "dlt_data")}
    with patch.dict(os.environ, places | {"INSIDER_FILINGS_NOW": now}):
        yield


def write_rates(database: Path, now: str) -> None:
    """Archive the ECB's rates that come with the package."""
    with working_database(database, now):
        ecb_rates.load()


def write_edgar(database: Path, filings: Iterable[Payload], now: str, last_day: date) -> None:
    """Archive filings as one walk over each day, from the first filing date to ``last_day``."""
    by_day = defaultdict(list)
    for filing in filings:
        by_day[date.fromisoformat(filing["filing_date"])].append(filing)

    def tables() -> Iterator[NamedTable]:
        first_day = min(by_day)
        for day in (first_day + timedelta(number) for number in range((last_day - first_day).days + 1)):
            walk = Walk(
                "sec_edgar", "Archives/edgar", Window(day, day, True), reported_records=len(by_day[day])
            )
            yield from walk.add_page(
                [Record(json.dumps(filing), filing["accession_number"]) for filing in by_day[day]]
            )
            yield walk.finish()

    with working_database(database, now), open_archive("sec_edgar") as archive:
        archive.append(tables())


def write_bulk(database: Path, quarters: dict[str, dict[str, bytes]], now: str) -> None:
    """Archive submissions through data sets made of them, by quarter."""
    with working_database(database, now):
        for quarter, contents in quarters.items():
            path = database.parent / f"{quarter}_form345.zip"
            bulk_tables.write_data_set(path, contents.items())
            sec_bulk.load([quarter], path)
