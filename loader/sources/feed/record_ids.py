"""Record ids: what the fields of a record say, and a number for rows that these do not tell apart."""

import hashlib
import re
from collections import Counter
from decimal import MAX_PREC, Context, Decimal
from typing import Any

import msgspec
import orjson
import pyarrow as pa

from loader.archive.archive import NamedTable
from loader.http.client import first_given, lookup

POSITION = "position"

_EXACT = Context(prec=MAX_PREC)
_WITH_DECIMALS = msgspec.json.Decoder(float_hook=Decimal)


class RecordIds:
    """Reads the id of a record from its ``paths``.

    Attributes:
        are_numbered: whether the ids want a number, which `number_rows` gives once all rows of a walk are there.
    """

    def __init__(self, paths: list[str], filing_date_paths: list[str]) -> None:
        """One of the ``paths`` may be ``position``, the number of a row among those that the other paths do not tell apart.

        Such rows are told apart by their filing date, too: a group is then in one window as a whole.
        """
        self.are_numbered = POSITION in paths
        self._paths = [path.removeprefix("$.") for path in paths if path != POSITION]
        self._filing_date_paths = filing_date_paths

    def read(self, payload: str, record: dict[str, Any]) -> str | None:
        """The id of ``record``, whose JSON text is ``payload``; None where a part of it is missing."""
        parts = [lookup(record, path) for path in self._paths]
        if any(type(part) is float for part in parts):
            # A double has 17 digits.
            try:
                exact = _WITH_DECIMALS.decode(payload)
            except RecursionError:
                return None
            parts = [_text(lookup(exact, path)) for path in self._paths]
        if any(type(part) not in (str, int) or not str(part).strip() for part in parts):
            return None
        if self.are_numbered and not parts:
            parts = [hashlib.sha256(_content(payload)).hexdigest()]
        elif self.are_numbered and (filing_date := first_given(record, self._filing_date_paths)) is not None:
            parts.append(filing_date)
        return ":".join(map(str, parts))


def without_number(record_id: str | None) -> str | None:
    """The id that a row had before `number_rows`."""
    return record_id and re.sub(rf":{POSITION} [0-9]+$", "", record_id)


def number_rows(tables: list[NamedTable]) -> list[NamedTable]:
    """The tables of a walk with ids that end in a number (``:position 2``), which rows of one id get by their content.

    The order in which a feed serves its rows decides nothing.
    """
    rows = pa.concat_tables(table for name, table in tables if name == "observations")
    ids = rows["record_id"].to_pylist()
    keys = [
        (record_id, _content(payload), payload)
        for record_id, payload in zip(ids, rows["payload"].to_pylist(), strict=True)
    ]
    seen: Counter[str] = Counter()
    for row in sorted(range(len(keys)), key=keys.__getitem__):
        record_id = keys[row][0]
        seen[record_id] += 1
        ids[row] = f"{record_id}:{POSITION} {seen[record_id]}"
    column = rows.schema.get_field_index("record_id")
    rows = rows.set_column(column, rows.schema.field(column), pa.array(ids, pa.string()))
    return [*(named for named in tables if named[0] != "observations"), ("observations", rows)]


def _content(payload: str) -> bytes:
    """The content of a JSON text: the same for texts that differ in white space and the order of members."""
    try:
        return orjson.dumps(orjson.loads(payload), option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        # It is nested more deeply than orjson writes.
        return payload.encode()


def _text(part: Any) -> Any:
    """A number with a fraction as one text, however it is written (12.5, 12.50, 1.25e1)."""
    if not isinstance(part, Decimal):
        return part
    part = part.normalize(_EXACT)
    # A tiny number would have as many zeros as its exponent says.
    return f"{part:f}" if abs(part.adjusted()) < 400 else str(part)
