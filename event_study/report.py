"""The verdict as tables for a sceptic: what was tested, what is missing and why, what chance and hindsight would have shown."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from event_study import tables
from event_study.calibration import Result
from event_study.estimators import MINIMUM_CLUSTERS, MINIMUM_STRETCHES
from event_study.partitions import AT_TRANSACTION
from event_study.regressions import QUESTION
from event_study.verdict import ILLUSION, LONGEST_WEEKLY
from runner.publish import open_published
from runner.settings import RunError

LEVEL = 0.05
SHOWN_SLICES = 12
# Of slices with fewer events than this, the order of p values is mostly noise.
SHOWN_EVENTS = 30
HEADLINE = "adjusted"
LONG_HORIZON = 21


def print_study(database: Path, console: Console) -> None:
    """Prints what is published.

    Raises:
        RunError: There is no published database.
    """
    if not database.exists():
        raise RunError(f"{database} is not there: run make signal and make study first")
    with open_published(database) as connection:
        names = {
            name for (name,) in connection.execute(
                "select table_name from duckdb_tables() where schema_name = ?", [tables.SCHEMA]
            ).fetchall()
        }  # fmt: skip
        missing = sorted(tables.TABLES.keys() - names)
        if missing:
            console.print(f"Nothing to show: {', '.join(missing)} not published yet; run make study.")
            return
        results = {
            name: connection.execute(f"select * from {tables.SCHEMA}.{name}").to_arrow_table().to_pandas()
            for name in tables.RESULTS
        }
        reasons = connection.execute(
            f"""
            select event_kind, horizon, coalesce(unpriced_reason, '') as reason, count(*) as events
            from {tables.SCHEMA}.signal_returns group by all
            """
        ).to_arrow_table().to_pandas()  # fmt: skip
    print_results(results, reasons, console)


def print_results(results: Mapping[str, pd.DataFrame], reasons: pd.DataFrame, console: Console) -> None:
    """Prints the verdict, most important first.

    Args:
        results: The result tables by name.
        reasons: Events by kind, horizon and reason why they are unpriced (empty where they are priced).
        console: Where to.
    """
    study = results["event_study"]
    console.print(f"[bold]Verdict.[/bold] {verdict(study)}", soft_wrap=True)
    if study.empty:
        return
    console.print(earned(study))
    console.print(tested(study))
    console.print(counting(study))
    for line in [*why_null(study), *sensitivity(study)]:
        console.print(f"  {line}", soft_wrap=True)
    console.print(illusion(study))
    console.print(many_tests(study), soft_wrap=True)
    console.print(slices(study))
    console.print(unpriced(reasons))
    if not results["event_study_regressions"].empty:
        console.print(question(results["event_study_regressions"]))
    if not results["event_study_ranks"].empty:
        console.print(ranking(results["event_study_ranks"]))


def headlines(study: pd.DataFrame) -> pd.DataFrame:
    """The rows that the verdict rests on: all events of a kind, benchmark-adjusted, entered after publication."""
    chosen = (
        (study["slice"] == "event_kind")
        & (study["return_kind"] == HEADLINE)
        & ~study["is_looking_ahead"].astype(bool)
    )
    return study[chosen].sort_values(["event_kind", "horizon"], ascending=[False, True])


def verdict(study: pd.DataFrame) -> str:
    """One sentence that claims no more than the tests do."""
    if study.empty or not (study["n_events"] > 0).any():
        return "None: no event has a price, so nothing is known about what the signal earns."
    rows = headlines(study)
    tested = rows[rows["p_value"].notna()]
    if tested.empty:
        return (
            f"None: {rows['n_events'].max():.0f} priced events in {rows['n_weeks'].max():.0f} weeks are too few for any test"
            f" that allows for events of one week moving together (at least {MINIMUM_CLUSTERS} weeks)."
        )
    survive = tested[(tested["q_by"] < LEVEL) & (tested["tested_mean"] > 0)]
    counted = f"of {len(tested)} headline tests among {tested['n_tests'].iloc[0]:,.0f} in all"
    if survive.empty:
        likely = tested.loc[tested["p_value"].idxmin()]
        return (
            f"Not shown: {counted} none with a positive mean survives the correction for having looked so often; the"
            f" smallest p ({_chance(likely['p_value'])}) has {_event(likely)}: {_mean(likely)}."
        )
    best = survive.loc[survive["q_by"].idxmin()]
    verb = "survives" if len(survive) == 1 else "survive"
    return (
        f"Something is there: {counted} {len(survive)} {verb} the correction for having looked so often (most clearly"
        f" {_event(best)}: {_mean(best)}); costs of {best['breakeven_cost_bps']:.0f} basis points a trade would eat it, and up to"
        f" {survive['share_unpriced'].max():.0%} of the events have no return and are no part of it."
    )


def _event(row: pd.Series) -> str:
    return f"{row['event_kind']} over {row['horizon']} sessions"


def _mean(row: pd.Series) -> str:
    """The middle of a row's returns, and what its test is about, which beyond a week is not the mean of events."""
    tested = "" if row["p_value_from"] == "week" else f"calendar-time mean {_percent(row['tested_mean'])}, "
    return (
        f"mean {_percent(row['mean'])}, median {_percent(row['median'])}, {row['share_positive']:.0%} positive;"
        f" {tested}95 % interval {_interval(row)}"
    )


def _percent(value: float) -> str:
    return "-" if pd.isna(value) else f"{100 * value:+.2f} %"


def _number(value: float, digits: int = 2) -> str:
    return "-" if pd.isna(value) else f"{value:,.{digits}f}"


def _chance(value: float) -> str:
    return "<0.001" if value < 0.001 else _number(value, 3)


def _share(value: float, digits: int = 0) -> str:
    return "-" if pd.isna(value) else f"{value:.{digits}%}"


def _interval(row: pd.Series) -> str:
    return f"{100 * row['ci_low']:+.2f} to {_percent(row['ci_high'])}" if pd.notna(row["ci_low"]) else "-"


def _returns(row: pd.Series) -> list[str]:
    return [_percent(row["mean"]), _percent(row["median"]), _share(row["share_positive"])]


def _test(row: pd.Series) -> list[str]:
    """The mean that is tested, with the interval and the p of that test."""
    return [_percent(row["tested_mean"]), _interval(row), _chance(row["p_value"])]


RETURNS = ["mean", "median", "> 0"]


def _table(title: str, caption: str, columns: Sequence[str], left: int = 1) -> Table:
    table = Table(title=title, caption=caption, title_justify="left", caption_justify="left")
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number < left else "right", no_wrap=True)
    return table


def earned(study: pd.DataFrame) -> Table:
    """What the events of the headline rows earned."""
    table = _table(
        "Benchmark-adjusted returns of events entered after publication",
        "> 0: share of the events above zero. Break-even: what a trade may cost before nothing is left of the mean. Unpriced: without"
        " a return.",
        ["event", "sessions", "events", *RETURNS, "break-even", "unpriced"],
    )
    for _, row in headlines(study).iterrows():
        table.add_row(
            row["event_kind"], str(row["horizon"]), _number(row["n_events"], 0), *_returns(row),
            f"{_number(row['breakeven_cost_bps'], 0)} bp", _share(row["share_unpriced"], 1),
        )  # fmt: skip
    return table


def tested(study: pd.DataFrame) -> Table:
    """The test that counts for each headline row."""
    table = _table(
        "What is left of the means: one test a row, with its own mean, interval and p",
        f"Week: the mean above, clustered by week, up to {LONGEST_WEEKLY} sessions. Calendar: beyond, the daily mean of one portfolio of"
        " all events held, times the sessions. Worth: windows that do not overlap. q: what is left of p among all tests (Benjamini-"
        "Hochberg, -Yekutieli). Placebo: percentile of the mean above. - is null, see below.",
        ["event", "sessions", "weeks", "worth", "test", "mean", "95 % interval", "p", "q BH", "q BY", "placebo"],
    )  # fmt: skip
    for _, row in headlines(study).iterrows():
        table.add_row(
            row["event_kind"], str(row["horizon"]), _number(row["n_weeks"], 0), _number(row["n_effective"], 1),
            "-" if pd.isna(row["p_value_from"]) else row["p_value_from"], *_test(row),
            _chance(row["q_bh"]), _chance(row["q_by"]), _number(row["placebo_percentile"]),
        )  # fmt: skip
    return table


def counting(study: pd.DataFrame) -> Table:
    """The t values of the headline rows by what is taken to be independent."""
    table = _table(
        "The same events: t by what is taken to be independent",
        "The first four are of the mean of events; naive: all of them, which they are not. The portfolio's t is of its own mean beside"
        " it.",
        ["event", "sessions", "mean", "naive", "by week", "by issuer", "both ways", "calendar-time mean", "calendar-time t"],
    )  # fmt: skip
    for _, row in headlines(study).iterrows():
        ways = (_number(row[f"t_{way}"], 1) for way in ("naive", "week", "issuer", "two_way"))
        table.add_row(
            row["event_kind"], str(row["horizon"]), _percent(row["mean"]), *ways, _percent(row["mean_calendar"]),
            _number(row["t_calendar"], 1),
        )  # fmt: skip
    return table


def why_null(study: pd.DataFrame) -> list[str]:
    """Why numbers of the headline rows are missing, each reason once with where it holds."""
    rows = headlines(study)
    long = rows["horizon"] > LONGEST_WEEKLY
    few_weeks, few_issuers = rows["n_weeks"] < MINIMUM_CLUSTERS, rows["n_issuers"] < MINIMUM_CLUSTERS
    few_windows = rows["n_effective"] < MINIMUM_STRETCHES
    cases = {
        f"every t, p, interval and placebo: the events are worth fewer than {MINIMUM_STRETCHES} windows that do not overlap": few_windows,
        f"t by week: fewer than {MINIMUM_CLUSTERS} weeks with events": rows["t_week"].isna() & few_weeks,
        f"t by issuer: fewer than {MINIMUM_CLUSTERS} issuers": rows["t_issuer"].isna() & few_issuers,
        "t both ways: fewer than that of either": rows["t_two_way"].isna() & (few_weeks | few_issuers),
        "t both ways: the estimated variance is negative": rows["t_two_way"].isna()
        & ~few_weeks
        & ~few_issuers
        & ~few_windows,
        f"calendar-time portfolio: only made beyond {LONGEST_WEEKLY} sessions": ~long,
        "calendar-time portfolio: the days held are fewer than three windows": long
        & rows["t_calendar"].isna()
        & ~few_windows,
        "placebo: too little time without events left to shift them to": rows["placebo_percentile"].isna()
        & ~few_weeks
        & ~few_windows,
        f"placebo: fewer than {MINIMUM_CLUSTERS} weeks with events": rows["placebo_percentile"].isna()
        & few_weeks,
    }
    lines = []
    for reason, where in cases.items():
        if where.any():
            places = ", ".join(
                f"{kind} {'/'.join(str(horizon) for horizon in part['horizon'])}"
                for kind, part in rows[where].groupby("event_kind", sort=False)
            )
            lines.append(f"- {reason} ({places}).")
    return lines


def sensitivity(study: pd.DataFrame) -> list[str]:
    """What delistings and costs make of the headline."""
    lines = []
    for kind, rows in study[(study["slice"] == "event_kind") & (study["horizon"] == LONG_HORIZON)].groupby(
        "event_kind"
    ):
        if str(kind).endswith(AT_TRANSACTION):
            continue
        means = rows.set_index("return_kind")["mean"]
        lines.append(
            f"{kind} over {LONG_HORIZON} sessions: raw {_percent(means['raw'])}, adjusted {_percent(means['adjusted'])}, market model"
            f" {_percent(means['abnormal'])}, net of costs {_percent(means['net'])}; if whoever left the market lost 30 %:"
            f" {_percent(means['adjusted_delisting_30'])}, everything: {_percent(means['adjusted_delisting_100'])}."
        )
    return lines


def illusion(study: pd.DataFrame) -> Table:
    """What entry at the transaction date would have shown, beside the right entry."""
    table = _table(
        "The illusion: the same events entered at the transaction date, before anybody could know of them",
        "Illusion: mean difference of the same event's two benchmark-adjusted returns. No part of any other row or test.",
        ["event", "sessions", "right entry", "at the transaction", "illusion", "t by week"],
    )
    adjusted = study[study["return_kind"] == HEADLINE]
    means = adjusted[adjusted["slice"] == "event_kind"].set_index(["event_kind", "horizon"])["mean"]
    for _, row in (
        adjusted[adjusted["slice"] == ILLUSION]
        .sort_values(["event_kind", "horizon"], ascending=[False, True])
        .iterrows()
    ):
        kind, horizon = row["event_kind"], row["horizon"]
        table.add_row(
            kind, str(horizon), _percent(means.get((kind, horizon), np.nan)),
            _percent(means.get((kind + AT_TRANSACTION, horizon), np.nan)), _percent(row["mean"]), _number(row["t_week"], 1),
        )  # fmt: skip
    return table


def many_tests(study: pd.DataFrame) -> str:
    """How many tests there were, and how many would be significant by chance."""
    tests = study[study["p_value"].notna() & ~study["is_looking_ahead"].astype(bool)]
    return (
        f"{len(tests):,} tests: p below {LEVEL} in {(tests['p_value'] < LEVEL).sum():,} (by chance about {LEVEL * len(tests):,.0f}),"
        f" q BH in {(tests['q_bh'] < LEVEL).sum():,}, q BY in {(tests['q_by'] < LEVEL).sum():,}."
    )


def slices(study: pd.DataFrame) -> Table:
    """The slices with the smallest p values, all of them corrected for the others."""
    chosen = study[
        (study["return_kind"] == HEADLINE)
        & ~study["is_looking_ahead"].astype(bool)
        & (study["slice"] != "event_kind")
        & (study["n_events"] >= SHOWN_EVENTS)
        & study["p_value"].notna()
    ].nsmallest(SHOWN_SLICES, "p_value")
    table = _table(
        f"The {len(chosen)} slices with the smallest p values (the best of many are good by chance; look at q)",
        f"Benchmark-adjusted; slices of at least {SHOWN_EVENTS} priced events. All are in marts.event_study.",
        ["event", "slice", "sessions", "events", *RETURNS, "tested", "95 % interval", "p", "q BY", "unpriced"],
        left=2,
    )  # fmt: skip
    for _, row in chosen.iterrows():
        table.add_row(
            row["event_kind"], f"{row['slice']}: {row['slice_value']}", str(row["horizon"]), _number(row["n_events"], 0),
            *_returns(row), *_test(row), _chance(row["q_by"]), _share(row["share_unpriced"]),
        )  # fmt: skip
    return table


def unpriced(reasons: pd.DataFrame) -> Table:
    """Why events have no return."""
    chosen = reasons[~reasons["event_kind"].str.endswith(AT_TRANSACTION)]
    horizons = sorted(chosen["horizon"].unique())
    table = _table(
        "Events without a return, by reason",
        "short_estimation lacks the market model's return only. suspect_series: marts.suspect_prices lists the prices.",
        ["event", "reason", *(str(horizon) for horizon in horizons)],
        left=2,
    )
    counts = chosen.pivot_table(
        index=["event_kind", "reason"], columns="horizon", values="events", aggfunc="sum", fill_value=0
    )
    for (kind, reason), row in counts.sort_index(ascending=[False, True]).iterrows():
        table.add_row(kind, reason or "(priced)", *(f"{row[horizon]:,.0f}" for horizon in horizons))
    return table


def question(regressions: pd.DataFrame) -> Table:
    """Whether cluster buys by senior insiders say more than the other terms."""
    table = _table(
        "Do cluster buys by senior insiders say more than liquidity and the other terms? (benchmark-adjusted return)",
        "Estimate: what they earned beyond what either alone, the size, the age and (in the second model) the size against the usual"
        " trading would let expect. FM: Fama-MacBeth by month with Newey-West;"
        " null where months with enough events are fewer than three windows reach into.",
        ["model", "sessions", "events", "estimate", "t week", "t issuer", "t both", "p both", "q BH", "FM estimate", "FM t", "FM months"],
    )  # fmt: skip
    chosen = regressions[(regressions["term"] == QUESTION) & (regressions["return_kind"] == HEADLINE)]
    for _, row in chosen.sort_values(["model", "horizon"], ascending=[False, True]).iterrows():
        table.add_row(
            row["model"], str(row["horizon"]), _number(row["n_events"], 0), _percent(row["estimate"]),
            *(_number(row[f"t_{way}"], 1) for way in ("week", "issuer", "two_way")), _chance(row["p_two_way"]), _chance(row["q_bh"]),
            _percent(row["fm_estimate"]), _number(row["fm_t"], 1), _number(row["fm_months"], 0),
        )  # fmt: skip
    return table


def ranking(ranks: pd.DataFrame) -> Table:
    """Whether higher scores earned more, and what each term and each version adds."""
    table = _table(
        "Do higher scores earn more? Rank correlation of score and benchmark-adjusted return over all scored issuers, week by week",
        "Monotonicity: rank correlation of the five quintiles' mean returns with their order; 1 where each earns more than the one below.",
        ["score", "sessions", "weeks", "names", "rank IC", "t", "q BH", "less version 1", "t", "top less bottom", "t", "monotonicity"],
    )  # fmt: skip
    order = {variant: number for number, variant in enumerate(dict.fromkeys(ranks["score_variant"]))}
    for _, row in ranks.sort_values(
        ["horizon", "score_variant"], key=lambda column: column.map(order).fillna(column)
    ).iterrows():
        table.add_row(
            row["score_variant"], str(row["horizon"]), _number(row["n_weeks"], 0), _number(row["mean_names"], 0),
            _number(row["mean_rank_ic"], 3), _number(row["t_rank_ic"], 1), _chance(row["q_bh"]),
            _number(row["rank_ic_less_version_1"], 3), _number(row["t_less_version_1"], 1),
            _percent(row["top_less_bottom"]), _number(row["t_top_less_bottom"], 1), _number(row["monotonicity"], 1),
        )  # fmt: skip
    return table


def print_calibration(results: Sequence[Result], seeds: int, console: Console) -> bool:
    """Prints the calibration.

    Returns:
        Whether every number is within its bounds.
    """
    table = _table(f"Calibration on {seeds:,} fixed seeds", "", ["", "found", "bounds", "holds"])
    for result in results:
        bounds = ""
        if result.low is not None:
            bounds = (
                f"at least {result.low:.3f}"
                if result.high is None
                else f"{result.low:.3f} to {result.high:.3f}"
            )
        table.add_row(
            result.name, f"{result.value:.4f}", bounds, ("yes" if result.holds else "NO") if bounds else ""
        )
    console.print(table)
    return all(result.holds for result in results)
