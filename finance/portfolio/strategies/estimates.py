"""What strategies estimate from the past, in many paths at once."""

import torch
from torch import Tensor

from scenara.finance.portfolio.checks import is_number
from scenara.finance.portfolio.covariance import ledoit_wolf_intensity, sample_covariance
from scenara.shared.errors import ConfigError

__all__ = ["check_bounds", "check_positive", "check_shrinkage", "shrunk_covariance"]

LEAST_VARIANCE = 1e-16
"""Mean variance of a step that is told from none: a deviation of 1e-8."""

LEAST_SHRINKAGE = 1e-8
"""Shrinkage that is always there, so that no combination of assets is without any risk."""


def shrunk_covariance(returns: Tensor, *, shrinkage: float | None = None) -> Tensor:
    """Estimate covariances that every strategy can live with: shrunk and never singular.

    It is ``(1 - a) S + a m I`` with ``m`` the mean variance and ``a`` the shrinkage. That is 1e-8
    at least, and markets that stand still altogether are given equal variances, so that a
    portfolio can be built from assets that are the same, or that never move.

    Args:
        returns: Simple returns, shape (steps, paths, assets).
        shrinkage: Intensity ``a`` in [0, 1]; None estimates it for each path (Ledoit-Wolf).

    Returns:
        Covariances in float64, shape (paths, assets, assets).

    Example:
        >>> shrunk_covariance(torch.tensor([[[-1.0, 0.0]], [[1.0, 0.0]]]), shrinkage=0.5)
        tensor([[[0.7500, 0.0000],
                 [0.0000, 0.2500]]], dtype=torch.float64)
    """
    exact = returns.double()
    sample = sample_covariance(exact)
    found = ledoit_wolf_intensity(exact) if shrinkage is None else sample.new_tensor([shrinkage])
    intensity = found.clamp_min(LEAST_SHRINKAGE)[:, None, None]
    mean = sample.diagonal(dim1=-2, dim2=-1).mean(-1).clamp_min(LEAST_VARIANCE)[:, None, None]
    identity = torch.eye(sample.shape[-1], dtype=sample.dtype, device=sample.device)
    return (1 - intensity) * sample + intensity * mean * identity


def check_shrinkage(shrinkage: float | None) -> None:
    """Refuse a shrinkage out of its range.

    Args:
        shrinkage: Intensity, or None.

    Raises:
        ConfigError: It is not in [0, 1].

    Example:
        >>> check_shrinkage(None)
    """
    if shrinkage is not None and not (is_number(shrinkage) and 0 <= shrinkage <= 1):
        raise ConfigError(f"shrinkage: expected a number in [0, 1], found {shrinkage!r}")


def check_positive(**settings: float) -> None:
    """Refuse settings that are not positive.

    Args:
        **settings: Their values by name.

    Raises:
        ConfigError: One is not above zero.

    Example:
        >>> check_positive(volatility=0.1)
    """
    for name, value in settings.items():
        if not is_number(value) or not value > 0:
            raise ConfigError(f"{name}: expected a positive number, found {value!r}")


def check_bounds(lower: float, upper: float) -> None:
    """Refuse limits of a weight that are not finite or not in their order.

    Args:
        lower: Least weight.
        upper: Greatest weight.

    Raises:
        ConfigError: They are not.

    Example:
        >>> check_bounds(0.0, 1.0)
    """
    if not -float("inf") < lower < upper < float("inf"):
        raise ConfigError(
            f"lower, upper: expected finite limits in this order, found {lower!r} and {upper!r}"
        )
