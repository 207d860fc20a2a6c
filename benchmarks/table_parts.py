"""One measurement of one family on one split, in a process of its own so that memory is its own.

python table_parts.py JOB.json RECORD.json
"""

import json
import sys
import traceback
from pathlib import Path

import numpy as np
import pandas as pd
from measure import peak_megabytes
from table_data import TABLES, random_conditions, split, thinned
from table_fits import Fit, Job, fitted, kept_generator, timed_rate, unfitted, warm_up

from scenara.shared.errors import MissingExtraError, ScenaraError
from scenara.shared.evaluation import Stopwatch
from scenara.shared.evaluation import tables as measures

LEAST, MOST = 30, 1_000  # rows that a condition needs in both halves; rows drawn under one


def judge(job):
    """Measure the front, the gates and utility."""
    if job.family == "real/fresh":
        return _fresh(job)
    fit, table = fitted(job), TABLES[job.table]
    roles = {"categories": table.categories, "random_state": job.seed}
    if job.table.endswith("27k"):
        return {**fit.costs, "xgb_train": _xgboost(fit.train, fit.rows, roles)}
    found = {
        **fit.costs,
        "xgb_train": _xgboost(fit.train, fit.rows, roles),
        "xgb_test": _xgboost(fit.test, fit.rows, roles),
        "logistic": measures.logistic_detection(fit.train, fit.rows, **roles).score,
    }
    return found | _gates(fit, table, roles) | _privacy(fit, roles) | _utility(fit, table, roles)


def _fresh(job):
    """Let held-out rows play generated; half of them where held-out rows are part of the measure."""
    train, test = split(job.table, job.seed)
    table = TABLES[job.table]
    roles = {"categories": table.categories, "random_state": job.seed}
    found = {"xgb_train": _xgboost(train, test, roles)}
    if job.table.endswith("27k"):
        return found
    found["logistic"] = measures.logistic_detection(train, test, **roles).score
    half = len(test) // 2  # in random order, as the split is
    privacy = _privacy(Fit(train, test[half:], test[:half], {}), roles)
    del privacy["copies"], privacy["copies_real"]
    return found | _gates(Fit(train, test, test, {}), table, roles) | privacy


def _xgboost(real, rows, roles):
    try:
        return measures.xgboost_detection(real, rows, **roles).score
    except MissingExtraError:
        return float("nan")


def _gates(fit, table, roles):
    few = fit.rows.sample(min(len(fit.rows), len(fit.test)), random_state=roles["random_state"])
    fresh = fit.test.sample(len(few), random_state=roles["random_state"])
    found = {}
    for name, error in (("shape", measures.shape_error), ("trend", measures.trend_error)):
        ours, floor = (
            error(fit.train, other, categories=table.categories).value for other in (few, fresh)
        )
        found |= {name: 100 * ours, f"{name}_floor": 100 * floor, f"{name}_ratio": ours / floor}
    ours, fresh = (measures.manifold_scores(fit.train, other, **roles) for other in (few, fresh))
    return found | {
        "alpha": ours.alpha_precision,
        "alpha_floor": fresh.alpha_precision,
        "beta_ratio": ours.beta_recall / fresh.beta_recall,
    }


def _privacy(fit, roles):
    tables = (fit.train, fit.test, fit.rows)
    copies = measures.copy_rates(*tables, categories=roles["categories"])
    attacks = measures.membership_attacks(*tables, **roles).values()
    return {
        "closest_share": measures.closest_records(*tables, **roles).share,
        "copies": copies.generated,
        "copies_real": copies.real,
        "membership_auc": max(attack.auc for attack in attacks),
        "membership_tpr": max(attack.tpr for attack in attacks),
    }


def _utility(fit, table, roles):
    found = measures.train_on_generated(fit.train, fit.test, fit.rows, target=table.target, **roles)
    if found.reason:
        return {}
    names = ("auc", "brier", "ece")
    scores = {name: found.generated[name] for name in names}
    ratios = {f"{name}_ratio": found.ratio(name) for name in ("auc", "brier")}
    return scores | ratios | {f"{name}_real": found.real[name] for name in names}


def attacks(job):
    """Attack by singling out, linking and inference, and by planted rows."""
    fit, table = fitted(job), TABLES[job.table]
    roles = {"categories": table.categories, "random_state": job.seed}
    tables = (fit.train, fit.test, fit.rows)
    risks = {
        "singling_out": measures.singling_out(*tables, **roles),
        "linkability": measures.linkability(*tables, **roles),
        "inference": measures.inference(*tables, **roles).risk,
    }
    canaries = measures.plant_canaries(fit.train, random_state=job.seed)
    rows = unfitted(job).fit(canaries.train).sample(len(fit.train), random_state=job.seed)
    exposure = measures.canary_exposure(canaries, rows, categories=table.categories)
    found = {name: risk.value for name, risk in risks.items()}
    sure = {f"{name}_sure": float(risk.is_significant) for name, risk in risks.items()}
    return found | sure | {"canary_auc": exposure.auc, "canary_p": exposure.p_value}


def conditions(job):
    """Compare conditional margins with held-out rows, beside those of training rows."""
    fit, table = fitted(job), TABLES[job.table]
    generator = kept_generator(job)
    asked = random_conditions(fit.train, fit.test, n=job.n_conditions, least=LEAST, seed=job.seed)
    errors, refused, watch = [], 0, Stopwatch()
    with watch:
        for number, (given, ours, fresh) in enumerate(asked):
            n = min(len(ours), len(fresh), MOST)
            try:
                rows = generator.sample(n, given=given, random_state=number)
            except ScenaraError:
                refused += 1
                continue
            real, floor = (frame.sample(n, random_state=number) for frame in (fresh, ours))
            errors.append([_margins(real, other, given, table) for other in (rows, floor)])
    found = np.array(errors).reshape(-1, 2)
    ratios = found[:, 0] / found[:, 1]
    return {
        "n_conditions": len(asked),
        "refused": refused,
        "error": 100 * found[:, 0].mean(),
        "error_floor": 100 * found[:, 1].mean(),
        "error_ratio": found[:, 0].mean() / found[:, 1].mean(),
        "worst_tenth": float(np.quantile(ratios, 0.9)),
        "cpu_s": watch.cpu_seconds,
    }


def _margins(real, rows, given, table):
    others = [name for name in real.columns if name not in given]
    categories = [name for name in table.categories if name in others]
    return measures.shape_error(real[others], rows[others], categories=categories).value


def rate(job):
    """Time rows drawn freely and under a class of one row in a hundred."""
    warm_up()
    train, _ = split(job.table, job.seed)
    target = TABLES[job.table].target
    few, rare = thinned(train, target, seed=job.seed)
    generator = unfitted(job).fit(few)
    free = timed_rate(lambda n: generator.sample(n, random_state=job.seed))
    bound = timed_rate(lambda n: generator.sample(n, given={target: rare}, random_state=job.seed))
    return {"rate": free, "rate_given": bound, "rate_ratio": bound / free}


def scale(job):
    """Fit on a large table; memory includes the table and the interpreter."""
    warm_up()
    train = pd.read_parquet(Path(job.store) / f"large-{job.n_rows}.parquet")
    before = peak_megabytes()
    generator = unfitted(job)
    with Stopwatch() as fit:
        generator.fit(train)
    return {
        "n_rows": len(train),
        "n_columns": train.shape[1],
        "fit_cpu_s": fit.cpu_seconds,
        "peak_mb": peak_megabytes(),
        "before_mb": before,
        "table_mb": train.memory_usage(deep=True).sum() / 2**20,
        "rows_per_cpu_s": timed_rate(lambda n: generator.sample(n, random_state=job.seed)),
    }


def evaluate(job):
    """Time the whole evaluation."""
    fit, table = fitted(job), TABLES[job.table]
    warm_up()
    with Stopwatch() as watch:
        found = measures.evaluate(
            fit.train, fit.test, fit.rows, target=table.target, random_state=job.seed
        )
    return {
        "n_real": len(fit.train) + len(fit.test),
        "n_generated": len(fit.rows),
        "n_columns": fit.train.shape[1],
        "n_measures": sum(reading.is_measured for reading in found.readings),
        "cpu_s": watch.cpu_seconds,
        "peak_mb": peak_megabytes(),
    }


PARTS = {part.__name__: part for part in (judge, attacks, conditions, rate, scale, evaluate)}


def main():
    job = Job(**json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    try:
        record = {"values": {k: float(v) for k, v in PARTS[job.part](job).items()}}
    except ScenaraError as error:
        traceback.print_exc()
        record = {"error": f"{type(error).__name__}: {error}"}
    Path(sys.argv[2]).write_text(json.dumps(record, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
