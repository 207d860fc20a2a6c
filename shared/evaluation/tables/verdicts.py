"""Is a generated table faithful, private, useful: one sentence each, by limits set beforehand."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from scenara.shared.evaluation.tables.readings import Reading
from scenara.shared.evaluation.tables.wording import figure, with_interval, written
from scenara.shared.report.numbers import decimal, percent

__all__ = ["LIMITS", "SURE_LIMITS", "Check", "Verdict", "Verdicts", "verdicts_of"]

Answer = Literal["yes", "no", "not certain", "not measured"]

LIMITS: Final[Mapping[str, float]] = {
    "detection_test": 0.75,
    "detection_train": 0.75,
    "shape": 2.0,
    "trend": 2.0,
    "closest_share": 0.53,
    "membership_auc": 0.53,
    "membership_tpr": 0.015,
    "auc_ratio": 0.98,
    "brier_ratio": 1.02,
    "rmse_ratio": 1.02,
}
"""Limits of the checks. Detection, shape and trend: a score of .75 is an area under the curve of
.625; shape and trend are multiples of the floor, with room for its noise. Closest records and
membership: what is let pass as too little to identify anybody. Ratios: a model from generated rows
may be two percent worse than one from real rows."""

SURE_LIMITS: Final[Mapping[str, float]] = {
    "closest_share": 0.56,
    "membership_auc": 0.56,
    "membership_tpr": 0.02,
}
"""What the whole interval must keep, twice as far from chance as the limit of the value: rows that
remember nobody would else fail by chance, and tables too small to say anything would pass."""

FAITHFUL = ("detection_test", "detection_train", "shape", "trend")
MEMBERSHIP = ("closest_share", "copies", "membership_auc", "membership_tpr")
ATTACKS = ("singling_out", "linkability", "inference")
USEFUL = ("auc_ratio", "brier_ratio", "rmse_ratio")


@dataclass(frozen=True)
class Check:
    """Hold one reading against its limit.

    Args:
        measure: Key of the measure.
        passed: Whether the whole interval keeps the limit; False if it surely does not; None if
            the interval holds the limit, or there is no interval.
        rule: The limit in words.
        found: The reading in words.
    """

    measure: str
    passed: bool | None
    rule: str
    found: str


@dataclass(frozen=True)
class Verdict:
    """Answer one question about a generated table.

    Args:
        question: The question.
        answer: "yes" if all checks pass, "no" if one surely fails, "not certain" if an interval
            leaves it open, "not measured" if nothing could be measured.
        sentence: The answer in one sentence, with its number.
        measure: Key of the measure that the number is of; "" if there is none.
        checks: What the answer rests on.

    Example:
        >>> Verdict("Is it private?", "no", "Copies.", "copies", ()).passed
        False
    """

    question: str
    answer: Answer
    sentence: str
    measure: str
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool | None:
        """True for yes, False for no, None if it is not known."""
        return {"yes": True, "no": False}.get(self.answer)

    def to_dict(self) -> dict[str, Any]:
        """Give the verdict as a plain dictionary, ready for JSON."""
        checks = [vars(check) | {} for check in self.checks]
        return {**vars(self), "passed": self.passed, "checks": checks}


@dataclass(frozen=True)
class Verdicts:
    """Hold the three answers.

    Args:
        faithful: Whether generated rows look like real ones.
        private: Whether they keep the people trained on to themselves.
        useful: Whether models can be trained on them.
    """

    faithful: Verdict
    private: Verdict
    useful: Verdict

    def __iter__(self) -> Any:  # noqa: ANN401  (iterators of a dataclass)
        """Give the answers in order."""
        return iter((self.faithful, self.private, self.useful))

    def to_dict(self) -> dict[str, Any]:
        """Give the answers as plain dictionaries, ready for JSON."""
        return {name: getattr(self, name).to_dict() for name in ("faithful", "private", "useful")}


def verdicts_of(readings: Mapping[str, Reading]) -> Verdicts:
    """Answer the three questions from the readings.

    A limit is kept if the whole 95 % interval keeps it and broken if all of it is beyond; in
    privacy the value must keep the limit and the interval a wider one, ``SURE_LIMITS``. The
    attacks must not be significant; copies must not be surely more frequent than among real
    people. Shape and trend have no interval: they are gates, whose limits leave room for chance.

    Args:
        readings: Readings by measure.

    Returns:
        The verdicts with their checks.

    Example:
        >>> verdicts_of({"utility": Reading("utility", reason="no target")}).useful.sentence
        'Not measured: no target.'
    """
    return Verdicts(_faithful(readings), _private(readings), _useful(readings))


def _faithful(readings: Mapping[str, Reading]) -> Verdict:
    checks = tuple(_faithful_check(readings[name]) for name in FAITHFUL if name in readings)
    return _verdict("Is it faithful?", checks, readings, _faithful_sentence)


def _faithful_check(reading: Reading) -> Check:
    limit = LIMITS[reading.measure]
    if reading.measure in ("detection_test", "detection_train"):
        return _check(reading, at_least=limit)
    ratio = reading.value / max(reading.floor, 1e-9)
    passed = ratio <= limit if math.isfinite(ratio) else None
    rule = f"at most {limit:g} times the floor of {written(reading, reading.floor)}"
    return Check(reading.measure, passed, rule, figure(reading))


def _private(readings: Mapping[str, Reading]) -> Verdict:
    checks = [_privacy_check(readings[name]) for name in MEMBERSHIP if name in readings]
    for name in ATTACKS:
        if name in readings:
            reading = readings[name]
            passed = not reading.low > 0 if reading.has_interval else None
            checks.append(Check(name, passed, "no surer than against strangers", figure(reading)))
    return _verdict("Is it private?", tuple(checks), readings, _private_sentence)


def _privacy_check(reading: Reading) -> Check:
    if reading.measure != "copies":
        return _sure_check(reading)
    rule = f"not surely more than the {written(reading, reading.floor)} among real people"
    passed = None if not reading.has_interval else not reading.low > reading.floor_high
    return Check("copies", passed, rule, figure(reading))


def _sure_check(reading: Reading) -> Check:
    limit, sure = LIMITS[reading.measure], SURE_LIMITS[reading.measure]
    rule = f"at most {written(reading, limit)}, surely at most {written(reading, sure)}"
    if not reading.has_interval:
        return Check(reading.measure, None, rule, figure(reading))
    is_kept = reading.value <= limit and reading.high <= sure
    passed = True if is_kept else False if reading.low > limit else None
    return Check(reading.measure, passed, rule, with_interval(reading))


def _useful(readings: Mapping[str, Reading]) -> Verdict:
    if "utility" in readings:
        reason = readings["utility"].reason
        return Verdict("Is it useful?", "not measured", f"Not measured: {reason}.", "", ())
    checks = []
    for name in USEFUL:
        if name in readings:
            side = "at_least" if name == "auc_ratio" else "at_most"
            checks.append(_check(readings[name], **{side: LIMITS[name]}))
    return _verdict("Is it useful?", tuple(checks), readings, _useful_sentence)


def _check(reading: Reading, *, at_most: float = math.inf, at_least: float = -math.inf) -> Check:
    side, limit = ("most", at_most) if math.isfinite(at_most) else ("least", at_least)
    rule = f"at {side} {written(reading, limit)}"
    if not reading.has_interval:
        return Check(reading.measure, None, rule, figure(reading))
    is_kept = at_least <= reading.low and reading.high <= at_most
    is_broken = reading.low > at_most or reading.high < at_least
    passed = True if is_kept else False if is_broken else None
    return Check(reading.measure, passed, rule, with_interval(reading))


Sentence = Callable[[Reading, Check, Answer], str]


def _verdict(
    question: str,
    checks: tuple[Check, ...],
    readings: Mapping[str, Reading],
    sentence: Sentence,
) -> Verdict:
    measured = [check for check in checks if readings[check.measure].is_measured]
    if not measured:
        reasons = [readings[check.measure].reason for check in checks]
        text = f"Not measured: {next(iter(reasons), 'nothing to measure')}."
        return Verdict(question, "not measured", text, "", checks)
    outcomes = [check.passed for check in checks]
    answer: Answer = "no" if False in outcomes else "not certain" if None in outcomes else "yes"
    weakest = {"no": False, "not certain": None, "yes": True}[answer]
    telling = next((c for c in measured if c.passed is weakest), None)
    if telling is None:
        reading = next(r for c in checks if not (r := readings[c.measure]).is_measured)
        text = f"{reading.about.label} could not be measured: {reading.reason}."
        return Verdict(question, answer, text, reading.measure, checks)
    text = sentence(readings[telling.measure], telling, answer)
    return Verdict(question, answer, text, telling.measure, checks)


def _faithful_sentence(reading: Reading, check: Check, answer: Answer) -> str:
    if reading.measure in ("shape", "trend"):
        times = decimal(reading.value / max(reading.floor, 1e-9), digits=1)
        what = "Columns" if reading.measure == "shape" else "Pairs of columns"
        return f"{what} are {times} times as far from the real ones as fresh real rows are."
    rows = "held-out" if reading.measure == "detection_test" else "training"
    area = f"AUC of {decimal(1 - reading.value / 2)}"
    opening = {
        "yes": f"A classifier hardly tells generated from {rows} rows",
        "no": f"A classifier tells generated from {rows} rows",
    }.get(answer, f"It is not certain that generated rows pass for {rows} rows")
    return (
        f"{opening}: it has an {area}, where 0.50 is guessing. The score of "
        f"{with_interval(reading)} should be {check.rule}."
    )


def _private_sentence(reading: Reading, check: Check, answer: Answer) -> str:
    if answer == "yes":
        return (
            f"{with_interval(reading)} of generated rows are closer to a training row than to a "
            f"stranger, where {percent(0.5)} is chance and {percent(0.53)} the limit; "
            "and no attack finds out more than it would about strangers."
        )
    subject = {
        "closest_share": "of generated rows are closer to a training row than to a stranger",
        "copies": "of generated rows are copies of training rows",
        "membership_auc": "is the chance that an attacker takes a member for likelier than a "
        "stranger",
        "membership_tpr": "of the people trained on are found at 1 % false alarms",
        "singling_out": "of people are exposed by a unique description of a generated row",
        "linkability": "of people have two records linked by a generated row",
        "inference": "of people have a column given away by a generated row",
    }[reading.measure]
    doubt = "" if answer == "no" else "It is not certain: "
    return f"{doubt}{with_interval(reading)} {subject}; it should be {check.rule}."


def _useful_sentence(reading: Reading, check: Check, answer: Answer) -> str:
    subject = {
        "auc_ratio": "of the AUC of a model trained on real rows is kept",
        "brier_ratio": "is the Brier score of a model trained on generated rows over that of one "
        "trained on real rows",
        "rmse_ratio": "is the error of a model trained on generated rows over that of one trained "
        "on real rows",
    }[reading.measure]
    doubt = "It is not certain: " if answer == "not certain" else ""
    return (
        f"{doubt}{with_interval(reading)} {subject}, on held-out rows; it should be {check.rule}."
    )
