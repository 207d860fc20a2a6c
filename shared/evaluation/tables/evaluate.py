"""Judge a generated table by all measures at once, each beside its floor and the baselines."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import pandas as pd

from scenara.shared.data.schema import Schema
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.evaluation.efficiency import Efficiency
from scenara.shared.evaluation.tables.augmentation import augmentation_of_given_rows
from scenara.shared.evaluation.tables.battery import PROBES, Case, Estimate, Outcome, Probe
from scenara.shared.evaluation.tables.columns import ComparableTables, comparable
from scenara.shared.evaluation.tables.encoding import as_seed
from scenara.shared.evaluation.tables.narrowing import narrowed_columns, narrowing_in_words
from scenara.shared.evaluation.tables.readings import QUESTIONS, Reading
from scenara.shared.evaluation.tables.verdicts import Verdicts, verdicts_of
from scenara.shared.progress import Progress, silent
from scenara.shared.types import RandomState

__all__ = ["TableEvaluation", "evaluate"]

COSTS = ("fit_cpu_seconds", "rows_per_cpu_second", "peak_bytes")
NO_TARGET = "no target was named"


@dataclass(frozen=True)
class TableEvaluation:
    """Hold everything that was measured about one generated table.

    Args:
        readings: The readings, in the order of the five questions.
        schema: What the columns were taken for.
        details: The results behind the readings, by name: ``shape`` with all columns, ``trend``
            with all pairs, ``coverage``, ``membership`` and so on; a measure that could not be
            taken has none.
        efficiency: What the generator cost, if the caller has measured it.
        about: What was compared: numbers of rows and columns, target, seed, baselines, and
            the columns of which generated rows reach less than half of the held-out rows.
    """

    readings: tuple[Reading, ...]
    schema: Schema
    details: Mapping[str, Any] = field(default_factory=dict)
    efficiency: Efficiency | None = None
    about: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, measure: str) -> Reading:
        """Give the reading of one measure.

        Raises:
            KeyError: If the measure was not looked at.
        """
        for reading in self.readings:
            if reading.measure == measure:
                return reading
        raise KeyError(measure)

    def __contains__(self, measure: str) -> bool:
        """Say whether a measure was looked at."""
        return any(reading.measure == measure for reading in self.readings)

    @cached_property
    def verdicts(self) -> Verdicts:
        """Whether the table is faithful, private and useful, each with a sentence."""
        return verdicts_of({reading.measure: reading for reading in self.readings})

    def to_frame(self) -> pd.DataFrame:
        """Give one row a measure.

        Returns:
            Frame indexed by measure: question, value, low, high, floor, a column for each
            baseline, reason.
        """
        return pd.DataFrame(
            [
                {
                    "measure": reading.measure,
                    "question": reading.about.question,
                    "value": reading.value,
                    "low": reading.low,
                    "high": reading.high,
                    "floor": reading.floor,
                    **{
                        name: reading.baselines.get(name, math.nan)
                        for name in self.about.get("baselines", ())
                    },
                    "reason": reading.reason,
                }
                for reading in self.readings
            ]
        ).set_index("measure")

    def to_dict(self) -> dict[str, Any]:
        """Give the evaluation as plain dictionaries, ready for JSON."""
        return {
            "about": dict(self.about),
            "verdicts": self.verdicts.to_dict(),
            "readings": [reading.to_dict() for reading in self.readings],
            "efficiency": self.efficiency.to_dict() if self.efficiency else None,
        }

    def __str__(self) -> str:
        """Give the three verdicts, and the table below them."""
        warning = narrowing_in_words(list(self.about.get("narrowed", ())))
        lines = [f"{v.question} {v.answer}. {v.sentence}" for v in self.verdicts]
        lines += [warning] if warning else []
        table = self.to_frame().drop(columns=["question", "reason"])
        return "\n".join([*lines, table.to_string(float_format="{:.4f}".format, na_rep="")])


def evaluate(
    train: pd.DataFrame,
    test: pd.DataFrame,
    generated: pd.DataFrame,
    *,
    target: str | None = None,
    schema: Schema | None = None,
    baselines: Mapping[str, pd.DataFrame] | None = None,
    efficiency: Efficiency | None = None,
    augmentation: bool = False,
    random_state: RandomState = 0,
    progress: Progress = silent,
) -> TableEvaluation:
    """Judge a generated table: faithful, diverse, useful, private, and at what cost.

    Each measure stands beside its floor, what fresh real rows get in the place of generated
    ones. Where training rows are compared with generated rows (shape, trend, detection,
    precision and recall, coverage, novelty), the held-out rows play generated, equally many on
    both sides. Where held-out rows are part of the measure (closest records, membership), half
    of them play generated and the other half stays held out. Copies are set beside the share of
    held-out rows that repeat a training row, models beside one trained on real rows; the
    attacks measure people beyond strangers, so that their floor is 0.

    A measure that can't be taken on these tables has a reason in place of a value. Large tables
    are subsampled as each measure says.

    Args:
        train: Real rows that the generator has learnt from.
        test: Real rows that it never saw, ideally as many.
        generated: Generated rows, ideally as many.
        target: Column that models predict; without it utility is not measured.
        schema: What the columns are; by default inferred from the training rows.
        baselines: Rows of other sources, by name; each costs about two thirds of the table itself
            in time, and is not attacked by singling out, linking and inference.
        efficiency: What the generator cost, measured by the caller with ``Stopwatch``.
        augmentation: Whether to measure also if adding generated rows makes a model better.
        random_state: Seed of all draws.
        progress: Told of each measure.

    Returns:
        The readings, the results behind them and the verdicts.

    Raises:
        DataError: If the tables can't be compared at all: other columns, no rows, text among
            numbers.
        ConfigError: If the target is not a column, or augmentation is asked for without one.

    Example:
        >>> import numpy as np
        >>> rng = np.random.default_rng(0)
        >>> train, test, rows = (pd.DataFrame(rng.normal(size=(100, 3)), columns=list("abc"))
        ...                      for _ in range(3))
        >>> evaluate(train, test, train).verdicts.private.answer
        'no'
    """
    schema = schema or Schema.infer(train)
    others = dict(baselines or {})
    tables = _check(train, test, {"generated": generated, **others}, schema, target)
    if augmentation and target is None:
        raise ConfigError("augmentation: found no target, expected the column that models predict")
    case = Case(train, test, generated, schema, target, as_seed(random_state))
    cases = {name: replace(case, generated=rows) for name, rows in others.items()}
    probes = PROBES if target else tuple(probe for probe in PROBES if probe.name != "utility")
    readings: list[Reading] = []
    details: dict[str, Any] = {}
    for position, probe in enumerate(probes):
        progress("evaluation", position, len(probes), probe.name)
        found, behind = _probed(probe, case, cases)
        readings += found
        details |= behind
    progress("evaluation", len(probes), len(probes))
    if target is None:
        readings.append(Reading("utility", reason=NO_TARGET))
    if augmentation:
        found, behind = _augmented(case, progress)
        readings += found
        details |= behind
    readings += _costs(efficiency)
    about = {
        "n_train": len(train),
        "n_test": len(test),
        "n_generated": len(generated),
        "n_columns": len(train.columns),
        "target": target,
        "seed": case.seed,
        "baselines": list(others),
        "narrowed": list(narrowed_columns(tables)),
    }
    ordered = sorted(readings, key=lambda reading: QUESTIONS.index(reading.about.question))
    return TableEvaluation(tuple(ordered), schema, details, efficiency, about)


def _check(
    train: pd.DataFrame,
    test: pd.DataFrame,
    drawn: Mapping[str, pd.DataFrame],
    schema: Schema,
    target: str | None,
) -> ComparableTables:
    if target is not None and target not in train.columns:
        raise ConfigError(
            f"target: found {target!r}, expected one of the columns: "
            f"{', '.join(map(str, train.columns))}"
        )
    if twice := {"train", "test"} & set(drawn):
        raise ConfigError(f"baselines: found the name {min(twice)!r}; give it another name")
    return comparable({"train": train, "test": test, **drawn}, schema=schema)


def _probed(
    probe: Probe, case: Case, others: Mapping[str, Case]
) -> tuple[list[Reading], Mapping[str, Any]]:
    try:
        outcome = probe.take(case)
    except DataError as error:
        return [Reading(name, reason=str(error)) for name in probe.measures], {}
    if not outcome.estimates and (utility := outcome.details.get("utility")) is not None:
        return [Reading("utility", reason=utility.reason)], outcome.details
    floor = _estimates(probe.floor, case) if probe.floor else {}
    rivals = {
        name: _estimates(probe.take, other)
        for name, other in others.items()
        if probe.with_baselines
    }
    readings = [
        _reading(name, estimate, floor.get(name), rivals)
        for name, estimate in outcome.estimates.items()
    ]
    return readings, outcome.details


def _estimates(take: Callable[[Case], Outcome], case: Case) -> Mapping[str, Estimate]:
    """Take measures beside the main ones; what can't be measured is left out."""
    try:
        return take(case).estimates
    except DataError:
        return {}


def _reading(
    name: str,
    estimate: Estimate,
    floor: Estimate | None,
    rivals: Mapping[str, Mapping[str, Estimate]],
) -> Reading:
    return Reading(
        name,
        estimate.value,
        estimate.low,
        estimate.high,
        floor=floor.value if floor else estimate.floor,
        floor_high=floor.high if floor else estimate.floor_high,
        baselines={rival: found[name].value for rival, found in rivals.items() if name in found},
    )


def _augmented(case: Case, progress: Progress) -> tuple[list[Reading], Mapping[str, Any]]:
    assert case.target is not None
    try:
        found = augmentation_of_given_rows(
            case.train,
            case.test,
            case.generated,
            target=case.target,
            schema=case.schema,
            random_state=case.seed,
            progress=progress,
        )
    except DataError as error:
        return [Reading("augmentation", reason=str(error))], {}
    gain, null = found.gains[found.metric], found.null_gains[found.metric]
    reading = Reading(
        "augmentation",
        gain.mean,
        gain.low,
        gain.high,
        floor=0.0,
        baselines={"repeated rows": null.mean},
    )
    return [reading], {"augmentation": found}


def _costs(efficiency: Efficiency | None) -> list[Reading]:
    if efficiency is None:
        return []
    values = {name: getattr(efficiency, name) for name in COSTS}
    return [
        Reading(name, value, reason="" if math.isfinite(value) else "it was not timed")
        for name, value in values.items()
    ]
