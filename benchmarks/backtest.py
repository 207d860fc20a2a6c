"""Paths per CPU-second of the backtest engine beside a plain loop and other libraries.

1,000 paths x 252 days x 20 assets, rebalanced every 21 days, 5 basis points, one thread; first
calls (compilation) left out. "Time first" is the same input with (steps, paths, assets) in memory,
which the engine reads without a transposition. "One pass" is the sum of all returns: what reading
them from memory costs alone, measured between the repetitions. Peers that are not installed are
named as such. A process of its own generates, backtests and summarises 100,000 paths in shards.
"""

import json
import subprocess
import sys
import time
from importlib.metadata import PackageNotFoundError, version

import numpy as np
import pandas as pd
import torch
from measure import cpu_seconds, peak_megabytes, spread, table
from peers import COSTS, FIXTURE, bt_final, market, ours, vectorbt_final

from scenara.finance.market import log_returns
from scenara.finance.portfolio import Account, Band, Momentum, Tax, backtest, summarise
from scenara.shared.data.samples import load_sample
from scenara.shared.generators import make

N_PATHS, FEW, EVERY = 1_000, 20, 21
MANY, SHARD, HORIZON = 100_000, 2_000, 252
TAX = Tax(short_rate=0.35, long_rate=0.15, long_after_steps=126)


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


def rates(runs, n_paths, *, repeats=15, calls=3):
    """Give paths per CPU-second of some calls, by turns, by a clock finer than that of os.times."""
    found = {name: [] for name in runs}
    for i in range(repeats + 1):
        for name, run in runs.items():
            run()
            start = time.process_time()
            for _ in range(calls):
                run()
            if i > 0:
                found[name].append(calls * n_paths / (time.process_time() - start))
    return {name: spread(values, 0) for name, values in found.items()}


def own_rates(dtype):
    """Give the figures of the engine, of the plain loop and of one pass over the returns."""
    paths = market(N_PATHS).astype(dtype)
    time_first = np.ascontiguousarray(paths.transpose(1, 0, 2)).transpose(1, 0, 2)
    everything = torch.from_numpy(time_first)
    outcome = backtest(paths, "equal-weight", rebalance=EVERY, costs=COSTS)

    def engine(returns, strategy, **options):
        settings = {"rebalance": EVERY, "costs": COSTS, **options}
        return lambda: backtest(returns, strategy, **settings)

    account, taxed = Account(cash_rate=0.02), Account(cash_rate=0.02, tax=TAX)
    quick = {
        "one pass over the returns": everything.sum,
        "scenara, equal weight, time first": engine(time_first, "equal-weight"),
        "scenara, equal weight": engine(paths, "equal-weight"),
        "scenara, summary table": lambda: summarise(outcome),
        "plain numpy loop": lambda: plain_numpy(paths),
    }
    slow = {
        "scenara, minimum variance (63 days, shrunk)": engine(time_first, "minimum-variance"),
        "scenara, momentum (63 days)": engine(time_first, Momentum(lookback=63)),
        "scenara, ledger with interest": engine(time_first, "equal-weight", account=account),
        "scenara, ledger with taxes by lots": engine(time_first, "equal-weight", account=taxed),
        "scenara, ledger, 2 % bands looked at each week": engine(
            time_first, "equal-weight", account=account, rebalance=Band(0.02, every=5)
        ),
        "scenara, ledger, the same with taxes by lots": engine(
            time_first, "equal-weight", account=taxed, rebalance=Band(0.02, every=5)
        ),
    }
    found = rates(quick, N_PATHS) | rates(slow, N_PATHS, repeats=5, calls=1)
    return {f"{name}, {dtype}": figure for name, figure in found.items()}


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
        found |= rates({name: run}, n_paths, repeats=2, calls=1)
    return found


def agreement():
    """Compare mean final wealth with what the peers found on the same paths."""
    stored = json.loads(FIXTURE.read_text())["final_wealth"]
    rows = []
    for name, peers in stored.items():
        mine = ours(name, market())
        for peer, theirs in peers.items():
            mean = mine.wealth[: theirs["n_paths"], -1].mean()
            rows.append(
                {
                    "strategy": name,
                    "peer": peer,
                    "paths": theirs["n_paths"],
                    "mean final wealth, scenara": f"{mean:.7f}",
                    "peer's": f"{theirs['mean']:.7f}",
                    "difference": f"{mean / theirs['mean'] - 1:.1e}",
                }
            )
    return rows


def many(family):
    """Generate, backtest and summarise in shards; give what it cost and what came out."""
    generator = make(family).fit(log_returns(load_sample("sp500"))[:"2014"])
    tables = []
    for shard in range(MANY // SHARD):
        paths = np.expm1(generator.sample(SHARD, horizon=HORIZON, random_state=shard))
        tables.append(summarise(backtest(paths, "equal-weight", rebalance=EVERY, costs=COSTS)))
    middle = pd.concat(tables)["final_wealth"].median()
    return {
        "family": f"`{family}`",
        "CPU s, start and fit included": f"{cpu_seconds():.1f}",
        "peak RSS MB": f"{peak_megabytes():.0f}",
        "median final wealth": f"{middle:.4f}",
    }


def many_apart(family):
    """Do so in a process of its own, whose memory is measured."""
    command = [sys.executable, __file__, family]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def main():
    torch.set_num_threads(1)
    found = own_rates("float32") | own_rates("float64") | peer_rates()
    rows = [{"backtest": name, "paths per CPU s": figure} for name, figure in found.items()]
    shards = [many_apart(family) for family in ("series/bootstrap", "series/hybrid")]
    return "\n".join(
        [
            table(f"Backtest: {N_PATHS:,} x 252 x 20, traded every {EVERY} days, 5 bp", rows),
            table("Backtest: agreement with peers on the same paths", agreement()),
            table(f"Backtest: {MANY:,} paths generated, run and summarised", shards),
        ]
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        torch.set_num_threads(1)
        print(json.dumps(many(sys.argv[1])))
    else:
        print(main())
