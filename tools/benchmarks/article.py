"""The article's script written anew in pandas: the simplest meaning of the signal, for feeds without trouble.

It knows no versions, amendments, duplicates, currencies or exclusions, so it agrees with `issuer_scores` only on a
clean feed in the base currency with role map version 1.

    python -m tools.benchmarks.article DATABASE OUTPUT FIRST_DAY LAST_DAY SAMPLES
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Mapping

import duckdb
import numpy as np
import orjson
import pandas as pd

from tools.benchmarks.process import report

BUYS = ["buy", "purchase", "acquisition"]
SENIOR = "ceo|chief|cfo|director|chair"
# The day of the clean markets, France and Germany, for which a filing counts as public.
TIME_ZONE = "Europe/Paris"
WINDOW = pd.Timedelta(days=30)
FIELDS = [
    "issuer_id",
    "issuer_name",
    "ticker",
    "insider_id",
    "insider_name",
    "insider_role",
    "transaction_type",
    "currency",
    "security_type",
]


def normalize(records: Iterable[Mapping]) -> pd.DataFrame:
    """One row per record of the feed: text as it is, typed dates and numbers, `value` is shares times price.

    What cannot be read is missing. `published_at` is in UTC, missing where the feed gives none.
    """
    raw = pd.DataFrame.from_records(list(records))
    raw = raw.reindex(
        columns=raw.columns.union(["id", "published_at", "shares", "price", *FIELDS], sort=False)
    )
    filings = raw[FIELDS].astype("string")
    filings.insert(0, "filing_id", raw["id"])
    for column in ["transaction_date", "filing_date"]:
        filings[column] = pd.to_datetime(raw.get(column), errors="coerce")
    filings["published_at"] = pd.to_datetime(raw["published_at"], errors="coerce", utc=True)
    for column in ["shares", "price"]:
        filings[column] = pd.to_numeric(raw[column], errors="coerce")
    filings["value"] = filings["shares"] * filings["price"]
    return filings


def published_by(filings: pd.DataFrame, as_of_date: str, time_zone: str = "UTC") -> pd.DataFrame:
    """The filings that were public by the end of `as_of_date` in `time_zone`.

    Without a time of publication the filing date counts. The article's script leaves this out and so looks ahead.
    """
    published = filings["published_at"].dt.tz_convert(time_zone).dt.tz_localize(None).dt.normalize()
    return filings[published.fillna(filings["filing_date"]) <= pd.Timestamp(as_of_date)]


def build_signal(
    records: Iterable[Mapping], as_of_date: str, available_only: bool = True, time_zone: str = "UTC"
) -> pd.DataFrame:
    """The article's ranking at `as_of_date`, the highest score first, one row per issuer id, name and ticker.

    available_only: leave out what was not public by the end of `as_of_date` (a day in `time_zone`).
    """
    filings = normalize(records)
    if available_only:
        filings = published_by(filings, as_of_date, time_zone)
    return rank_issuers(filings, as_of_date)


def rank_issuers(filings: pd.DataFrame, as_of_date: str) -> pd.DataFrame:
    """The ranking at `as_of_date` from all of `filings`."""
    as_of = pd.Timestamp(as_of_date)
    is_buy = filings["transaction_type"].fillna("").str.lower().isin(BUYS)
    is_recent = filings["transaction_date"].between(as_of - WINDOW, as_of)
    buys = filings[is_buy & is_recent].dropna(subset=["issuer_id", "transaction_date"])
    buys = buys.assign(is_senior=buys["insider_role"].fillna("").str.lower().str.contains(SENIOR))

    signal = (
        buys.groupby(["issuer_id", "issuer_name", "ticker"], dropna=False)
        .agg(
            total_buy_value=("value", "sum"),
            distinct_buyers=("insider_id", "nunique"),
            senior_buyer_flag=("is_senior", "max"),
            last_buy_date=("transaction_date", "max"),
        )
        .reset_index()
    )
    signal["days_since_last_buy"] = (as_of - signal["last_buy_date"]).dt.days
    signal["score"] = (
        np.log1p(signal["total_buy_value"])
        + 0.75 * signal["distinct_buyers"]
        + 1.0 * signal["senior_buyer_flag"].astype(int)
        - 0.05 * signal["days_since_last_buy"]
    )
    return signal.sort_values("score", ascending=False, ignore_index=True)


def read_records(database: str) -> list[dict]:
    """The records of a clean archive, as the feed served them."""
    with duckdb.connect(database, read_only=True) as connection:
        payloads = connection.execute(
            "select distinct on (record_id) payload from raw_filings_api.observations"
        ).fetchall()
    return [orjson.loads(payload) for (payload,) in payloads]


def main(database: str, output: str, first_day: str, last_day: str, samples: str) -> None:
    """Run the script for days that are spread evenly, each on what was filed by then, and for all days at once.

    `one_day`: seconds of the script for a day, on average. `day_by_day`: of the script run anew for every day, scaled from the
    sampled ones. `normalized_once`: of a kinder loop, which normalizes all filings once. The rankings go to `output`.
    """
    records = read_records(database)
    days = [day.date().isoformat() for day in pd.date_range(first_day, last_day)]
    sampled = days[:: max(1, len(days) // int(samples))]
    started = time.perf_counter()
    rankings = []
    for day in sampled:
        filed = [record for record in records if record["filing_date"] <= day]
        rankings.append(build_signal(filed, day, time_zone=TIME_ZONE).assign(signal_date=pd.Timestamp(day)))
    one_day = (time.perf_counter() - started) / len(sampled)
    pd.concat(rankings).to_parquet(output)
    started = time.perf_counter()
    filings = normalize(records)
    normalizing = time.perf_counter() - started
    for day in sampled:
        rank_issuers(published_by(filings, day, TIME_ZONE), day)
    ranking = (time.perf_counter() - started - normalizing) / len(sampled)
    report(
        days=len(days),
        sampled_days=len(sampled),
        one_day=one_day,
        day_by_day=one_day * len(days),
        normalized_once=normalizing + ranking * len(days),
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
