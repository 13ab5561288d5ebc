"""Made-up submissions as EDGAR has them, and what the tests of the SEC's sources share."""

import json
import os
from datetime import date
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import duckdb
import pytest
import real_filings
from project import PROJECT

import loader

needs_real_filings = pytest.mark.skipif(
    not real_filings.is_available(),
    reason="no real filings: set INSIDER_FILINGS_SHARED to the folder that has data/sec_form4",
)

ISSUER_CIK = 1_900_001
OWNERS = ((1_900_101, "Doe Jane"), (1_900_102, "Roe Richard"))

TRANSACTION = """
        <nonDerivativeTransaction>
            <securityTitle><value>Common Stock</value></securityTitle>
            <transactionDate><value>2023-03-30</value></transactionDate>
            <transactionCoding>
                <transactionFormType>4</transactionFormType>
                <transactionCode>P</transactionCode>
                <equitySwapInvolved>0</equitySwapInvolved>
            </transactionCoding>
            <transactionAmounts>
                <transactionShares><value>1000</value></transactionShares>
                <transactionPricePerShare><value>12.50</value><footnoteId id="F1"/></transactionPricePerShare>
                <transactionAcquiredDisposedCode><value>A</value></transactionAcquiredDisposedCode>
            </transactionAmounts>
            <postTransactionAmounts>
                <sharesOwnedFollowingTransaction><value>5000</value></sharesOwnedFollowingTransaction>
            </postTransactionAmounts>
            <ownershipNature><directOrIndirectOwnership><value>D</value></directOrIndirectOwnership></ownershipNature>
        </nonDerivativeTransaction>"""
HOLDING = """
        <nonDerivativeHolding>
            <securityTitle><value>Common Stock</value></securityTitle>
            <postTransactionAmounts>
                <sharesOwnedFollowingTransaction><value>700</value></sharesOwnedFollowingTransaction>
            </postTransactionAmounts>
            <ownershipNature>
                <directOrIndirectOwnership><value>I</value></directOrIndirectOwnership>
                <natureOfOwnership><value>By trust</value><footnoteId id="F1"/><footnoteId id="F2"/></natureOfOwnership>
            </ownershipNature>
        </nonDerivativeHolding>"""
FOOTNOTES = {"F1": 'The average price; "prices" were from $12.40 to $12.60.', "F2": "A family trust."}


def number(serial: int, year: int = 2023) -> str:
    """A made-up accession number."""
    return f"0009999999-{year % 100:02d}-{serial:06d}"


def ownership_document(
    form_type: str = "4",
    rows: str = TRANSACTION + HOLDING,
    more: str = "<aff10b5One>0</aff10b5One>",
    owners: tuple[tuple[int, str], ...] = OWNERS[:1],
) -> str:
    """The XML of a made-up ownership document; `more` stands before its tables."""
    reporting_owners = "".join(
        f"""
    <reportingOwner>
        <reportingOwnerId><rptOwnerCik>{cik:010d}</rptOwnerCik><rptOwnerName>{name}</rptOwnerName></reportingOwnerId>
        <reportingOwnerRelationship>
            <isDirector>1</isDirector><isOfficer>true</isOfficer><officerTitle>See Remarks</officerTitle>
        </reportingOwnerRelationship>
    </reportingOwner>"""
        for cik, name in owners
    )
    footnotes = "".join(f'<footnote id="{id_}">{escape(text)}</footnote>' for id_, text in FOOTNOTES.items())
    signatures = "".join(
        f"<ownerSignature><signatureName>/s/ {name}</signatureName>"
        "<signatureDate>2023-03-31-05:00</signatureDate></ownerSignature>"
        for _, name in owners
    )
    return f"""<?xml version="1.0"?>
<ownershipDocument>
    <schemaVersion>X0407</schemaVersion>
    <documentType>{form_type}</documentType>
    <periodOfReport>2023-03-30</periodOfReport>
    <issuer>
        <issuerCik>{ISSUER_CIK:010d}</issuerCik>
        <issuerName>Example &amp; Sons Inc</issuerName>
        <issuerTradingSymbol>EXMP</issuerTradingSymbol>
    </issuer>{reporting_owners}
    {more}
    <nonDerivativeTable>{rows}
    </nonDerivativeTable>
    <footnotes>{footnotes}</footnotes>
    <remarks>Chief Financial Officer</remarks>
    {signatures}
</ownershipDocument>"""


def submission(
    accession_number: str,
    day: date | str,
    form_type: str = "4",
    accepted: str = "173015",
    owners: tuple[tuple[int, str], ...] = OWNERS[:1],
    xml: str | None = None,
) -> bytes:
    """A made-up complete submission, filed on `day` and accepted then at HHMMSS; `xml` in place of its document."""
    filed = str(day).replace("-", "")
    header = "".join(
        f"\nREPORTING-OWNER:\t\n\n\tOWNER DATA:\t\n\t\tCOMPANY CONFORMED NAME:\t\t\t{name}"
        f"\n\t\tCENTRAL INDEX KEY:\t\t\t{cik:010d}\n"
        for cik, name in owners
    )
    document = ownership_document(form_type, owners=owners) if xml is None else xml
    return f"""<SEC-DOCUMENT>{accession_number}.txt : {filed}
<SEC-HEADER>{accession_number}.hdr.sgml : {filed}
<ACCEPTANCE-DATETIME>{filed}{accepted}
ACCESSION NUMBER:\t\t{accession_number}
CONFORMED SUBMISSION TYPE:\t{form_type}
PUBLIC DOCUMENT COUNT:\t\t1
CONFORMED PERIOD OF REPORT:\t20230330
FILED AS OF DATE:\t\t{filed}
DATE AS OF CHANGE:\t\t{filed}
{header}
ISSUER:\t\t

\tCOMPANY DATA:\t
\t\tCOMPANY CONFORMED NAME:\t\t\tEXAMPLE & SONS INC
\t\tCENTRAL INDEX KEY:\t\t\t{ISSUER_CIK:010d}
</SEC-HEADER>
<DOCUMENT>
<TYPE>EX-24
<SEQUENCE>2
<TEXT>
Power of attorney.
</TEXT>
</DOCUMENT>
<DOCUMENT>
<TYPE>{form_type}
<SEQUENCE>1
<FILENAME>doc4.xml
<TEXT>
<XML>
{document}
</XML>
</TEXT>
</DOCUMENT>
</SEC-DOCUMENT>
""".encode()


def filings(days: list[str], a_day: int = 3) -> dict[str, bytes]:
    """Made-up submissions, `a_day` for every one of `days`, with one or two owners each."""
    serials = iter(range(1, 10_000))
    return {
        number(serial): submission(number(serial), day, owners=OWNERS[: 1 + serial % 2])
        for day in days
        for serial, _ in zip(serials, range(a_day), strict=False)
    }


class SecArchive:
    """A database and settings of its own for the SEC's sources, in this process's environment."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.database = folder / "filings.duckdb"
        self._monkeypatch = monkeypatch
        for name in [name for name in os.environ if name.startswith("SOURCES__")]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("INSIDER_FILINGS_DB", str(self.database))
        monkeypatch.setenv("DLT_DATA_DIR", str(folder / "dlt_data"))
        monkeypatch.setenv("DLT_PROJECT_DIR", str(PROJECT))
        monkeypatch.setenv("RUNTIME__REQUEST_MAX_ATTEMPTS", "3")
        monkeypatch.setenv("RUNTIME__REQUEST_BACKOFF_FACTOR", "0")
        self.configure(user_agent="Example Tests tests@example.com", requests_per_second=0)

    def set_clock(self, instant: str) -> None:
        """Let the loader think that it is `instant` (UTC)."""
        self._monkeypatch.setenv("INSIDER_FILINGS_NOW", instant)

    def configure(self, **settings: Any) -> None:
        """Set keys of `[sources.sec_edgar]`."""
        for key, value in settings.items():
            text = value if isinstance(value, str) else json.dumps(value)
            self._monkeypatch.setenv(f"SOURCES__SEC_EDGAR__{key.upper()}", text)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the database."""
        with duckdb.connect(self.database) as connection:
            return connection.execute(sql).fetchall()

    def records(self, source: str = "sec_edgar") -> dict[str, dict[str, Any]]:
        """The payloads of all observations, by record id; the last one stands."""
        query = f"select record_id, payload from raw_{source}.observations order by _dlt_load_id, position"
        return {record_id: json.loads(payload) for record_id, payload in self.query(query)}

    def rejects(self, source: str = "sec_edgar") -> list[tuple[str, dict[str, Any]]]:
        """Reason and payload of what was set aside, in order."""
        query = (
            f"select reason, payload from raw_{source}.rejects order by _dlt_load_id, page_number, position"
        )
        return [(reason, json.loads(payload)) for reason, payload in self.query(query)]

    def windows(self, source: str = "sec_edgar") -> list[tuple[str, bool, int, int, int]]:
        """First day, whether closed, records reported, received and set aside, of all windows as they were archived."""
        columns = "window_start::text, is_closed, reported_records, received_records, rejected_records"
        return self.query(f"select {columns} from raw_{source}.windows order by _dlt_load_id, window_start")


def load(start: str | None = None, end: str | None = None, **options: Any) -> loader.Summary:
    """Load `sec_edgar`, the days given as text."""
    days = {"start_date": start, "end_date": end or start}
    given = {name: date.fromisoformat(day) for name, day in days.items() if day}
    return loader.load("sec_edgar", **given, **options)
