"""The feed of the loader's tests, and small records for it."""

from typing import Any

from sandbox.server import Feed as FeedServer

__all__ = ["FeedServer", "filing", "filings"]


def filing(number: int, day: str, **fields: Any) -> dict[str, Any]:
    """A record in the article's shape, filed on ``day``."""
    return {"id": f"F-{number}", "issuer_id": "I-1", "filing_date": day, "shares": number} | fields


def filings(count: int, month: str = "2026-01") -> list[dict[str, Any]]:
    """``count`` records, spread over the first 28 days of ``month``."""
    return [filing(number, f"{month}-{1 + number % 28:02d}") for number in range(count)]
