"""What a run does about alerts: delivers the published ones, and tells of a load that stopped, which no archive knows."""

import csv
import hashlib
import sys

import alerts
from loader import clock, progress
from loader.redaction import redact
from loader.run_log import RunLog, last_done, read_log
from runner.settings import PROJECT, Files

STOPPED = "window_stopped"


def deliver_alerts(files: Files, settings: alerts.Settings, log: RunLog) -> None:
    """Delivers the published alerts. A delivery that fails is said and waits: it fails no run."""
    with log.step("alerts") as line:
        report = alerts.deliver(files.published, files.outbox, settings)
        _say(report, line)


def tell_of_a_stop(files: Files, settings: alerts.Settings, log: RunLog, source: str, reason: str) -> None:
    """Delivers the alert that the load of a source stopped: once, until one has ended well again."""
    if not _is_enabled(STOPPED):
        return
    key = f"{STOPPED}|{source}|{last_done(read_log(files.logs), 'load', source)}"
    alert = {
        "alert_id": hashlib.md5(key.encode(), usedforsecurity=False).hexdigest(),
        "amends_alert_id": None,
        "rule": STOPPED,
        "topic": source,
        "known_on": clock.today(),
        "source": source,
        "says": redact(f"the load of {source} stopped: {reason}"),
    }
    with log.step("alerts") as line:
        _say(alerts.tell(alert, files.outbox, settings), line)


def _say(report: alerts.Report, line: dict) -> None:
    line["counts"] = {"sent": report.sent, "waiting": report.waiting, "silenced": report.silenced}
    if report.waiting:
        line["outcome"] = "waiting"
        line["says"] = "; ".join(report.lines)
    for text in report.lines:
        if report.waiting or not progress.is_quiet():
            print(f"alerts: {text}", file=sys.stderr if report.waiting else sys.stdout)


def _is_enabled(rule: str) -> bool:
    with (PROJECT / "seeds" / "alert_rules.csv").open(newline="", encoding="utf-8") as file:
        return any(row["rule"] == rule and row["is_enabled"] == "true" for row in csv.DictReader(file))
