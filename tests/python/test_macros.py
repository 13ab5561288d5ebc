"""The macros of texts, of spans and of what the engines say differently give what their table of cases says, on every engine."""

from __future__ import annotations

import re
from collections import defaultdict
from importlib.util import find_spec
from pathlib import Path

import project
import pytest
from macro_cases import ENGINE_CASES, PARSING_CASES, ROWS, SPAN_CASES, Case

from runner.build import dbt

CASES: list[Case] = [*ENGINE_CASES, *PARSING_CASES, *SPAN_CASES]
Texts = list[str | None]
# Spark's analyzer runs out of stack on a union of all of them.
QUERIES_AT_ONCE = 100


@pytest.fixture(scope="module", params=["duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def results(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[int, Texts]:
    """The texts that each case gave on an engine, by its place in `CASES`."""
    if not find_spec(f"dbt.adapters.{request.param}"):
        pytest.skip("needs the extra `spark`: run make test-spark")
    folder = tmp_path_factory.mktemp("macros")
    for name, value in project.spark_settings(folder).items():
        request.getfixturevalue("module_environment").setenv(name, value)
    rows = defaultdict(list)
    for number, case in enumerate(CASES):
        rows[case.query].append(f"select {number}, * from ({case.rows}) as of_case")
    queries = [query.replace(ROWS, "\nunion all\n".join(of_cases)) for query, of_cases in rows.items()]
    found: dict[int, Texts] = defaultdict(list)
    for first in range(0, len(queries), QUERIES_AT_ONCE):
        query = "\nunion all\n".join(queries[first : first + QUERIES_AT_ONCE])
        shown = dbt(
            folder / "macros.duckdb", "--quiet", "show", "--inline", query, "--limit", "-1", "--output", "json",
            "--target-path", str(folder / "target"), target=request.param,
        )  # fmt: skip
        assert shown.success, shown.exception or shown.result.results[0].message
        for case_number, text in shown.result.results[0].agate_table.rows:
            found[int(case_number)].append(text)
    return found


@pytest.mark.parametrize("macro", sorted({case.macro for case in CASES}))
def test_a_macro_gives_what_its_cases_say(results: dict[int, Texts], macro: str) -> None:
    differing = {
        (case.query, case.rows): (results[number], case.expected)
        for number, case in enumerate(CASES)
        if case.macro == macro and sorted(results[number], key=str) != sorted(case.expected, key=str)
    }
    assert not differing


@pytest.mark.parametrize(
    ("files", "cases"),
    [("engine/*.sql", ENGINE_CASES), ("parsing/*.sql", PARSING_CASES), ("spans.sql", SPAN_CASES)],
)
def test_every_macro_has_a_case(files: str, cases: list[Case]) -> None:
    defined = {
        name
        for file in Path(project.PROJECT, "macros").glob(files)
        for name in re.findall(r"{%-? macro (\w+)\(", file.read_text(encoding="utf-8"))
        if "__" not in name and not name.startswith("_")
    }
    assert defined == {case.macro for case in cases}
