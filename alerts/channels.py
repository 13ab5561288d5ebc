"""Where alerts go: a webhook, a file with a line of JSON for each, and a folder with a mail for each."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from typing import Protocol

import requests
from requests.exceptions import ConnectionError, RequestException, SSLError, Timeout
from standardwebhooks import Webhook as Signer
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_exponential_jitter
from tenacity.stop import stop_before_delay

from alerts.outbox import Message
from alerts.settings import Settings
from loader.config import PROJECT
from loader.errors import LoadError
from loader.http.bounds import BoundedAdapter, Bounds
from loader.redaction import redact, visible

# A reply is not read for what it says: it only has to end.
_REPLY_BYTES = 64 * 1024
_TRANSIENT = {408, 425, 429, *range(500, 600)}
# What a receiver answers to a message that it cannot read; others may well arrive.
_OF_THE_MESSAGE = {400, 413, 415, 422}


class NotDeliveredError(Exception):
    """A message did not arrive.

    Attributes:
        is_transient: whether it may arrive a little later.
        is_of_message: whether other messages may arrive all the same.
        wait: for how many seconds the receiver asks to wait.
    """

    def __init__(
        self, reason: str, *, is_transient: bool = False, is_of_message: bool = False, wait: float = 0
    ) -> None:
        super().__init__(redact(reason))
        self.is_transient, self.is_of_message, self.wait = is_transient, is_of_message, wait


class Channel(Protocol):
    """A way to a receiver."""

    name: str

    def send(self, message: Message, seconds: float) -> None:
        """Return once the message has arrived, after at most about ``seconds``.

        Raises:
            NotDeliveredError: it did not.
        """


class WebhookChannel:
    """Posts signed JSON as Standard Webhooks say; a receiver that sees an id again has it already."""

    name = "webhook"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._signer = Signer(settings.webhook_secret)

    def send(self, message: Message, seconds: float) -> None:
        """See `Channel`."""
        backoff = wait_exponential_jitter(initial=1, max=30)

        def wait(state: RetryCallState) -> float:
            return max(backoff(state), state.outcome.exception().wait)

        ends = time.monotonic() + seconds
        for attempt in Retrying(
            stop=stop_after_attempt(self._settings.attempts) | stop_before_delay(seconds),
            wait=wait,
            retry=retry_if_exception(lambda error: getattr(error, "is_transient", False)),
            reraise=True,
        ):
            with attempt:
                self._post(message, max(0.1, min(self._settings.timeout, ends - time.monotonic())))

    def _post(self, message: Message, timeout: float) -> None:
        # By the clock of the machine, which the receiver compares with its own.
        now = datetime.now(UTC)
        headers = {
            "content-type": "application/json",
            "webhook-id": message.alert_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._signer.sign(message.alert_id, now, message.body),
        }
        bounds = Bounds(_REPLY_BYTES, 1, timeout, _REPLY_BYTES)
        try:
            with requests.Session() as session:
                session.mount("http://", BoundedAdapter(bounds))
                session.mount("https://", BoundedAdapter(bounds))
                reply = session.post(
                    self._settings.webhook_url,
                    data=message.body.encode(),
                    headers=headers,
                    timeout=timeout,
                    allow_redirects=False,
                )
        except SSLError as error:
            raise NotDeliveredError("its certificate is not valid, or it speaks no TLS") from error
        except (LoadError, Timeout) as error:
            raise NotDeliveredError("no answer that ends in time", is_transient=True) from error
        except ConnectionError as error:
            raise NotDeliveredError(f"no answer ({type(error).__name__})", is_transient=True) from error
        except (RequestException, OSError, ValueError) as error:
            # Its text would show the address.
            raise NotDeliveredError(f"its reply cannot be read ({type(error).__name__})") from error
        _check(reply)


class FileChannel:
    """Appends a line of JSON for each alert."""

    name = "file"

    def __init__(self, settings: Settings) -> None:
        self._path = Path(PROJECT, settings.file)

    def send(self, message: Message, seconds: float) -> None:
        """See `Channel`."""
        with _disk(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab+") as file:
                # A run that was killed may have left half a line.
                if file.tell():
                    file.seek(-1, os.SEEK_END)
                    if file.read(1) != b"\n":
                        file.write(b"\n")
                file.write(message.body.encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())


class MailChannel:
    """Writes a mail for each alert into a folder, whole or not at all, for a mail program to send."""

    name = "mail"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = Path(PROJECT, settings.mail_folder)

    def send(self, message: Message, seconds: float) -> None:
        """See `Channel`."""
        alert = json.loads(message.body)["data"]
        mail = EmailMessage()
        mail["From"], mail["To"] = self._settings.mail_from, self._settings.mail_to
        mail["Date"] = format_datetime(datetime.now(UTC))
        mail["Message-ID"] = f"<{message.alert_id}@insider-filings.invalid>"
        mail["Subject"] = " ".join(headline(alert).split())
        mail.set_content(
            "".join(f"{name}: {visible(str(value))}\n" for name, value in alert.items() if value is not None)
        )
        with _disk(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            part = self._folder / f".{message.alert_id}.part"
            part.write_bytes(mail.as_bytes())
            part.replace(self._folder / f"{message.alert_id}.eml")


def channels(settings: Settings) -> list[Channel]:
    """The channels that the settings name."""
    wanted = {
        WebhookChannel: settings.webhook_url,
        FileChannel: settings.file,
        MailChannel: settings.mail_folder,
    }
    return [channel(settings) for channel, where in wanted.items() if where]


def headline(alert: dict[str, str]) -> str:
    """One line for an alert: of whom, by which rule, what."""
    of = alert.get("ticker") or alert.get("issuer_name") or alert.get("issuer_id") or alert.get("source")
    return visible(f"{of}: {alert['rule']}: {alert['says']}")


def _check(reply: requests.Response) -> None:
    status = reply.status_code
    if 200 <= status < 300:
        return
    if 300 <= status < 400:
        raise NotDeliveredError(
            f"it answers with a redirect (HTTP {status}), which is not followed: set webhook_url to where it leads"
        )
    if status in (401, 403):
        raise NotDeliveredError(
            f"it refuses the signature or the address (HTTP {status}): check webhook_secret"
        )
    if status in (404, 410):
        raise NotDeliveredError(f"nobody listens there (HTTP {status}): check webhook_url")
    raise NotDeliveredError(
        f"HTTP {status}",
        is_transient=status in _TRANSIENT,
        is_of_message=status in _OF_THE_MESSAGE,
        wait=_retry_after(reply),
    )


def _retry_after(reply: requests.Response) -> float:
    """The seconds that a receiver asks to wait; 0 where it asks for none that can be read."""
    given = reply.headers.get("Retry-After", "")
    try:
        return max(0.0, float(given))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(given) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return 0.0


@contextmanager
def _disk(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NotDeliveredError(f"{place} cannot be written ({error.strerror})") from error
