"""The marts agree with the plain Python reference, for every line version and for every issuer and day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import generated
import project
import pytest
from reference import DEFAULT_FIELD_PATHS, Reference, Seeds, Settings

SAMPLES = 150
# Three insiders in one lot, known on three days; the third filing is withdrawn later.
OFFERING = [
    {
        "id": f"offering-{number}", "issuer_id": "offering", "insider_id": f"P{number}", "insider_role": "Director", "country": "US",
        "transaction_date": "2026-03-03", "filing_date": f"2026-03-0{number + 3}", "published_at": f"2026-03-0{number + 3}T15:00:00Z",
        "transaction_type": "buy", "shares": 83300, "price": number, "currency": "EUR",
    }
    for number in (1, 2, 3)
]  # fmt: skip
# Of issuers without another line.
MISPRINTS = [
    OFFERING[0] | {"id": "dear", "issuer_id": "dear", "price": 61250, "shares": 5000},
    OFFERING[0] | {"id": "many", "issuer_id": "many", "shares": 16_600_000_000, "price": 12},
    # In markets with one issuer.
    OFFERING[0]
    | {
        "id": "dear alone",
        "issuer_id": "dear alone",
        "country": "NZ",
        "currency": "NZD",
        "price": 61250,
        "shares": 5000,
    },
    OFFERING[0]
    | {
        "id": "many alone",
        "issuer_id": "many alone",
        "country": "SG",
        "currency": "SGD",
        "price": 1,
        "shares": 16_600_000_000,
    },
    OFFERING[0]
    | {"id": "yen", "issuer_id": "yen", "country": "JP", "currency": "JPY", "price": 61250, "shares": 5000},
    OFFERING[0]
    | {
        "id": "much alone",
        "issuer_id": "much alone",
        "country": "MX",
        "currency": "MXN",
        "price": None,
        "shares": None,
        "value": 3e12,
    },
]
WITHDRAWN = OFFERING[2] | {"status": "withdrawn", "updated_at": "2026-03-20T15:00:00Z"}
LINE_COLUMNS = [
    "available_date", "superseded_date", "signal_exclusion_reason", "is_senior", "shares", "price", "currency", "value", "fx_status",
]  # fmt: skip


def compare_lines(database: Path, reference: Reference) -> None:
    published = {
        (row["transaction_id"], row["version_number"]): row
        for row in project.rows(database, "select * from marts.insider_transaction_versions")
    }
    expected = {(line.transaction_id, line.version_number): line for line in reference.lines}
    assert sorted(published) == sorted(expected)
    for key, line in expected.items():
        row = published[key]
        differing = {
            column: (row[column], getattr(line, column))
            for column in LINE_COLUMNS
            if row[column] != getattr(line, column)
        }
        moments = {
            column: (row[column], value.replace(tzinfo=None))
            for column in ("available_at", "superseded_at")
            if (value := getattr(line, column)) is not None and row[column] != value.replace(tzinfo=None)
        }
        assert not differing and not moments, (key, differing, moments)
        assert (row["value_base"] is None) == (line.value_base is None), key
        if line.value_base is not None:
            assert row["value_base"] == pytest.approx(
                line.value_base, rel=Decimal("1e-15"), abs=Decimal("1e-6")
            ), key


def compare_same_terms(database: Path, reference: Reference) -> None:
    published = {
        row["transaction_id"]: row["same_terms_buyers"]
        for row in project.rows(database, "select * from marts.insider_transactions")
        if row["same_terms_buyers"] is not None
    }
    assert published == reference.same_terms_buyers(generated.AS_OF_DATE)
    assert set(published.values()) >= {1, 2}
    of_three = project.rows(
        database,
        "select count(distinct transaction_id) as lines, min(valid_to) < max(as_of_date) as ends from intermediate.int_same_terms_spans"
        " cross join intermediate.int_as_of where same_terms_buyers = 3",
    )
    assert of_three == [{"lines": 3, "ends": True}]


def compare_price_flags(database: Path, reference: Reference) -> None:
    published = {
        row["transaction_id"]: row["price_flag"]
        for row in project.rows(database, "select * from marts.insider_transactions")
        if row["price_flag"] is not None
    }
    assert published == reference.price_flags(generated.AS_OF_DATE)
    assert published["filings_api:dear:1"] == "far_above_market_median"
    assert published["filings_api:many:1"] == "shares_far_above_market_median"
    assert published["filings_api:dear alone:1"] == "above_any_price"
    assert published["filings_api:many alone:1"] == "over_billion_shares"
    assert published["filings_api:much alone:1"] == "above_any_value"
    assert "filings_api:yen:1" not in published


def compare_scores(database: Path, reference: Reference) -> int:
    columns = ["distinct_buyers", "last_buy_date", "days_since_last_buy", "rank"]
    published = {
        (row["signal_date"], row["issuer_id"]): row
        for row in project.rows(database, "select * from marts.issuer_scores")
    }
    expected = {(score.as_of_date, score.issuer_id): score for score in reference.all_scores()}
    assert sorted(published) == sorted(expected)
    for key, score in expected.items():
        row = published[key]
        assert row["score"] == pytest.approx(score.score, abs=1e-9), (key, row, score)
        assert row["senior_buyer_flag"] == bool(score.senior_buyer_flag), key
        assert {column: row[column] for column in columns} == {
            column: getattr(score, column) for column in columns
        }, key
    return len(expected)


def compare_clusters(database: Path, reference: Reference) -> int:
    published: dict[tuple, tuple] = {}
    since: dict[tuple, date] = {}
    for row in project.rows(database, "select * from marts.buy_clusters"):
        key = row["signal_date"], row["issuer_id"]
        published[key] = (row["distinct_buyers"], row["first_buy_date"], row["last_buy_date"])
        since[key] = row["cluster_since"]
        assert 0 <= row["senior_buyers"] <= row["distinct_buyers"] <= row["buy_lines"]
    first = min(line.available_date for line in reference.lines)
    days = [first + timedelta(days=n) for n in range((generated.AS_OF_DATE - first).days + 1)]
    expected: dict[tuple, tuple] = {}
    begun: dict[tuple, date] = {}
    for day in days:
        for issuer_id, (buyers, _, first_buy, last_buy) in reference.clusters(day).items():
            expected[day, issuer_id] = buyers, first_buy, last_buy
            begun[day, issuer_id] = begun.get((day - timedelta(days=1), issuer_id), day)
    assert published == expected
    assert since == begun
    return len(expected)


def compare_first_buys(database: Path, reference: Reference) -> None:
    published = {
        row["transaction_id"]: row["is_first_buy"]
        for row in project.rows(database, "select * from marts.insider_transactions")
    }
    expected = reference.first_buys(generated.AS_OF_DATE)
    assert published == dict.fromkeys(published) | expected
    assert {True, False} <= set(expected.values()) or reference.settings.first_buy_days == 365


@pytest.mark.parametrize(
    ("variables", "reading"),
    [
        ({}, {}),
        (
            {"availability_clock": "observed"},
            {
                "timestamp_zone": "market",
                "decimal_separator": ",",
                "default_country": "SE",
                "default_currency": "USD",
            },
        ),
        ({"availability_clock": "published", "role_map_version": 1}, {"timestamp_zone": "Asia/Tokyo"}),
        (
            {
                "minimum_buy_value": 5000,
                "base_currency": "USD",
                "signal_window_days": 10,
                "exclude_same_terms": True,
                "first_buy_days": 3,
            },
            {"timestamp_zone": "UTC", "decimal_separator": ".", "default_country": "se"},
        ),
    ],
    ids=["default", "observed", "published", "variables"],
)
def test_generated_archives_agree_with_the_reference(
    database: Path, variables: dict, reading: dict[str, str]
) -> None:
    archive = generated.combined(generated.sample_archives(SAMPLES))
    observations = [
        *archive.observations,
        *generated.observed_once(OFFERING + MISPRINTS, datetime(2026, 3, 7, 6, tzinfo=UTC)),
        *(
            seen | {"walk_id": "withdrawn"}
            for seen in generated.observed_once([WITHDRAWN], datetime(2026, 3, 21, 6, tzinfo=UTC))
        ),
    ]
    field_paths = DEFAULT_FIELD_PATHS | {"reading": reading}
    generated.write_archive(database, [observations], archive.rates, field_paths=field_paths)
    as_of = {"as_of_date": generated.AS_OF_DATE.isoformat()}
    project.run_models(
        database,
        variables | as_of,
        only=["insider_transaction_versions", "insider_transactions", "issuer_scores", "buy_clusters"],
    )
    settings = Settings(as_of_date=generated.AS_OF_DATE, **variables)
    reference = Reference(
        observations,
        Seeds.read(project.PROJECT / "seeds", settings),
        settings,
        archive.rates,
        field_paths,
    )
    compare_lines(database, reference)
    assert compare_scores(database, reference) > 300
    compare_same_terms(database, reference)
    compare_price_flags(database, reference)
    # Few issuers are left where small buys and those on the same terms do not count.
    assert compare_clusters(database, reference) >= (1 if "minimum_buy_value" in variables else 30)
    compare_first_buys(database, reference)
