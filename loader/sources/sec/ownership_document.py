"""Complete submissions of ownership filings (Forms 3, 4, 5) as JSON: facts of the header, and the whole XML."""

import re
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element, ParseError
from zoneinfo import ZoneInfo

from defusedxml import ElementTree

from loader.errors import UnreadableError
from loader.sources.sec.client import EASTERN

# Lines of the header without indentation: `FILED AS OF DATE: 20230307`, `<ACCEPTANCE-DATETIME>20230307161349`.
_FACT = re.compile(r"^<?([A-Z][A-Z -]*)[:>][ \t]*(\S.*?)\s*$", re.MULTILINE)
_CIK = re.compile(r"^(ISSUER|REPORTING-OWNER):.*?CENTRAL INDEX KEY:\s*(\d+)", re.MULTILINE | re.DOTALL)
_XML = re.compile(rb"<XML>\s*(.*?)\s*</XML>", re.DOTALL)

# Indented, once for each owner: the number of the issuer's file, which tells an investment company (`811-23319`).
_FILE_NUMBER = re.compile(r"^\s+SEC FILE NUMBER:\s*(\S+)", re.MULTILINE)

# Elements that repeat: lists, however many there are.
_REPEATED = {"reportingOwner", "ownerSignature", "footnoteId"}
# Elements that hold rows: lists in document order. Rows bear the name of their element, except footnotes.
_ROWS = {"nonDerivativeTable", "derivativeTable", "footnotes"}


def read_submission(content: bytes, accession_number: str) -> dict[str, Any]:
    """Read a complete submission.

    Returns:
        what the header says (None where it does not): ``accession_number``, ``form_type``, ``filing_date``,
        ``period_of_report`` and ``date_as_of_change`` (ISO dates), ``acceptance_datetime`` (as it stands, Eastern
        time), ``accepted_at`` (the same in ISO 8601 with its offset), ``issuer_cik``, ``owner_ciks``, ``file_number``;
        and ``ownership_document``: see ``element_as_json``.

    Raises:
        UnreadableError: it is another submission, or has no ownership document that can be parsed.
    """
    header = content.partition(b"</SEC-HEADER>")[0].decode("latin-1")
    facts = dict(_FACT.findall(header))
    if facts.get("ACCESSION NUMBER") != accession_number:
        raise UnreadableError("another_submission", content)
    ciks = _CIK.findall(header)
    file_number = _FILE_NUMBER.search(header)
    try:
        return {
            "accession_number": accession_number,
            "form_type": facts.get("CONFORMED SUBMISSION TYPE"),
            "filing_date": _iso_date(facts.get("FILED AS OF DATE")),
            "acceptance_datetime": facts.get("ACCEPTANCE-DATETIME"),
            "accepted_at": _eastern_time(facts.get("ACCEPTANCE-DATETIME")),
            "period_of_report": _iso_date(facts.get("CONFORMED PERIOD OF REPORT")),
            "date_as_of_change": _iso_date(facts.get("DATE AS OF CHANGE")),
            "issuer_cik": next((cik for role, cik in ciks if role == "ISSUER"), None),
            "owner_ciks": [cik for role, cik in ciks if role == "REPORTING-OWNER"],
            "file_number": file_number and file_number[1],
            "ownership_document": _ownership_document(content),
        }
    except ValueError:
        raise UnreadableError("malformed_header", content) from None


def element_as_json(element: Element) -> Any:
    """Give an XML element as JSON with nothing lost: its text, where it has nothing else; else an object of its
    attributes and children by name, and of its ``text``.

    What repeats is a list: always if the schema says so (owners, signatures, ids of footnotes on a field), else
    where it does. Tables are lists of rows ``{"element": "nonDerivativeTransaction", ...}`` in document order,
    footnotes a list of ``{"id": "F1", "text": "..."}``. Names and texts are as they stand (namespaces left out).
    """
    text = (element.text or "") + "".join(child.tail or "" for child in element)
    children = [(_local(child.tag), element_as_json(child)) for child in element]
    members = [*((_local(name), value) for name, value in element.items()), *children]
    if not members:
        return [] if _local(element.tag) in _ROWS else text
    if _local(element.tag) in _ROWS and members == children and not text.strip():
        return [_row(name, value) for name, value in children]
    if text.strip():
        members.append(("text", text))
    fields: dict[str, Any] = {}
    for name, value in members:
        if name in _REPEATED:
            fields.setdefault(name, []).append(value)
        elif name in fields:
            earlier = fields[name]
            fields[name] = [*(earlier if isinstance(earlier, list) else [earlier]), value]
        else:
            fields[name] = value
    return fields


def _row(name: str, value: Any) -> dict[str, Any]:
    fields = value if isinstance(value, dict) else {"text": value}
    return fields if name == "footnote" else {"element": name} | fields


def _ownership_document(content: bytes) -> dict[str, Any]:
    xml = next((xml for xml in _XML.findall(content) if b"<ownershipDocument" in xml), None)
    if xml is None:
        raise UnreadableError("no_ownership_document", content)
    try:
        root = ElementTree.fromstring(xml)
        if _local(root.tag) == "ownershipDocument" and len(root):
            return element_as_json(root)
    # A ValueError is a forbidden entity, a LookupError an unknown encoding, a RecursionError absurd nesting.
    except (ParseError, ValueError, LookupError, RecursionError):
        pass
    raise UnreadableError("malformed_ownership_document", content)


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _iso_date(text: str | None) -> str | None:
    return datetime.strptime(text, "%Y%m%d").date().isoformat() if text else None


def _eastern_time(text: str | None) -> str | None:
    return (
        datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=ZoneInfo(EASTERN)).isoformat()
        if text
        else None
    )
