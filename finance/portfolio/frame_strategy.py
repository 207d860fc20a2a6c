"""Strategies as most people write them: from a frame of returns to a frame of weights."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from scenara.finance.portfolio.strategies.base import State, check_lookback
from scenara.shared.errors import DataError

__all__ = ["FrameStrategy"]


@dataclass(frozen=True)
class FrameStrategy:
    """Make a strategy of a function that turns a frame of returns into a frame of weights.

    The function is given the last ``lookback`` returns of each path as a frame, one after another,
    with their dates where all are known, and the last row of its answer is traded: the weights of a
    day hold from the next day on. Rows and columns of the answer go by their labels, in any order.
    Since no later day is ever in the frame, it cannot look ahead in a backtest. Whether it would
    have done so over the whole frame is found by :func:`check_look_ahead`. Each path is a call of
    the function at each trade, so that this is slow over many worlds.

    Args:
        function: Takes simple returns, days by assets, and gives weights of the same shape.
        lookback: Number of returns that it needs.

    Raises:
        ConfigError: The lookback is below 1.

    Example:
        >>> rule = FrameStrategy(lambda returns: returns.rolling(2).mean().clip(lower=0), lookback=2)
        >>> rule.weights(torch.tensor([[[0.1, -0.3]], [[0.3, 0.1]]]), State())
        tensor([[0.2000, 0.0000]])
    """

    function: Callable[[pd.DataFrame], pd.DataFrame]
    lookback: int = 252

    def __post_init__(self) -> None:
        check_lookback(self.lookback, minimum=1)

    @property
    def __name__(self) -> str:
        """Name of the function."""
        return getattr(self.function, "__name__", "function")

    def weights(self, history: Tensor, state: State) -> Tensor:
        """Ask the function for each path, and take its last row.

        Args:
            history: Simple returns, shape (lookback, paths, assets).
            state: Tells the names of the assets, and the dates of the rows.

        Returns:
            Weights, shape (paths, assets).

        Raises:
            DataError: The answer is no frame with the same labels, or its last row is not known.
        """
        _, n_paths, n_assets = history.shape
        columns = list(state.assets) or [f"asset {i}" for i in range(n_assets)]
        values = history.detach().cpu().numpy()
        found = np.empty((n_paths, n_assets))
        for path in range(n_paths):
            frame = pd.DataFrame(values[:, path].copy(), index=state.dates, columns=columns)
            found[path] = self.whole(frame).iloc[-1]
        if not np.isfinite(found).all():
            raise DataError(
                f"strategy {self.__name__!r}: it gives no weights for the last day that it is "
                f"given ({self.lookback} days); it needs a longer lookback, or looks ahead"
            )
        return torch.from_numpy(found).to(history)

    def whole(self, returns: pd.DataFrame) -> pd.DataFrame:
        """Ask the function for all days at once.

        Args:
            returns: Simple returns, days by assets.

        Returns:
            Weights, days by assets.

        Raises:
            DataError: The answer is no frame of numbers with the same labels.
        """
        found = self.function(returns.copy())
        if not isinstance(found, pd.DataFrame) or found.shape != returns.shape:
            shape = getattr(found, "shape", type(found).__name__)
            raise DataError(
                f"strategy {self.__name__!r}: expected a frame of weights of shape "
                f"{returns.shape}, as the returns that it is given; found {shape}"
            )
        for axis in ("columns", "index"):
            self._check_labels(getattr(found, axis), getattr(returns, axis), axis)
        try:
            numbers = found.astype(np.float64)
        except (ValueError, TypeError) as error:
            raise DataError(
                f"strategy {self.__name__!r}: expected weights that are numbers: {error}"
            ) from error
        return numbers.reindex(index=returns.index, columns=returns.columns)

    def _check_labels(self, found: pd.Index, given: pd.Index, axis: str) -> None:
        if found.is_unique and set(found) == set(given):
            return
        raise DataError(
            f"strategy {self.__name__!r}: expected weights with the {axis} of the returns that it "
            f"is given, {given[0]} to {given[-1]}; found {found[0]} to {found[-1]}; keep the labels"
        )
