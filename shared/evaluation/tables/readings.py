"""One measure's reading: its value beside the floor and the baselines, or why there is none."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

__all__ = ["MEASURES", "QUESTIONS", "Measure", "Question", "Reading"]

Question = Literal["fidelity", "diversity", "utility", "privacy", "efficiency"]
QUESTIONS: Final[tuple[Question, ...]] = (
    "fidelity",
    "diversity",
    "utility",
    "privacy",
    "efficiency",
)


@dataclass(frozen=True)
class Measure:
    """Say what a measure is.

    Args:
        label: Its name for a reader.
        question: The question that it helps to answer.
        better: Which way is better.
        meaning: What it says, in one sentence.
        unit: How its values are written.
    """

    label: str
    question: Question
    better: Literal["lower", "higher", "floor"]
    meaning: str
    unit: Literal["share", "decimal", "ratio", "seconds", "count", "bytes"] = "share"


@dataclass(frozen=True)
class Reading:
    """Hold what one measure reads on generated rows, with what to compare it to.

    Args:
        measure: Key of the measure in ``MEASURES``.
        value: What generated rows get; not a number if it was not measured.
        low: Lower end of the 95 % interval of the value; not a number if there is none.
        high: Upper end.
        floor: What fresh real rows get in their place; not a number if unknown.
        floor_high: Upper end of the 95 % interval of the floor; not a number if there is none.
        baselines: What other sources of rows get, by name.
        reason: Why there is no value; "" if there is one.

    Example:
        >>> Reading("shape", 0.02, floor=0.01).about.label
        'Column shapes'
    """

    measure: str
    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    floor: float = math.nan
    floor_high: float = math.nan
    baselines: Mapping[str, float] = field(default_factory=dict)
    reason: str = ""

    @property
    def about(self) -> Measure:
        """What the measure is."""
        return MEASURES[self.measure]

    @property
    def is_measured(self) -> bool:
        """Whether there is a value."""
        return math.isfinite(self.value)

    @property
    def has_interval(self) -> bool:
        """Whether the value has an interval."""
        return math.isfinite(self.low) and math.isfinite(self.high)

    def to_dict(self) -> dict[str, Any]:
        """Give the reading as a plain dictionary, ready for JSON; unknown numbers are ``None``."""
        numbers = {name: getattr(self, name) for name in ("value", "low", "high", "floor")}
        return {
            "question": self.about.question,
            "measure": self.measure,
            **{name: _plain(value) for name, value in numbers.items()},
            "baselines": {name: _plain(value) for name, value in self.baselines.items()},
            "reason": self.reason,
            "better": self.about.better,
            "meaning": self.about.meaning,
        }


def _plain(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


_OUT_OF_TEN = "The mean gap between predicted and seen rates, in ten bins, on held-out rows."

MEASURES: Final[Mapping[str, Measure]] = {
    "detection_test": Measure(
        "Undetectable among held-out rows",
        "fidelity",
        "higher",
        "1 if gradient-boosted trees can't tell generated rows from real rows nobody trained on.",
        "decimal",
    ),
    "detection_train": Measure(
        "Undetectable among training rows",
        "fidelity",
        "higher",
        "The same against training rows, where copies of them pass.",
        "decimal",
    ),
    "detection_logistic": Measure(
        "Undetectable by a linear model",
        "fidelity",
        "higher",
        "A gate only: columns drawn independently of each other pass it.",
        "decimal",
    ),
    "shape": Measure(
        "Column shapes", "fidelity", "lower", "Mean distance of the columns' distributions."
    ),
    "trend": Measure(
        "Pair trends", "fidelity", "lower", "Mean distance of the dependence of two columns."
    ),
    "missing_gap": Measure(
        "Missing cells", "fidelity", "lower", "Mean gap between the shares of missing cells."
    ),
    "alpha_precision": Measure(
        "Alpha-precision", "fidelity", "higher", "1 if generated rows lie where real rows lie."
    ),
    "beta_recall": Measure(
        "Beta-recall",
        "diversity",
        "higher",
        "How much of the place of real rows is reached; compare it with fresh real rows.",
    ),
    "levels": Measure(
        "Levels found", "diversity", "higher", "Share of the expected levels that are there."
    ),
    "rare_levels": Measure(
        "Rare levels found", "diversity", "higher", "The same of levels of at most 1 % of rows."
    ),
    "level_pairs": Measure(
        "Level pairs found", "diversity", "higher", "Share of the expected pairs of levels."
    ),
    "range_share": Measure(
        "Range reached", "diversity", "higher", "Mean share of the real ranges that is spanned."
    ),
    "invented_levels": Measure(
        "Invented levels", "diversity", "lower", "Largest share of rows with a level not known."
    ),
    "new_rows": Measure(
        "New rows", "diversity", "floor", "Share of generated rows that equal no training row."
    ),
    "distinct_rows": Measure(
        "Distinct rows", "diversity", "floor", "Different generated rows over generated rows."
    ),
    "new_combinations": Measure(
        "New combinations",
        "diversity",
        "floor",
        "Share of rows whose categories, taken together, no training row has.",
    ),
    "utility": Measure("Train on generated, test on real", "utility", "higher", "", "decimal"),
    "auc_ratio": Measure(
        "AUC kept",
        "utility",
        "higher",
        "AUC of a model trained on generated rows over that of one trained on real rows.",
        "share",
    ),
    "brier_ratio": Measure(
        "Brier score, over real's", "utility", "lower", "1 is as good as real rows.", "ratio"
    ),
    "rmse_ratio": Measure(
        "Error, over real's", "utility", "lower", "Root mean square error over real's.", "ratio"
    ),
    "auc": Measure(
        "AUC",
        "utility",
        "higher",
        "Of a model trained on generated rows, on held-out rows.",
        "decimal",
    ),
    "pr_auc": Measure(
        "Average precision", "utility", "higher", "Area under precision and recall.", "decimal"
    ),
    "brier": Measure(
        "Brier score", "utility", "lower", "Mean squared error of the probabilities.", "decimal"
    ),
    "log_loss": Measure(
        "Log loss",
        "utility",
        "lower",
        "Mean surprise at what came, given the probabilities.",
        "decimal",
    ),
    "ece": Measure("Calibration error", "utility", "lower", _OUT_OF_TEN),
    "ks": Measure(
        "Kolmogorov-Smirnov",
        "utility",
        "higher",
        "Largest gap between the rates at which good and bad are accused.",
        "decimal",
    ),
    "r2": Measure("R2", "utility", "higher", "Share of the variance explained.", "decimal"),
    "rmse": Measure(
        "Root mean square error", "utility", "lower", "In units of the target.", "decimal"
    ),
    "mae": Measure("Mean absolute error", "utility", "lower", "In units of the target.", "decimal"),
    "augmentation": Measure(
        "Gain of adding generated rows",
        "utility",
        "higher",
        "Gain of a tuned model over real rows alone, in units of its score.",
        "decimal",
    ),
    "closest_share": Measure(
        "Closer to a training row",
        "privacy",
        "lower",
        "Share of generated rows nearer to a training row than to a held-out one; half is chance.",
    ),
    "copies": Measure(
        "Copies of training rows",
        "privacy",
        "lower",
        "Share of generated rows that repeat a training row in every column.",
    ),
    "membership_auc": Measure(
        "Membership attack",
        "privacy",
        "lower",
        "Chance that the better of two attacks takes a member for likelier than a stranger.",
        "decimal",
    ),
    "membership_tpr": Measure(
        "Members found, 1 % false alarms",
        "privacy",
        "lower",
        "Share of members found when one stranger in a hundred is accused; 1 % is chance.",
    ),
    "singling_out": Measure(
        "Singling out",
        "privacy",
        "lower",
        "Share of people exposed by a unique description, beyond strangers.",
    ),
    "linkability": Measure(
        "Linking", "privacy", "lower", "Share of people whose two records are linked, likewise."
    ),
    "inference": Measure(
        "Inferring a column",
        "privacy",
        "lower",
        "Share of people of whom one column is guessed from the others, likewise; worst column.",
    ),
    "authenticity": Measure(
        "Authenticity", "privacy", "floor", "0 for copies; compare it with fresh real rows."
    ),
    "fit_cpu_seconds": Measure(
        "Time to fit", "efficiency", "lower", "Processor time, all threads.", "seconds"
    ),
    "rows_per_cpu_second": Measure(
        "Rows per CPU second",
        "efficiency",
        "higher",
        "Rows sampled in a processor second.",
        "count",
    ),
    "peak_bytes": Measure(
        "Peak memory", "efficiency", "lower", "Most memory of the whole process.", "bytes"
    ),
}
