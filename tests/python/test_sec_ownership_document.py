"""Submissions as JSON: nothing of the XML is lost, and its shape does not depend on how often something occurs."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import real_filings
from edgar_server import read_submissions
from lxml import etree
from sec_filings import (
    FOOTNOTES,
    HOLDING,
    OWNERS,
    TRANSACTION,
    needs_real_filings,
    number,
    ownership_document,
    submission,
)

from loader.errors import UnreadableError
from loader.sources.sec.ownership_document import read_submission


def read(xml: str, **options: Any) -> Any:
    """The JSON of an ownership document."""
    content = submission(number(1), "2023-04-03", xml=xml, **options)
    return read_submission(content, number(1))["ownership_document"]


def texts_of_json(value: Any) -> Iterator[str]:
    """Every text in the JSON but the names of the elements of rows."""
    if isinstance(value, str):
        yield value
    for key, member in value.items() if isinstance(value, dict) else ():
        if key != "element":
            yield from texts_of_json(member)
    for member in value if isinstance(value, list) else ():
        yield from texts_of_json(member)


def texts_of_xml(document: etree._Element) -> Iterator[str]:
    """Every text and attribute in the XML; a leaf without either has the empty text."""
    for element in document.iter():
        yield from element.attrib.values()
        text = (element.text or "") + "".join(child.tail or "" for child in element)
        is_leaf = not len(element) and not element.attrib
        if text.strip() or (
            is_leaf and element.tag not in ("nonDerivativeTable", "derivativeTable", "footnotes")
        ):
            yield text


def names_of_json(value: Any, name: str = "ownershipDocument") -> Iterator[str]:
    """The element's name once for each of its occurrences."""
    if name in ("nonDerivativeTable", "derivativeTable", "footnotes"):
        yield name
        for row in value:
            row_name = row.get("element", "footnote")
            members = {key: member for key, member in row.items() if key not in ("element", "id", "text")}
            yield from names_of_json(members, row_name)
    elif isinstance(value, list):
        for member in value:
            yield from names_of_json(member, name)
    else:
        yield name
        for key, member in value.items() if isinstance(value, dict) else ():
            if key not in ("id", "text"):
                yield from names_of_json(member, key)


def test_the_document_is_an_object_of_texts_as_they_stand():
    assert read(ownership_document()) == {
        "schemaVersion": "X0407",
        "documentType": "4",
        "periodOfReport": "2023-03-30",
        "issuer": {
            "issuerCik": "0001900001",
            "issuerName": "Example & Sons Inc",
            "issuerTradingSymbol": "EXMP",
        },
        "reportingOwner": [
            {
                "reportingOwnerId": {"rptOwnerCik": "0001900101", "rptOwnerName": "Doe Jane"},
                "reportingOwnerRelationship": {
                    "isDirector": "1",
                    "isOfficer": "true",
                    "officerTitle": "See Remarks",
                },
            }
        ],
        "aff10b5One": "0",
        "nonDerivativeTable": [
            {
                "element": "nonDerivativeTransaction",
                "securityTitle": {"value": "Common Stock"},
                "transactionDate": {"value": "2023-03-30"},
                "transactionCoding": {
                    "transactionFormType": "4",
                    "transactionCode": "P",
                    "equitySwapInvolved": "0",
                },
                "transactionAmounts": {
                    "transactionShares": {"value": "1000"},
                    "transactionPricePerShare": {"value": "12.50", "footnoteId": [{"id": "F1"}]},
                    "transactionAcquiredDisposedCode": {"value": "A"},
                },
                "postTransactionAmounts": {"sharesOwnedFollowingTransaction": {"value": "5000"}},
                "ownershipNature": {"directOrIndirectOwnership": {"value": "D"}},
            },
            {
                "element": "nonDerivativeHolding",
                "securityTitle": {"value": "Common Stock"},
                "postTransactionAmounts": {"sharesOwnedFollowingTransaction": {"value": "700"}},
                "ownershipNature": {
                    "directOrIndirectOwnership": {"value": "I"},
                    "natureOfOwnership": {"value": "By trust", "footnoteId": [{"id": "F1"}, {"id": "F2"}]},
                },
            },
        ],
        "footnotes": [{"id": id_, "text": text} for id_, text in FOOTNOTES.items()],
        "remarks": "Chief Financial Officer",
        "ownerSignature": [{"signatureName": "/s/ Doe Jane", "signatureDate": "2023-03-31-05:00"}],
    }


def test_rows_keep_their_order_among_each_other():
    rows = read(ownership_document(rows=HOLDING + TRANSACTION + HOLDING))["nonDerivativeTable"]
    assert [row["element"] for row in rows] == [
        "nonDerivativeHolding",
        "nonDerivativeTransaction",
        "nonDerivativeHolding",
    ]


def test_what_may_repeat_is_a_list_however_often_it_occurs():
    one, two = (read(ownership_document(owners=owners, rows=TRANSACTION)) for owners in (OWNERS[:1], OWNERS))
    assert [len(document["reportingOwner"]) for document in (one, two)] == [1, 2]
    assert [len(document["ownerSignature"]) for document in (one, two)] == [1, 2]
    assert len(one["nonDerivativeTable"]) == 1
    assert read(ownership_document(rows=""))["nonDerivativeTable"] == []


def test_a_field_with_a_footnote_only_has_no_value():
    rows = TRANSACTION.replace("<value>12.50</value>", "")
    [row] = read(ownership_document(rows=rows))["nonDerivativeTable"]
    assert row["transactionAmounts"]["transactionPricePerShare"] == {"footnoteId": [{"id": "F1"}]}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("<noSecuritiesOwned>true</noSecuritiesOwned>", {"noSecuritiesOwned": "true"}),
        ("<new><part>1</part><part>2</part><part>3</part></new>", {"new": {"part": ["1", "2", "3"]}}),
        ('<new kind="x">text</new>', {"new": {"kind": "x", "text": "text"}}),
        ('<new text="x"/>', {"new": {"text": "x"}}),
        ('<new part="x"><part>y</part></new>', {"new": {"part": ["x", "y"]}}),
        ("<new>before <b>bold</b> after</new>", {"new": {"b": "bold", "text": "before  after"}}),
        ("<new> kept  as it is\n</new>", {"new": " kept  as it is\n"}),
        ("<new/>", {"new": ""}),
        ("<new>&lt;&amp;&#233;</new>", {"new": "<&é"}),
        ('<n:new xmlns:n="urn:later" n:kind="x"/>', {"new": {"kind": "x"}}),
    ],
)
def test_what_no_schema_knows_yet_is_kept(more, expected):
    known = read(ownership_document(more=""))
    assert read(ownership_document(more=more)) == known | expected


def test_a_table_of_a_later_kind_is_kept():
    xml = ownership_document(rows=TRANSACTION + "<cryptoTransaction>new</cryptoTransaction>")
    rows = read(xml.replace("<nonDerivativeTable>", '<nonDerivativeTable note="x">'))["nonDerivativeTable"]
    assert rows.keys() == {"note", "nonDerivativeTransaction", "cryptoTransaction"}
    assert read(xml)["nonDerivativeTable"][1] == {"element": "cryptoTransaction", "text": "new"}


def test_made_up_documents_lose_nothing():
    xml = ownership_document(owners=OWNERS, more='<new a="1">x<y/>z</new>')
    assert Counter(texts_of_json(read(xml))) == Counter(texts_of_xml(etree.fromstring(xml)))


def test_winter_and_summer_time_differ():
    def accepted(day: str) -> str:
        return read_submission(submission(number(1), day), number(1))["accepted_at"]

    assert accepted("2023-03-10") == "2023-03-10T17:30:15-05:00"
    assert accepted("2023-03-13") == "2023-03-13T17:30:15-04:00"


def test_the_number_of_the_issuers_file_is_that_of_the_first_owner():
    content = submission(number(1), "2023-04-03", owners=OWNERS).decode()
    assert read_submission(content.encode(), number(1))["file_number"] is None
    values = "\n\tFILING VALUES:\n\t\tFORM TYPE:\t\t4\n\t\tSEC FILE NUMBER:\t811-23319\n\nISSUER:"
    facts = read_submission(content.replace("\nISSUER:", values).encode(), number(1))
    assert facts["file_number"] == "811-23319"


def test_what_a_header_leaves_out_is_null():
    content = submission(number(1), "2023-04-03").decode().replace("ISSUER:", "SUBJECT COMPANY:")
    content = re.sub("<ACCEPTANCE.*\n|CONFORMED PERIOD.*\n", "", content)
    facts = read_submission(content.encode(), number(1))
    assert (facts["acceptance_datetime"], facts["accepted_at"], facts["period_of_report"]) == (
        None,
        None,
        None,
    )
    assert facts["filing_date"] == "2023-04-03"


def test_another_submission_is_refused():
    with pytest.raises(UnreadableError, match="another submission"):
        read_submission(submission(number(2), "2023-04-03"), number(1))


@needs_real_filings
def test_real_documents_lose_nothing():
    contents = read_submissions(real_filings.archive())
    assert len(contents) == 5409
    for accession_number, content in contents.items():
        document = read_submission(content, accession_number)["ownership_document"]
        xml = real_filings.submissions()[accession_number].document
        assert Counter(texts_of_json(document)) == Counter(texts_of_xml(xml)), accession_number
        assert Counter(names_of_json(document)) == Counter(element.tag for element in xml.iter()), (
            accession_number
        )
