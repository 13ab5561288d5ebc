"""What the page tells, read from a published database: each table is one SQL file of ``brief/sql``, which the page hands out as well."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

import explain
from runner.publish import as_of_date, mart_names, open_published, rows_of
from runner.settings import RunError

QUERIES = Path(__file__).parent / "sql"
NEEDED = {
    "issuer_scores", "signal_buys", "buy_clusters", "source_status", "daily_insider_signal", "signal_changes",
    "insider_transaction_versions", "insider_transactions", "filing_payloads", "duplicate_spans", "filing_timeliness",
    "filing_counts", "unmapped_values", "quarantined_records", "duplicate_lines", "vanished_records", "load_completeness",
    "line_supersessions", "mapping_rules", "score_terms",
}  # fmt: skip
STUDY = {"event_study", "event_study_run", "signal_returns"}


class NothingLoadedError(RunError):
    """The published database is of a build without filings: there is no day to tell of."""


@dataclass(frozen=True)
class Answer:
    """The rows of a query, by column, and the SQL that gave them."""

    sql: str
    rows: list[dict[str, Any]]


@dataclass(frozen=True)
class Study:
    """What the published event study found; no later than the page's day."""

    as_of_date: date
    results: pd.DataFrame
    """Headline rows of marts.event_study, with those entered at the transaction date."""
    unpriced: int
    """Events of all kinds without a benchmark-adjusted return over five sessions."""
    events: int
    placebo: list[tuple[str, float]]
    """By event: the place of its mean over five sessions among the shifted calendars."""
    paid_to_close: dict[tuple[str, str], float]
    """By source and issuer: what insiders paid against the last close, of its last event."""


@dataclass(frozen=True)
class Brief:
    """Everything that the page tells of a day."""

    day: date
    since: date
    """New filings are those that became known after this day."""
    own_day: date
    """The day that the published marts describe."""
    built_at: datetime
    answers: dict[str, Answer]
    explanations: dict[tuple[str, str], dict[str, Any]]
    """What `explain` answers for each ranked issuer."""
    study: Study | None
    later_study: bool
    """Whether there is a study that knows days after the page's."""

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The rows of a query."""
        return self.answers[name].rows


def read(published: Path, day: date | None = None, since: date | None = None) -> Brief:
    """Reads what the page tells.

    Args:
        published: A published database.
        day: The day to tell of; the one that the marts describe where none is given.
        since: The day of the brief before; the weekday before ``day`` where none is given.

    Raises:
        RunError: There is no such file, it is no published database, or it does not know the day.
    """
    if not published.is_file():
        raise RunError(f"{published} is not there: run make signal, or name a published database")
    try:
        with open_published(published) as connection:
            return _read(connection, published, day, since)
    except duckdb.IOException as error:
        raise RunError(f"{published} cannot be read as a published database: {error}") from error


def _read(
    connection: duckdb.DuckDBPyConnection, published: Path, day: date | None, since: date | None
) -> Brief:
    there = mart_names(connection)
    if missing := sorted(NEEDED - there):
        raise RunError(f"{published} lacks {', '.join(missing)}: publish it again with make signal")
    first, scored = connection.execute(
        "select min(signal_date), max(signal_date) from marts.issuer_scores"
    ).fetchone()
    own_day = as_of_date(connection)
    if own_day is None:
        raise NothingLoadedError(
            f"nothing is loaded in {published}, so there is nothing to tell: load filings first"
        )
    day = day or own_day
    if day != own_day and not (scored and first <= day <= own_day):
        raise RunError(
            f"{published} knows the days from {first or own_day} to {own_day}, and {day} is outside:"
            " choose a day in between, or build the marts of that day with AS_OF"
        )
    since = since or weekday_before(day)
    if since >= day:
        raise RunError(f"the brief before is of {since}, which is not before {day}")
    literals = {"$day": f"date '{day}'", "$since": f"date '{since}'"}
    answers = {path.stem: _ask(connection, path, literals) for path in sorted(QUERIES.glob("*.sql"))}
    ranked = [(row["source"], row["issuer_id"]) for row in answers["ranking"].rows]
    explanations = explain.issuers(connection, ranked, day)
    study, later = _study(connection, day) if there >= STUDY else (None, False)
    return Brief(
        day=day,
        since=since,
        own_day=own_day,
        built_at=datetime.fromtimestamp(published.stat().st_mtime, UTC),
        answers=answers,
        explanations=explanations,
        study=study,
        later_study=later,
    )


def weekday_before(day: date) -> date:
    """The last day before ``day`` that is none of a weekend: a Monday's page has the weekend's filings too."""
    return day - timedelta(days={0: 3, 6: 2}.get(day.weekday(), 1))


def _ask(connection: duckdb.DuckDBPyConnection, path: Path, literals: dict[str, str]) -> Answer:
    sql = path.read_text(encoding="utf-8").strip()
    for name, literal in literals.items():
        sql = sql.replace(name, literal)
    return Answer(sql, rows_of(connection, sql))


def _study(connection: duckdb.DuckDBPyConnection, day: date) -> tuple[Study | None, bool]:
    as_of_date = connection.execute("select max(as_of_date) from marts.event_study_run").fetchone()[0]
    if as_of_date is None:
        return None, False
    if as_of_date > day:
        return None, True
    results = connection.execute(
        "select * from marts.event_study where slice in ('event_kind', 'illusion') and return_kind = 'adjusted'"
    ).to_arrow_table().to_pandas()  # fmt: skip
    events, unpriced = connection.execute(
        """
        select count(*), count(*) filter (where adjusted_return is null)
        from marts.signal_returns
        where horizon = 5 and not ends_with(event_kind, '_at_transaction')
        """
    ).fetchone()
    paid = connection.execute(
        """
        select source, issuer_id, max_by(paid_to_close, (signal_date, event_kind))
        from marts.signal_returns
        where paid_to_close is not null and signal_date between cast($day as date) - 30 and $day
        group by source, issuer_id
        """,
        {"day": day},
    ).fetchall()
    placebo = connection.execute(
        """
        select event_kind, placebo_percentile
        from marts.event_study
        where slice = 'event_kind' and return_kind = 'adjusted' and horizon = 5 and not is_looking_ahead
            and placebo_percentile is not null
        order by event_kind desc
        """
    ).fetchall()
    ratios = {(source, issuer): ratio for source, issuer, ratio in paid}
    return Study(as_of_date, results, unpriced, events, placebo, ratios), False
