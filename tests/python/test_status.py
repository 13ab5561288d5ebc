"""The log of runs and what `make status` makes of it: also while a run is at work, after one was killed, and without any."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path

import duckdb
import project
import pytest
from rich.console import Console

import alerts
import event_study.__main__
import loader.__main__
import runner.__main__
from alerts.settings import Settings
from loader import progress, redaction
from loader.archive.load import Summary
from loader.errors import FeedError
from loader.run_log import RunLog, last_run, read_log
from runner.__main__ import main
from runner.build import Built, Warned
from runner.settings import Files
from runner.status import print_status, status

LATE = Warned("filings_are_in_time", 976, "late filings", "filing_timeliness", "weigh them")


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    monkeypatch.setattr(runner.__main__, "PROJECT", tmp_path)
    monkeypatch.setattr(progress, "_is_quiet", threading.Event())
    monkeypatch.setenv("INSIDER_FILINGS_NOW", "2026-04-02T09:00:00Z")
    files = Files.in_folder(tmp_path, environment={})
    # A load leaves it in the environment.
    monkeypatch.setenv("INSIDER_FILINGS_DB", str(files.working))
    monkeypatch.setenv("INSIDER_LOGS", str(files.logs))
    return files


KILLED = """
import os, sys
from pathlib import Path
from loader.run_log import RunLog
with RunLog(Path(sys.argv[1]), "signal").run():
    os.kill(os.getpid(), 9)
"""


def publish(files: Files, days_behind: int = 0) -> None:
    with duckdb.connect(str(files.published)) as connection:
        connection.execute(f"""
            create schema marts;
            create table marts.load_completeness as
                select 'feed' as source, date '2026-03-31' as as_of_date, timestamp '2026-04-01 06:00' as finished_at;
            create table marts.source_status as select 'feed' as source, date '2026-03-31' - {days_behind} as complete_through,
                {days_behind} as days_behind, 12 as received_records, 12 as reported_records, 'verified' as window_status;
            -- The delivery leaves out what is silenced; the first of these was over long ago.
            create table marts.alerts as
                select known_on::varchar as alert_id, 'source_behind' as rule, 'feed' as source, known_on, 'feed' as silenced_by
                from (values (date '2026-02-01'), (date '2026-03-31' - {days_behind} + 2)) as known (known_on)
                where {days_behind} > 0 and known_on <= date '2026-03-31';
        """)


def steps(monkeypatch: pytest.MonkeyPatch, load) -> None:
    """A run of `signal` whose steps do nothing."""
    monkeypatch.setattr(runner.__main__.loader, "load", load)
    monkeypatch.setattr(runner.__main__.loader, "wanted_sources", lambda: ["feed", "ecb_rates"])
    monkeypatch.setattr(runner.__main__.loader, "archived_filing_days", lambda: None)
    made = {
        "build": Built(["a"], 7, [LATE]),
        "publish": {"a": 3, "b": 4},
        "export": None,
        "draw": None,
        "print_ranking": None,
    }
    monkeypatch.setattr(runner.__main__.workbook, "write", lambda *_: None)
    for step, result in made.items():
        monkeypatch.setattr(runner.__main__, step, lambda *_, result=result: result)


def loaded(source: str) -> Summary:
    return Summary(source, 2, date(2026, 3, 1), date(2026, 3, 31), 57, 1, 0, date(2026, 3, 31))


def shown(found: dict, capsys: pytest.CaptureFixture) -> str:
    print_status(found, Console(width=160, markup=False))
    return capsys.readouterr().out


def test_a_run_leaves_a_line_for_each_step_and_status_tells_of_it(files, monkeypatch, capsys) -> None:
    steps(monkeypatch, loaded)
    publish(files)
    assert main(["signal"]) == 0
    lines = read_log(files.logs)
    assert [(line["step"], line["outcome"]) for line in lines] == [
        ("run", "started"), ("load", "done"), ("load", "done"), ("build", "done"), ("publish", "done"), ("export", "done"),
        ("page", "done"), ("alerts", "done"), ("run", "done"),
    ]  # fmt: skip
    assert len({line["run"] for line in lines}) == 1
    assert lines[1]["counts"] == {
        "windows": 2,
        "received_records": 57,
        "rejected_records": 1,
        "merged_records": 0,
    }
    assert lines[3]["counts"] == {"nodes": 7, "warnings": 1}
    assert lines[4]["counts"] == {"marts": 2, "rows": 7}
    assert all(line["seconds"] >= 0 for line in lines[1:])
    capsys.readouterr()

    text = shown(status(files), capsys)
    assert "As of 2026-03-31 (2 days ago), published " in text
    assert "feed" in text
    assert "2026-04-01 06:00" in text
    assert "Last run: signal" in text
    assert "load feed: done" in text
    assert "warned: 976 late filings: marts.filing_timeliness (weigh them)" in text
    assert text.endswith("Nothing waits.\n")
    assert main(["status", "--check"]) == 0
    capsys.readouterr()
    assert main(["status", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["last_run"]["outcome"] == "done"


def test_a_run_that_stopped_says_why_without_the_secret(files, monkeypatch, capsys) -> None:
    monkeypatch.setattr(redaction, "_secrets", set())
    redaction.protect("s3cret-key")

    def stop(source: str) -> Summary:
        if source == "feed":
            raise FeedError("the feed refuses s3cret-key\x1b[31m")
        return loaded(source)

    steps(monkeypatch, stop)
    monkeypatch.setenv("ALERTS__FILE", str(files.exports / "alerts.jsonl"))
    assert main(["signal"]) == 1
    [told] = (files.exports / "alerts.jsonl").read_text().splitlines()
    assert json.loads(told)["data"]["says"].startswith("the load of feed stopped: the feed refuses ***")
    log = (files.logs / "runs.jsonl").read_text()
    assert "s3cret" not in log + told
    assert [(line["step"], line["outcome"]) for line in read_log(files.logs)] == [
        ("run", "started"), ("load", "stopped"), ("load", "done"), ("alerts", "done"), ("run", "stopped"),
    ]  # fmt: skip
    capsys.readouterr()
    assert main(["status", "--check"]) == 3
    text = capsys.readouterr().out
    assert "Look at this: nothing is published: run make signal" in text
    assert "Look at this: the last run (signal) was stopped: feed: the feed refuses ***" in text
    assert main(["status"]) == 0


def test_a_delivery_that_fails_fails_no_run(files, monkeypatch, capsys) -> None:
    steps(monkeypatch, loaded)
    publish(files, days_behind=3)
    (files.working.parent / "taken").write_text("")
    alert = {
        "alert_id": "1", "amends_alert_id": None, "rule": "window_stopped", "topic": "feed", "known_on": date(2026, 3, 31),
        "source": "feed", "says": "it stopped",
    }  # fmt: skip
    monkeypatch.setenv("ALERTS__FILE", str(files.working.parent / "taken" / "alerts.jsonl"))
    alerts.tell(alert, files.outbox, alerts.read_settings())
    assert main(["signal", "--quiet"]) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "alerts: file: 0 sent, 1 wait for the next run: " in captured.err
    assert read_log(files.logs)[-2]["outcome"] == "waiting"
    assert main(["status", "--check"]) == 3
    text = capsys.readouterr().out
    assert "Look at this: 1 alerts wait for the file: " in text
    assert "Look at this: feed is 3 days behind the as-of date" in text


def test_a_source_is_looked_at_from_the_day_on_which_it_is_told(files, capsys) -> None:
    publish(files, days_behind=1)
    assert status(files)["attention"] == []
    assert main(["status", "--check"]) == 0
    files.published.unlink()
    publish(files, days_behind=2)
    assert status(files)["attention"] == ["feed is 2 days behind the as-of date"]
    assert main(["status", "--check"]) == 3


def test_a_run_at_work_and_one_that_was_killed_are_told_apart(files, capsys) -> None:
    publish(files)
    log = RunLog(files.logs, "signal")
    with log.run():
        assert status(files)["last_run"]["outcome"] == "running"
        assert status(files)["attention"] == []
    subprocess.run([sys.executable, "-c", KILLED, str(files.logs)], cwd=project.PROJECT)
    found = status(files)
    assert found["last_run"]["outcome"] == "killed"
    assert found["attention"] == ["the last run (signal) was killed"]
    assert "Last run: signal" in shown(found, capsys)


def test_status_is_read_while_another_process_holds_the_working_database(files, capsys) -> None:
    publish(files)
    duckdb.connect(str(files.working)).close()
    with project.opened_elsewhere(files.working):
        assert main(["status"]) == 0
    assert "As of 2026-03-31" in capsys.readouterr().out


def test_an_interrupted_run_and_lines_that_cannot_be_read_stop_nothing(files) -> None:
    log = RunLog(files.logs, "signal")
    with pytest.raises(KeyboardInterrupt), log.run(), log.step("build"):
        raise KeyboardInterrupt
    path = files.logs / "runs.jsonl"
    path.write_text(path.read_text() + '{"run": "cut\n[]\n\x00\n')
    assert [line["outcome"] for line in last_run(read_log(files.logs))] == [
        "started",
        "interrupted",
        "interrupted",
    ]
    assert status(files)["last_run"]["outcome"] == "interrupted"
    files.published.write_bytes(b"no database")
    assert "the published file cannot be read" in status(files)["attention"][0]


@pytest.mark.skipif(
    os.geteuid() == 0 and not Path("/dev/full").exists(), reason="needs a device that is full"
)
def test_a_log_that_cannot_be_written_stops_no_run(files, capsys) -> None:
    files.logs.mkdir()
    (files.logs / "runs.jsonl").symlink_to("/dev/full")
    with RunLog(files.logs, "signal").run():
        pass
    assert "cannot be written: No space left on device" in capsys.readouterr().err


def test_the_demo_and_settings_of_receivers_never_meet(monkeypatch) -> None:
    monkeypatch.setenv("ALERTS__FILE", "mine.jsonl")
    runner.settings.forget_sources()
    assert "ALERTS__FILE" not in os.environ
    assert Settings().file == ""


def test_a_load_by_itself_and_a_study_are_lines_of_the_log(
    files: Files, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise FeedError("the feed is away")

    monkeypatch.setattr(loader.__main__, "load", lambda source, **_: loaded(source))
    assert loader.__main__.main(["ecb_rates"]) == 0
    monkeypatch.setattr(loader.__main__, "load", fails)
    assert loader.__main__.main(["ecb_rates"]) == 1
    monkeypatch.setattr(event_study.__main__, "deliver", lambda *_: {"event_study": 3, "signal_returns": 4})
    assert event_study.__main__.main(["run"]) == 0
    lines = read_log(files.logs)
    assert [
        (line["command"], line["step"], line.get("source"), line["outcome"], line.get("says"))
        for line in lines
    ] == [
        ("load", "load", "ecb_rates", "done", None),
        ("load", "load", "ecb_rates", "stopped", "the feed is away"),
        ("study", "study", None, "done", None),
    ]
    assert lines[0]["counts"].keys() == {
        "windows",
        "received_records",
        "rejected_records",
        "merged_records",
    }
    assert lines[2]["counts"] == {"marts": 2, "rows": 7}
    # They are steps of no run: the last run is still that of make signal.
    assert last_run(lines) == []
