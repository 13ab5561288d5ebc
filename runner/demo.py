"""The demo's data: synthetic filings and prices, which the sandbox serves. No other module of the runner imports the sandbox."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import sandbox
import sandbox.prices
from runner.settings import PROJECT, Files, forget_sources

FILINGS = 4000
FOLDER = PROJECT / "demo"


@contextmanager
def served() -> Iterator[Files]:
    """Serves the filings and writes the prices; the environment names both as sources, and the files of the demo are its own."""
    # Not where the environment says: those files may hold the filings of a real feed.
    files = Files.in_folder(FOLDER, environment={})
    forget_sources()
    os.environ["DLT_DATA_DIR"] = str(FOLDER / ".dlt_data")
    # The sandbox's archive ends here; with the machine's own day the result would change every day.
    os.environ["INSIDER_FILINGS_NOW"] = "2026-04-01T13:00:00Z"
    os.environ["SOURCES__FILINGS_API__START_DATE"] = "2025-01-01"
    os.environ["SOURCES__FILINGS_API__API_KEY"] = "demo"
    with sandbox.serve(scenario="realistic", filings=FILINGS, api_key="demo") as api:
        os.environ["SOURCES__FILINGS_API__BASE_URL"] = api.url
        # It listens on another port each time.
        os.environ["SOURCES__FILINGS_API__SAME_FEED"] = "true"
        os.environ["SOURCES__PRICES__PATH"] = str(FOLDER / "prices")
        sandbox.prices.write(FOLDER / "prices", sandbox.generate("realistic", filings=FILINGS))
        yield files
