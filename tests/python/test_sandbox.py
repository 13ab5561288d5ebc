"""The sandbox: its archive has what it promises, and its server keeps the feed's protocol."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
import requests

import sandbox
from sandbox.faults import parse
from sandbox.generator import build
from sandbox.warts import FIELD_WARTS, FILING_WARTS, NOT_ADDING, OCCASIONAL_WARTS

PROJECT = Path(__file__).parents[2]
YEAR = {"from_date": "2025-01-01", "to_date": "2026-03-31"}
ARTICLE_FIELDS = {
    "id", "issuer_id", "issuer_name", "ticker", "insider_id", "insider_name", "insider_role",
    "transaction_date", "filing_date", "transaction_type", "shares", "price", "currency", "value",
    "ownership_nature", "security_type", "country", "published_at",
}  # fmt: skip


@pytest.fixture(scope="module")
def feed():
    """A server with 230 records; its faults are reset before each test by `api`."""
    with sandbox.serve(scenario="clean", filings=230, with_total=True) as server:
        yield server


@pytest.fixture
def api(feed):
    feed.control(faults="", now=None)
    return feed


def get(api, path="filings", **parameters):
    return requests.get(f"{api.url}/{path}", params=parameters, timeout=10)


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


def test_every_pagination_gives_the_same_records(api):
    expected = records_of(walk(api))
    pages = [get(api, **YEAR, page_size=100, page=page).json() for page in (1, 2, 3, 4)]
    assert records_of(pages) == expected
    told = [(p["page"], p["page_size"], p["total_pages"], p["total_count"]) for p in pages]
    assert told == [(1, 100, 3, 230), (2, 100, 3, 230), (3, 100, 3, 230), (4, 100, 3, 230)]
    offsets = [get(api, **YEAR, page_size=100, offset=offset).json() for offset in (0, 100, 200)]
    assert records_of(offsets) == expected
    assert {reply["total"] for reply in offsets} == {230}
    assert get(api, **YEAR, pagination="none").json() == {"results": expected}
    reply = get(api, **YEAR, page_size=100, pagination="next_url").json()
    followed = [reply]
    while reply["next_url"]:
        reply = requests.get(reply["next_url"], timeout=10).json()
        followed.append(reply)
    assert records_of(followed) == expected and len(followed) == 3


def test_dates_are_inclusive_and_filters_select(api):
    records = records_of(walk(api))
    day = records[100]["filing_date"]
    replies = get(api, from_date=day, to_date=day, page_size=500).json()["results"]
    assert replies == [record for record in records if record["filing_date"] == day]
    for name in ("country", "issuer_id", "insider_id", "transaction_type"):
        value = records[7][name]
        found = get(api, page_size=500, **{name: value}).json()
        assert found["results"] == [record for record in records if record[name] == value]
        assert found["total_count"] == len(found["results"]) > 0


def test_issuers_and_insiders_are_listed(api):
    records = records_of(walk(api))
    issuers = get(api, "issuers", page_size=500).json()["results"]
    assert [issuer["issuer_id"] for issuer in issuers] == sorted({record["issuer_id"] for record in records})
    insiders = get(api, "insiders", page_size=500).json()["results"]
    assert len(insiders) == len({record["insider_id"] for record in records})


def test_parameters_can_be_posted(api):
    reply = requests.post(
        f"{api.url}/filings", json=YEAR | {"page": 2, "page_size": 100, "cursor": None}, timeout=10
    )
    assert reply.json() == get(api, **YEAR, page=2, page_size=100).json()


@pytest.mark.parametrize(
    "parameters",
    [
        {"page": 0},
        {"from_date": "yesterday"},
        {"page_size": 0},
        {"page_size": 10_001},
        {"cursor": "abc"},
        {"offset": -1},
    ],
)
def test_parameters_that_make_no_sense_are_refused(api, parameters):
    assert get(api, **parameters).status_code == 400


def test_unknown_resources_are_not_found(api):
    assert get(api, "transactions").status_code == 404


def test_names_of_parameters_and_keys_can_be_others():
    names = {"results": "items", "from_date": "from", "page_size": "limit", "next_cursor": "nextCursor"}
    names |= {"cursor": "after", "id": "accession", "filing_date": "filed"}
    records = [{"accession": f"A{n}", "filed": f"2025-01-0{n}"} for n in range(1, 7)]
    with sandbox.serve(records=records, names=names) as api:
        first = get(api, **{"from": "2025-01-02", "limit": 3}).json()
        assert first["items"] == records[1:4]
        second = get(api, **{"from": "2025-01-02", "limit": 3, "after": first["nextCursor"]}).json()
        assert second == {"items": records[4:], "nextCursor": None}


def test_an_api_key_is_asked_for_in_every_usual_way():
    with sandbox.serve(scenario="clean", filings=20, api_key="s3cret") as api:
        assert "s3cret" not in " ".join(api.process.args)
        url = f"{api.url}/filings"
        accepted = [
            {"headers": {"Authorization": "Bearer s3cret"}},
            {"headers": {"Authorization": "Token s3cret"}},
            {"headers": {"Authorization": "s3cret"}},
            {"headers": {"X-API-Key": "s3cret"}},
            {"params": {"api_key": "s3cret"}},
        ]
        assert [requests.get(url, timeout=10, **how).status_code for how in accepted] == [200] * 5
        refused = [{}, {"headers": {"X-API-Key": "None"}}, {"params": {"api_key": "other"}}]
        assert [requests.get(url, timeout=10, **how).status_code for how in refused] == [401] * 3
        assert api.stats()["statuses"] == {"200": 5, "401": 3}


def test_records_appear_as_time_goes_on():
    with sandbox.serve(scenario="adversarial", filings=150, now="2025-01-01") as api:
        assert get(api, **YEAR).json()["results"] == []
        counts = []
        for now in ("2025-06-30", "2025-12-31T12:00:00+01:00", "2026-06-01"):
            counts.append(api.control(now=now)["available_records"])
            assert records_of(walk(api)) == sandbox.generate("adversarial", 150, now=now)
        assert 0 < counts[0] < counts[1] < counts[2]
        assert api.control(now=None)["available_records"] == counts[2]


def test_statistics_count_requests_and_records(api):
    before = api.stats()
    walk(api, page_size=100)
    after = api.stats()
    assert after["requests"] - before["requests"] == 3
    assert after["records"] - before["records"] == 230
    assert after["available_records"] == 230


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


def test_records_can_be_put_and_removed_while_the_server_runs():
    records = [{"id": name, "filing_date": "2025-01-02", "shares": 1} for name in "ABC"]
    with sandbox.serve(records=records) as api:
        api.control(
            put=[
                {"id": "B", "filing_date": "2025-01-02", "shares": 2},
                {"id": "D", "filing_date": "2025-01-01"},
            ]
        )
        api.control(remove=["C"])
        assert [(r["id"], r.get("shares")) for r in get(api).json()["results"]] == [
            ("D", None),
            ("A", 1),
            ("B", 2),
        ]


# --- faults ---------------------------------------------------------------------------------------


def test_faults_strike_at_the_requests_named(api):
    def statuses(count, **parameters):
        return [get(api, **YEAR, page_size=100, **parameters).status_code for _ in range(count)]

    api.control(faults="status code=503 request=3")
    assert statuses(4) == [200, 200, 503, 200]
    api.control(faults="status every=2 times=2")
    assert statuses(6) == [200, 500, 200, 500, 200, 200]
    api.control(faults="status code=408 page=2 tries=2")
    assert statuses(1) == [200]
    assert statuses(3, page=2) == [408, 408, 200]
    assert statuses(3, offset=100) == [200] * 3
    assert statuses(1, country="FR", page=2) == [408]
    api.control(faults=[{"kind": "status", "code": 402, "page": 3}])
    assert statuses(2, page=3) == [402, 402]
    api.control(faults="status from_date=2025-02-01")
    assert statuses(1) == [200]
    assert get(api, from_date="2025-02-01").status_code == 500
    assert api.stats()["faults"] == 1


def test_pages_are_counted_with_cursors_too(api):
    api.control(faults="status page=2 tries=1")
    cursor = get(api, **YEAR, page_size=100).json()["next_cursor"]
    assert get(api, **YEAR, page_size=100, cursor=cursor).status_code == 500
    assert get(api, **YEAR, page_size=100, cursor=cursor).status_code == 200


def test_too_many_requests_may_say_when_to_try_again(api):
    api.control(
        faults="status code=429 request=1; status code=429 retry_after=7 request=2;"
        "status code=429 retry_after_date=60 request=3"
    )
    plain, seconds, moment = (get(api) for _ in range(3))
    assert {plain.status_code, seconds.status_code, moment.status_code} == {429}
    assert "Retry-After" not in plain.headers
    assert seconds.headers["Retry-After"] == "7"
    ahead = parsedate_to_datetime(moment.headers["Retry-After"]) - datetime.now(UTC)
    assert timedelta(seconds=50) < ahead <= timedelta(seconds=60)


def test_connections_break(api):
    api.control(faults="reset request=1; cut_body request=2")
    with pytest.raises(requests.ConnectionError) as broken:
        get(api)
    assert "reset" in str(broken.value).lower()
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
        get(api)
    assert get(api).status_code == 200


def test_bodies_are_not_what_they_should_be(api):
    api.control(faults="html request=1; invalid_json request=2; missing_results request=3")
    html, cut, bare = (get(api) for _ in range(3))
    assert html.status_code == 200 and html.text.startswith("<!DOCTYPE html>")
    assert cut.status_code == 200
    with pytest.raises(requests.exceptions.JSONDecodeError):
        cut.json()
    assert "results" not in bare.json()


def test_replies_may_be_late(api):
    api.control(faults="sleep seconds=1 request=1")
    with pytest.raises(requests.Timeout):
        requests.get(f"{api.url}/filings", timeout=0.2)
    assert get(api).status_code == 200


def test_a_cursor_may_come_back(api):
    api.control(faults="repeat_cursor page=2")
    first = get(api, **YEAR, page_size=100).json()
    second = get(api, **YEAR, page_size=100, cursor=first["next_cursor"]).json()
    assert second["next_cursor"] == first["next_cursor"]


def test_a_page_may_be_empty_or_lack_rows_while_the_count_stays(api):
    expected = records_of(walk(api))
    api.control(faults="empty_page page=2")
    assert [len(reply["results"]) for reply in walk(api, page_size=100)] == [100, 0, 30]
    api.control(faults="leave_out rows=3 page=1")
    replies = walk(api, page_size=100)
    assert records_of(replies) == expected[:97] + expected[100:]
    assert {reply["total_count"] for reply in replies} == {230}
    api.control(faults="repeat_rows rows=2 page=2")
    assert records_of(walk(api, page_size=100)) == expected[:100] + expected[98:]


def test_the_count_may_shrink(api):
    api.control(faults="shrink_count rows=50 page=2")
    pages = [get(api, **YEAR, page_size=100, page=page).json() for page in (1, 2, 3)]
    assert [(page["total_count"], page["total_pages"]) for page in pages] == [(230, 3), (180, 2), (230, 3)]
    assert len(records_of(pages)) == 230


def test_a_walk_may_be_capped_in_silence(api):
    api.control(faults="cap rows=150")
    replies = walk(api, page_size=100)
    assert len(records_of(replies)) == 150
    assert {reply["total_count"] for reply in replies} == {150}
    api.control(faults="cap rows=150 honest=1")
    page = get(api, **YEAR, page_size=100, page=2).json()
    assert (len(page["results"]), page["total_count"]) == (50, 230)


def test_pages_shift_when_records_arrive_or_go_in_between():
    records = [{"id": f"R{n}", "filing_date": "2025-01-02"} for n in range(6)]
    with sandbox.serve(records=records) as api:

        def pages(numbers=(1, 2, 3)):
            return [[r["id"] for r in get(api, page=n, page_size=2).json()["results"]] for n in numbers]

        api.control(faults="insert rows=1 page=1 times=1")
        assert pages((1, 2, 3, 4)) == [["R0", "R1"], ["R1", "R2"], ["R3", "R4"], ["R5"]]
        assert pages((1,)) == [["R0-inserted-1", "R0"]]
        api.control(faults="remove rows=2 page=1 times=1")
        assert pages() == [["R0-inserted-1", "R0"], ["R3", "R4"], ["R5"]]


@pytest.mark.parametrize(
    "specification",
    [
        "explode",
        "status code",
        "status code=200",
        "status request=0",
        "cap rows=few",
        "cap row=1",
        '[{"rows": 1}]',
    ],
)
def test_a_specification_of_faults_that_cannot_be_is_refused(specification):
    with pytest.raises(ValueError):
        parse(specification)


def test_controls_that_cannot_be_are_refused_and_change_nothing(api):
    for body in ("no json", '{"then": 1}', '{"faults": "explode"}', '{"now": "soon"}'):
        assert requests.post(f"{api.url}/_control", data=body, timeout=10).status_code == 400
    half_right = '{"faults": "status", "now": "soon"}'
    assert requests.post(f"{api.url}/_control", data=half_right, timeout=10).status_code == 400
    assert get(api).status_code == 200


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
    for arguments in ({"records": tmp_path}, {"faults": "explode"}, {"records": tmp_path / "nowhere"}):
        with pytest.raises(RuntimeError, match="did not start"), sandbox.serve(**arguments):
            pass
    errors = capfd.readouterr().err
    assert "broken.json" in errors and "explode" in errors and "no such folder" in errors
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(RuntimeError), sandbox.serve(scenario="clean", filings=20, port=port):
            pass
