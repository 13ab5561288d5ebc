"""Price files as a source: what is archived, what is set aside, and what counts in the end.

Which rows are prices is told by the unit tests of stg_prices__rows.
"""

import gzip
import json
from datetime import date
from pathlib import Path

import duckdb
import pytest

import loader
from loader.errors import FeedError, SettingsError
from runner.build import dbt

pytest_plugins = ("loader_fixtures",)

MODELS = ("+load_completeness", "+quarantined_records", "path:models/staging/prices")
TESTS = ("path:models/staging/prices,test_type:generic", "prices_are_conserved", "walks_are_conserved")
HEADER = "ticker,market,session_date,close,open,split_ratio\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "prices"
    folder.mkdir()
    return folder


def observations(archive) -> list[tuple[str, str]]:
    rows = archive.query(
        "select record_id, payload from raw_prices.observations order by _dlt_load_id, page_number, position"
    )
    return [(record_id, json.loads(payload)) for record_id, payload in rows]


def closes(archive) -> list[tuple[str, float]]:
    return [(record_id[:10], payload["close"]) for record_id, payload in observations(archive)]


def test_a_row_is_a_record_with_its_texts_and_the_window_spans_the_sessions(archive, folder):
    (folder / "a.csv").write_text(
        "Ticker, Market ,session_date,close,note\nexm,us,2026-03-02, 10.50 ,\nEXM,US,2026-03-03,1e1,kept\nBENCHMARK,,2026-03-03,100,\n"
    )
    summary = loader.load("prices", path=folder)
    assert (summary.received_records, summary.rejected_records) == (3, 0)
    assert observations(archive) == [
        (
            "2026-03-02:US:ticker::EXM",
            {"ticker": "exm", "market": "us", "session_date": "2026-03-02", "close": "10.50"},
        ),
        (
            "2026-03-03:US:ticker::EXM",
            {"ticker": "EXM", "market": "US", "session_date": "2026-03-03", "close": "1e1", "note": "kept"},
        ),
        (
            "2026-03-03::ticker::BENCHMARK",
            {"ticker": "BENCHMARK", "session_date": "2026-03-03", "close": "100"},
        ),
    ]
    assert archive.query(
        "select feed, window_start, window_end, is_closed, pages_requested, reported_records, received_records,"
        " distinct_records, rejected_records from raw_prices.windows"
    ) == [("prices", date(2026, 3, 2), date(2026, 3, 3), True, 1, 3, 3, 3, 0)]


def test_files_of_all_kinds_are_read_and_an_issuer_goes_before_a_ticker(archive, folder):
    (folder / "a.csv").write_text("ticker,market,session_date,close\nEXM,US,2026-03-02,10\n")
    (folder / "b.csv.gz").write_bytes(
        gzip.compress(
            b"\xef\xbb\xbfissuer_id,source,ticker,market,session_date,close\n0000001,sec_edgar,EXM,US,2026-03-02,10\n"
        )
    )
    duckdb.sql(
        "select 'OLD' as ticker, 'GB' as market, date '2026-03-02' as session_date, 1.25::double as close, 'nan'::double as open"
    ).write_parquet(str(folder / "c.parquet"))
    (folder / "readme.txt").write_text("not a price")
    loader.load("prices", path=folder)
    assert [record_id for record_id, _ in observations(archive)] == [
        "2026-03-02:US:ticker::EXM",
        "2026-03-02:US:issuer_id:sec_edgar:0000001",
        "2026-03-02:GB:ticker::OLD",
    ]
    assert observations(archive)[2][1] == {
        "ticker": "OLD", "market": "GB", "session_date": "2026-03-02", "close": "1.25",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",US,2026-03-02,10,,", "missing_symbol"),
        ("EXM,US,03/02/2026,10,,", "unusable_session_date"),
        ("EXM,US,,10,,", "unusable_session_date"),
        ("EXM,US,2026-03-12,10,,", "unusable_session_date"),
        ("EXM,US,1826-03-02,10,,", "unusable_session_date"),
        ("EXM,US,2026-03-02,10", "unreadable_line"),
        ("EXM,US,2026-03-02,10,,,7", "unreadable_line"),
    ],
)
def test_a_row_without_a_symbol_or_a_session_is_set_aside_with_its_reason(archive, folder, row, reason):
    (folder / "a.csv").write_text(f"{HEADER}GOOD,US,2026-03-02,10,0,\n{row}\n")
    summary = loader.load("prices", path=folder)
    assert (summary.received_records, summary.rejected_records) == (2, 1)
    assert len(observations(archive)) == 1
    [(found, payload)] = archive.query("select reason, payload from raw_prices.rejects")
    assert found == reason
    assert reason != "unreadable_line" or json.loads(payload) == {"line": row}


@pytest.mark.parametrize("cells", ["ten,,", ",,", "N/A,,", "-1,,", "10,-1,", "10,,0"])
def test_a_row_with_a_symbol_and_a_session_is_archived_whatever_its_numbers_are(archive, folder, cells):
    (folder / "a.csv").write_text(f"{HEADER}EXM,US,2026-03-02,{cells}\n")
    summary = loader.load("prices", path=folder)
    assert (summary.received_records, summary.rejected_records) == (1, 0)
    given = dict(zip(HEADER.strip().split(","), f"EXM,US,2026-03-02,{cells}".split(","), strict=True))
    assert observations(archive) == [
        ("2026-03-02:US:ticker::EXM", {name: cell for name, cell in given.items() if cell not in ("", "N/A")})
    ]


def test_rows_of_a_file_for_one_price_are_all_archived_and_equal_ones_once(archive, folder):
    (folder / "a.csv").write_text(
        f"{HEADER}EXM,US,2026-03-02,10,,\nEXM,US,2026-03-02,11,,\nEXM,US,2026-03-03,12,,\nEXM,US,2026-03-03,12,,\n"
    )
    summary = loader.load("prices", path=folder)
    assert (summary.received_records, summary.rejected_records, summary.merged_records) == (3, 0, 1)
    assert closes(archive) == [("2026-03-02", "10"), ("2026-03-02", "11"), ("2026-03-03", "12")]


def test_of_several_files_the_last_by_name_counts_again_and_again(archive, folder):
    (folder / "2.csv").write_text(f"{HEADER}EXM,US,2026-03-02,20,,\n")
    (folder / "1.csv").write_text(f"{HEADER}EXM,US,2026-03-02,10,,\nEXM,US,2026-03-03,10,,\n")
    loader.load("prices", path=folder)
    assert sorted(closes(archive)) == [("2026-03-02", "20"), ("2026-03-03", "10")]
    assert loader.load("prices", path=folder).windows == 0


def test_only_what_is_new_or_changed_is_archived(archive, folder):
    def load(*rows: str) -> tuple[int, int]:
        (folder / "a.csv").write_text(HEADER + "".join(f"{row}\n" for row in rows))
        summary = loader.load("prices", path=folder)
        return summary.windows, summary.received_records

    bad = ",US,2026-03-02,10,,"
    assert load("EXM,US,2026-03-02,10,,", bad) == (1, 2)
    assert load("EXM,US,2026-03-02,10,,", bad) == (0, 0)
    assert load("EXM,US,2026-03-02,10,,", "EXM,US,2026-03-03,11,,", bad) == (1, 1)
    assert load("EXM,US,2026-03-02,12,,") == (1, 1)
    # Back to a content that was there before, on a clock that stands still.
    assert load("EXM,US,2026-03-02,10,,") == (1, 1)
    assert load("EXM,US,2026-03-02,10,,") == (0, 0)
    # Another row for the price beside it, and gone again.
    assert load("EXM,US,2026-03-02,10,,", "EXM,US,2026-03-02,-1,,") == (1, 2)
    assert load("EXM,US,2026-03-02,-1,,", "EXM,US,2026-03-02,10,,") == (0, 0)
    assert load("EXM,US,2026-03-02,10,,") == (1, 1)
    assert [close for day, close in closes(archive) if day == "2026-03-02"] == [
        "10",
        "12",
        "10",
        "10",
        "-1",
        "10",
    ]


def test_the_price_of_a_session_follows_its_file(archive, folder):
    """A contradiction leaves the price before it, and a file that is mended counts."""

    def load(*closes: str) -> int:
        rows = "".join(f"EXM,US,2026-03-03,{close},,\n" for close in closes)
        (folder / "a.csv").write_text(f"{HEADER}GOOD,US,2026-03-02,1,,\n{rows}")
        return loader.load("prices", path=folder).received_records

    def price() -> list[tuple[float]]:
        result = dbt(archive.database, "--quiet", "run", "--select", "stg_prices__rows", "stg_prices__prices")
        assert {str(item.status) for item in result.result} == {"success"}
        return archive.query("select close from staging.stg_prices__prices where symbol = 'EXM'")

    assert load("10", "11") == 3
    assert price() == []
    assert load("11") == 1
    assert price() == [(11.0,)]
    assert load("10", "11") == 2
    assert load("10", "11") == 0
    assert load("0") == 1
    assert price() == [(11.0,)]
    assert load("10") == 1
    assert price() == [(10.0,)]


def test_a_price_set_aside_for_its_day_to_come_counts_once_that_has_come(archive, folder):
    (folder / "a.csv").write_text(f"{HEADER}EXM,US,2026-03-02,10,,\nEXM,US,2026-03-12,11,,\n")
    assert loader.load("prices", path=folder).rejected_records == 1
    archive.set_clock("2026-03-12T13:00:00")
    summary = loader.load("prices", path=folder)
    assert (summary.received_records, summary.rejected_records) == (1, 0)
    assert closes(archive) == [("2026-03-02", "10"), ("2026-03-12", "11")]


def test_a_load_without_a_single_record_or_without_files_says_so(archive, folder, command_line):
    with pytest.raises(FeedError, match=r"holds no \.csv"):
        loader.load("prices", path=folder)
    with pytest.raises(FeedError, match="cannot be read: No such file"):
        loader.load("prices", path=folder / "absent.csv")
    (folder / "a.csv").write_text(f"{HEADER},US,2026-03-02,1,,\n")
    with pytest.raises(FeedError, match="none of its 1 rows has a symbol and a session"):
        loader.load("prices", path=folder)
    for header in ("ticker,session_date,close", "market,session_date,close", "ticker market session_date close",
                   "ticker,market,session_date,close,Close", "ticker,market,session_date,close,", ""):  # fmt: skip
        (folder / "a.csv").write_text(f"{header}\nx\n")
        status, _, errors = command_line("prices", "--path", str(folder))
        assert status == 1
        assert "a.csv has the columns" in errors
    (folder / "a.csv").unlink()
    (folder / "a.parquet").write_text("no parquet")
    with pytest.raises(FeedError, match="holds files that cannot be read"):
        loader.load("prices", path=folder)
    with pytest.raises(SettingsError, match="path"):
        loader.load("prices")


@pytest.mark.parametrize("cell", ["null", "NaN", "None", "N/A", "-", "NULL", "n/a", "#N/A", "nil"])
def test_a_cell_of_nothing_is_empty_and_does_not_cost_the_close(archive, folder, cell):
    (folder / "a.csv").write_text(f"{HEADER}NA,US,2026-03-02,10,{cell},{cell}\n")
    assert loader.load("prices", path=folder).rejected_records == 0
    assert observations(archive) == [
        (
            "2026-03-02:US:ticker::NA",
            {"ticker": "NA", "market": "US", "session_date": "2026-03-02", "close": "10"},
        )
    ]


@pytest.mark.parametrize(
    ("header", "rows", "read"),
    [
        # The other cells of the file decide.
        ("ticker;market;session_date;close;volume", ["A;SE;2026-03-02;1.234,5;1.000"], ("2026-03-02", "1234.5", "1000")),
        ("ticker;market;session_date;close;volume", ["A;SE;02.03.2026;10,25;7"], ("2026-03-02", "10.25", "7")),
        ("ticker\tmarket\tsession_date\tclose", ["A\tSE\t02/03/2026\t10,2", "B\tSE\t13/03/2026\t1"], ("2026-03-02", "10.2")),
        ("ticker,market,session_date,close", ["A,US,03/02/2026,10", "B,US,02/27/2026,1"], ("2026-03-02", "10")),
        ("ticker,market,session_date,close,volume", ['A,US,20260302,"1,234.5","1,000"'], ("2026-03-02", "1234.5", "1000")),
        # Between commas a point is a decimal point.
        ("ticker,market,session_date,close", ["A,US,2026-03-02,1.234"], ("2026-03-02", "1.234")),
    ],
)  # fmt: skip
def test_each_file_shows_how_it_writes_numbers_and_dates(archive, folder, header, rows, read):
    archive.set_clock("2026-03-20T13:00:00")
    (folder / "a.csv").write_text("\n".join([header, *rows, ""]))
    # Another file with the same columns, written otherwise.
    (folder / "b.csv").write_text(
        "\n".join([header, "C;US;2026-03-03;5.5;7" if ";" in header else "", ""]).rstrip() + "\n"
    )
    assert loader.load("prices", path=folder).rejected_records == 0
    [found] = [(key[:10], payload) for key, payload in observations(archive) if payload["ticker"] == "A"]
    assert (found[0], *(found[1][name] for name in ("close", "volume") if name in found[1])) == read


@pytest.mark.parametrize(
    ("rows", "found", "settings"),
    [
        (["A;SE;2026-03-02;1,234"], "1,234", {"DECIMAL_SEPARATOR": ","}),
        (["A;SE;2026-03-02;1.234"], "1.234", {"DECIMAL_SEPARATOR": "."}),
        (["A;SE;2026-03-02;10,5", "B;SE;2026-03-02;10.5"], "two forms", {"DECIMAL_SEPARATOR": ","}),
        (["A;SE;03/02/2026;10"], "03/02/2026", {"DATE_ORDER": "day_first"}),
        (
            ["A;SE;13/02/2026;10", "B;SE;02/13/2026;10"],
            "13/02/2026|02/13/2026",
            {"DATE_ORDER": "month_first"},
        ),
    ],
)
def test_a_file_that_can_be_read_in_two_ways_is_refused_until_a_setting_decides(
    archive, folder, monkeypatch, rows, found, settings
):
    (folder / "a.csv").write_text("\n".join(["ticker;market;session_date;close", *rows, ""]))
    with pytest.raises(FeedError, match=rf"a\.csv: .*({found}).*{next(iter(settings)).lower()}"):
        loader.load("prices", path=folder)
    for name, value in settings.items():
        monkeypatch.setenv(f"SOURCES__PRICES__{name}", value)
    assert loader.load("prices", path=folder).received_records == len(rows)
    # A row that the setting cannot read is quarantined, not misread.
    assert len(observations(archive)) == 1


def test_the_folder_may_stand_in_the_settings(archive, folder, monkeypatch):
    (folder / "a.csv").write_text(f"{HEADER}EXM,US,2026-03-02,10,,\n")
    monkeypatch.setenv("SOURCES__PRICES__PATH", str(folder))
    assert loader.load("prices").received_records == 1


def test_a_daily_run_loads_prices_where_a_folder_is_set(archive, folder, monkeypatch):
    assert loader.wanted_sources() == ["filings_api", "ecb_rates"]
    monkeypatch.setenv("SOURCES__PRICES__PATH", str(folder))
    assert loader.wanted_sources() == ["filings_api", "ecb_rates", "prices"]


def test_names_with_quotes_do_no_harm(archive, folder):
    odd = folder / "it's"
    odd.mkdir()
    (odd / "a'b.csv").write_text(
        'ticker,market,session_date,close,"o\'d""d"\nO\'X,US,2026-03-02,10,"a""b\'c"\n'
    )
    loader.load("prices", path=odd)
    assert observations(archive) == [
        (
            "2026-03-02:US:ticker::O'X",
            {
                "ticker": "O'X",
                "market": "US",
                "session_date": "2026-03-02",
                "close": "10",
                "o'd\"d": "a\"b'c",
            },
        )
    ]


def test_prices_reach_staging_completeness_and_quarantine_and_never_decide_the_as_of_date(archive, folder):
    (folder / "a.csv").write_text(
        f"{HEADER}EXM,US,2026-03-02,20,10,\nEXM,US,2026-03-03,11,0,2\nEXM,US,2026-03-04,-1,,\n"
    )
    loader.load("prices", path=folder)
    (folder / "a.csv").write_text(f"{HEADER}EXM,US,2026-03-03,12,0,2\n")
    loader.load("prices", path=folder)
    for arguments in (["seed"], ["run", "--select", *MODELS], ["test", "--select", *TESTS]):
        result = dbt(archive.database, "--quiet", *arguments)
        assert {str(item.status) for item in result.result} <= {"success", "pass"}
    assert archive.query(
        "select session_date::text, open, close, adjusted_open, adjusted_close, adjustment, split_factor"
        " from staging.stg_prices__closes order by 1"
    ) == [
        ("2026-03-02", 10.0, 20.0, 5.0, 10.0, "splits", 2.0),
        ("2026-03-03", None, 12.0, None, 12.0, "splits", 1.0),
    ]
    assert archive.query("select as_of_date from intermediate.int_as_of") == [(None,)]
    assert archive.query(
        "select feed, reported_records, received_records, archived_records, set_aside_records, status"
        " from marts.load_completeness order by finished_at"
    ) == [("prices", 3, 3, 3, 0, "verified"), ("prices", 1, 1, 1, 0, "verified")]
    assert archive.query("select source, reason from marts.quarantined_records") == [
        ("prices", "unusable_close")
    ]
