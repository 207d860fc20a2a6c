"""The multivariate t baseline against laws that are known."""

import numpy as np
import pytest
from scipy.stats import chi2

from scenara.shared.generators import make
from scenara.shared.generators.series.student import StudentLaw, fit_student, student_mixing

SCATTER = np.array([[1.0, 0.6, 0.2], [0.6, 2.0, -0.5], [0.2, -0.5, 0.5]])


def drawn(freedom, n_steps, seed):
    rng = np.random.default_rng(seed)
    normal = rng.multivariate_normal(np.zeros(3), SCATTER, n_steps)
    mixing = np.sqrt(freedom / rng.chisquare(freedom, (n_steps, 1)))
    return np.array([1.0, 0.0, -1.0]) + normal * mixing


@pytest.mark.parametrize("freedom", [3, 5, 12])
def test_degrees_of_freedom_of_many_samples_centre_on_the_truth(freedom):
    tails = np.array([1 / fit_student(drawn(freedom, 3_000, seed)).freedom for seed in range(12)])
    error = tails.std(ddof=1) / np.sqrt(len(tails))
    assert abs(tails.mean() - 1 / freedom) < 4 * error


def test_more_channels_than_days_keep_their_tails_and_their_spread():
    rng = np.random.default_rng(0)
    days = rng.normal(size=(400, 400)) * np.sqrt(5 / rng.chisquare(5, (400, 1)))
    found = fit_student(days)
    # 400 days, each with one draw of the mixing, tell its freedom to about a quarter.
    assert found.freedom == pytest.approx(5, rel=0.6)
    deviation = np.sqrt(np.diag(found.scatter) * found.freedom / (found.freedom - 2))
    assert np.median(deviation / days.std(axis=0)) == pytest.approx(1, abs=0.15)


def test_location_and_scatter_are_those_of_the_law():
    found = fit_student(drawn(5, 20_000, 0))
    np.testing.assert_allclose(found.mean, [1, 0, -1], atol=4 * np.sqrt(2 / 20_000) * 1.3)
    np.testing.assert_allclose(found.scatter, SCATTER, atol=0.1)


def test_no_law_near_the_fit_is_likelier():
    from scipy.stats import multivariate_t

    values = drawn(5, 2_000, 1)
    found = fit_student(values)

    def likelihood(freedom):
        return multivariate_t(found.mean, found.scatter, freedom).logpdf(values).sum()

    best = likelihood(found.freedom)
    assert best >= max(likelihood(found.freedom * factor) for factor in (0.97, 1.03))


@pytest.mark.parametrize("freedom", [2.5, 4.0, 30.0])
def test_mixing_has_the_quantiles_of_a_chi_square_law(freedom):
    levels = np.linspace(0.0005, 0.9995, 501)
    from scipy.special import ndtri

    expected = np.sqrt(freedom / chi2.ppf(levels, freedom))
    np.testing.assert_allclose(student_mixing(ndtri(levels), freedom), expected, rtol=1e-5)


@pytest.mark.parametrize("noise", [-40.0, -9.0, 9.0, 40.0])
def test_mixing_is_finite_for_any_noise(noise):
    factor = student_mixing(np.array([noise]), 4.0)
    assert np.isfinite(factor).all()
    assert factor > 0


def test_a_normal_law_is_recognised():
    assert fit_student(np.random.default_rng(0).normal(size=(5_000, 3))).freedom > 60


def test_paths_have_the_covariance_of_the_law():
    model = make("series/student").fit(drawn(6, 5_000, 2))
    days = model.sample(2_000, horizon=100, random_state=0).reshape(-1, 3)
    law = model.law_
    expected = law.scatter * law.freedom / (law.freedom - 2)
    np.testing.assert_allclose(np.cov(days.T), expected, atol=0.04 * expected.max())


def test_more_channels_than_steps_can_be_learned():
    returns = np.random.default_rng(0).normal(size=(60, 120))
    paths = make("series/student").fit(returns).sample(3, horizon=10, random_state=0)
    assert np.isfinite(paths).all()


def test_distances_are_those_of_mahalanobis():
    law = StudentLaw(np.zeros(3), SCATTER, 5.0)
    values = np.random.default_rng(0).normal(size=(4, 3))
    expected = np.einsum("ni,ij,nj->n", values, np.linalg.inv(SCATTER), values)
    np.testing.assert_allclose(law.distances(values), expected)
