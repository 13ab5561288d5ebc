"""JSON replies, read so that a record that cannot be read costs no other."""

import base64
import codecs
import json
import re
from email.message import Message
from typing import Any, NamedTuple

import msgspec
import orjson

# What an object or a list holds, up to the next sign of its structure, and that sign (none: the text ends, or a string does not).
_STRING = rb'"(?:[^"\\]++|\\.)*+"'
_SIGN = re.compile(rb'(?:[^][{}:,"]++|' + _STRING + rb")*+([][{}:,]?)", re.DOTALL)
_BRACKETS = re.compile(rb'(?:[^][{}"]++|' + _STRING + rb")*+([\[{]++|[\]}]++|)", re.DOTALL)
_WHITE_SPACE = b" \t\r\n"
# What orjson says of texts that JSON's grammar allows, and that no reader of the archive could take as they are.
_REASONS = {"depth": "nested_too_deeply", "infinity": "number_too_large", "surrogate": "lone_surrogate"}


class Item(NamedTuple):
    """An item of a reply's list: its JSON text as received, and its value, or the reason why it has none.

    The text of one whose bytes are no text (``invalid_text``) is their base64 form.
    """

    payload: str
    value: Any
    reason: str | None = None


class Reply(NamedTuple):
    """A parsed reply; ``items`` is None where it has no list at the path. Bad items are not in ``body``."""

    body: Any
    items: list[Item] | None


def is_text_encoding(name: str) -> bool:
    """Whether ``name`` is an encoding in which a reply may come: one that leaves ASCII as it is, UTF-16 or UTF-32."""
    ascii_characters = bytes(range(32, 127))
    try:
        if codecs.lookup(name).name.startswith(("utf-16", "utf-32")):
            return True
        return ascii_characters.decode(name) == ascii_characters.decode()
    except (LookupError, UnicodeError):
        return False


def declared_encoding(content_type: str | None) -> str | None:
    """The ``charset`` of a content type; None where it names none that is known."""
    message = Message()
    message["Content-Type"] = content_type or ""
    charset = message.get_content_charset()
    return charset if charset and is_text_encoding(charset) else None


def read_reply(content: bytes, encoding: str | None, path: str) -> Reply:
    """Read a reply and the list at the dotted ``path``, each item for itself where one of them is bad.

    ``encoding`` unset, it is UTF-8, or UTF-16 or UTF-32 as the first bytes tell.

    Raises:
        ValueError: the reply around the items of the list is no JSON.
    """
    content = content.removeprefix(codecs.BOM_UTF8)
    encoding = codecs.lookup(encoding or json.detect_encoding(content)).name
    # What is no text in the encoding becomes invalid UTF-8, and can be turned back.
    errors = "surrogatepass" if encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"
    if encoding not in ("utf-8", "ascii"):
        content = content.decode(encoding, errors).encode("utf-8", errors)
    try:
        body = orjson.loads(content)
        texts = _list_at(content, path)
    except (orjson.JSONDecodeError, RecursionError):
        envelope, texts = _split(content, path)
        return Reply(orjson.loads(envelope), [_read_item(text, encoding, errors) for text in texts])
    if texts is None:
        return Reply(body, None)
    values = body
    for key in _keys(path):
        values = values[key]
    return Reply(body, [Item(bytes(text).decode(), value) for text, value in zip(texts, values, strict=True)])


def _keys(path: str) -> list[str]:
    return [] if path == "$" else path.split(".")


def _list_at(content: bytes, path: str) -> list[msgspec.Raw] | None:
    found = msgspec.Raw(content)
    try:
        for key in _keys(path):
            found = msgspec.json.decode(found, type=dict[str, msgspec.Raw])[key]
        return msgspec.json.decode(found, type=list[msgspec.Raw])
    except (KeyError, msgspec.ValidationError):
        return None


def _read_item(text: bytes, encoding: str, errors: str) -> Item:
    try:
        payload = text.decode()
    except UnicodeDecodeError:
        received = text.decode("utf-8", errors).encode(encoding, errors)
        return Item(base64.b64encode(received).decode(), None, "invalid_text")
    try:
        return Item(payload, orjson.loads(text))
    except orjson.JSONDecodeError as error:
        reasons = (reason for word, reason in _REASONS.items() if word in error.msg)
        return Item(payload, None, next(reasons, "invalid_json"))


def _split(content: bytes, path: str) -> tuple[bytes, list[bytes]]:
    """The reply with an empty list at ``path``, and the texts of the list's items."""
    begin, end = 0, len(content)
    for key in _keys(path):
        # Of members with one name the last one counts, as for every other reader.
        spans = [span for name, *span in _parts(content, begin) if _is_name(name, key)]
        if not spans:
            raise ValueError(f"it has no {key!r}")
        begin, end = spans[-1]
    if not content[begin:end].lstrip(_WHITE_SPACE).startswith(b"["):
        raise ValueError("it has no list")
    texts = [content[first:last].strip(_WHITE_SPACE) for _, first, last in _parts(content, begin)]
    if texts == [b""]:
        texts = []
    if b"" in texts:
        raise ValueError("it has a comma too many")
    return content[:begin] + b"[]" + content[end:], texts


def _parts(content: bytes, begin: int) -> list[tuple[bytes, int, int]]:
    """Name and span of each member of the object or item (without a name) of the list that comes next.

    Follows brackets and strings alone, and so finds the end of a part whatever it is made of.
    """
    parts: list[tuple[bytes, int, int]] = []
    opening = _SIGN.match(content, begin)
    if opening[1] not in (b"[", b"{"):
        raise ValueError("it has no object and no list")
    name, begin, position = b"", opening.end(), opening.end()
    while True:
        sign = _SIGN.match(content, position)
        position = sign.end()
        match sign[1]:
            case b"[" | b"{":
                position = _end(content, sign.start(1))
            case b":":
                name, begin = content[begin : sign.start(1)], position
            case b",":
                parts.append((name, begin, sign.start(1)))
                name, begin = b"", position
            case b"]" | b"}":
                return [*parts, (name, begin, sign.start(1))]
            case _:
                raise ValueError("it does not end")


def _end(content: bytes, begin: int) -> int:
    """Where the object or list that opens at ``begin`` ends."""
    depth, position = 0, begin
    while True:
        brackets = _BRACKETS.match(content, position)
        position = brackets.end()
        if not brackets[1]:
            raise ValueError("it does not end")
        if brackets[1][:1] in b"[{":
            depth += len(brackets[1])
        elif depth <= len(brackets[1]):
            return brackets.start(1) + depth
        else:
            depth -= len(brackets[1])


def _is_name(text: bytes, key: str) -> bool:
    try:
        return orjson.loads(text) == key
    except orjson.JSONDecodeError:
        return False
