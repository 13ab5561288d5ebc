"""Real SEC Form 4 filings as nested records of the generic feed, and what the signal should make of them.

The filings are complete EDGAR submissions: an SGML header with the acceptance time, and the `ownershipDocument` XML.
They lie outside the project, under `data/sec_form4` of the folder that INSIDER_FILINGS_SHARED names, by default `shared`
beside the project; `is_available()` tells whether they are there. Chosen are all filings with a code P line, and for every
wart of WARTS the first ones that have it.
"""

import json
import math
import os
import re
import tarfile
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from string import ascii_uppercase
from zoneinfo import ZoneInfo

import note_reading
from currency_converter import CurrencyConverter
from lxml import etree
from project import PROJECT
from role_matching import match_role, read_rules, read_seniority

FIXTURES = Path(__file__).parent / "fixtures"
FACTS = json.loads((FIXTURES / "real_filings_facts.json").read_text(encoding="utf-8"))
EASTERN = ZoneInfo("America/New_York")
ARCHIVE_URL = "https://www.sec.gov/Archives/"
PER_WART = 25

# Names of warts, and the XPath on the ownership document that finds them; $filed is the filing date as a number
# (20230411), $hour the Eastern hour of acceptance.
WARTS = {
    "older schema": "schemaVersion = 'X0306'",
    "plan flag absent": "not(aff10b5One)",
    **{f"plan flag {flag}": f"aff10b5One = '{flag}'" for flag in ("0", "1", "false", "true")},
    "booleans as words": "//isDirector = 'true'",
    "booleans as digits": "//isDirector = '1'",
    **{f"{owners} owners": f"count(reportingOwner) = {owners}" for owners in range(1, 11)},
    "zoned date": "//*[contains(name(), 'Date')]/value[string-length(normalize-space(.)) > 10]",
    "price only in a footnote": "//transactionPricePerShare[footnoteId and not(normalize-space(value))]",
    "grant at price 0": (
        "//*[transactionCoding/transactionCode = 'A' and number(transactionAmounts/transactionPricePerShare/value) = 0]"
    ),
    "price over 100,000": "//transactionPricePerShare/value > 100000",
    "price without leading zero": "//transactionPricePerShare/value[starts-with(normalize-space(.), '.')]",
    "value instead of shares": "//transactionTotalValue",
    "fractional shares": "//transactionShares/value[contains(., '.') and floor(.) != number(.)]",
    "odd symbol": f"issuer/issuerTradingSymbol[. = 'NONE' or translate(., '{ascii_uppercase}', '') != '']",
    "title in the remarks": "//officerTitle[contains(translate(., 'REMARKS', 'remarks'), 'see remarks')]",
    "other relationship": "//isOther = '1' or //isOther = 'true'",
    "title without officer flag": (
        "reportingOwner/reportingOwnerRelationship"
        "[normalize-space(officerTitle) and not(isOfficer = '1' or isOfficer = 'true')]"
    ),
    "line break in a security title": "//securityTitle/value[contains(., '\n')]",
    "accepted on the transaction date": "//transactionDate/value[number(translate(., '-', '')) = $filed]",
    "accepted in the last hour": "$hour = 21",
    "reported after a year": "//transactionDate/value[number(translate(., '-', '')) < $filed - 10000]",
    "future transaction date": "//transactionDate/value[number(translate(., '-', '')) > $filed]",
    "purchase disposed of": (
        "//*[transactionCoding/transactionCode = 'P' and transactionAmounts/transactionAcquiredDisposedCode/value = 'D']"
    ),
    "sale acquired": (
        "//*[transactionCoding/transactionCode = 'S' and transactionAmounts/transactionAcquiredDisposedCode/value = 'A']"
    ),
    "equity swap": "//equitySwapInvolved = '1' or //equitySwapInvolved = 'true'",
    "left Section 16": "notSubjectToSection16 = '1' or notSubjectToSection16 = 'true'",
    "form 5 transaction": "//transactionFormType = '5'",
    "early report": "//transactionTimeliness/value = 'E'",
    "no line": "not(//transactionCoding)",
    "footnote on the holding only": (
        "//nonDerivativeTransaction[postTransactionAmounts//footnoteId and not(transactionAmounts//footnoteId)]"
    ),
}


@dataclass(frozen=True)
class Submission:
    """One EDGAR submission: its place in the archive, its acceptance time with UTC offset, and the document."""

    path: str
    accepted_at: datetime
    filing_date: date
    document: etree._Element

    @property
    def accession(self) -> str:
        return Path(self.path).stem

    def has(self, condition: etree.XPath) -> bool:
        """Whether an XPath of WARTS holds."""
        return bool(
            condition(self.document, filed=int(f"{self.filing_date:%Y%m%d}"), hour=self.accepted_at.hour)
        )


def archive() -> Path:
    """Where the filings are, or would be."""
    shared = os.environ.get("INSIDER_FILINGS_SHARED") or PROJECT.parent / "shared"
    return Path(shared) / "data" / "sec_form4" / "filings.tar.gz"


def is_available() -> bool:
    """Whether the real filings are at hand."""
    return archive().is_file()


@cache
def submissions() -> dict[str, Submission]:
    """All submissions of the archive by accession, in the order of accessions."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    found = []
    with tarfile.open(archive()) as tar:
        for member in tar:
            if not member.isfile():
                continue
            content = tar.extractfile(member).read().decode("utf-8")
            accepted = re.search(r"<ACCEPTANCE-DATETIME>([0-9]{14})", content)[1]
            filed = re.search(r"FILED AS OF DATE:\s*([0-9]{8})", content)[1]
            document = re.search(r"<XML>(.*?)</XML>", content, re.DOTALL)[1].strip()
            found.append(
                Submission(
                    path=member.name,
                    accepted_at=datetime.strptime(accepted, "%Y%m%d%H%M%S").replace(tzinfo=EASTERN),
                    filing_date=datetime.strptime(filed, "%Y%m%d").date(),
                    document=etree.fromstring(document.encode(), parser),
                )
            )
    return {submission.accession: submission for submission in sorted(found, key=lambda one: one.accession)}


@cache
def chosen() -> dict[str, list[str]]:
    """Accessions by wart, `purchase` (all with a code P line) and `restated` (all that repeat a trade) among them."""
    filings = submissions().values()
    purchase = etree.XPath("//transactionCode = 'P'")
    accessions = {"purchase": [one.accession for one in filings if one.has(purchase)], "restated": restated()}
    for wart, expression in WARTS.items():
        condition = etree.XPath(expression)
        accessions[wart] = []
        for one in filings:
            if len(accessions[wart]) == PER_WART:
                break
            if one.has(condition):
                accessions[wart].append(one.accession)
    return accessions


def restated() -> list[str]:
    """Accessions of filings that report a line of another filing again: same owners, date, shares, price and kind."""
    trades = defaultdict(set)
    for accession, submission in submissions().items():
        filing = record(submission)
        owners = tuple(sorted(owner["insider_id"] for owner in filing["owners"]))
        for line in filing["transactions"]:
            if "shares" in line and "price" in line:
                trade = tuple(
                    value for field, value in line.items() if field not in ("line_number", "footnotes")
                )
                trades[filing["issuer_id"], owners, trade].add(accession)
    return sorted({accession for reported in trades.values() if len(reported) > 1 for accession in reported})


def records(limit: int | None = None) -> list[dict]:
    """The chosen filings as records of the generic feed, by accession; the first `limit` of them if that is given."""
    accessions = sorted({accession for found in chosen().values() for accession in found})
    return [record(submissions()[accession]) for accession in accessions[:limit]]


def record(submission: Submission) -> dict:
    """A submission as a nested record. Every value is the text of the XML; what a filing leaves out has no key."""
    document = submission.document
    footnotes = {
        note.get("id"): "".join(note.itertext()).strip() for note in document.iterfind("footnotes/footnote")
    }
    planned = text(document, "aff10b5One")
    lines = document.xpath(
        "nonDerivativeTable/nonDerivativeTransaction | derivativeTable/derivativeTransaction"
    )
    return given(
        id=submission.accession,
        filing_id=submission.accession,
        issuer_id=text(document, "issuer/issuerCik"),
        issuer_name=text(document, "issuer/issuerName"),
        ticker=text(document, "issuer/issuerTradingSymbol"),
        country="US",
        filing_date=submission.filing_date.isoformat(),
        accepted_at=submission.accepted_at.isoformat(),
        url=ARCHIVE_URL + submission.path,
        owners=[owner_of(element) for element in document.iterfind("reportingOwner")],
        transactions=[
            given(line_number=number, is_10b5_1=planned, **line_of(element, footnotes))
            for number, element in enumerate(lines, start=1)
        ],
    )


def owner_of(element: etree._Element) -> dict:
    """A `reportingOwner` as an owner of the generic feed; its role is the officer's title and the other text."""
    relationship = element.find("reportingOwnerRelationship")
    titles = [text(relationship, "officerTitle"), text(relationship, "otherText")]
    return given(
        insider_id=text(element, "reportingOwnerId/rptOwnerCik"),
        insider_name=text(element, "reportingOwnerId/rptOwnerName"),
        insider_role="; ".join(title for title in titles if title),
        is_director=text(relationship, "isDirector"),
        is_officer=text(relationship, "isOfficer"),
        is_ten_percent_owner=text(relationship, "isTenPercentOwner"),
        is_other=text(relationship, "isOther"),
    )


def line_of(element: etree._Element, footnotes: dict[str, str]) -> dict:
    """A transaction element as a line of the generic feed, with its footnotes, one a text line."""
    # What is noted on the holding or on the nature of ownership is not said of the trade.
    noted = element.xpath("*[not(self::postTransactionAmounts or self::ownershipNature)]//footnoteId/@id")
    amounts = element.find("transactionAmounts")
    return given(
        is_derivative=element.tag == "derivativeTransaction",
        transaction_date=text(element, "transactionDate/value"),
        transaction_type=text(element, "transactionCoding/transactionCode"),
        acquired_disposed=text(amounts, "transactionAcquiredDisposedCode/value"),
        shares=text(amounts, "transactionShares/value"),
        price=text(amounts, "transactionPricePerShare/value"),
        value=text(amounts, "transactionTotalValue/value"),
        ownership_nature=text(element, "ownershipNature/directOrIndirectOwnership/value"),
        security_type=text(element, "securityTitle/value"),
        footnotes="\n".join(footnotes[noted_id] for noted_id in dict.fromkeys(noted)),
    )


def text(element: etree._Element, path: str) -> str:
    """The stripped text at a path, empty where there is none."""
    return (element.findtext(path) or "").strip()


def given(**fields) -> dict:
    """The fields that say something."""
    return {field: value for field, value in fields.items() if value not in ("", None)}


def write_folder(folder: Path, limit: int | None = None) -> int:
    """Writes one JSON file a record into `folder`, for the sandbox to serve; returns how many."""
    folder.mkdir(parents=True, exist_ok=True)
    filings = records(limit)
    for filing in filings:
        (folder / f"{filing['id']}.json").write_text(json.dumps(filing), encoding="utf-8")
    return len(filings)


def count_expected(limit: int | None = None) -> dict[str, int]:
    """Counts over the chosen filings, straight from the XML and with no use of their records' content."""
    acquired = "transactionAmounts/transactionAcquiredDisposedCode/value = 'A'"
    purchased = "transactionCoding/transactionCode = 'P'"
    on_trade = "[not(ancestor::postTransactionAmounts or ancestor::ownershipNature)]"
    counted = {
        "filings": "1",
        "owners": "count(//rptOwnerCik)",
        "lines": "count(//transactionCoding)",
        "non_derivative_lines": "count(//nonDerivativeTransaction)",
        "derivative_lines": "count(//derivativeTransaction)",
        "purchase_lines": f"count(//*[{purchased}])",
        "acquired_purchase_lines": f"count(//*[{purchased} and {acquired}])",
        "non_derivative_acquired_purchase_lines": f"count(//nonDerivativeTransaction[{purchased} and {acquired}])",
        "lines_without_price": "count(//transactionPricePerShare[not(normalize-space(value))])",
        "lines_without_shares": "count(//transactionAmounts[not(normalize-space(transactionShares/value))])",
        "lines_with_footnotes": (
            f"count(//*[self::nonDerivativeTransaction or self::derivativeTransaction][.//footnoteId{on_trade}])"
        ),
        "flags": "count(//reportingOwnerRelationship/*[starts-with(name(), 'is') and normalize-space(.)])",
        "planned_filings": "count(aff10b5One[. = '1' or . = 'true'])",
    }
    documents = [submissions()[filing["id"]].document for filing in records(limit)]
    counts = {name: sum(int(one.xpath(path)) for one in documents) for name, path in counted.items()}
    return counts | {
        "issuers": len({one.xpath("string(issuer/issuerCik)") for one in documents}),
        "insiders": len({str(cik) for one in documents for cik in one.xpath("//rptOwnerCik/text()")}),
    }


@cache
def note_rules() -> list[note_reading.Rule]:
    """The rules of the seed `placement_phrases`."""
    return note_reading.read_rules(PROJECT / "seeds")


@cache
def texts_of_lines(accession: str) -> dict[int, tuple[str, str]]:
    """The notes of each line of a filing, and those on the nature of its ownership."""
    document = submissions()[accession].document
    notes = {
        note.get("id"): "".join(note.itertext()).strip() for note in document.iterfind("footnotes/footnote")
    }
    lines = document.xpath(
        "nonDerivativeTable/nonDerivativeTransaction | derivativeTable/derivativeTransaction"
    )
    paths = (".//footnoteId[not(ancestor::ownershipNature)]/@id", "ownershipNature//footnoteId/@id")
    return {
        number: tuple("\n".join(notes[id_] for id_ in dict.fromkeys(line.xpath(path))) for path in paths)
        for number, line in enumerate(lines, start=1)
    }


@cache
def elsewhere(accession: str) -> tuple[dict[int, str], str]:
    """What a filing says outside a line's own footnotes: the notes on its ownership by line, and the remarks."""
    ownership = {number: on_ownership for number, (_, on_ownership) in texts_of_lines(accession).items()}
    return ownership, text(submissions()[accession].document, "remarks") or ""


def is_companion(bought: dict, other: dict) -> bool:
    """Whether another line was acquired in the same trade: a right in a simple ratio, or more at the same price."""
    if other is bought or other["acquired_disposed"] != "A":
        return False
    if other["transaction_date"] != bought["transaction_date"]:
        return False
    if not other["is_derivative"]:
        return other["transaction_type"] == "P" and all(
            other.get(field) == bought.get(field) is not None for field in ("security_type", "price")
        )
    if re.search(
        "option|restricted|performance|phantom|deferred|award|appreciation", other["security_type"], re.I
    ):
        return False
    ratio = sorted([Decimal(bought["shares"]), Decimal(other["shares"])])
    twelfths = 12 * ratio[1] / ratio[0]
    return twelfths <= 120 and abs(twelfths - round(twelfths)) < Decimal("0.05")


def tells_of_no_market(filing: dict, line: dict, whole_filing: bool) -> bool:
    """Whether a filing says of a purchase that it was none on the market; a record of the feed has no other notes."""
    own = note_reading.with_issuer_named(line.get("footnotes", ""), filing["issuer_name"])
    said = own and note_reading.reading(own, note_rules())
    if said:
        return said.reason not in note_reading.ON_MARKET
    companions = [other for other in filing["transactions"] if is_companion(line, other)]
    if any(
        other["is_derivative"]
        and "warrant" in other["security_type"].lower()
        and Decimal(other["shares"]) == Decimal(line["shares"])
        for other in companions
    ):
        return True
    texts = [other["footnotes"] for other in companions if "footnotes" in other]
    background = []
    if whole_filing:
        ownership, remarks = elsewhere(filing["id"])
        days = {
            other["transaction_date"]
            for other in filing["transactions"]
            if other["transaction_type"] == "P"
            and other["acquired_disposed"] == "A"
            and not other["is_derivative"]
        }
        day, shares = date.fromisoformat(line["transaction_date"][:10]), Decimal(line["shares"])
        background = [
            note_reading.with_trade_named(one, day, shares)
            for one in (ownership[line["line_number"]], remarks if len(days) == 1 else "")
            if one
        ]
    named = [
        [note_reading.with_issuer_named(one, filing["issuer_name"]) for one in group]
        for group in (texts, background)
    ]
    return note_reading.placement(None, named[0], note_rules(), named[1]) is not None


def is_planned(filing: dict, line: dict, whole_filing: bool) -> bool:
    """Whether the box is ticked; in a whole filing also what its notes and remarks say."""
    if line.get("is_10b5_1") in ("1", "true"):
        return True
    if not whole_filing:
        return False
    ownership, remarks = elsewhere(filing["id"])
    texts = (line.get("footnotes", ""), ownership[line["line_number"]], remarks)
    return any("10b5-1" in text for text in texts)


def purchase_exclusion(filing: dict, line: dict, whole_filing: bool = False) -> str | None:
    """Why a code P line stays out of the signal by the rules, None where it enters.

    Titles that are no common equity are listed by hand in the facts, so that the seeds are held against them.
    """
    owners = filing["owners"]
    if line["is_derivative"]:
        return "derivative"
    if line["security_type"] in FACTS["titles_not_common_equity"]:
        return "not_common_equity"
    if re.search(r"\bfund\b", filing["issuer_name"], re.IGNORECASE):
        return "not_common_equity"
    if line["acquired_disposed"] == "D":
        return "not_a_buy"
    if is_planned(filing, line, whole_filing):
        return "planned_trade"
    if tells_of_no_market(filing, line, whole_filing):
        return "placement_or_plan"
    if not any(is_set(owner, flag) for owner in owners for flag in ("is_director", "is_officer")):
        return "ten_percent_owner_only"
    return None


def is_set(owner: dict, flag: str) -> bool:
    """Whether a relationship flag, a digit or a word, is true."""
    return owner.get(flag) in ("1", "true")


def is_senior(owner: dict, role_map_version: int = 3) -> bool:
    """Whether the role map calls an owner senior."""
    flags = {
        flag: is_set(owner, f"is_{flag}") for flag in ("director", "officer", "ten_percent_owner", "other")
    }
    rules, seniority = role_map()
    return match_role(owner.get("insider_role"), flags, role_map_version, rules, seniority)[1]


@cache
def role_map() -> tuple[tuple, dict[str, int]]:
    """The rules of the seed `role_map`, and the rank of each role."""
    return read_rules(), read_seniority()


def insider_of(filing: dict) -> str:
    """The id of the filing's insider: of its directors and officers, else of all owners, the smallest."""
    return min(
        (not (is_set(owner, "is_director") or is_set(owner, "is_officer")), owner["insider_id"])
        for owner in filing["owners"]
    )[1]


@cache
def ecb_rates() -> CurrencyConverter:
    """The ECB rates; a day without a fixing has that of the last one before it."""
    return CurrencyConverter(
        decimal=True, fallback_on_missing_rate=True, fallback_on_missing_rate_method="last_known"
    )


def value_in_euros(line: dict) -> Decimal:
    """Shares times price, nothing without a price, at the rate of the transaction date."""
    dollars = Decimal(line["shares"]) * Decimal(line.get("price", 0))
    return round(ecb_rates().convert(dollars, "USD", "EUR", date.fromisoformat(line["transaction_date"])), 6)


def eligible_purchases(filings: Iterable[dict], whole_filing: bool = False) -> list[tuple[dict, dict]]:
    """The lines that enter the signal, each with its filing."""
    return [
        (filing, line)
        for filing in filings
        for line in filing["transactions"]
        if line["transaction_type"] == "P" and purchase_exclusion(filing, line, whole_filing) is None
    ]


def expected_scores(
    eligible: list[tuple[dict, dict]], as_of: date, role_map_version: int = 3
) -> dict[str, dict]:
    """The issuers with eligible purchases in the 30 days up to `as_of`, by id, best first.

    Knows the rules as far as this data needs them: first versions only, no currency but the dollar, and no purchase
    that one insider reports in two filings.
    """
    bought = defaultdict(list)
    for filing, line in eligible:
        day = date.fromisoformat(line["transaction_date"])
        is_known = datetime.fromisoformat(filing["accepted_at"]).date() <= as_of
        if is_known and as_of - timedelta(days=30) <= day <= as_of:
            bought[filing["issuer_id"]].append((day, filing, line))

    scores = {}
    for issuer_id, purchases in bought.items():
        total = sum(value_in_euros(line) for _, _, line in purchases)
        buyers = {insider_of(filing) for _, filing, _ in purchases}
        senior = any(
            is_senior(owner, role_map_version) for _, filing, _ in purchases for owner in filing["owners"]
        )
        last = max(day for day, _, _ in purchases)
        scores[issuer_id] = {
            "total_buy_value": total,
            "distinct_buyers": len(buyers),
            "senior_buyer_flag": senior,
            "last_buy_date": last,
            "score": math.log1p(total) + 0.75 * len(buyers) + 1.0 * senior - 0.05 * (as_of - last).days,
        }
    return dict(sorted(scores.items(), key=lambda item: (-round(item[1]["score"], 9), item[0])))
