"""Whether generated rows, added to the real ones, make a model better: a verdict, not a hope."""

import math
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from scenara.shared.data.schema import Schema
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.evaluation.tables.columns import comparable
from scenara.shared.evaluation.tables.encoding import as_seed
from scenara.shared.evaluation.tables.prediction import Task, fit_and_score, prediction_task
from scenara.shared.evaluation.tables.scoring import HIGHER_IS_BETTER
from scenara.shared.progress import Progress, silent
from scenara.shared.types import FloatArray, IntArray, RandomState

__all__ = [
    "Augmentation",
    "PairedDifference",
    "augmentation_of_given_rows",
    "augmentation_with_refits",
    "paired_difference",
]

Verdict = Literal["helps", "no difference", "hurts"]
Refit = Callable[[pd.DataFrame, int], pd.DataFrame]
TRAIN_SHARE = 0.8
# Tuning holds out a quarter of the rows; of small tables, each quarter in turn.
N_PARTS = 4
SMALL = 200
# From the usual settings to strong regularisation; each rival takes what suits its rows.
CANDIDATES: tuple[Mapping[str, Any], ...] = (
    {},
    {"num_leaves": 7, "num_trees": 120, "min_child_samples": 30, "reg_lambda": 10.0},
    {"num_leaves": 4, "num_trees": 80, "min_child_samples": 20, "reg_lambda": 10.0},
)


@dataclass(frozen=True)
class PairedDifference:
    """Hold the mean difference of two models' scores over splits, signed so that more is better.

    Args:
        mean: Mean over the splits.
        low: Lower end of the 95 % interval.
        high: Upper end.
        n_splits: Number of splits.

    Example:
        >>> PairedDifference(0.02, 0.01, 0.03, n_splits=5).sign
        1
    """

    mean: float
    low: float
    high: float
    n_splits: int

    @property
    def sign(self) -> int:
        """1 if surely better, -1 if surely worse, 0 if the interval holds no difference."""
        return int(self.low > 0) - int(self.high < 0)


@dataclass(frozen=True)
class Augmentation:
    """Hold what adding generated rows did to a model, beside two honest rivals.

    Args:
        metric: Score that the verdict goes by.
        baseline: Mean scores of the model tuned and trained on real rows alone.
        gains: By score, the paired gain of adding generated rows over the baseline.
        gains_over_null: The same over adding as many repeated real rows instead.
        null_gains: By score, what the repeated rows alone gain over the baseline.
        settings: Settings of LightGBM that tuning chose for ``baseline``, ``augmented`` and
            ``null``, each on its own rows; with refits, those of the last split.
    """

    metric: str
    baseline: Mapping[str, float]
    gains: Mapping[str, PairedDifference]
    gains_over_null: Mapping[str, PairedDifference]
    null_gains: Mapping[str, PairedDifference]
    settings: Mapping[str, Mapping[str, Any]]

    @property
    def verdict(self) -> Verdict:
        """``helps`` only if better than the tuned baseline and than mere repetition of rows."""
        gain = self.gains[self.metric].sign
        if gain > 0 and self.gains_over_null[self.metric].sign > 0:
            return "helps"
        return "hurts" if gain < 0 else "no difference"


def paired_difference(
    differences: FloatArray, *, overlap: float = 0.0, confidence: float = 0.95
) -> PairedDifference:
    """Give the mean of paired differences with Student's interval.

    Repeated random splits share rows; ``overlap``, the number of test rows over that of training
    rows, adds the variance that this hides.

    Args:
        differences: Difference in each split, shape ``(n,)``, n at least 2.
        overlap: Test rows over training rows if splits overlap, 0 if test parts are disjoint.
        confidence: Chance that the interval covers the mean.

    Raises:
        DataError: If there are fewer than two differences.

    Example:
        >>> gain = paired_difference(np.array([0.01, 0.02, 0.03]))
        >>> round(gain.mean, 3), round(gain.low, 3), round(gain.high, 3)
        (0.02, -0.005, 0.045)

    References:
        Nadeau, Bengio (2003), Inference for the generalization error, Machine Learning 52,
        equation 9, for the overlap.
    """
    n_splits = len(differences)
    if n_splits < 2:
        raise DataError(f"differences: found {n_splits}, expected at least 2 splits")
    mean, variance = float(np.mean(differences)), float(np.var(differences, ddof=1))
    t = float(stdtrit(n_splits - 1, (1 + confidence) / 2))
    half_width = t * math.sqrt(variance * (1 / n_splits + overlap))
    return PairedDifference(mean, mean - half_width, mean + half_width, n_splits)


def augmentation_of_given_rows(
    train: pd.DataFrame,
    test: pd.DataFrame,
    generated: pd.DataFrame,
    *,
    target: str,
    positive: object = None,
    metric: str | None = None,
    schema: Schema | None = None,
    categories: Collection[str] = (),
    random_state: RandomState = 0,
    n_splits: int = 5,
    progress: Progress = silent,
) -> Augmentation:
    """Judge rows that a generator, fitted once on ``train``, has given.

    The test rows are cut into as many disjoint parts as there are splits; each split trains on
    another random 80 % of the real rows, alone, with the generated rows, and with as many
    repeated real rows. The interval covers the chance of test rows, subsamples and trees, not
    that of fitting the generator anew: see ``augmentation_with_refits``.

    Args:
        train: Real rows that the generator has learnt from.
        test: Real rows that it never saw.
        generated: Generated rows; all are added.
        target: Column to predict.
        positive: Class whose probability is scored; by default the rarer of two.
        metric: Score that the verdict goes by; by default ``log_loss`` of a class, ``rmse`` of
            a number.
        schema: What the columns are; by default their dtypes say it.
        categories: Columns that are categories whatever else is said.
        random_state: Seed of splits and trees.
        n_splits: Number of splits.
        progress: Told of each split.

    Returns:
        Gains with intervals, and the verdict.

    Raises:
        DataError: If the tables can't be compared, or a part has too few rows to learn or score.
        ConfigError: If the metric is not known or there are fewer than two splits.

    Example:
        >>> x = np.random.default_rng(0).normal(size=(400, 2))
        >>> real = pd.DataFrame(x, columns=["x", "noise"]).assign(y=x.sum(axis=1))
        >>> augmentation_of_given_rows(real[:200], real[200:], real[:50], target="y").verdict
        'no difference'
    """
    tables, task = prediction_task(
        {"train": train, "test": test, "generated": generated},
        target=target,
        positive=positive,
        schema=schema,
        categories=categories,
    )
    metric = _checked_metric(metric, task, n_splits)
    rng = np.random.default_rng(as_seed(random_state))
    settings = _tuned(tables["train"], tables["generated"], task, rng)
    folds = np.array_split(rng.permutation(len(tables["test"])), n_splits)
    rows = []
    for split, fold in enumerate(folds):
        kept = rng.permutation(len(tables["train"]))[: int(TRAIN_SHARE * len(tables["train"]))]
        parts = (tables["train"].iloc[kept], tables["generated"], tables["test"].iloc[fold])
        rows.append(_scores_of_arms(*parts, task, settings=settings, rng=rng))
        progress("augmentation", split + 1, n_splits)
    return _summary(rows, metric, settings, overlap=0.0)


def augmentation_with_refits(
    real: pd.DataFrame,
    generate: Refit,
    *,
    target: str,
    positive: object = None,
    metric: str | None = None,
    schema: Schema | None = None,
    categories: Collection[str] = (),
    random_state: RandomState = 0,
    n_splits: int = 5,
    test_share: float = 0.3,
    progress: Progress = silent,
) -> Augmentation:
    """Judge a generator, fitted anew on the training part of each random split.

    Args:
        real: All real rows.
        generate: Function of (training rows, seed) that gives generated rows, such as
            ``lambda rows, seed: make("table/cart", random_state=seed).fit(rows).sample(5000)``.
        target: Column to predict.
        positive: Class whose probability is scored; by default the rarer of two.
        metric: Score that the verdict goes by; by default ``log_loss`` of a class, ``rmse`` of
            a number.
        schema: What the columns are; by default their dtypes say it.
        categories: Columns that are categories whatever else is said.
        random_state: Seed of splits, generators and trees.
        n_splits: Number of splits.
        test_share: Share of rows to score on; the intervals allow for splits that overlap.
        progress: Told of each split.

    Returns:
        Gains with intervals, and the verdict.

    Raises:
        DataError: If the rows can't be learnt from or scored, or generated rows have other
            columns.
        ConfigError: If the metric is not known, there are fewer than two splits, or the share
            is not between 0 and 1.

    Example:
        >>> x = np.random.default_rng(0).normal(size=(400, 2))
        >>> real = pd.DataFrame(x, columns=["x", "noise"]).assign(y=x.sum(axis=1))
        >>> augmentation_with_refits(real, lambda rows, _: rows[:50], target="y").verdict
        'no difference'
    """
    if not 0 < test_share < 1:
        raise ConfigError(f"test_share: found {test_share}, expected a share between 0 and 1")
    _, task = prediction_task(
        {"real": real}, target=target, positive=positive, schema=schema, categories=categories
    )
    metric = _checked_metric(metric, task, n_splits)
    levels = {*categories} if task.is_number else {*categories, target}
    rng = np.random.default_rng(as_seed(random_state))
    rows = []
    settings: dict[str, Mapping[str, Any]] = {}
    for split, (kept, held) in enumerate(_random_splits(len(real), test_share, n_splits, rng)):
        train = real.iloc[kept]
        drawn = generate(train, int(rng.integers(2**31)))
        tables = comparable(
            {"train": train, "test": real.iloc[held], "generated": drawn},
            schema=schema,
            categories=levels,
        )
        settings = _tuned(tables["train"], tables["generated"], task, rng)
        parts = (tables["train"], tables["generated"], tables["test"])
        rows.append(_scores_of_arms(*parts, task, settings=settings, rng=rng))
        progress("augmentation", split + 1, n_splits)
    return _summary(rows, metric, settings, overlap=test_share / (1 - test_share))


def _checked_metric(metric: str | None, task: Task, n_splits: int) -> str:
    if n_splits < 2:
        raise ConfigError(f"n_splits: found {n_splits}, expected at least 2")
    known = ("r2", "rmse", "mae") if task.is_number else tuple(HIGHER_IS_BETTER)[:6]
    chosen = metric or ("rmse" if task.is_number else "log_loss")
    if chosen not in known:
        raise ConfigError(f"metric: found {chosen!r}, expected one of {', '.join(known)}")
    return chosen


def _random_splits(
    n_rows: int, test_share: float, n_splits: int, rng: np.random.Generator
) -> Iterator[tuple[IntArray, IntArray]]:
    n_test = max(1, round(test_share * n_rows))
    for _ in range(n_splits):
        order = rng.permutation(n_rows)
        yield order[n_test:], order[:n_test]


def _arms(
    real: pd.DataFrame, generated: pd.DataFrame, rng: np.random.Generator
) -> dict[str, pd.DataFrame]:
    repeated = real.iloc[rng.integers(0, len(real), len(generated))]
    return {
        "baseline": real,
        "augmented": pd.concat([real, generated], ignore_index=True),
        "null": pd.concat([real, repeated], ignore_index=True),
    }


def _tuned(
    train: pd.DataFrame, generated: pd.DataFrame, task: Task, rng: np.random.Generator
) -> dict[str, Mapping[str, Any]]:
    """Choose for each arm the settings that do best on real training rows that it didn't see."""
    metric = "rmse" if task.is_number else "log_loss"
    parts = np.array_split(rng.permutation(len(train)), N_PARTS)
    losses: dict[str, FloatArray] = {}
    for held in parts[: N_PARTS if len(train) < SMALL else 1]:
        asked, kept = train.iloc[held], train.drop(index=train.index[held])
        _check_learnable(kept, asked, task)
        for arm, rows in _arms(kept, generated, rng).items():
            found = [
                fit_and_score(rows, asked, task, seed=0, settings=settings)
                for settings in CANDIDATES
            ]
            losses[arm] = losses.get(arm, 0.0) + np.array([scores[metric] for scores in found])
    return {arm: CANDIDATES[int(np.argmin(loss))] for arm, loss in losses.items()}


def _scores_of_arms(
    real: pd.DataFrame,
    generated: pd.DataFrame,
    test: pd.DataFrame,
    task: Task,
    *,
    settings: Mapping[str, Mapping[str, Any]],
    rng: np.random.Generator,
) -> dict[str, dict[str, float]]:
    _check_learnable(real, test, task)
    arms = _arms(real, generated, rng)
    seed = int(rng.integers(2**31))
    return {
        arm: fit_and_score(rows, test, task, seed=seed, settings=settings[arm])
        for arm, rows in arms.items()
    }


def _check_learnable(train: pd.DataFrame, test: pd.DataFrame, task: Task) -> None:
    for name, part in (("training", train), ("test", test)):
        if defect := task.defect(part):
            raise DataError(
                f"column {task.target!r}, {len(part)} {name} rows of a split: {defect}; give more "
                f"rows or fewer splits"
            )


def _summary(
    rows: list[dict[str, dict[str, float]]],
    metric: str,
    settings: Mapping[str, Mapping[str, Any]],
    *,
    overlap: float,
) -> Augmentation:
    names = rows[0]["baseline"]

    def gains(arm: str, rival: str) -> dict[str, PairedDifference]:
        return {
            name: paired_difference(
                np.array([row[arm][name] - row[rival][name] for row in rows])
                * (1 if HIGHER_IS_BETTER[name] else -1),
                overlap=overlap,
            )
            for name in names
        }

    return Augmentation(
        metric=metric,
        baseline={name: float(np.mean([row["baseline"][name] for row in rows])) for name in names},
        gains=gains("augmented", "baseline"),
        gains_over_null=gains("augmented", "null"),
        null_gains=gains("null", "baseline"),
        settings=settings,
    )
