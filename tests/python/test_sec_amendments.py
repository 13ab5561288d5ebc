"""Amended Forms 4, constructed by the official rules: what they restate, from when, and what cannot be linked."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import project
import pytest
import sec_archive
from sec_archive import filing, holding, purchase

AS_OF = date(2023, 5, 31)
FIRST_NOW, SECOND_NOW = "2023-06-02T00:00:00Z", "2023-06-03T00:00:00Z"

TRADED = "2023-05-01"
FILED, AMENDED, AMENDED_AGAIN = "2023-05-02", "2023-05-09", "2023-05-16"
BIG = purchase(TRADED, "200", "11")
SMALL = purchase(TRADED, "100", "10")


@dataclass(frozen=True)
class Case:
    """Filings by name: form, day of acceptance, date of the original, lines; and what is expected.

    ``ends`` are the lines that are superseded, by filing and number, with the day; all others stand. ``matches`` are the
    rows of the mart: line of the amendment, line that it restates, and status.
    """

    name: str
    filings: dict[str, tuple]
    ends: dict[str, str]
    matches: set[tuple]
    owners: dict[str, str] = field(default_factory=dict)
    arrives_later: tuple[str, ...] = ()


CASES = [
    Case(
        "one line",
        {
            "O": ("4", FILED, None, [SMALL, BIG]),
            "A": ("4/A", AMENDED, FILED, [purchase(TRADED, "150", "10")]),
        },
        {"O:1": AMENDED},
        {("A:1", "O:1", "matched")},
    ),
    Case(
        "all lines",
        {
            "O": ("4", FILED, None, [SMALL, BIG]),
            "A": ("4/A", AMENDED, FILED, [purchase(TRADED, "100", "10.5"), BIG]),
        },
        {"O:1": AMENDED, "O:2": AMENDED},
        {("A:1", "O:1", "matched"), ("A:2", "O:2", "matched")},
    ),
    Case(
        "holdings only",
        {"O": ("4", FILED, None, [SMALL]), "A": ("4/A", AMENDED, FILED, [holding()])},
        {},
        {("A", None, "no_transactions")},
    ),
    Case(
        "chain by the date of the original",
        {
            "O": ("4", FILED, None, [SMALL]),
            "A": ("4/A", AMENDED, FILED, [purchase(TRADED, "150", "10")]),
            "B": ("4/A", AMENDED_AGAIN, FILED, [purchase(TRADED, "150", "12")]),
        },
        {"O:1": AMENDED, "A:1": AMENDED_AGAIN},
        {("A:1", "O:1", "matched"), ("B:1", "A:1", "matched")},
    ),
    Case(
        "chain by the date of the amendment before",
        {
            "O": ("4", FILED, None, [SMALL, BIG]),
            "A": ("4/A", AMENDED, FILED, [purchase(TRADED, "150", "10")]),
            "B": ("4/A", AMENDED_AGAIN, AMENDED, [purchase(TRADED, "200", "12")]),
        },
        {"O:1": AMENDED, "O:2": AMENDED_AGAIN},
        {("A:1", "O:1", "matched"), ("B:1", "O:2", "matched")},
    ),
    Case(
        "arrives first",
        {"O": ("4", FILED, None, [SMALL]), "A": ("4/A", AMENDED, FILED, [purchase(TRADED, "150", "10")])},
        {"O:1": AMENDED},
        {("A:1", "O:1", "matched")},
        arrives_later=("O",),
    ),
    Case(
        "unlinked",
        {
            "O": ("4", FILED, None, [SMALL]),
            "A": ("4/A", AMENDED, "2023-05-03", [purchase(TRADED, "150", "10")]),
        },
        {},
        {("A:1", None, "unlinked")},
    ),
    Case(
        "unlinked, of another owner",
        {"O": ("4", FILED, None, [SMALL]), "A": ("4/A", AMENDED, FILED, [purchase(TRADED, "150", "10")])},
        {},
        {("A:1", None, "unlinked")},
        owners={"A": "0000000012"},
    ),
    Case(
        "unlinked, of another form",
        {"O": ("4", FILED, None, [SMALL]), "A": ("5/A", AMENDED, FILED, [purchase(TRADED, "150", "10")])},
        {},
        {("A:1", None, "unlinked")},
    ),
    Case(
        "ambiguous",
        {
            "O": ("4", FILED, None, [SMALL, purchase(TRADED, "100", "11")]),
            "A": ("4/A", AMENDED, FILED, [purchase(TRADED, "100", "12")]),
        },
        {"O:1": AMENDED, "O:2": AMENDED},
        {("A:1", "O:1", "ambiguous"), ("A:1", "O:2", "ambiguous")},
    ),
    Case(
        "added",
        {
            "O": ("4", FILED, None, [SMALL]),
            "A": ("4/A", AMENDED, FILED, [SMALL, purchase("2023-04-28", "100", "10")]),
        },
        {"O:1": AMENDED},
        {("A:1", "O:1", "matched"), ("A:2", None, "added")},
    ),
    Case(
        "identical tranches",
        {"O": ("4", FILED, None, [SMALL, SMALL]), "A": ("4/A", AMENDED, FILED, [SMALL, SMALL])},
        {"O:1": AMENDED, "O:2": AMENDED},
        {(f"A:{line}", f"O:{amended}", "matched") for line in (1, 2) for amended in (1, 2)},
    ),
    Case(
        "an unchanged line is meant before one that shares a number with it",
        {
            "O": ("4", FILED, None, [SMALL, purchase(TRADED, "300", "10")]),
            "A": ("4/A", AMENDED, FILED, [SMALL, purchase(TRADED, "350", "10")]),
        },
        {"O:1": AMENDED, "O:2": AMENDED},
        {("A:1", "O:1", "matched"), ("A:2", "O:2", "matched")},
    ),
    Case(
        "two originals of one day",
        {
            "O": ("4", FILED, None, [SMALL]),
            "P": ("4", FILED, None, [purchase(TRADED, "300", "20")]),
            "A": ("4/A", AMENDED, FILED, [purchase(TRADED, "150", "10")]),
        },
        {"O:1": AMENDED},
        {("A:1", "O:1", "matched")},
    ),
]


def accession(case: Case, name: str) -> str:
    return f"{CASES.index(case):010}-23-{list(case.filings).index(name):06}"


def payloads(is_later: bool) -> Iterator[dict]:
    for number, case in enumerate(CASES, start=1):
        for name, (form, day, original_date, lines) in case.filings.items():
            if (name in case.arrives_later) == is_later:
                yield filing(
                    accession(case, name),
                    f"{day}T17:00:00-04:00",
                    lines,
                    form,
                    issuer=f"{number:010}",
                    owner=case.owners.get(name, "0000000011"),
                    original_date=original_date,
                )


@pytest.fixture(scope="module")
def amended(empty_build, tmp_path_factory) -> Path:
    """A database with every case, each of an issuer of its own."""
    database = project.copy_of(empty_build[0], tmp_path_factory.mktemp("amended") / "filings.duckdb")
    sec_archive.write_edgar(database, payloads(is_later=False), FIRST_NOW, AS_OF)
    sec_archive.write_edgar(database, payloads(is_later=True), SECOND_NOW, AS_OF)
    project.run_models(database, {"as_of_date": str(AS_OF)})
    return database


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_lines_are_superseded_by_what_restates_them(amended, case):
    names = {accession(case, name): name for name in case.filings}
    found = {
        f"{names[row['filing_id']]}:{row['line_number']}": row["superseded_date"]
        for row in project.rows(amended, "select * from marts.insider_transaction_versions")
        if row["filing_id"] in names
    }
    assert {line: str(day) for line, day in found.items() if day} == case.ends
    transactions = {
        f"{name}:{number}"
        for name, (_, _, _, lines) in case.filings.items()
        for number, line in enumerate(lines, start=1)
        if line["element"] == "nonDerivativeTransaction"
    }
    assert found.keys() == transactions


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_linked_and_what_is_not_is_listed(amended, case):
    names = {accession(case, name): name for name in case.filings}

    def line(transaction_id: str | None) -> str | None:
        if transaction_id is None:
            return None
        _, filing_id, number = transaction_id.split(":")
        return f"{names[filing_id]}:{number}"

    rows = project.rows(amended, "select * from marts.amendment_matches")
    assert {
        (
            line(row["transaction_id"]) or names[row["filing_id"]],
            line(row["amended_transaction_id"]),
            row["match_status"],
        )
        for row in rows
        if row["filing_id"] in names
    } == case.matches


def test_what_is_seen_later_is_known_later(amended, empty_build, tmp_path):
    """By the clock `observed` the original of the amendment that arrives first is never seen to stand."""
    database = project.copy_of(empty_build[0], tmp_path / "filings.duckdb")
    case = next(case for case in CASES if case.arrives_later)
    issuer = f"{CASES.index(case) + 1:010}"
    for is_later, now in ((False, FIRST_NOW), (True, SECOND_NOW)):
        found = [one for one in payloads(is_later) if one["issuer_cik"] == issuer]
        sec_archive.write_edgar(database, found, now, AS_OF)
    project.run_models(database, {"as_of_date": "2023-06-05", "availability_clock": "observed"})
    versions = project.rows(database, "select * from marts.insider_transaction_versions order by filing_id")
    original, amendment = versions
    assert (str(amendment["available_date"]), amendment["superseded_date"]) == ("2023-06-01", None)
    assert (str(original["available_date"]), str(original["superseded_date"])) == ("2023-06-02", "2023-06-02")
    [match] = project.rows(database, "select * from marts.amendment_matches")
    assert str(match["known_date"]) == "2023-06-02"


def test_a_schema_never_seen_loads_and_is_listed(empty_build, tmp_path):
    database = project.copy_of(empty_build[0], tmp_path / "filings.duckdb")
    unseen = filing("0000000001-23-000001", f"{FILED}T17:00:00-04:00", [SMALL], schema_version="X0999")
    sec_archive.write_edgar(database, [unseen], FIRST_NOW, AS_OF)
    project.run_models(database, {"as_of_date": str(AS_OF)})
    [line] = project.rows(database, "select * from marts.insider_transactions")
    assert (line["shares"], line["signal_exclusion_reason"]) == (100, None)
    [drift] = project.rows(database, "select * from marts.unmapped_values where seed <> 'ecb_rates'")
    assert (drift["seed"], drift["raw_value"], drift["occurrences"]) == ("schema_versions", "X0999", 1)


def test_only_form_4_carries_signal(amended):
    case = next(case for case in CASES if case.name == "unlinked, of another form")
    reasons = {
        row["filing_id"]: row["signal_exclusion_reason"]
        for row in project.rows(amended, "select * from marts.insider_transaction_versions")
    }
    assert reasons[accession(case, "A")] == "not_open_market"
    assert reasons[accession(case, "O")] is None
