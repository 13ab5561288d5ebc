"""Every data test of the project can fail: on a clean build none does, on rows planted for it each one does."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import duckdb
import generated
import project
import pytest
import yaml

from event_study.run import run
from runner.build import dbt

FOLDERS = {"invariants": "fail", "world": "warn"}

# One statement on the tables that a test reads, for each condition of the test. The first ones are also made all at once.
CORRUPTIONS: dict[str, list[str]] = {
    # ---- invariants
    "alerts_are_told_once": [
        "insert into marts.alerts select * replace ('again' as alert_id) from marts.alerts",
        "update marts.alerts set known_on = as_of_date + 1",
        "update marts.alerts set rule = 'window_stopped_by_nobody'",
        "update seeds.alert_rules set is_enabled = false",
        "insert into marts.alerts select * replace ('amended' as alert_id, 'nothing' as amends_alert_id) from marts.alerts",
        "insert into marts.alerts select * replace ('amended' as alert_id, alert_id as amends_alert_id) from marts.alerts",
    ],
    "as_of_date_is_within_the_calendars": ["update intermediate.int_as_of set as_of_date = date '2035-12-25'"],
    "lines_are_conserved": [
        "delete from marts.insider_transaction_versions where transaction_id = 'filings_api:F-2:1'",
        "insert into marts.insider_transaction_versions select * from marts.insider_transaction_versions limit 1",
        "insert into marts.insider_transaction_versions select * replace ('unheard of' as record_id)"
        " from marts.insider_transaction_versions limit 1",
    ],
    "marts_do_not_look_ahead": [
        "update marts.insider_transactions set available_date = as_of_date + 1",
        "update marts.insider_events set first_available_date = as_of_date + 1",
        "update marts.issuers set last_available_date = as_of_date + 1",
        "update marts.insiders set last_available_date = as_of_date + 1",
        "update marts.issuer_scores set signal_date = date '2026-03-11' where signal_date = date '2026-03-10'",
        "update marts.buy_clusters set signal_date = date '2027-01-01' where signal_date = date '2026-03-10'",
        "update marts.buy_clusters set last_buy_date = signal_date + 1",
        "update marts.buy_clusters set cluster_since = signal_date + 1",
    ],
    "observations_are_conserved": [
        "delete from intermediate.int_observation_outcomes where record_id = 'F-1'",
        "insert into intermediate.int_observation_outcomes select * from intermediate.int_observation_outcomes limit 1",
        "delete from intermediate.int_filing_versions where record_id = 'F-1'",
        "delete from intermediate.int_observation_outcomes",
    ],
    "prices_are_conserved": [
        "insert into staging.stg_prices__closes by name (select 'US:ticker::EXM' as series)",
        "insert into staging.stg_prices__rows by name (select 'missing_close' as reason)",
    ],
    "returns_are_conserved": [
        "delete from marts.signal_returns where horizon = 5",
        "insert into marts.signal_returns select * from marts.signal_returns limit 1",
        "update marts.signal_returns set horizon = 1",
        "insert into marts.signal_returns by name (select 'first_buy:of:nobody' as event_id, 1 as horizon, 'no_price' as unpriced_reason)",
        "update marts.signal_returns set unpriced_reason = null",
        "update marts.signal_returns set unpriced_reason = 'no_benchmark'",
        "update marts.signal_returns set unpriced_reason = 'short_estimation', raw_return = 0.1, exit_date = signal_date",
        "update marts.signal_returns set abnormal_return = 0.1",
        "update marts.signal_returns set net_return = 0.1",
        "update marts.signal_returns set exit_date = signal_date",
    ],
    "returns_do_not_look_ahead": [
        "update marts.signal_returns set tradable_on = signal_date",
        "update marts.signal_returns set entry_date = tradable_on - 1",
        "update marts.signal_returns set entry_date = tradable_on, exit_date = tradable_on - 1",
        "update marts.signal_returns set exit_date = date '2035-01-01'",
        "update marts.signal_returns set ticker = 'NEW'",
        "update intermediate.int_ticker_mentions set available_date = date '2026-03-11'",
        "insert into marts.insider_track_records by name"
        " (select 'first_buy:of:nobody' as event_id, date '2026-03-10' as signal_date, date '2026-03-10' as last_earlier_exit)",
    ],
    "scores_do_not_look_ahead": [
        "update marts.insider_transaction_versions set available_date = available_date + 1",
        "update marts.insider_transaction_versions set superseded_date = date '2026-03-10'",
        "update marts.insider_transaction_versions set transaction_date = date '2026-03-10'",
        "update marts.insider_transaction_versions set transaction_date = date '2026-02-02'",
        "update marts.insider_transaction_versions set signal_exclusion_reason = 'not_a_buy'",
    ],
    "signal_buys_make_the_scores": [
        "delete from marts.signal_buys where transaction_id = 'filings_api:F-3:1'",
        "delete from marts.issuer_scores where issuer_id = 'C2'",
        "update marts.signal_buys set buyer = 'P9'",
        "update marts.signal_buys set value_base = value_base + 0.000001",
        "update marts.signal_buys set transaction_date = transaction_date + 1",
        "update marts.signal_buys set valid_to = valid_from",
    ],
    "signal_equals_its_evidence": [
        "delete from marts.signal_evidence where transaction_id = 'filings_api:F-1:1'",
        "delete from marts.signal_evidence where issuer_id = 'C2'",
        "delete from marts.daily_insider_signal where issuer_id = 'C2'",
        "update marts.signal_evidence set value_base = value_base + 0.000001",
        "update marts.signal_evidence set buyer = 'P9'",
        "update marts.signal_evidence set transaction_date = transaction_date + 1",
        "update marts.daily_insider_signal set score = score + 0.00000001",
    ],
    "versions_in_use_are_in_their_seeds": [
        "update seeds.score_weights set version = version + 1",
        "update seeds.role_map set version = 2",
        "delete from seeds.placement_phrases where version = 2",
    ],
    "visible_lines_stand_or_are_duplicates": [
        "delete from intermediate.int_transaction_spans where transaction_id = 'filings_api:F-1:1'",
        "update intermediate.int_current_transactions set is_duplicate = not is_duplicate",
        "insert into intermediate.int_transaction_spans by name"
        " (select 'x' as transaction_id, date '2026-03-01' as valid_from, false as is_duplicate)",
    ],
    "walks_are_conserved": [
        "update marts.load_completeness set received_records = received_records + 1",
        "update marts.load_completeness set archived_records = archived_records - 1",
        "update marts.load_completeness set reported_records = reported_records + 1",
    ],
    # ---- the world
    "buys_have_a_currency": ["update marts.insider_transactions set currency = null"],
    "feed_is_not_stale": ["insert into marts.stale_observations by name (select 'F-1' as record_id)"],
    "filing_counts_have_no_gaps": [
        "update marts.filing_counts set gap = 'not_loaded'",
        "update marts.filing_counts set gap = 'no_filings'",
    ],
    "filings_are_in_time": ["update marts.filing_timeliness set is_late = true where clock = 'insider_notification'"],
    "fixings_are_not_revised": [
        "insert into raw_ecb_rates.observations"
        " select * replace ('rates-2' as walk_id, 'other' as content_hash) from raw_ecb_rates.observations limit 1"
    ],
    "prices_look_right": ["update marts.insider_transactions set price_flag = 'not_positive'"],
    "price_series_hold_together": ["insert into marts.suspect_prices by name (select 'EXM' as symbol)"],
    "records_are_readable": ["insert into marts.quarantined_records by name (select 'missing_id' as reason, '{}' as payload)"],
    "records_do_not_vanish": ["insert into marts.vanished_records by name (select 'F-1' as record_id)"],
    "signal_rates_are_known": ["update marts.insider_transactions set value_base = null, fx_status = 'not_loaded'"],
    "sources_are_up_to_date": ["update intermediate.int_source_status set is_source_behind = true"],
    "values_are_mapped": [
        "insert into marts.unmapped_values by name (select 'role_map' as seed, 'Jester' as raw_value)",
        "insert into marts.unmapped_values by name (select 'decimal_separator' as seed, '12,345' as raw_value)",
    ],
    "windows_are_verified": ["update marts.load_completeness set status = 'unverified'"],
}  # fmt: skip


class Generic(NamedTuple):
    """Arguments of a generic test in Jinja, rows that it lets pass, and relations each with rows that it must not."""

    arguments: str
    good: str
    bad: list[str]


VALUES = "select cast({} as integer) as n, cast({} as date) as began, cast({} as date) as ended"


def rows_of(*rows: tuple[int | None, str | None, str | None]) -> str:
    """A relation with the columns n, began and ended."""
    return " union all ".join(
        VALUES.format(*("null" if value is None else f"'{value}'" for value in row)) for row in rows
    )


GENERIC = {
    "at_least": Generic(
        "column_name='n', minimum=1",
        rows_of((1, None, None), (2, None, None), (None, None, None)),
        [rows_of((1, None, None), (0, None, None))],
    ),
    "no_nulls": Generic(
        "columns=['n', 'began']",
        rows_of((1, "2026-03-02", None), (2, "2026-03-02", "2026-03-03")),
        [rows_of((None, "2026-03-02", None)), rows_of((1, "2026-03-02", None), (2, None, "2026-03-03"))],
    ),
    "not_before": Generic(
        "column_name='ended', earlier_column='began'",
        rows_of((1, "2026-03-02", "2026-03-02"), (2, "2026-03-02", None), (3, None, "2026-03-02")),
        [rows_of((1, "2026-03-02", "2026-03-01"))],
    ),
    "unique_combination": Generic(
        "columns=['n', 'began']",
        rows_of((1, "2026-03-02", None), (2, "2026-03-02", None), (1, None, None)),
        [
            rows_of((1, "2026-03-02", None), (1, "2026-03-02", "2026-03-03")),
            rows_of((None, "2026-03-02", None), (None, "2026-03-02", None)),
        ],
    ),
    "valid_range_no_overlap": Generic(
        "keys=['n'], from_column='began', to_column='ended'",
        rows_of(
            (1, "2026-03-01", "2026-03-02"), (1, "2026-03-02", "2026-03-02"), (1, "2026-03-02", None), (2, "2026-03-01", None)
        ),
        [
            rows_of((1, "2026-03-01", "2026-03-03"), (1, "2026-03-02", None)),
            rows_of((1, "2026-03-01", None), (1, "2026-03-05", "2026-03-06")),
            rows_of((1, "2026-03-01", "2026-03-09"), (1, "2026-03-02", "2026-03-03"), (1, "2026-03-05", "2026-03-06")),
            rows_of((1, "2026-03-05", "2026-03-01")),
        ],
    ),
}  # fmt: skip

BUY = {
    "issuer_name": "Works", "ticker": "WRK", "country": "DE", "transaction_type": "buy", "shares": 100, "currency": "EUR",
    "security_type": "common stock", "ownership_nature": "direct", "transaction_date": "2026-03-03", "filing_date": "2026-03-05",
}  # fmt: skip
RECORDS = [
    BUY | {"id": "F-1", "issuer_id": "C1", "insider_id": "P1", "insider_role": "CEO", "price": 10},
    BUY | {"id": "F-2", "issuer_id": "C1", "insider_id": "P2", "insider_role": "CFO", "price": 11},
    BUY | {"id": "F-3", "issuer_id": "C2", "insider_id": "P3", "insider_role": "Director", "price": 20},
]


class Build(NamedTuple):
    """A build, with the status, the compiled query and the meta of each singular test on it."""

    database: Path
    statuses: dict[str, str]
    queries: dict[str, str]
    meta: dict[str, dict[str, str]]


# Of a share that nobody traded: with any price the events of the study are there.
PRICE: generated.Observation = {
    "record_id": "2026-03-10:US:ticker::NOBODY",
    "payload": '{"ticker": "NOBODY", "market": "US", "close": 1}',
    "walk_id": "prices-1",
    "observed_at": datetime(2026, 3, 12, 6, tzinfo=UTC),
    "page_number": 1,
    "position": 1,
}


def run_singular_tests(database: Path) -> Build:
    outcomes = project.run_tests(database, "test_type:singular").result
    results = [item for item in outcomes if item.node.resource_type == "test"]
    return Build(
        database,
        {item.node.name: str(item.status) for item in results},
        {item.node.name: item.node.compiled_code for item in results},
        {item.node.name: item.node.meta for item in results},
    )


@pytest.fixture(scope="module")
def clean(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Build:
    folder = tmp_path_factory.mktemp("clean")
    database = project.copy_of(seeded, folder / seeded.name)
    seen = generated.observed_once(RECORDS, datetime(2026, 3, 12, 6, tzinfo=UTC))
    generated.write_archive(database, [seen], generated.RATES)
    with duckdb.connect(str(database)) as connection:
        generated.write_source(connection, "prices", "prices", [[PRICE]], [True], None)
    project.run_models(database, event_study=True)
    run(database)
    return run_singular_tests(database)


def test_every_test_has_rows_that_it_must_not_let_pass() -> None:
    def names(folder: str) -> set[str]:
        return {file.stem for file in (project.PROJECT / "tests" / folder).glob("*.sql")}

    assert set(CORRUPTIONS) == names("invariants") | names("world")
    # What the one of the grain finds depends on the model (see below).
    assert {*GENERIC, "unique_grain"} == names("generic")


def test_every_warning_says_in_words_what_was_found_and_where_to_look(clean: Build) -> None:
    marts = {file.stem for file in (project.PROJECT / "models" / "marts").rglob("*.sql")}
    for file in (project.PROJECT / "tests" / "world").glob("*.sql"):
        meta = clean.meta[file.stem]
        assert set(meta) == {"says", "look_at", "then"}, file.stem
        assert all(meta.values()), file.stem
        assert meta["look_at"] in marts, file.stem
        assert file.stem not in " ".join(meta.values())


def test_a_clean_build_passes_every_test(clean: Build) -> None:
    assert clean.statuses == dict.fromkeys(CORRUPTIONS, "pass")


@pytest.mark.parametrize(
    ("name", "statement"),
    [(name, statement) for name, statements in CORRUPTIONS.items() for statement in statements],
    ids=[f"{name}-{n}" for name, statements in CORRUPTIONS.items() for n in range(len(statements))],
)
def test_planted_rows_are_found(clean: Build, name: str, statement: str) -> None:
    with duckdb.connect(str(clean.database)) as connection:
        connection.begin()
        connection.execute(statement)
        found = connection.execute(clean.queries[name]).fetchall()
        connection.rollback()
    assert found


def test_marts_refuse_a_null_where_their_contract_has_none(clean: Build) -> None:
    declared = {
        (model["name"], column["name"])
        for file in (project.PROJECT / "models" / "marts").rglob("*__models.yml")
        for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]
        for column in model["columns"]
        if {"type": "not_null"} in column.get("constraints", [])
    }
    assert len(declared) > 40
    nullable = (
        "select table_name, column_name from duckdb_columns() where schema_name = 'marts' and not is_nullable"
    )
    with duckdb.connect(str(clean.database)) as connection:
        assert declared <= set(connection.execute(nullable).fetchall())
        with pytest.raises(
            duckdb.ConstraintException, match=r"NOT NULL constraint failed: issuer_scores\.score"
        ):
            connection.execute("update marts.issuer_scores set score = null")


def test_the_filing_that_the_documentation_follows_has_these_values(clean: Build) -> None:
    text = (project.PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = text.split("<!-- begin: one filing -->")[1].split("<!-- end: one filing -->")[0]
    steps = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.strip().splitlines()[2:]]
    assert len(steps) > 10
    with duckdb.connect(str(clean.database), read_only=True) as connection:
        found = [
            [relation, told, column, first_value(connection, relation, column)]
            for relation, told, column, _ in steps
        ]
    assert found == steps


# The first row of a relation in this order is that of the filing, its line, its insider's title or its issuer.
KEYS = {
    "staging.stg_filings_api__records": "filing_id",
    "staging.stg_filings_api__lines": "shares, raw_price",
    "intermediate.int_roles": "raw_role",
    "intermediate.int_buys": "transaction_id",
    "marts.issuer_scores": "signal_date, rank",
    "marts.daily_insider_signal": "rank",
}


def first_value(connection: duckdb.DuckDBPyConnection, relation: str, column: str) -> str:
    shown = f"round({column}, 6)" if column == "score" else column
    query = f"select {shown} from {relation} order by {KEYS.get(relation, 'record_id')} limit 1"
    return str(connection.execute(query).fetchone()[0])


def test_an_invariant_fails_and_the_world_warns(clean: Build, tmp_path: Path) -> None:
    database = project.copy_of(clean.database, tmp_path / clean.database.name)
    with duckdb.connect(str(database)) as connection:
        for statements in CORRUPTIONS.values():
            connection.execute(statements[0])
    expected = {
        file.stem: status
        for folder, status in FOLDERS.items()
        for file in (project.PROJECT / "tests" / folder).glob("*.sql")
    }
    assert run_singular_tests(database).statuses == expected


def test_a_row_that_is_there_twice_is_found_in_every_model(clean: Build, tmp_path: Path) -> None:
    database = project.copy_of(clean.database, tmp_path / clean.database.name)
    planted = []
    with duckdb.connect(str(database)) as connection:
        tables = "select schema_name, table_name from duckdb_tables() where schema_name in ('intermediate', 'marts')"
        for schema, table in connection.execute(tables).fetchall():
            twice = f"insert into {schema}.{table} select * from {schema}.{table} limit 1"
            planted += [table] * connection.execute(twice).fetchone()[0]
    outcomes = project.run_tests(database, "test_name:unique_grain").result
    statuses = {
        name.split(".")[-1]: str(item.status) for item in outcomes for name in item.node.depends_on.nodes
    }
    found = {table: statuses[table] for table in planted if table in statuses}
    assert len(found) > 60
    assert set(found.values()) == {"fail"}, found


def test_generic_tests_find_planted_rows_and_no_others(tmp_path: Path) -> None:
    relations = [
        (name, place, relation)
        for name, generic in GENERIC.items()
        for place, relation in enumerate([generic.good, *generic.bad])
    ]
    query = " union all ".join(
        f"select '{name}' as test, {place} as place, count(*) as failures from ("
        f'{{{{ test_{name}(model="({relation})", {GENERIC[name].arguments}) }}}}'
        ") as failing"
        for name, place, relation in relations
    )
    shown = dbt(
        tmp_path / "generic.duckdb", "--quiet", "show", "--inline", query, "--limit", "-1", "--output", "json"
    )
    assert shown.success, shown.exception
    failing = {
        (name, place): failures > 0 for name, place, failures in shown.result.results[0].agate_table.rows
    }
    assert failing == {(name, place): place > 0 for name, place, _ in relations}
