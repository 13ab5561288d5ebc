"""The API key is in no file, log, trace or output, however a load ends."""

import base64
import logging
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from feed_server import filing

import loader
from loader.rest import Redactor

pytest_plugins = ("loader_fixtures",)

PROJECT_ROOT = Path(loader.__file__).parent.parent
KEY = "s3cret key/+=&'\\0451"
FORMS = {KEY, quote(KEY), quote(KEY, safe=""), quote_plus(KEY), repr(KEY)[1:-1], KEY.split("/")[0]}
ECHO = f"the key {KEY} is not welcome, {quote_plus(KEY)} neither".encode()

# What befalls the second page of a load of each day of January.
FAULTS = {
    "2026-01-01": None,
    "2026-01-02": (403, {}, ECHO),
    "2026-01-03": (200, {}, ECHO),
    "2026-01-04": (302, {"Location": f"/?k={quote_plus(KEY)}"}, b""),
    "2026-01-05": "reset",
    "2026-01-06": "cut",
}

# As talkative as a user can make it; dlt's folder is copied after each load, as the next one empties it.
SCRIPT = """
import logging, os, shutil, sys
import loader.__main__
logging.basicConfig(level=logging.DEBUG)
data = os.environ["DLT_DATA_DIR"]
for day in sys.argv[1:]:
    status = loader.__main__.main(["filings_api", "--start-date", day, "--end-date", day])
    print("status", day, status)
    shutil.copytree(data, f"{data}-{day}")
os.environ["SOURCES__FILINGS_API__BASE_URL"] = "http://127.0.0.1:9"
loader.__main__.main(["filings_api", "--start-date", day, "--end-date", day])
"""


@pytest.mark.parametrize(
    "settings", [{"auth": "bearer"}, {"auth": "header"}, {"auth": "query", "api_key_name": "k"}]
)
def test_the_key_is_nowhere(archive, feed, settings, monkeypatch):
    monkeypatch.setenv("RUNTIME__LOG_LEVEL", "DEBUG")
    feed.records = [filing(number, f"2026-01-{1 + number % 6:02d}") for number in range(120)]
    feed.fault = lambda _, asked: FAULTS[asked["from_date"]] if "cursor" in asked else None
    archive.configure(api_key=KEY, page_size=10, **settings)
    process = subprocess.run(
        [sys.executable, "-c", SCRIPT, *FAULTS], cwd=PROJECT_ROOT, capture_output=True, timeout=60, check=True
    )
    _, _, parameters, headers = feed.requests[0]
    assert any(KEY in value for value in [*parameters.values(), *headers.values()])
    assert all(f"status {day} {int(bool(fault))}" in process.stdout.decode() for day, fault in FAULTS.items())
    assert b"GET /filings" in process.stderr
    assert process.stderr.count(b"***") > 2

    files = [path for path in archive.folder.rglob("*") if path.is_file()]
    # A walk that stops never reaches dlt, which would write the chain of its errors into a trace.
    assert len([path for path in files if path.name == "trace.pickle"]) == list(FAULTS.values()).count(None)
    texts = {str(path): path.read_bytes() for path in files}
    texts |= {"output": process.stdout, "log and errors": process.stderr}
    secrets = {form.encode() for form in FORMS} | {base64.b64encode(KEY.encode())}
    assert not [(name, secret) for name, text in texts.items() for secret in secrets if secret in text]


def test_the_key_is_in_no_error_that_led_to_the_message(archive):
    # dlt writes the whole chain to its trace; that of a refused connection has the URL.
    archive.configure(base_url="http://127.0.0.1:9", auth="query", api_key=KEY)
    with pytest.raises(loader.LoadError, match=r"api_key=\*\*\*") as stopped:
        archive.walk()
    error = stopped.value
    while error is not None:
        assert not [form for form in FORMS if form in str(error)]
        error = error.__cause__ or error.__context__


def test_a_log_record_is_redacted_in_place():
    record = logging.LogRecord("urllib3", logging.DEBUG, "", 0, '"GET /filings?k=%s"', ("a%2Fb",), None)
    assert Redactor("a/b").filter(record)
    assert record.getMessage() == '"GET /filings?k=***"'
    assert Redactor(None)("nothing to hide") == "nothing to hide"
