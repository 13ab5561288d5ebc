"""The reference's own tests: every rule on a case worked out by hand, and what must hold of any archive."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import generated
import note_reading
import pytest
import reference
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import Market, Reference, Seeds, Settings
from role_matching import Rule

from sandbox.generator import Generator
from tools.benchmarks import article

AS_OF_DATE = date(2026, 6, 30)
SEEDS_FOLDER = Path(__file__).resolve().parents[2] / "seeds"


def market(code: str, zone: str, currency: str | None, cut_off: time = time(23, 59, 59)) -> Market:
    day_zone = "Etc/GMT-14" if code == "unknown" else zone
    return Market(code, ZoneInfo(zone), ZoneInfo(day_zone), cut_off, currency)


MARKETS = [
    market("DE", "Europe/Berlin", "EUR"),
    market("EU", "Europe/Berlin", "EUR"),
    market("GB", "Europe/London", "GBP"),
    market("NZ", "Pacific/Auckland", "NZD"),
    market("SE", "Europe/Stockholm", "SEK"),
    market("US", "America/New_York", "USD", time(22)),
    market("unknown", "Etc/GMT+12", None),
]
SEEDS = Seeds(
    markets={row.code: row for row in MARKETS},
    seniorities={
        "chief_financial": 2,
        "director": 5,
        "officer": 7,
        "closely_associated": 8,
        "ten_percent_owner": 9,
        "other": 10,
    },
    role_rules=(
        Rule(1, "contains-chief", 1, "contains", "chief", "chief_financial", True, until_version=2),
        Rule(2, "flag-director", 1, "flag", "director", "director", True),
        Rule(2, "flag-officer", 2, "flag", "officer", "officer", False),
        Rule(2, "flag-ten-percent", 3, "flag", "ten_percent_owner", "ten_percent_owner", False),
        Rule(2, "flag-other", 4, "flag", "other", "other", False),
        Rule(2, "spouse", 5, "whole", "spouse", "closely_associated", False),
        Rule(2, "cfo", 6, "phrase", "cfo", "chief_financial", True),
        Rule(2, "director", 7, "whole", "director", "director", True),
        Rule(2, "vice-president", 8, "phrase", "vice president", "officer", False),
        Rule(2, "ten-percent", 9, "phrase", "10% owner", "ten_percent_owner", False),
    ),
    transaction_types={
        "buy": ("open_market_purchase", "buy"),
        "purchase": ("open_market_purchase", "buy"),
        "acquisition": ("open_market_purchase", "buy"),
        "sell": ("open_market_sale", "sell"),
        "gift": ("gift", "none"),
        "grant": ("grant", "buy"),
    },
    cancelled_statuses={"cancelled", "withdrawn", "void"},
    currency_units={"GBX": ("GBP", Decimal(100)), "ZAc": ("ZAR", Decimal(100))},
    security_rules=[
        {"match_kind": "phrase", "pattern": "option", "security_class": "derivative"},
        {"match_kind": "phrase", "pattern": "preferred", "security_class": "preferred"},
        {"match_kind": "whole", "pattern": "note", "security_class": "note"},
        {"match_kind": "phrase", "pattern": "common stock", "security_class": "common"},
    ],
    note_rules=[
        note_reading.Rule(
            "private", 3, "placement", "sentence", re.compile("private placement"), re.compile("")
        ),
        note_reading.Rule("warrant", 3, "placement", "companion", re.compile("warrant"), re.compile("")),
        note_reading.Rule("market", 2, "open_market", "notes", re.compile("open market"), re.compile("")),
        note_reading.Rule("after", 3, "other_statement", "sentence", re.compile("after the"), re.compile("")),
    ],
    fund_names={"fund": True},
    price_bounds={},
    weights={
        "log_buy_value": 1.0,
        "distinct_buyers": 0.75,
        "senior_buyer": 1.0,
        "days_since_last_buy": -0.05,
    },
)
RATES = {
    "USD": {
        date(2026, 3, 2): Decimal("1.25"),
        date(2026, 3, 6): Decimal("1.2"),
        date(2026, 3, 20): Decimal("1.3"),
    },
    "SEK": {date(2026, 3, 2): Decimal(10), date(2026, 3, 3): Decimal("12.5")},
    "GBP": {date(2026, 3, 2): Decimal("0.8")},
}


def filing(record_id: str, **fields) -> dict:
    """A plain purchase for 1,000 euros in Germany, public at noon of 2026-03-04; fields that are None are left out."""
    record = {
        "id": record_id,
        "issuer_id": "C1",
        "issuer_name": "First Works",
        "insider_id": "P1",
        "insider_name": "Robin Sample",
        "insider_role": "Vice President",
        "transaction_date": "2026-03-02",
        "filing_date": "2026-03-04",
        "published_at": "2026-03-04T12:00:00Z",
        "transaction_type": "buy",
        "shares": 100,
        "price": 10,
        "currency": "EUR",
        "security_type": "common stock",
        "ownership_nature": "direct",
        "country": "DE",
        **fields,
    }
    return {name: value for name, value in record.items() if value is not None}


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def seen(record: dict, at: str = "2026-03-10 06:00") -> dict:
    """An observation of `record` at a UTC time."""
    return {
        "record_id": record["id"],
        "payload": json.dumps(record),
        "observed_at": utc(at),
        "page_number": 1,
        "position": 1,
    }


def archive(*observations: dict, **variables) -> Reference:
    """The reference over observations or records; records are all seen on 2026-03-10."""
    settings = Settings(**{"as_of_date": AS_OF_DATE, **variables})
    rows = [row if "payload" in row else seen(row) for row in observations]
    return Reference(rows, SEEDS, settings, RATES)


def only_line(record: dict, **variables) -> reference.LineVersion:
    """The single line of a single record."""
    (line,) = archive(record, **variables).lines
    return line


def ids(lines) -> set[str]:
    """Record ids of lines or of transaction ids."""
    texts = [line if isinstance(line, str) else line.transaction_id for line in lines]
    return {text.split(":")[1] for text in texts}


def standing(result: Reference, day: str) -> set[str]:
    return ids(result.standing(date.fromisoformat(day)))


def visible(result: Reference, day: str) -> set[str]:
    return ids(result.visible(date.fromisoformat(day)))


class TestTextAsValues:
    @pytest.mark.parametrize(
        ("text", "number"),
        [
            ("12.5", "12.5"),
            ("1e3", "1000"),
            (".5", "0.5"),
            ("-7", "-7"),
            ("1,234", "1234"),
            ("1,234,567.89", "1234567.89"),
            ("1,234 (1)", "1234"),
            ("12,5", "12.5"),
            ("0,125", "0.125"),
            ("1 742,00", "1742"),
            ("1\u00a0742\u202f000", "1742000"),
            ("12,34,567", None),
            ("1,234,56", None),
            ("EUR 12", None),
            ("1_000", None),
            ("(1)", None),
            ("nan", None),
            ("true", None),
            (None, None),
        ],
    )
    def test_numbers(self, text, number):
        assert reference.parse_number(text) == (number and Decimal(number))

    @pytest.mark.parametrize(
        ("fields", "shares"),
        [
            ({"shares": "12,345", "price": 10}, None),
            ({"shares": "12,345", "price": "10.50"}, "12345"),
            ({"shares": "1.000", "price": "10,5"}, "1000"),
            ({"shares": "1.000", "price": "10,5", "value": "10500.00"}, None),
            ({"shares": "1.000", "price": 10, "value": 10000}, "1000"),
            ({"shares": "1.000", "price": 10, "value": 10}, "1"),
            ({"shares": "1.000", "price": 10, "value": "10.000"}, None),
            ({"shares": 12.345, "price": "10,5"}, "12.345"),
            ({"shares": "1.234,5", "price": 10}, "1234.5"),
        ],
    )
    def test_a_number_that_can_be_read_in_two_ways_is_decided_by_its_record(self, fields, shares):
        assert only_line(filing("F-1", **fields)).shares == (shares and Decimal(shares))

    @pytest.mark.parametrize(("separator", "number"), [(".", "12345"), (",", "12.345"), (None, None)])
    def test_the_decimal_separator_decides(self, separator, number):
        assert reference.parse_number("12,345", separator) == (number and Decimal(number))

    def test_decimals_are_rounded_half_away_from_zero_and_must_fit(self):
        assert reference.round_decimal(Decimal("0.0000005"), 20) == Decimal("0.000001")
        assert reference.round_decimal(Decimal("-0.0000005"), 20) == Decimal("-0.000001")
        assert reference.round_decimal(Decimal("99999999999999.9999994"), 20) == Decimal(
            "99999999999999.999999"
        )
        assert reference.round_decimal(Decimal("99999999999999.9999995"), 20) is None
        assert reference.round_decimal(Decimal("1e999"), 28) is None

    @pytest.mark.parametrize(
        ("text", "day"),
        [
            ("2026-03-02", "2026-03-02"),
            ("2026-03-02-05:00", "2026-03-02"),
            ("2026-03-02T23:30:00Z", None),
            ("2026-03-02 23:30", None),
            ("2026/03/02", "2026-03-02"),
            ("2 Mar 2026", "2026-03-02"),
            ("02-MAR-2026", "2026-03-02"),
            ("02.03.2026", "2026-03-02"),
            ("0022-03-02", "0022-03-02"),
            ("2026-02-30", None),
            ("02/03/2026", None),
            ("20260302", "2026-03-02"),
            ("20260230", None),
            (None, None),
        ],
    )
    def test_dates(self, text, day):
        assert reference.parse_date(text) == (day and date.fromisoformat(day))

    @pytest.mark.parametrize(
        ("text", "country", "filed", "traded"),
        [
            ("2026-03-04T23:00:00.000Z", "SE", "2026-03-05", "2026-03-05"),
            ("2026-03-05T00:00:00Z", "US", "2026-03-05", "2026-03-05"),
            ("2026-03-04T22:00:00-05:00", "US", "2026-03-05", "2026-03-04"),
            ("2026-03-05T23:30:00", "US", "2026-03-06", "2026-03-05"),
            ("2026-03-05 16:30:00", "SE", "2026-03-05", "2026-03-05"),
            ("2026-03-05 16:30:00", "unknown", "2026-03-06", "2026-03-05"),
            ("2026-03-03T20:00:00 GMT", "US", "2026-03-03", "2026-03-03"),
            ("2026-03-05 10:00 EST", "US", "None", "None"),
            ("2026-03-05T00:00:00", "US", "2026-03-05", "2026-03-05"),
            ("1772678096", "US", "2026-03-05", "2026-03-04"),
            ("2026-03-05T10:12:00Z", "unknown", "2026-03-06", "2026-03-06"),
            ("20260305", "US", "2026-03-05", "2026-03-05"),
            ("2026-03-05-05:00", "US", "2026-03-05", "2026-03-05"),
        ],
    )
    def test_instants_that_stand_for_dates(self, text, country, filed, traded):
        market = SEEDS.markets[country]
        assert [str(reference.date_of_instant(text, market, is_filing)) for is_filing in (True, False)] == [
            filed,
            traded,
        ]

    @pytest.mark.parametrize(
        ("setting", "moment"),
        [
            (None, "2026-03-05 15:00"),
            ("market", "2026-03-05 15:00"),
            ("UTC", "2026-03-05 10:00"),
            ("Asia/Tokyo", "2026-03-05 01:00"),
        ],
    )
    def test_times_without_an_offset(self, setting, moment):
        found = reference.parse_timestamp("2026-03-05 10:00:00", SEEDS.markets["US"], setting)
        assert found == datetime.fromisoformat(moment).replace(tzinfo=UTC)

    @pytest.mark.parametrize(
        ("text", "moment"),
        [("2026-11-01 01:30", "2026-11-01 06:30"), ("2026-03-08 02:30", "2026-03-08 07:30")],
    )
    def test_times_of_the_hour_in_which_clocks_change(self, text, moment):
        found = reference.parse_timestamp(text, SEEDS.markets["US"])
        assert found == datetime.fromisoformat(moment).replace(tzinfo=UTC)

    @pytest.mark.parametrize(
        ("text", "moment"),
        [
            ("2026-03-02T10:00:00Z", "2026-03-02 10:00"),
            ("2026-03-02 10:00", "2026-03-02 15:00"),
            ("20260302", "2026-03-03 03:00"),
            ("2026-03-02T10:00:00.1234567+01:30", "2026-03-02 08:30:00.123456"),
            ("2026-03-02T20:00:00-0500", "2026-03-03 01:00"),
            ("2026-03-02T20:00:00-05", "2026-03-03 01:00"),
            ("1772445600", "2026-03-02 10:00"),
            ("1772445600500", "2026-03-02 10:00:00.500"),
            ("2026-03-02", "2026-03-03 03:00"),
            ("2026-03-02-05:00", "2026-03-03 03:00"),
            ("02-MAR-2026", "2026-03-03 03:00"),
            ("2026-07-01", "2026-07-02 02:00"),
            ("20260302T100000Z", "2026-03-02 10:00"),
            ("20260302100000", "2026-03-02 15:00"),
            ("2026/03/02 10:00 gmt", "2026-03-02 10:00"),
            ("02.03.2026 10:00", "2026-03-02 15:00"),
            ("2026-03-02t10:00:00,5z", "2026-03-02 10:00:00.500"),
            ("Mon, 02 Mar 2026 10:00:00 GMT", "2026-03-02 10:00"),
            ("1772445600.5", "2026-03-02 10:00:00.500"),
            ("1772445600500000", "2026-03-02 10:00:00.500"),
            ("2026-03-02 00:00:00", "2026-03-03 03:00"),
            ("2026-03-02 10:00 EST", None),
            ("2026-03-02T10:00:00+99:00", None),
            ("0001-01-01T00:00:00Z", None),
            ("9999-12-31", None),
            ("03/02/2026 10:00", None),
            ("2026030210", None),
            ("2026-03-02T25:00:00Z", None),
            ("2026-02-30", None),
            ("soon", None),
            (None, None),
        ],
    )
    def test_times(self, text, moment):
        """A date alone ends at 22:00 in New York, five hours behind UTC, four in summer."""
        assert reference.parse_timestamp(text, SEEDS.markets["US"]) == (moment and utc(moment))

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("true", True),
            ("1", True),
            ("Y", True),
            ("FALSE", False),
            ("0", False),
            ("maybe", None),
            (None, None),
        ],
    )
    def test_booleans(self, text, value):
        assert reference.parse_boolean(text) is value

    def test_text_is_trimmed_and_empty_text_is_missing(self):
        assert only_line(filing("F-1", issuer_id="\u00a0C1 ")).issuer_id == "C1"
        assert only_line(filing("F-1", issuer_id=" \u00a0")).issuer_id is None

    def test_names_lose_case_punctuation_and_spaces(self):
        assert reference.normalize_name(" O'Sample,\u00a0 ROBIN-Kim.") == "o sample robin kim"
        assert reference.normalize_name(" . ") is None


class TestFields:
    def test_flat_record_is_one_line_with_one_owner(self):
        line = only_line(filing("F-1", filing_id=None))
        assert (line.transaction_id, line.filing_id, line.insider_id) == ("filings_api:F-1:1", "F-1", "P1")

    def test_lines_and_owners_of_a_nested_filing_fall_back_to_the_record(self):
        record = filing("F-1", shares=None, insider_id=None, insider_name=None, insider_role="director")
        record |= {
            "transactions": [{"shares": 5}, {"shares": 7, "price": 2, "transaction_date": "2026-03-03"}],
            "owners": [{"id": "P9", "name": "Kim Pattern"}],
        }
        lines = archive(record).lines
        assert [line.transaction_id for line in lines] == ["filings_api:F-1:1", "filings_api:F-1:2"]
        assert [(line.shares, line.price, line.transaction_date.day) for line in lines] == [
            (5, 10, 2),
            (7, 2, 3),
        ]
        assert {(line.insider_id, line.insider_name, line.role) for line in lines} == {
            ("P9", "Kim Pattern", "director")
        }

    def test_record_id_is_never_taken_for_an_owner(self):
        assert only_line(filing("F-1", insider_id=None)).insider_id is None

    def test_array_of_lines_without_a_readable_line(self):
        assert archive(filing("F-1") | {"transactions": []}).lines == []
        (line,) = archive(filing("F-1") | {"transactions": ["unreadable", {}]}).lines
        assert line.transaction_id == "filings_api:F-1:2"

    def test_record_names_its_owner_where_there_is_no_list_of_owners(self):
        assert only_line(filing("F-1") | {"owners": []}).insider_id == "P1"

    def test_other_names_are_configuration(self):
        paths = reference.DEFAULT_FIELD_PATHS | {
            "record": reference.DEFAULT_FIELD_PATHS["record"] | {"issuer_id": ["isin", "company.isin"]},
            "line": reference.DEFAULT_FIELD_PATHS["line"] | {"shares": "transaction.volume"},
        }
        record = filing("F-1", issuer_id=None, shares=None, isin="")
        record |= {"company": {"isin": "X1"}, "transaction": {"volume": 4}}
        result = Reference([seen(record)], SEEDS, Settings(AS_OF_DATE), RATES, paths)
        assert [(line.issuer_id, line.shares) for line in result.lines] == [("X1", 4)]


class TestAvailability:
    @pytest.mark.parametrize(
        ("times", "available_at"),
        [
            ({"updated_at": "2026-03-08T01:00:00Z"}, "2026-03-08 01:00"),
            ({}, "2026-03-04 12:00"),
            ({"published_at": None, "accepted_at": "2026-03-04T09:00:00Z"}, "2026-03-04 09:00"),
            ({"published_at": None, "created_at": "2026-03-04T08:00:00Z"}, "2026-03-04 08:00"),
            ({"published_at": None}, "2026-03-04 22:59:59"),
            ({"published_at": None, "country": "US"}, "2026-03-05 03:00"),
            ({"published_at": None, "country": "XX"}, "2026-03-05 11:59:59"),
            ({"published_at": "2026-03-04", "country": "US"}, "2026-03-05 03:00"),
            ({"published_at": None, "filing_date": None}, "2026-03-10 06:00"),
            ({"published_at": "unknown", "filing_date": "unknown"}, "2026-03-10 06:00"),
            ({"updated_at": "2026-03-03T01:00:00Z"}, "2026-03-04 12:00"),
            ({"accepted_at": "2026-03-04T13:00:00Z"}, "2026-03-04 13:00"),
            (
                {"published_at": None, "created_at": "2026-03-01", "accepted_at": "2026-03-02T01:00Z"},
                "2026-03-02 01:00",
            ),
        ],
    )
    def test_first_version(self, times, available_at):
        assert only_line(filing("F-1", **times)).available_at == utc(available_at)

    def test_available_date_is_local(self):
        moment = {"published_at": "2026-03-04T11:30:00Z"}
        assert only_line(filing("F-1", country="NZ", **moment)).available_date == date(2026, 3, 5)
        # Where the market is unknown, on the day that has begun somewhere.
        assert only_line(filing("F-1", country=None, **moment)).available_date == date(2026, 3, 5)
        moment = {"published_at": "2026-09-01T09:12:00Z"}
        assert only_line(filing("F-1", country=None, **moment)).available_date == date(2026, 9, 1)
        date_alone = only_line(filing("F-1", country=None, published_at="2026-09-01"))
        assert date_alone.available_at == datetime(2026, 9, 2, 11, 59, 59, tzinfo=UTC)
        assert date_alone.available_date == date(2026, 9, 3)
        assert only_line(filing("F-1", country=" de ", **moment)).market == "DE"

    @pytest.mark.parametrize(
        ("change", "available_at"),
        [
            ({"updated_at": "2026-03-09T01:00:00Z"}, "2026-03-09 01:00"),
            ({"published_at": "2026-03-07T01:00:00Z"}, "2026-03-07 01:00"),
            ({}, "2026-03-12 06:00"),
            ({"published_at": None}, "2026-03-12 06:00"),
        ],
    )
    def test_changed_version(self, change, available_at):
        """Without a newer source time, a change is known when it was seen."""
        first, second = archive(
            seen(filing("F-1"), "2026-03-10 06:00"),
            seen(filing("F-1", shares=200, **change), "2026-03-12 06:00"),
        ).lines
        assert (second.version_number, second.available_at) == (2, utc(available_at))
        assert (first.superseded_at, first.superseded_date) == (second.available_at, second.available_date)

    def test_first_source_time_of_a_changed_record_may_be_too_early(self):
        """A time that only appears with the change cannot be newer than a time that was never given."""
        before = filing("F-1", published_at=None)
        after = filing("F-1", published_at=None, created_at="2026-03-05T00:00:00Z", shares=200)
        assert archive(seen(before), seen(after, "2026-03-12 06:00")).lines[1].available_at == utc(
            "2026-03-12 06:00"
        )

    def test_version_is_never_available_before_the_one_before_it(self):
        late = filing("F-1", published_at=None, filing_date="2026-03-20")
        assert archive(seen(late), seen(late | {"shares": 7}, "2026-03-12 06:00")).lines[
            1
        ].available_at == utc("2026-03-20 22:59:59")

    def test_stale_replica_is_no_version(self):
        old = filing("F-1", updated_at="2026-03-05T00:00:00Z")
        new = filing("F-1", updated_at="2026-03-06T00:00:00Z", shares=200)
        result = archive(
            seen(old, "2026-03-07 06:00"),
            seen(new, "2026-03-08 06:00"),
            seen(old, "2026-03-09 06:00"),
            seen(new, "2026-03-10 06:00"),
        )
        assert [(line.version_number, line.shares) for line in result.lines] == [(1, 100), (2, 200)]
        assert result.lines[1].superseded_at is None

    def test_going_back_to_earlier_content_is_a_version(self):
        one, two = filing("F-1"), filing("F-1", shares=200)
        result = archive(
            *(seen(record, f"2026-03-1{day} 06:00") for day, record in enumerate([one, two, one, one]))
        )
        assert [(line.version_number, line.shares) for line in result.lines] == [(1, 100), (2, 200), (3, 100)]

    @pytest.mark.parametrize(
        "change",
        [
            {"updated_at": "2026-03-09T01:00:00Z"},
            {"published_at": "2026-03-09T01:00:00Z"},
            {"url": "https://filings.example/2"},
            {"vendor_score": 7},
            {"price": "10.00"},
            {"transaction_date": "02-MAR-2026"},
            {"country": "de"},
            {"filing_id": "F-1"},
            {"shares": "100 (2)"},
            {"insider_name": "Ro\u00adbin\u200b Sample"},
            {"insider_name": ["Robin Sample"]},
            {"url": ["https://filings.example/1", "https://filings.example/2"]},
        ],
    )
    def test_same_meaning_is_the_same_record_version(self, change):
        (line,) = archive(seen(filing("F-1")), seen(filing("F-1", **change), "2026-03-12 06:00")).lines
        assert (line.version_number, line.available_at) == (1, utc("2026-03-04 12:00"))

    def test_how_an_accent_is_encoded_is_no_change(self):
        composed, decomposed = (
            filing("F-1", insider_name=name) for name in ("S\u00f8r\u00e9n", "S\u00f8re\u0301n")
        )
        (line,) = archive(seen(composed), seen(decomposed, "2026-03-12 06:00")).lines
        assert line.version_number == 1

    def test_owners_have_no_order_and_lines_have(self):
        record = filing("F-1") | {
            "owners": [{"id": "P1"}, {"id": "P2"}],
            "transactions": [{"shares": 1}, {"shares": 2}],
        }
        other_owners = record | {"owners": record["owners"][::-1]}
        other_lines = record | {"transactions": record["transactions"][::-1]}
        numbers = [
            max(
                line.version_number for line in archive(seen(record), seen(changed, "2026-03-12 06:00")).lines
            )
            for changed in (other_owners, other_lines)
        ]
        assert numbers == [1, 2]

    def test_unreadable_texts_are_compared_as_they_are(self):
        lines = archive(
            seen(filing("F-1", shares="some")), seen(filing("F-1", shares="many"), "2026-03-12 06:00")
        ).lines
        assert [(line.version_number, line.shares) for line in lines] == [(1, None), (2, None)]

    def test_clock_observed_is_never_earlier_than_the_first_sight(self):
        assert only_line(filing("F-1"), availability_clock="observed").available_at == utc("2026-03-10 06:00")

    def test_clock_published_ignores_updates(self):
        record = filing("F-1", updated_at="2026-03-08T01:00:00Z")
        assert only_line(record, availability_clock="published").available_at == utc("2026-03-04 12:00")


class TestAmendments:
    def test_original_stands_until_the_amendment_is_available(self):
        result = archive(
            filing("F-1"), filing("F-2", amends_id="F-1", shares=90, published_at="2026-03-06T12:00:00Z")
        )
        assert [visible(result, f"2026-03-0{day}") for day in (3, 4, 5, 6)] == [
            set(),
            {"F-1"},
            {"F-1"},
            {"F-2"},
        ]
        original = result.lines[0]
        assert (original.superseded_at, original.superseded_date) == (
            utc("2026-03-06 12:00"),
            date(2026, 3, 6),
        )

    def test_amendment_of_a_filing_supersedes_all_its_records(self):
        result = archive(
            filing("F-1", filing_id="G"),
            filing("F-2", filing_id="G"),
            filing("F-3", amends_id="G", published_at="2026-03-06T12:00:00Z"),
        )
        assert visible(result, "2026-03-05") == {"F-1", "F-2"}
        assert visible(result, "2026-03-06") == {"F-3"}

    def test_amendment_before_its_original(self):
        result = archive(
            filing("F-1", published_at="2026-03-08T12:00:00Z"),
            filing("F-2", amends_id="F-1", published_at="2026-03-06T12:00:00Z"),
        )
        assert [visible(result, f"2026-03-0{day}") for day in (5, 6, 8, 9)] == [
            set(),
            {"F-2"},
            {"F-2"},
            {"F-2"},
        ]
        assert result.lines[0].superseded_date == result.lines[0].available_date

    def test_later_amendment_of_the_same_original_supersedes_the_earlier(self):
        result = archive(
            filing("F-1"),
            filing("F-3", amends_id="F-1", published_at="2026-03-06T12:00:00Z"),
            filing("F-2", amends_id="F-1", published_at="2026-03-08T12:00:00Z"),
        )
        assert [visible(result, f"2026-03-0{day}") for day in (5, 6, 8)] == [{"F-1"}, {"F-3"}, {"F-2"}]

    def test_later_amendment_wins_though_the_original_never_comes(self):
        result = archive(
            filing("F-3", amends_id="absent"),
            filing("F-2", amends_id="absent", published_at="2026-03-08T12:00:00Z"),
        )
        assert [visible(result, f"2026-03-0{day}") for day in (5, 8)] == [{"F-3"}, {"F-2"}]

    def test_amendments_of_one_filing_stand_together(self):
        result = archive(
            filing("F-1"),
            filing("F-2", amends_id="F-1", filing_id="A", shares=60),
            filing("F-3", amends_id="F-1", filing_id="A", shares=40),
        )
        assert visible(result, "2026-03-04") == {"F-2", "F-3"}

    def test_amendment_is_amended_itself(self):
        result = archive(
            filing("F-1"),
            filing("F-2", amends_id="F-1", published_at="2026-03-06T12:00:00Z"),
            filing("F-3", amends_id="F-2", published_at="2026-03-08T12:00:00Z"),
        )
        assert [visible(result, f"2026-03-0{day}") for day in (5, 6, 8)] == [{"F-1"}, {"F-2"}, {"F-3"}]

    def test_amendment_of_an_amendment_comes_before_it(self):
        """F-2 amends F-1 later than F-3 amends F-2, and still F-3 stands."""
        result = archive(
            filing("F-1"),
            filing("F-2", amends_id="F-1", published_at="2026-03-08T12:00:00Z"),
            filing("F-3", amends_id="F-2", published_at="2026-03-06T12:00:00Z"),
        )
        assert [visible(result, f"2026-03-0{day}") for day in (5, 6, 8, 9)] == [
            {"F-1"},
            {"F-1", "F-3"},
            {"F-3"},
            {"F-3"},
        ]

    def test_amendment_of_the_original_is_later_than_a_chain(self):
        """F-4 amends the original that F-3 amends through F-2."""
        result = archive(
            filing("F-1"),
            filing("F-2", amends_id="F-1", published_at="2026-03-05T12:00:00Z"),
            filing("F-3", amends_id="F-2", published_at="2026-03-06T12:00:00Z"),
            filing("F-4", amends_id="F-1", published_at="2026-03-07T12:00:00Z"),
        )
        assert [visible(result, f"2026-03-0{day}") for day in (4, 5, 6, 7)] == [
            {"F-1"},
            {"F-2"},
            {"F-3"},
            {"F-4"},
        ]

    @pytest.mark.parametrize(
        ("second", "stands"), [("2026-03-04T12:00:00Z", "F-2"), ("2026-03-04T11:00:00Z", "F-1")]
    )
    def test_of_records_that_amend_each_other_the_later_stands(self, second, stands):
        result = archive(filing("F-1", amends_id="F-2"), filing("F-2", amends_id="F-1", published_at=second))
        assert visible(result, "2026-03-04") == {stands}

    def test_superseded_amendment_stands_again_when_a_version_of_it_answers(self):
        """F-3 takes the place of F-2, until a version of F-2 amends F-3."""
        first = filing("F-2", amends_id="F-1", published_at="2026-03-05T12:00:00Z")
        answer = first | {"amends_id": "F-3", "updated_at": "2026-03-08T12:00:00Z"}
        result = archive(
            filing("F-1"),
            seen(first),
            seen(answer, "2026-03-12 06:00"),
            filing("F-3", amends_id="F-1", published_at="2026-03-06T12:00:00Z"),
        )
        assert [visible(result, f"2026-03-0{day}") for day in (4, 5, 6, 8)] == [
            {"F-1"},
            {"F-2"},
            {"F-3"},
            {"F-2"},
        ]

    def test_circle_of_three(self):
        result = archive(
            filing("F-1", amends_id="F-2"),
            filing("F-2", amends_id="F-3", published_at="2026-03-05T12:00:00Z"),
            filing("F-3", amends_id="F-1", published_at="2026-03-06T12:00:00Z"),
        )
        assert [visible(result, f"2026-03-0{day}") for day in (4, 5, 6)] == [{"F-1"}, {"F-1"}, {"F-3"}]

    def test_filing_that_bears_the_id_of_an_amended_record_is_not_amended(self):
        result = archive(
            filing("F-1", filing_id="G"),
            filing("F-2", filing_id="F-1", shares=7),
            filing("F-3", amends_id="G", published_at="2026-03-06T12:00:00Z"),
        )
        assert visible(result, "2026-03-06") == {"F-2", "F-3"}

    def test_amended_filing_gains_a_record(self):
        """A record of an amended filing is superseded whenever it comes, and stays so in all its versions."""
        late = filing("F-3", filing_id="G", published_at="2026-03-08T12:00:00Z")
        moved = late | {"filing_id": "H", "updated_at": "2026-03-09T12:00:00Z"}
        result = archive(
            filing("F-1", filing_id="G"),
            filing("F-2", amends_id="G", published_at="2026-03-06T12:00:00Z"),
            seen(late),
            seen(moved, "2026-03-12 06:00"),
        )
        assert [visible(result, f"2026-03-0{day}") for day in (5, 6, 8, 9)] == [
            {"F-1"},
            {"F-2"},
            {"F-2"},
            {"F-2"},
        ]

    def test_naming_itself_or_its_own_filing_amends_nothing(self):
        result = archive(
            filing("F-1", amends_id="F-1"),
            filing("F-2", amends_id="G", filing_id="G"),
            filing("F-3", filing_id="G"),
        )
        assert visible(result, "2026-03-04") == {"F-1", "F-2", "F-3"}

    def test_cancelled_amendment_revives_nothing(self):
        amendment = filing("F-2", amends_id="F-1", published_at="2026-03-06T12:00:00Z")
        cancelled = amendment | {
            "status": "Withdrawn",
            "amends_id": None,
            "updated_at": "2026-03-08T12:00:00Z",
        }
        result = archive(filing("F-1"), seen(amendment), seen(cancelled, "2026-03-12 06:00"))
        assert visible(result, "2026-03-08") == {"F-2"}
        assert standing(result, "2026-03-08") == set()

    def test_cancelled_version_puts_nothing_in_its_place(self):
        before, after = filing("F-1"), filing("F-1", status="VOID", updated_at="2026-03-08T12:00:00Z")
        result = archive(seen(before), seen(after, "2026-03-12 06:00"))
        assert [standing(result, day) for day in ("2026-03-07", "2026-03-08")] == [{"F-1"}, set()]
        assert [line.signal_exclusion_reason for line in result.lines] == [None, "cancelled"]

    def test_superseding_version_of_an_earlier_local_day(self):
        """When the original is available in New Zealand, the amendment's market is still at the day before."""
        result = archive(
            filing("F-1", country="NZ", published_at="2026-03-04T12:00:00Z"),
            filing("F-2", amends_id="F-1", country="US", published_at="2026-03-04T13:00:00Z"),
        )
        original = result.lines[0]
        assert (original.available_date, original.superseded_date) == (date(2026, 3, 5), date(2026, 3, 5))


class TestDuplicates:
    def test_first_filing_stands(self):
        result = archive(filing("F-1", published_at="2026-03-05T12:00:00Z"), filing("F-2"))
        assert [standing(result, f"2026-03-0{day}") for day in (4, 5)] == [{"F-2"}, {"F-2"}]
        assert ids(result.duplicates(date(2026, 3, 5))) == {"F-1"}

    def test_smallest_transaction_id_stands_among_filings_of_one_moment(self):
        assert standing(archive(filing("F-2"), filing("F-10")), "2026-03-04") == {"F-10"}

    def test_tranches_of_one_filing_are_real(self):
        tranches = {"transactions": [{"shares": 100}] * 2}
        result = archive(filing("F-1") | tranches, filing("F-2") | {"transactions": [{"shares": 100}] * 3})
        assert [line.transaction_id for line in result.standing(date(2026, 3, 4))] == [
            "filings_api:F-1:1",
            "filings_api:F-1:2",
        ]

    def test_other_lines_of_a_filing_are_no_duplicates(self):
        second = filing("F-2") | {"transactions": [{"shares": 100}, {"shares": 5}]}
        assert archive(filing("F-1"), second).duplicates(date(2026, 3, 4)) == {"filings_api:F-2:1"}

    @pytest.mark.parametrize(
        "change",
        [
            {"issuer_id": "C2"},
            {"insider_id": "P2"},
            {"transaction_date": "2026-03-03"},
            {"shares": 101},
            {"price": 11},
            {"acquired_disposed": "D"},
            {"transaction_type": "grant"},
            {"security_type": "ordinary"},
            {"currency": "USD"},
            {"ownership_nature": "indirect"},
            {"filing_id": "F-1"},
        ],
    )
    def test_lines_that_differ_or_share_a_filing_are_no_duplicates(self, change):
        assert archive(filing("F-1"), filing("F-2", **change)).duplicates(date(2026, 3, 4)) == set()

    @pytest.mark.parametrize("name", ["issuer_id", "transaction_date", "shares", "price", "transaction_type"])
    def test_all_six_must_be_present(self, name):
        result = archive(filing("F-1", **{name: None}), filing("F-2", **{name: None}))
        assert result.duplicates(date(2026, 3, 4)) == set()

    @pytest.mark.parametrize(
        "change",
        [
            {"security_type": "Common  Stock."},
            {"shares": "100.00"},
            {"transaction_type": "Purchase"},
            {"insider_name": "Other Name"},
            {"is_10b5_1": True},
        ],
    )
    def test_what_else_differs_does_not_matter(self, change):
        assert ids(archive(filing("F-1"), filing("F-2", **change)).duplicates(date(2026, 3, 4))) == {"F-2"}

    def test_insider_without_id_is_known_by_name(self):
        first, second = (
            filing("F-1", insider_id=None),
            filing("F-2", insider_id=None, insider_name="ROBIN SAMPLE."),
        )
        assert ids(archive(first, second).duplicates(date(2026, 3, 4))) == {"F-2"}
        nobody = {"insider_id": None, "insider_name": None}
        assert archive(filing("F-1", **nobody), filing("F-2", **nobody)).duplicates(date(2026, 3, 4)) == set()

    def test_excluded_line_stands_for_its_duplicates(self):
        result = archive(filing("F-1", is_10b5_1=True), filing("F-2"))
        assert result.eligible_buys(date(2026, 3, 4)) == []

    def test_cancelled_line_stands_for_nothing(self):
        assert standing(archive(filing("F-1", status="cancelled"), filing("F-2")), "2026-03-04") == {"F-2"}

    def test_superseded_line_stands_for_nothing(self):
        result = archive(
            filing("F-1"),
            filing("F-2", published_at="2026-03-05T12:00:00Z"),
            filing("F-1", shares=50, published_at="2026-03-06T12:00:00Z"),
        )
        assert [standing(result, f"2026-03-0{day}") for day in (4, 5, 6)] == [
            {"F-1"},
            {"F-1"},
            {"F-1", "F-2"},
        ]

    def test_filings_that_supersede_take_no_part(self):
        """F-3 restates F-1 unchanged; were it compared, F-2 would stand and F-3 be its duplicate."""
        result = archive(
            filing("F-1"),
            filing("F-2", published_at="2026-03-05T12:00:00Z"),
            filing("F-3", amends_id="F-1", published_at="2026-03-06T12:00:00Z"),
        )
        assert [standing(result, f"2026-03-0{day}") for day in (5, 6)] == [{"F-1"}, {"F-2", "F-3"}]

    def test_amendment_of_nothing_known_takes_part(self):
        result = archive(filing("F-1"), filing("F-2", amends_id="absent"))
        assert standing(result, "2026-03-04") == {"F-1"}


class TestOwners:
    def owners(self, *owners: dict) -> reference.LineVersion:
        return only_line(
            filing("F-1", insider_id=None, insider_name=None, insider_role=None) | {"owners": [*owners]}
        )

    def test_joint_filing_is_one_trade_of_its_director_or_officer(self):
        line = self.owners(
            {"id": "P1", "is_ten_percent_owner": True, "is_director": False},
            {"id": "P3", "role": "CFO"},
            {"id": "P2", "is_officer": True},
        )
        assert (line.insider_id, line.role, line.is_senior) == ("P2", "chief_financial", True)

    def test_smallest_id_among_equals_and_ids_before_names(self):
        assert self.owners({"id": "P2"}, {"id": "P10"}, {"name": "Robin Sample"}).insider_id == "P10"

    def test_role_decides_where_flags_are_missing(self):
        assert (
            self.owners({"id": "P1", "role": "spouse"}, {"id": "P2", "role": "Director"}).insider_id == "P2"
        )

    def test_role_map_version(self):
        record = filing("F-1", insider_role="Mischief Manager")
        assert only_line(record, role_map_version=1).is_senior
        assert not only_line(record, role_map_version=2).is_senior

    @pytest.mark.parametrize(
        ("owners", "reason"),
        [
            ([{"id": "P1", "role": "10% Owner"}], "ten_percent_owner_only"),
            ([{"id": "P1", "is_other": "1", "is_officer": False}], "ten_percent_owner_only"),
            ([{"id": "P1", "is_ten_percent_owner": True, "is_director": True}], None),
            ([{"id": "P1", "role": "10% Owner"}, {"id": "P2"}], None),
            ([{"id": "P1", "role": "spouse"}], None),
            ([{"id": "P1", "role": "See Remarks"}], None),
            ([{"id": "P1", "is_ten_percent_owner": False, "role": "10% Owner"}], "ten_percent_owner_only"),
            ([], None),
        ],
    )
    def test_ten_percent_owner_only(self, owners, reason):
        assert self.owners(*owners).signal_exclusion_reason == reason


class TestMoney:
    def test_value_is_reported_or_computed(self):
        assert only_line(filing("F-1", value=7)).value == 7
        assert only_line(filing("F-1", shares="0.3333333", price="0.0000015")).value == Decimal("0.000001")
        assert only_line(filing("F-1", price=None)).value is None
        assert only_line(filing("F-1", price=0)).value == 0

    def test_signed_quantity_is_absolute(self):
        assert only_line(filing("F-1", shares=-100)).shares == 100

    def test_minor_units(self):
        line = only_line(filing("F-1", currency="GBX", price=1250, value=125000))
        assert (line.currency, line.price, line.value) == ("GBP", Decimal("12.5"), 1250)
        assert only_line(filing("F-1", currency="gbx")).currency == "GBX"

    def test_missing_currency_is_the_market_s(self):
        assert only_line(filing("F-1", currency=None, country="SE")).currency == "SEK"
        assert only_line(filing("F-1", currency=None, country=None)).currency is None

    @pytest.mark.parametrize(
        ("fields", "status", "value_base"),
        [
            ({}, "same", "1000"),
            ({"currency": "usd"}, "fixing", "800"),
            ({"currency": "USD", "transaction_date": "2026-03-09"}, "carried", "833.333333"),
            ({"currency": "USD", "transaction_date": "2026-03-14"}, "no_rate", None),
            ({"currency": "SEK", "transaction_date": "2026-03-10"}, "carried", "80"),
            ({"currency": "SEK", "transaction_date": "2026-03-11"}, "no_rate", None),
            ({"currency": "USD", "transaction_date": "2026-03-20"}, "fixing", "769.230769"),
            ({"currency": "USD", "transaction_date": "2026-03-21"}, "not_loaded", None),
            ({"currency": "USD", "transaction_date": None}, "no_rate", None),
            ({"currency": "USD", "transaction_date": "2026-03-01"}, "no_rate", None),
            ({"currency": "XXX"}, "unknown_currency", None),
            ({"currency": "XXX", "transaction_date": "2026-03-21"}, "not_loaded", None),
            ({"currency": None, "country": None}, "unknown_currency", None),
            ({"currency": "USD", "price": None}, "fixing", None),
        ],
    )
    def test_base_currency(self, fields, status, value_base):
        line = only_line(filing("F-1", **fields))
        assert (line.fx_status, line.value_base) == (status, value_base and Decimal(value_base))

    def test_other_base_currency_crosses_through_the_euro(self):
        line = only_line(filing("F-1", currency="SEK"), base_currency="USD")
        assert (line.value_base, line.fx_status) == (Decimal(125), "fixing")
        line = only_line(filing("F-1", currency="EUR", transaction_date="2026-03-03"), base_currency="USD")
        assert (line.value_base, line.fx_status) == (Decimal(1250), "carried")

    def test_nothing_loaded(self):
        result = Reference([seen(filing("F-1", currency="USD"))], SEEDS, Settings(AS_OF_DATE), {})
        assert result.lines[0].fx_status == "not_loaded"


REASONS = [
    ("cancelled", {"status": "cancelled"}),
    ("missing_issuer", {"issuer_id": None}),
    ("missing_transaction_date", {"transaction_date": "2026-02-30"}),
    ("implausible_date", {"transaction_date": "2026-03-05"}),
    ("derivative", {"is_derivative": True}),
    ("not_common_equity", {"security_type": "Series A (Preferred)"}),
    ("not_open_market", {"transaction_type": "grant"}),
    ("not_a_buy", {"acquired_disposed": "D"}),
    ("planned_trade", {"is_10b5_1": "1"}),
    ("placement_or_plan", {"footnotes": "Bought in a Private Placement."}),
    ("linked_to_share_programme", {"linked_to_share_programme": "yes"}),
    ("ten_percent_owner_only", {"insider_role": "10% owner"}),
]


class TestExclusions:
    @pytest.mark.parametrize(("reason", "fields"), REASONS)
    def test_each_reason(self, reason, fields):
        assert only_line(filing("F-1", **fields)).signal_exclusion_reason == reason

    def test_first_reason_counts(self):
        """Taking away the first reason uncovers the next; only a missing date cannot be implausible too."""
        everything = [(reason, fields) for reason, fields in REASONS if reason != "implausible_date"]
        for position, (reason, _) in enumerate(everything):
            fields = {name: value for _, more in everything[position:] for name, value in more.items()}
            assert only_line(filing("F-1", **fields)).signal_exclusion_reason == reason

    @pytest.mark.parametrize(
        ("fields", "reason"),
        [
            ({}, None),
            ({"transaction_date": "1989-12-31"}, "implausible_date"),
            ({"transaction_date": "1990-01-01"}, None),
            ({"transaction_date": "2026-03-04"}, None),
            ({"security_type": "Stock Option"}, "derivative"),
            ({"security_type": "Stock Option", "is_derivative": False}, None),
            ({"security_type": "Note"}, "not_common_equity"),
            ({"security_type": "notebook"}, None),
            ({"security_type": None}, None),
            ({"transaction_type": "BUY "}, None),
            ({"transaction_type": "no such type"}, "not_open_market"),
            ({"transaction_type": None}, "not_open_market"),
            ({"transaction_type": "sell"}, "not_a_buy"),
            ({"transaction_type": "gift", "acquired_disposed": "A"}, "not_open_market"),
            ({"is_10b5_1": "maybe"}, None),
            ({"price": None}, None),
        ],
    )
    def test_borders(self, fields, reason):
        assert only_line(filing("F-1", **fields)).signal_exclusion_reason == reason

    def test_direction_of_types_that_are_no_trade(self):
        assert only_line(filing("F-1", transaction_type="gift", acquired_disposed="A")).direction == "none"
        assert (
            only_line(filing("F-1", transaction_type="no such type", acquired_disposed="A")).direction is None
        )

    @pytest.mark.parametrize(
        ("other", "reason"),
        [
            ({"security_type": "Warrant", "is_derivative": True, "price": None}, "placement_or_plan"),
            ({"security_type": "Warrant", "is_derivative": True, "price": None, "shares": 50}, None),
            ({"security_type": "Stock Option Warrant", "is_derivative": True, "price": None}, None),
            ({"security_type": "Warrant", "is_derivative": True, "transaction_date": "2026-03-03"}, None),
            ({"security_type": "Warrant", "is_derivative": True, "acquired_disposed": "D"}, None),
            ({"shares": 7, "footnotes": "Bought in a private placement."}, "placement_or_plan"),
            ({"shares": 7, "price": 11, "footnotes": "Bought in a private placement."}, None),
            (
                {"security_type": "Note", "is_derivative": True, "footnotes": "A private placement."},
                "placement_or_plan",
            ),
        ],
    )
    def test_what_is_said_of_a_companion_counts(self, other, reason):
        bought = {"security_type": "Common Stock", "shares": 100, "price": 10}
        result = archive(filing("F-1") | {"transactions": [bought, bought | other]})
        assert result.lines[0].signal_exclusion_reason == reason

    @pytest.mark.parametrize(
        ("note", "reason"),
        [
            ("Mr. Doe bought in a private placement.", "placement_or_plan"),
            ("Bought after the private placement.", None),
            ("Bought on the open market. A private placement followed.", None),
            ("Not bought on the open market but in a private placement.", "placement_or_plan"),
        ],
    )
    def test_a_note_is_read_by_sentences(self, note, reason):
        assert only_line(filing("F-1", footnotes=note)).signal_exclusion_reason == reason

    def test_shares_of_a_fund_are_no_common_equity(self):
        assert (
            only_line(filing("F-1", issuer_name="First Growth Fund, Inc.")).signal_exclusion_reason
            == "not_common_equity"
        )
        assert only_line(filing("F-1", issuer_name="Fundamental Works")).signal_exclusion_reason is None


class TestEvents:
    def test_event_sums_the_tranches_of_a_day(self):
        tranches = [{"shares": 100, "price": 10}, {"shares": 300, "price": 20}, {"shares": 50, "price": None}]
        result = archive(
            filing("F-1", price=None) | {"transactions": tranches},
            filing(
                "F-2",
                filing_id="G",
                insider_role="CFO",
                shares=1,
                price=1,
                published_at="2026-03-05T12:00:00Z",
            ),
        )
        (event,) = result.events(date(2026, 3, 5)).values()
        assert (event.line_count, event.shares, event.value, event.value_base) == (4, 451, 7001, 7001)
        assert event.price == Decimal("17.458853")  # 7001 / 401
        assert (event.role, event.first_available_at) == ("chief_financial", utc("2026-03-04 12:00"))

    def test_below_minimum_value_goes_by_event(self):
        """Two tranches of 600 make an event of 1,200; a line of another day stays alone with 600."""
        result = archive(
            filing("F-1", shares=60) | {"transactions": [{}, {}]},
            filing("F-2", shares=60, transaction_date="2026-03-03"),
            filing("F-3", price=None, transaction_date="2026-03-01"),
            minimum_buy_value=Decimal(1000),
        )
        assert ids(result.eligible_buys(date(2026, 3, 4))) == {"F-1", "F-3"}


class TestSameTerms:
    def test_insiders_are_counted_who_bought_at_one_price_or_in_one_lot(self):
        """Three in one lot, two of them at one price; another day, another class and a sale are no company."""
        result = archive(
            filing("F-1", shares=83300, price=3),
            filing("F-2", shares=83300, price=3, insider_id="P2"),
            filing("F-3", shares=83300, price=2, insider_id="P3"),
            filing("F-4", shares=1, price=3, insider_id="P3"),
            filing("F-5", shares=83300, insider_id="P5", transaction_date="2026-03-01"),
            filing("F-6", shares=83300, insider_id="P6", security_type="Series A Preferred Stock"),
            filing("F-7", shares=83300, insider_id="P7", transaction_type="sell"),
        )
        counts = result.same_terms_buyers(date(2026, 3, 4))
        assert {name.split(":")[1]: count for name, count in counts.items()} == {
            "F-1": 3, "F-2": 3, "F-3": 3, "F-4": 3, "F-5": 1, "F-6": 1,
        }  # fmt: skip

    def test_they_leave_the_signal_once_the_third_is_known(self):
        lot = {"shares": 28.9846, "price": 11.73}
        records = [
            filing("F-1", **lot),
            filing("F-2", **lot, insider_id="P2"),
            filing("F-3", **lot, insider_id="P3", published_at="2026-03-05T12:00:00Z"),
            filing("F-4", insider_id="P4", shares=7, price=11.74),
        ]
        result = archive(*records, exclude_same_terms=True)
        assert [ids(result.eligible_buys(date(2026, 3, day))) for day in (4, 5)] == [
            {"F-1", "F-2", "F-4"},
            {"F-4"},
        ]
        assert len(archive(*records).eligible_buys(date(2026, 3, 5))) == 4

    def test_several_reports_of_one_insider_are_one(self):
        result = archive(
            filing("F-1", shares=5),
            filing("F-2", shares=5, price=3),
            filing("F-3", shares=5, price=4, insider_id=None),
        )
        assert set(result.same_terms_buyers(date(2026, 3, 4)).values()) == {1}


class TestScore:
    def test_formula(self):
        result = archive(
            filing("F-1"),
            filing("F-2", insider_id="P2", insider_name="Kim Pattern", insider_role="CFO", shares=200),
            filing("F-3", insider_id="P3", price=None, transaction_date="2026-02-28"),
        )
        (row,) = result.scores(date(2026, 3, 9))
        assert (row.total_buy_value, row.distinct_buyers, row.senior_buyer_flag) == (3000, 3, 1)
        assert (row.last_buy_date, row.days_since_last_buy, row.rank) == (date(2026, 3, 2), 7, 1)
        assert row.transaction_ids == tuple(f"filings_api:F-{number}:1" for number in (1, 2, 3))
        assert row.score == pytest.approx(math.log(3001) + 0.75 * 3 + 1 - 0.35, abs=1e-12)

    def test_window_holds_day_30_and_no_more(self):
        result = archive(filing("F-1"))
        assert [len(result.scores(date(2026, 3, 2) + timedelta(days=days))) for days in (1, 2, 30, 31)] == [
            0,
            1,
            1,
            0,
        ]
        assert [row.as_of_date for row in result.all_scores()] == [
            date(2026, 3, 4) + timedelta(days=days) for days in range(29)
        ]

    def test_scores_begin_and_end_where_they_are_asked_for(self):
        rows = archive(
            filing("F-1"), score_start_date=date(2026, 3, 10), as_of_date=date(2026, 3, 12)
        ).all_scores()
        assert [row.as_of_date.day for row in rows] == [10, 11, 12]

    def test_issuer_without_an_eligible_buy_has_no_row(self):
        result = archive(filing("F-1", transaction_type="sell"), filing("F-2", is_10b5_1=True))
        assert result.all_scores() == []

    def test_unpriced_buy_counts_as_a_buyer(self):
        (row,) = archive(filing("F-1", price=None)).scores(date(2026, 3, 4))
        assert (row.total_buy_value, row.distinct_buyers) == (0, 1)
        assert row.score == pytest.approx(0.75 - 0.1, abs=1e-12)

    def test_negative_value(self):
        """It lies below any minimum value of an event, and adds nothing to the score where it does not."""
        record = filing("F-1", value=-5)
        assert archive(record).scores(date(2026, 3, 4)) == []
        (row,) = archive(record, minimum_buy_value=Decimal(-5)).scores(date(2026, 3, 4))
        assert (row.total_buy_value, row.score) == (-5, pytest.approx(0.75 - 0.1, abs=1e-12))

    @pytest.mark.parametrize(
        ("others", "buyers"),
        [
            ([], 1),
            ([{"insider_id": "P2", "insider_name": "robin sample"}], 1),
            ([{"insider_id": "P2", "insider_name": "Kim Pattern"}], 2),
            ([{"insider_id": None, "insider_name": "ROBIN-SAMPLE"}], 1),
            ([{"insider_id": None, "insider_name": None}], 1),
            ([{"insider_id": "P1"}, {"insider_id": "P2"}], 2),
        ],
    )
    def test_buyers_without_an_id(self, others, buyers):
        """Beside the buy of a Robin Sample without an id."""
        result = archive(
            filing("F-1", insider_id=None),
            *(filing(f"F-{n}", shares=n, **fields) for n, fields in enumerate(others, 2)),
        )
        (row,) = result.scores(date(2026, 3, 4))
        assert row.distinct_buyers == buyers

    def test_names_are_resolved_by_what_is_visible(self):
        """The sale that gives the name to P1 is available a day later; another issuer's lines say nothing."""
        nameless = {"insider_id": None}
        result = archive(
            filing("F-1", **nameless),
            filing("F-2", shares=7, insider_name="Kim Pattern"),
            filing("F-3", shares=8, transaction_type="sell", published_at="2026-03-05T12:00:00Z"),
            filing("F-4", issuer_id="C2", **nameless),
        )
        assert [[row.distinct_buyers for row in result.scores(date(2026, 3, day))] for day in (4, 5)] == [
            [2, 1],
            [1, 1],
        ]

    def test_ties_are_ranked_by_issuer_id(self):
        result = archive(
            filing("F-1", issuer_id="C2"),
            filing("F-2", issuer_id="C1"),
            filing("F-3", issuer_id="C3", shares=500),
        )
        assert [(row.issuer_id, row.rank) for row in result.scores(date(2026, 3, 4))] == [
            ("C3", 1),
            ("C1", 2),
            ("C2", 3),
        ]

    def test_signal_goes_with_the_amendment_and_not_before(self):
        sale = filing("F-2", amends_id="F-1", transaction_type="sell", published_at="2026-03-06T12:00:00Z")
        result = archive(filing("F-1"), sale)
        assert [row.as_of_date.day for row in result.all_scores()] == [4, 5]


# ---------------------------------------------------------------- what holds of any archive

clocks = st.sampled_from(["updated", "observed", "published"])
as_of_dates = st.integers(0, 30).map(lambda number: generated.FIRST_DAY + timedelta(days=number))


def reference_of(observations: list[dict], clock: str = "updated") -> Reference:
    settings = Settings(as_of_date=generated.AS_OF_DATE, availability_clock=clock)
    return Reference(observations, SEEDS, settings, generated.RATES)


def known_by(day: date, observations: list[dict], clock: str) -> list[dict]:
    """The observations of every record up to the last version of it that is available by `day`."""
    settings = Settings(as_of_date=generated.AS_OF_DATE, availability_clock=clock)
    known = []
    for record_id in {row["record_id"] for row in observations}:
        history = sorted(
            (row for row in observations if row["record_id"] == record_id),
            key=lambda row: (row["observed_at"], row["page_number"], row["position"]),
        )
        while history:
            versions = reference.versions_of_record(
                record_id, history, SEEDS, settings, reference.DEFAULT_FIELD_PATHS
            )
            if versions[-1].available_date <= day:
                break
            history.pop()
        known += history
    return known


@settings(max_examples=100, deadline=None)
@given(generated.archives(), as_of_dates, clocks)
def test_nothing_that_comes_later_changes_a_day(archive, day, clock):
    complete = reference_of(archive.observations, clock)
    known = reference_of(known_by(day, archive.observations, clock), clock)
    for earlier in (day, day - timedelta(days=1), day - timedelta(days=5)):
        assert known.scores(earlier) == complete.scores(earlier)
        assert known.events(earlier) == complete.events(earlier)
        assert known.duplicates(earlier) == complete.duplicates(earlier)


@settings(max_examples=50, deadline=None)
@given(generated.archives(), st.data())
def test_order_of_arrival_does_not_matter(archive, data):
    loads = data.draw(generated.loadings(archive.observations))
    shuffled = reference_of([row for load in loads for row in load])
    complete = reference_of(archive.observations)
    assert shuffled.lines == complete.lines
    assert shuffled.scores(generated.FIRST_DAY + timedelta(days=14)) == complete.scores(
        generated.FIRST_DAY + timedelta(days=14)
    )


@settings(max_examples=50, deadline=None)
@given(generated.archives(), as_of_dates)
def test_every_line_is_there_once_and_every_duplicate_has_a_line_that_stands(archive, day):
    result = reference_of(archive.observations)
    lines = result.visible(day)
    assert max(Counter(line.transaction_id for line in lines).values(), default=1) == 1

    duplicates = result.duplicates(day)

    def trade(line):
        return line.issuer_id, line.insider, line.transaction_date, line.shares, line.price, line.direction

    standing = {trade(line) for line in result.standing(day)}
    assert all(trade(line) in standing for line in lines if line.transaction_id in duplicates)


def test_reference_agrees_with_the_article_where_there_is_no_trouble():
    first, last = date(2026, 3, 1), date(2026, 5, 31)
    rates = {"missing_price": 0.3, "missing_role": 0.15}
    records = Generator("clean", 12, 1, first, last, rates).file(300, first, last).records()
    settings = Settings(as_of_date=date(2026, 6, 10), role_map_version=1)
    observations = generated.observed_once(records, datetime(2026, 6, 11, tzinfo=UTC))
    result = Reference(observations, Seeds.read(SEEDS_FOLDER, settings), settings, {})
    days = [first + timedelta(days=number) for number in range(0, 100, 7)]
    compared = 0
    for day in days:
        signal = article.build_signal(records, day.isoformat(), time_zone="Europe/Berlin")
        expected = {
            row.issuer_id: (
                row.distinct_buyers,
                row.senior_buyer_flag,
                row.days_since_last_buy,
                pytest.approx(row.score, abs=1e-9),
            )
            for row in signal.itertuples()
        }
        scores = result.scores(day)
        assert expected == {
            row.issuer_id: (row.distinct_buyers, row.senior_buyer_flag, row.days_since_last_buy, row.score)
            for row in scores
        }
        assert [row.rank for row in scores] == list(range(1, len(scores) + 1))
        compared += len(scores)
    assert compared > 100


def test_generated_archives_hold_every_kind_of_trouble():
    settings = Settings(as_of_date=generated.AS_OF_DATE)
    seeds = Seeds.read(SEEDS_FOLDER, settings)
    found = Counter()
    for archive in generated.sample_archives(150):
        result = Reference(archive.observations, seeds, settings, archive.rates)
        days = [generated.FIRST_DAY + timedelta(days=number) for number in range(3, 21)]
        found.update({line.signal_exclusion_reason for line in result.lines})
        found.update({line.fx_status for line in result.lines})
        found.update({f"version {version.version_number}" for version in result.versions})
        found["amended"] += bool(result.supersessions)
        found["duplicate"] += any(result.duplicates(day) for day in days)
        found["superseding"] += any(result.superseding_filings(day) for day in days)
        found["several buyers"] += any(row.distinct_buyers > 1 for day in days for row in result.scores(day))
        found["joint filing"] += any(len(version.filing.owners) > 1 for version in result.versions)
    expected = [
        *[None, "cancelled", "implausible_date", "not_common_equity", "not_open_market", "not_a_buy"],
        *["ten_percent_owner_only", "same", "fixing", "carried", "no_rate", "not_loaded"],
        *["version 2", "version 4", "amended", "superseding", "duplicate", "several buyers", "joint filing"],
    ]
    assert [kind for kind in expected if not found[kind]] == []


def test_written_archive_is_what_the_loader_leaves_behind(tmp_path):
    archive = generated.combined(generated.sample_archives(5))
    loads = [archive.observations[::2], archive.observations[1::2]]
    database = tmp_path / "archive.duckdb"
    generated.write_archive(database, loads, archive.rates, uncommitted=[archive.observations[:3]])
    with duckdb.connect(str(database)) as connection:
        committed = connection.execute(
            """
            select observations.record_id, observations.payload, observations.observed_at
            from raw_filings_api.observations
            inner join raw_filings_api._dlt_loads on observations._dlt_load_id = _dlt_loads.load_id
            where _dlt_loads.status = 0
            """
        ).fetchall()
        (rows,) = connection.execute("select count(*) from raw_filings_api.observations").fetchone()
        fixings = connection.execute("select record_id, payload from raw_ecb_rates.observations").fetchall()
    assert Counter(committed) == Counter(
        (row["record_id"], row["payload"], row["observed_at"]) for row in archive.observations
    )
    assert rows == len(archive.observations) + 3
    assert {
        (date.fromisoformat(day), currency, rate)
        for day, payload in fixings
        for currency, rate in json.loads(payload).items()
        if currency != "Date" and rate != "N/A"
    } == {
        (day, currency, str(rate))
        for currency, of_currency in archive.rates.items()
        for day, rate in of_currency.items()
    }


def test_combined_archives_do_not_touch_each_other():
    parts = generated.sample_archives(20)
    day = generated.FIRST_DAY + timedelta(days=12)
    alone = Counter(
        (row.total_buy_value, row.distinct_buyers, round(row.score, 9))
        for part in parts
        for row in reference_of(part.observations).scores(day)
    )
    together = Counter(
        (row.total_buy_value, row.distinct_buyers, round(row.score, 9))
        for row in reference_of(generated.combined(parts).observations).scores(day)
    )
    assert together == alone
    assert together
