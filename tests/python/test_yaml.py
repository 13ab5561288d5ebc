"""The project as dbt parses it: no YAML has a key that dbt does not know, references run one way, and every grain is said and tested.

On DuckDB dbt says nothing of a misspelt key by itself.
"""

from __future__ import annotations

import json
import re
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
    manifest = json.loads((tmp_path / "target" / "manifest.json").read_text())
    assert backward_references(manifest) == []
    assert unsaid_grains(manifest) == []


# In which order the folders of docs/architecture.md may read each other (`archive` lists the price rows that are no prices).
ROOMS = [
    *(f"staging/{source}" for source in ("ecb_rates", "filings_api", "prices", "sec_edgar", "archive")),
    *(
        f"intermediate/{room}"
        for room in ("calendars", "completeness", "versions", "owners", "amendments", "transactions")
    ),
    *(f"intermediate/{room}" for room in ("duplicates", "signal", "as_of", "alerts", "event_study")),
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


# Which columns of a grain a word of the description stands for.
WORDS = {
    "acquisition": "other_ordinal", "alert": "alert_id", "archive": "source archive",
    "buy": "transaction_id line_ordinal", "buyer": "buyer",
    "calendar": "calendar business_calendar exchange_calendar", "class of share": "security_class", "clock": "clock",
    "currency": "currency", "cut": "may_be_cut", "date": "transaction_date filing_date fixing_date",
    "day": "signal_date date_day available_date filing_date known_on",
    "event": "event_id event_key source issuer_id signal_date event_kind", "field": "field",
    "filing": "source record_id filing_id record_version_id",
    "finding": "finding", "flags": "role_key", "footnote": "footnote_id", "horizon": "horizon", "insider": "source insider_key buyer",
    "issuer": "source issuer_source issuer_id", "kind": "event_kind day_kind",
    "line": "transaction_id line_ordinal line_version_id superseding_transaction_id",
    "listing": "listing_id", "market": "market market_settings", "model": "model", "must name": "must_name_trade",
    "name": "normalized_name", "noted on": "noted_on", "observation": "source walk_id page_number position",
    "owner": "owner_rank insider_id", "part": "part_number", "payload": "source archive content_hash", "price": "price record_id",
    "purchase": "transaction_date", "raw value": "raw_value", "reason": "reason", "record": "source record_id superseding_record_id",
    "return kind": "return_kind", "role": "role_key role", "row of a price file": "load_id record_id content_hash",
    "row of its tables": "row_type row_ordinal", "rule": "rule_id position rule", "score variant": "score_variant",
    "security type": "raw_security_type", "seed": "seed", "series": "source issuer_id market symbol series series_id",
    "session": "session_number session_date", "shares": "shares", "shift": "shift_sessions", "slice": "slice", "slice value": "slice_value",
    "source": "source filing_source", "span": "valid_from first_day from_number last_number", "split": "valid_before",
    "stretch": "first_available_date", "Sunday": "signal_date", "symbol": "symbol symbol_kind series", "term": "term",
    "text": "note_text", "thing": "source quarantine_id", "ticker": "ticker", "transaction": "transaction_id line_ordinal",
    "version": "version_number version superseding_version_number", "walk": "source walk_id", "word": "word word_number",
    # Of amendments.
    "id": "amends_id", "link": "link_id", "moment": "known_from", "party": "party party_kind", "side": "side",
    "step": "from_kind from_id to_kind to_id", "target": "target_kind target_id", "undecided": "is_undecided",
}  # fmt: skip
# Their keys are held by tests of what they read or of what reads them, or they are one row.
WITHOUT_GRAIN = {
    "amendment_matches", "int_as_of", "int_benchmark_closes", "int_issuer_scores", "int_line_texts", "int_listing_closes",
    "int_named_insiders", "int_observations", "int_owner_versions", "int_owners", "int_payloads", "int_ranked_scores",
    "int_record_versions", "int_records", "int_score_weights", "int_study_scores", "int_study_settings", "stg_archive__rejects",
    "stg_filings_api__owners", "event_study_run",
}  # fmt: skip
# Of two of one kind, one has this before the names of its columns.
OTHER = re.compile("^(amended|superseding|origin)_")


def unsaid_grains(manifest: dict[str, Any]) -> list[str]:
    """Models whose grain (`meta.grain`) no test holds or the first sentence of the description does not say, up to a colon."""
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    models += [node for node in manifest["sources"].values() if node["source_name"] == "event_study"]
    tested = {
        parent
        for node in manifest["nodes"].values()
        if (node.get("test_metadata") or {}).get("name") == "unique_grain"
        for parent in node["depends_on"]["nodes"]
    }
    found = []
    for model in models:
        grain = set(model["config"]["meta"].get("grain", []))
        if bool(grain) != (model["unique_id"] in tested) or bool(grain) == (model["name"] in WITHOUT_GRAIN):
            found.append(
                f"{model['name']}: `meta.grain` and the test unique_grain, or a place in WITHOUT_GRAIN"
            )
        sentence = re.split("[:.]", model["description"])[0]
        words = [word for word in WORDS if re.search(rf"\b{word}s?\b", sentence)]
        said = {column for word in words for column in WORDS[word].split()}
        if unsaid := sorted({OTHER.sub("", column) for column in grain} - said):
            found.append(f"{model['name']}: {', '.join(unsaid)} not in {sentence!r}")
    return sorted(found)


def test_a_grain_that_is_not_said_or_not_tested_is_found() -> None:
    def model(name: str, description: str, *grain: str) -> dict[str, Any]:
        meta = {"grain": list(grain)} if grain else {}
        node = {
            "name": name,
            "unique_id": name,
            "resource_type": "model",
            "original_file_path": "models/x.sql",
        }
        return node | {"description": description, "config": {"meta": meta}}

    def test_of(name: str) -> dict[str, Any]:
        return {
            "resource_type": "test",
            "test_metadata": {"name": "unique_grain"},
            "depends_on": {"nodes": [name]},
        }

    nodes = [
        model("right", "One row per issuer and day: a score.", "source", "issuer_id", "date_day"),
        model("unsaid", "One row per issuer: a score of a day.", "source", "issuer_id", "date_day"),
        model("untested", "One row per issuer.", "source", "issuer_id"),
        model("grainless", "One row per issuer."),
        model("int_as_of", "One row: the day."),
        *(test_of(name) for name in ("right", "unsaid")),
    ]
    assert unsaid_grains({"nodes": dict(enumerate(nodes)), "sources": {}}) == [
        "grainless: `meta.grain` and the test unique_grain, or a place in WITHOUT_GRAIN",
        "unsaid: date_day not in 'One row per issuer'",
        "untested: `meta.grain` and the test unique_grain, or a place in WITHOUT_GRAIN",
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
