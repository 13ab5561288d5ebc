"""Runs dbt in this process and reports the seconds of every node.

python -m tools.benchmarks.models DATABASE COMMAND [ARGUMENT ...]
"""

import sys
from pathlib import Path

from runner.build import dbt
from tools.benchmarks.process import report


def run(database: Path, *command: str) -> dict[str, dict]:
    """``dbt COMMAND`` on a database; by unique id of each node: seconds, resource_type, upstream nodes.

    Raises:
        SystemExit: dbt failed.
    """
    result = dbt(database, "--quiet", *command)
    if result.exception or not result.success:
        failed = [
            (item.node.name, item.message) for item in result.result or [] if item.status in ("error", "fail")
        ]
        sys.exit(f"dbt failed: {result.exception or failed}")
    return {
        item.node.unique_id: {
            "seconds": item.execution_time,
            "resource_type": str(item.node.resource_type),
            "upstream": item.node.depends_on_nodes,
        }
        for item in result.result
    }


if __name__ == "__main__":
    report(nodes=run(Path(sys.argv[1]), *sys.argv[2:]))
