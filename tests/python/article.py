"""The article's script written anew in pandas: the simplest meaning of the signal, for feeds without trouble.

It knows no versions, amendments, duplicates, currencies or exclusions, so it agrees with `issuer_scores` only on a
clean feed in the base currency with role map version 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

BUYS = ["buy", "purchase", "acquisition"]
SENIOR = "ceo|chief|cfo|director|chair"
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
    as_of = pd.Timestamp(as_of_date)
    filings = normalize(records)
    if available_only:
        filings = published_by(filings, as_of_date, time_zone)

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
