"""Views on returns, as an investor writes them down."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Self

import numpy as np

from scenara.finance.portfolio.strategies.names import find_assets
from scenara.shared.errors import ConfigError

__all__ = ["View", "check_certain"]

_SIGN = re.compile(r"\s+([+-])\s+")
_TERM = re.compile(r"(?:(?P<factor>[+-]?\d*\.?\d+)\s*\*\s*)?(?P<name>.+)")


@dataclass(frozen=True)
class View:
    """Hold what some combination of assets is expected to return in a year.

    Args:
        factors: Name of an asset and its factor, of each term.
        value: Return per year, as a fraction.

    Example:
        >>> View.read("GER - 0.3*FRA = 0.05")
        View(factors=(('GER', 1.0), ('FRA', -0.3)), value=0.05)
    """

    factors: tuple[tuple[str, float], ...]
    value: float

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a view: names of assets with factors, a sign between spaces, and the return.

        Args:
            text: Such as ``GER - 0.3*FRA = 0.05``.

        Raises:
            ConfigError: It is not of this form, or says nothing, such as ``A - A = 0.1``.

        Example:
            >>> View.read("BRK-B = 0.1").factors
            (('BRK-B', 1.0),)
        """
        if not isinstance(text, str):
            raise _unreadable(text)
        left, _, right = text.partition("=")
        try:
            value = float(right.strip(" ="))
        except ValueError:
            raise _unreadable(text) from None
        first, *rest = _SIGN.split(left.strip())
        signed = [("+", first), *zip(rest[::2], rest[1::2], strict=True)]
        view = cls(tuple(_factor(sign, term, text) for sign, term in signed), value)
        if not isfinite(value) or not any(view.row([name for name, _ in view.factors])):
            raise ConfigError(
                f"views: expected a finite return of assets whose factors are not all 0, found {text!r}"
            )
        return view

    def row(self, assets: Sequence[str]) -> list[float]:
        """Give the factor of each asset.

        Args:
            assets: Names of the assets.

        Returns:
            Factors, shape (assets,).

        Raises:
            ConfigError: There is no asset of a name.

        Example:
            >>> View.read("B - A = 0.05").row(["A", "B", "C"])
            [-1.0, 1.0, 0.0]
        """
        row = [0.0] * len(assets)
        places = find_assets([name for name, _ in self.factors], assets, setting="views")
        for place, (_, factor) in zip(places, self.factors, strict=True):
            row[place] += factor
        return row


def check_certain(views: Sequence[View]) -> None:
    """Refuse views without any doubt that can't all be heeded, or that say the same twice.

    Args:
        views: Those of confidence 1.

    Raises:
        ConfigError: What one says follows from the others, or contradicts them.

    Example:
        >>> check_certain([View.read("A = 0.1"), View.read("B - A = 0.02")])
    """
    names = sorted({name for view in views for name, _ in view.factors})
    rows = np.array([view.row(names) for view in views])
    if len(views) and np.linalg.matrix_rank(rows) < len(views):
        raise ConfigError(
            f"views: expected certain views (confidence 1) that neither repeat nor contradict each "
            f"other, found {len(views)} about {', '.join(names)}; leave one out or lower a confidence"
        )


def _factor(sign: str, term: str, text: str) -> tuple[str, float]:
    parts = _TERM.fullmatch(term.strip())
    if parts is None:
        raise _unreadable(text)
    factor = float(parts["factor"] or 1)
    return parts["name"].strip(), -factor if sign == "-" else factor


def _unreadable(text: object) -> ConfigError:
    return ConfigError(
        f"views: expected names, factors and a return per year, such as 'GER - 0.3*FRA = 0.05', "
        f"found {text!r}"
    )
