"""The macros that read texts, and those that speak the engine's own SQL, give what their table of cases says."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import project
import pytest
from macro_cases import ENGINE_CASES, PARSING_CASES, Case

from runner.build import dbt

CASES: list[Case] = [*ENGINE_CASES, *PARSING_CASES]
Texts = list[str | None]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Texts]:
    """The texts that each case gave, by its place in `CASES`; all of them run as one query."""
    query = "\nunion all\n".join(
        f"select {number} as case_number, result from ({case.query}) as query_{number}"
        for number, case in enumerate(CASES)
    )
    database = tmp_path_factory.mktemp("macros") / "macros.duckdb"
    shown = dbt(database, "--quiet", "show", "--inline", query, "--limit", "-1", "--output", "json")
    assert shown.success, shown.exception or shown.result.results[0].message
    found: dict[int, Texts] = defaultdict(list)
    for case_number, text in shown.result.results[0].agate_table.rows:
        found[int(case_number)].append(text)
    return found


@pytest.mark.parametrize("macro", sorted({case.macro for case in CASES}))
def test_a_macro_gives_what_its_cases_say(results: dict[int, Texts], macro: str) -> None:
    differing = {
        case.query: (results[number], case.expected)
        for number, case in enumerate(CASES)
        if case.macro == macro and sorted(results[number], key=str) != sorted(case.expected, key=str)
    }
    assert not differing


@pytest.mark.parametrize(("folder", "cases"), [("engine", ENGINE_CASES), ("parsing", PARSING_CASES)])
def test_every_macro_has_a_case(folder: str, cases: list[Case]) -> None:
    defined = {
        name
        for file in Path(project.PROJECT, "macros", folder).glob("*.sql")
        for name in re.findall(r"{%-? macro (\w+)\(", file.read_text(encoding="utf-8"))
        if "__" not in name
    }
    assert defined == {case.macro for case in cases}
