"""The generic feed: what is asked, what is archived, where a run goes on."""

import json
import re
import shutil
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime

import pytest
from feed_server import FeedServer, filing, filings
from project import PROJECT

import loader
import loader.archive.load
from loader.archive.archive import archived_days
from loader.config import read_secret

pytest_plugins = ("loader_fixtures",)

JANUARY = {"start_date": date(2026, 1, 1), "end_date": date(2026, 1, 31)}


@pytest.mark.parametrize("paging", ["cursor", "page", "offset", "next_url", "none"])
@pytest.mark.parametrize(("method", "counts"), [("GET", True), ("POST", True), ("GET", False)])
def test_every_record_comes_once_and_as_it_was_sent(archive, feed, paging, method, counts):
    feed.records, feed.paging, feed.counts = filings(25), paging, counts
    archive.configure(pagination=paging, method=method, page_size=10)
    summary = loader.load("filings_api", **JANUARY)
    assert archive.payloads() == [json.dumps(record) for record in feed.records]
    assert (summary.windows, summary.received_records, summary.rejected_records) == (1, 25, 0)
    assert summary.complete_through == date(2026, 1, 31)
    assert {request[0] for request in feed.requests} == {method}
    [row] = archive.query(
        "select reported_records, reported_pages, received_records, distinct_records, rejected_records,"
        " second_walk from raw_filings_api.windows"
    )
    assert row == (25 if counts else None, 3 if counts and paging == "page" else None, 25, 25, 0, None)


@pytest.mark.parametrize(
    ("settings", "header", "parameters"),
    [
        ({"api_key": "k"}, ("Authorization", "Bearer k"), {}),
        ({"auth": "bearer"}, ("Authorization", None), {}),
        ({"auth": "header", "api_key": "k"}, ("X-API-Key", "k"), {}),
        (
            {"auth": "header", "api_key": "k", "api_key_name": "Authorization", "api_key_prefix": "Token "},
            ("Authorization", "Token k"),
            {},
        ),
        ({"auth": "query", "api_key": "k /&"}, ("Authorization", None), {"api_key": "k /&"}),
        ({"auth": "query", "api_key": "k", "api_key_name": "token"}, ("Authorization", None), {"token": "k"}),
        ({"auth": "none", "api_key": "k"}, ("Authorization", None), {}),
    ],
)
def test_the_key_goes_where_the_feed_expects_it(archive, feed, settings, header, parameters):
    feed.records = filings(3)
    archive.configure(page_size=2, **settings)
    archive.walk()
    assert len(feed.requests) == 2
    for _, _, asked, headers in feed.requests:
        assert headers.get(header[0]) == header[1]
        assert {name: asked.get(name) for name in parameters} == parameters
        assert ("api_key" in asked) == ("api_key" in parameters)


def test_names_and_paths_are_configuration(archive, feed):
    feed.edit = lambda reply, _: {
        "data": {"items": [{"key": {"a": "x", "b": 7}}]},
        "meta": {"next-cursor": None, "total": "1"},
    }
    archive.configure(
        path="/v2/insiders/",
        from_parameter="since",
        to_parameter="until",
        page_size_parameter="limit",
        sort_parameter="sort",
        sort_value="filed_at",
        extra_parameters={"country": "FR"},
        records_path="data.items",
        cursor_path="meta.next-cursor",
        total_path="meta.total",
        record_id=["key.a", "key.b"],
        field_paths__lines="legs",
        field_paths__record__ticker=["symbol", "ticker"],
        timestamp_zone="Europe/Paris",
        decimal_separator=",",
        default_country="FR",
    )
    loader.load("filings_api", **JANUARY)
    _, path, asked, _ = feed.requests[0]
    assert path == "/v2/insiders/"
    assert asked == {
        "since": "2026-01-01",
        "until": "2026-01-31",
        "limit": "500",
        "sort": "filed_at",
        "country": "FR",
    }
    assert archive.query("select record_id from raw_filings_api.observations") == [("x:7",)]
    [(reported, field_paths)] = archive.query(
        "select reported_records, field_paths from raw_filings_api.windows"
    )
    assert reported == 1
    paths = json.loads(field_paths)
    assert paths["lines"] == ["legs"]
    assert paths["record"]["ticker"] == ["symbol", "ticker"]
    assert paths["owner"]["insider_id"] == ["insider_id", "id"]
    assert paths["line"]["is_10b5_1"] == ["is_10b5_1"]
    records = paths["reading"].pop("records")
    assert paths["reading"] == {
        "timestamp_zone": "Europe/Paris",
        "decimal_separator": ",",
        "default_country": "FR",
    }
    assert records == {
        "encoding": None,
        "path": "/v2/insiders/",
        "record_id": ["key.a", "key.b"],
        "records_path": "data.items",
    }


def test_dots_in_the_parameters_of_a_body_nest(archive, feed):
    feed.records = filings(3)
    archive.configure(method="POST", from_parameter="filter.from", to_parameter="filter.to", page_size=2)
    archive.configure(sort_parameter="sort", sort_value=[{"filed_at": "asc"}])
    loader.load("filings_api", **JANUARY)
    assert [asked for _, _, asked, _ in feed.requests[:2]] == [
        {"filter": {"from": "2026-01-01", "to": "2026-01-31"}, "page_size": 2, "sort": [{"filed_at": "asc"}]}
        | cursor
        for cursor in ({}, {"cursor": "2"})
    ]


def test_settings_and_secrets_come_from_the_project_files(archive, feed, monkeypatch, tmp_path, run_loader):
    feed.records = filings(3)
    settings = (PROJECT / ".dlt/config.toml").read_text()
    settings = settings.replace('# base_url = "https://api.example.com/v1"', f'base_url = "{feed.url}"')
    settings = settings.replace("# start_date = 2024-01-01", "start_date = 2026-01-01")
    (tmp_path / ".dlt").mkdir()
    (tmp_path / ".dlt/config.toml").write_text(settings)
    shutil.copy(PROJECT / ".dlt/example.secrets.toml", tmp_path / ".dlt/secrets.toml")
    for name in ("BASE_URL", "API_KEY"):
        monkeypatch.delenv(f"SOURCES__FILINGS_API__{name}")
    monkeypatch.setenv("DLT_PROJECT_DIR", str(tmp_path))
    status, output, errors = run_loader("filings_api")
    assert (status, errors) == (0, "")
    assert "2026-01-01 to 2026-03-10 in 4 windows, 3 records" in output
    assert feed.requests[0][3]["Authorization"] == "Bearer your key"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"base_url": ""}, "base_url"),
        ({"base_url": "ftp://example.com"}, "base_url"),
        ({"base_url": "ftp://u:pass@example.com"}, "^base_url has to be an address that begins with http"),
        (
            {"pagination": "pages"},
            "pagination is 'pages', and has to be one of cursor, page, offset, next_url, none: see",
        ),
        (
            {"no_content_statuses": [500]},
            r"no_content_statuses is \[500\], and has to be one of 204, 205, 400",
        ),
        ({"window": "quarter"}, "has to be one of month, week, day"),
        ({"second_walk": "yes"}, "second_walk is 'yes', and has to be true or false"),
        ({"page_size": "many"}, "page_size is 'many', and has to be a whole number of at least 1"),
        ({"page_size": 0}, "page_size is '0', and has to be a whole number of at least 1"),
        ({"first_page": "a"}, "first_page is 'a', and has to be a whole number:"),
        ({"start_date": "01.02.2026"}, "start_date is '01.02.2026', and has to be a day such as 2026-03-31"),
        ({"time_zone": "europe/pris"}, "time_zone: .*did you mean Europe/Paris?"),
        ({"timestamp_zone": "Markt"}, "timestamp_zone: .*did you mean market?"),
        ({"timestamp_zone": "MEZ+1"}, "timestamp_zone: .*market, UTC or one such as Europe/Paris"),
        ({"time_zone": "Atlantis/Capital"}, "time_zone: unknown time zone 'Atlantis/Capital'"),
        ({"timestamp_zone": "Atlantis/Capital"}, "timestamp_zone: unknown time zone 'Atlantis/Capital'"),
        ({"decimal_separator": ";"}, "decimal_separator is ';', and has to be one of auto, ., ,:"),
        ({"default_country": "France"}, "default_country has to be two letters such as FR"),
        ({"default_currency": "€"}, "default_currency has to be three letters such as EUR"),
        ({"extra_parameters": "{country: FR}"}, "extra_parameters"),
        ({"api_key": "pasted\nwith a line break"}, "api_key"),
    ],
)
def test_impossible_settings_are_named(archive, feed, settings, message):
    archive.configure(**settings)
    with pytest.raises(loader.LoadError, match=message):
        loader.load("filings_api", **JANUARY)
    assert feed.requests == []


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({"timestamp_zone": "utc"}, "UTC"),
        ({"timestamp_zone": " Market"}, "market"),
        ({"timestamp_zone": "EUROPE/paris"}, "Europe/Paris"),
    ],
)
def test_one_of_few_values_may_be_written_in_any_case(archive, feed, given, read):
    feed.records = filings(3)
    archive.configure(
        method="Post", auth="Header", api_key="k", pagination="CURSOR", window="Week", decimal_separator="Auto",
        time_zone="etc/gmt+12", **given,
    )  # fmt: skip
    assert loader.load("filings_api", **JANUARY).windows == 5
    method, _, _, headers = feed.requests[0]
    assert (method, headers["X-API-Key"]) == ("POST", "k")
    [(field_paths,)] = archive.query("select distinct field_paths from raw_filings_api.windows")
    reading = json.loads(field_paths)["reading"]
    assert (reading["timestamp_zone"], reading["decimal_separator"]) == (read, "auto")


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("RUNTIME__REQUEST_TIMEOUT", "abc", "request_timeout, a setting of dlt, is 'abc', and has to be a number"),
        ("RUNTIME__REQUEST_TIMEOUT", "-1", "request_timeout is '-1', and has to be a number above 0.*\\[runtime\\]"),
        ("RUNTIME__REQUEST_MAX_ATTEMPTS", "0", "request_max_attempts is '0', and has to be a whole number of at least 1"),
        ("RUNTIME__LOG_LEVEL", "loud", "log_level in .*has to be one of CRITICAL, ERROR, WARNING, INFO, DEBUG"),
        ("RUNTIME__DLTHUB_TELEMETRY", "maybe", "dlthub_telemetry, a setting of dlt, is 'maybe', and has to be true or false"),
        ("LOAD__WORKERS", "x", "workers, a setting of dlt, is 'x', and has to be a whole number"),
        ("NORMALIZE__PARQUET_NORMALIZER__ADD_DLT_LOAD_ID", "x", "add_dlt_load_id, a setting of dlt, is 'x'"),
    ],
)  # fmt: skip
def test_a_setting_of_dlt_with_an_impossible_value_is_named(
    archive, feed, monkeypatch, run_loader, variable, value, message
):
    monkeypatch.setenv(variable, value)
    status, output, errors = run_loader(
        "filings_api", "--start-date", "2026-01-01", "--end-date", "2026-01-31"
    )
    assert (status, output, errors.count("\n")) == (1, "", 1)
    assert re.search(message, errors)


def test_a_log_level_may_be_written_in_any_case(archive, feed, monkeypatch, run_loader):
    monkeypatch.setenv("RUNTIME__LOG_LEVEL", "critical")
    assert run_loader("filings_api", "--start-date", "2026-01-01", "--end-date", "2026-01-31")[0] == 0


def test_unknown_keys_are_named(archive, feed, monkeypatch, tmp_path, run_loader):
    settings = (PROJECT / ".dlt/config.toml").read_text()
    (tmp_path / ".dlt").mkdir()
    (tmp_path / ".dlt/config.toml").write_text(
        settings.replace(
            "[sources.filings_api]", '[sources.filings_api]\nfield_paths.record.tickr = "symbol"'
        )
    )
    monkeypatch.setenv("DLT_PROJECT_DIR", str(tmp_path))
    status, _, errors = run_loader("filings_api", "--start-date", "2026-01-01")
    assert status == 1
    assert errors.count("\n") == 1
    assert "tickr in [sources.filings_api.field_paths.record] is no setting: did you mean ticker?" in errors


def test_settings_that_are_no_toml_are_named(archive, monkeypatch, tmp_path, run_loader):
    (tmp_path / ".dlt").mkdir()
    (tmp_path / ".dlt/config.toml").write_text("[sources.filings_api\n")
    monkeypatch.setenv("DLT_PROJECT_DIR", str(tmp_path))
    for source in ("filings_api", "ecb_rates"):
        status, _, errors = run_loader(source)
        assert (status, errors.count("\n")) == (1, 1)
        assert errors.startswith(f"{source}: A problem encountered when loading config.toml")


def test_the_text_of_a_record_is_kept_to_the_byte(archive, feed):
    texts = [
        '{"id": "a",  "price": 12.50,\n "shares": 1e3}',
        '{"id":"b","name":"Åsa \\u00c5","amount":12345678901234567890.123456789012345}',
        '{"id": 7, "id": 8, "nested": {"results": [1, 2]}}',
    ]
    feed.counts = False
    body = b'\xef\xbb\xbf{"next_cursor": null, "results": [ ' + ", ".join(texts).encode() + b" ]}"
    feed.edit = lambda reply, _: body
    loader.load("filings_api", **JANUARY)
    assert archive.payloads() == texts
    ids = archive.query("select record_id from raw_filings_api.observations order by position")
    assert ids == [("a",), ("b",), ("8",)]


def test_a_reply_may_be_a_bare_list(archive, feed):
    feed.records, feed.paging = filings(12), "page"
    feed.edit = lambda reply, _: reply["results"]
    archive.configure(records_path="$", pagination="page", page_size=5)
    assert loader.load("filings_api", **JANUARY).received_records == 12


def test_what_is_no_record_is_set_aside_and_counted(archive, feed):
    odd = [5, None, "text", [1], {"name": "no id"}, {"id": None}, {"id": " "}, {"id": {"a": 1}}, {"id": True}]
    feed.records = [*filings(3), *odd]
    archive.configure(page_size=5)
    summary = loader.load("filings_api", **JANUARY)
    assert (summary.received_records, summary.rejected_records) == (12, 9)
    rejects = archive.query(
        "select reason, payload from raw_filings_api.rejects order by page_number, position"
    )
    reasons = ["not_an_object"] * 4 + ["missing_id"] * 5
    assert rejects == [(reason, json.dumps(record)) for reason, record in zip(reasons, odd, strict=True)]
    [(received, distinct, rejected)] = archive.query(
        "select received_records, distinct_records, rejected_records from raw_filings_api.windows"
    )
    assert (received, distinct, rejected) == (12, 3, 9)


def test_an_empty_window_is_a_window(archive, feed):
    loader.load("filings_api", **JANUARY)
    tables = archive.query(
        "select table_name from information_schema.tables where table_schema = 'raw_filings_api'"
    )
    assert {"observations", "rejects", "windows"} <= {name for (name,) in tables}
    assert archive.windows() == [("2026-01-01", "2026-01-31", True)]


def test_columns_are_as_declared(archive, feed):
    feed.records = filings(1)
    loader.load("filings_api", **JANUARY)
    columns = {
        (table, name): (kind, nullable)
        for table, name, kind, nullable in archive.query(
            "select table_name, column_name, data_type, is_nullable from information_schema.columns"
            " where table_schema = 'raw_filings_api' and table_name not like '!_dlt%' escape '!'"
        )
    }
    assert columns["observations", "observed_at"] == ("TIMESTAMP WITH TIME ZONE", "NO")
    assert columns["windows", "window_start"] == ("DATE", "NO")
    assert columns["windows", "is_closed"] == ("BOOLEAN", "NO")
    nullable = {name for (_, name), (_, is_nullable) in columns.items() if is_nullable == "YES"}
    assert nullable == {"reported_records", "reported_pages", "second_walk", "field_paths"}
    assert archive.query("select observed_at::text from raw_filings_api.observations") == [
        ("2026-03-10 13:00:00+00",)
    ]


def test_runs_go_on_where_the_archive_ends_minus_the_lag(archive, feed):
    feed.records = filings(28) + filings(28, "2026-02") + filings(28, "2026-03")
    archive.configure(start_date="2026-02-01")
    archive.set_clock("2026-03-05T13:00:00")
    first = loader.load("filings_api")
    assert first.complete_through == date(2026, 3, 4)
    archive.set_clock("2026-03-06T13:00:00")
    second = loader.load("filings_api")
    assert second.complete_through == date(2026, 3, 5)
    assert archive.windows() == [
        ("2026-02-01", "2026-02-28", True),
        ("2026-03-01", "2026-03-04", True),
        ("2026-03-05", "2026-03-05", False),
        ("2026-02-26", "2026-02-28", True),
        ("2026-03-01", "2026-03-05", True),
        ("2026-03-06", "2026-03-06", False),
    ]


def test_east_of_utc_a_second_run_of_the_day_walks_the_markets_own_day(archive, feed):
    archive.configure(start_date="2026-03-09", time_zone="Asia/Tokyo", lag_days=0)
    # One in the morning of the 11th in Tokyo.
    archive.set_clock("2026-03-10T16:00:00")
    for _ in range(2):
        loader.load("filings_api")
    assert archive.windows() == [
        ("2026-03-09", "2026-03-10", True),
        ("2026-03-11", "2026-03-11", False),
        ("2026-03-11", "2026-03-11", False),
    ]


def test_what_a_clock_that_ran_ahead_archived_does_not_count(archive, feed):
    feed.records = filings(28, "2026-02") + filings(28, "2026-03")
    archive.configure(start_date="2026-02-01")
    archive.set_clock("2030-06-15T13:00:00")
    assert loader.load("filings_api").complete_through == date(2030, 6, 14)
    archive.set_clock("2026-03-05T13:00:00")
    summary = loader.load("filings_api")
    assert (summary.first_day, summary.complete_through) == (date(2026, 2, 1), date(2026, 3, 4))
    # Its records are archived again, with the time at which they were there.
    observed = "select count(*) from raw_filings_api.observations where observed_at < '2026-03-06'"
    assert archive.query(observed) == [(28 + 5,)]
    archive.set_clock("2026-03-06T13:00:00")
    assert loader.load("filings_api").complete_through == date(2026, 3, 5)
    assert archived_days(["filings_api"]) == (date(2026, 2, 1), date(2026, 3, 5), True)


def test_a_clock_that_is_a_day_off_archives_nothing(archive, feed, monkeypatch):
    feed.records = filings(28)
    monkeypatch.delenv("INSIDER_FILINGS_NOW")
    feed.clock = format_datetime(datetime.now(UTC) + timedelta(days=2), usegmt=True)
    with pytest.raises(loader.LoadError, match="this machine's clock says"):
        loader.load("filings_api", **JANUARY)
    feed.clock = None
    assert loader.load("filings_api", **JANUARY).received_records == 28
    assert len(archive.windows()) == 1


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("SOURCES__FILINGS_API__PAGINATON", "did you mean SOURCES__FILINGS_API__PAGINATION?"),
        ("SOURCES__FILINGS_API__FIELDS__RECORD__TICKR", "SOURCES__FILINGS_API__FIELD_PATHS__RECORD__TICKER?"),
        ("SOURCES__FILINGS_API__APIKEY", "did you mean SOURCES__FILINGS_API__API_KEY?"),
        ("SOURCES__FILINGS_API__XYZ", "list all settings"),
        ("SOURCES__FILING_API__PAGINATION", "did you mean SOURCES__FILINGS_API__...?"),
        ("SOURCES__SEC_EDGAR__USER_AGNET", "did you mean SOURCES__SEC_EDGAR__USER_AGENT?"),
        ("SOURCES__PRICES__PTH", "did you mean SOURCES__PRICES__PATH?"),
        ("SOURCES__ECB_RATES__PATH", "list all settings"),
        ("SOURCES__EDGAR__START_DATE", "did you mean SOURCES__SEC_EDGAR__...?"),
        ("SOURCES__PRICE_FILES__PATH", "did you mean SOURCES__PRICES__...?"),
        ("SOURCES__SEC_EGDAR__START_DATE", "did you mean SOURCES__SEC_EDGAR__...?"),
    ],
)
def test_unknown_variables_are_refused_with_the_nearest_name(archive, feed, monkeypatch, name, advice):
    feed.records = filings(20)
    monkeypatch.setenv(name, "offset")
    with pytest.raises(loader.LoadError, match=re.escape(advice)) as stopped:
        loader.load("filings_api", **JANUARY)
    assert name in str(stopped.value)
    assert feed.requests == []


def test_where_a_run_goes_on_is_read_from_the_archive_alone(archive, feed):
    archive.configure(start_date="2026-02-01")
    loader.load("filings_api")
    shutil.rmtree(archive.folder / "dlt_data")
    assert loader.load("filings_api").first_day == date(2026, 3, 3)
    archive.database.unlink()
    assert loader.load("filings_api").first_day == date(2026, 2, 1)


def test_uncommitted_rows_do_not_count(archive, feed):
    archive.configure(start_date="2026-02-01")
    loader.load("filings_api")
    archive.query("update raw_filings_api._dlt_loads set status = 1")
    assert loader.load("filings_api").first_day == date(2026, 2, 1)


def test_reconcile_walks_again_what_is_archived(archive, feed):
    feed.records = filings(28) + filings(28, "2026-02")
    loader.load("filings_api", start_date=date(2026, 1, 1), end_date=date(2026, 2, 28))
    feed.records[0]["status"] = "cancelled"
    summary = loader.load("filings_api", reconcile=True)
    assert (summary.first_day, summary.last_day, summary.received_records) == (
        date(2026, 1, 1),
        date(2026, 2, 28),
        56,
    )
    [(versions,)] = archive.query(
        "select count(distinct content_hash) from raw_filings_api.observations where record_id = 'F-0'"
        " and payload like '%2026-01-01%'"
    )
    assert versions == 2
    summary = loader.load(
        "filings_api", reconcile=True, start_date=date(2026, 2, 10), end_date=date(2026, 2, 11)
    )
    assert (summary.first_day, summary.last_day) == (date(2026, 2, 10), date(2026, 2, 11))


def test_windows_may_be_weeks_or_days(archive, feed):
    archive.configure(window="week")
    assert loader.load("filings_api", start_date=date(2026, 1, 1), end_date=date(2026, 1, 12)).windows == 3


@pytest.mark.parametrize(
    ("limits", "packages"),
    [({}, 1), ({"PACKAGE_RECORDS": 8}, 3), ({"PACKAGE_SECONDS": 0}, 6), ({"PACKAGE_RECORDS": 0}, 6)],
)
def test_windows_are_archived_together_until_they_are_many_or_old(
    archive, feed, monkeypatch, limits, packages
):
    feed.records = [filing(number, f"2026-01-{1 + number // 3:02d}") for number in range(18)]
    archive.configure(window="day")
    for name, value in limits.items():
        monkeypatch.setattr(loader.archive.load, name, value)
    summary = loader.load("filings_api", start_date=date(2026, 1, 1), end_date=date(2026, 1, 6))
    assert (summary.windows, summary.received_records) == (6, 18)
    [counts] = archive.query(
        "select count(distinct _dlt_load_id), count(distinct walk_id), count(*) from raw_filings_api.observations"
    )
    assert counts == (packages, 6, 18)


def test_several_sources_load_in_one_process_into_one_database(archive, feed):
    feed.records = filings(3)
    assert loader.load("filings_api", **JANUARY).received_records == 3
    assert loader.load("ecb_rates").received_records > 7000
    assert loader.load("filings_api", **JANUARY).received_records == 3


def test_the_command_line_says_what_was_done(archive, feed, command_line, capfd):
    feed.records = filings(3)
    status, output, errors = command_line(
        "filings_api", "--start-date", "2026-01-01", "--end-date", "2026-01-31"
    )
    assert (status, errors) == (0, "")
    assert output == (
        "filings_api: 2026-01-01 to 2026-01-31 in 1 windows, 3 records, 0 of them set aside; "
        "complete through 2026-01-31\n"
    )
    status, _, errors = command_line("filings_api", "--end-date", "2020-01-31")
    assert (status, errors) == (1, "filings_api: the range of days is empty: from 2026-01-25 to 2020-01-31\n")
    for day in ("soon", "2023-13-01"):
        with pytest.raises(SystemExit, match="2"):
            command_line("filings_api", "--start-date", day)
        assert f"--start-date: '{day}' is no date: write one as 2026-03-31" in capfd.readouterr().err


def test_a_feed_is_named_without_its_secrets(archive):
    with FeedServer([filing(1, "2026-01-01")]).serve() as server:
        archive.configure(base_url=server.url.replace("http://", "http://user:password@") + "/v1/")
        loader.load("filings_api", **JANUARY)
    [(name,)] = archive.query("select distinct feed from raw_filings_api.observations")
    assert name == f"{server.url.removeprefix('http://')}/v1/filings"


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        (
            {"path": "v2/filings"},
            r"has the records of 127.0.0.1:\d+/filings; configured is 127.0.0.1:\d+/v2/filings",
        ),
        ({"base_url": "http://localhost:9"}, "configured is localhost:9/filings"),
        ({"extra_parameters": {"country": "SE"}}, "filings with other extra_parameters"),
        ({"extra_parameters": ""}, "filings with other extra_parameters"),
        ({"field_paths__lines": "legs"}, "lines at transactions, not at legs"),
        (
            {"field_paths__line__price": ["unitPrice", "price"]},
            "line.price at price, not at unitPrice or price",
        ),
        ({"field_paths__record__ticker": "symbol"}, "record.ticker at ticker, not at symbol"),
    ],
)
def test_another_feed_in_the_archive_is_refused_before_it_is_asked(archive, feed, settings, match):
    archive.configure(extra_parameters={"country": "FR"})
    loader.load("filings_api", **JANUARY)
    feed.requests.clear()
    archive.configure(**settings)
    with pytest.raises(loader.LoadError, match=match) as refused:
        loader.load("filings_api")
    assert "a file of its own in feeds" in str(refused.value)
    assert feed.requests == []
    assert len(archive.windows()) == 1


def test_a_feed_that_has_moved_or_whose_paths_are_mended_is_the_same_for_one_run(archive, feed):
    loader.load("filings_api", **JANUARY)
    with FeedServer(filings(3, "2026-02")).serve() as server:
        archive.configure(base_url=server.url, field_paths__record__ticker="symbol", same_feed="true")
        assert loader.load("filings_api").first_day == date(2026, 1, 25)
        archive.configure(same_feed="false")
        assert loader.load("filings_api").first_day > date(2026, 1, 25)
    archive.configure(base_url=feed.url)
    with pytest.raises(loader.LoadError, match="SAME_FEED"):
        loader.load("filings_api")


def test_an_archive_of_an_earlier_version_is_of_the_same_feed(archive, feed):
    loader.load("filings_api", **JANUARY)
    # Without the port, and without fields that were not read then.
    archive.query(
        'update raw_filings_api.windows set feed = \'127.0.0.1/filings\', field_paths = \'{"line": {"price": ["price"]}}\''
    )
    archive.configure(extra_parameters={"country": "FR"})
    assert loader.load("filings_api").windows > 0


def test_how_texts_are_read_may_change(archive, feed):
    archive.configure(default_country="FR")
    loader.load("filings_api", **JANUARY)
    archive.configure(default_country="SE", default_currency="SEK", record_id=["id"])
    assert loader.load("filings_api").windows > 0


def test_a_secret_is_trimmed(archive):
    archive.configure(api_key=" k\n")
    assert read_secret("filings_api", "api_key") == "k"
