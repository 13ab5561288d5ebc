"""How the seeds `role_map` and `roles` turn a raw role into a role: a plain reference for tests of the models.

A raw role is cut into parts, each part takes the matching rule with the lowest precedence, and of the parts the most senior
role stands. Relationship flags, where given, come before the text, which then only says what kind of officer it is.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
SEPARATOR = re.compile(r"[,;/|&+]|(?:^|\s)(?:and|och|et|und)(?:\s|$)", re.IGNORECASE)
BLANKS = re.compile("[\\s.()\"'\u2019\u2014\u2013:-]+")

CLOSELY_ASSOCIATED = "closely_associated"
# A title such as Managing Director puts no officer on the board: that is for the director flag to say.
BOARD_ROLES = frozenset({"director", "executive_director", "non_executive_director"})


class Rule(NamedTuple):
    """One row of the seed `role_map`; the typed fields are those that matching reads."""

    version: int
    rule_id: str
    precedence: int
    match_kind: str
    pattern: str
    role: str
    is_senior: bool


def read_rules(path: Path = SEEDS / "role_map.csv") -> tuple[Rule, ...]:
    """The rules of the seed `role_map`, in order of version and precedence."""
    with path.open(encoding="utf-8", newline="") as file:
        rules = (
            Rule(
                int(row["version"]),
                row["rule_id"],
                int(row["precedence"]),
                row["match_kind"],
                row["pattern"],
                row["role"],
                row["is_senior"] == "true",
            )
            for row in csv.DictReader(file)
        )
        return tuple(sorted(rules, key=lambda rule: (rule.version, rule.precedence)))


def read_seniority(path: Path = SEEDS / "roles.csv") -> dict[str, int]:
    """Rank of each role of the seed `roles`, 1 for the most senior."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["role"]: int(row["seniority"]) for row in csv.DictReader(file)}


def normalize(text: str) -> str:
    """`text` in lower case, with one blank for every run of white space, brackets, quotes, dashes, dots and colons."""
    return BLANKS.sub(" ", text.lower()).strip()


@cache
def parts_of(raw_role: str) -> tuple[str, ...]:
    """The normalized parts of `raw_role` that are not empty."""
    return tuple(part for part in map(normalize, SEPARATOR.split(raw_role)) if part)


def matches(rule: Rule, raw_role: str, part: str) -> bool:
    """Whether a rule on text matches `part`; a `contains` rule looks at the whole of `raw_role`, and so matches every part."""
    if rule.match_kind == "contains":
        return rule.pattern in raw_role.lower()
    if rule.match_kind == "whole":
        return part == rule.pattern
    if rule.match_kind == "phrase":
        return f" {rule.pattern} " in f" {part} "
    return False


def match_role(
    raw_role: str | None,
    flags: Mapping[str, bool | None],
    version: int,
    rules: Iterable[Rule],
    roles: Mapping[str, int],
) -> tuple[str | None, bool, str | None]:
    """Role, seniority flag and rule id of one owner; (None, False, None) where no rule matches.

    `flags` has the keys director, officer, ten_percent_owner and other, true where the source says so; a version without flag
    rules ignores them. `rules` are in order of precedence (`read_rules`), `roles` gives the rank of each role
    (`read_seniority`). A closely associated person is senior where what the rest of the text names is.
    """
    rules = [rule for rule in rules if rule.version == version]
    of_flags = [rule for rule in rules if rule.match_kind == "flag" and flags.get(rule.pattern)]
    in_text = []
    if raw_role and (not of_flags or flags.get("officer")):
        for part in parts_of(raw_role):
            in_text += [rule for rule in rules if matches(rule, raw_role, part)][:1]

    related = [rule for rule in in_text if rule.role == CLOSELY_ASSOCIATED]
    if related and not of_flags:
        others = [rule for rule in rules if rule.role != CLOSELY_ASSOCIATED]
        return (
            CLOSELY_ASSOCIATED,
            match_role(raw_role, {}, version, others, roles)[1],
            min(related, key=lambda rule: rule.precedence).rule_id,
        )
    if of_flags:
        not_for_text = {CLOSELY_ASSOCIATED} if flags.get("director") else {CLOSELY_ASSOCIATED, *BOARD_ROLES}
        in_text = [rule for rule in in_text if rule.role not in not_for_text]

    best = min(
        of_flags + in_text,
        key=lambda rule: (not rule.is_senior, roles[rule.role], rule.precedence),
        default=None,
    )
    return (best.role, best.is_senior, best.rule_id) if best else (None, False, None)
