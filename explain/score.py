"""The score as arithmetic (docs/specification.md, section 8): the same numbers from the buys that the published file says count."""

import math
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from statistics import median
from types import MappingProxyType
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
    """An issuer near by in the ranking."""

    name: str
    rank: int
    score: float
    buys: list[Buy]


def value_for(weights: Weights, buys: Sequence[Buy], day: date, score: float) -> float | None:
    """The value with which these buys would have the score, all else the same; None where no value does that."""
    weight = weights.of("log_buy_value")
    rest = weights.score([replace(buy, value_base=0.0) for buy in buys], day)
    if weight <= 0 or (score - rest) / weight > LARGEST:
        return None
    return math.expm1((score - rest) / weight)


# What a change does to the place, in the order in which the answer tells it.
COSTS, KEEPS = "all else unchanged, costs it places", "all else unchanged, keeps its place or gains it some"
LATER = "with time: every score ages, and nothing new is filed"


def what_would_change_it(
    weights: Weights,
    buys: list[Buy],
    day: date,
    currency: str,
    scores_on: Callable[[date], Sequence[float]],
    above: Rival | None = None,
    below: Sequence[Rival] = (),
    left_out: tuple[Buy, str] | None = None,
    names: Mapping[str, str | None] = MappingProxyType({}),
) -> list[dict[str, Any]]:
    """What would change the place or score of an issuer: first what costs it places, then what keeps or gains it some, then the next days.

    Args:
        weights: The version of the score.
        buys: What counts for the issuer.
        day: The day of the score.
        currency: The base currency.
        scores_on: The scores of all issuers, ascending, of this day or, as if nothing new were filed, of a later one.
        above: The next issuer above.
        below: The next issuers below.
        left_out: The largest buy that somebody may have left out wrongly, and the reason.
        names: The insider's name by transaction id.

    Returns:
        A row for each: `effect`, `what`, and, None where no buy is left, `change`, `terms` (the change by term), `score` and `rank`.
    """
    now = weights.points(buys, day)
    score, bought = sum(now.values()), _worth(buys)
    others_now = _without(score, scores_on(day))
    own_rank = rank_of(score, others_now)

    def change(
        what: str, after: Sequence[Buy], on: date = day, others: Sequence[float] = others_now
    ) -> dict[str, Any]:
        if not after:
            effect = COSTS if on == day else LATER
            return {
                "effect": effect,
                "what": what,
                "change": None,
                "terms": None,
                "score": None,
                "rank": None,
            }
        points = weights.points(after, on)
        becomes = sum(points.values())
        rank = rank_of(becomes, others)
        effect = LATER if on != day else COSTS if rank > own_rank else KEEPS
        terms = {term: points[term] - now[term] for term in TERMS}
        return {"effect": effect, "what": what, "change": becomes - score, "terms": terms, "score": becomes, "rank": rank}  # fmt: skip

    rows = []
    for rival in below:
        passes, becomes = _passing(weights, rival, day, score, currency)
        if not passes:
            continue
        others = _without(rival.score, others_now)
        insort(others, becomes)
        rows.append(
            change(
                f"{rival.name} (rank {rival.rank}) reports a buy traded today: {passes}", buys, others=others
            )
        )
    least = value_for(weights, buys, day, below[0].score) if below else None
    # Of equal scores the last digits say nothing.
    lost = max(math.floor(bought - (least or 0.0)) + 1, 1)
    if least is not None and least > 0 and lost <= bought:
        rows.append(
            change(
                f"its buys are worth {lost:,} {currency} ({100 * lost / bought:.1f} %) less, the buyers the same",
                _with_more(buys, -lost),
            )
        )
    without = sorted(
        (change(_told(buy, currency, names), [other for other in buys if other is not buy]) for buy in buys),
        key=lambda row: (-math.inf if row["change"] is None else row["change"], row["what"]),
    )
    for which, row in (("most", without[0]), ("least", without[-1]))[: len(without)]:
        rows.append({**row, "what": f"without the line that weighs {which}: {row['what']}"})
    if above:
        more = value_for(weights, buys, day, above.score)
        if more is not None:
            needed = max(math.floor(more - bought) + 1, 1)
            rows.append(
                change(
                    f"its buys are worth {needed:,} {currency} more, the buyers and days the same: it passes {above.name}",
                    _with_more(buys, needed),
                )
            )
    usual = median(buy.value_base for buy in buys)
    further = Buy("", "somebody new", None, False, day, usual)
    rows += [
        change(
            f"somebody new, not senior, buys today for {usual:,.0f} {currency} (the median of its buys)",
            [*buys, further],
        ),
        change(
            "somebody new and senior does"
            + (" (no more: a senior buyer counts already)" if any(buy.is_senior for buy in buys) else ""),
            [*buys, replace(further, is_senior=True)],
        ),
        change(
            "the value bought is twice as much", [replace(buy, value_base=2 * buy.value_base) for buy in buys]
        ),
    ]
    if left_out:
        buy, reason = left_out
        rows.append(
            change(
                f"the largest buy now left out ({reason.replace('_', ' ')}) is counted: {_told(buy, currency, names)}",
                [*buys, buy],
            )
        )
    oldest, tomorrow = min(buy.transaction_date for buy in buys), day + timedelta(days=1)
    leaves = oldest + timedelta(days=weights.window_days + 1)
    rows += [
        change("tomorrow", in_window(weights, buys, tomorrow), tomorrow, scores_on(tomorrow)),
        change(
            f"in {(leaves - day).days} days: the buys of {oldest} leave the window of {weights.window_days} days",
            in_window(weights, buys, leaves),
            leaves,
            scores_on(leaves),
        ),
    ]
    return sorted(rows, key=lambda row: (COSTS, KEEPS, LATER).index(row["effect"]))


def in_window(weights: Weights, buys: Sequence[Buy], day: date) -> list[Buy]:
    """The buys that are young enough to count on a later day."""
    return [buy for buy in buys if (day - buy.transaction_date).days <= weights.window_days]


def rank_of(score: float, scores: Sequence[float]) -> int:
    """The rank of a score among ascending ones."""
    return 1 + len(scores) - bisect_right(scores, score + TIE)


def _without(score: float, scores: Sequence[float]) -> list[float]:
    """The scores of the others."""
    place = bisect_left(scores, score - TIE)
    return [*scores[:place], *scores[place + 1 :]]


def _worth(buys: Sequence[Buy]) -> float:
    return sum(buy.value_base for buy in buys)


def _passing(weights: Weights, rival: Rival, day: date, score: float, currency: str) -> tuple[str, float]:
    """By which buy of today an issuer below would pass a score, in words (none if no value does), and the score that it would have."""
    told, becomes = [], rival.score
    for buyer, who in (
        ("somebody new", "somebody new"),
        (rival.buys[0].buyer, "somebody who bought it before"),
    ):
        further = Buy("", buyer, None, False, day, 0.0)
        after = [*rival.buys, further]
        needed = value_for(weights, after, day, score)
        if needed is None:
            continue
        more = max(math.floor(needed - _worth(rival.buys)) + 1, 0)
        told.append(f"{more:,} {currency} or more by {who}" if more else f"any value by {who}")
        becomes = max(becomes, weights.score(_with_more(after, more), day))
    if told and all("any value" in text for text in told):
        told = ["any value, by anybody"]
    return ", or ".join(told), becomes


def _with_more(buys: Sequence[Buy], value: float) -> list[Buy]:
    """The buys, the first of them worth so much more."""
    first, *rest = buys
    return [replace(first, value_base=first.value_base + value), *rest]


def _told(buy: Buy, currency: str, names: Mapping[str, str | None]) -> str:
    who = names.get(buy.transaction_id) or buy.buyer or "nobody named"
    return f"{who}, {buy.value_base:,.0f} {currency} ({buy.transaction_id})"
