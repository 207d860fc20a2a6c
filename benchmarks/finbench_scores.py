"""Scores of paths by finval, in an environment of its own: scenara never imports it.

    PYTHON finbench_scores.py paths.npy real.npy scores.json

Each array is (paths, days, channels). Other numbers than the overall score are kept for the gates.
"""

import json
import sys

import finval
import numpy as np

GATES = ("memorization", "tail_quantiles", "tail_dependence_lower", "drawdown_distribution")


def main():
    generated, real, target = sys.argv[1:]
    report = finval.validate_paths(np.load(generated), np.load(real))
    found = {"version": finval.__version__, "overall": report.overall_score, "gates": {}}
    for name in GATES:
        metric = report.metrics[name]
        found["gates"][name] = {
            "value": metric.value,
            "fails": metric.applicable and metric.assessable and metric.quality == "poor",
            "excellent": metric.thresholds["excellent"],
            "acceptable": metric.thresholds["acceptable"],
        }
    with open(target, "w", encoding="utf-8") as file:
        json.dump(found, file)


if __name__ == "__main__":
    main()
