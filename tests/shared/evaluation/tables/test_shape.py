"""Shape and trend errors: an independent reference, brute force, known truths."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ks_2samp

from scenara.shared.errors import DataError
from scenara.shared.evaluation.tables import shape_error, trend_error

# From an independent implementation of both definitions, on the tables of conftest.py.
REFERENCE = {
    ("train", shape_error): 0.05808376257051762,
    ("test", shape_error): 0.0641177099999325,
    ("train", trend_error): 0.0776211063448563,
    ("test", trend_error): 0.07720563071135311,
}


@pytest.mark.parametrize(("against", "measure"), sorted(REFERENCE, key=str))
def test_errors_are_those_of_the_reference(against, measure, mixed):
    found = measure(getattr(mixed, against), mixed.generated, categories=["bad"]).value
    assert found == pytest.approx(REFERENCE[against, measure], abs=1e-6)


@pytest.mark.parametrize("name", ["income", "debt", "n_loans"])
def test_the_error_of_a_number_is_the_distance_of_scipy(name, mixed):
    found = {c.name: c.error for c in shape_error(mixed.train, mixed.generated).columns}
    known = [frame[name].dropna() for frame in (mixed.train, mixed.generated)]
    assert found[name] == pytest.approx(ks_2samp(*known).statistic, abs=1e-12)


def test_the_worst_column_comes_first(mixed):
    shifted = mixed.train.assign(debt=mixed.train["debt"] + 1e6)
    error = shape_error(mixed.train, shifted)
    assert (error.worst(1)[0].name, error.worst(1)[0].error) == ("debt", 1.0)
    assert error.to_frame()["name"].iloc[0] == "debt"


@pytest.mark.parametrize("measure", [shape_error, trend_error])
def test_the_real_table_has_no_error(measure, mixed):
    assert measure(mixed.train, mixed.train.sample(frac=1, random_state=0)).value < 1e-12


@pytest.mark.parametrize(
    ("real", "generated", "expected"),
    [
        ([1.0, 2.0], [np.nan, np.nan], 1.0),
        ([np.nan, np.nan], [1.0, 2.0], 1.0),
        ([np.nan, np.nan], [np.nan, np.nan], 0.0),
        ([1.0, 1.0], [1.0, 1.0], 0.0),
        ([1.0, 1.0], [2.0, 2.0], 1.0),
        (["a", "a"], ["b", "b"], 1.0),
        (["a", None], ["a", "a"], 0.5),
    ],
)
def test_the_shape_error_of_degenerate_columns_is_defined(real, generated, expected):
    tables = [pd.DataFrame({"x": values}) for values in (real, generated)]
    assert shape_error(*tables).value == expected


@pytest.mark.parametrize(("name", "known"), [("x", [1.0, 2.0]), ("c", ["a", "b"])])
def test_lost_cells_show_as_a_gap_of_the_missing_share(name, known):
    real, generated = pd.DataFrame({name: known}), pd.DataFrame({name: [known[0], None]})
    assert shape_error(real, generated).columns[0].missing_gap == 0.5


def test_the_error_of_two_numbers_is_half_the_gap_of_their_correlations(mixed):
    pair = trend_error(mixed.train, mixed.generated)["debt", "income"]
    real, generated = (
        frame[["income", "debt"]].dropna().corr().iloc[0, 1]
        for frame in (mixed.train, mixed.generated)
    )
    assert (pair.real, pair.generated) == pytest.approx((real, generated), abs=1e-12)
    assert pair.error == pytest.approx(abs(real - generated) / 2, abs=1e-12)


def test_the_error_of_two_categories_is_that_of_their_table(mixed):
    shares = [
        pd.crosstab(frame["grade"].fillna("none"), frame["owner"], normalize=True)
        for frame in (mixed.train, mixed.generated)
    ]
    expected = (shares[0] - shares[1]).abs().to_numpy().sum() / 2
    found = trend_error(mixed.train, mixed.generated)["grade", "owner"].error
    assert found == pytest.approx(expected, abs=1e-12)


def test_columns_drawn_apart_keep_their_shape_and_lose_their_trend():
    x = np.random.default_rng(0).normal(size=1000)
    real = pd.DataFrame({"x": x, "y": x, "z": x > 0})
    apart = real.assign(x=np.random.default_rng(1).permutation(x))
    assert shape_error(real, apart).value == 0
    assert trend_error(real, apart)["x", "y"].error == pytest.approx(0.5, abs=3 * 0.5 / 1000**0.5)


def test_many_levels_are_counted_without_the_whole_table():
    n = 3000
    real = pd.DataFrame({"a": [f"a{i}" for i in range(n)], "b": [f"b{i}" for i in range(n)]})
    half = real.assign(b=[f"b{i}" for i in range(n // 2)] + ["b0"] * (n // 2))
    assert trend_error(real, half).value == pytest.approx(0.5, abs=1e-12)


def test_pairs_with_a_real_constant_do_not_count():
    real = pd.DataFrame({"x": [1.0, 2.0, 3.0], "y": [1.0, 2.0, 4.0], "z": [5.0, 5.0, 5.0]})
    error = trend_error(real, real.assign(y=7.0))
    assert error.undefined == (("x", "z"), ("y", "z"))
    assert (error["x", "y"].error, math.isnan(error["x", "y"].generated)) == (1.0, True)


def test_one_column_has_no_trend():
    with pytest.raises(DataError, match="found one column to compare, expected at least two"):
        trend_error(pd.DataFrame({"x": [1.0]}), pd.DataFrame({"x": [1.0]}))
