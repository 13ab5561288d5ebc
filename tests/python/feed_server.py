"""A small HTTP feed of filings, with faults placed exactly."""

import json
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit


def filing(number: int, day: str, **fields: Any) -> dict[str, Any]:
    """A record in the article's shape, filed on ``day``."""
    return {"id": f"F-{number}", "issuer_id": "I-1", "filing_date": day, "shares": number} | fields


def filings(count: int, month: str = "2026-01") -> list[dict[str, Any]]:
    """``count`` records, spread over the first 28 days of ``month``."""
    return [filing(number, f"{month}-{1 + number % 28:02d}") for number in range(count)]


class FeedServer:
    """Serves ``records`` by ``filing_date``; what a test changes:

    Attributes:
        records: what is served, in this order.
        paging: cursor, page, offset, next_url or none.
        counts: whether replies declare total_count (and total_pages when paging by page).
        largest_page: the largest page size that the server grants.
        serves: whether a record of a day is served to who asks for a first and a last day.
        fault: what happens to a request, by its number from 1 and its parameters: None, ``"reset"``,
            ``"cut"``, ``"hang"``, ``(status, headers, body)``, or a function that writes the bytes of the reply to
            the file that it is given.
        clock: what the header Date of each reply says; None: the present.
        edit: changes a reply before it is sent; gets it and the request's parameters.
        requests: what was asked: ``(method, path, parameters, headers)``.
    """

    def __init__(self, records: list[Any] | None = None, paging: str = "cursor") -> None:
        self.records = records or []
        self.paging = paging
        self.counts = True
        self.largest_page = 10_000
        self.serves: Callable[[str, str, str], bool] = lambda day, first, last: first <= day <= last
        self.fault: Callable[[int, dict[str, Any]], Any] = lambda number, parameters: None
        self.clock: str | None = None
        self.edit: Callable[[dict[str, Any], dict[str, Any]], Any] = lambda reply, parameters: reply
        self.requests: list[tuple[str, str, dict[str, Any], dict[str, str]]] = []
        self.url = ""

    def reply(self, parameters: dict[str, Any]) -> Any:
        """The reply to a request for one page."""
        first, last = parameters.get("from_date", "0"), parameters.get("to_date", "9")
        days = [
            record.get("filing_date", first) if isinstance(record, dict) else first for record in self.records
        ]
        found = [
            record for record, day in zip(self.records, days, strict=True) if self.serves(day, first, last)
        ]
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

    @contextmanager
    def serve(self):
        """Run the server in a thread; ``url`` is where."""
        feed = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                address = urlsplit(self.path)
                self._answer(address.path, dict(parse_qsl(address.query)))

            def do_POST(self) -> None:
                address = urlsplit(self.path)
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self._answer(address.path, body | dict(parse_qsl(address.query)))

            def _answer(self, path: str, parameters: dict[str, Any]) -> None:
                feed.requests.append((self.command, path, parameters, dict(self.headers)))
                fault = feed.fault(len(feed.requests), parameters)
                if fault == "reset":
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.close_connection = True
                    self.connection.close()
                    return
                if callable(fault):
                    self.close_connection = True
                    fault(self.wfile)
                    return
                if fault == "hang":
                    threading.Event().wait(2)
                status, headers, body = fault if isinstance(fault, tuple) else (200, {}, None)
                if body is None:
                    reply = feed.reply(parameters)
                    body = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if fault is not None:
                    self.send_header("Connection", "close")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body[: len(body) // 2] if fault == "cut" else body)

            def date_time_string(self, timestamp: float | None = None) -> str:
                return feed.clock or super().date_time_string(timestamp)

            def log_message(self, *_: Any) -> None:
                pass

            def handle(self) -> None:
                with suppress(ConnectionError, ValueError):
                    super().handle()

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        self.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
