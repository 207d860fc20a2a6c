"""What is luck: error rates where nothing can be earned, power where something can, and CPU seconds.

    python luck.py            everything: about five minutes of one core

Worlds are those of filtered historical simulation, learned from the S&P 500 stocks of the sample.
"""

import sys

import numpy as np
from measure import spread, table, timed

from scenara.finance.market import log_returns
from scenara.finance.portfolio import Momentum
from scenara.finance.portfolio.luck import (
    false_discovery_rate,
    luck_verdict,
    mirrored_days_test,
    power,
    probability_of_backtest_overfitting,
    superior_predictive_ability,
)
from scenara.shared.data.samples import load_sample
from scenara.shared.generators import make

YEAR, POOL, N_POOLS, N_HONEST = 252, 500, 30, 20
SEEDS = (0, 1, 2)
LEVELS = (0.01, 0.05, 0.1)
LOOKBACKS = (5, 10, 21, 42, 63, 84, 126, 189, 252)


def _clustered(rng, n_days):
    """Give the volatility of each day: a slow lognormal walk around one per cent."""
    walk = np.zeros(n_days)
    for day in range(1, n_days):
        walk[day] = 0.97 * walk[day - 1] + 0.12 * rng.standard_normal()
    return 0.01 * np.exp(walk)


def pool(rng, n_trials, years, *, clustered=True, sharpe=0.0):
    """Give daily returns of trials with fat tails, correlation .2, and an edge for the first."""
    n_days = YEAR * years
    common, own = (rng.standard_t(5, (n_days, n)) for n in (1, n_trials))
    noise = (np.sqrt(0.2) * common + np.sqrt(0.8) * own) / np.sqrt(5 / 3)
    scale = _clustered(rng, n_days)[:, None] if clustered else 0.01
    returns = noise * scale
    returns[:, 0] += sharpe / np.sqrt(YEAR) * returns[:, 0].std()
    return returns


def verdict_rows():
    """Count the verdicts on the luckiest of noise, and on strategies that are honest."""
    rows = []
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        lucky = [luck_verdict(pool(rng, POOL, 10)) for _ in range(N_POOLS)]
        plain = [luck_verdict(pool(rng, POOL, 10, clustered=False)) for _ in range(N_POOLS)]
        alone = [luck_verdict(pool(rng, 1, 10, sharpe=1.5)) for _ in range(N_HONEST)]
        among = [luck_verdict(pool(rng, POOL, 10, sharpe=2.5)) for _ in range(N_HONEST)]
        rows.append(
            {
                "seed": seed,
                f"luckiest of {POOL}, clustered": f"{_luck(lucky)} of {N_POOLS}",
                f"luckiest of {POOL}, even": f"{_luck(plain)} of {N_POOLS}",
                "honest, Sharpe 1.5, alone": f"{_luck(alone)} of {N_HONEST}",
                f"honest, Sharpe 2.5, among {POOL}": f"{_luck(among)} of {N_HONEST}",
                "Sharpe of the luckiest": spread([verdict.sharpe for verdict in lucky]),
            }
        )
    return rows


def _luck(verdicts):
    return sum(verdict.is_luck for verdict in verdicts)


def worlds(n_paths, years, *, n_assets, seed):
    """Simulate daily simple returns of the first assets of the sample."""
    returns = log_returns(load_sample("sp500")).iloc[:, :n_assets]
    generator = make("series/fhs").fit(returns)
    return np.expm1(generator.sample(n_paths, horizon=YEAR * years, random_state=seed))


def strategies():
    return [
        Momentum(lookback=63, short=True),
        "equal-weight",
        *(Momentum(lookback=n) for n in LOOKBACKS),
        *(Momentum(lookback=n, short=True) for n in LOOKBACKS if n != 63),
    ]


def error_rows(n_paths=1_000, years=5):
    """Count false claims of skill in worlds without any edge."""
    made = worlds(n_paths, years, n_assets=8, seed=0)
    cases = {"1 (momentum)": strategies()[:1], "19": strategies()}
    rows = []
    for name, tried in cases.items():
        for rate in false_discovery_rate(tried, made, levels=LEVELS):
            rows.append(
                {
                    "strategies": name,
                    "test": rate.test,
                    "level": f"{rate.level:.0%}",
                    "false claims": f"{rate.share:.1%} ({rate.low:.1%} to {rate.high:.1%})",
                    "keeps its level": "yes" if rate.keeps_level else "NO",
                }
            )
    return rows


def power_rows(n_paths=300):
    """Count true claims of skill where one of the strategies has an edge."""
    made = worlds(n_paths, 20, n_assets=5, seed=1)
    rows = []
    for n_tried in (1, 19):
        for sharpe in (0.5, 1.0, 1.5, 2.0):
            row = {"strategies tried": n_tried, "true Sharpe": sharpe}
            for years in (5, 10, 20):
                found = power(
                    strategies()[:n_tried], made[:, : YEAR * years], sharpe=sharpe, random_state=0
                )
                rate = next(rate for rate in found if rate.test == "verdict on luck")
                row[f"{years} years"] = f"{rate.share:.0%} ({rate.low:.0%} to {rate.high:.0%})"
            rows.append(row)
            print(row, file=sys.stderr, flush=True)
    return rows


def cost_rows():
    """Measure CPU seconds on 2,000 days x 500 trials."""
    noise = np.random.default_rng(0).standard_normal((2000, POOL))
    found = probability_of_backtest_overfitting(noise).probability
    runs = {
        f"PBO, 16 blocks (found {found:.8f})": lambda: probability_of_backtest_overfitting(noise),
        "SPA, 1,000 draws": lambda: superior_predictive_ability(noise),
        "mirrored days, 999 draws": lambda: mirrored_days_test(noise),
        "verdict, all of it": lambda: luck_verdict(noise),
    }
    return [{"what": name, "CPU s": spread(timed(run), 3)} for name, run in runs.items()]


def main():
    return "\n".join(
        [
            table("What is luck: CPU seconds, 2,000 days x 500 strategies", cost_rows()),
            table("What is luck: called luck, ten years, level 5 %", verdict_rows()),
            table("What is luck: false claims where nothing can be earned", error_rows()),
            table("What is luck: power of the verdict at 5 %", power_rows()),
        ]
    )


if __name__ == "__main__":
    print(main())
