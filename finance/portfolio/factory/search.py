"""Try settings of a strategy on real history and in worlds, side by side."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import pandas as pd

from scenara.finance.portfolio.factory.grid import Values, grid_settings, search_spaces
from scenara.finance.portfolio.factory.ground import Ground, Tried, check_objective
from scenara.finance.portfolio.factory.result import StrategySearch
from scenara.finance.portfolio.strategies import Strategy, as_strategy, make_strategy
from scenara.finance.portfolio.strategies.specs import read_specs
from scenara.shared.errors import ConfigError
from scenara.shared.progress import Progress, silent
from scenara.shared.tuning import Choice, Space, Trial, Uniform, Whole, tune
from scenara.shared.types import FloatArray, RandomState

__all__ = ["longest_lookback", "maker_of", "search_strategy"]

Make: TypeAlias = Callable[..., Any]


def search_strategy(
    strategy: str | Make,
    grid: Mapping[str, Values],
    *,
    real: pd.DataFrame,
    worlds: FloatArray,
    history: pd.DataFrame | None = None,
    past: FloatArray | None = None,
    rebalance: int = 21,
    costs: float = 0.0005,
    objective: str = "sharpe",
    baselines: Sequence[str] = ("equal-weight", "buy-and-hold"),
    n_trials: int | None = None,
    guided_by: Literal["real", "worlds"] = "real",
    random_state: RandomState = 0,
    progress: Progress = silent,
) -> StrategySearch:
    """Trade a strategy under many settings, on real history and in every world.

    A backtest that is looked at many times finds something. Worlds that were learned from other
    days show what the same settings do where history is another one, and the returns of all trials
    let tests of luck count how many there were. With ``n_trials`` settings are drawn by a
    tree-structured Parzen estimator that looks at one of the two sides, as Optuna has it.

    Args:
        strategy: Name of a strategy, with settings that stay the same in brackets if any, or what
            makes one of settings, such as its class or that of an optimiser of skfolio.
        grid: Name of a setting -> the values to try, all combinations of them; or, with
            ``n_trials``, a space of ``scenara.shared.tuning``.
        real: Simple returns that are traded, steps by assets.
        worlds: Simple returns of worlds, shape (paths, steps, assets).
        history: Real returns before the first step, for estimation only.
        past: Returns before each world, shape (paths, days, assets).
        rebalance: Steps between trades.
        costs: Costs as a fraction of the value traded.
        objective: Figure that settings are compared by, a name in ``OBJECTIVES``.
        baselines: Strategies to beat, by name.
        n_trials: Number of settings drawn; None tries the whole grid.
        guided_by: What a drawing search looks at: real history or the median over worlds.
        random_state: Seed of a drawing search.
        progress: Told after every trial.

    Returns:
        What every setting did; the same settings drawn twice are there once.

    Raises:
        ConfigError: A name, a setting or a value is wrong, or looks back further than is known; or
            there is no baseline.
        DataError: Returns are wrong, or worlds have other assets.
        MissingExtraError: Settings are drawn and Optuna is not installed.

    Example:
        >>> import numpy as np
        >>> rng = np.random.default_rng(0)
        >>> days = pd.DataFrame(rng.normal(0, 0.01, (200, 3)))
        >>> paths = rng.normal(0, 0.01, (50, 200, 3))
        >>> found = search_strategy("momentum", {"lookback": [21, 63]}, real=days, worlds=paths)
        >>> found.table.shape, found.returns.shape
        ((2, 8), (200, 2))
    """
    ground = Ground(
        real=real, worlds=worlds, history=history, past=past, rebalance=rebalance, costs=costs
    )
    make, name = maker_of(strategy)
    if not baselines:
        raise ConfigError(
            "baselines: expected a strategy to beat, such as equal-weight, found none"
        )
    bench = _Bench(ground, make, objective, check_objective(objective))
    if n_trials is None:
        _try_all(bench, grid_settings(grid), progress)
    else:
        bench.draw(search_spaces(grid), n_trials, guided_by, random_state, progress)
    return bench.result(name, [(label, as_strategy(label)) for label in baselines])


@dataclass
class _Bench:
    """Try settings once each and keep what they did."""

    ground: Ground
    make: Callable[..., Strategy]
    objective: str
    sign: int
    settings: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    tried: dict[str, Tried] = field(default_factory=dict)

    def run(self, settings: Mapping[str, Any]) -> Tried:
        label = ", ".join(f"{name}={_short(value)}" for name, value in settings.items())
        if label not in self.tried:
            self.tried[label] = self.ground.trade(self.make(**settings), name=label)
            self.settings[label] = settings
        return self.tried[label]

    def draw(
        self,
        spaces: Mapping[str, Space],
        n_trials: int,
        guided_by: str,
        random_state: RandomState,
        progress: Progress,
    ) -> None:
        if guided_by not in ("real", "worlds"):
            raise ConfigError(f"guided_by: expected 'real' or 'worlds', found {guided_by!r}")

        def judge(settings: dict[str, Any], trial: Trial) -> float:
            found = self.run(settings)
            if guided_by == "real":
                return self.sign * float(found.real[self.objective])
            return self.sign * float(found.worlds[self.objective].median())

        tune(
            judge,
            spaces,
            n_trials=n_trials,
            pruner="none",
            random_state=random_state,
            progress=progress,
        )

    def result(self, name: str, baselines: Sequence[tuple[str, Strategy]]) -> StrategySearch:
        trials = list(self.tried.values())
        known = {label: self.ground.trade(one, name=label) for label, one in baselines}
        objective = self.objective
        return StrategySearch(
            strategy=name,
            objective=objective,
            settings=tuple(self.settings.values()),
            real=pd.DataFrame([trial.real for trial in trials]),
            returns=pd.concat([trial.returns for trial in trials], axis=1),
            worlds=pd.concat([trial.worlds[objective] for trial in trials], axis=1).to_numpy(),
            baselines_real=pd.Series({k: float(v.real[objective]) for k, v in known.items()}),
            baseline_returns=pd.DataFrame({k: v.returns for k, v in known.items()}),
            baselines=pd.DataFrame({k: v.worlds[objective] for k, v in known.items()}),
        )


def _short(value: object) -> str:
    """Write a value to six digits, beyond which settings that were drawn count as the same."""
    return f"{value:.6g}" if isinstance(value, float) else repr(value)


def longest_lookback(strategy: str | Make, grid: Mapping[str, Values]) -> int:
    """Give the returns that the settings of a grid look back at most; of ranges, at their ends.

    Args:
        strategy: As in ``search_strategy``.
        grid: Name of a setting -> how it varies.

    Returns:
        Number of returns.

    Raises:
        ConfigError: A name, a setting or a value is wrong.

    Example:
        >>> longest_lookback("momentum", {"lookback": [21, 63]})
        63
    """
    make, _ = maker_of(strategy)
    ends = {
        name: [values.low, values.high] if isinstance(values, (Uniform, Whole)) else list(values)
        for name, values in _listed(grid).items()
    }
    return max(make(**settings).lookback for settings in grid_settings(ends))


def _listed(grid: Mapping[str, Values]) -> dict[str, Any]:
    return {n: v.options if isinstance(v, Choice) else v for n, v in grid.items()}


def _try_all(bench: _Bench, every: list[dict[str, Any]], progress: Progress) -> None:
    for settings in every:
        bench.make(**settings)
    for done, settings in enumerate(every, start=1):
        bench.run(settings)
        progress("search", done, len(every))


def maker_of(strategy: str | Make) -> tuple[Callable[..., Strategy], str]:
    """Give what makes the strategy of settings, and its name.

    Args:
        strategy: As in ``search_strategy``.

    Returns:
        A function of settings, and the name.

    Raises:
        ConfigError: It is more than one strategy, or a file.

    Example:
        >>> maker_of("momentum(short=true)")[0](lookback=21).short
        True
    """
    if not isinstance(strategy, str):
        name = getattr(strategy, "__name__", type(strategy).__name__)
        return lambda **settings: as_strategy(strategy(**settings)), name
    specs = read_specs(strategy)
    if len(specs) > 1 or ".py" in specs[0].name:
        raise ConfigError(
            f"strategy: expected one name of a strategy whose settings vary, found {strategy!r}"
        )
    fixed = dict(specs[0].settings or {})

    def make(**settings: Any) -> Strategy:  # noqa: ANN401 - whatever the class takes
        return make_strategy(specs[0].name, **{**fixed, **settings})

    return make, specs[0].text
