"""The API key is in no file, log, trace or output, however a load ends."""

import base64
import logging
import subprocess
import sys
from datetime import date
from urllib.parse import quote, quote_plus

import pytest
from feed_server import filing
from project import PROJECT

import loader
from loader.redaction import LOG_FILTER, protect, redact

pytest_plugins = ("loader_fixtures",)

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
        [sys.executable, "-c", SCRIPT, *FAULTS], cwd=PROJECT, capture_output=True, timeout=60, check=True
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
    protect("a/b?c=d")
    record = logging.LogRecord(
        "urllib3", logging.DEBUG, "", 0, '"GET /filings?k=%s"', ("a%2Fb%3Fc%3Dd",), None
    )
    assert LOG_FILTER.filter(record)
    assert record.getMessage() == '"GET /filings?k=***"'
    assert redact("nothing to hide") == "nothing to hide"


@pytest.mark.parametrize("before", ["", "x", "xy", "xyz"])
@pytest.mark.parametrize("after", ["", "x", "xy"])
def test_a_key_within_base64_is_found_wherever_it_begins(before, after):
    protect("s3cret-kéy/1")
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        text = redact(encode(f"{before}s3cret-kéy/1{after}".encode()).decode())
        # What is left shares at most a byte with the key at either end.
        assert "***" in text
        assert len(text) <= 3 + 2 * 4


def test_a_count_that_echoes_the_key_does_not_print_it(archive, feed):
    feed.records = [filing(1, "2026-01-05")]
    feed.edit = lambda reply, _: reply | {"total_count": f'{KEY} "x" {KEY!r}\x1b[31m\x9b2J'}
    archive.configure(api_key=KEY)
    with pytest.raises(loader.LoadError, match=r"total_path is no number: .*\*\*\*") as stopped:
        loader.load("filings_api", start_date=date(2026, 1, 5), end_date=date(2026, 1, 5))
    assert not [form for form in FORMS if form in str(stopped.value)]
    assert "\x1b" not in str(stopped.value)


@pytest.mark.parametrize("body", [b"\x1b[31mred\x1b[0m\x07", b"\xc2\x9b2J\x00", "\u202egnp.exe".encode()])
def test_control_characters_of_a_reply_reach_no_terminal(archive, feed, command_line, body):
    feed.fault = lambda *_: (400, {}, body)
    archive.configure()
    status, output, errors = command_line(
        "filings_api", "--start-date", "2026-01-05", "--end-date", "2026-01-05"
    )
    assert status == 1
    assert "HTTP 400" in errors
    assert not [character for character in output + errors if character in "\x00\x07\x1b\x9b\u202e"]


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost:{port}/filings?cursor=1",
        "http://localhost:{port}\\@127.0.0.1:{port}/filings",
        "http://127.0.0.1:{port}\\@localhost:{port}/filings",
        "http://localhost:{port}#@127.0.0.1:{port}/filings",
        "http://127.0.0.1:{port}@localhost:{port}/filings",
        "http://user@127.0.0.1:{port}/filings",
        "https://127.0.0.1:{port}/filings",
        "http://127.0.0.1:1/filings",
        "http://127.0.0.1:port/filings",
        "http://127.0.0.1:99999999/filings",
        "http://127.0.0.1:{port}/fil\nings",
        "//localhost:{port}/filings",
        "ftp://127.0.0.1:{port}/filings",
        "http://[::1/filings",
        "http:///filings",
        "file:///etc/passwd",
        7,
        {"href": "/filings"},
        ["/filings"],
    ],
)
def test_the_key_goes_to_the_configured_origin_alone(archive, feed, address):
    """The server listens on 127.0.0.1 and on localhost: a request that got through would be on record."""
    feed.paging, feed.records = "next_url", [filing(1, "2026-01-05"), filing(2, "2026-01-05")]
    port = feed.url.rsplit(":", 1)[1].split("/")[0]
    odd = address.format(port=port) if isinstance(address, str) else address
    feed.edit = lambda reply, _: reply | {"next_url": odd}
    archive.configure(api_key=KEY, pagination="next_url", page_size=1)
    with pytest.raises(loader.LoadError, match=r"address|next page is on|no answer"):
        archive.walk()
    assert len(feed.requests) == 1


def test_the_sec_is_not_followed_elsewhere(archive, feed):
    from loader.sources.sec.client import SecClient, Settings

    feed.fault = lambda *_: (302, {"Location": f"{feed.url}/elsewhere"}, b"")
    settings = Settings(
        base_url=feed.url,
        user_agent="Jane Doe jane@example.com",
        requests_per_second=0,
        workers=1,
        attempts=1,
        lag_days=0,
    )
    with pytest.raises(loader.LoadError, match="HTTP 302"):
        SecClient(settings).fetch(["filings"], bytes)
    assert len(feed.requests) == 1
