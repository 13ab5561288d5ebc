"""The ECB's reference rates as a source."""

import json
import zipfile
from datetime import date

import pytest
from currency_converter import CURRENCY_FILE

import loader

pytest_plugins = ("loader_fixtures",)

RATES = "Date,USD,JPY,BGN,\n2026-03-03,1.0834,160.10,N/A,\n2026-03-02,1.08,159.9,1.9558,\n"


def observations(archive) -> list[tuple[str, str, int]]:
    return archive.query(
        "select record_id, payload, position from raw_ecb_rates.observations order by _dlt_load_id, position"
    )


def test_a_line_of_the_file_is_a_record_with_its_numbers_as_text(archive, tmp_path):
    file = tmp_path / "eurofxref-hist.csv"
    file.write_text(RATES)
    summary = loader.load("ecb_rates", path=file)
    assert (summary.received_records, summary.complete_through) == (2, date(2026, 3, 3))
    assert [(day, json.loads(payload), position) for day, payload, position in observations(archive)] == [
        ("2026-03-03", {"Date": "2026-03-03", "USD": "1.0834", "JPY": "160.10", "BGN": "N/A"}, 1),
        ("2026-03-02", {"Date": "2026-03-02", "USD": "1.08", "JPY": "159.9", "BGN": "1.9558"}, 2),
    ]
    [window] = archive.query(
        "select feed, window_start::text, window_end::text, is_closed, pages_requested, reported_records,"
        " received_records, distinct_records, field_paths from raw_ecb_rates.windows"
    )
    assert window == ("eurofxref-hist.csv", "2026-03-02", "2026-03-03", True, 1, 2, 2, 2, None)


def test_the_same_file_again_archives_nothing_and_a_newer_one_does(archive, tmp_path):
    file = tmp_path / "eurofxref-hist.zip"

    def write(rates: str) -> None:
        with zipfile.ZipFile(file, "w") as archive_file:
            archive_file.writestr("eurofxref-hist.csv", rates)

    write(RATES)
    loader.load("ecb_rates", path=file)
    again = loader.load("ecb_rates", path=file)
    assert (again.windows, str(again)) == (0, "ecb_rates: nothing new")
    assert len(observations(archive)) == 2
    write(RATES.replace("BGN,\n", "BGN,\n2026-03-04,1.09,161,N/A,\n"))
    # No day of a file is known to be complete: it may be of today.
    archive.set_clock("2026-03-04T13:00:00")
    summary = str(loader.load("ecb_rates", path=file))
    assert summary.endswith("0 of them set aside; the newest day archived is 2026-03-04")
    assert archive.query("select count(*) from raw_ecb_rates.windows") == [(2,)]


def test_by_default_the_package_brings_the_rates(archive, command_line):
    status, output, errors = command_line("ecb_rates")
    assert (status, errors) == (0, "")
    assert output.startswith("ecb_rates: 1999-01-04 to ")
    with zipfile.ZipFile(CURRENCY_FILE) as file:
        lines = file.read(file.namelist()[0]).decode().splitlines()[1:]
    assert archive.query("select reported_records, received_records from raw_ecb_rates.windows") == [
        (len(lines), len(lines))
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read: No such file"),
        (b"", "no file eurofxref-hist"),
        (b"Date,USD\n", "no file eurofxref-hist"),
        (b"Day,USD\n2026-03-02,1.08\n", "no file eurofxref-hist"),
        (b"Date,USD\n2 March 2026,1.08\n", "no file eurofxref-hist"),
        (b"Date,USD,\n2026-03-02,1.08,,,,\n", "no file eurofxref-hist"),
        (b"Date,USD\n2026-03-02\n", "no file eurofxref-hist"),
        (b"PK\x05\x06" + bytes(18), "no file eurofxref-hist"),
        (b"\xff\xfe\x00", "no file eurofxref-hist"),
    ],
)
def test_another_file_is_refused(archive, tmp_path, content, message):
    file = tmp_path / "rates.csv"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(loader.LoadError, match=message):
        loader.load("ecb_rates", path=file)
