"""The same backtest in vectorbt and bt, for speed and for agreement.

Run as a script where both are installed (pip install 'scenara[bench]'), it writes the final wealth
that they find on the market of ``market`` to tests/finance/portfolio/peers.json.
"""

import argparse
import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from scenara.finance.portfolio import backtest

FIXTURE = Path(__file__).parents[1] / "tests" / "finance" / "portfolio" / "peers.json"
COSTS = 0.0005


def market(n_paths=200, n_steps=252, n_assets=20):
    """Give returns with a common part and heavy tails, the same in every run."""
    rng = np.random.default_rng(0)
    common = 0.01 * rng.standard_t(5, (n_paths, n_steps, 1))
    return 0.0004 + common + 0.015 * rng.standard_t(5, (n_paths, n_steps, n_assets))


def prices(returns):
    """Give price frames of (steps + 1) rows and (paths x assets) columns, starting at 100."""
    n_paths, n_steps, n_assets = returns.shape
    index = pd.bdate_range("2020-01-01", periods=n_steps + 1)
    level = 100 * np.cumprod(np.insert(1 + returns, 0, 1.0, axis=1), axis=1)
    columns = pd.MultiIndex.from_product([range(n_paths), range(n_assets)], names=["path", "asset"])
    return pd.DataFrame(level.transpose(1, 0, 2).reshape(n_steps + 1, -1), index, columns)


def vectorbt_final(returns, outcome, *, costs=COSTS, amounts=False):
    """Give final wealth of each path, with the targets of our backtest or exactly its orders."""
    import vectorbt

    close = prices(returns)
    size = np.full(close.shape, np.nan)
    targets = outcome.weights
    if amounts:
        left = outcome.wealth[:, outcome.steps] - outcome.costs
        targets = targets * left[:, :, None]
    size[outcome.steps] = targets.transpose(1, 0, 2).reshape(len(outcome.steps), -1)
    if amounts:
        size *= 1e6 / close
    portfolio = vectorbt.Portfolio.from_orders(
        close,
        size=size,
        size_type="targetamount" if amounts else "targetpercent",
        group_by="path",
        cash_sharing=True,
        call_seq="auto",
        fees=costs,
        init_cash=1e6,
        freq="1D",
    )
    return np.atleast_1d(portfolio.final_value()) / 1e6


def bt_final(returns, outcome, *, costs=COSTS):
    """Give final wealth of each path, with the targets of our backtest."""
    paths = range(len(returns))
    return np.array(
        [_bt_path(returns[[i]], outcome.weights[i], outcome.steps, costs) for i in paths]
    )


def _bt_path(returns, weights, steps, costs):
    import bt

    close = prices(returns)[0]
    close.columns = [f"a{i}" for i in close.columns]
    targets = pd.DataFrame(weights, close.index[steps], close.columns)
    algos = [
        bt.algos.RunOnDate(*targets.index),
        bt.algos.SelectAll(),
        bt.algos.WeighTarget(targets),
        bt.algos.Rebalance(),
    ]
    test = bt.Backtest(
        bt.Strategy("peer", algos),
        close,
        initial_capital=1e6,
        commissions=lambda quantity, price: abs(quantity) * price * costs,
        integer_positions=False,
        progress_bar=False,
    )
    bt.run(test)
    return test.strategy.values.iloc[-1] / 1e6


def ours(name, returns):
    """Give our backtest, whose weights the peers are given."""
    return backtest(returns, name, rebalance=21, costs=COSTS)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=FIXTURE)
    out = parser.parse_args().out
    returns, found = market(), {}
    for name in ("equal-weight", "minimum-variance"):
        mine, few = ours(name, returns), ours(name, returns[:20])
        peers = {
            "vectorbt": vectorbt_final(returns, mine),
            "vectorbt, same orders": vectorbt_final(returns[:20], few, amounts=True),
            "bt": bt_final(returns[:20], few),
        }
        for peer, final in peers.items():
            error = final / mine.wealth[: len(final), -1] - 1
            print(f"{name}, {peer}: mean {error.mean():.1e}, largest {abs(error).max():.1e}")
        found[name] = {
            peer: {"mean": final.mean(), "first": final[:5].tolist(), "n_paths": len(final)}
            for peer, final in peers.items()
        }
    versions = {package: version(package) for package in ("vectorbt", "bt")}
    out.write_text(json.dumps({"versions": versions, "final_wealth": found}, indent=2) + "\n")


if __name__ == "__main__":
    main()
