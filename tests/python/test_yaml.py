"""No YAML of the project has a key that dbt does not know. On DuckDB dbt says nothing of a misspelt one by itself."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt.jsonschemas import jsonschemas
from project import PROJECT

PARTS = ["dbt_project.yml", "profiles.yml", "macros", "models", "seeds", "tests/generic", "tests/invariants", "tests/world"]  # fmt: skip
MISSPELT = [
    ("dbt_project.yml", "      +group: signal\n", "      +grupo: signal\n", "+grupo"),
    ("models/_exposures.yml", "    maturity:", "    maturty:", "maturty"),
    ("models/marts/quality/_quality__models.yml", "    description:", "    descripton:", "descripton"),
    ("models/marts/signal/_signal__models.yml", "        data_type:", "        data_typ:", "data_typ"),
    ("models/staging/ecb_rates/_ecb_rates__sources.yml", "    loader:", "    loadr:", "loadr"),
    ("models/staging/ecb_rates/_ecb_rates__sources.yml", "loaded_at_field:", "loaded_at:", "loaded_at"),
    ("seeds/_seeds.yml", "      column_types:", "      column_type:", "column_type"),
]


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Lets dbt hold the YAML against its schemas on DuckDB too; the database is not touched by parsing."""
    supported = {*jsonschemas._JSONSCHEMA_SUPPORTED_ADAPTERS, "duckdb"}
    monkeypatch.setattr(jsonschemas, "_JSONSCHEMA_SUPPORTED_ADAPTERS", supported)
    monkeypatch.setenv("INSIDER_FILINGS_DB", str(tmp_path / "parsed.duckdb"))


def complaints(folder: Path, target: Path) -> list[str]:
    """What dbt warns of when it parses the whole project in ``folder``."""
    messages: list[str] = []

    def listen(event) -> None:
        if event.info.level in ("warn", "error"):
            messages.append(event.info.msg)

    arguments = ["--quiet", "parse", "--no-partial-parse", "--show-all-deprecations", "--no-use-colors"]
    folders = ["--project-dir", str(folder), "--profiles-dir", str(folder), "--target-path", str(target)]
    dbtRunner(callbacks=[listen]).invoke([*arguments, *folders])
    DuckDBConnectionManager.close_all_connections()
    return messages


@pytest.mark.usefixtures("strict")
def test_dbt_knows_every_key(tmp_path: Path) -> None:
    assert complaints(PROJECT, tmp_path / "target") == []


@pytest.mark.usefixtures("strict")
def test_misspelt_keys_are_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    for part in PARTS:
        (folder / part).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (PROJECT / part).is_dir() else shutil.copyfile
        copy(PROJECT / part, folder / part)
    for file, right, wrong, _ in MISSPELT:
        text = (folder / file).read_text(encoding="utf-8")
        assert right in text, f"{file} has no {right!r} any more"
        (folder / file).write_text(text.replace(right, wrong, 1), encoding="utf-8")
    found = " ".join(" ".join(complaints(folder, tmp_path / "target")).split())
    assert [key for _, _, _, key in MISSPELT if f"`{key}`" not in found] == [], found
