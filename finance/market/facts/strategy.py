"""What portfolios and trading rules would have lost: value at risk and expected shortfall."""

from dataclasses import dataclass

import numpy as np

from scenara.finance.market.facts.panel import QUARTER, Panel
from scenara.shared.evaluation import relative_error
from scenara.shared.types import FloatArray

__all__ = [
    "Strategy",
    "dynamic_profits",
    "static_books",
    "strategy",
    "strategy_distances",
    "tail_risks",
]

TAIL_SHARES = (0.01, 0.05)
PROFIT_DAYS = 10
REVERSAL_DAYS = 5
MONTH = 21
N_RANDOM_BOOKS = 10
N_RULES = 5
BOOK_SEED = 12345
TARGET_VOLATILITY = 0.01
MOST_LEVERAGE = 3.0
SMALLEST = 1e-12
LEAST_VARIANCE = 1e-8
CHUNK = 32


@dataclass(frozen=True)
class Strategy:
    """Hold tail risks of demeaned profits: 1- and 10-day; at 1 and 5 % each.

    Args:
        static: Risks of fixed portfolios, shape ``(2, 4, 22)``: value at risk and expected
            shortfall at 1 %, then at 5 %.
        dynamic: Risks of trading rules, shape ``(2, 4, 5)``.
    """

    static: FloatArray
    dynamic: FloatArray


def strategy(panel: Panel, covariance: FloatArray) -> Strategy:
    """Run fixed portfolios and trading rules over the windows, without costs.

    Args:
        panel: Checked windows.
        covariance: Covariance of the real side, shape ``(assets, assets)``.

    Returns:
        The tail risks of their profits.
    """
    books = static_books(covariance)
    static = np.empty((len(books), panel.n_windows, panel.length))
    dynamic = np.empty((N_RULES, panel.n_windows, panel.length - QUARTER))
    for start in range(0, panel.n_windows, CHUNK):
        some = slice(start, start + CHUNK)
        returns = np.expm1(panel.windows[some])
        static[:, some] = (returns @ books.T).transpose(2, 0, 1)
        dynamic[:, some] = dynamic_profits(panel.windows[some], returns).transpose(2, 0, 1)
    return Strategy(_risks(static), _risks(dynamic))


def strategy_distances(real: Strategy, generated: Strategy) -> dict[str, float]:
    """Compare tail risks; see ``MEASURES`` for the meaning of each distance.

    References:
        Cont, Cucuringu, Xu, Zhang (2022), Tail-GAN: learning to simulate tail risk scenarios,
        https://arxiv.org/abs/2203.01664, section 5 (relative error of value at risk and
        expected shortfall over static and dynamic benchmark strategies).
    """
    return {
        "re_stat": relative_error(generated.static, real.static),
        "re_dyn": relative_error(generated.dynamic, real.dynamic),
    }


def static_books(covariance: FloatArray) -> FloatArray:
    """Choose 22 fixed portfolios: equal, inverse volatility, 10 long only, 10 long-short.

    Args:
        covariance: Covariance of returns, shape ``(assets, assets)``.

    Returns:
        Weights, shape ``(22, assets)``; the same for every call of the same covariance.

    Example:
        >>> static_books(np.eye(2)).shape
        (22, 2)
    """
    n_assets = len(covariance)
    rng = np.random.default_rng(BOOK_SEED)
    equal = np.ones(n_assets) / n_assets
    calm = 1 / np.sqrt(np.diag(covariance))
    long_only = rng.dirichlet(np.ones(n_assets), N_RANDOM_BOOKS)
    long_short = rng.standard_normal((N_RANDOM_BOOKS, n_assets))
    long_short -= long_short.mean(axis=1, keepdims=True)
    long_short /= np.abs(long_short).sum(axis=1, keepdims=True)
    return np.vstack([equal, calm / calm.sum(), long_only, long_short])


def dynamic_profits(log_returns: FloatArray, returns: FloatArray) -> FloatArray:
    """Run five trading rules that see returns up to the day before.

    The rules are momentum across assets over a quarter, reversal across assets over a week,
    trend of each asset over a quarter, the equal-weighted basket at constant volatility over a
    month, and inverse variance over a quarter.

    Args:
        log_returns: Daily log returns, shape ``(paths, days, assets)``.
        returns: The same as simple returns.

    Returns:
        Daily profits from the second quarter on, shape ``(paths, days - 63, 5)``.
    """
    log_price = _running_sum(log_returns)
    quarter = _change(log_price, QUARTER)
    traded = returns[:, QUARTER:]
    basket = returns.mean(axis=2)
    volatility = np.sqrt(_change(_running_sum(basket**2), MONTH) / MONTH)
    exposure = np.minimum(TARGET_VOLATILITY / (volatility + SMALLEST), MOST_LEVERAGE)
    variance = _change(_running_sum(returns**2), QUARTER) / QUARTER
    calm = 1 / (variance + LEAST_VARIANCE)
    calm /= calm.sum(axis=2, keepdims=True)
    profits = [
        (_tilt(quarter) * traded).sum(axis=2),
        (_tilt(-_change(log_price, REVERSAL_DAYS)) * traded).sum(axis=2),
        (np.sign(quarter) / returns.shape[2] * traded).sum(axis=2),
        exposure * basket[:, QUARTER:],
        (calm * traded).sum(axis=2),
    ]
    return np.stack(profits, axis=-1)


def tail_risks(profits: FloatArray) -> FloatArray:
    """Read value at risk and expected shortfall at 1 %, then at 5 %.

    Args:
        profits: Profits of one book, shape ``(n,)``.

    Returns:
        Quantile and mean at or below it, for each share, shape ``(4,)``; losses are negative.

    Example:
        >>> tail_risks(np.arange(101.0)).tolist()
        [1.0, 0.5, 5.0, 2.5]
    """
    thresholds = np.quantile(profits, TAIL_SHARES)
    return np.array([f for q in thresholds for f in (q, profits[profits <= q].mean())])


def _running_sum(values: FloatArray) -> FloatArray:
    """Sum all days before each day, shape ``(paths, days + 1, ...)``."""
    sums = np.zeros((values.shape[0], values.shape[1] + 1, *values.shape[2:]))
    np.cumsum(values, axis=1, out=sums[:, 1:])
    return sums


def _change(sums: FloatArray, n_days: int) -> FloatArray:
    """Sum the ``n_days`` before each traded day, from the second quarter on."""
    change: FloatArray = sums[:, QUARTER:-1] - sums[:, QUARTER - n_days : -1 - n_days]
    return change


def _tilt(signal: FloatArray) -> FloatArray:
    """Turn a signal into long and short positions that cancel and add up to one in size."""
    tilt: FloatArray = signal - signal.mean(axis=2, keepdims=True)
    tilt /= np.abs(tilt).sum(axis=2, keepdims=True) + SMALLEST
    return tilt


def _risks(profits: FloatArray) -> FloatArray:
    """Give the tail risks of each book's 1- and 10-day profits, shape ``(2, 4, books)``."""
    risks = np.array([_book_risks(book - book.mean()) for book in profits])
    return risks.transpose(1, 2, 0)


def _book_risks(profits: FloatArray) -> list[FloatArray]:
    n_sums = profits.shape[1] // PROFIT_DAYS
    pieces = profits[:, : n_sums * PROFIT_DAYS].reshape(-1, PROFIT_DAYS)
    # Day by day, in one order: pieces that repeat each other must get the same sum to the bit,
    # for the shortfall counts all profits at or below its threshold.
    sums = np.zeros(len(pieces))
    for day in pieces.T:
        sums += day
    return [tail_risks(profits.ravel()), tail_risks(sums)]
