"""What the server answers, without HTTP: selection, pagination, faults, and what is known when."""

import base64
import threading
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from functools import cached_property
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import msgspec
import orjson

from sandbox.archive import ALWAYS, Archive, Entry, Key
from sandbox.faults import Fault, Faults, parse

Pagination = Literal["cursor", "page", "offset", "next_url", "none"]
FILTERS = ("country", "issuer_id", "insider_id", "transaction_type")
DIRECTORIES = {
    "issuers": ("issuer_id", "issuer_name", "ticker", "country"),
    "insiders": ("insider_id", "insider_name"),
}
HTML = b"<!DOCTYPE html><html><body><h1>Request Rate Threshold Exceeded</h1></body></html>"


class Query(msgspec.Struct, frozen=True):
    """The parameters of a request; others are ignored. Dates are those of the filing, both included."""

    from_date: date | None = None
    to_date: date | None = None
    country: str | None = None
    issuer_id: str | None = None
    insider_id: str | None = None
    transaction_type: str | None = None
    page_size: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 100
    cursor: str | None = None
    page: Annotated[int, msgspec.Meta(ge=1)] | None = None
    offset: Annotated[int, msgspec.Meta(ge=0)] | None = None
    pagination: Pagination | None = None

    @property
    def filters(self) -> dict[str, str]:
        return {name: value for name in FILTERS if (value := getattr(self, name)) is not None}

    @property
    def walk(self) -> tuple:
        """What all requests of a walk have in common."""
        return self.from_date, self.to_date, *self.filters.items()


class Control(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What can be changed while the server runs; what is not given stays.

    `now` is an ISO time, or null for no limit; `faults` as in `faults`, counted anew from then; `put` are
    records added or put in the place of those with their id, served from ever; `remove` are ids of records
    to take out.
    """

    now: str | msgspec.UnsetType | None = msgspec.UNSET
    faults: str | list | msgspec.UnsetType = msgspec.UNSET
    put: list[Any] = []
    remove: list[str] = []


@dataclass(slots=True)
class Reply:
    """`ending` says how the reply ends: after its whole body, after half of it, or reset before it began."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    ending: Literal["whole", "cut", "reset"] = "whole"


@dataclass
class View:
    """Records as they are served at one time, sorted by their keys; whether they are filed under dates."""

    keys: list[Key]
    bodies: list[bytes]
    is_dated: bool = True
    _selections: dict[tuple, Sequence[int]] = field(default_factory=dict)

    def select(self, query: Query) -> Sequence[int]:
        """The positions of the records of a walk."""
        if (selection := self._selections.get(query.walk)) is None:
            selection = self._selections[query.walk] = self._select(query)
        return selection

    def _select(self, query: Query) -> Sequence[int]:
        first, end = 0, len(self.keys)
        if query.from_date and self.is_dated:
            first = bisect_left(self.keys, (str(query.from_date),))
        if query.to_date and self.is_dated:
            end = bisect_right(self.keys, str(query.to_date), key=lambda key: key[0])
        if not query.filters:
            return range(first, end)
        return [position for position in range(first, end) if _matches(self.records[position], query.filters)]

    @cached_property
    def records(self) -> list[Any]:
        return [orjson.loads(body) for body in self.bodies]

    def directory(self, fields: tuple[str, ...]) -> "View":
        """The distinct values of the first field, with the last known of the others."""
        found: dict[str, dict] = {}
        for record in self.records:
            for part in _parts(record):
                if isinstance(identity := part.get(fields[0]), str) and identity:
                    found[identity] = {name: part.get(name) for name in fields}
        items = sorted(found.items())
        return View(
            [("", identity, 0) for identity, _ in items], [orjson.dumps(item) for _, item in items], False
        )


def _parts(record: Any) -> list[dict]:
    """The objects within a record that bear its fields: itself, its owners and its transactions."""
    if not isinstance(record, dict):
        return []
    arrays = [array for name in ("owners", "transactions") if isinstance(array := record.get(name), list)]
    return [record, *(part for array in arrays for part in array if isinstance(part, dict))]


def _matches(record: Any, filters: dict[str, str]) -> bool:
    parts = _parts(record)
    return all(any(part.get(name) == value for part in parts) for name, value in filters.items())


def encode_cursor(key: Key) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(key)).decode()


def decode_cursor(cursor: str) -> Key:
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(cursor), type=tuple[str, str, int])
    except ValueError as error:
        raise ValueError("cursor is none that was given") from error


def parse_time(text: str | None) -> datetime | None:
    """An ISO time in UTC; a naive one is taken as UTC, a date as its beginning; ValueError for all else."""
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


def error(status: int, message: str, **headers: str) -> Reply:
    return Reply(status, orjson.dumps({"error": {"code": status, "message": message}}), headers=headers)


class Service:
    """The archive at a time, and the faults; used by several threads at once.

    `names` maps this protocol's names of parameters and of keys in replies to those to use in their place.
    """

    def __init__(
        self,
        archive: Archive,
        now: datetime | None = None,
        faults: str | list = "",
        pagination: Pagination = "cursor",
        with_total: bool = False,
        names: dict[str, str] | None = None,
    ):
        self.archive, self.now, self.pagination, self.with_total = archive, now, pagination, with_total
        self.names = names or {}
        self._canonical = {other: name for name, other in self.names.items()}
        self._faults = Faults(parse(faults))
        self._lock = threading.Lock()
        self._view: View | None = None
        self._directories: dict[str, View] = {}
        self._inserted = 0
        self.records_served = 0
        self.statuses: Counter[str] = Counter()

    def control(self, body: bytes) -> Reply:
        """Applies a Control; ValueError when it is none."""
        control = msgspec.json.decode(body, type=Control)
        faults = self._faults if control.faults is msgspec.UNSET else Faults(parse(control.faults))
        now = self.now if control.now is msgspec.UNSET else parse_time(control.now)
        with self._lock:
            self._faults, self.now = faults, now
            date_field, id_field = self.names.get("filing_date", "filing_date"), self.names.get("id", "id")
            for record in control.put:
                self.archive.put(record, date_field, id_field)
            for record_id in control.remove:
                self.archive.remove(record_id)
            self._view = None
        return self.stats()

    def stats(self) -> Reply:
        """What was served since the start, and what there is to serve now."""
        with self._lock:
            stats = {
                "requests": self.statuses.total(),
                "records": self.records_served,
                "statuses": self.statuses,
                "faults": self._faults.struck,
                "now": self.now,
                "available_records": len(self._current().keys),
            }
        return Reply(200, orjson.dumps(stats))

    def refuse(self) -> Reply:
        with self._lock:
            self.statuses["401"] += 1
        return error(401, "a valid API key is required")

    def answer(self, collection: str, parameters: dict[str, Any], url: str) -> Reply:
        """The reply to a request for `filings`, `issuers` or `insiders`; `url` is where the next page is."""
        parameters = {self._canonical.get(name, name): value for name, value in parameters.items()}
        with self._lock:
            try:
                query = msgspec.convert(parameters, Query, strict=False)
                reply = self._answer(collection, query, url, parameters)
            except ValueError as problem:
                reply = error(400, str(problem))
            self.statuses["reset" if reply.ending == "reset" else str(reply.status)] += 1
        return reply

    def _current(self) -> View:
        if self._view is None:
            self._view = View(*self.archive.at(self.now))
            self._directories = {}
        return self._view

    def _collection(self, collection: str) -> View:
        view = self._current()
        if collection == "filings":
            return view
        if collection not in self._directories:
            self._directories[collection] = view.directory(DIRECTORIES[collection])
        return self._directories[collection]

    def _answer(self, collection: str, query: Query, url: str, parameters: dict[str, Any]) -> Reply:
        view = self._collection(collection)
        selection = view.select(query)
        pagination = self._pagination(query)
        size = max(1, len(selection)) if pagination == "none" else query.page_size
        start = self._start(query, pagination, view, selection)
        faults: dict[str, Fault] = {}
        if collection == "filings":
            faults = self._faults.strike(start // size + 1, query.from_date, query.walk)
        delay = faults["sleep"].seconds if "sleep" in faults else 0.0
        if reply := self._instead(faults, delay):
            return reply

        total = len(selection)
        if cap := faults.get("cap"):
            selection = selection[: cap.rows]
            total = total if cap.honest else len(selection)
        if shrink := faults.get("shrink_count"):
            total = max(0, total - shrink.rows)
        rows = selection[start : start + size]
        is_last = start + size >= len(selection)
        next_cursor = None if is_last else encode_cursor(view.keys[rows[-1]])
        if "repeat_cursor" in faults:
            next_cursor = query.cursor or encode_cursor(("", "", 0))
        match pagination:
            case "page":
                pages = -(-total // size)
                about = {
                    "page": start // size + 1,
                    "page_size": size,
                    "total_pages": pages,
                    "total_count": total,
                }
            case "offset":
                about = {"offset": start, "page_size": size, "total": total}
            case "next_url":
                about = {"next_url": self._next_url(url, parameters, next_cursor)}
            case "cursor":
                about = {"next_cursor": next_cursor} | ({"total_count": total} if self.with_total else {})
            case _:
                about = {}
        bodies = [view.bodies[position] for position in self._altered(faults, selection, rows, start)]
        body = self._body(bodies, about)
        self.records_served += len(bodies)
        self._change_archive(faults, view, selection)
        if "invalid_json" in faults:
            return Reply(200, body[: len(body) // 2], delay=delay)
        return Reply(200, body, delay=delay, ending="cut" if "cut_body" in faults else "whole")

    def _pagination(self, query: Query) -> Pagination:
        if query.pagination:
            return query.pagination
        if query.page is not None:
            return "page"
        return "offset" if query.offset is not None else self.pagination

    @staticmethod
    def _start(query: Query, pagination: Pagination, view: View, selection: Sequence[int]) -> int:
        """The place in the walk at which the page begins, counted from 0."""
        match pagination:
            case "page":
                return ((query.page or 1) - 1) * query.page_size
            case "offset":
                return query.offset or 0
            case "cursor" | "next_url" if query.cursor:
                return bisect_right(selection, decode_cursor(query.cursor), key=view.keys.__getitem__)
            case _:
                return 0

    def _instead(self, faults: dict[str, Fault], delay: float) -> Reply | None:
        """The reply of a fault that needs no records."""
        if "reset" in faults:
            return Reply(200, b"", delay=delay, ending="reset")
        if fault := faults.get("status"):
            reply = error(fault.code, "fault on demand")
            if fault.retry_after is not None:
                reply.headers["Retry-After"] = str(fault.retry_after)
            elif fault.retry_after_date is not None:
                until = datetime.now(UTC) + timedelta(seconds=fault.retry_after_date)
                reply.headers["Retry-After"] = format_datetime(until, usegmt=True)
            reply.delay = delay
            return reply
        if "html" in faults:
            return Reply(200, HTML, "text/html", delay=delay)
        if "missing_results" in faults:
            return Reply(200, b'{"message":"try again later"}', delay=delay)
        return None

    @staticmethod
    def _altered(
        faults: dict[str, Fault], selection: Sequence[int], rows: Sequence[int], start: int
    ) -> Sequence[int]:
        """The rows of a page after the faults that take or add some."""
        if "empty_page" in faults:
            return []
        if fault := faults.get("leave_out"):
            rows = rows[: max(0, len(rows) - fault.rows)]
        if fault := faults.get("repeat_rows"):
            rows = [*selection[max(0, start - fault.rows) : start], *rows]
        return rows

    def _body(self, bodies: list[bytes], about: dict[str, Any]) -> bytes:
        head = orjson.dumps(self.names.get("results", "results"))
        tail = orjson.dumps({self.names.get(name, name): value for name, value in about.items()})
        return b"{" + head + b":[" + b",".join(bodies) + b"]" + (b"," if about else b"") + tail[1:]

    def _next_url(self, url: str, parameters: dict[str, Any], cursor: str | None) -> str | None:
        following = parameters | {"cursor": cursor}
        query = urlencode({self.names.get(name, name): value for name, value in following.items()})
        return f"{url}?{query}" if cursor else None

    def _change_archive(self, faults: dict[str, Fault], view: View, selection: Sequence[int]) -> None:
        """Takes out records, or adds copies of the walk's first, for the requests to come."""
        if fault := faults.get("remove"):
            for position in selection[: fault.rows]:
                self.archive.entries[view.keys[position][2]].states = [(ALWAYS, None)]
            self._view = None
        if fault := faults.get("insert"):
            records = (orjson.loads(view.bodies[position]) for position in selection)
            model = next((record for record in records if isinstance(record, dict)), {})
            copied = {name: model[name] for name in model if name not in ("filing_id", "line_number")}
            for _ in range(fault.rows if model else 0):
                self._inserted += 1
                text = msgspec.json.encode(copied | {"id": f"{model.get('id')}-inserted-{self._inserted}"})
                # An empty id sorts ahead of all others of the day.
                self.archive.entries.append(Entry(view.keys[selection[0]][0], "", [(ALWAYS, text)]))
            self._view = None
