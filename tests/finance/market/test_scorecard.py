"""The scorecard of paths: floor and baselines beside each score, and what is refused."""

import numpy as np
import pytest

from scenara.finance.market.facts import GROUPS, MEASURES
from scenara.finance.market.scorecard import HISTORY, load_floor, noise_floor, score_paths
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.evaluation import NoiseFloor

LENGTH = 126


@pytest.fixture(scope="module")
def years(volatile):
    """History and held-out days of the same law."""
    return volatile(0, 1, 3000, 3)[0], volatile(1, 1, 1500, 3)[0]


@pytest.fixture(scope="module")
def floor(years):
    return noise_floor(np.vstack(years), length=LENGTH, n_test=11, n_draws=10)


@pytest.fixture(scope="module")
def card(years, floor, volatile):
    train, real = years
    rivals = {"calm": 0.5 * volatile(3, 100, LENGTH, 3)}
    same_law = volatile(2, 200, LENGTH, 3)
    return score_paths(real, same_law, train=train, floor=floor, baselines=rivals)


def test_the_card_has_all_measures_in_all_groups(card):
    assert [score.measure for score in card.scores] == [measure.name for measure in MEASURES]
    assert tuple(card.groups) == GROUPS


def test_each_score_has_floor_history_and_the_named_baseline_beside_it(card, floor):
    score = card["corr"]
    assert score.floor == floor.mean["corr"]
    assert set(score.baselines) == {HISTORY, "calm"}


def test_paths_of_the_true_law_score_like_history_and_far_below_half_the_volatility(card):
    assert card.overall < 1.5
    assert card.overall < 0.5 * card.baselines["calm"]


def test_new_paths_are_no_copies_and_do_not_explode(card):
    assert set(card.extras) == {"auc", "joint_spikes", "path_copy", "explosions"}
    assert card.extras["path_copy"] < 0.1


def test_a_replay_of_the_history_is_found_out(years, floor):
    train, real = years
    replay = np.stack([train[i : i + LENGTH] for i in range(0, 2800, 100)])
    card = score_paths(real, replay, train=train, floor=floor)
    assert card.extras["path_copy"] == 1


def test_without_a_floor_it_is_computed_from_all_real_days(years, volatile):
    train, real = (part[:1300] for part in years)
    card = score_paths(real, volatile(2, 20, LENGTH, 3), train=train)
    assert card.about["floor"]["n_units"] == 20
    assert card.about["floor"]["n_test"] == 10


def test_the_stored_floor_is_that_of_sixty_draws_of_the_real_years():
    floor = load_floor("sp500")
    assert floor.mean["w1"] == pytest.approx(0.10949559847434112, abs=1e-7)
    assert floor.about["n_draws"] == 60


@pytest.mark.slow
def test_the_stored_floor_can_be_computed_again(sp500):
    again = noise_floor(sp500, length=251, n_test=8, n_draws=60, random_state=0)
    assert again.mean == pytest.approx(dict(load_floor("sp500").mean), abs=1e-6)


def test_an_unknown_floor_is_refused_with_those_known():
    with pytest.raises(ConfigError, match="found no 'dax', expected one of .'sp500'."):
        load_floor("dax")


def test_a_floor_for_another_length_is_refused(years, volatile):
    with pytest.raises(ConfigError, match="windows of 251 days, expected 126"):
        score_paths(years[1], volatile(0, 9, LENGTH, 3), floor=load_floor())


def test_a_floor_without_a_measure_is_refused(years, volatile):
    floor = NoiseFloor({"w1": 1.0}, {}, {}, {}, (1.0, 1.0, 1.0))
    with pytest.raises(ConfigError, match="found no 'tailq', expected all 24"):
        score_paths(years[1], volatile(0, 9, LENGTH, 3), floor=floor)


@pytest.mark.parametrize(("days", "match"), [(500, "found 3 windows"), (100, "found 100 days")])
def test_too_few_days_for_a_floor_are_refused(years, days, match):
    with pytest.raises(DataError, match=match):
        noise_floor(years[0][:days], length=LENGTH)


def test_generated_paths_of_other_assets_are_refused(years, floor, volatile):
    with pytest.raises(DataError, match="found 2 assets, expected 3"):
        score_paths(years[1], volatile(0, 9, LENGTH, 2), floor=floor)


def test_training_days_of_other_assets_are_refused(years, volatile):
    with pytest.raises(DataError, match="train: found 2 assets, expected 3"):
        score_paths(years[1], volatile(0, 9, LENGTH, 3), train=years[0][:, :2])
