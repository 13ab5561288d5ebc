"""A variable of the dbt project with a value that it cannot have stops dbt, with the values that it can have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml
from project import PROJECT

from runner.build import dbt

DEFAULTS = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]


class Refused(Exception):
    """What the macro says."""


def check(variables: dict[str, Any]) -> None:
    """Runs the macro as dbt does when it parses the project."""
    given = DEFAULTS | variables

    class Exceptions:
        @staticmethod
        def raise_compiler_error(message: str) -> None:
            raise Refused(message)

    environment = jinja2.Environment(extensions=["jinja2.ext.do"], autoescape=False)
    macro = environment.from_string((PROJECT / "macros" / "settings.sql").read_text(encoding="utf-8"))
    macro.make_module({"var": given.__getitem__, "exceptions": Exceptions}).refuse_unknown_settings()


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"availability_clock": "observed"},
        {"availability_clock": "published"},
        {"exclude_same_terms": True},
        {"mapping_versions": DEFAULTS["mapping_versions"] | {"placement_phrases": 1}},
        {"role_map_version": 4},
    ],
)
def test_permitted_values_pass(variables: dict[str, Any]) -> None:
    check(variables)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"availability_clock": "Observed"}, 'availability_clock is "Observed"; permitted are "updated", "observed", "published"'),
        ({"availability_clock": None}, "availability_clock is null; permitted are"),
        ({"exclude_same_terms": "false"}, 'exclude_same_terms is "false"; permitted are true, false'),
        ({"exclude_same_terms": 0}, "exclude_same_terms is 0; permitted are true, false"),
        ({"mapping_versions": {"fund_names": 1}}, "mapping_versions has the keys fund_names; .* all of these: currency_units, "),
        ({"mapping_versions": DEFAULTS["mapping_versions"] | {"role_map": 2}}, "mapping_versions has the keys .*role_map"),
        ({"mapping_versions": 2}, "mapping_versions has the keys of no mapping"),
        ({"study": {"horizons": [1]}}, "study has the keys horizons; "),
        ({"role_map_version": "two"}, 'the version of role_map_version is "two"; a version is a whole number'),
        ({"score_version": 1.5}, "the version of score_version is 1.5"),
        ({"mapping_versions": DEFAULTS["mapping_versions"] | {"fund_names": True}}, "the version of fund_names is true"),
    ],
)  # fmt: skip
def test_other_values_are_refused(variables: dict[str, Any], message: str) -> None:
    with pytest.raises(Refused, match=message):
        check(variables)


def test_dbt_stops_before_it_builds_anything(tmp_path: Path) -> None:
    database = tmp_path / "insider_filings.duckdb"
    result = dbt(database, "--quiet", "build", variables={"availability_clock": "Observed"})
    assert "availability_clock" in str(result.exception)
    assert not database.exists()
