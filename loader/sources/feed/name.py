"""Which feed an archive holds: another one would go on from where that ends, and its records be read with other paths."""

import hashlib
import re
from typing import Any
from urllib.parse import urlsplit

import msgspec

from loader.errors import SettingsError

_DEFAULT_PORTS = {"http": 80, "https": 443}


def feed_name(base_url: str, path: str, extra_parameters: dict[str, Any]) -> str:
    """The name of a feed: its address without secrets, and a mark of the parameters that may tell it from others there."""
    address = urlsplit(base_url)
    port = "" if address.port in (None, _DEFAULT_PORTS.get(address.scheme)) else f":{address.port}"
    name = f"{address.hostname}{port}{address.path.rstrip('/')}/{path.lstrip('/')}"
    if not extra_parameters:
        return name
    # A mark, for they may bear a secret.
    text = msgspec.json.encode(extra_parameters, order="deterministic")
    return f"{name}#{hashlib.sha256(text).hexdigest()[:8]}"


def refuse_another(
    source: str, name: str, field_paths: str, last_feed: tuple[str, str | None] | None, holds_records: bool
) -> None:
    """Refuse a feed that is not the one in the archive.

    Args:
        source: name of the source.
        name: of the configured feed, see `feed_name`.
        field_paths: how its records are read, as JSON.
        last_feed: both of what was archived last; None without any.
        holds_records: whether the archive has records with an id, which another ``record_id`` would give a second one.

    Raises:
        SettingsError: it has another address, other parameters, other paths or another ``record_id``.
    """
    if last_feed is None:
        return
    last_name, last_paths = last_feed
    changes = []
    # Names had neither a port nor a mark before 0.3.
    if last_name not in (name, re.sub(r":\d+(?=/)|#.*", "", name)):
        other = " with other extra_parameters" if last_name.split("#")[0] == name.split("#")[0] else ""
        changes.append(f"the records of {last_name.split('#')[0]}{other}")
    before, now = _by_field(last_paths or "{}"), _by_field(field_paths)
    changes += [
        f"{field} at {' or '.join(before[field])}, not at {' or '.join(now[field])}"
        for field in now
        if field in before and before[field] != now[field]
    ]
    ids_before, ids_now = _record_id(last_paths or "{}"), _record_id(field_paths)
    if holds_records and ids_before and ids_before != ids_now:
        changes.append(
            f"records by record_id {':'.join(ids_before)}, not {':'.join(ids_now)}, by which each would count twice"
        )
    if changes:
        raise SettingsError(
            f"the archive has {'; '.join(changes[:3])}{' ...' if changes[3:] else ''}; configured is "
            f"{name.split('#')[0]}. An archive holds one feed: give another one a file of its own in feeds/ (docs/feeds.md). "
            "If it is the same feed, which has moved, or of which you have mended the paths, run "
            f"once with SOURCES__{source.upper()}__SAME_FEED=true: all that is archived is read with the new paths then"
        )


def _record_id(paths: str) -> list[str]:
    """The paths of a record's id; empty where they are not known."""
    return msgspec.json.decode(paths).get("reading", {}).get("records", {}).get("record_id", [])


def _by_field(paths: str) -> dict[str, list[str]]:
    """Lists of paths by field, such as ``line.price``; how texts and records are read does not tell feeds apart."""
    flat: dict[str, list[str]] = {}
    for part, of_part in msgspec.json.decode(paths).items():
        if isinstance(of_part, list):
            flat[part] = of_part
        elif part in ("record", "owner", "line"):
            flat |= {f"{part}.{field}": of_field for field, of_field in of_part.items()}
    return flat
