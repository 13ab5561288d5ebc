"""The whole answer for an issuer and a day, as one dictionary."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import duckdb

from explain.score import (
    TERMS,
    Buy,
    Key,
    Rival,
    Weights,
    asked,
    in_window,
    read_buys,
    what_would_change_it,
)
from runner.publish import as_of_date, rows_of

Supersessions = dict[tuple[Any, ...], list[dict[str, Any]]]

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
    where (versions.issuer_source, versions.issuer_id) in (select unnest($sources), unnest($issuer_ids))
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
        issuer_source,
        issuer_id,
        max_by(issuer_name, (available_at, transaction_id)) filter (where issuer_name is not null),
        max_by(ticker, (available_at, transaction_id)) filter (where ticker is not null)
    from marts.insider_transaction_versions
    where (issuer_source, issuer_id) in (select unnest($sources), unnest($issuer_ids)) and available_date <= $day
    group by issuer_source, issuer_id
"""
# Of these reasons somebody may be of another opinion.
DOUBTFUL = {
    "planned_trade", "placement_or_plan", "linked_to_share_programme", "ten_percent_owner_only", "below_minimum_value", "same_terms",
    "below_minimum_value or same_terms",
}  # fmt: skip
# So many issuers below are looked at.
RIVALS = 2
SCORE = (
    "score", "rank", "rank_in_market", "market", "tradable_on", "score_version", "is_source_behind", "unpriced_buys",
)  # fmt: skip
SCORES = "select * from marts.issuer_scores where signal_date = $day order by rank"


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
    return issuers(connection, [(source, issuer_id)], day)[source, issuer_id] | {"as_of_date": as_of}


def issuers(
    connection: duckdb.DuckDBPyConnection, keys: Sequence[Key], day: date
) -> dict[Key, dict[str, Any]]:
    """The answers for many issuers (by source and id) and a day that the marts describe, as `issuer` gives them, in one pass."""
    if not keys:
        return {}
    ranking = _Ranking.read(connection, keys, day)
    first_day = day - timedelta(days=ranking.weights.window_days)
    lines = _rows(connection, LINES, {**asked(keys), "day": day, "first_day": first_day})
    superseded_by, supersedes = _supersessions(connection, lines, day)
    told: dict[Key, list[dict[str, Any]]] = {key: [] for key in keys}
    for row in lines:
        told[row["issuer_source"], row["issuer_id"]].append(_line(row, day, superseded_by, supersedes))
    return {
        key: {
            "day": day,
            "issuer": ranking.named(key),
            "score": ranking.score(key) if key in ranking.places else None,
            "lines": told[key],
            "what_would_change_it": ranking.changes(key, told[key]) if key in ranking.places else [],
        }
        for key in keys
    }


def called(issuer: dict[str, Any]) -> str:
    """How a reader knows an issuer."""
    return " ".join(filter(None, (issuer["ticker"], issuer["issuer_name"]))) or issuer["issuer_id"]


@dataclass(frozen=True)
class _Ranking:
    """The ranking of a day, what counts for every issuer, and the names of those that are asked for and of those next to them."""

    day: date
    weights: Weights
    rows: list[dict[str, Any]]
    places: dict[Key, int]
    names: dict[Key, tuple[str | None, str | None]]
    buys: dict[Key, list[Buy]]
    scores: dict[date, list[float]]

    @classmethod
    def read(cls, connection: duckdb.DuckDBPyConnection, keys: Sequence[Key], day: date) -> "_Ranking":
        rows = _rows(connection, SCORES, {"day": day})
        places = {_key(row): place for place, row in enumerate(rows)}
        known = set(keys)
        for key in places.keys() & set(keys):
            known.update(_key(row) for row in rows[max(places[key] - 1, 0) : places[key] + 1 + RIVALS])
        names = {
            (source, issuer_id): (name, ticker)
            for source, issuer_id, name, ticker in connection.execute(
                NAMES, {**asked(sorted(known)), "day": day}
            ).fetchall()
        }
        buys = read_buys(connection, sorted(places), day)
        scores = {day: sorted(row["score"] for row in rows)}
        return cls(day, Weights.read(connection), rows, places, names, buys, scores)

    def named(self, key: Key) -> dict[str, Any]:
        name, ticker = self.names.get(key, (None, None))
        return {"source": key[0], "issuer_id": key[1], "issuer_name": name, "ticker": ticker}

    def changes(self, key: Key, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        place = self.places[key]
        above = self.rows[place - 1] if place else None
        doubtful = [
            line
            for line in lines
            if line["verdict"] in DOUBTFUL and line["amounts"]["value_base"] is not None
        ]
        left_out = max(
            doubtful, key=lambda line: (line["amounts"]["value_base"], line["transaction_id"]), default=None
        )
        return what_would_change_it(
            self.weights,
            self.buys[key],
            self.day,
            self.rows[place]["base_currency"],
            self._scores_on,
            above=above and self._rival(above),
            below=[self._rival(row) for row in self.rows[place + 1 : place + 1 + RIVALS]],
            left_out=left_out and (_as_buy(left_out), left_out["verdict"]),
            names={line["transaction_id"]: line["insider"]["insider_name"] for line in lines},
        )

    def _scores_on(self, day: date) -> list[float]:
        """The scores of a day, ascending; those of a later one as if nothing new were filed."""
        if day not in self.scores:
            left = (in_window(self.weights, buys, day) for buys in self.buys.values())
            self.scores[day] = sorted(self.weights.score(buys, day) for buys in left if buys)
        return self.scores[day]

    def _rival(self, row: dict[str, Any]) -> Rival:
        return Rival(called(self.named(_key(row))), row["rank"], row["score"], self.buys[_key(row)])

    def _beside(self, place: int, step: int) -> dict[str, Any] | None:
        if not 0 <= place + step < len(self.rows):
            return None
        other = self.rows[place + step]
        own = self.rows[place]
        return {
            **self.named(_key(other)),
            "rank": other["rank"],
            "score": other["score"],
            "distance": abs(own["score"] - other["score"]),
            "terms": {term: own[column] - other[column] for term, column in TERMS.items()},
        }

    def score(self, key: Key) -> dict[str, Any]:
        place = self.places[key]
        row = self.rows[place]
        senior = [buy for buy in self.buys[key] if buy.is_senior]
        roles = ", ".join(sorted({(buy.role or "unknown").replace("_", " ") for buy in senior}))
        buyers, days = row["distinct_buyers"], row["days_since_last_buy"]
        inputs = {
            "log_buy_value": f"ln(1 + {row['total_buy_value']:,.2f} {row['base_currency']})",
            "distinct_buyers": f"{buyers} {'buyer' if buyers == 1 else 'buyers'}",
            "senior_buyer": f"a senior buyer (here {len({buy.buyer for buy in senior})}: {roles})"
            if senior
            else "no senior buyer",
            "days_since_last_buy": f"{days} {'day' if days == 1 else 'days'} since the buy of {row['last_buy_date']}",
        }
        terms = [
            {"term": term, "weight": self.weights.of(term), "input": inputs[term], "points": row[column]}
            for term, column in TERMS.items()
        ]
        return {
            **{name: row[name] for name in SCORE},
            "issuers": len(self.rows),
            "terms": terms,
            "above": self._beside(place, -1),
            "below": self._beside(place, 1),
        }


def _key(row: dict[str, Any]) -> Key:
    return row["source"], row["issuer_id"]


def _as_buy(line: dict[str, Any]) -> Buy:
    return Buy(
        line["transaction_id"],
        line["insider"]["insider_id"] or line["insider"]["insider_name"],
        line["role"]["role"],
        bool(line["role"]["is_senior"]),
        line["times"]["transaction_date"],
        float(line["amounts"]["value_base"]),
    )


def _supersessions(
    connection: duckdb.DuckDBPyConnection, lines: list[dict[str, Any]], day: date
) -> tuple[Supersessions, Supersessions]:
    """What superseded each line version, and what each record superseded."""
    found = _rows(
        connection,
        SUPERSESSIONS,
        {
            "day": day,
            "transaction_ids": [row["transaction_id"] for row in lines],
            "records": [f"{row['source']}:{row['record_id']}" for row in lines],
        },
    )
    superseded_by: Supersessions = defaultdict(list)
    supersedes: Supersessions = defaultdict(list)
    for row in found:
        superseded_by[row["transaction_id"], row["version_number"]].append(row)
        supersedes[row["source"], row["superseding_record_id"]].append(row)
    return superseded_by, supersedes


def _line(
    row: dict[str, Any], day: date, superseded_by: Supersessions, supersedes: Supersessions
) -> dict[str, Any]:
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
            for found in superseded_by.get((row["transaction_id"], row["version_number"]), [])
        ],
        "supersedes": [
            {
                "transaction_id": found["transaction_id"],
                "version_number": found["version_number"],
                "kind": found["supersession_kind"],
                "known_date": found["known_date"],
            }
            for found in supersedes.get((row["source"], row["record_id"]), [])
            if found["superseding_version_number"] in (row["version_number"], None)
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
