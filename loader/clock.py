"""The only clock of the loader.

``INSIDER_FILINGS_NOW`` (ISO 8601; UTC where it bears no offset) sets it for replays and tests.
"""

import os
from argparse import ArgumentTypeError
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from loader.errors import SettingsError


def now() -> datetime:
    """The present instant, aware, in UTC."""
    fixed = os.environ.get("INSIDER_FILINGS_NOW")
    if not fixed:
        return datetime.now(UTC)
    try:
        instant = datetime.fromisoformat(fixed)
    except ValueError:
        raise SettingsError(f"INSIDER_FILINGS_NOW is no ISO 8601 time: {fixed!r}") from None
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
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no date: write one as 2026-03-31") from None


def last_closed_day(time_zone: str) -> date:
    """The last day that is over in ``time_zone`` (IANA name)."""
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise SettingsError(f"unknown time zone {time_zone!r}: name one such as Europe/Paris") from None
    return now().astimezone(zone).date() - timedelta(days=1)
