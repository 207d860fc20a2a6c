"""Combinatorial purged cross-validation against plain loops over days."""

from itertools import combinations, pairwise
from math import comb

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from skfolio.optimization import InverseVolatility

from scenara.finance.portfolio import FixedWeights, Momentum, TreeRanking, backtest
from scenara.finance.portfolio.cross_validation import (
    CrossValidatedPaths,
    choice_paths,
    combinatorial_purged_paths,
)
from scenara.finance.portfolio.factory import BestOf
from scenara.finance.portfolio.purged_splits import purged_splits
from scenara.shared.errors import ConfigError, DataError


@pytest.fixture
def days():
    index = pd.bdate_range("2020-01-01", periods=123)
    values = np.random.default_rng(0).normal(0.0005, [0.01, 0.02, 0.03], (123, 3))
    return pd.DataFrame(values, index=index, columns=list("abc"))


class Spy:
    """Remember the days it learns from, and give the weight of its number of calls to one asset."""

    def __init__(self):
        self.seen = []

    def fit(self, blocks):
        self.seen.append([list(block.index) for block in blocks])
        return FixedWeights((len(self.seen) / 100, 0.0, 0.0))


@settings(max_examples=60, deadline=None)
@given(
    n_steps=st.integers(9, 60),
    n_folds=st.integers(3, 6),
    n_test_folds=st.integers(2, 4),
    purge=st.integers(0, 5),
    embargo=st.integers(0, 5),
)
def test_splits_are_those_of_a_loop_over_days(n_steps, n_folds, n_test_folds, purge, embargo):
    length = n_steps // n_folds
    assume(n_test_folds < n_folds)
    assume(purge + embargo < length - 1)
    found = list(
        purged_splits(
            n_steps, n_folds=n_folds, n_test_folds=n_test_folds, purge=purge, embargo=embargo
        )
    )
    fold_of = [min(day // length, n_folds - 1) for day in range(n_steps)]
    for split, folds in zip(found, combinations(range(n_folds), n_test_folds), strict=True):
        tested = [day for day in range(n_steps) if fold_of[day] in folds]
        expected = [
            day
            for day in range(n_steps)
            if day not in tested
            and not any(
                0 < test - day <= purge or 0 < day - test <= purge + embargo for test in tested
            )
        ]
        assert split.folds == folds
        assert split.train.tolist() == expected
        assert [day for test in split.tests for day in test] == tested


@pytest.mark.parametrize(("n_folds", "n_test_folds"), [(3, 2), (6, 2), (6, 3), (10, 2)])
def test_there_are_as_many_paths_as_the_book_counts(days, n_folds, n_test_folds):
    found = combinatorial_purged_paths(
        days, Spy(), n_folds=n_folds, n_test_folds=n_test_folds, purge=1, embargo=1
    )
    assert found.n_splits == comb(n_folds, n_test_folds)
    assert found.n_paths == n_test_folds * comb(n_folds, n_test_folds) // n_folds
    assert found.returns.shape == (found.n_paths, len(days))
    assert found.sharpe.shape == (found.n_paths,)


def test_every_fold_of_a_path_is_traded_by_a_split_that_did_not_learn_from_it(days):
    purge, embargo = 3, 2
    spy = Spy()
    found = combinatorial_purged_paths(
        days, spy, n_folds=5, n_test_folds=2, purge=purge, embargo=embargo, rebalance=1
    )
    length = len(days) // 5
    for path in range(found.n_paths):
        for fold, number in enumerate(found.splits[path]):
            learned = {days.index.get_loc(day) for block in spy.seen[number] for day in block}
            start, end = fold * length, (fold + 1) * length if fold < 4 else len(days)
            forbidden = set(range(start - purge, end + purge + embargo))
            assert not learned & forbidden
            expected = (number + 1) / 100 * days["a"].to_numpy()[start:end]
            np.testing.assert_allclose(found.returns[path, start:end], expected, atol=1e-12)


def test_each_piece_of_every_split_is_used_once(days):
    found = combinatorial_purged_paths(days, Spy(), n_folds=6, n_test_folds=3, purge=1, embargo=0)
    pieces = [(number, fold) for path in found.splits for fold, number in enumerate(path)]
    assert len(set(pieces)) == len(pieces) == 3 * comb(6, 3)


def test_blocks_are_days_that_follow_each_other(days):
    spy = Spy()
    combinatorial_purged_paths(days, spy, n_folds=5, n_test_folds=2, purge=2, embargo=1)
    for blocks in spy.seen:
        places = [[days.index.get_loc(day) for day in block] for block in blocks]
        assert all(np.all(np.diff(block) == 1) for block in places)
        assert all(b[0] - a[-1] > 1 for a, b in pairwise(places))


def test_what_learns_nothing_is_the_same_on_every_path(days):
    found = combinatorial_purged_paths(
        days, Momentum(lookback=10), n_folds=4, purge=1, embargo=0, rebalance=5, costs=0.001
    )
    assert (found.returns == found.returns[0]).all()
    fold = slice(30, 60)
    alone = backtest(
        days[fold], Momentum(lookback=10), history=days[20:30], rebalance=5, costs=0.001
    )
    np.testing.assert_allclose(found.returns[0, fold], alone.returns[0], atol=1e-15)


def test_days_before_the_first_fold_are_looked_back_at(days):
    how = {"n_folds": 4, "purge": 1, "embargo": 0, "rebalance": 5}
    rule = Momentum(lookback=40)
    found = combinatorial_purged_paths(days[50:], rule, history=days[:50], **how)
    for fold in (slice(50, 68), slice(68, 86)):
        known = days[fold.start - 40 : fold.start]
        alone = backtest(days[fold], rule, history=known, rebalance=5)
        place = slice(fold.start - 50, fold.stop - 50)
        np.testing.assert_allclose(found.returns[0, place], alone.returns[0], atol=1e-15)


def test_a_lookback_longer_than_the_first_fold_asks_for_history(days):
    with pytest.raises(ConfigError, match="pass history="):
        combinatorial_purged_paths(days, Momentum(lookback=40), n_folds=4, purge=1, embargo=0)


def test_nothing_is_trained_on_the_history(days):
    spy = Spy()
    how = {"n_folds": 4, "n_test_folds": 2, "purge": 1, "embargo": 0}
    combinatorial_purged_paths(days[50:], spy, history=days[:50], **how)
    assert min(day for split in spy.seen for block in split for day in block) >= days.index[50]


def test_history_of_other_assets_is_refused(days):
    with pytest.raises(DataError, match="history: expected the columns of returns"):
        combinatorial_purged_paths(days[50:], "equal-weight", history=days[:50][["b", "a", "c"]])


def test_sharpe_ratios_are_those_of_a_year(days):
    how = {"n_folds": 4, "purge": 1, "embargo": 0}
    daily = combinatorial_purged_paths(days, "equal-weight", **how)
    monthly = combinatorial_purged_paths(days, "equal-weight", periods_per_year=12, **how)
    np.testing.assert_allclose(monthly.sharpe, daily.sharpe * np.sqrt(12 / 252))


@pytest.mark.parametrize("year", [0, -1, np.nan, np.inf])
def test_a_year_without_steps_is_refused(days, year):
    with pytest.raises(ConfigError, match="periods_per_year: expected a positive number"):
        choice_paths(days, n_folds=4, periods_per_year=year)


def test_an_optimiser_holds_what_it_learned_from_the_training_days(days):
    found = combinatorial_purged_paths(
        days, InverseVolatility(), n_folds=3, n_test_folds=2, purge=0, embargo=0, rebalance=1
    )
    number = found.splits[0, 0]
    split = list(purged_splits(len(days), n_folds=3, n_test_folds=2))[number]
    inverse = 1 / days.iloc[split.train].std()
    expected = days.iloc[:41].to_numpy() @ (inverse / inverse.sum()).to_numpy()
    np.testing.assert_allclose(found.returns[0, :41], expected, atol=1e-10)


def test_the_best_on_training_days_is_chosen(days):
    better = days.assign(a=days["a"] + 0.01)
    choice = BestOf(
        strategies={"b": FixedWeights((0, 1, 0)), "a": FixedWeights((1, 0, 0))}, rebalance=1
    )
    assert choice.fit([better[:20], better[40:]]) == FixedWeights((1, 0, 0))
    found = combinatorial_purged_paths(better, choice, n_folds=4, purge=1, embargo=0, rebalance=1)
    np.testing.assert_allclose(found.returns[2], better["a"], atol=1e-12)


def test_the_ranking_learns_from_blocks_that_are_long_enough(days):
    ranking = TreeRanking(lookback=60, horizon=5, refit_every=10, windows=(3, 10), n_trees=3)
    fitted = ranking.fit([days[:40], days[50:53], days[60:]])
    assert fitted.lookback == 10
    found = combinatorial_purged_paths(days, ranking, n_folds=4, purge=5, embargo=2)
    assert found.n_paths == 3


def test_the_choice_is_made_on_training_days_alone():
    values = np.random.default_rng(2).normal(0, 0.01, (90, 7))
    found = choice_paths(values, n_folds=5, n_test_folds=2, purge=2, embargo=1)
    splits = list(purged_splits(90, n_folds=5, n_test_folds=2, purge=2, embargo=1))
    assert found.returns.shape == (4, 90)
    for path in range(4):
        for fold, number in enumerate(found.splits[path]):
            learned = values[splits[number].train]
            best = (learned.mean(axis=0) / learned.std(axis=0)).argmax()
            days = slice(18 * fold, 18 * fold + 18)
            np.testing.assert_array_equal(found.returns[path, days], values[days, best])


def test_a_choice_among_noise_earns_nothing_out_of_sample():
    """The mean Sharpe ratio over independent histories is 0 within three standard errors."""
    rng = np.random.default_rng(3)
    means = [choice_paths(rng.normal(0, 0.01, (400, 20))).sharpe.mean() for _ in range(60)]
    assert abs(np.mean(means)) < 3 * np.std(means) / np.sqrt(60)


@pytest.mark.parametrize(
    ("learner", "message"),
    [
        (TreeRanking(), "tree ranking: expected a block of 84 days or more"),
        (BestOf(strategies={"m": Momentum()}), "expected one of more than 253 days"),
    ],
)
def test_too_few_training_days_are_refused(days, learner, message):
    with pytest.raises(DataError, match=message):
        combinatorial_purged_paths(days, learner, n_folds=4, purge=1, embargo=0)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"n_folds": 2}, "n_folds: expected from 3"),
        ({"n_test_folds": 1}, "n_test_folds: expected from 2"),
        ({"n_test_folds": 10}, "below the 10 folds"),
        ({"purge": -1}, "purge: expected 0 days or more"),
        ({"purge": 10, "embargo": 1}, "leave nothing of a training fold of 12 days"),
        ({"n_folds": 40, "n_test_folds": 20, "purge": 0, "embargo": 0}, "splits; take fewer"),
    ],
)
def test_numbers_out_of_range_are_refused(days, how, message):
    with pytest.raises(ConfigError, match=message):
        combinatorial_purged_paths(days, "equal-weight", **how)


def test_nothing_to_choose_from_is_refused():
    with pytest.raises(ConfigError, match="expected some to choose from"):
        BestOf(strategies={})


def test_paths_and_their_splits_belong_together():
    with pytest.raises(DataError, match="expected 3 paths of returns, found 2"):
        CrossValidatedPaths(
            returns=np.zeros((2, 5)), splits=np.zeros((3, 2), dtype=np.int64), n_splits=3
        )
