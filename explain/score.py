"""The score as arithmetic (docs/specification.md, section 8): the same numbers from the buys that the published file says count."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from statistics import median
from typing import Any

import duckdb

# Scores as near as this are the same (docs/specification.md, section 8).
TIE = 1e-9
Key = tuple[str, str]
"""Source and id of an issuer."""
TERMS = {
    "log_buy_value": "buy_value_term",
    "distinct_buyers": "distinct_buyers_term",
    "senior_buyer": "senior_buyer_term",
    "days_since_last_buy": "days_since_last_buy_term",
}


@dataclass(frozen=True)
class Buy:
    """A line that counts."""

    transaction_id: str
    buyer: str | None
    role: str | None
    is_senior: bool
    transaction_date: date
    value_base: float


@dataclass(frozen=True)
class Weights:
    """The version of the score in use."""

    terms: dict[str, float]
    window_days: int

    @classmethod
    def read(cls, connection: duckdb.DuckDBPyConnection) -> "Weights":
        """As the published file has them."""
        rows = connection.execute(
            "select term, weight, window_days from marts.score_terms where is_in_use"
        ).fetchall()
        return cls({term: weight for term, weight, _ in rows}, max((days for *_, days in rows), default=0))

    def of(self, term: str) -> float:
        """A term that the version does not name weighs nothing."""
        return self.terms.get(term, 0.0)

    def points(self, buys: Sequence[Buy], day: date) -> dict[str, float]:
        """The four terms of the score of ``day``."""
        value = sum(buy.value_base for buy in buys)
        buyers = len({buy.buyer for buy in buys} - {None})
        return {
            "log_buy_value": self.of("log_buy_value") * math.log1p(max(value, 0.0)),
            "distinct_buyers": self.of("distinct_buyers") * buyers + (self.of("cluster") if buyers >= 2 else 0.0),
            "senior_buyer": max(
                (self.of("senior_buyer") if buy.is_senior else 0.0) + self.of(f"role:{buy.role}") for buy in buys
            ),
            "days_since_last_buy": self.of("days_since_last_buy")
            * (day - max(buy.transaction_date for buy in buys)).days,
        }  # fmt: skip

    def score(self, buys: Sequence[Buy], day: date) -> float:
        """The score of ``day``."""
        return sum(self.points(buys, day).values())


def read_buys(connection: duckdb.DuckDBPyConnection, keys: Sequence[Key], day: date) -> dict[Key, list[Buy]]:
    """The buys that count for the score of ``day``, by issuer."""
    rows = connection.execute(
        """
        select source, issuer_id, transaction_id, buyer, role, is_senior, transaction_date, coalesce(value_base, 0)
        from marts.signal_buys
        where (source, issuer_id) in (select unnest($sources), unnest($issuer_ids))
            and $day >= valid_from and $day < coalesce(valid_to, date '9999-12-31')
        order by transaction_id, version_number
        """,
        {**asked(keys), "day": day},
    ).fetchall()
    found: dict[Key, list[Buy]] = {key: [] for key in keys}
    for source, issuer_id, *buy, value in rows:
        found[source, issuer_id].append(Buy(*buy, float(value)))
    return found


def asked(keys: Sequence[Key]) -> dict[str, list[str]]:
    """The issuers that a query asks for, as its values."""
    return {"sources": [source for source, _ in keys], "issuer_ids": [issuer_id for _, issuer_id in keys]}


def what_would_change_it(
    weights: Weights, buys: list[Buy], day: date, others: Sequence[float] = ()
) -> list[dict[str, Any]]:
    """What each next step would add to the score or take from it, all else unchanged.

    ``others`` are the scores of the other issuers of that day, ascending: they say which rank the new score would have. What only a later
    day brings has no rank, for the others change until then too.
    """
    score = weights.score(buys, day)
    usual = median(buy.value_base for buy in buys)
    next_buy = Buy("", "somebody new", None, False, day, usual)

    def change(what: str, after: Sequence[Buy], on: date = day, **more: Any) -> dict[str, Any]:
        becomes = weights.score(after, on) if after else None
        return {
            "what": what,
            "change": None if becomes is None else becomes - score,
            "score": becomes,
            "rank": None
            if becomes is None or on != day
            else 1 + len(others) - bisect_right(others, becomes + TIE),
            **more,
        }

    changes = [
        change(
            f"a buy of {usual:,.0f}, the median of its buys, by somebody new, of no senior role, today",
            [*buys, next_buy],
        ),
        change(
            "the same by somebody senior"
            + (": one counts already" if any(buy.is_senior for buy in buys) else ""),
            [*buys, replace(next_buy, is_senior=True)],
        ),
        change("twice the value bought", [replace(buy, value_base=2 * buy.value_base) for buy in buys]),
        change("a day without a further buy", buys, day + timedelta(days=1)),
    ]
    without = [
        change(
            f"without {buy.transaction_id}",
            [other for other in buys if other is not buy],
            transaction_id=buy.transaction_id,
        )
        for buy in buys
    ]
    heaviest = min(
        without,
        key=lambda row: (-math.inf if row["change"] is None else row["change"], row["transaction_id"]),
    )
    changes.append({**heaviest, "what": f"the line that weighs most gone: {heaviest['transaction_id']}"})
    oldest = min(buy.transaction_date for buy in buys)
    leaves = oldest + timedelta(days=weights.window_days + 1)
    left = [buy for buy in buys if buy.transaction_date > oldest]
    changes.append(
        change(
            f"the buys of {oldest} leave the window of {weights.window_days} days, if nothing comes until then",
            left,
            leaves,
            day=leaves,
        )
    )
    return changes
