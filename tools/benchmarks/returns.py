"""How long the event study takes on many events and prices, made set-based in place of what feeds it: its models, then its measurement.

    python -m tools.benchmarks.returns --database FILE --issuers 4000 --sessions 2500 --events 100000

FILE is a copy of a database that was built without any source (seeds and calendars are in it); what it holds besides is replaced.
Prints wall and CPU seconds and the peak of memory of both, and how many rows they gave.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from runner.settings import PROJECT
from sandbox.market import simulate

SELECTED = ["path:models/intermediate/event_study", "path:models/marts/event_study"]
FIRST_DAY = "2008-01-01"

GENERATED = """
create or replace table generated_sessions as
select date_day as session_date, row_number() over (order by date_day) - 1 as position
from intermediate.int_sessions
where exchange_calendar = 'XNYS' and is_session and date_day >= date '{first_day}'
qualify position < {sessions};

create or replace table generated_events as
select
    'C' || lpad((number % {issuers})::varchar, 6, '0') as issuer_id,
    'T' || (number % {issuers}) as ticker,
    number // {issuers} as place,
    session_date as available_date,
    session_date - (1 + hash(number) % 5)::integer as transaction_date,
    hash(number, 1) % 3 = 0 as is_cluster,
    hash(number, 2) % 2 = 0 as is_senior,
    number
from range({events}) as numbers (number)
inner join generated_sessions
    on position = 20 + (number // {issuers}) * ({sessions} - 40) // ({events} // {issuers}) + hash(number % {issuers}) % 15;

create or replace table generated_lines as
select events.*, insider, 'F-' || number || '-' || insider as record_id
from generated_events as events, unnest(case when is_cluster then [1, 2] else [1] end) as insiders (insider);

create or replace table intermediate.int_as_of as select max(session_date) as as_of_date from generated_sessions;

create or replace table intermediate.int_filing_versions as
select
    'filings_api' as source, record_id, 1 as version_number, 'filings_api' as issuer_source, issuer_id, ticker, 'US' as market,
    available_date, available_date + time '20:00:00' as available_at
from generated_lines;

create or replace table intermediate.int_transaction_versions as
select
    'filings_api' as source, record_id, 'filings_api:' || record_id || ':1' as transaction_id, 1 as version_number,
    'filings_api' as issuer_source, issuer_id, 'P' || insider as insider_id, 'P' || insider as insider_key,
    'director' as role, 7 as seniority, is_senior, 'USD' as currency, 1000::decimal(20, 6) as shares, 20::decimal(18, 6) as price,
    20000::decimal(28, 6) as value, transaction_date, 'open_market_purchase' as transaction_type, false as is_cancelled,
    available_date, null::date as superseded_date
from generated_lines;

create or replace table intermediate.int_eligible_spans as
select transaction_id, version_number, available_date as valid_from, null::date as valid_to
from intermediate.int_transaction_versions;

create or replace table intermediate.int_buys as
select
    transactions.source, issuer_source, issuer_id, 'US' as market, 'US' as market_settings, transaction_id, version_number,
    insider_key as buyer, role, is_senior, 1.0 as role_weight, transaction_date, value, value as value_base,
    available_date as first_day, transaction_date + 31 as day_after
from intermediate.int_transaction_versions as transactions;

create or replace table intermediate.int_same_terms_spans
(transaction_id varchar, version_number integer, valid_from date, valid_to date, same_terms_buyers bigint);

create or replace table intermediate.int_line_origins
(source varchar, record_id varchar, version_number integer, line_ordinal bigint, origin_record_id varchar, known_from varchar);

create or replace table marts.issuer_scores as
select
    'filings_api' as source, issuer_id, (first_day + days)::date as signal_date, 'US' as market,
    20000::decimal(38, 6) * buyers as total_buy_value, buyers::bigint as distinct_buyers, is_senior as senior_buyer_flag,
    days::bigint as days_since_last_buy, 9.9::double as buy_value_term, (0.75 * buyers)::double as distinct_buyers_term,
    1.0::double as senior_buyer_term, (-0.05 * days)::double as days_since_last_buy_term,
    (10 + buyers - 0.05 * days)::double as score, 1 as score_version,
    row_number() over (partition by first_day + days order by issuer_id) as rank, sessions.next_session as tradable_on
from (
    select
        issuer_id, available_date as first_day, transaction_date, is_senior, case when is_cluster then 2 else 1 end as buyers
    from generated_events
)
cross join (select range::integer as days from range(31))
inner join intermediate.int_sessions as sessions
    on sessions.exchange_calendar = 'XNYS' and sessions.date_day = (first_day + days)::date
where first_day + days <= transaction_date + 30;

create table staging.stg_prices__closes as
select
    'ticker' as symbol_kind, symbol, null::varchar as source, 'US' as market, session_date, close * 0.999 as open, close,
    close * 0.999 as adjusted_open, close as adjusted_close, 'none' as adjustment, 100000.0 as volume, 1.0 as split_factor,
    null::double as delisting_return, timestamp '2026-01-01' as first_seen_at
from closes inner join generated_sessions using (position);
"""


def closes_of(issuers: int, sessions: int) -> pa.Table:
    """Symbol, position of the session and close of every issuer and of the benchmark, with one session in 200 missing."""
    market = simulate(1, issuers=issuers, sessions=sessions, events_per_issuer=0.0)
    closes = 20 * np.cumprod(1 + np.column_stack([market.returns, market.benchmark]), axis=0)
    is_known = np.random.default_rng(1).random(closes.shape) >= 0.005
    positions, series = np.nonzero(is_known)
    symbols = pa.array([*(f"T{number}" for number in range(issuers)), "BENCHMARK"])
    return pa.table(
        {"symbol": symbols.take(pa.array(series)), "position": positions, "close": closes[is_known]}
    )


def main() -> None:
    """Makes the tables, builds the models on them and measures, in processes of their own, and prints what each cost."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--issuers", type=int, default=4_000)
    parser.add_argument("--sessions", type=int, default=2_500)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--memory-limit", help="DuckDB's, such as 3GB; it spills to disk what does not fit")
    arguments = parser.parse_args()
    numbers = {name: getattr(arguments, name) for name in ("issuers", "sessions", "events")}
    with duckdb.connect(str(arguments.database)) as connection:
        kinds = connection.execute(
            "select table_type from information_schema.tables where table_name = 'stg_prices__closes'"
        )
        kind = "view" if kinds.fetchone() == ("VIEW",) else "table"
        connection.execute(f"drop {kind} staging.stg_prices__closes")
        connection.register("closes", closes_of(arguments.issuers, arguments.sessions))
        connection.execute(GENERATED.format(first_day=FIRST_DAY, **numbers))

    # Not the archive of whoever measures.
    environment = os.environ | {
        "INSIDER_ARCHIVE_URL": "",
        "INSIDER_FILINGS_DB": str(arguments.database.resolve()),
    }
    environment["DBT_PROFILES_DIR"] = str(PROJECT)
    if arguments.memory_limit:
        environment["INSIDER_MEMORY_LIMIT"] = arguments.memory_limit

    run = (
        "import sys; from pathlib import Path; from event_study.run import run; print(run(Path(sys.argv[1])))"
    )
    costs = {
        "models": cost(
            [Path(sys.executable).with_name("dbt"), "--quiet", "run", "--select", *SELECTED], environment
        ),
        "measurement": cost([sys.executable, "-c", run, arguments.database], environment),
    }
    with duckdb.connect(str(arguments.database), read_only=True) as connection:
        counts = {
            table: connection.execute(f"select count(*) from {table}").fetchone()[0]
            for table in (
                "staging.stg_prices__closes",
                "intermediate.int_series_prices",
                "intermediate.int_study_events",
                "intermediate.int_score_variants",
                "marts.signal_returns",
            )
        }
    print(json.dumps(costs | counts, indent=1))


def cost(command: list[object], environment: dict[str, str]) -> dict[str, float]:
    """Runs a command; its wall and CPU seconds, and its peak of memory.

    Raises:
        SystemExit: The command failed.
    """
    began = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command], cwd=PROJECT, env=environment)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command[:3]} failed")
    return {
        "wall_seconds": round(time.perf_counter() - began, 1),
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 1),
        "peak_gigabytes": round(used.ru_maxrss / 2**20, 2),
    }


if __name__ == "__main__":
    main()
