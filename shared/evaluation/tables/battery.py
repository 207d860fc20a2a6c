"""All measures of a generated table as one list of probes that share a form."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from scenara.shared.data.schema import Schema
from scenara.shared.evaluation.tables.coverage import category_coverage
from scenara.shared.evaluation.tables.detection import (
    Detection,
    boosted_detection,
    logistic_detection,
)
from scenara.shared.evaluation.tables.distance import closest_records, copy_rates
from scenara.shared.evaluation.tables.inference import inference
from scenara.shared.evaluation.tables.linkability import linkability
from scenara.shared.evaluation.tables.manifold import manifold_scores
from scenara.shared.evaluation.tables.membership import membership_attacks
from scenara.shared.evaluation.tables.novelty import novelty
from scenara.shared.evaluation.tables.risk import AttackRisk, wilson_interval
from scenara.shared.evaluation.tables.shape import shape_error
from scenara.shared.evaluation.tables.singling_out import singling_out
from scenara.shared.evaluation.tables.trend import trend_error
from scenara.shared.evaluation.tables.utility import train_on_generated

__all__ = ["PROBES", "Case", "Estimate", "Outcome", "Probe"]

TWO_SIDED = 1.96
BEST_OF_TWO = 2.241 / TWO_SIDED
N_ATTACKS = 3
MOST_MEMBERS = 7500
# One in a hundred of fewer is under five people, of whom the bootstrap makes no interval.
LEAST_STRANGERS = 500
MOST_MEMBERS_OF_FLOOR = 2000


class Estimate(NamedTuple):
    """A value, the ends of its 95 % interval, and the floor where the measure brings its own.

    The floor's upper end is that of its own interval.
    """

    value: float
    low: float = math.nan
    high: float = math.nan
    floor: float = math.nan
    floor_high: float = math.nan


@dataclass(frozen=True)
class Case:
    """Hold the tables that a probe looks at.

    Args:
        train: Real rows that the generator has learnt from.
        test: Real rows that it never saw.
        generated: Rows to be judged.
        schema: What the columns are.
        target: Column that models predict; None if there is none.
        seed: Seed of all draws.
    """

    train: pd.DataFrame
    test: pd.DataFrame
    generated: pd.DataFrame
    schema: Schema
    target: str | None = None
    seed: int = 0

    @property
    def few(self) -> pd.DataFrame:
        """Generated rows, at most as many as held-out rows, so that the floor compares."""
        return _some(self.generated, len(self.test), self.seed)

    def fresh(self) -> "Case":
        """Let held-out rows play generated, as many as there are of the latter."""
        return replace(self, generated=_some(self.test, len(self.generated), self.seed))

    def halves(self) -> "Case":
        """Let half of the held-out rows play generated; the other half stays held out."""
        order = np.random.default_rng(self.seed).permutation(len(self.test))
        half = len(order) // 2
        first, second = self.test.iloc[order[:half]], self.test.iloc[order[half:]]
        return replace(self, generated=first, test=second)


@dataclass(frozen=True)
class Outcome:
    """Hold what a probe has found.

    Args:
        estimates: Estimates by measure.
        details: What stands behind them, by name.
    """

    estimates: Mapping[str, Estimate]
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Probe:
    """Say how some measures are taken, and what plays their floor.

    Args:
        name: What is done, for progress.
        measures: What can't be told if it fails.
        take: Takes the measures of a case.
        floor: Takes them of fresh real rows; None where they bring their own floor.
        with_baselines: Whether baselines are measured too; the slow attacks are not.
    """

    name: str
    measures: tuple[str, ...]
    take: Callable[[Case], Outcome]
    floor: Callable[[Case], Outcome] | None = None
    with_baselines: bool = True


def _some(frame: pd.DataFrame, n: int, seed: int) -> pd.DataFrame:
    return frame if len(frame) <= n else frame.sample(n, random_state=seed)


def _shape(case: Case) -> Outcome:
    found = shape_error(case.train, case.few, schema=case.schema)
    estimates = {"shape": Estimate(found.value), "missing_gap": Estimate(found.missing_gap)}
    return Outcome(estimates, {"shape": found})


def _trend(case: Case) -> Outcome:
    found = trend_error(case.train, case.few, schema=case.schema)
    return Outcome({"trend": Estimate(found.value)}, {"trend": found})


def _detection(case: Case) -> Outcome:
    found = {
        f"detection_{name}": boosted_detection(
            real, case.generated, schema=case.schema, random_state=case.seed
        )
        for name, real in (("test", case.test), ("train", case.train))
    }
    return Outcome({name: _score(detection) for name, detection in found.items()}, found)


def _detection_floor(case: Case) -> Outcome:
    """Tell held-out from training rows: the one comparison of strangers serves both scores."""
    found = boosted_detection(
        case.train, case.fresh().generated, schema=case.schema, random_state=case.seed
    )
    return Outcome(dict.fromkeys(("detection_test", "detection_train"), _score(found)))


def _score(found: Detection) -> Estimate:
    """Give the score with an interval from the largest variance that such an area can have.

    References:
        Birnbaum, Klose (1957), Bounds for the variance of the Mann-Whitney statistic, Annals of
        Mathematical Statistics 28(4): at most ``A (1 - A) / n``.
    """
    half_width = TWO_SIDED * math.sqrt(found.auc * (1 - found.auc) / found.n_rows)
    ends = (found.auc + half_width, found.auc - half_width)
    low, high = (max(2 - 2 * max(0.5, end), 0.0) for end in ends)
    return Estimate(found.score, low, high)


def _logistic(case: Case) -> Outcome:
    found = logistic_detection(
        case.train, case.generated, schema=case.schema, random_state=case.seed
    )
    return Outcome({"detection_logistic": Estimate(found.score)}, {"detection_logistic": found})


def _manifold(case: Case) -> Outcome:
    found = manifold_scores(case.train, case.few, schema=case.schema, random_state=case.seed)
    names = ("alpha_precision", "beta_recall", "authenticity")
    return Outcome({name: Estimate(getattr(found, name)) for name in names}, {"manifold": found})


def _coverage(case: Case) -> Outcome:
    found = category_coverage(case.train, case.few, schema=case.schema)
    values = {
        "levels": found.levels,
        "rare_levels": found.rare_levels,
        "level_pairs": found.level_pairs,
        "range_share": found.range_share,
        "invented_levels": found.invented_share if found.columns else None,
    }
    return Outcome(_known(values), {"coverage": found})


def _novelty(case: Case) -> Outcome:
    found = novelty(case.train, case.few, schema=case.schema)
    names = ("new_rows", "distinct_rows", "new_combinations")
    return Outcome(_known({name: getattr(found, name) for name in names}), {"novelty": found})


def _known(values: Mapping[str, float | None]) -> dict[str, Estimate]:
    return {name: Estimate(value) for name, value in values.items() if value is not None}


def _utility(case: Case) -> Outcome:
    assert case.target is not None
    found = train_on_generated(
        case.train,
        case.test,
        case.generated,
        target=case.target,
        schema=case.schema,
        random_state=case.seed,
    )
    estimates = {
        f"{name}_ratio": Estimate(found.ratio(name), *found.ratios[name], floor=1.0)
        for name in ("auc", "brier", "rmse")
        if name in found.ratios
    }
    estimates |= {
        name: Estimate(value, floor=found.real[name]) for name, value in found.generated.items()
    }
    return Outcome(estimates, {"utility": found})


def _closest(case: Case) -> Outcome:
    found = closest_records(
        case.train, case.test, case.generated, schema=case.schema, random_state=case.seed
    )
    share = Estimate(found.share, found.share_low, found.share_high)
    return Outcome({"closest_share": share}, {"closest": found})


def _copies(case: Case) -> Outcome:
    found = copy_rates(case.train, case.test, case.generated, schema=case.schema)
    low, high = wilson_interval(round(found.generated * found.n_generated), found.n_generated)
    _, real_high = wilson_interval(round(found.real * found.n_real), found.n_real)
    copies = Estimate(found.generated, low, high, floor=found.real, floor_high=real_high)
    return Outcome({"copies": copies}, {"copies": found})


def _membership(case: Case, max_rows: int = MOST_MEMBERS) -> Outcome:
    found = membership_attacks(
        case.train,
        case.test,
        case.generated,
        schema=case.schema,
        random_state=case.seed,
        max_rows=max_rows,
    )
    surest = max(found.values(), key=lambda attack: attack.auc)
    sharpest = max(found.values(), key=lambda attack: attack.tpr)
    estimates = {
        "membership_auc": _widened(surest.auc, surest.auc_low, surest.auc_high),
        "membership_tpr": Estimate(sharpest.tpr)
        if sharpest.n_strangers < LEAST_STRANGERS
        else _widened(sharpest.tpr, sharpest.tpr_low, sharpest.tpr_high),
    }
    return Outcome(estimates, {"membership": found})


def _widened(value: float, low: float, high: float) -> Estimate:
    """Widen the interval of the better of two attacks: each was let err half as often."""
    below, above = (BEST_OF_TWO * (end - value) for end in (low, high))
    return Estimate(value, max(value + below, 0.0), min(value + above, 1.0))


def _singling_out(case: Case) -> Outcome:
    found = singling_out(
        case.train, case.test, case.generated, schema=case.schema, random_state=case.seed
    )
    return Outcome({"singling_out": _risk(found)}, {"singling_out": found})


def _linkability(case: Case) -> Outcome:
    found = linkability(
        case.train, case.test, case.generated, schema=case.schema, random_state=case.seed
    )
    return Outcome({"linkability": _risk(found)}, {"linkability": found})


def _inference(case: Case) -> Outcome:
    found = inference(
        case.train, case.test, case.generated, schema=case.schema, random_state=case.seed
    )
    return Outcome({"inference": _risk(found.risk)}, {"inference": found})


def _risk(found: AttackRisk) -> Estimate:
    """Widen the interval for three attacks being tried; strangers are the floor, at no risk."""
    careful = replace(found, confidence=1 - (1 - found.confidence) / N_ATTACKS)
    return Estimate(found.value, careful.low, careful.high, floor=0.0)


PROBES: Final[tuple[Probe, ...]] = (
    Probe(
        "detection",
        ("detection_test", "detection_train"),
        _detection,
        _detection_floor,
    ),
    Probe("shape", ("shape", "missing_gap"), _shape, lambda case: _shape(case.fresh())),
    Probe("trend", ("trend",), _trend, lambda case: _trend(case.fresh())),
    Probe(
        "linear detection",
        ("detection_logistic",),
        _logistic,
        lambda case: _logistic(case.fresh()),
    ),
    Probe(
        "manifold",
        ("alpha_precision", "beta_recall", "authenticity"),
        _manifold,
        lambda case: _manifold(case.fresh()),
    ),
    Probe(
        "coverage",
        ("levels", "rare_levels", "level_pairs", "range_share", "invented_levels"),
        _coverage,
        lambda case: _coverage(case.fresh()),
    ),
    Probe(
        "novelty",
        ("new_rows", "distinct_rows", "new_combinations"),
        _novelty,
        lambda case: _novelty(case.fresh()),
    ),
    Probe("utility", ("utility",), _utility),
    Probe(
        "closest records",
        ("closest_share",),
        _closest,
        lambda case: _closest(case.halves()),
    ),
    Probe("copies", ("copies",), _copies),
    Probe(
        "membership",
        ("membership_auc", "membership_tpr"),
        _membership,
        lambda case: _membership(case.halves(), MOST_MEMBERS_OF_FLOOR),
    ),
    Probe("singling out", ("singling_out",), _singling_out, with_baselines=False),
    Probe("linking", ("linkability",), _linkability, with_baselines=False),
    Probe("inference", ("inference",), _inference, with_baselines=False),
)
