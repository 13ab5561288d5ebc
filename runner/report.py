"""What a run prints: the top of the ranking with what each score is made of, the warnings, and where things are."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from loader.redaction import redact, visible
from runner.build import Warned
from runner.publish import as_of_date, open_published

TOP = 15
# As many on the same terms look like an offering or a plan (docs/specification.md, section 6).
SAME_TERMS = 3
RANKING = f"""
    select
        rank,
        coalesce(ticker, '') as ticker,
        coalesce(issuer_name, issuer_id) as issuer,
        coalesce(market, '') as market,
        score,
        buy_value_term,
        distinct_buyers_term,
        senior_buyer_term,
        days_since_last_buy_term,
        total_buy_value,
        distinct_buyers,
        last_buy_date,
        tradable_on,
        same_terms_buyers,
        price_flags
    from marts.daily_insider_signal
    order by rank
    limit {TOP}
"""


def print_ranking(published: Path, console: Console) -> None:
    """Prints the first rows of the published signal."""
    with open_published(published) as connection:
        as_of = as_of_date(connection)
        (issuers,) = connection.execute("select count(*) from marts.daily_insider_signal").fetchone()
        (currency,) = connection.execute(
            "select any_value(base_currency) from marts.daily_insider_signal"
        ).fetchone()
        rows = connection.execute(RANKING).fetchall()
    if not rows:
        console.print(
            f"As of {as_of}: no issuer has an eligible buy in the window." if as_of else "Nothing is loaded."
        )
        return
    table = Table(title=f"Insider buying as of {as_of}: {min(TOP, issuers)} of {issuers:,} issuers")
    for heading, justify in (
        ("rank", "right"), ("ticker", "left"), ("issuer", "left"), ("market", "left"), ("score", "right"), ("= value", "right"),
        ("+ buyers", "right"), ("+ senior", "right"), ("+ age", "right"), (f"bought, {currency}", "right"), ("buyers", "right"),
        ("last buy", "left"), ("tradable on", "left"),
    ):  # fmt: skip
        table.add_column(heading, justify=justify, no_wrap=heading != "issuer")
    doubts = []
    for (
        rank,
        ticker,
        issuer,
        market,
        *numbers,
        value,
        buyers,
        last_buy,
        tradable_on,
        same_terms,
        flags,
    ) in rows:
        if same_terms >= SAME_TERMS:
            doubts.append(
                f"{rank} {issuer}: {same_terms} insiders bought on one day at one price or in one lot"
            )
        if flags:
            doubts.append(f"{rank} {issuer}: price_flag {flags}")
        table.add_row(
            str(rank), *map(visible, (ticker, issuer, market)), *(f"{number:.2f}" for number in numbers), f"{value:,.0f}", str(buyers),
            str(last_buy), str(tradable_on),
        )  # fmt: skip
    console.print(table)
    for doubt in doubts:
        console.print(f"  look at {visible(doubt)}")


def print_warnings(warnings: Sequence[Warned], console: Console) -> None:
    """Prints what the tests on the world found: how much, in which mart to look, and what to do."""
    if warnings:
        console.print("Warnings (the data, not the code):")
    for warned in warnings:
        console.print(f"  {redact(str(warned))}", soft_wrap=True)


def print_places(places: Mapping[str, Path | str], console: Console) -> None:
    """Prints where the results are."""
    for name, path in places.items():
        console.print(f"{name}: {path}", soft_wrap=True)
