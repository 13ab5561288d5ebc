"""Slices: which events are looked at together. Everything that decides it was known on the day of the signal."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Integers = npt.NDArray[np.int64]

UNKNOWN = "unknown"
AT_TRANSACTION = "_at_transaction"
# Parts of a usual day's trading, not quantiles: those of a sample would know its future.
BUY_SIZES = [(0.01, "below 1 % of a day"), (0.1, "1 to 10 % of a day"), (1.0, "10 to 100 % of a day")]
LARGEST_BUY = "above a day"


@dataclass(frozen=True)
class Partition:
    """One way to sort events into groups; an event is in one of them or in none."""

    slice: str
    labels: list[tuple[str, str]]
    """By group: event kind and slice value."""
    codes: Integers
    """By event: its group, or -1."""

    def take(self, events: npt.NDArray) -> "Partition":
        """The same groups for some of the events."""
        return Partition(self.slice, self.labels, self.codes[events])


def partition(name: str, kinds: Sequence[str], values: Sequence[str | None]) -> Partition:
    """Groups by event kind and value; events without a value (None) are in none."""
    kinds, values = np.asarray(kinds, object), np.asarray(values, object)
    inside = np.array([value is not None for value in values], bool)
    joined = np.array([f"{kind}\0{value}" for kind, value in zip(kinds[inside], values[inside], strict=True)])
    labels, codes = np.unique(joined, return_inverse=True) if joined.size else ([], np.zeros(0, np.int64))
    all_codes = np.full(values.size, -1, np.int64)
    all_codes[inside] = codes
    return Partition(name, [tuple(str(label).split("\0")) for label in labels], all_codes)


def slices(events: pd.DataFrame) -> list[Partition]:
    """Every slice of the study.

    Events entered at their transaction date know what nobody knew: they form slices of their own event kinds and are in no
    other slice.
    """
    kinds = events["event_kind"].to_numpy(object)
    honest = ~looks_ahead(events)

    def known(values: pd.Series) -> list[str | None]:
        texts = values.astype(object).where(values.notna(), UNKNOWN).to_numpy()
        return [str(text) if keep else None for text, keep in zip(texts, honest, strict=True)]

    def yes_or_no(column: str, yes: str, no: str) -> list[str | None]:
        return known(events[column].astype(object).map({True: yes, False: no}))

    quintile = events["score_quintile"].astype("Int64").astype("string")
    return [
        partition("event_kind", kinds, kinds),
        partition("score_quintile", kinds, known(quintile)),
        partition("seniority", kinds, yes_or_no("is_senior", "senior", "not senior")),
        partition("role", kinds, known(events["role"])),
        partition("buy_size", kinds, known(buy_size(events["buy_value_to_volume"]))),
        partition("same_terms", kinds, known(same_terms(events["same_terms_buyers"]))),
        partition("first_buy_in_year", kinds, yes_or_no("is_first_buy_in_year", "first", "not first")),
        partition("trading_pattern", kinds, known(events["trading_pattern"])),
        partition("market", kinds, known(events["market"])),
        partition("year", kinds, known(pd.to_datetime(events["signal_date"]).dt.year.astype("Int64"))),
    ]


def looks_ahead(events: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Whether an event was entered at its transaction date, on purpose."""
    return events["event_kind"].astype(str).str.endswith(AT_TRANSACTION).to_numpy(bool)


def buy_size(ratio: pd.Series) -> pd.Series:
    """The buy's value against the value traded on a usual day, in classes."""
    sizes = pd.Series(LARGEST_BUY, ratio.index, dtype=object)
    for limit, name in reversed(BUY_SIZES):
        sizes[ratio.astype(float) < limit] = name
    return sizes.where(ratio.notna(), None)


def same_terms(buyers: pd.Series) -> pd.Series:
    """How many insiders bought at one price or in one lot, in classes: three or more look like an offering or a plan."""
    return buyers.map(lambda count: "three or more" if count >= 3 else "two" if count == 2 else "one")
