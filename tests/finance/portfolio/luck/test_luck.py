"""Tests of skill keep their promise where nothing can be earned, and find skill where there is some."""

import numpy as np
import pytest

from scenara.finance.portfolio import FixedWeights, FunctionStrategy, Momentum, simple_returns
from scenara.finance.portfolio.account import Account
from scenara.finance.portfolio.luck import (
    false_discovery_rate,
    luck_verdict,
    mirrored_days_test,
    mirrored_test,
    power,
    zero_edge,
)
from scenara.shared.errors import ConfigError, DataError

YEARS = 10
N_DAYS = 252 * YEARS


def _noise(rng, n_trials, n_days=N_DAYS):
    return 0.01 * rng.standard_normal((n_days, n_trials))


@pytest.fixture(scope="module")
def worlds():
    rng = np.random.default_rng(0)
    return rng.normal(0.001, 0.01, (400, 252, 4)) * rng.gamma(2, 0.5, (400, 252, 1))


def _by_test(rates):
    return {(rate.test, rate.level): rate for rate in rates}


@pytest.fixture(scope="module")
def false_claims(worlds):
    strategies = ["equal-weight", *(Momentum(lookback=n, short=True) for n in (5, 21, 63, 126))]
    return _by_test(false_discovery_rate(strategies, worlds, levels=(0.01, 0.05, 0.1)))


@pytest.mark.parametrize("level", [0.01, 0.05, 0.1])
@pytest.mark.parametrize("test", ["mirrored days", "deflated Sharpe ratio", "verdict on luck"])
def test_the_stated_error_rate_holds_where_nothing_can_be_earned(false_claims, test, level):
    assert false_claims[test, level].keeps_level


def test_the_best_of_five_judged_alone_breaks_its_promise(false_claims):
    assert not false_claims["best alone", 0.05].keeps_level


def test_days_are_mirrored_by_other_coins_than_those_of_worlds_without_an_edge():
    """Of one day, the p-value counts the coins that leave it as it is."""
    coins = zero_edge(np.full((1, 499, 1), 0.5), random_state=0) > 0
    assert mirrored_test(np.ones((1, 1, 1)))[0] != (1 + coins.sum()) / 500


def test_mirrored_days_use_up_their_level(false_claims):
    """A test that never claims keeps every level; this one must claim about as often as it may."""
    rate = false_claims["mirrored days", 0.1]
    assert rate.high >= 0.1


def test_power_grows_with_the_edge(worlds):
    shares = [
        _by_test(power(["equal-weight"], worlds, sharpe=edge))["verdict on luck", 0.05].share
        for edge in (0.5, 2, 4)
    ]
    assert shares[0] < shares[1] < shares[2]


def test_power_for_one_strategy_is_that_of_the_normal_law(worlds):
    """One year at a ratio of 2: P(Z > 1.645 - 2) = .64; three standard errors of 400 worlds."""
    rates = _by_test(power(["equal-weight"], worlds, sharpe=2, levels=(0.05,)))
    assert rates["mirrored days", 0.05].share == pytest.approx(0.64, abs=3 * 0.024)


def test_an_edge_a_year_is_spread_over_the_steps_of_a_year(worlds):
    """Twelve steps a year: 252 of them are 21 years, in which a ratio of 1 is always found."""
    rates = _by_test(power(["equal-weight"], worlds[:100], sharpe=1, periods_per_year=12))
    assert rates["mirrored days", 0.05].share > 0.95


def test_the_luckiest_of_noise_are_called_luck():
    verdicts = [luck_verdict(_noise(np.random.default_rng(seed), 500)) for seed in range(8)]
    assert sum(verdict.is_luck for verdict in verdicts) == 8


def test_a_pool_with_one_that_is_good_is_not_called_luck():
    returns = _noise(np.random.default_rng(0), 500)
    returns[:, 42] += 0.01 * 2.5 / np.sqrt(252)
    verdict = luck_verdict(returns)
    assert (verdict.is_luck, verdict.chosen, verdict.reasons) == (False, 42, ())
    assert verdict.sentence.startswith("Unlikely to be luck")


def test_a_single_honest_strategy_is_not_called_luck():
    rng = np.random.default_rng(0)
    honest = [_noise(rng, 1) + 0.01 * 1.5 / np.sqrt(252) for _ in range(8)]
    assert not any(luck_verdict(returns).is_luck for returns in honest)


@pytest.mark.parametrize("n_trials", [3, 23])
def test_a_true_edge_beside_two_without_passes_in_time(n_trials):
    returns = _noise(np.random.default_rng(0), 3, 252 * 100)
    returns[:, 0] += 0.01 * 1.5 / np.sqrt(252)
    assert not luck_verdict(returns, n_trials=n_trials).is_luck


def test_a_few_trials_without_skill_are_called_skill_no_oftener_than_the_level():
    """Three of 23 are given; within three standard errors of 5 % in 300 pools."""
    pools = (_noise(np.random.default_rng(seed), 23, 252) for seed in range(300))
    given = (pool[:, pool.mean(0).argsort()[[-1, 0, 1]]] for pool in pools)
    claims = [not luck_verdict(returns, n_trials=23).is_luck for returns in given]
    assert np.mean(claims) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)


def test_the_same_record_is_luck_once_enough_was_tried():
    returns = _noise(np.random.default_rng(0), 1)
    returns += 0.01 * 1.0 / np.sqrt(252) - returns.mean()
    few, many = (luck_verdict(returns, n_trials=n) for n in (1, 1_000))
    assert (few.is_luck, many.is_luck) == (False, True)
    assert few.deflated == few.probabilistic


def test_a_verdict_gives_its_reasons_in_words():
    verdict = luck_verdict(_noise(np.random.default_rng(1), 20, 126))
    assert verdict.is_luck
    assert "the best of 20 does as well in" in verdict.reasons[0]
    assert "years of such returns" in " ".join(verdict.reasons)


@pytest.mark.parametrize(("n_trials", "has_number"), [(9, False), (10, True)])
def test_overfitting_is_measured_from_ten_trials_on(n_trials, has_number):
    verdict = luck_verdict(_noise(np.random.default_rng(0), n_trials, 504))
    assert (verdict.overfitting is not None) == has_number


def test_mirrored_days_are_exact_for_a_history_of_three():
    """Of the eight ways to mirror three days, only the data themselves reach their sum: 1 / 8.

    Three standard errors of 4,000 draws.
    """
    found = mirrored_days_test(np.array([1.0, 2.0, 4.0]), n_draws=4_000)
    assert found == pytest.approx(1 / 8, abs=3 * np.sqrt(7 / 64 / 4_000))


def test_a_chosen_trial_is_held_against_the_best_of_all():
    returns = _noise(np.random.default_rng(0), 10, 504)
    order = returns.mean(0) / returns.std(0)
    p_values = [mirrored_days_test(returns, chosen=int(i)) for i in order.argsort()]
    assert p_values == sorted(p_values, reverse=True)
    assert p_values[-1] == mirrored_days_test(returns)


def test_fewer_trials_than_returns_are_refused():
    with pytest.raises(ConfigError, match="at least the 3 trials given, found 2"):
        luck_verdict(_noise(np.random.default_rng(0), 3, 50), n_trials=2)


@pytest.mark.parametrize("chosen", [-1, 3])
def test_a_trial_that_is_not_there_is_refused(chosen):
    with pytest.raises(DataError, match="expected a trial from 0 to 2"):
        luck_verdict(_noise(np.random.default_rng(0), 3, 50), chosen=chosen)


def test_what_cash_earns_is_no_skill(worlds):
    """All in cash but for a little: with interest its returns are nearly always positive."""
    account = Account(cash_rate=0.1)
    little = FixedWeights((0.01, 0, 0, 0))
    how = {"rebalance": 21, "account": account, "tests": {"mirrored": mirrored_test}}
    naive, over_cash = (
        false_discovery_rate([little], worlds, cash=cash, **how)[0] for cash in (0.0, 0.1 / 252)
    )
    assert naive.share > 0.9
    assert over_cash.keeps_level


def test_rounding_of_what_cash_earns_is_no_record(worlds):
    account, cash = Account(cash_rate=0.04), 0.04 / 252
    nothing = FunctionStrategy(lambda past: np.zeros(4), lookback=0)
    how = {"account": account, "cash": cash, "levels": (0.45,)}
    rates = false_discovery_rate([FixedWeights((0, 0, 0, 0)), nothing], worlds[:50], **how)
    assert {rate.share for rate in rates} == {0.0}


def test_a_record_of_rounding_is_refused():
    noise = simple_returns(np.cumprod(np.full(1_000, 1 + 0.02 / 252))) - 0.02 / 252
    assert np.ptp(noise) > 0
    with pytest.raises(DataError, match="trial 0 never change but by rounding"):
        luck_verdict(noise)


def test_no_strategy_is_refused(worlds):
    with pytest.raises(DataError, match="at least one to test"):
        false_discovery_rate([], worlds)
