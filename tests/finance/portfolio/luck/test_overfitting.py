"""The probability of backtest overfitting is that of two other implementations, and of a plain loop."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata

from scenara.finance.portfolio.luck import probability_of_backtest_overfitting
from scenara.shared.errors import ConfigError, DataError


def _trials(kind, seed, n_steps, n_trials):
    rng = np.random.default_rng(seed)
    shape = (n_steps, n_trials)
    returns = rng.standard_t(3, shape) if kind == "student" else rng.standard_normal(shape)
    if kind == "one good":
        returns[:, 7] += 0.1
    return returns


# Found by phacker 0.1.0 (its compiled kernel) and vetted 0.1.0, which agree in all digits.
@pytest.mark.parametrize(
    ("kind", "seed", "n_steps", "n_trials", "n_blocks", "expected"),
    [
        ("normal", 0, 2000, 500, 16, 0.3168609168609169),
        ("normal", 1, 1000, 20, 16, 0.5004662004662005),
        ("student", 2, 777, 60, 10, 0.7023809523809523),
        ("one good", 3, 1200, 100, 12, 0.41233766233766234),
        ("normal", 4, 320, 8, 16, 0.22206682206682207),
    ],
)
def test_probability_is_that_of_two_peers(kind, seed, n_steps, n_trials, n_blocks, expected):
    returns = _trials(kind, seed, n_steps, n_trials)
    found = probability_of_backtest_overfitting(returns, n_blocks=n_blocks)
    assert found.probability == pytest.approx(expected, abs=1e-14)


def _slowly(returns, n_blocks):
    blocks = np.split(returns, n_blocks)
    found = []
    for chosen in combinations(range(n_blocks), n_blocks // 2):
        inside = np.concatenate([blocks[i] for i in chosen])
        outside = np.concatenate([blocks[i] for i in range(n_blocks) if i not in chosen])
        first, second = (part.mean(0) / part.std(0, ddof=1) for part in (inside, outside))
        best = first.argmax()
        share = rankdata(second)[best] / (returns.shape[1] + 1)
        found.append((np.log(share / (1 - share)), first[best], second[best]))
    return np.array(found).T


def test_every_combination_is_that_of_a_plain_loop():
    returns = _trials("student", 5, 120, 7)
    found = probability_of_backtest_overfitting(returns, n_blocks=6)
    expected = _slowly(returns, 6)
    np.testing.assert_allclose(
        [found.logits, found.in_sample, found.out_of_sample], expected, rtol=1e-12
    )


def test_trials_that_are_the_same_share_their_rank():
    returns = np.repeat(_trials("normal", 0, 64, 1), 3, axis=1)
    np.testing.assert_array_equal(
        probability_of_backtest_overfitting(returns, n_blocks=4).logits, np.zeros(6)
    )


def test_a_trial_that_is_truly_better_is_not_overfitted():
    returns = _trials("normal", 0, 1600, 50)
    returns[:, 3] += 0.3
    found = probability_of_backtest_overfitting(returns)
    assert found.probability == 0
    assert found.probability_of_loss == 0


def test_what_is_gained_in_sample_is_lost_out_of_sample_when_the_whole_is_fixed():
    returns = _trials("normal", 0, 1600, 30)
    returns -= returns.mean(0)
    found = probability_of_backtest_overfitting(returns)
    assert found.degradation == pytest.approx(-1, abs=0.1)
    assert found.probability_of_loss == 1


def test_scale_does_not_matter():
    returns = _trials("normal", 6, 320, 9)
    scaled = returns * np.geomspace(1e-6, 1e3, 9)
    first, second = (probability_of_backtest_overfitting(r).logits for r in (returns, scaled))
    np.testing.assert_array_equal(first, second)


def test_a_trial_in_cash_for_half_of_the_time_breaks_nothing():
    returns = _trials("normal", 7, 320, 4)
    returns[160:, 1] = 0
    assert np.isfinite(probability_of_backtest_overfitting(returns).logits).all()


@pytest.mark.parametrize("n_blocks", [0, 3, 22])
def test_odd_or_extreme_numbers_of_blocks_are_refused(n_blocks):
    with pytest.raises(ConfigError, match="expected an even number from 2 to 20"):
        probability_of_backtest_overfitting(_trials("normal", 0, 64, 3), n_blocks=n_blocks)


def test_a_single_trial_is_refused():
    with pytest.raises(DataError, match="at least 32 by 2"):
        probability_of_backtest_overfitting(_trials("normal", 0, 64, 1))


def test_a_return_that_is_missing_is_named():
    frame = pd.DataFrame(_trials("normal", 0, 64, 2), columns=["A", "B"])
    frame.loc[5, "B"] = np.nan
    with pytest.raises(DataError, match="found nan at step 5 of trial 'B'"):
        probability_of_backtest_overfitting(frame)


def test_a_trial_that_never_moves_is_named():
    frame = pd.DataFrame(_trials("normal", 0, 64, 2), columns=["A", "B"]).assign(B=0.01)
    with pytest.raises(DataError, match="trial 'B' never change"):
        probability_of_backtest_overfitting(frame)
