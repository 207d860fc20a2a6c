"""How often the best of what was tried is below the middle on days that did not choose it."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from scenara.finance.portfolio.luck.trials import read_trials
from scenara.shared.errors import ConfigError
from scenara.shared.types import Array, FloatArray

__all__ = ["BacktestOverfitting", "probability_of_backtest_overfitting"]

_MOST_BLOCKS = 20
_ROWS = 64
"""Combinations worked on at a time, so that 500 trials stay in the cache."""


@dataclass(frozen=True, eq=False, kw_only=True)
class BacktestOverfitting:
    """Hold what became of the chosen trial in each combination of blocks.

    Args:
        logits: Logit of its relative rank out of sample, shape (combinations,); 0 is the middle.
        in_sample: Its Sharpe ratio a step on the days that chose it, shape (combinations,).
        out_of_sample: Its Sharpe ratio a step on the other days, shape (combinations,).
        n_trials: Number of trials.
        n_blocks: Number of blocks.
    """

    logits: FloatArray
    in_sample: FloatArray
    out_of_sample: FloatArray
    n_trials: int
    n_blocks: int

    @property
    def probability(self) -> float:
        """Probability of backtest overfitting: share of combinations with a logit of 0 or less."""
        return float((self.logits <= 0).mean())

    @property
    def probability_of_loss(self) -> float:
        """Share of combinations in which the chosen trial loses money out of sample."""
        return float((self.out_of_sample < 0).mean())

    @property
    def degradation(self) -> float:
        """Slope of the Sharpe ratio out of sample over the one in sample, by least squares."""
        gap = self.in_sample - self.in_sample.mean()
        spread = float(gap @ gap)
        return float(gap @ self.out_of_sample / spread) if spread > 0 else float("nan")


def probability_of_backtest_overfitting(
    returns: pd.DataFrame | Array, *, n_blocks: int = 16
) -> BacktestOverfitting:
    r"""Choose the best trial on half of the blocks of time, and rank it on the other half.

    Days are cut into S blocks in their order. For each of the :math:`\binom{S}{S/2}` halves, the
    trial with the highest Sharpe ratio is chosen, and its rank among the N trials on the other half
    gives :math:`\omega = rank / (N + 1)` and the logit :math:`\ln(\omega / (1 - \omega))`; ties
    share their mean rank. Means and variances of a half are sums over its blocks, so that all of
    them are two matrix products.

    Args:
        returns: Returns after costs of each trial, shape (steps, trials). Steps that do not fill
            the last block are left out.
        n_blocks: Number of blocks S, even, at most 20.

    Returns:
        What became of the choice in each combination.

    Raises:
        ConfigError: The number of blocks is odd or out of range.
        DataError: There are fewer than two trials or two steps a block, or a return is not finite.

    Example:
        >>> noise = np.random.default_rng(0).standard_normal((2000, 500))
        >>> round(probability_of_backtest_overfitting(noise).probability, 8)
        0.31686092

    References:
        Bailey, Borwein, Lopez de Prado and Zhu (2017), The probability of backtest overfitting,
        Journal of Computational Finance 20(4), algorithm 2.3. https://doi.org/10.21314/JCF.2016.322
    """
    if n_blocks % 2 or not 2 <= n_blocks <= _MOST_BLOCKS:
        raise ConfigError(
            f"n_blocks: expected an even number from 2 to {_MOST_BLOCKS}, found {n_blocks!r}"
        )
    values = read_trials(returns, least=2, steps=2 * n_blocks)
    halves = _Halves.of(values, n_blocks)
    found = [halves.choose(start) for start in range(0, len(halves.picks), _ROWS)]
    ranks, inside, outside = (np.concatenate(part) for part in zip(*found, strict=True))
    share = ranks / (values.shape[1] + 1)
    return BacktestOverfitting(
        logits=np.log(share / (1 - share)),
        in_sample=inside,
        out_of_sample=outside,
        n_trials=values.shape[1],
        n_blocks=n_blocks,
    )


@dataclass(frozen=True, eq=False)
class _Halves:
    """Sums over blocks, per step of a half, and which blocks each combination picks."""

    picks: FloatArray
    sums: FloatArray
    squares: FloatArray
    floor: FloatArray
    n_steps: int

    @classmethod
    def of(cls, values: FloatArray, n_blocks: int) -> "_Halves":
        length = len(values) // n_blocks
        blocks = values[: n_blocks * length].reshape(n_blocks, length, -1)
        n_steps = length * n_blocks // 2
        squares = np.square(blocks).sum(axis=1) / n_steps
        return cls(
            picks=_pick_halves(n_blocks),
            sums=blocks.sum(axis=1) / n_steps,
            squares=squares,
            # Below this, a variance that was found as a difference is rounding.
            floor=1e-14 * squares.sum(axis=0) + np.finfo(np.float64).tiny,
            n_steps=n_steps,
        )

    def choose(self, start: int) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Give rank, in-sample and out-of-sample ratio of the best of some combinations."""
        picks = self.picks[start : start + _ROWS]
        inside, outside = self._ratios(picks), self._ratios(1 - picks)
        rows = np.arange(len(picks))
        best = inside.argmax(axis=1)
        reached = outside[rows, best]
        below = (outside < reached[:, None]).sum(axis=1)
        upto = (outside <= reached[:, None]).sum(axis=1)
        unbiased = np.sqrt((self.n_steps - 1) / self.n_steps)
        return (below + upto + 1) / 2, inside[rows, best] * unbiased, reached * unbiased

    def _ratios(self, picks: FloatArray) -> FloatArray:
        mean = picks @ self.sums
        variance = picks @ self.squares
        variance -= np.square(mean)
        np.maximum(variance, self.floor, out=variance)
        np.sqrt(variance, out=variance)
        mean /= variance
        return mean


def _pick_halves(n_blocks: int) -> FloatArray:
    chosen = np.array(list(combinations(range(n_blocks), n_blocks // 2)))
    picks = np.zeros((len(chosen), n_blocks))
    np.put_along_axis(picks, chosen, 1.0, axis=1)
    return picks
