"""Views on worlds: what somebody believes of means, volatilities, quantiles and correlations."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from scenara.finance.market.scenarios.holdings import (
    Holding,
    check_holding,
    holding_weights,
    named,
)
from scenara.finance.market.scenarios.path_events import Measure, PathEvent
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.generators.series.conditions import PathCondition
from scenara.shared.generators.series.worlds import Worlds
from scenara.shared.types import FloatArray

__all__ = ["Scenarios", "Statistic", "View"]

Statistic = Literal["mean", "quantile", "var", "probability", "volatility", "correlation"]

_NEEDS_LEVEL = ("quantile", "var")


@dataclass(frozen=True)
class View:
    """Say what is believed of a figure over all worlds.

    Args:
        of: An asset, shares of assets, names, or ``"equal weight"``; for ``probability`` an event.
        statistic: ``mean``; ``quantile`` at ``level``; ``var``, the loss that is exceeded with
            chance ``1 - level``; ``probability`` of an event; ``volatility``, the standard
            deviation over the worlds; ``correlation`` with ``other`` over the worlds.
        equals: What the figure is.
        below: The most that it is.
        above: The least that it is.
        level: Of a quantile or value at risk, between 0 and 1.
        other: The second asset or portfolio of a correlation.
        measure: What is taken of each path: its ``return``, ``volatility``, ``drawdown`` or
            ``correlation``. Tables of scenarios hold one value already. A view on the level of a
            covariate is the ``probability`` of an event, which knows where the level starts.

    Raises:
        ConfigError: The view is incomplete, contradicts itself or can't hold.

    Example:
        >>> str(View("SPX", "var", level=0.95, equals=0.1))
        'var (95 %) of the return of SPX = 0.1'
    """

    of: Holding | PathCondition
    statistic: Statistic
    equals: float | None = None
    below: float | None = None
    above: float | None = None
    level: float | None = None
    other: Holding | None = None
    measure: Measure = "return"

    def __post_init__(self) -> None:
        if self.statistic not in get_args(Statistic):
            raise ConfigError(
                f"statistic: expected one of {', '.join(get_args(Statistic))}, "
                f"found {self.statistic!r}"
            )
        is_event = isinstance(self.of, PathCondition)
        if is_event != (self.statistic == "probability"):
            raise ConfigError(
                f"{self}: a probability is that of an event such as PathEvent, every other "
                "statistic that of an asset or a portfolio"
            )
        if not isinstance(self.of, PathCondition):
            check_holding(self.of)
        if self.measure not in get_args(Measure) or self.measure == "level":
            raise ConfigError(
                f"measure: expected one of return, volatility, drawdown, correlation, found "
                f"{self.measure!r}; for the level of a covariate give the probability of "
                "panel.event(...), which knows its start and unit"
            )
        self._check_bounds()
        self._check_parts()

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the most that the figure may be."""
        if self.equals is not None:
            return self.equals, self.equals
        low = -math.inf if self.above is None else self.above
        return low, math.inf if self.below is None else self.below

    @property
    def event(self) -> PathCondition:
        """The event that a probability is of."""
        assert isinstance(self.of, PathCondition)
        return self.of

    @property
    def holding(self) -> Holding:
        """The asset or portfolio that another statistic is of."""
        assert not isinstance(self.of, PathCondition)
        return self.of

    def __str__(self) -> str:
        signs = {"=": self.equals, "<=": self.below, ">=": self.above}
        text = " and ".join(f"{sign} {x:.4g}" for sign, x in signs.items() if x is not None)
        if isinstance(self.of, PathCondition):
            return f"probability of {self.of} {text}"
        level = f" ({100 * self.level:g} %)" if self.level is not None else ""
        other = f" and {named(self.other)}" if self.other is not None else ""
        return f"{self.statistic}{level} of the {self.measure} of {named(self.of)}{other} {text}"

    def _check_bounds(self) -> None:
        given = [x for x in (self.equals, self.below, self.above) if x is not None]
        if not given or (self.equals is not None and len(given) > 1):
            raise ConfigError(f"{self}: expected equals alone, or below, above or both")
        lowest = {"correlation": -1.0, "probability": 0.0, "volatility": 0.0}
        low = lowest.get(self.statistic, -math.inf)
        high = 1.0 if self.statistic in ("correlation", "probability") else math.inf
        for value in given:
            if not low <= value <= high or not math.isfinite(value):
                raise ConfigError(
                    f"{self}: expected a number between {low:g} and {high:g}, found {value:g}"
                )
        if self.bounds[0] > self.bounds[1]:
            raise ConfigError(f"{self}: above is larger than below; swap them")

    def _check_parts(self) -> None:
        if (self.statistic in _NEEDS_LEVEL) != (self.level is not None):
            raise ConfigError(f"{self}: level belongs to a quantile or var, and only there")
        if self.level is not None and not 0 < self.level < 1:
            raise ConfigError(f"{self}: expected a level between 0 and 1, found {self.level!r}")
        if (self.statistic == "correlation") != (self.other is not None):
            raise ConfigError(f"{self}: other belongs to a correlation, and only there")


@dataclass(frozen=True)
class Scenarios:
    """Read worlds, or a table with one scenario a row, as one value for each scenario.

    Args:
        source: Generated paths, or a table of scenarios x assets.

    Raises:
        DataError: The table holds values that are no finite numbers.

    Example:
        >>> table = pd.DataFrame({"A": [0.1, -0.1], "B": [0.0, 0.2]})
        >>> Scenarios(table).values({"A": 0.5, "B": 0.5}, "return").tolist()
        [0.05, 0.05]
    """

    source: Worlds | pd.DataFrame

    def __post_init__(self) -> None:
        if isinstance(self.source, pd.DataFrame):
            values = self.source.to_numpy(dtype=np.float64)
            if not values.size or not np.isfinite(values).all():
                raise DataError("scenarios: expected finite numbers in every place of the table")

    @property
    def channels(self) -> list[str]:
        """Names of the assets."""
        if isinstance(self.source, pd.DataFrame):
            return [str(name) for name in self.source.columns]
        return self.source.channels

    def __len__(self) -> int:
        return len(self.source if isinstance(self.source, pd.DataFrame) else self.source.paths)

    def values(self, of: Holding, measure: Measure) -> FloatArray:
        """Give one value for each scenario.

        Args:
            of: An asset or a portfolio.
            measure: What is taken of each path.

        Returns:
            Values, (n,).

        Raises:
            ConfigError: An asset is unknown.
        """
        if isinstance(self.source, pd.DataFrame):
            weights = holding_weights(of, self.channels)
            return self.source.to_numpy(dtype=np.float64) @ weights
        event = PathEvent(_plain(of), measure, above=_LEAST[measure])
        return event.values(self.source.future, self.channels)

    def happens(self, event: PathCondition) -> FloatArray:
        """Tell in which worlds an event happens.

        Args:
            event: A condition on paths.

        Returns:
            1 where it happens, else 0, (n,).

        Raises:
            ConfigError: The scenarios are a table, which has no paths.
        """
        if isinstance(self.source, pd.DataFrame):
            raise ConfigError("an event needs worlds with paths, found a table of scenarios")
        return (event.shortfall(self.source.future, self.channels) <= 0).astype(np.float64)


_LEAST = {"return": -1.0, "volatility": 0.0, "drawdown": 0.0, "level": 0.0, "correlation": -1.0}


def _plain(of: Holding) -> Holding:
    return list(of) if isinstance(of, Sequence) and not isinstance(of, str) else of
