"""Feeds: any paginated JSON feed of filings, described by its file alone; each is a source of its own."""

from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from typing import Annotated, Any, Literal

import msgspec
from dlt.common.jsonpath import set_value_at_path
from dlt.sources.helpers import requests
from dlt.sources.helpers.rest_client.auth import APIKeyAuth, BearerTokenAuth
from dlt.sources.helpers.rest_client.client import PageData
from dlt.sources.helpers.rest_client.paginators import (
    BasePaginator,
    OffsetPaginator,
    PageNumberPaginator,
    SinglePagePaginator,
)

from loader import clock
from loader.archive import windows
from loader.archive.archive import NamedTable, Walk, open_archive
from loader.archive.counts import Counts, Page, Record, count
from loader.archive.load import Summary, load_windows
from loader.archive.windows import ONE_DAY, Window, WindowSize, coverage, date_range, plan
from loader.config import PROJECT, read_secret, read_settings
from loader.errors import FeedError, HttpStatusError, IncompleteWalkError, SettingsError, WindowTooLargeError
from loader.http.bounds import WindowBytes, read_bounds
from loader.http.client import CursorPaginator, FeedClient, NextUrlPaginator, first_given
from loader.http.replies import Item, is_text_encoding
from loader.redaction import protect, redact
from loader.sources.feed import files
from loader.sources.feed.check import Checked
from loader.sources.feed.check import check as check_feed
from loader.sources.feed.day_filter import DayFilter
from loader.sources.feed.name import feed_name, refuse_another
from loader.sources.feed.pages import EndOfPages
from loader.sources.feed.record_ids import RecordIds, number_rows

# By one of these a feed filters.
_DATES = ("filing_date", "published_at", "accepted_at", "created_at", "updated_at")

# Where one of these or record_id has changed, what was set aside may be a record.
_OF_RECORDS = ("encoding", "path", "records_path")

Paths = str | list[str]
Positive = Annotated[int, msgspec.Meta(ge=1)]


def _table_of_paths(name: str, fields: str) -> type[msgspec.Struct]:
    named = [(field, Paths, msgspec.field(default_factory=list)) for field in fields.split()]
    return msgspec.defstruct(name, named, forbid_unknown_fields=True)


RecordPaths = _table_of_paths(
    "RecordPaths",
    "filing_id issuer_id issuer_name ticker country filing_date published_at accepted_at created_at"
    " updated_at amends_id status url",
)
OwnerPaths = _table_of_paths(
    "OwnerPaths",
    "insider_id insider_name insider_role is_director is_officer is_ten_percent_owner is_other",
)
LinePaths = _table_of_paths(
    "LinePaths",
    "line_number transaction_date transaction_type acquired_disposed shares price currency value"
    " ownership_nature security_type is_derivative is_10b5_1 linked_to_share_programme footnotes",
)


class FieldPaths(msgspec.Struct, forbid_unknown_fields=True):
    """Where the canonical fields are in a record: dotted paths, of which the first one given counts; none: not given."""

    lines: Paths = []
    owners: Paths = []
    record: RecordPaths = msgspec.field(default_factory=RecordPaths)
    owner: OwnerPaths = msgspec.field(default_factory=OwnerPaths)
    line: LinePaths = msgspec.field(default_factory=LinePaths)


class Reading(msgspec.Struct, kw_only=True):
    """What the models must know beside the paths to read a text; unset, they have a rule of their own."""

    timestamp_zone: str | None = None
    decimal_separator: Literal["auto", ".", ","] | None = None
    default_country: (
        Annotated[str, msgspec.Meta(pattern="^[A-Za-z]{2}$", description="two letters such as FR")] | None
    ) = None
    default_currency: (
        Annotated[str, msgspec.Meta(pattern="^[A-Za-z]{3}$", description="three letters such as EUR")] | None
    ) = None


class About(msgspec.Struct, kw_only=True):
    """What a feed's file says of the feed, for people, and whether a daily run loads it."""

    enabled: bool | None = None
    base_url: str | None = None
    auth: str = "none"
    about: str = ""
    verified: str = ""
    terms: str = ""


class Settings(Reading, forbid_unknown_fields=True, kw_only=True):
    """The file of a feed and its section ``[sources.<name>]``; loader/feeds/article.toml says what each key means, and the default."""

    enabled: bool | None = None
    about: str = ""
    verified: str = ""
    terms: str = ""
    base_url: Annotated[
        str, msgspec.Meta(pattern="^https?://", description="an address that begins with http:// or https://")
    ]
    path: str
    same_feed: bool
    method: Literal["GET", "POST"]
    auth: Literal["bearer", "header", "query", "none"]
    api_key_name: str | None = None
    api_key_prefix: str = ""
    pagination: Literal["cursor", "page", "offset", "next_url", "none"]
    page_size: Positive
    lag_days: Annotated[int, msgspec.Meta(ge=0)]
    start_date: date | None = None
    window: WindowSize
    time_zone: str
    from_parameter: str | None = None
    to_parameter: str | None = None
    from_is_exclusive: bool
    to_is_exclusive: bool
    page_size_parameter: str | None = None
    cursor_parameter: str
    page_parameter: str
    first_page: int
    offset_parameter: str
    sort_parameter: str | None = None
    sort_value: Any = None
    extra_parameters: dict[str, Any] = {}
    symbols: list[str] | str = []
    symbol_parameter: str | None = None
    encoding: str | None = None
    records_path: str
    cursor_path: str
    next_url_path: str
    total_path: Paths = []
    total_pages_path: Paths = []
    has_more_path: Paths = []
    no_content_statuses: list[Literal[204, 205, 400, 404, 410, 416, 422]] = []
    missing_list_is_empty: bool
    empty_page_is_last: bool
    record_id: Paths
    record_cap: Positive
    page_cap: Positive
    attempts: Positive
    second_walk: bool
    field_paths: FieldPaths

    def __post_init__(self) -> None:
        """Write the zone as the models know it, or refuse it; read the file of the symbols."""
        if self.timestamp_zone:
            self.timestamp_zone = clock.zone_name(self.timestamp_zone, "timestamp_zone", "market")
        if isinstance(self.symbols, str):
            try:
                self.symbols = (PROJECT / self.symbols).read_text(encoding="utf-8").split()
            except (OSError, ValueError) as error:
                raise SettingsError(f"symbols: the file {self.symbols} cannot be read: {error}") from None
        if self.takes_one_day and self.window != "day":
            raise SettingsError('without a to_parameter the feed takes one day alone: set window = "day"')

    @property
    def takes_one_day(self) -> bool:
        """Whether a request names one day, not two."""
        return not self.to_parameter and "{to}" not in msgspec.json.encode(self.extra_parameters).decode()

    def for_models(self) -> str:
        """How a record is read, as JSON: a list of paths for each field, what of ``Reading`` is set, and what decides
        whether it is a record; the models do not need that."""

        def lists(paths: Any) -> Any:
            return {key: lists(paths[key]) for key in paths} if isinstance(paths, dict) else _as_list(paths)

        read = lists(msgspec.to_builtins(self.field_paths))
        values = {field.name: getattr(self, field.name) for field in msgspec.structs.fields(Reading)}
        read["reading"] = {name: value for name, value in values.items() if value is not None}
        read["reading"]["records"] = {name: getattr(self, name) for name in _OF_RECORDS}
        read["reading"]["records"]["record_id"] = _as_list(self.record_id)
        if self.symbols:
            read["reading"]["records"]["symbols"] = sorted(self.symbols)
        return msgspec.json.encode(read, order="sorted").decode()

    def left_unread(self, rejected_records: int, read_by: str | None) -> bool:
        """Whether a walk that read by ``read_by`` (see `for_models`) set aside what these settings may read, or lacks a symbol."""
        if rejected_records and read_by != self.for_models():
            return True
        reading = msgspec.json.decode(read_by or "{}").get("reading", {})
        return not set(self.symbols) <= set(reading.get("records", {}).get("symbols", ()))


def read_about(name: str) -> About:
    """What a feed's file says of the feed."""
    return read_settings(name, About, partial(files.merge, files.read(name)))


def is_on(name: str) -> bool:
    """Whether a daily run loads a feed: as ``enabled`` says, else where the user has a file for it, or an address for the generic one."""
    said = read_about(name)
    if said.enabled is not None:
        return said.enabled
    return name in files.own() or (name == files.GENERIC and bool(said.base_url))


def read_feed(name: str = files.GENERIC) -> Settings:
    """The settings of a feed: those of its file, of ``.dlt/config.toml``, and of the environment.

    Raises:
        SettingsError: one of them is missing, unknown or of the wrong type.
    """
    return read_settings(name, Settings, partial(files.merge, files.read(name)))


def load(
    name: str, start_date: date | None = None, end_date: date | None = None, reconcile: bool = False
) -> Summary:
    """Load a feed into its raw archive.

    Args:
        name: of the feed.
        start_date: first day; unset, ``lag_days`` before the end of what is complete. Windows with records that were
            set aside under other settings, or loaded without one of the symbols, are then read again, too.
        end_date: last day; unset, today in UTC or in the market's zone, whichever is later.
        reconcile: walk again all that is archived, or what of it the dates leave.

    Raises:
        LoadError: the message says what happened, where, and what to do next.
    """
    settings = read_feed(name)
    feed = Feed(name, settings, read_secret(name, "api_key"))
    last_closed_day = clock.last_closed_day(settings.time_zone)
    with open_archive(name) as archive:
        if not settings.same_feed:
            refuse_another(name, feed.address, feed.field_paths, archive.last_feed(), archive.holds_records())
        start, end = date_range(
            coverage(archive.windows()),
            start_date,
            end_date,
            first_start=settings.start_date,
            lag_days=settings.lag_days,
            # East of UTC the market's day begins before: what is closed ends yesterday or, there, today.
            today=max(clock.today(), last_closed_day + ONE_DAY),
            reconcile=reconcile,
        )
        planned = plan(start, end, settings.window, last_closed_day)
        if not start_date and not reconcile:
            unread = archive.unread_windows(settings.left_unread)
            planned = [window for window in unread if window.start < start] + planned
        if settings.takes_one_day:
            planned = [day for window in planned for day in window.single_days()]
        days = feed.day_filter(feed.walk)
        return load_windows(
            archive, name, planned, days.walk, settings.attempts, lambda: days.check_empty(planned)
        )


def check(name: str, start_date: date | None = None, end_date: date | None = None) -> Checked:
    """Say what the first page of a feed holds, and whether it can be loaded; nothing is archived.

    Args:
        name: of the feed.
        start_date: first day asked for; unset, the last day and the six before it, of a feed that takes one day that day.
        end_date: last day; unset, yesterday, or the day before in the time zone of the feed.

    Raises:
        LoadError: the feed cannot be asked.
    """
    settings = read_feed(name)
    end = end_date or clock.last_closed_day(settings.time_zone)
    start = start_date or end - ONE_DAY * (0 if settings.takes_one_day else 6)
    return check_feed(
        name, Feed(name, settings, read_secret(name, "api_key")), Window(start, end, is_closed=False)
    )


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the command line options of a feed."""
    windows.add_arguments(parser)
    parser.add_argument(
        "--check", action="store_true", help="show what its first page holds; archive nothing"
    )


class Feed:
    """A configured feed."""

    def __init__(self, name: str, settings: Settings, api_key: str | None) -> None:
        """``name`` is that of the source. ``api_key``, where there is one, goes with every request.

        Raises:
            SettingsError: no request can carry it, or there is no such encoding.
        """
        if api_key and not (api_key.isascii() and api_key.isprintable()):
            raise SettingsError("the api_key has characters that no request can carry: copy it again")
        self._source = name
        self._settings = settings
        protect(api_key)
        if settings.encoding and not is_text_encoding(settings.encoding):
            raise SettingsError(f"encoding is none that is known: {settings.encoding!r}; such as latin-1")
        self._client = FeedClient(
            settings.base_url,
            self._auth(api_key),
            settings.records_path,
            settings.encoding,
            settings.no_content_statuses,
        )
        self._is_naming = False
        self.is_walked_twice = settings.second_walk
        self.address = feed_name(settings.base_url, settings.path, settings.extra_parameters)
        self.field_paths = settings.for_models()
        filing_date_paths = _as_list(settings.field_paths.record.filing_date)
        self.id_paths = _as_list(settings.record_id)
        self._ids = RecordIds(self.id_paths, filing_date_paths)

    def day_filter(self, walk: Callable[[Window, Callable[[int], None]], Iterator[NamedTable]]) -> DayFilter:
        """What checks that the feed serves the days that it is asked for, by the first records that ``walk`` gives."""
        settings = self._settings
        return DayFilter(
            walk,
            self.pages,
            [_as_list(getattr(settings.field_paths.record, name)) for name in _DATES],
            (settings.from_parameter or "{from}", settings.to_parameter or "{to}"),
            (settings.from_is_exclusive, settings.to_is_exclusive),
        )

    def walk(self, window: Window, on_page: Callable[[int], None]) -> Iterator[NamedTable]:
        """Walk ``window`` and give the archive's tables page by page.

        Raises:
            IncompleteWalkError: what was received does not come out; another walk may.
            WindowTooLargeError: the window reaches a bound: ``record_cap``, ``page_cap``, ``window_max_bytes``.
            FeedError: the feed refuses, or is not as configured.
        """
        walk = Walk(self._source, self.address, window, self.field_paths, are_numbered=self._ids.are_numbered)
        tables = walk.tables(self.pages(window), on_page)
        yield from number_rows(list(tables)) if self._ids.are_numbered else tables
        if window.is_closed and (walk.has_repeats or self.is_walked_twice):
            # Pages that shift between requests repeat one record and hide another, and the count comes out:
            # repeats are the feed's own only if it serves them a second time.
            again, contents = count(self.pages(window), window.is_closed)
            if contents != walk.contents:
                missing = (walk.contents - contents).total()
                raise IncompleteWalkError(
                    f"two walks disagree: {walk.counts.received_records:,} and {again.received_records:,} records, "
                    f"{missing:,} of the first are not in the second"
                )
            walk.second_walk = "agreed"
        yield walk.finish()

    def pages(self, window: Window) -> Iterator[Page]:
        """Give ``window`` page by page, symbol by symbol; whether the pages come out is checked of each symbol alone.

        Where there are symbols, the records that the feed declares are those of the symbols so far.

        Raises:
            IncompleteWalkError, WindowTooLargeError, FeedError: see `walk`.
        """
        held = WindowBytes(read_bounds())
        if not self._settings.symbols:
            yield from self._pages(window, None, held)
        before: int | None = 0
        for symbol in self._settings.symbols:
            counts = Counts()
            for page in self._pages(window, symbol, held):
                counts = counts.after(page)
                declared = page.reported_records
                so_far = None if before is None or declared is None else before + declared
                yield page._replace(reported_records=so_far, reported_pages=None)
            # One symbol's record too many is none that another lacks.
            declared = counts.check(window.is_closed).reported_records
            before = None if before is None or declared is None else before + declared

    def _pages(self, window: Window, symbol: str | None, held: WindowBytes) -> Iterator[Page]:
        settings = self._settings
        counts = Counts()
        by_number = settings.pagination in ("page", "offset")
        names_others = partial(self._names_others, window, symbol)
        end = EndOfPages(by_number, settings.page_cap, settings.empty_page_is_last, names_others)
        try:
            for received in self._responses(window, symbol):
                body = received.response.json()
                counts = counts.declaring(window.is_closed, **self._totals(body))
                has_more = self._has_more(body)
                held.add(len(received.response.content))
                self._check_size(counts, received)
                self._check_list(counts, received.response, has_more)
                records = [self._record(*item) for item in received]
                if counts.is_whole and end.is_known(records):
                    # All that was declared had come: the feed starts again, or gives its last page for ever.
                    return
                page = Page(records, counts.reported_records, counts.reported_pages)
                yield page
                counts = counts.after(page)
                if end.is_here(counts, window.is_closed, received.paginator, records, has_more):
                    return
        except (FeedError, IncompleteWalkError) as error:
            is_refused = isinstance(error, HttpStatusError)
            if is_refused and counts.is_whole:
                return
            asked_for = counts.received_records + settings.page_size
            if is_refused and asked_for > settings.record_cap:
                raise WindowTooLargeError(f"it reaches record_cap, where the feed answers {error}") from None
            of_symbol = f"symbol {symbol}, " if symbol else ""
            place = f"{of_symbol}page {counts.pages_requested + 1}, after {counts.received_records:,} records"
            raise type(error)(f"{place}: {error}") from None

    def _names_others(self, window: Window, symbol: str | None, count: int) -> bool:
        """Whether the feed, asked for fewer than the ``count`` records of a page that names itself, names another page.

        A feed that takes no page size does not show that: there a page is the last one if it is shorter than `page_size`.
        """
        if not self._is_naming and count > 1:
            page = next(self._responses(window, symbol, count - 1))
            if len(page) < count:
                self._is_naming = page.paginator.has_next_page and not page.paginator.stays
                return self._is_naming
        return self._is_naming or count < self._settings.page_size

    def _responses(
        self, window: Window, symbol: str | None, page_size: int | None = None
    ) -> Iterator[PageData[Item]]:
        settings = self._settings
        return self._client.paginate(
            settings.path,
            method=settings.method,
            paginator=self._paginator(),
            data_selector=settings.records_path,
            hooks={"response": []},
            allow_redirects=False,
            **{
                "json" if settings.method == "POST" else "params": self._parameters(
                    window, symbol, page_size or settings.page_size
                )
            },
        )

    def _parameters(self, window: Window, symbol: str | None, page_size: int) -> dict[str, Any]:
        settings = self._settings
        first = (window.start - ONE_DAY * settings.from_is_exclusive).isoformat()
        last = (window.end + ONE_DAY * settings.to_is_exclusive).isoformat()
        parameters = _filled(
            settings.extra_parameters, {"{from}": first, "{to}": last, "{symbol}": symbol or ""}
        )
        parameters |= {
            name: value
            for name, value in (
                (settings.from_parameter, first),
                (settings.to_parameter, last),
                (settings.page_size_parameter, page_size),
                (symbol and settings.symbol_parameter, symbol),
                (settings.sort_parameter, settings.sort_value),
            )
            if name
        }
        if settings.method == "GET":
            return parameters
        body: dict[str, Any] = {}
        for name, value in parameters.items():
            set_value_at_path(body, name, value)
        return body

    def _paginator(self) -> BasePaginator:
        settings = self._settings
        place = "body_path" if settings.method == "POST" else "param"
        match settings.pagination:
            case "cursor":
                return CursorPaginator(settings.cursor_path, **{f"cursor_{place}": settings.cursor_parameter})
            case "next_url":
                return NextUrlPaginator(settings.next_url_path)
            case "page":
                page = {f"page_{place}": settings.page_parameter}
                return PageNumberPaginator(base_page=settings.first_page, total_path=None, **page)
            case "offset":
                offset = {f"offset_{place}": settings.offset_parameter}
                limit = {f"limit_{place}": settings.page_size_parameter or "limit"}
                return OffsetPaginator(settings.page_size, total_path=None, **offset, **limit)
        return SinglePagePaginator()

    def _auth(self, api_key: str | None) -> Any:
        settings = self._settings
        if api_key is None or settings.auth == "none":
            return None
        if settings.auth == "bearer":
            return BearerTokenAuth(token=api_key)
        name = settings.api_key_name or ("X-API-Key" if settings.auth == "header" else "api_key")
        return APIKeyAuth(name=name, api_key=settings.api_key_prefix + api_key, location=settings.auth)

    def _totals(self, body: Any) -> dict[str, int]:
        totals = {}
        for name, key in (("reported_records", "total_path"), ("reported_pages", "total_pages_path")):
            declared = first_given(body, _as_list(getattr(self._settings, key)))
            if declared is not None:
                try:
                    totals[name] = msgspec.convert(declared, int, strict=False)
                except msgspec.ValidationError:
                    raise FeedError(f"what is at {key} is no number: {redact(str(declared))}") from None
        return totals

    def _has_more(self, body: Any) -> bool | None:
        declared = first_given(body, _as_list(self._settings.has_more_path))
        try:
            return msgspec.convert(declared, bool | None, strict=False)
        except msgspec.ValidationError:
            raise FeedError(
                f"what is at has_more_path is neither true nor false: {redact(str(declared))}"
            ) from None

    def _check_size(self, counts: Counts, page: PageData[Item]) -> None:
        settings = self._settings
        if max(counts.reported_records or 0, counts.received_records + len(page)) >= settings.record_cap:
            raise WindowTooLargeError(f"it reaches record_cap ({settings.record_cap:,} records)")
        due = counts.pages_requested * settings.page_size
        if settings.pagination == "offset" and page and counts.received_records != due:
            raise IncompleteWalkError(f"{due:,} were due by now (if its pages are smaller, set page_size)")

    def _check_list(self, counts: Counts, response: requests.Response, has_more: bool | None) -> None:
        """Refuse a reply without a list, unless it was the last one or the settings say that it is an empty page."""
        if response.lacks_list and has_more is not False and not counts.is_whole:
            is_error = first_given(response.json(), ["error", "errors"])
            if has_more or is_error or not self._settings.missing_list_is_empty:
                raise IncompleteWalkError(response.lacks_list)

    def _record(self, payload: str, parsed: Any, reason: str | None) -> Record:
        if reason:
            return Record(payload, None, reason)
        if not isinstance(parsed, dict):
            return Record(payload, None, "not_an_object")
        record_id = self._ids.read(payload, parsed)
        return Record(payload, record_id, "missing_id" if record_id is None else None)


def _as_list(paths: Paths) -> list[str]:
    return [paths] if isinstance(paths, str) else paths


def _filled(value: Any, marks: dict[str, str]) -> Any:
    """``value`` with what the ``marks`` in its texts stand for."""
    if isinstance(value, dict):
        return {key: _filled(item, marks) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, marks) for item in value]
    for mark, text in marks.items():
        value = value.replace(mark, text) if isinstance(value, str) else value
    return value
