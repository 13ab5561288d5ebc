"""Planning: which windows a run walks."""

from argparse import ArgumentTypeError
from contextlib import nullcontext
from datetime import date, datetime

import pytest

from loader import clock
from loader.archive.windows import Coverage, Window, coverage, date_range, plan
from loader.errors import SettingsError


def day(text: str) -> date:
    return date.fromisoformat(text)


def closed(start: str, end: str) -> Window:
    return Window(day(start), day(end), is_closed=True)


def open_(start: str, end: str) -> Window:
    return Window(day(start), day(end), is_closed=False)


def days(
    covered: Coverage | None, start: str | None = None, end: str | None = None, **options
) -> tuple[str, str]:
    defaults = {"first_start": None, "lag_days": 7, "today": day("2026-03-10"), "reconcile": False}
    given = [text and day(text) for text in (start, end)]
    first, last = date_range(covered, *given, **(defaults | options))
    return str(first), str(last)


COVERED = Coverage(day("2025-06-15"), day("2026-03-01"), day("2026-02-28"))


def test_months_end_with_the_calendar_month_and_days_that_are_not_over_come_apart():
    assert plan(day("2026-01-15"), day("2026-03-10"), "month", day("2026-03-08")) == [
        closed("2026-01-15", "2026-01-31"),
        closed("2026-02-01", "2026-02-28"),
        closed("2026-03-01", "2026-03-08"),
        open_("2026-03-09", "2026-03-10"),
    ]


def test_weeks_start_on_monday():
    assert plan(day("2026-03-05"), day("2026-03-17"), "week", day("2026-12-31")) == [
        closed("2026-03-05", "2026-03-08"),
        closed("2026-03-09", "2026-03-15"),
        closed("2026-03-16", "2026-03-17"),
    ]


def test_days_are_one_window_each():
    assert len(plan(day("2024-02-28"), day("2024-03-01"), "day", day("2024-12-31"))) == 3


def test_a_window_that_lies_in_the_future_is_open():
    assert plan(day("2026-05-01"), day("2026-05-31"), "month", day("2026-03-08")) == [
        open_("2026-05-01", "2026-05-31")
    ]


@pytest.mark.parametrize("last", ["2026-01-02", "2026-01-03", "2026-01-31"])
def test_halves_cover_the_window(last):
    first_half, second_half = closed("2026-01-01", last).halves()
    assert (first_half.start, second_half.end) == (day("2026-01-01"), day(last))
    assert (second_half.start - first_half.end).days == 1


def test_complete_through_ends_at_the_first_gap():
    windows = [
        closed("2026-03-01", "2026-03-31"),
        closed("2026-01-01", "2026-01-31"),
        closed("2026-01-25", "2026-02-10"),
        closed("2026-01-05", "2026-01-06"),
    ]
    assert coverage(windows) == Coverage(day("2026-01-01"), day("2026-03-31"), day("2026-02-10"))


def test_open_windows_complete_nothing():
    assert coverage([open_("2026-01-01", "2026-01-02")]).complete_through is None
    windows = [
        closed("2026-01-01", "2026-01-31"),
        open_("2026-02-01", "2026-02-02"),
        closed("2026-02-03", "2026-02-04"),
    ]
    assert coverage(windows).complete_through == day("2026-01-31")
    assert coverage([]) is None


@pytest.mark.parametrize(
    ("covered", "options", "expected"),
    [
        pytest.param(None, {"first_start": day("2024-01-01")}, ("2024-01-01", "2026-03-10"), id="first run"),
        pytest.param(COVERED, {}, ("2026-02-22", "2026-03-10"), id="goes on with an overlap"),
        pytest.param(COVERED, {"lag_days": 0}, ("2026-03-01", "2026-03-10"), id="no overlap"),
        pytest.param(
            COVERED, {"lag_days": 999}, ("2025-06-15", "2026-03-10"), id="overlap ends at the first day"
        ),
        pytest.param(COVERED, {"start": "2020-01-01"}, ("2020-01-01", "2026-03-10"), id="explicit start"),
        pytest.param(COVERED, {"end": "2026-03-04"}, ("2026-02-22", "2026-03-04"), id="explicit end"),
        pytest.param(COVERED, {"reconcile": True}, ("2025-06-15", "2026-03-01"), id="reconcile all"),
        pytest.param(
            COVERED,
            {"reconcile": True, "start": "2026-01-01"},
            ("2026-01-01", "2026-03-01"),
            id="reconcile from",
        ),
    ],
)
def test_range_of_a_run(covered, options, expected):
    assert days(covered, **options) == expected


@pytest.mark.parametrize(
    ("covered", "options", "message"),
    [
        pytest.param(None, {}, "--start-date", id="nothing says where to start"),
        pytest.param(None, {"reconcile": True}, "--start-date", id="nothing to reconcile"),
        pytest.param(
            COVERED, {"start": "2026-02-02", "end": "2026-02-01"}, "empty", id="ends before it starts"
        ),
        pytest.param(COVERED, {"start": "2026-04-01"}, "empty", id="starts in the future"),
    ],
)
def test_impossible_ranges_are_explained(covered, options, message):
    with pytest.raises(SettingsError, match=message):
        days(covered, **options)


def test_a_day_is_over_when_it_is_over_in_the_zone(monkeypatch):
    monkeypatch.setenv("INSIDER_FILINGS_NOW", "2026-03-10T11:59:00+00:00")
    assert clock.last_closed_day("Etc/GMT+12") == day("2026-03-08")
    monkeypatch.setenv("INSIDER_FILINGS_NOW", "2026-03-10T14:00:00+02:00")
    assert clock.now() == datetime.fromisoformat("2026-03-10T12:00:00+00:00")
    assert clock.last_closed_day("Etc/GMT+12") == day("2026-03-09")
    with pytest.raises(SettingsError, match="time zone"):
        clock.last_closed_day("Atlantis/Capital")


def test_the_clock_runs_unless_it_is_set(monkeypatch):
    monkeypatch.delenv("INSIDER_FILINGS_NOW", raising=False)
    assert clock.now() <= clock.now()
    assert clock.today() == clock.now().date()
    monkeypatch.setenv("INSIDER_FILINGS_NOW", "yesterday")
    with pytest.raises(SettingsError, match="INSIDER_FILINGS_NOW"):
        clock.now()


@pytest.mark.parametrize("instant", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_the_ends_of_the_calendar_are_refused(monkeypatch, instant):
    monkeypatch.setenv("INSIDER_FILINGS_NOW", instant)
    with pytest.raises(SettingsError, match="of the years 1900 to 2200"):
        clock.now()
    with pytest.raises(ArgumentTypeError, match="of the years 1900 to 2200"):
        clock.day(instant[:10])
    with pytest.raises(SettingsError, match="of the years 1900 to 2200"):
        days(None, start=instant[:10], end=instant[:10])


@pytest.mark.parametrize(
    ("headers", "is_off"),
    [
        ({"Date": "Tue, 10 Mar 2026 13:00:00 GMT"}, False),
        ({"Date": "Wed, 11 Mar 2026 12:59:00 GMT"}, False),
        ({"Date": "Wed, 11 Mar 2026 13:01:00 GMT"}, True),
        ({"Date": "Mon, 09 Mar 2026 12:59:00 GMT"}, True),
        # A cache's reply of three days ago.
        ({"Date": "Sat, 07 Mar 2026 13:00:00 GMT", "Age": "259200"}, False),
        ({"Date": "Tue, 10 Mar 2026 13:00:00 GMT", "Age": "259200"}, True),
        ({"Date": "Tue, 10 Mar 2026 13:00:00 GMT", "Age": "9" * 400}, False),
        ({"Date": "Fri, 31 Dec 9999 23:59:59 GMT", "Age": "1"}, False),
        ({"Date": "soon"}, False),
        ({}, False),
    ],
)
def test_a_clock_that_is_a_day_off_is_wrong(monkeypatch, headers, is_off):
    monkeypatch.delenv("INSIDER_FILINGS_NOW", raising=False)
    monkeypatch.setattr(clock, "now", lambda: datetime.fromisoformat("2026-03-10T13:00:00+00:00"))
    with pytest.raises(SettingsError, match="clock says 2026-03-10 13:00") if is_off else nullcontext():
        clock.compare(headers)
