"""Worlds under stress: how often they hit what was asked, what they are worth, what they cost.

    stress.py [FAMILY...]

Each request is for 1,000 paths of 63 days of the 20 stocks of sp500, from a fit to the end of
2014: an equal-weight return of -20 %, an annualised volatility of 45 %, a mean correlation of .65,
alone and all at once.
"""

import sys

import numpy as np
from measure import cpu_seconds, table

from scenara.finance.market import log_returns
from scenara.finance.market.scenarios import AllOf, PathEvent
from scenara.shared.data.samples import load_sample
from scenara.shared.errors import DataError
from scenara.shared.generators import make

FAMILIES = ("series/bootstrap", "series/fhs", "series/dcc", "series/diffusion", "series/hybrid")
N_PATHS, HORIZON = 1_000, 63
EVENTS = {
    "return -20 %": PathEvent("equal weight", "return", equals=-0.20),
    "volatility 45 %": PathEvent("equal weight", "volatility", equals=0.45),
    "correlation .65": PathEvent("equal weight", "correlation", equals=0.65),
}
REQUESTS = {**EVENTS, "all three": AllOf(tuple(EVENTS.values()))}
WITHIN = {"return": 0.01, "volatility": 0.05 * 0.45, "correlation": 0.05}


def row(generator, name):
    start = cpu_seconds()
    try:
        found = generator.sample_given(N_PATHS, REQUESTS[name], horizon=HORIZON, random_state=0)
    except DataError as error:
        return {**dict.fromkeys(COLUMNS, ""), **asked(generator, name), "found": str(error)} | {
            "CPU s": f"{cpu_seconds() - start:.0f}"
        }
    seconds = cpu_seconds() - start
    events = getattr(REQUESTS[name], "events", (REQUESTS[name],))
    values = {e.measure: e.values(found.paths, generator.channels_) for e in events}
    hits = [np.abs(values[e.measure] - e.equals) <= WITHIN[e.measure] + 1e-12 for e in events]
    return asked(generator, name) | {
        "hit": f"{100 * np.all(hits, axis=0).mean():.1f} %",
        "mean": ", ".join(f"{v.mean():.3f}" for v in values.values()),
        "chance": f"{found.probability:.1e} ± {found.probability_error:.0e}",
        "effective size": f"{found.effective_size:.0f}",
        "paths simulated": f"{found.n_simulated:,}",
        "CPU s": f"{seconds:.0f}",
        "found": found.method,
    }


COLUMNS = (
    "family",
    "asked",
    "hit",
    "mean",
    "chance",
    "effective size",
    "paths simulated",
    "CPU s",
    "found",
)


def asked(generator, name):
    return {"family": f"`{generator.family}`", "asked": name}


def main():
    history = log_returns(load_sample("sp500")).loc[:"2014-12-31"]
    rows = []
    for family in sys.argv[1:] or FAMILIES:
        generator = make(family).fit(history)
        for name in REQUESTS:
            rows.append(row(generator, name))
            print(rows[-1], file=sys.stderr, flush=True)
    print(table("Conditional stress: 1,000 paths of 63 days x 20, fit to the end of 2014", rows))


if __name__ == "__main__":
    main()
