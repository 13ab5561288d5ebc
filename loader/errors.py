"""What can stop a load. Every message is written for the user: what happened, where, what to do next."""

import re

import duckdb

_FULL = re.compile(r"No space left on device|[Dd]isk quota exceeded|File too large")

DISK_ERRORS = (OSError, duckdb.OperationalError, duckdb.FatalException)
"""What a disk raises that is full or cannot be written, and a database on it."""


def is_full(error: BaseException) -> bool:
    """Whether a disk or a quota is full, which is no fault of the file that was read."""
    return bool(_FULL.search(str(error)))


def with_advice(message: str, otherwise: str) -> str:
    """``message`` of a disk or of a database with what to do where the disk is full, else with ``otherwise``."""
    if _FULL.search(message):
        otherwise = "Make room there and run again: what is archived or published is whole"
    return f"{message}. {otherwise}"


class LoadError(Exception):
    """A load stopped for a reason outside the program; the message alone is shown."""


class SettingsError(LoadError):
    """The configuration or the command line asks for something impossible."""


class ArchiveError(LoadError):
    """The raw archive cannot be opened, read or written."""


class FeedError(LoadError):
    """The feed refuses, is out of reach, or answers in another shape than configured."""


class HttpStatusError(FeedError):
    """The feed answered with another status than 200, after all retries."""


class IncompleteWalkError(LoadError):
    """What a walk over a window received does not come out; another walk may."""


class WindowTooLargeError(LoadError):
    """A window reaches the depth at which the feed stops serving: it has to be split."""


class QuarantineError(LoadError):
    """More records were set aside than a feed that is read rightly has of bad ones."""


class UnreadableError(LoadError):
    """A file is missing or not what it should be.

    Attributes:
        reason: what is wrong, such as ``empty_file``.
        content: what came in its place.
    """

    def __init__(self, reason: str, content: bytes) -> None:
        super().__init__(reason.replace("_", " "))
        self.reason = reason
        self.content = content
