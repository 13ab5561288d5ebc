"""Writes the signal as files: CSV, Parquet, and a manifest of what they rest on."""

import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import yaml

from runner.publish import open_published, quoted
from runner.settings import PROJECT

SIGNAL = "select * from marts.daily_insider_signal order by rank"


def export(
    published: Path,
    folder: Path,
    row_counts: Mapping[str, int],
    variables: Mapping[str, Any],
    adapter: str = "dbt-duckdb",
) -> None:
    """Writes ``daily_insider_signal.csv``, ``.parquet`` and ``manifest.json``, each replaced in one step.

    ``adapter`` is the package with which dbt built the marts.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with open_published(published) as connection:
        for name, form in (
            ("daily_insider_signal.csv", "csv, header"),
            ("daily_insider_signal.parquet", "parquet"),
        ):
            new_file = folder / f".{name}.new"
            connection.execute(f"copy ({SIGNAL}) to {quoted(new_file)} (format {form})")
            new_file.replace(folder / name)
        manifest = _manifest(connection, row_counts, variables, adapter)
    new_file = folder / ".manifest.json.new"
    new_file.write_text(json.dumps(manifest, indent=2, default=str) + "\n", encoding="utf-8")
    new_file.replace(folder / "manifest.json")


def _manifest(
    connection: duckdb.DuckDBPyConnection,
    row_counts: Mapping[str, int],
    variables: Mapping[str, Any],
    adapter: str,
) -> dict[str, Any]:
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    used = {**project["vars"], **variables}
    walks = connection.execute(
        """
        select
            source,
            min(window_start),
            max(window_end) filter (where is_closed),
            count(*) filter (where status = 'verified'),
            count(*) filter (where is_closed and status <> 'verified')
        from marts.load_completeness
        group by source
        order by source
        """
    ).fetchall()
    (as_of_date,) = connection.execute("select max(as_of_date) from marts.load_completeness").fetchone()
    return {
        "as_of_date": as_of_date,
        "availability_clock": used["availability_clock"],
        "point_in_time": used["availability_clock"] != "published",
        "code": {name: version(name) for name in ("insider_filings", "dbt-core", adapter, "duckdb", "dlt")},
        "variables": {name: used[name] for name in sorted(used)},
        "seeds": {
            seed.stem: hashlib.sha256(seed.read_bytes()).hexdigest()
            for seed in sorted((PROJECT / "seeds").glob("*.csv"))
        },
        "row_counts": dict(row_counts),
        "completeness": {
            source: {
                "loaded_from": first,
                "loaded_through": last,
                "verified_windows": verified,
                "unverified_windows": unverified,
            }
            for source, first, last, verified, unverified in walks
        },
    }
