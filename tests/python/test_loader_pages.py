"""What an empty page and a last page look like, and what is neither."""

import json
from datetime import date

import pytest
from feed_server import filings

import loader

pytest_plugins = ("loader_fixtures",)


def received(archive) -> int:
    """The number of records of one walk over January."""
    *_, (name, windows) = archive.walk()
    assert name == "windows"
    return windows["received_records"][0].as_py()


def walk_stops(archive, match: str) -> None:
    with pytest.raises(loader.LoadError, match=match):
        archive.walk()


def without_list(reply, **fields):
    return {key: value for key, value in reply.items() if key != "results"} | fields


@pytest.fixture
def past_the_end(archive, feed):
    """A feed that declares nothing and goes on after its last page; the test says with what."""
    feed.records, feed.counts = filings(25), False
    archive.configure(page_size=10)

    def answer(how):
        def edit(reply, asked):
            place = int(asked.get("cursor") or asked.get("offset") or int(asked.get("page", 1)) * 10 - 10)
            return how(reply, asked) if place >= 25 else reply | {"next_cursor": str(place + 10)}

        feed.edit = edit

    return answer


@pytest.mark.parametrize(
    ("settings", "how"),
    [
        pytest.param({}, lambda reply, _: reply | {"next_cursor": None}, id="an empty page without a cursor"),
        pytest.param(
            {}, lambda reply, asked: reply | {"next_cursor": asked["cursor"]}, id="empty, cursor repeated"
        ),
        pytest.param({}, lambda reply, _: reply | {"next_cursor": -1}, id="cursor -1"),
        pytest.param({}, lambda reply, _: reply | {"next_cursor": "-1"}, id="cursor -1 as a text"),
        pytest.param({}, lambda reply, _: reply | {"next_cursor": 0}, id="cursor 0"),
        pytest.param({}, lambda reply, _: reply | {"next_cursor": ""}, id="an empty cursor"),
        pytest.param(
            {"empty_page_is_last": True},
            lambda reply, asked: reply | {"next_cursor": f"{asked['cursor']}0"},
            id="empty pages with new cursors",
        ),
        pytest.param({"missing_list_is_empty": True}, lambda reply, _: {}, id="no list"),
        pytest.param({"missing_list_is_empty": True}, lambda reply, _: {"results": None}, id="null"),
        pytest.param({"missing_list_is_empty": True}, lambda reply, _: {"results": {}}, id="an empty object"),
        pytest.param({"missing_list_is_empty": True}, lambda reply, _: None, id="the reply is null"),
        pytest.param(
            {"has_more_path": "more"},
            lambda reply, _: without_list(reply, more=False, next_cursor="77"),
            id="no list, and the feed says that no more follows",
        ),
    ],
)
def test_a_walk_ends_where_the_feed_has_no_more(archive, past_the_end, settings, how):
    archive.configure(**settings)
    past_the_end(how)
    assert received(archive) == 25


@pytest.mark.parametrize("paging", ["cursor", "page", "offset"])
@pytest.mark.parametrize(("status", "body"), [(204, b""), (404, b'{"error": "nothing found"}'), (416, b"")])
def test_a_status_may_stand_for_an_empty_page(archive, feed, past_the_end, paging, status, body):
    past_the_end(lambda reply, _: reply)
    feed.paging = paging
    keys = {"cursor": 25, "offset": 25, "page": 4}
    feed.fault = lambda _, asked: (
        (status, {}, body) if any(int(asked.get(key, 0)) >= end for key, end in keys.items()) else None
    )
    archive.configure(pagination=paging, no_content_statuses=[204, 404, 416])
    assert received(archive) == 25
    feed.fault = lambda *_: (status, {}, body)
    assert received(archive) == 0


def test_no_content_is_an_empty_page_without_a_setting(archive, feed):
    feed.fault = lambda *_: (204, {}, b"")
    assert received(archive) == 0


@pytest.mark.parametrize(
    ("settings", "status", "body", "match"),
    [
        ({}, 404, b'{"error": "nothing found"}', "HTTP 404"),
        ({"no_content_statuses": [404]}, 404, b"\xef\xbb\xbf\n<!doctype html><title>Not found", "HTTP 404"),
        ({"no_content_statuses": [404]}, 204, b"", "HTTP 204"),
        ({"missing_list_is_empty": True}, 200, b"<html>maintenance</html>", "no valid JSON"),
        ({}, 200, b"{}", "no list at records_path"),
        ({}, 200, b"null", "no list at records_path"),
        ({}, 200, b'{"results": null, "next_cursor": null}', "no list at records_path"),
        (
            {"missing_list_is_empty": True},
            200,
            b'{"error": "limit of requests"}',
            "no list.*limit of requests",
        ),
        ({"missing_list_is_empty": True}, 200, b'{"results": {"id": 1}}', "no list at records_path"),
        ({"missing_list_is_empty": True}, 200, b'{"results": "soon"}', "no list at records_path"),
        ({"missing_list_is_empty": True}, 200, b"[1, 2]", "no list at records_path"),
        ({"has_more_path": "more"}, 200, b'{"more": true}', "no list at records_path"),
        (
            {"has_more_path": "more", "missing_list_is_empty": True},
            200,
            b'{"more": true, "next_cursor": 2}',
            "no list at records_path",
        ),
        ({"has_more_path": "more"}, 200, b'{"more": "maybe", "results": []}', "has_more_path is neither"),
    ],
)
def test_what_may_be_a_fault_is_no_empty_page(archive, feed, settings, status, body, match):
    feed.fault = lambda *_: (status, {}, body)
    archive.configure(**settings)
    walk_stops(archive, match)


@pytest.mark.parametrize(
    ("total", "records", "match"),
    [(0, 0, None), (25, 0, "no list"), (10, 10, None), (25, 10, "page 2, after 10 records: .*no list")],
)
def test_a_missing_list_is_held_against_the_count(archive, feed, total, records, match):
    feed.records = filings(records)
    feed.edit = lambda reply, asked: (
        reply | {"total_count": total, "next_cursor": "10"}
        if reply["results"]
        else without_list(reply, total_count=total)
    )
    archive.configure(page_size=10)
    if match:
        walk_stops(archive, match)
    else:
        assert received(archive) == total


@pytest.mark.parametrize(
    "past",
    [
        pytest.param(lambda reply: reply | {"next_cursor": "20"}, id="its cursor again"),
        pytest.param(lambda reply: reply | {"next_cursor": "10"}, id="an old cursor"),
        pytest.param(lambda reply: reply | {"next_cursor": "50"}, id="a new cursor before an empty page"),
        pytest.param(lambda reply: reply | {"next_cursor": "refuse"}, id="a cursor that is refused"),
        pytest.param(lambda reply: reply | {"next_cursor": "000"}, id="a cursor to where it began"),
    ],
)
def test_what_is_declared_has_come(archive, feed, past):
    feed.records = filings(25)
    feed.edit = lambda reply, asked: past(reply) if len(reply["results"]) < 10 else reply
    feed.fault = lambda _, asked: (404, {}, b"<html>") if asked.get("cursor") == "refuse" else None
    archive.configure(page_size=10)
    assert received(archive) == 25


@pytest.mark.parametrize("more", [False, "false", 0])
@pytest.mark.parametrize("paging", ["cursor", "next_url", "page", "offset"])
def test_the_feed_says_that_no_more_follows(archive, feed, paging, more):
    feed.records, feed.paging, feed.counts = filings(20), paging, False
    feed.edit = lambda reply, asked: (
        reply
        | {
            "meta": {"more": more if len(feed.requests) == 2 else True},
            "next_cursor": "10",
            "next_url": f"{feed.url}/filings?cursor=10",
        }
    )
    archive.configure(page_size=10, pagination=paging, has_more_path="meta.more")
    assert received(archive) == 20
    assert len(feed.requests) == 2


@pytest.mark.parametrize("paging", ["cursor", "next_url", "page", "offset", "none"])
def test_the_feed_says_that_more_follows_and_not_where(archive, feed, paging):
    feed.records, feed.paging, feed.counts = filings(20), paging, False
    feed.edit = lambda reply, _: reply | {"more": True}
    archive.configure(page_size=10, pagination=paging, has_more_path="more")
    walk_stops(archive, "more follows, and does not say where")


def test_more_that_follows_is_waited_for_on_empty_pages(archive, feed):
    feed.records, feed.counts = filings(5), False
    steps = 40
    feed.edit = lambda reply, asked: (
        {"results": [], "next_cursor": f"{len(feed.requests)}", "more": True}
        if len(feed.requests) < steps
        else {"results": feed.records, "next_cursor": "x", "more": False}
    )
    archive.configure(has_more_path="more")
    assert received(archive) == 5


@pytest.mark.parametrize("empty", [1, 5])
def test_records_after_empty_pages_are_not_lost(archive, feed, empty):
    last = 2 + empty
    pages = {1: filings(25)[:10], last: filings(25)[10:20]}
    feed.edit = lambda *_: {
        "results": pages.get(len(feed.requests), []),
        "next_cursor": str(len(feed.requests)) if len(feed.requests) < last else None,
    }
    assert received(archive) == 20


def test_empty_pages_for_ever_stop_the_load(archive, past_the_end, feed):
    past_the_end(lambda reply, _: reply | {"next_cursor": f"{len(feed.requests)}0"})
    walk_stops(archive, "empty, but not the last one.*empty_page_is_last")
    assert len(feed.requests) == 3 + 20


def own_address(feed, asked):
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return f"{feed.url}/filings?{query}"


@pytest.mark.parametrize("size", [25, 20, 10, 7, 1])
def test_a_last_page_may_name_itself(archive, feed, size):
    """Of a full only page, another request shows that the feed does name the next page where there is one."""
    feed.records, feed.paging, feed.counts = filings(size), "next_url", False
    feed.edit = lambda reply, asked: reply | {"next_url": reply["next_url"] or own_address(feed, asked)}
    archive.configure(page_size=10, pagination="next_url")
    assert received(archive) == size
    assert len(feed.requests) == -(-size // 10) + (1 < size <= 10)


@pytest.mark.parametrize("granted", [10, 4])
@pytest.mark.parametrize("size", [25, 5])
def test_an_address_of_the_page_itself_is_no_next_page(archive, feed, granted, size):
    feed.records, feed.paging, feed.counts, feed.largest_page = filings(size), "next_url", False, granted
    feed.edit = lambda reply, asked: reply | {"self": own_address(feed, asked)}
    archive.configure(page_size=10, pagination="next_url", next_url_path="self")
    walk_stops(archive, "same cursor twice.*has_more_path or total_path")


@pytest.mark.parametrize(("size", "ends"), [(25, True), (7, True), (10, False)])
def test_a_feed_without_a_page_size_shows_its_last_page_by_a_short_one(archive, feed, size, ends):
    feed.records, feed.paging, feed.counts = filings(size), "next_url", False
    feed.edit = lambda reply, asked: reply | {"next_url": reply["next_url"] or own_address(feed, asked)}
    archive.configure(page_size=10, pagination="next_url", page_size_parameter="limit")
    feed.largest_page = 10
    if ends:
        assert received(archive) == size
    else:
        walk_stops(archive, "same cursor twice")


@pytest.mark.parametrize("granted", [10, 4])
def test_a_cursor_that_the_feed_does_not_heed_stops_the_load(archive, feed, granted):
    feed.records, feed.counts, feed.largest_page = filings(25), False, granted
    archive.configure(page_size=10, cursor_parameter="after")
    walk_stops(archive, "same cursor twice")


def test_a_total_that_counts_a_page_is_not_the_end(archive, feed):
    feed.records = filings(25)
    feed.edit = lambda reply, _: reply | {"total_count": len(reply["results"])}
    archive.configure(page_size=10)
    walk_stops(archive, "20 records received on 2 pages, 10 declared")


def test_a_new_cursor_after_all_that_was_declared_is_asked_once_more(archive, feed):
    """The page that it leads to shows whether the count is that of the window."""
    feed.records = filings(20)
    feed.edit = lambda reply, asked: reply | {"next_cursor": str(int(asked.get("cursor", 0)) + 10)}
    archive.configure(page_size=10)
    assert received(archive) == 20
    assert len(feed.requests) == 3


def test_php_writes_an_empty_object_as_a_list(archive, feed):
    feed.edit = lambda *_: {"data": []}
    archive.configure(records_path="data.items", missing_list_is_empty=True)
    assert received(archive) == 0


@pytest.mark.parametrize("statuses", [[429], [500], [401], ["none"], [200]])
def test_no_fault_can_be_declared_an_empty_page(archive, feed, statuses):
    archive.configure(no_content_statuses=json.dumps(statuses))
    walk_stops(archive, "no_content_statuses")
    assert feed.requests == []


def test_new_cursors_for_ever_end_at_the_page_cap(archive, feed):
    feed.records, feed.counts = filings(10), False
    feed.edit = lambda reply, asked: reply | {"next_cursor": f"0{asked.get('cursor', '')}"}
    archive.configure(page_size=10, page_cap=4)
    with pytest.raises(
        loader.LoadError, match=r"..\.\.2026-01-01: .*page_cap \(4 pages\).*day cannot be split"
    ):
        loader.load("filings_api", start_date=date(2026, 1, 1), end_date=date(2026, 1, 4))
    # The window, its halves and theirs; and what it takes to see that the feed does not ignore the days.
    of_windows = [
        asked
        for _, _, asked, _ in feed.requests
        if asked["to_date"] in ("2026-01-01", "2026-01-02", "2026-01-04")
    ]
    assert 3 * 4 <= len(of_windows) <= 4 * 4


def test_a_declared_count_outweighs_the_page_cap(archive, feed):
    feed.records = filings(25)
    archive.configure(page_size=2, page_cap=4)
    assert received(archive) == 25
