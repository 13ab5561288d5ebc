"""The path and the placebo that are drawn say what the verdict says, and the pictures are there for every reader."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import browser
import duckdb
import event_study_tables
import numpy as np
import pytest
from lxml import etree
from playwright.sync_api import Browser
from project import rows
from rich.console import Console

from event_study.__main__ import _draw, main
from event_study.path import FIRST, LAST
from event_study.plots import draw
from event_study.run import run
from runner.publish import EVENT_STUDY, publish

PICTURES = ["earned", "path", "placebo", "quintiles"]


@pytest.fixture(scope="module")
def studied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A market with an effect of 2 % in five sessions, studied."""
    database = tmp_path_factory.mktemp("studied") / "w.duckdb"
    event_study_tables.write(database, seed=1)
    run(database)
    return database


@pytest.fixture(scope="module")
def published(studied: Path) -> Path:
    measured = [name for name in EVENT_STUDY if name != "suspect_prices"]
    publish(studied, studied.with_name("published.duckdb"), measured, kept=[])
    return studied.with_name("published.duckdb")


@pytest.fixture(scope="module")
def page(published: Path) -> Path:
    page = draw(published, published.parent / "exports")
    assert page is not None
    return page


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.started() as started:
        yield started


def test_the_path_meets_the_verdict_at_every_horizon(studied: Path) -> None:
    found = rows(
        studied,
        """
        select path.mean as drawn, verdict.mean as said, path.n_events as events, verdict.n_events as counted
        from marts.event_study_path as path
        inner join marts.event_study as verdict
            on path.event_kind = verdict.event_kind and path.session_number = verdict.horizon
        where verdict.slice = 'event_kind' and verdict.return_kind = 'adjusted'
        """,
    )
    assert len(found) == 4 * 5
    for row in found:
        assert row["drawn"] == pytest.approx(row["said"]) and row["events"] == row["counted"] > 100


def test_before_the_entry_the_path_is_what_a_plain_loop_finds(studied: Path) -> None:
    prices = {
        (row["series_id"], row["session_number"]): row
        for row in rows(
            studied,
            """
            select prices.*, benchmark.benchmark_close, benchmark.benchmark_open
            from intermediate.int_series_prices as prices
            inner join intermediate.int_series_reach as reach using (series_id)
            inner join intermediate.int_benchmark_prices as benchmark
                on reach.market = benchmark.market and prices.session_number = benchmark.session_number
            """,
        )
    }
    entries = rows(
        studied,
        """
        select events.event_kind, events.series_id, days.day_number, earned.entry_at
        from marts.signal_returns as earned
        inner join intermediate.int_study_events as events using (event_id)
        inner join intermediate.int_counted_days as days on earned.entry_date = days.date_day and days.day_kind = 'trading'
        where earned.horizon = 1 and events.has_past
        """,
    )
    drawn = {
        (row["event_kind"], row["session_number"]): row
        for row in rows(studied, "select * from marts.event_study_path")
    }
    assert {session for _, session in drawn} == set(range(FIRST, LAST + 1))
    for session in (FIRST, -5, -1):
        found: dict[str, list[float]] = {}
        for entry in entries:
            paid = prices[entry["series_id"], entry["day_number"]]
            before = prices.get((entry["series_id"], entry["day_number"] + session))
            if (
                before is None
                or before["adjusted_close"] is None
                or before["suspect_count"] != paid["suspect_count"]
            ):
                continue
            at = entry["entry_at"]
            stood = before["adjusted_close"] / paid[f"adjusted_{at}"]
            found.setdefault(entry["event_kind"], []).append(
                stood - before["benchmark_close"] / paid[f"benchmark_{at}"]
            )
        assert len(found) == 4
        for kind, values in found.items():
            row = drawn[kind, session]
            assert row["n_events"] == len(values) > 100
            assert row["mean"] == pytest.approx(np.mean(values))
            assert row["bootstrap_low"] < row["mean"] < row["bootstrap_high"]


def test_the_share_of_shifts_below_the_true_mean_is_its_percentile(studied: Path) -> None:
    found = rows(
        studied,
        """
        select
            verdict.event_kind,
            verdict.horizon,
            verdict.placebo_percentile,
            count(placebo.mean) as shifts,
            count(*) filter (where placebo.mean < verdict.mean) as below
        from marts.event_study as verdict
        left join marts.event_study_placebo as placebo
            on verdict.event_kind = placebo.event_kind and verdict.horizon = placebo.horizon
        where verdict.slice = 'event_kind' and verdict.return_kind = 'adjusted' and not verdict.is_looking_ahead
        group by all
        """,
    )
    told = [row for row in found if row["placebo_percentile"] is not None]
    assert len(told) >= 5
    for row in told:
        assert row["shifts"] >= 99
        assert (row["below"] + 0.5) / (row["shifts"] + 1) == pytest.approx(row["placebo_percentile"])
    assert all(row["shifts"] == 0 for row in found if row["placebo_percentile"] is None)
    [(kinds,)] = duckdb.connect(str(studied), read_only=True).execute(
        "select list(distinct event_kind order by event_kind) from marts.event_study_placebo"
    ).fetchall()  # fmt: skip
    assert kinds == ["cluster", "first_buy"]


def test_the_pictures_are_files_and_a_page_that_asks_for_nothing(chromium: Browser, page: Path) -> None:
    files = sorted((page.parent / "study").iterdir())
    assert [file.name for file in files] == [f"{name}.svg" for name in PICTURES]
    for file in files:
        root = etree.fromstring(file.read_bytes())
        assert (
            root.tag == "{http://www.w3.org/2000/svg}svg" and len(root.xpath("//*[local-name()='path']")) > 10
        )
    with browser.opened(chromium, page) as seen:
        assert seen.page.locator("figure svg").count() == len(PICTURES)
        assert "survive" in seen.page.locator(".notice").inner_text()
        assert seen.page.locator("tbody tr").count() == 12
        assert "What this page does not claim" in seen.page.locator("footer").inner_text()
        assert seen.page.locator("script").count() == 0
        assert (seen.said, seen.asked) == ([], [page.as_uri()])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_the_pictures_page(chromium: Browser, page: Path, scheme: str) -> None:
    # axe comes to the page as a script; the page's own policy lets none in.
    with browser.opened(chromium, page, color_scheme=scheme, bypass_csp=True) as seen:
        assert seen.serious() == []


def test_the_same_study_makes_the_same_pictures(published: Path, page: Path, tmp_path: Path) -> None:
    again = draw(published, tmp_path)
    assert again.read_bytes() == page.read_bytes()


def test_without_a_study_it_says_so(tmp_path: Path, capsys) -> None:
    with duckdb.connect(str(tmp_path / "p.duckdb")) as connection:
        connection.execute("create schema marts; create table marts.issuer_scores (score double)")
    assert main(["draw", "--database", str(tmp_path / "p.duckdb"), "--to", str(tmp_path)]) == 0
    assert "No pictures: no study with prices is published." in capsys.readouterr().out
    assert main(["draw", "--database", str(tmp_path / "nothing.duckdb"), "--to", str(tmp_path)]) == 1
    assert "run make signal and make study first" in capsys.readouterr().err
    assert not (tmp_path / "study.html").exists()


def test_where_it_lies_is_said(published: Path, tmp_path: Path) -> None:
    told = StringIO()
    _draw(published, tmp_path, Console(file=told, width=300))
    assert (tmp_path / "study.html").as_uri() in told.getvalue() and str(
        tmp_path / "study"
    ) in told.getvalue()
