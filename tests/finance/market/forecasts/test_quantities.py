"""What is forecast: portfolios, returns and volatilities, in paths and afterwards."""

import numpy as np
import pandas as pd
import pytest

from scenara.finance.market.forecasts import Quantities
from scenara.shared.errors import ConfigError, DataError

ASKED = Quantities(("B",), return_days=(1, 3), volatility_days=(3,))


@pytest.fixture
def few():
    values = 0.01 * np.random.default_rng(0).standard_normal((8, 2))
    return pd.DataFrame(values, columns=["A", "B"])


def test_portfolio_is_the_weighted_mean_of_simple_returns(few):
    asked = Quantities(("B",), weights=(("A", 0.75), ("B", 0.25)))
    simple = 0.75 * np.expm1(few["A"]) + 0.25 * np.expm1(few["B"])
    assert np.allclose(np.expm1(asked.series(few)["portfolio"]), simple)


def test_equal_weights_are_the_default(few):
    simple = np.expm1(few).mean(axis=1)
    assert np.allclose(np.expm1(ASKED.series(few)["portfolio"]), simple)


def test_what_happened_is_what_the_quantities_are_in_the_path_that_came(few):
    series = ASKED.series(few).to_numpy()
    realised = ASKED.realised(series)
    for day in range(5):
        came = series[None, day + 1 : day + 4]
        assert np.allclose(realised[day], ASKED.from_paths(came)[0])


def test_what_has_not_happened_yet_is_missing(few):
    realised = ASKED.realised(ASKED.series(few).to_numpy())
    assert np.isnan(realised[:, 0, 0]).sum() == 1
    assert np.isnan(realised[:, 1:, 0]).sum(axis=0).tolist() == [3, 3]


def test_volatility_is_annual():
    asked = Quantities(("A",), return_days=(1,), volatility_days=(5,))
    paths = np.full((1, 5, 2), 0.01)
    assert asked.from_paths(paths)[0, 1] == pytest.approx(0.01 * np.sqrt(252))


@pytest.mark.parametrize(
    "wrong",
    [
        {"assets": ()},
        {"assets": ("portfolio",)},
        {"assets": ("A",), "return_days": (0,)},
        {"assets": ("A",), "volatility_days": (1,)},
        {"assets": ("A", "A")},
        {"assets": ("A",), "return_days": (5, 5)},
        {"assets": ("A",), "weights": (("A", 0.5), ("A", 0.5))},
        {"assets": ("A",), "weights": (("A", 60.0), ("B", 40.0))},
        {"assets": ("A",), "weights": (("A", float("nan")),)},
    ],
)
def test_impossible_quantities_are_refused(wrong):
    with pytest.raises(ConfigError, match="expected"):
        Quantities(**wrong)


def test_an_unknown_asset_is_refused(few):
    with pytest.raises(DataError, match="asset 'C'"):
        Quantities(("C",)).series(few)
