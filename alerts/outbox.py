"""The outbox: which alert was queued for which channel, and when it was sent. One SQLite file beside the working database."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

_TABLES = """
create table if not exists channels (channel text primary key, starts_on text not null);
create table if not exists messages (
    channel text not null,
    alert_id text not null,
    rule text not null,
    topic text not null,
    known_on text not null,
    body text not null,
    queued_at text not null,
    sent_at text,
    note text,
    primary key (channel, alert_id)
);
"""


class Message(NamedTuple):
    """An alert for a channel; ``body`` is what is sent, the same bytes at each attempt."""

    alert_id: str
    rule: str
    topic: str
    known_on: date
    body: str


class Outbox:
    """See `open_outbox`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def starts_on(self, channel: str) -> date | None:
        """The first day whose alerts a channel gets; None before its first delivery."""
        row = self._connection.execute(
            "select starts_on from channels where channel = ?", [channel]
        ).fetchone()
        return date.fromisoformat(row[0]) if row else None

    def start(self, channel: str, day: date) -> None:
        """Let a channel get the alerts of ``day`` and later ones."""
        with self._connection:
            self._connection.execute("insert into channels values (?, ?)", [channel, day.isoformat()])

    def known(self, channel: str) -> dict[str, Message]:
        """Every alert that was ever queued for a channel, by its id."""
        rows = self._connection.execute(
            "select alert_id, rule, topic, known_on, body from messages where channel = ?", [channel]
        )
        return {row[0]: _message(row) for row in rows}

    def queue(self, channel: str, messages: Iterable[Message], notes: Mapping[str, str]) -> None:
        """Queue messages; those with a note (by alert id) are not to be sent, for the reason that it gives."""
        with self._connection:
            self._connection.executemany(
                "insert or ignore into messages values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        channel,
                        message.alert_id,
                        message.rule,
                        message.topic,
                        message.known_on.isoformat(),
                        message.body,
                        _now(),
                        _now() if message.alert_id in notes else None,
                        notes.get(message.alert_id),
                    )
                    for message in messages
                ],
            )

    def waiting(self, channel: str) -> list[Message]:
        """What was not sent yet, oldest first."""
        rows = self._connection.execute(
            "select alert_id, rule, topic, known_on, body from messages where channel = ? and sent_at is null"
            " order by queued_at, known_on, alert_id",
            [channel],
        )
        return [_message(row) for row in rows]

    def sent(self, channel: str, message: Message) -> None:
        """Note that a message has arrived; a run that is killed before this sends it again."""
        with self._connection:
            self._connection.execute(
                "update messages set sent_at = ?, note = null where channel = ? and alert_id = ?",
                [_now(), channel, message.alert_id],
            )

    def failed(self, channel: str, message: Message, reason: str) -> None:
        """Note why a message did not arrive."""
        with self._connection:
            self._connection.execute(
                "update messages set note = ? where channel = ? and alert_id = ?",
                [reason, channel, message.alert_id],
            )

    def waits(self) -> dict[str, tuple[int, str | None]]:
        """How many messages wait for each channel that has any, and why the last one that was tried did not arrive."""
        rows = self._connection.execute(
            "select channel, count(*), max(note) from messages where sent_at is null group by channel order by channel"
        )
        return {channel: (count, reason) for channel, count, reason in rows}


@contextmanager
def open_outbox(path: Path) -> Iterator[Outbox]:
    """The outbox in the file ``path``, which is made where there is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=10)
    try:
        connection.executescript(_TABLES)
        yield Outbox(connection)
    finally:
        connection.close()


def _message(row: tuple[str, str, str, str, str]) -> Message:
    alert_id, rule, topic, known_on, body = row
    return Message(alert_id, rule, topic, date.fromisoformat(known_on), body)


def _now() -> str:
    # Of the machine: a replay (INSIDER_FILINGS_NOW) sends its messages now.
    return datetime.now(UTC).isoformat(timespec="seconds")
