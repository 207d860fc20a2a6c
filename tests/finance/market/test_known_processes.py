"""Processes whose law is known: the scorecard reads it off their paths, generators learn it."""

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import multivariate_normal, norm, poisson
from scipy.stats import t as student

from scenara.finance.market.facts import lagged_correlation, stylised_facts
from scenara.finance.market.facts.marginal import PROBABILITIES
from scenara.shared.generators import make

LENGTH = 250
LIMIT = 4
DEVIATION, CORRELATION = 0.01, 0.6


def browns(n_windows, seed=0):
    """Two correlated geometric Brownian motions without drift, 1 % a day."""
    covariance = DEVIATION**2 * np.array([[1, CORRELATION], [CORRELATION, 1]])
    rng = np.random.default_rng(seed)
    return rng.multivariate_normal([0, 0], covariance, size=(n_windows, LENGTH))


@pytest.fixture(scope="module")
def brown_facts():
    return stylised_facts(browns(800), length=LENGTH)


class TestGeometricBrownianMotion:
    n_days = 800 * LENGTH

    def test_deviation(self, brown_facts):
        error = DEVIATION / np.sqrt(2 * self.n_days)
        assert np.abs(brown_facts.marginal.deviation - DEVIATION).max() < LIMIT * error

    def test_tail_quantiles(self, brown_facts):
        quantiles = norm.ppf(PROBABILITIES)
        shares = np.array(PROBABILITIES)
        error = np.sqrt(shares * (1 - shares) / self.n_days) / norm.pdf(quantiles)
        found = brown_facts.marginal.quantiles / DEVIATION
        assert (np.abs(found - quantiles[:, None]) < LIMIT * error[:, None]).all()

    def test_correlation_and_factors(self, brown_facts):
        error = (1 - CORRELATION**2) / np.sqrt(self.n_days)
        assert abs(brown_facts.cross.correlation[0] - CORRELATION) < LIMIT * error
        assert brown_facts.cross.factors == pytest.approx(
            [1 + CORRELATION, 1 - CORRELATION], abs=LIMIT * error
        )

    def test_tail_dependence_is_that_of_the_normal_copula(self, brown_facts):
        low = norm.ppf(0.05)
        joint = multivariate_normal([0, 0], [[1, CORRELATION], [CORRELATION, 1]]).cdf([low, low])
        error = np.sqrt(joint / self.n_days) / 0.05
        assert np.abs(brown_facts.cross.tails - joint / 0.05).max() < LIMIT * error

    def test_worst_drawdowns_have_the_law_of_the_largest_distance_from_zero(self, brown_facts):
        """Levy: the drawdown of a Brownian motion is a reflected one; both its ends are daily."""
        curve = brown_facts.path.asset_drawdown
        places = (np.array([0.1, 0.25, 0.5, 0.75, 0.9]) * len(curve)).astype(int)
        levels = ((places + 0.5) / len(curve))[:, None]
        found = -np.log1p(-curve[places]) / DEVIATION
        between_days = 2 * 0.5826  # Broadie, Glasserman and Kou (1997), at both ends
        reached = largest_distance_cdf((found + between_days) / np.sqrt(LENGTH))
        error = np.sqrt(levels * (1 - levels) / 800)
        assert (np.abs(reached - levels) < LIMIT * error).all()


def largest_distance_cdf(level):
    """Give the chance that a Brownian motion stays within ``level`` of zero for a unit of time."""
    n = np.arange(20).reshape(-1, *[1] * np.ndim(level))
    terms = (-1.0) ** n / (2 * n + 1) * np.exp(-((2 * n + 1) ** 2) * np.pi**2 / (8 * level**2))
    return 4 / np.pi * terms.sum(axis=0)


JUMPS = (0.05, -0.02, 0.03)
"""Jumps a day, their mean and their deviation."""


@pytest.fixture(scope="module")
def jumpy_facts():
    often, mean, spread = JUMPS
    rng = np.random.default_rng(1)
    shape = (600, LENGTH, 2)
    n = rng.poisson(often, size=shape)
    shocks, jumps = rng.normal(size=shape), rng.normal(size=shape)
    days = DEVIATION * shocks + n * mean + np.sqrt(n) * spread * jumps
    return stylised_facts(days, length=LENGTH)


class TestMertonJumps:
    """Returns jump on one day in twenty, by -2 % on average."""

    often, mean, spread = JUMPS
    n_days = 600 * LENGTH

    def chance(self, level):
        n = np.arange(12)
        spreads = np.sqrt(DEVIATION**2 + n * self.spread**2)
        return poisson.pmf(n, self.often) @ norm.cdf((level - n * self.mean) / spreads)

    def test_deviation(self, jumpy_facts):
        """The variance is that of the days and of the jumps; its error needs the kurtosis."""
        variance = DEVIATION**2 + self.often * (self.mean**2 + self.spread**2)
        fourth = self.often * (
            self.mean**4 + 6 * self.mean**2 * self.spread**2 + 3 * self.spread**4
        )
        error = np.sqrt((2 + fourth / variance**2) / self.n_days)
        assert np.abs(jumpy_facts.marginal.deviation**2 / variance - 1).max() < LIMIT * error

    def test_quantiles_show_the_jumps_on_their_side(self, jumpy_facts):
        centre = self.often * self.mean
        for share, found in zip(PROBABILITIES, jumpy_facts.marginal.quantiles, strict=True):
            expected = brentq(lambda x, p=share: self.chance(x) - p, -0.5, 0.5)
            density = (self.chance(expected + 1e-5) - self.chance(expected - 1e-5)) / 2e-5
            error = np.sqrt(share * (1 - share) / self.n_days) / density
            assert np.abs(found - (expected - centre)).max() < LIMIT * error


def heston_days(*, speed, mean, noise, n_paths=3_000, seed=2):
    """Variance is a square-root process, drawn by its exact law; constant over each day."""
    rng = np.random.default_rng(seed)
    degrees, kept = 4 * speed * mean / noise**2, np.exp(-speed)
    scale = noise**2 * (1 - kept) / (4 * speed)
    variance = np.empty((LENGTH, n_paths))
    variance[0] = rng.gamma(degrees / 2, noise**2 / (2 * speed), size=n_paths)
    for day in range(1, LENGTH):
        variance[day] = scale * rng.noncentral_chisquare(degrees, variance[day - 1] * kept / scale)
    return (np.sqrt(variance) * rng.normal(size=variance.shape)).T


def test_squares_of_a_heston_model_forget_at_the_speed_of_its_variance():
    speed, mean, noise = 0.05, 1.0, 0.25
    lags = [1, 5, 20, 60]
    spread = mean * noise**2 / (2 * speed)
    known = spread * np.exp(-speed * np.array(lags)) / (2 * mean**2 + 3 * spread)
    squares = heston_days(speed=speed, mean=mean, noise=noise) ** 2 - mean

    found = lagged_correlation(squares, squares, lags=lags)

    parts = [lagged_correlation(part, part, lags=lags) for part in np.split(squares, 20)]
    error = np.std(parts, axis=0, ddof=1) / np.sqrt(20)
    assert (np.abs(found - known) < LIMIT * error).all()


def test_leverage_has_its_known_size():
    """Volatility is 1.5 after a fall and .7 after a rise, whatever it was before."""
    after_fall, after_rise = 1.5, 0.7
    rng = np.random.default_rng(3)
    days = rng.normal(size=(1, 400_000))
    for day in range(1, days.shape[1]):
        days[0, day] *= after_fall if days[0, day - 1] < 0 else after_rise
    variance = (after_fall**2 + after_rise**2) / 2
    covariance = (after_fall + after_rise) / 4 * np.sqrt(2 / np.pi)
    covariance *= after_rise**2 - after_fall**2
    of_squares = 3 * (after_fall**4 + after_rise**4) / 2 - variance**2
    known = covariance / np.sqrt(variance * of_squares)

    found = lagged_correlation(days, days**2 - variance, lags=[1, 2])

    parts = [
        lagged_correlation(part, part**2 - variance, lags=[1, 2]) for part in np.split(days, 20, 1)
    ]
    error = np.std(parts, axis=0, ddof=1) / np.sqrt(20)
    assert abs(found[0] - known) < LIMIT * error[0]
    assert abs(found[1]) < LIMIT * error[1]


RESPONSE = {"omega": 0.03, "rise": 0.03, "fall": 0.13, "beta": 0.89}
DEGREES = 8


def gjr_days(n_days, n_channels, seed):
    """GJR-GARCH with t shocks of unit variance, one per cent a day; returns and next variance."""
    rng = np.random.default_rng(seed)
    shocks = rng.standard_t(DEGREES, size=(n_days, n_channels)) * np.sqrt((DEGREES - 2) / DEGREES)
    variance, days = np.ones(n_channels), np.empty_like(shocks)
    for day, shock in enumerate(shocks):
        days[day] = np.sqrt(variance) * shock
        response = np.where(shock < 0, RESPONSE["fall"], RESPONSE["rise"])
        variance = RESPONSE["omega"] + response * days[day] ** 2 + RESPONSE["beta"] * variance
    return 0.01 * days, 1e-4 * variance


@pytest.fixture(scope="module")
def learned():
    days, variance = gjr_days(15_000, 2, seed=4)
    return make("series/fhs", variance_targeting=False).fit(days), days, variance


@pytest.fixture(scope="module")
def written(learned):
    return stylised_facts(learned[0].sample(500, horizon=LENGTH, random_state=5), length=LENGTH)


@pytest.fixture(scope="module")
def truth():
    days, _ = gjr_days(LENGTH + 250, 2 * 800, seed=6)
    paths = days[250:].reshape(LENGTH, 800, 2).transpose(1, 0, 2)
    return stylised_facts(paths, length=LENGTH)


class TestFilteredSimulationOfGjr:
    """A filtered simulation that learned 15,000 days writes days of the same law."""

    def test_tails_and_deviation(self, written, truth):
        # 15,000 days with memory tell a deviation to about 3 %, and as much a tail quantile.
        ratio = written.marginal.quantiles / truth.marginal.quantiles
        assert np.abs(np.log(ratio)).max() < 0.12
        assert written.marginal.deviation == pytest.approx(truth.marginal.deviation, rel=0.12)

    def test_memory_of_sizes(self, written, truth):
        assert written.temporal.sizes == pytest.approx(truth.temporal.sizes, abs=0.05)
        assert truth.temporal.sizes[0].min() > 0.1

    def test_leverage(self, written, truth):
        assert written.temporal.leverage == pytest.approx(truth.temporal.leverage, abs=0.03)
        assert truth.temporal.leverage[0].max() < -0.03

    def test_tomorrow_has_the_variance_that_follows_from_today(self, learned):
        generator, days, variance = learned
        tomorrow = generator.sample(40_000, horizon=1, history=days[-1_000:], random_state=7)[:, 0]
        assert tomorrow.std(axis=0) == pytest.approx(np.sqrt(variance), rel=0.06)

    def test_tomorrow_has_the_tail_of_the_shocks(self, learned):
        generator, days, variance = learned
        tomorrow = generator.sample(40_000, horizon=1, history=days[-1_000:], random_state=7)[:, 0]
        known = student.ppf(0.01, DEGREES) * np.sqrt((DEGREES - 2) / DEGREES * variance)
        assert np.quantile(tomorrow, 0.01, axis=0) == pytest.approx(known, rel=0.08)


def test_a_gaussian_that_learned_brownian_motions_writes_them(brown_facts):
    days = browns(60, seed=8).reshape(-1, 2)
    paths = make("series/gaussian").fit(days).sample(400, horizon=LENGTH, random_state=9)

    found = stylised_facts(paths, length=LENGTH)

    error = np.sqrt(1 / len(days) + 3 / brown_facts.n_windows / LENGTH)
    ratio = found.marginal.deviation / brown_facts.marginal.deviation
    assert np.abs(ratio - 1).max() < LIMIT * error / np.sqrt(2)
    gap = found.cross.correlation[0] - brown_facts.cross.correlation[0]
    assert abs(gap) < LIMIT * error * (1 - CORRELATION**2)
    drift = DEVIATION * np.sqrt(LENGTH) * LIMIT * np.sqrt(LENGTH / len(days))
    drawn = found.path.asset_drawdown_mean - brown_facts.path.asset_drawdown_mean
    assert np.abs(drawn).max() < drift
