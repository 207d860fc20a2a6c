"""Returns of known laws, and what is forecast of them."""

import numpy as np
import pandas as pd
import pytest

from scenara.finance.market.forecasts import Quantities
from scenara.shared.generators.series.gjr import GJR

TRUTH = GJR(
    mean=np.zeros(2),
    omega=np.full(2, 2e-6),
    alpha=np.full(2, 0.05),
    gamma=np.full(2, 0.12),
    beta=np.full(2, 0.86),
)


def garch_returns(seed, n_days):
    """Simulate two correlated GJR-GARCH assets of the parameters ``TRUTH``."""
    rng = np.random.default_rng(seed)
    shocks = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], size=n_days)
    variance, days = np.full(2, 1e-4), np.empty((n_days, 2))
    for day, shock in enumerate(shocks):
        days[day] = np.sqrt(variance) * shock
        variance = TRUTH.next_variance(days[day], variance)
    index = pd.bdate_range("2005-01-03", periods=n_days, name="date")
    return pd.DataFrame(days, index=index, columns=["A", "B"])


@pytest.fixture(scope="session")
def truth():
    return TRUTH


@pytest.fixture(scope="session")
def returns():
    return garch_returns(0, 1_600)


@pytest.fixture(scope="session")
def quantities():
    return Quantities(("A", "B"), return_days=(1, 5), volatility_days=(5,))
