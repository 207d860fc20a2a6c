"""The market simulator: worlds from daily returns, free or under a scenario, from today or anywhere."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator

from scenara.finance.market.families import make_simulator
from scenara.finance.market.returns import check_returns
from scenara.finance.market.scenarios.path_events import as_condition
from scenara.shared.errors import ArtifactError, ConfigError, DataError, NotFittedError
from scenara.shared.generators import make
from scenara.shared.generators.series import (
    Conditioned,
    PathCondition,
    SeriesGenerator,
    filled_starts,
)
from scenara.shared.progress import Progress, silent
from scenara.shared.store import Artifact, State, read_artifact, write_artifact
from scenara.shared.types import FloatArray, RandomState

__all__ = ["DEFAULT_FAMILY", "MarketSimulator"]

DEFAULT_FAMILY = "series/hybrid"
"""Family of a simulator that names none."""

HISTORY_DAYS = 1_000
"""Last days that are kept, for worlds that go on from today."""

_KIND, _NAME = "simulator", "market"
_HISTORY = "history"

Given = PathCondition | Sequence[PathCondition]
History = pd.DataFrame | FloatArray | Literal["today"]


class MarketSimulator(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Learn the joint law of daily returns and write worlds of it.

    A thin object over a generator of series: it checks that it is given daily log returns, keeps
    the last days so that worlds can go on from today, and takes scenarios.

    Args:
        family: Registered name of the generator.
        settings: Settings of the generator; its defaults if None.
        random_state: Seed of the fit, for families that learn at random.

    Example:
        >>> from scenara.finance.market import PathEvent
        >>> days = pd.bdate_range("2020-01-01", periods=600)
        >>> moves = np.random.default_rng(0).standard_t(5, (600, 2)) * 0.01
        >>> returns = pd.DataFrame(moves, index=days, columns=["SPX", "TLT"])
        >>> simulator = MarketSimulator(random_state=0).fit(returns)
        >>> simulator.sample(100, horizon=21, history="today", random_state=1).shape
        (100, 21, 2)
        >>> fall = PathEvent("SPX", "return", below=-0.10, within=21)
        >>> crash = simulator.sample(100, horizon=21, given=fall, random_state=1)
        >>> bool((np.cumsum(crash[:, :, 0], axis=1).min(axis=1) <= np.log(0.9)).all())
        True
    """

    channels_: list[str]
    generator_: SeriesGenerator
    history_: pd.DataFrame

    def __init__(
        self,
        family: str = DEFAULT_FAMILY,
        *,
        settings: Mapping[str, Any] | None = None,
        random_state: int | None = None,
    ) -> None:
        self.family = family
        self.settings = settings
        self.random_state = random_state

    def fit(self, returns: pd.DataFrame, *, progress: Progress = silent) -> Self:
        """Learn from daily log returns.

        Args:
            returns: Days x assets, such as ``log_returns(check_prices(prices))``; assets may
                start late, with missing values before.
            progress: Told how far the fit is.

        Returns:
            The fitted simulator.

        Raises:
            DataError: These are no daily log returns, or the family can't learn from them.
            ConfigError: The family or one of its settings is unknown.
        """
        check_returns(returns)
        generator = self._new_generator()
        named = returns.set_axis([str(name) for name in returns.columns], axis=1)
        filled = filled_starts(named)
        assert isinstance(filled, pd.DataFrame)
        self.generator_ = generator.fit(filled, progress=progress)
        self.channels_ = list(generator.channels_)
        self.history_ = filled.iloc[-HISTORY_DAYS:]
        return self

    @property
    def keeps_state(self) -> bool:
        """Whether worlds can go on from today."""
        return bool(self._fitted().keeps_state)

    def sample(
        self,
        n: int,
        *,
        horizon: int = 252,
        given: Given | None = None,
        history: History | None = None,
        random_state: RandomState = None,
    ) -> FloatArray:
        """Write worlds.

        Args:
            n: Number of worlds.
            horizon: Days of each.
            given: What happens in every one, such as a :class:`PathEvent`, or several at once.
            history: ``"today"`` for worlds that go on from the last day that was learned from;
                other last days, to go on from those; None for worlds that start anywhere in the
                law.
            random_state: Seed; the same seed and arguments give the same bits.

        Returns:
            Daily log returns, (n, horizon, assets).

        Raises:
            NotFittedError: Before ``fit``.
            ConfigError: An argument is out of range, an event can't happen, or the family keeps no
                state to go on from.
            DataError: No world fulfils ``given``, or ``history`` has other assets.
        """
        return self._fitted().sample(
            n,
            horizon=horizon,
            given=None if given is None else as_condition(given),
            history=self._window(history),
            random_state=random_state,
        )

    def sample_given(
        self,
        n: int,
        given: Given,
        *,
        horizon: int = 252,
        history: History | None = None,
        random_state: RandomState = None,
    ) -> Conditioned:
        """Write worlds of a scenario, and tell how likely it is and what they are worth.

        Args:
            n: Number of worlds.
            given: As in :meth:`sample`.
            horizon: Days of each.
            history: As in :meth:`sample`.
            random_state: Seed; the worlds equal those of :meth:`sample`.

        Returns:
            The worlds with the chance of the scenario and their effective size.

        Raises:
            NotFittedError: Before ``fit``.
            ConfigError: As of :meth:`sample`.
            DataError: No world fulfils ``given``, or too few independent ones do.
        """
        return self._fitted().sample_given(
            n,
            as_condition(given),
            horizon=horizon,
            history=self._window(history),
            random_state=random_state,
        )

    def to_prices(
        self, worlds: FloatArray, *, start: float | Mapping[str, float] = 100.0
    ) -> FloatArray:
        """Turn returns into prices.

        Args:
            worlds: Daily log returns, (n, horizon, assets).
            start: Price before the first day: one for all assets, or one for each by name, such
                as ``dict(prices.iloc[-1])``.

        Returns:
            Prices, (n, horizon + 1, assets); the first is ``start``.

        Raises:
            NotFittedError: Before ``fit``.
            ConfigError: An asset has no price, or a price is not above 0.
            DataError: The worlds are not of these assets.
        """
        self._fitted()
        first = self._prices_before(start)
        if worlds.ndim != 3 or worlds.shape[2] != len(first):
            raise DataError(
                f"worlds: expected shape (n, horizon, {len(first)}), found {worlds.shape}"
            )
        moved: FloatArray = np.pad(np.cumsum(worlds, axis=1), ((0, 0), (1, 0), (0, 0)))
        return np.asarray(first * np.exp(moved))

    def save(self, folder: str | Path, *, overwrite: bool = False) -> Path:
        """Save the fitted simulator as a folder of JSON, safetensors and Parquet.

        Args:
            folder: Where to write; it appears whole or not at all.
            overwrite: Replace a folder that stands there already.

        Returns:
            The folder.

        Raises:
            NotFittedError: Before ``fit``.
            ConfigError: The folder exists and ``overwrite`` is not set.
        """
        generator = self._fitted()
        state = generator.state()
        made: dict[str, Any] = {"family": generator.family, "settings": generator.get_params(False)}
        whole = State(
            values={"generator": made, "values": dict(state.values)},
            arrays=state.arrays,
            frames={**state.frames, _HISTORY: self.history_},
        )
        artifact = Artifact(_KIND, _NAME, self.get_params(deep=False), whole)
        return write_artifact(folder, artifact, overwrite=overwrite)

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Load a fitted simulator.

        Args:
            folder: What :meth:`save` wrote.

        Returns:
            The simulator; with the same arguments it writes the same bits as before.

        Raises:
            ArtifactError: The folder is damaged, unsafe, or no simulator.
            ConfigError: Its family is not installed.
        """
        artifact = read_artifact(folder)
        if artifact.kind != _KIND:
            raise ArtifactError(f"{folder}: expected a simulator, found a {artifact.kind}")
        simulator = cls(**artifact.settings)
        try:
            simulator._restore(artifact.state)
        except (KeyError, TypeError) as error:
            raise ArtifactError(f"{folder}: not a state of a simulator: {error}") from error
        return simulator

    def _restore(self, state: State) -> None:
        frames = dict(state.frames)
        self.history_ = frames.pop(_HISTORY)
        made = state.values["generator"]
        generator = make(made["family"], **made["settings"])
        generator.restore(replace(state, values=state.values["values"], frames=frames))
        assert isinstance(generator, SeriesGenerator)
        self.generator_, self.channels_ = generator, list(generator.channels_)

    def _new_generator(self) -> SeriesGenerator:
        generator = make_simulator(self.family, **dict(self.settings or {}))
        if self.random_state is not None and "random_state" in generator.get_params():
            generator.set_params(random_state=self.random_state)
        return generator

    def _fitted(self) -> SeriesGenerator:
        if "generator_" not in vars(self):
            raise NotFittedError("the simulator is not fitted yet; call fit(returns) first")
        return self.generator_

    def _window(self, history: History | None) -> pd.DataFrame | FloatArray | None:
        if not isinstance(history, str):
            return history
        if history != "today":
            raise ConfigError(
                f"history: expected 'today', days by assets, or None; found {history!r}"
            )
        if not self.keeps_state:
            raise ConfigError(
                f"{self.family} keeps no state of today; leave history out, or choose a family "
                "such as series/fhs"
            )
        return self.history_

    def _prices_before(self, start: float | Mapping[str, float]) -> FloatArray:
        named = start if isinstance(start, Mapping) else dict.fromkeys(self.channels_, start)
        missing = [name for name in self.channels_ if name not in named]
        if missing:
            raise ConfigError(f"start: expected a price of {missing[0]!r}, found none")
        prices = np.array([named[name] for name in self.channels_], dtype=np.float64)
        if not (np.isfinite(prices) & (prices > 0)).all():
            raise ConfigError(f"start: expected prices above 0, found {prices.min():g}")
        return prices
