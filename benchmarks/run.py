"""Run the benchmarks one after another and print their tables; ``--write`` keeps them."""

import subprocess
import sys
from pathlib import Path

from measure import circumstances

from scenara.finance.market import load_floor

HERE = Path(__file__).parent
BENCHMARKS = (
    "startup",
    "generators",
    "scorecard",
    "backtest",
    "markets",
    "risk",
    "stress",
    "tables",
)
HEAD = """# Results

Made by the scripts that `make bench` runs, one thread, CPU seconds: medians with the range over
repetitions in brackets. The reference's row of the scorecard needs SCENARA_REFERENCE, the folder of
`market_scorecard.py`; peers are those of the extra `bench`. A score is a distance from the later years over the same
distance between real windows (the noise floor): 1 is as close as real data are to each other. Random
real years score {mean:.2f} on average, {low:.2f} to {high:.2f} in eight of ten draws.

Tables: a random split a seed, means with 95 % t-intervals over splits. Detection is 2 - 2 max(.5, AUC) of
XGBoost at its defaults in three folds: 1 can't be told from real rows, 0 always. A closest share of .5,
a membership AUC of .5 and a true-positive rate of .01 remember nobody. A ratio to the floor sets an
error beside that of held-out rows in the generator's place. `real/fresh` are held-out rows, half of them against the other half in the attacks.
Families with a setting `target` are told the label. Memory includes interpreter and libraries.

"""


def main():
    write = "--write" in sys.argv
    names = [name for name in sys.argv[1:] if not name.startswith("-")] or BENCHMARKS
    tables = []
    for name in names:
        script = HERE / f"{name}.py"
        outcome = subprocess.run(
            [sys.executable, script], check=True, stdout=subprocess.PIPE, text=True
        )
        tables.append(outcome.stdout)
        print(outcome.stdout, flush=True)
    if write:
        low, mean, high = load_floor("sp500").overall
        text = (
            HEAD.format(low=low, mean=mean, high=high)
            + circumstances("arch", "skfolio", "lightgbm", "scikit-learn", "xgboost")
            + "\n\n"
            + "\n".join(tables)
        )
        (HERE / "RESULTS.md").write_text(text.rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
