"""How good forecasts of the coming days are, beside GARCH, HAR and the bootstrap: sp500."""

import argparse

from measure import circumstances, cpu_seconds, table

from scenara.finance.market import log_returns
from scenara.finance.market.forecasts import (
    GarchForecaster,
    HarForecaster,
    Origins,
    QuantileForecaster,
    Quantities,
    WorldForecaster,
    augmented_forecasts,
    compare,
    coverage,
    roll,
)
from scenara.shared.data.samples import load_sample

ASSETS = ("AAPL", "JPM", "KO", "WMT", "XOM")
REFERENCE = "GARCH"
TREES, REPEATS, WORLDS = "trees", "trees + repeats", "trees + worlds"


def models(quantities, family):
    ours = WorldForecaster(quantities, family=family)
    return {
        f"worlds ({family})": ours,
        REFERENCE: GarchForecaster(quantities),
        "HAR, absolute returns": HarForecaster(quantities),
        "bootstrap": WorldForecaster(quantities, family="series/bootstrap"),
        TREES: QuantileForecaster(quantities),
        REPEATS: QuantileForecaster(quantities, extra="repeats"),
        WORLDS: QuantileForecaster(quantities, extra="worlds", source=ours),
    }


def cell(row):
    mark = " [set]" if row["in_set"] else ""
    return f"{row['against']:.3f}{row['stars']}{mark}"


def score_table(compared, score, group):
    chosen = compared[(compared["score"] == score) & (compared["group"] == group)]
    rows = []
    for model in dict.fromkeys(chosen["model"]):
        own = chosen[chosen["model"] == model]
        found = {f"{row.quantity} {row.days} d": cell(row._asdict()) for row in own.itertuples()}
        rows.append({"model": model, **found})
    how = "nats above" if score == "log" else "ratio to"
    return table(f"{score}, {group}: {how} {REFERENCE}; stars: Diebold-Mariano", rows)


def coverage_table(scores, quantities):
    shares = coverage(scores, quantities).groupby(["model", "quantity", "days"], sort=False)
    found = shares[[0.5, 0.8, 0.95]].mean().reset_index()
    found.columns = [str(name) for name in found.columns]
    return table("Share within the middle of the forecast", found.round(3).to_dict("records"))


def main(family="series/fhs", every=2, refit_every=126, n_draws=500):
    returns = log_returns(load_sample("sp500"))
    first = int((returns.index < "2015-01-01").sum()) - 1
    quantities = Quantities(ASSETS)
    origins = Origins(first, refit_every=refit_every, every=every)
    scores, seconds = {}, []
    for name, model in models(quantities, family).items():
        start = cpu_seconds()
        scores[name] = roll(returns, model, origins=origins, n_draws=n_draws)
        seconds.append({"model": name, "CPU s": f"{cpu_seconds() - start:.0f}"})
    compared = compare(scores, quantities, reference=REFERENCE, every=every)
    pages = [
        score_table(compared, score, group)
        for score in ("crps", "log", "quantile", "energy")
        for group in ("portfolio", "assets")
        if score != "energy" or group == "assets"
    ]
    judged = augmented_forecasts(
        scores, alone=TREES, augmented=WORLDS, repeated=REPEATS, block=63 // every
    )
    gains = {
        "over real days": judged.gain,
        "over repeated days": judged.gain_over_repeats,
        "of repeated days": judged.gain_of_repeats,
    }
    lines = [
        {"gain": name, "share of CRPS": f"{g.mean:+.4f} ({g.low:+.4f} to {g.high:+.4f})"}
        for name, g in gains.items()
    ]
    title = f"Worlds added to real days: {judged.verdict} ({judged.gain.n_splits} quarters)"
    days = origins.days(returns, quantities)
    head = (
        f"## Forecasts\n\n{circumstances('arch', 'lightgbm')}. {len(days)} forecasts, "
        f"{days[0]:%Y-%m-%d} to {days[-1]:%Y-%m-%d}, every {every} days, fitted anew each "
        f"{refit_every} days. Equal weight of 20 stocks, and {', '.join(ASSETS)}.\n"
    )
    return "\n".join([head, *pages, coverage_table(scores, quantities), table(title, lines),
                      table("Cost", seconds)])  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--family", default="series/fhs")
    parser.add_argument("--every", type=int, default=2)
    parser.add_argument("--refit-every", type=int, default=126)
    given = parser.parse_args()
    print(main(given.family, given.every, given.refit_every))
