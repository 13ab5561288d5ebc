"""Write the calendar seeds: exchange sessions and business holidays.

    python -m tools.make_calendars [--seeds FOLDER]

Writes `exchange_hours.csv`, `exchange_exceptions.csv` and `business_holidays.csv` for the calendars that
`markets.csv` names, from the packages `exchange_calendars` and `holidays`. All ranges are explicit, so the output depends
on the versions of the packages alone, never on today.

An exchange calendar is stored as its regular hours (weekdays of trading and local opening, each for a half-open range of
dates) and the days that differ from them: `closed` (a regular weekday without a session), `extra` (a session on another
weekday) and `special_open` (a session with another opening). The last `valid_to` of a calendar is the end of what the
package knows: beyond it there is no session.
"""

import argparse
import csv
import functools
from calendar import SATURDAY
from pathlib import Path
from typing import NamedTuple

import exchange_calendars
import holidays
import pandas as pd
from exchange_calendars import ExchangeCalendar

SEEDS = Path(__file__).resolve().parent.parent / "seeds"
FIRST_DAY = pd.Timestamp("1990-01-01")
LAST_DAY = pd.Timestamp("2035-12-31")
ONE_DAY = pd.Timedelta(days=1)
FIRST_HOLIDAY_YEAR = 2001
LAST_HOLIDAY_YEAR = 2035

# Every weekday is a session, as for a market that is not known; it opens when the day begins in the first time zone: what
# was known before that was known before any exchange opened.
WEEKDAYS_CALENDAR = {"trading_weekdays": "1111100", "opens_at": "00:00:00", "time_zone": "Etc/GMT-14"}

# Options of the package `holidays` for a country: where the regulator's own place decides (England for the FCA, Ontario for
# the OSC, New South Wales for ASX), and where the law puts more days on a level with public holidays (Sweden: the eves of
# Midsummer, Christmas and New Year, lag (1930:173) om beräkning av lagstadgad tid, section 2).
HOLIDAY_OPTIONS = {
    "AU": {"subdiv": "NSW"},
    "CA": {"subdiv": "ON"},
    "GB": {"subdiv": "ENG"},
    "SE": {"categories": ("public", "de_facto")},
}


class Hours(NamedTuple):
    """Regular hours of an exchange from `valid_from` until before `valid_to`; `trading_weekdays` like 1111100, Monday first."""

    exchange_calendar: str
    valid_from: str
    valid_to: str
    trading_weekdays: str
    opens_at: str
    time_zone: str


class SessionException(NamedTuple):
    """A day that differs from the regular hours; `opens_at` (local) is empty for a closed day."""

    exchange_calendar: str
    session_date: str
    kind: str
    opens_at: str


class Holiday(NamedTuple):
    """A weekday that is no business day."""

    business_calendar: str
    holiday_date: str
    name: str


@functools.cache
def known_calendar(name: str) -> ExchangeCalendar:
    """Calendar `name` over a few weeks that every calendar knows: for its properties, not for its sessions."""
    return exchange_calendars.get_calendar(name, start="2026-02-02", end="2026-03-02")


def weekday_periods(name: str) -> list[tuple[pd.Timestamp, pd.Timestamp, str]]:
    """First day, last day and trading weekdays of each period of calendar `name` with the same weekdays, in order.

    Together they cover what the package knows of the calendar between FIRST_DAY and LAST_DAY.
    """
    calendar = known_calendar(name)
    first = max(FIRST_DAY, calendar.bound_min() or FIRST_DAY)
    last = min(LAST_DAY, calendar.bound_max() or LAST_DAY)
    periods = []
    for start, end, weekdays in getattr(calendar, "special_weekmasks", []):
        if start and first < start:
            periods.append((first, start - ONE_DAY, calendar.weekmask))
        periods.append((start or first, end, weekdays))
        first = end + ONE_DAY
    return [*periods, (first, last, calendar.weekmask)]


def session_openings(name: str) -> pd.Series:
    """Local opening (HH:MM:SS) of every session of calendar `name`, by session date.

    Each period of equal trading weekdays is made as a calendar of its own: pandas 3.1 steps through days without asking
    the package's offset for several week masks, and so drops the sessions on the other weekdays.
    """
    calendar_class = type(known_calendar(name))
    openings = []
    for start, end, weekdays in weekday_periods(name):
        period_class = type(name, (calendar_class,), {"weekmask": weekdays, "special_weekmasks": []})
        openings.append(period_class(start, end).opens)
    return pd.concat(openings).dt.tz_convert(calendar_class.tz).dt.strftime("%H:%M:%S")


def regular_hours(name: str) -> list[Hours]:
    """The regular hours of calendar `name`: a new row wherever the trading weekdays or the standard opening change."""
    calendar = known_calendar(name)
    standard = [(since or pd.Timestamp.min, opening.isoformat()) for since, opening in calendar.open_times]
    rows = []
    for start, end, weekdays in weekday_periods(name):
        starts = [start, *(since for since, _ in standard if start < since <= end)]
        for since, until in zip(starts, [*starts[1:], end + ONE_DAY], strict=True):
            opens_at = [opening for valid_from, opening in standard if valid_from <= since][-1]
            period = (str(since.date()), str(until.date()))
            rows.append(Hours(name, *period, weekdays, opens_at, str(calendar.tz)))
    return rows


def session_exceptions(name: str) -> list[SessionException]:
    """Every day of calendar `name` that its regular hours get wrong."""
    regular = []
    for hours in regular_hours(name):
        step = pd.offsets.CustomBusinessDay(weekmask=hours.trading_weekdays)
        dates = pd.date_range(hours.valid_from, hours.valid_to, freq=step, inclusive="left")
        regular.append(pd.Series(hours.opens_at, index=dates))
    days = pd.DataFrame({"regular": pd.concat(regular), "actual": session_openings(name)}).fillna("")
    days["kind"] = "special_open"
    days.loc[days["actual"] == "", "kind"] = "closed"
    days.loc[days["regular"] == "", "kind"] = "extra"
    differing = days[days["regular"] != days["actual"]]
    return [
        SessionException(name, str(day.date()), row.kind, row.actual) for day, row in differing.iterrows()
    ]


def country_or_bank_holidays(name: str) -> holidays.HolidayBase:
    """Holidays of business calendar `name`: a country, or `EU` for the closing days of the ECB's payment system."""
    years = range(FIRST_HOLIDAY_YEAR, LAST_HOLIDAY_YEAR + 1)
    if name == "EU":
        return holidays.financial_holidays("ECB", years=years, language="en_US")
    return holidays.country_holidays(name, years=years, language="en_US", **HOLIDAY_OPTIONS.get(name, {}))


def business_holidays(name: str) -> list[Holiday]:
    """The weekdays that are no business days in business calendar `name`, in order."""
    calendar = country_or_bank_holidays(name)
    return [Holiday(name, str(day), calendar[day]) for day in sorted(calendar) if day.weekday() < SATURDAY]


def market_calendars(markets: Path, kind: str) -> list[str]:
    """The calendars in column `kind` of the seed `markets`, in order, each once, without `weekdays`."""
    with markets.open(encoding="utf-8", newline="") as file:
        return sorted({row[kind] for row in csv.DictReader(file)} - {"weekdays"})


def write_seed(path: Path, rows: list[NamedTuple]) -> None:
    """Write `rows` (at least one, of one kind) to `path`, with the names of their fields as header."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(rows[0]._fields)
        writer.writerows(rows)


def main() -> None:
    """Write the three seeds into the folder given by `--seeds`."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--seeds", type=Path, default=SEEDS, help="folder with markets.csv, and for the seeds"
    )
    folder = parser.parse_args().seeds

    exchanges = market_calendars(folder / "markets.csv", "exchange_calendar")
    always = Hours("weekdays", str(FIRST_DAY.date()), str((LAST_DAY + ONE_DAY).date()), **WEEKDAYS_CALENDAR)
    hours = [row for name in exchanges for row in regular_hours(name)]
    write_seed(folder / "exchange_hours.csv", [*hours, always])
    exceptions = [row for name in exchanges for row in session_exceptions(name)]
    write_seed(folder / "exchange_exceptions.csv", exceptions)
    countries = market_calendars(folder / "markets.csv", "business_calendar")
    write_seed(
        folder / "business_holidays.csv", [row for name in countries for row in business_holidays(name)]
    )


if __name__ == "__main__":
    main()
