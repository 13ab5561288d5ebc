"""Charts as Vega-Lite specifications and as SVG, and the one bundle that draws them in a page that asks no host for anything.

Text and lines have the colour of the text around them (``currentColor``), so that one drawing serves light, dark and print.
"""

import json
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import altair as alt
import pandas as pd
import vl_convert
from markupsafe import Markup

from event_study.partitions import AT_TRANSACTION

# Okabe and Ito's colours, told apart by readers who see no red or no green, darkened where they would be too faint on white.
BLUE, ORANGE, GREEN, RED, PURPLE, SKY, BROWN, GREY = (
    "#0072b2", "#d98200", "#009e73", "#d55e00", "#b8679a", "#4ba3d9", "#8a6d1f", "#8a8f98",
)  # fmt: skip
COLOURS = [BLUE, ORANGE, GREEN, PURPLE, SKY, BROWN, RED, GREY]
# More markets than colours would look alike.
SHOWN_MARKETS = 7
WEEKS = 26
DAYS = 90
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"
CONFIG = {
    "background": None,
    "font": FONT,
    "view": {"stroke": None},
    "axis": {
        "labelColor": "currentColor", "titleColor": "currentColor", "domainColor": "currentColor", "tickColor": "currentColor",
        "gridColor": "currentColor", "gridOpacity": 0.1, "domainOpacity": 0.35, "tickOpacity": 0.35, "labelOpacity": 0.85,
        "titleFontWeight": "normal", "titleFontSize": 11, "labelFontSize": 11, "titleOpacity": 0.85, "titlePadding": 10,
    },
    "legend": {
        "columnPadding": 26, "labelColor": "currentColor", "titleColor": "currentColor", "titleFontWeight": "normal", "labelFontSize": 11,
    },
    "header": {"labelColor": "currentColor", "titleColor": "currentColor", "labelFontSize": 11},
    "title": {"color": "currentColor", "fontWeight": "normal", "fontSize": 12, "anchor": "start"},
    "text": {"color": "currentColor"},
    "rule": {"color": "currentColor"},
    "aria": False,
}  # fmt: skip

RIGHT, AHEAD = "entered after publication", "entered at the transaction date (nobody could)"

Rows = list[dict[str, Any]]
Spec = dict[str, Any]


def spec_of(chart: alt.TopLevelMixin) -> Spec:
    """The specification of a chart, in the page's style."""
    spec = chart.to_dict()
    spec["config"] = CONFIG
    spec.pop("$schema", None)
    return spec


def svg(spec: Spec) -> str:
    """The chart as SVG."""
    return vl_convert.vegalite_to_svg(json.dumps(spec, default=str))


def inline_svg(spec: Spec) -> Markup:
    """The chart as SVG within a page; what it shows is told by the element around it, which stays when a script draws the chart."""
    drawing = svg(spec)
    if not drawing.startswith("<svg "):
        raise ValueError("the drawing of a chart is no SVG")
    return Markup(f'<svg aria-hidden="true" {drawing.removeprefix("<svg ")}')


@cache
def bundle() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script, for all charts of a page."""
    return vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")


def data(rows: Rows) -> alt.Data:
    """Rows within the specification."""
    return alt.Data(values=rows)


def moment(day: date) -> int:
    """A day as Vega counts it: the same on every machine's clock."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def weeks(rows: Rows, gaps: Rows, day: date) -> Spec:
    """Buys and buyers per week, stacked by market; weeks with gaps are shaded."""
    monday = day - timedelta(days=day.weekday())
    order = [str(monday - timedelta(weeks=number)) for number in reversed(range(WEEKS))]
    totals: dict[str, int] = {}
    for row in rows:
        totals[row["market"]] = totals.get(row["market"], 0) + row["buys"]
    shown = sorted(totals, key=lambda market: (-totals[market], market))[:SHOWN_MARKETS]
    merged: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        market = row["market"] if row["market"] in shown else "other"
        cell = merged.setdefault(
            (str(row["week"]), market),
            {"week": str(row["week"]), "market": market, "place": len(shown), "buys": 0, "buyers": 0},
        )
        cell["place"] = shown.index(market) if market in shown else len(shown)
        cell["buys"] += row["buys"]
        cell["buyers"] += row["buyers"]
    markets = [*shown, *(["other"] if len(totals) > len(shown) else [])]
    colour = alt.Color(
        "market:N",
        scale=alt.Scale(domain=markets, range=COLOURS[: len(markets)]),
        legend=alt.Legend(orient="top", title=None, symbolType="square", columns=8),
    )
    shaded = [{"week": str(row["week"]), "gaps": row["gaps"], "days": row["days"]} for row in gaps]
    chosen = alt.selection_point(fields=["market"], bind="legend", name="chosen")

    def panel(field: str, title: str, with_labels: bool) -> alt.LayerChart:
        x = alt.X(
            "week:N",
            scale=alt.Scale(domain=order),
            axis=alt.Axis(
                title="week of (Monday)" if with_labels else None, labels=with_labels, labelAngle=0, ticks=with_labels, grid=False,
                values=order[1::5], labelOverlap=False,
            ),
        )  # fmt: skip
        bars = (
            alt.Chart(data(list(merged.values())))
            .mark_bar()
            .encode(
                x=x,
                y=alt.Y(f"{field}:Q", title=title, axis=alt.Axis(tickCount=4)),
                color=colour,
                order=alt.Order("place:Q"),
                opacity=alt.condition(chosen, alt.value(1), alt.value(0.2)),
                tooltip=["week:N", "market:N", "buys:Q", "buyers:Q"],
            )
        )
        if not with_labels:
            bars = bars.add_params(chosen)
        missing = (
            alt.Chart(data(shaded))
            .mark_rect(color=GREY, opacity=0.3)
            .encode(x=x, tooltip=["week:N", "gaps:N"])
        )
        return alt.layer(missing, bars).properties(width=400, height=105)

    chart = alt.vconcat(panel("buys", "buys", False), panel("buyers", "buyers", True), spacing=8)
    return spec_of(chart)


def lags(rows: Rows) -> Spec:
    """How many days after the trade filings came, market by market, against the deadline."""
    lines: dict[str, int] = {}
    for row in rows:
        row["panel"] = f"{row['market']}: {row['deadline_days']} {row['day_kind']} days"
        lines[row["panel"]] = lines.get(row["panel"], 0) + row["lines"]
    panels = sorted(lines, key=lambda panel: (-lines[panel], panel))[:9]
    values = [
        {
            "panel": row["panel"],
            "lag": row["lag"],
            "from": row["lag"] - 0.5,
            "to": row["lag"] + 0.5,
            "in time": "late" if row["is_late"] else "in time",
            "share": row["lines"] / lines[row["panel"]],
            "lines": row["lines"],
            "deadline": row["deadline_days"] + 0.5,
        }
        for row in rows
        if row["panel"] in panels
    ]
    bars = alt.Chart().mark_bar(binSpacing=0).encode(
        x=alt.X("from:Q", bin="binned", title=None, axis=alt.Axis(tickCount=4, grid=False, tickMinStep=1)),
        x2="to:Q",
        y=alt.Y("share:Q", title=None, axis=alt.Axis(format=".0%", tickCount=2)),
        color=alt.Color(
            "in time:N", scale=alt.Scale(domain=["in time", "late"], range=[BLUE, RED]), legend=alt.Legend(orient="top", title=None)
        ),
        tooltip=["panel:N", "lag:Q", "in time:N", "lines:Q"],
    )  # fmt: skip
    deadline = alt.Chart().mark_rule(strokeDash=[3, 2]).encode(x="min(deadline):Q")
    chart = (
        alt.layer(bars, deadline, data=data(values))
        .properties(width=112, height=62)
        .facet(
            facet=alt.Facet("panel:N", sort=panels, title=None, header=alt.Header(labelPadding=2)),
            columns=3,
            spacing=14,
        )
        .resolve_scale(x="independent", y="shared")
    )
    return spec_of(chart)


def history(scores: Rows, day: date) -> Spec:
    """The score of one issuer over time, with marks where a buy that counted was superseded; the page puts in other issuers' rows."""
    x = alt.X(
        "day:T",
        title=None,
        scale=alt.Scale(type="utc", domain=[moment(day - timedelta(days=DAYS - 1)), moment(day)]),
        axis=alt.Axis(format="%Y-%m-%d", tickCount=4, grid=False),
    )
    chart = alt.Chart(alt.NamedData("scores")).encode(
        x=x, y=alt.Y("score:Q", title="score", scale=alt.Scale(zero=False, nice=True))
    )
    line = chart.mark_line(interpolate="step-after", color=BLUE, strokeWidth=2).encode(
        tooltip=[alt.Tooltip("day:T", format="%Y-%m-%d"), "score:Q"]
    )
    marks = chart.mark_point(shape="diamond", color=RED, filled=True, size=90).encode(
        opacity=alt.condition("datum.amended", alt.value(1), alt.value(0)),
        tooltip=[alt.Tooltip("day:T", format="%Y-%m-%d", title="amended")],
    )
    spec = spec_of(alt.layer(line, marks).properties(width=420, height=265))
    spec["datasets"] = {"scores": scores}
    return spec


def earnings(results: pd.DataFrame) -> Rows:
    """The headline rows of marts.event_study, with those entered at the transaction date, as far as they are known."""
    chosen = (
        (results["slice"] == "event_kind") & (results["return_kind"] == "adjusted") & results["mean"].notna()
    )
    found = []
    for _, row in results[chosen].sort_values(["event_kind", "horizon"]).iterrows():
        kind = str(row["event_kind"])
        # Beyond a week what is tested, and has the interval, is the mean of the calendar-time portfolio.
        has_interval = pd.notna(row["ci_low"])
        found.append(
            {
                "event": event_of(kind),
                "sessions": int(row["horizon"]),
                "entry": entry_of(kind),
                "mean": float(row["tested_mean"] if has_interval else row["mean"]),
                "low": float(row["ci_low"]) if has_interval else None,
                "high": float(row["ci_high"]) if has_interval else None,
            }
        )
    return found


def event_of(kind: str) -> str:
    """The kind of an event in words, however it was entered."""
    return kind.removesuffix(AT_TRANSACTION).replace("_", " ")


def entry_of(kind: str) -> str:
    """How events of a kind were entered."""
    return AHEAD if kind.endswith(AT_TRANSACTION) else RIGHT


def earned(rows: Rows, width: int = 300) -> Spec:
    """Mean adjusted return by horizon with its interval, beside that of an entry at the transaction date."""
    entry_legend = alt.Legend(orient="top", title=None, labelLimit=400)
    entry = alt.Color(
        "entry:N", scale=alt.Scale(domain=[RIGHT, AHEAD], range=[BLUE, ORANGE]), legend=entry_legend
    )
    x = alt.X("sessions:O", title="sessions held", axis=alt.Axis(labelAngle=0))
    offset = alt.XOffset("entry:N", scale=alt.Scale(domain=[RIGHT, AHEAD], paddingOuter=0.35))
    percent = alt.Axis(format="+.1%", tickCount=5)
    zero = alt.Chart().mark_rule(opacity=0.5).encode(y=alt.datum(0))
    whiskers = (
        alt.Chart().mark_rule(strokeWidth=2).encode(x=x, xOffset=offset, y="low:Q", y2="high:Q", color=entry)
    )
    points = (
        alt.Chart()
        .mark_point(filled=True, size=55, opacity=1)
        .encode(
            x=x,
            xOffset=offset,
            y=alt.Y("mean:Q", title="adjusted return", axis=percent),
            color=entry,
            shape=alt.Shape("entry:N", scale=alt.Scale(domain=[RIGHT, AHEAD], range=["circle", "diamond"]), legend=entry_legend),
            tooltip=["event:N", "sessions:O", "entry:N", *(alt.Tooltip(f"{name}:Q", format="+.2%") for name in ("mean", "low", "high"))],
        )
    )  # fmt: skip
    chart = (
        alt.layer(zero, whiskers, points, data=data(rows))
        .properties(width=width, height=190)
        .facet(column=alt.Column("event:N", sort="descending", title=None), spacing=24)
    )
    return spec_of(chart)
