"""How close each family's worlds are to days it never saw: both protocols, several seeds.

    python markets.py                          every family, three seeds: an hour or two
    python markets.py series/hybrid --seeds 0 1 2
    python markets.py --show                   what was measured so far, nothing new

Each family and seed is kept as a record below build/ and not repeated without --again.
"""

import argparse
import json
import subprocess
from datetime import date
from pathlib import Path

import numpy as np
from measure import cpu_seconds, spread, table

from scenara.finance.market import (
    MarketProtocol,
    explosion_share,
    judge,
    load_floor,
    log_returns,
)
from scenara.shared.data.samples import load_sample
from scenara.shared.evaluation.score import geometric_mean
from scenara.shared.generators import families, make

HERE = Path(__file__).parent
STORE = HERE.parent / "build" / "bench-markets"
GROUPS = ("marginal", "temporal", "cross", "path", "strategy")
MEASURES = ("re_stat", "re_dyn")
VARIANTS = {
    "series/bootstrap mean_block=10": ("series/bootstrap", {"mean_block": 10}),
    "series/fhs variance_targeting=False": ("series/fhs", {"variance_targeting": False}),
}
WORST_YEAR, BEST_YEAR = np.log(1 - 0.75), np.log(1 + 2.0)


def made(name, seed):
    family, settings = VARIANTS.get(name, (name, {}))
    generator = make(family, **settings)
    if "random_state" in generator.get_params():
        generator.set_params(random_state=seed)
    return generator


def measured(name, seed, returns):
    """Judge a family with one seed; give figures of each fold as plain numbers."""
    judged = judge(
        returns,
        lambda: made(name, seed),
        protocol=MarketProtocol(cut="2015-01-01"),
        floor=load_floor("sp500"),
        random_state=seed,
    )
    folds = {}
    for fold, row in judged.to_frame().iterrows():
        card = judged.folds[fold].card
        folds[fold] = {
            **{key: float(value) for key, value in row.items()},
            **{measure: float(card[measure].value) for measure in MEASURES},
            **{f"history {group}": value for group, value in history_groups(card).items()},
        }
    return {
        "time": judged.time,
        "era": judged.era,
        "path_copy": judged.path_copy,
        "history": judged.history,
        "folds": folds,
    }


def history_groups(card):
    return {
        group: geometric_mean(s.baseline_ratios["history"] for s in card.scores if s.group == group)
        for group in card.groups
    }


def years(name, returns, n_years=100_000, together=1_000):
    """Count what no year of a market may be, in many years of a family fitted to 2014."""
    train = returns[:"2014"]
    generator = made(name, 0)
    generator.fit(train)
    exploded, growth, start = 0.0, [], cpu_seconds()
    for seed in range(n_years // together):
        paths = generator.sample(together, horizon=252, random_state=1_000 + seed)
        exploded += explosion_share(paths, train.to_numpy()) * together
        growth.append(np.log(np.exp(paths).mean(axis=2)).sum(axis=1))
    growth = np.concatenate(growth)
    return {
        "years": n_years,
        "exploded": exploded / n_years,
        "outside": int(((growth < WORST_YEAR) | (growth > BEST_YEAR)).sum()),
        "worst": float(np.expm1(growth.min())),
        "best": float(np.expm1(growth.max())),
        "rate": n_years / (cpu_seconds() - start),
    }


def record(part, name, seed, make_it, *, again):
    """Give what is kept, or measure and keep it."""
    STORE.mkdir(parents=True, exist_ok=True)
    words = name.replace("/", "-").replace(" ", "-")
    path = STORE / f"{part}--{words}--{seed}.json"
    if again or not path.exists():
        command = ["git", "-C", HERE, "describe", "--always", "--dirty"]
        revision = subprocess.run(command, check=False, capture_output=True, text=True).stdout
        found = {"name": name, "date": f"{date.today()}", "revision": revision.strip()}
        path.write_text(json.dumps(found | make_it(), indent=1), encoding="utf-8")
    return json.loads(path.read_text(encoding="utf-8"))


def kept(part):
    """Give the records of a part by name, in the order of the registry."""
    found = {}
    for path in sorted(STORE.glob(f"{part}--*.json")):
        one = json.loads(path.read_text(encoding="utf-8"))
        found.setdefault(one["name"], []).append(one)
    return dict(sorted(found.items()))


def over_folds(records, key, which):
    values = []
    for one in records:
        rows = one["folds"]
        chosen = [rows["time"]] if which == "time" else [v for k, v in rows.items() if k != "time"]
        values.append(np.mean([row[key] for row in chosen]))
    return float(np.mean(values))


def front_row(name, records):
    return {
        "family": f"`{name}`",
        "seeds": len(records),
        "ALL time": spread([r["time"] for r in records]),
        "ALL eras": spread([r["era"] for r in records]),
        "path copy": f"{np.mean([r['path_copy'] for r in records]):.3f}",
        "AUC time": f"{over_folds(records, 'auc', 'time'):.2f}",
        "AUC eras": f"{over_folds(records, 'auc', 'eras'):.2f}",
        "explosions %": f"{100 * over_folds(records, 'explosions', 'time'):.2f}",
        "spikes % time": f"{100 * over_folds(records, 'joint_spikes', 'time'):.2f}",
        "spikes % eras": f"{100 * over_folds(records, 'joint_spikes', 'eras'):.2f}",
        "RE static": f"{over_folds(records, 're_stat', 'time'):.3f}",
        "RE dynamic": f"{over_folds(records, 're_dyn', 'time'):.3f}",
        "fit CPU s": f"{over_folds(records, 'fit_cpu_s', 'time'):.1f}",
    }


def group_row(name, records):
    cells = {}
    for which in ("time", "eras"):
        for group in GROUPS:
            ours, history = (over_folds(records, key, which) for key in (group, f"history {group}"))
            cells[f"{group}, {which}"] = f"{ours:.2f} ({ours / history:.2f})"
    return {"family": f"`{name}`", **cells}


def years_row(name, one):
    return {
        "family": f"`{name}`",
        "years": f"{one['years']:,}",
        "with a move over 1.5 times the worst %": f"{100 * one['exploded']:.3f}",
        "equal-weight years outside -75 to +200 %": f"{one['outside']:,}",
        "worst %": f"{100 * one['worst']:+.0f}",
        "best %": f"{100 * one['best']:+.0f}",
        "paths per CPU s, scored": f"{one['rate']:,.0f}",
    }


def pages():
    judged, exploded = kept("judge"), kept("years")
    history = next(iter(judged.values()))[0]["history"]
    first = next(iter(judged.values()))
    texts = []
    rows = [front_row(name, records) for name, records in judged.items()]
    blank = dict.fromkeys(rows[0], "")
    own = {"ALL time": f"{history['time']:.2f}", "ALL eras": f"{history['era']:.2f}"}
    rows.insert(0, {**blank, "family": "history itself", **own, "path copy": "1"})
    texts.append(table("Markets: sp500, 1,000 x 252 x 20, median (range) over seeds", rows))
    rows = [group_row(name, records) for name, records in judged.items()]
    blank = dict.fromkeys(rows[0], "")
    own = {
        f"{group}, {which}": f"{over_folds(first, f'history {group}', which):.2f}"
        for which in ("time", "eras")
        for group in GROUPS
    }
    rows.insert(0, {**blank, "family": "history itself", **own})
    texts.append(table("Markets by group: over the floor (over history's own value)", rows))
    if exploded:
        rows = [years_row(name, records[0]) for name, records in exploded.items()]
        texts.append(table("Years that no market has, fitted to the end of 2014", rows))
    days = sorted({r["date"] for records in judged.values() for r in records})
    marks = sorted({r["revision"] for records in judged.values() for r in records})
    texts.append(f"Measured {' to '.join(dict.fromkeys((days[0], days[-1])))}, revision "
                 f"{', '.join(marks)}.\n")  # fmt: skip
    return "\n".join(texts)


def options():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("family", nargs="*", help="families (default: all, and two variants)")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--years", type=int, default=100_000, help="0 for none")
    parser.add_argument("--again", action="store_true", help="repeat what is there")
    parser.add_argument("--show", action="store_true", help="measure nothing")
    return parser.parse_args()


def main():
    chosen = options()
    names = chosen.family or [*families("series/"), *VARIANTS]
    if not chosen.show:
        returns = log_returns(load_sample("sp500"))
        for name in names:
            for seed in chosen.seeds:
                record(
                    "judge",
                    name,
                    seed,
                    lambda name=name, seed=seed: measured(name, seed, returns),
                    again=chosen.again,
                )
            if chosen.years:
                record(
                    "years",
                    name,
                    0,
                    lambda name=name: years(name, returns, chosen.years),
                    again=chosen.again,
                )
    return pages()


if __name__ == "__main__":
    print(main())
