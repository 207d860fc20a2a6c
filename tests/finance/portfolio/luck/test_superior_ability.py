"""The test for superior ability is that of arch and of a plain loop on the same draws."""

import numpy as np
import pytest

from scenara.finance.portfolio.luck import (
    reality_check,
    stationary_indices,
    superior_predictive_ability,
)
from scenara.shared.errors import ConfigError, DataError


@pytest.fixture(scope="module")
def returns():
    """Give 12 strategies: one good, some fair, some so bad that the consistent test drops them."""
    rng = np.random.default_rng(0)
    noise = rng.standard_normal((400, 12))
    noise[1:] += 0.3 * noise[:-1]
    return 0.01 * (noise + np.r_[0.12, np.zeros(6), -0.05, np.full(4, -0.6)])


@pytest.fixture(scope="module")
def indices():
    return stationary_indices(400, 500, mean_block=8, random_state=1)


def _slowly(returns, indices, mean_block):
    """Hansen (2005), equations 5 to 9, draw by draw and lag by lag."""
    n, stay = len(returns), 1 - 1 / mean_block
    mean = returns.mean(0)
    gaps = returns - mean
    variance = (gaps**2).mean(0)
    for lag in range(1, n):
        kernel = (n - lag) / n * stay**lag + lag / n * stay ** (n - lag)
        variance += 2 * kernel * (gaps[:-lag] * gaps[lag:]).sum(0) / n
    omega = np.sqrt(variance)
    statistic = max(0, (np.sqrt(n) * mean / omega).max())
    kept = np.sqrt(n) * mean / omega >= -np.sqrt(2 * np.log(np.log(n)))
    centres = (np.maximum(mean, 0), mean * kept, mean)
    return [
        np.mean(
            [
                max(0, (np.sqrt(n) * (returns[draw].mean(0) - centre) / omega).max()) > statistic
                for draw in indices
            ]
        )
        for centre in centres
    ]


def test_studentised_p_values_are_those_of_a_plain_loop(returns, indices):
    found = superior_predictive_ability(returns, mean_block=8, indices=indices)
    expected = _slowly(returns, indices, 8)
    assert [found.lower, found.consistent, found.upper] == pytest.approx(expected, abs=1e-12)


def test_p_values_are_those_of_arch_on_its_own_draws(returns):
    """arch divides by no deviation when it compares, whatever ``studentize`` says."""
    bootstrap = pytest.importorskip("arch.bootstrap")
    benchmark = np.zeros(len(returns))
    peer = bootstrap.SPA(benchmark, -returns, block_size=8, reps=500, seed=7)
    peer.compute()
    draws = bootstrap.StationaryBootstrap(8, np.arange(len(returns)), seed=7)
    indices = np.array([data[0][0] for data in draws.bootstrap(500)])
    found = superior_predictive_ability(returns, mean_block=8, indices=indices, studentised=False)
    assert [found.lower, found.consistent, found.upper] == pytest.approx(list(peer.pvalues))


def test_the_three_p_values_differ_and_are_ordered(returns, indices):
    found = superior_predictive_ability(returns, mean_block=8, indices=indices)
    assert found.lower < found.upper
    assert found.lower <= found.consistent <= found.upper


def test_the_reality_check_is_the_upper_p_value_without_deviations(returns, indices):
    found = superior_predictive_ability(returns, mean_block=8, indices=indices, studentised=False)
    assert reality_check(returns, mean_block=8, indices=indices) == found.upper


def test_bad_strategies_hide_a_good_one_from_the_reality_check_alone():
    """Hansen's point: poor, volatile alternatives take the power of White's test, not of his."""
    rng = np.random.default_rng(0)
    good = rng.normal(0.15, 1, (500, 1))
    bad = rng.normal(-3, 10, (500, 60))
    returns = np.hstack([good, bad])
    assert superior_predictive_ability(returns).consistent < 0.01
    assert reality_check(returns) > 0.2


def test_a_benchmark_is_subtracted_step_by_step(returns, indices):
    market = np.random.default_rng(2).normal(0, 0.01, len(returns))
    plain = superior_predictive_ability(returns, indices=indices)
    moved = superior_predictive_ability((returns.T + market).T, benchmark=market, indices=indices)
    assert moved.consistent == plain.consistent
    assert moved.statistic == pytest.approx(plain.statistic, rel=1e-9)


def test_where_nothing_beats_the_benchmark_there_is_no_evidence():
    returns = np.random.default_rng(0).normal(-0.1, 0.1, (100, 3))
    found = superior_predictive_ability(returns)
    assert (found.statistic, found.lower, found.upper) == (0, 1, 1)


def test_the_error_rate_without_skill_is_the_level():
    """400 independent pools of five strategies at 10 %: within three standard errors."""
    rng = np.random.default_rng(3)
    indices = stationary_indices(250, 200, mean_block=2, random_state=0)
    p_values = [
        superior_predictive_ability(
            rng.standard_normal((250, 5)), mean_block=2, indices=indices
        ).consistent
        for _ in range(400)
    ]
    assert np.mean(np.array(p_values) <= 0.1) == pytest.approx(0.1, abs=3 * 0.015)


def test_blocks_have_the_mean_length_that_was_asked_for():
    """The share of breaks is 1 / 5 but for jumps to the next step, within three standard errors."""
    indices = stationary_indices(1_000, 200, mean_block=5, random_state=0)
    breaks = (np.diff(indices, axis=1) % 1_000 != 1).mean()
    expected, n = 0.2 * (1 - 1 / 1_000), 200 * 999
    assert breaks == pytest.approx(expected, abs=3 * np.sqrt(0.16 / n))


def test_a_benchmark_of_another_length_is_refused(returns):
    with pytest.raises(DataError, match="one return for each of the 400 steps"):
        superior_predictive_ability(returns, benchmark=np.zeros(3))


@pytest.mark.parametrize("setting", [{"mean_block": 0.5}, {"n_draws": 0}])
def test_a_bootstrap_of_nothing_is_refused(returns, setting):
    with pytest.raises(ConfigError, match="mean block from 1 and at least one draw"):
        superior_predictive_ability(returns, **setting)
