"""What a load says on stderr while it works: that it starts, how far it is, and each retry with its reason and time."""

import os
import pty
import re
import subprocess
import sys
import termios

import pytest
from feed_server import FeedServer, filings
from project import PROJECT

import loader

pytest_plugins = ("loader_fixtures",)

JANUARY = ("filings_api", "--start-date", "2026-01-01", "--end-date", "2026-01-31")
# As often as a test can wait for.
SCRIPT = (
    "import sys, loader.progress, loader.__main__; loader.progress.EVERY_SECONDS = 0.3;"
    "sys.exit(loader.__main__.main(sys.argv[1:]))"
)


def lines_of(*arguments: str) -> list[str]:
    """The lines of a load on stderr, which is no terminal, without their times."""
    command = [sys.executable, "-c", SCRIPT, *arguments]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=60)
    lines = done.stderr.splitlines()
    told = lines if done.returncode == 0 else lines[:-1]
    assert all(re.match(r"\d\d:\d\d:\d\d ", line) for line in told)
    return [line[9:] for line in told]


def test_a_load_says_that_it_starts_and_how_far_it_is(archive, feed):
    feed.records = filings(25) + filings(25, "2026-02")
    feed.fault = lambda _, asked: "hang" if asked["from_date"] == "2026-02-01" else None
    archive.configure(page_size=10)
    lines = lines_of("filings_api", "--start-date", "2026-01-01", "--end-date", "2026-02-28")
    steps = [line for line in lines if "since it started" not in line]
    assert steps == ["filings_api: the load starts", "filings_api: 2026-01-01 to 2026-02-28 in 2 windows"]
    assert any(
        re.fullmatch(
            r"filings_api: window 2026-02-01..2026-02-28, \d\d records so far, 53% of the days done, \d+ s since it started",
            line,
        )
        for line in lines
    )


def test_a_refused_connection_is_not_silent(archive):
    with FeedServer().serve() as server:
        archive.configure(base_url=server.url)
    lines = lines_of(*JANUARY)
    [second, third] = [line for line in lines if "asked again" in line]
    assert re.fullmatch(
        r"filings_api: 127.0.0.1/filings: no answer \(ConnectionError: .*refused.*\); asked again in 0 s \(attempt 2 of 3\)",
        second,
    )
    assert third.endswith("(attempt 3 of 3)")


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ((429, {"Retry-After": "1"}, b""), "HTTP 429; asked again in 1 s (attempt 2 of 3)"),
        ((503, {}, b""), "HTTP 503; asked again in 0 s (attempt 2 of 3)"),
        ((200, {}, b"<html>"), "the answer cannot be read; asked again in 0 s (attempt 2 of 3)"),
        ("reset", "no answer (ConnectionError: "),
    ],
)
def test_a_retry_says_what_and_why_and_when(archive, feed, fault, reason):
    feed.records, feed.fault = filings(3), lambda number, _: fault if number == 1 else None
    archive.configure(auth="query", api_key="s3cret key")
    lines = lines_of(*JANUARY)
    assert [line for line in lines if line.startswith(f"filings_api: 127.0.0.1/filings: {reason}")]
    assert "s3cret" not in "\n".join(lines)


def test_a_window_that_is_walked_again_or_split_says_why(archive, feed):
    feed.records = filings(45)
    feed.edit = lambda reply, _: reply | {"total_count": 44} if len(feed.requests) <= 5 else reply
    archive.configure(page_size=10)
    [again] = [line for line in lines_of(*JANUARY) if "walked again" in line]
    assert "window 2026-01-01..2026-01-31: 45 records received" in again and again.endswith(
        "(attempt 2 of 2)"
    )
    archive.configure(record_cap=40)
    assert [line for line in lines_of(*JANUARY) if "is split in two: it reaches record_cap" in line]


def test_every_source_says_that_it_starts(archive):
    for source in loader.known_sources():
        arguments = {"sec_bulk": ["--quarter", "2023q2"]}.get(source, [])
        assert lines_of(source, *arguments)[:1] == [f"{source}: the load starts"]


def test_the_sec_says_its_retries(archive, monkeypatch):
    with FeedServer().serve() as server:
        monkeypatch.setenv("SOURCES__SEC_EDGAR__BASE_URL", server.url)
    monkeypatch.setenv("SOURCES__SEC_EDGAR__USER_AGENT", "Jane Doe jane@example.com")
    lines = lines_of("sec_edgar", "--start-date", "2026-03-05")
    told = [
        line
        for line in lines
        if re.search(r"sec_edgar: 127.0.0.1/Archives/.*no answer.*asked again in", line)
    ]
    assert len(told) == 2


def test_a_terminal_has_a_bar_and_the_retries_alone(archive, feed):
    feed.records, feed.fault = filings(3), lambda number, _: (503, {}, b"") if number == 1 else None
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, *JANUARY], cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=theirs
    )
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 4096):
            shown += part
    except OSError:
        # Linux says so that the other end is closed.
        pass
    os.close(ours)
    assert process.wait(timeout=60) == 0
    assert b"HTTP 503; asked again in 0 s" in shown
    assert b"%|" in shown
    assert b"the load starts" not in shown
