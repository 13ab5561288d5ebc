"""What a feed can do wrong: repaired by trying again, or stopped with a message and nothing archived."""

import gzip
import json
import time
from datetime import date

import pytest
from feed_server import FeedServer, filing, filings

import loader

pytest_plugins = ("loader_fixtures",)

JANUARY = {"start_date": date(2026, 1, 1), "end_date": date(2026, 1, 31)}


def walk_stops(archive, match: str) -> str:
    """A walk over January stops with a message that matches."""
    with pytest.raises(loader.LoadError, match=match) as stopped:
        archive.walk()
    return str(stopped.value)


def test_passing_faults_are_tried_again(archive, feed):
    faults = [
        (429, {}, b"slow down"),
        (503, {"Retry-After": "0"}, b""),
        (500, {}, b"{}"),
        (408, {}, b""),
        "reset",
        "cut",
        (200, {}, b"<html>maintenance</html>"),
        (200, {}, b'{"results": [{"id": "F-1"'),
        (200, {}, b""),
        (200, {"Content-Encoding": "gzip"}, gzip.compress(b"{}" * 99)[:-9] + b"x"),
    ]
    feed.records = filings(25)
    # Every page of the first ten is served at the third request for it only.
    feed.fault = lambda number, _: faults[number // 3] if number < 3 * len(faults) and number % 3 else None
    archive.configure(page_size=2)
    loader.load("filings_api", **JANUARY)
    assert archive.payloads() == [json.dumps(record) for record in feed.records]
    # The last one is for a day alone.
    assert len(feed.requests) == 13 + 2 * len(faults) + 1


def test_a_timeout_is_tried_again(archive, feed, monkeypatch):
    monkeypatch.setenv("RUNTIME__REQUEST_TIMEOUT", "0.3")
    feed.records, feed.fault = filings(3), lambda number, _: "hang" if number == 1 else None
    assert loader.load("filings_api", **JANUARY).received_records == 3


def test_retry_after_is_waited_for(archive, feed):
    feed.records = filings(3)
    feed.fault = lambda number, _: (429, {"Retry-After": "1"}, b"") if number == 1 else None
    before = time.monotonic()
    loader.load("filings_api", **JANUARY)
    assert time.monotonic() - before > 1


@pytest.mark.parametrize(
    ("fault", "match"),
    [
        ((400, {}, b'{"error": "unknown parameter"}'), "HTTP 400 .*unknown parameter"),
        ((401, {}, b""), "HTTP 401 .*api_key"),
        ((402, {}, b"upgrade"), "HTTP 402 .*record_cap"),
        ((404, {}, b""), "HTTP 404 .*base_url"),
        ((429, {}, b""), "HTTP 429 .*later"),
        ((502, {}, b""), "HTTP 502 .*later"),
        ((301, {"Location": "https://example.com/v2"}, b""), "moved to https://example.com/v2"),
        ((206, {}, b""), "HTTP 206"),
        ((200, {}, b"<html>maintenance</html>"), "no valid JSON: <html>maintenance"),
        ("reset", "no answer"),
        ("cut", "no answer"),
    ],
)
def test_a_lasting_fault_stops_the_load(archive, feed, fault, match):
    feed.records, feed.fault = filings(25), lambda number, _: fault if number > 1 else None
    archive.configure(page_size=10)
    assert walk_stops(archive, match).startswith("page 2, after 10 records: ")
    is_transient = isinstance(fault, str) or fault[0] in (200, 429, 502)
    assert len(feed.requests) == (4 if is_transient else 2)


def test_a_feed_out_of_reach_stops_the_load(archive, command_line):
    with FeedServer().serve() as server:
        archive.configure(base_url=server.url)
    status, output, errors = command_line("filings_api", "--start-date", "2026-01-01")
    assert (status, output) == (1, "")
    assert errors.count("\n") == 1
    assert "no answer (ConnectionError)" in errors


@pytest.mark.parametrize(
    ("body", "match"),
    [
        ({"error": "no access"}, "no list at records_path 'results'.*no access"),
        ({"results": None}, "no list"),
        ({"results": {"id": 1}}, "no list"),
        ([1, 2], "no list"),
        ({"results": [], "total": {"value": 1}}, "total_path is no number"),
        ({"results": [], "total_pages": "many"}, "total_pages_path is no number"),
    ],
)
def test_a_reply_of_another_shape_is_no_empty_page(archive, feed, body, match):
    feed.edit = lambda reply, _: body
    walk_stops(archive, match)


def leave_out(reply, _):
    return reply | {"results": [record for record in reply["results"] if record["id"] != "F-13"]}


@pytest.mark.parametrize("paging", ["cursor", "page", "offset", "next_url", "none"])
def test_rows_left_out_while_the_count_stays_are_missed(archive, feed, paging):
    feed.records, feed.paging, feed.edit = filings(25), paging, leave_out
    archive.configure(page_size=10, pagination=paging)
    walk_stops(
        archive, "19 records.*20 were due" if paging == "offset" else "24 records received .* 25 declared"
    )


def test_an_incomplete_window_ends_the_program_with_its_numbers(archive, feed, run_loader):
    feed.records = filings(28) + filings(28, "2026-02")
    feed.edit = lambda reply, asked: leave_out(reply, asked) if asked["from_date"] > "2026-02" else reply
    status, output, errors = run_loader(
        "filings_api", "--start-date", "2026-01-01", "--end-date", "2026-02-28"
    )
    assert (status, output) == (1, "")
    assert errors == (
        "filings_api: window 2026-02-01..2026-02-28: 27 records received on 1 pages, 28 declared by the feed "
        "(in the last of 2 walks). Nothing of this window was archived; windows before it were, and the next run "
        "goes on from there.\n"
    )
    assert archive.windows() == [("2026-01-01", "2026-01-31", True)]
    feed.edit = lambda reply, _: reply
    summary = loader.load("filings_api", end_date=date(2026, 2, 28))
    assert (summary.first_day, summary.complete_through) == (date(2026, 1, 25), date(2026, 2, 28))


@pytest.mark.parametrize(
    ("edit", "match"),
    [
        pytest.param(lambda reply, _: reply | {"next_cursor": "10"}, "same cursor twice", id="one cursor"),
        pytest.param(
            lambda reply, asked: (
                reply | {"next_cursor": "20" if asked.get("cursor") == "10" else "10", "total_count": 99}
            ),
            "same cursor twice",
            id="a circle of cursors",
        ),
        pytest.param(
            lambda reply, asked: reply | ({"results": []} if "cursor" in asked else {}),
            "10 records received on 3 pages, 25 declared",
            id="empty pages",
        ),
        pytest.param(
            lambda reply, asked: reply | {"total_count": 25 + ("cursor" in asked)},
            "declared 25 in all, and now 26",
            id="a total that changes",
        ),
        pytest.param(
            lambda reply, _: reply | {"total_count": 20}, "25 records received.*20 declared", id="too many"
        ),
        pytest.param(
            lambda reply, _: reply | {"next_cursor": None}, "10 records received.*25", id="an early end"
        ),
        pytest.param(
            lambda reply, _: reply | {"total_pages": 4}, "3 pages with records, 4 declared", id="pages"
        ),
    ],
)
def test_a_walk_that_does_not_come_out_is_stopped(archive, feed, edit, match):
    feed.records, feed.edit = filings(25), edit
    archive.configure(page_size=10)
    walk_stops(archive, match)


def test_a_page_missing_between_others_is_missed(archive, feed):
    feed.records, feed.paging = filings(25), "page"
    feed.edit = lambda reply, asked: reply | ({"results": []} if asked["page"] == "2" else {})
    archive.configure(page_size=10, pagination="page")
    walk_stops(archive, "10 records received on 2 pages, 25 declared")


def test_a_walk_that_comes_out_the_second_time_is_archived_once(archive, feed):
    feed.records = filings(25)
    feed.edit = lambda reply, _: leave_out(reply, _) if len(feed.requests) <= 3 else reply
    archive.configure(page_size=10)
    loader.load("filings_api", **JANUARY)
    assert len(archive.payloads()) == 25
    assert len(archive.windows()) == 1


def test_endless_pages_end_at_the_record_cap(archive, feed):
    feed.records, feed.counts = filings(10), False
    feed.edit = lambda reply, asked: reply | {"next_cursor": f"0{asked.get('cursor', '')}"}
    archive.configure(page_size=10, record_cap=30)
    with pytest.raises(loader.LoadError, match=r"2026-01-01..2026-01-01: .*30 records.*day cannot be split"):
        loader.load("filings_api", **JANUARY)
    assert archive.query("show all tables") == []


def test_repeats_that_come_again_are_the_feeds_own(archive, feed):
    feed.records = [*filings(10), filing(3, "2026-01-04")]
    loader.load("filings_api", **JANUARY)
    assert [asked["to_date"] for _, _, asked, _ in feed.requests].count("2026-01-31") == 2
    [row] = archive.query(
        "select received_records, distinct_records, second_walk from raw_filings_api.windows"
    )
    assert row == (11, 10, "agreed")
    assert len(archive.payloads()) == 11


def test_pages_that_shift_are_found_by_walking_again(archive, feed):
    feed.records = filings(25)

    def shift(reply, asked):
        # Between the first and the second request one record moves from the end to the front.
        if len(feed.requests) == 1:
            feed.records = feed.records[-1:] + feed.records[:-1]
        return reply

    feed.edit = shift
    archive.configure(page_size=10)
    loader.load("filings_api", **JANUARY)
    assert len({json.loads(payload)["id"] for payload in archive.payloads()}) == 25
    assert len(archive.windows()) == 1


def test_pages_that_keep_shifting_stop_the_load(archive, feed):
    feed.records = filings(25)

    def shift(reply, asked):
        feed.records = feed.records[-1:] + feed.records[:-1]
        return reply

    feed.edit = shift
    archive.configure(page_size=10)
    walk_stops(archive, "two walks disagree: 25 and 25 records")


@pytest.mark.parametrize("agrees", [True, False])
def test_without_a_count_a_second_walk_must_agree(archive, feed, agrees):
    feed.records, feed.counts = filings(25), False
    if not agrees:
        feed.edit = lambda reply, _: leave_out(reply, _) if len(feed.requests) % 6 == 2 else reply
    archive.configure(page_size=10, second_walk="true")
    if agrees:
        loader.load("filings_api", **JANUARY)
        [row] = archive.query("select reported_records, second_walk from raw_filings_api.windows")
        assert row == (None, "agreed")
    else:
        walk_stops(archive, "two walks disagree: 24 and 25 records")


def test_a_second_walk_can_be_asked_of_a_feed_that_counts(archive, feed):
    feed.records = filings(5)
    archive.configure(second_walk="true")
    loader.load("filings_api", **JANUARY)
    assert [asked["to_date"] for _, _, asked, _ in feed.requests].count("2026-01-31") == 2
    assert len(archive.payloads()) == 5


def test_days_that_are_not_over_are_held_against_no_count(archive, feed):
    feed.records = [*filings(5), filing(99, "2026-03-10")]
    feed.edit = lambda reply, _: reply | {"total_count": 7}
    loader.load("filings_api", start_date=date(2026, 3, 10))
    assert archive.windows() == [("2026-03-10", "2026-03-10", False)]
    assert len(archive.payloads()) == 1


def capped(feed, cap: int, how: str):
    """The feed serves no more than ``cap`` records of a request's range."""

    def edit(reply, asked):
        reached = int(asked.get("cursor", 0)) + len(reply["results"])
        if how == "total":
            return reply | {"total_count": min(reply["total_count"], cap)}
        if how == "silent" and reached >= cap:
            return reply | {"next_cursor": None}
        return reply

    feed.edit = edit
    feed.counts = how != "silent"


@pytest.mark.parametrize("how", ["total", "silent"])
def test_a_window_at_the_cap_is_split(archive, feed, how):
    feed.records = filings(45)
    capped(feed, 20, how)
    archive.configure(page_size=10, record_cap=20)
    summary = loader.load("filings_api", **JANUARY)
    assert summary.windows > 2
    assert sorted(archive.payloads()) == sorted(json.dumps(record) for record in feed.records)
    assert summary.complete_through == date(2026, 1, 31)


def test_a_window_is_split_where_the_feed_refuses_to_go_deeper(archive, feed):
    feed.records, feed.counts = filings(28), False
    too_deep = (400, {}, b"too deep")
    feed.fault = lambda _, asked: too_deep if int(asked.get("cursor", 0)) + 9 > 20 else None
    archive.configure(page_size=9, record_cap=20)
    assert loader.load("filings_api", **JANUARY).windows == 2
    assert len(archive.payloads()) == 28


def test_a_day_at_the_cap_stops_the_load(archive, feed):
    feed.records = [filing(45, "2026-01-02"), *(filing(number, "2026-01-07") for number in range(45))]
    capped(feed, 20, "total")
    archive.configure(page_size=10, record_cap=20)
    with pytest.raises(loader.LoadError, match=r"2026-01-07..2026-01-07: .*record_cap .*cannot be split"):
        loader.load("filings_api", **JANUARY)
    assert archive.windows()[-1][1] < "2026-01-07"


def test_offset_paging_notices_pages_of_another_size(archive, feed):
    feed.records, feed.paging, feed.counts, feed.largest_page = filings(25), "offset", False, 4
    archive.configure(page_size=10, pagination="offset")
    walk_stops(archive, "after 4 records: 10 were due by now .*set page_size")


def test_page_paging_takes_pages_of_another_size(archive, feed):
    feed.records, feed.paging, feed.largest_page = filings(25), "page", 4
    archive.configure(page_size=10, pagination="page")
    assert loader.load("filings_api", **JANUARY).received_records == 25


def test_the_next_page_on_another_host_gets_no_key(archive, feed):
    with FeedServer(filings(3)).serve() as other:
        feed.records = filings(3)
        feed.edit = lambda reply, _: reply | {"next_url": f"{other.url}/filings"}
        archive.configure(pagination="next_url", api_key="k")
        walk_stops(archive, "127.0.0.1")
        assert other.requests == []
