"""The baseline of the scores: hand-written SQL, in one statement, from the models' own normalized lines.

python -m tools.benchmarks.handwritten DATABASE lines|buys

`lines` starts from `int_transaction_versions` and takes every purchase; that is right where no line is superseded, a
duplicate, excluded or without an insider's id: on the clean archive. `buys` starts from `int_buys`, each eligible buy
with its days; it holds for any archive in which a buy counts until it leaves the window. The table is
`benchmark.scores`.
"""

import sys
import time

import duckdb

from tools.benchmarks.process import report

INPUTS = {
    "lines": """
        select
            issuer_source as source,
            issuer_id,
            market,
            insider_id as buyer,
            is_senior,
            transaction_date,
            value_base,
            greatest(available_date, transaction_date) as first_day
        from intermediate.int_transaction_versions
        where transaction_type = 'open_market_purchase' and greatest(available_date, transaction_date) <= transaction_date + 30
    """,
    "buys": """
        select issuer_source as source, issuer_id, market, buyer, is_senior, transaction_date, value_base, first_day
        from intermediate.int_buys
    """,
}

# Changes instead of days: what a day adds and what leaves the window on it, summed up along the days of an issuer.
SCORES = """
create or replace table benchmark.scores as
with buys as ({input}),
days as (
    select source, issuer_id, first_day as day, sum(coalesce(value_base, 0)) as value, count(*) as lines
    from buys group by all
    union all
    select source, issuer_id, transaction_date + 31, -sum(coalesce(value_base, 0)), -count(*) from buys group by all
),
-- A buyer comes with a buy and goes with the end of the last of those that overlap.
reached as (
    select source, issuer_id, buyer, first_day, max(transaction_date) + 31 as goes, max(max(transaction_date) + 31) over (
        partition by source, issuer_id, buyer order by first_day rows between unbounded preceding and 1 preceding
    ) as reached
    from buys where buyer is not null group by source, issuer_id, buyer, first_day
),
stays as (
    select *, sum(case when first_day <= reached then 0 else 1 end) over (
        partition by source, issuer_id, buyer order by first_day rows between unbounded preceding and current row
    ) as stay
    from reached
),
buyers as (
    select source, issuer_id, min(first_day) as comes, max(goes) as goes from stays
    group by source, issuer_id, buyer, stay
),
arrivals as (
    select source, issuer_id, first_day as day, max(transaction_date) as last_buy,
        max(transaction_date) filter (where is_senior) as last_senior, min(market) as market
    from buys group by all
),
changes as (
    select source, issuer_id, day, value, lines, 0 as buyers from days
    union all
    select source, issuer_id, comes, 0, 0, 1 from buyers
    union all
    select source, issuer_id, goes, 0, 0, -1 from buyers
),
of_day as (
    select source, issuer_id, day, sum(value) as value, sum(lines) as lines, sum(buyers) as buyers from changes group by all
),
summed as (
    select
        of_day.source, of_day.issuer_id, of_day.day,
        sum(value) over sofar as value, sum(lines) over sofar as lines, sum(buyers) over sofar as buyers,
        max(last_buy) over sofar as last_buy, max(last_senior) over sofar as last_senior, max(market) over sofar as market,
        lead(of_day.day) over (partition by of_day.source, of_day.issuer_id order by of_day.day) as next_day
    from of_day
    left join arrivals using (source, issuer_id, day)
    window sofar as (
        partition by of_day.source, of_day.issuer_id order by of_day.day rows between unbounded preceding and current row
    )
),
-- Between two changes only the age of the last buy changes.
spread as (
    select *, cast(unnest(range(0, least(next_day, as_of_date + 1) - day)) as integer) as age from summed cross join intermediate.int_as_of
    where lines > 0 and day <= as_of_date
),
scored as (
    select source, issuer_id, market, day + age as signal_date, value as total_buy_value, buyers as distinct_buyers,
        coalesce(last_senior + 30 >= day, false) as senior_buyer_flag, last_buy as last_buy_date,
        day + age - last_buy as days_since_last_buy,
        ln(1 + greatest(cast(value as double), 0)) + 0.75 * buyers + coalesce(last_senior + 30 >= day, false)::int
            - 0.05 * (day + age - last_buy) as score
    from spread
)
select *,
    row_number() over (partition by signal_date order by round(score, 9) desc, source, issuer_id) as rank,
    row_number() over (partition by signal_date, market order by round(score, 9) desc, source, issuer_id) as rank_in_market
from scored
"""


def score(database: str, source: str) -> float:
    """Make the table; the seconds of the statement."""
    with duckdb.connect(database) as connection:
        # As the models run: with their settings, on rows that are in memory.
        connection.execute("set TimeZone = 'UTC'; set threads = 2; set preserve_insertion_order = false")
        connection.execute("create schema if not exists benchmark")
        connection.execute(f"create temp table read_before as {INPUTS[source]}")
        started = time.perf_counter()
        connection.execute(SCORES.format(input=INPUTS[source]))
        return time.perf_counter() - started


if __name__ == "__main__":
    report(statement=score(sys.argv[1], sys.argv[2]))
