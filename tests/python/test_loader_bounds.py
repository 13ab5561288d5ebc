"""How much a server may send and how long it may take: no hostile or broken reply takes the machine."""

import json
import subprocess
import sys
import time
import zlib
from datetime import date
from pathlib import Path

import pytest
from feed_server import filings
from project import PROJECT

import loader
from loader.sources.sec.client import SecClient, Settings

pytest_plugins = ("loader_fixtures",)

JANUARY = {"start_date": date(2026, 1, 1), "end_date": date(2026, 1, 31)}
MEGABYTE = 1_000_000
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def endlessly(piece: bytes, head: bytes = b"", pause: float = 0):
    """A reply that goes on for as long as it is read."""

    def write(file) -> None:
        file.write(head)
        while True:
            file.write(piece)
            file.flush()
            time.sleep(pause)

    return write


def gzip_bomb(decoded: int, head: bytes = HEAD):
    """A reply of valid JSON, a thousandth of its size as it is sent."""

    def write(file) -> None:
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        file.write(head + b"Content-Encoding: gzip\r\nConnection: close\r\n\r\n")
        file.write(packer.compress(b'{"results": ["'))
        for _ in range(decoded // MEGABYTE):
            file.write(packer.compress(b"0" * MEGABYTE))
        file.write(packer.compress(b'"]}') + packer.flush())

    return write


TOO_LARGE = {
    "a body without an end": endlessly(b"0" * 65536, HEAD + b'\r\n{"results": ["'),
    "chunks without an end": endlessly(
        b"10000\r\n" + b"0" * 65536 + b"\r\n", HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    ),
    "chunks of nothing but extensions": endlessly(
        b"1;" + b"x" * 9000 + b"\r\n0\r\n", HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    ),
    "trailers without an end": endlessly(
        b"X-Trailer: 1\r\n" * 999, HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n"
    ),
    "interim replies without an end": endlessly(b"HTTP/1.1 100 Continue\r\n\r\n" * 999),
    "a gzip bomb": gzip_bomb(900 * MEGABYTE),
    "an error of a gzip bomb": gzip_bomb(900 * MEGABYTE, HEAD.replace(b"200", b"400")),
}
TOO_SLOW = {
    "a body": endlessly(b"0", HEAD + b'\r\n{"results": ["', 0.05),
    "a body in one-byte chunks": endlessly(b"1\r\n0\r\n", HEAD + b"Transfer-Encoding: chunked\r\n\r\n", 0.05),
    "headers": endlessly(b"X", HEAD, 0.05),
    "a status line": endlessly(b"H", b"", 0.05),
}

# Loads each of the days by itself, and says how much memory that took at most.
MEASURE = """
import re, sys
from pathlib import Path
import loader.__main__
for day in sys.argv[1:]:
    loader.__main__.main(["filings_api", "--start-date", day, "--end-date", day])
    print(int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]) // 1000)
"""


def measured(*days: str) -> tuple[list[int], str]:
    """Megabytes after the load of each day, and what was said."""
    command = [sys.executable, "-c", MEASURE, *days]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=120, check=True)
    return [int(line) for line in done.stdout.splitlines() if line.isdigit()], done.stderr


needs_linux = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="measures as Linux counts")


@needs_linux
def test_memory_is_bounded_by_what_a_reply_may_have(archive, feed, monkeypatch):
    monkeypatch.setenv("RUNTIME__REPLY_MAX_BYTES", str(4 * MEGABYTE))
    monkeypatch.setenv("RUNTIME__REPLY_MAX_VALUES", "100000")
    hostile = {f"2026-01-{2 + number:02d}": fault for number, fault in enumerate(TOO_LARGE.values())}
    hostile["2026-01-31"] = (200, {}, b'{"results": [' + b"{}," * 1_200_000 + b"{}]}")
    feed.fault = lambda _, asked: hostile.get(asked["from_date"])
    (plain, *peaks), errors = measured("2026-01-01", *hostile)
    assert len(peaks) == len(hostile) == len(TOO_LARGE) + 1
    assert errors.count("more than 4,000,000 bytes") == errors.count("reply_max_bytes") == len(TOO_LARGE)
    assert errors.count("more than 100,000 values") == errors.count("reply_max_values") == 1
    # The pieces of a body, the body, and what is on its way.
    assert max(peaks) < plain + 30


@needs_linux
def test_memory_is_bounded_by_what_a_window_may_have(archive, feed, monkeypatch):
    """Pages that are no fault by themselves, with new cursors for ever."""
    monkeypatch.setenv("RUNTIME__WINDOW_MAX_BYTES", str(20 * MEGABYTE))
    feed.counts = False
    feed.edit = lambda _, asked: (
        {
            "results": [{"id": str(len(feed.requests)), "text": "0" * MEGABYTE}],
            "next_cursor": str(len(feed.requests)),
        }
        if asked["from_date"] > "2026-01-01"
        else {"results": []}
    )
    (plain, peak), errors = measured("2026-01-01", "2026-01-02")
    assert "more than 20,000,000 bytes" in errors
    assert "window_max_bytes" in errors
    assert peak < plain + 120


@pytest.mark.parametrize("fault", TOO_SLOW.values(), ids=TOO_SLOW)
def test_a_reply_that_trickles_is_given_up(archive, feed, monkeypatch, fault):
    monkeypatch.setenv("RUNTIME__REPLY_MAX_SECONDS", "0.5")
    feed.fault = lambda *_: fault
    before = time.monotonic()
    with pytest.raises(loader.LoadError, match=r"more than 0\.5 seconds.*reply_max_seconds"):
        archive.walk()
    assert time.monotonic() - before < 5
    assert len(feed.requests) == 1


def test_headers_without_an_end_are_given_up(archive, feed):
    feed.fault = lambda *_: endlessly(b"X-Header: 1\r\n" * 50, HEAD)
    with pytest.raises(loader.LoadError, match=r"no answer .*100 headers"):
        archive.walk()
    assert len(feed.requests) == 3


def test_a_short_silence_is_tried_again_a_long_reply_is_not(archive, feed, monkeypatch):
    monkeypatch.setenv("RUNTIME__REQUEST_TIMEOUT", "0.3")
    feed.records, feed.fault = filings(3), lambda number, _: "hang" if number == 1 else None
    assert loader.load("filings_api", **JANUARY).received_records == 3


def test_what_is_within_the_bounds_comes_whole(archive, feed, monkeypatch):
    feed.records = [filings(1)[0] | {"text": "0" * MEGABYTE}]
    size = len(json.dumps(feed.reply({})).encode())
    monkeypatch.setenv("RUNTIME__REPLY_MAX_BYTES", str(size))
    assert loader.load("filings_api", **JANUARY).received_records == 1
    monkeypatch.setenv("RUNTIME__REPLY_MAX_BYTES", str(size - 1))
    with pytest.raises(loader.LoadError, match="reply_max_bytes"):
        archive.walk()


def test_a_window_of_too_many_bytes_is_split(archive, feed, monkeypatch):
    feed.records = [record | {"text": "0" * 1000} for record in filings(28)]
    monkeypatch.setenv("RUNTIME__WINDOW_MAX_BYTES", "20000")
    archive.configure(page_size=5)
    assert loader.load("filings_api", **JANUARY).windows == 2
    assert len(archive.payloads()) == 28


@pytest.mark.parametrize(
    ("fault", "bound"),
    [(TOO_LARGE["a gzip bomb"], "reply_max_bytes"), (TOO_SLOW["a body"], "reply_max_seconds")],
)
def test_the_sec_is_bounded_too(archive, feed, monkeypatch, fault, bound):
    monkeypatch.setenv("RUNTIME__REPLY_MAX_BYTES", str(MEGABYTE))
    # On a busy machine the megabyte takes more than a second.
    monkeypatch.setenv("RUNTIME__REPLY_MAX_SECONDS", "1" if bound == "reply_max_seconds" else "60")
    feed.fault = lambda *_: fault
    settings = Settings(
        base_url=feed.url,
        user_agent="Jane Doe jane@example.com",
        requests_per_second=0,
        workers=1,
        attempts=2,
        lag_days=0,
    )
    with pytest.raises(loader.LoadError, match=f"^a/file: the reply .*{bound}"):
        SecClient(settings).fetch(["a/file"], bytes)
    assert len(feed.requests) == 1


@pytest.mark.parametrize("value", ["0", "-1", "many", '""'])
def test_a_bound_is_a_number(archive, feed, monkeypatch, value):
    monkeypatch.setenv("RUNTIME__REPLY_MAX_BYTES", value)
    with pytest.raises(loader.LoadError, match=r"reply_max_bytes.*\[runtime\]"):
        archive.walk()
    assert feed.requests == []
