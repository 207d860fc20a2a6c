"""FinBench F1: paths of the panel's quarters after 2019 as finval, run elsewhere, scores them.

    finbench.py PYTHON panel.parquet FOLDER [FAMILY...]

PYTHON has finval 0.6.1; the panel (IWM QQQ SPY TLT VIX TNX DXY, daily levels, 2010 to 2023) comes
with the wheel of sablier-flow. Scores that are in FOLDER already are not made again.

Protocol: logarithmic returns, of VIX and TNX differences; fit to the end of 2019; 200 paths of 60
days against 200 windows evenly spaced over the days after, for each of five seeds. F1 is the
overall score times 2^-z for each of four gates, where z is by how many bands (acceptable less
excellent) it is missed; at least .02.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from measure import table

from scenara.shared.generators import make

CHANNELS = ["IWM", "QQQ", "SPY", "TLT", "VIX", "TNX", "DXY"]
DIFFERENCES = ["VIX", "TNX"]
SEEDS = range(5)
N_PATHS, HORIZON = 200, 60
LEAST = 0.02
SCORER = Path(__file__).with_name("finbench_scores.py")
FAMILIES = {
    "gaussian": ("series/gaussian", {}),
    "student": ("series/student", {}),
    "bootstrap, 20 days": ("series/bootstrap", {"mean_block": 20}),
    "bootstrap": ("series/bootstrap", {}),
    "fhs, variance targeted": ("series/fhs", {}),
    "fhs, free": ("series/fhs", {"variance_targeting": False}),
    "dcc": ("series/dcc", {}),
    "dcc, free": ("series/dcc", {"variance_targeting": False}),
    "copula": ("series/copula", {}),
    "copula, free": ("series/copula", {"variance_targeting": False}),
    "autoregressive": ("series/autoregressive", {}),
    "diffusion": ("series/diffusion", {}),
    "vae": ("series/vae", {}),
    "gan": ("series/gan", {}),
    "hybrid": ("series/hybrid", {}),
}


def moves(path):
    """Give the daily moves to the end of 2019, and those after."""
    levels = pd.read_parquet(path)[CHANNELS]
    found = np.log(levels).diff()
    found[DIFFERENCES] = levels[DIFFERENCES].diff()
    found = found.iloc[1:]
    before = found.index < "2020-01-01"
    return found[before], found[~before]


def windows(later):
    days = later.to_numpy()
    starts = np.linspace(0, len(days) - HORIZON, N_PATHS).round().astype(int)
    return np.stack([days[start : start + HORIZON] for start in starts])


def seeded(family, settings, seed):
    generator = make(family, **settings)
    if "random_state" in generator.get_params():
        generator.set_params(random_state=seed)
    return generator


def scored(name, seed, *, python, folder, earlier, real):
    stem = folder / f"{name.replace(', ', '-').replace(' ', '-')}-{seed}"
    target = stem.with_suffix(".json")
    if not target.exists():
        generator = seeded(*FAMILIES[name], seed).fit(earlier)
        paths = generator.sample(N_PATHS, horizon=HORIZON, random_state=seed)
        np.save(stem.with_suffix(".npy"), paths.astype(np.float32))
        command = [python, SCORER, stem.with_suffix(".npy"), folder / "real.npy", target]
        subprocess.run(command, check=True)
    paths = np.load(stem.with_suffix(".npy"))
    found = json.loads(target.read_text(encoding="utf-8"))
    return {**found, "f1": f1(found), "tail": signed_tail_error(paths, real)}


def f1(found):
    failed = [gate for gate in found["gates"].values() if gate["fails"]]
    bands = [(g["value"] - g["acceptable"]) / (g["acceptable"] - g["excellent"]) for g in failed]
    return found["overall"] * max(LEAST, float(np.prod([2.0**-band for band in bands])))


def signed_tail_error(paths, real):
    """Give how much wider the tails are than real ones, in real standard deviations."""
    tails = [0.01, 0.05, 0.95, 0.99]
    sides = np.sign(np.array(tails) - 0.5)[:, None]
    made, seen = (np.quantile(x.reshape(-1, x.shape[2]), tails, axis=0) for x in (paths, real))
    return float((sides * (made - seen) / real.std(axis=(0, 1))).mean())


def row(name, scores):
    failed = {}
    for score in scores:
        for gate, found in score["gates"].items():
            failed[gate] = failed.get(gate, 0) + found["fails"]
    failures = ", ".join(
        f"{gate} {count} of {len(scores)}" for gate, count in failed.items() if count
    )
    return {
        "family": name,
        "F1": plus_minus([score["f1"] for score in scores]),
        "before gates": plus_minus([score["overall"] for score in scores]),
        "failed gates": failures or "none",
        **{gate: plus_minus([s["gates"][gate]["value"] for s in scores]) for gate in failed},
        "signed tail error": plus_minus([score["tail"] for score in scores]),
    }


def plus_minus(values):
    return f"{np.mean(values):.3f} ± {np.std(values):.3f}"


def main():
    python, panel, folder, *names = sys.argv[1:]
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    earlier, later = moves(panel)
    real = windows(later)
    np.save(folder / "real.npy", real.astype(np.float32))
    rows = []
    for name in names or FAMILIES:
        scores = [
            scored(name, seed, python=python, folder=folder, earlier=earlier, real=real)
            for seed in SEEDS
        ]
        rows.append(row(name, scores))
        print(rows[-1], file=sys.stderr, flush=True)
    print(table("FinBench: F1 by finval 0.6.1, mean ± deviation of 5 seeds", rows))


if __name__ == "__main__":
    main()
