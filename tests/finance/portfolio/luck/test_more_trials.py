"""A record is judged by all trials that were made, also where draws alone could never tell."""

import numpy as np
import pytest

from scenara.finance.portfolio.luck import luck_verdict
from scenara.finance.portfolio.luck.more_trials import chance_of_more

HOW = {"chosen": 0, "level": 0.05, "n_draws": 999, "random_state": 0}


def _record(t, n_days=2_520):
    """Give one record of noise whose mean is moved until its statistic is about t."""
    noise = np.random.default_rng(0).standard_normal((n_days, 1))
    noise -= noise.mean()
    return 0.01 * (noise + t / np.sqrt(n_days))


@pytest.mark.parametrize("n_trials", [52, 1_000, 1_000_000])
def test_a_record_far_beyond_luck_passes_after_any_number_of_trials(n_trials):
    verdict = luck_verdict(_record(30), n_trials=n_trials)
    assert (verdict.is_luck, verdict.p_value_is_bound) == (False, True)


def test_a_bound_is_called_one():
    verdict = luck_verdict(_record(6.0), n_trials=1_000)
    assert verdict.sentence.startswith(
        "Unlikely to be luck: where nothing can be earned, the best of 1,000 does as well in at most"
    )


def test_a_bound_that_does_not_suffice_is_told_as_such():
    verdict = luck_verdict(_record(4.3), n_trials=20_000)
    assert verdict.is_luck
    assert "and not surely in less than 5\N{NO-BREAK SPACE}%" in verdict.reasons[0]


def test_a_record_without_others_is_counted_and_not_bounded():
    chance = chance_of_more(_record(2.0), n_trials=1, **HOW)
    assert not chance.is_bound


@pytest.mark.parametrize("n_days", [18, 24, 40])
def test_the_bound_is_never_below_the_true_chance(n_days):
    """Days that all rise by as much are reached by one of 2 ** n_days mirrored histories."""
    rises = np.full((n_days, 1), 0.01)
    chance = chance_of_more(rises, n_trials=1_000, **HOW)
    assert chance.is_bound
    assert chance.value >= -np.expm1(1_000 * np.log1p(-(0.5**n_days)))


@pytest.mark.parametrize("n_trials", [400, 5_000])
def test_the_best_of_many_that_are_not_given_is_called_skill_no_oftener_than_the_level(n_trials):
    """Trials without skill in each of 300 pools: within three standard errors of 5 %."""
    rng, chances = np.random.default_rng(0), []
    for _ in range(300):
        pool = rng.standard_normal((40, n_trials), dtype=np.float32)
        best = (pool.sum(axis=0) / np.sqrt(np.square(pool).sum(axis=0))).argmax()
        how = HOW | {"random_state": rng}
        chances.append(chance_of_more(pool[:, [best]].astype(float), n_trials=n_trials, **how))
    assert any(chance.is_bound for chance in chances) == (n_trials == 5_000)
    claims = [chance.value <= 0.05 for chance in chances]
    assert np.mean(claims) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)


def test_draws_tell_a_good_record_from_the_best_of_a_hundred():
    """P(Z > 4) times 100 is .3 %, which 999 draws could not say."""
    chance = chance_of_more(_record(4.0), n_trials=100, **HOW)
    assert chance.value <= 0.03
