"""Dated amendments of the SEC at random: the models and the plain reference restate the same lines, from the same day."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import dated_amendments
import project
import pytest
import sec_archive
from dated_amendments import Filing, Line

WORLDS = 400
AS_OF = date(2023, 6, 30)
LOADS = [datetime(2023, 6, day, 12, tzinfo=UTC) for day in (1, 2, 5)]
EASTERN = ZoneInfo("America/New_York")
# Of two weeks without a holiday.
DAYS = [date(2023, 5, day) for day in (1, 2, 3, 4, 5, 8, 9, 10, 11, 12)]
REMARKS = [
    "",
    "",
    "Reports a purchase that was omitted.",
    "Corrects the price, which was erroneous.",
    "Corrects an omission.",
]


def world(number: int) -> list[tuple[Filing, int]]:
    """The filings of one issuer and its neighbour, each with the number of the load that brings it."""
    random = Random(number)
    found: list[tuple[Filing, int]] = []
    for serial in range(random.randint(2, 5)):
        day = DAYS[min(len(DAYS) - 1, serial * 2 + random.randint(0, 2))]
        accepted = datetime(
            day.year, day.month, day.day, 10 + serial, random.choice((0, 0, 30)), tzinfo=EASTERN
        )
        if found and random.random() < 0.25:
            accepted, day = found[-1][0].accepted, found[-1][0].filed
        is_amendment = bool(found) and random.random() < 0.6
        earlier = random.choice(found)[0] if found else None
        lines = list(earlier.lines) if earlier and random.random() < 0.8 else []
        lines = [changed(random, line) if random.random() < 0.5 else line for line in lines]
        if lines and random.random() < 0.2:
            lines.pop(random.randrange(len(lines)))
        while not lines or random.random() < 0.3:
            lines.append(made(random))
        filing = Filing(
            f"{number:010}-23-{random.randint(1, 99) * 10 + serial:06}",
            is_amendment,
            earlier.filed - timedelta(days=random.choice((0, 0, 0, 0, 1, 4))) if is_amendment else None,
            f"{number * 2 + (random.random() < 0.1):010}",
            frozenset({f"{number * 2 + (random.random() < 0.15):010}"}),
            day,
            accepted.astimezone(UTC).replace(tzinfo=None),
            (day, accepted.astimezone(UTC).replace(tzinfo=None)),
            random.choice(REMARKS) if is_amendment else "",
            tuple(replace(line, number=place) for place, line in enumerate(lines, start=1)),
        )
        found.append((filing, random.randrange(len(LOADS))))
    return found


def made(random: Random) -> Line:
    return Line(
        1,
        random.choice(DAYS[:2]),
        random.choice("PPPS"),
        random.choice("AAAD"),
        random.choice(("Common Stock", "Common Stock", "Class A Common Stock")),
        Decimal(random.choice((100, 100, 200, 300))),
        Decimal(random.choice(("10", "10", "11"))),
        random.choice((None, Decimal(1100), Decimal(1200), Decimal(1400))),
    )


def changed(random: Random, line: Line) -> Line:
    name = random.choice(("day", "code", "direction", "security", "shares", "price", "after", "after"))
    return replace(line, **{name: getattr(made(random), name)})


def payload(filing: Filing) -> dict:
    return sec_archive.filing(
        filing.id,
        filing.accepted.replace(tzinfo=UTC).astimezone(EASTERN).isoformat(),
        [
            sec_archive.purchase(
                str(line.day),
                str(line.shares),
                str(line.price),
                line.security,
                line.code,
                line.direction,
                None if line.after is None else str(line.after),
            )
            for line in filing.lines
        ],
        "4/A" if filing.is_amendment else "4",
        filing.issuer,
        min(filing.owners),
        str(filing.original_date) if filing.original_date else None,
        remarks=filing.remarks or None,
    )


@pytest.fixture(scope="module")
def archive(seeded, tmp_path_factory) -> tuple[Path, list[list[tuple[Filing, int]]]]:
    """A database that has archived all worlds in three loads, and the worlds."""
    database = project.copy_of(seeded, tmp_path_factory.mktemp("worlds") / "filings.duckdb")
    worlds = [world(number) for number in range(1, WORLDS + 1)]
    for load, now in enumerate(LOADS):
        brought = [payload(filing) for filings in worlds for filing, by in filings if by == load]
        sec_archive.write_edgar(database, brought, now.isoformat(), AS_OF - timedelta(days=30))
    return database, worlds


@pytest.mark.parametrize("clock", ["updated", "observed"])
def test_models_and_reference_restate_the_same_lines(archive, clock):
    database, worlds = archive
    variables = {"as_of_date": str(AS_OF), "availability_clock": clock}
    project.run_models(database, variables, only=["amendment_matches", "insider_transaction_versions"])
    versions = project.rows(database, "select * from marts.insider_transaction_versions")
    ends = {
        (row["filing_id"], row["line_number"]): row["superseded_date"]
        for row in versions
        if row["superseded_date"]
    }
    listed = project.rows(database, "select * from marts.amendment_matches")

    def place(transaction_id: str | None) -> tuple[str, int] | None:
        return transaction_id and (transaction_id.split(":")[1], int(transaction_id.split(":")[2]))

    seen = Counter()
    for filings in worlds:
        known = [
            filing
            if clock == "updated"
            else replace(
                filing, known=(LOADS[load].astimezone(EASTERN).date(), LOADS[load].replace(tzinfo=None))
            )
            for filing, load in filings
        ]
        expected = dated_amendments.restate(known, lambda day: day.weekday() < 5)
        day_known = {filing.id: filing.known[0] for filing in known}
        expected_ends: dict[tuple[str, int], date] = {}
        for pairs, side in ((expected.matched, 1), (expected.ambiguous, 0)):
            for pair, moment in pairs.items():
                day = max(moment[0], day_known[pair[side][0]])
                expected_ends[pair[side]] = min(day, expected_ends.get(pair[side], day))
        assert {at: day for at, day in ends.items() if at[0] in day_known} == expected_ends, known

        rows = [row for row in listed if row["filing_id"] in day_known]
        found = {
            status: {
                (place(row["transaction_id"]), place(row["amended_transaction_id"]))
                for row in rows
                if row["match_status"] == status
            }
            for status in ("matched", "ambiguous")
        }
        assert found == {"matched": expected.matched.keys(), "ambiguous": expected.ambiguous.keys()}, known
        assert {row["filing_id"]: row["link_basis"] for row in rows if row["link_basis"]} == expected.bases, (
            known
        )
        seen.update(expected.bases.values())
        seen.update(matched=len(expected.matched), ambiguous=len(expected.ambiguous))
    # The worlds have what they are made for.
    assert all(
        seen[name] >= 5
        for name in ("original_date", "signing_date", "other_person", "other_issuer", "matched", "ambiguous")
    ), seen
