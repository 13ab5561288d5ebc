"""Runs what is measured in a process of its own, and sums up what it took."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from runner.settings import PROJECT


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
    # By way of a process that is small: a child's peak begins with the memory of what started it.
    measured = subprocess.run(
        [sys.executable, "-m", "tools.benchmarks.process", *command],
        cwd=PROJECT,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    output, _, figures = measured.stdout.strip().rpartition("\n")
    if measured.returncode:
        raise RuntimeError(
            f"{' '.join(command)} ended with {measured.returncode}:\n{measured.stdout[-4000:]}"
        )
    last_line = output.rpartition("\n")[2]
    return Run(**json.loads(figures), details=json.loads(last_line) if last_line.startswith("{") else {})


def main() -> int:
    """``python -m tools.benchmarks.process COMMAND ...``: run ``python -m COMMAND``, then print its figures as a last line."""
    started = time.perf_counter()
    child = os.posix_spawn(sys.executable, [sys.executable, "-m", *sys.argv[1:]], os.environ)
    _, status, usage = os.wait4(child, 0)
    seconds = time.perf_counter() - started
    exit_code = os.waitstatus_to_exitcode(status)
    if not exit_code:
        report(seconds=seconds, cpu_seconds=usage.ru_utime + usage.ru_stime, peak_mb=usage.ru_maxrss / 1024)
    return exit_code


def median(runs: list[Run], name: str = "seconds") -> float:
    """The median of a figure over runs; of one of the ``details`` where a run has no such field."""
    return statistics.median(getattr(run, name) if hasattr(run, name) else run.details[name] for run in runs)


def report(**details: Any) -> None:
    """Print what the parent shall know, as the last line."""
    print(json.dumps(details, default=str), flush=True)


if __name__ == "__main__":
    sys.exit(main())
