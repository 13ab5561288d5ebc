"""Writes a raw archive of any size into a DuckDB file, set by set: ``python -m benchmarks.archive DATABASE --lines N``.

The records have the shape of the generic feed and the words of the sandbox. Everything about a filing is a function
of its number and the seed, so the same arguments give the same archive and the numbers after the last one give what
is filed next. Filings follow each other in time. Each month is walked once it is over, with the seven days before
it: there, records are seen again, some of them changed. The loader can go on from what it finds.

`realistic` has several markets and currencies, flat and nested filings, amendments, duplicates, corrections and
gaps; `clean` is the article's plain feed in euros, on which every reading agrees.
"""

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Literal, NamedTuple

import duckdb
import pyarrow as pa

import loader
from loader import windows
from loader.archive import SCHEMAS, open_archive
from sandbox.vocabulary import (
    ARTICLE_KINDS,
    ARTICLE_MARKETS,
    COMMON,
    COMPANY_PREFIXES,
    COMPANY_SECTORS,
    DERIVATIVES,
    GIVEN_NAMES,
    HARMLESS_NOTES,
    MARKETS,
    OTHER_SECURITIES,
    PLACEMENT_NOTES,
    SURNAME_ENDS,
    SURNAME_STARTS,
    TYPES,
)

Scenario = Literal["realistic", "clean"]

LINES_PER_FILING = 1.6
FILINGS_PER_ISSUER = 18
MOST_ISSUERS = 9000
INSIDERS_PER_ISSUER = 8
FILINGS_PER_YEAR = 130_000
END = date(2026, 3, 31)
# Without a rate nothing has a value in euros: the ECB's begin in January 1999.
EARLIEST_START = date(1999, 3, 1)
OVERLAP = timedelta(days=7)
PAGE_SIZE = 500
FEED = "127.0.0.1/filings"

# About a quarter buys.
KINDS = {
    "purchase": 25, "sale": 35, "grant": 14, "option_exercise": 9, "tax_withholding": 8, "gift": 3, "subscription": 2,
    "conversion": 1, "inheritance": 1, "disposition_to_issuer": 1, "other": 1,
}  # fmt: skip

# Shares of filings, of records seen again, of insiders or of lines; in a clean feed all are 0.
RATES = {
    "amendment": 0.03, "duplicate": 0.01, "nested": 0.2, "date_only": 0.05, "no_time": 0.01, "cancelled": 0.004,
    "corrected": 0.1, "withdrawn": 0.02, "touched": 0.03, "nameless": 0.04, "no_price": 0.01, "other_security": 0.03,
    "planned": 0.02, "placement": 0.01, "note": 0.03, "late": 0.05,
}  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """What an archive holds: about ``lines`` lines in ``filings`` filings of ``issuers``, filed from start to end."""

    filings: int
    lines: int
    issuers: int
    start: date
    end: date
    seed: int = 1
    scenario: Scenario = "realistic"
    first: int = 0
    """Number of the first filing."""

    def continued(self, day: date, records: int) -> "Shape":
        """What is filed on a day after the last one: as many filings as make so many records at least."""
        return replace(self, first=self.first + self.filings, filings=records, start=day, end=day)

    @classmethod
    def of_size(
        cls,
        lines: int | None = None,
        filings: int | None = None,
        issuers: int | None = None,
        start: date | None = None,
        end: date | None = None,
        seed: int = 1,
        scenario: Scenario = "realistic",
    ) -> "Shape":
        """The shape with what is not given as it is in a feed of that size: a longer archive reaches further back."""
        if filings is None:
            filings = round((lines or 10_000) / LINES_PER_FILING)
        end = end or END
        years = max(1.25, filings / FILINGS_PER_YEAR)
        return cls(
            filings=filings,
            lines=lines or round(filings * LINES_PER_FILING),
            issuers=issuers or min(MOST_ISSUERS, max(20, filings // FILINGS_PER_ISSUER)),
            start=start or max(EARLIEST_START, end - timedelta(days=round(365.25 * years))),
            end=end,
            seed=seed,
            scenario=scenario,
        )

    def weekdays(self) -> list[date]:
        """The days on which filings are filed."""
        days = (self.start + timedelta(days=number) for number in range((self.end - self.start).days + 1))
        return [day for day in days if day.weekday() < 5]


class Words(NamedTuple):
    """What a scenario draws from."""

    markets: tuple
    kinds: dict[str, float]
    rates: dict[str, float]


WORDS = {
    "realistic": Words(MARKETS, KINDS, RATES),
    "clean": Words(ARTICLE_MARKETS, ARTICLE_KINDS, dict.fromkeys(RATES, 0.0)),
}


def write(database: Path, shape: Shape) -> None:
    """Write the archive of the filings and that of the ECB's rates into a DuckDB file that has neither."""
    with tempfile.TemporaryDirectory() as scratch, _environment(database, scratch):
        # The loader makes its tables and its state; the records come set by set.
        with open_archive("filings_api") as archive:
            archive.append([("windows", SCHEMAS["windows"].empty_table())])
        loader.load("ecb_rates")
    with duckdb.connect(str(database)) as connection:
        connection.execute("set TimeZone = 'UTC'; set preserve_insertion_order = true; use raw_filings_api")
        prepare(connection, shape)
        # One transaction: the walks go to the file once, not through the log.
        connection.begin()
        for walk in _walks(shape):
            _write_walk(connection, walk)
        connection.commit()


@contextmanager
def _environment(database: Path, scratch: str) -> Iterator[None]:
    before = dict(os.environ)
    # Not the archive of whoever measures.
    os.environ |= {"INSIDER_ARCHIVE_URL": "", "INSIDER_FILINGS_DB": str(database), "DLT_DATA_DIR": scratch}
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


# ---------------------------------------------------------------- filings as a function of their numbers


def prepare(connection: duckdb.DuckDBPyConnection, shape: Shape) -> None:
    """Make the temporary tables and macros of a shape; ``records(first, after, seen_again)`` gives records.

    It has number, ordinal (the line, 0 for a nested filing), record_id and payload of the filings numbered
    ``first`` to ``after`` (not included), as they are served first or when they are seen again.
    """
    words = WORDS[shape.scenario]
    for name, table in _tables(shape, words).items():
        connection.register(f"{name}_words", table)
        connection.execute(f"create or replace temp table {name} as select * from {name}_words")
        connection.unregister(f"{name}_words")
    for statement in (_DIMENSIONS, _FILINGS, _RECORDS):
        connection.execute(statement.format(**_parameters(shape), **words.rates))


def _tables(shape: Shape, words: Words) -> dict[str, pa.Table]:
    """The vocabulary as tables."""

    def spread(weights: list[float], size: int = 1000) -> list[int]:
        """``size`` numbers of items, each as often as it weighs."""
        ends = [round(size * end / sum(weights)) for end in accumulate(weights)]
        return [next(item for item, end in enumerate(ends) if slot < end) for slot in range(size)]

    markets = words.markets
    types = [
        (weight / len(TYPES[kind]), word, kind == "purchase", kind in ("grant", "gift", "inheritance"))
        for kind, weight in words.kinds.items()
        for word in TYPES[kind]
    ]
    of_slot = [types[item] for item in spread([weight for weight, *_ in types])]
    return {
        "market_slots": pa.table(
            {"slot": range(1000), "market": spread([market.weight for market in markets])}
        ),
        "markets": pa.table(
            {
                "market": range(len(markets)),
                "country": [market.country for market in markets],
                "currency": pa.array([market.currency for market in markets], pa.string()),
                "low": [market.unit * market.prices[0] for market in markets],
                "high": [market.unit * market.prices[1] for market in markets],
                "suffixes": [list(market.suffixes) for market in markets],
                "roles": [[role for role, _ in market.roles] for market in markets],
                "relations": [[relation for _, relation in market.roles] for market in markets],
                "securities": pa.array(
                    [
                        COMMON.get(market.country, ()) if shape.scenario != "clean" else ()
                        for market in markets
                    ],
                    pa.list_(pa.string()),
                ),
            }
        ),
        "types": pa.table(
            {
                "slot": range(1000),
                "word": [word for _, word, *_ in of_slot],
                "is_free": [is_free and shape.scenario != "clean" for *_, is_free in of_slot],
            }
        ),
    }


def _parameters(shape: Shape) -> dict[str, object]:
    return {
        **{name: getattr(shape, name) for name in ("filings", "issuers", "seed", "first")},
        "insiders": INSIDERS_PER_ISSUER,
        # One to five lines a filing: those with more than one have three and a half on average.
        "several": min(1.0, (shape.lines / shape.filings - 1) / 2.5),
        "start": shape.start.isoformat(),
        "end": shape.end.isoformat(),
        "weekdays": len(shape.weekdays()),
        "has_extras": str(shape.scenario != "clean"),
        **{
            name: "[" + ", ".join("'" + word.replace("'", "''") + "'" for word in words) + "]"
            for name, words in {
                "prefixes": COMPANY_PREFIXES,
                "sectors": COMPANY_SECTORS,
                "given_names": GIVEN_NAMES,
                "surname_starts": SURNAME_STARTS,
                "surname_ends": SURNAME_ENDS,
                "other_securities": OTHER_SECURITIES + DERIVATIVES,
                "harmless_notes": HARMLESS_NOTES,
                "placement_notes": PLACEMENT_NOTES,
            }.items()
        },
    }


_DIMENSIONS = """
-- A number from 0 up to 1 for each name of a choice and each number of what is chosen for.
create or replace temp macro draw(name, number) as
    (hash(name, number, {seed}) >> 11) / 9007199254740992.0;
create or replace temp macro pick(words, chance) as words[1 + cast(floor(chance * len(words)) as bigint)];

create or replace temp table weekdays as
select
    row_number() over (order by day) - 1 - count(*) filter (day < date '{start}') over () as ordinal,
    cast(day as date) as day
from generate_series(date '{start}' - 150, date '{end}' + 60, interval 1 day) as days(day)
where isodow(day) < 6;

create or replace temp table issuers as
select
    range as issuer,
    markets.market,
    currency,
    securities,
    low * power(high / low, draw('issuer price', range)) as quote,
    concat_ws(',',
        '"issuer_id":"' || country || '-' || lpad(cast(range as varchar), 5, '0') || '"',
        '"issuer_name":' || to_json(concat_ws(' ',
            {prefixes}[1 + range % len({prefixes})],
            {sectors}[1 + range // len({prefixes}) % len({sectors})],
            nullif(range // (len({prefixes}) * len({sectors})), 0),
            pick(suffixes, draw('suffix', range))
        )),
        '"ticker":' || if({has_extras} and draw('ticker', range) < 0.02, 'null', '"T' || range || '"'),
        '"country":"' || country || '"'
    ) as json
from range({issuers})
inner join market_slots on slot = cast(floor(1000 * draw('market', range)) as bigint)
inner join markets on market_slots.market = markets.market;

create or replace temp table insiders as
select
    issuer * {insiders} + member as insider,
    relation like '%d%' or relation like '%o%' as is_insider,
    concat_ws(',',
        '"insider_id":' || if(draw('nameless', insider) < {nameless}, 'null', '"P-' || insider || '"'),
        '"insider_name":"' || pick({given_names}, draw('given', insider)) || ' '
            || pick({surname_starts}, draw('surname', insider)) || pick({surname_ends}, draw('ending', insider)) || '"',
        '"insider_role":' || to_json(roles[place]),
        case when {has_extras} and country = 'US' and draw('flags', insider) < 0.6 then
            '"is_director":' || (relation like '%d%') || ',"is_officer":' || (relation like '%o%')
            || ',"is_ten_percent_owner":' || (relation like '%t%') || ',"is_other":' || (relation like '%x%')
        end
    ) as json
from (
    select
        issuers.issuer,
        members.range as member,
        country,
        roles,
        1 + cast(floor(len(roles) * draw('role', issuers.issuer * {insiders} + members.range)) as bigint) as place,
        relations[place] as relation
    from issuers
    cross join range({insiders}) as members
    inner join markets on issuers.market = markets.market
);
"""

_FILINGS = """
-- A duplicate or an amendment is about the trade of a filing of the weeks before, which may be one itself.
create or replace temp macro origin(number) as
    if(
        number > 500 and draw('again', number) < {amendment} + {duplicate},
        number - 1 - cast(floor(draw('origin', number) * least(500, number // 20)) as bigint),
        number
    );

create or replace temp macro filings(first, after) as table
select
    number,
    'F-' || lpad(cast(number as varchar), 8, '0') as filing_id,
    content,
    case when draw('again', number) < {amendment} and origin(number) < number then
        'F-' || lpad(cast(origin(number) as varchar), 8, '0')
    end as amends_id,
    1 + if(draw('several', content) < {several}, 1 + cast(floor(4 * draw('lines', content)) as bigint), 0) as lines,
    draw('nested', content) < {nested} as is_nested,
    weekdays.day as filing_date,
    traded.day as transaction_date,
    weekdays.day + to_minutes(cast(480 + floor(840 * draw('minute', number)) as bigint)) as published_at,
    cast(floor({issuers} * power(draw('issuer', content), 1.3)) as bigint) as issuer,
    cast(floor({insiders} * draw('insider', content)) as bigint) as member
from (select range as number, origin(origin(range)) as content from range(first, after))
inner join weekdays on weekdays.ordinal = (number - {first}) * {weekdays} // {filings}
inner join weekdays as traded
    on traded.ordinal
    = (content - {first}) * {weekdays} // {filings}
    - cast(if(
        draw('late', content) < {late}, 5 + floor(60 * draw('lag', content)), floor(4 * draw('lag', content))
    ) as bigint);
"""

_RECORDS = """
create or replace temp macro records(first, after, seen_again) as table
with filed as (

    select
        filings.*,
        issuers.json as issuer_json,
        issuers.currency,
        issuers.securities,
        issuers.quote,
        filings.issuer * {insiders} + filings.member as insider,
        if(
            draw('owners', filings.content) < 0.3, filings.issuer * {insiders} + (filings.member + 1) % {insiders}, null
        ) as second_insider,
        types.word,
        types.is_free
    from filings(first, after) as filings
    inner join issuers on filings.issuer = issuers.issuer
    inner join types on types.slot = cast(floor(1000 * draw('type', filings.content)) as bigint)

),

numbered as (

    select
        filed.*,
        insiders.json as insider_json,
        insiders.is_insider,
        unnest(range(1, lines + 1)) as line_number
    from filed
    inner join insiders on filed.insider = insiders.insider

),

drawn as (

    select
        *,
        content * 8 + line_number as line,
        -- What is changed when it is seen again, a nested filing as one.
        if(seen_again, draw('state', number * 8 + if(is_nested, 0, line_number)), 1.0) as state
    from numbered

),

lines as (

    select
        *,
        concat_ws(',',
            '"transaction_date":"' || transaction_date || '"',
            '"transaction_type":"' || word || '"',
            '"shares":' || (
                1 + cast(floor(exp(4 + 5 * draw('shares', line))) as bigint)
                + if(amends_id is not null or state < {corrected}, 10, 0)
            ),
            '"price":' || if(
                (is_free and draw('free', content) < 0.8) or draw('no price', line) < {no_price},
                'null',
                cast(cast(quote * (0.85 + 0.35 * draw('price', line)) as decimal(18, 2)) as varchar)
            ),
            '"currency":' || coalesce('"' || currency || '"', 'null'),
            '"value":null',
            '"ownership_nature":"' || if(is_insider and draw('nature', content) < 0.85, 'direct', 'indirect') || '"',
            '"security_type":"' || case
                when draw('other security', content) < {other_security} then
                    pick({other_securities}, draw('security', content))
                else coalesce(pick(securities, draw('security', content)), 'common stock')
            end || '"',
            case when {has_extras} and currency = 'USD' then
                '"is_10b5_1":' || (draw('planned', content) < {planned})
            end,
            case
                when draw('footnote', content) < {placement} then
                    '"footnotes":"' || pick({placement_notes}, draw('note', content)) || '"'
                when draw('footnote', content) < {placement} + {note} then
                    '"footnotes":"' || pick({harmless_notes}, draw('note', content)) || '"'
            end
        ) as line_json,
        concat_ws(',',
            issuer_json,
            '"filing_date":"' || filing_date || '"',
            case
                when draw('time', number) < {no_time} then null
                when draw('time', number) < {no_time} + {date_only} then '"published_at":"' || filing_date || '"'
                else '"published_at":"' || replace(cast(published_at as varchar), ' ', 'T') || 'Z"'
            end,
            -- One correction in five bears no new time.
            case when state < {corrected} * 0.8 or (state >= {corrected} and state < {corrected} + {withdrawn} + {touched}) then
                '"updated_at":"' || (filing_date + 8) || 'T09:00:00Z"'
            end,
            '"amends_id":"' || amends_id || '"',
            case
                when state >= {corrected} and state < {corrected} + {withdrawn} then '"status":"cancelled"'
                when draw('cancelled', number) < {cancelled} then '"status":"void"'
            end,
            case when {has_extras} then '"url":"https://filings.example/' || filing_id || '"' end
        ) as head_json
    from drawn

)

select
    number,
    line_number as ordinal,
    filing_id || if(lines > 1, '-' || line_number, '') as record_id,
    '{{"id":"' || filing_id || if(
        lines > 1,
        '-' || line_number || '","filing_id":"' || filing_id || '","line_number":' || line_number || ',',
        '",'
    ) || head_json || ',' || insider_json || ',' || line_json || '}}' as payload
from lines
where not is_nested

union all

select
    lines.number,
    0 as ordinal,
    any_value(lines.filing_id) as record_id,
    '{{"id":"' || any_value(lines.filing_id) || '",' || any_value(lines.head_json)
    || ',"owners":[{{' || any_value(lines.insider_json) || '}}'
    || coalesce(',{{' || any_value(second.json) || '}}', '')
    || '],"transactions":[' || string_agg('{{' || lines.line_json || '}}', ',' order by lines.line_number)
    || ']}}' as payload
from lines
left join insiders as second on lines.second_insider = second.insider
where lines.is_nested
group by lines.number
"""


# ---------------------------------------------------------------- walks


class ArchivedWalk(NamedTuple):
    """A month as it was walked: filings numbered ``first`` to ``after``, of which those before ``new`` are seen again."""

    number: int
    window_start: date
    window_end: date
    first: int
    new: int
    after: int


def _walks(shape: Shape) -> Iterator[ArchivedWalk]:
    weekdays = shape.weekdays()

    def first_number(day: date) -> int:
        """The number of the first filing on or after a day."""
        before = sum(weekday < day for weekday in weekdays)
        return shape.first - (-before * shape.filings // len(weekdays))

    for number, month in enumerate(windows.plan(shape.start, shape.end, "month", shape.end)):
        start = max(shape.start, month.start - OVERLAP)
        after = first_number(month.end + windows.ONE_DAY)
        yield ArchivedWalk(number, start, month.end, first_number(start), first_number(month.start), after)


def _write_walk(connection: duckdb.DuckDBPyConnection, walk: ArchivedWalk) -> None:
    """Write one load of one walk, as the loader would have."""
    observed_at = datetime.combine(walk.window_end + windows.ONE_DAY, time(13), UTC)
    key = {
        "feed": FEED,
        "walk_id": f"{walk.number:032x}",
        "window_start": walk.window_start,
        "window_end": walk.window_end,
        "load_id": f"{observed_at.timestamp():.7f}",
        "observed_at": observed_at,
    }
    (records,) = connection.execute(
        _OBSERVATIONS.format(page_size=PAGE_SIZE, **walk._asdict()), key
    ).fetchone()
    pages = max(1, -(-records // PAGE_SIZE))
    counts = {"records": records, "pages": pages, "finished_at": observed_at + timedelta(seconds=pages)}
    connection.execute(_WINDOW, key | counts | {"field_paths": _field_paths()})
    connection.execute(_LOAD, {"load_id": key["load_id"], "observed_at": observed_at})


def _field_paths() -> str:
    from loader.config import read_settings
    from loader.filings_api import SOURCE, Settings

    os.environ.setdefault("SOURCES__FILINGS_API__BASE_URL", "http://127.0.0.1")
    return read_settings(SOURCE, Settings).for_models()


_OBSERVATIONS = """
insert into observations by name
with records as (

    select * from records({first}, {new}, true)
    union all
    select * from records({new}, {after}, false)

),

placed as (

    select
        record_id,
        payload,
        row_number() over (order by number, ordinal) - 1 as place
    from records

)

select
    'filings_api' as source,
    $feed as feed,
    $walk_id as walk_id,
    $window_start as window_start,
    $window_end as window_end,
    record_id,
    sha256(payload) as content_hash,
    payload,
    1 + place // {page_size} as page_number,
    1 + place % {page_size} as position,
    cast($observed_at as timestamptz) + to_seconds(place // {page_size}) as observed_at,
    $load_id as _dlt_load_id
from placed
order by place
"""

_WINDOW = """
insert into windows by name
select
    'filings_api' as source,
    $feed as feed,
    $walk_id as walk_id,
    $window_start as window_start,
    $window_end as window_end,
    true as is_closed,
    $observed_at as started_at,
    $finished_at as finished_at,
    $pages as pages_requested,
    $records as reported_records,
    $records as received_records,
    $records as distinct_records,
    0 as rejected_records,
    $field_paths as field_paths,
    $load_id as _dlt_load_id
"""

_LOAD = """
insert into _dlt_loads
select $load_id, schema_name, 0, $observed_at, version_hash
from _dlt_version
order by version desc
limit 1
"""


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.archive", description="Writes a synthetic raw archive into a DuckDB file."
    )
    parser.add_argument("database", type=Path, help="a DuckDB file without an archive, or a new one")
    parser.add_argument("--lines", type=int, help="about how many; unset, 1.6 a filing")
    parser.add_argument("--filings", type=int, help="how many; unset, as many as suit the lines")
    parser.add_argument("--issuers", type=int)
    parser.add_argument("--start-date", dest="start", type=date.fromisoformat, help="first filing date")
    parser.add_argument("--end-date", dest="end", type=date.fromisoformat, help="last filing date")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scenario", choices=tuple(WORDS), default="realistic")
    options = vars(parser.parse_args())
    write(options.pop("database").resolve(), Shape.of_size(**options))


if __name__ == "__main__":
    main()
