"""Covariance matrices of many paths at once, shrunk, and the portfolios of least variance."""

import torch
from torch import Tensor

from scenara.finance.portfolio.accounting import total
from scenara.shared.errors import DataError

__all__ = ["ledoit_wolf_intensity", "minimum_variance_weights", "sample_covariance"]

SWEEPS = 500


def sample_covariance(returns: Tensor) -> Tensor:
    """Estimate covariances with divisor n, the mean taken out.

    Args:
        returns: Simple returns, shape (steps, paths, assets).

    Returns:
        Covariances, shape (paths, assets, assets).

    Example:
        >>> sample_covariance(torch.tensor([[[-1.0]], [[1.0]]]))
        tensor([[[1.]]])
    """
    return _covariance(_centred(returns))


def ledoit_wolf_intensity(returns: Tensor) -> Tensor:
    r"""Estimate how far the sample covariance should move towards a scaled identity.

    With the norm :math:`\|A\|^2 = tr(A A') / p`, :math:`m = tr(S) / p` and centred observations
    :math:`x_k`, it is :math:`b^2 / d^2` where :math:`d^2 = \|S - m I\|^2` and :math:`b^2 =
    \min(d^2, n^{-2} \sum_k \|x_k x_k' - S\|^2)`.

    Args:
        returns: Simple returns, shape (steps, paths, assets).

    Returns:
        Intensity in [0, 1], shape (paths,); 1 where all variances are equal and nothing covaries.

    References:
        Ledoit and Wolf (2004), A well-conditioned estimator for large-dimensional covariance
        matrices, Journal of Multivariate Analysis 88(2), equations 11 to 14 (section 3.2).
        https://doi.org/10.1016/S0047-259X(03)00096-4

    Example:
        >>> ledoit_wolf_intensity(torch.tensor([[[-1.0, 1.0]], [[1.0, -1.0]]]))
        tensor([0.])
    """
    centred = _centred(returns)
    return _intensity(centred, _covariance(centred))


def minimum_variance_weights(
    returns: Tensor, *, shrinkage: float | None = None, long_only: bool = False
) -> Tensor:
    """Find the fully invested portfolio with the least variance.

    The covariance is ``(1 - a) S + a m I`` with ``m`` the mean variance and ``a`` the shrinkage;
    the weights are proportional to its inverse times a vector of ones.

    Args:
        returns: Simple returns, shape (steps, paths, assets).
        shrinkage: Intensity ``a`` in [0, 1]; None estimates it for each path (Ledoit-Wolf).
        long_only: Whether weights must not be negative.

    Returns:
        Weights that sum to one, shape (paths, assets).

    Raises:
        DataError: A covariance is singular, which only happens with too little shrinkage.

    Example:
        >>> calm_and_wild = torch.tensor([[[-1.0, 2.0]], [[1.0, 2.0]], [[-1.0, -2.0]], [[1.0, -2.0]]])
        >>> minimum_variance_weights(calm_and_wild, shrinkage=0.0)
        tensor([[0.8000, 0.2000]])
    """
    centred = _centred(returns)
    covariance = _covariance(centred)
    if shrinkage is None:
        # Markets that only rounding moves have no noise to shrink, but no rank either.
        least = 32 * torch.finfo(covariance.dtype).eps
        intensity = _intensity(centred, covariance).clamp_min(least)
    else:
        intensity = covariance.new_full((len(covariance),), shrinkage)
    _shrink(covariance, intensity)
    exposure = _non_negative(covariance) if long_only else _solve_ones(covariance)
    return exposure / total(exposure)[:, None]


def _centred(returns: Tensor) -> Tensor:
    n_steps = len(returns)
    # A product with equal weights: several times faster than a mean over a short axis.
    share = returns.new_full((n_steps,), 1 / n_steps)
    return returns - (share @ returns.reshape(n_steps, -1)).view(1, *returns.shape[1:])


def _covariance(centred: Tensor) -> Tensor:
    """Multiply path by path in the order that memory has, without a transposed copy."""
    by_path = centred.transpose(0, 1)
    n_paths, n_steps, n_assets = by_path.shape
    room = centred.new_empty(n_paths, n_assets, n_assets)
    return torch.baddbmm(room, by_path.mT, by_path, beta=0, alpha=1 / n_steps)


def _intensity(centred: Tensor, sample: Tensor) -> Tensor:
    """Follow section 3.2 of Ledoit and Wolf, with all squared norms times p; uses up ``centred``."""
    n_steps, _, n_assets = centred.shape
    entries = sample.flatten(1)
    square = torch.linalg.vecdot(entries, entries)
    scale = total(sample.diagonal(dim1=-2, dim2=-1)) / n_assets
    distance = square - n_assets * scale.square()
    lengths = total(centred.square_())
    noise = (torch.linalg.vecdot(lengths, lengths, dim=0) / n_steps - square) / n_steps
    noisy = noise >= distance
    return torch.where(noisy, 1.0, noise / distance.masked_fill(noisy, 1.0))


def _shrink(sample: Tensor, intensity: Tensor) -> None:
    """Shrink towards the identity in units of the mean variance: no scale to under- or overflow."""
    variances = sample.diagonal(dim1=-2, dim2=-1)
    scale = variances.mean(-1).clamp_min(torch.finfo(sample.dtype).tiny)
    sample *= ((1 - intensity) / scale)[:, None, None]
    variances += intensity[:, None]


def _solve_ones(covariance: Tensor) -> Tensor:
    factor, info = torch.linalg.cholesky_ex(covariance)
    if bool(info.any()):
        n_bad = int((info != 0).sum())
        raise DataError(
            f"minimum variance: the covariance of {n_bad} of {len(covariance)} paths is singular; "
            "use a longer lookback or shrinkage above 0"
        )
    ones = covariance.new_ones((*covariance.shape[:-1], 1))
    return torch.cholesky_solve(ones, factor).squeeze(-1)


def _non_negative(covariance: Tensor) -> Tensor:
    """Minimise x'Cx/2 - 1'x over x >= 0 by cyclic coordinate descent, in all paths at once.

    Up to a factor, its solution is the long-only portfolio of least variance.
    """
    variances = covariance.diagonal(dim1=-2, dim2=-1)
    solution = torch.zeros_like(variances)
    tolerance = 8 * torch.finfo(covariance.dtype).eps
    for _ in range(SWEEPS):
        previous = solution.clone()
        for asset in range(solution.shape[-1]):
            slack = 1 - torch.linalg.vecdot(covariance[:, asset], solution)
            step = slack / variances[:, asset]
            solution[:, asset] = (solution[:, asset] + step).clamp_min(0)
        change = (solution - previous).abs().amax(-1)
        if bool((change <= tolerance * solution.amax(-1)).all()):
            break
    return solution
