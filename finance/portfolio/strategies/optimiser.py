"""Optimisers of other libraries, taken as they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from torch import Tensor

from scenara.finance.portfolio.strategies.availability import among_available
from scenara.finance.portfolio.strategies.base import State, check_lookback
from scenara.finance.portfolio.strategies.static import FixedWeights
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.types import FloatArray

__all__ = ["OptimiserStrategy", "is_optimiser"]


@dataclass(frozen=True)
class OptimiserStrategy:
    """Hold what an optimiser in the style of scikit-learn finds best, on each path for itself.

    The optimiser is cloned and fitted on a frame of the past simple returns (steps by assets, under
    the assets' names, and their dates where all are known), and its ``weights_`` are read: those of skfolio are of this kind. So are
    pipelines that end in one; assets that they leave out get no weight. There is one fit for each
    path and trade, in Python: expect a few paths a second.

    Args:
        optimiser: What has ``fit(X)`` and then ``weights_``; it stays unfitted itself.
        lookback: Number of returns that it is fitted on.

    Raises:
        ConfigError: The lookback is below 2, or the optimiser can't be fitted.

    Example:
        >>> import torch
        >>> from skfolio.optimization import InverseVolatility
        >>> past = torch.tensor([[[-1.0, 3.0]], [[1.0, 3.0]], [[-1.0, -3.0]], [[1.0, -3.0]]]) / 100
        >>> OptimiserStrategy(InverseVolatility(), lookback=4).weights(past, State())
        tensor([[0.7500, 0.2500]])
    """

    optimiser: Any
    lookback: int = 252

    def __post_init__(self) -> None:
        check_lookback(self.lookback, minimum=2)
        if not is_optimiser(self.optimiser):
            raise ConfigError(
                "optimiser: expected an object with fit(X) and get_params(), as skfolio and "
                f"scikit-learn have them; found {self.optimiser!r}"
            )

    @among_available
    def weights(self, history: Tensor, state: State) -> Tensor:
        """Fit on each path and give the optimiser's weights.

        Args:
            history: Simple returns, shape (lookback, paths, assets).
            state: Tells the names of the assets, and dates.

        Returns:
            Weights, shape (paths, assets).

        Raises:
            DataError: The optimiser fails, or gives no weight for each asset that it kept.
        """
        names = state.assets or tuple(f"asset {i}" for i in range(history.shape[-1]))
        paths = history.transpose(0, 1).cpu().double().numpy()
        frames = (pd.DataFrame(path, state.dates, list(names)) for path in paths)
        found = [self._fit(frame) for frame in frames]
        return history.new_tensor(np.stack(found))

    def fit(self, blocks: Sequence[pd.DataFrame]) -> FixedWeights:
        """Fit once on all days of some blocks, for cross-validation.

        Args:
            blocks: Simple returns, steps by assets.

        Returns:
            The weights, which stay the same.

        Raises:
            DataError: The optimiser fails, or gives no weight for each asset that it kept.
        """
        return FixedWeights(tuple(self._fit(pd.concat(blocks)).tolist()))

    def _fit(self, past: pd.DataFrame) -> FloatArray:
        from sklearn.base import clone

        optimiser = clone(self.optimiser)
        if hasattr(optimiser, "set_output"):
            optimiser.set_output(transform="pandas")
        try:
            optimiser.fit(past)
        except (ValueError, TypeError, ArithmeticError, RuntimeError) as error:
            raise DataError(f"{_name(self.optimiser)}: can't be fitted: {error}") from error
        last = optimiser[-1] if hasattr(optimiser, "steps") else optimiser
        return _all_weights(last, past)


def is_optimiser(value: object) -> bool:
    """Say whether something is fitted in the style of scikit-learn.

    Args:
        value: Anything.

    Returns:
        Whether it has ``fit`` and ``get_params``, and is no class.

    Example:
        >>> from skfolio.optimization import MeanRisk
        >>> is_optimiser(MeanRisk()), is_optimiser(MeanRisk)
        (True, False)
    """
    is_made = not isinstance(value, type)
    return is_made and all(callable(getattr(value, name, None)) for name in ("fit", "get_params"))


def _all_weights(optimiser: Any, past: pd.DataFrame) -> FloatArray:  # noqa: ANN401  (duck-typed)
    weights = getattr(optimiser, "weights_", None)
    if weights is None:
        raise DataError(f"{_name(optimiser)}: has no weights_ after fit, so it is no optimiser")
    kept = list(getattr(optimiser, "feature_names_in_", past.columns))
    if np.shape(weights) != (len(kept),):
        raise DataError(
            f"{_name(optimiser)}: expected a weight for each of {len(kept)} assets, found weights_ "
            f"of shape {np.shape(weights)}"
        )
    found = pd.Series(np.asarray(weights, dtype=np.float64), index=kept)
    return np.asarray(found.reindex(past.columns, fill_value=0.0), dtype=np.float64)


def _name(optimiser: object) -> str:
    return type(optimiser).__name__
