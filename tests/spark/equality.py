"""Two builds of one archive, by DuckDB and by Spark, compared row by row: the marts, and what the event study measures."""

from __future__ import annotations

from pathlib import Path

import duckdb

from event_study.tables import INPUTS
from tools import compare_marts


def differences(database: Path, warehouse: Path) -> dict[str, str]:
    """What differs, by table; nothing where every one has the same columns, types and rows.

    Args:
        database: a DuckDB file with schema ``marts``.
        warehouse: the folder of Spark's tables, with ``marts.db``.
    """
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{database}' as built (read_only)")
        spark = {
            path.name: f"read_parquet('{path}/*.parquet')"
            for path in [*(warehouse / "marts.db").iterdir(), *(warehouse / "intermediate.db").glob("*")]
            if path.parent.name == "marts.db" or path.name in INPUTS
        }
        inputs = connection.execute(
            "select table_name from duckdb_tables() where database_name = 'built' and schema_name = 'intermediate'"
        ).fetchall()
        duck = compare_marts.marts_of(connection, "built") | {
            name: f"built.intermediate.{name}" for (name,) in inputs if name in INPUTS
        }
        return compare_marts.differences(connection, duck, spark, compare_marts.RELATIVE)


def empty_marts(database: Path) -> set[str]:
    """The marts without a row: of them nothing is compared."""
    with duckdb.connect(str(database), read_only=True) as connection:
        marts = compare_marts.marts_of(connection, database.stem)
        return {
            mart for mart, rows in marts.items() if not connection.execute(f"from {rows} limit 1").fetchall()
        }
