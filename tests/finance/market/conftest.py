"""Returns that the tests of the scorecard share."""

import numpy as np
import pytest


def volatile_returns(seed, n_paths, n_days, n_assets):
    """Simulate GARCH(1,1) returns with t shocks and a common factor, 1 % a day."""
    rng = np.random.default_rng(seed)
    variance = np.ones((n_paths, n_assets))
    days = []
    for _ in range(n_days):
        common = 0.5 * rng.standard_normal((n_paths, 1))
        shock = 0.7 * rng.standard_t(5, (n_paths, n_assets)) + common
        days.append(np.sqrt(variance) * shock)
        variance = 0.05 + 0.1 * np.minimum(days[-1] ** 2, 30) + 0.85 * variance
    return 0.01 * np.stack(days, axis=1)


@pytest.fixture(scope="session")
def volatile():
    return volatile_returns


@pytest.fixture(scope="session")
def sp500():
    """Daily log returns of 20 US stocks, 1990 to 2022; they come with skfolio."""
    datasets = pytest.importorskip("skfolio.datasets")
    return np.log(datasets.load_sp500_dataset()).diff().dropna()
