"""Runs what is measured in a process of its own, and sums up what it took."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Run:
    """What a process took: seconds on the clock, seconds of CPU, and the most memory in MB at any time.

    ``details`` is what the process reported of itself: the JSON object in the last line that it printed.
    """

    seconds: float
    cpu_seconds: float
    peak_mb: float
    details: dict[str, Any] = field(default_factory=dict)


def run(*command: str, environment: Mapping[str, str] | None = None) -> Run:
    """Run ``python -m COMMAND`` to its end.

    Raises:
        RuntimeError: it failed; the message is what it wrote.
    """
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=PROJECT,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout
    output = process.stdout.read()
    # Of this child alone, and of those that it waited for.
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}:\n{output[-4000:]}")
    last_line = output.strip().rpartition("\n")[2]
    return Run(
        seconds,
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss / 1024,
        json.loads(last_line) if last_line.startswith("{") else {},
    )


def median(runs: list[Run], name: str = "seconds") -> float:
    """The median of a figure over runs; of one of the ``details`` where a run has no such field."""
    return statistics.median(getattr(run, name) if hasattr(run, name) else run.details[name] for run in runs)


def report(**details: Any) -> None:
    """Print what the parent shall know, as the last line."""
    print(json.dumps(details, default=str), flush=True)
