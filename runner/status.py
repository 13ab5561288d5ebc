"""``python -m runner status``: what is published and how fresh, what waits, what the last run did. Reads the published file, the log and
the outbox alone, so a run that works at the same time is not in its way."""

import os
from datetime import UTC, date, datetime
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table

import alerts
from loader import clock
from loader.redaction import redact
from loader.run_log import Line, last_run, read_log
from runner.publish import as_of_date, open_published, rows_of
from runner.settings import Files

SOURCES = """
    select status.source, status.complete_through, status.days_behind, max(windows.finished_at) as last_fetch,
        status.received_records, status.reported_records, status.window_status,
        coalesce(bool_or(alerts.known_on > status.complete_through), false) as is_told
    from marts.source_status as status
    left join marts.load_completeness as windows on status.source = windows.source
    -- The rule says from which day on a source that is behind is news.
    left join marts.alerts as alerts on status.source = alerts.source and alerts.rule = 'source_behind'
    group by all
    order by status.source
"""


def status(files: Files) -> dict[str, Any]:
    """What is known of the last run and of what is published; ``attention`` says what somebody should look at."""
    lines = read_log(files.logs)
    run = last_run(lines)
    found: dict[str, Any] = {
        "published": _published(files),
        "last_run": _summary(run),
        "waiting": _waiting(files),
    }
    return found | {"attention": _attention(found)}


def _published(files: Files) -> dict[str, Any] | None:
    if not files.published.exists():
        return None
    try:
        with open_published(files.published) as connection:
            as_of = as_of_date(connection)
            sources = rows_of(connection, SOURCES)
            (silenced,) = connection.execute(
                "select count(*) from marts.alerts where silenced_by is not null"
            ).fetchone()
    except duckdb.Error as error:
        return {"unreadable": redact(" ".join(str(error).split()))}
    return {
        "as_of_date": as_of,
        "published_at": datetime.fromtimestamp(files.published.stat().st_mtime, UTC).isoformat(
            timespec="seconds"
        ),
        "days_old": (clock.today() - as_of).days if as_of else None,
        "silenced_alerts": silenced,
        "sources": sources,
    }


def _summary(run: list[Line]) -> dict[str, Any] | None:
    if not run:
        return None
    ended = [line for line in run if line["step"] == "run" and line["outcome"] != "started"]
    outcome = ended[-1]["outcome"] if ended else "running" if _is_alive(run[0]["run"]) else "killed"
    steps = [line for line in run if line["step"] != "run"]
    return {
        "command": run[0]["command"],
        "started_at": run[0]["started_at"],
        "outcome": outcome,
        "seconds": ended[-1].get("seconds") if ended else None,
        "says": ended[-1].get("says") if ended else None,
        "steps": steps,
        "warned": [text for line in steps for text in line.get("warned", [])],
    }


def _is_alive(run: str) -> bool:
    try:
        os.kill(int(run.rpartition("-")[2]), 0)
    except (OSError, ValueError):
        return False
    return True


def _waiting(files: Files) -> dict[str, Any]:
    return {
        channel: {"alerts": count, "because": reason}
        for channel, (count, reason) in alerts.waits(files.outbox).items()
    }


def _attention(found: dict[str, Any]) -> list[str]:
    published, run = found["published"], found["last_run"]
    reasons = []
    if published is None:
        reasons.append("nothing is published: run make signal")
    elif "unreadable" in published:
        reasons.append(f"the published file cannot be read: {published['unreadable']}")
    else:
        reasons += [
            f"{source['source']} is {source['days_behind']} days behind the as-of date"
            for source in published["sources"]
            if source["is_told"]
        ]
    if run and run["outcome"] not in ("done", "running"):
        reasons.append(
            f"the last run ({run['command']}) was {run['outcome']}"
            + (f": {run['says']}" if run["says"] else "")
        )
    reasons += [
        f"{waits['alerts']} alerts wait for the {channel}"
        + (f": {waits['because']}" if waits["because"] else "")
        for channel, waits in found["waiting"].items()
    ]
    return reasons


def print_status(found: dict[str, Any], console: Console) -> None:
    """Prints it for a person."""
    published, run = found["published"], found["last_run"]
    if published and "unreadable" not in published:
        console.print(
            f"As of {published['as_of_date']} ({_ago(published['days_old'])}), published {published['published_at']}",
            soft_wrap=True,
        )
        table = Table(
            "source",
            "complete through",
            "days behind",
            "last fetch (UTC)",
            "last window: received",
            "feed's count",
        )
        for source in published["sources"]:
            table.add_row(
                *(
                    _shown(source[name])
                    for name in (
                        "source",
                        "complete_through",
                        "days_behind",
                        "last_fetch",
                        "received_records",
                        "reported_records",
                    )
                )
            )
        console.print(table)
    if run:
        took = f", {run['seconds']:,.0f} s" if run["seconds"] is not None else ""
        console.print(
            f"Last run: {run['command']}, {run['started_at']}, {run['outcome']}{took}", soft_wrap=True
        )
        for step in run["steps"]:
            counts = ", ".join(f"{name} {value:,}" for name, value in step.get("counts", {}).items())
            name = " ".join(filter(None, (step["step"], step.get("source"))))
            console.print(
                f"  {name}: {step['outcome']}, {step['seconds']:,.1f} s{', ' * bool(counts)}{counts}",
                soft_wrap=True,
            )
        for text in run["warned"]:
            console.print(f"  warned: {text}", soft_wrap=True)
    if published and published.get("silenced_alerts"):
        console.print(
            f"{published['silenced_alerts']:,} alerts are silent until their source is loaded: marts.alerts"
        )
    for reason in found["attention"]:
        console.print(f"Look at this: {redact(reason)}", soft_wrap=True)
    if not found["attention"]:
        console.print("Nothing waits.")


def _ago(days: int | None) -> str:
    return "nothing is loaded" if days is None else "today" if days == 0 else f"{days:,} days ago"


def _shown(value: date | datetime | int | str | None) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return "" if value is None else str(value)
