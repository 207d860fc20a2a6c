"""The t copula against a law that is known."""

import numpy as np
import pytest
from contracts import example_returns
from scipy.stats import kendalltau

from scenara.shared.generators import make
from scenara.shared.generators.series.copula import fit_student_copula

RHO = 0.5


def joined(freedom, n_steps, seed):
    """Draw from a t copula with exponential margins, (steps, 4)."""
    rng = np.random.default_rng(seed)
    correlation = np.full((4, 4), RHO) + (1 - RHO) * np.eye(4)
    normal = rng.multivariate_normal(np.zeros(4), correlation, n_steps)
    return np.exp(normal * np.sqrt(freedom / rng.chisquare(freedom, (n_steps, 1))) / 10)


@pytest.mark.parametrize("freedom", [4, 10])
def test_degrees_of_freedom_of_many_samples_centre_on_the_truth(freedom):
    laws = [fit_student_copula(joined(freedom, 4_000, seed)) for seed in range(12)]
    tails = np.array([1 / law.freedom for law in laws])
    error = tails.std(ddof=1) / np.sqrt(len(tails))
    assert abs(tails.mean() - 1 / freedom) < 4 * error + 0.015  # normal scores bend a little


def test_correlations_are_those_of_the_copula():
    law = fit_student_copula(joined(6, 10_000, 0))
    np.testing.assert_allclose(law.scatter[np.triu_indices(4, 1)], RHO, atol=0.04)


def test_the_fit_depends_on_ranks_alone():
    values = joined(5, 1_000, 1)
    first, second = fit_student_copula(values), fit_student_copula(np.log(values))
    assert first.freedom == second.freedom


@pytest.fixture(scope="module")
def returns():
    return example_returns(1_500).to_numpy()


def test_shocks_of_one_day_depend_as_in_history(returns):
    model = make("series/copula").fit(returns)
    days = model.sample(4_000, horizon=1, random_state=0)[:, 0]
    found = kendalltau(days[:, 0], days[:, 1]).statistic
    expected = kendalltau(returns[:, 0], returns[:, 1]).statistic
    assert found == pytest.approx(expected, abs=4 * np.sqrt(4 / 9 / 1_500))


def test_shocks_keep_their_observed_distribution(returns):
    model = make("series/copula").fit(returns)
    noise = np.random.default_rng(0).standard_normal((500, model._noise_size(40)))
    shocks = model._shocks(noise, 40, None).reshape(-1, 3)
    levels = [0.01, 0.1, 0.5, 0.9, 0.99]
    expected = np.quantile(model.shocks_, levels, axis=0)
    np.testing.assert_allclose(np.quantile(shocks, levels, axis=0), expected, atol=0.12)


def test_no_day_of_history_comes_back(returns):
    paths = make("series/copula").fit(returns).sample(200, horizon=5, random_state=0)
    ratio = paths[..., 0] / paths[..., 1]
    assert not np.isin(ratio.round(12), (returns[:, 0] / returns[:, 1]).round(12)).any()
