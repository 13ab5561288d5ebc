"""What a load says while it works, by standard logging: that it starts, every ten seconds how far it is, and each retry."""

import logging
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from requests import Session
from tenacity import RetryCallState
from tqdm import tqdm

from loader.redaction import LOG_FILTER

LOG = logging.getLogger("loader")
LOG.addFilter(LOG_FILTER)

EVERY_SECONDS = 10.0

_state = {"source": "loader", "is_at": "preparing"}
_is_quiet = threading.Event()


class _Lines(logging.Handler):
    """Writes lines to what stderr is at that time; a bar that stands there is drawn again below."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        tqdm.write(f"{time.strftime('%H:%M:%S')} {_state['source']}: {record.getMessage()}", file=sys.stderr)


_HANDLER = _Lines()


def show(*, quiet: bool = False) -> None:
    """Let this process write what loads say to stderr; to a terminal, which has a bar, only what is unusual.

    ``quiet`` lets nothing through, and no bar either.
    """
    if quiet:
        _is_quiet.set()
        return
    _is_quiet.clear()
    LOG.addHandler(_HANDLER)
    # dbt gives the root a handler of its own, which would say all of it again.
    LOG.propagate = False
    LOG.setLevel(logging.WARNING if sys.stderr.isatty() else logging.INFO)


def is_quiet() -> bool:
    """Whether this process says only what stops it."""
    return _is_quiet.is_set()


def without_bar() -> bool | None:
    """What tqdm takes for ``disable``: a bar is drawn on a terminal alone, and not where a run is quiet."""
    return True if is_quiet() else None


@contextmanager
def told(source: str) -> Iterator[None]:
    """Say that a load of ``source`` starts, and every ten seconds how far it is."""
    _state.update(source=source, is_at="preparing")
    LOG.info("the load starts")
    began, ended = time.monotonic(), threading.Event()

    def tell() -> None:
        while not ended.wait(EVERY_SECONDS):
            LOG.info("%s, %d s since it started", _state["is_at"], time.monotonic() - began)

    teller = threading.Thread(target=tell, daemon=True)
    if LOG.isEnabledFor(logging.INFO):
        teller.start()
    try:
        yield
    finally:
        ended.set()
        if teller.is_alive():
            teller.join()


def is_at(text: str) -> None:
    """Take ``text`` for how far the load is."""
    _state["is_at"] = text


def tell_retries(session: Session) -> None:
    """Say it when a request of ``session``, of a client of dlt, is sent again: what, why, and when."""
    session.send.retry.before_sleep = _before_sleep


def _before_sleep(state: RetryCallState) -> None:
    error = state.outcome.exception()
    if error is not None:
        reason = f"no answer ({type(error).__name__}: {error})"
    elif state.outcome.result().status_code == 200:
        reason = "the answer cannot be read"
    else:
        reason = f"HTTP {state.outcome.result().status_code}"
    address = urlsplit(state.args[0].url)
    attempts = state.retry_object.stop.max_attempt_number
    LOG.warning(
        "%s%s: %s; asked again in %.0f s (attempt %d of %d)",
        address.hostname,
        address.path,
        reason,
        state.next_action.sleep,
        state.attempt_number + 1,
        attempts,
    )
