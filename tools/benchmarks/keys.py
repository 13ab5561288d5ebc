"""What a key of its own would cost: ``python tools/benchmarks/keys.py [--lines N] [--turns N]``.

The joins from staged lines to marked transactions, each result written to a file as the models write theirs: by the columns
of the grain, by one text, by one hash, in turn. Prints seconds of CPU and the size of the file.
"""

import argparse
import resource
import statistics
import tempfile
from pathlib import Path

import duckdb

FILING = ["source", "record_id", "version_number"]
# What each way joins filings, lines and transactions on.
KEYS = {
    "columns": (FILING, [*FILING, "line_ordinal"], ["transaction_id", "version_number"]),
    "text": (["filing_key"], ["line_key"], ["line_key"]),
    "hash": (["filing_key"], ["line_key"], ["line_key"]),
}
TRANSACTION = "source || ':' || record_id || ':' || line_ordinal"
TEXTS = ("source || ':' || record_id || ':' || version_number", f"{TRANSACTION} || ':' || version_number")
# How a filing's and a line's key is made.
MINTED = {"columns": ("true", "true"), "text": TEXTS, "hash": tuple(f"hash({text})" for text in TEXTS)}

STAGED = {
    "staged_filings": """
        select
            case when n % 2 = 0 then 'filings_api' else 'sec_edgar' end as source,
            case
                when n % 2 = 0 then 'F-' || lpad(n::varchar, 7, '0')
                else lpad((n % 9000)::varchar, 10, '0') || '-26-' || lpad((n // 9000)::varchar, 6, '0')
            end as record_id,
            1 + (n % 10 = 0)::int as version_number,
            'Issuer ' || (n % 9000) as issuer_name, 'P' || (n % 40000) as insider_id,
            'https://example.com/' || n as url,
            timestamp '2020-01-01' + to_seconds(n) as available_at, n % 5 as extra_lines
        from range({filings}) as filings(n)""",
    "staged_lines": """
        select
            source, record_id, version_number, ordinal::int as line_ordinal, 'Common Stock' as security,
            'note ' || (hash(record_id) % 1000) as note, (hash(record_id, ordinal) % 1000)::decimal(38, 6) as shares,
            (hash(ordinal, record_id) % 100)::decimal(38, 6) as price
        from staged_filings, range(1, 4) as ordinals(ordinal)
        where ordinal <= 1 + extra_lines // 2""",
}


def steps(way: str) -> dict[str, str]:
    """The tables of one way, in their order, each with its query."""
    filing, line, transaction = KEYS[way]
    of_filing, of_line = MINTED[way]

    def same(one: str, other: str, columns: list[str]) -> str:
        return " and ".join(f"{one}.{column} = {other}.{column}" for column in columns)

    kept = ", ".join(f"lines.{column}" for column in dict.fromkeys([*filing, *line, "transaction_id"]))
    named = ", ".join(f"lines.{column}" for column in dict.fromkeys(["transaction_id", transaction[0]]))
    noted = f"select {', '.join(line)}, max(note) as note from terms where shares % 20 = 0 group by all"
    return {
        "filings": f"select *, {of_filing} as filing_key from staged_filings",
        "lines": f"""
            select *, {of_filing} as filing_key, {of_line} as line_key, {TRANSACTION} as transaction_id
            from staged_lines""",
        "terms": f"""
            select {kept}, lines.security, lines.note, lines.shares, lines.price, filings.issuer_name
            from lines join filings on {same("lines", "filings", filing)}""",
        "transactions": f"""
            select
                filings.source, filings.record_id, filings.version_number, {named}, lines.security, lines.note, lines.shares,
                lines.price, lines.shares * lines.price as value, filings.issuer_name, filings.insider_id, filings.url,
                filings.available_at, noted.note as placement
            from terms as lines join filings on {same("lines", "filings", filing)}
            left join ({noted}) as noted on {same("lines", "noted", line)}""",
        "spans": f"""
            select {", ".join(transaction)}, available_at as valid_from, placement as valid_to
            from transactions""",
        "eligible": f"""
            select spans.* from spans join transactions on {same("spans", "transactions", transaction)}
            where value > 100""",
        "buys": f"""
            select transactions.*, eligible.valid_from
            from eligible join transactions on {same("eligible", "transactions", transaction)}""",
        "marked": f"""
            select transactions.*, spans.valid_to, buys.valid_from is not null as is_bought
            from transactions join spans on {same("transactions", "spans", transaction)}
            left join buys on {same("transactions", "buys", transaction)}""",
    }


def measure(way: str, staged: Path, database: Path) -> tuple[float, float]:
    """Seconds of CPU and megabytes of one way."""
    settings = {"threads": 2, "preserve_insertion_order": False}
    with duckdb.connect(str(database), config=settings) as connection:
        connection.execute(f"attach '{staged}' as staged (read_only)")
        for name in STAGED:
            connection.execute(f"create view {name} as from staged.{name}")
        before = resource.getrusage(resource.RUSAGE_SELF)
        for name, query in steps(way).items():
            connection.execute(f"create table {name} as {query}")
        connection.execute("checkpoint")
        after = resource.getrusage(resource.RUSAGE_SELF)
    megabytes = database.stat().st_size / 2**20
    database.unlink()
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, megabytes


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--turns", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        staged = Path(folder) / "staged.duckdb"
        with duckdb.connect(str(staged)) as connection:
            for name, query in STAGED.items():
                connection.execute(
                    f"create table {name} as {query.format(filings=round(options.lines / 1.8))}"
                )
        measured: dict[str, list[tuple[float, float]]] = {way: [] for way in KEYS}
        for _ in range(options.turns):
            for way, results in measured.items():
                results.append(measure(way, staged, Path(folder) / "built.duckdb"))
    for way, results in measured.items():
        seconds = sorted(round(cpu, 1) for cpu, _ in results)
        print(f"{way}: {statistics.median(seconds)} s of CPU {seconds}, {results[0][1]:.0f} MB")


if __name__ == "__main__":
    main()
