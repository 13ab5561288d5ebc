"""An archive of records, each with the states that it went through, and the reading of one from a folder."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import msgspec
import orjson

ALWAYS = datetime.min.replace(tzinfo=UTC)
SOURCE_TIMES = ("updated_at", "published_at", "accepted_at", "created_at")

Key = tuple[str, str, int]


@dataclass(slots=True)
class Entry:
    """One record of the archive.

    `day` (ISO) is the filing date that the archive files it under, whatever the record says; `id` the text
    that it sorts by within the day. `states` are the record's JSON texts with the time (UTC) from which
    each is served, oldest first; None for a record that is served no longer.
    """

    day: str
    id: str
    states: list[tuple[datetime, bytes | None]]

    def at(self, now: datetime | None) -> bytes | None:
        """The JSON text served at `now`, or in the end when that is None; None before the first state."""
        if now is None:
            return self.states[-1][1]
        position = bisect_right(self.states, now, key=lambda state: state[0])
        return self.states[position - 1][1] if position else None


@dataclass
class Archive:
    """Entries in no order, and how often each wart was put into them."""

    entries: list[Entry] = field(default_factory=list)
    warts: Counter[str] = field(default_factory=Counter)

    def at(self, now: datetime | None = None) -> tuple[list[Key], list[bytes]]:
        """What is served at `now` (None: in the end): sorted keys (day, id, entry's number), JSON texts."""
        served = [
            ((entry.day, entry.id, number), body)
            for number, entry in enumerate(self.entries)
            if (body := entry.at(now)) is not None
        ]
        served.sort(key=lambda pair: pair[0])
        return [key for key, _ in served], [body for _, body in served]

    def records(self, now: datetime | None = None) -> list[Any]:
        """The records served at `now`, parsed, in the order of serving."""
        return [orjson.loads(body) for body in self.at(now)[1]]

    def remove(self, record_id: str) -> None:
        """Takes out the records with this id; the numbers of the others stay."""
        for entry in self.entries:
            if entry.id == record_id:
                entry.states = [(ALWAYS, None)]

    def first_day(self) -> str:
        """The first filing date (ISO) there is."""
        return min((entry.day for entry in self.entries if entry.day), default="1970-01-01")


def read_folder(folder: Path) -> Archive:
    """The archive of a folder's *.json (one record or a list each) and *.jsonl files, by name.

    Records are served as they are written. Those of one id are states of one record, each served from its
    source time: the first readable of updated_at, published_at, accepted_at, created_at, the end of the
    filing date; a date alone means its end, a naive time is UTC. A record without a readable filing date is
    filed under the first there is.

    Raises ValueError for a file that is not JSON, and FileNotFoundError for a folder that is none.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"no such folder: {folder}")
    archive = Archive()
    by_id: dict[str, Entry] = {}
    for text in _texts(folder):
        entry = _entry(text)
        known = by_id.setdefault(entry.id, entry) if entry.id else entry
        if known is entry:
            archive.entries.append(entry)
        else:
            known.states += entry.states
            known.states.sort(key=lambda state: state[0])
    first_day = archive.first_day()
    for entry in archive.entries:
        entry.day = entry.day or first_day
    return archive


def _texts(folder: Path) -> Iterator[bytes]:
    """The JSON text of each record."""
    for path in sorted(folder.iterdir()):
        content = path.read_bytes().strip()
        try:
            if path.suffix == ".jsonl":
                yield from (
                    bytes(msgspec.json.decode(line, type=msgspec.Raw))
                    for line in content.splitlines()
                    if line
                )
            elif path.suffix == ".json" and content.startswith(b"["):
                yield from map(bytes, msgspec.json.decode(content, type=list[msgspec.Raw]))
            elif path.suffix == ".json":
                yield bytes(msgspec.json.decode(content, type=msgspec.Raw))
        except msgspec.DecodeError as error:
            raise ValueError(f"{path.name}: {error}") from error


def _entry(text: bytes) -> Entry:
    """The entry of a record that has one state; its day is empty when the filing date is not readable."""
    record = orjson.loads(text)
    fields = record if isinstance(record, dict) else {}
    identity, filing_date = fields.get("id"), fields.get("filing_date")
    source_times = (_moment(fields.get(name)) for name in SOURCE_TIMES)
    known_from = next(filter(None, source_times), _end_of_day(filing_date) or ALWAYS)
    return Entry(_day(filing_date), "" if identity is None else str(identity), [(known_from, text)])


def _day(text: Any) -> str:
    try:
        return date.fromisoformat(str(text)[:10]).isoformat()
    except ValueError:
        return ""


def _end_of_day(text: Any) -> datetime | None:
    day = _day(text)
    return datetime.combine(date.fromisoformat(day), time.max, UTC) if day else None


def _moment(text: Any) -> datetime | None:
    if isinstance(text, str) and len(text) == 10:
        return _end_of_day(text)
    try:
        moment = datetime.fromisoformat(str(text))
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
