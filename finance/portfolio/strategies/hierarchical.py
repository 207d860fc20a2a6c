"""Risk shared out along a tree of assets that move alike."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from scenara.finance.portfolio.strategies.availability import among_available
from scenara.finance.portfolio.strategies.base import State, check_lookback
from scenara.finance.portfolio.strategies.estimates import check_shrinkage, shrunk_covariance
from scenara.shared.types import IntArray

__all__ = ["HierarchicalRiskParity", "bisected_weights", "tree_orders"]

_DIGITS = 12
"""Digits of correlations that count, so that assets which are the same stay together."""


@dataclass(frozen=True, kw_only=True)
class HierarchicalRiskParity:
    """Order assets by a tree of their correlations and share risk out from its top.

    Assets are clustered by single linkage on the distances between their rows of correlation
    distances, and put in the order of the leaves. That list is halved again and again; each half
    gets weight in inverse proportion to the variance that it has with inverse-variance weights. No
    covariance matrix is inverted. The trees are grown path by path, all else at once.

    Args:
        lookback: Number of returns that the covariance is estimated from.
        shrinkage: Weight of the scaled identity in the covariance, in [0, 1]; None estimates it
            for each path and date (Ledoit and Wolf, 2004); the paper has 0.

    Raises:
        ConfigError: A setting is out of its range.

    References:
        Lopez de Prado (2016), Building diversified portfolios that outperform out of sample,
        Journal of Portfolio Management 42(4), sections "tree clustering", "quasi-diagonalization"
        and "recursive bisection". https://doi.org/10.3905/jpm.2016.42.4.059

    Example:
        >>> past = torch.tensor([[[-1.0, 3.0]], [[1.0, 3.0]], [[-1.0, -3.0]], [[1.0, -3.0]]])
        >>> HierarchicalRiskParity(lookback=4, shrinkage=0.0).weights(past, State())
        tensor([[0.9000, 0.1000]])
    """

    lookback: int = 252
    shrinkage: float | None = 0.0

    def __post_init__(self) -> None:
        check_lookback(self.lookback, minimum=2)
        check_shrinkage(self.shrinkage)

    @among_available
    def weights(self, history: Tensor, state: State) -> Tensor:
        """Grow a tree for each path and share risk out.

        Args:
            history: Simple returns, shape (lookback, paths, assets).
            state: Ignored.

        Returns:
            Positive weights that sum to one, shape (paths, assets).
        """
        covariance = shrunk_covariance(history, shrinkage=self.shrinkage)
        orders = torch.as_tensor(tree_orders(covariance), device=covariance.device)
        return bisected_weights(covariance, orders).to(history.dtype)


def tree_orders(covariance: Tensor) -> IntArray:
    """Give the order of the leaves of each path's tree.

    Args:
        covariance: Covariances with positive variances, shape (paths, assets, assets).

    Returns:
        Numbers of the assets, from left to right, shape (paths, assets).

    Example:
        >>> alike = [[1.0, 0.0, 0.9], [0.0, 1.0, 0.0], [0.9, 0.0, 1.0]]
        >>> tree_orders(torch.tensor([alike])).tolist()
        [[1, 0, 2]]
    """
    from scipy.cluster.hierarchy import leaves_list, linkage

    n_assets = covariance.shape[-1]
    if n_assets == 1:
        return np.zeros((len(covariance), 1), dtype=np.int64)
    deviation = covariance.diagonal(dim1=-2, dim2=-1).sqrt()
    correlation = covariance / (deviation[:, :, None] * deviation[:, None, :])
    apart = (0.5 * (1 - correlation.round(decimals=_DIGITS))).clamp_min(0).sqrt()
    between = torch.cdist(apart, apart, compute_mode="donot_use_mm_for_euclid_dist")
    rows, columns = np.triu_indices(n_assets, k=1)
    condensed = between[:, rows, columns].double().cpu().numpy()
    return np.stack([leaves_list(linkage(path, "single")) for path in condensed]).astype(np.int64)


def bisected_weights(covariance: Tensor, orders: Tensor) -> Tensor:
    """Halve an ordered list of assets again and again, and share weight by inverse variance.

    Args:
        covariance: Covariances with positive variances, shape (paths, assets, assets).
        orders: Order of the assets of each path, shape (paths, assets).

    Returns:
        Weights that sum to one, in the order of the covariances, shape (paths, assets).

    Example:
        >>> bisected_weights(torch.diag(torch.tensor([1.0, 3.0]))[None], torch.tensor([[0, 1]]))
        tensor([[0.7500, 0.2500]])
    """
    n_assets = covariance.shape[-1]
    ordered = covariance.gather(1, orders[:, :, None].expand(-1, -1, n_assets))
    ordered = ordered.gather(2, orders[:, None, :].expand(-1, n_assets, -1))
    weights = torch.ones_like(orders, dtype=covariance.dtype)
    spans = [(0, n_assets)]
    while spans:
        start, end = spans.pop()
        middle = start + (end - start) // 2
        if middle == start:
            continue
        left, right = _variance(ordered, start, middle), _variance(ordered, middle, end)
        weights[:, start:middle] *= right / (left + right)
        weights[:, middle:end] *= left / (left + right)
        spans += [(start, middle), (middle, end)]
    return torch.zeros_like(weights).scatter(1, orders, weights)


def _variance(ordered: Tensor, start: int, end: int) -> Tensor:
    """Give the variance of some neighbours under inverse-variance weights, shape (paths, 1)."""
    part = ordered[:, start:end, start:end]
    inverse = 1 / part.diagonal(dim1=-2, dim2=-1)
    weights = inverse / inverse.sum(-1, keepdim=True)
    return torch.einsum("pi,pij,pj->p", weights, part, weights)[:, None]
