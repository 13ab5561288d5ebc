"""From what the published marts tell to the page."""

import base64
import gzip
import json
import unicodedata
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from brief import charts
from brief.published import Brief, read
from event_study.report import verdict
from explain.report import CHANGES, VERDICTS, by_effect, details, neighbours, parts
from loader.redaction import visible
from runner.publish import replace_text
from runner.report import SAME_TERMS

TEMPLATES = Path(__file__).parent / "templates"
# Of these the explanation stands in the page; those of the others are packed, and a script puts each in when its row opens.
EXPLAINED = 15
# More lines that do not count say no more of an issuer.
SHOWN_LEFT_OUT = 8
SHOWN_CLUSTERS = 30


def write(published: Path, page: Path, day: date | None = None, since: date | None = None) -> Path:
    """Writes the page of a published database in one step (see ``read``); its path."""
    html = render(read(published, day, since))
    page.parent.mkdir(parents=True, exist_ok=True)
    replace_text(page, html)
    return page


def render(brief: Brief) -> str:
    """The page as text; the same for the same published file."""
    return environment().get_template("brief.html").render(**context(brief))


@cache
def environment() -> jinja2.Environment:
    """The templates, with what they say of values; texts are escaped."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    for function in (text, whole, number, percent, change, words, time_of, link, parts):
        environment.filters[function.__name__] = function
    return environment


def context(brief: Brief) -> dict[str, Any]:
    """What the template says."""
    ranking = brief.rows("ranking")
    lines: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in brief.rows("evidence"):
        lines.setdefault((row["source"], row["issuer_id"]), []).append(row)
    paid = brief.study.paid_to_close if brief.study else {}
    for place, row in enumerate(ranking, 1):
        key = (row["source"], row["issuer_id"])
        row["id"] = place
        row["lines"], row["more"] = shown_lines(lines.get(key, []))
        row["paid_to_close"] = paid.get(key)
        row["marks"] = marks_of(row)
        row["why"] = why(brief, row)
    filings = brief.rows("filings")
    return {
        "brief": brief,
        "ranking": ranking,
        "widest": max((positive(row) for row in ranking), default=0.0) or 1.0,
        "currency": next((row["base_currency"] for row in ranking), "EUR"),
        "markets": sorted({row["market"] for row in ranking if row["market"]}),
        "roles": list(dict.fromkeys(row["top_role"] for row in ranking if row["top_role"])),
        "tradable": sorted({row["tradable_on"] for row in ranking if row["tradable_on"]}),
        "clusters": clusters(brief),
        "filings": {kind: [row for row in filings if row["direction"] == kind] for kind in ("buy", "sell", "none")},
        "figures": drawings(brief, ranking),
        "verdict": verdict(brief.study.results) if brief.study else None,
        "shown_clusters": SHOWN_CLUSTERS,
        "code_version": version("insider_filings"),
        "versions": versions(ranking, brief),
        "verdicts": VERDICTS,
        "packed_bundle": packed(charts.bundle()),
        "packed": packed(json.dumps({text(key_of(row)): row["why"] for row in ranking[EXPLAINED:]})),
        "explained": EXPLAINED,
        "has_owned": any(row.get("shares_owned_after") is not None for row in filings),
        "has_paid": any(row["paid_to_close"] is not None for row in ranking),
    }  # fmt: skip


def why(brief: Brief, row: dict[str, Any]) -> Markup:
    """What `explain` answers for an issuer, as a part of the page: what the row has already is not repeated."""
    answer = brief.explanations[row["source"], row["issuer_id"]]
    shown = {(line["transaction_id"], line["version_number"]) for line in row["lines"]}
    lines = [
        (line, details(line, brief.day))
        for line in answer["lines"]
        if (line["transaction_id"], line["version_number"]) in shown
    ]
    template = environment().get_template("why.html")
    return Markup(
        template.render(
            score=answer["score"],
            neighbours=neighbours(answer["score"]),
            changes=by_effect(answer),
            caption=CHANGES,
            lines=lines,
        )
    )


def packed(told: str) -> str:
    """A text that the page reads only when it needs it, compressed."""
    return base64.b64encode(gzip.compress(told.encode(), mtime=0)).decode()


def versions(ranking: list[dict[str, Any]], brief: Brief) -> dict[str, Any]:
    """The versions of the seeds that decide a score, as the rows have them."""
    first = brief.rows("versions")
    return {name: value for row in first for name, value in row.items() if value is not None}


def positive(row: dict[str, Any]) -> float:
    """What a score has before the age of the last buy is taken off."""
    return row["buy_value_term"] + row["distinct_buyers_term"] + row["senior_buyer_term"]


def shown_lines(lines: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], int]:
    """The lines that count, the first of those that do not, and how many more there are."""
    counting = [row for row in lines if row["standing"] == "counts"]
    others = [row for row in lines if row["standing"] != "counts"]
    return counting + others[:SHOWN_LEFT_OUT], max(len(others) - SHOWN_LEFT_OUT, 0)


def marks_of(row: dict[str, Any]) -> list[tuple[str, str]]:
    """What to look at before believing a row: a short mark and what it means."""
    marks = []
    if (row["same_terms_buyers"] or 0) >= SAME_TERMS:
        marks.append(
            (
                "same terms",
                f"{row['same_terms_buyers']} insiders bought on one day at one price or in one lot",
            )
        )
    if row["price_flags"]:
        marks.append(("price", f"suspect price, number or value: {words(row['price_flags'])}"))
    if row["unpriced_buys"]:
        marks.append(("unpriced", f"{row['unpriced_buys']} of the buys have no value and add none"))
    if row["is_source_behind"]:
        marks.append(("behind", "the source is behind: filings may be missing"))
    return marks


def clusters(brief: Brief) -> list[dict[str, Any]]:
    """One strip per issuer: a dot for each buy, by its day and value."""
    strips: dict[tuple[str, str], dict[str, Any]] = {}
    for row in brief.rows("clusters"):
        strip = strips.setdefault(
            (row["source"], row["issuer_id"]),
            {
                "rank": row["rank"], "issuer": row["issuer_name"] or row["issuer_id"], "buyers": row["buyers"],
                "since": row["cluster_since"], "dots": [],
            },
        )  # fmt: skip
        strip["dots"].append(row)
    largest = max((float(row["value_base"] or 0) for row in brief.rows("clusters")), default=0.0) or 1.0
    first = min((row["traded"] for row in brief.rows("clusters")), default=brief.day)
    width = max((brief.day - first).days, 1)
    for strip in strips.values():
        for dot in strip["dots"]:
            # The area is the value.
            dot["radius"] = 2.5 + 7.5 * (float(dot["value_base"] or 0) / largest) ** 0.5
            dot["place"] = 100 * (dot["traded"] - first).days / width
        strip["total"] = sum(float(dot["value_base"] or 0) for dot in strip["dots"])
        strip["first"], strip["last"] = strip["dots"][0]["traded"], strip["dots"][-1]["traded"]
        strip["axis"] = first
    return list(strips.values())


def drawings(brief: Brief, ranking: list[dict[str, Any]]) -> dict[str, Any]:
    """Each chart's specification, and its SVG for readers without JavaScript."""
    specs: dict[str, charts.Spec] = {}
    if brief.rows("weeks"):
        specs["weeks"] = charts.weeks(brief.rows("weeks"), brief.rows("gaps"), brief.day)
    if brief.rows("lags"):
        specs["lags"] = charts.lags(brief.rows("lags"))
    scores = histories(brief)
    if ranking:
        first = ranking[0]
        specs["history"] = charts.history(expanded(scores[key_of(first)], brief.day), brief.day)
    if brief.study and (rows := charts.earnings(brief.study.results)):
        specs["earned"] = charts.earned(rows)
    return {
        "specs": specs,
        "svg": {name: charts.inline_svg(spec) for name, spec in specs.items()},
        "histories": scores,
        "last_day": charts.moment(brief.day),
    }


def key_of(row: dict[str, Any]) -> str:
    """Names an issuer in the page and in its address."""
    return f"{row['source']}:{row['issuer_id']}"


def histories(brief: Brief) -> dict[str, tuple[list[list[int]], list[int]]]:
    """By issuer: its scores as runs of equal steps, and the days of amendments; in days before the page's day.

    Between two buys a score falls by the same each day: a run is its first day, the score there in hundredths, the step, and the days.
    """
    found: dict[str, tuple[list[list[int]], list[int]]] = {}
    for row in brief.rows("history"):
        runs, _ = found.setdefault(key_of(row), ([], []))
        ago, score = row["days_ago"], round(100 * row["score"])
        if runs and runs[-1][0] - runs[-1][3] == ago:
            first, step, days = runs[-1][1:]
            if days == 1 or score == first + days * step:
                runs[-1][2:] = [score - first if days == 1 else step, days + 1]
                continue
        runs.append([ago, score, 0, 1])
    for row in brief.rows("amendments"):
        if key_of(row) in found:
            found[key_of(row)][1].append(row["days_ago"])
    return found


def expanded(history: tuple[list[list[int]], list[int]], day: date) -> charts.Rows:
    """One issuer's scores as rows of the chart."""
    runs, amended = history
    scores = {
        ago - number: (first + number * step) / 100
        for ago, first, step, days in runs
        for number in range(days)
    }
    return [
        {"day": charts.moment(day - timedelta(days=ago)), "score": scores.get(ago), "amended": ago in amended}
        for ago in reversed(range(charts.DAYS))
    ]


def text(value: Any) -> str:
    """A text of a feed as a reader sees it: no control character, and nothing that is no character."""
    if value is None:
        return ""
    return unicodedata.normalize("NFC", visible(str(value)).replace("\n", " ").replace("\t", " "))


def words(value: Any) -> str:
    """A name of ours in words."""
    return text(value).replace("_", " ")


def whole(value: Any) -> str:
    """A number with thousands apart."""
    return "" if value is None else f"{value:,.0f}"


def number(value: Any, digits: int = 2) -> str:
    """A number with so many digits behind the point, a true minus before it, and no zeros at its end that say nothing."""
    if value is None:
        return ""
    return f"{value:,.{digits}f}".replace("-", "\u2212")


def percent(value: Any) -> str:
    """A ratio's distance from one, in percent."""
    return "" if value is None else change(value - 1)


def change(value: Any) -> str:
    """A share in percent, with its sign."""
    return "" if value is None else f"{100 * value:+.1f} %".replace("-", "\u2212")


def time_of(row: dict[str, Any]) -> str:
    """The time in UTC beside a market's date, from which the day in UTC may differ."""
    moment: datetime = row["filed_at"].replace(tzinfo=UTC)
    days = (moment.date() - row["filed_on"]).days
    return {0: "", 1: "next day ", -1: "day before "}.get(days, f"{days:+d} days ") + f"{moment:%H:%M}"


def link(value: Any) -> Markup | None:
    """An address that leads to a page of the web, and nowhere else."""
    address = text(value).strip()
    return Markup(Markup.escape(address)) if address.lower().startswith(("https://", "http://")) else None
