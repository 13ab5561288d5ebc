"""What notes of a filing say of a purchase, by the seed `placement_phrases`, read in plain Python."""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

QUOTES = str.maketrans("\u2018\u2019\u201c\u201d", "''\"\"")
ABBREVIATIONS = re.compile(r"(^|[ .,(\"])(([a-z]|mr|mrs|ms|dr|inc|corp|ltd|co|llc|jr|sr|no|st|messrs)[.] )+")
DENIED_MARKET = re.compile(r"(not|non|other than|rather than|outside|instead of)[a-z ,-]{0,30}open[- ]market")
NUMBER = re.compile(r"[0-9]+([.,][0-9]+)+")
END_OF_SENTENCE = re.compile(r"[.;!?][\")]* +|\n")
# What says of the trade that it was one on the market; the rest says that it was none.
ON_MARKET = {"open_market", "several_trades"}


@dataclass(frozen=True)
class Rule:
    """A row of the seed."""

    rule_id: str
    precedence: int
    reason: str
    scope: str
    pattern: re.Pattern
    context: re.Pattern


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
            )
            for row in csv.DictReader(seed)
            if int(row["version"]) == version
        ]


def readable(text: str) -> str:
    """A text as the patterns are searched in it."""
    plain = text.lower().translate(QUOTES)
    programme = re.sub("open[- ]market sales? agreement", "at-the-market agreement", plain)
    return ABBREVIATIONS.sub(" ", NUMBER.sub("0", DENIED_MARKET.sub(" ", programme)))


def reading(text: str, rules: list[Rule]) -> Reading | None:
    """What a text says, if anything."""
    note = readable(text)
    readings = []
    for scope, parts in (("notes", [note]), ("sentence", END_OF_SENTENCE.split(note))):
        for part in parts:
            found = [
                Reading(rule.precedence, rule.rule_id, part, rule.reason, match[0])
                for rule in rules
                if rule.scope == scope and (match := rule.pattern.search(part)) and rule.context.search(part)
            ]
            if not any(one.reason == "other_statement" for one in found):
                readings += found
    return min(readings, default=None)


def placement(own: str | None, others: Iterable[str], rules: list[Rule]) -> Reading | None:
    """The statement that a purchase was none on the market: in its own notes, or else in what else tells of it."""
    said = own and reading(own, rules)
    if said:
        return None if said.reason in ON_MARKET else said
    found = [reading(text, rules) for text in others]
    # Reinvestments and plans are told of the holding as well.
    return next(
        (one for one in found if one and one.reason in ("placement", "allocation", "transfer")),
        None,
    )
