"""What goes wrong within one record: each wart with its rate in the scenarios and the change that it makes.

A change gets the flat record (a dict, changed in place) and the random source. It may find the field spoilt
by an earlier one, and then leaves it.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from heapq import heapify, heapreplace
from math import log
from random import Random
from typing import Any

from sandbox.vocabulary import (
    DERIVATIVES,
    HARMLESS_NOTES,
    LOCAL_TYPES,
    OTHER_SECURITIES,
    PLACEMENT_NOTES,
    SEVERAL_ROLES,
    TRICKY_ROLES,
    TYPES,
    UNKNOWN_ROLES,
    UNKNOWN_TYPES,
)

Record = dict[str, Any]
Change = Callable[[Record, Random], None]

KIND_OF_TYPE = {word: kind for kind, words in TYPES.items() for word in words}


def _missing(field: str) -> Change:
    def change(record: Record, rng: Random) -> None:
        match rng.randrange(3):
            case 0:
                record.pop(field, None)
            case 1:
                record[field] = None
            case _:
                record[field] = ""

    return change


def _one_of(field: str, values: tuple[Any, ...]) -> Change:
    def change(record: Record, rng: Random) -> None:
        record[field] = rng.choice(values)

    return change


def _role(roles: dict[str, tuple[str, ...]]) -> Change:
    """A change to one of the roles of the record's market."""

    def change(record: Record, rng: Random) -> None:
        record["insider_role"] = rng.choice(roles.get(record.get("country") or "", roles["US"]))

    return change


def _number(field: str, spoil: Callable[[Any, Random], Any]) -> Change:
    """A change of a field that holds a number other than 0; anything else is left as it is."""

    def change(record: Record, rng: Random) -> None:
        value = record.get(field)
        if isinstance(value, int | float) and value:
            record[field] = spoil(value, rng)

    return change


def _date(spoil: Callable[[str, Random], str]) -> Change:
    def change(record: Record, rng: Random) -> None:
        if value := record.get("transaction_date"):
            record["transaction_date"] = spoil(value, rng)

    return change


def _numbers_as_text(record: Record, rng: Random) -> None:
    for field in ("shares", "price"):
        if isinstance(record.get(field), int | float):
            record[field] = f"{record[field]:.{rng.choice((2, 4))}f}"


def _fractional_shares(record: Record, rng: Random) -> None:
    if isinstance(record.get("shares"), int):
        record["shares"] += round(rng.uniform(0.0001, 0.9999), rng.choice((2, 4, 6)))


def _odd_ticker(record: Record, rng: Random) -> None:
    ticker = record.get("ticker") or "AAAA"
    record["ticker"] = rng.choice(
        ("NONE", "N/A", "[NONE]", f"({ticker})", f"NYSE:{ticker}", f"{ticker},{ticker}A", ticker.lower())
    )


def _spaced_role(record: Record, rng: Random) -> None:
    if role := record.get("insider_role"):
        record["insider_role"] = role.replace(" ", "\N{NO-BREAK SPACE}") + rng.choice(
            ("", "\N{NO-BREAK SPACE}", " ")
        )


def _spelling_of_name(record: Record, rng: Random) -> None:
    if name := record.get("insider_name"):
        given, _, surname = name.partition(" ")
        record["insider_name"] = rng.choice(
            (name.upper(), f"{given}  {surname.upper()}.", f"{surname}, {given}", f" {name} ")
        )


def _spelling_of_type(record: Record, rng: Random) -> None:
    if kind := record.get("transaction_type"):
        record["transaction_type"] = rng.choice((kind.upper(), kind.capitalize(), f" {kind} "))


def _local_type(record: Record, rng: Random) -> None:
    kind = KIND_OF_TYPE.get(record.get("transaction_type"))
    if local := LOCAL_TYPES.get((record.get("country"), kind)):
        record["transaction_type"] = local


def _contradiction(record: Record, rng: Random) -> None:
    bought = KIND_OF_TYPE.get(record.get("transaction_type")) == "purchase"
    record["acquired_disposed"] = rng.choice(
        ("D", "disposed", "sell") if bought else ("A", "acquired", "buy")
    )


def _derivative(record: Record, rng: Random) -> None:
    record["security_type"] = rng.choice(DERIVATIVES)
    if rng.random() < 0.5:
        record["is_derivative"] = rng.choice((True, "1", "true"))


def _stated_value(record: Record, rng: Random) -> None:
    shares, price = record.get("shares"), record.get("price")
    if isinstance(shares, int | float) and isinstance(price, int | float):
        record["value"] = round(shares * price, 2)


def _differing_value(record: Record, rng: Random) -> None:
    _stated_value(record, rng)
    if isinstance(record.get("value"), float):
        record["value"] = round(record["value"] * rng.choice((0.98, 1.01, 10)), 2)


def _odd_timestamp(record: Record, rng: Random) -> None:
    for field in ("published_at", "accepted_at", "created_at"):
        if isinstance(text := record.get(field), str) and "T" in text:
            record[field] = rng.choice((text.replace("T", " "), text[:19] + ".123456" + text[19:], "n/a"))


def _flags(record: Record, rng: Random) -> None:
    """The relationship flags in another notation than true and false."""
    true, false = rng.choice(((True, False), ("1", "0"), ("true", "false"), (1, 0), ("true", "")))
    for field in ("is_director", "is_officer", "is_ten_percent_owner", "is_other"):
        if field in record:
            record[field] = true if record[field] else false


# name: (rate in `realistic`, rate in `adversarial`, change). Rates are shares of the records.
FIELD_WARTS: dict[str, tuple[float, float, Change]] = {
    "tricky_role": (0.05, 0.12, _role(TRICKY_ROLES)),
    "several_roles": (0.02, 0.08, _role(SEVERAL_ROLES)),
    "unknown_role": (0.004, 0.04, _one_of("insider_role", UNKNOWN_ROLES)),
    "no_break_space_in_role": (0.01, 0.08, _spaced_role),
    "flag_notation": (0.1, 0.3, _flags),
    "missing_role": (0.02, 0.06, _missing("insider_role")),
    "missing_ticker": (0.02, 0.08, _missing("ticker")),
    "odd_ticker": (0.01, 0.06, _odd_ticker),
    "spelling_of_name": (0.02, 0.12, _spelling_of_name),
    "missing_insider_id": (0.03, 0.12, _missing("insider_id")),
    "missing_insider_name": (0.003, 0.05, _missing("insider_name")),
    "missing_issuer": (0.001, 0.03, _missing("issuer_id")),
    "local_type": (0.02, 0.08, _local_type),
    "unknown_type": (0.004, 0.04, _one_of("transaction_type", UNKNOWN_TYPES)),
    "contradicting_direction": (0.001, 0.03, _contradiction),
    "spelling_of_type": (0.05, 0.15, _spelling_of_type),
    "missing_type": (0.001, 0.03, _missing("transaction_type")),
    "derivative": (0.01, 0.06, _derivative),
    "other_security": (0.01, 0.06, _one_of("security_type", OTHER_SECURITIES)),
    "unknown_security": (0.002, 0.03, _one_of("security_type", ("SHS", "Instrument 12", "BTA"))),
    "missing_security_type": (0.02, 0.08, _missing("security_type")),
    "planned_trade": (0.02, 0.1, _one_of("is_10b5_1", (True, "1", "true", 1))),
    "unclear_plan": (0.03, 0.1, _one_of("is_10b5_1", ("", None))),
    "share_programme": (0.01, 0.05, _one_of("linked_to_share_programme", (True, "true", "Ja", "1"))),
    "placement_note": (
        0.01,
        0.05,
        _one_of("footnotes", PLACEMENT_NOTES + tuple([note] for note in PLACEMENT_NOTES)),
    ),
    "harmless_note": (0.04, 0.1, _one_of("footnotes", HARMLESS_NOTES)),
    "stated_value": (0.15, 0.2, _stated_value),
    "differing_value": (0.002, 0.03, _differing_value),
    "fractional_shares": (0.03, 0.1, _fractional_shares),
    "negative_shares": (0.001, 0.03, _number("shares", lambda value, rng: -value)),
    "big_number": (
        0.0,
        0.02,
        _one_of("shares", (98765432101.123456, 12345678901234, "99999999999999.999999", 10**15)),
    ),
    "long_fraction": (
        0.002,
        0.04,
        _number("price", lambda value, rng: value + 0.1 + 0.2 - 0.3 + value / 3e7),
    ),
    "lost_decimal_point": (0.001, 0.02, _number("price", lambda value, rng: round(value * 10_000, 2))),
    "thousands_separator": (0.0005, 0.03, _one_of("price", ("79,797", "1,742.00", "1 742,00 Euro"))),
    "decimal_comma": (0.002, 0.03, _number("price", lambda value, rng: f"{value}".replace(".", ","))),
    # With a decimal, so that the comma can only group digits.
    "footnote_mark": (
        0.002,
        0.03,
        _number("shares", lambda value, rng: f"{value:,}{'' if isinstance(value, float) else '.0'} (1)"),
    ),
    "zero_price": (0.003, 0.04, _one_of("price", (0, 0.0, "0"))),
    "missing_price": (0.01, 0.06, _missing("price")),
    "missing_shares": (0.003, 0.04, _missing("shares")),
    "unreadable_number": (0.0005, 0.02, _one_of("shares", ("n/a", "see note", "-"))),
    "number_as_text": (0.01, 0.1, _numbers_as_text),
    "missing_currency": (0.03, 0.08, _missing("currency")),
    "unknown_currency": (0.0005, 0.02, _one_of("currency", ("XXX", "ZZZ", "euro"))),
    "spelling_of_currency": (
        0.003,
        0.04,
        lambda record, rng: record.update(currency=f" {(record.get('currency') or 'eur').lower()}"),
    ),
    "ancient_date": (0.0005, 0.02, _date(lambda text, rng: "0022" + text[4:])),
    "future_date": (0.0005, 0.02, _date(lambda text, rng: "2035" + text[4:])),
    "impossible_date": (
        0.0003,
        0.02,
        _date(lambda text, rng: text[:5] + rng.choice(("02-30", "13-01", "00-00"))),
    ),
    "date_as_timestamp": (0.0005, 0.03, _date(lambda text, rng: f"{text}T00:00:00Z")),
    "date_with_zone": (0.0005, 0.03, _date(lambda text, rng: f"{text}-05:00")),
    "missing_transaction_date": (0.002, 0.04, _missing("transaction_date")),
    "missing_country": (0.002, 0.03, _missing("country")),
    "odd_timestamp": (0.003, 0.06, _odd_timestamp),
    "missing_filing_date": (0.001, 0.03, _missing("filing_date")),
}

# name: (rate in `realistic`, rate in `adversarial`), shares of the filings. What each one is stands where it
# happens, in `generator` and `history`.
FILING_WARTS: dict[str, tuple[float, float]] = {
    "tranches": (0.12, 0.25),
    "identical_tranches": (0.03, 0.1),
    "nested": (0.0, 0.3),
    "odd_nesting": (0.0, 0.2),
    "late_filing": (0.05, 0.1),
    "traded_after_filing": (0.001, 0.03),
    "weekend_filing": (0.02, 0.15),
    "late_friday": (0.03, 0.3),
    "no_source_time": (0.01, 0.08),
    "other_time_notation": (0.03, 0.3),
    "numeric_id": (0.0, 0.08),
    "amendment": (0.025, 0.15),
    "amendment_of_nothing": (0.0005, 0.03),
    "amendment_of_itself": (0.0, 0.02),
    "duplicate_filing": (0.01, 0.12),
    "cancelled_from_the_start": (0.004, 0.04),
    "corrected_in_place": (0.012, 0.08),
    "corrected_silently": (0.003, 0.05),
    "cancelled_in_place": (0.006, 0.05),
    "cancelled_silently": (0.003, 0.04),
    "linked_in_place": (0.0005, 0.03),
    "touched": (0.02, 0.08),
    "rescored": (0.01, 0.05),
    "reformatted": (0.002, 0.04),
    "reverted": (0.001, 0.04),
    "stale_replica": (0.001, 0.04),
    "vanished": (0.002, 0.03),
    "backfilled": (0.001, 0.03),
    "served_in_both_states": (0.0, 0.03),
    "served_twice": (0.0003, 0.03),
    "missing_id": (0.0007, 0.03),
    "not_an_object": (0.0004, 0.03),
}

# The same for what depends on something else: shares of the issuers, insiders, duplicates, amendments.
OCCASIONAL_WARTS: dict[str, tuple[float, float]] = {
    "ticker_change": (0.02, 0.25),
    "insider_without_id": (0.04, 0.12),
    "homonym": (0.0, 0.15),
    "duplicate_with_more_lines": (0.2, 0.4),
    "second_amendment": (0.08, 0.3),
    "amendment_of_amendment": (0.1, 0.4),
    "amendment_first": (0.06, 0.25),
    "cancelled_amendment": (0.06, 0.2),
}

# With these a feed does more than add records soon after the day that they bear.
NOT_ADDING = frozenset({
    "corrected_in_place", "corrected_silently", "cancelled_in_place", "cancelled_silently", "linked_in_place",
    "touched", "rescored", "reformatted", "reverted", "stale_replica", "vanished", "backfilled",
    "served_in_both_states", "missing_filing_date",
})  # fmt: skip


class Draw:
    """Draws item by item which warts strike, each by itself at its rate.

    The next item that each wart strikes is drawn ahead, so that an item that none strikes costs little.
    """

    def __init__(self, rng: Random, rates: dict[str, float]):
        self._rng = rng
        self._item = 0
        self._next = [
            (self._gap(rate), place, name, rate) for place, (name, rate) in enumerate(rates.items()) if rate
        ]
        heapify(self._next)

    def _gap(self, rate: float) -> int:
        return 1 + int(log(1 - self._rng.random()) / log(1 - rate))

    def draw(self) -> list[str]:
        """The warts that strike the next item, in the order of the rates."""
        self._item += 1
        struck = []
        while self._next and self._next[0][0] == self._item:
            _, place, name, rate = self._next[0]
            heapreplace(self._next, (self._item + self._gap(rate), place, name, rate))
            struck.append(name)
        return struck


class Warts:
    """Decides where warts strike in a scenario, and counts in `counts` where they did."""

    def __init__(self, rng: Random, scenario: str, others: Mapping[str, float]):
        """`others` are rates that are not the scenario's."""
        self.counts: Counter[str] = Counter()
        self._rng = rng
        column = {"clean": None, "realistic": 0, "adversarial": 1}[scenario]

        def rates(table: dict[str, tuple]) -> dict[str, float]:
            return {
                name: others.get(name, 0.0 if column is None else row[column]) for name, row in table.items()
            }

        self._occasional = rates(OCCASIONAL_WARTS)
        self._of_filing = Draw(rng, rates(FILING_WARTS))
        self._of_record = Draw(rng, rates(FIELD_WARTS))
        self._struck: list[str] = []

    def next_filing(self) -> None:
        """Draws what befalls the filing that comes next."""
        self._struck = self._of_filing.draw()

    def strike(self, name: str) -> bool:
        """Whether the wart befalls the filing at hand."""
        struck = name in self._struck
        if struck:
            self.counts[name] += 1
        return struck

    def occur(self, name: str) -> bool:
        """Whether a wart occurs that depends on something else than the filing at hand."""
        occurs = self._rng.random() < self._occasional[name]
        self.counts[name] += occurs
        return occurs

    def spoil(self, record: Record) -> None:
        """Lets the field warts strike a flat record."""
        for name in self._of_record.draw():
            before = dict(record)
            FIELD_WARTS[name][2](record, self._rng)
            self.counts[name] += record != before
