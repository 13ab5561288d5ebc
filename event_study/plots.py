"""What the published study says, as pictures: one page, and each picture as an SVG file."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import altair as alt
import numpy as np
import pandas as pd

from brief import charts
from brief.page import environment
from event_study import report, tables
from runner.publish import open_published, replace_text
from runner.settings import RunError

QUINTILES = [f"quintile_{number}" for number in range(1, 6)]
VARIANT = "score_version_1"
# In which of the horizons the pictures of several are; those that are there.
SHOWN = [5, 21, 63]
BINS = 20


def draw(published: Path, folder: Path) -> Path | None:
    """Writes ``study.html`` and ``study/*.svg`` into a folder; the page's path, or None where no study with prices is published.

    Raises:
        RunError: There is no published database.
    """
    if not published.exists():
        raise RunError(f"{published} is not there: run make signal and make study first")
    with open_published(published) as connection:
        names = connection.execute(
            "select table_name from duckdb_tables() where schema_name = ?", [tables.SCHEMA]
        )
        if not {*tables.RESULTS, "event_study_run"} <= {name for (name,) in names.fetchall()}:
            return None
        results = {
            name: connection.execute(f"select * from {tables.SCHEMA}.{name}").to_arrow_table().to_pandas()
            for name in tables.RESULTS
        }
        (as_of_date,) = connection.execute(
            f"select as_of_date from {tables.SCHEMA}.event_study_run"
        ).fetchone()
    if results["event_study"].empty:
        return None
    specs = pictures(results)
    (folder / "study").mkdir(parents=True, exist_ok=True)
    for name, spec in specs.items():
        replace_text(folder / "study" / f"{name}.svg", charts.svg(spec | {"background": "white"}))
    page = folder / "study.html"
    replace_text(page, render(results, specs, as_of_date))
    return page


def render(results: Mapping[str, pd.DataFrame], specs: Mapping[str, charts.Spec], as_of_date: date) -> str:
    """The page as text."""
    study = results["event_study"]
    rows = report.headlines(study).astype(object)
    return environment().get_template("study.html").render(
        as_of_date=as_of_date,
        verdict=report.verdict(study),
        many_tests=report.many_tests(study),
        drawings={name: charts.inline_svg(spec) for name, spec in specs.items()},
        rows=rows.where(rows.notna(), None).to_dict("records"),
    )  # fmt: skip


def pictures(results: Mapping[str, pd.DataFrame]) -> dict[str, charts.Spec]:
    """The specifications of those pictures that there are numbers for."""
    study = results["event_study"]
    found: dict[str, charts.Spec] = {}
    if rows := charts.earnings(study):
        found["earned"] = charts.earned(rows, 440)
    if rows := path_rows(results["event_study_path"]):
        found["path"] = path(rows)
    if rows := quintile_rows(results["event_study_ranks"]):
        found["quintiles"] = quintiles(rows)
    if not results["event_study_placebo"].empty:
        found["placebo"] = placebo(results["event_study_placebo"], report.headlines(study))
    return found


def path_rows(paths: pd.DataFrame) -> charts.Rows:
    """The path of each kind of event and entry."""
    return [
        {
            "event": charts.event_of(row["event_kind"]),
            "entry": charts.entry_of(row["event_kind"]),
            "session": int(row["session_number"]),
            "mean": float(row["mean"]),
            "low": None if pd.isna(row["bootstrap_low"]) else float(row["bootstrap_low"]),
            "high": None if pd.isna(row["bootstrap_high"]) else float(row["bootstrap_high"]),
        }
        for _, row in paths[paths["mean"].notna()].iterrows()
    ]


def path(rows: charts.Rows) -> charts.Spec:
    """Where the average event stood against its entry, with its interval, session by session."""
    entries = [charts.RIGHT, charts.AHEAD]
    colour = alt.Color(
        "entry:N",
        scale=alt.Scale(domain=entries, range=[charts.BLUE, charts.ORANGE]),
        legend=alt.Legend(
            orient="top",
            title=None,
            labelLimit=400,
            symbolType="stroke",
            symbolOpacity=1,
            symbolStrokeWidth=3,
        ),
    )
    x = alt.X(
        "session:Q",
        title="sessions from the entry",
        axis=alt.Axis(grid=False, values=[-20, -10, 0, 10, 21, 42, 63]),
    )
    band = alt.Chart().mark_area(opacity=0.15).encode(x=x, y="low:Q", y2="high:Q", color=colour)
    line = (
        alt.Chart()
        .mark_line(strokeWidth=2)
        .encode(
            x=x,
            y=alt.Y("mean:Q", title="against the entry, adjusted", axis=alt.Axis(format="+.0%", tickCount=6)),
            color=colour,
            strokeDash=alt.StrokeDash("entry:N", scale=alt.Scale(domain=entries, range=[[1, 0], [5, 3]]), legend=None),
        )
    )  # fmt: skip
    entry = alt.Chart().mark_rule(strokeDash=[3, 3], opacity=0.6).encode(x=alt.datum(0))
    zero = alt.Chart().mark_rule(opacity=0.5).encode(y=alt.datum(0))
    chart = alt.layer(band, zero, entry, line, data=charts.data(rows)).properties(width=430, height=250)
    return charts.spec_of(
        chart.facet(column=alt.Column("event:N", sort="descending", title=None), spacing=28)
    )


def quintile_rows(ranks: pd.DataFrame) -> charts.Rows:
    """The mean return of each quintile of the score, by horizon."""
    chosen = ranks[(ranks["score_variant"] == VARIANT) & ranks["horizon"].isin(SHOWN)].sort_values("horizon")
    return [
        {"sessions": f"{row['horizon']} sessions", "quintile": place, "mean": float(row[name])}
        for _, row in chosen.iterrows()
        for place, name in enumerate(QUINTILES, 1)
        if pd.notna(row[name])
    ]


def quintiles(rows: charts.Rows) -> charts.Spec:
    """Whether higher scores earned more."""
    bars = (
        alt.Chart()
        .mark_bar(color=charts.BLUE)
        .encode(
            x=alt.X("quintile:O", title="quintile of the score, 5 the highest", axis=alt.Axis(labelAngle=0)),
            y=alt.Y("mean:Q", title="mean adjusted return", axis=alt.Axis(format="+.1%", tickCount=5)),
        )
    )
    zero = alt.Chart().mark_rule(opacity=0.5).encode(y=alt.datum(0))
    order = list(dict.fromkeys(row["sessions"] for row in rows))
    chart = alt.layer(bars, zero, data=charts.data(rows)).properties(width=265, height=190)
    chart = chart.facet(column=alt.Column("sessions:N", sort=order, title=None), spacing=28)
    return charts.spec_of(chart.resolve_scale(y="independent"))


def placebo(shifted: pd.DataFrame, headlines: pd.DataFrame) -> charts.Spec:
    """What the same calendar of events earned when shifted to other times, and the true mean among it."""
    true = headlines.set_index(["event_kind", "horizon"])
    chosen = shifted[shifted["horizon"].isin(SHOWN)].sort_values(
        ["event_kind", "horizon"], ascending=[False, True]
    )
    rows: charts.Rows = []
    order: list[str] = []
    for (kind, horizon), group in chosen.groupby(["event_kind", "horizon"], sort=False):
        row = true.loc[(kind, horizon)]
        panel = f"{charts.event_of(kind)}, {horizon} sessions: place {row['placebo_percentile']:.2f}"
        order.append(panel)
        counts, edges = np.histogram(group["mean"], BINS)
        rows += [
            {"panel": panel, "from": low, "to": high, "shifts": int(count), "true": float(row["mean"])}
            for low, high, count in zip(edges[:-1].tolist(), edges[1:].tolist(), counts, strict=True)
        ]
    bars = (
        alt.Chart()
        .mark_bar(color=charts.GREY, binSpacing=1)
        .encode(
            x=alt.X(
                "from:Q", bin="binned", title=None, axis=alt.Axis(format="+.1%", tickCount=4, grid=False)
            ),
            x2="to:Q",
            y=alt.Y("shifts:Q", title="shifts", axis=alt.Axis(tickCount=3)),
        )
    )
    mean = alt.Chart().mark_rule(color=charts.RED, strokeWidth=2.5).encode(x="min(true):Q")
    chart = alt.layer(bars, mean, data=charts.data(rows)).properties(width=270, height=110)
    chart = chart.facet(facet=alt.Facet("panel:N", sort=order, title=None), columns=3, spacing=22)
    return charts.spec_of(chart.resolve_scale(x="independent"))
