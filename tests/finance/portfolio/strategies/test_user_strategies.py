"""What users write as a strategy: taken if it can be, else answered in one line that names it."""

import re

import numpy as np
import pandas as pd
import pytest
import torch

from scenara.finance.portfolio import FunctionStrategy, State, as_strategy, backtest
from scenara.finance.portfolio.strategies import load_strategies, strategy_name
from scenara.finance.portfolio.strategies.files import blame_files
from scenara.shared.errors import ConfigError, DataError

RETURNS = np.random.default_rng(0).normal(0, 0.01, (3, 28, 4))


def rule_that_gives(answer):
    def rule(past):
        return answer

    return FunctionStrategy(rule, lookback=5)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (None, "found NoneType"),
        ({"a": 1.0}, "found dict"),
        ("even", "found str"),
        ([[0.5], [0.5, 0.5]], "found list"),
        (np.array(["a"] * 4, dtype=object), "found ndarray"),
        (np.ones(4) * 1j, "found complex numbers"),
        (np.ones(7), r"found \(7,\)"),
        (np.full(4, np.nan), "found nan or inf"),
        (np.full(4, np.inf), "found nan or inf"),
    ],
)
def test_an_answer_that_is_no_weights_names_the_strategy(answer, message):
    with pytest.raises(DataError, match=rf"^strategy 'rule': expected .*{message}$"):
        backtest(RETURNS, rule_that_gives(answer))


@pytest.mark.parametrize(
    "answer",
    [
        [0.25] * 4,
        np.full((3, 4), 0.25, dtype=np.float32),
        pd.DataFrame(np.full((3, 4), 0.25)),
        pd.Series([0.25] * 4),
        torch.full((1, 4), 0.25, requires_grad=True),
    ],
    ids=["list", "array", "frame", "series", "tensor that learns"],
)
def test_what_becomes_a_tensor_is_taken(answer):
    expected = backtest(RETURNS, "equal-weight")
    np.testing.assert_allclose(backtest(RETURNS, rule_that_gives(answer)).wealth, expected.wealth)


class Even:
    lookback = 5

    def weights(self, history, state):
        return np.full(history.shape[1:], 0.25)


def test_an_object_may_give_arrays_of_numpy():
    np.testing.assert_allclose(
        backtest(RETURNS, Even()).wealth, backtest(RETURNS, "equal-weight").wealth
    )


class Deaf(Even):
    def weights(self, history):
        return history[-1]


@pytest.mark.parametrize(
    "function",
    [lambda: 1, lambda a, b, c: a, lambda past, *, window: past[-1], lambda *, past: past[-1]],
)
def test_a_function_of_other_arguments_is_refused(function):
    with pytest.raises(ConfigError, match="expected a function of the past, or of the past and"):
        as_strategy(function)


def test_an_object_that_can_not_be_told_the_state_is_refused():
    with pytest.raises(ConfigError, match=r"'Deaf': expected a method weights\(history, state\)"):
        as_strategy(Deaf())


@pytest.mark.parametrize("lookback", ["a", "5", None, float("nan"), 5.5, True])
def test_a_lookback_that_is_no_whole_number_is_refused(lookback):
    with pytest.raises(ConfigError, match=r"lookback: expected a whole number, .* found"):
        FunctionStrategy(len, lookback=lookback)


def with_default(past, state=None):
    return state


def with_setting(past, window=3):
    return window


def with_any(*arguments):
    return len(arguments)


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (with_default, True),
        (with_setting, False),
        (with_any, False),
        (lambda past, moment: moment, True),
        (torch.sum, False),
    ],
)
def test_a_function_is_told_the_state_if_it_asks_for_it(function, told):
    assert FunctionStrategy(function).takes_state is told


def test_a_function_of_the_state_alone_is_asked_at_every_trade():
    seen = []

    def look(past, state):
        seen.append(state.step)
        return np.zeros(4)

    backtest(RETURNS, FunctionStrategy(look, lookback=0), rebalance=7)
    assert seen == [0, 7, 14, 21]


def test_a_function_of_no_past_is_asked_once():
    seen = []
    strategy = FunctionStrategy(lambda past: seen.append(len(past)) or np.zeros(4), lookback=0)
    backtest(RETURNS, strategy, rebalance=7)
    assert seen == [0]


@pytest.fixture
def rules(tmp_path):
    def write(source, name="rules.py"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(source if isinstance(source, bytes) else source.encode())
        return str(file)

    return write


GOOD = "def good(past):\n    return past[-1] * 0\n"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (GOOD + "good.lookback = 'a'", "good: lookback: expected a whole number"),
        (GOOD + "good.lookback = float('nan')", "good: lookback: expected a whole number"),
        (GOOD + "def none():\n    return 1", "none: strategy 'none': expected a function"),
        (GOOD + "def three(a, b, c):\n    return a", "three: .*; if it is no strategy, begin its"),
        (
            "class Deaf:\n    lookback = 5\n    def weights(self, past):\n        return 1\nx = Deaf()",
            "x: strategy 'Deaf': expected a method",
        ),
        (GOOD + "__all__ = 5", "__all__: expected a list of names, such as .* found 5"),
        (GOOD + "__all__ = 'good'", "__all__: expected a list of names"),
        (GOOD + "__all__ = ['bad']", "__all__ names 'bad', which is not there"),
        (b"\x00\xff\xfe bad", r"rules\.py: not valid Python"),
        (b"\xff\xfe bad", r"rules\.py.*: not valid Python"),
    ],
)
def test_a_file_that_can_not_be_used_is_answered_in_one_line(rules, source, message):
    with pytest.raises(ConfigError, match=message) as caught:
        load_strategies(rules(source))
    assert "rules.py" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "None" not in str(caught.value)


def test_what_is_not_asked_for_need_not_be_right(rules):
    file = rules(GOOD + "def three(a, b, c):\n    return a")
    assert list(load_strategies(f"{file}:good")) == ["rules.py:good"]


def test_a_strategy_that_leaves_the_program_is_blamed(rules):
    (strategy,) = load_strategies(rules("def quits(past):\n    raise SystemExit(0)")).values()
    line = re.escape("rules.py, line 2: the strategy failed: SystemExit: 0")
    with pytest.raises(ConfigError, match=line), blame_files():
        strategy.weights(torch.zeros(63, 1, 1), State())


def test_leaving_the_program_elsewhere_is_left_alone():
    with pytest.raises(SystemExit), blame_files():
        raise SystemExit(3)


@pytest.mark.parametrize("first", ["rules.py", "other/rules.py"])
def test_files_of_the_same_name_are_told_apart(rules, first):
    fails = "def fails(past):\n    return 1 / 0\n"
    files = {name: rules(fails, name) for name in ("rules.py", "other/rules.py")}
    (strategy,) = load_strategies(files.pop(first)).values()
    load_strategies(files.popitem()[1])
    with pytest.raises(ConfigError, match=rf"{first}, line 2: the strategy failed"), blame_files():
        strategy.weights(torch.zeros(63, 1, 1), State())


def test_names_are_those_of_functions_and_classes():
    assert [strategy_name(strategy) for strategy in (rule_that_gives(0), Even())] == [
        "rule",
        "Even",
    ]
