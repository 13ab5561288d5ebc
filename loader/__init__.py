"""Loads sources into the raw archive: ``python -m loader SOURCE``, or ``loader.load("filings_api", ...)``."""

from typing import Any

from dlt.common.configuration.exceptions import ConfigurationException

from loader.archive.load import Summary
from loader.config import Runtime, read_runtime, refuse_unknown_variables, refused_by_dlt
from loader.errors import DISK_ERRORS, ArchiveError, LoadError, SettingsError, with_advice
from loader.progress import told
from loader.redaction import redact
from loader.sources import ecb_rates, filings_api, prices, sec_bulk, sec_edgar

SOURCES = {module.SOURCE: module for module in (filings_api, sec_edgar, sec_bulk, ecb_rates, prices)}


def load(source: str, **options: Any) -> Summary:
    """Load one source; ``options`` are those of its module's ``load``.

    Raises:
        LoadError: the message says what happened, where, and what to do next.
    """
    try:
        refuse_unknown_variables(
            {name: getattr(module, "Settings", None) for name, module in SOURCES.items()}
        )
        read_runtime(Runtime)
        with told(source):
            return SOURCES[source].load(**options)
    except LoadError as error:
        error.args = (redact(str(error)),)
        raise
    except ConfigurationException as error:
        raise SettingsError(redact(str(refused_by_dlt(error)))) from None
    except DISK_ERRORS as error:
        message = f"a file could not be read or written: {' '.join(str(error).split())}"
        raise ArchiveError(redact(with_advice(message, "See to it and run again"))) from error


__all__ = ["SOURCES", "LoadError", "Summary", "load"]
