"""The sandbox: its archive has what it promises, and its server keeps the feed's protocol."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
import requests
from project import PROJECT

import sandbox
from sandbox.generator import build
from sandbox.warts import FIELD_WARTS, FILING_WARTS, NOT_ADDING, OCCASIONAL_WARTS

YEAR = {"from_date": "2025-01-01", "to_date": "2026-03-31"}
ARTICLE_FIELDS = {
    "id", "issuer_id", "issuer_name", "ticker", "insider_id", "insider_name", "insider_role",
    "transaction_date", "filing_date", "transaction_type", "shares", "price", "currency", "value",
    "ownership_nature", "security_type", "country", "published_at",
}  # fmt: skip


@pytest.fixture(scope="module")
def api():
    """A server with 230 records."""
    with sandbox.serve(scenario="clean", filings=230) as server:
        yield server


def get(api, **parameters):
    return requests.get(f"{api.url}/filings", params=parameters, timeout=10)


def walk(api, **parameters):
    """All replies of a walk with cursors."""
    replies, cursor = [], None
    while cursor or not replies:
        replies.append(get(api, **YEAR, cursor=cursor, **parameters).json())
        cursor = replies[-1]["next_cursor"]
    return replies


def records_of(replies):
    return [record for reply in replies for record in reply["results"]]


# --- the archive ----------------------------------------------------------------------------------


@pytest.mark.parametrize("scenario", ["clean", "realistic", "adversarial"])
def test_the_same_arguments_give_the_same_archive_and_other_seeds_another(scenario):
    first, again, other = (sandbox.generate(scenario, 150, seed=seed) for seed in (3, 3, 4))
    assert first == again
    assert first != other


def test_a_clean_archive_has_the_articles_shape_and_no_warts():
    records = sandbox.generate("clean")
    assert len(records) == 1500
    assert len({record["id"] for record in records}) == 1500
    for record in records:
        assert record.keys() == ARTICLE_FIELDS
        assert [name for name in ARTICLE_FIELDS - {"value"} if record[name] in (None, "")] == []
        assert record["currency"] == "EUR"
        assert record["transaction_date"] <= record["filing_date"] == record["published_at"][:10]
        assert date.fromisoformat(record["filing_date"]).weekday() < 5
        assert isinstance(record["shares"], int) and record["shares"] > 0 and record["price"] > 0
    names = ("issuer_id", "insider_id", "transaction_date", "shares", "price")
    assert max(Counter(tuple(record[name] for name in names) for record in records).values()) == 1
    for name in ("issuer_name", "ticker"):
        assert len({(record["issuer_id"], record[name]) for record in records}) == len(
            {record["issuer_id"] for record in records}
        )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_adversarial_archive_has_every_wart(seed):
    warts = build("adversarial", seed=seed).warts
    expected = {*FIELD_WARTS, *FILING_WARTS, *OCCASIONAL_WARTS, "minor_units", "joint_owners"}
    expected |= {"late_by_257_days", "late_by_2300_days"}
    assert {name for name in expected if warts[name] <= 0} == set()


def test_a_realistic_archive_has_many_markets_and_most_warts_yet_few_of_each():
    archive = build("realistic")
    records = [record for record in archive.records() if isinstance(record, dict)]
    assert {record.get("country") for record in records} >= {
        "US",
        "FR",
        "SE",
        "DE",
        "GB",
        "CH",
        "CA",
        "JP",
        "ZZ",
    }
    assert {record.get("currency") for record in records} >= {
        "USD",
        "EUR",
        "SEK",
        "GBX",
        "CHF",
        "CAD",
        "JPY",
        None,
    }
    common = [name for name, (rate, *_) in (FIELD_WARTS | FILING_WARTS).items() if rate >= 0.002]
    assert [name for name in common if archive.warts[name] == 0] == []
    assert archive.warts["amendment"] < len(records) / 20
    assert len({record["filing_date"][:7] for record in records if record.get("filing_date")}) == 15


def test_a_feed_that_only_adds_never_changes_or_drops_a_record_and_serves_it_within_a_week():
    archive = build(
        "adversarial", 200, start_date=date(2025, 1, 1), end_date=date(2025, 2, 28), add_only=True
    )
    assert sum(archive.warts[name] for name in NOT_ADDING) == 0
    served = {}
    for day in range(70):
        now = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=day)
        keys, bodies = archive.at(now)
        current = dict(zip(keys, bodies, strict=True))
        assert served.items() <= current.items()
        for filed, *_ in current.keys() - served.keys():
            assert now.date() - date.fromisoformat(filed) <= timedelta(days=7)
        served = current
    assert len(served) == len(archive.entries)


def test_records_that_are_no_objects_are_served_as_they_are():
    records = sandbox.generate("adversarial", 1000)
    odd = [record for record in records if not isinstance(record, dict)]
    assert {type(record) for record in odd} == {str, int, bool, list, type(None)}
    assert len([record for record in records if isinstance(record, dict) and not record.get("id")]) > 10


def test_changes_in_place_show_from_their_time_on():
    archive = build("adversarial")
    changed = [entry for entry in archive.entries if len(entry.states) > 1 and entry.states[1][1]]
    assert len(changed) > 30
    stamped = 0
    for entry in changed:
        (_, before), (moment, after) = entry.states[:2]
        assert entry.at(moment - timedelta(seconds=1)) == before
        assert entry.at(moment) == after
        stamped += json.loads(after).get("updated_at") == moment.isoformat().replace("+00:00", "Z")
    assert 10 < stamped < len(changed)


def test_amendments_name_records_or_filings_and_may_come_first():
    archive = build("adversarial", add_only=True)
    served_from = {entry.id: entry.states[0][0] for entry in archive.entries}
    records = [record for record in archive.records() if isinstance(record, dict)]
    ids = {str(record["id"]) for record in records if record.get("id")}
    filings = {record["filing_id"] for record in records if "filing_id" in record}
    amended = [(str(r["id"]), str(r["amends_id"])) for r in records if r.get("amends_id") and r.get("id")]
    assert any(target in ids for _, target in amended)
    assert any(target in filings for _, target in amended)
    assert any(target not in ids | filings for _, target in amended)
    chains = {source for source, _ in amended} & {target for _, target in amended}
    assert chains
    known = [(source, target) for source, target in amended if target in served_from]
    assert any(served_from[source] < served_from[target] for source, target in known)


# --- the protocol ---------------------------------------------------------------------------------


def test_the_server_serves_what_generate_returns_sorted_by_filing_date_and_id(api):
    replies = walk(api, page_size=50)
    assert [len(reply["results"]) for reply in replies] == [50, 50, 50, 50, 30]
    assert all(reply.keys() == {"results", "next_cursor", "total_count"} for reply in replies)
    records = records_of(replies)
    assert records == sandbox.generate("clean", 230)
    keys = [(record["filing_date"], record["id"]) for record in records]
    assert keys == sorted(keys)


def test_dates_are_inclusive(api):
    records = records_of(walk(api))
    day = records[100]["filing_date"]
    replies = get(api, from_date=day, to_date=day).json()["results"]
    assert replies == [record for record in records if record["filing_date"] == day]


def test_an_api_key_is_asked_for_in_every_usual_way():
    with sandbox.serve(scenario="clean", filings=20, api_key="s3cret") as api:
        assert "s3cret" not in " ".join(api.process.args)
        url = f"{api.url}/filings"
        accepted = [
            {"headers": {"Authorization": "Bearer s3cret"}},
            {"headers": {"Authorization": "s3cret"}},
            {"headers": {"X-API-Key": "s3cret"}},
            {"params": {"api_key": "s3cret"}},
        ]
        assert [requests.get(url, timeout=10, **how).status_code for how in accepted] == [200] * 4
        refused = [{}, {"headers": {"X-API-Key": "None"}}, {"params": {"api_key": "other"}}]
        assert [requests.get(url, timeout=10, **how).status_code for how in refused] == [401] * 3
        assert api.stats()["statuses"] == {"200": 4, "401": 3}


def test_records_appear_as_time_goes_on():
    with sandbox.serve(scenario="adversarial", filings=150, now="2025-01-01") as api:
        assert get(api, **YEAR).json()["results"] == []
        counts = []
        for now in ("2025-06-30", "2025-12-31T12:00:00+01:00", "2026-06-01"):
            counts.append(api.control(now=now)["available_records"])
            assert records_of(walk(api)) == sandbox.generate("adversarial", 150, now=now)
        assert 0 < counts[0] < counts[1] < counts[2]
        assert api.control(now=None)["available_records"] == counts[2]


def test_statistics_count_requests(api):
    before = api.stats()
    walk(api, page_size=100)
    after = api.stats()
    assert after["requests"] - before["requests"] == 3
    assert after["available_records"] == 230


def test_records_can_be_removed_while_the_server_runs():
    records = [{"id": name, "filing_date": "2025-01-02"} for name in "ABC"]
    with sandbox.serve(records=records) as api:
        assert api.control(remove=["B"])["available_records"] == 2
        assert [record["id"] for record in get(api).json()["results"]] == ["A", "C"]


# --- records of one's own -------------------------------------------------------------------------


def test_a_folder_of_records_is_served_as_it_is_written(tmp_path):
    (tmp_path / "a.json").write_text('{"id": "A", "filing_date": "2025-01-03", "price": 12.50}')
    (tmp_path / "b.json").write_text(
        '[{"id": "B", "filing_date": "2025-01-02"}, "no object", {"filing_date": "2025-01-05"}]'
    )
    (tmp_path / "c.jsonl").write_text(
        '{"id": "C", "filing_date": "2025-01-04", "shares": 1, "published_at": "2025-01-04T10:00:00Z"}\n\n'
        '{"id": "C", "filing_date": "2025-01-04", "shares": 2, "updated_at": "2025-01-09"}\n'
    )
    (tmp_path / "readme.txt").write_text("not read")
    with sandbox.serve(records=tmp_path) as api:
        reply = get(api)
        assert b'{"id": "A", "filing_date": "2025-01-03", "price": 12.50}' in reply.content
        ids = [record.get("id") if isinstance(record, dict) else record for record in reply.json()["results"]]
        assert ids == ["no object", "B", "A", "C", None]
        assert reply.json()["results"][3]["shares"] == 2
        api.control(now="2025-01-09T20:00:00Z")
        assert get(api, from_date="2025-01-04", to_date="2025-01-04").json()["results"][0]["shares"] == 1
        api.control(now="2025-01-04T09:00:00Z")
        assert get(api, from_date="2025-01-04").json()["results"] == []


# --- the process ----------------------------------------------------------------------------------


def test_the_server_tells_its_address_and_stops_when_told():
    command = [sys.executable, "-m", "sandbox", "--scenario", "clean", "--filings", "20"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=PROJECT
    ) as process:
        url = process.stdout.readline().strip()
        assert requests.get(f"{url}/filings", timeout=10).status_code == 200
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
        assert time.monotonic() - started < 5
        assert process.stdout.read() == "" and process.stderr.read() == ""


def test_a_server_that_cannot_start_says_why(capfd, tmp_path):
    (tmp_path / "broken.json").write_text("{")
    for arguments in ({"records": tmp_path}, {"now": "soon"}, {"records": tmp_path / "nowhere"}):
        with pytest.raises(RuntimeError, match="did not start"), sandbox.serve(**arguments):
            pass
    errors = capfd.readouterr().err
    assert "broken.json" in errors and "soon" in errors and "no such folder" in errors
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(RuntimeError), sandbox.serve(scenario="clean", filings=20, port=port):
            pass
