"""What worlds, weights, levels and probabilities must be for figures of risk."""

from collections.abc import Sequence

import numpy as np

from scenara.shared.errors import ConfigError, DataError
from scenara.shared.types import FloatArray

__all__ = ["check_levels", "check_losses", "check_probabilities", "check_worlds"]


def check_worlds(worlds: FloatArray, weights: FloatArray, horizon: int | None) -> int:
    """Refuse worlds that weights and horizon don't fit.

    Args:
        worlds: Daily log returns, shape ``(paths, days, assets)``.
        weights: Holdings, shape ``(assets,)``.
        horizon: Days, or None for all.

    Returns:
        The horizon.

    Raises:
        DataError: The worlds are no finite array of three dimensions, or the weights don't fit.
        ConfigError: The horizon is outside the worlds.
    """
    if np.ndim(worlds) != 3 or not np.isfinite(worlds).all():
        raise DataError(
            f"worlds: expected finite log returns (paths, days, assets), found shape "
            f"{np.shape(worlds)} or missing values"
        )
    if np.shape(weights) != (worlds.shape[2],) or not np.isfinite(weights).all():
        raise DataError(
            f"weights: expected {worlds.shape[2]} finite numbers, one an asset, found shape "
            f"{np.shape(weights)}"
        )
    n_days = worlds.shape[1] if horizon is None else horizon
    if not 1 <= n_days <= worlds.shape[1]:
        raise ConfigError(
            f"horizon: expected 1 to {worlds.shape[1]} days, the length of the worlds, "
            f"found {n_days}"
        )
    return n_days


def check_losses(losses: FloatArray) -> int:
    """Refuse losses that have no quantile.

    Args:
        losses: One loss a world, shape ``(paths,)``.

    Returns:
        Number of worlds.

    Raises:
        DataError: There is no loss, or one is no finite number.
    """
    if np.ndim(losses) != 1 or not len(losses):
        raise DataError(f"losses: expected one a world, found shape {np.shape(losses)}")
    if not np.isfinite(losses).all():
        place = int(np.argmin(np.isfinite(losses)))
        raise DataError(f"losses: expected finite numbers, found {losses[place]} in world {place}")
    return len(losses)


def check_probabilities(probabilities: FloatArray | None, n_paths: int) -> FloatArray:
    """Give the probabilities of worlds, equal ones where none are given.

    Args:
        probabilities: Shape ``(paths,)``, or None.
        n_paths: Number of worlds.

    Raises:
        DataError: They are not one number a world, at least zero, that sum to one.
    """
    if probabilities is None:
        return np.full(n_paths, 1 / n_paths)
    chances = np.asarray(probabilities, dtype=float)
    if chances.shape != (n_paths,) or not (chances >= 0).all():
        raise DataError(
            f"probabilities: expected {n_paths} numbers of at least 0, found shape {chances.shape}"
        )
    if abs(chances.sum() - 1) > 1e-6:
        raise DataError(f"probabilities: expected a sum of 1, found {chances.sum():g}")
    normed: FloatArray = chances / chances.sum()
    return normed


def check_levels(levels: Sequence[float]) -> None:
    """Refuse levels that are no probabilities.

    Args:
        levels: Such as .95 and .99.

    Raises:
        ConfigError: One is not inside 0 to 1, or there is none.
    """
    if not levels:
        raise ConfigError("levels: expected at least one, such as 0.99, found none")
    for level in levels:
        if not 0 < level < 1:
            raise ConfigError(f"level: expected a number between 0 and 1, found {level}")
