"""Paths whose correlations move, against the law that they were learned from."""

import numpy as np
import pytest
from contracts import example_returns

from scenara.shared.generators import load, make


@pytest.fixture(scope="module")
def returns():
    """Give a thousand days without and a thousand with a strong common factor."""
    rng = np.random.default_rng(0)
    load_ = np.repeat([0.1, 2.0, 0.1, 2.0], 500)[:, None]
    common, own = rng.normal(size=(2_000, 1)), rng.normal(size=(2_000, 3))
    return 0.01 * (load_ * common + own) / np.sqrt(1 + load_**2)


@pytest.fixture(scope="module")
def fitted(returns):
    return make("series/dcc").fit(returns)


def mean_correlation(days):
    return np.corrcoef(days.T)[np.triu_indices(days.shape[1], 1)].mean()


def test_correlation_of_paths_is_that_of_history(fitted, returns):
    paths = fitted.sample(1_000, horizon=60, random_state=0)
    found = mean_correlation(paths.reshape(-1, 3))
    assert found == pytest.approx(mean_correlation(returns), abs=0.06)


def test_correlation_of_windows_varies_more_than_under_constant_correlation(fitted, returns):
    def spread(family):
        paths = make(family).fit(returns).sample(300, horizon=60, random_state=0)
        return np.std([mean_correlation(path) for path in paths])

    assert spread("series/dcc") > 1.5 * spread("series/fhs")


@pytest.mark.parametrize(
    ("steps", "low", "high"), [(slice(250, 500), -0.1, 0.3), (slice(750, 1_000), 0.6, 0.95)]
)
def test_correlation_goes_on_from_history(fitted, returns, steps, low, high):
    paths = fitted.sample(4_000, horizon=3, history=returns[steps], random_state=0)
    assert low < mean_correlation(paths[:, 0]) < high


def test_a_path_depends_on_its_own_noise_alone(fitted, monkeypatch):
    noise = np.random.default_rng(0).standard_normal((30, fitted._noise_size(10)))
    together = fitted._paths(noise, 10, None)
    monkeypatch.setattr("scenara.shared.generators.series.dcc._TOGETHER_NUMBERS", 9 * 7)
    np.testing.assert_allclose(fitted._paths(noise, 10, None), together, atol=1e-7)


@pytest.mark.parametrize("family", ["dcc", "copula", "gaussian", "student", "fhs"])
def test_one_channel_is_enough(family):
    returns = example_returns(400, ("A",))
    paths = make(f"series/{family}").fit(returns).sample(50, horizon=20, random_state=0)
    assert paths.std() == pytest.approx(returns.to_numpy().std(), rel=0.4)


@pytest.mark.parametrize("family", ["dcc", "copula"])
def test_series_are_filtered_apart(family, returns, tmp_path):
    series = returns.reshape(4, 500, 3)
    model = make(f"series/{family}").fit(series)
    expected = model.sample(5, horizon=10, random_state=0)
    assert np.isfinite(expected).all()
    loaded = load(model.save(tmp_path / "saved"))
    np.testing.assert_array_equal(loaded.sample(5, horizon=10, random_state=0), expected)


def test_many_channels_can_be_learned():
    rng = np.random.default_rng(0)
    returns = 0.01 * (rng.normal(size=(260, 1)) + rng.normal(size=(260, 70)))
    paths = make("series/dcc").fit(returns).sample(2, horizon=10, random_state=0)
    assert paths.shape == (2, 10, 70)
    assert np.isfinite(paths).all()
