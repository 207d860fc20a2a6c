"""What a report says of a strategy is the same from run to run, and its files have their own names."""

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest

from scenara.finance.outcomes import sheet_stems, trade
from scenara.finance.portfolio import FixedWeights, FunctionStrategy


class Undocumented:
    lookback = 0

    def weights(self, history, state):
        return np.array([0.5, 0.5])


@dataclass(frozen=True)
class Holding:
    """
    Hold what it is told
    """

    rule: Any
    lookback: int = 0

    def weights(self, history, state):
        return np.array([0.5, 0.5])


def half(past):
    return np.array([0.5, 0.5])


def _description(strategy):
    rng = np.random.default_rng(0)
    real = pd.DataFrame(
        rng.normal(0, 0.01, (60, 2)), pd.bdate_range("2020-01-01", periods=60), ["A", "B"]
    )
    worlds = rng.normal(0, 0.01, (3, 20, 2))
    return trade("it", strategy, worlds, real, first_day=real.index[20]).description


def test_a_class_without_a_docstring_is_called_by_its_name():
    assert _description(Undocumented()).startswith("Undocumented. Settings: ")


def test_a_docstring_may_begin_on_its_second_line():
    assert (
        _description(Holding(1)) == "Hold what it is told. Settings: Holding(rule=1, lookback=0)."
    )


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (half, "rule=half,"),
        (lambda past: half(past), "rule=<lambda>,"),
        (Undocumented().weights, "rule=<bound method Undocumented.weights of Undocumented>,"),
        (Undocumented(), "rule=Undocumented,"),
        (functools.partial(half, 1), "rule=functools.partial(half, 1),"),
    ],
)
def test_functions_are_called_by_their_names_and_not_where_they_are_in_memory(rule, words):
    told = _description(Holding(rule))
    assert words in told
    assert " at 0x" not in told


def test_functions_within_functions_are_named():
    def inner(past):
        return half(past)

    told = _description(FunctionStrategy(inner, lookback=0))
    assert "test_functions_within_functions_are_named.<locals>.inner" in told
    assert " at 0x" not in told


def test_what_a_strategy_of_ours_says_is_its_docstring_and_settings():
    told = _description(FixedWeights((0.5, 0.5)))
    assert told.endswith(f". Settings: {FixedWeights((0.5, 0.5))!r}.")


@pytest.mark.parametrize(
    "names",
    [
        ["hold(-0.1)", "hold(0.1)"],
        ["Momentum", "momentum"],
        ["x" * 300 + "a", "x" * 300 + "b"],
        ["длинный", "короткий"],
        ["1-a", "a", "a()"],
    ],
)
def test_tear_sheets_of_different_strategies_have_different_names_that_fit(names):
    stems = sheet_stems(names)
    assert list(stems) == names
    assert len({stem.lower() for stem in stems.values()}) == len(names)
    assert all(len(f"{stem}-world-95.html") <= 255 for stem in stems.values())
