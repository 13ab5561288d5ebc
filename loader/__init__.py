"""Loads sources into the raw archive: ``python -m loader SOURCE``, or ``loader.load("filings_api", ...)``."""

from contextlib import nullcontext
from types import ModuleType
from typing import Any

from dlt.common.configuration.exceptions import ConfigurationException

from loader.archive.archive import ArchivedDays, archived, archived_days, archived_sources
from loader.archive.load import Summary
from loader.config import Runtime, is_set, read_runtime, read_secret, refuse_unknown_variables, refused_by_dlt
from loader.errors import DISK_ERRORS, ArchiveError, LoadError, SettingsError, with_advice
from loader.progress import told
from loader.redaction import redact
from loader.sources import ecb_rates, filings_api, prices, sec_bulk, sec_edgar
from loader.sources.feed import files
from loader.sources.feed.check import Checked

_MODULES = {module.SOURCE: module for module in (sec_edgar, sec_bulk, ecb_rates, prices)}


def known_sources() -> dict[str, ModuleType]:
    """The module of every source, by its name: each feed is one.

    Raises:
        SettingsError: a file of the user has a name that no feed can have.
    """
    return dict.fromkeys(files.names(reserved=_MODULES), filings_api) | _MODULES


def wanted_sources() -> list[str]:
    """What a daily run loads: the filing sources that the settings want (without any, the generic feed: it says what is missing), the
    rates, and prices if wanted.

    Raises:
        SettingsError: a setting or a feed's file cannot be read.
    """
    filings = [name for name in files.names(reserved=_MODULES) if filings_api.is_on(name)]
    filings += [sec_edgar.SOURCE] if is_set(sec_edgar.SOURCE, "user_agent") else []
    optional = [prices.SOURCE] if is_set(prices.SOURCE, "path") else []
    return [*(filings or [files.GENERIC]), ecb_rates.SOURCE, *optional]


def describe_feeds() -> list[str]:
    """A line for each feed: what it is and needs, how far it is verified, when it was last loaded, and through which day it is complete.

    Raises:
        LoadError: a file of a feed, or the archive, cannot be read.
    """
    names = files.names(reserved=_MODULES)
    held = archived(names)
    lines = []
    for name in names:
        about, of_archive = filings_api.read_about(name), held.get(name)
        needs = [] if about.base_url else ["base_url"]
        if about.auth != "none" and not read_secret(name, "api_key"):
            needs.append("api_key")
        loaded = "never loaded"
        if of_archive:
            covered = of_archive.covered
            through = (covered and covered.complete_through) or "no day yet"
            loaded = f"loaded {of_archive.loaded_at:%Y-%m-%d %H:%M} UTC, complete through {through}"
        is_on = "on" if filings_api.is_on(name) else "off"
        facts = [
            is_on,
            f"needs {', '.join(needs)}" if needs else "",
            about.about,
            f"verified: {about.verified or 'by nobody'}",
        ]
        lines.append(redact(f"{name}: {'; '.join(fact for fact in [*facts, about.terms, loaded] if fact)}"))
    return lines


def archived_feeds() -> list[str]:
    """The feeds that have an archive, whether their files are still there or not.

    Raises:
        ArchiveError: the database is in use or cannot be opened.
    """
    return [source for source in archived_sources() if source not in _MODULES]


def archived_filing_days() -> ArchivedDays | None:
    """The complete days of the archives of all filing sources together; None without any.

    Raises:
        ArchiveError: the database is in use or cannot be opened.
    """
    return archived_days([*archived_feeds(), sec_edgar.SOURCE, sec_bulk.SOURCE])


def load(source: str, **options: Any) -> Summary:
    """Load one source; ``options`` are those of its module's ``load``.

    Raises:
        LoadError: the message says what happened, where, and what to do next.
    """
    return _asked(source, "load", options)


def check(source: str, **options: Any) -> Checked:
    """Say what the first page of a feed holds, and whether it can be loaded; ``options`` are those of `filings_api.check`.

    Raises:
        LoadError: it cannot be asked.
    """
    return _asked(source, "check", options)


def _asked(source: str, what: str, options: dict[str, Any]) -> Any:
    try:
        modules = known_sources()
        refuse_unknown_variables(
            {name: getattr(module, "Settings", None) for name, module in modules.items()}
        )
        read_runtime(Runtime)
        with told(source) if what == "load" else nullcontext():
            function = getattr(modules[source], what)
            return function(source, **options) if modules[source] is filings_api else function(**options)
    except LoadError as error:
        error.args = (redact(str(error)),)
        raise
    except ConfigurationException as error:
        raise SettingsError(redact(str(refused_by_dlt(error)))) from None
    except DISK_ERRORS as error:
        message = f"a file could not be read or written: {' '.join(str(error).split())}"
        raise ArchiveError(redact(with_advice(message, "See to it and run again"))) from error


__all__ = [
    "LoadError",
    "Summary",
    "archived_feeds",
    "archived_filing_days",
    "check",
    "describe_feeds",
    "known_sources",
    "load",
    "wanted_sources",
]
