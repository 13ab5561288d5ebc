"""A dlt REST client for JSON feeds that keeps each record's text as received and loses nothing in silence."""

import codecs
import logging
import re
from collections.abc import Collection
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
from dlt.sources.helpers import requests
from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.paginators import JSONLinkPaginator, JSONResponseCursorPaginator
from requests.exceptions import (
    ChunkedEncodingError,
    ConnectionError,
    ContentDecodingError,
    RequestException,
    SSLError,
    Timeout,
)

from loader import clock
from loader.errors import FeedError, HttpStatusError, IncompleteWalkError
from loader.http.bounds import JsonAdapter, read_bounds
from loader.http.replies import Item, declared_encoding, read_reply
from loader.progress import tell_retries
from loader.redaction import LOG_FILTER, protect, redact

_TRANSIENT_STATUSES = {408, 425, 429, *range(500, 600)}
_TRANSIENT_ERRORS = (ConnectionError, Timeout, ChunkedEncodingError, ContentDecodingError)
_ADVICE = {
    401: "check api_key, auth and api_key_name",
    402: "what the key pays for ends here: a record_cap below this depth makes windows smaller",
    403: "check api_key, auth and api_key_name, and what the key gives access to",
    404: "check base_url and path",
    408: "run again later",
    429: "the feed's limit of requests outlasted all retries: run again later",
}


def lookup(document: Any, path: str) -> Any:
    """The value at a dotted path, None where there is none; ``$`` is the document itself."""
    for key in [] if path == "$" else path.split("."):
        document = document.get(key) if isinstance(document, dict) else None
    return document


def first_given(document: Any, paths: list[str]) -> Any:
    """The first value at one of ``paths`` that is not null."""
    return next((value for path in paths if (value := lookup(document, path)) is not None), None)


def is_transient(response: requests.Response | None, error: BaseException | None) -> bool:
    """Whether a request that ended so, in an answer or an error, may end better when it is sent again."""
    if error is not None:
        return isinstance(error, _TRANSIENT_ERRORS) and not isinstance(error, SSLError)
    return response.status_code in _TRANSIENT_STATUSES


class FeedClient(RESTClient):
    """Gives pages of raw records; ``page.response.json()`` is the parsed body.

    Lost connections, timeouts, cut or invalid bodies and transient statuses are tried again as dlt's settings
    ``[runtime] request_...`` say; ``Retry-After`` is honoured.
    """

    def __init__(
        self,
        base_url: str,
        auth: Any,
        records_path: str,
        encoding: str | None = None,
        no_content_statuses: Collection[int] = (),
    ) -> None:
        """``auth`` puts the secret into every request, which goes to the origin of ``base_url`` alone.

        The records are at the dotted ``records_path``; unset, ``encoding`` is what the reply declares. A reply with one
        of ``no_content_statuses`` is an empty page.
        """
        self._records_path = records_path
        self._encoding = encoding
        retries = requests.Client(
            raise_for_status=False, status_codes=(), exceptions=(), retry_condition=self._should_retry
        )
        for scheme in ("http://", "https://"):
            retries.session.mount(scheme, JsonAdapter(read_bounds()))
        tell_retries(retries.session)
        super().__init__(base_url, {"Accept": "application/json"}, auth, session=retries.session)
        self._no_content_statuses = no_content_statuses
        self._netloc = urlsplit(base_url).netloc
        protect(urlsplit(base_url).password)
        self._origin = self._requested_origin(requests.Request("GET", base_url))
        for logger in ("dlt", "urllib3.connectionpool"):
            logging.getLogger(logger).addFilter(LOG_FILTER)

    def _should_retry(self, response: requests.Response | None, error: BaseException | None) -> bool:
        if error is not None or response.status_code != 200:
            return is_transient(response, error)
        encoding = self._encoding or declared_encoding(response.headers.get("Content-Type"))
        response.reply = None
        try:
            response.reply = read_reply(response.content, encoding, self._records_path)
        except ValueError:
            return True
        # The body is parsed once: the paginators and everything else that reads it get this object.
        response.json = lambda: response.reply.body
        return False

    def _send_request(self, request: requests.Request, **kwargs: Any) -> requests.Response:
        try:
            requested = self._requested_origin(request)
            if requested != self._origin:
                raise FeedError(
                    f"the next page is on {requested}, not {self._origin}, which alone gets the key"
                )
            response = super()._send_request(request, **kwargs)
        except (RequestException, UnicodeError) as error:
            message = f"no answer ({type(error).__name__}): {redact(str(error))}"
        else:
            clock.compare(response.headers)
            return response
        # Not raised in the handler: dlt's trace has an exception's context, and a URL may bear the key.
        raise FeedError(message)

    def _requested_origin(self, request: requests.Request) -> str:
        # Two readers may take an odd address for two: what counts is what will be requested.
        refuse_odd(request.url, self._netloc)
        return origin(self.session.prepare_request(request).url)

    def extract_response(self, response: requests.Response, data_selector: str) -> list[Item]:
        """The records of a reply.

        Nothing at all at that path is no record; ``response.lacks_list`` is then the message for whom this stops.

        Raises:
            HttpStatusError: the status is not 200.
            FeedError: the body is no JSON.
            IncompleteWalkError: there is something else than a list at the path.
        """
        response.lacks_list = None
        if response.status_code in self._no_content_statuses and not _is_web_page(response.content):
            response.json = dict
            return []
        if response.status_code != 200:
            status = f"HTTP {response.status_code} ({_advice(response)})"
            raise HttpStatusError(self._answered(response, status))
        if response.reply is None:
            raise FeedError(self._answered(response, "the answer is no valid JSON"))
        if response.reply.items is not None:
            return response.reply.items
        what = self._answered(response, f"the answer has no list at records_path {data_selector!r}")
        if _is_nothing(response.reply.body, data_selector):
            response.lacks_list = what
            return []
        raise IncompleteWalkError(what)

    def _answered(self, response: requests.Response, what: str) -> str:
        body = " ".join(response.content.decode(errors="replace").split())
        return redact(f"{what}: {body or 'an empty body'}")[:400]


def _advice(response: requests.Response) -> str:
    if "Location" in response.headers:
        return f"moved to {response.headers['Location']}: set base_url and path"
    default = "the feed fails: run again later" if response.status_code >= 500 else "check its parameters"
    return _ADVICE.get(response.status_code, default)


def _is_web_page(body: bytes) -> bool:
    return body.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"<")


def _is_nothing(document: Any, path: str) -> bool:
    """Whether a reply has no list at ``path`` and nothing else there that could be one: no key, null, ``{}``, false."""
    for key in [] if path == "$" else path.split("."):
        if not isinstance(document, dict):
            return not document
        document = document.get(key)
    return not document and not isinstance(document, list)


class _References:
    """Follows what the feed gives, cursors or addresses; ``null``, an empty text, 0 and -1 stand for the end.

    Attributes:
        repeats: whether the next request was sent before: following it would never end.
        stays: whether it is the one that was just answered.
    """

    repeats = stays = False

    def init_request(self, request: requests.Request) -> None:
        """Note the first request."""
        super().init_request(request)
        self._last = _identity(request)
        self._sent = {self._last}

    def update_state(self, response: requests.Response, data: list[Any] | None = None) -> None:
        """Take the reference from the body."""
        super().update_state(response, data)
        if not self._next_reference or str(self._next_reference) == "-1":
            self._next_reference = None

    def update_request(self, request: requests.Request) -> None:
        """Point the request to the next page."""
        super().update_request(request)
        if self.has_next_page:
            last, self._last = self._last, _identity(request)
            self.stays, self.repeats = self._last == last, self._last in self._sent
            self._sent.add(self._last)


def _identity(request: requests.Request) -> str:
    address = urlsplit(request.url)
    query = parse_qsl(address.query, keep_blank_values=True)
    query += [(name, str(value)) for name, value in (request.params or {}).items()]
    parts = [address._replace(query="", fragment="").geturl(), sorted(query), request.json]
    return msgspec.json.encode(parts, order="sorted").decode()


class CursorPaginator(_References, JSONResponseCursorPaginator):
    """Follows cursors in the body."""

    def __init__(self, cursor_path: str, **options: Any) -> None:
        """``cursor_path`` is dotted; ``options`` are those of dlt's paginator."""
        super().__init__(_json_path(cursor_path), **options)


class NextUrlPaginator(_References, JSONLinkPaginator):
    """Follows addresses in the body; `FeedClient` asks only the host that is configured."""

    def __init__(self, next_url_path: str) -> None:
        """``next_url_path`` is dotted."""
        super().__init__(_json_path(next_url_path))

    def update_request(self, request: requests.Request) -> None:
        """Point the request to the next page."""
        if self._next_reference is not None and not isinstance(self._next_reference, str):
            raise FeedError(f"the address of the next page is no text: {redact(str(self._next_reference))}")
        try:
            super().update_request(request)
        except ValueError as error:
            raise FeedError(
                f"the address of the next page is no URL ({error}): {redact(self._next_reference)}"
            ) from None


def origin(url: str) -> str:
    """Scheme, host and port of a URL, such as ``https://api.example.com:443``."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}:{parts.port or {'http': 80, 'https': 443}.get(parts.scheme)}"


def refuse_odd(url: str, own_netloc: str) -> None:
    """Refuse an address that two programs could read in two ways, or that has a name and a password.

    ``own_netloc`` is that of the configured address, in which the user may have put a name and a password.

    Raises:
        FeedError: it has a backslash, a control character or user information, or no host or port.
    """
    try:
        parts = urlsplit(url)
        is_odd = ("@" in parts.netloc and parts.netloc != own_netloc) or not parts.hostname or parts.port == 0
    except ValueError:
        is_odd = True
    if is_odd or re.search(r"[\\\x00-\x1f\x7f-\x9f]", url):
        raise FeedError(
            "an address with a backslash, a control character, a user name or an odd host or port is not asked: "
            + redact(re.sub(r"//.*@", "//***@", url))
        )


def _json_path(path: str) -> str:
    return ".".join(f'"{key}"' for key in path.split("."))
