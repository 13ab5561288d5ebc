"""Which lines a dated amendment restates, by the rules of docs/specification.md section 3, in plain Python without the models' SQL."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

OMISSION = re.compile(
    r"omit|omission|left out|(not|never) (been )?(previously |timely )?(reported|included|disclosed)"
    r"|fail(ed|ure|ing) to (report|include|disclose)|(add|report|include)s? (an|the|one|two|three)? ?additional"
)
CORRECTION = re.compile(
    r"correct|erroneous|error|mistake|misreported|misstat|misprint|typographical|inaccurate|rectif"
    r"|inadvertently (reported|stated|listed|showed|reflected)"
)
CORRECTED_OMISSION = re.compile(
    r"(correct|rectif)[a-z]* (for |of )?(an |the |this |that )?(error of |inadvertent |erroneous )*"
    r"(omission|omitted|failure to)"
)


@dataclass(frozen=True)
class Line:
    """A transaction of a filing; `after` is the holding after it."""

    number: int
    day: date
    code: str
    direction: str
    security: str
    shares: Decimal
    price: Decimal
    after: Decimal | None = None

    @property
    def kind(self) -> Hashable:
        """What makes two lines one kind of trade."""
        return self.day, self.code, self.direction, self.security.lower()

    @property
    def before(self) -> Decimal | None:
        """The holding before it."""
        if self.after is None:
            return None
        return self.after - self.shares if self.direction == "A" else self.after + self.shares


@dataclass(frozen=True)
class Filing:
    """A filing of one form family; `known` is when it was available, `accepted` None where only the day is known."""

    id: str
    is_amendment: bool
    original_date: date | None
    issuer: str
    owners: frozenset[str]
    filed: date
    accepted: datetime | None
    known: tuple[date, datetime]
    remarks: str = ""
    lines: tuple[Line, ...] = ()

    @property
    def filed_at(self) -> tuple[date, datetime]:
        """Its place in the order of filing."""
        day_after = datetime.combine(self.filed + timedelta(days=2), datetime.min.time())
        return self.filed, self.accepted or day_after


Place = tuple[str, int]
Moment = tuple[date, datetime]


@dataclass
class Restated:
    """What came out: pairs of (filing, number), that of the amendment first, from when; and how each amendment was linked."""

    matched: dict[tuple[Place, Place], Moment] = field(default_factory=dict)
    ambiguous: dict[tuple[Place, Place], Moment] = field(default_factory=dict)
    bases: dict[str, str] = field(default_factory=dict)


def is_before(amended: Filing, amendment: Filing) -> bool:
    """Whether the amendment can be one of that filing, by the order in which they were filed."""
    if amended.is_amendment:
        return (*amended.filed_at, amended.id) < (*amendment.filed_at, amendment.id)
    if amended.filed > amendment.filed:
        return False
    return None in (amended.accepted, amendment.accepted) or amended.accepted < amendment.accepted


def business_days_after(first: date, last: date, is_business_day: Callable[[date], bool]) -> int:
    """How many business days lie after `first`, up to `last`."""
    days = (first + timedelta(days=number) for number in range(1, (last - first).days + 1))
    return sum(map(is_business_day, days))


def multiset(filing: Filing) -> Counter:
    """The lines of a filing, each as often as it is there."""
    return Counter((line.kind, line.shares, line.price) for line in filing.lines)


def basis_of(
    amendment: Filing, amended: Filing, is_business_day: Callable[[date], bool]
) -> tuple[int, str] | None:
    """By what the filing may be the amended one: the rank of it, and its name."""
    same_issuer = amendment.issuer == amended.issuer
    same_person = bool(amendment.owners & amended.owners)
    date_fits = amendment.original_date == amended.filed or (
        amended.is_amendment and amended.original_date == amendment.original_date
    )
    if date_fits and same_issuer and same_person:
        return 1, "original_date"
    if date_fits and (same_issuer or same_person):
        alike = bool(amended.lines) and multiset(amendment) == multiset(amended)
        return (3, "other_person" if same_issuer else "other_issuer") if alike else None
    if (
        same_issuer
        and same_person
        and amended.filed > amendment.original_date
        and business_days_after(amendment.original_date, amended.filed, is_business_day) <= 4
    ):
        return 2, "signing_date"
    return None


def resemblance(amendment: Filing, amended: Filing) -> tuple:
    """How little the amendment resembles the filing, but for when that was filed: the smaller, the more."""
    equal = (multiset(amendment) & multiset(amended)).total()

    def lines_with(is_like: Callable[[Line, Line], bool]) -> int:
        return sum(any(is_like(line, other) for other in amended.lines) for line in amendment.lines)

    of_one_holding = lines_with(lambda line, other: line.before is not None and line.before == other.before)
    if equal and max(len(amendment.lines), len(amended.lines)) - equal <= 1:
        rank = 1
    elif equal:
        rank = 2
    elif of_one_holding:
        rank = 3
    elif lines_with(lambda line, other: line.kind == other.kind and line.shares == other.shares):
        rank = 4
    elif lines_with(lambda line, other: line.kind == other.kind and line.price == other.price):
        rank = 5
    else:
        rank = 6
    return rank, -of_one_holding, abs(len(amendment.lines) - len(amended.lines))


@dataclass(frozen=True)
class Choice:
    """The filings that an amendment amends: one, or all that it may amend where it is undecided."""

    basis: str
    filings: tuple[str, ...]
    is_undecided: bool
    known: tuple[date, datetime]


def choose(
    amendment: Filing, filings: Iterable[Filing], is_business_day: Callable[[date], bool]
) -> Choice | None:
    """What the amendment amends: chosen on the first day on which a filing fits, from those known by its end."""
    fitting = []
    for filing in filings:
        if filing.id != amendment.id and is_before(filing, amendment):
            basis = basis_of(amendment, filing, is_business_day)
            if basis:
                fitting.append((basis, max(amendment.known, filing.known), filing))
    if not fitting:
        return None
    first_day = min(known[0] for _, known, _ in fitting)
    fitting = [one for one in fitting if one[1][0] == first_day]
    first_rank = min(rank for (rank, _), _, _ in fitting)
    fitting = [one for one in fitting if one[0][0] == first_rank]
    originals = sum(not filing.is_amendment for _, _, filing in fitting)
    if first_rank > 1 and originals > 1:
        return None

    def by_likeness(one: tuple) -> tuple:
        filed, moment = one[2].filed_at
        return (
            *resemblance(amendment, one[2]),
            -filed.toordinal(),
            -moment.timestamp(),
            not one[2].is_amendment,
        )

    best = min(map(by_likeness, fitting))
    alike = [one for one in fitting if by_likeness(one) == best]
    known = max(one[1] for one in fitting)
    if originals > 1 and len(alike) > 1:
        return Choice(fitting[0][0][1], tuple(filing.id for _, _, filing in fitting), True, known)
    basis, _, chosen = max(alike, key=lambda one: one[2].id)
    return Choice(basis[1], (chosen.id,), False, known)


def rounds(
    open_lines: tuple[list[Line], list[Line]],
    key: Callable[[Line], Hashable],
    is_exact: bool = False,
    together: bool = False,
) -> Iterator[tuple[Line, Line, bool]]:
    """Match lines of both sides with one key, in order, and take them out: line, other line, whether it is sure."""
    groups: dict[Hashable, tuple[list[Line], list[Line]]] = defaultdict(lambda: ([], []))
    for side in (0, 1):
        for line in open_lines[side]:
            if key(line) is not None:
                groups[key(line)][side].append(line)
    for own, others in groups.values():
        if not own or not others:
            continue
        if together:
            if len(own) == len(others) or sum(line.shares for line in own) != sum(
                line.shares for line in others
            ):
                continue
            pairs, is_sure = [(line, other) for line in own for other in others], True
        elif is_exact or len(own) >= len(others):
            pairs, is_sure = list(zip(own, others, strict=False)), True
        else:
            pairs, is_sure = [(line, other) for line in own for other in others], False
        for line, other in pairs:
            yield line, other, is_sure
        for line in {line.number: line for line, _ in pairs}.values():
            open_lines[0].remove(line)
        for other in {other.number: other for _, other in pairs}.values():
            open_lines[1].remove(other)


def tells(remarks: str) -> str | None:
    """What the remarks of an amendment say of its lines: `omission`, `correction`, or neither."""
    text = remarks.lower()
    omits, corrects = OMISSION.search(text), CORRECTION.search(CORRECTED_OMISSION.sub("", text))
    if bool(omits) == bool(corrects):
        return None
    return "omission" if omits else "correction"


Pair = tuple[str, str]


def restate(filings: list[Filing], is_business_day: Callable[[date], bool]) -> Restated:
    """Which lines of the filings (all of one form family) restate which."""
    by_id = {filing.id: filing for filing in filings}
    choices = {
        filing.id: choice
        for filing in filings
        if filing.is_amendment
        and filing.original_date
        and (choice := choose(filing, filings, is_business_day))
    }
    result = Restated(bases={name: choice.basis for name, choice in choices.items()})

    chains: dict[str, dict[str, tuple[date, datetime]]] = {}
    for name in choices:
        chain, at, known = {}, name, by_id[name].known
        while at in choices and not choices[at].is_undecided:
            known = max(known, choices[at].known)
            at = choices[at].filings[0]
            chain[at] = known
        chains[name] = chain

    links: dict[Pair, tuple[bool, tuple[date, datetime]]] = {}  # whether sure, and from when

    def link(amendment: str, amended: str, is_sure: bool, known: tuple[date, datetime]) -> None:
        known = max(known, by_id[amended].known)
        was_sure, was_known = links.get((amendment, amended), (True, known))
        links[amendment, amended] = (is_sure and was_sure, min(known, was_known))

    for name, chain in chains.items():
        for amended, known in chain.items():
            link(name, amended, True, known)
        for other, other_chain in chains.items():
            for shared in chain.keys() & other_chain.keys():
                if other != name and is_before(by_id[other], by_id[name]):
                    link(name, other, True, max(chain[shared], other_chain[shared]))
        for undecided, known in [(name, by_id[name].known), *chain.items()]:
            choice = choices.get(undecided)
            if choice and choice.is_undecided:
                for amended in choice.filings:
                    if not by_id[amended].is_amendment or is_before(by_id[amended], by_id[name]):
                        link(name, amended, False, max(known, choice.known))

    added = {pair: set(_added(pair, links, by_id)) for pair in links}
    found: dict[tuple[Place, Place], tuple[bool, tuple[date, datetime]]] = {}
    left: dict[Pair, tuple[list[Line], list[Line]]] = {}
    for pair, (is_sure, known) in links.items():
        open_lines = (list(by_id[pair[0]].lines), list(by_id[pair[1]].lines))
        for line, other, sure in _alike(open_lines, added[pair]):
            found[(pair[0], line.number), (pair[1], other.number)] = (sure and is_sure, known)
        left[pair] = open_lines

    alike = dict(found)
    for pair, (is_sure, known) in links.items():

        def is_free(line: Line, side: int, pair: Pair = pair, known: tuple = known) -> bool:
            return not any(
                places[side] == (pair[side], line.number)
                and moment <= known
                and (side == 0 or places[0][0] == pair[0] or moment < known)
                for places, (_, moment) in alike.items()
            )

        own, others = left[pair]
        open_lines = (
            [line for line in own if is_free(line, 0) and line not in added[pair]],
            [line for line in others if is_free(line, 1)],
        )
        for line, other, sure in _corrected(open_lines, tells(by_id[pair[0]].remarks) == "correction"):
            found[(pair[0], line.number), (pair[1], other.number)] = (sure and is_sure, known)

    _settle(found, links, by_id, result)
    return result


def _added(pair: Pair, links: dict, by_id: dict[str, Filing]) -> Iterator[Line]:
    """The lines of an amendment that restate nothing: by the holding, which goes on, else by the remarks."""
    name, known = pair[0], links[pair][1]
    threads = [
        by_id[other]
        for (amendment, other), (_, moment) in links.items()
        if amendment == name and moment <= known
    ]
    for line in by_id[name].lines:
        holds = [other for filing in threads for other in filing.lines if other.after is not None]
        if line.before is not None and any(line.before == other.before for other in holds):
            continue
        goes_on = line.before is not None and any(line.before == other.after for other in holds)
        if goes_on or tells(by_id[name].remarks) == "omission":
            yield line


def _alike(open_lines: tuple, added: set[Line]) -> Iterator[tuple[Line, Line, bool]]:
    """Matches within one kind of trade."""
    yield from rounds(open_lines, lambda line: (line.kind, line.shares, line.price), is_exact=True)
    kept = [line for line in open_lines[0] if line in added]
    open_lines[0][:] = [line for line in open_lines[0] if line not in added]
    yield from rounds(open_lines, lambda line: line.kind, together=True)
    yield from rounds(open_lines, lambda line: None if line.before is None else (line.kind, line.before))
    yield from rounds(open_lines, lambda line: (line.kind, line.shares))
    yield from rounds(open_lines, lambda line: (line.kind, line.price))
    open_lines[0].extend(kept)
    open_lines[0].sort(key=lambda line: line.number)


def _corrected(open_lines: tuple, is_correction: bool) -> Iterator[tuple[Line, Line, bool]]:
    """Matches of lines whose code, direction, date or security was corrected."""
    yield from rounds(open_lines, lambda line: line.before)
    yield from rounds(open_lines, lambda line: (line.shares, line.price))
    yield from rounds(open_lines, lambda line: line.shares)
    yield from rounds(open_lines, lambda line: (line.day, line.price))
    yield from rounds(open_lines, lambda line: line.after)
    if is_correction:
        yield from rounds(open_lines, lambda line: True)


def _settle(found: dict, links: dict, by_id: dict[str, Filing], result: Restated) -> None:
    """From all matches those that hold: of the latest filing that has the line, and none where nothing tells which."""
    matches = dict(found)
    for (own, target), (sure, known) in found.items():
        for (earlier, other_target), (earlier_sure, earlier_known) in found.items():
            pair = (own[0], earlier[0])
            if (
                sure
                and earlier_sure
                and target == other_target
                and pair in links
                and links[pair][0]
                and not any(one[0] == own[0] and restated == earlier for one, restated in found)
            ):
                moment = max(known, earlier_known, links[pair][1])
                matches[own, earlier] = (True, min(moment, matches.get((own, earlier), (True, moment))[1]))

    surely = {own for (own, _), (sure, _) in matches.items() if sure}
    held = {own for own, _ in matches} - surely
    for own in {own for own, _ in matches}:
        targets = {target: (sure, known) for (line, target), (sure, known) in matches.items() if line == own}
        firm = {target: known for target, (sure, known) in targets.items() if sure and target not in held}

        def is_latest(target: Place, firm: dict = firm) -> bool:
            def place(filing: Filing) -> tuple:
                return (*filing.filed_at, filing.id)

            return all(
                place(by_id[other[0]]) <= place(by_id[target[0]])
                for other, known in firm.items()
                if known <= firm[target]
            )

        if firm:
            result.matched |= {(own, target): known for target, known in firm.items() if is_latest(target)}
            continue
        for target, (sure, known) in targets.items():
            others = [(target, known)]
            if sure:
                others = [
                    (other, max(known, other_known))
                    for (line, other), (_, other_known) in matches.items()
                    if line == target
                ]
            for other, moment in others:
                result.ambiguous[own, other] = min(moment, result.ambiguous.get((own, other), moment))
