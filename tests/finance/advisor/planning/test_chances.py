"""Chances: published score intervals, and an interval that holds every generator's own."""

import numpy as np
import pytest

from scenara.finance.advisor.planning import Chance, pooled_chance, wilson_interval
from scenara.shared.errors import DataError


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_intervals_are_the_published_ones(successes, n, low, high):
    # Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3 (score).
    assert wilson_interval(successes, n) == pytest.approx((low, high), abs=5e-5)


def test_the_interval_holds_those_of_all_generators():
    reached = {"a": np.arange(400) < 320, "b": np.arange(400) < 350, "c": np.arange(400) < 300}
    chance = pooled_chance(reached)
    for found in reached.values():
        low, high = wilson_interval(found.sum(), 400)
        assert chance.low <= low < high <= chance.high


def test_the_estimate_is_the_mean_of_the_generators():
    chance = pooled_chance({"a": np.array([1, 1, 0, 0]), "b": np.array([1, 0, 0, 0])})
    assert chance.estimate == pytest.approx(0.375)
    assert chance.disagreement == pytest.approx(0.25)


def test_disagreement_widens_the_interval():
    agreeing = pooled_chance({name: np.arange(1_000) < 800 for name in "ab"})
    disputing = pooled_chance({"a": np.arange(1_000) < 700, "b": np.arange(1_000) < 900})
    assert disputing.high - disputing.low > 0.15 > agreeing.high - agreeing.low


def test_an_interval_without_its_estimate_is_refused():
    with pytest.raises(DataError, match="expected low <= estimate <= high"):
        Chance(0.5, 0.6, 0.7, {"a": 0.5})
