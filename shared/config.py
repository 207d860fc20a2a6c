"""Settings of a command: defaults in a frozen dataclass, then a TOML file, then the options."""

import difflib
import tomllib
import types
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from scenara.shared.errors import ConfigError

__all__ = ["configured"]

Settings = TypeVar("Settings")


def configured(
    cls: type[Settings],
    *,
    file: Path | None = None,
    **options: Any,  # noqa: ANN401  (each class's own fields)
) -> Settings:
    """Make settings from a TOML file and command-line options; an option beats the file.

    Args:
        cls: Frozen dataclass that holds the defaults.
        file: TOML file with some of the fields, or None.
        **options: Fields from the command line; None means not given.

    Returns:
        The settings.

    Raises:
        ConfigError: The file can't be read, or has an unknown key or a value of another type.

    Example:
        >>> from dataclasses import dataclass
        >>> @dataclass(frozen=True)
        ... class Simulate:
        ...     n_paths: int = 1_000
        ...     horizon: int = 252
        >>> configured(Simulate, horizon=63, n_paths=None)
        Simulate(n_paths=1000, horizon=63)
    """
    given = {name: value for name, value in options.items() if value is not None}
    known = get_type_hints(cls)
    from_file = {} if file is None else _read(file)
    for name, value in from_file.items():
        _check(name, value, known, where=file)
    return cls(**{**_tuples(from_file), **given})


def _read(file: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{file}: can't be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: not readable as TOML: {error}") from error
    return {name: _as_text(value) for name, value in values.items()}


def _check(name: str, value: object, known: Mapping[str, Any], *, where: Path | None) -> None:
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"known are {sorted(known)}"
        raise ConfigError(f"{where}: unknown key {name!r}; {hint}")
    accepted = _accepted(known[name])
    if not isinstance(value, accepted) or (isinstance(value, bool) and bool not in accepted):
        names = " or ".join(kind.__name__ for kind in accepted if kind is not type(None))
        raise ConfigError(f"{where}: key {name!r}: expected {names}, found {value!r}")


def _accepted(hint: Any) -> tuple[type, ...]:  # noqa: ANN401  (any annotation)
    if isinstance(hint, types.UnionType):
        return tuple(kind for part in get_args(hint) for kind in _accepted(part))
    origin = get_origin(hint) or hint
    also = {float: (float, int), tuple: (list,), Path: (str,)}
    return also.get(origin, (origin,))


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}


def _as_text(value: object) -> object:
    """Take TOML's dates as the text that an option would be."""
    return value.isoformat() if isinstance(value, (date, datetime)) else value
