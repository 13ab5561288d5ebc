"""The comparison of two builds tells every kind of difference, and no other."""

from pathlib import Path

import duckdb
import pytest

from tools.compare_marts import main

ROWS = "select range::integer as id, range / 3 as value from range(3)"


def build(path: Path, marts: dict[str, str]) -> str:
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        for mart, rows in marts.items():
            connection.execute(f"create table marts.{mart} as {rows}")
    return str(path)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (f"from ({ROWS}) order by id desc", None),
        (f"select id, value * (1 + 1e-12) as value from ({ROWS})", "rows"),
        (f"from ({ROWS}) limit 2", "only left [(2,"),
        (f"from ({ROWS}) union all (from ({ROWS}) limit 1)", "only right [(0,"),
        (f"select id::bigint as id, value from ({ROWS})", "columns"),
        (f"select value, id from ({ROWS})", "columns"),
        (f"select id, nullif(value, 0) as value from ({ROWS})", "rows"),
    ],
)
def test_each_difference_is_told(tmp_path, capsys, rows, told):
    sides = [build(tmp_path / "a.duckdb", {"mart": ROWS}), build(tmp_path / "b.duckdb", {"mart": rows})]
    assert main(sides) == (0 if told is None else 1)
    printed = capsys.readouterr().out
    assert (told or "1 marts compared, 0 differ") in printed


def test_a_mart_of_one_side_alone_is_told(tmp_path, capsys):
    sides = [
        build(tmp_path / "a.duckdb", {"mart": ROWS, "more": ROWS}),
        build(tmp_path / "b.duckdb", {"mart": ROWS}),
    ]
    assert main(sides) == 1
    assert "more: only left" in capsys.readouterr().out


def test_a_file_without_marts_is_refused(tmp_path, capsys):
    duckdb.connect(str(tmp_path / "empty.duckdb")).close()
    with pytest.raises(SystemExit):
        main([str(tmp_path / "empty.duckdb"), str(tmp_path / "missing.duckdb")])
    assert "has no schema marts" in capsys.readouterr().err
