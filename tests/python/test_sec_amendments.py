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
TRADED_LATER = "2023-05-02"
BIG = purchase(TRADED, "200", "11")
SMALL = purchase(TRADED, "100", "10")
MIDDLE = purchase(TRADED, "600", "10")


@dataclass(frozen=True)
class Case:
    """Filings by name: form, day of acceptance, date of the original, lines; and what is expected.

    ``ends`` are the lines that are superseded, by filing and number, with the day; all others stand. ``matches`` are the
    rows of the mart: line of the amendment, line that it restates, and status. ``bought`` are the shares that count in the end.
    """

    name: str
    filings: dict[str, tuple]
    ends: dict[str, str]
    matches: set[tuple]
    bought: int
    owners: dict[str, str] = field(default_factory=dict)
    issuers: dict[str, str] = field(default_factory=dict)
    hours: dict[str, int] = field(default_factory=dict)
    remarks: str | None = None
    link_basis: str = "original_date"
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
        350,
    ),
    Case(
        "all lines",
        {
            "O": ("4", FILED, None, [SMALL, BIG]),
            "A": ("4/A", AMENDED, FILED, [purchase(TRADED, "100", "10.5"), BIG]),
        },
        {"O:1": AMENDED, "O:2": AMENDED},
        {("A:1", "O:1", "matched"), ("A:2", "O:2", "matched")},
        300,
    ),
    Case(
        "holdings only",
        {"O": ("4", FILED, None, [SMALL]), "A": ("4/A", AMENDED, FILED, [holding()])},
        {},
        {("A", None, "no_transactions")},
        100,
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
        150,
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
        350,
    ),
    Case(
        "arrives first",
        {"O": ("4", FILED, None, [SMALL]), "A": ("4/A", AMENDED, FILED, [purchase(TRADED, "150", "10")])},
        {"O:1": AMENDED},
        {("A:1", "O:1", "matched")},
        150,
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
        250,
    ),
    Case(
        "unlinked, of another owner",
        {"O": ("4", FILED, None, [SMALL]), "A": ("4/A", AMENDED, FILED, [purchase(TRADED, "150", "10")])},
        {},
        {("A:1", None, "unlinked")},
        250,
        owners={"A": "0000000012"},
    ),
    Case(
        "unlinked, of another form",
        {"O": ("4", FILED, None, [SMALL]), "A": ("5/A", AMENDED, FILED, [purchase(TRADED, "150", "10")])},
        {},
        {("A:1", None, "unlinked")},
        100,
    ),
    Case(
        "ambiguous",
        {
            "O": ("4", FILED, None, [SMALL, purchase(TRADED, "100", "11")]),
            "A": ("4/A", AMENDED, FILED, [purchase(TRADED, "100", "12")]),
        },
        {"A:1": AMENDED},
        {("A:1", "O:1", "ambiguous"), ("A:1", "O:2", "ambiguous")},
        200,
    ),
    Case(
        "added",
        {
            "O": ("4", FILED, None, [SMALL]),
            "A": ("4/A", AMENDED, FILED, [SMALL, purchase("2023-04-28", "100", "10")]),
        },
        {"O:1": AMENDED},
        {("A:1", "O:1", "matched"), ("A:2", None, "added")},
        200,
    ),
    Case(
        "identical tranches",
        {"O": ("4", FILED, None, [SMALL, SMALL]), "A": ("4/A", AMENDED, FILED, [SMALL, SMALL])},
        {"O:1": AMENDED, "O:2": AMENDED},
        {("A:1", "O:1", "matched"), ("A:2", "O:2", "matched")},
        200,
    ),
    Case(
        "an unchanged line is meant before one that shares a number with it",
        {
            "O": ("4", FILED, None, [SMALL, purchase(TRADED, "300", "10")]),
            "A": ("4/A", AMENDED, FILED, [SMALL, purchase(TRADED, "350", "10")]),
        },
        {"O:1": AMENDED, "O:2": AMENDED},
        {("A:1", "O:1", "matched"), ("A:2", "O:2", "matched")},
        450,
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
        450,
    ),
    *[
        Case(
            f"corrected: {what}",
            {"O": ("4", FILED, None, [MIDDLE]), "A": ("4/A", AMENDED, FILED, [line])},
            {"O:1": AMENDED},
            {("A:1", "O:1", "matched")},
            bought,
        )
        for what, line, bought in [
            ("code A", purchase(TRADED, "600", "10", code="A"), 0),
            ("code J", purchase(TRADED, "600", "10", code="J"), 0),
            ("code S", purchase(TRADED, "600", "10", code="S", direction="D"), 0),
            ("direction", purchase(TRADED, "600", "10", direction="D"), 0),
            ("title", purchase(TRADED, "600", "10", security="Class A Common Stock"), 600),
            ("date", purchase(TRADED_LATER, "600", "10"), 600),
            ("date and price", purchase(TRADED_LATER, "600", "10.05"), 600),
        ]
    ],
    Case(
        "two lines of another code restate two, in order",
        {
            "O": ("4", FILED, None, [MIDDLE, purchase(TRADED, "600", "10.5")]),
            "A": (
                "4/A",
                AMENDED,
                FILED,
                [purchase(TRADED, "600", price, code="J") for price in ("9", "9.5")],
            ),
        },
        {"O:1": AMENDED, "O:2": AMENDED},
        {("A:1", "O:1", "matched"), ("A:2", "O:2", "matched")},
        0,
    ),
    *[
        Case(
            f"split into tranches, {what}",
            {"O": ("4", FILED, None, [MIDDLE]), "A": ("4/A", AMENDED, FILED, tranches)},
            {"O:1": AMENDED},
            {(f"A:{line}", "O:1", "matched") for line in (1, 2, 3)},
            600,
        )
        for what, tranches in [
            ("at its price", [purchase(TRADED, shares, "10") for shares in ("100", "200", "300")]),
            (
                "each at its own",
                [
                    purchase(TRADED, shares, price)
                    for shares, price in (("100", "9.9"), ("200", "10"), ("300", "10.1"))
                ],
            ),
        ]
    ],
    Case(
        "tranches joined",
        {
            "O": ("4", FILED, None, [purchase(TRADED, shares, "10") for shares in ("100", "200", "300")]),
            "A": ("4/A", AMENDED, FILED, [MIDDLE]),
        },
        {f"O:{line}": AMENDED for line in (1, 2, 3)},
        {("A:1", f"O:{line}", "matched") for line in (1, 2, 3)},
        600,
    ),
    *[
        Case(
            f"250 at {price} alone, {after} held after it",
            {
                "O": ("4", FILED, None, [purchase(TRADED, "600", "10", owned_after="1600")]),
                "A": ("4/A", AMENDED, FILED, [purchase(TRADED, "250", price, owned_after=after)]),
            },
            {"O:1": AMENDED} if bought == 250 else {},
            {("A:1", "O:1", "matched") if bought == 250 else ("A:1", None, "added")},
            bought,
        )
        for price in ("10", "10.05")
        for after, bought in (("1850", 850), ("1250", 250))
    ],
    Case(
        "an omitted line goes on from the last line of the original",
        {
            "O": (
                "4",
                FILED,
                None,
                [
                    purchase(TRADED, "600", "10", owned_after="1600"),
                    purchase(TRADED, "100", "11", owned_after="1700"),
                ],
            ),
            "A": ("4/A", AMENDED, FILED, [purchase(TRADED, "250", "10", owned_after="1950")]),
        },
        {},
        {("A:1", None, "added")},
        950,
    ),
    *[
        Case(
            f"250 at 10.05 alone, with remarks: {remarks}",
            {
                "O": ("4", FILED, None, [MIDDLE]),
                "A": ("4/A", AMENDED, FILED, [purchase(TRADED, "250", "10.05")]),
            },
            {"O:1": AMENDED} if bought == 250 else {},
            {("A:1", "O:1", "matched") if bought == 250 else ("A:1", None, "added")},
            bought,
            remarks=remarks,
        )
        for remarks, bought in [
            (None, 850),
            (
                "This amendment reports a purchase that was inadvertently omitted from the original filing.",
                850,
            ),
            ("This amendment corrects the number of shares and the price, which were erroneous.", 250),
        ]
    ],
    Case(
        "a purchase of a day before, told to have been omitted",
        {
            "O": ("4", FILED, None, [MIDDLE]),
            "A": ("4/A", AMENDED, FILED, [purchase("2023-04-28", "600", "10")]),
        },
        {},
        {("A:1", None, "added")},
        1200,
        remarks="Filed to correct an inadvertent omission of one transaction.",
    ),
    Case(
        "one of three originals of one day, told by the holding",
        {
            **{
                name: ("4", FILED, None, [purchase(TRADED, shares, "10", owned_after=after)])
                for name, shares, after in (("O", "100", "1100"), ("P", "200", "1300"), ("Q", "300", "1600"))
            },
            "A": ("4/A", AMENDED, FILED, [purchase(TRADED, "250", "10", owned_after="1350")]),
        },
        {"P:1": AMENDED},
        {("A:1", "P:1", "matched")},
        650,
    ),
    Case(
        "one of three originals of one day, the latest of those alike",
        {
            **{
                name: ("4", FILED, None, [purchase(TRADED, shares, "10")])
                for name, shares in (("O", "100"), ("P", "200"), ("Q", "300"))
            },
            "A": ("4/A", AMENDED, FILED, [purchase(TRADED, "250", "10")]),
        },
        {"P:1": AMENDED},
        {("A:1", "P:1", "matched")},
        650,
        hours={"P": 18},
    ),
    Case(
        "of two originals the one of which all lines but one are equal",
        {
            "O": ("4", FILED, None, [SMALL, BIG, purchase(TRADED, "700", "12")]),
            "P": ("4", FILED, None, [SMALL, purchase(TRADED, "50", "13"), purchase(TRADED, "60", "14")]),
            "A": ("4/A", AMENDED, FILED, [SMALL, BIG, purchase(TRADED, "750", "12")]),
        },
        {f"O:{line}": AMENDED for line in (1, 2, 3)},
        {(f"A:{line}", f"O:{line}", "matched") for line in (1, 2, 3)},
        1260,
        hours={"P": 18},
    ),
    Case(
        "undecided between originals",
        {
            **{
                name: ("4", FILED, None, [purchase(TRADED, shares, "10")])
                for name, shares in (("O", "100"), ("P", "200"))
            },
            "A": (
                "4/A",
                AMENDED,
                FILED,
                [purchase(TRADED, "150", "10"), purchase("2023-04-28", "70", "9")],
            ),
        },
        {"A:1": AMENDED},
        {("A:1", "O:1", "ambiguous"), ("A:1", "P:1", "ambiguous"), ("A:2", None, "added")},
        370,
    ),
    Case(
        "an amendment of an undecided one is as undecided",
        {
            **{
                name: ("4", FILED, None, [purchase(TRADED, shares, "10")])
                for name, shares in (("O", "100"), ("P", "200"))
            },
            "A": ("4/A", AMENDED, FILED, [purchase(TRADED, "150", "10")]),
            "B": ("4/A", AMENDED_AGAIN, AMENDED, [purchase(TRADED, "160", "10")]),
        },
        {"A:1": AMENDED, "B:1": AMENDED_AGAIN},
        {(f"{name}:1", f"{original}:1", "ambiguous") for name in "AB" for original in "OP"},
        300,
    ),
    Case(
        "two originals, two amendments",
        {
            "O": ("4", FILED, None, [SMALL]),
            "P": ("4", FILED, None, [BIG]),
            "A": ("4/A", AMENDED, FILED, [purchase(TRADED, "100", "10.5")]),
            "B": ("4/A", AMENDED_AGAIN, FILED, [purchase(TRADED, "100", "10.7")]),
            "C": ("4/A", AMENDED_AGAIN, FILED, [purchase(TRADED, "250", "11")]),
        },
        {"O:1": AMENDED, "A:1": AMENDED_AGAIN, "P:1": AMENDED_AGAIN},
        {("A:1", "O:1", "matched"), ("B:1", "A:1", "matched"), ("C:1", "P:1", "matched")},
        350,
        hours={"B": 15, "C": 16},
    ),
    Case(
        "a chain by which a code is corrected and corrected back",
        {
            "O": ("4", FILED, None, [MIDDLE]),
            "A": ("4/A", AMENDED, FILED, [purchase(TRADED, "600", "10", code="J")]),
            "B": ("4/A", AMENDED_AGAIN, FILED, [purchase(TRADED, "600", "10.5")]),
        },
        {"O:1": AMENDED, "A:1": AMENDED_AGAIN},
        {("A:1", "O:1", "matched"), ("B:1", "A:1", "matched")},
        600,
    ),
    Case(
        "the date of the original is the day of signing",
        {
            "O": ("4", FILED, None, [SMALL]),
            "A": ("4/A", AMENDED, "2023-04-28", [purchase(TRADED, "150", "10")]),
        },
        {"O:1": AMENDED},
        {("A:1", "O:1", "matched")},
        150,
        link_basis="signing_date",
    ),
    Case(
        "unlinked, signed five business days before",
        {
            "O": ("4", FILED, None, [SMALL]),
            "A": ("4/A", AMENDED, "2023-04-25", [purchase(TRADED, "150", "10")]),
        },
        {},
        {("A:1", None, "unlinked")},
        250,
    ),
    Case(
        "unlinked, of two originals signed about then",
        {
            "O": ("4", FILED, None, [SMALL]),
            "P": ("4", "2023-05-03", None, [BIG]),
            "A": ("4/A", AMENDED, "2023-05-01", [purchase(TRADED, "150", "10")]),
        },
        {},
        {("A:1", None, "unlinked")},
        450,
    ),
    Case(
        "a filing of the date itself comes before one signed then",
        {
            "O": ("4", FILED, None, [SMALL]),
            "P": ("4", "2023-05-03", None, [BIG]),
            "A": ("4/A", AMENDED, FILED, [purchase(TRADED, "200", "11.5")]),
        },
        {},
        {("A:1", None, "added")},
        500,
    ),
    Case(
        "the reporting person replaced",
        {"O": ("4", FILED, None, [SMALL, BIG]), "A": ("4/A", AMENDED, FILED, [SMALL, BIG])},
        {"O:1": AMENDED, "O:2": AMENDED},
        {("A:1", "O:1", "matched"), ("A:2", "O:2", "matched")},
        300,
        owners={"A": "0000000012"},
        link_basis="other_person",
    ),
    Case(
        "the issuer corrected",
        {"O": ("4", FILED, None, [SMALL, BIG]), "A": ("4/A", AMENDED, FILED, [SMALL, BIG])},
        {"O:1": AMENDED, "O:2": AMENDED},
        {("A:1", "O:1", "matched"), ("A:2", "O:2", "matched")},
        300,
        owners={"O": "0000000013", "A": "0000000013"},
        issuers={"A": "0000009999"},
        link_basis="other_issuer",
    ),
    Case(
        "unlinked, of two other persons with the same lines",
        {
            "O": ("4", FILED, None, [SMALL]),
            "P": ("4", FILED, None, [SMALL]),
            "A": ("4/A", AMENDED, FILED, [SMALL]),
        },
        {},
        {("A:1", None, "unlinked")},
        300,
        owners={"O": "0000000012", "P": "0000000014"},
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
                    f"{day}T{case.hours.get(name, 17)}:00:00-04:00",
                    lines,
                    form,
                    issuer=case.issuers.get(name, f"{number:010}"),
                    owner=case.owners.get(name, "0000000011"),
                    original_date=original_date,
                    remarks=case.remarks if original_date else None,
                )


@pytest.fixture(scope="module")
def amended(seeded, tmp_path_factory) -> Path:
    """A database with every case, each of an issuer of its own."""
    database = project.copy_of(seeded, tmp_path_factory.mktemp("amended") / "filings.duckdb")
    sec_archive.write_edgar(database, payloads(is_later=False), FIRST_NOW, AS_OF)
    sec_archive.write_edgar(database, payloads(is_later=True), SECOND_NOW, AS_OF)
    read = ["insider_transaction_versions", "insider_transactions", "amendment_matches"]
    project.run_models(database, {"as_of_date": str(AS_OF)}, only=read)
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
def test_nothing_counts_twice_and_nothing_vanishes(amended, case):
    filings = [accession(case, name) for name in case.filings]
    bought = sum(
        row["shares"]
        for row in project.rows(amended, "select * from marts.insider_transactions")
        if row["filing_id"] in filings and row["signal_exclusion_reason"] is None
    )
    assert bought == case.bought


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
    bases = {row["link_basis"] for row in rows if row["filing_id"] in names}
    assert bases == {None if any(status == "unlinked" for _, _, status in case.matches) else case.link_basis}


def test_what_is_seen_later_is_known_later(amended, seeded, tmp_path):
    """By the clock `observed` the original of the amendment that arrives first is never seen to stand."""
    database = project.copy_of(seeded, tmp_path / "filings.duckdb")
    case = next(case for case in CASES if case.arrives_later)
    issuer = f"{CASES.index(case) + 1:010}"
    for is_later, now in ((False, FIRST_NOW), (True, SECOND_NOW)):
        found = [one for one in payloads(is_later) if one["issuer_cik"] == issuer]
        sec_archive.write_edgar(database, found, now, AS_OF)
    variables = {"as_of_date": "2023-06-05", "availability_clock": "observed"}
    project.run_models(database, variables, only=["insider_transaction_versions", "amendment_matches"])
    versions = project.rows(database, "select * from marts.insider_transaction_versions order by filing_id")
    original, amendment = versions
    assert (str(amendment["available_date"]), amendment["superseded_date"]) == ("2023-06-01", None)
    assert (str(original["available_date"]), str(original["superseded_date"])) == ("2023-06-02", "2023-06-02")
    [match] = project.rows(database, "select * from marts.amendment_matches")
    assert str(match["known_date"]) == "2023-06-02"


def test_a_schema_never_seen_loads_and_is_listed(seeded, tmp_path):
    database = project.copy_of(seeded, tmp_path / "filings.duckdb")
    unseen = filing("0000000001-23-000001", f"{FILED}T17:00:00-04:00", [SMALL], schema_version="X0999")
    sec_archive.write_edgar(database, [unseen], FIRST_NOW, AS_OF)
    read = ["insider_transactions", "unmapped_values"]
    project.run_models(database, {"as_of_date": str(AS_OF)}, only=read)
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
