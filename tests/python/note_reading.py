"""What notes of a filing say of a purchase, by the seed `placement_phrases`, read in plain Python."""

import csv
import re
from calendar import month_name
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

QUOTES = str.maketrans("\u2018\u2019\u201c\u201d", "''\"\"")
ABBREVIATIONS = re.compile(r"(^|[ .,(\"])(([a-z]|mr|mrs|ms|dr|inc|corp|ltd|co|llc|jr|sr|no|st|messrs)[.] )+")
# In this order: what stands for what in a text before the patterns are searched in it.
SPELLINGS = [
    (re.compile(pattern), plain)
    for pattern, plain in [
        (r"open[- ]market sales? agreement", "at-the-market agreement"),
        (r"open[- ]market (closing |trading |purchase |sale )?(prices?|values?|quot[a-z]+)", "market price"),
        (r"closing prices?( [^ ]+){0,2} (in|on|of) the open[- ]market", "market price"),
        (
            r"(not|non|other than|rather than|outside|instead of)"
            r"([ ,-]+(in|on|at|by|through|via|of|an?|the|any|made|part|purchased|acquired|bought|effected|executed))*"
            r"[ ,-]+open[- ]market",
            "off-market",
        ),
        (r"(dated|effective) (as of |on )?([a-z]+ [0-9]+, [0-9]{4}|this day)", "dated"),
        (r"[0-9]+([.,][0-9]+)+", "0"),
    ]
]
# Names of entities: what they are called says nothing of the trade.
ENTITY = re.compile(r"([A-Z][A-Za-z0-9&-]*[a-z0-9&],? )+(Funds?|Holdings|LLC|LP|LLLP|L[.]P[.]|L[.]L[.]C[.])")
LEGAL_FORMS = (
    "incorporated|inc|corporation|corp|company|co|limited|ltd|plc|llc|lllp|llp|lp|nv|sa|ag|se|ab|asa|oyj|spa"
)
# What may stand behind the issuer's name though it begins with a capital: what is the issuer's, and the next sentence.
BEHIND_NAME = (
    "Common|Class|Ordinary|Series|Shares?|Stock|The|This|These|That|Those|On|In|As|At|Each|All|Any|Mr|Ms|Dr|He|She|It|Price"
    "|Includes?|Represents?|Reflects?|Held|Pursuant|Reporting|Following|Upon"
)
MONTHS = [*month_name][1:]
END_OF_SENTENCE = re.compile(r"[.;!?][\")]* +|\n")
# What says of the trade that it was one on the market; the rest says that it was none.
ON_MARKET = {"open_market", "several_trades"}
OFF_MARKET = {"placement", "allocation", "transfer", "reinvestment", "purchase_plan"}


@dataclass(frozen=True)
class Rule:
    """A row of the seed."""

    rule_id: str
    precedence: int
    reason: str
    scope: str
    pattern: re.Pattern
    context: re.Pattern
    unless: re.Pattern | None = None

    def search(self, text: str) -> re.Match | None:
        """The words of a text by which it says what the rule is for, if it does."""
        if self.unless and self.unless.search(text):
            return None
        return self.pattern.search(text) if self.context.search(text) else None


@dataclass(frozen=True, order=True)
class Reading:
    """The rule that decides what a text says, and its words."""

    precedence: int
    rule_id: str
    part: str
    reason: str
    phrase: str


def read_rules(folder: Path, version: int = 2) -> list[Rule]:
    """The rows of one version of the seed."""
    with (folder / "placement_phrases.csv").open(encoding="utf-8", newline="") as seed:
        return [
            Rule(
                row["rule_id"],
                int(row["precedence"]),
                row["reason"],
                row["scope"],
                re.compile(row["pattern"]),
                re.compile(row["context"]),
                re.compile(row["unless"]) if row["unless"] else None,
            )
            for row in csv.DictReader(seed)
            if int(row["version"]) == version
        ]


def readable(text: str) -> str:
    """A text as the patterns are searched in it."""
    plain = ENTITY.sub("entity", text).lower().translate(QUOTES)
    for pattern, spelling in SPELLINGS:
        plain = pattern.sub(spelling, plain)
    return ABBREVIATIONS.sub(" ", plain)


@cache
def issuer_pattern(name: str) -> re.Pattern | None:
    """The name of an issuer in a text, with its legal forms behind it; None where it is too short to tell."""
    words = re.sub("[^A-Za-z0-9]+", " ", re.sub("/[A-Za-z. ]{2,}/?$", "", name)).strip()
    core = re.sub(rf"(?i)( ({LEGAL_FORMS}|and))+$", "", re.sub("(?i)^the ", "", words))
    if len(core.replace(" ", "")) < 4:
        return None
    forms = f"((?:,?[^A-Za-z0-9](?i:{LEGAL_FORMS})[.]?){'*' if ' ' in core else '+'})"
    rest = core[1:].replace(" ", "[^A-Za-z0-9]{1,3}")
    behind = f"([^A-Za-z0-9 ]| [^A-Z]| (?:{BEHIND_NAME})[^A-Za-z0-9]|$)"
    return re.compile(f"(^|[^A-Za-z0-9])([Tt]he )?{core[0].upper()}(?i:{rest}){forms}{behind}")


def with_issuer_named(text: str, name: str | None) -> str:
    """A text with `the issuer` for the issuer's name."""
    pattern = issuer_pattern(name) if name else None
    return pattern.sub(r"\1the issuer\3\4", text) if pattern else text


def with_trade_named(text: str, day: date | None, shares: Decimal | None) -> str:
    """A text that tells of more than one trade, with `this day` and `these 0` for the date and the whole number of shares of one."""
    names = []
    if day:
        month = MONTHS[day.month - 1]
        names += [f"{month} {day.day}, {day.year}", f"{month} {day.day:02}, {day.year}"]
        names += [f"{day.month}/{day.day}/{day.year}", f"{day.month:02}/{day.day:02}/{day.year}", str(day)]
    for name in names:
        text = text.replace(name, "this day")
    if shares and shares == int(shares):
        for name in (f" {int(shares):,} ", f" {int(shares)} "):
            text = text.replace(name, " these 0 ")
    return text


def reading(text: str, rules: list[Rule], must_name_trade: bool = False) -> Reading | None:
    """What a text says, if anything; where it tells of more than one trade, a sentence counts only if it names this one."""
    note = readable(text)
    readings = []
    for scope, parts in (("notes", [note]), ("sentence", END_OF_SENTENCE.split(note))):
        for part in parts:
            found = [
                Reading(rule.precedence, rule.rule_id, part, rule.reason, match[0])
                for rule in rules
                if rule.scope == scope and (match := rule.search(part))
            ]
            reasons = {one.reason for one in found}
            if must_name_trade and ("this_trade" not in reasons or "another_trade" in reasons):
                continue
            readings += [
                one
                for one in found
                if one.reason in ON_MARKET or (one.reason in OFF_MARKET and "other_statement" not in reasons)
            ]
    return min(readings, default=None)


def placement(
    own: str | None, others: Iterable[str], rules: list[Rule], background: Iterable[str] = ()
) -> Reading | None:
    """The statement that a purchase was none on the market: in its own notes, or else in what else tells of it.

    `background` tells of other trades, too.
    """
    said = own and reading(own, rules)
    if said:
        return None if said.reason in ON_MARKET else said
    found = [reading(text, rules) for text in others] + [reading(text, rules, True) for text in background]
    # Reinvestments and plans are told of the holding as well.
    return next(
        (one for one in found if one and one.reason in ("placement", "allocation", "transfer")),
        None,
    )
