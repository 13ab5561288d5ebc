"""What happens to filings after they were filed: changes in place, amendments, duplicates, faulty serving."""

from collections.abc import Callable
from copy import deepcopy
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sandbox.filing import Filing, Record, local_date, utc_text
from sandbox.vocabulary import CANCELLED_WORDS

if TYPE_CHECKING:
    from sandbox.generator import Generator

NO_OBJECTS: tuple[Any, ...] = ("see attachment", 42, None, True, [], [{"id": "inner"}])
DAY = timedelta(days=1)

# The state of a record that is served no longer: None is a record, too, if no object.
GONE: Any = object()

State = tuple[datetime, Any]
Alteration = Callable[["Generator", Record], None]


def tell(generator: "Generator", filing: Filing) -> None:
    """Serves a filing with its changes in place, and files what follows from it."""
    warts = generator.warts
    is_duplicated, is_amended = warts.strike("duplicate_filing"), warts.strike("amendment")
    if warts.strike("amendment_of_itself"):
        for record in filing.records:
            record["amends_id"] = record["id"]
    elif warts.strike("amendment_of_nothing"):
        for record in filing.records:
            record["amends_id"] = f"X-{generator.filed:06d}"
    _serve(generator, filing)
    if is_duplicated:
        _duplicate(generator, filing)
    if is_amended:
        _amend(generator, filing)


def _later(generator: "Generator", filing: Filing, most: int) -> Filing | None:
    """The filing filed again at most so many days later; None when that is past the archive's end or size."""
    published = filing.published + timedelta(hours=generator.rng.randint(1, most * 24))
    day = max(filing.day, local_date(published, filing.issuer.market.zone))
    if day > generator.end or generator.filed >= generator.filings:
        return None
    generator.warts.next_filing()
    return filing.refile(generator.next_id(), day, published)


def _duplicate(generator: "Generator", filing: Filing) -> None:
    again = _later(generator, filing, 10)
    if again is None:
        generator.warts.counts["duplicate_filing"] -= 1
        return
    lines = again.lines()
    if generator.rng.random() < 0.3:
        for line in lines:
            line["security_type"] = str(line.get("security_type") or "").upper() or None
    if generator.warts.occur("duplicate_with_more_lines"):
        lines.append(lines[0] | {"shares": generator.rng.randint(100, 5000)})
        again.identify()
    _serve(generator, again)


def _amend(generator: "Generator", filing: Filing) -> None:
    """Amends the filing, maybe once more, and maybe the amendment itself."""
    warts = generator.warts
    amendment = _amendment(generator, filing)
    if amendment is None:
        warts.counts["amendment"] -= 1
        return
    if warts.occur("second_amendment") and _amendment(generator, filing) is None:
        warts.counts["second_amendment"] -= 1
    while warts.occur("amendment_of_amendment"):
        amendment = _amendment(generator, amendment)
        if amendment is None:
            warts.counts["amendment_of_amendment"] -= 1
            return


def _amendment(generator: "Generator", filing: Filing) -> Filing | None:
    """Serves an amendment that names the filing, or each record the one that it restates."""
    rng, warts = generator.rng, generator.warts
    amendment = _later(generator, filing, 25)
    if amendment is None:
        return None
    early = filing.published - timedelta(hours=rng.randint(1, 60))
    early_day = local_date(early, filing.issuer.market.zone)
    if early_day >= generator.start and warts.occur("amendment_first"):
        amendment = filing.refile(amendment.id, early_day, early)
    by_filing = len(filing.records) > 1 and rng.random() < 0.5
    for record, amended in zip(amendment.records, filing.records, strict=True):
        record["amends_id"] = filing.id if by_filing else amended["id"]
    if warts.occur("cancelled_amendment"):
        for record in amendment.records:
            record["status"] = rng.choice(CANCELLED_WORDS)
    else:
        _correct(generator, amendment.records[rng.randrange(len(amendment.records))])
        if len(amendment.records) > 2 and rng.random() < 0.3:
            amendment.records.pop()
    _serve(generator, amendment)
    return amendment


def _lines(record: Record) -> list[Record]:
    return [line for line in record.get("transactions") or [] if isinstance(line, dict)] or [record]


def _correct(generator: "Generator", record: Record) -> None:
    """Changes the meaning of a line."""
    rng = generator.rng
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


def _reformat(_: "Generator", record: Record) -> None:
    """Writes the same numbers in another way."""
    for line in _lines(record):
        for name in ("shares", "price"):
            if isinstance(line.get(name), int | float):
                line[name] = f"{line[name]}.00" if isinstance(line[name], int) else f"{line[name]:.6f}"


def _rescore(generator: "Generator", record: Record) -> None:
    record["vendor_score"] = generator.rng.randint(1, 100)


def _cancel(generator: "Generator", record: Record) -> None:
    record["status"] = generator.rng.choice(CANCELLED_WORDS)


def _link(generator: "Generator", record: Record) -> None:
    """Makes the record an amendment of the filing that its issuer filed before."""
    record["amends_id"] = generator.last_of_issuer.get(record.get("issuer_id"), record.get("id"))


def _leave(generator: "Generator", record: Record) -> None:
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


def _serve(generator: "Generator", filing: Filing) -> None:
    """Puts the records of a filing into the archive, one of them with the changes that it goes through."""
    rng, warts = generator.rng, generator.warts
    changing = rng.randrange(len(filing.records))
    for number, record in enumerate(filing.records):
        sort_id = str(record["id"])
        if number != changing:
            generator.serve(filing.day, sort_id, [(filing.published, record)])
            continue
        if warts.strike("not_an_object"):
            generator.serve(filing.day, sort_id, [(filing.published, rng.choice(NO_OBJECTS))])
            continue
        if filing.is_nested and warts.strike("odd_nesting"):
            record = record | _odd_nesting(generator, record)
        if warts.strike("missing_id"):
            record = {name: value for name, value in record.items() if name != "id"} | rng.choice(
                ({}, {"id": None}, {"id": ""})
            )
        states = _states(generator, filing, record)
        generator.serve(filing.day, sort_id, states)
        if warts.strike("served_twice"):
            generator.serve(filing.day, sort_id, states)
        last_moment, last = states[-1]
        if last is not GONE and last_moment < generator.closes and warts.strike("served_in_both_states"):
            moment, changed = _change(generator, last_moment, last, _correct, stamped=True)
            generator.serve(filing.day, sort_id, [(moment, changed)])


def _odd_nesting(generator: "Generator", record: Record) -> Record:
    """Arrays of a nested record that are missing, empty or not of objects alone."""
    return generator.rng.choice((
        {"owners": []},
        {"owners": None},
        {"owners": [None, *record["owners"]]},
        {"transactions": []},
        {"transactions": [*record["transactions"], "see attachment"]},
    ))  # fmt: skip


def _change(
    generator: "Generator", after: datetime, record: Record, alter: Alteration, stamped: bool
) -> tuple[datetime, Record]:
    """The record altered at a moment within thirty days and the archive's end, stated if `stamped`."""
    moment = (after + min(generator.closes - after, 30 * DAY) * generator.rng.uniform(0.05, 1)).replace(
        microsecond=0
    )
    changed = deepcopy(record)
    alter(generator, changed)
    if stamped:
        changed["updated_at"] = utc_text(moment)
    return moment, changed


def _states(generator: "Generator", filing: Filing, record: Record) -> list[State]:
    """The record's states: as published, and after each change in place that befalls it."""
    warts, closes = generator.warts, generator.closes
    served_from = filing.published
    if served_from + 45 * DAY < closes and warts.strike("backfilled"):
        served_from += generator.rng.randint(10, 40) * DAY
    states: list[State] = [(served_from, record)]

    def then(alter: Alteration, stamped: bool, base: Record | None = None) -> None:
        moment, latest = states[-1]
        states.append(_change(generator, moment, base or latest, alter, stamped))

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
