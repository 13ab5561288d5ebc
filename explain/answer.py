"""The whole answer for an issuer and a day, as one dictionary."""

import hashlib
from datetime import date, timedelta
from typing import Any

import duckdb

from explain.score import TERMS, Weights, read_buys, what_would_change_it
from runner.publish import as_of_date, rows_of

# The versions that were known by the day, of trades within the window; what became of them later is not told.
LINES = """
    select
        versions.*,
        buys.buyer,
        buys.transaction_id is not null as counts,
        duplicates.duplicate_of,
        roles.match_kind as role_match,
        roles.pattern as role_pattern,
        types.reference as type_reference,
        payloads.form_type,
        payloads.content_hash,
        payloads.payload
    from marts.insider_transaction_versions as versions
    left join marts.signal_buys as buys
        on versions.transaction_id = buys.transaction_id and versions.version_number = buys.version_number
        and $day >= buys.valid_from and $day < coalesce(buys.valid_to, date '9999-12-31')
    left join marts.duplicate_spans as duplicates
        on versions.transaction_id = duplicates.transaction_id and versions.version_number = duplicates.version_number
        and $day >= duplicates.valid_from and $day < coalesce(duplicates.valid_to, date '9999-12-31')
    left join marts.mapping_rules as roles
        on roles.seed = 'role_map' and versions.role_rule_id = roles.rule_id
    left join marts.mapping_rules as types
        on types.seed = 'transaction_type_map' and versions.transaction_type_map_version = types.version
        and versions.source || ':' || lower(versions.raw_transaction_type) = types.rule_id
    left join marts.filing_payloads as payloads
        on versions.source = payloads.source and versions.record_id = payloads.record_id
        and versions.version_number = payloads.version_number
    where versions.issuer_source = $source and versions.issuer_id = $issuer_id
        and versions.available_date <= $day
        and versions.transaction_date between $first_day and $day
    order by versions.available_at, versions.transaction_id, versions.version_number
"""
# What took the place of a line, as far as it was known by the day; null in superseding_transaction_id: all lines of the record.
SUPERSESSIONS = """
    select *
    from marts.line_supersessions
    where known_date <= $day
        and (
            transaction_id in (select unnest($transaction_ids))
            or superseding_transaction_id in (select unnest($transaction_ids))
            or (source || ':' || superseding_record_id in (select unnest($records)) and superseding_transaction_id is null)
        )
    order by known_date, transaction_id, version_number, superseding_record_id, superseding_version_number
"""
NAMES = """
    select
        max_by(issuer_name, (available_at, transaction_id)) filter (where issuer_name is not null),
        max_by(ticker, (available_at, transaction_id)) filter (where ticker is not null)
    from marts.insider_transaction_versions
    where issuer_source = $source and issuer_id = $issuer_id and available_date <= $day
"""


def issuer(
    connection: duckdb.DuckDBPyConnection, issuer_id: str, day: date | None = None, source: str | None = None
) -> dict[str, Any]:
    """Why the issuer has its score on a day.

    Args:
        connection: A published file, in use.
        issuer_id: The issuer (`explain.find` finds it by a name).
        day: No later than the as-of date, which is the default.
        source: The source of the id; needed where two sources have it.

    Returns:
        `issuer`, `score` (None where it has none on that day), `lines`, and `what_would_change_it`.

    Raises:
        ValueError: the marts describe no such day.
    """
    as_of = as_of_date(connection)
    day = day or as_of
    if as_of is None or day > as_of:
        raise ValueError(f"the marts describe no day after {as_of}, and {day} is later")
    if source is None:
        [(source,)] = connection.execute(
            "select min(source) from marts.issuers where issuer_id = $issuer_id", {"issuer_id": issuer_id}
        ).fetchall()
    key = {"source": source, "issuer_id": issuer_id, "day": day}
    weights = Weights.read(connection)
    buys = read_buys(connection, **key)
    name, ticker = connection.execute(NAMES, key).fetchone()
    lines = _rows(connection, LINES, {**key, "first_day": day - timedelta(days=weights.window_days)})
    supersessions = _rows(
        connection,
        SUPERSESSIONS,
        {
            "day": day,
            "transaction_ids": [row["transaction_id"] for row in lines],
            "records": [f"{row['source']}:{row['record_id']}" for row in lines],
        },
    )
    return {
        "as_of_date": as_of,
        "day": day,
        "issuer": {"source": source, "issuer_id": issuer_id, "issuer_name": name, "ticker": ticker},
        "score": _score(connection, key, weights),
        "lines": [_line(row, day, supersessions) for row in lines],
        "what_would_change_it": what_would_change_it(weights, buys, day) if buys else [],
    }


def _score(
    connection: duckdb.DuckDBPyConnection, key: dict[str, Any], weights: Weights
) -> dict[str, Any] | None:
    rows = _rows(
        connection,
        """
        select
            *,
            (select count(*) from marts.issuer_scores where signal_date = $day) as issuers
        from marts.issuer_scores
        where source = $source and issuer_id = $issuer_id and signal_date = $day
        """,
        key,
    )
    if not rows:
        return None
    (row,) = rows
    inputs = {
        "log_buy_value": f"ln(1 + {row['total_buy_value']:,.2f} {row['base_currency']})",
        "distinct_buyers": f"{row['distinct_buyers']} buyers",
        "senior_buyer": "a senior buyer" if row["senior_buyer_flag"] else "no senior buyer",
        "days_since_last_buy": f"{row['days_since_last_buy']} days since the buy of {row['last_buy_date']}",
    }
    terms = [
        {"term": term, "weight": weights.of(term), "input": inputs[term], "points": row[column]}
        for term, column in TERMS.items()
    ]
    return {
        **{
            name: row[name]
            for name in (
                "score",
                "rank",
                "issuers",
                "rank_in_market",
                "market",
                "tradable_on",
                "score_version",
                "is_source_behind",
            )
        },
        "terms": terms,
        "unpriced_buys": row["unpriced_buys"],
    }


def _line(row: dict[str, Any], day: date, supersessions: list[dict[str, Any]]) -> dict[str, Any]:
    superseded = row["superseded_date"] is not None and row["superseded_date"] <= day
    if row["counts"]:
        verdict = "counts"
    elif superseded:
        verdict = "superseded"
    elif row["signal_exclusion_reason"]:
        verdict = row["signal_exclusion_reason"]
    elif row["duplicate_of"]:
        verdict = "duplicate"
    else:
        verdict = "below_minimum_value or same_terms"
    payload = row["payload"]
    return {
        "transaction_id": row["transaction_id"],
        "version_number": row["version_number"],
        "verdict": verdict,
        "insider": {"insider_id": row["insider_id"], "insider_name": row["insider_name"], "buyer": row["buyer"]},
        "role": {
            "raw_role": row["raw_role"],
            "role": row["role"],
            "is_senior": row["is_senior"],
            "rule_id": row["role_rule_id"],
            "rule": row["role_match"] and f"{row['role_match']} {row['role_pattern']!r}",
            "version": row["role_map_version"],
        },
        "type": {
            "raw_transaction_type": row["raw_transaction_type"],
            "transaction_type": row["transaction_type"],
            "direction": row["direction"],
            "rule": row["type_reference"],
            "version": row["transaction_type_map_version"],
        },
        "security": {name: row[name] for name in ("security_type", "security_class", "ownership_nature", "is_derivative")},
        "times": {
            name: row[name]
            for name in (
                "transaction_date", "filing_date", "published_at", "first_seen_at", "available_at", "available_date", "tradable_on"
            )
        },
        "amounts": {
            name: row[name]
            for name in (
                "shares", "price", "currency", "value", "value_source",
                "fx_rate", "fx_rate_date", "fx_status", "value_base", "base_currency",
            )
        },
        "exclusion": {name: row[name] for name in ("signal_exclusion_reason", "placement_phrase", "is_planned", "is_cancelled")},
        "duplicate_of": row["duplicate_of"],
        "amends_id": row["amends_id"],
        "superseded_date": row["superseded_date"] if superseded else None,
        "superseded_by": [
            {
                "transaction_id": found["superseding_transaction_id"],
                "record_id": found["superseding_record_id"],
                "version_number": found["superseding_version_number"],
                "kind": found["supersession_kind"],
                "known_date": found["known_date"],
            }
            for found in supersessions
            if (found["transaction_id"], found["version_number"]) == (row["transaction_id"], row["version_number"])
        ],
        "supersedes": [
            {
                "transaction_id": found["transaction_id"],
                "version_number": found["version_number"],
                "kind": found["supersession_kind"],
                "known_date": found["known_date"],
            }
            for found in supersessions
            if (found["source"], found["superseding_record_id"]) == (row["source"], row["record_id"])
            and found["superseding_version_number"] in (row["version_number"], None)
            and found["superseding_transaction_id"] in (row["transaction_id"], None)
        ],
        "filing": {
            "source": row["source"],
            "filing_id": row["filing_id"],
            "record_id": row["record_id"],
            "form_type": row["form_type"],
            "url": row["url"],
            "content_hash": row["content_hash"],
            "payload": payload,
            "payload_has_the_hash": payload and hashlib.sha256(payload.encode()).hexdigest() == row["content_hash"],
        },
    }  # fmt: skip


def _rows(connection: duckdb.DuckDBPyConnection, query: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    # DuckDB refuses a value that the query does not name.
    return rows_of(connection, query, {name: value for name, value in values.items() if f"${name}" in query})
