"""Tails of shocks against laws whose VaR and ES are known."""

import numpy as np
import pytest
from scipy.stats import genpareto, norm

from scenara.finance.market.risk.models import Garch, RiskData
from scenara.finance.market.risk.tails import empirical_tail, pareto_tail, student_tail
from scenara.shared.errors import DataError

TAILS = (0.01, 0.025, 0.05)


def even(n):
    return np.full(n, 1 / n)


@pytest.mark.parametrize("shape", [-0.1, 0.0, 0.1, 0.3])
def test_a_pareto_tail_is_found_again(shape):
    n, n_trials = 20_000, 40
    truth = genpareto.ppf(1 - np.array(TAILS), shape)
    shortfall = (truth + 1) / (1 - shape)
    rng = np.random.default_rng(1)
    found = np.array(
        [
            pareto_tail(-genpareto.rvs(shape, size=n, random_state=rng), TAILS, even(n))
            for _ in range(n_trials)
        ]
    )

    error = found.std(axis=0) / np.sqrt(n_trials)
    bias = 0.005 * np.stack([truth, shortfall])  # the shape is drawn towards .1 a little
    assert (np.abs(found.mean(axis=0) - [truth, shortfall]) < 3 * error + bias).all()


def test_of_few_shocks_the_pareto_tail_is_steadier_than_counting():
    rng = np.random.default_rng(2)
    samples = rng.standard_t(6, size=(400, 750))
    fitted = np.array([pareto_tail(sample, [0.01], even(750)) for sample in samples])
    counted = np.array([empirical_tail(sample, [0.01], even(750)) for sample in samples])

    assert (fitted.std(axis=0) < 0.9 * counted.std(axis=0)).all()
    assert fitted[:, 0].mean() == pytest.approx(3.143, abs=0.05)


def test_tails_grow_with_the_unit_and_leave_the_centre_alone():
    shocks = np.random.default_rng(3).standard_t(5, size=1000)
    var, es = pareto_tail(shocks, (*TAILS, 0.2), even(1000))
    twice_var, twice_es = pareto_tail(2 * shocks, (*TAILS, 0.2), even(1000))

    assert twice_var == pytest.approx(2 * var)
    assert twice_es == pytest.approx(2 * es)
    assert (np.diff(var) < 0).all()
    assert (es > var).all()
    assert var[-1] == empirical_tail(shocks, [0.2], even(1000))[0][0]


def test_a_shock_of_double_chance_counts_as_two():
    shocks = np.random.default_rng(4).normal(size=400)
    chances = np.where(np.arange(400) < 100, 2.0, 1.0)

    weighted = empirical_tail(shocks, TAILS, chances / chances.sum())
    repeated = empirical_tail(np.r_[shocks, shocks[:100]], TAILS, even(500))

    assert np.allclose(weighted, repeated)


def test_shocks_alike_in_chance_need_no_chances():
    shocks = np.random.default_rng(6).normal(size=250)

    assert np.array_equal(empirical_tail(shocks, TAILS), empirical_tail(shocks, TAILS, even(250)))


def test_a_t_law_of_many_degrees_is_normal():
    var, es = student_tail(1e7, TAILS)

    assert var == pytest.approx(norm.ppf(1 - np.array(TAILS)), abs=1e-5)
    assert es == pytest.approx(norm.pdf(var) / np.array(TAILS), abs=1e-5)


def test_too_few_shocks_for_a_pareto_law_are_refused():
    with pytest.raises(DataError, match="found 3"):
        pareto_tail(np.arange(40.0), TAILS, even(40))


def test_a_price_that_stood_still_does_not_break_a_garch_forecast():
    returns = 0.01 * np.random.default_rng(5).standard_t(5, size=1500)
    returns[300:370] = 0.0
    data = RiskData(returns, returns[:, None], np.ones(1))

    found = Garch(leverage=True, filtered=True).forecast(data, start=1400, stop=1403, tails=TAILS)

    assert found.var[:, 0] == pytest.approx(0.01 * 3.365, rel=0.25)
