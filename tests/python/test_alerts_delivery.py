"""Alerts reach a real receiver, in a process of its own that fails, hangs and restarts: each id at least once, none again by a rerun."""

from __future__ import annotations

import email
import email.policy
import json
import os
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import project
import pytest
from alert_receiver import SECRET

import alerts
import alerts.__main__
from alerts.settings import Settings
from loader import redaction
from loader.errors import SettingsError
from loader.run_log import RunLog
from runner import alerting
from runner.settings import Files

DAY = date(2026, 3, 31)
COLUMNS = {
    "alert_id": "varchar", "amends_alert_id": "varchar", "rule": "varchar", "topic": "varchar", "known_on": "date", "source": "varchar",
    "issuer_id": "varchar", "issuer_name": "varchar", "ticker": "varchar", "score": "double", "value_base": "decimal(38,6)",
    "says": "varchar", "silenced_by": "varchar",
}  # fmt: skip


def alert(number: int | str, known_on: date = DAY, **others: Any) -> dict[str, Any]:
    return {
        "alert_id": f"id-{number}", "rule": "new_cluster", "topic": f"feed:{number}", "known_on": known_on, "source": "feed",
        "issuer_id": str(number), "issuer_name": "Works", "ticker": f"W{number}", "score": 17.25, "value_base": Decimal("1234567890123.25"),
        "says": "3 insiders bought",
    } | others  # fmt: skip


def publish(files: Files, rows: list[dict[str, Any]], as_of: date = DAY) -> None:
    """A published database with these alerts."""
    files.published.unlink(missing_ok=True)
    with duckdb.connect(str(files.published)) as connection:
        connection.execute("create schema marts")
        connection.execute(f"create table marts.load_completeness as select date '{as_of}' as as_of_date")
        connection.execute(f"create table marts.alerts ({', '.join(map(' '.join, COLUMNS.items()))})")
        for row in rows:
            connection.execute(
                f"insert into marts.alerts values ({', '.join('?' * len(COLUMNS))})",
                [row.get(name) for name in COLUMNS],
            )


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files.in_folder(tmp_path, environment={})


class Receiver:
    """What a receiver got, and the settings that reach it."""

    def __init__(self, port: int, received: Path) -> None:
        self.port, self._received = port, received

    def settings(self, **others: Any) -> Settings:
        return Settings(
            **{
                "webhook_url": f"http://127.0.0.1:{self.port}/hook/s3cret-path",
                "webhook_secret": SECRET,
                "attempts": 2,
                "timeout": 1,
                "max_seconds": 20,
            }
            | others
        )

    def got(self) -> list[dict[str, Any]]:
        return (
            [json.loads(line) for line in self._received.read_text().splitlines()]
            if self._received.exists()
            else []
        )

    def accepted(self) -> Counter[str]:
        return Counter(line["id"] for line in self.got() if line["status"] in (200, 204))


@contextmanager
def receiving(folder: Path, mode: str = "ok", port: int = 0) -> Iterator[Receiver]:
    script = Path(__file__).with_name("alert_receiver.py")
    received = folder / "received.jsonl"
    command = [sys.executable, str(script), str(port), str(received), mode]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            port = int(process.stdout.readline().split()[0])
            yield Receiver(port, received)
        finally:
            process.kill()


def deliver(files: Files, settings: Settings) -> alerts.Report:
    return alerts.deliver(files.published, files.outbox, settings)


def test_the_first_delivery_begins_with_the_as_of_date_and_a_rerun_sends_nothing(files, tmp_path) -> None:
    publish(files, [*(alert(n, DAY - timedelta(days=n)) for n in range(1, 1001)), alert("new")])
    with receiving(tmp_path) as receiver:
        report = deliver(files, receiver.settings())
        assert report.lines == [
            "webhook: the first delivery begins with 2026-03-31; 1,000 older alerts are in marts.alerts and are not sent",
            "webhook: 1 sent",
        ]
        assert deliver(files, receiver.settings()) == alerts.Report([], 0, 0, 0)
        publish(
            files,
            [alert("new"), alert("next", DAY + timedelta(days=1)), alert(1, DAY - timedelta(days=1))],
            DAY + timedelta(days=1),
        )
        assert deliver(files, receiver.settings()).sent == 1
    assert receiver.accepted() == {"id-new": 1, "id-next": 1}
    [first, _] = receiver.got()
    assert first["valid"]
    body = first["body"]
    assert body["type"] == "insider_filings.new_cluster"
    assert body["timestamp"] == "2026-03-31T00:00:00Z"
    assert body["data"]["alert_id"] == "id-new"
    assert (body["data"]["score"], body["data"]["value_base"]) == (17.25, "1234567890123.250000")


def test_an_amendment_is_sent_to_whom_the_alert_was_told(files, tmp_path) -> None:
    amended = {"rule": "new_cluster", "says": "1 of the lines amended"}
    later = DAY + timedelta(days=1)
    told, old = alert(1), alert(2, DAY - timedelta(days=9))
    publish(files, [told, old])
    with receiving(tmp_path) as receiver:
        deliver(files, receiver.settings())
        amendments = [
            alert(f"a{n}", later, amends_alert_id=f"id-{n}", topic=f"feed:{n}", **amended) for n in (1, 2)
        ]
        publish(files, [told, old, *amendments], later)
        deliver(files, receiver.settings())
    assert receiver.accepted() == {"id-1": 1, "id-a1": 1}


def test_what_turns_out_to_have_been_known_earlier_is_not_told_again(files, tmp_path) -> None:
    publish(files, [alert(1), alert(2)])
    with receiving(tmp_path) as receiver:
        deliver(files, receiver.settings())
        # A late filing: the cluster of 1 was there two days before; that of 2 is there still, and another one follows.
        later = DAY + timedelta(days=40)
        moved = alert("1, moved", DAY + timedelta(days=2), topic="feed:1")
        publish(files, [moved, alert(2), alert("2, again", later, topic="feed:2")], later)
        deliver(files, receiver.settings())
        amendment = alert("amended", later, amends_alert_id="id-1, moved", topic="feed:1")
        publish(files, [moved, alert(2), amendment], later)
        deliver(files, receiver.settings())
    assert receiver.accepted() == dict.fromkeys(["id-1", "id-2", "id-2, again", "id-amended"], 1)


def test_a_source_that_is_behind_silences_and_says_so(files, tmp_path) -> None:
    behind = alert(
        "behind", DAY - timedelta(days=5), rule="source_behind", topic="sec_edgar", source="sec_edgar"
    )
    silent = alert("silent", silenced_by="sec_edgar")
    publish(files, [behind, silent, alert("heard")])
    with receiving(tmp_path) as receiver:
        report = deliver(files, receiver.settings())
        assert "1 alerts are silent until sec_edgar is loaded: see marts.alerts" in report.lines
        assert (report.sent, report.silenced) == (2, 1)
        publish(files, [silent | {"silenced_by": None}, alert("heard")])
        assert deliver(files, receiver.settings()).sent == 1
    assert receiver.accepted() == dict.fromkeys(["id-behind", "id-heard", "id-silent"], 1)


def test_what_fails_waits_until_the_receiver_is_back(files, tmp_path) -> None:
    publish(files, [alert(n) for n in range(5)])
    with receiving(tmp_path, "503") as receiver:
        report = deliver(files, receiver.settings())
        assert report.lines[-1] == "webhook: 0 sent, 5 wait for the next run: HTTP 503"
        # The rest is not tried on a receiver that is down.
        assert [line["status"] for line in receiver.got()] == [503, 503]
    down = deliver(files, receiver.settings())
    assert down.lines == ["webhook: 0 sent, 5 wait for the next run: no answer (ConnectionError)"]
    assert alerts.waits(files.outbox) == {"webhook": (5, "no answer (ConnectionError)")}
    with receiving(tmp_path, "first-500", receiver.port):
        assert deliver(files, receiver.settings()).lines == ["webhook: 5 sent"]
        assert deliver(files, receiver.settings()).lines == []
    assert receiver.accepted() == {f"id-{n}": 1 for n in range(5)}
    assert all(line["valid"] for line in receiver.got())
    assert alerts.waits(files.outbox) == {}


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        ("hang", "no answer that ends in time"),
        ("drip", "no answer that ends in time"),
        ("endless", "no answer that ends in time"),
        ("garbage", "no answer (ConnectionError)"),
        (
            "redirect",
            "it answers with a redirect (HTTP 307), which is not followed: set webhook_url to where it leads",
        ),
        ("404", "nobody listens there (HTTP 404): check webhook_url"),
        ("410", "nobody listens there (HTTP 410): check webhook_url"),
    ],
)
def test_whatever_the_receiver_answers_ends_soon_in_a_message(
    files, tmp_path, mode: str, reason: str
) -> None:
    publish(files, [alert(1), alert(2)])
    with receiving(tmp_path, mode) as receiver:
        began = time.monotonic()
        report = deliver(files, receiver.settings(max_seconds=5))
        assert time.monotonic() - began < 8
    assert report.lines[-1] == f"webhook: 0 sent, 2 wait for the next run: {reason}"
    assert {line["path"] for line in receiver.got()} == {"/hook/s3cret-path"}


def test_a_wrong_secret_is_refused_by_the_receiver_and_said(files, tmp_path) -> None:
    publish(files, [alert(1)])
    with receiving(tmp_path) as receiver:
        report = deliver(files, receiver.settings(webhook_secret="whsec_" + "B" * 32))
    assert report.lines[-1].endswith(
        "it refuses the signature or the address (HTTP 401): check webhook_secret"
    )


def test_a_message_that_the_receiver_cannot_read_stops_no_other(files, tmp_path) -> None:
    publish(files, [alert(1), alert(2, says="poison"), alert(3)])
    with receiving(tmp_path, "poison:poison") as receiver:
        assert (
            deliver(files, receiver.settings()).lines[-1]
            == "webhook: 2 sent, 1 wait for the next run: HTTP 400"
        )
    assert receiver.accepted() == {"id-1": 1, "id-3": 1}


KILLED = """
import os, signal, sys
from pathlib import Path
import alerts, alerts.outbox
from alerts.settings import Settings
def killed(*_):
    os.kill(os.getpid(), signal.SIGKILL)
setattr(alerts.outbox.Outbox, sys.argv[1], killed)
alerts.deliver(Path(sys.argv[2]), Path(sys.argv[3]), Settings(webhook_url=sys.argv[4], webhook_secret=sys.argv[5]))
"""


@pytest.mark.parametrize(("step", "sent_before"), [("queue", 0), ("waiting", 0), ("sent", 1)])
def test_a_run_that_is_killed_loses_nothing(files, tmp_path, step: str, sent_before: int) -> None:
    publish(files, [alert(1), alert(2)])
    with receiving(tmp_path) as receiver:
        url = receiver.settings().webhook_url
        command = [sys.executable, "-c", KILLED, step, str(files.published), str(files.outbox), url, SECRET]
        assert subprocess.run(command, cwd=project.PROJECT).returncode == -9
        assert receiver.accepted().total() == sent_before
        deliver(files, receiver.settings())
        # Between sending and its note: the receiver sees the id again, and can drop it.
        assert receiver.accepted() == {"id-1": 1 + sent_before, "id-2": 1}
        assert deliver(files, receiver.settings()).sent == 0
    assert all(line["valid"] for line in receiver.got())


def test_a_file_gets_a_line_for_each_alert_whatever_a_killed_run_left(files, tmp_path) -> None:
    target = tmp_path / "new folder" / "alerts.jsonl"
    target.parent.mkdir()
    target.write_text('{"half a li')
    publish(files, [alert(1), alert(2, issuer_name='Søren "& \n Sons"\x1b[31m')])
    settings = Settings(file=str(target))
    assert deliver(files, settings).lines[-1] == "file: 2 sent"
    assert deliver(files, settings).sent == 0
    half, *lines = target.read_text().splitlines()
    assert half == '{"half a li'
    assert [json.loads(line)["data"]["alert_id"] for line in lines] == ["id-1", "id-2"]


def test_a_mail_is_a_file_that_a_name_cannot_break(files, tmp_path) -> None:
    name = "Works\r\nBcc: everybody@example.com\r\n\r\nSøren\x1b[31m"
    publish(files, [alert(1, ticker=None, issuer_name=name)])
    settings = Settings(mail_folder=str(tmp_path / "mail"), mail_to="desk@example.com")
    assert deliver(files, settings).sent == 1
    [path] = (tmp_path / "mail").iterdir()
    mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert path.name == "id-1.eml"
    assert mail["To"] == "desk@example.com"
    assert mail["Bcc"] is None
    assert mail["Message-ID"].startswith("<id-1@")
    assert mail["Subject"].startswith("Works")
    assert mail["Subject"].endswith("new_cluster: 3 insiders bought")
    assert "known_on: 2026-03-31" in mail.get_content()
    assert "\x1b" not in path.read_text(errors="replace")


def test_what_cannot_be_written_or_read_is_said_and_waits(files, tmp_path) -> None:
    publish(files, [alert(1)])
    (tmp_path / "taken").write_text("")
    report = deliver(files, Settings(file=str(tmp_path / "taken" / "alerts.jsonl")))
    assert report.waiting == 1
    assert "cannot be written" in report.lines[-1]
    files.outbox.write_bytes(b"no database " * 100)
    report = deliver(files, Settings(file=str(tmp_path / "alerts.jsonl")))
    assert not report.has_arrived
    assert "cannot be read or written" in report.lines[-1]
    files.published.write_bytes(b"no database")
    report = deliver(files, Settings(file=str(tmp_path / "alerts.jsonl")))
    assert report.lines[-1].startswith("the published alerts cannot be read")


def test_nothing_is_done_where_no_receiver_is_set(files) -> None:
    assert deliver(files, Settings()) == alerts.Report([], 0, 0, 0)
    assert not files.outbox.exists()


def test_no_message_and_no_file_shows_a_secret(files, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(redaction, "_secrets", set())
    redaction.protect(SECRET)
    redaction.protect("demo")
    publish(files, [alert(1, issuer_name="Demo demo Works")])
    with receiving(tmp_path, "500") as receiver:
        report = deliver(files, receiver.settings())
        log = RunLog(files.logs, "demo")
        with pytest.raises(RuntimeError), log.step("load", source="feed"):
            raise RuntimeError(f"refused {SECRET}")
        alerting.tell_of_a_stop(files, receiver.settings(), log, "feed", f"refused {SECRET}")
    stored = files.outbox.read_bytes().decode(errors="replace") + (files.logs / "runs.jsonl").read_text()
    for secret in (SECRET, SECRET.removeprefix("whsec_"), "s3cret-path"):
        assert secret not in "".join(report.lines)
        assert secret not in stored
    # A key that is a word costs no data.
    assert receiver.got()[0]["body"]["data"]["issuer_name"] == "Demo demo Works"
    assert '"command": "demo"' in stored


# ---------------------------------------------------------------- settings


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"WEBHOOK_URL": "https://example.com/hook"}, "webhook_url in [alerts] needs a secret"),
        ({"WEBHOOK_URL": "https://example.com/hook", "WEBHOOK_SECRET": "whsec_~"}, "ALERTS__WEBHOOK_SECRET"),
        (
            {"WEBHOOK_URL": "ftp://example.com/s3cret"},
            "webhook_url has to be an address with http:// or https://",
        ),
        ({"WEBHOOK_URL": "https://user:s3cret@example.com"}, "without user and password"),
        ({"WEBHOK_URL": "https://example.com"}, "did you mean ALERTS__WEBHOOK_URL?"),
        ({"MAIL_FOLDER": "mail"}, "mail_to in [alerts] is missing"),
        ({"MAX_SECONDS": "soon"}, "max_seconds"),
        ({"ATTEMPTS": "0"}, "attempts"),
    ],
)
def test_a_wrong_setting_is_one_clear_message(monkeypatch, capsys, environment, message) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(f"ALERTS__{name}", value)
    with pytest.raises(SettingsError) as error:
        alerts.read_settings()
    assert message in str(error.value)
    assert "s3cret" not in str(error.value)
    assert alerts.__main__.main() == 1
    assert capsys.readouterr().err.startswith("stopped: ")


def test_settings_are_read_from_the_environment(monkeypatch) -> None:
    monkeypatch.setenv("ALERTS__WEBHOOK_URL", "https://example.com/hook")
    monkeypatch.setenv("ALERTS__WEBHOOK_SECRET", SECRET)
    monkeypatch.setenv("ALERTS__ATTEMPTS", "7")
    read = alerts.read_settings()
    assert (read.webhook_url, read.webhook_secret, read.attempts) == ("https://example.com/hook", SECRET, 7)
    assert SECRET not in repr(read)


# ---------------------------------------------------------------- what no archive knows


def test_a_load_that_stopped_is_told_once_until_one_ends_well(files, tmp_path) -> None:
    settings = Settings(file=str(tmp_path / "alerts.jsonl"))

    def run(source: str, *, stops: bool) -> None:
        log = RunLog(files.logs, "signal")
        try:
            with log.step("load", source=source):
                if stops:
                    raise RuntimeError("the feed is not complete")
        except RuntimeError as error:
            alerting.tell_of_a_stop(files, settings, log, source, str(error))

    for source, stops in [("a", True), ("a", True), ("b", True), ("a", False), ("a", True), ("a", True)]:
        run(source, stops=stops)
    told = [json.loads(line)["data"] for line in (tmp_path / "alerts.jsonl").read_text().splitlines()]
    assert [line["topic"] for line in told] == ["a", "b", "a"]
    assert len({line["alert_id"] for line in told}) == 3
    assert told[0]["says"] == "the load of a stopped: the feed is not complete"


def test_an_outbox_that_another_run_holds_is_waited_for(files, tmp_path) -> None:
    publish(files, [alert(1)])
    settings = Settings(file=str(tmp_path / "alerts.jsonl"))
    deliver(files, settings)
    holder = sqlite3.connect(files.outbox)
    holder.execute("begin immediate")
    holder.rollback()
    holder.close()
    assert deliver(files, settings).has_arrived


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('webhook_secret = "whsec_s3cret"', "webhook_secret stands in .dlt/config.toml"),
        (
            'webhok_url = "https://example.com"',
            "ALERTS__WEBHOK_URL is no setting: did you mean ALERTS__WEBHOOK_URL?",
        ),
    ],
)
def test_a_settings_file_is_read_with_the_same_care(tmp_path, line: str, message: str) -> None:
    (tmp_path / ".dlt").mkdir()
    text = (project.PROJECT / ".dlt" / "config.toml").read_text()
    (tmp_path / ".dlt" / "config.toml").write_text(text.replace("[alerts]\n", f"[alerts]\n{line}\n"))
    environment = {
        **os.environ,
        "DLT_PROJECT_DIR": str(tmp_path),
        "INSIDER_FILINGS_DB": str(tmp_path / "filings.duckdb"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "alerts"], cwd=project.PROJECT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.startswith("stopped: ")
    assert message in done.stderr
    assert "s3cret" not in done.stderr
