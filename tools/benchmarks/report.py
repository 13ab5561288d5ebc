"""Writes the tables of ``docs/performance.md`` and its plot from results: ``python -m tools.benchmarks.report RESULT.json ...``.

A table stands between ``<!-- begin: NAME -->`` and ``<!-- end: NAME -->``; what is around it stays.
"""

import argparse
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd

from tools.benchmarks.__main__ import PACKAGES
from tools.benchmarks.daily import PARTS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "performance.md"
PLOT = PAGE.with_name("growth.svg")
FACTORS = ("filings", "lines", "days", "issuers")


def number(value: float | None) -> str:
    """A figure as the tables show it."""
    return (
        ""
        if value is None
        else f"{value:,.2f}"
        if abs(value) < 10
        else f"{value:,.1f}"
        if abs(value) < 100
        else f"{value:,.0f}"
    )


def markdown(headings: str, rows: Iterable[Iterable[Any]]) -> str:
    """A table; ``headings`` are separated by bars, those that end in a colon are aligned to the right."""
    names = [name.strip() for name in headings.split("|")]
    lines = [names_line := [name.removesuffix(":") for name in names]]
    lines.append(["--:" if name.endswith(":") else "---" for name in names])
    lines += [[str(cell).replace("|", "\\|") for cell in row] for row in rows]
    assert all(len(line) == len(names_line) for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def target(measured: dict[str, Any]) -> str:
    """What was to be reached, and whether it is."""
    if measured["limit"] is None:
        return ""
    sign = "≥" if measured["at_least"] else "≤"
    return f"{sign} {measured['limit']:g}: {'reached' if measured['is_reached'] else 'missed'}"


def spread(measured: dict[str, Any]) -> str:
    """The least and the greatest ratio of a run to the baseline's run beside it."""
    singles = measured["ratios"]
    return f"{number(min(singles))} to {number(max(singles))}" if len(singles) > 1 else ""


def ratios(measurements: list[dict[str, Any]]) -> str:
    """Everything with a baseline."""
    return markdown(
        "what | filings: | seconds: | against | seconds: | ratio: | of single runs: | target | peak MB:",
        (
            (
                measured["subject"],
                f"{measured['size']['filings']:,}",
                number(measured["figure"]),
                measured["baseline"],
                number(measured["baseline_figure"]),
                number(measured["ratio"]) + (" times faster" if measured["at_least"] else ""),
                spread(measured),
                target(measured),
                number(measured["peak_mb"]),
            )
            for measured in measurements
            if measured["baseline"]
        ),
    )


def builds(measurements: list[dict[str, Any]]) -> str:
    """Whole builds."""
    return markdown(
        "what | filings: | lines: | seconds: | CPU seconds: | node seconds of models: | of tests: | peak MB: | database MB:",
        (
            (
                measured["subject"],
                f"{measured['size']['filings']:,}",
                f"{measured['size']['lines']:,}",
                number(measured["figure"]),
                number(measured["cpu_seconds"]),
                number(measured["details"]["by_type"].get("model")),
                number(measured["details"]["by_type"].get("test")),
                number(measured["peak_mb"]),
                number(measured["details"]["database_mb"]),
            )
            for measured in measurements
            if measured["measure"] == "whole build"
        ),
    )


def daily(measurements: list[dict[str, Any]]) -> str:
    """Daily runs: CPU seconds in all and part by part; for the nodes of the build their seconds on the clock, which overlap."""
    parts = ("imports", *PARTS)
    return markdown(
        f"filings: | seconds: | CPU seconds: | target | {': | '.join(parts)}: | node seconds of models: | of tests: | peak MB:",
        (
            (
                f"{measured['size']['filings']:,}",
                number(measured["details"]["seconds"]),
                number(measured["figure"]),
                target(measured),
                *(number(measured["details"]["parts"][part]["cpu_seconds"]) for part in parts),
                *(number(measured["details"]["nodes"].get(kind)) for kind in ("model", "test")),
                number(measured["peak_mb"]),
            )
            for measured in measurements
            if measured["measure"] == "daily run" and not measured["baseline"]
        ),
    )


def engines(measurements: list[dict[str, Any]]) -> str:
    """The same models on each engine."""
    return markdown(
        "lines: | engine | seconds: | CPU seconds: | peak MB: | of it workers:",
        (
            (
                f"{measured['size']['lines']:,}",
                measured["subject"],
                number(measured["figure"]),
                number(measured["cpu_seconds"]),
                number(measured["peak_mb"]),
                number(measured["details"]["peak_mb"].get("workers")),
            )
            for measured in measurements
            if measured["measure"] == "engine"
        ),
    )


def growth(measurements: list[dict[str, Any]]) -> str:
    """All models while one factor grows."""
    return markdown(
        "what grows | filings: | lines: | days: | issuers: | node seconds: | CPU seconds: | peak MB:",
        (
            (
                measured["subject"],
                *(f"{measured['size'][factor]:,}" for factor in FACTORS),
                number(measured["figure"]),
                number(measured["cpu_seconds"]),
                number(measured["peak_mb"]),
            )
            for measured in measurements
            if measured["measure"] == "growth"
        ),
    )


def slowest(measurements: list[dict[str, Any]]) -> str:
    """The nodes that took longest in the largest build."""
    largest = max(
        (measured for measured in measurements if measured["measure"] == "whole build"),
        key=lambda measured: measured["size"]["lines"],
        default=None,
    )
    nodes = largest["details"]["nodes"] if largest else {}
    return markdown("node | seconds:", ((name, number(seconds)) for name, seconds in nodes.items()))


TABLES: dict[str, Callable[[list[dict[str, Any]]], str]] = {
    "ratios": ratios,
    "builds": builds,
    "daily": daily,
    "engines": engines,
    "growth": growth,
    "slowest": slowest,
}


def plot(measurements: list[dict[str, Any]], path: Path) -> None:
    """Seconds of all models by each factor; both axes are logarithmic, so a straight line of slope one is proportional."""
    rows = [
        {
            "factor": measured["subject"],
            "size": measured["size"][measured["subject"]],
            "seconds": measured["figure"],
        }
        for measured in measurements
        if measured["measure"] == "growth"
    ]
    panels = []
    for factor in FACTORS:
        of_factor = pd.DataFrame([row for row in rows if row["factor"] == factor])
        if of_factor.empty:
            return
        base = alt.Chart(of_factor).encode(
            x=alt.X("size:Q", title=factor, scale=alt.Scale(type="log", nice=False, padding=24))
            .axis(values=of_factor["size"].tolist(), format=".3~s"),
            y=alt.Y("seconds:Q", title="seconds", scale=alt.Scale(type="log", domain=_domain(rows))),
        )  # fmt: skip
        panels.append(
            (
                base.mark_line(color="#2e7d5b", point={"color": "#2e7d5b", "size": 45})
                + base.mark_text(dy=-12, fontSize=10).encode(text=alt.Text("seconds:Q", format=".1f"))
            ).properties(width=190, height=190)
        )
    alt.hconcat(*panels, title="Seconds of all models while one factor grows").configure_title(
        anchor="start", fontSize=13
    ).save(path)


def _domain(rows: list[dict[str, Any]]) -> list[float]:
    seconds = [row["seconds"] for row in rows]
    return [min(seconds) * 0.8, max(seconds) * 1.3]


def write(results: list[Path], page: Path = PAGE, picture: Path = PLOT) -> None:
    """Fill in the tables for which there are measurements, and draw the plot.

    Raises:
        ValueError: the page has no place for a table.
    """
    loaded = [json.loads(path.read_text(encoding="utf-8")) for path in results]
    # Of what was measured again the last counts.
    newest = {
        json.dumps([measured[name] for name in ("measure", "subject", "size", "baseline")]): measured
        for result in sorted(loaded, key=lambda result: result["started_at"])
        for measured in result["measurements"]
    }
    measurements = list(newest.values())
    text = page.read_text(encoding="utf-8")
    for name, table in TABLES.items():
        content = table(measurements)
        place = re.compile(rf"(<!-- begin: {name} -->\n).*?(<!-- end: {name} -->)", re.DOTALL)
        if not place.search(text):
            raise ValueError(f"{page.name} has no place for the table {name}")
        # A heading and a rule alone: nothing was measured of it, and what stands there stays.
        if content.count("\n") > 1:
            text = place.sub(lambda match, content=content: f"{match[1]}{content}\n{match[2]}", text)
    text = re.sub(
        r"(<!-- begin: machine -->\n).*?(<!-- end: machine -->)",
        lambda match: f"{match[1]}{_machine(loaded)}\n{match[2]}",
        text,
        flags=re.DOTALL,
    )
    page.write_text(text, encoding="utf-8")
    plot(measurements, picture)


def _machine(results: list[dict[str, Any]]) -> str:
    machine: dict[str, Any] = {}
    for result in sorted(results, key=lambda result: result["started_at"]):
        machine |= result["machine"]
    days = sorted({result["started_at"][:10] for result in results})
    loads = [result["machine"]["load_average"] for result in results]
    packages = ", ".join(f"{name} {machine[name]}" for name in PACKAGES if name in machine)
    return (
        f"Measured on {' and '.join(days)} with {machine['cores']} cores and {machine['memory_gb']:g} GB, Python {machine['python']}, "
        f"{packages}; the machine's load as the runs began was {min(loads):.1f} to {max(loads):.1f}."
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m tools.benchmarks.report", description=__doc__.splitlines()[0]
    )
    parser.add_argument("results", type=Path, nargs="+")
    write(parser.parse_args().results)
