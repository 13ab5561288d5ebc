"""What must hold for every archive: nothing looks ahead, and only what was observed matters, not how it was loaded."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import generated
import project
import pytest
from generated import Archive, Observation
from reference import (
    DEFAULT_FIELD_PATHS,
    Reference,
    Seeds,
    Settings,
    line_money,
    read_filing,
    versions_of_record,
)
from test_parity import compare_lines, compare_scores

import sandbox.archive
from sandbox.generator import build

SAMPLES = 100
AS_OF = {"as_of_date": generated.AS_OF_DATE.isoformat()}
SEEDS_FOLDER = project.PROJECT / "seeds"
PAGE_SIZE = 100


# ---------------------------------------------------------------- archives and what is built from them


@pytest.fixture(scope="module")
def samples() -> list[Archive]:
    return generated.sample_archives(SAMPLES)


@pytest.fixture(scope="module")
def undisturbed(seeded, samples, tmp_path_factory) -> Path:
    """The samples in one load, as they were observed, and built once."""
    database = project.copy_of(seeded, tmp_path_factory.mktemp("undisturbed") / "filings.duckdb")
    archive = generated.combined(samples)
    generated.write_archive(database, [archive.observations], archive.rates)
    project.run_models(database, AS_OF)
    return database


def walks_of(archive: sandbox.archive.Archive, moments: Iterable[datetime]) -> list[list[Observation]]:
    """What a loader observes that walks all of a sandbox's archive at each of these moments, without what has no id."""
    walks = []
    for moment in moments:
        walk = []
        for number, body in enumerate(archive.at(moment)[1]):
            record = json.loads(body)
            record_id = record.get("id") if isinstance(record, dict) else None
            if type(record_id) in (str, int) and str(record_id).strip():
                walk.append(
                    {
                        "record_id": str(record_id),
                        "payload": body.decode(),
                        "walk_id": f"walk-{moment:%Y-%m-%d}",
                        "observed_at": moment,
                        "page_number": number // PAGE_SIZE + 1,
                        "position": number % PAGE_SIZE + 1,
                    }
                )
        walks.append(walk)
    return walks


def marts(database: Path, without_columns: Iterable[str] = ()) -> dict[str, Counter[tuple]]:
    """Every mart with its rows."""
    kept = f"columns(column_name -> not list_contains({list(without_columns)}::varchar[], column_name))"
    with duckdb.connect(str(database), read_only=True) as connection:
        names = connection.execute("select table_name from duckdb_tables() where schema_name = 'marts'")
        return {
            name: Counter(connection.execute(f"select {kept} from marts.{name}").fetchall())
            for (name,) in names.fetchall()
        }


def assert_same_marts(
    found: dict[str, Counter], expected: dict[str, Counter], without: Iterable[str] = ()
) -> None:
    """Every row of every mart is in the other build as often; a few of those that are not are the message."""
    assert found.keys() == expected.keys()
    differing = {
        name: {"only found": list(surplus.elements())[:3], "only expected": list(missing.elements())[:3]}
        for name in sorted(found.keys() - set(without))
        if (surplus := found[name] - expected[name]) | (missing := expected[name] - found[name])
    }
    assert not differing


# ---------------------------------------------------------------- no look-ahead


def known_by(day: date, observations: Sequence[Observation]) -> list[Observation]:
    """The observations that show a version which is available by ``day``."""
    settings = Settings(as_of_date=generated.AS_OF_DATE)
    seeds = Seeds.read(SEEDS_FOLDER, settings)
    of_record = defaultdict(list)
    for seen in sorted(
        observations, key=lambda seen: (seen["observed_at"], seen["page_number"], seen["position"])
    ):
        of_record[seen["record_id"]].append(seen)
    return [
        history[-1]
        for record_id, complete in of_record.items()
        for history in (complete[: length + 1] for length in range(len(complete)))
        if versions_of_record(record_id, history, seeds, settings, DEFAULT_FIELD_PATHS)[-1].available_date
        <= day
    ]


def observed_by(day: date, observations: Sequence[Observation]) -> list[Observation]:
    """The observations made before ``day`` was over everywhere."""
    over = datetime.combine(day + timedelta(days=1), datetime.min.time(), UTC) + timedelta(hours=12)
    return [seen for seen in observations if seen["observed_at"] < over]


def scores_of_parts(database: Path) -> dict[int, list[dict[str, Any]]]:
    """The scores of each part of a combined archive by day and rank; the rank is told by the order alone."""
    parts = defaultdict(list)
    for row in project.rows(
        database,
        "select * exclude (rank, rank_in_market) from marts.issuer_scores order by signal_date, rank",
    ):
        number, _, row["issuer_id"] = row["issuer_id"].partition("-")
        parts[int(number)].append(row)
    return parts


def assert_nothing_looks_ahead(
    database: Path,
    samples: list[Archive],
    days: list[date],
    cut: Callable[[date, Sequence[Observation]], list[Observation]],
    variables: dict[str, Any],
) -> None:
    """The scores up to each day are the same where `cut` leaves out what a later day brings; all is one build."""
    parts = [*samples]
    for day in days:
        parts += [Archive(cut(day, sample.observations), sample.rates) for sample in samples]
    archive = generated.combined(parts)
    generated.write_archive(database, [archive.observations], archive.rates)
    project.run_models(database, AS_OF | variables, only=["issuer_scores"])

    scores = scores_of_parts(database)
    compared = changed_later = 0
    for number in range(len(samples)):
        for place, day in enumerate(days, start=1):
            complete, known = scores[number], scores[number + place * len(samples)]
            expected = [row for row in complete if row["signal_date"] <= day]
            assert [row for row in known if row["signal_date"] <= day] == expected, (number, day)
            compared += len(expected)
            changed_later += known != complete
    assert compared > 300
    assert changed_later > 50


def test_what_becomes_available_later_changes_no_earlier_score(
    database: Path, samples: list[Archive]
) -> None:
    days = [date(2026, 3, 5), date(2026, 3, 8), date(2026, 3, 12)]
    assert_nothing_looks_ahead(database, samples, days, known_by, {})


def test_what_is_observed_later_changes_no_earlier_score_by_the_observed_clock(database: Path) -> None:
    # Observed a week later than in the other tests, so that much is published before it is seen.
    samples = [
        Archive(
            [seen | {"observed_at": seen["observed_at"] + timedelta(days=7)} for seen in sample.observations],
            sample.rates,
        )
        for sample in generated.sample_archives(SAMPLES, max_walks=12)
    ]
    days = [date(2026, 3, 11), date(2026, 3, 13), date(2026, 3, 16)]
    assert_nothing_looks_ahead(database, samples, days, observed_by, {"availability_clock": "observed"})


# ---------------------------------------------------------------- only what was observed matters


def by_walk(observations: Iterable[Observation]) -> list[list[Observation]]:
    walks = defaultdict(list)
    for seen in observations:
        walks[seen["walk_id"]].append(seen)
    return list(walks.values())


def leave_as_crashes_do(database: Path) -> None:
    """Rows of jobs that ran twice, marks that were set twice, and a load that was done again under another id."""
    with duckdb.connect(str(database)) as connection:
        for source in ("raw_filings_api", "raw_ecb_rates"):
            connection.execute(f"insert into {source}._dlt_loads from {source}._dlt_loads")
            for table, some in (("observations", "page_number % 2 = 1"), ("windows", "pages_requested > 1")):
                connection.execute(f"insert into {source}.{table} from {source}.{table} where {some}")
                connection.execute(f"""
                    insert into {source}.{table}
                    select * replace ('1.1' as _dlt_load_id) from {source}.{table}
                    where _dlt_load_id = (select min(load_id) from {source}._dlt_loads)
                """)
            connection.execute(f"""
                insert into {source}._dlt_loads
                select distinct * replace ('1.1' as load_id) from {source}._dlt_loads
                where load_id = (select min(load_id) from {source}._dlt_loads)
            """)


def test_neither_order_nor_loads_nor_builds_nor_what_crashes_leave_behind_change_a_mart(
    database: Path, samples: list[Archive], undisturbed: Path
) -> None:
    archive, random = generated.combined(samples), Random(1)
    walks = by_walk(archive.observations)
    random.shuffle(walks)
    loads: list[list[Observation]] = [[] for _ in range(9)]
    for walk in walks:
        random.choice(loads).extend(walk)
    for load in loads:
        random.shuffle(load)
    # Loads that died before their mark: one of walks that another archived after all, one of walks that none did.
    again = [seen for walk in walks[:20] for seen in walk]
    other = generated.combined(generated.sample_archives(5, max_records=4)).observations
    never = [seen | {"walk_id": f"{seen['walk_id']}-never"} for seen in other]
    generated.write_archive(database, loads, archive.rates, uncommitted=[again, never])

    with duckdb.connect(str(database)) as connection:
        connection.execute("create table marks as from raw_filings_api._dlt_loads")
        connection.execute("delete from raw_filings_api._dlt_loads where rowid < 5")
    project.run_models(database, AS_OF, only=["insider_transactions"])
    assert marts(database)["insider_transactions"] != marts(undisturbed)["insider_transactions"]

    with duckdb.connect(str(database)) as connection:
        connection.execute("create or replace table raw_filings_api._dlt_loads as from marks")
        connection.execute("drop table marks")
    leave_as_crashes_do(database)
    project.run_models(database, AS_OF)
    assert_same_marts(marts(database), marts(undisturbed))


# ---------------------------------------------------------------- feeds that only add

START, END = date(2026, 1, 1), date(2026, 3, 31)
KNOWN_THROUGH = date(2026, 2, 20)
# Served and loaded after the day is over everywhere.
LOADED = datetime(2026, 2, 22, tzinfo=UTC)
# This mart knows what comes later: the versions of that day, without what superseded them since.
VERSIONS_KNOWN = f"""
    select * exclude (first_seen_at, superseded_at)
    replace (case when superseded_date <= date '{KNOWN_THROUGH}' then superseded_date end as superseded_date)
    from marts.insider_transaction_versions
    where available_date <= date '{KNOWN_THROUGH}'
    order by transaction_id, version_number
"""


def test_a_past_day_of_a_daily_archive_is_what_one_load_up_to_that_day_gives(
    database: Path, tmp_path: Path
) -> None:
    feed = build("adversarial", 400, 2, START, END, add_only=True)
    daily = [LOADED + timedelta(days=days) for days in range(-40, 41, 5)]
    found, versions = [], []
    for name, moments in {"daily": daily, "at once": [LOADED]}.items():
        archive = project.copy_of(database, tmp_path / f"{name}.duckdb")
        generated.write_archive(archive, walks_of(feed, moments), generated.RATES)
        project.run_models(archive, {"as_of_date": KNOWN_THROUGH.isoformat()})
        # When something was seen, and how often, is told by the loads.
        found.append(marts(archive, without_columns=["first_seen_at", "last_seen_at", "times_seen"]))
        versions.append(project.rows(archive, VERSIONS_KNOWN))
    assert versions[0] == versions[1]
    what_loads_tell = ["load_completeness", "source_status"]
    assert_same_marts(*found, without=[*what_loads_tell, "insider_transaction_versions"])
    assert found[0]["daily_insider_signal"].total() > 5


# ---------------------------------------------------------------- feeds full of faults

WALKED = [datetime(2026, 1, 15, 9, tzinfo=UTC) + timedelta(days=days) for days in (0, 13, 30, 44, 61, 80)]
ADVERSARIAL = Settings(as_of_date=END)


@pytest.fixture(scope="module")
def adversarial_observations() -> list[Observation]:
    """What several walks saw of a feed with every wart."""
    archive = build("adversarial", 400, start_date=START, end_date=END)
    return [seen for walk in walks_of(archive, WALKED) for seen in walk]


@pytest.fixture(scope="module")
def adversarial(seeded, adversarial_observations, tmp_path_factory) -> tuple[Path, dict[str, str]]:
    """A database built and tested on them, and the status of every node."""
    database = project.copy_of(seeded, tmp_path_factory.mktemp("adversarial") / "filings.duckdb")
    generated.write_archive(database, [adversarial_observations], generated.RATES)
    return database, project.build_everything(database, {"as_of_date": END.isoformat()})


def test_data_full_of_faults_gives_warnings_only(adversarial) -> None:
    statuses = adversarial[1]
    assert {
        name: status
        for name, status in statuses.items()
        if status not in ("success", "pass", "no-op", "warn")
    } == {}
    assert "warn" in statuses.values()


def test_the_adversarial_feed_agrees_with_the_reference(adversarial, adversarial_observations) -> None:
    reference = Reference(
        adversarial_observations, Seeds.read(SEEDS_FOLDER, ADVERSARIAL), ADVERSARIAL, generated.RATES
    )
    compare_lines(adversarial[0], reference)
    assert compare_scores(adversarial[0], reference) > 300


def test_every_line_and_every_amount_of_the_archive_is_in_the_marts(
    adversarial, adversarial_observations
) -> None:
    # The first observation of a record is its first version, whatever comes later.
    first_seen: dict[str, str] = {}
    for seen in adversarial_observations:
        first_seen.setdefault(seen["record_id"], seen["payload"])
    seeds = Seeds.read(SEEDS_FOLDER, ADVERSARIAL)
    filings = [read_filing(*item, seeds, DEFAULT_FIELD_PATHS) for item in first_seen.items()]
    lines = [(filing.market, line) for filing in filings for line in filing.lines]
    amounts = [
        line_money(line, market, seeds, "EUR", generated.RATES) for market, line in lines if line is not None
    ]
    assert one(
        adversarial[0], "select count(*) from marts.insider_transaction_versions where version_number = 1"
    ) == (len(amounts),)
    for column in ("shares", "price", "value"):
        known = [amount for money in amounts if (amount := getattr(money, column)) is not None]
        query = f"select count({column}), sum({column}) from marts.insider_transaction_versions where version_number = 1"
        assert one(adversarial[0], query) == (len(known), sum(known)), column
    unreadable = "select count(*) from marts.quarantined_records where quarantine_id like '%:1:%'"
    assert one(adversarial[0], unreadable) == (len(lines) - len(amounts),)
    assert len(lines) > len(amounts)


VISIBLE = """
    select * from marts.insider_transaction_versions
    where available_date <= date '2026-03-31' and coalesce(superseded_date > date '2026-03-31', true)
"""
AMOUNTS = "count(*), sum(shares), sum(value_base), count(value)"
STANDING = "from marts.insider_transactions where not is_duplicate and not is_cancelled"


@pytest.mark.parametrize(
    ("one_mart", "another"),
    [
        (f"select {AMOUNTS} from ({VISIBLE})", f"select {AMOUNTS} from marts.insider_transactions"),
        (
            f"select {AMOUNTS} {STANDING}",
            "select sum(line_count), sum(shares), sum(value_base), sum(line_count) - sum(unpriced_lines)"
            " from marts.insider_events",
        ),
        (
            f"""
            select count(*), count(*) filter (where value is null), count(*) filter (where currency is null), sum(value_base) {STANDING}
            and signal_exclusion_reason is null and transaction_date between date '2026-03-01' and date '2026-03-31'
            """,
            "select sum(buy_lines), sum(unpriced_buys), sum(buys_without_currency), sum(total_buy_value) from marts.daily_insider_signal",
        ),
        (
            "select sum(buy_lines), sum(total_buy_value) from marts.daily_insider_signal",
            "select count(*), sum(value_base) from marts.signal_evidence",
        ),
        (
            "select count(*) from marts.insider_transactions where is_duplicate",
            "select count(*) from marts.duplicate_lines",
        ),
        (
            "select count(*) from marts.insider_transactions where filing_date is not null",
            "select sum(line_count) from marts.filing_counts",
        ),
        (
            "select field, count(*) from marts.insider_transactions, (select distinct field from marts.field_completeness)"
            " group by field order by field limit 1",
            "select field, sum(line_count) from marts.field_completeness group by field order by field limit 1",
        ),
        (
            "select count(*) from raw_filings_api.observations",
            "select sum(archived_records) from marts.load_completeness where source = 'filings_api'",
        ),
    ],
    ids=["visible", "events", "signal", "evidence", "duplicates", "counts", "fields", "loads"],
)
def test_what_marts_add_up_is_the_same(adversarial, one_mart: str, another: str) -> None:
    found = one(adversarial[0], one_mart)
    assert found == one(adversarial[0], another)
    assert found[-1] > 0


def one(database: Path, query: str) -> tuple:
    [row] = project.rows(database, query)
    return tuple(row.values())
