"""Whether the feed serves the days that it is asked for: what leaves one out, or ignores them, stops the load."""

from datetime import date, timedelta

import pytest
from feed_server import filing, filings

import loader

pytest_plugins = ("loader_fixtures",)

TO_MARCH = {"start_date": date(2026, 1, 1), "end_date": date(2026, 3, 9)}
JANUARY = {"start_date": date(2026, 1, 1), "end_date": date(2026, 1, 31)}
DAYS = ["2026-01-15", "2026-01-31", "2026-02-28", "2026-03-09"]


def of_days(days, **fields) -> list[dict]:
    return [filing(number, day, **fields) for number, day in enumerate(days)]


def undated(records) -> dict:
    """A change of replies: their records bear no date."""

    def edit(reply, asked):
        results = [{"id": record["id"]} for record in reply["results"]]
        return reply | {"results": results}

    return edit


def to_is_exclusive(day, first, last):
    return first <= day < last


def to_is_midnight(day, first, last):
    # The days of records are instants here.
    return first <= day <= last


def from_is_exclusive(day, first, last):
    return first < day <= last


@pytest.mark.parametrize("window", ["month", "week", "day"])
@pytest.mark.parametrize("counts", [True, False])
@pytest.mark.parametrize("is_dated", [True, False])
def test_a_feed_without_its_last_day_stops_until_that_is_said(archive, feed, window, counts, is_dated):
    feed.records, feed.serves, feed.counts = of_days(DAYS), to_is_exclusive, counts
    if not is_dated:
        feed.edit = undated(feed.records)
    archive.configure(window=window)
    with pytest.raises(loader.LoadError, match=r"leaves out .*last day.*Set to_is_exclusive"):
        loader.load("filings_api", **TO_MARCH)
    assert archive.query("show all tables") == []
    archive.configure(to_is_exclusive="true")
    summary = loader.load("filings_api", **TO_MARCH)
    assert (summary.received_records, summary.complete_through) == (4, date(2026, 3, 9))


@pytest.mark.parametrize("day", ["2026-01-31", "2026-01-01", "2026-01-16"])
@pytest.mark.parametrize("window", ["month", "day"])
def test_one_record_is_enough(archive, feed, day, window):
    feed.records, feed.serves = of_days([day]), to_is_exclusive
    archive.configure(window=window)
    with pytest.raises(loader.LoadError, match=r"last day.*Set to_is_exclusive"):
        loader.load("filings_api", start_date=date(2026, 1, 1), end_date=date(2026, 2, 1))


def test_a_last_day_that_is_its_midnight_is_noticed(archive, feed):
    feed.records = of_days(
        [f"2026-01-{day:02d}T{hour:02d}:00:00Z" for day in (5, 9, 12) for hour in (0, 9, 18)]
    )
    feed.serves = lambda instant, first, last: f"{first}T00:00:00Z" <= instant <= f"{last}T00:00:00Z"
    with pytest.raises(loader.LoadError, match=r"last day.*2 records.*Set to_is_exclusive"):
        loader.load("filings_api", **JANUARY)
    archive.configure(to_is_exclusive="true")
    assert loader.load("filings_api", **JANUARY).received_records == 9


def test_a_feed_without_its_first_day_stops_until_that_is_said(archive, feed):
    feed.records, feed.serves = filings(40) + filings(9, "2026-02"), from_is_exclusive
    with pytest.raises(loader.LoadError, match=r"first day.*Set from_is_exclusive"):
        loader.load("filings_api", **TO_MARCH)
    archive.configure(from_is_exclusive="true")
    assert loader.load("filings_api", **TO_MARCH).received_records == 49


@pytest.mark.parametrize(("side", "window"), [("from", "month"), ("to", "month"), ("to", "day")])
def test_a_bound_that_is_included_although_a_setting_leaves_it_out_is_told(
    archive, feed, side, window, caplog
):
    """No harm comes of it: the days are complete, and a record that came twice is one."""
    feed.records = of_days([*DAYS, "2026-01-16", "2026-01-14"])
    archive.configure(window=window, **{f"{side}_is_exclusive": "true"})
    summary = loader.load("filings_api", **TO_MARCH)
    assert summary.complete_through == date(2026, 3, 9)
    assert archive.query("select distinct record_id from raw_filings_api.observations order by 1") == [
        (f"F-{number}",) for number in range(6)
    ]
    assert caplog.text.count("fetched twice") == 1


@pytest.mark.parametrize("serves", [to_is_exclusive, from_is_exclusive])
def test_a_bound_that_is_left_out_as_a_setting_says_is_not_told(archive, feed, serves, caplog):
    """Not even where the records bear another date than the one that the feed filters by."""
    feed.records = of_days([f"2026-01-{day:02d}" for day in range(1, 32)])
    feed.serves = serves
    for record in feed.records:
        record["published_at"] = record["filing_date"]

    def refile(reply, asked):
        shift = {to_is_exclusive: 1, from_is_exclusive: -1}[serves]
        results = [
            record | {"filing_date": str(date.fromisoformat(record["published_at"]) + timedelta(days=shift))}
            for record in reply["results"]
        ]
        return reply | {"results": results}

    feed.edit = refile
    archive.configure(**{f"{serves.__name__}": "true"})
    assert loader.load("filings_api", **JANUARY).received_records == 31
    assert "twice" not in caplog.text


def test_a_late_record_is_no_proof(archive, feed):
    feed.records = of_days(DAYS)

    def add_late(reply, asked):
        # Between the window and the day alone, and between the days alone and both together.
        if asked["from_date"] != "2026-01-01":
            feed.records += of_days(["2026-01-15", "2026-01-16"], id=f"late-{len(feed.records)}")
        return reply

    feed.edit = add_late
    assert loader.load("filings_api", **JANUARY).received_records == 2


def test_a_day_that_is_empty_only_once_is_no_proof(archive, feed):
    feed.records = of_days(DAYS)
    empty = {"results": [], "next_cursor": None, "total_count": 0}
    feed.edit = lambda reply, asked: (
        empty if 2 <= len(feed.requests) <= 4 and asked["from_date"] == asked["to_date"] else reply
    )
    assert loader.load("filings_api", **JANUARY).received_records == 2


@pytest.mark.parametrize(
    ("records", "asked"),
    [
        pytest.param(of_days(DAYS), 1, id="one of the days alone"),
        pytest.param(of_days([]), 1, id="all days together"),
        pytest.param(of_days(DAYS, published_at="01.02.2026"), 1, id="another date that cannot be read"),
    ],
)
def test_a_healthy_feed_is_asked_once_more(archive, feed, records, asked):
    feed.records = records
    loader.load("filings_api", **TO_MARCH)
    assert len(feed.requests) == 3 + asked


def test_windows_of_a_day_cost_nothing(archive, feed):
    feed.records = of_days(DAYS)
    archive.configure(window="day")
    loader.load("filings_api", **JANUARY)
    assert len(feed.requests) == 31


def test_records_without_dates_cost_a_dozen_at_the_most(archive, feed):
    feed.records = of_days(DAYS)
    feed.edit = undated(feed.records)
    assert loader.load("filings_api", **TO_MARCH).received_records == 4
    assert len(feed.requests) <= 3 + 12


def test_a_feed_that_filters_by_a_date_that_records_do_not_bear_is_healthy(archive, feed):
    feed.records = filings(60, "2026-01")

    def refile(reply, asked):
        # Filed up to five days before they were published.
        results = [
            record
            | {"filing_date": f"2026-01-{max(1, int(record['filing_date'][-2:]) - record['shares'] % 6):02d}"}
            for record in reply["results"]
        ]
        return reply | {"results": results}

    feed.edit = refile
    assert loader.load("filings_api", **TO_MARCH).received_records == 60
    assert len(feed.requests) <= 3 + 12


@pytest.mark.parametrize("status", [400, 404, 500])
def test_a_feed_that_refuses_a_day_alone_is_loaded(archive, feed, status, caplog):
    feed.records = of_days(DAYS)
    feed.fault = lambda _, asked: (status, {}, b"no") if asked["from_date"] == asked["to_date"] else None
    assert loader.load("filings_api", **TO_MARCH).received_records == 4
    assert "is not known: " in caplog.text


@pytest.mark.parametrize("counts", [True, False])
@pytest.mark.parametrize("cap", [10_000, 30])
@pytest.mark.parametrize("window", ["month", "day"])
@pytest.mark.parametrize("days", [["2026-01-07"], DAYS, ["2020-02-03", "2026-02-04"]])
def test_a_feed_that_ignores_the_days_is_noticed(archive, feed, counts, cap, window, days):
    feed.records = of_days(days * 20)
    feed.serves, feed.counts = lambda *_: True, counts
    archive.configure(page_size=10, record_cap=cap, window=window)
    with pytest.raises(
        loader.LoadError, match=r"ignores from_parameter \(from_date\) and to_parameter \(to_date\)"
    ):
        loader.load("filings_api", **TO_MARCH)


@pytest.mark.parametrize(
    ("serves", "match"),
    [
        (lambda day, first, last: first <= day, r"ignores to_parameter \(to_date\):"),
        (lambda day, first, last: day <= last, r"ignores from_parameter \(from_date\):"),
    ],
)
def test_a_feed_that_ignores_one_of_the_days_is_noticed(archive, feed, serves, match):
    feed.records, feed.serves = of_days(DAYS), serves
    with pytest.raises(loader.LoadError, match=match):
        loader.load("filings_api", **TO_MARCH)


def test_a_filing_of_two_windows_is_no_ignored_day(archive, feed):
    # Served for each day on which it has a line, and alone on both.
    feed.records, feed.serves = (
        of_days(["2026-01-07"]),
        lambda day, first, last: first <= "2026-01-08" and last >= day,
    )
    archive.configure(window="day")
    assert loader.load("filings_api", **JANUARY).received_records == 2


def test_windows_without_records_count_once_the_whole_time_is_empty(archive, feed):
    assert loader.load("filings_api", **TO_MARCH).windows == 3
    assert feed.requests[-1][2]["from_date"] == "2026-01-01"
    assert feed.requests[-1][2]["to_date"] == "2026-03-09"
    feed.requests.clear()
    loader.load("filings_api", start_date=date(2026, 3, 10))
    assert len(feed.requests) == 1


def test_a_day_at_the_cap_is_no_proof(archive, feed):
    # The day alone and the next one with it are both too large to be looked at.
    feed.records = [filing(0, "2026-01-20"), *(filing(number, "2026-01-21") for number in range(1, 50))]
    feed.edit = lambda reply, asked: (
        reply if asked["to_date"] < "2026-01-21" else reply | {"results": reply["results"][:20]}
    )
    archive.configure(page_size=10, record_cap=20)
    with pytest.raises(loader.LoadError, match="a day cannot be split"):
        loader.load("filings_api", **JANUARY)
