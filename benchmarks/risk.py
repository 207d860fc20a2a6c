"""Rolling one-day VaR and ES of equal weight and of single names, models side by side."""

import numpy as np
import pandas as pd
from measure import table

from scenara.finance.market import log_returns
from scenara.finance.market.risk import (
    EwmaFiltered,
    Garch,
    Memory,
    default_models,
    rolling_risk,
)
from scenara.shared.data.samples import load_sample

START = "2015-01-01"
CHOSEN_FROM = "2000-01-01"
"""The tail of the memory model was chosen on the years from here to START alone."""


def figures(found):
    rows = []
    for model, part in found.groupby(level="model", sort=False):
        row = {"model": model}
        for (_, tail), line in part.iterrows():
            name = f"{100 * tail:g} %"
            row[f"{name} hits"] = f"{line['hits']} ({line['expected']:.0f})"
            row[f"{name} Kupiec/Christoffersen p"] = (
                f"{line['kupiec']:.3f}/{line['christoffersen']:.3f}"
            )
            row[f"{name} FZ0"] = f"{line['fz0']:.3f}"
            row[f"{name} ES ratio"] = f"{line['es_ratio']:.2f}"
        rows.append(row)
    return rows


def single_names(returns):
    models = {
        "EWMA FHS": EwmaFiltered(),
        "GJR FHS": Garch(leverage=True, filtered=True),
        "memory": Memory(),
    }
    found = []
    for place in range(returns.shape[1]):
        weights = np.eye(returns.shape[1])[place]
        found.append(rolling_risk(returns, weights, start=START, models=models).table())
    every = pd.concat(found).xs(0.01, level="tail")
    return [
        {
            "model": model,
            "Kupiec above .05": f"{(part['kupiec'] > 0.05).sum()} of {len(part)}",
            "Christoffersen above .05": f"{(part['christoffersen'] > 0.05).sum()} of {len(part)}",
            "mean FZ0, 1 %": f"{part['fz0'].mean():.3f}",
        }
        for model, part in every.groupby(level="model", sort=False)
    ]


def main():
    returns = log_returns(load_sample("sp500"))
    weights = np.full(returns.shape[1], 1 / returns.shape[1])
    run = rolling_risk(returns, weights, start=START)
    print(table("Risk: one day, equal weight, 2015 to 2022", figures(run.table())))
    models = {name: default_models()[name] for name in ("GJR FHS", "memory")}
    chosen = rolling_risk(returns[:START], weights, start=CHOSEN_FROM, models=models)
    print(
        table(
            "Risk: the years on which the tail of memory was chosen, 2000 to 2014",
            figures(chosen.table()),
        )
    )
    print(table("Risk: twenty single names, 2015 to 2022", single_names(returns)))


if __name__ == "__main__":
    main()
