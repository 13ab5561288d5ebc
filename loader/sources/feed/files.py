"""A feed is a file: ``loader/feeds/<name>.toml``, or a user's own in the folder ``feeds`` or INSIDER_FEEDS."""

import os
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from loader.config import PROJECT, refuse_unknown
from loader.errors import SettingsError

SHIPPED = Path(__file__).resolve().parents[2] / "feeds"
# What every feed has where it does not say otherwise; the paths of fields only where a feed extends it.
DEFAULTS = "article"
# The feed that has no file of its own: an address in the settings makes one.
GENERIC = "filings_api"

# It is the name of a schema, of a folder and of variables of the environment, too.
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def names(reserved: Iterable[str]) -> list[str]:
    """The feeds: those of the project, and the user's own, of which none may have a name that is ``reserved``.

    Raises:
        SettingsError: a file of the user has a name that no feed can have.
    """
    taken = sorted({*reserved, DEFAULTS})
    for name, path in own().items():
        if not _NAME.fullmatch(name) or name in taken:
            raise SettingsError(
                f"{path}: the name of a feed has lower-case letters, digits and single underscores, and is none of {', '.join(taken)}"
            )
    return sorted({*_shipped(), *own()} - {DEFAULTS})


def own() -> dict[str, Path]:
    """The user's own files."""
    folder = Path(os.environ.get("INSIDER_FEEDS") or PROJECT / "feeds")
    return {file.stem: file for file in sorted(folder.glob("*.toml"))}


def read(name: str) -> dict[str, Any]:
    """The settings of a feed's file, on top of those that it extends.

    Raises:
        SettingsError: a file is no TOML, or extends no feed of the project.
    """
    defaults = _read_file(SHIPPED / f"{DEFAULTS}.toml") | {"field_paths": {}}
    return _on_top((_shipped() | own())[name], defaults)


def merge(values: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """``values`` with those of ``over`` in their place; of the paths of fields, each for itself."""
    paths = dict(values.get("field_paths", {}))
    for part, of_part in over.get("field_paths", {}).items():
        paths[part] = paths.get(part, {}) | of_part if isinstance(of_part, dict) else of_part
    return values | over | {"field_paths": paths}


def _shipped() -> dict[str, Path]:
    return {file.stem: file for file in SHIPPED.glob("*.toml")}


def _on_top(path: Path, defaults: dict[str, Any]) -> dict[str, Any]:
    values = _read_file(path)
    if (extended := values.pop("extends", None)) is not None:
        shipped = {name: file for name, file in _shipped().items() if file != path}
        if extended not in shipped:
            refuse_unknown(
                f"{path}: extends {extended!r}, which is no feed of the project", str(extended), shipped
            )
        defaults = _on_top(shipped[extended], defaults)
    return merge(defaults, values)


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: {error}") from None
