"""Candidate portfolios: for each share of equity, the mix that earns most at no more risk."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix, hstack, identity, vstack

from scenara.finance.advisor.planning.markets import CASH
from scenara.finance.advisor.planning.universe import Universe
from scenara.finance.advisor.planning.worlds import CapitalMarkets
from scenara.shared.errors import DataError
from scenara.shared.types import Array, FloatArray

__all__ = ["TAIL", "Frontier", "efficient_frontier", "yearly_returns"]

TAIL = 0.05
"""Share of the worst years over which losses are averaged."""

_YEARS = 10


@dataclass(frozen=True)
class Frontier:
    """Hold a family of portfolios by rising share of equity.

    Args:
        classes: Names of the asset classes.
        equity: Share of growth classes of each portfolio, rising from 0, (portfolios,).
        weights: Shape (portfolios, classes); rows sum to 1.
        mean: Mean return in a year, (portfolios,).
        loss: Mean loss in the worst twentieth of years, (portfolios,).
        expenses: Running costs per year of the instruments, (portfolios,).
        cash_expenses: Running costs per year of what holds cash.
    """

    classes: tuple[str, ...]
    equity: FloatArray
    weights: FloatArray
    mean: FloatArray
    loss: FloatArray
    expenses: FloatArray
    cash_expenses: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is no rising family."""
        if not (np.diff(self.equity) > 0).all() or not np.allclose(self.weights.sum(axis=1), 1):
            raise DataError("frontier: expected rising shares of equity and weights that sum to 1")

    @property
    def holdings(self) -> FloatArray:
        """Asset classes of each portfolio and, last, of cash alone, (portfolios + 1, classes)."""
        cash = np.array([float(name == CASH) for name in self.classes])
        return np.vstack([self.weights, cash])

    @property
    def costs(self) -> FloatArray:
        """Running costs per year of each portfolio and, last, of cash, (portfolios + 1,)."""
        return np.append(self.expenses, self.cash_expenses)

    @property
    def shares(self) -> FloatArray:
        """Share of equity of each portfolio and, last, of cash, (portfolios + 1,)."""
        return np.append(self.equity, 0.0)

    def blend(self, equity: FloatArray, calm: FloatArray | float = 0.0) -> FloatArray:
        """Say how much of each portfolio, and of cash, makes up a share of equity.

        What is not kept in cash is the portfolio that gives the share of equity, between two
        members of the family by straight lines.

        Args:
            equity: Share of the whole, any shape; over what is not cash, within the family's.
            calm: Share that is kept in cash, of a shape that fits.

        Returns:
            The common shape with one more axis, (..., portfolios + 1); rows sum to 1.
        """
        equity, calm = np.broadcast_arrays(np.asarray(equity, float), np.asarray(calm, float))
        inner = np.divide(equity, 1 - calm, out=np.zeros(equity.shape), where=calm < 1)
        place = np.interp(inner, self.equity, np.arange(len(self.equity)))
        distance = np.abs(place[..., None] - np.arange(len(self.equity)))
        parts = np.maximum(1 - distance, 0.0) * (1 - calm)[..., None]
        shares: FloatArray = np.concatenate([parts, calm[..., None]], axis=-1)
        return shares

    def mix(self, equity: float, calm: float = 0.0) -> dict[str, float]:
        """Give the asset classes of a share of equity.

        Args:
            equity: Share of the whole; over what is not cash, within the family's shares.
            calm: Share that is kept in cash.

        Returns:
            Asset class -> weight, summing to 1.
        """
        weights = self.blend(np.array(equity), calm) @ self.holdings
        return dict(zip(self.classes, weights.tolist(), strict=True))


def yearly_returns(markets: CapitalMarkets, *, n: int) -> FloatArray:
    """Give returns over a year of asset classes, from all generators and the first ten years.

    Args:
        markets: The worlds.
        n: Number of years drawn, spread evenly.

    Returns:
        Simple returns, (about n, classes).
    """
    each = max(n // len(markets.families), 1)
    years = []
    for paths in markets.returns.values():
        rows = np.linspace(0, len(paths) - 1, min(each, len(paths))).astype(int)
        n_years = max(min(_YEARS, paths.shape[1] // 12), 1)
        start = 12 * (np.arange(len(rows)) % n_years)
        steps = start[:, None] + np.arange(min(12, paths.shape[1]))
        months = paths[rows[:, None], steps].astype(np.float64)
        years.append(np.expm1(np.log1p(months).sum(axis=1)))
    return np.concatenate(years)


def efficient_frontier(
    markets: CapitalMarkets,
    universe: Universe,
    *,
    step: float = 0.1,
    tilt: float = 0.3,
    n_years: int = 1_500,
) -> Frontier:
    r"""Find the best mix for each share of equity, under the client's constraints.

    For a share :math:`e` of equity the mix has the largest mean return over a year among those
    whose expected shortfall at 95 % is no larger than that of the reference mix of that share:
    more return at no more risk. Within equity, and within the rest, no class has more or less than
    its reference by over ``tilt``, as far as the client's caps allow. Where constraints leave no
    such mix, the allowance is the smallest expected shortfall that can be had. Both are linear
    programs over the yearly returns of the worlds.

    Args:
        markets: The worlds, with the client's views in them.
        universe: What may be bought.
        step: Distance between shares of equity.
        tilt: How far a class may be from its reference, as a share of equity or of the rest.
        n_years: Years drawn from the worlds.

    Returns:
        The family, up to the largest share of equity that the constraints allow.

    References:
        Rockafellar, R. T. and Uryasev, S. (2000). Optimization of conditional value-at-risk.
        Journal of Risk 2(3), 21-41. https://doi.org/10.21314/JOR.2000.038.
    """
    history, years = markets.history, yearly_returns(markets, n=n_years)
    is_growth = np.array([name in history.growth for name in history.classes])
    caps = universe.caps()
    most = min(1.0, float(caps[is_growth].sum()))
    shares = np.unique(np.append(np.arange(0, most - step / 2, step), most).round(9))
    program = _Program(years, is_growth, caps)
    weights = np.array([program.best(float(e), history.reference, tilt) for e in shares])
    return Frontier(
        tuple(history.classes),
        shares,
        weights,
        (years @ weights.T).mean(axis=0),
        np.array([shortfall(years @ row) for row in weights]),
        np.array([universe.expenses(row) for row in weights]),
        universe.expenses(np.array([float(name == CASH) for name in history.classes])),
    )


def shortfall(returns: FloatArray) -> float:
    """Give the mean loss in the worst twentieth of returns.

    Args:
        returns: (n,).

    Returns:
        A loss as a positive number.

    Example:
        >>> round(shortfall(np.linspace(-0.99, 1.0, 200)), 3)
        0.945
    """
    worst = np.sort(returns)[: max(int(np.ceil(TAIL * len(returns))), 1)]
    return float(-worst.mean())


class _Program:
    """Solve the two linear programs: unknowns are the weights, the VaR and losses beyond it."""

    def __init__(self, years: FloatArray, is_growth: Array, caps: FloatArray) -> None:
        self.years, self.is_growth, self.caps = years, is_growth, caps
        n, k = years.shape
        self.tail = np.concatenate([np.zeros(k), [1.0], np.full(n, 1 / (TAIL * n))])
        self.beyond = hstack([csr_matrix(-years), csr_matrix(-np.ones((n, 1))), -identity(n)])

    def best(self, equity: float, reference: FloatArray, tilt: float) -> FloatArray:
        """Give the weights of the largest mean within the shortfall of the reference mix."""
        sleeve = np.where(self.is_growth, equity, 1 - equity)
        bounds = self._bounds(sleeve, reference, tilt)
        allowed = shortfall(self.years @ (sleeve * reference))
        n, k = self.years.shape
        least = self._solve(self.tail, equity, bounds)
        room = max(allowed, float(self.tail @ least)) + 1e-9
        gain = np.concatenate([-self.years.mean(axis=0), np.zeros(n + 1)])
        found = self._solve(gain, equity, bounds, room=room)[:k]
        weights: FloatArray = np.where(found < 1e-6, 0.0, found)
        weights /= weights.sum()
        return weights

    def _bounds(self, sleeve: FloatArray, reference: FloatArray, tilt: float) -> FloatArray:
        """Give bounds of each weight, (classes, 2); caps make room where tilts leave too little."""
        high = np.minimum(self.caps, sleeve * (reference + tilt))
        for part in (self.is_growth, ~self.is_growth):
            if high[part].sum() < sleeve[part].max() - 1e-9:
                high[part] = self.caps[part]
        low = np.minimum(sleeve * np.maximum(reference - tilt, 0.0), high)
        return np.column_stack([low, high])

    def _solve(
        self, cost: FloatArray, equity: float, bounds: FloatArray, *, room: float = np.inf
    ) -> FloatArray:
        n, k = self.years.shape
        sums = np.zeros((2, k + 1 + n))
        sums[0, :k], sums[1, :k] = 1.0, self.is_growth
        rows, limits = self.beyond, np.zeros(n)
        if np.isfinite(room):
            rows, limits = vstack([rows, csr_matrix(self.tail)]), np.append(limits, room)
        free = [(-np.inf, np.inf), *(((0.0, np.inf),) * n)]
        found = linprog(
            cost,
            A_ub=rows,
            b_ub=limits,
            A_eq=sums,
            b_eq=[1.0, equity],
            bounds=[*map(tuple, bounds), *free],
            method="highs",
        )
        if not found.success:
            raise DataError(
                f"{equity:.0%} equity: no mix fulfils the constraints ({found.message}); "
                "loosen maximum_weight or exclude less"
            )
        solution: FloatArray = found.x
        return solution
