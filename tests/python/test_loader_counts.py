"""Counting a window: what came, what the feed declared, and whether both agree."""

from itertools import pairwise

import pyarrow as pa
import pytest

from loader.archive.counts import RECORDS, Counts, Page, Record, count
from loader.errors import IncompleteWalkError


def page(*ids: str | None, **reported: int) -> Page:
    return Page([Record(f'{{"id": "{record_id}"}}', record_id) for record_id in ids], **reported)


def test_pages_and_records_are_counted():
    counts, contents = count(
        [page("a", None, reported_records=3), page(), page("a", reported_records=3)], True
    )
    assert counts == Counts(
        pages_requested=3, pages_with_records=2, reported_records=3, received_records=3, rejected_records=1
    )
    assert sorted(contents.values()) == [1, 2]


def test_a_table_counts_as_its_rows_do():
    rows = page("a", None, "b", reported_records=3)
    table = Page(rows.table(), reported_records=3)
    assert rows.table().schema == RECORDS
    assert isinstance(table.records, pa.Table)
    assert count([rows], True)[0] == count([table], True)[0]


@pytest.mark.parametrize(
    ("pages", "message"),
    [
        ([page("a", reported_records=2)], "1 records received on 1 pages, 2 declared"),
        ([page("a", "b", reported_records=1)], "2 records received on 1 pages, 1 declared"),
        ([page("a", reported_pages=2), page(reported_pages=2)], "1 pages with records, 2 declared"),
        ([page(reported_pages=2)], "0 pages with records, 2 declared"),
    ],
)
def test_numbers_that_do_not_come_out_are_refused_for_days_that_are_over(pages, message):
    with pytest.raises(IncompleteWalkError, match=message):
        count(pages, True)
    count(pages, False)


@pytest.mark.parametrize("declared", [0, 1])
def test_an_empty_window_counts_as_no_page_or_as_one(declared):
    assert count([page(reported_pages=declared)], True)[0].pages_with_records == 0


def test_what_is_declared_must_not_change_for_days_that_are_over():
    counts = Counts().declaring(True, reported_records=3)
    assert counts.declaring(True) == counts.declaring(True, reported_records=3) == counts
    with pytest.raises(IncompleteWalkError, match="declared 3 in all, and now 4"):
        counts.declaring(True, reported_records=4)
    assert counts.declaring(False, reported_records=4).reported_records == 4


@pytest.mark.parametrize(
    ("declared", "is_declared", "first_whole"),
    [
        ({}, False, None),
        ({"reported_records": 2}, True, 2),
        ({"reported_pages": 3}, True, 3),
        # Pages outweigh records.
        ({"reported_pages": 3, "reported_records": 1}, True, 3),
        ({"reported_records": 0}, True, 0),
    ],
)
def test_a_window_is_whole_once_all_that_is_declared_has_come(declared, is_declared, first_whole):
    steps = [Counts(**declared)]
    for record_id in "abc":
        steps.append(steps[-1].after(page(record_id, **declared)))
    assert {step.is_declared for step in steps} == {is_declared}
    whole = [number for number, step in enumerate(steps) if step.is_whole]
    assert whole == ([] if first_whole is None else list(range(first_whole, 4)))
    assert all(later.pages_requested == earlier.pages_requested + 1 for earlier, later in pairwise(steps))
