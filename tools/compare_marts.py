"""Compare the marts of two builds, column by column and row by row.

    python -m tools.compare_marts BEFORE.duckdb AFTER.duckdb

Exit status: 0 where every mart has the same columns, types and rows, else 1; each difference is printed.
A change that only moves code must end with 0.
"""

import argparse
import math
import sys
from pathlib import Path

import duckdb

from runner.publish import quoted

EXACT = 0.0
RELATIVE = 1e-9
"""How far floating point numbers of two engines may differ: each adds them in an order of its own."""


def differences(
    connection: duckdb.DuckDBPyConnection,
    left: dict[str, str],
    right: dict[str, str],
    tolerance: float = EXACT,
) -> dict[str, str]:
    """Describe the difference of each mart that differs.

    Args:
        connection: what reads both sides.
        left: SQL of a relation for each mart.
        right: the same of the other side.
        tolerance: the relative difference that two doubles may have.
    """
    alone = dict.fromkeys(left.keys() - right.keys(), "only left")
    alone |= dict.fromkeys(right.keys() - left.keys(), "only right")
    both = sorted(left.keys() & right.keys())
    found = {mart: _difference(connection, left[mart], right[mart], tolerance) for mart in both}
    return alone | {mart: difference for mart, difference in found.items() if difference}


def marts_of(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, str]:
    """The marts of an attached database, each with the SQL of its relation."""
    found = connection.execute(
        "select table_name from duckdb_tables() where database_name = ? and schema_name = 'marts' order by 1",
        [database],
    ).fetchall()
    return {mart: f'"{database}".marts."{mart}"' for (mart,) in found}


def _difference(connection: duckdb.DuckDBPyConnection, left: str, right: str, tolerance: float) -> str | None:
    columns, others = (
        [row[:2] for row in connection.execute(f"describe from {side}").fetchall()] for side in (left, right)
    )
    if columns != others:
        return f"columns {sorted(set(columns) ^ set(others)) or 'in another order'}"
    inexact = [name for name, type_ in columns if tolerance and type_ == "DOUBLE"]
    exact = [name for name, _ in columns if name not in inexact]
    names = ", ".join(f'"{name}"' for name in exact)
    only_left, only_right = (
        connection.execute(
            f"from (select {names} from {one} except all select {names} from {other}) order by all limit 3"
        ).fetchall()
        for one, other in ((left, right), (right, left))
    )
    if only_left or only_right:
        return f"rows of {names}: only left {only_left}, only right {only_right}"
    order = ", ".join(f'"{name}" nulls last' for name in exact + inexact)
    for name in inexact:
        values = (
            connection.execute(f'select "{name}" from {side} order by {order}')
            .to_arrow_table()[name]
            .to_pylist()
            for side in (left, right)
        )
        for one, other in zip(*values, strict=True):
            if one != other and (
                one is None or other is None or not math.isclose(one, other, rel_tol=tolerance, abs_tol=1e-12)
            ):
                return f"{name}: {one!r} and {other!r}"
    return None


def main(arguments: list[str] | None = None) -> int:
    """Compare two files of marts as the command line names them."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.compare_marts", description=__doc__.splitlines()[0]
    )
    parser.add_argument("left", type=Path)
    parser.add_argument("right", type=Path)
    paths = parser.parse_args(arguments)
    sides = {}
    with duckdb.connect() as connection:
        for side, path in vars(paths).items():
            try:
                connection.execute(f"attach {quoted(path)} as {side}_file (read_only)")
            except duckdb.Error as error:
                parser.error(f"{path} cannot be opened: {str(error).splitlines()[0]}")
            sides[side] = marts_of(connection, f"{side}_file")
            if not sides[side]:
                parser.error(f"{path} has no schema marts: name a published or a working database")
        found = differences(connection, **sides)
    for mart, difference in found.items():
        print(f"{mart}: {difference}")
    print(f"{len(sides['left'].keys() | sides['right'].keys())} marts compared, {len(found)} differ")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
