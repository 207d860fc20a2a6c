"""What the scorecard of 1,000 x 252 x 20 costs, beside the reference where that is at hand."""

import os
import sys

import numpy as np
from measure import spread, table, timed

from scenara.finance.market import distances, log_returns, stylised_facts
from scenara.shared.data.samples import load_sample
from scenara.shared.generators import make

LENGTH = 251


def ours(real, paths):
    facts = stylised_facts(real, length=LENGTH)
    return distances(facts, stylised_facts(paths, length=LENGTH, reference=facts))


def main():
    returns = log_returns(load_sample("sp500"))
    train, real = returns[:"2014"], returns["2015":].to_numpy()
    paths = make("series/bootstrap").fit(train).sample(1_000, horizon=252, random_state=0)
    seconds = timed(lambda: ours(real, paths))
    rows = [{"scorecard": "scenara", "CPU s": spread(seconds), "largest difference": ""}]
    folder = os.environ.get("SCENARA_REFERENCE")
    if folder:
        sys.path.insert(0, folder)
        import market_scorecard as reference

        def theirs():
            known = reference.stats_of(real, LENGTH)
            made = reference.stats_of(
                paths[:, :LENGTH], LENGTH, known["mu"], known["sd"], known["cov"]
            )
            return reference.compare(known, made)

        expected, found = theirs(), ours(real, paths)
        gap = max(abs(found[name] - expected[name]) for name in found)
        rows[0]["largest difference"] = f"{gap:.1e}"
        rows.append(
            {
                "scorecard": "reference",
                "CPU s": spread(timed(theirs, 3, 0)),
                "largest difference": "",
            }
        )
    return table("Scorecard of 1,000 x 252 x 20 (target: at most 3 CPU s)", rows)


if __name__ == "__main__":
    np.seterr(all="ignore")
    print(main())
