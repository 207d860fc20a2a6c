"""Forests and the masked network keep the contract and give laws that are known."""

import numpy as np
import pandas as pd
import pytest
from table_contracts import TableContract, example_table

from scenara.shared.errors import ConfigError
from scenara.shared.generators import load, make


class TestAutoregressiveTable(TableContract):
    family = "table/autoregressive"


def curve(n_rows=3_000, seed=0):
    """Give x uniform on [-1, 1], y = x^2 + noise of deviation .1, and whether x is above 0."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, n_rows)
    y = x**2 + 0.1 * rng.standard_normal(n_rows)
    return pd.DataFrame({"x": x, "y": y, "right": x > 0})


@pytest.fixture(scope="module")
def fitted():
    return make("table/autoregressive", random_state=0).fit(curve())


def test_noise_around_a_curve_is_that_of_the_law(fitted):
    rows = fitted.sample(4_000, random_state=1)
    spread = (rows["y"] - rows["x"] ** 2).std()
    # Leaves of three rows and more add the curve's slope inside a leaf: at most .02.
    assert spread == pytest.approx(0.1, abs=3 * 0.1 / np.sqrt(2 * 3_000) + 0.02)


def test_what_follows_from_another_column_mostly_does(fitted):
    rows = fitted.sample(4_000, random_state=1)
    # Twenty codes of x: one of them straddles 0, and half of its rows may be wrong.
    assert ((rows["x"] > 0) == rows["right"]).mean() > 1 - 1 / 20


def test_a_condition_on_an_effect_moves_its_cause(fitted):
    rows = fitted.sample(2_000, given={"y": (0.64, None)}, random_state=1)
    assert (rows["x"].abs() > 0.5).mean() > 0.95


def test_a_condition_on_a_cause_moves_its_effect(fitted):
    rows = fitted.sample(2_000, given={"x": (0.45, 0.55)}, random_state=1)
    assert rows["y"].mean() == pytest.approx(0.25, abs=0.05)
    assert rows["right"].mean() > 0.95


def test_imputed_cells_follow_the_cells_that_are_there(fitted):
    holed = curve(1_000, seed=5).assign(y=np.nan)
    filled = fitted.impute(holed, random_state=2)
    assert np.corrcoef(filled["y"], holed["x"] ** 2)[0, 1] > 0.8
    pd.testing.assert_series_equal(filled["x"], holed["x"])


def test_rows_unlike_the_table_have_a_low_density(fitted):
    usual = curve(500, seed=6)
    density = fitted.score_samples(usual)
    strange = fitted.score_samples(usual.assign(y=usual["y"].to_numpy()[::-1]))
    assert density.mean() > strange.mean() + 0.5


def test_density_is_near_that_of_the_law(fitted):
    rows = curve(2_000, seed=7)
    noise = rows["y"] - rows["x"] ** 2
    known = -np.log(2) - 0.5 * np.log(2 * np.pi * 0.01) - noise**2 / (2 * 0.01)
    # A flat law inside codes a tenth of the range wide loses some tenths of a nat.
    assert fitted.score_samples(rows).mean() == pytest.approx(known.mean(), abs=0.6)


def test_numbers_with_many_values_are_not_copied(fitted):
    rows = fitted.sample(1_000, random_state=1)
    assert np.isin(rows["y"], curve()["y"]).mean() < 0.05


def test_the_label_head_is_calibrated():
    table = curve(3_000).assign(
        label=lambda t: np.random.default_rng(3).random(3_000) < t["x"] ** 2
    )
    model = make("table/autoregressive", target="label", any_order=False, random_state=0).fit(table)
    rows = model.sample(6_000, random_state=1)
    wide = rows["x"].abs() > 0.8
    # The mean of x^2 on [.8, 1] is .813.
    assert rows.loc[wide, "label"].mean() == pytest.approx(0.813, abs=0.06)


def test_a_given_label_is_kept_and_moves_the_rest():
    table = curve(2_000).assign(label=lambda t: t["x"].abs() > 0.5)
    model = make("table/autoregressive", target="label", random_state=0).fit(table)
    rows = model.sample(500, given={"label": True}, random_state=1)
    assert rows["label"].all()
    assert (rows["x"].abs() > 0.45).mean() > 0.9


def test_the_label_head_is_saved(tmp_path):
    table = curve(500).assign(label=lambda t: t["x"].abs() > 0.5)
    model = make("table/autoregressive", target="label", any_order=False, random_state=0).fit(table)
    again = load(model.save(tmp_path / "model"))
    first, second = (each.sample(300, random_state=1) for each in (model, again))
    pd.testing.assert_frame_equal(first, second)


@pytest.mark.parametrize("verb", ["impute", "score_samples"])
def test_without_the_network_there_is_no_law_in_any_order(verb):
    table = example_table().mask(lambda t: t == "a")
    model = make("table/autoregressive", any_order=False, n_trees=1).fit(example_table())
    with pytest.raises(ConfigError, match="any_order=True"):
        getattr(model, verb)(table.assign(age=table["age"].astype("Int64").mask(table.index < 9)))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"min_leaf": 0}, "min_leaf: expected a whole number"),
        ({"n_trees": 1.5}, "n_trees: expected a whole number"),
        ({"share": 0.0}, "share: expected a number"),
        ({"target": "rihgt"}, "did you mean"),
        ({"target": "y"}, "at most 32 classes"),
    ],
)
def test_refuses_settings_that_make_no_sense(settings, words):
    with pytest.raises(ConfigError, match=words):
        make("table/autoregressive", **settings).fit(curve(200))
