"""sec.gov as a server: how it may be asked, and what it answers in place of a file."""

import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from itertools import cycle
from queue import SimpleQueue
from typing import Annotated, Any, TypeVar

import msgspec
from dlt.sources.helpers import requests
from requests import PreparedRequest

from loader import clock
from loader.errors import FeedError, SettingsError, UnreadableError
from loader.http.bounds import BoundedAdapter, read_bounds
from loader.http.client import is_transient
from loader.progress import LOG, tell_retries

EASTERN = "America/New_York"

ReadT = TypeVar("ReadT")
Positive = Annotated[int, msgspec.Meta(ge=1)]
NotNegative = Annotated[int, msgspec.Meta(ge=0)]


class Settings(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Section ``[sources.sec_edgar]``; ``.dlt/config.toml`` says what each key means, and the default."""

    base_url: Annotated[
        str, msgspec.Meta(pattern="^https?://", description="an address that begins with http:// or https://")
    ]
    user_agent: str = ""
    requests_per_second: NotNegative
    workers: Positive
    attempts: Positive
    lag_days: NotNegative
    start_date: date | None = None


class Limiter:
    """Lets at most ``rate`` requests reach the server in any second, all threads together; 0: no limit.

    A request holds a slot until a second after its answer, when the server must have seen it a second ago,
    however late it got there. An answer counts as come after a tenth of a second at the latest: a slow line
    still gets nine tenths of the rate.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._slots: SimpleQueue[float] = SimpleQueue()
        for number in range(rate):
            self._slots.put(time.monotonic() + number / rate)

    @contextmanager
    def request(self) -> Iterator[None]:
        """Wait until a request may be sent; send it inside."""
        if not self._rate:
            yield
            return
        time.sleep(max(0.0, self._slots.get() - time.monotonic()))
        sent = time.monotonic()
        try:
            yield
        finally:
            self._slots.put(min(time.monotonic(), sent + 0.1) + 1)


class _LimitedAdapter(BoundedAdapter):
    """Sends requests, repeated ones too, as the limiter lets them."""

    def __init__(self, limiter: Limiter, **options: Any) -> None:
        super().__init__(read_bounds(), **options)
        self._limiter = limiter

    def send(self, request: PreparedRequest, **options: Any) -> requests.Response:
        with self._limiter.request():
            return super().send(request, **options)


class SecClient:
    """Fetches files of sec.gov or of a mirror; may be shared by threads.

    Throttling (429, 403, a page that says so), lost connections and failures of the server are tried again as
    dlt's settings ``[runtime] request_...`` say. A 403 with an XML error is a missing file, as a 404 is.
    """

    def __init__(self, settings: Settings) -> None:
        agent = settings.user_agent
        if not (re.search(r"\S+@\S+\.\S", agent) and " " in agent.strip() and agent.isascii()):
            raise SettingsError(
                "the SEC wants to know who asks: set user_agent to a name and an e-mail address, such as "
                '"Jane Doe jane@example.com", in [sources.sec_edgar] of .dlt/config.toml or as '
                "SOURCES__SEC_EDGAR__USER_AGENT (plain ASCII)"
            )
        self._headers = {"User-Agent": agent.strip()}
        self._base_url = settings.base_url.rstrip("/") + "/"
        self._attempts = settings.attempts
        limiter = Limiter(settings.requests_per_second)
        self._adapter = _LimitedAdapter(limiter, pool_maxsize=settings.workers)
        self._client = requests.Client(
            raise_for_status=False, status_codes=(), exceptions=(), retry_condition=_should_retry
        )

    def fetch(self, paths: Iterable[str], read: Callable[[bytes], ReadT]) -> ReadT:
        """Give what ``read`` makes of the file that lies at every one of ``paths``.

        Raises:
            UnreadableError: it is missing (at one path after the other), empty, a web page, or refused by
                ``read``, in the last of ``attempts`` attempts.
            FeedError: the SEC is out of reach, fails or throttles, after all retries.
        """
        paths = cycle(paths)
        path = next(paths)
        for attempt in range(1, self._attempts + 1):
            try:
                return read(self._get(path))
            except UnreadableError as error:
                last_error = error
                if attempt < self._attempts:
                    LOG.info(
                        "%s: %s; asked again (attempt %d of %d)", path, error, attempt + 1, self._attempts
                    )
                if error.reason == "missing_file":
                    path = next(paths)
        raise last_error

    def _get(self, path: str) -> bytes:
        session = self._client.session
        session.mount(self._base_url, self._adapter)
        tell_retries(session)
        try:
            response = session.get(self._base_url + path, headers=self._headers, allow_redirects=False)
        except requests.RequestException as error:
            raise FeedError(f"{path}: no answer ({type(error).__name__}): {error}") from None
        except FeedError as error:
            raise FeedError(f"{path}: {error}") from None
        clock.compare(response.headers)
        content = response.content
        if _is_throttled(response):
            raise FeedError(
                f"{path}: the SEC's limit of requests outlasted all retries: run again in ten minutes; if that "
                "does not help, check user_agent and lower requests_per_second"
            )
        if response.status_code in (403, 404):
            raise UnreadableError("missing_file", content)
        if response.status_code != 200:
            raise FeedError(f"{path}: HTTP {response.status_code}: run again later")
        if not content.strip():
            raise UnreadableError("empty_file", content)
        if re.match(rb"\s*<(!doctype\s+)?html", content, re.IGNORECASE):
            raise UnreadableError("web_page", content)
        return content


def _should_retry(response: requests.Response | None, error: BaseException | None) -> bool:
    return is_transient(response, error) or (response is not None and _is_throttled(response))


def _is_throttled(response: requests.Response) -> bool:
    if response.status_code == 403:
        # The file store behind EDGAR answers so for what it does not have.
        return not re.search(rb"<Error\b.*<Code>", response.content, re.DOTALL)
    return response.status_code == 429 or b"Request Rate Threshold Exceeded" in response.content[:10_000]
