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
# The exponent beyond which no value is a number.
LARGEST = 600.0
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


@dataclass(frozen=True)
class Rival:
    """The issuer above or below in the ranking."""

    name: str
    rank: int
    score: float
    buys: list[Buy]


def value_for(weights: Weights, buys: Sequence[Buy], distance: float) -> float | None:
    """The value with which the score of these buyers would be higher by ``distance``; None where no value does that."""
    weight = weights.of("log_buy_value")
    if weight <= 0 or distance / weight > LARGEST:
        return None
    value = math.expm1(math.log1p(sum(buy.value_base for buy in buys)) + distance / weight)
    return value if value > 0 else None


def what_would_move_it(
    weights: Weights,
    buys: list[Buy],
    day: date,
    currency: str,
    above: Rival | None,
    below: Rival | None,
    others: Sequence[float],
) -> list[dict[str, Any]]:
    """What would cost an issuer its place, and what would gain it the next: the buys of its neighbours and its own, all else unchanged."""
    score = weights.score(buys, day)
    bought = sum(buy.value_base for buy in buys)
    moves = []

    def move(what: str, becomes: float, rivals: Sequence[float] = others) -> None:
        moves.append(
            {
                "what": what,
                "change": becomes - score,
                "score": becomes,
                "rank": rank_of(becomes, rivals),
                "day": day,
            }
        )

    def of_rival(what: str, rival: Rival, becomes: float) -> None:
        rest = list(others)
        rest.remove(rival.score)
        move(f"{rival.name} (rank {rival.rank}) {what}", score, sorted([*rest, becomes]))

    if below:
        ahead = score - below.score
        needed = value_for(weights, below.buys, ahead)
        if needed is not None:
            more = math.floor(needed - sum(buy.value_base for buy in below.buys)) + 1
            of_rival(
                f"has bought {more:,} {currency} more, by the same buyers on the same days",
                below,
                weights.score(with_more(below.buys, more), day),
            )
        further = further_buy(below.buys, day)
        of_rival(
            f"has one more buyer, of {further.value_base:,.0f} {currency} (the median of its buys), today",
            below,
            weights.score([*below.buys, further], day),
        )
        least = value_for(weights, buys, -ahead)
        if least is not None:
            left = math.ceil(least) - 1
            move(
                f"no more than {left:,} of its {bought:,.0f} {currency} count",
                weights.score(with_more(buys, left - bought), day),
            )
    if above:
        needed = value_for(weights, buys, above.score - score)
        if needed is not None:
            more = math.floor(needed - bought) + 1
            move(
                f"{more:,} {currency} more are bought, by the same buyers on the same days, which passes {above.name}",
                weights.score(with_more(buys, more), day),
            )
    return moves


def with_more(buys: Sequence[Buy], value: float) -> list[Buy]:
    """The buys, the first of them worth so much more."""
    first, *rest = buys
    return [replace(first, value_base=first.value_base + value), *rest]


def further_buy(buys: Sequence[Buy], day: date) -> Buy:
    """A buy of the usual size by somebody new of no senior role."""
    return Buy("", "somebody new", None, False, day, median(buy.value_base for buy in buys))


def rank_of(score: float, others: Sequence[float]) -> int:
    """The rank of a score among those of the others, ascending."""
    return 1 + len(others) - bisect_right(others, score + TIE)


def what_would_change_it(
    weights: Weights, buys: list[Buy], day: date, currency: str, others: Sequence[float] = ()
) -> list[dict[str, Any]]:
    """What each next step would add to the score or take from it, all else unchanged.

    ``others`` are the scores of the other issuers of that day, ascending: they say which rank the new score would have. What only a later
    day brings has no rank, for the others change until then too.
    """
    score = weights.score(buys, day)
    next_buy = further_buy(buys, day)

    def change(what: str, after: Sequence[Buy], on: date = day, **more: Any) -> dict[str, Any]:
        becomes = weights.score(after, on) if after else None
        return {
            "what": what,
            "change": None if becomes is None else becomes - score,
            "score": becomes,
            "rank": None if becomes is None or on != day else rank_of(becomes, others),
            "day": on,
            **more,
        }

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
    oldest = min(buy.transaction_date for buy in buys)
    leaves = oldest + timedelta(days=weights.window_days + 1)
    left = [buy for buy in buys if buy.transaction_date > oldest]
    return [
        {**heaviest, "what": f"the line that weighs most is gone: {heaviest['transaction_id']}"},
        change(
            f"a buy of {next_buy.value_base:,.0f} {currency}, the median of its buys, by somebody new, of no senior role, today",
            [*buys, next_buy],
        ),
        change(
            "the same by somebody senior"
            + (": one counts already" if any(buy.is_senior for buy in buys) else ""),
            [*buys, replace(next_buy, is_senior=True)],
        ),
        change("twice the value bought", [replace(buy, value_base=2 * buy.value_base) for buy in buys]),
        change("a day passes without a further buy: every score falls so", buys, day + timedelta(days=1)),
        change(
            f"the buys of {oldest} leave the window of {weights.window_days} days, if nothing comes until then",
            left,
            leaves,
        ),
    ]
