"""How close each family's worlds are to days it never saw: both protocols, several seeds."""

import numpy as np
from measure import spread, table

from scenara.finance.market import MarketProtocol, judge, load_floor, log_returns
from scenara.shared.data.samples import load_sample
from scenara.shared.generators import make

SEEDS = (0, 1, 2)
FAMILIES = {
    "stationary bootstrap, 63 days": ("series/bootstrap", {}),
    "stationary bootstrap, 10 days": ("series/bootstrap", {"mean_block": 10}),
    "GJR FHS, variance targeted": ("series/fhs", {}),
    "GJR FHS, free": ("series/fhs", {"variance_targeting": False}),
    "autoregressive mixture network": ("series/autoregressive", {}),
}


def make_seeded(family, settings, seed):
    generator = make(family, **settings)
    if "random_state" in generator.get_params():
        generator.set_params(random_state=seed)
    return generator


def judged(family, settings, returns):
    protocol, floor = MarketProtocol(cut="2015-01-01"), load_floor("sp500")
    return [
        judge(
            returns,
            lambda seed=seed: make_seeded(family, settings, seed),
            protocol=protocol,
            floor=floor,
            random_state=seed,
        )
        for seed in SEEDS
    ]


def row(name, judgements):
    frames = [judgement.to_frame() for judgement in judgements]
    time = [frame.loc["time"] for frame in frames]
    return {
        "generator": name,
        "ALL time": spread([j.time for j in judgements]),
        "ALL eras": spread([j.era for j in judgements]),
        "path copy": f"{np.mean([j.path_copy for j in judgements]):.3f}",
        **{g: f"{np.mean([t[g] for t in time]):.2f}" for g in GROUPS},
        "AUC time": f"{np.mean([t['auc'] for t in time]):.2f}",
        "AUC eras": f"{np.mean([frame['auc'].iloc[1:].mean() for frame in frames]):.2f}",
        "explosions": f"{np.mean([t['explosions'] for t in time]):.3f}",
        "spikes": f"{np.mean([t['joint_spikes'] for t in time]):.3f}",
        "fit CPU s": f"{np.mean([t['fit_cpu_s'] for t in time]):.1f}",
    }


GROUPS = ("marginal", "temporal", "cross", "path", "strategy")


def main():
    returns = log_returns(load_sample("sp500"))
    rows = []
    for name, (family, settings) in FAMILIES.items():
        judgements = judged(family, settings, returns)
        rows.append(row(name, judgements))
    history = judgements[0].history
    blank = dict.fromkeys(rows[0], "")
    first = {"generator": "history itself", "ALL time": f"{history['time']:.2f}"}
    rows.insert(0, {**blank, **first, "ALL eras": f"{history['era']:.2f}", "path copy": "1"})
    title = f"Markets: sp500, 1,000 x 252 x 20, median (range) of {len(SEEDS)} seeds; groups: time"
    return table(title, rows)


if __name__ == "__main__":
    print(main())
