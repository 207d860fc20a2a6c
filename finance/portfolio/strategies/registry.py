"""Strategies by name, and what else stands for a strategy."""

import types
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from numbers import Integral, Real
from typing import Any, get_args, get_origin

from scenara.finance.portfolio.strategies.base import FunctionStrategy, Strategy, check_lookback
from scenara.finance.portfolio.strategies.black_litterman import BlackLitterman
from scenara.finance.portfolio.strategies.calls import check_arguments, name_of
from scenara.finance.portfolio.strategies.cross_section import CrossSectionMomentum, MeanReversion
from scenara.finance.portfolio.strategies.files import load_strategies
from scenara.finance.portfolio.strategies.hierarchical import HierarchicalRiskParity
from scenara.finance.portfolio.strategies.mean_variance import MeanVariance
from scenara.finance.portfolio.strategies.momentum import Momentum
from scenara.finance.portfolio.strategies.names import nearest
from scenara.finance.portfolio.strategies.optimiser import OptimiserStrategy, is_optimiser
from scenara.finance.portfolio.strategies.ranking import TreeRanking
from scenara.finance.portfolio.strategies.risk_parity import RiskParity
from scenara.finance.portfolio.strategies.specs import Spec, read_specs
from scenara.finance.portfolio.strategies.static import BuyAndHold, EqualWeight, Mix, SixtyForty
from scenara.finance.portfolio.strategies.tail_risk import MinimumCVaR
from scenara.finance.portfolio.strategies.variance import MinimumVariance
from scenara.finance.portfolio.strategies.volatility import VolatilityTarget
from scenara.shared.errors import ConfigError

__all__ = ["STRATEGIES", "as_strategy", "make_strategy", "parse_strategies", "strategy_name"]

STRATEGIES: dict[str, type[Strategy]] = {
    "equal-weight": EqualWeight,
    "buy-and-hold": BuyAndHold,
    "60-40": SixtyForty,
    "mix": Mix,
    "minimum-variance": MinimumVariance,
    "mean-variance": MeanVariance,
    "minimum-cvar": MinimumCVaR,
    "risk-parity": RiskParity,
    "hierarchical-risk-parity": HierarchicalRiskParity,
    "black-litterman": BlackLitterman,
    "momentum": Momentum,
    "cross-section-momentum": CrossSectionMomentum,
    "mean-reversion": MeanReversion,
    "volatility-target": VolatilityTarget,
    "tree-ranking": TreeRanking,
}
"""Strategies by name. All but ``60-40`` and ``mix`` can do without settings."""


def make_strategy(
    name: str,
    **settings: Any,  # noqa: ANN401  (each strategy's own settings)
) -> Strategy:
    """Make a strategy by its name.

    Args:
        name: A name in ``STRATEGIES``.
        settings: What its class takes; a list may stand for a tuple, and text as in
            ``parse_strategies`` for a strategy.

    Returns:
        The strategy.

    Raises:
        ConfigError: The name or a setting is not known, or a setting is wrong.

    Example:
        >>> make_strategy("minimum-variance", lookback=126)
        MinimumVariance(lookback=126, shrinkage=None, long_only=False)
    """
    if name not in STRATEGIES:
        raise ConfigError(f"strategy: {name!r} is not known; {nearest(name, list(STRATEGIES))}")
    kind = STRATEGIES[name]
    known = _settings(kind)
    for setting, value in settings.items():
        if setting not in known:
            raise ConfigError(
                f"strategy {name!r}: setting {setting!r} is not known; "
                f"{nearest(setting, list(known))}"
            )
        _check_kind(value, known[setting], where=f"strategy {name!r}: setting {setting!r}")
    return kind(**{s: _read_value(value, known[s]) for s, value in settings.items()})


def parse_strategies(text: str) -> list[tuple[str, Strategy]]:
    """Read strategies as they are typed, with commas between them.

    Each is a name in ``STRATEGIES``, with settings in brackets if any, or a Python file of the
    user's: ``file.py`` for all strategies in it, ``file.py:name`` for one. Values are written as
    in TOML: ``true``, ``0.5``, ``'text'``, ``['A', 'B']``, ``{A = 0.6, B = 0.4}``.

    Args:
        text: What was typed.

    Returns:
        Name and strategy, in their order; the name is as typed, without spaces around it.

    Raises:
        ConfigError: A name, a setting or a value is wrong, a bracket is left open, a file can't be
            used, or a strategy is there twice.

    Example:
        >>> for name, strategy in parse_strategies("equal-weight, momentum(lookback=126)"):
        ...     print(name, "lookback", strategy.lookback)
        equal-weight lookback 0
        momentum(lookback=126) lookback 126
    """
    found = [pair for spec in read_specs(text) for pair in _from_spec(spec)]
    names = [name for name, _ in found]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise ConfigError(f"strategy: {twice[0]!r} is there twice; leave one out")
    return found


def as_strategy(strategy: object) -> Strategy:
    """Take a strategy, a name, a plain function or an optimiser for what it is.

    Args:
        strategy: A strategy, one as in ``parse_strategies``, or a function of the last 63 returns
            (for another lookback use ``FunctionStrategy``), or an optimiser in the style of
            scikit-learn, for which the same holds of 252 returns and ``OptimiserStrategy``.

    Returns:
        The strategy.

    Raises:
        ConfigError: It is none of these.

    Example:
        >>> as_strategy("equal-weight")
        EqualWeight()
    """
    if isinstance(strategy, str):
        return _one(strategy)
    if isinstance(strategy, Strategy) and not isinstance(strategy, type):
        check_lookback(strategy.lookback, minimum=0)
        check_arguments(strategy)
        return strategy
    if is_optimiser(strategy):
        return OptimiserStrategy(strategy)
    if callable(strategy) and not isinstance(strategy, type):
        return FunctionStrategy(strategy)
    raise ConfigError(
        "strategy: expected a name, an object with lookback and weights(history, state), a function "
        f"or an optimiser with fit(X) and weights_; found {strategy!r}"
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
        return name_of(strategy.function)
    if isinstance(strategy, OptimiserStrategy):
        return name_of(strategy.optimiser)
    names = {kind: name for name, kind in STRATEGIES.items()}
    return names.get(type(strategy), name_of(strategy))


def _from_spec(spec: Spec) -> list[tuple[str, Strategy]]:
    if not (spec.name.endswith(".py") or ".py:" in spec.name):
        return [(spec.text, make_strategy(spec.name, **(spec.settings or {})))]
    if spec.settings is not None:
        raise ConfigError(f"strategy {spec.name!r}: a file takes no settings; write them into it")
    return list(load_strategies(spec.name).items())


def _one(text: str) -> Strategy:
    found = parse_strategies(text)
    if len(found) > 1:
        raise ConfigError(f"strategy: expected one, found {[name for name, _ in found]}")
    return found[0][1]


def _settings(kind: type[Strategy]) -> dict[str, Any]:
    if not is_dataclass(kind):
        return {}
    return {field.name: field.type for field in fields(kind) if field.init}


def _read_value(value: object, hint: Any) -> object:  # noqa: ANN401  (any annotation)
    if isinstance(value, str) and hint is Strategy:
        return _one(value)
    return tuple(value) if isinstance(value, list) else value


def _check_kind(value: object, hint: Any, *, where: str) -> None:  # noqa: ANN401  (any annotation)
    parts = get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    known = [
        _KINDS[kind] for kind in (get_origin(part) or part for part in parts) if kind in _KINDS
    ]
    if len(known) < len(parts) or any(_fits(value, kinds) for kinds, _ in known):
        return
    expected = " or ".join(words for _, words in known if words)
    raise ConfigError(f"{where}: expected {expected}, found {value!r}")


def _fits(value: object, kinds: tuple[type, ...]) -> bool:
    return isinstance(value, kinds) and (not isinstance(value, bool) or bool in kinds)


_KINDS: dict[Any, tuple[tuple[type, ...], str]] = {
    bool: ((bool,), "true or false"),
    int: ((Integral,), "a whole number"),
    float: ((Real,), "a number"),
    str: ((str,), "text in quotes"),
    tuple: ((list, tuple), "a list such as ['A', 'B']"),
    Sequence: ((list, tuple), "a list such as ['A', 'B']"),
    Mapping: ((Mapping,), "a table such as {A=0.6, B=0.4}"),
    types.NoneType: ((types.NoneType,), ""),
}
"""What an annotation accepts, and how a message says so; others are left to the class."""
