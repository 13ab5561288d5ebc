"""Feeds of other shapes and names reach the marts by configuration alone."""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import project
import pytest
import tomlkit
from feed_server import FeedServer

import loader

if TYPE_CHECKING:
    from loader_fixtures import Archive

pytest_plugins = ("loader_fixtures",)

API_KEY = "the key"
AS_OF = {"as_of_date": "2026-03-08"}


@pytest.fixture
def database(archive: Archive, seeded) -> Path:
    """The loader's database, with seeds and calendars."""
    return project.copy_of(seeded, archive.database)


def transactions(database: Path, *columns: str) -> list[tuple]:
    query = f"select {', '.join(columns)} from marts.insider_transactions order by transaction_id"
    return [tuple(row.values()) for row in project.rows(database, query)]


# ---------------------------------------------------------------- declarations: one object in another


def declaration(number: int, **transaction: Any) -> dict[str, Any]:
    """A declaration as a European aggregator serves them: company, insider and transaction as objects of their own."""
    return {
        "amfId": f"2026DD{number}",
        "pubDate": f"2026-03-0{1 + number}T17:40:00+01:00",
        "transactionDate": "2026-03-02",
        "pdfUrl": f"https://filings.example/{number}.pdf",
        "place": {"country": "FR"},
        "company": {"name": "Example SA", "slug": "example", "yahooSymbol": "EXA.PA", "marketCap": 1_000_000},
        "insider": {"name": f"Insider {number}", "slug": f"insider-{number}", "function": "PDG"},
        "transaction": {
            "nature": "Acquisition",
            "instrument": "Actions",
            "unitPrice": 12.5,
            "volume": 100 * number,
            "totalAmount": 1250.0 * number,
            "currency": "EUR",
        }
        | transaction,
        "signal": {"score": 71, "isCluster": False},
    }


class Declarations(FeedServer):
    """Pages by offset, with names of its own for parameters, keys and fields."""

    def reply(self, parameters: dict[str, Any]) -> dict[str, Any]:
        first, last = parameters["from"], parameters["to"]
        found = [record for record in self.records if first <= record["pubDate"][:10] <= last]
        start = int(parameters["offset"])
        return {"items": found[start : start + int(parameters["limit"])], "total": len(found)}


DECLARATION_SETTINGS = {
    "auth": "header",
    "api_key_name": "X-Api-Key",
    "pagination": "offset",
    "page_size": 2,
    "page_size_parameter": "limit",
    "from_parameter": "from",
    "to_parameter": "to",
    "records_path": "items",
    "record_id": "amfId",
    "start_date": "2026-03-01",
    "timestamp_zone": "market",
    "default_country": "FR",
    "field_paths": {
        "record": {
            "filing_id": "amfId",
            "issuer_id": "company.slug",
            "issuer_name": "company.name",
            "ticker": "company.yahooSymbol",
            "country": "place.country",
            "filing_date": "pubDate",
            "published_at": "pubDate",
            "url": "pdfUrl",
        },
        "owner": {
            "insider_id": "insider.slug",
            "insider_name": "insider.name",
            "insider_role": "insider.function",
        },
        "line": {
            "transaction_date": "transactionDate",
            "transaction_type": "transaction.nature",
            "shares": "transaction.volume",
            "price": "transaction.unitPrice",
            "value": "transaction.totalAmount",
            "currency": "transaction.currency",
            "security_type": "transaction.instrument",
        },
    },
}


def test_declarations_are_read_by_a_settings_file(
    archive: Archive, database: Path, run_loader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [
        declaration(1),
        declaration(2, nature="Cession"),
        declaration(3, unitPrice="1 742,00", totalAmount=None, volume=10),
        declaration(4, nature="Donation", unitPrice=0, totalAmount=0),
        # Without a country, and with the clock of Paris: as the settings say.
        declaration(5, nature="acquisition") | {"place": None, "pubDate": "2026-03-06T17:40:00"},
    ]
    with Declarations(records).serve() as feed:
        write_settings(tmp_path / ".dlt", DECLARATION_SETTINGS | {"base_url": feed.url})
        for key in ("API_KEY", "ATTEMPTS"):
            monkeypatch.delenv(f"SOURCES__FILINGS_API__{key}")
        monkeypatch.setenv("DLT_PROJECT_DIR", str(tmp_path))
        assert run_loader("filings_api")[::2] == (0, "")
    assert {headers["X-Api-Key"] for *_, headers in feed.requests} == {API_KEY}
    project.run_models(
        database, AS_OF, only=["daily_insider_signal", "insider_transactions", "load_completeness"]
    )

    assert transactions(
        database,
        "filing_id", "market", "issuer_id", "issuer_name", "ticker", "insider_id", "insider_name", "raw_role", "is_senior",
        "transaction_date", "direction", "shares", "price", "currency", "value", "value_source", "filing_date", "available_at",
        "security_class", "url",
    ) == [
        (
            f"2026DD{number}", "FR", "example", "Example SA", "EXA.PA", f"insider-{number}", f"Insider {number}", "PDG", True,
            date(2026, 3, 2), direction, shares, price, "EUR", value, source, date(2026, 3, 1 + number),
            datetime(2026, 3, 1 + number, 16, 40), "common", f"https://filings.example/{number}.pdf",
        )
        for number, direction, shares, price, value, source in [
            (1, "buy", 100, Decimal("12.5"), 1250, "reported"),
            (2, "sell", 200, Decimal("12.5"), 2500, "reported"),
            (3, "buy", 10, 1742, 17420, "shares_times_price"),
            (4, "none", 400, 0, 0, "reported"),
            (5, "buy", 500, Decimal("12.5"), 6250, "reported"),
        ]
    ]  # fmt: skip
    [score] = project.rows(database, "select * from marts.daily_insider_signal")
    assert (score["issuer_id"], score["total_buy_value"], score["distinct_buyers"]) == ("example", 24920, 3)
    walks = "select distinct status from marts.load_completeness where is_closed"
    assert project.rows(database, walks) == [{"status": "verified"}]


def write_settings(folder: Path, settings: dict[str, Any]) -> None:
    """The committed settings with these in their place, and the API key in the file of secrets."""
    committed = tomllib.loads((project.PROJECT / ".dlt" / "config.toml").read_text(encoding="utf-8"))
    committed["sources"]["filings_api"] |= settings
    folder.mkdir()
    (folder / "config.toml").write_text(tomlkit.dumps(committed), encoding="utf-8")
    secrets = {"sources": {"filings_api": {"api_key": API_KEY}}}
    (folder / "secrets.toml").write_text(tomlkit.dumps(secrets), encoding="utf-8")


# ---------------------------------------------------------------- a search engine: POST, hits and nested tables


class Search(FeedServer):
    """Answers a query in the body with ``hits.hits``, each record in its ``_source``."""

    def reply(self, parameters: dict[str, Any]) -> dict[str, Any]:
        days = parameters["query"]["range"]["filedAt"]
        found = [record for record in self.records if days["gte"] <= record["filedAt"][:10] <= days["lte"]]
        start = parameters["from"]
        hits = [
            {"_id": f"{record['accessionNo']}:form4.xml", "_source": record}
            for record in found[start : start + parameters["size"]]
        ]
        return {"took": 3, "hits": {"total": {"value": len(found), "relation": "eq"}, "hits": hits}}


def form_4(number: int, **fields: Any) -> dict[str, Any]:
    """A Form 4 with one owner, two plain lines and one of a derivative."""

    def line(code: str, shares: float, price: float, acquired: str, title: str = "Common Stock") -> dict:
        return {
            "securityTitle": title,
            "transactionDate": "2026-03-02",
            "coding": {"formType": "4", "code": code},
            "amounts": {"shares": shares, "pricePerShare": price, "acquiredDisposedCode": acquired},
            "ownershipNature": {"directOrIndirectOwnership": "D"},
        }

    return {
        "accessionNo": f"0000000001-26-00000{number}",
        "filedAt": f"2026-03-0{3 + number}T21:23:00-05:00",
        "issuer": {"cik": "1", "name": "Example Inc.", "tradingSymbol": "EXI"},
        "reportingOwner": {
            "cik": str(100 + number),
            "name": "OWNER EXAMPLE",
            "relationship": {
                "isDirector": False,
                "isOfficer": True,
                "officerTitle": "Chief Financial Officer",
            },
        },
        "nonDerivativeTable": {
            "transactions": [line("P", 100.5, 20, "A"), line("S", 50, 21, "D")],
            "holdings": [{"securityTitle": "Common Stock"}],
        },
        "derivativeTable": {"transactions": [line("M", 10, 0, "A", "Stock Option (Right to Buy)")]},
    } | fields


def test_hits_with_nested_tables_are_read_by_the_environment(archive: Archive, database: Path) -> None:
    archive.configure(
        api_key=API_KEY,
        method="POST",
        path="insider-trading",
        auth="header",
        api_key_name="Authorization",
        pagination="offset",
        offset_parameter="from",
        page_size_parameter="size",
        page_size=2,
        from_parameter="query.range.filedAt.gte",
        to_parameter="query.range.filedAt.lte",
        sort_parameter="sort",
        sort_value=[{"filedAt": {"order": "asc"}}],
        extra_parameters={"query.term.country": "US"},
        records_path="hits.hits",
        total_path="hits.total.value",
        record_id="_source.accessionNo",
        start_date="2026-03-01",
        window="week",
        field_paths__lines=[
            "_source.nonDerivativeTable.transactions",
            "_source.derivativeTable.transactions",
        ],
    )
    paths = {
        "record": {
            "filing_id": "accessionNo",
            "issuer_id": "issuer.cik",
            "issuer_name": "issuer.name",
            "ticker": "issuer.tradingSymbol",
            "filing_date": "filedAt",
            "accepted_at": "filedAt",
        },
        "owner": {
            "insider_id": "reportingOwner.cik",
            "insider_name": "reportingOwner.name",
            "insider_role": "reportingOwner.relationship.officerTitle",
            "is_director": "reportingOwner.relationship.isDirector",
            "is_officer": "reportingOwner.relationship.isOfficer",
        },
    }
    for part, fields in paths.items():
        archive.configure(
            **{f"field_paths__{part}__{field}": f"_source.{path}" for field, path in fields.items()}
        )
    of_line = {
        "transaction_type": "coding.code",
        "acquired_disposed": "amounts.acquiredDisposedCode",
        "shares": "amounts.shares",
        "price": "amounts.pricePerShare",
        "transaction_date": "transactionDate",
        "ownership_nature": "ownershipNature.directOrIndirectOwnership",
        "security_type": "securityTitle",
    }
    archive.configure(**{f"field_paths__line__{field}": path for field, path in of_line.items()})

    with Search([form_4(1), form_4(2), form_4(3, derivativeTable=None)]).serve() as feed:
        archive.configure(base_url=feed.url)
        loader.load("filings_api")
        method, path, asked, headers = feed.requests[0]
    assert (method, path, headers["Authorization"]) == ("POST", "/insider-trading", API_KEY)
    assert asked["query"]["term"] == {"country": "US"}
    assert asked["sort"] == [{"filedAt": {"order": "asc"}}]
    project.run_models(database, AS_OF, only=["insider_transactions", "issuer_scores"])

    assert transactions(
        database,
        "filing_id", "line_number", "issuer_id", "ticker", "insider_id", "raw_role", "is_senior", "raw_transaction_type",
        "direction", "shares", "price", "is_derivative", "available_at", "owner_count",
    ) == [
        (
            f"0000000001-26-00000{number}", line, "1", "EXI", str(100 + number), "Chief Financial Officer", True, code, direction,
            shares, price, is_derivative, datetime(2026, 3, 4 + number, 2, 23), 1,
        )
        for number in (1, 2, 3)
        for line, code, direction, shares, price, is_derivative in [
            (1, "P", "buy", Decimal("100.5"), 20, False),
            (2, "S", "sell", 50, 21, False),
            (3, "M", "none", 10, 0, True),
        ]
        if number < 3 or line < 3
    ]  # fmt: skip
    scores = (
        "select distinct_buyers, last_buy_date from marts.issuer_scores where signal_date = date '2026-03-08'"
    )
    assert project.rows(database, scores) == [{"distinct_buyers": 3, "last_buy_date": date(2026, 3, 2)}]


# ---------------------------------------------------------------- rows without ids


def test_equal_rows_of_a_filing_that_has_no_ids_all_count(archive: Archive, database: Path) -> None:
    def row(shares: int) -> dict[str, Any]:
        return {
            "issuer": "I-1", "person": "P-1", "filing_date": "2026-03-04", "transaction_date": "2026-03-02", "transaction_type": "buy",
            "shares": shares, "price": 12.5, "currency": "EUR", "security_type": "common stock", "country": "FR",
        }  # fmt: skip

    archive.configure(start_date="2026-03-01", pagination="none", record_id=["issuer", "person", "position"])
    archive.configure(field_paths__record__issuer_id="issuer", field_paths__owner__insider_id="person")
    with FeedServer([row(100), row(100), row(250)]).serve() as feed:
        archive.configure(base_url=feed.url)
        loader.load("filings_api")
        # Another order is no change.
        feed.records.reverse()
        loader.load("filings_api")
    project.run_models(
        database,
        AS_OF,
        only=[
            "daily_insider_signal",
            "insider_transaction_versions",
            "insider_transactions",
            "load_completeness",
        ],
    )

    lines = sorted(transactions(database, "shares", "filing_id", "is_duplicate"))
    assert lines == [(shares, "I-1:P-1:2026-03-04", False) for shares in (100, 100, 250)]
    assert project.rows(
        database, "select max(version_number) as versions from marts.insider_transaction_versions"
    ) == [{"versions": 1}]
    [score] = project.rows(database, "select total_buy_value from marts.daily_insider_signal")
    assert score["total_buy_value"] == 450 * 12.5
    counts = "select distinct merged_records from marts.load_completeness where received_records > 0"
    assert project.rows(database, counts) == [{"merged_records": 0}]
