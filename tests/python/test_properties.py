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
from reference import DEFAULT_FIELD_PATHS, Seeds, Settings, versions_of_record

import sandbox.archive

SAMPLES = 100
DAYS = [date(2026, 3, 5), date(2026, 3, 8), date(2026, 3, 12)]
AS_OF = {"as_of_date": generated.AS_OF_DATE.isoformat()}
SEEDS_FOLDER = project.PROJECT / "seeds"
PAGE_SIZE = 100


# ---------------------------------------------------------------- archives and what is built from them


@pytest.fixture(scope="module")
def samples() -> list[Archive]:
    return generated.sample_archives(SAMPLES)


@pytest.fixture(scope="module")
def undisturbed(empty_build, samples, tmp_path_factory) -> Path:
    """The samples in one load, as they were observed, and built once."""
    database = project.copy_of(empty_build[0], tmp_path_factory.mktemp("undisturbed") / "filings.duckdb")
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
    left_out = ", ".join(f"'{column}'" for column in without_columns)
    with duckdb.connect(str(database), read_only=True) as connection:
        names = connection.execute("select table_name from duckdb_tables() where schema_name = 'marts'")
        return {
            name: Counter(
                connection.execute(
                    f"select columns(column_name -> column_name not in ({left_out})) from marts.{name}"
                ).fetchall()
            )
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
        database, "select * exclude (rank, rank_in_market) from marts.issuer_scores order by signal_date, rank"
    ):
        number, _, row["issuer_id"] = row["issuer_id"].partition("-")
        parts[int(number)].append(row)
    return parts


@pytest.mark.parametrize(
    ("clock", "cut"), [("updated", known_by), ("observed", observed_by)], ids=["updated", "observed"]
)
def test_what_comes_later_changes_no_earlier_score(
    database: Path,
    samples: list[Archive],
    clock: str,
    cut: Callable[[date, Sequence[Observation]], list[Observation]],
) -> None:
    parts = [*samples]
    for day in DAYS:
        parts += [Archive(cut(day, sample.observations), sample.rates) for sample in samples]
    archive = generated.combined(parts)
    generated.write_archive(database, [archive.observations], archive.rates)
    project.run_models(database, AS_OF | {"availability_clock": clock})

    scores = scores_of_parts(database)
    compared = differing_later = 0
    for number in range(SAMPLES):
        for place, day in enumerate(DAYS, start=1):
            complete, known = scores[number], scores[number + place * SAMPLES]
            expected = [row for row in complete if row["signal_date"] <= day]
            assert [row for row in known if row["signal_date"] <= day] == expected, (number, day)
            compared += len(expected)
            differing_later += known != complete
    assert compared > 100
    assert differing_later > SAMPLES


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


def test_neither_order_nor_loads_nor_what_crashes_leave_behind_change_a_mart(
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
    # A load that died before its mark: walks that another load archived after all, and some that none did.
    other = generated.combined(generated.sample_archives(5, max_records=4)).observations
    unfinished = [seen | {"walk_id": f"{seen['walk_id']}-unfinished"} for seen in other]
    generated.write_archive(
        database, loads, archive.rates, uncommitted=[unfinished, [seen for walk in walks[:20] for seen in walk]]
    )
    leave_as_crashes_do(database)
    project.run_models(database, AS_OF)
    assert_same_marts(marts(database), marts(undisturbed))


def test_however_many_builds_change_no_mart(
    database: Path, samples: list[Archive], undisturbed: Path
) -> None:
    archive = generated.combined(samples)
    walks = by_walk(archive.observations)
    halves = [[seen for walk in walks[start::2] for seen in walk] for start in (0, 1)]
    generated.write_archive(database, halves[:1], archive.rates, uncommitted=halves[1:])
    project.run_models(database, AS_OF)
    partial = marts(database)
    assert partial["insider_transactions"] != marts(undisturbed)["insider_transactions"]
    with duckdb.connect(str(database)) as connection:
        connection.execute("""
            insert into raw_filings_api._dlt_loads
            select distinct _dlt_load_id, 'filings_api', 0, finished_at, '' from raw_filings_api.windows
            where _dlt_load_id not in (select load_id from raw_filings_api._dlt_loads)
            qualify row_number() over (partition by _dlt_load_id) = 1
        """)
    project.run_models(database, AS_OF)
    complete = marts(database)
    assert_same_marts(complete, marts(undisturbed))
    project.run_models(database, AS_OF)
    assert_same_marts(marts(database), complete)
