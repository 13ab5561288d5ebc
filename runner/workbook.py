"""Writes the signal as an Excel workbook: numbers are numbers, and no text is a formula."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from loader.redaction import visible
from runner.publish import as_of_date, open_published

NAME = "insider_signal.xlsx"
NEW_DAYS = 7
# What a sheet and a cell of Excel can hold.
_ROWS, _CHARACTERS = 1_048_575, 32_767
# A mistyped date such as 0022-03-30 is no date of Excel's: it is shown as text.
_LAST_YEAR_WITHOUT_DATES = 1900

# What the marts of quality say, by mart: the finding, and which rows are meant.
FINDINGS = {
    "load_completeness": ("windows without a count of the feed", "status = 'unverified'"),
    "quarantined_records": ("records that cannot be read", "true"),
    "unmapped_values": ("values that no seed maps", "true"),
    "vanished_records": ("records that the feed serves no more", "true"),
    "duplicate_lines": ("lines of a trade that another filing reports", "true"),
    "filing_timeliness": ("late lines", "is_late and clock = 'insider_notification'"),
    "insider_transactions": ("lines with an odd price, number of shares or value", "price_flag is not null"),
    "filing_counts": ("days that may be missing", "gap is not null"),
}
PLUMBING = " union all ".join(
    [
        "select 'source_status' as mart, 'days behind the as-of date' as finding, source, days_behind as number from marts.source_status",
        *(
            f"select '{mart}', '{finding}', source, count(*) from marts.{mart} where {condition} group by source"
            for mart, (finding, condition) in FINDINGS.items()
        ),
    ]
)
SHEETS = {
    "ranking": "select * exclude (transaction_ids) from marts.daily_insider_signal order by rank",
    "changes": """
        select * from marts.signal_changes
        order by case change when 'new' then 1 when 'gone' then 2 else 3 end, coalesce(rank_now, rank_before), source, issuer_id
    """,
    "evidence": "select * from marts.signal_evidence order by rank, available_at desc, transaction_id",
    "new filings": f"""
        select
            available_at, filing_date, transaction_date, ticker, issuer_name, insider_name, raw_role, role, is_senior,
            transaction_type, direction, shares, price, currency, value, value_base, base_currency, is_first_buy, is_late,
            is_duplicate, signal_exclusion_reason, price_flag, is_source_behind, source, market, filing_id, transaction_id, url
        from marts.insider_transactions
        where available_date > as_of_date - {NEW_DAYS}
        order by available_at desc, transaction_id
    """,
    "plumbing": f"select * from ({PLUMBING}) order by mart, finding, source",
}  # fmt: skip


def write(published: Path, path: Path) -> None:
    """Replaces the workbook at ``path`` in one step; the same marts make the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new_file = path.with_name(f".{path.name}.new")
    # Row by row: a workbook of a million lines does not wait in memory.
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with open_published(published) as connection, xlsxwriter.Workbook(new_file, options) as workbook:
        as_of = as_of_date(connection)
        workbook.set_properties(
            {
                "title": f"Insider signal as of {as_of}",
                "created": datetime.combine(as_of or date(2000, 1, 1), datetime.min.time()),
            }
        )
        head = workbook.add_format({"bold": True, "bottom": 1})
        formats = {
            datetime: workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
            date: workbook.add_format({"num_format": "yyyy-mm-dd"}),
        }
        for name, query in SHEETS.items():
            _fill(workbook.add_worksheet(name), connection.execute(f"{query} limit {_ROWS}"), head, formats)
    new_file.replace(path)


def _fill(
    sheet: Worksheet, rows: duckdb.DuckDBPyConnection, head: Format, formats: dict[type, Format]
) -> None:
    names = [column[0] for column in rows.description]
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(names):
        sheet.set_column(column, column, min(max(len(name) + 3, 12), 30))
        sheet.write_string(0, column, name, head)
    last = 0
    while row := rows.fetchone():
        last += 1
        for column, value in enumerate(row):
            _write(sheet, last, column, value, formats)
    sheet.autofilter(0, 0, last, len(names) - 1)


def _write(sheet: Worksheet, row: int, column: int, value: Any, formats: dict[type, Format]) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float | Decimal):
        sheet.write_number(row, column, float(value))
    elif isinstance(value, date) and value.year > _LAST_YEAR_WITHOUT_DATES:
        sheet.write_datetime(row, column, value, formats[type(value)])
    else:
        sheet.write_string(row, column, visible(str(value))[:_CHARACTERS])
