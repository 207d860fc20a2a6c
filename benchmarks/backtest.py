"""Paths per CPU-second of the backtest engine beside a plain loop and other libraries.

1,000 paths x 252 days x 20 assets, rebalanced every 21 days, 5 basis points, one thread; first
calls (compilation) left out. "Time first" is the same input with (steps, paths, assets) in memory,
which the engine reads without a transposition. Peers that are not installed are named as such.
"""

import time
from importlib.metadata import PackageNotFoundError, version

import numpy as np
import pandas as pd
import torch
from measure import spread, table
from peers import COSTS, bt_final, market, ours, vectorbt_final

from scenara.finance.portfolio import Momentum, backtest, summarise

N_PATHS, FEW, EVERY = 1_000, 20, 21


def plain_numpy(returns):
    """Hold equal weights day by day, all paths at once, as one would write it first."""
    n_paths, n_steps, n_assets = returns.shape
    targets = np.full(n_assets, 1 / n_assets, returns.dtype)
    wealth = np.ones((n_paths, n_steps + 1), returns.dtype)
    holdings = np.zeros((n_paths, n_assets), returns.dtype)
    for step in range(n_steps):
        if step % EVERY == 0:
            before = wealth[:, step]
            left = before - COSTS * np.abs(targets * before[:, None] - holdings).sum(axis=1)
            holdings = left[:, None] * targets
        holdings *= 1 + returns[:, step]
        wealth[:, step + 1] = holdings.sum(axis=1)
    return wealth


def skfolio_walk_forward(returns):
    """Predict equal weights by skfolio's walk-forward, which takes no costs."""
    from skfolio.model_selection import WalkForward, cross_val_predict
    from skfolio.optimization import EqualWeighted

    for path in returns:
        frame = pd.DataFrame(path, index=pd.bdate_range("2020-01-01", periods=len(path)))
        folds = WalkForward(train_size=EVERY, test_size=EVERY)
        cross_val_predict(EqualWeighted(), frame, cv=folds)


def rates(run, n_paths, *, repeats=7, calls=3):
    """Give paths per CPU-second of some repetitions, by a clock finer than that of os.times."""
    run()
    found = []
    for _ in range(repeats):
        start = time.process_time()
        for _ in range(calls):
            run()
        found.append(calls * n_paths / (time.process_time() - start))
    return spread(found, 0)


def own_rates(dtype):
    """Give the figures of the engine and of the plain loop."""
    paths = market(N_PATHS).astype(dtype)
    time_first = np.ascontiguousarray(paths.transpose(1, 0, 2)).transpose(1, 0, 2)
    outcome = backtest(paths, "equal-weight", rebalance=EVERY, costs=COSTS)

    def engine(returns, strategy):
        return lambda: backtest(returns, strategy, rebalance=EVERY, costs=COSTS)

    runs = {
        "equal weight": engine(paths, "equal-weight"),
        "equal weight, time first": engine(time_first, "equal-weight"),
        "minimum variance (63 days, shrunk)": engine(paths, "minimum-variance"),
        "momentum (63 days)": engine(paths, Momentum(lookback=63)),
        "summary table": lambda: summarise(outcome),
    }
    found = {f"scenara, {name}, {dtype}": rates(run, N_PATHS) for name, run in runs.items()}
    return found | {f"plain numpy loop, {dtype}": rates(lambda: plain_numpy(paths), N_PATHS)}


def peer_rates():
    """Give the figures of the peers that are installed, and name those that are not."""
    returns = market(N_PATHS)
    mine, few = ours("equal-weight", returns), ours("equal-weight", returns[:FEW])
    runs = {
        "vectorbt": (lambda: vectorbt_final(returns, mine), N_PATHS),
        "bt": (lambda: bt_final(returns[:FEW], few), FEW),
        "skfolio": (lambda: skfolio_walk_forward(returns[:FEW]), FEW),
    }
    found = {}
    for peer, (run, n_paths) in runs.items():
        try:
            name = f"{peer} {version(peer)}, equal weight"
        except PackageNotFoundError:
            found[peer] = "not installed, left out"
            continue
        found[name] = rates(run, n_paths, repeats=3, calls=1)
    return found


def main():
    torch.set_num_threads(1)
    found = own_rates("float32") | own_rates("float64") | peer_rates()
    rows = [{"backtest": name, "paths per CPU s": figure} for name, figure in found.items()]
    return table(f"Backtest: {N_PATHS:,} x 252 x 20, traded every {EVERY} days, 5 bp", rows)


if __name__ == "__main__":
    print(main())
