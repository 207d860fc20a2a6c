"""Run the benchmarks one after another and print their tables.

``run.py [NAME ...] [--write]``: all of them, or those named; ``--write`` puts their tables into
RESULTS.md, each with its date and machine, and keeps the tables of those that were not run.
"""

import subprocess
import sys
from pathlib import Path

from measure import circumstances
from results import merge

HERE = Path(__file__).parent
BENCHMARKS = (
    "startup",
    "generators",
    "scorecard",
    "backtest",
    "strategies",
    "luck",
    "markets",
    "risk",
    "stress",
    "advice",
    "tables",
)
PAGE = HERE / "RESULTS.md"


def main():
    names = [name for name in sys.argv[1:] if not name.startswith("-")] or BENCHMARKS
    when = circumstances("arch", "skfolio", "lightgbm", "scikit-learn", "xgboost")
    for name in names:
        script = HERE / f"{name}.py"
        outcome = subprocess.run(
            [sys.executable, script], check=True, stdout=subprocess.PIPE, text=True
        )
        print(outcome.stdout, flush=True)
        if "--write" in sys.argv:
            page = PAGE.read_text(encoding="utf-8")
            PAGE.write_text(merge(page, outcome.stdout, when=when), encoding="utf-8")


if __name__ == "__main__":
    main()
