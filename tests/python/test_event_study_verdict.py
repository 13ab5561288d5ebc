"""From the tables of the build to the tables of the verdict and what is printed of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict
from io import StringIO
from pathlib import Path

import duckdb
import event_study_tables
import numpy as np
import pandas as pd
import pytest
import yaml
from project import PROJECT, rows
from rich.console import Console

from event_study import series, tables, verdict
from event_study.__main__ import main
from event_study.report import print_study
from event_study.report import verdict as sentence
from event_study.returns import session_numbers
from event_study.run import run

SOURCES = PROJECT / "models" / "marts" / "event_study" / "_event_study__sources.yml"


@pytest.fixture(scope="module")
def studied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A market with an effect of 2 % in five sessions, studied."""
    database = tmp_path_factory.mktemp("studied") / "w.duckdb"
    event_study_tables.write(database, seed=1)
    run(database)
    return database


@pytest.fixture(scope="module")
def unplanted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with nothing to find after the events; the run-up before them stays."""
    database = tmp_path_factory.mktemp("unplanted") / "w.duckdb"
    event_study_tables.write(database, seed=1, effect=0.0)
    run(database)
    return database


def table(database: Path, name: str = "event_study") -> pd.DataFrame:
    return pd.DataFrame(rows(database, f"select * from marts.{name}"))


def all_events(database: Path, return_kind: str = "adjusted") -> pd.DataFrame:
    found = table(database)
    chosen = (found["slice"] == "event_kind") & (found["return_kind"] == return_kind)
    return found[chosen].set_index(["event_kind", "horizon"])


def printed(database: Path) -> str:
    text = StringIO()
    print_study(database, Console(width=260, file=text))
    return text.getvalue()


def test_every_table_has_its_columns_and_its_key(studied):
    for name, columns in tables.TABLES.items():
        with duckdb.connect(str(studied), read_only=True) as connection:
            found = {
                column: kind.lower()
                for column, kind, *_ in connection.execute(f"describe marts.{name}").fetchall()
            }
            assert found == columns
            key = ", ".join(tables.KEYS[name])
            total, distinct = connection.execute(
                f"select count(*), count(distinct ({key})) from marts.{name}"
            ).fetchone()
            assert total == distinct > 0
            doubles = [column for column, kind in columns.items() if kind == "double"]
            for column in doubles:
                where = f"from marts.{name} where isnan({column}) or isinf({column})"
                assert connection.execute(where).fetchall() == [], column


def test_a_track_record_has_what_was_over_on_its_day(studied):
    with duckdb.connect(str(studied), read_only=True) as connection:
        buys = connection.execute(
            "select distinct source, issuer_id, signal_date, buyer from intermediate.int_event_buys where buyer is not null"
        ).fetchall()
    returns = table(studied, "signal_returns").query("event_kind == 'first_buy'").to_dict("records")
    buyers = defaultdict(list)
    for source, issuer_id, day, buyer in buys:
        buyers[source, issuer_id, pd.Timestamp(day)].append(buyer)
    of_buyer = defaultdict(list)
    for row in returns:
        for buyer in buyers[row["source"], row["issuer_id"], pd.Timestamp(row["signal_date"])]:
            of_buyer[buyer, row["horizon"]].append(row)
    expected = {}
    for (buyer, horizon), entries in of_buyer.items():
        for row in entries:
            earlier = [
                other["adjusted_return"]
                for other in entries
                if pd.notna(other["adjusted_return"]) and other["exit_date"] < row["signal_date"]
            ]
            mean = sum(earlier) / len(earlier) if earlier else None
            share = sum(value > 0 for value in earlier) / len(earlier) if earlier else None
            expected[buyer, row["event_id"], horizon] = (len(earlier), mean, share)
    found = {
        (row["buyer"], row["event_id"], row["horizon"]): (row["earlier_entries"], row["earlier_mean_return"], row["earlier_share_positive"])
        for row in table(studied, "insider_track_records").to_dict("records")
    }  # fmt: skip
    assert found.keys() == expected.keys()
    for key, (count, mean, share) in expected.items():
        assert found[key][0] == count
        if count:
            assert found[key][1:] == pytest.approx((mean, share), abs=1e-12), key
    assert max(count for count, *_ in expected.values()) > 5


def test_the_documentation_has_every_column():
    (source,) = yaml.safe_load(SOURCES.read_text(encoding="utf-8"))["sources"]
    documented = {entry["name"]: entry for entry in source["tables"]}
    assert source["schema"] == tables.SCHEMA
    assert documented.keys() == tables.TABLES.keys()
    grains = {
        name: entry["config"]["meta"]["grain"] for name, entry in documented.items() if "config" in entry
    }
    # Of the run there is one row.
    assert grains | {"event_study_run": ["as_of_date"]} == tables.KEYS
    for name, columns in tables.TABLES.items():
        described = {column["name"]: column for column in documented[name]["columns"]}
        assert list(described) == list(columns)
        assert {column: entry["data_type"] for column, entry in described.items()} == columns
        assert all(entry["description"].strip() for entry in described.values())
        assert documented[name]["description"].startswith("One row ")


def test_the_rules_are_those_of_the_build():
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    variables = {**project["vars"]["study"], "cost_bps": project["vars"]["cost_bps"]}
    assert asdict(series.Rules()).items() <= variables.items()


def test_the_planted_effect_is_found_and_the_illusion_shown(studied):
    found = all_events(studied)
    for kind in ("first_buy", "cluster"):
        row = found.loc[kind, 5]
        assert row["ci_low"] < 0.02 < row["ci_high"] and row["p_value"] < 0.001 and row["q_by"] < 0.05
        assert row["placebo_percentile"] > 0.99
        assert row["breakeven_cost_bps"] == pytest.approx(row["mean"] / 2 * 10_000)
    illusion = table(studied).query("slice == 'illusion' and return_kind == 'adjusted'")
    at_21 = illusion[illusion["horizon"] == 21].set_index("event_kind")
    for kind in ("first_buy", "cluster"):
        assert at_21.loc[kind, "mean"] > 0.03 and at_21.loc[kind, "t_week"] > 4
        ahead = found.loc[f"{kind}_at_transaction", 21]
        assert ahead["mean"] - found.loc[kind, 21]["mean"] == pytest.approx(
            at_21.loc[kind, "mean"], abs=0.005
        )


def test_nothing_planted_leaves_only_the_illusion(unplanted):
    found = all_events(unplanted)
    for kind in ("first_buy", "cluster"):
        assert found.loc[kind, 5]["q_by"] > 0.05
        assert 0.01 < found.loc[kind, 5]["placebo_percentile"] < 0.99
        assert found.loc[f"{kind}_at_transaction", 21]["p_calendar"] < 0.01
    assert "Not shown" in printed(unplanted)


def test_numbers_of_a_row_are_those_of_its_events(studied):
    found = table(studied).set_index(tables.KEYS["event_study"])
    earned = pd.DataFrame(
        rows(
            studied,
            "select * from marts.signal_returns where unpriced_reason is distinct from 'archive_begins'",
        )
    )
    for horizon in (5, 126):
        chosen = earned[
            (earned["event_kind"] == "cluster") & earned["is_senior"] & (earned["horizon"] == horizon)
        ]
        row = found.loc["cluster", "seniority", "senior", horizon, "net"]
        priced = chosen.dropna(subset="net_return")
        assert row["n_events"] == len(priced)
        assert row["n_issuers"] == priced["issuer_id"].nunique()
        weeks = pd.to_datetime(priced["entry_date"]).dt.to_period("W-SUN")
        assert row["n_weeks"] == weeks.nunique()
        assert row["mean"] == pytest.approx(priced["net_return"].mean())
        assert row["median"] == pytest.approx(priced["net_return"].median())
        assert row["share_unpriced"] == pytest.approx(1 - len(priced) / len(chosen))
        sums = (priced["net_return"] - priced["net_return"].mean()).groupby(weeks).sum()
        count = weeks.nunique()
        error = np.sqrt((sums**2).sum() * count / (count - 1)) / len(priced)
        assert row["t_week"] == pytest.approx(row["mean"] / error)


def test_which_test_counts_and_among_how_many(studied):
    found = table(studied)
    honest = found[~found["is_looking_ahead"]]
    short = honest["horizon"] <= verdict.LONGEST_WEEKLY
    pd.testing.assert_series_equal(honest["p_value"][short], honest["p_week"][short], check_names=False)
    pd.testing.assert_series_equal(honest["p_value"][~short], honest["p_calendar"][~short], check_names=False)
    tests = honest["p_value"].notna()
    # One mean, one interval and one p of the same test.
    tested = honest[tests]
    excludes_zero = (tested["ci_low"] > 0) | (tested["ci_high"] < 0)
    assert (excludes_zero == (tested["p_value"] < 0.05)).all() and 0 < excludes_zero.sum() < len(tested)
    middle = (tested["ci_low"] + tested["ci_high"]) / 2
    np.testing.assert_allclose(middle, tested["tested_mean"], rtol=1e-9, atol=1e-12)
    pd.testing.assert_series_equal(honest["tested_mean"][short], honest["mean"][short], check_names=False)
    assert honest[~tests][["ci_low", "ci_high"]].isna().all(axis=None)
    assert (found["n_tests"] == tests.sum()).all()
    assert (honest["q_bh"].notna() == tests).all()
    assert (honest["q_by"] >= honest["q_bh"])[tests].all() and (honest["q_bh"] >= honest["p_value"])[
        tests
    ].all()
    ahead = found[found["is_looking_ahead"]]
    assert set(ahead["slice"]) == {"event_kind", "illusion"} and ahead[["q_bh", "q_by"]].isna().all(axis=None)
    assert not honest["event_kind"].str.contains("transaction").any()


def test_the_mean_of_the_calendar_time_portfolio_is_that_of_its_days(studied):
    with tables.opened(studied, read_only=True) as connection:
        prices, events = tables.read_series(connection), tables.read_events(connection)
    chosen = events[events["event_kind"] == "cluster"]
    numbers = (session_numbers(chosen, name) for name in ("series_id", "tradable_number"))
    days: dict[int, list[float]] = {}
    positions = prices.entries(*numbers)
    for entry in positions[positions >= 0]:
        if prices.opens(np.array([entry]))[0]:
            first = (
                prices.close[entry] / prices.open[entry]
                - prices.benchmark[entry] / prices.benchmark_open[entry]
            )
            days.setdefault(prices.day[entry], []).append(first)
        for at in range(entry + 1, entry + 22):
            if prices.owner[at] == prices.owner[entry]:
                days.setdefault(prices.day[at], []).append(prices.daily[at] - prices.daily_benchmark[at])
    means = [
        np.mean(kept) for held in days.values() if (kept := [value for value in held if np.isfinite(value)])
    ]
    assert all_events(studied).loc["cluster", 21]["mean_calendar"] == pytest.approx(21 * np.mean(means))


def test_of_fewer_than_three_windows_nothing_is_claimed(tmp_path):
    """Half a year after events of thirty weeks is hardly more than one window, whatever the weeks say."""
    database = tmp_path / "w.duckdb"
    event_study_tables.write(database, seed=1, sessions=580, first_session=300, last_sessions=130, effect=0.1)
    run(database)
    found = all_events(database)
    row, short = found.loc["first_buy", 126], found.loc["first_buy", 5]
    assert row["n_weeks"] >= 20 and row["n_effective"] < 3 and row["t_naive"] > 3
    assert row[verdict.WITH_WINDOWS].isna().all() and row[["q_by", "p_value_from"]].isna().all()
    assert short[["t_week", "p_value", "ci_low"]].notna().all()
    regressions = table(database, "event_study_regressions").set_index("horizon")
    assert regressions.loc[126, ["t_week", "p_two_way", "q_bh"]].isna().all(axis=None)
    assert regressions.loc[126, "estimate"].notna().all() and regressions.loc[5, "p_two_way"].notna().any()
    assert "fewer than 3 windows that do not overlap (first_buy 126" in printed(database)


def test_a_second_run_gives_the_same_tables(studied, tmp_path):
    again = tmp_path / "again.duckdb"
    again.write_bytes(studied.read_bytes())
    run(again)
    for name in tables.TABLES:
        frames = (
            table(database, name).sort_values(tables.KEYS[name], ignore_index=True)
            for database in (again, studied)
        )
        pd.testing.assert_frame_equal(*frames, rtol=1e-9)


def test_without_prices_only_the_reasons_have_rows(tmp_path):
    database = tmp_path / "w.duckdb"
    event_study_tables.write(database, with_prices=False, issuers=10)
    assert "no events with prices" in run(database)
    for name in tables.RESULTS:
        assert table(database, name).empty
    reasons = table(database, "signal_returns")
    assert set(reasons["unpriced_reason"]) == {"no_symbol", "archive_begins"}
    assert (
        len(reasons) == len(event_study_tables.HORIZONS) * table(database, "event_study_run")["n_events"][0]
    )
    assert "None: no event has a price" in printed(database)


def test_with_few_events_most_is_null_and_the_reasons_are_said(tmp_path):
    database = tmp_path / "w.duckdb"
    event_study_tables.write(database, issuers=5, events_per_issuer=2.0)
    run(database)
    found = all_events(database)
    assert found["t_week"].isna().all() and found["n_events"].max() > 0
    text = printed(database)
    assert "fewer than 20 weeks with events" in text and "fewer than 20 issuers" in text


def test_what_is_printed(studied):
    text = printed(studied)
    assert text.startswith("Verdict. Something is there: of 12 headline tests")
    parts = [
        "entered after publication", "The illusion", "tests: p below 0.05", "smallest p values", "Events without a return",
        "cluster buys by senior insiders", "Do higher scores earn more?",
    ]  # fmt: skip
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert "too little time without events left" in text  # the placebo at 126 sessions
    assert "horizon_not_reached" in text


def test_the_middle_of_the_returns_stands_beside_their_mean(studied):
    for kind, horizon in (("first_buy", 5), ("cluster", 126)):
        row = all_events(studied).loc[kind, horizon]
        shown = [f"{100 * row[name]:+.2f} %" for name in ("mean", "median")]
        shown += [f"{row['share_positive']:.0%}"]
        line = next(
            line
            for line in printed(studied).splitlines()
            if [cell.strip() for cell in line.split("│")][1:3] == [kind, str(horizon)]
        )
        assert [cell.strip() for cell in line.split("│")][4:7] == shown
    # A mean that a few events make is said to be one.
    found = table(studied).assign(median=-0.0015, share_positive=0.487)
    assert "median -0.15 %, 49% positive" in sentence(found)
    assert "median -0.15 %, 49% positive" in sentence(found.assign(q_by=0.06))


def test_the_verdict_claims_no_more_than_the_tests(studied):
    found = table(studied)
    assert sentence(found).startswith("Something is there")
    assert sentence(found.assign(q_by=0.06)).startswith("Not shown")
    assert sentence(found.assign(tested_mean=-found["tested_mean"])).startswith("Not shown")
    assert "too few for any test" in sentence(found.assign(p_value=np.nan))
    assert sentence(found.head(0)).startswith("None")


def test_what_was_not_built_is_said(tmp_path, capsys):
    database = tmp_path / "empty.duckdb"
    duckdb.connect(str(database)).close()
    assert "not published yet" in printed(database)
    assert main(["show", "--database", str(tmp_path / "no.duckdb")]) == 1
    assert "stopped: " in capsys.readouterr().err


def test_shifts_keep_clear_of_what_led_to_an_event():
    assert series.Rules().before == 30


def test_the_statistics_measure_as_the_build_did(tmp_path):
    database = tmp_path / "w.duckdb"
    event_study_tables.write(database, seed=2)
    with tables.opened(database) as connection:
        usual = tables.read_series(connection)
        connection.execute(
            "update intermediate.int_study_settings set wait_sessions = 0, estimation_minimum = 10000"
        )
        strict = tables.read_series(connection)
    assert (usual.rules.wait_sessions, strict.rules.wait_sessions) == (event_study_tables.WAIT, 0)
    places = np.arange(strict.following.size)
    assert ((strict.following == places) | (strict.following == -1)).all() and (strict.following >= 0).any()
    assert (usual.following - places > 0).any()
    assert np.isfinite(usual.alpha).any() and not np.isfinite(strict.alpha).any()
