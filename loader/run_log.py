"""The log of runs: one line of JSON for each step, for machines and for ``python -m runner status``."""

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from loader.redaction import redact

COUNTS = ("windows", "received_records", "rejected_records", "merged_records")
"""What the log tells of a load."""

NAME = "runs.jsonl"

Line = dict[str, Any]


def logs_in(folder: Path, environment: Mapping[str, str] = os.environ) -> Path:
    """The folder of the log of runs: as the environment says, else in ``folder``."""
    return Path(environment.get("INSIDER_LOGS") or folder / "logs").resolve()


class RunLog:
    """Appends to ``runs.jsonl`` what the steps of one run did; each line is written whole or not at all."""

    def __init__(self, folder: Path, command: str) -> None:
        """``command`` is what the user typed, such as ``signal``."""
        self._path = folder / NAME
        # Of the machine: a replay (INSIDER_FILINGS_NOW) runs now.
        self._run = {"run": f"{_now()}-{os.getpid()}", "command": command}

    @contextmanager
    def run(self) -> Iterator[None]:
        """A whole run: a line when it starts, so that one which was killed can be told, and one when it ends."""
        self._write({"step": "run", "started_at": _now(), "outcome": "started"})
        with self.step("run"):
            yield

    @contextmanager
    def step(self, name: str, **about: str) -> Iterator[Line]:
        """A step; what it puts into the line that it is given, such as ``counts``, stands in the log."""
        line: Line = {"step": name, **about, "started_at": _now()}
        began, line_outcome = time.monotonic(), "stopped"
        try:
            yield line
            line_outcome = line.pop("outcome", "done")
        except KeyboardInterrupt:
            line_outcome = "interrupted"
            raise
        except Exception as error:
            line["says"] = redact(str(error))
            raise
        finally:
            self._write(line | {"seconds": round(time.monotonic() - began, 3), "outcome": line_outcome})

    def _write(self, line: Line) -> None:
        # A step is not lost because its line cannot be written.
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(self._run | line, default=str) + "\n")
        except OSError as error:
            print(f"the log {self._path} cannot be written: {error.strerror}", file=sys.stderr)


def read_log(folder: Path) -> list[Line]:
    """All lines, oldest first; one that a full disk cut is left out."""
    path = folder / NAME
    if not path.exists():
        return []
    lines = []
    for text in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            line = json.loads(text)
        except json.JSONDecodeError:
            continue
        if isinstance(line, dict) and {"run", "command", "step", "started_at", "outcome"} <= line.keys():
            lines.append(line)
    return lines


def last_run(lines: list[Line]) -> list[Line]:
    """The lines of the run that started last."""
    starts = [line["run"] for line in lines if line["step"] == "run" and line["outcome"] == "started"]
    return [line for line in lines if line["run"] == starts[-1]] if starts else []


def last_done(lines: list[Line], step: str, source: str) -> str | None:
    """When a step on a source last ended well; None if it never did."""
    done = [
        line["started_at"]
        for line in lines
        if line["step"] == step and line.get("source") == source and line["outcome"] == "done"
    ]
    return done[-1] if done else None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
