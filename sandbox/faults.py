"""Faults on demand: what goes wrong, and at which requests. All of it is deterministic.

A specification is text such as

    status code=429 retry_after=1 request=3; reset every=5; cut_body page=2 tries=1

one fault after the other, separated by `;`, each a kind and its settings; or the same as a JSON list of
objects, such as [{"kind": "status", "code": 429, "retry_after": 1, "request": 3}, ...].

When a fault strikes (all that are given must hold; none given: at every request):

    request=K          the K-th request for records, counted from 1 since the faults were set
    every=N            every N-th request
    page=P             requests for the P-th page of a walk, whichever the pagination
    tries=M            only the first M requests for each page of a walk
    from_date=DATE     requests of the walk whose from_date is this
    times=M            at most M times altogether

A walk is all requests with the same dates and filters. Kinds that replace the reply:

    status code=C      an error: 408, 402, 429, 500, 503 ...; with retry_after=SECONDS as seconds, or with
                       retry_after_date=SECONDS as the date that is so far ahead
    reset              the connection is reset with no reply
    cut_body           the reply breaks off after half of its body
    html               200 with a page of HTML
    invalid_json       200 with a whole reply whose JSON breaks off
    missing_results    200 with a JSON object that has no records

Kinds that change it:

    sleep seconds=S    the reply comes so much later (for timeouts)
    repeat_cursor      the next cursor is the one that was asked with
    empty_page         no records, though there are some; the walk goes on as if there were
    leave_out rows=K   the last K rows of the page are left out, while all counts stay
    repeat_rows rows=K the last K rows of the page before come once more, ahead of the page's own
    shrink_count rows=K  the count told (and pages with it) is K less
    cap rows=N         a walk ends after N rows as if there were no more, and tells N as the count
    cap rows=N honest=1  the same, but tells the true count

Kinds that change the archive once the reply is sent, for all later requests:

    insert rows=K      K records (copies with ids of their own) appear ahead of the walk's first
    remove rows=K      the first K records of the walk are gone
"""

from collections import Counter
from datetime import date
from typing import Annotated, Literal

import msgspec

AtLeastOne = Annotated[int, msgspec.Meta(ge=1)]


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One fault; see the module's documentation for the kinds and settings."""

    kind: Literal[
        "status", "reset", "cut_body", "html", "invalid_json", "missing_results", "sleep", "repeat_cursor",
        "empty_page", "leave_out", "repeat_rows", "shrink_count", "cap", "insert", "remove",
    ]  # fmt: skip
    request: AtLeastOne | None = None
    every: AtLeastOne | None = None
    page: AtLeastOne | None = None
    tries: AtLeastOne | None = None
    from_date: date | None = None
    times: AtLeastOne | None = None
    code: Annotated[int, msgspec.Meta(ge=400, le=599)] = 500
    retry_after: int | None = None
    retry_after_date: int | None = None
    seconds: float = 1.0
    rows: AtLeastOne = 1
    honest: bool = False


def parse(specification: str | list) -> list[Fault]:
    """The faults of a specification as text or as a list of objects; ValueError says what is wrong."""
    if isinstance(specification, str):
        if specification.lstrip().startswith("["):
            specification = msgspec.json.decode(specification, type=list[dict])
        else:
            specification = [_settings(text) for text in specification.split(";") if text.strip()]
    return msgspec.convert(specification, list[Fault], strict=False)


def _settings(text: str) -> dict[str, str]:
    kind, *settings = text.split()
    pairs = [setting.partition("=") for setting in settings]
    if bare := [name for name, equals, _ in pairs if not equals]:
        raise ValueError(f"fault {kind}: {bare[0]!r} is no setting=value")
    return {"kind": kind} | {name: value for name, _, value in pairs}


class Faults:
    """Faults and how often each has struck. Not safe for several threads at once: the caller locks."""

    def __init__(self, faults: list[Fault]):
        self.faults = faults
        self.requests = 0
        self.struck = 0
        self._times: Counter[int] = Counter()
        self._tries: Counter[tuple] = Counter()

    def strike(self, page: int, from_date: date | None, walk: tuple) -> dict[str, Fault]:
        """The faults, by kind, of the next request, which asks for this page of this walk."""
        self.requests += 1
        struck = {}
        for number, fault in enumerate(self.faults):
            if (
                (fault.request and self.requests != fault.request)
                or (fault.every and self.requests % fault.every)
                or (fault.page and page != fault.page)
                or (fault.from_date and from_date != fault.from_date)
                or (fault.times and self._times[number] >= fault.times)
                or (fault.tries and self._tries[number, walk, page] >= fault.tries)
            ):
                continue
            self._times[number] += 1
            self._tries[number, walk, page] += 1
            struck[fault.kind] = fault
        self.struck += bool(struck)
        return struck
