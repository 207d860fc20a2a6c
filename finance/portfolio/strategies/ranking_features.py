"""What a ranking of assets learns from: features of the past, and what came after."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["Examples", "past_features", "training_examples"]


@dataclass(frozen=True, eq=False)
class Examples:
    """Hold what a ranking is trained on.

    Args:
        features: Ranks of features among the assets, shape (paths, dates, assets, features).
        grades: How well each asset did afterwards, from 0, shape (paths, dates, assets).
        dates: Number of returns before each date, shape (dates,).
    """

    features: Tensor
    grades: Tensor
    dates: Tensor


def training_examples(
    block: Tensor, *, windows: Sequence[int], horizon: int, every: int, n_grades: int
) -> Examples:
    """Make examples of all dates in a block whose outcome is over within it.

    A label needs the ``horizon`` returns after its date. Dates whose label would reach past the end
    of the block are purged, so that a decision at its end was not known to any label.

    Args:
        block: Simple returns, shape (steps, paths, assets).
        windows: Lengths of the windows of the features.
        horizon: Returns that a label looks ahead.
        every: Steps between dates.
        n_grades: Number of grades.

    Returns:
        Features and grades at each date, the last date first.

    Example:
        >>> block = torch.tensor([[[0.0, 0.0]], [[0.1, 0.2]], [[0.3, 0.1]]])
        >>> found = training_examples(block, windows=(1,), horizon=1, every=1, n_grades=2)
        >>> found.dates.tolist(), found.grades.tolist()
        ([2, 1], [[[1, 0], [0, 1]]])
    """
    dates = torch.arange(len(block) - horizon, max(windows) - 1, -every, device=block.device)
    risen = torch.nn.functional.pad(torch.log1p(block).cumsum(0), (0, 0, 0, 0, 1, 0))
    ahead = risen[dates + horizon] - risen[dates]
    grades = (_ranks(ahead) * n_grades).long().clamp_max(n_grades - 1)
    features = past_features(block, dates, windows=windows)
    return Examples(features, grades.transpose(0, 1), dates)


def past_features(returns: Tensor, dates: Tensor, *, windows: Sequence[int]) -> Tensor:
    """Rank assets by what happened before some dates.

    Of each window before a date these are the log return, the volatility and the largest return;
    each is replaced by its rank among the assets, in [0, 1], so that markets of any volatility
    look alike.

    Args:
        returns: Simple returns, shape (steps, paths, assets).
        dates: Number of returns before each date, at least the longest window, shape (dates,).
        windows: Lengths of the windows.

    Returns:
        Ranks, shape (paths, dates, assets, 3 x windows).

    Example:
        >>> returns = torch.tensor([[[0.1, 0.2, 0.0]]])
        >>> past_features(returns, torch.tensor([1]), windows=(1,))[0, 0, :, 0]
        tensor([0.5000, 0.8333, 0.1667])
    """
    found = []
    for window in windows:
        seen = returns.unfold(0, window, 1)[dates - window]
        risen = torch.log1p(seen).sum(-1)
        found += [risen, seen.std(-1, correction=0), seen.amax(-1)]
    return _ranks(torch.stack(found)).permute(2, 1, 3, 0)


def _ranks(values: Tensor) -> Tensor:
    """Give the share of assets that are below each one, ties counted half, itself included."""
    ours, theirs = values[..., :, None], values[..., None, :]
    below = (ours > theirs).sum(-1) + 0.5 * (ours == theirs).sum(-1)
    return below / values.shape[-1]
