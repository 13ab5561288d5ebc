"""What leaves the process bears no secret and no control character."""

import base64
import json
import logging
import re
from urllib.parse import quote, quote_plus

# C0 but for tab and line feed, DEL, C1, and the marks that turn the direction of a text around.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

_secrets: set[str] = set()


def protect(secret: str | None) -> None:
    """Take ``secret`` out of every text that `redact` is given from now on.

    One of fewer than four characters is not taken out: texts would no longer be readable.
    """
    if secret and len(secret) >= 4:
        _secrets.update(_forms(secret))


def redact(text: str) -> str:
    """``text`` with ``***`` for protected secrets, in whichever form, and a replacement for control characters."""
    for form in sorted(_secrets, key=len, reverse=True):
        text = text.replace(form, "***")
    return visible(text)


def visible(text: str) -> str:
    """``text`` with U+FFFD for each control character: a terminal obeys some of them."""
    return _CONTROL.sub("\ufffd", text)


class LogFilter(logging.Filter):
    """Redacts log records and lets them pass."""

    def filter(self, record: logging.LogRecord) -> bool:
        """See `redact`."""
        record.msg, record.args = redact(record.getMessage()), ()
        return True


LOG_FILTER = LogFilter()


def _forms(secret: str) -> set[str]:
    """How a secret may stand in a text: as it is, URL-encoded, escaped, in base64."""
    forms = {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), repr(secret)[1:-1]}
    forms |= {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    forms |= {form.replace("/", "\\/") for form in forms}
    if len(secret) >= 6:
        # Within a longer text base64 has three forms, of which the ends belong to the neighbours too.
        for before in range(3):
            encoded = base64.b64encode(b"\0" * before + secret.encode()).decode().rstrip("=")
            inner = encoded[(before * 8 + 5) // 6 : len(encoded) - bool((before + len(secret.encode())) % 3)]
            forms |= {inner, inner.replace("+", "-").replace("/", "_")}
    return forms
