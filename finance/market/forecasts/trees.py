"""Gradient-boosted quantiles, learned from real days alone or from generated worlds as well."""

from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.special import ndtri

from scenara.finance.market.forecasts.base import Forecaster
from scenara.finance.market.forecasts.features import (
    WARM_UP,
    TrainingRows,
    day_features,
    label_scale,
    rows_of_paths,
)
from scenara.finance.market.forecasts.quantities import Quantities
from scenara.finance.market.forecasts.worlds import WorldForecaster
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.types import FloatArray

__all__ = ["QuantileForecaster"]

LEVELS = (0.01, 0.05, 0.15, 0.3, 0.5, 0.7, 0.85, 0.95, 0.99)
N_POINTS = 100
WORLD_DAYS = 1_260
MEMORY = 756
TREES = {
    "objective": "quantile",
    "num_leaves": 6,
    "learning_rate": 0.08,
    "min_data_in_leaf": 150,
    "lambda_l2": 5.0,
    "max_bin": 63,
    "num_threads": 1,
    "deterministic": True,
    "force_col_wise": True,
    "verbosity": -1,
}


class QuantileForecaster(Forecaster):
    """Forecast quantiles by LightGBM, one model a level and cell for all targets together.

    Moves are learned in units of an exponentially weighted volatility. Between nine levels the
    quantiles are interpolated on the normal scale to a hundred; crossings are sorted. It says
    nothing on how targets move together.

    Args:
        quantities: What is forecast.
        extra: What is added to the real rows: nothing, as many rows of generated ``"worlds"``,
            or as many ``"repeats"`` of real ones, which tells new knowledge from mere weight.
        source: Forecaster whose worlds are added.
        most_rows: Most real rows.
        n_trees: Trees of each model.

    Raises:
        ConfigError: ``extra`` is not known, or worlds come without a source or a source without
            worlds.

    References:
        Ke, G. et al. (2017). LightGBM: a highly efficient gradient boosting decision tree.
        Advances in Neural Information Processing Systems 30.
    """

    is_joint = False
    is_random = False

    def __init__(
        self,
        quantities: Quantities,
        *,
        extra: Literal["", "worlds", "repeats"] = "",
        source: WorldForecaster | None = None,
        most_rows: int = 10_000,
        n_trees: int = 60,
    ) -> None:
        super().__init__(quantities)
        if extra not in ("", "worlds", "repeats"):
            raise ConfigError(f"extra: expected '', 'worlds' or 'repeats', found {extra!r}")
        if (extra == "worlds") != (source is not None):
            raise ConfigError(
                f"source: expected a forecaster of worlds with extra='worlds' and only there, found "
                f"{source!r} with extra={extra!r}"
            )
        self.extra = extra
        self.source = source
        self.most_rows = most_rows
        self.n_trees = n_trees

    def _fit(self, returns: pd.DataFrame, random_state: int) -> None:
        needed = WARM_UP + 5 * self.quantities.horizon
        if len(returns) < needed:
            raise DataError(f"returns: found {len(returns)} days, expected at least {needed}")
        rng = np.random.default_rng(random_state)
        series = self.quantities.series(returns).to_numpy()
        real = rows_of_paths(series[None], self.quantities, most=self.most_rows, rng=rng)
        rows = _joined(real, self._extra_rows(returns, real, random_state))
        self.models_ = [
            [self._boosted(rows, cell, level, random_state) for level in LEVELS]
            for cell in range(len(self.quantities.cells))
        ]

    def _extra_rows(
        self, returns: pd.DataFrame, real: TrainingRows, random_state: int
    ) -> TrainingRows | None:
        rng = np.random.default_rng([random_state, 1])
        n_rows = len(real.labels)
        if self.extra == "repeats":
            drawn = rng.integers(n_rows, size=n_rows)
            return TrainingRows(real.features[drawn], real.labels[drawn])
        if self.source is not None:
            self.source.fit(returns, random_state=random_state)
            a_world = WORLD_DAYS - WARM_UP - self.quantities.horizon
            n_worlds = 2 + n_rows // (a_world * len(self.quantities.targets))
            paths = self.source.histories(3 * n_worlds, horizon=WORLD_DAYS, rng=rng)
            return rows_of_paths(paths, self.quantities, most=n_rows, rng=rng)
        return None

    def _boosted(self, rows: TrainingRows, cell: int, level: float, seed: int) -> Any:  # noqa: ANN401  (lightgbm.Booster, imported where used)
        import lightgbm

        data = lightgbm.Dataset(rows.features, rows.labels[:, cell], params={"verbosity": -1})
        settings = {**TREES, "alpha": level, "seed": seed}
        return lightgbm.train(settings, data, num_boost_round=self.n_trees)

    def _forecast(
        self, history: pd.DataFrame, n_draws: int, rng: np.random.Generator
    ) -> FloatArray:
        series = self.quantities.series(history.tail(MEMORY)).to_numpy()
        features, scale = day_features(series)
        today = np.ascontiguousarray(features[-1])
        quantiles = np.array(
            [[model.predict(today) for model in models] for models in self.models_]
        )
        points = spread_quantiles(np.moveaxis(quantiles, 1, 0))
        return points * label_scale(scale[-1], self.quantities)


def spread_quantiles(quantiles: FloatArray) -> FloatArray:
    """Interpolate the nine modelled levels to a hundred equally spaced ones.

    Args:
        quantiles: Shape (9, ...), at ``LEVELS``.

    Returns:
        Shape (100, ...), rising along the first axis.

    Example:
        >>> points = spread_quantiles(ndtri(np.array(LEVELS)))
        >>> bool(np.allclose(points, ndtri((np.arange(100) + 0.5) / 100)))
        True
    """
    knots = ndtri(np.array(LEVELS))
    places = ndtri((np.arange(N_POINTS) + 0.5) / N_POINTS)
    left = np.clip(np.searchsorted(knots, places) - 1, 0, len(knots) - 2)
    ordered = np.sort(quantiles, axis=0)
    share = (places - knots[left]) / (knots[left + 1] - knots[left])
    share = share.reshape(-1, *(1,) * (quantiles.ndim - 1))
    points: FloatArray = ordered[left] * (1 - share) + ordered[left + 1] * share
    return points


def _joined(real: TrainingRows, extra: TrainingRows | None) -> TrainingRows:
    if extra is None:
        return real
    return TrainingRows(*(np.concatenate(pair) for pair in zip(real, extra, strict=True)))
