"""Ownership filings from EDGAR: what is asked for, what is archived, and what happens when EDGAR misbehaves."""

import random
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import edgar_server
import pytest
from edgar_server import ARCHIVES, THROTTLED, WEB_PAGE, EdgarServer, IndexLine
from loader_fixtures import without_progress
from project import PROJECT
from sec_filings import (
    ISSUER_CIK,
    OWNERS,
    TRANSACTION,
    filings,
    load,
    number,
    ownership_document,
    submission,
)

import loader
from loader.config import read_settings
from loader.sources.sec.client import SecClient, Settings

pytest_plugins = ("sec_fixtures",)

MONDAY = "2023-04-03"


def test_a_filing_is_archived_with_the_facts_of_its_header_and_its_whole_document(archive, edgar):
    accession_number = number(1)
    edgar.submissions = {accession_number: submission(accession_number, MONDAY, owners=OWNERS)}
    edgar.lines = edgar_server.index_lines(edgar.submissions)
    load(MONDAY)
    [record] = archive.records().values()
    document = record.pop("ownership_document")
    assert record == {
        "accession_number": accession_number,
        "form_type": "4",
        "filing_date": MONDAY,
        "acceptance_datetime": "20230403173015",
        "accepted_at": "2023-04-03T17:30:15-04:00",
        "period_of_report": "2023-03-30",
        "date_as_of_change": MONDAY,
        "issuer_cik": f"{ISSUER_CIK:010d}",
        "owner_ciks": [f"{cik:010d}" for cik, _ in OWNERS],
        "file_number": None,
        "url": f"https://www.sec.gov/Archives/edgar/data/{ISSUER_CIK}/{accession_number}.txt",
        "listed": [
            {"cik": str(cik), "company_name": name, "path": f"edgar/data/{cik}/{accession_number}.txt"}
            for cik, name in (*OWNERS, (ISSUER_CIK, "EXAMPLE & SONS INC"))
        ],
    }
    assert [owner["reportingOwnerId"]["rptOwnerName"] for owner in document["reportingOwner"]] == [
        name for _, name in OWNERS
    ]


def test_a_filing_listed_under_several_numbers_is_fetched_and_archived_once(archive, edgar):
    assert len(edgar.lines) > len(edgar.submissions) == 12
    summary = load(MONDAY, "2023-04-06")
    assert summary.received_records == 12
    assert len(edgar.paths("/data/")) == 12
    assert archive.query("select count(*), count(distinct record_id) from raw_sec_edgar.observations") == [
        (12, 12)
    ]
    days = [f"2023-04-0{day}" for day in (3, 4, 5, 6)]
    assert archive.windows() == [(day, True, 3, 3, 0) for day in days]


def test_days_of_more_bytes_than_may_be_kept_in_memory_come_one_by_one(archive, edgar, monkeypatch):
    monkeypatch.setenv("RUNTIME__WINDOW_MAX_BYTES", "20000")
    assert load(MONDAY, "2023-04-06").received_records == 12
    assert len(edgar.paths("/data/")) > 12
    monkeypatch.setenv("RUNTIME__WINDOW_MAX_BYTES", "2000")
    with pytest.raises(loader.LoadError, match=r"2023-04-03\.\.2023-04-03: .*2,000 bytes.*window_max_bytes"):
        loader.load("sec_edgar", reconcile=True)


def test_forms_3_4_and_5_and_their_amendments_are_taken_and_no_others(archive, edgar):
    forms = ["3", "3/A", "4", "4/A", "5", "5/A", "8-K", "424B4", "SC 13D/A", "10-K405", "S-4", "144"]
    edgar.submissions = {
        number(serial): submission(number(serial), MONDAY, form_type=form)
        for serial, form in enumerate(forms)
    }
    edgar.lines = [
        IndexLine(
            str(ISSUER_CIK), "A|B INC", form, "20230403", f"edgar/data/{ISSUER_CIK}/{number(serial)}.txt"
        )
        for serial, form in enumerate(forms)
    ]
    load(MONDAY)
    assert sorted(record["form_type"] for record in archive.records().values()) == forms[:6]
    assert archive.records()[number(0)]["listed"][0]["company_name"] == "A|B INC"


def test_every_request_says_who_asks(archive, edgar):
    load(MONDAY)
    agents = {headers["User-Agent"] for _, _, headers in edgar.requests}
    assert agents == {"Example Tests tests@example.com"}


@pytest.mark.parametrize("agent", ["", "jane@example.com", "Jane Doe", "Jane Doe jané@example.com"])
def test_without_a_name_and_an_address_nothing_is_asked(archive, edgar, agent):
    archive.configure(user_agent=agent)
    with pytest.raises(loader.LoadError, match="SOURCES__SEC_EDGAR__USER_AGENT"):
        load(MONDAY)
    assert edgar.requests == []


def test_the_command_line_says_what_is_missing(archive):
    archive.configure(user_agent="")
    command = [sys.executable, "-m", "loader", "sec_edgar"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert without_progress(done.stderr).startswith(
        "sec_edgar: the SEC wants to know who asks: set user_agent to a name and an e-mail"
    )


class TestDays:
    def test_a_day_that_is_complete_costs_one_request_and_archives_nothing(self, archive, edgar):
        load(MONDAY)
        edgar.requests.clear()
        assert str(load(MONDAY)) == "sec_edgar: nothing new"
        assert edgar.paths() == [f"{ARCHIVES}daily-index/2023/QTR2/master.20230403.idx"]
        assert len(archive.windows()) == 1
        assert archive.query("select count(*) from raw_sec_edgar._dlt_loads") == [(1,)]

    def test_a_filing_that_is_listed_later_is_fetched_alone_and_its_day_archived_as_a_whole(
        self, archive, edgar
    ):
        load(MONDAY)
        edgar.submissions["late"] = b""
        late = number(500)
        edgar.submissions[late] = submission(late, MONDAY)
        edgar.lines = edgar_server.index_lines({n: c for n, c in edgar.submissions.items() if n != "late"})
        edgar.requests.clear()
        load(MONDAY)
        assert [path[-24:-4] for path in edgar.paths("/data/")] == [late]
        assert archive.windows() == [(MONDAY, True, 3, 3, 0), (MONDAY, True, 4, 4, 0)]
        contents = "select record_id, count(*), count(distinct content_hash) from raw_sec_edgar.observations"
        assert sorted(archive.query(f"{contents} group by all")) == [
            *((number(serial), 2, 1) for serial in (1, 2, 3)),
            (late, 1, 1),
        ]

    def test_a_filing_that_is_no_longer_listed_is_missing_in_the_new_walk(self, archive, edgar):
        load(MONDAY)
        edgar.lines = [line for line in edgar.lines if number(1) not in line.path]
        edgar.requests.clear()
        load(MONDAY)
        assert edgar.paths("/data/") == []
        assert archive.windows()[-1] == (MONDAY, True, 2, 2, 0)
        assert str(load(MONDAY)) == "sec_edgar: nothing new"

    def test_reconciling_fetches_everything_and_archives_what_changed(self, archive, edgar):
        load(MONDAY, "2023-04-04")
        xml = ownership_document(rows=TRANSACTION.replace("1000", "1001"))
        edgar.submissions[number(2)] = submission(number(2), MONDAY, xml=xml)
        edgar.requests.clear()
        summary = loader.load("sec_edgar", reconcile=True)
        assert len(edgar.paths("/data/")) == 6
        assert (summary.windows, summary.received_records) == (1, 3)
        assert [window[0] for window in archive.windows()] == [MONDAY, "2023-04-04", MONDAY]

    def test_days_without_an_index_are_complete_when_a_later_day_has_one(self, archive, edgar):
        # Good Friday: the directory lists no index for it, and one for the Monday after.
        archive.set_clock("2023-04-11T13:00:00")
        edgar.lines += edgar_server.index_lines({number(900): submission(number(900), "2023-04-10")})
        edgar.submissions[number(900)] = submission(number(900), "2023-04-10")
        summary = load(MONDAY, "2023-04-10")
        assert summary.complete_through == date(2023, 4, 10)
        assert [window[0][-2:] for window in archive.windows() if window[2] == 0] == ["07", "08", "09"]
        assert edgar.paths("20230407") == edgar.paths("20230408") == []
        assert len(edgar.paths("index.json")) == 1

    @pytest.mark.parametrize("missing", [403, 404])
    def test_a_working_day_whose_index_may_still_come_is_not_complete(self, archive, edgar, missing):
        edgar.missing = missing
        summary = load(MONDAY, "2023-04-09")
        assert summary.complete_through == date(2023, 4, 6)
        assert [window[0][-2:] for window in archive.windows()] == ["03", "04", "05", "06", "08", "09"]
        archive.set_clock("2023-04-15T13:00:00")
        assert loader.load("sec_edgar", end_date=date(2023, 4, 7)).complete_through == date(2023, 4, 9)

    def test_a_day_that_is_not_over_in_new_york_is_loaded_but_not_closed(self, archive, edgar):
        archive.set_clock("2023-04-07T03:30:00")
        assert load("2023-04-05", "2023-04-06").complete_through == date(2023, 4, 5)
        assert archive.windows() == [("2023-04-05", True, 3, 3, 0), ("2023-04-06", False, 3, 3, 0)]
        archive.set_clock("2023-04-07T04:30:00")
        edgar.requests.clear()
        assert load("2023-04-06").complete_through == date(2023, 4, 6)
        assert edgar.paths("/data/") == []
        assert archive.windows()[-1] == ("2023-04-06", True, 3, 3, 0)

    def test_a_run_goes_on_where_the_archive_ends_less_the_lag(self, archive, edgar):
        archive.configure(lag_days=2)
        load(MONDAY, "2023-04-05")
        edgar.requests.clear()
        assert loader.load("sec_edgar").complete_through == date(2023, 4, 6)
        indexes = re.findall(r"master\.\d{6}(\d\d)", " ".join(edgar.paths()))
        assert indexes == ["04", "05", "06"]
        assert len(edgar.paths("/data/")) == 3

    def test_the_first_quarterly_directory_of_a_new_quarter_may_not_be_there_yet(self, archive, edgar):
        archive.set_clock("2023-04-04T13:00:00")
        edgar.lines = []
        summary = load("2023-04-01", MONDAY)
        assert summary.complete_through == date(2023, 4, 2)
        edgar.lines = edgar_server.index_lines(edgar.submissions)
        assert load("2023-04-01", MONDAY).complete_through == date(2023, 4, 3)

    def test_a_wrong_address_is_not_taken_for_days_without_filings(self, archive, edgar):
        archive.configure(base_url=f"{edgar.url}/wrong")
        with pytest.raises(
            loader.LoadError, match=r"QTR1/index.json cannot be read \(missing file\): check base_url"
        ):
            load("2023-03-01", "2023-03-03")
        assert not archive.database.exists() or archive.query("from information_schema.tables") == []


class TestFullIndex:
    @pytest.fixture
    def quarter(self, edgar, archive):
        """EDGAR half a year later."""
        archive.set_clock("2023-10-20T13:00:00")
        return edgar

    def test_settled_quarters_of_a_long_run_are_read_in_one_request(self, archive, quarter):
        summary = load("2023-04-01", "2023-04-30")
        assert quarter.paths("index") == [f"{ARCHIVES}full-index/2023/QTR2/master.idx"]
        assert (summary.received_records, summary.complete_through) == (12, date(2023, 4, 30))
        assert sum(reported for _, _, reported, _, _ in archive.windows()) == 12
        assert len(archive.windows()) == 30

    def test_both_indexes_give_the_same_records(self, archive, quarter):
        load("2023-04-01", "2023-04-30")
        assert str(load("2023-04-03", "2023-04-06", reconcile=True)) == "sec_edgar: nothing new"
        assert quarter.paths("daily-index")

    def test_the_present_quarter_and_one_just_over_are_read_from_daily_indexes(self, archive, quarter):
        archive.set_clock("2023-07-06T13:00:00")
        load("2023-04-01", "2023-04-30")
        assert quarter.paths("full-index") == []
        assert len(quarter.paths("daily-index")) == 5


class TestFaults:
    def test_what_goes_wrong_once_leaves_no_trace(self, archive, edgar):
        faults = ["reset", "cut", (429, b""), (403, THROTTLED), THROTTLED, (500, b""), (503, WEB_PAGE)]
        faults += [b"", b" \n", WEB_PAGE, (404, b"")]
        edgar.submissions = filings([MONDAY], a_day=len(faults))
        edgar.lines = edgar_server.index_lines(edgar.submissions)
        of_file = dict(zip(edgar.submissions, faults, strict=True))
        failed = {}

        def once(_, path):
            name = path[-24:-4]
            if name not in failed:
                failed[name] = of_file.get(name, b"")
                return failed[name]
            return None

        edgar.fault = once
        load(MONDAY)
        assert of_file.items() <= failed.items()
        assert len(failed) == len(faults) + 2
        assert archive.windows() == [(MONDAY, True, 11, 11, 0)]
        assert all("ownership_document" in record for record in archive.records().values())

    @pytest.mark.parametrize("fault", [(403, THROTTLED), (429, b""), THROTTLED], ids=["403", "429", "page"])
    def test_throttling_that_does_not_end_stops_the_load_and_says_so(self, archive, edgar, fault):
        load(MONDAY)
        edgar.fault = lambda _, path: fault if number(5) in path else None
        with pytest.raises(loader.LoadError) as stopped:
            load(MONDAY, "2023-04-05")
        message = str(stopped.value)
        assert "the SEC's limit of requests outlasted all retries: run again in ten minutes" in message
        assert "window 2023-04-03..2023-04-05: Archives/edgar/data/" in message
        assert len(edgar.paths(number(5))) == 3
        assert [window[0] for window in archive.windows()] == [MONDAY]
        assert archive.rejects() == []

    def test_what_cannot_be_read_is_set_aside_and_asked_for_again_later(self, archive, edgar):
        cases = [
            (lambda n: b"", "empty_file"),
            (lambda n: WEB_PAGE, "web_page"),
            (lambda n: None, "missing_file"),
            (lambda n: submission(number(99), MONDAY), "another_submission"),
            (lambda n: submission(n, MONDAY, xml="<XBRL></XBRL>"), "no_ownership_document"),
            (lambda n: submission(n, MONDAY).partition(b"<TYPE>4")[0], "no_ownership_document"),
            (lambda n: submission(n, MONDAY, xml="<ownershipDocument>"), "malformed_ownership_document"),
            (lambda n: submission(n, MONDAY, xml="<ownershipDocument/>"), "malformed_ownership_document"),
            (
                lambda n: submission(n, MONDAY, xml="<x><ownershipDocument/></x>"),
                "malformed_ownership_document",
            ),
            (lambda n: submission(n, "2023-13-03"), "malformed_header"),
            (lambda n: submission(n, MONDAY, accepted="9"), "malformed_header"),
        ]
        edgar.submissions = filings([MONDAY], a_day=len(cases) + 1)
        edgar.lines = edgar_server.index_lines(edgar.submissions)
        right = dict(edgar.submissions)
        for (make, _), accession_number in zip(cases, right, strict=False):
            edgar.submissions[accession_number] = make(accession_number)
        load(MONDAY)
        rejects = archive.rejects()
        assert [reason for reason, _ in rejects] == [reason for _, reason in cases]
        for (reason, payload), accession_number in zip(rejects, right, strict=False):
            assert (payload["accession_number"], payload["form_type"]) == (accession_number, "4")
            assert payload["listed"][0]["path"].endswith(f"{accession_number}.txt")
            if reason != "missing_file":
                assert payload["submission"] == edgar.submissions[accession_number].decode()
            assert len(edgar.paths(accession_number)) == 3
        assert archive.windows() == [(MONDAY, True, 12, 12, 11)]
        # It stays as it is: nothing new. It heals: the day is whole.
        assert str(load(MONDAY)) == "sec_edgar: nothing new"
        edgar.submissions = right
        load(MONDAY)
        assert archive.windows()[1:] == [(MONDAY, True, 12, 12, 0)]
        assert archive.records().keys() == right.keys()

    def test_a_file_that_is_missing_under_one_number_is_found_under_another(self, archive, edgar):
        first = next(line for line in edgar.lines if number(1) in line.path)
        edgar.fault = lambda _, path: (
            (403, edgar_server.MISSING % b"AccessDenied") if first.path in path else None
        )
        load(MONDAY)
        assert archive.rejects() == []
        assert len(edgar.paths(number(1))) == 2

    def test_entities_are_not_resolved(self, archive, edgar):
        bomb = (
            '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>\n<ownershipDocument><remarks>&b;</remarks>'
        )
        bomb += "</ownershipDocument>"
        file = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>\n<ownershipDocument><remarks>&a;</remarks>'
        file += "</ownershipDocument>"
        deep = "<ownershipDocument>" + "<a>" * 5000 + "</a>" * 5000 + "</ownershipDocument>"
        for serial, xml in enumerate((bomb, file, deep), start=1):
            edgar.submissions[number(serial)] = submission(number(serial), MONDAY, xml=xml)
        load(MONDAY)
        assert [reason for reason, _ in archive.rejects()] == ["malformed_ownership_document"] * 3

    @pytest.mark.parametrize(
        "content", [b"", WEB_PAGE, b"nothing of the kind"], ids=["empty", "page", "text"]
    )
    def test_an_index_that_cannot_be_read_stops_the_load(self, archive, edgar, content):
        load(MONDAY)
        edgar.fault = lambda _, path: content if "20230404" in path else None
        with pytest.raises(
            loader.LoadError, match=r"window 2023-04-04..2023-04-04: the index .*20230404.idx cannot"
        ):
            load(MONDAY, "2023-04-05")
        assert [window[0] for window in archive.windows()] == [MONDAY]

    def test_a_server_that_is_not_there_is_named(self, archive, edgar):
        archive.configure(base_url="http://127.0.0.1:9")
        with pytest.raises(loader.LoadError, match="no answer"):
            load(MONDAY)


class TestLimiter:
    def test_a_hundred_requests_are_never_more_than_ten_in_a_second(self, archive, edgar):
        archive.configure(requests_per_second=10)
        edgar.requests_in_a_second = 10
        edgar.submissions = filings([MONDAY], a_day=98)
        edgar.lines = edgar_server.index_lines(edgar.submissions)
        load(MONDAY)
        assert archive.windows() == [(MONDAY, True, 98, 98, 0)]
        times = [time for time, _, _ in edgar.requests]
        assert len(times) == 100
        assert all(later - earlier >= 1 for earlier, later in zip(times, times[10:], strict=False))

    # A busy machine is slower.
    @pytest.mark.nightly
    def test_a_slow_server_still_gets_nine_tenths_of_the_rate(self, archive, edgar):
        archive.configure(requests_per_second=20, workers=16)
        client = SecClient(read_settings("sec_edgar", Settings))
        edgar.fault = lambda *_: time.sleep(0.4)
        edgar.requests.clear()
        path = f"Archives/{edgar.lines[0].path}"
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(lambda _: client.fetch([path], len), range(40)))
        times = [time for time, _, _ in edgar.requests]
        assert 39 / (times[-1] - times[0]) >= 18


OBSERVATIONS = """
    select record_id, content_hash, window_start, page_number, position
    from raw_sec_edgar.observations
    where _dlt_load_id in (select load_id from raw_sec_edgar._dlt_loads where status = 0)
    qualify row_number() over (partition by walk_id, page_number, position order by _dlt_load_id) = 1
    order by all
"""


def test_runs_killed_at_random_moments_end_where_an_undisturbed_one_does(
    archive, edgar, tmp_path, monkeypatch
):
    # Each month is a load package; March and February come from the full index.
    days = ["2023-02-27", "2023-02-28", "2023-03-01", "2023-03-31", "2023-04-05", "2023-04-06"]
    edgar.submissions = filings(days, a_day=60)
    edgar.lines = edgar_server.index_lines(edgar.submissions)
    chance = random.Random()
    for _ in range(3):
        requests = len(edgar.requests)
        command = [
            sys.executable,
            "-m",
            "loader",
            "sec_edgar",
            "--start-date",
            days[0],
            "--end-date",
            days[-1],
        ]
        process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while len(edgar.requests) == requests and process.poll() is None:
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 1))
        process.send_signal(signal.SIGKILL)
        process.wait()
    load(days[0], days[-1])
    killed = archive.query(OBSERVATIONS)
    monkeypatch.setenv("INSIDER_FILINGS_DB", str(tmp_path / "undisturbed.duckdb"))
    archive.database = tmp_path / "undisturbed.duckdb"
    load(days[0], days[-1])
    assert killed == archive.query(OBSERVATIONS)
    assert len(killed) == 360


def test_an_interrupted_load_goes_on_with_the_day_it_stopped_at(archive, edgar):
    edgar.fault = lambda _, path: (404, b"") if "20230406" in path else None
    with pytest.raises(loader.LoadError, match="2023-04-06"):
        load(MONDAY, "2023-04-06")
    loaded = [window[0] for window in archive.windows()]
    assert loaded == [MONDAY, "2023-04-04", "2023-04-05"]
    edgar.fault = lambda *_: None
    edgar.requests.clear()
    load(MONDAY, "2023-04-06")
    assert len(edgar.paths("/data/")) == 3


def test_the_server_serves_what_edgar_would():
    with EdgarServer(filings([MONDAY])).serve() as server:
        path = f"{ARCHIVES}data/{ISSUER_CIK}/{number(1)}.txt"
        assert server.reply(path)[0] == 200
        assert server.reply(path.replace(str(ISSUER_CIK), "77"))[0] == 404
        assert b"NoSuchKey" in server.reply(f"{ARCHIVES}daily-index/2023/QTR2/master.20230404.idx")[1]
