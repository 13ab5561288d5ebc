"""The SEC's Insider Transactions Data Sets, made from the XML of filings: what the SEC derives from the same source.

Tab separated, quoted as CSV where a text has quotes; dates DD-MON-YYYY; `_FN` columns with the ids of footnotes;
AFF10B5ONE as the filing has it, and no such column without any; owners in no order; no acceptance time.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from lxml import etree

Row = dict[str, str]

# Column, and path below the row's element; of a value wrapped in <value> with ids of footnotes the `_FN` column is
# made, unless the path ends in "/text()".
_OWNERSHIP = {
    "SHRS_OWND_FOLWNG_TRANS": "postTransactionAmounts/sharesOwnedFollowingTransaction",
    "VALU_OWND_FOLWNG_TRANS": "postTransactionAmounts/valueOwnedFollowingTransaction",
    "DIRECT_INDIRECT_OWNERSHIP": "ownershipNature/directOrIndirectOwnership",
    "NATURE_OF_OWNERSHIP": "ownershipNature/natureOfOwnership",
}
_TRADE = {
    "TRANS_DATE": "transactionDate",
    "DEEMED_EXECUTION_DATE": "deemedExecutionDate",
    "TRANS_FORM_TYPE": "transactionCoding/transactionFormType/text()",
    "TRANS_CODE": "transactionCoding/transactionCode/text()",
    "EQUITY_SWAP_INVOLVED": "transactionCoding/equitySwapInvolved/text()",
    "TRANS_TIMELINESS": "transactionTimeliness",
    "TRANS_SHARES": "transactionAmounts/transactionShares",
}
_PRICE = {
    "TRANS_PRICEPERSHARE": "transactionAmounts/transactionPricePerShare",
    "TRANS_ACQUIRED_DISP_CD": "transactionAmounts/transactionAcquiredDisposedCode",
}
_UNDERLYING = {
    "EXPIRATION_DATE": "expirationDate",
    "UNDLYNG_SEC_TITLE": "underlyingSecurity/underlyingSecurityTitle",
    "UNDLYNG_SEC_SHARES": "underlyingSecurity/underlyingSecurityShares",
    "UNDLYNG_SEC_VALUE": "underlyingSecurity/underlyingSecurityValue",
}
_TITLE = {"SECURITY_TITLE": "securityTitle"}
_STRIKE = {"CONV_EXERCISE_PRICE": "conversionOrExercisePrice"}
_HELD_ON = {"TRANS_FORM_TYPE": "transactionCoding/transactionFormType"}

# Table: the element of its rows, and the columns. EXCERCISE_DATE is the SEC's spelling, in one of the tables.
LINES = {
    "NONDERIV_TRANS": ("nonDerivativeTransaction", _TITLE | _TRADE | _PRICE | _OWNERSHIP),
    "NONDERIV_HOLDING": ("nonDerivativeHolding", _TITLE | _HELD_ON | _OWNERSHIP),
    "DERIV_TRANS": (
        "derivativeTransaction",
        _TITLE
        | _STRIKE
        | _TRADE
        | {"TRANS_TOTAL_VALUE": "transactionAmounts/transactionTotalValue"}
        | _PRICE
        | {"EXCERCISE_DATE": "exerciseDate"}
        | _UNDERLYING
        | _OWNERSHIP,
    ),
    "DERIV_HOLDING": (
        "derivativeHolding",
        _TITLE | _STRIKE | _HELD_ON | {"EXERCISE_DATE": "exerciseDate"} | _UNDERLYING | _OWNERSHIP,
    ),
}
_NUMBERS = re.compile("SHARES|SHRS|PRICE|VALU")
_FLAGS = {
    "isDirector": "Director",
    "isOfficer": "Officer",
    "isTenPercentOwner": "TenPercentOwner",
    "isOther": "Other",
}


def sec_date(text: str) -> str:
    """An ISO date, with or without a zone, as 02-MAY-2023; empty where there is none, and as it is where it is no date."""
    try:
        return date.fromisoformat(text[:10]).strftime("%d-%b-%Y").upper()
    except ValueError:
        return text


def sec_number(column: str, text: str) -> str:
    """A number as the SEC writes it, `100.0`; the text of a column without numbers as it is."""
    if _NUMBERS.search(column) and re.fullmatch(r"-?[0-9]*\.?[0-9]+", text):
        return f"{Decimal(text) + Decimal('0.0'):f}"
    return text


def write_data_set(path: Path, submissions: Iterable[tuple[str, bytes]]) -> None:
    """Write `<year>q<n>_form345.zip` from pairs of accession number and complete submission."""
    tables: dict[str, list[Row]] = {
        name: [] for name in ("SUBMISSION", "REPORTINGOWNER", *LINES, "FOOTNOTES", "OWNER_SIGNATURE")
    }
    for accession_number, content in submissions:
        xml = content.partition(b"<XML>")[2].partition(b"</XML>")[0].strip()
        filed = content.partition(b"FILED AS OF DATE:")[2].split()[0].decode()
        for name, rows in _tables_of(etree.fromstring(xml), filed).items():
            tables[name] += [{"ACCESSION_NUMBER": accession_number} | row for row in rows]
    if not any(row["AFF10B5ONE"] for row in tables["SUBMISSION"]):
        for row in tables["SUBMISSION"]:
            del row["AFF10B5ONE"]
    for name in LINES:
        tables[name] = [
            {f"{name}_SK": str(7_000_000 + number)} | row for number, row in enumerate(tables[name])
        ]
    write_tables(path, tables)


def write_tables(path: Path, tables: Mapping[str, list[Row]]) -> None:
    """Write tables of rows as the TSV files of a data set."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in tables.items():
            columns = list(dict.fromkeys(column for row in rows for column in row)) or ["ACCESSION_NUMBER"]
            columns.sort(key="ACCESSION_NUMBER".__ne__)
            text = io.StringIO()
            writer = csv.DictWriter(text, columns, dialect="excel-tab", lineterminator="\n", restval="")
            writer.writeheader()
            writer.writerows(rows)
            archive.writestr(f"{name}.tsv", text.getvalue())
        archive.writestr("FORM_345_readme.htm", "<html></html>")


def _tables_of(document: etree._Element, filed: str) -> dict[str, list[Row]]:
    def text(path: str) -> str:
        return (document.findtext(path) or "").strip()

    submission = {
        "FILING_DATE": sec_date(datetime.strptime(filed, "%Y%m%d").date().isoformat()),
        "PERIOD_OF_REPORT": sec_date(text("periodOfReport")),
        "DATE_OF_ORIG_SUB": sec_date(text("dateOfOriginalSubmission")),
        "NO_SECURITIES_OWNED": text("noSecuritiesOwned"),
        "NOT_SUBJECT_SEC16": text("notSubjectToSection16"),
        "FORM3_HOLDINGS_REPORTED": text("form3HoldingsReported"),
        "FORM4_TRANS_REPORTED": text("form4TransactionsReported"),
        "DOCUMENT_TYPE": text("documentType"),
        "ISSUERCIK": text("issuer/issuerCik"),
        "ISSUERNAME": text("issuer/issuerName"),
        "ISSUERTRADINGSYMBOL": text("issuer/issuerTradingSymbol"),
        "REMARKS": text("remarks"),
        "AFF10B5ONE": text("aff10b5One"),
    }
    # By the hash of their numbers, so that nothing can rely on the order of owners.
    owners = sorted(
        document.iterfind("reportingOwner"), key=lambda owner: owner.findtext(".//rptOwnerCik")[::-1]
    )
    return {
        "SUBMISSION": [submission],
        "REPORTINGOWNER": [_owner(owner) for owner in owners],
        **{
            table: [_line(element, columns) for element in document.iter(tag)]
            for table, (tag, columns) in LINES.items()
        },
        "FOOTNOTES": [
            {"FOOTNOTE_ID": note.get("id"), "FOOTNOTE_TXT": (note.text or "").strip()}
            for note in document.iterfind("footnotes/footnote")
        ],
        "OWNER_SIGNATURE": [
            {
                "OWNERSIGNATURENAME": signature.findtext("signatureName", "").strip(),
                "OWNERSIGNATUREDATE": sec_date(signature.findtext("signatureDate", "").strip()),
            }
            for signature in document.iterfind("ownerSignature")
        ],
    }


def _owner(owner: etree._Element) -> Row:
    def text(path: str) -> str:
        return (owner.findtext(path) or "").strip()

    flags = [
        name for flag, name in _FLAGS.items() if text(f"reportingOwnerRelationship/{flag}") in ("1", "true")
    ]
    return {
        "RPTOWNERCIK": text("reportingOwnerId/rptOwnerCik"),
        "RPTOWNERNAME": text("reportingOwnerId/rptOwnerName"),
        "RPTOWNER_RELATIONSHIP": ",".join(flags),
        "RPTOWNER_TITLE": text("reportingOwnerRelationship/officerTitle"),
        "RPTOWNER_TXT": text("reportingOwnerRelationship/otherText"),
        "RPTOWNER_STREET1": text("reportingOwnerAddress/rptOwnerStreet1"),
        "RPTOWNER_STREET2": text("reportingOwnerAddress/rptOwnerStreet2"),
        "RPTOWNER_CITY": text("reportingOwnerAddress/rptOwnerCity"),
        "RPTOWNER_STATE": text("reportingOwnerAddress/rptOwnerState"),
        "RPTOWNER_ZIPCODE": text("reportingOwnerAddress/rptOwnerZipCode"),
        "RPTOWNER_STATE_DESC": text("reportingOwnerAddress/rptOwnerStateDescription"),
        "FILE_NUMBER": "",
    }


def _line(element: etree._Element, columns: Mapping[str, str]) -> Row:
    row = {}
    for column, path in columns.items():
        if path.endswith("/text()"):
            row[column] = (element.findtext(path.removesuffix("/text()")) or "").strip()
            continue
        value = (element.findtext(f"{path}/value") or "").strip()
        row[column] = sec_date(value) if column.endswith("DATE") else sec_number(column, value)
        row[f"{column}_FN"] = _footnote_ids(element, path)
    if "EQUITY_SWAP_INVOLVED" in columns:
        row["EQUITY_SWAP_TRANS_CD_FN"] = _footnote_ids(element, "transactionCoding")
    return row


def _footnote_ids(element: etree._Element, path: str) -> str:
    return ", ".join(note.get("id") for note in element.iterfind(f"{path}/footnoteId"))
