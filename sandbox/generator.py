"""The synthetic archive: issuers, insiders and what they file. The same arguments give the same archive.

`clean` is the plain feed: euro, the article's flat shape, one line and one state a filing, every field
given. `realistic` has several markets and the warts of real feeds at the rates of real feeds; `adversarial`
has every wart, densely. A filing of one line is one record; of several, one record a line with a common
`filing_id`, or (in `adversarial`) one record with the arrays `transactions` and `owners`.
"""

import gc
from argparse import ArgumentParser, Namespace
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Any, Literal, get_args

from sandbox.archive import Archive, read_folder
from sandbox.filing import Filing, Insider, Issuer, Record, offset, stamp
from sandbox.history import Register, tell
from sandbox.vocabulary import (
    ARTICLE_MARKETS,
    CANCELLED_WORDS,
    COMMON,
    COMPANY_PREFIXES,
    COMPANY_SECTORS,
    DERIVATIVES,
    DISPOSALS,
    GIVEN_NAMES,
    MARKETS,
    SURNAME_ENDS,
    SURNAME_STARTS,
    TYPES,
)
from sandbox.warts import NOT_ADDING, Warts

Scenario = Literal["clean", "realistic", "adversarial"]
DEFAULT_FILINGS = {"clean": 1500, "realistic": 4000, "adversarial": 300}
MOST_ISSUERS = 9000
FILINGS_PER_ISSUER = {"clean": 12, "realistic": 18, "adversarial": 25}
CLUSTER_RATES = {"clean": 0.05, "realistic": 0.03, "adversarial": 0.1}
# Days of the longest lags seen in the wild, which one filing each has.
LONG_LAGS = (257, 2300)
MANNERS = ("utc", "accepted", "local", "date", "naive", "created")
FLAGS = {"is_director": "d", "is_officer": "o", "is_ten_percent_owner": "t", "is_other": "x"}
LINE_FIELDS = (
    "line_number", "transaction_date", "transaction_type", "acquired_disposed", "shares", "price", "currency",
    "value", "ownership_nature", "security_type", "is_derivative", "is_10b5_1", "linked_to_share_programme",
    "footnotes",
)  # fmt: skip
OWNER_FIELDS = ("insider_id", "insider_name", "insider_role", *FLAGS)


def build(
    scenario: Scenario = "realistic",
    filings: int | None = None,
    seed: int = 1,
    start_date: date = date(2025, 1, 1),
    end_date: date = date(2026, 3, 31),
    add_only: bool = False,
) -> Archive:
    """The archive of a scenario: so many filings (None: as suit it), filed on or between the dates.

    `add_only` leaves out the warts through which a feed does more than add records within a week of their
    filing date: changes in place, vanishing, backfilling. Raises ValueError when the dates enclose no
    weekday.
    """
    filings = filings or DEFAULT_FILINGS[scenario]
    rates = dict.fromkeys(NOT_ADDING, 0.0) if add_only else {}
    issuers = min(MOST_ISSUERS, filings // FILINGS_PER_ISSUER[scenario])
    generator = Generator(scenario, issuers, seed, start_date, end_date, rates)
    return generator.file(filings, start_date, end_date)


def add_arguments(parser: ArgumentParser) -> None:
    """The arguments of `build`, and `--records` for a folder in its place."""
    parser.add_argument("--scenario", choices=get_args(Scenario), default="realistic")
    parser.add_argument("--filings", type=int, help="how many; by default as many as suit the scenario")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--start-date", type=date.fromisoformat, default=date(2025, 1, 1), help="first filing date"
    )
    parser.add_argument(
        "--end-date", type=date.fromisoformat, default=date(2026, 3, 31), help="last filing date"
    )
    parser.add_argument("--records", type=Path, help="the *.json and *.jsonl files of this folder instead")


def from_arguments(options: Namespace) -> Archive:
    """The archive that the arguments ask for."""
    if options.records:
        return read_folder(options.records)
    return build(options.scenario, options.filings, options.seed, options.start_date, options.end_date)


class Generator:
    """The issuers of a scenario, and what they file; `rates` are of warts that differ from the scenario's.

    The issuers are the same for the same arguments. What they file can be made part by part, each with the
    number of the filings before it: so an archive of any size is made in many processes.
    """

    def __init__(
        self,
        scenario: Scenario,
        issuers: int,
        seed: int,
        start: date,
        end: date,
        rates: Mapping[str, float] = MappingProxyType({}),
    ):
        self.scenario, self.seed, self.rates = scenario, seed, rates
        self.rng = Random(seed)
        self.warts = Warts(self.rng, scenario, rates)
        self.long_lags = [] if scenario == "clean" else list(LONG_LAGS)
        self.markets = ARTICLE_MARKETS if scenario == "clean" else MARKETS
        self.weights = tuple(market.weight for market in self.markets)
        self.issuers: dict[str, list[Issuer]] = {}
        self._set_days(start, end)
        for number in range(max(len(self.markets), issuers)):
            # One issuer in each market before the rest, so that a small archive has them all.
            few = number < len(self.markets)
            market = self.markets[number] if few else weighted(self.rng, self.markets, self.weights)
            peers = self.issuers.setdefault(market.country, [])
            peers.append(self._issuer(number, market, peers))

    def file(self, filings: int, start: date, end: date, first: int = 0) -> Archive:
        """The archive of so many filings, filed on or between the dates, numbered after the `first` ones."""
        self._set_days(start, end)
        if first:
            self.rng.seed(f"{self.seed}:{first}")
            self.warts = Warts(self.rng, self.scenario, self.rates)
        self.register = Register(self.rng, self.warts, start, end, first + filings, first)
        # Nothing here is garbage, and looking for some takes a third of the time of a large archive.
        collecting = gc.isenabled()
        gc.disable()
        try:
            while not self.register.is_full:
                self._file_some()
        finally:
            if collecting:
                gc.enable()
        return Archive(self.register.entries, self.warts.counts)

    def _set_days(self, start: date, end: date) -> None:
        around = (start + timedelta(days=n) for n in range(-150, (end - start).days + 30))
        self.weekdays = [day for day in around if day.weekday() < 5]
        self.filing_days = range(bisect_left(self.weekdays, start), bisect_right(self.weekdays, end))
        if not self.filing_days:
            raise ValueError(f"no weekday from {start} to {end}")

    def _file_some(self) -> None:
        """One insider files what he did, or several file their purchases within a week."""
        market = weighted(self.rng, self.markets, self.weights)
        issuer = self.rng.choice(self.issuers[market.country])
        position = self.rng.choice(self.filing_days)
        if self.rng.random() < CLUSTER_RATES[self.scenario]:
            for insider in self.rng.sample(issuer.insiders, self.rng.randint(2, len(issuer.insiders))):
                day = min(position + self.rng.randrange(6), self.filing_days[-1])
                self._file(issuer, insider, "purchase", day)
        else:
            kind = weighted(self.rng, list(market.kinds), tuple(market.kinds.values()))
            self._file(issuer, self.rng.choice(issuer.insiders), kind, position)

    def _issuer(self, number: int, market: Any, peers: list[Issuer]) -> Issuer:
        rng = self.rng
        sector, rest = COMPANY_SECTORS[number % len(COMPANY_SECTORS)], number // len(COMPANY_SECTORS)
        second = (
            COMPANY_SECTORS[rest // len(COMPANY_PREFIXES) - 1] + " " if rest >= len(COMPANY_PREFIXES) else ""
        )
        prefix = COMPANY_PREFIXES[(rest + number * 7) % len(COMPANY_PREFIXES)]
        issuer = Issuer(
            id=f"{market.country}-{number + 1:05d}",
            name=f"{prefix} {second}{sector} {rng.choice(market.suffixes)}",
            market=market,
            ticker=_ticker(number) + market.ticker_suffix,
            price=market.unit * market.prices[0] * (market.prices[1] / market.prices[0]) ** rng.random(),
        )
        if self.warts.occur("ticker_change"):
            issuer.changed_on = self.weekdays[rng.choice(self.filing_days)]
            issuer.new_ticker = _ticker(number + 200_000) + market.ticker_suffix
        for _ in range(rng.randint(3, 8)):
            if peers and rng.random() < 0.05:
                issuer.insiders.append(rng.choice(rng.choice(peers).insiders))
            else:
                issuer.insiders.append(self._insider(issuer))
        return issuer

    def _insider(self, issuer: Issuer) -> Insider:
        rng = self.rng
        role, relation = rng.choice(issuer.market.roles)
        name = f"{rng.choice(GIVEN_NAMES)} {rng.choice(SURNAME_STARTS)}{rng.choice(SURNAME_ENDS)}"
        if relation == "t":
            name = f"{rng.choice(COMPANY_PREFIXES)} Capital Partners LP"
        if issuer.insiders and self.warts.occur("homonym"):
            name = issuer.insiders[0].name
        nameless = self.warts.occur("insider_without_id")
        return Insider(None if nameless else f"P-{rng.getrandbits(40):010x}", name, role, relation)

    def _file(self, issuer: Issuer, insider: Insider, kind: str, position: int) -> None:
        """Files one filing on the weekday of this position, and all that follows from it."""
        register = self.register
        if register.is_full:
            return
        rng, warts, market = self.rng, self.warts, issuer.market
        warts.next_filing()
        day = self.weekdays[position]
        if day.weekday() == 0 and day > register.start and warts.strike("weekend_filing"):
            day -= timedelta(days=1)
        filing_id = register.next_id()
        traded = self._traded(day, position, market.lags)
        lines = 1
        if identical := warts.strike("identical_tranches"):
            lines = rng.randint(2, 3)
        elif warts.strike("tranches"):
            lines = rng.randint(2, 5)
        first = self._line(issuer, insider, kind, day, traded)
        records = [
            first,
            *(dict(first) if identical else self._another(first, issuer) for _ in range(lines - 1)),
        ]
        published = self._published(day, position, market)
        filing = Filing(filing_id, issuer, day, published, records)
        filing.identify()
        if self.scenario != "clean":
            self._decorate(filing, insider, kind)
        if self.scenario == "clean" or not warts.strike("no_source_time"):
            manner = rng.choice(MANNERS) if warts.strike("other_time_notation") else market.stamp
            for record in records:
                stamp(record, manner, published, market.zone)
        for record in records:
            warts.spoil(record)
        if warts.strike("nested"):
            filing.records = [self._nested(filing, insider)]
        elif lines == 1 and warts.strike("numeric_id"):
            first["id"] = 700_000 + register.filed
        tell(register, filing)
        register.last_of_issuer[issuer.id] = filing_id

    def _traded(self, day: date, position: int, lags: tuple[int, ...]) -> date:
        if self.long_lags and self.register.filed > 20:
            lag = self.long_lags.pop()
            self.warts.counts[f"late_by_{lag}_days"] += 1
            return day - timedelta(days=lag)
        if self.warts.strike("late_filing"):
            return self.weekdays[position - self.rng.randint(6, 60)]
        if self.warts.strike("traded_after_filing"):
            return day + timedelta(days=self.rng.randint(1, 5))
        return self.weekdays[position - weighted(self.rng, range(len(lags)), lags)]

    def _published(self, day: date, position: int, market: Any) -> datetime:
        """The moment of publication in UTC; filings accepted until 22:00 Eastern bear that day's date."""
        rng = self.rng
        first, last = market.hours
        if market.country == "US":
            first, last = (16, 22) if rng.random() < 0.84 else (6, 16)
        minute = rng.randrange(first * 60, last * 60)
        if market.country == "US" and day.weekday() == 4 and self.warts.strike("late_friday"):
            minute = 21 * 60 + 50
        delay = weighted(rng, range(len(market.delays)), market.delays)
        publication_day = self.weekdays[position + delay] if delay else day
        local = datetime.combine(publication_day, time(minute // 60, minute % 60, rng.randrange(60)), UTC)
        return local - offset(market.zone, publication_day)

    def _line(self, issuer: Issuer, insider: Insider, kind: str, day: date, traded: date) -> Record:
        rng, market = self.rng, issuer.market
        shares, price = self._amounts(issuer, insider, kind)
        direct = insider.relation != "-" and rng.random() < 0.85
        return {
            "id": "",
            "issuer_id": issuer.id,
            "issuer_name": issuer.name,
            "ticker": issuer.symbol(day),
            "insider_id": insider.id,
            "insider_name": insider.name,
            "insider_role": insider.role,
            "transaction_date": traded.isoformat(),
            "filing_date": day.isoformat(),
            "transaction_type": rng.choice(TYPES[kind]),
            "shares": shares,
            "price": price,
            "currency": market.currency,
            "value": None,
            "ownership_nature": "direct" if direct else "indirect",
            "security_type": rng.choice(COMMON.get(market.country, ("common stock",)))
            if self.scenario != "clean"
            else "common stock",
            "country": market.country,
        }

    def _amounts(self, issuer: Issuer, insider: Insider, kind: str) -> tuple[int, float | int | None]:
        """Shares, and their price in the unit that the market states (0 or None where none is paid)."""
        rng = self.rng
        median, spread, most = (70_000, 1.2, 5e6) if kind == "purchase" else (300_000, 1.3, 1e8)
        if insider.relation == "t":
            median *= 6
        value = min(most, max(5_000, median * rng.lognormvariate(0, spread)))
        quote = issuer.price * rng.uniform(0.85, 1.2)
        shares = max(1, int(value * issuer.market.unit / quote))
        if self.scenario != "clean" and kind in ("grant", "gift", "inheritance", "loan"):
            return shares, rng.choice((0, None))
        if kind == "option_exercise":
            quote *= rng.uniform(0.3, 0.8)
        return shares, round(quote, 0 if issuer.market.country == "JP" else rng.choice((2, 2, 2, 4)))

    def _another(self, line: Record, issuer: Issuer) -> Record:
        """A further tranche of the same trade."""
        price = line["price"] and round(line["price"] * self.rng.uniform(0.99, 1.01), 4)
        return line | {"shares": max(1, int(line["shares"] * self.rng.uniform(0.1, 1.5))), "price": price}

    def _decorate(self, filing: Filing, insider: Insider, kind: str) -> None:
        """Adds the optional fields of which feeds give some."""
        rng, country = self.rng, filing.issuer.market.country
        common: Record = {"url": f"https://filings.example/{country.lower()}/{filing.id}"}
        if country == "US":
            if rng.random() < 0.7:
                common["is_10b5_1"] = False
            if rng.random() < 0.6:
                common |= {flag: letter in insider.relation for flag, letter in FLAGS.items()}
        if rng.random() < 0.3:
            common["acquired_disposed"] = "D" if kind in DISPOSALS else "A"
        if self.warts.strike("cancelled_from_the_start"):
            common["status"] = rng.choice(CANCELLED_WORDS)
        elif rng.random() < 0.1:
            common["status"] = "active"
        if kind == "option_exercise" and rng.random() < 0.5:
            common["security_type"] = rng.choice(DERIVATIVES)
        for record in filing.records:
            record |= common
            self.warts.counts["minor_units"] += record["currency"] == "GBX"

    def _nested(self, filing: Filing, insider: Insider) -> Record:
        """The records of a filing as one, with one to three owners and its lines."""
        rng, records = self.rng, filing.records
        head = {name: value for name, value in records[0].items() if name not in LINE_FIELDS + OWNER_FIELDS}
        head.pop("filing_id", None)
        owners = [{name: records[0][name] for name in OWNER_FIELDS if name in records[0]}]
        others = [other for other in filing.issuer.insiders if other is not insider]
        for other in rng.sample(others, rng.choice((0, 0, 1, 2))):
            owner = {"insider_id": other.id, "insider_name": other.name, "insider_role": other.role}
            owners.append(owner | {flag: letter in other.relation for flag, letter in FLAGS.items()})
        self.warts.counts["joint_owners"] += len(owners) > 1
        if rng.random() < 0.4:
            owners = [
                {name.removeprefix("insider_"): value for name, value in owner.items()} for owner in owners
            ]
        lines: list[Any] = [
            {name: record[name] for name in LINE_FIELDS if name in record} for record in records
        ]
        for line in lines:
            # A line falls back to the record for what all lines have in common.
            if rng.random() < 0.3 and "currency" in line:
                head["currency"] = line.pop("currency")
        return head | {
            "id": filing.id,
            "owners": rng.choice((owners, owners, owners[::-1])),
            "transactions": lines,
        }


def weighted(rng: Random, items: Sequence[Any], weights: tuple[float, ...]) -> Any:
    """One of the items, each as likely as it weighs."""
    return rng.choices(items, cum_weights=_cumulative(weights))[0]


@cache
def _cumulative(weights: tuple[float, ...]) -> list[float]:
    return list(accumulate(weights))


def _ticker(number: int) -> str:
    """Four letters, different for every number below 26 to the fourth."""
    code = (number * 7919 + 12345) % 26**4
    return "".join(chr(65 + code // 26**place % 26) for place in range(4))
