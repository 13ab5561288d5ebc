"""The project's rules in plain Python: slow, without SQL or pandas, one small function for every rule.

The models are compared with this module. It takes observations of filing records and gives

* every version of every line, with the time it was known and the time it was superseded, and
* for every day D the score of every issuer, made only of what was visible at D.

Money is `Decimal`, times are aware `datetime` in UTC, days are `date`. Nothing here reads the clock.
"""

from __future__ import annotations

import csv
import json
import math
import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import note_reading
from role_matching import Rule, match_role, read_rules, read_seniority

RECORD_FIELDS = {
    "filing_id": "name",
    "issuer_id": "name",
    "issuer_name": "name",
    "ticker": "name",
    "country": "country",
    "filing_date": "filing_date",
    "published_at": "timestamp",
    "accepted_at": "timestamp",
    "created_at": "timestamp",
    "updated_at": "timestamp",
    "amends_id": "name",
    "status": "text",
    "url": "name",
}
OWNER_FIELDS = {
    "insider_id": "name",
    "insider_name": "name",
    "insider_role": "text",
    "is_director": "boolean",
    "is_officer": "boolean",
    "is_ten_percent_owner": "boolean",
    "is_other": "boolean",
}
FLAGS = ["is_director", "is_officer", "is_ten_percent_owner", "is_other"]
LINE_FIELDS = {
    "line_number": "integer",
    "transaction_date": "transaction_date",
    "transaction_type": "text",
    "acquired_disposed": "text",
    "shares": "shares",
    "price": "price",
    "currency": "text",
    "value": "value",
    "ownership_nature": "text",
    "security_type": "text",
    "is_derivative": "boolean",
    "is_10b5_1": "boolean",
    "linked_to_share_programme": "boolean",
    "footnotes": "text",
}
# What a mapping seed says of a cell of nothing counts.
MAPPED = {"insider_role", "transaction_type", "security_type", "status"}
TIMES = ["updated_at", "published_at", "accepted_at", "created_at"]
NO_MEANING = {*TIMES, "url"}

ARTICLE = Path(__file__).resolve().parents[2] / "loader" / "feeds" / "article.toml"
DEFAULT_FIELD_PATHS = tomllib.loads(ARTICLE.read_text())["field_paths"]


# ---------------------------------------------------------------- settings and seeds


@dataclass(frozen=True)
class Settings:
    """The dbt variables. `score_start_date` None means the first availability of any line."""

    as_of_date: date
    base_currency: str = "EUR"
    role_map_version: int = 3
    score_version: int = 1
    availability_clock: str = "updated"
    minimum_buy_value: Decimal = Decimal(0)
    exclude_same_terms: bool = False
    signal_window_days: int = 30
    score_start_date: date | None = None
    first_buy_days: int = 365
    source: str = "filings_api"


@dataclass(frozen=True)
class Market:
    """One row of the seed `markets`: when a day ends there, and what currency its filings mean.

    A day ends in `time_zone`, an instant lies on the day of `day_zone`: both differ for the unknown market alone.
    """

    code: str
    time_zone: ZoneInfo
    day_zone: ZoneInfo
    cut_off: time
    default_currency: str | None

    def end_of(self, day: date) -> datetime:
        """The UTC moment at which `day` is over for filers of this market."""
        return datetime.combine(day, self.cut_off, self.time_zone).astimezone(UTC)

    def local_date(self, moment: datetime) -> date:
        """The calendar day of `moment` in this market."""
        return moment.astimezone(self.day_zone).date()


def read_seed(folder: Path, name: str) -> list[dict[str, str | None]]:
    """Rows of `folder/name.csv`; an empty cell is None."""
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [{column: cell or None for column, cell in row.items()} for row in csv.DictReader(file)]


@dataclass(frozen=True)
class Seeds:
    """The mapping seeds as the rules need them.

    seniorities: rank by role, 1 for the most senior. transaction_types: type and direction by raw code.
    currency_units: currency and units of one by raw currency. security_rules: rows in order of precedence.
    price_bounds: highest price and highest value by currency, XXX where none is known.
    """

    markets: dict[str, Market]
    seniorities: dict[str, int]
    role_rules: tuple[Rule, ...]
    transaction_types: dict[str, tuple[str, str]]
    cancelled_statuses: set[str]
    currency_units: dict[str, tuple[str, Decimal]]
    security_rules: list[dict]
    note_rules: list[note_reading.Rule]
    fund_names: dict[str, bool]
    price_bounds: dict[str, tuple[Decimal, Decimal]]
    weights: dict[str, float]

    @classmethod
    def read(cls, folder: Path, settings: Settings) -> Seeds:
        """Read the CSV files of `folder`, keeping what applies to the settings' source and versions."""

        def of_source(name: str) -> list[dict]:
            """Rows for every source first, so that rows for this source replace them."""
            rows = [row for row in read_seed(folder, name) if row["source"] in (None, "*", settings.source)]
            return sorted(rows, key=lambda row: row["source"] == settings.source)

        markets = {
            row["market"]: Market(
                row["market"],
                ZoneInfo(row["time_zone"]),
                ZoneInfo(row["day_zone"]),
                time.fromisoformat(row["cut_off"]),
                row["default_currency"],
            )
            for row in read_seed(folder, "markets")
        }
        return cls(
            markets=markets,
            seniorities=read_seniority(folder / "roles.csv"),
            role_rules=read_rules(folder / "role_map.csv"),
            transaction_types={
                row["raw_code"]: (row["transaction_type"], row["direction"])
                for row in of_source("transaction_type_map")
            },
            cancelled_statuses={
                row["raw_status"] for row in of_source("status_map") if parse_boolean(row["is_cancelled"])
            },
            currency_units={
                row["raw_currency"]: (row["currency"], Decimal(row["units_per_currency"]))
                for row in read_seed(folder, "currency_units")
            },
            security_rules=sorted(
                (row for row in read_seed(folder, "security_type_map") if row["version"] == "2"),
                key=lambda row: int(row["precedence"]),
            ),
            note_rules=note_reading.read_rules(folder),
            fund_names={row["phrase"]: row["is_fund"] == "true" for row in read_seed(folder, "fund_names")},
            price_bounds={
                row["currency"]: (Decimal(row["highest_price"]), Decimal(row["highest_value"]))
                for row in read_seed(folder, "price_bounds")
            },
            weights={
                row["term"]: float(row["weight"])
                for row in read_seed(folder, "score_weights")
                if int(row["version"]) == settings.score_version
            },
        )


# ---------------------------------------------------------------- text as values

BLANKS = " \t\r\n\u00a0\u202f"
NOTHING = {"null", "none", "nil", "undefined", "n/a", "#n/a", "<na>", "n.a.", "na.", "n./a."}
NO_VALUE = NOTHING | {"na", "nan", "nat"}
INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
# The letters, digits and signs of ASCII as East Asian keyboards write them.
FULL_WIDTH = {code + 0xFEE0: code for code in range(0x21, 0x7F)}
MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1
    )
}
EXACT = Context(prec=100)
PRECISIONS = {"shares": (20, 6), "price": (18, 6), "value": (28, 6)}


class Number(str):
    """The text of a JSON number, as it stands in the document."""


AMBIGUOUS = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")


def digits_of(text: str) -> str:
    """`text` without blanks, the apostrophes that group digits, and a trailing footnote mark."""
    digits = re.sub(f"[{BLANKS}\u2007\u2009\u2019']", "", text)
    return re.sub(r"(?<=.)\([0-9]+\)$", "", digits)


def parse_number(text: str | None, separator: str | None = ".") -> Decimal | None:
    """`text` as an exact number: digits in groups, a decimal point or comma, blanks and a trailing footnote mark are read.

    `separator` is the decimal separator of a text that can be read in two ways; with None such a text is unreadable.
    """
    digits = digits_of(text or "")
    if AMBIGUOUS.fullmatch(digits):
        group = {".": ",", ",": ".", None: None}[separator]
        return None if group is None else Decimal(digits.replace(group, "").replace(",", "."))
    for group, point in ((",", "."), (".", ",")):
        grouped = rf"[+-]?[1-9][0-9]{{0,2}}(\{group}[0-9]{{3}}){{2,}}|[+-]?[1-9][0-9]{{0,2}}(\{group}[0-9]{{3}})+\{point}[0-9]+"
        if re.fullmatch(grouped, digits):
            return Decimal(digits.replace(group, "").replace(point, "."))
    if re.fullmatch(r"[+-]?[0-9]+,[0-9]+", digits):
        return Decimal(digits.replace(",", "."))
    if re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?", digits):
        return Decimal(digits)
    return None


def shown_separators(text: str) -> set[str]:
    """The decimal separator that a number shows by itself; none where it has none, or can be read in two ways."""
    digits = text.replace(" ", "")
    if AMBIGUOUS.fullmatch(digits) or parse_number(digits) is None or re.search("[^0-9.,+-]", digits):
        return set()
    marks = [mark for mark in digits if mark in ".,"]
    if not marks or digits[-1] in ".,":
        return set()
    if len(marks) > 1 and len(set(marks)) == 1:
        return {",", "."} - set(marks)
    return {marks[-1]}


def texts_under(document: Any, names: set[str]) -> Iterable[str]:
    """Every text, not a JSON number, under one of the keys `names`, however deep."""
    if isinstance(document, list):
        for item in document:
            yield from texts_under(item, names)
    elif isinstance(document, dict):
        for key, value in document.items():
            if key in names and isinstance(value, str) and not isinstance(value, Number):
                yield value
            yield from texts_under(value, names)


def decimal_separator(
    setting: str, document: Any, names: set[str], numbers: dict[str, str | None]
) -> str | None:
    """The decimal separator of a line's numbers (shares, price, value) that can be read in two ways.

    That is the setting, or with `auto` the one that another number of the record shows, or the only one with which shares
    times price is value.
    """
    if setting != "auto":
        return setting
    shown = set().union(*(shown_separators(text) for text in texts_under(document, names)))
    if shown:
        return shown.pop() if len(shown) == 1 else None
    fitting = set()
    for separator in ".,":
        shares, price, value = (
            parse_number(text, "." if isinstance(text, Number) else separator) for text in numbers.values()
        )
        if None not in (shares, price, value) and abs(abs(shares * price) - abs(value)) < abs(value) / 100:
            fitting.add(separator)
    return fitting.pop() if len(fitting) == 1 else None


def round_decimal(number: Decimal | None, precision: int, scale: int = 6) -> Decimal | None:
    """`number` rounded half away from zero to decimal(precision, scale); None where it does not fit."""
    if number is None:
        return None
    rounded = number.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_UP, context=Context(prec=1100))
    return rounded if abs(rounded) < Decimal(10) ** (precision - scale) else None


def make_date(year: str, month: int, day: str) -> date | None:
    """The date, or None where the calendar has no such day."""
    try:
        return date(int(year), month, int(day))
    except ValueError:
        return None


def parse_date(text: str | None) -> date | None:
    """`text` as a date alone: ISO with or without an offset, `20260302`, `2026/03/02`, `02-MAR-2026`, `2 Mar 2026`, `02.03.2026`."""
    if text is None:
        return None
    text = re.sub(r"^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? +", "", text, flags=re.IGNORECASE)
    if iso := re.fullmatch(
        r"([0-9]{4})-([0-9]{2})-([0-9]{2})( ?(Z|[+-][0-9]{2}(:?[0-9]{2})?))?", text.upper()
    ):
        return make_date(iso[1], int(iso[2]), iso[3])
    if other := re.fullmatch(
        r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})|([0-9]{4})[/.]([0-9]{2})[/.]([0-9]{2})", text
    ):
        year, month, day = (part for part in other.groups() if part)
        return make_date(year, int(month), day)
    if named := re.fullmatch(r"([0-9]{1,2})[- ]([A-Za-z]{3})[- ]([0-9]{4})", text):
        return make_date(named[3], MONTHS.get(named[2].lower(), 0), named[1])
    if dotted := re.fullmatch(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})", text):
        return make_date(dotted[3], int(dotted[2]), dotted[1])
    return None


CLOCK = re.compile(
    r"([0-9]{2}):?([0-9]{2})(?::?([0-9]{2})(?:[.,]([0-9]+))?)?"
    r" ?(?:(Z|UTC?|GMT)|([+-])([0-9]{2})(?::?([0-9]{2}))?)?"
)


@dataclass(frozen=True)
class ReadTime:
    """A date alone (`clock` is None), a time without an offset, or an instant with one."""

    day: date
    clock: time | None = None
    offset: timedelta | None = None

    @property
    def may_be_a_date(self) -> bool:
        """A date alone, or midnight without an offset, as databases write dates."""
        return self.clock is None or (self.clock == time() and self.offset is None)


def read_time(text: str | None) -> ReadTime | None:
    """`text` as a date or a time; None where it can be read in no way, or in two."""
    if text is None:
        return None
    if day := parse_date(text):
        return ReadTime(day)
    epoch = re.fullmatch(r"([12][0-9]{9})([0-9]{3}|[0-9]{6}|[0-9]{9})?(?:[.,]([0-9]+))?", text)
    is_hour = len(text) == 10 and text.startswith("20") and make_time(text[8:], "0", "0")
    if epoch and not (is_hour and parse_date(text[:8])):
        micros = ((epoch[2] or "") + (epoch[3] or "") + "000000")[:6]
        moment = datetime(1970, 1, 1) + timedelta(seconds=int(epoch[1]), microseconds=int(micros))
        return ReadTime(moment.date(), moment.time(), timedelta(0))
    # The longest date that a time can stand behind.
    for length in range(len(text) - 4, 7, -1):
        clock = CLOCK.fullmatch(re.sub("^,? *T? *", "", text[length:].upper()))
        day = parse_date(text[:length])
        if day and clock:
            hour, minute, second, fraction, _, sign, offset_hour, offset_minute = clock.groups()
            moment = make_time(hour, minute, second or "0", fraction or "")
            offset = timedelta(hours=int(offset_hour or 0), minutes=int(offset_minute or 0))
            has_offset = clock[5] or sign
            if int(offset_hour or 0) > 14 or int(offset_minute or 0) > 59:
                return None
            return moment and ReadTime(
                day, moment, (-offset if sign == "-" else offset) if has_offset else None
            )
    return None


def is_of_a_filing(told: ReadTime | None) -> bool:
    """Whether a filing can be of that time; programs write 1, 1970 or 9999 where they know none."""
    return told is not None and 1990 <= told.day.year < 2200


def make_time(hour: str, minute: str, second: str, fraction: str = "") -> time | None:
    """The time of day, or None where there is none such; digits behind the millionths are cut off."""
    try:
        return time(int(hour), int(minute), int(second), int(fraction.ljust(6, "0")[:6]))
    except ValueError:
        return None


def date_of_instant(
    text: str | None, market: Market, is_filing: bool, zone: str | None = None
) -> date | None:
    """`text` as a date, where an instant may stand for one.

    Midnight in UTC or in the market is that date there. Any other instant is the market's date, as a filing date the
    later of UTC's and the market's. A transaction's time without an offset is of the market's clock.
    """
    told = read_time(text)
    if is_filing and not is_of_a_filing(told):
        return None
    if (
        told is None
        or told.may_be_a_date
        or (told.offset is None and not is_filing and zone in (None, "market"))
    ):
        return told and told.day
    moment = instant_of(told, market, zone)
    local_date = market.local_date(moment)
    if is_filing:
        return max(moment.date(), local_date)
    return moment.date() if moment.timetz() == time(tzinfo=UTC) else local_date


def instant_of(told: ReadTime, market: Market, zone: str | None = None) -> datetime:
    """`told` as a UTC time.

    `zone` says what a time without an offset means: `market`, a zone, or None for the later of UTC and the market's clock.
    """
    local = datetime.combine(told.day, told.clock or time(), UTC)
    if told.offset is not None:
        return local - told.offset
    zones = {None: (UTC, market.time_zone), "market": (market.time_zone,)}.get(zone) or (ZoneInfo(zone),)
    # Both readings of an hour that the change of clocks repeats or leaves out.
    return max(local.replace(tzinfo=meant, fold=fold).astimezone(UTC) for meant in zones for fold in (0, 1))


def parse_timestamp(text: str | None, market: Market, zone: str | None = None) -> datetime | None:
    """`text` as a UTC time: an instant, or what may be a date alone as its end in `market`.

    Midnight as it is written, in UTC or in the market may be a date.
    """
    told = read_time(text)
    if told is None or not is_of_a_filing(told):
        return None
    if told.clock is None:
        return market.end_of(told.day)
    moment = instant_of(told, market, zone)
    clocks = [datetime.combine(told.day, told.clock), moment, moment.astimezone(market.time_zone)]
    return max([moment, *(market.end_of(at.date()) for at in clocks if at.time() == time())])


def earliest_timestamp(text: str | None, market: Market, zone: str | None = None) -> datetime | None:
    """The earliest UTC time that `text` can mean: of a date alone the beginning of the day, of any other the instant."""
    told = read_time(text)
    if told is None or not is_of_a_filing(told):
        return None
    if told.clock is None:
        return datetime.combine(told.day, time(), market.time_zone).astimezone(UTC)
    return instant_of(told, market, zone)


def parse_boolean(text: str | None) -> bool | None:
    """`text` as true or false; anything else is unknown."""
    known = {
        "true": True,
        "1": True,
        "yes": True,
        "y": True,
        "false": False,
        "0": False,
        "no": False,
        "n": False,
    }
    return known.get((text or "").lower())


def parse(kind: str, text: str | None, market: Market, zone: str | None, separator: str | None) -> Any:
    """`text` as a value of `kind`, which RECORD_FIELDS, OWNER_FIELDS and LINE_FIELDS name; None: unreadable.

    `zone` is the setting `timestamp_zone` of the feed, `separator` the decimal separator of texts that can be read in two ways.
    """
    match kind:
        case "text":
            return text
        case "name":
            return plain_text(text)
        case "country":
            return text and text.upper()
        case "filing_date" | "transaction_date":
            return date_of_instant(text, market, kind == "filing_date", zone)
        case "timestamp":
            return parse_timestamp(text, market, zone)
        case "boolean":
            return parse_boolean(text)
        case "integer":
            number = parse_number(text)
            return int(number) if number is not None and number == number.to_integral_value() else None
        case _:
            number = parse_number(text, "." if isinstance(text, Number) else separator)
            return round_decimal(number, *PRECISIONS[kind])


def normalize_name(name: str | None) -> str | None:
    """A person's name as it is compared where ids are missing; None when nothing is left."""
    return (
        re.sub(f"[{BLANKS}.,;\"\u2018\u2019\u02bc\u2012-\u2015'-]+", " ", (name or "").lower()).strip()
        or None
    )


def normalize_text(text: str | None) -> str | None:
    """Text as the mapping seeds compare it; None stays None."""
    return text and re.sub(f"[{BLANKS}.()\"'\u2019\u2012-\u2015:-]+", " ", text.lower()).strip()


# ---------------------------------------------------------------- an observation as a typed filing


def clean(text: str) -> str:
    """`text` without what cannot be seen, each letter with its accents as one character.

    Any blank, hyphen or full-width character is as that of ASCII.
    """
    plain = unicodedata.normalize("NFC", INVISIBLE.sub("", text).translate(FULL_WIDTH))
    spaced = "".join(" " if letter.isspace() and letter > "\x7f" else letter for letter in plain)
    return re.sub("[\u2010\u2011\u2212\ufe63\uff0d]", "-", spaced).strip(BLANKS)


def text_of(value: Any) -> str | None:
    """A JSON value as clean text; null, empty text and empty arrays are None, an array of one value is that value.

    Other arrays and objects are their JSON text.
    """
    if (
        isinstance(value, list)
        and len(value) < 2
        and not any(isinstance(item, list | dict) for item in value)
    ):
        value = value[0] if value else None
    if value is None:
        return None
    if isinstance(value, Number):
        return value
    if isinstance(value, str):
        return clean(value) or None
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def value_at(element: Any, path: str) -> Any:
    """What lies in `element` under the dotted `path`, None where the path leads nowhere."""
    for key in path.split("."):
        element = element.get(key) if isinstance(element, dict) else None
    return element


def as_list(paths: str | list[str]) -> list[str]:
    """One path or several as a list."""
    return [paths] if isinstance(paths, str) else list(paths)


def plain_text(text: str | None) -> str | None:
    """`text`, None where it is that of an array or an object."""
    try:
        return None if isinstance(json.loads(text or ""), list | dict) else text
    except ValueError:
        return text


def given_text(text: str | None, name: str, kind: str) -> str | None:
    """`text` of the field `name`, None where that is what stands in a cell without a value."""
    nothing = NOTHING if kind in ("name", "country") else NO_VALUE
    is_nothing = (text or "").lower() in nothing or re.fullmatch("[\u2012-\u2015-]*", text or "")
    return None if is_nothing and name not in MAPPED else text


def first_text(element: Any, name: str, kind: str, paths: str | list[str]) -> str | None:
    """The first of the alternative `paths` of the field `name` that is given in `element`, as text."""
    texts = (given_text(text_of(value_at(element, path)), name, kind) for path in as_list(paths))
    return next((text for text in texts if text is not None), None)


def elements_at(record: dict, paths: str | list[str]) -> list | None:
    """The elements of the arrays at `paths` one after another; None where no array is at any of them."""
    arrays = [value for path in as_list(paths) if isinstance(value := value_at(record, path), list)]
    return [element for array in arrays for element in array] if arrays else None


@dataclass(frozen=True)
class Filing:
    """What one observation of a record says. `meaning` is equal for observations of one version."""

    market: Market
    record: dict[str, Any]
    owners: list[dict[str, Any]]
    lines: list[dict[str, Any] | None]  # None where an element is no object
    meaning: tuple
    unreadable_times: frozenset[str] = frozenset()  # times that are given and cannot be read
    earliest_times: Mapping[str, datetime | None] = field(
        default_factory=dict
    )  # what the times mean at the earliest


def paths_of(field_paths: Mapping, part: str, kinds: Mapping) -> dict[str, str | list[str]]:
    """The paths of the fields of a record, an owner or a line; a field that is not configured has its own name."""
    configured = field_paths.get(part, {})
    return {name: configured.get(name, name) for name in kinds}


def read_filing(record_id: str, payload: str, seeds: Seeds, field_paths: Mapping) -> Filing:
    """The typed fields of a payload. What a line or an owner lacks is taken from the record.

    `field_paths` has under `reading` the settings of the feed that say how texts are read.
    """
    document = json.loads(payload, parse_float=Number, parse_int=Number)

    record_paths = paths_of(field_paths, "record", RECORD_FIELDS)
    owner_paths = paths_of(field_paths, "owner", OWNER_FIELDS)
    line_paths = paths_of(field_paths, "line", LINE_FIELDS)

    record_texts = {
        name: first_text(document, name, RECORD_FIELDS[name], paths) for name, paths in record_paths.items()
    }
    # Rows that only a number tells apart are lines of one filing.
    own_filing = re.sub(r":position [0-9]+$", "", record_id)
    record_texts["filing_id"] = record_texts["filing_id"] or own_filing
    reading = field_paths.get("reading", {})
    record_texts["country"] = record_texts["country"] or reading.get("default_country")
    code = (record_texts["country"] or "").upper()
    market = seeds.markets[code if code in seeds.markets else "unknown"]

    line_elements = elements_at(document, field_paths["lines"])
    line_texts = [
        {
            name: first_text(element, name, LINE_FIELDS[name], paths)
            or first_text(document, name, LINE_FIELDS[name], paths)
            for name, paths in line_paths.items()
        }
        if isinstance(element, dict)
        else None
        for element in ([document] if line_elements is None else line_elements)
    ]
    for texts in filter(None, line_texts):
        texts["currency"] = texts["currency"] or reading.get("default_currency")
    # The further names of an owner's field (`id`) mean something else in the record around it.
    owner_texts = [
        {
            name: first_text(element, name, OWNER_FIELDS[name], paths)
            or first_text(document, name, OWNER_FIELDS[name], as_list(paths)[:1])
            for name, paths in owner_paths.items()
        }
        for element in elements_at(document, field_paths["owners"]) or [{}]
        if isinstance(element, dict)
    ]
    owner_texts = [texts for texts in owner_texts if any(text is not None for text in texts.values())]

    number_names = {path.split(".")[-1] for name in PRECISIONS for path in as_list(line_paths[name])}

    def typed(texts: dict, kinds: dict) -> dict:
        separator = None
        if kinds is LINE_FIELDS:
            numbers = {name: texts[name] for name in PRECISIONS}
            setting = reading.get("decimal_separator", "auto")
            separator = decimal_separator(setting, document, number_names, numbers)
        return {
            name: parse(kinds[name], text, market, reading.get("timestamp_zone"), separator)
            for name, text in texts.items()
        }

    def meaning(texts: dict, kinds: dict) -> tuple:
        """The typed values, with the raw text of what cannot be read."""
        values = typed(texts, kinds)
        return tuple(
            (name, values[name], text if values[name] is None else None)
            for name, text in sorted(texts.items())
            if name not in NO_MEANING
        )

    record = typed(record_texts, RECORD_FIELDS)
    record["filing_id"] = record["filing_id"] or own_filing
    return Filing(
        market=market,
        record=record,
        owners=[typed(texts, OWNER_FIELDS) for texts in owner_texts],
        lines=[texts and typed(texts, LINE_FIELDS) for texts in line_texts],
        meaning=(
            meaning(record_texts, RECORD_FIELDS),
            frozenset(meaning(texts, OWNER_FIELDS) for texts in owner_texts),
            tuple(texts and meaning(texts, LINE_FIELDS) for texts in line_texts),
        ),
        unreadable_times=frozenset(
            name for name in TIMES if record_texts[name] is not None and record[name] is None
        ),
        earliest_times={
            name: earliest_timestamp(record_texts[name], market, reading.get("timestamp_zone"))
            for name in TIMES
        },
    )


# ---------------------------------------------------------------- section 2 and 3: versions and their times

Moment = tuple[date, datetime]  # available_date and available_at: ordered by what is visible on which day


@dataclass(frozen=True)
class Version:
    """One run of unchanged meaning of a record."""

    record_id: str
    version_number: int
    filing: Filing = field(repr=False)
    first_seen_at: datetime
    available_at: datetime
    available_date: date
    is_cancelled: bool

    @property
    def filing_id(self) -> str:
        """The filing that this version says it belongs to, else the record itself."""
        return self.filing.record["filing_id"]

    @property
    def moment(self) -> Moment:
        """When this version became available."""
        return self.available_date, self.available_at


def first_given(values: Iterable) -> Any:
    """The first value that is not None, else None."""
    return next((value for value in values if value is not None), None)


def may_be_later(filing: Filing, with_updates: bool) -> bool:
    """Whether a time that cannot be read may be when the source made this known; `created_at` only without the others."""
    names = filing.unreadable_times - (set() if with_updates else {"updated_at"})
    others = ["published_at", "accepted_at", *(["updated_at"] if with_updates else [])]
    return bool(names - {"created_at"}) or bool(names and all(filing.record[name] is None for name in others))


def source_time(filing: Filing, with_updates: bool) -> datetime | None:
    """The time that the source gives to an observation; without updates, `updated_at` counts as absent.

    None where a time that cannot be read may be a newer one.
    """
    if may_be_later(filing, with_updates=True):
        return None
    return first_given(filing.record[name] for name in (TIMES if with_updates else TIMES[1:]))


def earliest_source_time(filing: Filing) -> datetime | None:
    """The earliest that the time of the source can mean."""
    if may_be_later(filing, with_updates=True):
        return None
    return first_given(filing.earliest_times[name] for name in TIMES)


def available_at(
    filing: Filing,
    first_seen_at: datetime,
    previous: Version | None,
    newest_before: datetime | None,
    clock: str,
) -> datetime:
    """When a user of the feed could have known a version that follows `previous`.

    `newest_before` is the latest source time of all earlier observations of the record.
    """
    told = source_time(filing, with_updates=clock != "published")
    filing_date = filing.record["filing_date"]
    if may_be_later(filing, with_updates=clock != "published"):
        moment = first_seen_at
    elif previous is None:
        moment = first_given([told, filing_date and filing.market.end_of(filing_date), first_seen_at])
    elif told is not None and newest_before is not None and told > newest_before:
        moment = told
    else:
        moment = first_seen_at
    never_before = [
        filing.record["published_at"],
        filing.record["accepted_at"],
        previous and previous.available_at,
        first_seen_at if clock == "observed" else None,
    ]
    return max([moment, *(bound for bound in never_before if bound is not None)])


def later_of(left: datetime | None, right: datetime | None) -> datetime | None:
    """The later of two times, of which either may be missing."""
    return max((moment for moment in (left, right) if moment is not None), default=None)


def versions_of_record(
    record_id: str, observations: list[Mapping], seeds: Seeds, settings: Settings, field_paths: Mapping
) -> list[Version]:
    """The versions of one record, oldest first. A stale observation starts no version and ends none."""
    clock = settings.availability_clock
    versions: list[Version] = []
    # Of the times before: the latest beginning of what may be a day, and the latest end.
    newest, newest_on_clock = None, None
    ordered = sorted(
        observations,
        key=lambda seen: (seen["observed_at"], seen["page_number"], seen["position"], seen["payload"]),
    )
    for seen in ordered:
        filing = read_filing(record_id, seen["payload"], seeds, field_paths)
        told = source_time(filing, with_updates=True)
        is_stale = told is not None and newest is not None and told < newest
        previous = versions[-1] if versions else None
        if not is_stale and (previous is None or filing.meaning != previous.filing.meaning):
            moment = available_at(filing, seen["observed_at"], previous, newest_on_clock, clock)
            versions.append(
                Version(
                    record_id=record_id,
                    version_number=len(versions) + 1,
                    filing=filing,
                    first_seen_at=seen["observed_at"],
                    available_at=moment,
                    available_date=filing.market.local_date(moment),
                    is_cancelled=(filing.record["status"] or "").lower() in seeds.cancelled_statuses,
                )
            )
        newest = later_of(newest, earliest_source_time(filing))
        newest_on_clock = later_of(newest_on_clock, source_time(filing, with_updates=clock != "published"))
    return versions


# ---------------------------------------------------------------- section 3: amendments


@dataclass(frozen=True)
class Link:
    """A record names what it amends. `moment` is the first availability of a version of it that does."""

    record_id: str
    filing_id: str
    names: str
    moment: Moment


def amendment_links(versions: list[Version]) -> list[Link]:
    """The links of all records; naming its own id or its own filing is no amendment."""
    first: dict[tuple[str, str], Link] = {}
    for version in versions:
        names = version.filing.record["amends_id"]
        if names is None or names in (version.record_id, version.filing_id):
            continue
        link = Link(version.record_id, version.filing_id, names, version.moment)
        known = first.get((link.record_id, names))
        if known is None or link.moment < known.moment:
            first[link.record_id, names] = link
    return list(first.values())


Target = tuple[str, str]  # ("name", what an amendment names) or ("record", a record id)


def reach(link: Link, links: list[Link], versions: list[Version]) -> dict[Target, Moment]:
    """All that `link` amends, at once or through the amendments that it amends, and when that was known.

    A name means the record of that id and the records of the filing of that id.
    """
    found: dict[Target, Moment] = {("name", link.names): link.moment}
    waiting = list(found)
    while waiting:
        kind, identifier = target = waiting.pop()
        if kind == "name":
            steps = [
                (("record", version.record_id), version.moment)
                for version in versions
                if identifier in (version.record_id, version.filing_id)
                and version.record_id != link.record_id
            ]
        else:
            steps = [
                (("name", other.names), other.moment) for other in links if other.record_id == identifier
            ]
        for step, known in steps:
            moment = max(found[target], known)
            if step not in found or moment < found[step]:
                found[step] = moment
                waiting.append(step)
    return found


@dataclass(frozen=True, order=True)
class Amendment:
    """A record amends something, at once or through others; `moment` is when that was known."""

    moment: Moment
    linked: Moment  # when the record became an amendment of the thing that leads there
    record_id: str
    filing_id: str


@dataclass(frozen=True)
class Supersession:
    """The record `record_id` takes the place of `version` at `moment`, for ever."""

    record_id: str
    version: Version
    moment: Moment


def amendments_by_target(links: list[Link], versions: list[Version]) -> dict[Target, dict[str, Amendment]]:
    """For everything that is amended the amendments of it by their record, each as it was first known."""
    amendments: dict[Target, dict[str, Amendment]] = defaultdict(dict)
    for link in links:
        for target, moment in reach(link, links, versions).items():
            amendment = Amendment(moment, link.moment, link.record_id, link.filing_id)
            known = amendments[target].get(link.record_id, amendment)
            amendments[target][link.record_id] = min(amendment, known)
    return amendments


def supersessions(versions: list[Version]) -> list[Supersession]:
    """Which record supersedes which version by amending it, or by amending the same thing later."""
    amendments = amendments_by_target(amendment_links(versions), versions)
    versions_of = defaultdict(list)
    for version in versions:
        versions_of[version.record_id].append(version)

    filings_of = defaultdict(set)  # of the records that amend something
    for by_record in amendments.values():
        for amendment in by_record.values():
            filings_of[amendment.record_id].add(amendment.filing_id)
    corrections = defaultdict(list)  # when a record came to amend records of a filing, one by one
    for (kind, identifier), by_record in amendments.items():
        if kind == "record":
            for amendment in by_record.values():
                for filing_id in filings_of[identifier]:
                    corrections[amendment.record_id, filing_id].append(amendment.moment)

    def leaves(later: Amendment, earlier: Amendment) -> bool:
        """Whether the later one then was of single records of the earlier one's filing: the others stand."""
        moments = corrections[later.record_id, earlier.filing_id]
        return later.filing_id == earlier.filing_id or any(moment <= later.moment for moment in moments)

    claims: set[tuple[str, str, Moment]] = set()  # who supersedes which record, and from when
    for (kind, identifier), by_record in amendments.items():
        ordered = sorted(by_record.values())
        if kind == "record":
            claims |= {(amendment.record_id, identifier, amendment.moment) for amendment in ordered}
        claims |= {
            (later.record_id, earlier.record_id, later.moment)
            for position, later in enumerate(ordered)
            for earlier in ordered[:position]
            if not leaves(later, earlier)
        }

    def is_answered(superseding: str, version: Version, moment: Moment) -> bool:
        """Whether by then the version's record amends the superseding one, and is not amended by it later."""
        then = max(moment, version.moment)
        own = amendments.get(("record", superseding), {}).get(version.record_id)
        if own is None or own.moment > then:
            return False
        other = amendments.get(("record", version.record_id), {}).get(superseding)
        if other is None or other.moment > then:
            return True
        return own > other

    return [
        Supersession(superseding, version, moment)
        for superseding, superseded, moment in sorted(claims)
        for version in versions_of[superseded]
        if not is_answered(superseding, version, moment)
    ]


def superseded_from(version: Version, of_record: list[Version], amended: list[Supersession]) -> Moment | None:
    """When a newer version of the record or an amendment took the place of `version`; None while it stands.

    `of_record` holds all versions of its record, `amended` the supersessions of `version`.
    """
    newer = [other.moment for other in of_record if other.version_number > version.version_number]
    return min(newer + [supersession.moment for supersession in amended], default=None)


# ---------------------------------------------------------------- section 3 and 4: owners and roles


@dataclass(frozen=True)
class OwnerRole:
    """What the role map makes of one owner."""

    owner: dict[str, Any]
    role: str | None
    is_senior: bool
    rule_id: str | None
    seniority: float

    @property
    def is_director_or_officer(self) -> bool:
        """By the relationship flags where they are given, else by the role."""
        if any(self.owner[flag] is not None for flag in FLAGS):
            return bool(self.owner["is_director"] or self.owner["is_officer"])
        others = (None, "former", "ten_percent_owner", "other", "closely_associated")
        return self.role not in others

    @property
    def is_ten_percent_owner_only(self) -> bool:
        """Known to be a ten percent or other owner and no more."""
        flagged = self.owner["is_ten_percent_owner"] or self.owner["is_other"]
        insider = self.owner["is_director"] or self.owner["is_officer"]
        return self.role == "ten_percent_owner" or bool(flagged and not insider)


def owner_roles(owners: list[dict], seeds: Seeds, version: int) -> list[OwnerRole]:
    """The role of every owner, the most senior first."""
    precedences = {rule.rule_id: rule.precedence for rule in seeds.role_rules}
    matched = []
    for owner in owners:
        flags = {flag.removeprefix("is_"): owner[flag] for flag in FLAGS}
        role, is_senior, rule_id = match_role(
            owner["insider_role"], flags, version, seeds.role_rules, seeds.seniorities
        )
        matched.append(OwnerRole(owner, role, is_senior, rule_id, seeds.seniorities.get(role, math.inf)))
    return sorted(
        matched,
        key=lambda found: (not found.is_senior, found.seniority, precedences.get(found.rule_id, math.inf)),
    )


def filing_insider(owners: list[OwnerRole]) -> dict[str, Any]:
    """The owner that stands for the filing; no owner at all is an owner of whom nothing is known."""
    ordered = sorted(
        owners,
        key=lambda found: (
            not found.is_director_or_officer,
            found.owner["insider_id"] is None,
            found.owner["insider_id"] or "",
            found.owner["insider_name"] is None,
            found.owner["insider_name"] or "",
        ),
    )
    return ordered[0].owner if ordered else dict.fromkeys(OWNER_FIELDS)


# ---------------------------------------------------------------- section 4: transaction and security types


def transaction_direction(line: dict, seeds: Seeds) -> tuple[str | None, str | None]:
    """Transaction type and direction; the feed's acquired or disposed corrects a buy or a sell."""
    raw = (line["transaction_type"] or "").lower()
    transaction_type, direction = seeds.transaction_types.get(raw, (None, None))
    stated = {"a": "buy", "acquired": "buy", "buy": "buy", "d": "sell", "disposed": "sell", "sell": "sell"}
    if direction in ("buy", "sell"):
        direction = stated.get((line["acquired_disposed"] or "").lower(), direction)
    return transaction_type, direction


# Words of a class that a company's name may have before its form: Preferred Bank, Unit Corporation.
CLASS_WORDS = {
    "preferred", "preference", "option", "options", "warrant", "warrants", "note", "notes", "unit", "units", "forward", "future", "futures",
    "contract", "bond", "bonds",
    "right", "rights", "loan", "debt",
}  # fmt: skip
COMPANY_WORDS = {
    "bank", "bancorp", "bancshares", "bankshares", "corp", "corporation", "inc", "incorporated", "co", "company", "ltd",
    "plc", "ab", "ag", "sa", "nv", "care", "apartment", "industries", "media", "air",
}  # fmt: skip
CLASSES = {"common", "ordinary", "capital", "preferred", "preference"}
PAPERS = {"stock", "share", "shares", "unit", "units"}


def security_head(text: str) -> str:
    """What a normalized title names, without words of a company's name and, for shares that are none of a fund, what `of` adds."""
    words: list[str] = []
    rest = text.split(" ")
    while rest:
        if len(rest) > 1 and rest[0] in CLASS_WORDS and rest[1].split(",")[0] in COMPANY_WORDS:
            rest = rest[2:]
            continue
        words.append(rest.pop(0))
    before = words[: words.index("of")] if "of" in words[1:-1] else words
    is_share = len(before) > 1 and before[-2] in CLASSES and before[-1] in PAPERS
    return " ".join(
        before
        if is_share and not {"fund", "funds", "etf", "etfs"} & {word.rstrip(",") for word in words}
        else words
    )


def security_class(security_type: str | None, rules: list[dict]) -> str | None:
    """The class by the first rule that matches; None where no rule does."""
    text = normalize_text(security_type)
    head = security_head(text) if text else ""
    for rule in rules if text else []:
        pattern = rule["pattern"]
        matches = {
            "whole": head == pattern,
            "phrase": f" {pattern} " in f" {head} ",
            "pattern": rule["match_kind"] == "pattern" and re.search(pattern, head) is not None,
        }
        if matches[rule["match_kind"]]:
            return rule["security_class"]
    return None


def is_derivative(line: dict, seeds: Seeds) -> bool:
    """What the record says, else what the title of the security says."""
    if line["is_derivative"] is not None:
        return line["is_derivative"]
    return security_class(line["security_type"], seeds.security_rules) == "derivative"


# ---------------------------------------------------------------- section 5: money


@dataclass(frozen=True)
class Money:
    """Amounts of a line in `currency`, and its value in the base currency."""

    shares: Decimal | None
    price: Decimal | None
    currency: str | None
    value: Decimal | None
    value_base: Decimal | None
    fx_status: str


Rates = Mapping[str, Mapping[date, Decimal]]  # units of a currency for one euro, by currency and day
LONGEST_CARRY = timedelta(days=7)


def line_currency(raw: str | None, market: Market, seeds: Seeds) -> tuple[str | None, Decimal]:
    """The currency and how many of the stated units make one of it."""
    if raw is None:
        return market.default_currency, Decimal(1)
    return seeds.currency_units.get(raw, (raw.upper(), Decimal(1)))


def fixing(currency: str, day: date, rates: Rates) -> tuple[Decimal, date] | None:
    """The last fixing of `currency` on or before `day`, at most seven days old, and its day."""
    if currency == "EUR":
        return Decimal(1), day
    known = [fixed for fixed in rates.get(currency, {}) if day - LONGEST_CARRY <= fixed <= day]
    return (rates[currency][max(known)], max(known)) if known else None


def fx_rate(currency: str | None, day: date | None, base: str, rates: Rates) -> tuple[Decimal | None, str]:
    """Units of `base` for one of `currency` on `day`, and the `fx_status` that says how it was found."""
    if currency is None:
        return None, "unknown_currency"
    if currency == base:
        return Decimal(1), "same"
    if day is None:
        return None, "no_rate"
    last_fixing = max((fixed for fixings in rates.values() for fixed in fixings), default=None)
    if last_fixing is None or day > last_fixing:
        return None, "not_loaded"
    if not all(code == "EUR" or rates.get(code) for code in (currency, base)):
        return None, "unknown_currency"
    legs = [fixing(base, day, rates), fixing(currency, day, rates)]
    if None in legs:
        return None, "no_rate"
    (of_base, base_day), (of_currency, currency_day) = legs
    return EXACT.divide(of_base, of_currency), "fixing" if base_day == currency_day == day else "carried"


def line_money(line: dict, market: Market, seeds: Seeds, base: str, rates: Rates) -> Money:
    """The money of a line, rounded to 6 digits; null is not zero."""
    currency, units = line_currency(line["currency"], market, seeds)

    def in_currency(amount: Decimal | None, kind: str) -> Decimal | None:
        return round_decimal(amount and EXACT.divide(amount, units), *PRECISIONS[kind])

    shares = line["shares"] and abs(line["shares"])
    price = in_currency(line["price"], "price")
    value = in_currency(line["value"], "value")
    if value is None and shares is not None and price is not None:
        value = round_decimal(EXACT.multiply(shares, price), *PRECISIONS["value"])
    rate, fx_status = fx_rate(currency, line["transaction_date"], base, rates)
    value_base = None
    if value is not None and rate is not None:
        value_base = round_decimal(EXACT.multiply(value, rate), *PRECISIONS["value"])
    return Money(shares, price, currency, value, value_base, fx_status)


# ---------------------------------------------------------------- section 6: what enters the signal


@dataclass(frozen=True)
class LineVersion:
    """One version of one line. The exclusion reason leaves out `below_minimum_value` and `same_terms`, which depend on D."""

    transaction_id: str
    version_number: int
    record_id: str
    filing_id: str
    market: str | None
    first_seen_at: datetime
    available_at: datetime
    available_date: date
    superseded_at: datetime | None
    superseded_date: date | None
    issuer_id: str | None
    insider_id: str | None
    insider_name: str | None
    role: str | None
    is_senior: bool
    transaction_date: date | None
    transaction_type: str | None
    direction: str | None
    security_type: str | None
    security_class: str | None
    is_derivative: bool
    ownership_nature: str | None
    shares: Decimal | None
    price: Decimal | None
    currency: str | None
    value: Decimal | None
    value_base: Decimal | None
    fx_status: str
    signal_exclusion_reason: str | None
    is_cancelled: bool
    seniority: float

    @property
    def insider(self) -> str | None:
        """Who traded, as lines of different filings are compared: the id, else the normalized name."""
        return self.insider_id or normalize_name(self.insider_name)

    def is_visible(self, day: date) -> bool:
        """Whether the line is visible at `day`."""
        return self.available_date <= day and (self.superseded_date is None or day < self.superseded_date)


OPEN_MARKET = ("open_market_purchase", "open_market_sale")


@dataclass(frozen=True)
class Trade:
    """A line as its companions are found."""

    line: dict
    money: Money
    direction: str | None
    is_derivative: bool

    def is_acquired(self) -> bool:
        """Whether the line says so itself, or its code does."""
        stated = (self.line["acquired_disposed"] or "").lower()
        return self.direction == "buy" or stated in ("a", "acquired", "buy")

    def is_companion(self, other: Trade) -> bool:
        """Whether another line was acquired in the same trade: a right in a simple ratio, or more at the same price."""
        price = self.money.price or None
        if not other.is_acquired() or self.line["transaction_date"] != other.line["transaction_date"]:
            return False
        if not other.is_derivative:
            is_same_title = self.line["security_type"] == other.line["security_type"] is not None
            return (
                other.direction == "buy"
                and is_same_title
                and price == other.money.price
                and price is not None
            )
        amounts = sorted([self.money.shares or 0, other.money.shares or 0])
        if not amounts[0] or GRANT.search((other.line["security_type"] or "").lower()):
            return False
        twelfths = 12 * amounts[1] / amounts[0]
        return twelfths <= 120 and abs(twelfths - round(twelfths)) < Decimal("0.05")

    def is_one_for_one(self, other: Trade) -> bool:
        """Whether a companion is a right for each share, at no price of its own."""
        prices = {self.money.price or None, other.money.price or None} - {None}
        return other.is_derivative and self.money.shares == other.money.shares and len(prices) < 2


GRANT = re.compile("option|appreciation|restricted|performance|phantom|deferred|award")


def tells_of_no_market(
    trade: Trade, others: list[Trade], rules: list[note_reading.Rule], issuer_name: str | None
) -> bool:
    """Whether the filing says of a buy of shares that it was none on the market."""
    if trade.direction != "buy" or trade.is_derivative:
        return False
    own = note_reading.with_issuer_named(trade.line["footnotes"] or "", issuer_name)
    said = own and note_reading.reading(own, rules)
    if said:
        return said.reason not in note_reading.ON_MARKET
    companions = [other for other in others if trade.is_companion(other)]
    notes = [
        note_reading.with_issuer_named(other.line["footnotes"], issuer_name)
        for other in companions
        if other.line["footnotes"]
    ]
    titles = [
        (other.line["security_type"] or "").lower() for other in companions if trade.is_one_for_one(other)
    ]
    of_titles = [rule.pattern for rule in rules if rule.scope == "companion"]
    return note_reading.placement(None, notes, rules) is not None or any(
        pattern.search(title) for pattern in of_titles for title in titles
    )


def class_of(version: Version, line: dict, seeds: Seeds) -> str | None:
    """The class of a line's security; what a fund issues is none of a company."""
    kind = security_class(line["security_type"], seeds.security_rules)
    issuer = f" {normalize_name(version.filing.record['issuer_name']) or ''} "
    found = [is_fund for phrase, is_fund in seeds.fund_names.items() if f" {phrase} " in issuer]
    return "fund" if kind in (None, "common") and found and all(found) else kind


def exclusion_reason(
    version: Version,
    line: dict,
    kind: str | None,
    is_derivative: bool,
    transaction_type: str | None,
    direction: str | None,
    roles: list[OwnerRole],
    is_placement: bool,
) -> str | None:
    """The first reason that keeps a line out of the signal, None for one that enters."""
    traded = line["transaction_date"]
    reasons = {
        "cancelled": version.is_cancelled,
        "missing_issuer": version.filing.record["issuer_id"] is None,
        "missing_transaction_date": traded is None,
        "implausible_date": traded is not None
        and (traded < date(1990, 1, 1) or traded > version.available_date),
        "derivative": is_derivative,
        "not_common_equity": kind in ("preferred", "note", "unit", "fund"),
        "not_open_market": transaction_type not in OPEN_MARKET,
        "not_a_buy": direction != "buy",
        "planned_trade": line["is_10b5_1"] is True,
        "placement_or_plan": is_placement,
        "linked_to_share_programme": line["linked_to_share_programme"] is True,
        "ten_percent_owner_only": bool(roles) and all(found.is_ten_percent_owner_only for found in roles),
    }
    return next((reason for reason, applies in reasons.items() if applies), None)


# ---------------------------------------------------------------- section 7: events


@dataclass(frozen=True)
class Event:
    """What one insider did at one issuer on one day in one way, as visible at D."""

    issuer_id: str | None
    insider: str | None
    transaction_date: date | None
    transaction_type: str | None
    direction: str | None
    line_count: int
    shares: Decimal | None
    price: Decimal | None
    value: Decimal | None
    value_base: Decimal | None
    role: str | None
    is_senior: bool
    first_available_at: datetime


def event_key(line: LineVersion) -> tuple:
    """What makes lines one event."""
    return line.issuer_id, line.insider, line.transaction_date, line.transaction_type, line.direction


def total(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of the known amounts, None where none is known."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None


def make_event(key: tuple, lines: list[LineVersion]) -> Event:
    """The event of `lines`, all of which have the event key `key`."""
    priced = [line for line in lines if line.price is not None and line.shares is not None]
    weight = total(line.shares for line in priced)
    paid = total(EXACT.multiply(line.shares, line.price) for line in priced)
    most_senior = min(lines, key=lambda line: (not line.is_senior, line.seniority, line.role or ""))
    return Event(
        *key,
        line_count=len(lines),
        shares=total(line.shares for line in lines),
        price=round_decimal(EXACT.divide(paid, weight), *PRECISIONS["price"]) if weight else None,
        value=total(line.value for line in lines),
        value_base=total(line.value_base for line in lines),
        role=most_senior.role,
        is_senior=most_senior.is_senior,
        first_available_at=min(line.available_at for line in lines),
    )


# ---------------------------------------------------------------- section 8: the issuer score


@dataclass(frozen=True)
class Score:
    """One row of `issuer_scores`: an issuer with at least one buy in the window that ends on `as_of_date`."""

    as_of_date: date
    issuer_id: str
    total_buy_value: Decimal
    distinct_buyers: int
    senior_buyer_flag: int
    last_buy_date: date
    days_since_last_buy: int
    score: float
    transaction_ids: tuple[str, ...]
    rank: int = 0


def distinct_buyers(buys: list[LineVersion], issuer_lines: list[LineVersion]) -> int:
    """How many insiders made the buys; `issuer_lines` are all lines of the issuer that are visible."""
    ids_of_name = defaultdict(set)
    for line in issuer_lines:
        if line.insider_id is not None:
            ids_of_name[normalize_name(line.insider_name)].add(line.insider_id)
    buyers = set()
    for line in buys:
        name = normalize_name(line.insider_name)
        if line.insider_id is not None:
            buyers.add(line.insider_id)
        elif name is not None:
            buyers.add(min(ids_of_name[name], default=f"name:{name}"))
    return len(buyers)


def issuer_score(
    day: date,
    issuer_id: str,
    buys: list[LineVersion],
    issuer_lines: list[LineVersion],
    weights: dict[str, float],
) -> Score:
    """The score of an issuer at `day` from its eligible buys; the rank is set by `ranked`."""
    value = sum((line.value_base for line in buys if line.value_base is not None), Decimal(0))
    buyers = distinct_buyers(buys, issuer_lines)
    senior = int(any(line.is_senior for line in buys))
    last_buy_date = max(line.transaction_date for line in buys)
    days = (day - last_buy_date).days
    score = (
        weights["log_buy_value"] * math.log(1 + max(value, Decimal(0)))
        + weights["distinct_buyers"] * buyers
        + weights["senior_buyer"] * senior
        + weights["days_since_last_buy"] * days
    )
    ids = tuple(sorted(line.transaction_id for line in buys))
    return Score(day, issuer_id, value, buyers, senior, last_buy_date, days, score, ids)


def ranked(scores: list[Score]) -> list[Score]:
    """The scores of one day with their ranks, the best first."""
    ordered = sorted(scores, key=lambda row: (-round(row.score, 9), row.issuer_id))
    return [replace(row, rank=rank) for rank, row in enumerate(ordered, start=1)]


# ---------------------------------------------------------------- everything together


class Reference:
    """The rules applied to one archive.

    observations: mappings with record_id, payload (JSON text), observed_at (aware), page_number and position.
    rates: units of a currency for one euro, by currency and fixing day.
    """

    def __init__(
        self,
        observations: Iterable[Mapping],
        seeds: Seeds,
        settings: Settings,
        rates: Rates,
        field_paths: Mapping = DEFAULT_FIELD_PATHS,
    ) -> None:
        self.seeds = seeds
        self.settings = settings
        self.rates = rates

        of_record = defaultdict(list)
        for seen in observations:
            of_record[clean(seen["record_id"])].append(seen)

        versions_of = {
            record_id: versions_of_record(record_id, of_record[record_id], seeds, settings, field_paths)
            for record_id in sorted(of_record)
        }
        self.versions = [version for versions in versions_of.values() for version in versions]
        self.supersessions = supersessions(self.versions)
        self.lines: list[LineVersion] = []
        amended = defaultdict(list)
        for supersession in self.supersessions:
            amended[id(supersession.version)].append(supersession)
        for version in self.versions:
            superseded = superseded_from(version, versions_of[version.record_id], amended[id(version)])
            self.lines += self.lines_of_version(version, superseded)

    def lines_of_version(self, version: Version, superseded: Moment | None) -> list[LineVersion]:
        """The lines of a version, superseded never before they were available."""
        filing, settings = version.filing, self.settings
        roles = owner_roles(filing.owners, self.seeds, settings.role_map_version)
        insider = filing_insider(roles)
        trades = {
            ordinal: Trade(
                line,
                line_money(line, filing.market, self.seeds, settings.base_currency, self.rates),
                transaction_direction(line, self.seeds)[1],
                is_derivative(line, self.seeds),
            )
            for ordinal, line in enumerate(filing.lines, start=1)
            if line is not None
        }
        lines = []
        for ordinal, trade in trades.items():
            line, money = trade.line, trade.money
            transaction_type, direction = transaction_direction(line, self.seeds)
            kind = class_of(version, line, self.seeds)
            others = [other for number, other in trades.items() if number != ordinal]
            lines.append(
                LineVersion(
                    transaction_id=f"{settings.source}:{version.record_id}:{ordinal}",
                    version_number=version.version_number,
                    record_id=version.record_id,
                    filing_id=version.filing_id,
                    market=filing.market.code if filing.market.code != "unknown" else None,
                    first_seen_at=version.first_seen_at,
                    available_at=version.available_at,
                    available_date=version.available_date,
                    superseded_at=superseded and max(superseded[1], version.available_at),
                    superseded_date=superseded and max(superseded[0], version.available_date),
                    issuer_id=filing.record["issuer_id"],
                    insider_id=insider["insider_id"],
                    insider_name=insider["insider_name"],
                    role=roles[0].role if roles else None,
                    is_senior=bool(roles) and roles[0].is_senior,
                    transaction_date=line["transaction_date"],
                    transaction_type=transaction_type,
                    direction=direction,
                    security_type=line["security_type"],
                    security_class=kind,
                    is_derivative=trade.is_derivative,
                    ownership_nature=line["ownership_nature"],
                    shares=money.shares,
                    price=money.price,
                    currency=money.currency,
                    value=money.value,
                    value_base=money.value_base,
                    fx_status=money.fx_status,
                    signal_exclusion_reason=exclusion_reason(
                        version,
                        line,
                        kind,
                        trade.is_derivative,
                        transaction_type,
                        direction,
                        roles,
                        tells_of_no_market(
                            trade, others, self.seeds.note_rules, version.filing.record["issuer_name"]
                        ),
                    ),
                    is_cancelled=version.is_cancelled,
                    seniority=roles[0].seniority if roles else math.inf,
                )
            )
        return lines

    def visible(self, day: date) -> list[LineVersion]:
        """Section 2: the lines visible at `day`."""
        return [line for line in self.lines if line.is_visible(day)]

    def superseding_filings(self, day: date) -> set[str]:
        """Section 3: the filings that supersede, at `day`, an available line of another filing."""
        filings_of = defaultdict(set)
        for version in self.versions:
            if version.available_date <= day:
                filings_of[version.record_id].add(version.filing_id)
        return {
            filing_id
            for supersession in self.supersessions
            if supersession.moment[0] <= day
            and supersession.version.available_date <= day
            and any(supersession.version.filing.lines)
            for filing_id in filings_of[supersession.record_id]
            if filing_id != supersession.version.filing_id
        }

    def duplicates(self, day: date) -> set[str]:
        """Section 3: the transaction ids of the visible lines that another filing stands for at `day`."""
        superseding = self.superseding_filings(day)
        groups = defaultdict(list)
        for line in self.visible(day):
            present = (
                line.issuer_id,
                line.insider,
                line.transaction_date,
                line.shares,
                line.price,
                line.direction,
            )
            if None in present or line.is_cancelled or line.filing_id in superseding:
                continue
            same = (
                line.transaction_type,
                normalize_text(line.security_type),
                line.currency,
                line.ownership_nature,
            )
            groups[present + same].append(line)
        duplicates = set()
        for lines in groups.values():
            standing = min(lines, key=lambda line: (line.available_at, line.transaction_id)).filing_id
            duplicates |= {line.transaction_id for line in lines if line.filing_id != standing}
        return duplicates

    def standing(self, day: date) -> list[LineVersion]:
        """The visible lines that are neither duplicates nor cancelled at `day`."""
        duplicates = self.duplicates(day)
        return [
            line
            for line in self.visible(day)
            if line.transaction_id not in duplicates and not line.is_cancelled
        ]

    def events(self, day: date) -> dict[tuple, Event]:
        """Section 7: the events of the standing lines by their key."""
        groups = defaultdict(list)
        for line in self.standing(day):
            groups[event_key(line)].append(line)
        return {key: make_event(key, lines) for key, lines in groups.items()}

    def same_terms_buyers(self, day: date) -> dict[str, int]:
        """Section 6: by standing purchase of shares, how many insiders bought on the same day at its price or in its lot."""
        lines_of_issuer = defaultdict(list)
        for line in self.visible(day):
            lines_of_issuer[line.issuer_id].append(line)
        purchases_of_day = defaultdict(list)
        for line in self.standing(day):
            is_purchase = line.direction == "buy" and line.transaction_type in OPEN_MARKET
            if is_purchase and not line.is_derivative:
                kind = line.security_class or "common"
                purchases_of_day[line.issuer_id, line.transaction_date, kind].append(line)
        counts = {}
        for (issuer_id, traded, _), purchases in purchases_of_day.items():
            for line in purchases:
                at_price = [
                    other
                    for other in purchases
                    if None not in (line.price, issuer_id, traded)
                    and (other.price, other.currency) == (line.price, line.currency)
                ]
                in_lot = [
                    other
                    for other in purchases
                    if None not in (line.shares, issuer_id, traded) and other.shares == line.shares
                ]
                counts[line.transaction_id] = max(
                    1, *(distinct_buyers(same, lines_of_issuer[issuer_id]) for same in (at_price, in_lot))
                )
        return counts

    def price_flags(self, day: date) -> dict[str, str]:
        """Section 5: what looks wrong of the visible open-market lines, by transaction id."""

        def key(line: LineVersion) -> tuple:
            return line.currency, line.security_class or "common"

        lines = [
            line
            for line in self.visible(day)
            if line.transaction_type in OPEN_MARKET and not line.is_derivative
        ]
        of_issuer = defaultdict(list)
        for line in lines:
            if line.issuer_id is not None:
                of_issuer[line.issuer_id, *key(line)].append(line)

        def usual(amounts: Iterable[Decimal | float | None], enough: int) -> float | None:
            known = [float(amount) for amount in amounts if amount is not None and amount > 0]
            return median(known) if len(known) >= enough else None

        @cache
        def usual_in_market(name: str, market: str | None, currency: str | None, kind: str) -> float | None:
            by_class, by_market = [], []
            for (_, other_currency, other_kind), own in of_issuer.items():
                own_market = min((other.market for other in own if other.market is not None), default=None)
                if (own_market, other_currency) == (market, currency):
                    number = usual((getattr(other, name) for other in own), 1)
                    by_market.append(number)
                    if other_kind == kind:
                        by_class.append(number)
            # A class that no issuer of the market has is not looked at.
            return (usual(by_class, 5) or usual(by_market, 5)) if by_class else None

        flags = {}
        for line in lines:
            own = usual((other.price for other in of_issuer.get((line.issuer_id, *key(line)), [])), 3)
            market_price = usual_in_market("price", line.market, *key(line))
            market_shares = usual_in_market("shares", line.market, *key(line))
            price, shares = line.price, line.shares
            highest_price, highest_value = self.seeds.price_bounds.get(
                line.currency or "XXX", (None, Decimal("inf"))
            )
            reasons = {
                "not_positive": price is not None and price <= 0,
                "far_above_issuer_median": None not in (price, own) and price > 10 * own,
                "far_below_issuer_median": None not in (price, own) and price < own / 10,
                "far_above_market_median": None not in (price, market_price) and price > 1000 * market_price,
                "above_any_price": None not in (price, highest_price) and price > highest_price,
                "over_100000": highest_price is None
                and price is not None
                and price > 100_000
                and (market_price is None or price > 100 * market_price),
                "shares_far_above_market_median": None not in (shares, market_shares)
                and shares > 100_000 * market_shares,
                "over_billion_shares": shares is not None and shares > 10**9,
                "above_any_value": line.value is not None and line.value > highest_value,
            }
            flag = next((name for name, applies in reasons.items() if applies), None)
            if flag:
                flags[line.transaction_id] = flag
        return flags

    def eligible_buys(self, day: date) -> list[LineVersion]:
        """Section 6 and 8: the lines that enter the scores of `day`."""
        events = self.events(day)
        same_terms = self.same_terms_buyers(day) if self.settings.exclude_same_terms else {}
        first_day = day - timedelta(days=self.settings.signal_window_days)

        def is_below_minimum(line: LineVersion) -> bool:
            value_base = events[event_key(line)].value_base
            return value_base is not None and value_base < self.settings.minimum_buy_value

        return [
            line
            for line in self.standing(day)
            if line.signal_exclusion_reason is None
            and first_day <= line.transaction_date <= day
            and not is_below_minimum(line)
            and same_terms.get(line.transaction_id, 1) < 3
        ]

    def scores(self, day: date) -> list[Score]:
        """Section 8: the ranked scores of `day`."""
        lines_of_issuer = defaultdict(list)
        for line in self.visible(day):
            lines_of_issuer[line.issuer_id].append(line)
        buys_of_issuer = defaultdict(list)
        for line in self.eligible_buys(day):
            buys_of_issuer[line.issuer_id].append(line)
        return ranked(
            [
                issuer_score(day, issuer_id, buys, lines_of_issuer[issuer_id], self.seeds.weights)
                for issuer_id, buys in buys_of_issuer.items()
            ]
        )

    def clusters(self, day: date) -> dict[str, tuple[int, Decimal, date, date]]:
        """Section 8: of the issuers that two or more bought in 14 days up to `day`: how many, for how much, from when to when."""
        lines_of_issuer, buys_of_issuer = defaultdict(list), defaultdict(list)
        for line in self.visible(day):
            lines_of_issuer[line.issuer_id].append(line)
        for line in self.eligible_buys(day):
            if line.transaction_date >= day - timedelta(days=13):
                buys_of_issuer[line.issuer_id].append(line)
        found = {}
        for issuer_id, buys in buys_of_issuer.items():
            buyers = distinct_buyers(buys, lines_of_issuer[issuer_id])
            days = [line.transaction_date for line in buys]
            value = sum((line.value_base or Decimal(0) for line in buys), Decimal(0))
            if buyers >= 2:
                found[issuer_id] = (buyers, value, min(days), max(days))
        return found

    def first_buys(self, day: date) -> dict[str, bool | None]:
        """Section 8: whether each purchase of shares is its insider's first for a time; of an archive without a silent half-year."""
        begin = min(version.available_date for version in self.versions)
        purchases = [
            line
            for line in self.standing(day)
            if line.transaction_type in OPEN_MARKET
            and line.direction == "buy"
            and not line.is_derivative
            and None not in (line.issuer_id, line.insider, line.transaction_date)
        ]
        found: dict[str, bool | None] = {}
        for line in purchases:
            since = line.transaction_date - timedelta(days=self.settings.first_buy_days)
            is_known = begin <= since
            is_repeat = any(
                (other.issuer_id, other.insider) == (line.issuer_id, line.insider)
                and since <= other.transaction_date < line.transaction_date
                for other in purchases
            )
            found[line.transaction_id] = False if is_repeat else True if is_known else None
        return found

    def all_scores(self) -> list[Score]:
        """The scores of every day from the first availability (or `score_start_date`) to `as_of_date`."""
        first = self.settings.score_start_date or min(
            (line.available_date for line in self.lines), default=self.settings.as_of_date
        )
        days = (self.settings.as_of_date - first).days
        return [row for offset in range(days + 1) for row in self.scores(first + timedelta(days=offset))]
