"""The Gaussian copula keeps the contract and finds the law that it assumes."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, spearmanr
from table_contracts import TableContract, example_table

from scenara.shared.data import Schema
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.generators import make


class TestCopulaTable(TableContract):
    family = "table/copula"
    cheap = True


def normal_table(n_rows=2_000, rho=0.7, seed=0):
    """Give three numbers whose latents have correlation ``rho`` with one another."""
    correlation = np.full((3, 3), rho) + (1 - rho) * np.eye(3)
    latents = np.random.default_rng(seed).multivariate_normal(np.zeros(3), correlation, n_rows)
    return pd.DataFrame(
        {"score": latents[:, 0], "income": np.exp(latents[:, 1]), "late": latents[:, 2] > 1.0}
    )


@pytest.fixture(scope="module")
def fitted():
    return make("table/copula").fit(normal_table())


def test_correlation_of_the_latents_is_found_through_any_margin(fitted):
    # Three standard errors; a tetrachoric correlation has about twice that of a plain one.
    bound = 3 * (1 - 0.7**2) / np.sqrt(2_000)
    found = fitted._correlation
    assert found[0, 1] == pytest.approx(0.7, abs=bound)
    assert found[:2, 2] == pytest.approx([0.7, 0.7], abs=2 * bound)


def test_dependence_in_ranks_is_that_of_the_law(fitted):
    made = fitted.sample(4_000, random_state=0)
    rank = spearmanr(made["score"], made["income"]).statistic
    expected = 6 / np.pi * np.arcsin(0.7 / 2)
    assert rank == pytest.approx(expected, abs=4 * np.sqrt(1 / 2_000 + 1 / 4_000))


def test_numbers_made_are_new(fitted):
    made = fitted.sample(1_000, random_state=0)
    assert made["income"].isin(normal_table()["income"]).mean() < 0.01


def test_a_number_never_seen_can_be_asked_for(fitted):
    made = fitted.sample(2_000, given={"score": 1.2345}, random_state=0)
    latent = np.log(made["income"])
    assert (made["score"] == 1.2345).all()
    # The law of one latent given another: mean rho z, variance 1 - rho^2.
    assert latent.mean() == pytest.approx(0.7 * 1.2345, abs=0.08)
    assert latent.std() == pytest.approx(np.sqrt(1 - 0.7**2), abs=0.05)


def test_several_conditions_give_the_law_of_rows_that_fulfil_them(fitted):
    given = {"score": (0.5, None), "late": True}
    free = fitted.sample(60_000, random_state=0)
    expected = free.loc[(free["score"] >= 0.5) & free["late"], "income"].transform(np.log)
    made = np.log(fitted.sample(4_000, given=given, random_state=1)["income"])
    spread = np.sqrt(expected.var() * (1 / len(expected) + 1 / 4_000))
    assert made.mean() == pytest.approx(expected.mean(), abs=4 * spread)


@pytest.mark.parametrize(
    "given",
    [
        {"opened": "2020-03-04"},
        {"opened": ["2020-03-04", "2020-05-06"]},
        {"monthly income": [1234.56, 777.7]},
        {"debt, other": [0.0, 12.5]},
        {"age": (30, None), "monthly income": (3_000, 4_000), "class": "b", "job": None},
    ],
)
def test_values_between_those_seen_can_be_asked_for(given):
    made = make("table/copula", n_sweeps=4).fit(example_table()).sample(50, given=given)
    assert len(made) == 50


def test_values_asked_for_occur_as_often_as_their_neighbourhood_does():
    table = pd.DataFrame({"x": np.repeat([1.0, 2.0, 3.0], [60, 20, 20]), "y": np.arange(100) % 7})
    made = make("table/copula").fit(table).sample(3_000, given={"x": [1, 2]}, random_state=0)
    assert (made["x"] == 1).mean() == pytest.approx(0.75, abs=4 * np.sqrt(0.75 * 0.25 / 3_000))


def test_imputed_cells_follow_from_the_others(fitted):
    table = normal_table(600, seed=1)
    holed = table.assign(income=table["income"].where(np.arange(600) % 2 == 0))
    filled = fitted.impute(holed, random_state=0)
    hidden = holed["income"].isna()
    tie = np.corrcoef(np.log(filled.loc[hidden, "income"]), table.loc[hidden, "score"])[0, 1]
    assert tie == pytest.approx(0.7, abs=3 * (1 - 0.7**2) / np.sqrt(300) + 0.02)


def test_two_imputations_differ(fitted):
    holed = normal_table(50).assign(score=np.nan)
    first, second = (fitted.impute(holed, random_state=seed)["score"] for seed in (0, 1))
    assert (first != second).all()


def test_a_level_never_seen_is_refused_when_imputing():
    table = example_table(60)
    generator = make("table/copula", n_sweeps=2).fit(table, schema=Schema.infer(table))
    strange = table.assign(**{"class": "zebra"})
    with pytest.raises(DataError, match="'class', row 0: 'zebra' was not there"):
        generator.impute(strange)


def test_missing_cells_depend_on_other_columns():
    rng = np.random.default_rng(0)
    age = rng.standard_normal(1_000)
    table = pd.DataFrame({"age": age, "rent": np.where(age > 0, np.nan, rng.random(1_000))})
    made = make("table/copula").fit(table).sample(2_000, random_state=0)
    high = made["age"] > norm.ppf(0.9)
    assert made.loc[high, "rent"].isna().mean() > 0.95


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_sweeps": 1}, "n_sweeps: expected a whole number from 2, found 1"),
        ({"max_rows": 2.5}, "max_rows: expected a whole number from 20"),
        ({"random_state": -1}, "random_state: expected a whole number from 0"),
    ],
)
def test_settings_out_of_range_are_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        make("table/copula", **settings).fit(example_table(60))
