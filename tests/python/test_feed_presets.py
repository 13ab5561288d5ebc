"""The feeds that come with the project, each against a made-up server that answers as the operator's documentation says."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import project
import pytest
from feed_server import FeedServer, filings

import loader

if TYPE_CHECKING:
    from pathlib import Path

    from loader_fixtures import Archive

pytest_plugins = ("loader_fixtures",)

MARCH = date(2026, 3, 1), date(2026, 3, 8)


class Declarations(FeedServer):
    """Days of `pubDate`, at most 200 declarations a page, an object as error."""

    def reply(self, parameters: dict[str, Any]) -> Any:
        found = [
            record
            for record in self.records
            if parameters["from"] <= record["pubDate"][:10] <= parameters["to"]
        ]
        start, size = int(parameters["offset"]), min(int(parameters["limit"]), 200)
        return {
            "total": len(found), "offset": start, "limit": size, "items": found[start : start + size],
            "meta": {"requestedAt": "2026-03-10T13:00:00Z", "latencyMs": 1, "dataFreshness": "2026-03-10T12:00:00Z"},
        }  # fmt: skip


def declaration(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "amfId": f"2026DD{number:07d}", "pubDate": f"2026-03-{1 + number % 8:02d}", "transactionDate": "2026-02-26",
        "pdfUrl": f"https://example.com/{number}.pdf",
        "company": {"name": "Société Inventée", "slug": "societe-inventee", "yahooSymbol": "INV.PA", "marketCap": 1},
        "insider": {"name": "Anne Inventée", "slug": "anne-inventee", "function": "Directeur Général"},
        "transaction": {
            "nature": "Acquisition", "instrument": "Action", "isin": "FR0000000000", "unitPrice": 12.5, "volume": 100 + number,
            "totalAmount": 12.5 * (100 + number), "currency": "EUR", "venue": "Euronext Paris",
        },
        "signal": {"score": 50, "isCluster": False},
    } | fields  # fmt: skip


class Massive(FeedServer):
    """The address of the next page in the reply, which has the key no more than the first; no list where nothing is found; no count."""

    def reply(self, parameters: dict[str, Any]) -> Any:
        first, last = parameters["filing_date.gte"], parameters["filing_date.lte"]
        found = [record for record in self.records if first <= record["filing_date"] <= last]
        start, size = int(parameters.get("cursor", 0)), int(parameters["limit"])
        page = found[start : start + size]
        reply: dict[str, Any] = {"request_id": "made-up", "status": "OK"}
        if page:
            reply["results"] = page
        if start + size < len(found):
            query = urlencode(parameters | {"cursor": start + size})
            reply["next_url"] = f"{self.url}/stocks/filings/vX/form-4?{query}"
        return reply


def row_of_form_4(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "accession_number": f"0000000000-26-{number // 2:06d}", "filing_date": f"2026-03-{2 + number // 2 % 5:02d}", "form_type": "4",
        "issuer_cik": "0009999999", "issuer_name": "Made Up Inc", "tickers": ["MADE"], "owner_cik": "0008888888",
        "owner_name": "Made-Up Ann", "is_director": False, "is_officer": True, "officer_title": "Chief Financial Officer",
        "record_type": "transaction", "security_type": "non-derivative", "security_title": "Common Stock",
        "transaction_date": "2026-02-27", "transaction_code": "P", "transaction_acquired_disposed": "A",
        "transaction_shares": 100.0 + number, "transaction_price_per_share": 20.0, "transaction_value": 20.0 * (100 + number),
        "direct_or_indirect": "D", "aff_10b5_one": False,
        "filing_url": f"https://example.com/{number // 2}",
    } | fields  # fmt: skip


# A row that says what is held, and no trade.
HOLDING = {key: value for key, value in row_of_form_4(5000).items() if not key.startswith("transaction")} | {
    "record_type": "holding"
}

SERVERS: dict[str, tuple[FeedServer, str]] = {
    "article_pages": (FeedServer(paging="page"), "/filings"),
    "declarations": (Declarations(), "/api/v1/declarations"),
    "massive": (Massive(), "/stocks/filings/vX/form-4"),
}
RECORDS = {
    "article_pages": [
        record | {"insider_name": "Ann Made-Up", "transaction_type": "buy", "transaction_date": "2026-02-27"}
        for record in filings(1900, "2026-03")
    ],
    "declarations": [declaration(number) for number in range(450)],
    # Two rows that are the same to the last sign are two trades; a row of a holding is none.
    "massive": [row_of_form_4(number) for number in range(2400)] + [row_of_form_4(5000)] * 2 + [HOLDING],
}


def use(monkeypatch: pytest.MonkeyPatch, name: str, server: FeedServer) -> None:
    monkeypatch.setenv(f"SOURCES__{name.upper()}__BASE_URL", server.url)
    monkeypatch.setenv(f"SOURCES__{name.upper()}__API_KEY", "s3cret")
    monkeypatch.setenv(f"SOURCES__{name.upper()}__ENABLED", "true")


@pytest.fixture
def server(name: str, archive: Archive, monkeypatch):
    server = type(SERVERS[name][0])(paging=SERVERS[name][0].paging)
    server.records = RECORDS[name]
    with server.serve():
        use(monkeypatch, name, server)
        yield server


@pytest.mark.parametrize("name", SERVERS)
def test_a_preset_can_be_loaded_and_says_how_far_it_is_verified(name: str, server, command_line) -> None:
    status, output, _ = command_line(
        name, "--check", "--start-date", "2026-03-01", "--end-date", "2026-03-08"
    )
    assert status == 0, output
    assert command_line("--list")[1].count("never asked live") >= len(SERVERS)
    assert name in loader.wanted_sources()


@pytest.mark.parametrize("name", SERVERS)
def test_all_records_come_and_days_without_any_are_complete(name: str, server) -> None:
    days = {record.get("filing_date", record.get("pubDate")) for record in RECORDS[name]}
    received = sum(str(MARCH[0]) <= day <= str(MARCH[1]) for day in map(str, sorted(days)))
    assert received
    summary = loader.load(name, start_date=date(2026, 2, 1), end_date=date(2026, 3, 9))
    in_time = [r for r in RECORDS[name] if (r.get("filing_date") or r["pubDate"]) <= "2026-03-09"]
    assert (summary.received_records, summary.rejected_records) == (len(in_time), 0)
    assert str(summary.complete_through) == "2026-03-09"
    assert {path for _, path, *_ in server.requests} == {SERVERS[name][1]}


@pytest.mark.parametrize("name", SERVERS)
@pytest.mark.parametrize("fault", [(401, {}, b'{"error": {"code": "UNAUTHORIZED"}}'), (403, {}, b"{}")])
def test_a_refusal_stops_the_load_and_leaves_no_day_complete(name: str, fault, server, archive) -> None:
    server.fault = lambda number, parameters: fault if number > 1 else None
    with pytest.raises(loader.LoadError, match=str(fault[0])) as stopped:
        loader.load(name, start_date=MARCH[0], end_date=MARCH[1])
    assert "s3cret" not in str(stopped.value)
    assert loader.archived_filing_days() is None


def test_the_marts_have_what_each_preset_gives(archive: Archive, seeded: Path, monkeypatch) -> None:
    project.copy_of(seeded, archive.database)
    given = {
        "declarations": [declaration(1), declaration(2, transaction=declaration(2)["transaction"] | {"nature": "Cession"})],
        "massive": [
            row_of_form_4(0),
            row_of_form_4(1, transaction_code="S", transaction_acquired_disposed="D"),
            row_of_form_4(2),
            row_of_form_4(2),
            HOLDING,
            row_of_form_4(4),
            row_of_form_4(4, owner_cik="0007777777", owner_name="Made-Up Bo"),
        ],
    }  # fmt: skip
    with ExitStack() as stack:
        for name, records in given.items():
            server = stack.enter_context(type(SERVERS[name][0])().serve())
            server.records = records
            use(monkeypatch, name, server)
            loader.load(name, start_date=MARCH[0], end_date=date(2026, 3, 9))
    project.run_models(archive.database, only=["insider_transactions", "unmapped_values"])
    columns = "filing_id, issuer_id, insider_id, role, transaction_type, direction, shares, price, currency"
    found = project.rows(
        archive.database,
        f"select source, {columns} from marts.insider_transactions order by source, filing_id, shares, insider_id",
    )
    assert [" ".join(str(value) for value in row.values()) for row in found] == [
        "declarations 2026DD0000001 societe-inventee anne-inventee chief_executive open_market_purchase buy 101.000000 12.500000 EUR",
        "declarations 2026DD0000002 societe-inventee anne-inventee chief_executive open_market_sale sell 102.000000 12.500000 EUR",
        "massive 0000000000-26-000000 0009999999 0008888888 chief_financial open_market_purchase buy 100.000000 20.000000 USD",
        "massive 0000000000-26-000000 0009999999 0008888888 chief_financial open_market_sale sell 101.000000 20.000000 USD",
        "massive 0000000000-26-000001 0009999999 0008888888 chief_financial open_market_purchase buy 102.000000 20.000000 USD",
        "massive 0000000000-26-000001 0009999999 0008888888 chief_financial open_market_purchase buy 102.000000 20.000000 USD",
        # Of joint filers each has a row (docs/feeds.md).
        "massive 0000000000-26-000002 0009999999 0007777777 chief_financial open_market_purchase buy 104.000000 20.000000 USD",
        "massive 0000000000-26-000002 0009999999 0008888888 chief_financial open_market_purchase buy 104.000000 20.000000 USD",
        "massive 0000000000-26-002500 0009999999 0008888888 chief_financial None None None None USD",
    ]  # fmt: skip
    unmapped = "select raw_value from marts.unmapped_values where seed <> 'ecb_rates'"
    assert project.rows(archive.database, unmapped) == []
