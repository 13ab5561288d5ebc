"""The baseline of the cold load: one session, orjson, Arrow into DuckDB, and not one check.

python -m tools.benchmarks.bare_loop URL DATABASE FIRST_DAY LAST_DAY
"""

import sys

import duckdb
import orjson
import pyarrow as pa
import requests

PAGE_SIZE = 500


def load(url: str, database: str, first_day: str, last_day: str) -> int:
    """Load the records of the days, page by page; how many there were."""
    parameters = {"from_date": first_day, "to_date": last_day, "page_size": str(PAGE_SIZE)}
    loaded = 0
    with requests.Session() as session, duckdb.connect(database) as connection:
        connection.execute("create table filings (id varchar, payload varchar)")
        while True:
            body = orjson.loads(session.get(f"{url}/filings", params=parameters).content)
            records = [record for record in body["results"] if isinstance(record, dict)]
            page = pa.table(
                {
                    "id": [str(record.get("id")) for record in records],
                    "payload": [orjson.dumps(record).decode() for record in records],
                }
            )
            connection.from_arrow(page).insert_into("filings")
            loaded += len(records)
            if not (cursor := body["next_cursor"]):
                return loaded
            parameters["cursor"] = cursor


if __name__ == "__main__":
    load(*sys.argv[1:])
