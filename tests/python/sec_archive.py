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

from loader.archive.archive import NamedTable, Walk, open_archive
from loader.archive.counts import Page, Record
from loader.archive.windows import Window
from loader.sources import ecb_rates, sec_bulk
from loader.sources.sec.ownership_document import read_submission

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
            walk = Walk("sec_edgar", "Archives/edgar", Window(day, day, True))
            records = [Record(json.dumps(filing), filing["accession_number"]) for filing in by_day[day]]
            pages = [Page(records, reported_records=len(records))]
            yield from walk.tables(pages, on_page=lambda records: None)
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


def filing(
    accession: str,
    accepted_at: str,
    lines: Iterable[Payload],
    form_type: str = "4",
    issuer: str = "0000000001",
    owner: str = "0000000011",
    original_date: str | None = None,
    schema_version: str = "X0407",
    remarks: str | None = None,
) -> Payload:
    """A constructed filing of a director, as the loader archives one; ``accepted_at`` in ISO 8601 with offset."""
    document = {
        "schemaVersion": schema_version,
        "documentType": form_type,
        "periodOfReport": accepted_at[:10],
        "dateOfOriginalSubmission": original_date,
        "issuer": {"issuerCik": issuer, "issuerName": "Issuer", "issuerTradingSymbol": "ISS"},
        "reportingOwner": [
            {
                "reportingOwnerId": {"rptOwnerCik": owner, "rptOwnerName": "Owner"},
                "reportingOwnerRelationship": {"isDirector": "1"},
            }
        ],
        "aff10b5One": "0",
        "nonDerivativeTable": list(lines),
        "remarks": remarks,
    }
    return {
        "accession_number": accession,
        "form_type": form_type,
        "filing_date": accepted_at[:10],
        "accepted_at": accepted_at,
        "issuer_cik": issuer,
        "ownership_document": {name: value for name, value in document.items() if value is not None},
    }


def purchase(
    day: str,
    shares: str,
    price: str,
    security: str = "Common Stock",
    code: str = "P",
    direction: str = "A",
    owned_after: str | None = None,
) -> Payload:
    """A purchase, or another transaction by its code, as the loader archives one."""
    line = {
        "element": "nonDerivativeTransaction",
        "securityTitle": {"value": security},
        "transactionDate": {"value": day},
        "transactionCoding": {"transactionFormType": "4", "transactionCode": code},
        "transactionAmounts": {
            "transactionShares": {"value": shares},
            "transactionPricePerShare": {"value": price},
            "transactionAcquiredDisposedCode": {"value": direction},
        },
        "ownershipNature": {"directOrIndirectOwnership": {"value": "D"}},
    }
    if owned_after is not None:
        line["postTransactionAmounts"] = {"sharesOwnedFollowingTransaction": {"value": owned_after}}
    return line


def holding(security: str = "Common Stock") -> Payload:
    """A holding, as the loader archives one."""
    return {"element": "nonDerivativeHolding", "securityTitle": {"value": security}}
