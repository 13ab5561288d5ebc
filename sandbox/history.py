"""What happens to filings after they were filed: changes in place, amendments, duplicates, faulty serving."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

import msgspec

from sandbox.archive import Entry
from sandbox.filing import Filing, Record, local_date, utc_text
from sandbox.vocabulary import CANCELLED_WORDS
from sandbox.warts import Warts

NO_OBJECTS: tuple[Any, ...] = ("see attachment", 42, None, True, [], [{"id": "inner"}])
DAY = timedelta(days=1)

# The state of a record that is served no longer: None is a record, too, if no object.
GONE: Any = object()

State = tuple[datetime, Any]
Alteration = Callable[["Register", Record], None]


@dataclass
class Register:
    """What was filed on the days from ``start`` to ``end``: at most ``limit`` filings, ``filed`` of them so far."""

    rng: Random
    warts: Warts
    start: date
    end: date
    limit: int
    filed: int = 0
    entries: list[Entry] = field(default_factory=list)
    last_of_issuer: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.closes = datetime.combine(self.end, time(23), UTC)

    @property
    def is_full(self) -> bool:
        return self.filed >= self.limit

    def next_id(self) -> str:
        self.filed += 1
        return f"F-{self.filed:06d}"

    def serve(self, day: date, sort_id: str, states: list[State]) -> None:
        """Adds a record by its states, the last of which may be ``GONE``."""
        texts = [
            (moment, None if record is GONE else msgspec.json.encode(record)) for moment, record in states
        ]
        self.entries.append(Entry(day.isoformat(), sort_id, texts))


def tell(register: Register, filing: Filing) -> None:
    """Serves a filing with its changes in place, and files what follows from it."""
    warts = register.warts
    is_duplicated, is_amended = warts.strike("duplicate_filing"), warts.strike("amendment")
    if warts.strike("amendment_of_itself"):
        for record in filing.records:
            record["amends_id"] = record["id"]
    elif warts.strike("amendment_of_nothing"):
        for record in filing.records:
            record["amends_id"] = f"X-{register.filed:06d}"
    _serve(register, filing)
    if is_duplicated:
        _duplicate(register, filing)
    if is_amended:
        _amend(register, filing)


def _later(register: Register, filing: Filing, most: int) -> Filing | None:
    """The filing filed again at most so many days later; None when that is past the archive's end or size."""
    published = filing.published + timedelta(hours=register.rng.randint(1, most * 24))
    day = max(filing.day, local_date(published, filing.issuer.market.zone))
    if day > register.end or register.is_full:
        return None
    register.warts.next_filing()
    return filing.refile(register.next_id(), day, published)


def _duplicate(register: Register, filing: Filing) -> None:
    again = _later(register, filing, 10)
    if again is None:
        register.warts.counts["duplicate_filing"] -= 1
        return
    lines = again.lines()
    if register.rng.random() < 0.3:
        for line in lines:
            line["security_type"] = str(line.get("security_type") or "").upper() or None
    if register.warts.occur("duplicate_with_more_lines"):
        lines.append(lines[0] | {"shares": register.rng.randint(100, 5000)})
        again.identify()
    _serve(register, again)


def _amend(register: Register, filing: Filing) -> None:
    """Amends the filing, maybe once more, and maybe the amendment itself."""
    warts = register.warts
    amendment = _amendment(register, filing)
    if amendment is None:
        warts.counts["amendment"] -= 1
        return
    if warts.occur("second_amendment") and _amendment(register, filing) is None:
        warts.counts["second_amendment"] -= 1
    while warts.occur("amendment_of_amendment"):
        amendment = _amendment(register, amendment)
        if amendment is None:
            warts.counts["amendment_of_amendment"] -= 1
            return


def _amendment(register: Register, filing: Filing) -> Filing | None:
    """Serves an amendment that names the filing, or each record the one that it restates."""
    rng, warts = register.rng, register.warts
    amendment = _later(register, filing, 25)
    if amendment is None:
        return None
    early = filing.published - timedelta(hours=rng.randint(1, 60))
    early_day = local_date(early, filing.issuer.market.zone)
    if early_day >= register.start and warts.occur("amendment_first"):
        amendment = filing.refile(amendment.id, early_day, early)
    by_filing = len(filing.records) > 1 and rng.random() < 0.5
    for record, amended in zip(amendment.records, filing.records, strict=True):
        record["amends_id"] = filing.id if by_filing else amended["id"]
    if warts.occur("cancelled_amendment"):
        for record in amendment.records:
            record["status"] = rng.choice(CANCELLED_WORDS)
    else:
        _correct(register, amendment.records[rng.randrange(len(amendment.records))])
        if len(amendment.records) > 2 and rng.random() < 0.3:
            amendment.records.pop()
    _serve(register, amendment)
    return amendment


def _lines(record: Record) -> list[Record]:
    return [line for line in record.get("transactions") or [] if isinstance(line, dict)] or [record]


def _correct(register: Register, record: Record) -> None:
    """Changes the meaning of a line."""
    rng = register.rng
    line = rng.choice(_lines(record))
    shares, price, kind = line.get("shares"), line.get("price"), line.get("transaction_type")
    match rng.randrange(5):
        case 0 if isinstance(price, float) and price:
            line["price"] = round(price * rng.choice((0.1, 0.95, 1.03)), 4)
        case 1:
            line["transaction_type"] = {"buy": "grant", "sell": "gift"}.get(kind, "sell")
        case 2 if "insider_role" in record:
            roles = {"Director", "Chief Financial Officer", "Vice President"} - {record["insider_role"]}
            record["insider_role"] = rng.choice(sorted(roles))
        case _ if isinstance(shares, int) and shares < 10**9:
            line["shares"] = shares * 2 + 1
        case _:
            line["shares"] = rng.randint(1, 9000)


def _reformat(_: Register, record: Record) -> None:
    """Writes the same numbers in another way."""
    for line in _lines(record):
        for name in ("shares", "price"):
            if isinstance(line.get(name), int | float):
                line[name] = f"{line[name]}.00" if isinstance(line[name], int) else f"{line[name]:.6f}"


def _rescore(register: Register, record: Record) -> None:
    record["vendor_score"] = register.rng.randint(1, 100)


def _cancel(register: Register, record: Record) -> None:
    record["status"] = register.rng.choice(CANCELLED_WORDS)


def _link(register: Register, record: Record) -> None:
    """Makes the record an amendment of the filing that its issuer filed before."""
    record["amends_id"] = register.last_of_issuer.get(record.get("issuer_id"), record.get("id"))


def _leave(register: Register, record: Record) -> None:
    pass


# name: (what changes, whether the record states the time of the change in updated_at)
CHANGES: dict[str, tuple[Alteration, bool]] = {
    "corrected_in_place": (_correct, True),
    "corrected_silently": (_correct, False),
    "touched": (_leave, True),
    "rescored": (_rescore, False),
    "reformatted": (_reformat, False),
    "cancelled_in_place": (_cancel, True),
    "cancelled_silently": (_cancel, False),
    "linked_in_place": (_link, True),
}


def _serve(register: Register, filing: Filing) -> None:
    """Puts the records of a filing into the archive, one of them with the changes that it goes through."""
    rng, warts = register.rng, register.warts
    changing = rng.randrange(len(filing.records))
    for number, record in enumerate(filing.records):
        sort_id = str(record["id"])
        if number != changing:
            register.serve(filing.day, sort_id, [(filing.published, record)])
            continue
        if warts.strike("not_an_object"):
            register.serve(filing.day, sort_id, [(filing.published, rng.choice(NO_OBJECTS))])
            continue
        if filing.is_nested and warts.strike("odd_nesting"):
            record = record | _odd_nesting(register, record)
        if warts.strike("missing_id"):
            record = {name: value for name, value in record.items() if name != "id"} | rng.choice(
                ({}, {"id": None}, {"id": ""})
            )
        states = _states(register, filing, record)
        register.serve(filing.day, sort_id, states)
        if warts.strike("served_twice"):
            register.serve(filing.day, sort_id, states)
        last_moment, last = states[-1]
        if last is not GONE and last_moment < register.closes and warts.strike("served_in_both_states"):
            moment, changed = _change(register, last_moment, last, _correct, stamped=True)
            register.serve(filing.day, sort_id, [(moment, changed)])


def _odd_nesting(register: Register, record: Record) -> Record:
    """Arrays of a nested record that are missing, empty or not of objects alone."""
    return register.rng.choice((
        {"owners": []},
        {"owners": None},
        {"owners": [None, *record["owners"]]},
        {"transactions": []},
        {"transactions": [*record["transactions"], "see attachment"]},
    ))  # fmt: skip


def _change(
    register: Register, after: datetime, record: Record, alter: Alteration, stamped: bool
) -> tuple[datetime, Record]:
    """The record altered at a moment within thirty days and the archive's end, stated if `stamped`."""
    moment = (after + min(register.closes - after, 30 * DAY) * register.rng.uniform(0.05, 1)).replace(
        microsecond=0
    )
    changed = deepcopy(record)
    alter(register, changed)
    if stamped:
        changed["updated_at"] = utc_text(moment)
    return moment, changed


def _states(register: Register, filing: Filing, record: Record) -> list[State]:
    """The record's states: as published, and after each change in place that befalls it."""
    warts, closes = register.warts, register.closes
    served_from = filing.published
    if served_from + 45 * DAY < closes and warts.strike("backfilled"):
        served_from += register.rng.randint(10, 40) * DAY
    states: list[State] = [(served_from, record)]

    def then(alter: Alteration, stamped: bool, base: Record | None = None) -> None:
        moment, latest = states[-1]
        states.append(_change(register, moment, base or latest, alter, stamped))

    for name, (alter, stamped) in CHANGES.items():
        if states[-1][0] < closes and warts.strike(name):
            then(alter, stamped)
    if states[-1][0] >= closes:
        return states
    if warts.strike("reverted"):
        first = states[-1][1]
        then(_correct, stamped=True)
        then(_leave, stamped=True, base=first)
    if warts.strike("stale_replica"):
        old = states[-1][1]
        then(_correct, stamped=True)
        new = states[-1][1]
        then(_leave, stamped=False, base=old)
        then(_leave, stamped=False, base=new)
    if warts.strike("vanished"):
        then(_leave, stamped=False)
        states[-1] = (states[-1][0], GONE)
    return states
