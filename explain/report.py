"""The answer as text."""

from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from rich.console import Console
from rich.table import Table

from explain.answer import called
from loader.redaction import visible

CHANGES = "What would change its place or score"
TERM_NAMES = {
    "log_buy_value": "value",
    "distinct_buyers": "buyers",
    "senior_buyer": "senior",
    "days_since_last_buy": "age",
}
# What a verdict means to somebody who does not know the specification (its section 6).
VERDICTS = {
    "superseded": "an amendment or a later version took its place",
    "duplicate": "the same trade is reported by another line",
    "cancelled": "its source withdrew it",
    "missing_issuer": "nobody knows of which issuer it is",
    "missing_transaction_date": "nobody knows when it was traded",
    "implausible_date": "it was traded before 1990, or after it was known",
    "derivative": "an option, warrant or other right, no share",
    "not_common_equity": "a preferred share, note, unit or fund",
    "not_open_market": "no trade on the open market",
    "not_a_buy": "a sale, or neither purchase nor sale",
    "planned_trade": "traded under a plan made earlier (10b5-1 or the like)",
    "placement_or_plan": "its filing tells of a placement, a transfer or a purchase plan",
    "linked_to_share_programme": "part of a share programme of the issuer",
    "ten_percent_owner_only": "bought by a large or other owner who holds no office",
    "below_minimum_value": "its event is worth less than minimum_buy_value",
    "same_terms": "several insiders bought at one price or in one lot (exclude_same_terms)",
    "below_minimum_value or same_terms": "minimum_buy_value or exclude_same_terms leaves it out",
}


def print_answer(answer: dict[str, Any], console: Console) -> None:
    """Prints the lines with their times, and at the end, where the reader looks, the arithmetic and what would change it."""
    for line in answer["lines"]:
        _print_line(line, console)
    if not answer["lines"]:
        console.print("No line of a trade in the window was known.")
    told = answer["issuer"]
    names = " ".join(filter(None, (told["issuer_name"], told["ticker"] and f"({told['ticker']})")))
    console.print(
        f"\n{visible(names)} {visible(told['source'])}:{visible(told['issuer_id'])}, as known on {answer['day']}",
        style="bold",
    )
    _print_score(answer["score"], console)
    if not answer["what_would_change_it"]:
        return
    table = Table(title=CHANGES, title_justify="left")
    table.add_column("if")
    table.add_column("its rank", justify="right")
    table.add_column("its score", justify="right")
    table.add_column("change")
    for effect, rows in by_effect(answer):
        table.add_section()
        table.add_row(effect, style="bold")
        for row in rows:
            score = "none" if row["score"] is None else f"{row['score']:.3f}"
            table.add_row(visible(row["what"]), str(row["rank"] or "none"), score, parts(row["terms"]))
    console.print(table)


def by_effect(answer: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """What would change the place or score, by what becomes of the place."""
    return [
        (effect, list(rows))
        for effect, rows in groupby(answer["what_would_change_it"], key=itemgetter("effect"))
    ]


def parts(terms: dict[str, float] | None) -> str:
    """A difference of scores, and the terms that make it."""
    told = _terms(terms)
    return f"{_signed(sum(terms.values()))}: {told}" if terms and "," in told else told


def _terms(terms: dict[str, float] | None) -> str:
    """The terms that differ."""
    found = {TERM_NAMES[term]: points for term, points in (terms or {}).items() if abs(points) >= 0.0005}
    return ", ".join(f"{name} {_signed(points)}" for name, points in found.items())


def _signed(points: float) -> str:
    return f"{points:+.3f}".replace("-", "\u2212")


def _print_score(score: dict[str, Any] | None, console: Console) -> None:
    if score is None:
        console.print(
            "It has no score: no buy that counts was known within the window. The lines say why each does not count."
        )
        return
    behind = "; a source is behind, lines may be missing" if score["is_source_behind"] else ""
    console.print(
        f"Rank {score['rank']} of {score['issuers']} (rank {score['rank_in_market']} in {visible(score['market'] or 'its market')}),"
        f" tradable on {score['tradable_on']}, score version {score['score_version']}{behind}"
    )
    for term in score["terms"]:
        console.print(f"  {term['points']:+9.4f}  {term['weight']:g} * {visible(term['input'])}")
    console.print(f"= {score['score']:9.4f}")
    for text in neighbours(score):
        console.print(f"  {visible(text)}")
    if score["unpriced_buys"]:
        console.print(
            f"  {score['unpriced_buys']} of the buys have no value: they count as buyers and add nothing"
        )


def neighbours(score: dict[str, Any]) -> list[str]:
    """How far the next issuers above and below are."""
    told = []
    for name, how in (("above", "behind"), ("below", "ahead of")):
        if other := score[name]:
            by = _terms(other["terms"])
            told.append(
                f"{other['distance']:.4f} {how} rank {other['rank']}, {called(other)}{by and f' ({by})'}"
            )
    return told


def details(line: dict[str, Any], day: date | None = None) -> dict[str, str]:
    """What is known of a line and whence, by what it is; with ``day`` nothing that is later than that day is named."""
    times, amounts, role, kind = line["times"], line["amounts"], line["role"], line["type"]
    rate = f" at {amounts['fx_rate']:.6g} of {amounts['fx_rate_date']}" if amounts["fx_rate_date"] else ""
    tradable = times["tradable_on"]
    told = {
        "insider": line["insider"]["insider_name"] or line["insider"]["insider_id"],
        "role": role["rule_id"] and f"{role['raw_role']!r} is {role['role']}{_senior(role)}"
        f" by rule {role['rule_id']} of role_map, version {role['version']}",
        "type": f"{kind['raw_transaction_type']!r} is {kind['transaction_type']}, {kind['direction']}"
        f" (transaction_type_map {kind['version']}{', ' + kind['rule'] if kind['rule'] else ''})",
        "amount": f"{_number(amounts['shares'])} * {_number(amounts['price'])} {amounts['currency']}"
        f" = {_money(amounts['value'])} ({amounts['value_source']}),"
        f" {_money(amounts['value_base'])} {amounts['base_currency']}{rate} ({amounts['fx_status']})",
        "times": f"traded {times['transaction_date']}, filed {times['filing_date']}, published {_time(times['published_at'], day)},"
        f" first seen {_time(times['first_seen_at'], day, nights=0)}, available {_time(times['available_at'], day)} UTC{_which_time(times)}"
        f" ({times['available_date']} in its market)" + ("" if day and tradable and tradable > day else f", tradable on {tradable}"),
        "left out": None if line["verdict"] == "counts" else f"{line['verdict']}: {VERDICTS[line['verdict']]}",
        "phrase": line["exclusion"]["placement_phrase"],
        "duplicate of": line["duplicate_of"],
        "amends": line["amends_id"],
        "supersedes": ", ".join(
            f"{found['transaction_id']} version {found['version_number']} ({found['kind']} known on {found['known_date']})"
            for found in line["supersedes"]
        ),
        "superseded": line["superseded_date"]
        and f"from {line['superseded_date']} by "
        + ", ".join(
            f"{found['transaction_id'] or found['record_id']} ({found['kind']} known on {found['known_date']})"
            for found in line["superseded_by"]
        ),
        "filing": f"{line['filing']['filing_id']} {line['filing']['url'] or ''}",
        "payload": line["filing"]["content_hash"]
        and f"sha256 {line['filing']['content_hash']}"
        + ("" if line["filing"]["payload_has_the_hash"] else " (the payload has another hash)"),
    }  # fmt: skip
    return {name: text for name, text in told.items() if text}


def _time(moment: datetime | None, day: date | None, nights: int = 1) -> str:
    """A time in UTC; after ``day`` one of so many nights is said by the hour alone, any other is later."""
    if moment is None or day is None or moment.date() <= day:
        return str(moment)
    return (
        f"{day}, next day {moment.time()}" if (moment.date() - day).days <= nights else "later than that day"
    )


def _senior(role: dict[str, Any]) -> str:
    if not role["is_senior"]:
        return ""
    return ", senior" + (" as the person it belongs to" if role["role"] == "closely_associated" else "")


def _which_time(times: dict[str, Any]) -> str:
    """Which of the times decides when a line was available."""
    for name, told in (("published_at", "when published"), ("first_seen_at", "when first seen")):
        if times[name] == times["available_at"]:
            return f", {told}"
    return ""


def _print_line(line: dict[str, Any], console: Console) -> None:
    told = details(line)
    verdict = f"does not count, {told['left out']}" if "left out" in told else "counts"
    console.print(
        f"\n{visible(line['transaction_id'])} version {line['version_number']}: {visible(verdict)}",
        style="bold",
    )
    for name, text in told.items():
        if name != "left out":
            console.print(f"  {name:13}{visible(text)}", soft_wrap=True)


def _number(value: Any) -> str:
    return "?" if value is None else f"{value:,.6f}".rstrip("0").rstrip(".")


def _money(value: Any) -> str:
    return "?" if value is None else f"{value:,.2f}"
