"""Queues what a channel has not been told, and sends what waits.

Queueing and sending are two steps, each noted when it is done: a run that is killed in between, or between sending and the note, sends
again, with the same id. A receiver gets each id at least once.
"""

import json
import sqlite3
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from alerts.channels import Channel, NotDeliveredError, channels
from alerts.outbox import Message, Outbox, open_outbox
from alerts.settings import Settings
from loader.redaction import redact
from runner.publish import as_of_date, open_published, rows_of

# What holds now, not what happened on a day: it is told whenever a channel begins.
STATES = ("source_behind", "window_stopped")
# Late filings can show that a thing was known some days earlier: that is still the same thing.
MOVED_DAYS = 31


class Report(NamedTuple):
    """What a delivery did."""

    lines: list[str]
    """What the user is told."""
    sent: int
    waiting: int
    silenced: int

    @property
    def has_arrived(self) -> bool:
        """Whether nothing waits."""
        return not self.waiting


def deliver(published: Path, outbox: Path, settings: Settings) -> Report:
    """Delivers the published alerts that no channel got yet, and what waits from earlier runs.

    A channel's first delivery begins with the as-of date: what was known before is in the mart, and no news. Whatever goes wrong is
    in the report.
    """
    if not channels(settings):
        return Report([], 0, 0, 0)
    try:
        as_of, alerts = _published(published)
    except (duckdb.Error, OSError) as error:
        line = f"the published alerts cannot be read ({error}); the next run delivers them"
        return Report([redact(line)], 0, 1, 0)
    silenced = [alert for alert in alerts if alert["silenced_by"]]
    heard = [alert for alert in alerts if not alert["silenced_by"]]
    told: list[str] = []

    def queue(box: Outbox, channel: str) -> None:
        if as_of is None:
            return
        since = box.starts_on(channel)
        if since is None:
            since = as_of
            box.start(channel, since)
            older = sum(alert["known_on"] < since for alert in heard)
            told.append(
                f"{channel}: the first delivery begins with {since}; {older:,} older alerts are in marts.alerts and are not sent"
            )
        _queue(box, channel, heard, since)

    report = _send_all(outbox, settings, queue)
    for source, of_source in groupby(sorted(silenced, key=_silencer), key=_silencer):
        told.append(f"{len([*of_source]):,} alerts are silent until {source} is loaded: see marts.alerts")
    return report._replace(lines=[*told, *report.lines], silenced=len(silenced))


def tell(alert: dict[str, Any], outbox: Path, settings: Settings) -> Report:
    """Delivers an alert that no archive knows of, such as a load that stopped, and what waits."""
    return _send_all(outbox, settings, lambda box, channel: box.queue(channel, [_message(alert)], {}))


def waits(outbox: Path) -> dict[str, tuple[int, str | None]]:
    """How many alerts wait for each channel, and why."""
    if not outbox.exists():
        return {}
    with open_outbox(outbox) as box:
        return box.waits()


def _published(path: Path) -> tuple[date | None, list[dict[str, Any]]]:
    with open_published(path) as connection:
        alerts = rows_of(connection, "select * from marts.alerts order by known_on, alert_id")
        return as_of_date(connection), alerts


def _silencer(alert: dict[str, Any]) -> str:
    return alert["silenced_by"]


def _send_all(outbox: Path, settings: Settings, queue: Callable[[Outbox, str], None]) -> Report:
    lines: list[str] = []
    sent = waiting = 0
    ends = time.monotonic() + settings.max_seconds
    try:
        with open_outbox(outbox) as box:
            for channel in channels(settings):
                queue(box, channel.name)
                arrived, left, reason = _send(box, channel, ends)
                sent, waiting = sent + arrived, waiting + left
                if arrived or left:
                    lines.append(
                        f"{channel.name}: {arrived:,} sent"
                        + (f", {left:,} wait for the next run: {reason}" if left else "")
                    )
    except sqlite3.Error as error:
        lines.append(
            f"the outbox {outbox} cannot be read or written: {error}; nothing is lost, the next run delivers"
        )
        waiting += 1
    return Report([redact(line) for line in lines], sent, waiting, 0)


def _queue(box: Outbox, channel: str, alerts: Sequence[dict[str, Any]], since: date) -> None:
    known = box.known(channel)
    ids = {alert["alert_id"] for alert in alerts}
    # What was told and is in the mart no more may be there under another day.
    gone = [message for message in known.values() if message.alert_id not in ids]
    queued: dict[str, Message] = {}
    notes = {}
    for alert in alerts:
        if alert["alert_id"] in known:
            continue
        amends = alert["amends_alert_id"]
        if amends and amends not in known and amends not in queued:
            continue
        if alert["known_on"] < since and alert["rule"] not in STATES:
            continue
        message = _message(alert)
        same = next((old for old in gone if not amends and _is_same(old, message)), None)
        if same:
            notes[message.alert_id] = f"told as {same.alert_id}"
        queued[message.alert_id] = message
    box.queue(channel, queued.values(), notes)


def _is_same(old: Message, new: Message) -> bool:
    return (old.rule, old.topic) == (new.rule, new.topic) and abs(
        (old.known_on - new.known_on).days
    ) <= MOVED_DAYS


def _send(box: Outbox, channel: Channel, ends: float) -> tuple[int, int, str]:
    """Sends what waits for a channel until ``ends``: how many arrived, how many still wait, and why."""
    messages, arrived, reason = box.waiting(channel.name), 0, ""
    for message in messages:
        seconds = ends - time.monotonic()
        if seconds <= 0:
            reason = reason or "the time for deliveries was over (max_seconds in [alerts])"
            break
        try:
            channel.send(message, seconds)
        except NotDeliveredError as error:
            reason = str(error)
            box.failed(channel.name, message, reason)
            if error.is_of_message:
                continue
            break
        box.sent(channel.name, message)
        arrived += 1
    return arrived, len(messages) - arrived, reason


def _message(alert: dict[str, Any]) -> Message:
    day = datetime(alert["known_on"].year, alert["known_on"].month, alert["known_on"].day, tzinfo=UTC)
    body = {
        "type": f"insider_filings.{alert['rule']}",
        "timestamp": day.isoformat().replace("+00:00", "Z"),
        "data": {name: value for name, value in alert.items() if name != "silenced_by"},
    }
    return Message(
        alert["alert_id"], alert["rule"], alert["topic"], alert["known_on"], json.dumps(body, default=str)
    )
