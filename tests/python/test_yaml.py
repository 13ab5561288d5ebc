"""The project as dbt parses it: no YAML has a key that dbt does not know, and references run one way.

On DuckDB dbt says nothing of a misspelt key by itself.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt.jsonschemas import jsonschemas
from project import PROJECT

PARTS = ["dbt_project.yml", "profiles.yml", "macros", "models", "seeds", "tests/generic", "tests/invariants", "tests/world"]  # fmt: skip
MISSPELT = [
    ("dbt_project.yml", "      +access: public\n", "      +acess: public\n", "+acess"),
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
def test_dbt_knows_every_key_and_references_run_one_way(tmp_path: Path) -> None:
    assert complaints(PROJECT, tmp_path / "target") == []
    assert backward_references(json.loads((tmp_path / "target" / "manifest.json").read_text())) == []


# In which order the folders of docs/architecture.md may read each other (`archive` lists the price rows that are no prices).
ROOMS = [
    *(f"staging/{source}" for source in ("ecb_rates", "filings_api", "prices", "sec_edgar", "archive")),
    *(
        f"intermediate/{room}"
        for room in ("calendars", "completeness", "versions", "owners", "amendments", "transactions")
    ),
    *(f"intermediate/{room}" for room in ("duplicates", "signal", "as_of", "event_study")),
    *(f"marts/{room}" for room in ("transactions", "signal", "event_study", "quality")),
]


def backward_references(manifest: dict[str, Any]) -> list[str]:
    """References of a model to a folder that does not stand before its own, and of all but staging to the raw archive."""
    models = {
        name: (node["name"], ROOMS.index("/".join(Path(node["original_file_path"]).parts[1:-1])), node)
        for name, node in manifest["nodes"].items()
        if node["resource_type"] == "model"
    }
    found = []
    for name, place, node in models.values():
        for parent in node["depends_on"]["nodes"]:
            if parent.startswith("source.") and not ROOMS[place].startswith("staging/"):
                found.append(f"{name} reads {parent}")
            elif parent in models:
                other, other_place, _ = models[parent]
                if other_place > place:
                    found.append(f"{name} ({ROOMS[place]}) reads {other} ({ROOMS[other_place]})")
    return sorted(found)


def test_a_backward_reference_is_found() -> None:
    def model(name: str, folder: str, *parents: str) -> dict[str, Any]:
        path = f"models/{folder}/{name}.sql"
        return {
            "name": name,
            "resource_type": "model",
            "original_file_path": path,
            "depends_on": {"nodes": list(parents)},
        }

    nodes = {
        "a": model("a", "intermediate/versions", "b", "source.raw"),
        "b": model("b", "intermediate/signal", "a"),
        "c": model("c", "staging/ecb_rates", "d", "source.raw"),
        "d": model("d", "staging/prices"),
    }
    assert backward_references({"nodes": nodes}) == [
        "a (intermediate/versions) reads b (intermediate/signal)",
        "a reads source.raw",
        "c (staging/ecb_rates) reads d (staging/prices)",
    ]


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
