"""Frames of weights go by their labels, and have the dates of the days that they stand for."""

import numpy as np
import pandas as pd
import pytest

from scenara.finance.outcomes import trade
from scenara.finance.portfolio import FixedWeights, FunctionStrategy, backtest
from scenara.finance.portfolio.frame_strategy import FrameStrategy
from scenara.finance.portfolio.luck.zero_edge import planted_edge
from scenara.finance.portfolio.strategies import OptimiserStrategy
from scenara.shared.errors import DataError

DAYS = pd.DatetimeIndex(["2024-01-01", "2024-01-02", "2024-01-04", "2024-01-08", "2024-01-11"])
RETURNS = pd.DataFrame(
    np.random.default_rng(0).normal(0, 0.01, (5, 3)), index=DAYS, columns=["C", "A", "B"]
)


def favour(frame):
    """Give all to asset A."""
    return pd.DataFrame({"C": 0.0, "A": 1.0, "B": 0.0}, index=frame.index)


@pytest.mark.parametrize(
    "turn",
    [
        lambda weights: weights[["A", "B", "C"]],
        lambda weights: weights.mul(np.arange(1.0, 3.0), axis=0).iloc[::-1] / 2,
    ],
    ids=["columns", "rows"],
)
def test_the_order_of_columns_and_rows_means_nothing(turn):
    strategy = FrameStrategy(lambda frame: turn(favour(frame)), lookback=2)
    outcome = backtest(RETURNS, strategy, rebalance=2)
    assert outcome.weights[0, 1].tolist() == [0.0, 1.0, 0.0]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda weights: weights.rename(columns={"A": "D"}), "the columns of the returns"),
        (lambda weights: weights[["A", "A", "B"]], "the columns of the returns"),
        (lambda weights: weights.reset_index(drop=True), "the index of the returns"),
        (lambda weights: weights.shift(freq="D"), "the index of the returns"),
        (lambda weights: weights.iloc[1:], r"of shape \(2, 3\)"),
        (lambda weights: weights.astype(str) + "x", "that are numbers"),
    ],
)
def test_weights_with_other_labels_are_refused(spoil, message):
    strategy = FrameStrategy(lambda frame: spoil(favour(frame)), lookback=2)
    with pytest.raises(DataError, match=message):
        backtest(RETURNS, strategy, rebalance=2)


def shown(returns, **settings):
    seen = []

    def look(frame):
        seen.append(frame.index)
        return pd.DataFrame(0.0, frame.index, frame.columns)

    backtest(returns, FrameStrategy(look, lookback=2), rebalance=1, **settings)
    return seen


def test_a_frame_has_the_real_dates_of_its_days():
    assert [list(index) for index in shown(RETURNS)] == [list(DAYS[i : i + 2]) for i in range(3)]


def test_dates_reach_back_into_the_history():
    seen = shown(RETURNS.iloc[3:], history=RETURNS.iloc[:3])
    assert [list(index) for index in seen] == [list(DAYS[1:3]), list(DAYS[2:4])]


def test_dates_of_a_history_without_labels_can_be_told():
    told = {"history": RETURNS.iloc[:3].to_numpy(), "history_dates": DAYS[:3]}
    assert list(shown(RETURNS.iloc[3:], **told)[0]) == list(DAYS[1:3])


@pytest.mark.parametrize(
    ("returns", "settings"),
    [
        (RETURNS.to_numpy(), {}),
        (RETURNS.iloc[3:], {"history": RETURNS.iloc[:3].to_numpy()}),
    ],
    ids=["no dates", "no dates of the history"],
)
def test_dates_that_are_not_known_are_not_made_up(returns, settings):
    assert isinstance(shown(returns, **settings)[0], pd.RangeIndex)


def test_an_optimiser_is_fitted_on_real_dates():
    from skfolio.optimization import EqualWeighted

    seen = []

    class Spy(EqualWeighted):
        def fit(self, X, y=None):
            seen.append(list(X.index))
            return super().fit(X, y)

    backtest(RETURNS.iloc[3:], OptimiserStrategy(Spy(), lookback=3), history=RETURNS.iloc[:3])
    assert seen == [list(DAYS[:3])]


def test_a_function_is_told_the_dates_of_what_it_sees():
    seen = []

    def look(past, state):
        seen.append(state.dates)
        return np.zeros(3)

    backtest(RETURNS, FunctionStrategy(look, lookback=4), rebalance=4)
    assert [list(days) for days in seen] == [list(DAYS[:4])]


EVEN = FixedWeights((0.5, 0.3, 0.2))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"returns": RETURNS.iloc[:3], "history": RETURNS.iloc[2:]}, "days before the first"),
        ({"returns": RETURNS.iloc[:3], "history": RETURNS.iloc[3:]}, "days before the first"),
        ({"returns": RETURNS, "dividends": RETURNS.abs().shift(freq="D")}, "dates of returns"),
        ({"returns": RETURNS.iloc[::-1], "rebalance": 2}, "strictly increasing dates"),
        ({"returns": RETURNS.set_axis([DAYS[0]] * 5)}, "strictly increasing dates"),
        ({"returns": RETURNS.set_axis([*DAYS[:4], pd.NaT])}, "strictly increasing dates"),
        (
            {"returns": RETURNS.iloc[3:], "history": RETURNS.iloc[:3].tz_localize("UTC")},
            "time zone",
        ),
    ],
)
def test_dates_that_contradict_each_other_are_refused(settings, message):
    with pytest.raises(DataError, match=message):
        backtest(**{"strategy": EVEN, **settings})


def test_worlds_show_the_dates_of_the_real_days_before_them():
    seen = []

    def look(frame):
        seen.append(frame.index[0])
        return pd.DataFrame(0.0, frame.index, frame.columns)

    days = pd.bdate_range("2024-01-01", periods=60)
    real = pd.DataFrame(np.zeros((60, 3)), index=days, columns=list("ABC"))
    rule, past = FrameStrategy(look, lookback=10), np.zeros((1, 15, 3))
    trade("look", rule, np.zeros((1, 20, 3)), real, past=past, first_day=days[40], rebalance=21)
    assert seen[0] == days[30]


def test_an_edge_is_planted_where_a_rule_sees_its_dates():
    seen = []

    def look(frame):
        seen.append(list(frame.index))
        return pd.DataFrame(1 / 3, frame.index, frame.columns)

    told = {"history": np.zeros((1, 3, 3)), "history_dates": DAYS[:3], "dates": DAYS[3:]}
    worlds = np.random.default_rng(0).normal(0, 0.01, (1, 2, 3))
    planted_edge(worlds, FrameStrategy(look, lookback=2), sharpe=0.1, rebalance=1, **told)
    assert seen[:2] == [list(DAYS[1:3]), list(DAYS[2:4])]
