"""Small archives full of trouble, made with Hypothesis, and their raw tables in DuckDB.

An observation is a mapping of record_id, payload (JSON text), walk_id, observed_at (aware datetime), page_number
and position. Few issuers, insiders, days and names are used, so that collisions are frequent: amendments of records
and of filings, chains and cycles of them, duplicates across filings, in-place changes with newer, equal, older and
missing source times, and replicas that serve old content.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from reference import DEFAULT_FIELD_PATHS, FLAGS

from sandbox.raw_archive import Observation, observed_once, write_source

__all__ = ["Observation", "observed_once", "write_source"]

Rates = dict[str, dict[date, Decimal]]

FIRST_DAY = date(2026, 3, 1)
AS_OF_DATE = date(2026, 4, 20)  # later than the window of every buy in these archives
FIRST_WALK = datetime(2026, 3, 3, 6, tzinfo=UTC)
PAGE_SIZE = 2


def make_rates() -> Rates:
    """Weekday fixings that end before the last transaction days; BGN ends much earlier."""
    weekdays = [day for n in range(25) if (day := date(2026, 2, 9) + timedelta(days=n)).weekday() < 5]
    rates = {
        currency: {day: Decimal(first) + Decimal(n) / 1000 for n, day in enumerate(weekdays)}
        for currency, first in {"USD": "1.08", "GBP": "0.86", "SEK": "11.2", "BGN": "1.9558"}.items()
    }
    rates["BGN"] = {day: rate for day, rate in rates["BGN"].items() if day < date(2026, 2, 25)}
    del rates["SEK"][date(2026, 3, 4)]
    return rates


RATES = make_rates()

# ---------------------------------------------------------------- what records are made of

ISSUERS = [
    {"issuer_id": "C1", "issuer_name": "First Works", "ticker": "FWK", "country": "US"},
    {"issuer_id": "C2", "issuer_name": "Second Works", "ticker": "SWK", "country": "SE"},
    {"issuer_id": "C3", "issuer_name": "Third Works", "ticker": None, "country": "GB"},
]
OWNERS = [
    {"insider_id": "P1", "insider_name": "Robin Sample", "insider_role": "Chief Financial Officer"},
    {"insider_id": "P2", "insider_name": "Robin Sample", "insider_role": "Director"},
    {"insider_id": "P3", "insider_name": "Kim Pattern", "insider_role": "Vice President"},
    {"insider_id": None, "insider_name": "robin  sample.", "insider_role": "CEO"},
    {"insider_id": "", "insider_name": "Kim-Pattern", "insider_role": None},
    {"insider_id": None, "insider_name": "Lee Model", "insider_role": "Former CEO"},
    {"insider_id": "P4", "insider_name": "Holding Sample", "insider_role": "10% Owner"},
    {"insider_id": None, "insider_name": None, "insider_role": "See Remarks"},
]
RECORD_IDS = [f"F-{number}" for number in range(1, 9)]
FILING_IDS = ["G-1", "G-2", "F-1"]  # a filing may bear the id of a record

trading_days = st.integers(0, 5).map(lambda number: FIRST_DAY + timedelta(days=number))
days = st.integers(3, 14).map(lambda number: FIRST_DAY + timedelta(days=number))
times = st.sampled_from(
    [time(0, 30), time(3, 59, 59), time(11), time(21, 30), time(22), time(23, 15), time(23, 59, 59, 500000)]
)
instants = st.builds(lambda day, at: datetime.combine(day, at, UTC), days, times)


def mostly(value: Any, *others: Any) -> st.SearchStrategy:
    """`value` in about two of three draws, else one of the others."""
    return st.sampled_from([value] * (2 * len(others)) + list(others))


@st.composite
def time_texts(draw: st.DrawFn) -> Any:
    """A time as feeds write it: ISO with and without an offset, as in e-mails, epoch, a date alone, or not to be read."""
    moment = draw(instants)
    local = moment + timedelta(hours=-5)
    return draw(
        st.sampled_from(
            [
                moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
                moment.isoformat(sep=" "),
                moment.replace(tzinfo=None).isoformat(),
                local.strftime("%Y-%m-%dT%H:%M:%S.%f-05:00"),
                local.strftime("%Y-%m-%dT%H:%M:%S-0500"),
                int(moment.timestamp()),
                str(int(moment.timestamp() * 1000)),
                moment.strftime("%Y-%m-%d"),
                moment.strftime("%Y%m%dT%H%M%SZ"),
                moment.strftime("%a, %d %b %Y %H:%M:%S GMT"),
                moment.strftime("%d.%m.%Y %H:%M"),
                moment.strftime("%Y/%m/%d 00:00"),
                local.strftime("%Y-%m-%d %H:%M EST"),
            ]
        )
    )


@st.composite
def date_texts(draw: st.DrawFn) -> str | None:
    """A date as feeds write it; sometimes missing, impossible, late or in the wrong century."""
    day = draw(trading_days)
    return draw(
        mostly(
            day.isoformat(),
            day.strftime("%d-%b-%Y").upper(),
            day.strftime("%d.%m.%Y"),
            f"{day}-05:00",
            day.strftime("%Y%m%d"),
            f"{day}T23:30:00Z",
            f"{day}T00:00:00Z",
            f"{day}T05:00:00.000Z",
            f"{day}T02:15:00+00:00",
            f"{day} 23:30:00",
            f"{day}T00:00:00",
            f"{day} 20:00:00 GMT",
            f"{day} 20:00 EST",
            day.strftime("%Y/%m/%d 20:00"),
            int(datetime.combine(day, time(3, 20), UTC).timestamp()),
            f"0022-{day:%m-%d}",
            draw(days).isoformat(),
            "2026-02-30",
            None,
        )
    )


# What a record, an owner or a line may say in a field instead of the usual.
RECORD_EDITS = {
    "filing_id": st.sampled_from([None, *FILING_IDS]),
    "issuer_id": mostly("C1", "C2", None, " ", "N/A", ["C1", "C2"]),
    "issuer_name": st.sampled_from(["First Works", "First Works plc", None]),
    "ticker": st.sampled_from(["FWK", "SWK", None, ["FWK"], ["FWK", "SWK"], []]),
    "country": st.sampled_from(["US", "se", " GB ", "EU", "XX", None]),
    "filing_date": date_texts(),
    "amends_id": st.sampled_from([None, *RECORD_IDS, *FILING_IDS, "absent", "-", RECORD_IDS[:2]]),
    "status": st.sampled_from(
        [None, "active", "cancelled", "Withdrawn", "VOID", "annule\u0301e", "annul\u00e9e"]
    ),
    "url": st.sampled_from([None, "https://filings.example/1", "https://filings.example/2"]),
}
OWNER_EDITS = {
    "insider_id": st.sampled_from(["P1", "P2", "P3", None, "none", ["P1", "P2"]]),
    "insider_name": st.sampled_from(
        [
            "Robin Sample",
            "ROBIN SAMPLE",
            "Kim Pattern",
            "S\u00f6ren",
            "So\u0308\u00adren",
            "Robin\u200b Sample",
            "Robin\u2009Sample",
            "Robin\u2011Sample",
            None,
        ]
    ),
    "insider_role": st.sampled_from(
        [
            "CEO",
            "Chief Operating\u00a0Officer",
            "Sales Director",
            "Director & CEO of Sub",
            "VD, Styrelseledamot",
            "Styrelseordfo\u0308rande",
            "CEO, First Region",
            ["CEO"],
            ["CEO", "Director"],
            None,
        ]
    ),
    **{flag: st.sampled_from([True, False, "1", "0", "true", None]) for flag in FLAGS},
}
LINE_EDITS = {
    "line_number": st.sampled_from([1, "2", None]),
    "transaction_date": date_texts(),
    "transaction_type": mostly("buy", "Purchase", "sell", "gift", "no such type", None),
    "acquired_disposed": st.sampled_from(["A", "D", "acquired", None]),
    "shares": st.sampled_from(
        [
            100,
            "100",
            1000,
            "1,000",
            "1.000",
            "1 000 (1)",
            12.5,
            "12,5",
            12.345,
            [12.345],
            0.1234567,
            -100,
            0,
            "n/a",
            None,
        ]
    ),
    "price": st.sampled_from(
        [10, "10.00", "10,00", 1250, "1,250.50", "1.250,50", "1,250", 0, 0.005, "abc", None]
    ),
    "currency": st.sampled_from(
        ["EUR", "USD", "usd", "GBX", "GBP", "SEK", "BGN", "XXX", "N/A", "null", None]
    ),
    "value": st.sampled_from([5000, "5,000.00", "10.000", 10, 10000, 12500, -1, None]),
    "ownership_nature": st.sampled_from(["direct", "indirect", None]),
    "security_type": st.sampled_from(
        ["common stock", "Common Stock", "Preferred Stock", "Stock Option", "shares", None]
    ),
    "is_derivative": st.sampled_from([True, False, "0", None]),
    "is_10b5_1": st.sampled_from([True, "1", False, "maybe", None]),
    "linked_to_share_programme": st.sampled_from([True, "no", None]),
    "footnotes": st.sampled_from(["Shares bought in a private placement.", "Held in trust.", None]),
}
TIME_FIELDS = ["published_at", "accepted_at", "created_at", "updated_at"]


def one_edit(edits: Mapping[str, st.SearchStrategy]) -> st.SearchStrategy[dict]:
    """One field of `edits` with a new value."""
    return st.sampled_from(sorted(edits)).flatmap(lambda name: st.fixed_dictionaries({name: edits[name]}))


@st.composite
def trades(draw: st.DrawFn) -> dict:
    """A trade that several filings may report: the usual fields of a flat record."""
    return {
        **draw(mostly(*ISSUERS)),
        **draw(st.sampled_from(OWNERS)),
        "transaction_date": draw(trading_days).isoformat(),
        "filing_date": draw(days).isoformat(),
        "transaction_type": draw(mostly("buy", "acquisition", "sell", "gift")),
        "shares": draw(st.sampled_from([100, 1000])),
        "price": draw(mostly(10, 12.5, None)),
        "currency": draw(st.sampled_from([None, "EUR", "USD", "GBX"])),
        "security_type": draw(mostly("common stock", None, "preferred stock")),
        "ownership_nature": "direct",
    }


@st.composite
def first_contents(draw: st.DrawFn, trade: Mapping) -> dict:
    """A record that reports `trade`, flat or nested, with its times, its filing and what it amends."""
    record = dict(trade)
    for name, chance in {"published_at": 4, "accepted_at": 1, "created_at": 2, "updated_at": 1}.items():
        if draw(st.integers(1, 5)) <= chance:
            record[name] = draw(time_texts())
    record["filing_id"] = draw(mostly(None, *FILING_IDS))
    record["amends_id"] = draw(
        st.none() | st.none() | st.sampled_from([*RECORD_IDS[:3], *FILING_IDS, "absent"])
    )
    if draw(st.integers(1, 3)) > 1:
        return record | draw(
            st.just({}) | one_edit(RECORD_EDITS) | one_edit(OWNER_EDITS) | one_edit(LINE_EDITS)
        )

    # The lines keep some fields; the others stay in the record, where the lines find them.
    line = {name: record.pop(name) for name in ["shares", "price", "transaction_type"]}
    edits = st.just({}) | one_edit(LINE_EDITS)
    record["transactions"] = [line | edit for edit in draw(st.lists(edits, min_size=0, max_size=3))]
    if draw(st.booleans()):
        for name in ["insider_id", "insider_name", "insider_role"]:
            del record[name]
        record["owners"] = [
            {**owner, **dict(zip(FLAGS, flags, strict=True))}
            for owner, flags in draw(
                st.lists(
                    st.tuples(
                        st.sampled_from(OWNERS),
                        st.sampled_from(
                            [
                                (None,) * 4,
                                (True, False, False, False),
                                (False, True, None, None),
                                (0, 0, 1, 0),
                                (False, False, False, True),
                                ("false", "true", "true", ""),
                            ]
                        ),
                    ),
                    max_size=3,
                )
            )
        ]
    return record


@st.composite
def next_contents(draw: st.DrawFn, record: Mapping) -> dict:
    """`record` as it is served later: changed in at most one place, with whatever source times."""
    changed = json.loads(json.dumps(record))
    lines, owners = changed.get("transactions") or [changed], changed.get("owners") or [changed]
    match draw(st.sampled_from(["record", "owner", "line", "line", "order", "nothing"])):
        case "record":
            changed.update(draw(one_edit(RECORD_EDITS)))
        case "owner":
            draw(st.sampled_from(owners)).update(draw(one_edit(OWNER_EDITS)))
        case "line":
            draw(st.sampled_from(lines)).update(draw(one_edit(LINE_EDITS)))
        case "order":
            changed.get("owners", []).reverse()
    match draw(st.sampled_from(["same", "updated", "updated", "again published", "missing"])):
        case "updated":
            changed["updated_at"] = draw(time_texts())
        case "again published":
            changed["published_at"] = draw(time_texts())
        case "missing":
            for name in TIME_FIELDS:
                changed.pop(name, None)
    return changed


# ---------------------------------------------------------------- archives


@dataclass(frozen=True)
class Archive:
    """Observations of the generic feed and the rates to read them with."""

    observations: list[Observation]
    rates: Rates


@st.composite
def archives(draw: st.DrawFn, max_records: int = 8, max_walks: int = 4) -> Archive:
    """An archive of few records that report even fewer trades, served in several walks."""
    reported = draw(st.lists(trades(), min_size=1, max_size=3))
    contents = []
    for record_id in RECORD_IDS[: draw(st.integers(3, max_records))]:
        record = {"id": record_id, **draw(first_contents(draw(st.sampled_from(reported))))}
        states = [record]
        for _ in range(draw(st.integers(0, 3))):
            states.append(draw(next_contents(states[-1])))
        contents.append((record_id, [json.dumps(state, ensure_ascii=False) for state in states]))

    observations = []
    started_at = FIRST_WALK
    for walk in range(1, draw(st.integers(1, max_walks)) + 1):
        started_at += timedelta(hours=draw(st.sampled_from([1, 13, 26, 60])))
        served = draw(
            st.lists(
                st.tuples(st.sampled_from(contents), st.integers(0, 3)),
                min_size=len(contents) // 2,
                max_size=2 * len(contents),
            )
        )
        for number, ((record_id, states), state) in enumerate(served):
            page_number, position = number // PAGE_SIZE + 1, number % PAGE_SIZE + 1
            observations.append(
                {
                    "record_id": record_id,
                    "payload": states[state % len(states)],
                    "walk_id": f"walk-{walk}",
                    "observed_at": started_at + timedelta(seconds=page_number),
                    "page_number": page_number,
                    "position": position,
                }
            )
    return Archive(observations, RATES)


@st.composite
def loadings(draw: st.DrawFn, observations: Sequence[Observation]) -> list[list[Observation]]:
    """The observations split into loads: whole walks in any order, the rows of a load in any order."""
    of_walk = defaultdict(list)
    for seen in observations:
        of_walk[seen["walk_id"]].append(seen)
    loads: list[list[Observation]] = [[]]
    for walk in draw(st.permutations(list(of_walk.values()))):
        if loads[-1] and draw(st.booleans()):
            loads.append([])
        loads[-1] += walk
    return [draw(st.permutations(load)) for load in loads]


def sample_archives(count: int, **arguments: Any) -> list[Archive]:
    """`count` archives, the same ones on every call; `arguments` are those of `archives`."""
    samples: list[Archive] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(archives(**arguments))
    def collect(archive: Archive) -> None:
        samples.append(archive)

    collect()
    return samples[:count]


def combined(parts: Iterable[Archive]) -> Archive:
    """Many archives as one, in which they do not touch: ids of records, filings, issuers and walks get a prefix."""
    observations = []
    rates: Rates = {}
    for number, part in enumerate(parts):
        rates |= part.rates
        for seen in part.observations:
            payload = json.loads(seen["payload"])
            for name in ["id", "filing_id", "issuer_id", "amends_id"]:
                if (payload.get(name) or "").strip():
                    payload[name] = f"{number:04}-{payload[name]}"
            observations.append(
                seen
                | {
                    "record_id": payload["id"],
                    "payload": json.dumps(payload, ensure_ascii=False),
                    "walk_id": f"{number:04}-{seen['walk_id']}",
                }
            )
    return Archive(observations, rates)


# ---------------------------------------------------------------- the raw archive in DuckDB


def write_archive(
    database: Path,
    loads: Sequence[Sequence[Observation]],
    rates: Rates,
    uncommitted: Sequence[Sequence[Observation]] = (),
    field_paths: Mapping = DEFAULT_FIELD_PATHS,
) -> None:
    """Add the raw archive of the generic feed and of the rates to the DuckDB file `database`.

    Each of `loads` becomes one committed load with its rows in the given order, each of `uncommitted` one that
    a crash left without its mark. Fails where the file has these schemas already.
    """
    with duckdb.connect(str(database)) as connection:
        committed = [True] * len(loads) + [False] * len(uncommitted)
        write_source(
            connection, "filings_api", "filings", [*loads, *uncommitted], committed, json.dumps(field_paths)
        )
        write_source(connection, "ecb_rates", "reference_rates", [rate_observations(rates)], [True], None)


def rate_observations(rates: Rates) -> list[Observation]:
    """One observation per fixing day, as the ECB's file lists them: `N/A` where a currency has no rate."""
    return [
        {
            "record_id": day.isoformat(),
            "payload": json.dumps(
                {
                    "Date": day.isoformat(),
                    **{code: str(rates[code].get(day, "N/A")) for code in sorted(rates)},
                }
            ),
            "walk_id": "rates-1",
            "observed_at": FIRST_WALK,
            "page_number": 1,
            "position": position,
        }
        for position, day in enumerate(
            sorted({day for fixings in rates.values() for day in fixings}), start=1
        )
    ]
