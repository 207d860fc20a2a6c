"""Worlds: the history's means and spreads, the same for the same seed, and none that explodes."""

import numpy as np
import pytest

from scenara.finance.advisor.client import MarketView
from scenara.finance.advisor.planning import simulate_markets
from scenara.finance.advisor.planning.worlds import calibrated, late_spread
from scenara.shared.errors import DataError

SIZE = {"n_paths": 150, "n_months": 130}
FAMILIES = ["series/bootstrap", "series/fhs"]


@pytest.fixture(scope="module")
def both(history):
    return simulate_markets(history, FAMILIES, **SIZE, uncertain_means=False, seed=3)


@pytest.mark.parametrize("family", FAMILIES)
def test_means_are_those_of_the_history(both, history, family):
    logs = np.log1p(both.returns[family].astype(float)).mean(axis=(0, 1))
    np.testing.assert_allclose(logs, history.channels.mean(), atol=1e-6)


@pytest.mark.parametrize("family", FAMILIES)
def test_spreads_are_those_of_the_history(both, history, family):
    logs = np.log1p(both.returns[family].astype(float)).std(axis=(0, 1))
    np.testing.assert_allclose(logs, history.channels.std(), rtol=0.01)


def test_the_same_seed_gives_the_same_worlds(both, history):
    again = simulate_markets(history, FAMILIES, **SIZE, uncertain_means=False, seed=3)
    assert all((again.returns[name] == both.returns[name]).all() for name in FAMILIES)


def test_another_seed_gives_others(both, history):
    other = simulate_markets(history, FAMILIES[:1], **SIZE, uncertain_means=False, seed=4)
    assert (other.returns[FAMILIES[0]] != both.returns[FAMILIES[0]]).any()


def test_uncertain_means_spread_by_the_error_of_the_sample_mean(both, history):
    drawn = simulate_markets(history, FAMILIES[:1], **SIZE, seed=3).returns[FAMILIES[0]]
    shifts = 12 * (np.log1p(drawn) - np.log1p(both.returns[FAMILIES[0]]))[:, 0, 0].astype(float)
    error = history.channels["shares"].std() * np.sqrt(12 / 40)
    # The spread of n draws has a relative standard error of 1 / sqrt(2 n).
    assert shifts.std() == pytest.approx(error, rel=3 / np.sqrt(2 * 150) + 0.01)
    assert shifts.mean() == pytest.approx(0, abs=1e-6)


def test_all_generators_share_the_drawn_means(both, history):
    drawn = simulate_markets(history, FAMILIES, **SIZE, seed=3)
    shifts = [
        np.log1p(drawn.returns[name][:, 0, 0]) - np.log1p(both.returns[name][:, 0, 0])
        for name in FAMILIES
    ]
    np.testing.assert_allclose(shifts[0], shifts[1], atol=1e-6)


def test_a_certain_view_sets_the_mean(history):
    view = MarketView(asset="shares", return_per_year=0.03, confidence=1.0)
    worlds = simulate_markets(
        history, FAMILIES[:1], **SIZE, views=[view], uncertain_means=False, seed=3
    )
    logs = np.log1p(worlds.returns[FAMILIES[0]][..., 0].astype(float))
    assert 12 * logs.mean() == pytest.approx(np.log(1.03), abs=1e-5)


def test_moves_are_bounded_by_those_of_the_history():
    known = np.array([[-1.0], [1.0]] * 50)
    paths = np.random.default_rng(0).standard_t(2, (50, 40, 1))
    bent, share = calibrated(paths, known)
    assert np.abs(bent).max() < 1.6
    assert 0 < share < 0.1


def test_worlds_that_explode_are_refused():
    noise = np.random.default_rng(0).standard_normal((50, 240, 2))
    with pytest.raises(DataError, match="series/x: its worlds spread"):
        late_spread(noise * np.linspace(0.1, 3, 240)[None, :, None], family="series/x")
