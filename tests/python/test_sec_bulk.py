"""The SEC's Insider Transactions Data Sets, from made-up filings and, where they are there, from real ones."""

import subprocess
import sys
import time
import zipfile
from collections import Counter
from datetime import date
from pathlib import Path

import bulk_tables
import pytest
import real_filings
from edgar_server import EdgarServer, read_submissions
from loader_fixtures import without_progress
from project import PROJECT
from sec_filings import (
    ISSUER_CIK,
    OWNERS,
    needs_real_filings,
    number,
    ownership_document,
    submission,
)

import loader

pytest_plugins = ("sec_fixtures",)

TABLES = (
    "owners",
    "nonderiv_trans",
    "nonderiv_holding",
    "deriv_trans",
    "deriv_holding",
    "footnotes",
    "owner_signature",
)
FOLDERS = ("structureddata", "datastandardsinnovation")


def load(path: Path | None, *quarters: str) -> loader.Summary:
    return loader.load("sec_bulk", quarters=list(quarters or ("2023q2",)), path=path)


@pytest.fixture
def data_set(tmp_path) -> Path:
    """A data set of two filings, the second with two owners."""
    path = tmp_path / "2023q2_form345.zip"
    filings = {number(1): OWNERS[:1], number(2): OWNERS}
    bulk_tables.write_data_set(
        path,
        [(name, submission(name, "2023-04-03", owners=owners)) for name, owners in filings.items()],
    )
    return path


def tables_of(path: Path) -> dict[str, str]:
    """The texts of a data set's tables."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def write(path: Path, tables: dict[str, str]) -> None:
    """Write a data set anew from the texts of its tables."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in tables.items():
            archive.writestr(name, text)


def edit(path: Path, table: str, *changes: tuple[str, str]) -> None:
    """Replace texts in a table of a data set."""
    tables = tables_of(path)
    for old, new in changes:
        assert old in tables[f"{table}.tsv"]
        tables[f"{table}.tsv"] = tables[f"{table}.tsv"].replace(old, new)
    write(path, tables)


def test_a_data_set_that_unpacks_to_more_than_it_may_is_refused(data_set, monkeypatch, archive):
    size = sum(len(text.encode()) for text in tables_of(data_set).values())
    monkeypatch.setenv("RUNTIME__WINDOW_MAX_BYTES", str(size - 1))
    with pytest.raises(loader.LoadError, match=f"unpacks to {size:,} bytes, more than window_max_bytes"):
        load(data_set)
    monkeypatch.setenv("RUNTIME__WINDOW_MAX_BYTES", str(size))
    assert load(data_set).received_records == 2


def test_a_filing_is_one_record_of_all_its_rows(archive, data_set):
    summary = load(data_set)
    assert (summary.received_records, summary.complete_through) == (2, None)
    key = {"ACCESSION_NUMBER": number(1)}
    assert archive.records("sec_bulk")[number(1)] == {
        "submission": key
        | {
            "FILING_DATE": "03-APR-2023",
            "PERIOD_OF_REPORT": "30-MAR-2023",
            "DOCUMENT_TYPE": "4",
            "ISSUERCIK": f"{ISSUER_CIK:010d}",
            "ISSUERNAME": "Example & Sons Inc",
            "ISSUERTRADINGSYMBOL": "EXMP",
            "REMARKS": "Chief Financial Officer",
            "AFF10B5ONE": "0",
        },
        "owners": [
            key
            | {
                "RPTOWNERCIK": "0001900101",
                "RPTOWNERNAME": "Doe Jane",
                "RPTOWNER_RELATIONSHIP": "Director,Officer",
                "RPTOWNER_TITLE": "See Remarks",
            }
        ],
        "nonderiv_trans": [
            key
            | {
                "NONDERIV_TRANS_SK": "7000000",
                "SECURITY_TITLE": "Common Stock",
                "TRANS_DATE": "30-MAR-2023",
                "TRANS_FORM_TYPE": "4",
                "TRANS_CODE": "P",
                "EQUITY_SWAP_INVOLVED": "0",
                "TRANS_SHARES": "1000.0",
                "TRANS_PRICEPERSHARE": "12.50",
                "TRANS_PRICEPERSHARE_FN": "F1",
                "TRANS_ACQUIRED_DISP_CD": "A",
                "SHRS_OWND_FOLWNG_TRANS": "5000.0",
                "DIRECT_INDIRECT_OWNERSHIP": "D",
            }
        ],
        "nonderiv_holding": [
            key
            | {
                "NONDERIV_HOLDING_SK": "7000000",
                "SECURITY_TITLE": "Common Stock",
                "SHRS_OWND_FOLWNG_TRANS": "700.0",
                "DIRECT_INDIRECT_OWNERSHIP": "I",
                "NATURE_OF_OWNERSHIP": "By trust",
                "NATURE_OF_OWNERSHIP_FN": "F1, F2",
            }
        ],
        "deriv_trans": [],
        "deriv_holding": [],
        "footnotes": [
            key
            | {
                "FOOTNOTE_ID": "F1",
                "FOOTNOTE_TXT": 'The average price; "prices" were from $12.40 to $12.60.',
            },
            key | {"FOOTNOTE_ID": "F2", "FOOTNOTE_TXT": "A family trust."},
        ],
        "owner_signature": [
            key | {"OWNERSIGNATURENAME": "/s/ Doe Jane", "OWNERSIGNATUREDATE": "31-MAR-2023"}
        ],
    }
    assert len(archive.records("sec_bulk")[number(2)]["owners"]) == 2
    # The clock stands in the quarter.
    assert archive.windows("sec_bulk") == [("2023-04-01", False, 2, 2, 0)]


def test_the_quarter_is_closed_when_it_is_over(archive, data_set):
    archive.set_clock("2023-07-01T13:00:00")
    assert load(data_set).complete_through == date(2023, 6, 30)


def test_the_same_data_set_again_archives_nothing_and_a_changed_one_does(archive, data_set):
    load(data_set)
    assert str(load(data_set)) == "sec_bulk: nothing new"
    edit(data_set, "NONDERIV_TRANS", ("12.50", "12.60"))
    assert load(data_set).received_records == 2
    assert len(archive.windows("sec_bulk")) == 2


def test_a_row_without_a_submission_is_set_aside_and_counts_come_out(archive, data_set):
    edit(data_set, "FOOTNOTES", (f"{number(2)}\tF2", f"{number(77)}\tF2"))
    edit(data_set, "REPORTINGOWNER", (f"{number(1)}\t", "\t"))
    load(data_set)
    rejects = archive.rejects("sec_bulk")
    assert [(reason, payload["table"]) for reason, payload in rejects] == [
        ("no_submission", "REPORTINGOWNER"),
        ("no_submission", "FOOTNOTES"),
    ]
    assert rejects[1][1]["row"] == {
        "ACCESSION_NUMBER": number(77),
        "FOOTNOTE_ID": "F2",
        "FOOTNOTE_TXT": "A family trust.",
    }
    assert archive.windows("sec_bulk") == [("2023-04-01", False, 4, 4, 2)]
    assert str(load(data_set)) == "sec_bulk: nothing new"


def test_a_submission_without_a_number_is_set_aside(archive, data_set):
    edit(data_set, "SUBMISSION", (number(2), ""))
    load(data_set)
    assert archive.rejects("sec_bulk")[0][0] == "missing_id"
    assert archive.records("sec_bulk").keys() == {number(1)}
    [(_, _, reported, received, _)] = archive.windows("sec_bulk")
    assert reported == received


def test_a_line_with_too_many_cells_is_set_aside_as_it_is(archive, data_set):
    edit(data_set, "OWNER_SIGNATURE", ("/s/ Roe Richard\t", "/s/ Roe\tRichard\t"))
    load(data_set)
    line = f"{number(2)}\t/s/ Roe\tRichard\t31-MAR-2023"
    assert archive.rejects("sec_bulk") == [("unreadable_line", {"table": "OWNER_SIGNATURE", "line": line})]
    assert len(archive.records("sec_bulk")[number(2)]["owner_signature"]) == 1


def test_quotes_tabs_and_line_ends_in_texts_are_kept(archive, data_set):
    quoted = '"A ""family"" trust,\twith\nlines."'
    edit(data_set, "FOOTNOTES", ("A family trust.", quoted))
    load(data_set)
    [_, footnote] = archive.records("sec_bulk")[number(1)]["footnotes"]
    assert footnote["FOOTNOTE_TXT"] == 'A "family" trust,\twith\nlines.'


def test_a_data_set_without_quoting_is_read_as_it_is(archive, data_set):
    edit(data_set, "FOOTNOTES", ('"The average price; ""prices"" were', '"The average" price; "prices" were'))
    edit(data_set, "FOOTNOTES", ('12.60."', "12.60."))
    load(data_set)
    assert archive.rejects("sec_bulk") == []
    [footnote, _] = archive.records("sec_bulk")[number(1)]["footnotes"]
    assert footnote["FOOTNOTE_TXT"] == '"The average" price; "prices" were from $12.40 to $12.60.'


def test_columns_that_come_and_go_are_no_matter(archive, tmp_path):
    path = tmp_path / "2006q1_form345.zip"
    xml = ownership_document(more="")
    bulk_tables.write_data_set(path, [(number(1, 2006), submission(number(1, 2006), "2006-01-03", xml=xml))])
    edit(path, "SUBMISSION", ("REMARKS", "REMARKS\tLATER"), ("Chief Financial Officer", "CFO\tnew"))
    load(path, "2006Q1")
    [record] = archive.records("sec_bulk").values()
    assert "AFF10B5ONE" not in record["submission"]
    assert record["submission"]["LATER"] == "new"
    assert archive.windows("sec_bulk") == [("2006-01-01", True, 1, 1, 0)]


class TestDownload:
    @pytest.fixture
    def sec(self, archive):
        """A server with nothing on it."""
        with EdgarServer({}).serve() as server:
            archive.configure(base_url=server.url)
            yield server

    @pytest.mark.parametrize("folder", FOLDERS)
    def test_data_sets_are_fetched_from_where_they_lie(self, archive, sec, data_set, folder):
        for quarter in ("2023q1", "2023q2"):
            path = f"/files/{folder}/data/insider-transactions-data-sets/{quarter}_form345.zip"
            sec.files[path] = data_set.read_bytes()
        assert load(None, "2023q2", "2023q1").windows == 2
        assert [window[0] for window in archive.windows("sec_bulk")] == ["2023-01-01", "2023-04-01"]
        assert {headers["User-Agent"] for _, _, headers in sec.requests} == {
            "Example Tests tests@example.com"
        }

    def test_a_quarter_that_is_not_there_is_named(self, sec):
        with pytest.raises(loader.LoadError, match=r"2023q2_form345.zip cannot be had \(missing file\)"):
            load(None)

    def test_what_is_no_zip_file_is_refused(self, sec):
        sec.files["/files/structureddata/data/insider-transactions-data-sets/2023q2_form345.zip"] = b"text"
        sec.missing = 403
        with pytest.raises(loader.LoadError, match="cannot be had"):
            load(None)

    def test_who_asks_must_be_said(self, archive, sec):
        archive.configure(user_agent="")
        with pytest.raises(loader.LoadError, match="USER_AGENT"):
            load(None)


def test_files_and_quarters_that_cannot_be_are_named(archive, data_set, tmp_path):
    with pytest.raises(loader.LoadError, match=r"nowhere.zip cannot be read"):
        load(tmp_path / "nowhere.zip")
    with pytest.raises(loader.LoadError, match="written as 2023q2, not '2023-2'"):
        load(data_set, "2023-2")
    with pytest.raises(loader.LoadError, match="one quarter"):
        load(data_set, "2023q1", "2023q2")
    (tmp_path / "text.zip").write_text("text")
    with pytest.raises(loader.LoadError, match=r"text.zip is no Insider Transactions Data Set"):
        load(tmp_path / "text.zip")
    tables = tables_of(data_set)
    del tables["FOOTNOTES.tsv"]
    write(data_set, tables)
    with pytest.raises(loader.LoadError, match=r"2023q2_form345.zip is no Insider .*FOOTNOTES"):
        load(data_set)


def test_the_command_line_takes_quarters(archive, data_set):
    command = [sys.executable, "-m", "loader", "sec_bulk", "--quarter", "2023q2", "--path", str(data_set)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, without_progress(done.stderr)) == (0, "")
    assert "sec_bulk: 2023-04-01 to 2023-06-30 in 1 windows, 2 records, 0 of them set aside" in done.stdout


@needs_real_filings
def test_real_filings_as_bulk_tables_keep_their_counts(archive, tmp_path):
    submissions = read_submissions(real_filings.archive())
    path = tmp_path / "2023q2_form345.zip"
    bulk_tables.write_data_set(path, submissions.items())
    began = time.monotonic()
    assert load(path).rejected_records == 0
    print(f"\n{len(submissions) / (time.monotonic() - began):,.0f} filings a second from bulk tables")
    counted = Counter()
    for filing in real_filings.submissions().values():
        counted.update(element.tag for element in filing.document.iter())
    tags = (
        "reportingOwner",
        "nonDerivativeTransaction",
        "nonDerivativeHolding",
        "derivativeTransaction",
        "derivativeHolding",
        "footnote",
        "ownerSignature",
    )
    lengths = ", ".join(f"sum(json_array_length(payload, '$.{table}'))::int" for table in TABLES)
    [row] = archive.query(f"select count(*), {lengths} from raw_sec_bulk.observations")
    assert row == (5409, *(counted[tag] for tag in tags))
