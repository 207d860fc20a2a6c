"""Every asset brings as much risk as is allotted to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from scenara.finance.portfolio.strategies.availability import among_available
from scenara.finance.portfolio.strategies.base import State, check_lookback
from scenara.finance.portfolio.strategies.estimates import check_shrinkage, shrunk_covariance
from scenara.finance.portfolio.strategies.names import find_assets
from scenara.shared.errors import ConfigError

__all__ = ["RiskParity", "risk_parity_weights"]

TOLERANCE = 1e-11
"""Newton decrement at which the weights are exact but for rounding; it is squared at each step."""

MOST_STEPS = 200


@dataclass(frozen=True, kw_only=True)
class RiskParity:
    """Hold the long-only portfolio in which each asset contributes the same to its volatility.

    Args:
        lookback: Number of returns that the covariance is estimated from.
        budgets: Name of an asset -> part of the volatility that it contributes, where it is not
            1; in any unit.
        shrinkage: Weight of the scaled identity in the covariance, in [0, 1]; None estimates it
            for each path and date (Ledoit and Wolf, 2004).

    Raises:
        ConfigError: A setting is out of its range.

    References:
        Maillard, Roncalli and Teiletche (2010), The properties of equally weighted risk
        contribution portfolios, Journal of Portfolio Management 36(4).
        https://doi.org/10.3905/jpm.2010.36.4.060; Spinu (2013), An algorithm for computing risk
        parity weights, equations 10 and 11 and its damped Newton's method.
        https://ssrn.com/abstract=2297383

    Example:
        >>> past = torch.tensor([[[-1.0, 3.0]], [[1.0, 3.0]], [[-1.0, -3.0]], [[1.0, -3.0]]])
        >>> RiskParity(lookback=4, shrinkage=0.0).weights(past, State())
        tensor([[0.7500, 0.2500]])
    """

    lookback: int = 252
    budgets: Mapping[str, float] = field(default_factory=dict)
    shrinkage: float | None = None

    def __post_init__(self) -> None:
        check_lookback(self.lookback, minimum=2)
        check_shrinkage(self.shrinkage)
        for name, budget in self.budgets.items():
            is_number = isinstance(budget, (int, float)) and not isinstance(budget, bool)
            if not (is_number and 0 < budget < float("inf")):
                raise ConfigError(
                    f"budgets: expected a positive number for {name!r}, found {budget!r}"
                )

    def weights(self, history: Tensor, state: State) -> Tensor:
        """Give the weights of equal or budgeted risk.

        Args:
            history: Simple returns, shape (lookback, paths, assets).
            state: Ignored.

        Returns:
            Positive weights that sum to one, shape (paths, assets).

        Raises:
            ConfigError: There is no asset of a name.
        """
        find_assets(self.budgets, state.assets, setting="budgets")
        return self._weights(history, state)

    @among_available
    def _weights(self, history: Tensor, state: State) -> Tensor:
        covariance = shrunk_covariance(history, shrinkage=self.shrinkage)
        budgets = covariance.new_ones(history.shape[-1])
        for place, name in enumerate(state.assets):
            budgets[place] = self.budgets.get(name, 1.0)
        return risk_parity_weights(covariance, budgets).to(history.dtype)


def risk_parity_weights(covariance: Tensor, budgets: Tensor) -> Tensor:
    r"""Find the long-only weights whose risk contributions are in proportion to budgets.

    They are proportional to the minimum of :math:`x' C x / 2 - \sum_i b_i \log x_i`, found by
    Newton's method in all paths at once, with C the correlations, and steps damped by the Newton
    decrement: the function is self-concordant once the least budget is one, so that this always
    gets there.

    Args:
        covariance: Covariances with positive variances, shape (paths, assets, assets).
        budgets: Positive budgets in any unit, shape (assets,).

    Returns:
        Weights that sum to one, shape (paths, assets).

    References:
        Spinu (2013), An algorithm for computing risk parity weights.
        https://ssrn.com/abstract=2297383

    Example:
        >>> risk_parity_weights(torch.diag(torch.tensor([1.0, 9.0]))[None], torch.ones(2))
        tensor([[0.7500, 0.2500]])
    """
    deviation = covariance.diagonal(dim1=-2, dim2=-1).sqrt()
    correlation = covariance / (deviation[:, :, None] * deviation[:, None, :])
    shares = budgets / budgets.min()
    exposure = _minimum(correlation, shares) / deviation
    return exposure / exposure.sum(-1, keepdim=True)


def _minimum(correlation: Tensor, budgets: Tensor) -> Tensor:
    """Minimise from where all exposures are equal and the scale is right; a done path rests."""
    total = correlation.sum((-2, -1)).clamp_min(torch.finfo(correlation.dtype).eps)
    point = (budgets.sum() / total).sqrt()[:, None].expand(correlation.shape[:-1]).contiguous()
    active = torch.arange(len(point), device=point.device)
    for _ in range(MOST_STEPS):
        matrix, here = correlation[active], point[active]
        slope = (matrix @ here[..., None]).squeeze(-1) - budgets / here
        curve = matrix + torch.diag_embed(budgets / here.square())
        step = torch.linalg.solve(curve, slope)
        decrement = torch.linalg.vecdot(slope, step).clamp_min(0).sqrt()
        length = torch.where(decrement > 0.25, 1 / (1 + decrement), 1.0)
        point[active] = here - length[:, None] * step
        active = active[decrement > TOLERANCE]
        if len(active) == 0:
            break
    return point
