"""A daily run as a user types it, ``python -m runner signal``, with what each of its parts took."""

import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks.process import report

PARTS = ("load", "build", "publish", "export")


def main() -> None:
    """Run, and report seconds and CPU seconds of each part, and of every node of the build."""
    import runner.__main__ as command
    import runner.build

    parts = {"imports": _taken(0.0, 0.0)}
    results = []
    dbt = runner.build.dbt

    def kept(*arguments: Any, **options: Any) -> Any:
        results.append(dbt(*arguments, **options))
        return results[-1]

    runner.build.dbt = kept
    for name in PARTS:
        setattr(command, name, _timed(getattr(command, name), name, parts))
    if status := command.main(["signal"]):
        sys.exit(status)
    nodes = {
        item.node.unique_id: {
            "seconds": item.execution_time,
            "resource_type": str(item.node.resource_type),
        }
        for item in results[-1].result
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
