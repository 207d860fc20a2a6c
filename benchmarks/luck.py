"""What is luck: error rates where nothing can be earned, power where something can, and CPU seconds.

    python luck.py            everything: about eight minutes of one core

Worlds are those of filtered historical simulation, learned from the S&P 500 stocks of the sample.
"""

import sys
import tempfile
from unittest.mock import patch

import numpy as np
import pandas as pd
from measure import cpu_seconds, spread, table, timed

from scenara.finance.market import log_returns
from scenara.finance.market.report import market_report
from scenara.finance.portfolio import (
    FixedWeights,
    FrameStrategy,
    FunctionStrategy,
    Momentum,
    check_look_ahead,
)
from scenara.finance.portfolio.luck import (
    false_discovery_rate,
    luck_verdict,
    mirrored_days_test,
    power,
    probability_of_backtest_overfitting,
    superior_predictive_ability,
)
from scenara.finance.settings import StudySettings
from scenara.finance.study import run_study
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


def markets(n, *, n_days=500, n_assets=20):
    """Give days of markets with a premium, a spread among assets and clustered volatility."""
    for seed in range(n):
        rng = np.random.default_rng(seed)
        moves = 0.7 * rng.standard_t(5, (n_days, 1)) + 0.7 * rng.standard_t(5, (n_days, n_assets))
        drift = 3e-4 + 2e-4 * rng.standard_normal(n_assets)
        values = np.clip(drift + 0.8 * _clustered(rng, n_days)[:, None] * moves, -0.5, 0.5)
        index = pd.bdate_range("2018-01-01", periods=n_days)
        yield rng, pd.DataFrame(values, index, [f"S{i}" for i in range(n_assets)])


def honest(rng, n_assets):
    """Give rules that know nothing but their past, and fixed weights chosen blindly."""
    return {
        "equal weight": "equal-weight",
        "minimum variance": "minimum-variance",
        "momentum": Momentum(lookback=126),
        "momentum, short": Momentum(lookback=63, short=True),
        "yesterday's winners": FunctionStrategy(lambda p: (p[-1] > 0).double() / 20, lookback=1),
        "last month's losers": FunctionStrategy(
            lambda p: (p.sum(0) < 0).double() / 20, lookback=21
        ),
        "six assets": FixedWeights((rng.permutation(n_assets) < 6) / 6),
        "by the month": FunctionStrategy(
            lambda past, state: np.full(n_assets, state.date.month / 12 / n_assets), lookback=1
        ),
    }


def cheats(days):
    """Give rules that know later days, each in its way."""
    n = days.shape[1]
    best = (days.mean().rank() > n - 6).to_numpy() / 6

    def looks_up(past, state):
        later = days.loc[state.date :].iloc[:21].sum()
        return (later > later.median()).to_numpy() / n

    def shifted(returns):
        return (returns.shift(-1).fillna(0) > 0) / n

    def centred(returns):
        return (returns.rolling(11, center=True, min_periods=1).mean() > 0) / n

    return {
        "frame, shift(-1)": FrameStrategy(shifted, lookback=21),
        "frame, centred window": FrameStrategy(centred, lookback=21),
        "looks up the date": FunctionStrategy(looks_up, lookback=1),
        "best six of the whole sample": FunctionStrategy(lambda past: best, lookback=1),
    }


def look_ahead_rows(n_honest=100, n_cheats=10):
    """Count accusations, true and false."""
    accused = {}
    for rng, days in markets(n_honest):
        for name, strategy in honest(rng, days.shape[1]).items():
            accused.setdefault(name, []).append(not check_look_ahead(strategy, days).passed)
    rows = [
        {"rule": name, "honest": "yes", "accused": _of(found)} for name, found in accused.items()
    ]
    caught = {}
    for _, days in markets(n_cheats):
        for name, strategy in cheats(days).items():
            caught.setdefault(name, []).append(not check_look_ahead(strategy, days).passed)
    return rows + [
        {"rule": name, "honest": "no", "accused": _of(found)} for name, found in caught.items()
    ]


def _of(found):
    return f"{sum(found)} of {len(found)}"


def report_rows():
    """Measure the report of 1,000 paths, from arrays to HTML, without tear sheets."""
    jobs = []

    def keep(job):
        jobs.append(job)
        return market_report(job)

    settings = StudySettings(
        sample="sp500",
        until="2014-12-31",
        family="series/bootstrap",
        strategy=("equal-weight,minimum-variance,momentum",),
        tear_sheets=False,
    )
    with (
        tempfile.TemporaryDirectory() as folder,
        patch("scenara.finance.study.market_report", keep),
    ):
        start = cpu_seconds()
        run_study(settings, out=f"{folder}/out", command="benchmark")
        whole = cpu_seconds() - start
    pages = []
    seconds = timed(lambda: pages.append(market_report(jobs[0]).html()))
    return [
        {
            "report": "1,000 paths x 252 days x 20 assets, three strategies",
            "CPU s": spread(seconds),
            "MB": f"{len(pages[0].encode()) / 1e6:.2f}",
            "CPU s of the whole command": f"{whole:.1f}",
        }
    ]


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
            table("Look-ahead: accusations, 500 days x 20 assets", look_ahead_rows()),
            table("Outcome report without tear sheets", report_rows()),
        ]
    )


if __name__ == "__main__":
    print(main())
