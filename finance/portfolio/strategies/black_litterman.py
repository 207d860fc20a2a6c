"""What the market must believe, corrected by an investor's own views."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from numbers import Real

import torch
from torch import Tensor

from scenara.finance.portfolio.strategies.availability import among_available
from scenara.finance.portfolio.strategies.base import State, check_lookback
from scenara.finance.portfolio.strategies.estimates import (
    check_positive,
    check_shrinkage,
    shrunk_covariance,
)
from scenara.finance.portfolio.strategies.mean_variance import mean_variance_weights
from scenara.finance.portfolio.strategies.names import find_assets
from scenara.finance.portfolio.strategies.static import Mix
from scenara.finance.portfolio.strategies.views import View, check_certain
from scenara.shared.errors import ConfigError

__all__ = ["BlackLitterman", "Posterior", "posterior_of_views"]


@dataclass(frozen=True, kw_only=True)
class BlackLitterman:
    r"""Hold the best portfolio under the market's implied returns, corrected by views.

    The returns that make the market portfolio optimal, :math:`\delta \Sigma w`, are a prior of
    covariance :math:`\tau \Sigma`; views are noisy sights of the returns of some portfolios. Of the
    posterior :math:`(\bar\mu, \bar\Sigma)` the weights :math:`(\delta \bar\Sigma)^{-1} \bar\mu` are
    held, or those best among the fully invested ones without short positions.

    Args:
        views: Returns per year that are expected, such as ``'GER - 0.3*FRA = 0.05'``, by the names
            of assets; none for the market's own.
        confidences: How sure each view is, in (0, 1], as Idzorek has it; none for a half each,
            which is the rule of He and Litterman: a view is as noisy as the prior on it.
        market: Name of an asset -> its weight in the market, such as its capitalisation; they are
            taken as shares of their sum among the assets that can be held. None for equal weights.
        lookback: Number of returns that the covariance is estimated from.
        risk_aversion: The market's aversion to variance per year, :math:`\delta`.
        uncertainty: Variance of the prior in units of the covariance, :math:`\tau`.
        long_only: Whether the weights are positive and sum to one.
        shrinkage: Weight of the scaled identity in the covariance, in [0, 1]; None estimates it
            for each path and date (Ledoit and Wolf, 2004).
        periods_per_year: Steps in a year.

    Raises:
        ConfigError: A setting is out of its range, a view can't be read or says nothing, or
            certain views contradict or repeat each other.

    References:
        He and Litterman (1999), The intuition behind Black-Litterman model portfolios, Goldman
        Sachs, equations 2, 8 and 13. https://doi.org/10.2139/ssrn.334304; Idzorek (2005), A
        step-by-step guide to the Black-Litterman model, for the confidences.
        https://doi.org/10.1016/B978-075068321-0.50003-0

    Example:
        >>> past = torch.tensor([[[-1.0, 1.0]], [[1.0, 1.0]], [[-1.0, -1.0]], [[1.0, -1.0]]]) / 100
        >>> tilted = BlackLitterman(lookback=4, views=("A - B = 0.02",))
        >>> tilted.weights(past, State(assets=("A", "B"))).round(decimals=4)
        tensor([[0.5774, 0.4226]])
    """

    views: Sequence[str] = ()
    confidences: Sequence[float] = ()
    market: Mapping[str, float] = field(default_factory=dict)
    lookback: int = 252
    risk_aversion: float = 2.5
    uncertainty: float = 0.05
    long_only: bool = True
    shrinkage: float | None = None
    periods_per_year: float = 252.0

    def __post_init__(self) -> None:
        check_lookback(self.lookback, minimum=2)
        check_shrinkage(self.shrinkage)
        check_positive(
            risk_aversion=self.risk_aversion,
            uncertainty=self.uncertainty,
            periods_per_year=self.periods_per_year,
        )
        views = [View.read(text) for text in self.views]
        if self.confidences and len(self.confidences) != len(self.views):
            raise ConfigError(
                f"confidences: expected one for each of the {len(self.views)} views, "
                f"found {len(self.confidences)}"
            )
        wrong = [share for share in self.confidences if not _is_confidence(share)]
        if wrong:
            raise ConfigError(f"confidences: expected fractions in (0, 1], found {wrong[0]!r}")
        sure = self.confidences or [0.5] * len(views)
        check_certain([view for view, share in zip(views, sure, strict=True) if share == 1])
        if self.market:
            _check_market(self.market)

    def weights(self, history: Tensor, state: State) -> Tensor:
        """Give the weights that are best after the views.

        Args:
            history: Simple returns, shape (lookback, paths, assets).
            state: Tells the names of the assets.

        Returns:
            Weights, shape (paths, assets); unless ``long_only`` they need not sum to one.

        Raises:
            ConfigError: A view or the market names an asset that is not there.
        """
        for view in map(View.read, self.views):
            view.row(state.assets)
        find_assets(self.market, state.assets, setting="market")
        return self._weights(history, state)

    @among_available
    def _weights(self, history: Tensor, state: State) -> Tensor:
        estimate = shrunk_covariance(history, shrinkage=self.shrinkage)
        covariance = estimate * self.periods_per_year
        market = covariance.new_tensor(self._market(state.assets, history.shape[-1]))
        prior = self.risk_aversion * (covariance @ market)
        found = self._posterior(prior, covariance, state)
        if self.long_only:
            best = mean_variance_weights(
                found.mean, found.covariance, risk_aversion=self.risk_aversion
            )
        else:
            best = torch.linalg.solve(found.covariance * self.risk_aversion, found.mean)
        return best.to(history.dtype)

    def _market(self, assets: Sequence[str], n_assets: int) -> list[float]:
        if not self.market:
            return [1 / n_assets] * n_assets
        weights = [self.market.get(name, 0.0) for name in assets]
        return [weight / (sum(weights) or 1.0) for weight in weights]

    def _posterior(self, prior: Tensor, covariance: Tensor, state: State) -> "Posterior":
        """Heed the views on assets that are all available."""
        confidences = self.confidences or [0.5] * len(self.views)
        read = zip(map(View.read, self.views), confidences, strict=True)
        heeded = [(v, c) for v, c in read if {name for name, _ in v.factors} <= set(state.assets)]
        rows = [view.row(state.assets) for view, _ in heeded]
        return posterior_of_views(
            prior,
            covariance,
            rows=prior.new_tensor(rows).reshape(len(heeded), prior.shape[-1]),
            values=prior.new_tensor([view.value for view, _ in heeded]),
            confidences=prior.new_tensor([confidence for _, confidence in heeded]),
            uncertainty=self.uncertainty,
        )


def _is_confidence(share: object) -> bool:
    return isinstance(share, Real) and not isinstance(share, bool) and 0 < float(share) <= 1


def _check_market(market: Mapping[str, float]) -> None:
    Mix(targets=market)
    wrong = [name for name, weight in market.items() if not 0 <= weight < inf]
    if wrong or not sum(market.values()) > 0:
        found = f"{market[wrong[0]]!r} for {wrong[0]!r}" if wrong else "a sum of 0"
        raise ConfigError(f"market: expected weights of at least 0, some above, found {found}")


@dataclass(frozen=True, eq=False)
class Posterior:
    """Hold returns after views.

    Args:
        mean: Expected returns, shape (paths, assets).
        covariance: Covariances of returns, which hold the uncertainty of their means too, shape
            (paths, assets, assets).
    """

    mean: Tensor
    covariance: Tensor


def posterior_of_views(
    prior: Tensor,
    covariance: Tensor,
    *,
    rows: Tensor,
    values: Tensor,
    confidences: Tensor,
    uncertainty: float,
) -> Posterior:
    r"""Correct expected returns by views.

    With :math:`C = \tau \Sigma` the mean is :math:`\Pi + C P' (P C P' + \Omega)^{-1} (q - P \Pi)`
    and the covariance :math:`\Sigma + C - C P' (P C P' + \Omega)^{-1} P C`, where the variance of
    the noise of a view is :math:`\Omega_{kk} = (1 - c_k) / c_k \, (P C P')_{kk}`.

    Args:
        prior: Expected returns before the views, :math:`\Pi`, shape (paths, assets).
        covariance: Covariances, :math:`\Sigma`, shape (paths, assets, assets).
        rows: Factor of each asset in each view, :math:`P`, shape (views, assets).
        values: Return that each view expects, :math:`q`, shape (views,).
        confidences: Confidence in each view, :math:`c`, in (0, 1], shape (views,).
        uncertainty: :math:`\tau`.

    Returns:
        Mean and covariance.

    References:
        He and Litterman (1999), equations 8 to 10; Walters (2014), The Black-Litterman model in
        detail, for the noise under a confidence. https://ssrn.com/abstract=1314585

    Example:
        >>> found = posterior_of_views(
        ...     torch.zeros(1, 1), torch.ones(1, 1, 1), rows=torch.ones(1, 1),
        ...     values=torch.ones(1), confidences=torch.tensor([0.5]), uncertainty=0.5)
        >>> found.mean, found.covariance
        (tensor([[0.5000]]), tensor([[[1.2500]]]))
    """
    spread = uncertainty * covariance
    if len(rows) == 0:
        return Posterior(prior, covariance + spread)
    across = spread @ rows.mT
    seen = rows @ across
    noise = seen.diagonal(dim1=-2, dim2=-1) * (1 - confidences) / confidences
    gain = torch.linalg.solve(seen + torch.diag_embed(noise), across.mT).mT
    surprise = values - prior @ rows.mT
    mean = prior + (gain @ surprise[..., None]).squeeze(-1)
    return Posterior(mean, covariance + spread - gain @ across.mT)
