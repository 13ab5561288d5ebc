"""Whatever ends a run: the next ones bring the archive to where an undisturbed run would have brought it."""

import errno
import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import nullcontext
from datetime import date
from hashlib import sha256
from pathlib import Path

import duckdb
import pytest
from feed_server import filing
from loader_fixtures import without_progress
from project import PROJECT

import loader
from loader.archive.archive import open_archive
from runner.build import dbt

pytest_plugins = ("loader_fixtures",)

LOADER = [sys.executable, "-m", "loader", "filings_api"]
# Two days of the backfill below make a package.
IN_PACKAGES = (
    "import loader, loader.archive.load; loader.archive.load.PACKAGE_RECORDS = 40; loader.load('filings_api')"
)

# Rows of committed packages, one of each place: how staging reads the archive.
OBSERVATIONS = """
    select record_id, content_hash, window_start, window_end, page_number, position
    from raw_filings_api.observations
    where _dlt_load_id in (select load_id from raw_filings_api._dlt_loads where status = 0)
        and walk_id in (select walk_id from raw_filings_api.windows where is_closed)
    qualify row_number() over (partition by walk_id, page_number, position order by _dlt_load_id) = 1
    order by all
"""


def start(*command: str) -> subprocess.Popen:
    return subprocess.Popen(
        command or LOADER,
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell that runs the tests in its background would have them ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


@pytest.fixture(params=["database", "folder"])
def kind(archive, request):
    """What the archive lies in."""
    archive.use(request.param)
    return request.param


@pytest.fixture
def backfill(kind, archive, feed):
    """A feed with five closed days of filings, and the observations that an undisturbed backfill archives."""
    feed.records = [filing(number, f"2026-01-{1 + number % 6:02d}") for number in range(150)]
    archive.configure(start_date="2026-01-01", window="day", lag_days=0, page_size=10)
    archive.set_clock("2026-01-06T13:00:00")
    expected = []
    for day in (date(2026, 1, number) for number in range(1, 6)):
        of_day = [record for record in feed.records if record["filing_date"] == str(day)]
        for place, record in enumerate(of_day):
            content_hash = sha256(json.dumps(record).encode()).hexdigest()
            expected.append((record["id"], content_hash, day, day, 1 + place // 10, 1 + place % 10))
    return sorted(expected)


def test_an_undisturbed_run_is_what_the_others_are_held_against(archive, backfill):
    loader.load("filings_api")
    assert archive.query(OBSERVATIONS) == backfill


def test_runs_killed_at_random_moments_end_where_an_undisturbed_one_does(archive, feed, backfill):
    began = time.monotonic()
    chance = random.Random()
    for _ in range(6):
        requests = len(feed.requests)
        process = start(sys.executable, "-c", IN_PACKAGES)
        # Imports take most of a short run: count from the first request.
        while len(feed.requests) == requests and process.poll() is None:
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 0.6))
        process.kill()
        process.communicate()
        if time.monotonic() - began > 15:
            break
    summary = loader.load("filings_api")
    assert summary.complete_through == date(2026, 1, 5)
    assert archive.query(OBSERVATIONS) == backfill


@pytest.mark.parametrize(
    "moment",
    [
        "dlt.Pipeline.normalize",
        "dlt.Pipeline.load",
        "dlt.load.load.Load.complete_package",
        "dlt.common.storages.LoadStorage.complete_load_package",
    ],
)
def test_a_run_that_dies_between_two_steps_leaves_nothing_twice_and_nothing_out(archive, backfill, moment):
    # The third package of the run, here a window each, dies as it reaches this call.
    module, _, attribute = moment.rpartition(".")
    owner, _, name = module.rpartition(".")
    script = f"""
import importlib, itertools, os, loader, loader.archive.load, dlt
loader.archive.load.PACKAGE_RECORDS = 0
owner = getattr(importlib.import_module({owner!r}), {name!r})
honest, calls = owner.{attribute}, itertools.count(1)
def die(*arguments, **options):
    if next(calls) == 3:
        os._exit(9)
    return honest(*arguments, **options)
owner.{attribute} = die
loader.load("filings_api")
"""
    process = start(sys.executable, "-c", script)
    _, errors = process.communicate()
    assert (process.returncode, errors) == (9, "")
    assert 1 <= len({row[2] for row in archive.query(OBSERVATIONS)}) <= 3
    # And one that it was writing, under the name that dlt gives it until it is whole.
    [schemas] = archive.folder.glob("dlt_data/pipelines/*/raw_filings_api/schemas")
    (schemas / "7413e5da84fc8dd5").write_text('{"version"')
    loader.load("filings_api")
    assert archive.query(OBSERVATIONS) == backfill
    [(raw_rows,)] = archive.query("select count(*) from raw_filings_api.observations")
    assert raw_rows >= len(backfill)


@pytest.mark.parametrize("kind", ["folder"], indirect=True)
def test_files_without_the_mark_of_their_load_do_not_count(archive, backfill):
    loader.load("filings_api", start_date=date(2026, 1, 1), end_date=date(2026, 1, 3))
    tables = archive.folder / "filings" / "raw_filings_api"
    # As a killed process leaves them: cut off in the middle, whole but without a mark, and a mark that says nothing.
    whole = next(tables.glob("observations/*.parquet"))
    (tables / "observations" / "1.5.cut.parquet").write_bytes(whole.read_bytes()[:-100])
    (tables / "windows" / "1.5.unmarked.parquet").write_bytes(
        next(tables.glob("windows/*.parquet")).read_bytes()
    )
    (tables / "_dlt_loads" / "raw_filings_api__1.6.jsonl").write_text('{"load_id": "1.')
    with open_archive("filings_api") as opened:
        assert len(opened.windows()) == 3
        assert opened.content_hashes() == {row[1] for row in backfill if row[2] <= date(2026, 1, 3)}
    (tables / "_dlt_loads" / "raw_filings_api__1.6.jsonl").unlink()
    loader.load("filings_api")
    assert archive.query(OBSERVATIONS) == backfill


def test_a_second_writer_of_a_folder_is_told_who_holds_it(archive, feed, command_line):
    archive.use("folder")
    script = "from loader.archive.archive import open_archive\nwith open_archive('filings_api'): print(flush=True); input()"
    holder = subprocess.Popen(
        [sys.executable, "-c", script], cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        holder.stdout.readline()
        status, _, errors = command_line("filings_api", "--start-date", "2026-01-01")
    finally:
        holder.communicate(b"\n")
    assert status == 1 and f"another process (PID {holder.pid}) uses it" in errors
    assert feed.requests == []


@pytest.mark.parametrize("name", ["50%20 é #1"])
def test_a_folder_with_an_odd_name_is_one_place_for_the_loader_and_dbt(archive, feed, name):
    feed.records = [filing(number, f"2026-01-{1 + number % 3:02d}") for number in range(12)]
    archive.use("folder", name)
    archive.configure(start_date="2026-01-01", window="day", lag_days=0)
    archive.set_clock("2026-01-04T13:00:00")
    loader.load("filings_api", end_date=date(2026, 1, 2))
    assert loader.load("filings_api", end_date=date(2026, 1, 3)).first_day == date(2026, 1, 3)
    assert dbt(archive.database, "--quiet", "run-operation", "declare_archives").success
    with duckdb.connect(str(archive.database)) as connection:
        found = connection.execute("select count(distinct record_id) from raw_filings_api.observations")
        assert found.fetchone() == (12,)


@pytest.mark.parametrize(
    "name",
    ["a*", "a?", "a[b]", "{a}", "a\\b", "the analyst's", "~/a", "file:///the%20archive", "file://host/a"],
)
def test_a_folder_that_dbt_would_not_find_is_refused_before_anything_is_loaded(
    archive, feed, command_line, monkeypatch, name
):
    monkeypatch.chdir(archive.folder)
    monkeypatch.setenv("INSIDER_ARCHIVE_URL", name)
    status, _, errors = command_line("filings_api", "--start-date", "2026-01-01")
    assert status == 1 and errors.startswith("filings_api: INSIDER_ARCHIVE_URL")
    assert feed.requests == []


@pytest.mark.parametrize("limit", ["4 gigs", "4", "GB"])
def test_a_limit_of_memory_that_is_none_is_named_with_an_example(
    kind, archive, feed, command_line, monkeypatch, limit
):
    monkeypatch.setenv("INSIDER_MEMORY_LIMIT", limit)
    status, _, errors = command_line("filings_api", "--start-date", "2026-01-01")
    assert (status, errors) == (1, f"filings_api: INSIDER_MEMORY_LIMIT is no size such as 4GB: {limit!r}\n")
    assert feed.requests == []


def test_what_is_no_local_folder_is_read_through_fsspec(archive, feed, monkeypatch):
    """The memory of this process stands for an object store: addresses instead of paths, no folders of its own."""
    feed.records = [filing(number, f"2026-01-{1 + number % 6:02d}") for number in range(20)]
    archive.configure(start_date="2026-01-01", window="day", lag_days=0)
    archive.set_clock("2026-01-06T13:00:00")
    monkeypatch.setenv("INSIDER_ARCHIVE_URL", f"memory://{archive.folder.name}")
    assert loader.load("filings_api", end_date=date(2026, 1, 3)).windows == 3
    assert loader.load("filings_api").windows == 3
    with open_archive("filings_api") as opened:
        assert len(opened.content_hashes()) == 20


def test_an_interrupted_backfill_goes_on_with_the_window_it_stopped_in(archive, feed, backfill):
    feed.fault = lambda _, asked: (403, {}, b"") if asked["from_date"] == "2026-01-04" else None
    with pytest.raises(loader.LoadError, match=r"window 2026-01-04..2026-01-04: .*HTTP 403"):
        loader.load("filings_api")
    assert [window[0] for window in archive.windows()] == [f"2026-01-0{day}" for day in (1, 2, 3)]
    feed.fault = lambda *_: None
    feed.requests.clear()
    loader.load("filings_api")
    assert feed.requests[0][2]["from_date"] == "2026-01-04"
    assert archive.query(OBSERVATIONS) == backfill


def test_an_interruption_by_hand_says_so_and_keeps_what_is_done(archive, feed, backfill):
    feed.fault = lambda _, asked: "hang" if asked["from_date"] == "2026-01-03" else None
    process = start()
    while not any(request[2]["from_date"] == "2026-01-03" for request in feed.requests):
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert without_progress(errors) == "filings_api: interrupted; the windows loaded so far are archived\n"
    feed.fault = lambda *_: None
    loader.load("filings_api")
    assert archive.query(OBSERVATIONS) == backfill


def test_a_package_that_waits_for_one_place_is_not_loaded_into_another(archive, kind, backfill):
    script = (
        "import os, loader, dlt; dlt.Pipeline.load = lambda *_, **__: os._exit(9); loader.load('filings_api')"
    )
    process = start(sys.executable, "-c", script)
    process.communicate()
    assert process.returncode == 9
    archive.use(kind, "other")
    first = loader.load("filings_api", start_date=date(2026, 1, 3), end_date=date(2026, 1, 3))
    assert (first.windows, first.complete_through) == (1, date(2026, 1, 3))
    archive.use(kind)
    loader.load("filings_api")
    assert archive.query(OBSERVATIONS) == backfill


def test_a_second_writer_is_told_who_holds_the_database(archive, feed, command_line):
    script = "import duckdb, sys; _ = duckdb.connect(sys.argv[1]); print(flush=True); input()"
    command = [sys.executable, "-c", script, str(archive.database)]
    holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        holder.stdout.readline()
        status, output, errors = command_line("filings_api", "--start-date", "2026-01-01")
    finally:
        holder.communicate(b"\n")
    assert (status, output) == (1, "")
    assert errors == (
        f"filings_api: the database filings.duckdb cannot be opened: another process (PID {holder.pid}) uses it: "
        "wait until that has ended\n"
    )
    assert feed.requests == []


def test_a_file_that_is_no_database_is_named(archive, feed):
    archive.database.write_text("a spreadsheet")
    with pytest.raises(loader.LoadError, match=r"filings.duckdb cannot be opened"):
        loader.load("filings_api", start_date=date(2026, 1, 1))


def test_a_folder_that_cannot_be_written_is_named(archive, feed, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("DLT_DATA_DIR", str(tmp_path / "file"))
    with pytest.raises(loader.LoadError, match="DLT_DATA_DIR"):
        loader.load("filings_api", start_date=date(2026, 1, 1))


def test_a_full_disk_is_no_fault_of_the_feed(archive, feed, monkeypatch):
    feed.records = [filing(1, "2026-01-01")]

    def full(*_, **__):
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as patch:
        patch.setattr("pyarrow.parquet.ParquetWriter.write_table", full)
        with pytest.raises(loader.LoadError, match=r"could not be written.*No space left"):
            loader.load("filings_api", start_date=date(2026, 1, 1), end_date=date(2026, 1, 2))
    assert loader.load("filings_api", start_date=date(2026, 1, 1), end_date=date(2026, 1, 2)).windows == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
def test_a_full_disk_below_the_write_ahead_log_is_one_line(archive, feed, run_loader):
    feed.records = [filing(number, "2026-01-01") for number in range(5)]
    days = ("filings_api", "--start-date", "2026-01-01", "--end-date", "2026-01-02")
    log = Path(f"{archive.database}.wal")
    log.symlink_to("/dev/full")
    status, output, errors = run_loader(*days)
    assert (status, output, errors.count("\n")) == (1, "", 1)
    assert "No space left on device. Make room there and run again" in errors
    log.unlink(missing_ok=True)
    assert run_loader(*days)[0] == 0
    assert len(archive.payloads()) == 5


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
def test_a_full_disk_is_no_fault_of_the_price_files(archive, monkeypatch, tmp_path, command_line):
    (tmp_path / "prices.csv").write_text("ticker,market,session_date,close\nEXM,US,2026-01-02,1.5\n")
    folder = tmp_path / "temporary"
    folder.mkdir()
    (folder / "prices.duckdb.wal").symlink_to("/dev/full")
    monkeypatch.setattr("loader.sources.prices.TemporaryDirectory", lambda: nullcontext(str(folder)))
    monkeypatch.setenv("SOURCES__PRICES__PATH", str(tmp_path / "prices.csv"))
    status, _, errors = command_line("prices")
    assert (status, errors.count("\n")) == (1, 1)
    assert "could not be read or written" in errors and "Make room there" in errors
    assert "prices.csv" not in errors


def test_a_full_disk_below_temporary_files_is_one_line(archive, monkeypatch, command_line):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/tmp/data_set")

    monkeypatch.setattr("loader.sources.sec_bulk.TemporaryDirectory", full)
    status, _, errors = command_line("sec_bulk", "--quarter", "2023q2", "--path", "data_set.zip")
    assert (status, errors.count("\n")) == (1, 1)
    assert "No space left on device: '/tmp/data_set'. Make room there" in errors


@pytest.mark.parametrize(
    "variable",
    [
        "INSIDER_FILINGS_DB",
        "INSIDER_ARCHIVE_URL",
        "INSIDER_MEMORY_LIMIT",
        "DLT_DATA_DIR",
        "DLT_PROJECT_DIR",
        "TMPDIR",
        "SOURCES__FILINGS_API__API_KEY",
        "SOURCES__FILINGS_API__BASE_URL",
    ],
)
def test_what_is_no_utf_8_is_named_without_its_value(archive, feed, monkeypatch, command_line, variable):
    monkeypatch.setenv(variable, os.fsdecode(b"/caf\xe9/s3cret"))
    status, output, errors = command_line("filings_api", "--start-date", "2026-01-01")
    assert (status, output) == (1, "")
    assert errors == f"filings_api: the variable {variable} is no UTF-8: write it in UTF-8 and run again\n"
    assert feed.requests == []


def test_files_whose_names_are_no_utf_8_are_named(archive, monkeypatch, tmp_path, command_line):
    path = tmp_path / os.fsdecode(b"caf\xe9.csv")
    try:
        path.write_text("ticker,market,session_date,close\n")
    except OSError:
        pytest.skip("this file system takes no such name")
    status, _, errors = command_line("ecb_rates", "--path", str(path))
    assert (status, errors.count("\n")) == (1, 1)
    assert "caf\ufffd.csv is no UTF-8" in errors
    monkeypatch.setenv("SOURCES__PRICES__PATH", str(tmp_path))
    status, _, errors = command_line("prices")
    assert (status, errors.count("\n")) == (1, 1)
    assert "caf\ufffd.csv is no UTF-8" in errors


def test_a_variable_of_others_may_be_in_any_encoding(archive, feed, monkeypatch):
    monkeypatch.setenv("SOMEBODYS_FOLDER", os.fsdecode(b"/caf\xe9"))
    assert loader.load("filings_api", start_date=date(2026, 1, 1), end_date=date(2026, 1, 2)).windows == 1
