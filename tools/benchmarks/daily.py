"""A daily run as a user types it, ``python -m runner signal``, with what each of its parts took."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tools.benchmarks.process import report

PARTS = ("load", "build", "publish", "export")


def main() -> None:
    """Run, and report seconds and CPU seconds of each part, and of every node of the build."""
    import orjson

    import runner.__main__ as command

    parts = {"imports": _taken(0.0, 0.0)}
    for name in PARTS:
        setattr(command, name, _timed(getattr(command, name), name, parts))
    if status := command.main(["signal"]):
        sys.exit(status)
    results = orjson.loads(Path(os.environ["DBT_TARGET_PATH"], "run_results.json").read_bytes())["results"]
    nodes = {
        result["unique_id"]: {
            "seconds": result["execution_time"],
            "resource_type": result["unique_id"].partition(".")[0],
        }
        for result in results
    }
    report(parts=parts, nodes=nodes)


def _taken(started: float, cpu_started: float) -> dict[str, float]:
    return {
        "seconds": round(time.perf_counter() - started, 2) if started else 0.0,
        "cpu_seconds": round(time.process_time() - cpu_started, 2),
    }


def _timed(part: Callable[..., Any], name: str, parts: dict[str, dict[str, float]]) -> Callable[..., Any]:
    def timed(*arguments: Any, **options: Any) -> Any:
        started, cpu_started = time.perf_counter(), time.process_time()
        try:
            return part(*arguments, **options)
        finally:
            parts[name] = _taken(started, cpu_started)

    return timed


if __name__ == "__main__":
    main()
