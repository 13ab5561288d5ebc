"""Issuers, insiders and filings of the synthetic archive, and how a filing states its ids and times."""

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.vocabulary import Market

Record = dict[str, Any]


@dataclass(slots=True)
class Insider:
    """`relation` holds a letter each for director, officer, ten percent owner and other (d, o, t, x), or `-`.

    An insider with `id` None is known by name only.
    """

    id: str | None
    name: str
    role: str
    relation: str


@dataclass(slots=True)
class Issuer:
    """`price` is in the unit that the market states; from the day `changed_on` the ticker is `new_ticker`."""

    id: str
    name: str
    market: Market
    ticker: str
    price: float
    insiders: list[Insider] = field(default_factory=list)
    changed_on: date = date.max
    new_ticker: str = ""

    def symbol(self, day: date) -> str:
        return self.new_ticker if day >= self.changed_on else self.ticker


@dataclass(slots=True)
class Filing:
    """A filing filed on `day`; `published` is the moment (UTC) from which its records are served."""

    id: str
    issuer: Issuer
    day: date
    published: datetime
    records: list[Record]

    @property
    def is_nested(self) -> bool:
        return "transactions" in self.records[0]

    def lines(self) -> list[Record]:
        """The objects that hold the lines: the records, or the transactions of the nested record."""
        return self.records[0]["transactions"] if self.is_nested else self.records

    def identify(self) -> None:
        """Gives the records their ids: the filing's own to a single record, else one a line."""
        if len(self.records) == 1:
            self.records[0]["id"] = self.id
            self.records[0].pop("filing_id", None)
        else:
            for number, record in enumerate(self.records, 1):
                record |= {"id": f"{self.id}-{number}", "filing_id": self.id, "line_number": number}
        for record in self.records:
            if "url" in record:
                record["url"] = f"https://filings.example/{self.issuer.market.country.lower()}/{self.id}"

    def refile(self, filing_id: str, day: date, published: datetime) -> "Filing":
        """The same content filed once more under another id, day and time, with no trace of the first."""
        again = Filing(filing_id, self.issuer, day, published, deepcopy(self.records))
        again.identify()
        for record in again.records:
            for name in ("accepted_at", "created_at", "published_at", "updated_at", "amends_id", "status"):
                record.pop(name, None)
            if record.get("filing_date"):
                record["filing_date"] = day.isoformat()
            stamp(record, self.issuer.market.stamp, published, self.issuer.market.zone)
        return again


@cache
def offset(zone: str, day: date) -> timedelta:
    """The zone's distance from UTC at noon of the day."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone)).utcoffset() or timedelta()


def local_date(moment: datetime, zone: str) -> date:
    return (moment + offset(zone, moment.date())).date()


def utc_text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def stamp(record: Record, manner: str, moment: datetime, zone: str) -> None:
    """States the moment of publication (UTC) in one of the manners of real feeds; `none` states nothing."""
    match manner:
        case "utc":
            record["published_at"] = utc_text(moment)
        case "accepted":
            record["accepted_at"] = _local(moment - timedelta(seconds=90), zone).isoformat()
            record["published_at"] = utc_text(moment)
        case "local":
            record["published_at"] = _local(moment, zone).isoformat()
        case "date":
            record["published_at"] = local_date(moment, zone).isoformat()
        case "naive":
            record["published_at"] = moment.replace(tzinfo=None).isoformat()
        case "created":
            record["created_at"] = utc_text(moment)


def _local(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(timezone(offset(zone, moment.date())))
