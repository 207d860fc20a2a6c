"""The ranking by trees: what it is shown, what it is not, and that it learns what is there."""

import numpy as np
import pytest
import torch

from scenara.finance.portfolio import backtest
from scenara.finance.portfolio.strategies import State, TreeRanking
from scenara.finance.portfolio.strategies.ranking_features import (
    past_features,
    training_examples,
)
from scenara.shared.errors import ConfigError

SMALL = {"lookback": 60, "horizon": 5, "refit_every": 10, "windows": (3, 10), "n_trees": 5}


@pytest.fixture
def ranking():
    return TreeRanking(**SMALL)


def rank(values):
    """Give the share of values below each, ties counted half."""
    return [sum((v > w) + 0.5 * (v == w) for w in values) / len(values) for v in values]


def test_features_are_ranks_of_what_was_before_the_date(past):
    dates = torch.tensor([10, 31])
    found = past_features(past, dates, windows=(3, 10))
    for place, date in enumerate((10, 31)):
        for window_place, window in enumerate((3, 10)):
            seen = past[date - window : date, 4].numpy()
            expected = [np.prod(1 + seen, axis=0), seen.std(axis=0), seen.max(axis=0)]
            for kind, values in enumerate(expected):
                feature = found[4, place, :, 3 * window_place + kind]
                np.testing.assert_allclose(feature, rank(values))


def test_grades_are_fifths_of_what_came_after(past):
    found = training_examples(past, windows=(3,), horizon=5, every=4, n_grades=5)
    for place, date in enumerate(found.dates.tolist()):
        after = np.prod(1 + past[date : date + 5, 2].numpy(), axis=0)
        assert found.grades[2, place].tolist() == np.argsort(np.argsort(after)).tolist()


def test_no_label_reaches_past_the_end_of_the_training(past):
    found = training_examples(past, windows=(3, 10), horizon=5, every=4, n_grades=5)
    assert found.dates.max() + 5 == len(past)
    assert found.dates.min() >= 10


def test_what_happens_after_the_last_training_moves_features_alone(past, ranking):
    """At step 57 a model of step 50 is used: 7 later returns are not in its block."""
    history = past[:60]
    ranking.weights(history, State(step=57))
    first = list(ranking._models)
    changed = history.clone()
    changed[-7:] += 0.05
    ranking.weights(changed, State(step=57))
    assert list(ranking._models) == first


def test_a_model_is_used_until_the_next_training(past, ranking):
    keys = []
    for step in (50, 51, 52):
        ranking.weights(past[step - 50 : step + 10], State(step=step))
        keys.append(list(ranking._models))
    assert keys[0] == keys[1] == keys[2]
    ranking.weights(past[1:61], State(step=60))
    assert keys[0] != list(ranking._models)


def test_a_path_is_ranked_alike_whatever_was_asked_before(past, ranking):
    ranking.weights(past[:60], State(step=3))
    again = ranking.weights(past[1:61], State(step=4))
    fresh = TreeRanking(**SMALL).weights(past[1:61], State(step=4))
    torch.testing.assert_close(again, fresh, rtol=0, atol=0)


def test_it_learns_that_losers_come_back():
    """Cheap assets rise: each log price reverts by a tenth a day, so that ranks can be told."""
    rng = np.random.default_rng(0)
    price = np.zeros((6, 401, 10))
    for day in range(400):
        price[:, day + 1] = 0.9 * price[:, day] + rng.normal(0, 0.02, (6, 10))
    returns = np.expm1(np.diff(price, axis=1))
    strategy = TreeRanking(lookback=200, horizon=5, refit_every=50, windows=(5, 20), short=True)
    outcome = backtest(returns[:, 200:], strategy, rebalance=5, history=returns[:, :200])
    gains = np.log(outcome.wealth[:, -1])
    assert gains.mean() > 3 * gains.std() / np.sqrt(len(gains))
    assert gains.mean() > 0.2


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"lookback": 100}, "lookback: expected at least 166 returns"),
        ({"horizon": 0}, "horizon: expected at least 1"),
        ({"windows": ()}, "windows: expected lengths from 1"),
        ({"n_leaves": 1}, "n_leaves: expected at least 2"),
        ({"share": 0.7}, "share: expected a fraction"),
        ({"learning_rate": 0}, "learning_rate: expected a positive"),
    ],
)
def test_wrong_settings_are_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        TreeRanking(**settings)
