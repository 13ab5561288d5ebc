"""How much a server may send, and how long it may take: without bounds one hostile or broken reply takes the machine."""

import io
import socket
import threading
import time
from functools import lru_cache, partial
from http.client import HTTPResponse
from typing import Annotated, Any

import msgspec
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection

from loader.config import read_runtime
from loader.errors import FeedError, WindowTooLargeError

_CHUNK = 64 * 1024


class Bounds(msgspec.Struct, frozen=True):
    """Keys of section ``[runtime]``; ``.dlt/config.toml`` says what each means, and the default."""

    reply_max_bytes: Annotated[int, msgspec.Meta(ge=1)]
    reply_max_values: Annotated[int, msgspec.Meta(ge=1)]
    reply_max_seconds: Annotated[float, msgspec.Meta(gt=0)]
    window_max_bytes: Annotated[int, msgspec.Meta(ge=1)]


def read_bounds() -> Bounds:
    """Read the bounds from the settings.

    Raises:
        SettingsError: one is missing or no number above 0.
    """
    return read_runtime(Bounds)


class WindowBytes:
    """Counts what is kept in memory of a window until its last page came; may be shared by threads."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._bytes = 0
        self._lock = threading.Lock()

    def add(self, count: int) -> None:
        """Count further bytes.

        Raises:
            WindowTooLargeError: the window has more than it may have.
        """
        with self._lock:
            self._bytes += count
            if self._bytes > self._bounds.window_max_bytes:
                raise WindowTooLargeError(
                    f"it has more than {self._bounds.window_max_bytes:,} bytes (window_max_bytes in [runtime] of "
                    ".dlt/config.toml)"
                )


class BoundedAdapter(HTTPAdapter):
    """Sends requests and reads their replies whole, within bounds.

    The time of a reply counts from its request to its last byte: a timeout of requests counts between two bytes.
    """

    def __init__(self, bounds: Bounds, **options: Any) -> None:
        """``options`` are those of requests' adapter."""
        super().__init__(**options)
        self._bounds = bounds

    def send(self, request: PreparedRequest, **options: Any) -> Response:
        """Give the reply with its body decoded.

        Raises:
            FeedError: a bound is reached.
        """
        response = super().send(request, **options)
        chunks, size = [], 0
        for chunk in response.iter_content(_CHUNK):
            chunks.append(chunk)
            size += len(chunk)
            if size > self._bounds.reply_max_bytes:
                response.close()
                raise _too_large(self._bounds)
        # As requests does when it reads a body itself.
        response._content = b"".join(chunks)
        return response

    def get_connection_with_tls_context(self, *arguments: Any, **options: Any) -> HTTPConnectionPool:
        """See `HTTPAdapter`; whatever the pool is, its connections are bounded."""
        pool = super().get_connection_with_tls_context(*arguments, **options)
        pool.ConnectionCls = _bounded(type(pool).ConnectionCls, self._bounds)
        return pool


class JsonAdapter(BoundedAdapter):
    """The same for replies in JSON: a value of three bytes takes a hundred in memory."""

    def send(self, request: PreparedRequest, **options: Any) -> Response:
        """See `BoundedAdapter`."""
        response = super().send(request, **options)
        # A sign within a text counts too: what is bounded is not counted too low.
        values = sum(response.content.count(sign) for sign in (b",", b"[", b"{"))
        if values > self._bounds.reply_max_values:
            raise FeedError(
                f"the reply has more than {self._bounds.reply_max_values:,} values: ask for smaller pages or windows, or "
                "raise reply_max_values in [runtime] of .dlt/config.toml"
            )
        return response


@lru_cache
def _bounded(connection: type[HTTPConnection], bounds: Bounds) -> type[HTTPConnection]:
    return type(connection.__name__, (connection,), {"response_class": partial(_Reply, bounds=bounds)})


class _Reply(HTTPResponse):
    """A reply whose every byte is counted, those of status lines, headers and trailers too."""

    def __init__(self, sock: socket.socket, *arguments: Any, bounds: Bounds, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self.fp = io.BufferedReader(_BoundedReader(self.fp.detach(), sock, bounds))


class _BoundedReader(io.RawIOBase):
    def __init__(self, raw: io.RawIOBase, sock: socket.socket, bounds: Bounds) -> None:
        self._raw, self._sock, self._bounds = raw, sock, bounds
        self._deadline = time.monotonic() + bounds.reply_max_seconds
        self._timeout = sock.gettimeout()
        # Chunks and headers take more than what they carry.
        self._left = 2 * bounds.reply_max_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        seconds = self._deadline - time.monotonic()
        is_last_wait = self._timeout is None or seconds < self._timeout
        try:
            if seconds <= 0:
                raise TimeoutError
            self._sock.settimeout(seconds if is_last_wait else self._timeout)
            count = self._raw.readinto(buffer)
        except TimeoutError:
            if is_last_wait:
                raise FeedError(
                    f"the reply takes more than {self._bounds.reply_max_seconds:g} seconds: run again later, or raise "
                    "reply_max_seconds in [runtime] of .dlt/config.toml"
                ) from None
            raise
        self._left -= count or 0
        if self._left < 0:
            raise _too_large(self._bounds)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


def _too_large(bounds: Bounds) -> FeedError:
    return FeedError(
        f"the reply has more than {bounds.reply_max_bytes:,} bytes: ask for smaller pages or windows, or raise "
        "reply_max_bytes in [runtime] of .dlt/config.toml"
    )
