"""How the seeds `role_map` and `roles` turn a raw role into a role: a plain reference for tests of the models.

A raw role is cut into parts, each part takes the matching rule with the lowest precedence, and of the parts the most senior
role stands. Relationship flags, where given, come before the text, which then only says what kind of officer it is.

From version 3 on abbreviations and misspelt words are read as what they stand for, what stands behind a title says whether it
is that of a unit of the issuer or of a committee, a title of former offices alone outweighs the boxes of officer and other, and
one that chairs the board stands beside the box of director.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
SEPARATOR = re.compile(r"[,;/|&+]|(?:^|\s)(?:and|och|et|und)(?:\s|$)", re.IGNORECASE)
TITLE_LENGTH = 30  # the form of the SEC cuts a longer title
MARKS = "*\u2020\u2021_~^?!"  # of a note on the title
ACCENTS = str.maketrans("åäáàâãæöøòóôõéèêëïíîüúùûçñ", "aaaaaaaooooooeeeeiiiuuuucn")
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
    until_version: int | None = None


def read_rules(path: Path = SEEDS / "role_map.csv") -> tuple[Rule, ...]:
    """The rules of the seed `role_map`."""
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
                int(row["until_version"]) if row["until_version"] else None,
            )
            for row in csv.DictReader(file)
        )
        return tuple(rules)


def read_seniority(path: Path = SEEDS / "roles.csv") -> dict[str, int]:
    """Rank of each role of the seed `roles`, 1 for the most senior."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["role"]: int(row["seniority"]) for row in csv.DictReader(file)}


def normalize(text: str) -> str:
    """`text` in lower case, with one blank for every run of white space, brackets, quotes, dashes, dots and colons."""
    return BLANKS.sub(" ", text.lower()).strip()


class TitleWord(NamedTuple):
    """A row of the seed `title_words`."""

    kind: str
    spelled_out: str
    may_be_misspelt: bool


@cache
def title_words(version: int, path: Path = SEEDS / "title_words.csv") -> dict[str, TitleWord]:
    """The rows of the seed `title_words` by word that a version of the role map reads with."""
    with path.open(encoding="utf-8", newline="") as file:
        return {
            row["word"]: TitleWord(row["kind"], row["spelled_out"], row["may_be_misspelt"] == "true")
            for row in csv.DictReader(file)
            if int(row["version"]) <= version
        }


class Part(NamedTuple):
    """A part of a raw role: its words, how punctuation sets it off, whether it names an office, and what it says of a unit.

    `is_apart` is true behind a semicolon or a bar, which begins another title. `is_committee` is true where a committee is all
    that it names. `unit` is 2 where words behind its last office (in it, where it names none) are an entity or a region, 1
    where they are an area of work alone, else 0.
    """

    text: str
    is_set_off: bool
    is_apart: bool
    has_office: bool
    is_committee: bool
    unit: int


def distance(one: str, other: str) -> int:
    """How many letters must be put in, left out or changed to make one word of the other."""
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, start=1):
        before, row[0] = row[0], place
        for at, other_letter in enumerate(other, start=1):
            before, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, before + (letter != other_letter))
    return row[-1]


def is_misspelling(word: str, meant: str) -> bool:
    """Whether a word of six letters or more differs from another in accents, or inside it by one letter or two that changed places."""
    word, meant = word.translate(ACCENTS), meant.translate(ACCENTS)
    if not re.fullmatch("[a-z]{6,}", word) or (word[0], word[-1]) != (meant[0], meant[-1]):
        return False
    letters = distance(word, meant)
    return letters <= 1 or (letters == 2 and sorted(word) == sorted(meant))


@cache
def known_word(word: str, is_cut: bool, version: int) -> TitleWord | None:
    """What a word of a title is; `is_cut` where it may be the beginning of one."""
    known = title_words(version)
    plain = word.strip(MARKS)
    if plain in known:
        return known[plain]
    kinds = {row.kind for begun, row in known.items() if is_cut and begun.startswith(word)}
    if kinds:
        return TitleWord(min(kinds), word, False)
    meant = [right for right, row in known.items() if row.may_be_misspelt and is_misspelling(plain, right)]
    return known[min(meant)] if meant else None


def read_part(text: str, separator: str, is_cut: bool, version: int) -> Part:
    """The part that the normalized `text` behind `separator` is; `is_cut` where its last word may be the beginning of a word."""
    words = text.split()
    found = [known_word(word, is_cut and place == len(words), version) for place, word in enumerate(words, 1)]
    kinds = [item.kind if item else None for item in found]
    offices = [place for place, kind in enumerate(kinds) if kind in ("office", "committee")]
    behind = 0
    for place in range(offices[-1] + 1 if offices else 0, len(words)):
        if not re.fullmatch("[0-9*#%]*", words[place]):
            behind = max(behind, {"around": 0, "work": 1, None: 2}[kinds[place]])
    return Part(
        text=" ".join(item.spelled_out if item else word for item, word in zip(found, words, strict=True)),
        is_set_off=separator in set(",;/|"),
        is_apart=separator in set(";|"),
        has_office=bool(offices),
        is_committee="committee" in kinds and "office" not in kinds,
        unit=behind,
    )


@cache
def parts_of(raw_role: str, version: int) -> tuple[Part, ...]:
    """The parts of `raw_role` that are not empty."""
    pieces = re.split(f"({SEPARATOR.pattern})", raw_role, flags=re.IGNORECASE)
    texts = [normalize(piece) for piece in pieces[::2]]
    return tuple(
        read_part(
            text,
            pieces[2 * place - 1] if place > 0 else "",
            place == len(texts) - 1 and len(raw_role) == TITLE_LENGTH,
            version,
        )
        for place, text in enumerate(texts)
        if text
    )


def contains_words(text: str, words: str) -> bool:
    """Whether `words` stand in `text` as whole words."""
    return f" {words} " in f" {text} "


def unit_behind(parts: tuple[Part, ...], place: int) -> int:
    """What stands behind the part at `place`: in itself, or set off behind it in a part that names no office."""
    part, following = parts[place], parts[place + 1 : place + 2]
    if (
        part.has_office
        and not part.unit
        and following
        and following[0].is_set_off
        and not following[0].has_office
    ):
        return following[0].unit
    return part.unit


def is_head(part: Part, heads: list[str]) -> bool:
    """Whether a part is the title of a head; a vice president heads nothing."""
    return any(contains_words(part.text, head) for head in heads) and not contains_words(part.text, "vice")


def heads_unit(parts: tuple[Part, ...], place: int, heads: list[str]) -> bool:
    """Whether the head at `place` is one of a unit; heads in a row share what stands behind the last of them."""
    for at in range(place, len(parts)):
        part = parts[at]
        if not is_head(part, heads):
            return at > place and part.is_set_off and not part.has_office and part.unit > 0
        if at > place and part.is_apart:
            return False
        if part.unit:
            return True
    return False


def leads_committee(parts: tuple[Part, ...], place: int) -> bool:
    """Whether a committee is set off behind the part at `place`."""
    return any(part.is_set_off and part.is_committee for part in parts[place + 1 : place + 2])


def matches(rule: Rule, raw_role: str, parts: tuple[Part, ...], place: int, heads: list[str]) -> bool:
    """Whether a rule on text matches the part at `place`; some look at the whole of `raw_role`, and so match every part."""
    part = parts[place].text
    whole, phrase = part == rule.pattern, contains_words(part, rule.pattern)
    return {
        "contains": lambda: rule.pattern in raw_role.lower(),
        "starts": lambda: f"{normalize(raw_role)} ".startswith(f"{rule.pattern} "),
        "ends": lambda: f" {normalize(raw_role)}".endswith(f" {rule.pattern}"),
        "whole": lambda: whole,
        "phrase": lambda: phrase,
        "unit_head": lambda: phrase and heads_unit(parts, place, heads),
        "unit_chief": lambda: phrase and unit_behind(parts, place) == 2,
        "unit_office": lambda: phrase and unit_behind(parts, place) > 0,
        "unit_area": lambda: whole and unit_behind(parts, place) > 0,
        "issuer_head": lambda: f"{part} ".startswith(f"{rule.pattern} ") and unit_behind(parts, place) == 0,
        "committee_chair": lambda: whole and leads_committee(parts, place),
    }.get(rule.match_kind, lambda: False)()


def rules_in_use(rules: Iterable[Rule], version: int) -> list[Rule]:
    """The rules that a version has, in order of precedence."""
    found = [
        rule
        for rule in rules
        if rule.version <= version and (rule.until_version is None or version < rule.until_version)
    ]
    return sorted(found, key=lambda rule: rule.precedence)


def match_role(
    raw_role: str | None,
    flags: Mapping[str, bool | None],
    version: int,
    rules: Iterable[Rule],
    roles: Mapping[str, int],
) -> tuple[str | None, bool, str | None]:
    """Role, seniority flag and rule id of one owner; (None, False, None) where no rule matches.

    `flags` has the keys director, officer, ten_percent_owner and other, true where the source says so; a version without flag
    rules ignores them. `rules` are those of all versions (`read_rules`), `roles` gives the rank of each role
    (`read_seniority`). A closely associated person is senior where what the rest of the text names is.
    """
    rules = rules_in_use(rules, version)
    of_flags = [rule for rule in rules if rule.match_kind == "flag" and flags.get(rule.pattern)]
    heads = [rule.pattern for rule in rules if rule.match_kind == "unit_head"]
    in_text = []
    if raw_role:
        parts = parts_of(raw_role, version)
        for place in range(len(parts)):
            in_text += [rule for rule in rules if matches(rule, raw_role, parts, place, heads)][:1]

    related = [rule for rule in in_text if rule.role == CLOSELY_ASSOCIATED]
    if related and not of_flags:
        others = [rule for rule in rules if rule.role != CLOSELY_ASSOCIATED]
        return (
            CLOSELY_ASSOCIATED,
            match_role(raw_role, {}, version, others, roles)[1],
            min(related, key=lambda rule: rule.precedence).rule_id,
        )
    if of_flags and version >= 3 and in_text and all(rule.role == "former" for rule in in_text):
        of_flags = [rule for rule in of_flags if rule.role not in ("officer", "other")]
    elif of_flags:
        not_for_text = {CLOSELY_ASSOCIATED} if flags.get("director") else {CLOSELY_ASSOCIATED, *BOARD_ROLES}
        in_text = [
            rule
            for rule in in_text
            if (flags.get("officer") and rule.role not in not_for_text)
            or (version >= 3 and flags.get("director") and rule.role == "chair")
        ]

    best = min(
        of_flags + in_text,
        key=lambda rule: (not rule.is_senior, roles[rule.role], rule.precedence),
        default=None,
    )
    return (best.role, best.is_senior, best.rule_id) if best else (None, False, None)
