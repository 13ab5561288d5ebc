"""The real filings from a server like EDGAR: all of them are archived, with all that an independent count finds in them."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest
import real_filings
from edgar_server import read_index
from project import PROJECT
from sec_filings import SecArchive, needs_real_filings

pytest_plugins = ("sec_fixtures",)
pytestmark = needs_real_filings

# Loads in a process of its own, and says what it took.
LOAD = """
import json, sys, time, tracemalloc
from datetime import date
import pyarrow
import loader, loader.archive.load
# Small enough for several of them.
loader.archive.load.PACKAGE_BYTES = 1024**2
if is_traced := sys.argv[2] == "traced":
    tracemalloc.start()
began = time.monotonic()
summary = loader.load("sec_edgar", start_date=date.fromisoformat(sys.argv[1]), end_date=date(2023, 5, 31))
seconds = time.monotonic() - began
# What is allocated: the resident memory says more of the allocator than of the loader.
peak = tracemalloc.get_traced_memory()[1] + pyarrow.default_memory_pool().max_memory() if is_traced else 0
print(json.dumps([summary.received_records, summary.rejected_records, seconds, peak / 1024**2]))
"""


class Loaded(NamedTuple):
    """A database with filings, and what it took to load them."""

    database: Path
    received: int
    rejected: int
    seconds: float
    megabytes: float

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(self.database, read_only=True) as connection:
            return connection.execute(sql).fetchall()


def load_from(start: str, folder: Path, address: str, mode: str = "") -> Loaded:
    with pytest.MonkeyPatch.context() as monkeypatch:
        archive = SecArchive(folder, monkeypatch)
        archive.set_clock("2023-07-20T12:00:00")
        archive.configure(base_url=address)
        command = [sys.executable, "-c", LOAD, start, mode]
        done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=300)
    assert done.stderr == ""
    return Loaded(archive.database, *json.loads(done.stdout))


@pytest.fixture(scope="module")
def loaded(tmp_path_factory, real_edgar) -> Loaded:
    """All filings, loaded without a limit of requests."""
    return load_from("2023-03-01", tmp_path_factory.mktemp("all"), real_edgar)


def test_every_filing_is_archived_once(loaded, capsys):
    with capsys.disabled():
        print(f"\n{loaded.received / loaded.seconds:,.0f} filings a second fetched, read and archived")
    assert (loaded.received, loaded.rejected) == (5409, 0)
    counts = "select count(*), count(distinct record_id), count(distinct content_hash) from raw_sec_edgar.observations"
    assert loaded.query(counts) == [(5409, 5409, 5409)]
    archived = {number for (number,) in loaded.query("select record_id from raw_sec_edgar.observations")}
    assert archived == real_filings.submissions().keys()


def test_every_day_holds_what_the_index_lists(loaded):
    listed: dict[str, set[str]] = {}
    for file in real_filings.archive().parent.glob("master_*.idx"):
        for line in read_index(file):
            listed.setdefault(line.date_filed, set()).add(line.path[-24:-4])
    windows = "select strftime(window_start, '%Y%m%d'), reported_records, received_records, rejected_records, is_closed"
    days = {day: counts for day, *counts in loaded.query(f"{windows} from raw_sec_edgar.windows")}
    assert len(days) == 92
    assert {day: counts for day, counts in days.items() if counts[0]} == {
        day: [len(numbers), len(numbers), 0, True] for day, numbers in listed.items()
    }


def test_counts_equal_those_of_the_documents(loaded):
    counted: Counter[str] = Counter()
    for submission in real_filings.submissions().values():
        counted.update(element.tag for element in submission.document.iter())
    document = "select payload->'$.ownership_document' as document from raw_sec_edgar.observations"
    lists = {
        "reportingOwner": "'$.reportingOwner[*]'",
        "footnote": "'$.footnotes[*]'",
        "ownerSignature": "'$.ownerSignature[*]'",
    }
    for tag, path in lists.items():
        [(count,)] = loaded.query(f"select sum(len(document->{path}))::int from ({document})")
        assert count == counted[tag], tag
    for table in ("nonDerivativeTable", "derivativeTable"):
        rows = f"select unnest(document->'$.{table}[*]')->>'element' as element from ({document})"
        for element, count in loaded.query(f"select element, count(*) from ({rows}) group by all"):
            assert count == counted[element], element
    on_fields = "select sum(len(json_extract(document, '$..footnoteId[*].id')))::int"
    assert loaded.query(f"{on_fields} from ({document})") == [(counted["footnoteId"],)]


def test_times_are_those_of_the_headers(loaded):
    times = (
        "select record_id, payload->>'accepted_at', payload->>'filing_date' from raw_sec_edgar.observations"
    )
    assert {number: (accepted, filed) for number, accepted, filed in loaded.query(times)} == {
        number: (submission.accepted_at.isoformat(), submission.filing_date.isoformat())
        for number, submission in real_filings.submissions().items()
    }


def test_memory_does_not_grow_with_the_number_of_filings(tmp_path_factory, real_edgar):
    few = load_from("2023-05-22", tmp_path_factory.mktemp("few"), real_edgar, "traced")
    many = load_from("2023-05-15", tmp_path_factory.mktemp("many"), real_edgar, "traced")
    assert 1000 < few.received < many.received - 800
    documents = "select sum(strlen(payload)) / 1024**2 from raw_sec_edgar.observations"
    [(few_megabytes,)], [(many_megabytes,)] = few.query(documents), many.query(documents)
    # Documents that are kept would add their own size to what a longer load needs anyhow.
    assert many.megabytes - few.megabytes < many_megabytes - few_megabytes
