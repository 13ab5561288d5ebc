"""What keeps a purchase out: words, a box or the issuer of a filing; constructed filings, and real ones that were read wrongly."""

from copy import deepcopy
from datetime import date
from pathlib import Path

import project
import pytest
import real_filings
import sec_archive
from sec_archive import Payload, filing, purchase

from loader.sources.sec.ownership_document import read_submission

AS_OF, NOW = date(2023, 7, 15), "2023-07-17T00:00:00Z"
CASES = real_filings.archive().parents[1] / "sec_cases"
PLAN = "Effected pursuant to a Rule 10b5-1 trading plan."

# What the real filings say, by accession: the reason of each purchase, and the rule where it is a placement.
REAL = {
    "0001140361-23-012649": ["placement_or_plan:private_placement"],
    # Of an owner of ten percent, which is asked after the note.
    "0001140361-23-012653": ["placement_or_plan:private_placement"],
    "0001209191-23-021175": ["placement_or_plan:dividend_reinvestment"] * 3,
    "0001493152-23-007034": ["placement_or_plan:unit"],
    "0001493152-23-021535": ["placement_or_plan:debt_converted"],
    "0001562180-23-005321": ["placement_or_plan:unit"],
    "0001562180-23-005322": ["placement_or_plan:unit"],
    "0001209191-23-004084": ["planned_trade"],
    "0001562180-23-000240": ["planned_trade"],
    "0001415889-23-005241": ["planned_trade"] * 3,
    "0001807934-23-000002": ["not_common_equity"],
}

# Ticker, title and role of filings whose titles or tickers were read wrongly.
TITLES_AND_TICKERS = {
    "0001062993-23-001189": (
        "SCHW",
        "Managing Director, Head of Investor Services and Marketing",
        "officer",
    ),
    "0001062993-23-001376": ("EXC", "CEO of PECO Energy", "officer"),
    "0001062993-23-001378": ("EXC", "CEO Baltimore Gas & Elec.", "officer"),
    "0001411579-23-000001": ("AMC", "EVP & CFO", "chief_financial"),
}


def noted(line: Payload, note: str, field: str = "securityTitle") -> Payload:
    """A line with the id of a note on one of its fields."""
    line = deepcopy(line)
    line.setdefault(field, {})["footnoteId"] = [{"id": note}]
    return line


def warrant(day: str, shares: str, title: str = "Warrant (right to buy)", code: str = "A") -> Payload:
    """A right to shares that was acquired."""
    line = purchase(day, shares, "0", title) | {"element": "derivativeTransaction"}
    line["transactionCoding"] = {"transactionFormType": "4", "transactionCode": code}
    return line


def on_ownership(line: Payload, note: str) -> Payload:
    line = deepcopy(line)
    line["ownershipNature"]["natureOfOwnership"] = {"value": "By trust", "footnoteId": [{"id": note}]}
    return line


BUY = purchase("2023-06-01", "1000", "10")
SWAP = BUY | {"transactionCoding": BUY["transactionCoding"] | {"equitySwapInvolved": "1"}}
SALE = deepcopy(BUY)
SALE["transactionCoding"]["transactionCode"] = "S"
SALE["transactionAmounts"]["transactionAcquiredDisposedCode"]["value"] = "D"
UNIT = "Each unit consists of one share and one warrant."

# Lines, rights, notes by id, remarks, box for a plan, number of the issuer's file, and what becomes of the first line.
CONSTRUCTED = {
    "nothing is said": ([BUY], [], {}, None, "0", "001-12345", None),
    "an equity swap": ([SWAP], [], {}, None, "0", None, "not_open_market"),
    "the number of a registered fund": ([BUY], [], {}, None, "0", "811-23319", "not_common_equity"),
    "the number of a business development company": ([BUY], [], {}, None, "0", "814-00818", None),
    "own note against the box": ([noted(BUY, "F1")], [], {"F1": PLAN}, None, "0", None, "planned_trade"),
    "own note that denies a plan": (
        [noted(BUY, "F1")],
        [],
        {"F1": "Not made under a Rule 10b5-1 plan."},
        None,
        "0",
        None,
        None,
    ),
    "own note that denies a plan, against the box": (
        [noted(BUY, "F1")],
        [],
        {"F1": "The purchase was not made under a Rule 10b5-1 plan."},
        None,
        "1",
        None,
        None,
    ),
    "own note that denies a plan, against the remarks": (
        [noted(BUY, "F1")],
        [],
        {"F1": "The purchase was not made under a Rule 10b5-1 plan."},
        PLAN,
        "1",
        None,
        None,
    ),
    "remarks that deny a plan, against the box": (
        [BUY],
        [],
        {},
        "The purchase was not made under a Rule 10b5-1 plan.",
        "1",
        None,
        None,
    ),
    "a denial in one of two notes": (
        [noted(noted(BUY, "F1"), "F2", "transactionDate")],
        [],
        {"F1": "The price is not an average.", "F2": PLAN},
        None,
        "0",
        None,
        "planned_trade",
    ),
    "the end of a plan for sales": (
        [noted(BUY, "F1")],
        [],
        {"F1": "The reporting person's 10b5-1 plan for sales was terminated."},
        None,
        "0",
        None,
        None,
    ),
    "own note on sales alone, against the box": (
        [noted(BUY, "F1")],
        [],
        {"F1": "The sales were made under a 10b5-1 plan."},
        None,
        "1",
        None,
        "planned_trade",
    ),
    "box against silence": ([BUY], [], {}, None, "1", None, "planned_trade"),
    "remarks against the box": ([BUY], [], {}, PLAN, "0", None, "planned_trade"),
    "remarks on sales alone": (
        [BUY, SALE],
        [],
        {},
        "The sales were made under a 10b5-1 plan.",
        "0",
        None,
        None,
    ),
    "note on the nature of ownership": (
        [on_ownership(BUY, "F1")],
        [],
        {"F1": "Held by a trust, and received for conversion of a promissory note."},
        None,
        "0",
        None,
        "placement_or_plan",
    ),
    "how the holder came by other shares": (
        [on_ownership(BUY, "F1")],
        [],
        {
            "F1": "The trust received its shares by transfer from the reporting person in a private placement of 2019."
        },
        None,
        "0",
        None,
        None,
    ),
    "the trade by its date and number among those of the holder": (
        [on_ownership(BUY, "F1")],
        [],
        {
            "F1": "A fund bought in 2019. On June 1, 2023, the trust purchased 1,000 shares in a private placement."
        },
        None,
        "0",
        None,
        "placement_or_plan",
    ),
    "remarks on who the insider is": (
        [BUY],
        [],
        {},
        "A director as designee of Doe LP under the Securities Purchase Agreement. These shares were purchased on Nasdaq.",
        "0",
        None,
        None,
    ),
    "plan of the holding": (
        [on_ownership(BUY, "F1")],
        [],
        {"F1": "Held in the Employee Stock Purchase Plan."},
        None,
        "0",
        None,
        None,
    ),
    "note of the warrants": (
        [BUY],
        [noted(warrant("2023-06-01", "500"), "F1")],
        {"F1": UNIT},
        None,
        "0",
        None,
        "placement_or_plan",
    ),
    "note of warrants of another day": (
        [BUY],
        [noted(warrant("2023-06-02", "500"), "F1")],
        {"F1": UNIT},
        None,
        "0",
        None,
        None,
    ),
    "note of warrants, and own note of the market": (
        [noted(BUY, "F2")],
        [noted(warrant("2023-06-01", "1000"), "F1")],
        {"F1": UNIT, "F2": "Bought on the open market."},
        None,
        "0",
        None,
        None,
    ),
    "a warrant for each share": (
        [BUY],
        [warrant("2023-06-01", "1000")],
        {},
        None,
        "0",
        None,
        "placement_or_plan",
    ),
    "an option granted on the day": (
        [BUY],
        [noted(warrant("2023-06-01", "1000", "Stock Option (right to buy)"), "F1")],
        {"F1": "Granted in lieu of cash fees."},
        None,
        "0",
        None,
        None,
    ),
    "note of the same trade in another line": (
        [BUY, noted(purchase("2023-06-01", "7", "10"), "F1")],
        [],
        {"F1": "Bought in the public offering of the Issuer."},
        None,
        "0",
        None,
        "placement_or_plan",
    ),
    "note of another trade of the day": (
        [BUY, noted(purchase("2023-06-01", "7", "11"), "F1")],
        [],
        {"F1": "Bought in the public offering of the Issuer."},
        None,
        "0",
        None,
        None,
    ),
    "remarks on an offering": (
        [BUY],
        [],
        {},
        "The shares were bought in the public offering of the Issuer.",
        "0",
        None,
        "placement_or_plan",
    ),
    "remarks that may speak of either day": (
        [BUY, purchase("2023-06-02", "1000", "10")],
        [],
        {},
        "The shares were bought in the public offering of the Issuer.",
        "0",
        None,
        None,
    ),
}


def constructed(number: int, name: str) -> Payload:
    """A filing of CONSTRUCTED as the loader archives it."""
    lines, rights, notes, remarks, box, file_number, _ = CONSTRUCTED[name]
    one = filing(
        accession(number), "2023-06-05T17:00:00-04:00", lines, issuer=f"{number:010d}", owner=f"{number:010d}"
    )
    one["file_number"] = file_number
    one["ownership_document"] |= {
        "aff10b5One": box,
        "derivativeTable": rights,
        "footnotes": [{"id": id_, "text": text} for id_, text in notes.items()],
        "remarks": remarks,
    }
    return one


def accession(number: int) -> str:
    return f"0009999999-23-{number:06d}"


@pytest.fixture(scope="module")
def database(seeded, tmp_path_factory) -> Path:
    """The constructed and the real filings, with all that the models make of them."""
    database = project.copy_of(seeded, tmp_path_factory.mktemp("cases") / "filings.duckdb")
    payloads = [constructed(number, name) for number, name in enumerate(CONSTRUCTED, start=1)]
    payloads += [read_submission(path.read_bytes(), path.stem) for path in sorted(CASES.glob("*.txt"))]
    sec_archive.write_rates(database, NOW)
    sec_archive.write_edgar(database, payloads, NOW, AS_OF)
    project.run_models(
        database, {"as_of_date": str(AS_OF)}, only=["int_transaction_exclusions", "insider_transactions"]
    )
    return database


@pytest.fixture(scope="module")
def outcomes(database) -> dict[tuple[str, int], str | None]:
    """The reason of each purchase of shares, with the rule where it is a placement, by accession and line."""
    return {
        (row["record_id"], row["line_ordinal"]): row["reason"]
        for row in project.rows(
            database,
            """
            select
                record_id, line_ordinal,
                exclusion_reason || case when exclusion_reason = 'placement_or_plan' then ':' || placement_rule_id else '' end as reason
            from intermediate.int_transaction_exclusions
            where raw_transaction_type = 'P' and not is_derivative
            """,
        )
    }


@pytest.mark.parametrize(("number", "name"), list(enumerate(CONSTRUCTED, start=1)))
def test_what_a_filing_says_decides(outcomes, number: int, name: str) -> None:
    reason = outcomes[accession(number), 1]
    assert (reason and reason.split(":")[0]) == CONSTRUCTED[name][-1]


@pytest.mark.skipif(not CASES.is_dir(), reason="no real filings: data/sec_cases is not there")
@pytest.mark.parametrize("accession_number", REAL)
def test_what_real_filings_say(outcomes, accession_number: str) -> None:
    found = {line: reason for (number, line), reason in outcomes.items() if number == accession_number}
    assert [found[line] for line in sorted(found)] == REAL[accession_number]


@pytest.mark.skipif(not CASES.is_dir(), reason="no real filings: data/sec_cases is not there")
@pytest.mark.parametrize("accession_number", TITLES_AND_TICKERS)
def test_who_files_for_what_in_real_filings(database, accession_number: str) -> None:
    [found] = project.rows(
        database,
        f"""
        select distinct ticker, raw_role, role
        from marts.insider_transactions
        where record_id = '{accession_number}'
        """,
    )
    assert tuple(found.values()) == TITLES_AND_TICKERS[accession_number]
