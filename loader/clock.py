"""The only clock of the loader.

``INSIDER_FILINGS_NOW`` (ISO 8601; UTC where it bears no offset) sets it for replays and tests.
"""

import os
from argparse import ArgumentTypeError
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo, available_timezones

from loader.errors import SettingsError

# Outside these years nothing was filed, and at the ends of the calendar a day has no neighbour.
FIRST_YEAR, LAST_YEAR = 1900, 2200


def now() -> datetime:
    """The present instant, aware, in UTC."""
    fixed = os.environ.get("INSIDER_FILINGS_NOW")
    if not fixed:
        return datetime.now(UTC)
    try:
        instant = datetime.fromisoformat(fixed)
        if not FIRST_YEAR <= instant.year <= LAST_YEAR:
            raise ValueError
    except ValueError:
        raise SettingsError(
            f"INSIDER_FILINGS_NOW is no ISO 8601 time of the years {FIRST_YEAR} to {LAST_YEAR}: {fixed!r}"
        ) from None
    return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)


def today() -> date:
    """The present date in UTC."""
    return now().date()


def day(text: str) -> date:
    """A date of the command line.

    Raises:
        ArgumentTypeError: it is none.
    """
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no date: write one as 2026-03-31") from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise ArgumentTypeError(f"{text!r} is no day of the years {FIRST_YEAR} to {LAST_YEAR}")
    return found


def compare(headers: Mapping[str, str]) -> None:
    """Hold the clock against a server's: with a wrong one, days to come would be archived as complete.

    A time given in INSIDER_FILINGS_NOW is not compared, nor is a reply without a readable ``Date``.

    Args:
        headers: those of a reply; ``Age`` says how old the reply of a cache is.

    Raises:
        SettingsError: both differ by more than a day.
    """
    if os.environ.get("INSIDER_FILINGS_NOW"):
        return
    try:
        told = parsedate_to_datetime(headers["Date"])
        told = (told if told.tzinfo else told.replace(tzinfo=UTC)) + timedelta(
            seconds=int(headers.get("Age", 0))
        )
    except (KeyError, ValueError, OverflowError):
        return
    if abs(now() - told) > timedelta(days=1):
        raise SettingsError(
            f"this machine's clock says {now():%Y-%m-%d %H:%M} UTC, the server's {told:%Y-%m-%d %H:%M}: "
            "set the clock right and run again; nothing of this window was archived"
        )


def zone_name(name: str, setting: str, *others: str) -> str:
    """The IANA name of a time zone, or one of ``others``, which ``setting`` gives in upper or lower case.

    Raises:
        SettingsError: there is none.
    """
    known = {key.casefold(): key for key in (*others, *available_timezones())}
    if found := known.get(name.strip().casefold()):
        return found
    nearest = get_close_matches(name.casefold(), known, 1)
    advice = (
        f"did you mean {known[nearest[0]]}?"
        if nearest
        else ", ".join((*others, "UTC or one such as Europe/Paris"))
    )
    raise SettingsError(f"{setting}: unknown time zone {name!r}: {advice}")


def last_closed_day(time_zone: str) -> date:
    """The last day that is over in ``time_zone`` (IANA name)."""
    zone = ZoneInfo(zone_name(time_zone, "time_zone"))
    return now().astimezone(zone).date() - timedelta(days=1)
