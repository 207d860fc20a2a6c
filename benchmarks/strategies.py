"""CPU seconds of every strategy over 1,000 worlds of 252 days and 20 assets.

Worlds are stationary bootstraps of 20 large US shares, 504 days long: the first 252 are the past
that strategies estimate from. Trades every 21 days at 5 basis points, float64, one thread, defaults
of each strategy; each is run once after a warm-up on a few paths. What calls another library path
by path is run on few paths and scaled up, which the row says. "HiGHS" solves the linear programmes
of the tail as scipy has them, one at a time.
"""

import sys
import time

import numpy as np
import torch
from measure import table
from scipy.optimize import linprog

from scenara.finance.market import log_returns
from scenara.finance.portfolio import STRATEGIES, backtest, make_strategy
from scenara.finance.portfolio.strategies import MinimumCVaR, OptimiserStrategy, State
from scenara.shared.data.samples import load_sample
from scenara.shared.generators import make

N_PATHS, N_DAYS, FEW, EVERY, COSTS = 1_000, 252, 10, 21, 0.0005
N_TRADES = N_DAYS // EVERY
TEN = ["AAPL", "AMD", "BAC", "BBY", "CVX", "GE", "HD", "JNJ", "JPM", "KO"]
SETTINGS = {
    "60-40": {"equities": TEN, "bonds": ["XOM"]},
    "mix": {"targets": {"AAPL": 0.6, "XOM": 0.4}},
    "black-litterman": {"views": ["AAPL - XOM = 0.02"]},
    "volatility-target": {"strategy": "momentum"},
}


def worlds():
    """Give simple returns, and the names of the assets."""
    days = log_returns(load_sample("sp500"))
    generator = make("series/bootstrap").fit(days)
    paths = generator.sample(N_PATHS, horizon=2 * N_DAYS, random_state=0)
    return np.expm1(paths), [str(name) for name in days]


def cpu_of(strategy, returns, names):
    """Time one backtest."""
    start = time.process_time()
    outcome = backtest(
        returns[:, N_DAYS:],
        strategy,
        history=returns[:, :N_DAYS],
        assets=names,
        rebalance=EVERY,
        costs=COSTS,
    )
    return time.process_time() - start, float(np.median(outcome.wealth[:, -1]))


def row(name, seconds, n_paths, wealth=None):
    """Write what one strategy took."""
    scaled = seconds * N_PATHS / n_paths
    return {
        "strategy": name,
        "paths run": f"{n_paths:,}",
        "CPU s for 1,000 paths": f"{scaled:,.2f}",
        "ms a path and trade": f"{1000 * scaled / N_PATHS / N_TRADES:.3f}",
        "median final wealth": "" if wealth is None else f"{wealth:.3f}",
    }


def highs(returns):
    """Solve the tail's programme of some windows by HiGHS."""
    n_steps, n_assets = returns.shape[1:]
    costs = np.r_[np.zeros(n_assets), 1, np.full(n_steps, 1 / (0.05 * n_steps))]
    limits = [(0, 1)] * n_assets + [(None, None)] + [(0, None)] * n_steps
    total = [np.r_[np.ones(n_assets), np.zeros(1 + n_steps)]]
    start = time.process_time()
    for path in returns:
        rows = np.c_[-path, -np.ones(n_steps), -np.eye(n_steps)]
        linprog(costs, A_ub=rows, b_ub=np.zeros(n_steps), A_eq=total, b_eq=[1], bounds=limits)
    return time.process_time() - start


def main():
    """Print one table."""
    torch.set_num_threads(1)
    returns, names = worlds()
    rows = []
    for name in STRATEGIES:
        strategy = make_strategy(name, **SETTINGS.get(name, {}))
        cpu_of(strategy, returns[:FEW], names)
        seconds, wealth = cpu_of(strategy, returns, names)
        rows.append(row(name, seconds, N_PATHS, wealth))
        print(rows[-1], file=sys.stderr, flush=True)
    from skfolio import RiskMeasure
    from skfolio.optimization import HierarchicalRiskParity, MeanRisk, RiskBudgeting

    for label, optimiser in (
        ("skfolio MeanRisk(), plugged in", MeanRisk()),
        ("skfolio MeanRisk(CVAR), plugged in", MeanRisk(risk_measure=RiskMeasure.CVAR)),
        ("skfolio RiskBudgeting(), plugged in", RiskBudgeting()),
        ("skfolio HierarchicalRiskParity(), plugged in", HierarchicalRiskParity()),
    ):
        seconds, wealth = cpu_of(OptimiserStrategy(optimiser), returns[:FEW], names)
        rows.append(row(label, seconds, FEW))
    windows = returns[: 12 * FEW, :N_DAYS]
    rows.append(row("tail by HiGHS, programmes alone", highs(windows), len(windows) // N_TRADES))
    past = torch.from_numpy(windows.transpose(1, 0, 2).copy())
    start = time.process_time()
    MinimumCVaR().weights(past, State())
    seconds = time.process_time() - start
    rows.append(row("the same by ours, together", seconds, len(windows) // N_TRADES))
    print(table("Strategies over 1,000 worlds", rows))


if __name__ == "__main__":
    main()
