"""The sandbox's price files hold what they are meant to hold, measured from the files alone, as a loader reads them."""

import json
import re
import sys
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pytest

import loader
import sandbox
from sandbox import prices

pytest_plugins = ("loader_fixtures",)

MARKETS = ["CA", "CH", "DE", "FR", "GB", "JP", "SE", "US"]


@pytest.fixture(scope="module")
def records() -> list:
    return sandbox.generate("realistic", filings=6000)


@pytest.fixture(scope="module")
def folder(records, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("prices")
    prices.write(folder, records, seed=1)
    return folder


def read_files(folder: Path) -> duckdb.DuckDBPyConnection:
    """Table ``closes``: series, market, session_date, number (of the market's sessions), close and open on one basis."""
    connection = duckdb.connect()
    connection.execute(
        f"""
        create table rows as
        select * from read_csv('{folder}/[A-Z]*.csv', union_by_name = true)
        union all by name
        select * from '{folder}/*.parquet'
        """
    )
    connection.execute(
        """
        create table closes as
        select
            *,
            coalesce(issuer_id, ticker) as series,
            dense_rank() over (partition by market order by session_date) as number,
            coalesce(
                product(split_ratio) over (
                    partition by market, series order by session_date desc rows between unbounded preceding and 1 preceding
                ),
                1
            ) as split_factor,
            coalesce(adjusted_close, close / split_factor) as worth
        from rows
        """
    )
    return connection


def mean_adjusted_return(
    files, folder: Path, tickers: dict, start: str, sessions: int
) -> tuple[float, float]:
    """Mean, and its error, of buying at the close of the first session on or after ``start`` of each planted event."""
    files.execute(
        f"create or replace table events as select unnest(events, recursive := true) from '{folder}/planted.json'"
    )
    files.execute("create or replace table filed (issuer_id varchar, series varchar)")
    pairs = [(issuer_id, name) for issuer_id, names in tickers.items() for name in (issuer_id, *names)]
    files.executemany("insert into filed values (?, ?)", pairs)
    found = files.execute(
        f"""
        with entries as (
            select
                events.market,
                closes.series,
                closes.worth,
                closes.number
            from events
            join filed using (issuer_id)
            join closes
                on (closes.market, closes.series, closes.session_date) = (events.market, filed.series, events.{start})
        )
        select exits.worth / entries.worth - bench_exit.worth / bench_entry.worth
        from entries
        join closes as exits on (exits.market, exits.series, exits.number) = (entries.market, entries.series, entries.number + {sessions})
        join closes as bench_entry
            on (bench_entry.market, bench_entry.series, bench_entry.number) = (entries.market, 'BENCHMARK', entries.number)
        join closes as bench_exit
            on (bench_exit.market, bench_exit.series, bench_exit.number) = (entries.market, 'BENCHMARK', entries.number + {sessions})
        """
    ).fetchnumpy()
    returns = np.ma.getdata(next(iter(found.values())))
    assert returns.size > 300
    return returns.mean(), returns.std() / np.sqrt(returns.size)


@pytest.fixture(scope="module")
def tickers(records) -> dict[str, list[str]]:
    """The tickers of each issuer, from its filings."""
    found: dict[str, set[str]] = {}
    for record in records:
        ticker = record.get("ticker") if isinstance(record, dict) else None
        if ticker and record.get("issuer_id") and re.fullmatch(prices.TICKER, ticker):
            found.setdefault(record["issuer_id"], set()).add(ticker)
    return {issuer_id: sorted(names) for issuer_id, names in found.items()}


@pytest.fixture(scope="module")
def files(folder) -> duckdb.DuckDBPyConnection:
    return read_files(folder)


def test_the_effect_is_earned_from_entry(files, folder, tickers):
    mean, error = mean_adjusted_return(files, folder, tickers, "entry_date", 5)
    assert abs(mean - 0.02) < 4 * error
    assert mean > 4 * error


def test_whoever_buys_on_the_transaction_date_earns_the_run_up_as_well(files, folder, tickers):
    early, error = mean_adjusted_return(files, folder, tickers, "transaction_date", 10)
    right, _ = mean_adjusted_return(files, folder, tickers, "entry_date", 10)
    assert early > right + 2 * error


def test_without_an_effect_there_is_none_and_the_run_up_stays(records, tickers, tmp_path):
    events = prices.write(tmp_path, records, seed=2, effect=0.0)
    told = json.loads((tmp_path / "planted.json").read_text())
    assert told["model"]["effect"] == 0.0
    assert len(told["events"]) == len(events) > 300
    files = read_files(tmp_path)
    mean, error = mean_adjusted_return(files, tmp_path, tickers, "entry_date", 5)
    assert abs(mean) < 3 * error
    early, error = mean_adjusted_return(files, tmp_path, tickers, "transaction_date", 10)
    assert early > 3 * error


def test_every_market_has_its_sessions_and_its_benchmark_but_one(files):
    found = files.execute(
        "select market, count(distinct session_date) from rows where ticker = 'BENCHMARK' group by market order by market"
    ).fetchall()
    assert [market for market, _ in found] == MARKETS
    closed = "select count(*) from rows where market = 'US' and session_date in ('2025-07-04', '2025-12-25', '2025-06-07')"
    assert files.execute(closed).fetchall() == [(0,)]
    assert files.execute("select count(*) > 0 from rows where market = 'ZZ'").fetchall() == [(True,)]


def test_splits_gaps_and_delistings_are_there(files):
    splits = files.execute(
        """
        select split_ratio, close / before from (
            select *, lag(close) over (partition by market, coalesce(issuer_id, ticker) order by session_date) as before from rows
        ) where split_ratio is not null
        """
    ).fetchall()
    assert len(splits) > 3
    # The price falls by about the ratio.
    assert all(abs(np.log(ratio * jump)) < 0.25 for ratio, jump in splits)
    [(delisted, known)] = files.execute(
        """
        with ends as (
            select market, coalesce(issuer_id, ticker) as series, max(session_date) as last, max(delisting_return) as payout
            from rows group by all
        )
        select count(*), count(payout) from ends
        where last < (select max(session_date) - 20 from rows)
        """
    ).fetchall()
    assert delisted > known > 0
    [(longest, missing)] = files.execute(
        """
        select max(gap), sum(gap) from (
            select number - lag(number) over (partition by market, series order by number) - 1 as gap from closes
        )
        """
    ).fetchall()
    assert 3 <= longest < 12
    assert missing > 100
    [(unadjusted, adjusted)] = files.execute(
        """
        select count(distinct series) filter (adjusted_close is null), count(distinct series) filter (adjusted_close > 0)
        from closes
        """
    ).fetchall()
    assert unadjusted > adjusted > 0
    [(by_issuer, without_open)] = files.execute(
        "select count(distinct issuer_id), count(*) filter (open = 0) from rows"
    ).fetchall()
    assert by_issuer > 10
    assert without_open > 100


def test_a_ticker_changes_where_the_filings_change_it(files, tickers):
    spans = [
        files.execute(
            "select min(session_date), max(session_date) from rows where ticker in ? group by ticker order by 1",
            [names],
        ).fetchall()
        for names in tickers.values()
    ]
    changed = [found for found in spans if len(found) == 2]
    assert changed
    assert all(old[1] < new[0] for old, new in changed)


def test_equal_arguments_write_equal_files(folder, records, tmp_path):
    prices.write(tmp_path, records, seed=1)
    names = sorted(path.name for path in folder.iterdir())
    assert names == sorted(path.name for path in tmp_path.iterdir())
    for name in names:
        assert (folder / name).read_bytes() == (tmp_path / name).read_bytes()


def test_the_loader_takes_all_but_the_wrong_rows(archive, folder):
    archive.set_clock("2026-04-01T13:00:00")
    summary = loader.load("prices", path=folder)
    without_id = [row for row in prices.WRONG_ROWS if not row[0] or "/" in row[2]]
    assert summary.rejected_records == len(without_id) < len(prices.WRONG_ROWS)
    assert summary.received_records > 100_000
    assert loader.load("prices", path=folder).windows == 0


def test_the_command_line_writes_what_the_server_with_the_same_arguments_serves(
    tmp_path, monkeypatch, capsys
):
    arguments = ["--scenario=clean", "--filings=200", "--seed=3", "--end-date=2025-06-30", "--effect=0"]
    monkeypatch.setattr(sys, "argv", ["sandbox.prices", f"--folder={tmp_path}", *arguments])
    assert prices.main() == 0
    events = prices.write(
        tmp_path / "again", sandbox.generate("clean", 200, 3, end_date=date(2025, 6, 30)), 3, effect=0.0
    )
    assert f"{len(events)} events with an effect of 0.0%" in capsys.readouterr().out
    for name in ("DE.csv", "FR.parquet", "planted.json"):
        assert (tmp_path / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
