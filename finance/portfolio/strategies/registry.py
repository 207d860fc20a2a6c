"""Strategies by name, and what else stands for a strategy."""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from typing import Any

from scenara.finance.portfolio.strategies.base import FunctionStrategy, Strategy, check_lookback
from scenara.finance.portfolio.strategies.momentum import Momentum
from scenara.finance.portfolio.strategies.static import EqualWeight
from scenara.finance.portfolio.strategies.variance import MinimumVariance
from scenara.shared.errors import ConfigError

__all__ = ["STRATEGIES", "as_strategy", "make_strategy", "strategy_name"]

STRATEGIES: dict[str, type[Strategy]] = {
    "equal-weight": EqualWeight,
    "minimum-variance": MinimumVariance,
    "momentum": Momentum,
}
"""Strategies that need no settings: name -> class."""


def make_strategy(name: str, **settings: Any) -> Strategy:  # noqa: ANN401 - whatever the class takes
    """Make a strategy by its name.

    Args:
        name: A name in ``STRATEGIES``.
        settings: What its class takes.

    Returns:
        The strategy.

    Raises:
        ConfigError: The name or a setting is not known.

    Example:
        >>> make_strategy("minimum-variance", lookback=126)
        MinimumVariance(lookback=126, shrinkage=None, long_only=False)
    """
    if name not in STRATEGIES:
        raise ConfigError(f"strategy: {name!r} is not known; {_nearest(name, list(STRATEGIES))}")
    kind = STRATEGIES[name]
    known = _settings(kind)
    for setting in settings:
        if setting not in known:
            raise ConfigError(
                f"strategy {name!r}: setting {setting!r} is not known; {_nearest(setting, known)}"
            )
    return kind(**settings)


def as_strategy(strategy: Strategy | str | Callable[..., Any]) -> Strategy:
    """Take a strategy, a name or a plain function for what it is.

    Args:
        strategy: A strategy, a name in ``STRATEGIES``, or a function of the last 63 returns (for
            another lookback use ``FunctionStrategy``).

    Returns:
        The strategy.

    Raises:
        ConfigError: It is none of these.

    Example:
        >>> as_strategy("equal-weight")
        EqualWeight()
    """
    if isinstance(strategy, str):
        return make_strategy(strategy)
    if isinstance(strategy, Strategy) and not isinstance(strategy, type):
        check_lookback(strategy.lookback, minimum=0)
        return strategy
    if callable(strategy) and not isinstance(strategy, type):
        return FunctionStrategy(strategy)
    raise ConfigError(
        "strategy: expected a name, an object with lookback and weights(history, state), or a "
        f"function; found {strategy!r}"
    )


def strategy_name(strategy: Strategy) -> str:
    """Name a strategy for tables and reports.

    Args:
        strategy: The strategy.

    Returns:
        Its registered name, or that of its function or class.

    Example:
        >>> strategy_name(Momentum())
        'momentum'
    """
    if isinstance(strategy, FunctionStrategy):
        return getattr(strategy.function, "__name__", "function")
    names = {kind: name for name, kind in STRATEGIES.items()}
    return names.get(type(strategy), type(strategy).__name__)


def _settings(kind: type[Strategy]) -> list[str]:
    return [field.name for field in fields(kind)] if is_dataclass(kind) else []


def _nearest(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.0)
    meant = f"did you mean {near[0]!r}? " if near else ""
    return f"{meant}Known: {', '.join(known) or 'none'}"
