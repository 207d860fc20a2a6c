"""How many rows of each value: rare events made as frequent as the caller wants."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from scenara.shared.data.column import BOUNDED, nearest
from scenara.shared.data.schema import Schema
from scenara.shared.errors import ConfigError
from scenara.shared.generators.tables.conditions import Seen

__all__ = ["allotted"]

MAX_LEVELS = 1_000


def allotted(
    n: int,
    given: Mapping[str, Any] | None,
    balance: str | Mapping[str, Mapping[Any, float]] | None,
    schema: Schema,
    seen: Mapping[str, Seen],
) -> list[tuple[int, Mapping[str, Any] | None]]:
    """Split a request for rows by the values of the column to balance.

    Args:
        n: Rows wanted.
        given: Conditions on all of them.
        balance: A column whose values are to occur equally often, or the wanted counts (or
            shares) of its values.
        schema: What the columns are.
        seen: What each held when fitting.

    Returns:
        Numbers of rows, above 0 and together ``n``, each with its conditions.

    Raises:
        ConfigError: The column is not known or has no levels, or the counts don't add up.

    Example:
        >>> from scenara.shared.data.schema import Column
        >>> schema = Schema((Column("default", "boolean", levels=(0, 1)),))
        >>> allotted(10, None, "default", schema, {"default": Seen(levels=(0, 1))})
        [(5, {'default': 0}), (5, {'default': 1})]
    """
    if not isinstance(n, (int, np.integer)) or isinstance(n, bool) or n < 1:
        raise ConfigError(f"n: expected a whole number from 1, found {n!r}")
    if balance is None:
        return [(int(n), given)]
    name, wanted = _wanted(balance, schema, seen)
    if given and name in given:
        raise ConfigError(f"balance: column {name!r} is fixed by given already; leave one out")
    counts = _counts(int(n), list(wanted.values()), name)
    asked = zip(counts, wanted, strict=True)
    return [(count, {**(given or {}), name: value}) for count, value in asked if count]


def _wanted(
    balance: str | Mapping[str, Mapping[Any, float]], schema: Schema, seen: Mapping[str, Seen]
) -> tuple[str, Mapping[Any, float]]:
    if isinstance(balance, Mapping) and len(balance) != 1:
        raise ConfigError(f"balance: expected one column, found {list(balance)}")
    name = balance if isinstance(balance, str) else next(iter(balance))
    if name not in schema:
        raise ConfigError(f"balance: no column {name!r}{nearest(str(name), schema.names)}")
    if name not in seen or schema[name].kind in BOUNDED:
        raise ConfigError(f"balance: column {name!r} has no levels; balance a category or boolean")
    if isinstance(balance, Mapping):
        return name, balance[name]
    levels = [*seen[name].levels, *([None] if seen[name].missing else [])]
    if len(levels) > MAX_LEVELS:
        raise ConfigError(f"balance: column {name!r} has {len(levels):,} levels; name counts")
    return name, dict.fromkeys(levels, 1.0 / len(levels))


def _counts(n: int, wanted: list[float], name: str) -> list[int]:
    numbers = np.asarray(wanted, dtype=np.float64)
    if not len(numbers) or not np.isfinite(numbers).all() or (numbers < 0).any():
        raise ConfigError(f"balance: column {name!r}: expected counts or shares from 0 up")
    if (numbers % 1 == 0).all() and int(numbers.sum()) == n:
        return [int(number) for number in numbers]
    if np.isclose(numbers.sum(), 1.0):
        return _rounded(n * numbers / numbers.sum(), n)
    raise ConfigError(
        f"balance: column {name!r}: expected counts that sum to n = {n:,} or shares that sum to 1, "
        f"found a sum of {numbers.sum():g}"
    )


def _rounded(exact: Any, n: int) -> list[int]:  # noqa: ANN401  (an array of floats)
    """Round so that the sum is kept: the largest remainders are rounded up."""
    floor = np.floor(exact).astype(int)
    order = np.argsort(floor - exact, kind="stable")
    floor[order[: n - int(floor.sum())]] += 1
    return [int(count) for count in floor]
