"""Writes the signal as files: CSV, Parquet, and a manifest of what they rest on."""

import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
import yaml

from runner.publish import as_of_date, open_published, quoted, replace_text
from runner.settings import PROJECT

SIGNAL = "select * from marts.daily_insider_signal order by rank"

# How a text begins that a spreadsheet takes for a formula, also in full width.
_FORMULA = r"^[\x00-\x20]*[=+@\-\x{ff1d}\x{ff0b}\x{ff0d}\x{ff20}]|^[\t\r\n]"
_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x{9f}]"


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
        for name, form, query in (
            ("daily_insider_signal.csv", "csv, header", for_spreadsheets(connection, SIGNAL)),
            ("daily_insider_signal.parquet", "parquet", SIGNAL),
        ):
            new_file = folder / f".{name}.new"
            connection.execute(f"copy ({query}) to {quoted(new_file)} (format {form})")
            new_file.replace(folder / name)
        manifest = _manifest(connection, row_counts, variables, adapter)
    replace_text(folder / "manifest.json", json.dumps(manifest, indent=2, default=str) + "\n")


def for_spreadsheets(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    """``query`` with texts that a spreadsheet shows and does not run.

    A text that would be a formula begins with an apostrophe; a control character is U+FFFD.
    """
    columns = []
    for name, type_, *_ in connection.execute(f"describe {query}").fetchall():
        column = '"' + name.replace('"', '""') + '"'
        if type_ == "VARCHAR":
            apostrophe = f"if(regexp_matches({column}, '{_FORMULA}'), chr(39), '')"
            column = f"{apostrophe} || regexp_replace({column}, '{_CONTROL}', '\ufffd', 'g') as {column}"
        columns.append(column)
    return f"select {', '.join(columns)} from ({query})"


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
    return {
        "as_of_date": as_of_date(connection),
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
