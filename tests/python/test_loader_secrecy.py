"""The API key is in no file, log, trace or output, however a load ends."""

import base64
import logging
from datetime import date
from urllib.parse import quote, quote_plus

import pytest
from feed_server import filings

import loader
from loader.rest import Redactor

pytest_plugins = ("loader_fixtures",)

JANUARY = {"start_date": date(2026, 1, 1), "end_date": date(2026, 1, 31)}
KEY = "s3cret key/+=&'\\é"[:-1] + "0451"
FORMS = {KEY, quote(KEY), quote(KEY, safe=""), quote_plus(KEY), repr(KEY)[1:-1], KEY.split("/")[0]}
ECHO = f"the key {KEY} is not welcome, {quote_plus(KEY)} neither".encode()


@pytest.mark.parametrize(
    "settings", [{"auth": "bearer"}, {"auth": "header"}, {"auth": "query", "api_key_name": "k"}]
)
def test_the_key_is_nowhere(archive, feed, settings, monkeypatch, caplog, capfd):
    # As talkative as a user can make it.
    monkeypatch.setenv("RUNTIME__LOG_LEVEL", "DEBUG")
    caplog.set_level(logging.DEBUG)
    feed.records = filings(25)
    archive.configure(api_key=KEY, page_size=10, **settings)
    loader.load("filings_api", **JANUARY)
    _, _, parameters, headers = feed.requests[0]
    assert any(KEY in value for value in [*parameters.values(), *headers.values()])

    messages = []
    faults = [
        (403, {}, ECHO),
        (200, {}, ECHO),
        "reset",
        "cut",
        (302, {"Location": f"/?k={quote_plus(KEY)}"}, b""),
    ]
    for fault in faults:
        feed.fault = lambda number, _, fault=fault: fault
        with pytest.raises(loader.LoadError) as stopped:
            loader.load("filings_api", **JANUARY)
        messages.append(str(stopped.value))
    archive.configure(base_url="http://127.0.0.1:9")
    with pytest.raises(loader.LoadError) as stopped:
        loader.load("filings_api", **JANUARY)
    messages.append(str(stopped.value))

    files = [path for path in archive.folder.rglob("*") if path.is_file()]
    assert any(path.name == "trace.pickle" for path in files)
    captured = capfd.readouterr()
    texts = {str(path): path.read_bytes() for path in files}
    texts |= {"log": caplog.text.encode(), "output": (captured.out + captured.err).encode()}
    texts["messages"] = "\n".join(messages).encode()
    assert b"GET /filings" in texts["log"]
    secrets = {form.encode() for form in FORMS} | {base64.b64encode(KEY.encode())}
    leaks = [(name, secret) for name, text in texts.items() for secret in secrets if secret in text]
    assert not leaks
    assert "***" in messages[0]


def test_a_log_record_is_redacted_in_place():
    record = logging.LogRecord("urllib3", logging.DEBUG, "", 0, '"GET /filings?k=%s"', ("a%2Fb",), None)
    assert Redactor("a/b").filter(record)
    assert record.getMessage() == '"GET /filings?k=***"'
    assert Redactor(None)("nothing to hide") == "nothing to hide"
