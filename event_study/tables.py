"""Reads what the models of the event study say happened, and writes what was measured beside the other marts.

The tables come as Arrow, a part at a time; ten million prices are never held twice.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from event_study.ranks import QUINTILES, VARIANTS
from event_study.returns import Measured, session_numbers
from event_study.series import Floats, Prices, Rules, Series, layout, series_of

SCHEMA = "marts"
INPUTS = (
    "int_as_of",
    "int_benchmark_prices",
    "int_counted_days",
    "int_event_buys",
    "int_score_variants",
    "int_series_prices",
    "int_series_reach",
    "int_study_events",
    "int_study_settings",
)
"""What is read here, of the schema `intermediate`: tables on every engine."""
ROWS_AT_ONCE = 500_000
MEMORY = "500MB"

SIGNAL_RETURNS = {
    "event_id": "varchar",
    "event_kind": "varchar",
    "signal_date": "date",
    "source": "varchar",
    "issuer_id": "varchar",
    "ticker": "varchar",
    "market": "varchar",
    "score": "double",
    "score_version": "integer",
    "score_quintile": "integer",
    "distinct_buyers": "bigint",
    "is_senior": "boolean",
    "role": "varchar",
    "buy_value_to_volume": "double",
    "same_terms_buyers": "bigint",
    "is_first_buy_in_year": "boolean",
    "trading_pattern": "varchar",
    "paid_to_close": "double",
    "paid_to_close_flag": "varchar",
    "tradable_on": "date",
    "entry_date": "date",
    "entry_at": "varchar",
    "entry_price": "double",
    "horizon": "integer",
    "exit_date": "date",
    "is_delisted": "boolean",
    "raw_return": "double",
    "benchmark_return": "double",
    "adjusted_return": "double",
    "abnormal_return": "double",
    "net_return": "double",
    "adjusted_return_delisting_30": "double",
    "adjusted_return_delisting_100": "double",
    "unpriced_reason": "varchar",
}
EVENT_STUDY = {
    "event_kind": "varchar",
    "slice": "varchar",
    "slice_value": "varchar",
    "score_version": "integer",
    "horizon": "integer",
    "return_kind": "varchar",
    "is_looking_ahead": "boolean",
    "n_events": "bigint",
    "n_weeks": "bigint",
    "n_issuers": "bigint",
    "n_effective": "double",
    "mean": "double",
    "median": "double",
    "share_positive": "double",
    "t_naive": "double",
    "t_week": "double",
    "t_issuer": "double",
    "t_two_way": "double",
    "t_calendar": "double",
    "mean_calendar": "double",
    "tested_mean": "double",
    "ci_low": "double",
    "ci_high": "double",
    "bootstrap_low": "double",
    "bootstrap_high": "double",
    "p_naive": "double",
    "p_week": "double",
    "p_issuer": "double",
    "p_two_way": "double",
    "p_calendar": "double",
    "p_value": "double",
    "p_value_from": "varchar",
    "n_tests": "bigint",
    "q_bh": "double",
    "q_by": "double",
    "placebo_percentile": "double",
    "breakeven_cost_bps": "double",
    "share_unpriced": "double",
}
REGRESSIONS = {
    "model": "varchar",
    "return_kind": "varchar",
    "horizon": "integer",
    "term": "varchar",
    "estimate": "double",
    "n_events": "bigint",
    "n_weeks": "bigint",
    "n_issuers": "bigint",
    "r_squared": "double",
    **{f"{number}_{way}": "double" for way in ("week", "issuer", "two_way") for number in ("se", "t", "p")},
    "fm_estimate": "double",
    "fm_t": "double",
    "fm_p": "double",
    "fm_months": "bigint",
    "q_bh": "double",
    "q_by": "double",
}
RANKS = {
    "score_variant": "varchar",
    "horizon": "integer",
    "n_weeks": "bigint",
    "mean_names": "double",
    "mean_rank_ic": "double",
    "share_positive": "double",
    "t_rank_ic": "double",
    "p_rank_ic": "double",
    "q_bh": "double",
    "q_by": "double",
    "rank_ic_less_version_1": "double",
    "t_less_version_1": "double",
    **{f"quintile_{number + 1}": "double" for number in range(QUINTILES)},
    "top_less_bottom": "double",
    "t_top_less_bottom": "double",
    "p_top_less_bottom": "double",
    "monotonicity": "double",
    "share_unpriced": "double",
}
PATH = {
    "event_kind": "varchar",
    "session_number": "integer",
    "n_events": "bigint",
    "mean": "double",
    "bootstrap_low": "double",
    "bootstrap_high": "double",
}
PLACEBO = {"event_kind": "varchar", "horizon": "integer", "shift_sessions": "integer", "mean": "double"}
TRACK_RECORDS = {
    "source": "varchar",
    "buyer": "varchar",
    "issuer_id": "varchar",
    "signal_date": "date",
    "horizon": "integer",
    "event_id": "varchar",
    "tradable_on": "date",
    "adjusted_return": "double",
    "exit_date": "date",
    "unpriced_reason": "varchar",
    "earlier_entries": "bigint",
    "earlier_mean_return": "double",
    "earlier_share_positive": "double",
    "last_earlier_exit": "date",
}
RUN = {"as_of_date": "date", "score_version": "integer", "n_events": "bigint"}
RESULTS = {
    "event_study": EVENT_STUDY,
    "event_study_regressions": REGRESSIONS,
    "event_study_ranks": RANKS,
    "event_study_path": PATH,
    "event_study_placebo": PLACEBO,
}
TABLES = {
    "signal_returns": SIGNAL_RETURNS,
    "insider_track_records": TRACK_RECORDS,
    **RESULTS,
    "event_study_run": RUN,
}
KEYS = {
    "signal_returns": ["event_id", "horizon"],
    "insider_track_records": ["buyer", "event_id", "horizon"],
    "event_study": ["event_kind", "slice", "slice_value", "horizon", "return_kind"],
    "event_study_regressions": ["model", "return_kind", "horizon", "term"],
    "event_study_ranks": ["score_variant", "horizon"],
    "event_study_path": ["event_kind", "session_number"],
    "event_study_placebo": ["event_kind", "horizon", "shift_sessions"],
    "event_study_run": ["as_of_date"],
}


@contextmanager
def opened(database: Path, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """The working database; bounded in memory, for the statistics need theirs."""
    with duckdb.connect(str(database), read_only=read_only) as connection:
        connection.execute(f"set memory_limit = '{MEMORY}'")
        yield connection


def read_rules(connection: duckdb.DuckDBPyConnection) -> tuple[Rules, list[int]]:
    """How returns are measured, and over which horizons, as the variables said when the models were built."""
    (settings,) = _frame(connection, "select * from intermediate.int_study_settings").to_dict("records")
    horizons = [int(horizon) for horizon in settings.pop("horizons").split(",")]
    return Rules(**settings), sorted(horizons)


def read_events(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """One row per event, in the order of their ids."""
    return _frame(connection, "select * from intermediate.int_study_events order by event_id")


def read_panel(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Every scored issuer of every week, with its scores, and the series and session at which its returns begin."""
    return _frame(
        connection,
        f"""
        select signal_date, series_id, tradable_number, {", ".join(VARIANTS)}
        from intermediate.int_score_variants
        order by signal_date, source, issuer_id
        """,
    )


def read_series(connection: duckdb.DuckDBPyConnection) -> Series:
    """The daily prices, by the number of their series."""
    rules, _ = read_rules(connection)
    reach = _frame(
        connection,
        """
        select series_id, market, exchange_calendar, first_number, last_number, market_last_number
        from intermediate.int_series_reach
        """,
    )
    reach = reach.set_index("series_id").reindex(
        range(int(reach["series_id"].max()) + 1 if len(reach) else 0)
    )
    # A series without a price has no sessions.
    first, last = (
        session_numbers(reach.fillna({"first_number": 0}), "first_number"),
        session_numbers(reach, "last_number"),
    )
    reached = np.where(reach["market_last_number"].isna(), last, session_numbers(reach, "market_last_number"))
    calendars, calendar_names = pd.factorize(reach["exchange_calendar"])
    markets, market_names = pd.factorize(reach["market"])
    start, owner = layout(first, last)
    number = (np.arange(owner.size) - start[owner]).astype(np.int32)

    width = int(last.max(initial=-1)) + 1
    dates = _by_session(
        connection,
        "select calendar as owner, day_number as number, date_day - date '1970-01-01' as days from intermediate.int_counted_days"
        " where day_kind = 'trading' and is_counted",
        calendar_names,
        width,
    )["days"][calendars[owner], number].astype(np.int32)
    benchmarks = _by_session(
        connection,
        "select market as owner, session_number as number, benchmark_close, benchmark_open, benchmark_age"
        " from intermediate.int_benchmark_prices",
        market_names,
        width,
    )
    benchmark = {name: values[markets[owner], number] for name, values in benchmarks.items()}
    del owner, number

    close, open_, suspects = (
        np.full(dates.size, np.nan),
        np.full(dates.size, np.nan),
        np.zeros(dates.size, np.int32),
    )
    delistings: dict[int, float] = {}
    reader = connection.execute(
        """
        select series_id, session_number, adjusted_open, adjusted_close, suspect_count, delisting_return
        from intermediate.int_series_prices
        """
    ).to_arrow_reader(ROWS_AT_ONCE)
    for batch in reader:
        at = start[_numbers(batch, "series_id").astype(np.int64)] + _numbers(batch, "session_number").astype(
            np.int64
        )
        close[at], open_[at] = _numbers(batch, "adjusted_close"), _numbers(batch, "adjusted_open")
        suspects[at] = _numbers(batch, "suspect_count")
        delisting = _numbers(batch, "delisting_return")
        known = np.isfinite(delisting)
        delistings |= dict(zip(at[known].tolist(), delisting[known].tolist(), strict=True))
    prices = Prices(
        close,
        open_,
        suspects,
        benchmark["benchmark_close"],
        benchmark["benchmark_open"],
        benchmark["benchmark_age"],
    )
    return series_of(first, last, reached, calendars, dates, prices, delistings, rules)


def _by_session(
    connection: duckdb.DuckDBPyConnection, query: str, owners: pd.Index, width: int
) -> dict[str, Floats]:
    """The columns of a query beside `owner` and `number`: by owner and session number, NaN where there is no row."""
    frame = _frame(connection, query)
    row = owners.get_indexer(frame["owner"])
    chosen = (row >= 0) & (frame["number"] < width).to_numpy()
    row, column = row[chosen], frame["number"].to_numpy(np.int64)[chosen]
    found = {}
    for name in frame.columns.drop(["owner", "number"]):
        found[name] = np.full((len(owners), width), np.nan)
        found[name][row, column] = frame[name].to_numpy(float, na_value=np.nan)[chosen]
    return found


def _numbers(batch: pa.RecordBatch, name: str) -> Floats:
    """A column as doubles, missing ones as NaN; the caller's own."""
    return np.array(batch.column(name).cast(pa.float64()).to_numpy(zero_copy_only=False))


def _frame(connection: duckdb.DuckDBPyConnection, query: str) -> pd.DataFrame:
    return connection.execute(query).to_arrow_table().to_pandas(date_as_object=False)


def write(
    connection: duckdb.DuckDBPyConnection,
    events: pd.DataFrame,
    measured: Measured,
    series: Series,
    results: Mapping[str, pd.DataFrame],
) -> None:
    """Replaces the tables of the study, all or none; a table without rows has its columns all the same."""
    connection.execute("begin")
    for name, columns in TABLES.items():
        typed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        connection.execute(f"create or replace table {SCHEMA}.{name} ({typed})")
    _write_returns(connection, events, measured, series)
    _write_track_records(connection)
    for name, frame in results.items():
        if not frame.empty:
            _write_frame(connection, name, frame)
    connection.execute(
        f"""
        insert into {SCHEMA}.event_study_run
        select as_of.as_of_date, max(events.score_version), count(events.event_id)
        from intermediate.int_as_of as as_of left join intermediate.int_study_events as events on true
        group by as_of.as_of_date
        """
    )
    connection.execute("commit")


def _write_frame(connection: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame) -> None:
    columns = TABLES[name]
    connection.register("rows", pa.Table.from_pandas(frame[list(columns)], preserve_index=False))
    # NaN is a number to DuckDB; what could not be computed is null.
    values = ", ".join(
        f"case when isnan({column}) then null else {column} end" if kind == "double" else column
        for column, kind in columns.items()
    )
    connection.execute(
        f"insert into {SCHEMA}.{name} select {values} from rows order by {', '.join(KEYS[name])}"
    )
    connection.unregister("rows")


def _write_returns(
    connection: duckdb.DuckDBPyConnection, events: pd.DataFrame, measured: Measured, series: Series
) -> None:
    """What was measured, horizon by horizon, beside what the events say of themselves."""
    entered = measured.entries >= 0
    entries = measured.entries[entered]
    date = np.full(len(events), np.datetime64("NaT"), "datetime64[D]")
    date[entered] = series.days[series.day[entries]]
    number = np.full(len(events), -1)
    number[entered] = entries - series.start[series.owner[entries]]
    ids = pa.array(events["event_id"], pa.string())
    connection.register(
        "entries",
        pa.table(
            {
                "event_id": ids,
                "entry_number": number,
                "entry_date": _nullable(date),
                "entry_at": _nullable(np.where(measured.at_open, "open", "close").astype(object), entered),
            }
        ),
    )
    connection.execute(
        """
        create or replace temporary table entered as
        select
            events.*, entries.entry_date, entries.entry_at,
            case entries.entry_at when 'open' then prices.open else prices.close end as entry_price
        from intermediate.int_study_events as events
        inner join entries on events.event_id = entries.event_id
        left join intermediate.int_series_prices as prices
            on events.series_id = prices.series_id and entries.entry_number = prices.session_number
        """
    )
    for horizon, columns in zip(measured.horizons, measured.columns, strict=True):
        rows = {"event_id": ids, "horizon": np.full(len(events), horizon)}
        connection.register(
            "rows", pa.table(rows | {name: _nullable(values) for name, values in columns.items()})
        )
        chosen = ", ".join(
            f"cast({'rows' if name in columns or name == 'horizon' else 'entered'}.{name} as {kind})"
            for name, kind in SIGNAL_RETURNS.items()
        )
        connection.execute(
            f"insert into {SCHEMA}.signal_returns select {chosen} from entered inner join rows on entered.event_id = rows.event_id"
        )
        connection.unregister("rows")
    connection.unregister("entries")


def _write_track_records(connection: duckdb.DuckDBPyConnection) -> None:
    """Each buyer of each first buy, beside what the buyer's earlier ones had earned: those whose exit lies before that day."""
    columns = ", ".join(TRACK_RECORDS)
    connection.execute(
        f"""
        insert into {SCHEMA}.insider_track_records
        with entries as (
            select distinct
                returns.source, buys.buyer, returns.issuer_id, returns.signal_date, returns.horizon, returns.event_id, returns.tradable_on,
                returns.adjusted_return, returns.exit_date, returns.unpriced_reason
            from {SCHEMA}.signal_returns as returns
            inner join intermediate.int_event_buys as buys
                on returns.source = buys.source
                and returns.issuer_id = buys.issuer_id
                and returns.signal_date = buys.signal_date
            where returns.event_kind = 'first_buy' and buys.buyer is not null
        )
        select
            entries.*,
            count(earlier.event_id) as earlier_entries,
            -- Sums of doubles depend on their order.
            avg(earlier.adjusted_return order by earlier.signal_date, earlier.event_id) as earlier_mean_return,
            avg(cast(earlier.adjusted_return > 0 as integer)) as earlier_share_positive,
            max(earlier.exit_date) as last_earlier_exit
        from entries
        left join entries as earlier
            on entries.source = earlier.source
            and entries.buyer = earlier.buyer
            and entries.horizon = earlier.horizon
            and earlier.exit_date < entries.signal_date
            and earlier.adjusted_return is not null
        group by all
        order by {columns}
        """
    )


def _nullable(values: npt.NDArray, known: npt.NDArray[np.bool_] | None = None) -> pa.Array:
    """The values as Arrow has them: NaN and NaT are missing, and those that are not ``known``."""
    return pa.array(values, from_pandas=True, mask=None if known is None else ~known)
