"""Two builds of one archive, by DuckDB and by Spark, compared row by row."""

from __future__ import annotations

import math
from pathlib import Path

import duckdb
import pyarrow as pa

RELATIVE = 1e-9
"""How far floating point numbers may differ: engines add them in their own order, and have their own logarithm."""


def differences(database: Path, warehouse: Path) -> dict[str, str]:
    """What differs, by mart; nothing where every mart has the same columns, types and rows.

    Args:
        database: a DuckDB file with schema ``marts``.
        warehouse: the folder of Spark's tables, with ``marts.db``.
    """
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{database}' as built (read_only)")
        marts = connection.execute(
            "select table_name from duckdb_tables() where database_name = 'built' and schema_name = 'marts' order by 1"
        ).fetchall()
        found = {path.name for path in (warehouse / "marts.db").iterdir()}
        assert found == {mart for (mart,) in marts}, found ^ {mart for (mart,) in marts}
        compared = {mart: _difference(connection, mart, warehouse) for (mart,) in marts}
    return {mart: difference for mart, difference in compared.items() if difference}


def empty_marts(database: Path) -> set[str]:
    """The marts without a row: of them nothing is compared."""
    with duckdb.connect(str(database), read_only=True) as connection:
        marts = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'marts'"
        ).fetchall()
        return {mart for (mart,) in marts if not connection.execute(f"from marts.{mart} limit 1").fetchall()}


def _difference(connection: duckdb.DuckDBPyConnection, mart: str, warehouse: Path) -> str | None:
    sides = [f"built.marts.{mart}", f"read_parquet('{warehouse}/marts.db/{mart}/*.parquet')"]
    left, right = (
        [row[:2] for row in connection.execute(f"describe from {side}").fetchall()] for side in sides
    )
    if left != right:
        return f"columns {sorted(set(left) ^ set(right))}"
    floats = [name for name, type_ in left if type_ == "DOUBLE"]
    exact = [name for name, _ in left if name not in floats]
    order = ", ".join(f'"{name}" nulls last' for name in exact + floats)
    columns = ", ".join(f'"{name}"' for name in exact)
    missing = connection.execute(
        f"from (select {columns} from {sides[0]} except all select {columns} from {sides[1]}) limit 3"
    ).fetchall()
    surplus = connection.execute(
        f"from (select {columns} from {sides[1]} except all select {columns} from {sides[0]}) limit 3"
    ).fetchall()
    if missing or surplus:
        return f"rows of {columns}: only DuckDB {missing}, only Spark {surplus}"
    if not floats:
        return None
    names = ", ".join(f'"{name}"' for name in floats)
    tables = [_arrow(connection, f"select {names} from {side} order by {order}") for side in sides]
    for name in floats:
        for one, other in zip(*(table[name].to_pylist() for table in tables), strict=True):
            if one != other and (
                one is None or other is None or not math.isclose(one, other, rel_tol=RELATIVE, abs_tol=1e-12)
            ):
                return f"{name}: {one!r} and {other!r}"
    return None


def _arrow(connection: duckdb.DuckDBPyConnection, query: str) -> pa.Table:
    return connection.execute(query).to_arrow_table()
