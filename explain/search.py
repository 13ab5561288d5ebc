"""Finds the issuer that somebody means."""

from difflib import get_close_matches
from typing import NamedTuple

import duckdb

SHOWN = 10


class Issuer(NamedTuple):
    """An issuer of the published file."""

    source: str
    issuer_id: str
    name: str | None
    ticker: str | None

    def __str__(self) -> str:
        names = [part for part in (self.ticker, self.name) if part]
        return f"{self.source}:{self.issuer_id} {' '.join(names)}".strip()


class Unknown(Exception):
    """No issuer is meant, or more than one; the message lists the nearest."""


def find(connection: duckdb.DuckDBPyConnection, asked: str) -> Issuer:
    """The issuer with this id (``source:id`` where two sources have it), ticker or name, or the only one whose name contains it.

    Raises:
        Unknown: there is none, or more than one.
    """
    issuers = [
        Issuer(*row)
        for row in connection.execute(
            "select source, issuer_id, issuer_name, ticker from marts.issuers order by source, issuer_id"
        ).fetchall()
    ]
    wanted = " ".join(asked.casefold().split())

    def is_same(issuer: Issuer) -> bool:
        ids = (issuer.issuer_id, f"{issuer.source}:{issuer.issuer_id}", issuer.ticker, issuer.name)
        return wanted in {text.casefold() for text in ids if text}

    found = [issuer for issuer in issuers if is_same(issuer)]
    found = found or [
        issuer for issuer in issuers if wanted and issuer.name and wanted in issuer.name.casefold()
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise Unknown(f"{asked!r} may be one of {len(found)} issuers: {_listed(found)}; write the id")
    texts = {
        text.casefold(): issuer for issuer in issuers for text in (issuer.name, issuer.ticker, issuer.issuer_id) if text
    }  # fmt: skip
    near = list(dict.fromkeys(texts[text] for text in get_close_matches(wanted, texts, SHOWN, 0.5)))
    raise Unknown(f"no issuer is called {asked!r}" + (f"; the nearest are {_listed(near)}" if near else ""))


def _listed(issuers: list[Issuer]) -> str:
    more = f" and {len(issuers) - SHOWN} more" if len(issuers) > SHOWN else ""
    return "; ".join(map(str, issuers[:SHOWN])) + more
