"""From a feed and price files to the verdict, which finds what the sandbox plants, on three seeds."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from io import StringIO
from pathlib import Path

import pandas as pd
import project
import pytest
from rich.console import Console

import sandbox
from event_study.delivery import deliver
from runner.publish import EVENT_STUDY as PUBLISHED_LATER
from runner.publish import publish
from runner.settings import Files
from sandbox import prices

FIRST, LAST = date(2024, 1, 1), date(2026, 3, 31)
PLANTED = 0.02


def load(database: Path, folder: Path, filings: int, seed: int) -> None:
    """Loads a sandbox's filings, the rates, and the prices of its issuers, by the commands that a user types."""
    arguments = {"scenario": "realistic", "filings": filings, "seed": seed}
    prices.write(
        folder / "prices",
        sandbox.generate(**arguments, start_date=FIRST, end_date=LAST),
        seed,
        effect=PLANTED,
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SOURCES__")} | {
        "INSIDER_FILINGS_DB": str(database),
        "INSIDER_FILINGS_NOW": "2026-04-01T13:00:00Z",
        "DLT_DATA_DIR": str(folder / "dlt_data"),
        "SOURCES__FILINGS_API__START_DATE": FIRST.isoformat(),
        "SOURCES__FILINGS_API__API_KEY": "key",
    }
    with sandbox.serve(**arguments, start_date=FIRST, end_date=LAST, api_key="key") as api:
        environment["SOURCES__FILINGS_API__BASE_URL"] = api.url
        for source in (["ecb_rates"], ["filings_api"], ["prices", "--path", str(folder / "prices")]):
            subprocess.run(
                [sys.executable, "-m", "loader", *source],
                check=True,
                env=environment,
                cwd=project.PROJECT,
                capture_output=True,
            )


def study(seeded: Path, folder: Path, filings: int, seed: int = 1) -> Path:
    """A published database, with the study that was added to it."""
    files = Files(
        folder / "insider_filings.duckdb",
        folder / "insider_marts.duckdb",
        folder / "exports",
        folder / "logs",
    )
    project.copy_of(seeded, files.working)
    load(files.working, folder, filings, seed)
    project.run_models(files.working)
    marts = set(project.marts(files.working)) - set(PUBLISHED_LATER)
    publish(files.working, files.published, marts)
    before = project.marts(files.published)
    deliver(files, Console(file=StringIO()))
    after = project.marts(files.published)
    # The study changes no other mart, and the next daily run keeps it.
    assert {name: after[name] for name in before} == before and set(after) == marts | set(PUBLISHED_LATER)
    publish(files.working, files.published, marts)
    assert project.marts(files.published) == after
    return files.published


def test_a_study_is_added_to_the_marts_and_kept_by_the_next_run(seeded, tmp_path):
    published = study(seeded, tmp_path, filings=200)
    [measured] = project.rows(
        published, "select count(*) as returns from marts.signal_returns where raw_return is not null"
    )
    assert measured["returns"] > 0


@pytest.mark.nightly
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_planted_effect_and_the_illusion_are_found(seeded, tmp_path, seed):
    studied = study(seeded, tmp_path, filings=3000, seed=seed)
    found = pd.DataFrame(
        project.rows(
            studied,
            "select * from marts.event_study where return_kind = 'adjusted' and slice in ('event_kind', 'illusion')",
        )
    )
    row = (
        found[(found["slice"] == "event_kind") & (found["event_kind"] == "first_buy")]
        .set_index("horizon")
        .loc[5]
    )
    assert row["n_events"] > 300 and row["share_unpriced"] < 0.2
    error = row["mean"] / row["t_week"]
    assert abs(row["mean"] - PLANTED) < 4 * error and row["ci_low"] > 0
    assert row["q_by"] < 0.05 and row["placebo_percentile"] > 0.95
    illusion = (
        found[(found["slice"] == "illusion") & (found["event_kind"] == "first_buy")]
        .set_index("horizon")
        .loc[21]
    )
    assert illusion["mean"] > 0.01 and illusion["t_week"] > 4
