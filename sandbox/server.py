"""HTTP servers on this machine: feeds that the demo loads, and whose replies the tests of the loader break at will."""

import hmac
import json
import socket
import struct
import threading
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

import orjson

from sandbox.archive import Archive


class Request(BaseHTTPRequestHandler):
    """A request, and the ways to answer it. Nothing is logged: addresses may hold an API key."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "sandbox", ""
    disable_nagle_algorithm = True
    server: "_Listener"

    def do_GET(self) -> None:
        self.server.local.respond(self)

    do_POST = do_GET

    def read_json(self) -> Any:
        """The body, {} where there is none."""
        return json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")

    def reset(self) -> None:
        """Closes the connection so that the other side sees a reset, not an end."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def send(self, status: int, body: bytes, headers: dict[str, str], is_cut: bool = False) -> None:
        """Answers with the body, or with its first half."""
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.close_connection |= is_cut
        self.wfile.write(body[: len(body) // 2] if is_cut else body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        return self.server.local.clock or super().date_time_string(timestamp)

    def log_message(self, *_: Any) -> None:
        pass

    def handle(self) -> None:
        with suppress(ConnectionError, ValueError):
            super().handle()


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, local: "LocalServer", port: int):
        super().__init__(("127.0.0.1", port), Request)
        self.local = local


class LocalServer:
    """Answers each request with `respond`, in a thread for each connection, at `url` while it is served.

    `clock` is what the header Date of each reply says; None: the present.
    """

    clock: str | None = None
    url = ""

    def respond(self, request: Request) -> None:
        raise NotImplementedError

    @contextmanager
    def serve(self, port: int = 0) -> Iterator[Self]:
        """Runs the server until the block ends, on a loopback address; port 0 takes a free one."""
        with _Listener(self, port) as listener:
            self.url = f"http://127.0.0.1:{listener.server_port}"
            thread = threading.Thread(target=listener.serve_forever, args=(0.02,), daemon=True)
            thread.start()
            try:
                yield self
            finally:
                listener.shutdown()
                thread.join()


class Feed(LocalServer):
    """Serves `records` by `filing_date` to GET and POST; what a test changes:

    Attributes:
        records: what is served, in this order.
        paging: cursor, page, offset, next_url or none.
        counts: whether replies declare total_count (and total_pages when paging by page).
        largest_page: the largest page size that the server grants.
        serves: whether a record of a day is served to who asks for a first and a last day.
        fault: what happens to a request, by its number from 1 and its parameters: None, `"reset"`, `"cut"`, `"hang"`,
            `(status, headers, body)`, or a function that writes the bytes of the reply to the file that it is given.
        edit: changes a reply before it is sent; gets it and the request's parameters.
        requests: what was asked: `(method, path, parameters, headers)`.
    """

    def __init__(self, records: list[Any] | None = None, paging: str = "cursor") -> None:
        self.records = records or []
        self.paging = paging
        self.counts = True
        self.largest_page = 10_000
        self.serves: Callable[[str, str, str], bool] = lambda day, first, last: first <= day <= last
        self.fault: Callable[[int, dict[str, Any]], Any] = lambda number, parameters: None
        self.edit: Callable[[dict[str, Any], dict[str, Any]], Any] = lambda reply, parameters: reply
        self.requests: list[tuple[str, str, dict[str, Any], dict[str, str]]] = []

    def found(self, first: str, last: str) -> Sequence[Any]:
        """The records of the days, both included."""
        days = [r.get("filing_date", first) if isinstance(r, dict) else first for r in self.records]
        served = (self.serves(day, first, last) for day in days)
        return [record for record, is_served in zip(self.records, served, strict=True) if is_served]

    def reply(self, parameters: dict[str, Any]) -> Any:
        """The reply to a request for one page."""
        found = self.found(parameters.get("from_date", "0"), parameters.get("to_date", "9"))
        size = min(int(parameters.get("page_size", 500)), self.largest_page)
        page = int(parameters.get("page", 1))
        start = int(parameters.get("cursor") or parameters.get("offset") or (page - 1) * size)
        if self.paging == "none":
            size = len(found)
        following = start + size if start + size < len(found) else None
        reply: dict[str, Any] = {"results": found[start : start + size]}
        if self.paging == "cursor":
            reply["next_cursor"] = following and str(following)
        if self.paging == "next_url":
            query = urlencode(parameters | {"cursor": following})
            reply["next_url"] = following and f"{self.url}/filings?{query}"
        if self.counts:
            reply["total_count"] = len(found)
            if self.paging == "page":
                reply |= {"page": page, "total_pages": -(-len(found) // size)}
        return self.edit(reply, parameters)

    def encode(self, reply: Any) -> bytes:
        """The body of a reply."""
        return reply if isinstance(reply, bytes) else json.dumps(reply).encode()

    def respond(self, request: Request) -> None:
        address = urlsplit(request.path)
        body = request.read_json() if request.command == "POST" else {}
        parameters = body | dict(parse_qsl(address.query))
        self.requests.append((request.command, address.path, parameters, dict(request.headers)))
        fault = self.fault(len(self.requests), parameters)
        if fault == "reset":
            request.reset()
        elif callable(fault):
            request.close_connection = True
            fault(request.wfile)
        else:
            if fault == "hang":
                # Tests of the loader take the waiting out of time.sleep.
                threading.Event().wait(2)
            status, headers, body = fault if isinstance(fault, tuple) else (200, {}, None)
            if body is None:
                body = self.encode(self.reply(parameters))
            if fault is not None:
                headers = {**headers, "Connection": "close"}
            request.send(status, body, headers, is_cut=fault == "cut")


class ArchiveFeed(Feed):
    """Serves the records of an archive as they are at a time, sorted by (filing date, id), to who shows the API key.

    The key comes as bearer token, in the header X-API-Key, or as the parameter api_key. POST /_control sets `now` (an ISO
    time, or null for no limit) and takes out the records whose ids are in `remove`; it replies what GET /_stats does.
    """

    def __init__(self, archive: Archive, now: str | None = None, api_key: str | None = None) -> None:
        super().__init__()
        self.archive, self.api_key = archive, api_key
        self.statuses: Counter[str] = Counter()
        self.set_now(now)

    def set_now(self, now: str | None) -> None:
        """Serves what is known at an ISO time, or everything in its last state."""
        self.now = now
        keys, self.records = self.archive.at(moment(now))
        self._days = [day for day, _, _ in keys]

    def found(self, first: str, last: str) -> Sequence[bytes]:
        return self.records[bisect_left(self._days, first) : bisect_right(self._days, last)]

    def encode(self, reply: dict[str, Any]) -> bytes:
        return orjson.dumps(reply | {"results": [orjson.Fragment(text) for text in reply["results"]]})

    def stats(self) -> dict[str, Any]:
        """How many requests were answered with each status, and how many records are served now."""
        return {
            "requests": self.statuses.total(),
            "statuses": self.statuses,
            "now": self.now,
            "available_records": len(self.records),
        }

    def respond(self, request: Request) -> None:
        path = urlsplit(request.path).path
        if path == "/_control":
            settings = request.read_json()
            for record_id in settings.get("remove", ()):
                self.archive.remove(record_id)
            self.set_now(settings.get("now", self.now))
        if path in ("/_control", "/_stats"):
            request.send(200, orjson.dumps(self.stats()), {})
            return
        status = 200 if self._is_authorized(request) else 401
        self.statuses[str(status)] += 1
        if status == 200:
            super().respond(request)
        else:
            request.send(status, b'{"error": "a valid API key is required"}', {})

    def _is_authorized(self, request: Request) -> bool:
        if self.api_key is None:
            return True
        parameters = dict(parse_qsl(urlsplit(request.path).query))
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        given = (bearer, request.headers.get("X-API-Key"), parameters.get("api_key"))
        return any(hmac.compare_digest(key.encode(), self.api_key.encode()) for key in given if key)


def moment(text: str | None) -> datetime | None:
    """An ISO time in UTC; a naive one is taken as UTC, a date as its beginning; ValueError for all else."""
    if text is None:
        return None
    instant = datetime.fromisoformat(text)
    return instant.replace(tzinfo=instant.tzinfo or UTC).astimezone(UTC)
