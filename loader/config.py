"""Settings the dlt way: environment (``SOURCES__FILINGS_API__BASE_URL``), then ``.dlt/config.toml``."""

import copy
import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, TypeVar, get_args, get_origin

import dlt
import msgspec
from dlt.common.configuration.exceptions import ConfigurationException, ConfigValueCannotBeCoercedException

from loader.errors import SettingsError

# Read from the environment or the secrets file, never from config.toml.
_SECRETS = ("API_KEY",)

# How variables begin that this project, dlt, dbt and Spark read, and those of folders of temporary files.
_READ = ("ALERTS__", "AS_OF", "DBT_", "DESTINATION", "DLT_", "INSIDER_", "JAVA_HOME", "LOAD__", "NORMALIZE__")
_READ += ("RUNTIME__", "SOURCES__", "SPARK_", "TEMP", "TMP")

# How values of a type are written.
_WRITTEN = {bool: "true or false", date: "a day such as 2026-03-31", int: "a whole number", float: "a number"}

PROJECT = Path(__file__).resolve().parent.parent

SettingsT = TypeVar("SettingsT", bound=msgspec.Struct)


class Runtime(msgspec.Struct):
    """Keys of section ``[runtime]`` that dlt reads, and would take as they are."""

    log_level: Literal["CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG"]
    request_max_attempts: Annotated[int, msgspec.Meta(ge=1)]
    request_backoff_factor: Annotated[float, msgspec.Meta(ge=0)]
    request_max_retry_delay: Annotated[float, msgspec.Meta(ge=0)]
    request_timeout: Annotated[float, msgspec.Meta(gt=0)]


def prepare_environment() -> None:
    """Let dlt find the project's settings and keep its working files there, wherever the process started.

    Raises:
        SettingsError: one of the settings files is no valid TOML, a setting of dlt has a value that dlt cannot take, or a
            path or setting is no UTF-8.
    """
    refuse_other_encodings()
    if level := os.environ.get("RUNTIME__LOG_LEVEL"):
        # dlt knows a level by its upper case alone.
        os.environ["RUNTIME__LOG_LEVEL"] = level.strip().upper()
    os.environ.setdefault("DLT_PROJECT_DIR", str(PROJECT))
    os.environ.setdefault("DLT_DATA_DIR", str(PROJECT / ".dlt_data"))
    try:
        _ = dlt.config.config_providers
    except ConfigurationException as error:
        raise refused_by_dlt(error) from None
    except ValueError as error:
        # All other settings that dlt reads first have a type of their own.
        raise SettingsError(
            f"log_level in [runtime]: {error}; it {_wanted(_types(Runtime)['log_level'])}; RUNTIME__LOG_LEVEL overrides it"
        ) from None


def refused_by_dlt(error: ConfigurationException) -> SettingsError:
    """What the user is told of a setting that dlt refuses."""
    if not isinstance(error, ConfigValueCannotBeCoercedException):
        return SettingsError(" ".join(str(error).split()))
    wanted = _wanted(error.hint) or f"has to be a {getattr(error.hint, '__name__', error.hint)}"
    return SettingsError(
        f"{error.field_name}, a setting of dlt, is {error.field_value!r}, and {wanted}; see .dlt/config.toml and the variables "
        "RUNTIME__..., NORMALIZE__..., LOAD__... that override it"
    )


def refuse_other_encodings() -> None:
    """Refuse an environment in which a path or a setting is no UTF-8.

    Raises:
        SettingsError: a variable that is read is such, or the path of the project.
    """
    refuse_other_encoding("the path of the project", str(PROJECT))
    for name, value in os.environ.items():
        if name.startswith(_READ):
            # Not the value: it may be a secret.
            refuse_other_encoding(f"the variable {name}", name + value)


def refuse_other_encoding(what: str, text: str) -> None:
    """Refuse a text whose bytes are no UTF-8: neither the database nor the archive could name such a file.

    Raises:
        SettingsError: ``text``, which is ``what``, is such.
    """
    if re.search(r"[\ud800-\udfff]", text):
        raise SettingsError(f"{what} is no UTF-8: write it in UTF-8 and run again")


def read_settings(
    source: str, settings_type: type[SettingsT], defaults: Callable[[dict[str, Any]], dict[str, Any]] = dict
) -> SettingsT:
    """Read ``[sources.<source>]``. An empty text means not set; the environment has lists as JSON.

    ``defaults`` puts what ``.dlt/config.toml`` says on top of what stands elsewhere.

    Raises:
        SettingsError: a key is missing, unknown or of the wrong type.
    """
    values = _overlay(defaults(copy.deepcopy(in_config(source))), f"sources.{source}", settings_type)
    return _convert(values, f"sources.{source}", settings_type)


def in_config(source: str) -> dict[str, Any]:
    """What ``.dlt/config.toml`` says in ``[sources.<source>]``."""
    prepare_environment()
    return dlt.config.writable_provider.get_value(source, dict, None, "sources")[0] or {}


def read_runtime(settings_type: type[SettingsT]) -> SettingsT:
    """Read the keys of ``settings_type`` from ``[runtime]``, the section of all sources; see `read_section`."""
    return read_section("runtime", settings_type)


def read_section(section: str, settings_type: type[SettingsT]) -> SettingsT:
    """Read the keys of ``settings_type`` from a section that is no source's.

    Raises:
        SettingsError: a key is missing or of the wrong type.
    """
    prepare_environment()
    return _convert(_overlay({}, section, settings_type), section, settings_type)


def refuse_unknown_keys(section: str, settings_type: type[msgspec.Struct], secret: str) -> None:
    """Refuse a key of a section, in the environment or in ``.dlt/config.toml``, that nobody would read.

    ``secret`` is a key that may stand in the environment and in ``.dlt/secrets.toml`` alone.

    Raises:
        SettingsError: there is one.
    """
    prepare_environment()
    prefix = f"{section.upper()}__"
    in_toml, _ = dlt.config.writable_provider.get_value(section, dict, None)
    given = [name.removeprefix(prefix) for name in os.environ if name.startswith(prefix)]
    for key in sorted([*given, *(name.upper() for name in in_toml or {})]):
        _refuse_unknown_key(prefix, key, {*_keys(settings_type), secret.upper()})
    if secret in (in_toml or {}):
        raise SettingsError(
            f"{secret} stands in .dlt/config.toml: put it into [{section}] of .dlt/secrets.toml"
        )


def refuse_unknown_variables(sources: Mapping[str, type[msgspec.Struct] | None]) -> None:
    """Refuse a variable ``SOURCES__...`` that nobody would read, whichever source is loaded; dlt has some of its own there.

    Args:
        sources: the settings of each source; None for one without any.

    Raises:
        SettingsError: it has no setting's name, or nearly the name of a source.
    """
    known = {source.upper(): settings_type for source, settings_type in sources.items()}
    for name in sorted(os.environ):
        head, _, rest = name.partition("__")
        section, _, key = rest.partition("__")
        if head != "SOURCES" or not key:
            continue
        if section in known:
            settings_type = known[section]
            _refuse_unknown_key(
                f"SOURCES__{section}__", key, {*(_keys(settings_type) if settings_type else ()), *_SECRETS}
            )
        elif nearest := get_close_matches(section, known, 1, 0.5):
            raise SettingsError(f"{name} is of no source: did you mean SOURCES__{nearest[0]}__...?")


def is_set(source: str, key: str) -> bool:
    """Whether ``[sources.<source>]`` gives a key a value."""
    prepare_environment()
    return bool(dlt.config.get(f"sources.{source}.{key}"))


def read_secret(source: str, key: str) -> str | None:
    """Read a secret of ``[sources.<source>]``, from the environment or ``.dlt/secrets.toml`` alone."""
    return read_secret_of(f"sources.{source}", key)


def read_secret_of(section: str, key: str) -> str | None:
    """Read a secret of any section, from the environment or ``.dlt/secrets.toml`` alone."""
    prepare_environment()
    return str(dlt.secrets.get(f"{section}.{key}") or "").strip() or None


def _keys(settings_type: type[msgspec.Struct]) -> Iterator[str]:
    for field in msgspec.structs.fields(settings_type):
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            yield from (f"{field.name.upper()}__{key}" for key in _keys(field.type))
        else:
            yield field.name.upper()


_ALL_SETTINGS = ".dlt/config.toml and loader/feeds/article.toml list all settings"


def refuse_unknown(
    message: str, name: str, known: Collection[str], otherwise: str = "", prefix: str = ""
) -> NoReturn:
    """Raise ``message`` with the one of the names ``known`` that is nearest to ``name``, else with ``otherwise``.

    Raises:
        SettingsError: always.
    """
    nearest = get_close_matches(name, sorted(known), 1)
    raise SettingsError(
        f"{message}: {f'did you mean {prefix}{nearest[0]}?' if nearest else otherwise or ', '.join(known)}"
    )


def _refuse_unknown_key(prefix: str, key: str, known: Collection[str]) -> None:
    if key not in known:
        refuse_unknown(f"{prefix}{key} is no setting", key, known, _ALL_SETTINGS, prefix)


def _refuse_unknown_fields(values: Any, section: str, settings_type: type[msgspec.Struct]) -> None:
    types = _types(settings_type)
    for key, value in values.items() if settings_type.__struct_config__.forbid_unknown_fields else ():
        if key not in types:
            refuse_unknown(f"{key} in [{section}] is no setting", key, types, _ALL_SETTINGS)
        if (
            isinstance(types[key], type)
            and issubclass(types[key], msgspec.Struct)
            and isinstance(value, dict)
        ):
            _refuse_unknown_fields(value, f"{section}.{key}", types[key])


def _convert(values: dict[str, Any], section: str, settings_type: type[SettingsT]) -> SettingsT:
    _refuse_unknown_fields(values, section, settings_type)
    try:
        return msgspec.convert(values, settings_type, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(
            f"{_explained(error, values, settings_type)}: see [{section}] in .dlt/config.toml; "
            f"{section.upper().replace('.', '__')}__... override it, lists and tables as JSON"
        ) from None


def _explained(error: msgspec.ValidationError, values: Any, settings_type: Any) -> str:
    """The message of msgspec, or for a value that is one of few or is written in one way, which they are."""
    place = re.search(r" - at `\$\.([a-z_.]+)", str(error))
    for key in place[1].split(".") if place else ():
        values, settings_type = values[key], _types(settings_type)[key]
    # A text that has to follow a pattern may bear a secret, as an address does.
    found = "" if isinstance(values, str) and str in _leaves(settings_type) else f" is {values!r}, and"
    wanted = _wanted(settings_type) if place else ""
    return f"{place[1]}{found} {wanted}" if wanted else str(error)


def _types(settings_type: type[msgspec.Struct]) -> dict[str, Any]:
    return {field.name: field.type for field in msgspec.structs.fields(settings_type)}


def _options(field_type: Any) -> list[Any]:
    """The values that a setting may have, or the items of its list; none where there are too many to name."""
    if get_origin(field_type) is Literal:
        return list(get_args(field_type))
    return [option for part in get_args(field_type) for option in _options(part)]


def _leaves(field_type: Any) -> list[Any]:
    parts = get_args(field_type)
    return [leaf for part in parts for leaf in _leaves(part)] if parts else [field_type]


def _wanted(field_type: Any) -> str:
    """What a setting of this type may be, where msgspec says that less well."""
    if options := _options(field_type):
        return f"has to be one of {', '.join(map(str, options))}"
    leaves = _leaves(field_type)
    meta = next((leaf for leaf in leaves if isinstance(leaf, msgspec.Meta)), msgspec.Meta())
    written = meta.description or next((text for kind, text in _WRITTEN.items() if kind in leaves), "")
    bound = (
        f" of at least {meta.ge}"
        if meta.ge is not None
        else f" above {meta.gt}"
        if meta.gt is not None
        else ""
    )
    return f"has to be {written}{bound}" if written else ""


def _overlay(values: dict[str, Any], section: str, settings_type: type[msgspec.Struct]) -> dict[str, Any]:
    # Each key is asked for by its full name: dlt resolves a spec by shorter names too, and would take the
    # environment variable PATH for the setting `path`.
    for field in msgspec.structs.fields(settings_type):
        key = f"{section}.{field.name}"
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            values[field.name] = _overlay(values.get(field.name, {}), key, field.type)
            continue
        value = dlt.config.get(key)
        if isinstance(value, str) and value.startswith(("[", "{")):
            try:
                value = msgspec.json.decode(value)
            except msgspec.DecodeError as error:
                raise SettingsError(f"{key} is no valid JSON: {error}") from None
        if isinstance(value, str):
            # However a user writes one of few values, it is that one.
            options = {
                option.casefold(): option for option in _options(field.type) if isinstance(option, str)
            }
            value = options.get(value.strip().casefold(), value)
        if value is not None:
            values[field.name] = value
        # What the environment leaves empty takes away what a file says; dlt gives None for it.
        if values.get(field.name) == "" or os.environ.get(key.replace(".", "__").upper()) == "":
            values.pop(field.name, None)
    return values
