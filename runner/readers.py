"""What the published file has for readers beside the marts: table macros that hold them to a day."""

import re

import duckdb

# A day that the marts do not describe would have no rows, as if nothing had been known.
_DAY = """
    select case
        when cast(d as date) > last_day then error('the marts describe no day after ' || last_day)
        else cast(d as date)
    end as day
    from (select max(as_of_date) as last_day from marts.load_completeness)
"""
MACROS = {
    "transactions_as_of": (
        "The line versions that were visible on the day d, as they were known then, and whether each counted for the score of d.",
        f"""
        select asked.day as as_of_date, versions.* exclude (superseded_at, superseded_date), buys.transaction_id is not null as is_in_score
        from ({_DAY}) as asked
        inner join marts.insider_transaction_versions as versions
            on versions.available_date <= asked.day and asked.day < coalesce(versions.superseded_date, date '9999-12-31')
        left join marts.signal_buys as buys
            on versions.transaction_id = buys.transaction_id
            and versions.version_number = buys.version_number
            and asked.day >= buys.valid_from and asked.day < coalesce(buys.valid_to, date '9999-12-31')
        """,
    ),
    "signal_as_of": (
        "The ranking of the day d, computed from what was visible on it, with the names and tickers that were known then.",
        f"""
        select scores.*, names.issuer_name, names.ticker
        from ({_DAY}) as asked
        inner join marts.issuer_scores as scores on scores.signal_date = asked.day
        left join (
            select
                issuer_source,
                issuer_id,
                max_by(issuer_name, (available_at, transaction_id)) filter (where issuer_name is not null) as issuer_name,
                max_by(ticker, (available_at, transaction_id)) filter (where ticker is not null) as ticker
            from marts.insider_transaction_versions
            where available_date <= cast(d as date)
            group by issuer_source, issuer_id
        ) as names
            on scores.source = names.issuer_source and scores.issuer_id = names.issuer_id
        order by scores.rank
        """,
    ),
}  # fmt: skip


def create_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the macros, with their comments, in the schema of the marts of the database in use.

    One whose marts are not all there is left out: DuckDB refuses it.
    """
    marts = connection.execute(
        "select table_name from duckdb_tables() where schema_name = 'marts' and database_name = current_database()"
    )
    there = {name for (name,) in marts.fetchall()}
    for name, (comment, query) in MACROS.items():
        if not set(re.findall(r"marts\.(\w+)", query)) <= there:
            continue
        connection.execute(f"create macro marts.{name}(d) as table {query}")
        connection.execute(f"comment on macro table marts.{name} is '{comment}'")
