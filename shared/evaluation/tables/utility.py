"""Whether a model trained on generated rows works on real ones."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import pandas as pd

from scenara.shared.data.schema import Schema
from scenara.shared.errors import DataError
from scenara.shared.evaluation.tables.encoding import as_seed
from scenara.shared.evaluation.tables.prediction import fit_and_score, prediction_task
from scenara.shared.types import RandomState

__all__ = ["Utility", "train_on_generated"]


@dataclass(frozen=True)
class Utility:
    """Hold the scores of a model trained on generated rows beside those of one trained on real.

    Both are scored on the same held-out real rows.

    Args:
        target: Column that is predicted.
        classes: Classes whose probability is scored; none if the target is a number.
        real: Scores of the model trained on real rows, by name.
        generated: Scores of the model trained on generated rows; empty if there is none.
        reason: Why there is none; "" if there is.

    Example:
        >>> Utility("y", ("1",), {"auc": 0.8}, {"auc": 0.76}).ratio("auc")
        0.95
    """

    target: str
    classes: tuple[str, ...]
    real: Mapping[str, float]
    generated: Mapping[str, float] = field(default_factory=dict)
    reason: str = ""

    @property
    def is_measurable(self) -> bool:
        """Whether a model could be trained on the generated rows."""
        return not self.reason

    def ratio(self, score: str) -> float:
        """Give a score of the generated rows' model over that of the real rows' model.

        Args:
            score: Name of the score, such as ``auc``.

        Raises:
            DataError: If the score was not measured.
        """
        for name, scores in (("real", self.real), ("generated", self.generated)):
            if score not in scores:
                known = ", ".join(scores) or self.reason
                raise DataError(f"score: found no {score!r} of the {name} rows: {known}")
        return self.generated[score] / self.real[score]


def train_on_generated(
    train: pd.DataFrame,
    test: pd.DataFrame,
    generated: pd.DataFrame,
    *,
    target: str,
    positive: object = None,
    schema: Schema | None = None,
    categories: Collection[str] = (),
    random_state: RandomState = 0,
) -> Utility:
    """Train on generated rows, test on held-out real rows, beside the same from real rows.

    Gradient-boosted trees (LightGBM, 200 trees of 31 leaves) with fixed settings. A class
    target gives area under the curve, average precision, Brier score, log loss, calibration
    error in ten bins of equal mass and Kolmogorov-Smirnov gap; a number gives R2, root mean
    square and mean absolute error.

    Args:
        train: Real rows that the generator has learnt from.
        test: Real rows that it never saw.
        generated: Generated rows.
        target: Column to predict; a class if it is a category or has at most two values.
        positive: Class whose probability is scored; by default the rarer of two, or each of
            several against the rest.
        schema: What the columns are; by default their dtypes say it.
        categories: Columns that are categories whatever else is said.
        random_state: Seed of the trees.

    Returns:
        Scores of both models. Generated rows whose target never varies give the reason instead.

    Raises:
        DataError: If the tables can't be compared or real rows can't be learnt from or scored.

    Example:
        >>> import numpy as np
        >>> rng = np.random.default_rng(0)
        >>> x = rng.normal(size=400)
        >>> real = pd.DataFrame({"x": x, "y": (x + rng.normal(size=400) > 0).astype(int)})
        >>> utility = train_on_generated(real[:200], real[200:], real[:200], target="y")
        >>> utility.ratio("auc")
        1.0

    References:
        Esteban, Hyland, Ratsch (2017), Real-valued (medical) time series generation with
        recurrent conditional GANs, section 4, https://arxiv.org/abs/1706.02633
    """
    tables, task = prediction_task(
        {"train": train, "test": test, "generated": generated},
        target=target,
        positive=positive,
        schema=schema,
        categories=categories,
    )
    if defect := task.defect(tables["test"]):
        raise DataError(f"test, column {target!r}: {defect}; nothing can be scored on it")
    seed = as_seed(random_state)
    real = fit_and_score(tables["train"], tables["test"], task, seed=seed)
    if defect := task.defect(tables["generated"]):
        return Utility(target, task.classes, real, reason=f"generated, column {target!r}: {defect}")
    drawn = fit_and_score(tables["generated"], tables["test"], task, seed=seed)
    return Utility(target, task.classes, real, drawn)
