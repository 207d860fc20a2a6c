"""What the families of series cost: CPU seconds to fit, paths of 252 x 20 per CPU-second."""

from measure import cpu_seconds, spread, table, timed

from scenara.finance.market import log_returns
from scenara.shared.data.samples import load_sample
from scenara.shared.generators import families, make

N_PATHS, HORIZON = 1_000, 252


def main():
    train = log_returns(load_sample("sp500"))[:"2014"]
    rows = []
    for family in families("series"):
        generator = make(family)
        start = cpu_seconds()
        generator.fit(train)
        fit = cpu_seconds() - start
        seconds = timed(lambda g=generator: g.sample(N_PATHS, horizon=HORIZON, random_state=0), 3)
        rows.append(
            {
                "family": f"`{family}`",
                "fit CPU s": f"{fit:.1f}",
                "paths per CPU s": spread(N_PATHS / seconds, 0),
            }
        )
    n_days, n_assets = train.shape
    return table(f"Generation: fit on {n_days:,} x {n_assets}, {N_PATHS:,} x {HORIZON} paths", rows)


if __name__ == "__main__":
    print(main())
