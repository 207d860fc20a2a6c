"""Sequential trees keep the contract and reproduce laws that are known."""

import numpy as np
import pandas as pd
import pytest
from table_contracts import TableContract, example_table

from scenara.shared.errors import ConfigError, DataError
from scenara.shared.generators import make
from scenara.shared.generators.tables.cart import CartTable
from scenara.shared.tuning import search_space


class TestCartTable(TableContract):
    family = "table/cart"
    cheap = True


def line(n_rows=2_000, slope=2.0, seed=0):
    """Give x, and y = slope x + noise."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(n_rows)
    return pd.DataFrame({"x": x, "y": slope * x + rng.standard_normal(n_rows)})


def groups(n_rows=4_000, seed=0):
    """Give a class of one in a hundred, last of all, that moves the number before it."""
    rng = np.random.default_rng(seed)
    rare = rng.random(n_rows) < 0.01
    score = rng.standard_normal(n_rows) + 3.0 * rare
    return pd.DataFrame({"score": score, "rare": rare})


def test_dependence_is_that_of_the_law():
    made = make("table/cart").fit(line()).sample(4_000, random_state=0)
    slope = np.polyfit(made["x"], made["y"], 1)[0]
    # Leaves of five rows and more flatten the slope by about a hundredth.
    assert slope == pytest.approx(2.0, abs=3 * np.sqrt(1 / 2_000 + 1 / 4_000) + 0.02)


def test_what_follows_from_another_column_always_does():
    table = pd.DataFrame({"age": np.arange(200) % 50})
    table["adult"] = table["age"] >= 18
    made = make("table/cart").fit(table).sample(500, random_state=0)
    assert (made["adult"] == (made["age"] >= 18)).all()


def test_cells_are_missing_where_another_column_says_so():
    rng = np.random.default_rng(0)
    owner = rng.random(500) < 0.5
    table = pd.DataFrame({"owner": owner, "rent": np.where(owner, np.nan, rng.random(500))})
    made = make("table/cart").fit(table).sample(500, random_state=0)
    assert (made["rent"].isna() == made["owner"]).all()


def test_without_jitter_every_number_was_seen():
    table = line(200)
    made = make("table/cart").fit(table).sample(300, random_state=0)
    gaps = np.abs(made["x"].to_numpy()[:, None] - table["x"].to_numpy()).min(axis=1)
    assert (gaps <= 1e-9 * np.abs(made["x"])).all()


def test_jitter_makes_numbers_new_and_keeps_spikes():
    table = example_table()
    made = make("table/cart", jitter=3).fit(table).sample(400, random_state=0)
    debts = made["debt, other"]
    spread = np.sqrt(0.25 * (1 / 400 + 1 / 400))
    assert not made["monthly income"].isin(table["monthly income"]).all()
    assert (debts == 0).mean() == pytest.approx((table["debt, other"] == 0).mean(), abs=4 * spread)


def test_larger_leaves_copy_fewer_pairs():
    table = line(500)
    copies = []
    for min_leaf in (1, 50):
        made = make("table/cart", min_leaf=min_leaf).fit(table).sample(500, random_state=0)
        near = np.abs(made.to_numpy()[:, None] - table.to_numpy()).max(axis=2).min(axis=1)
        copies.append((near < 1e-6).mean())
    assert copies[0] > 0.5
    assert copies[1] < 0.1


@pytest.mark.parametrize("first", [(), ("rare",)])
def test_conditions_give_the_law_of_rows_that_fulfil_them(first):
    generator = make("table/cart", first=first).fit(groups())
    free = generator.sample(60_000, random_state=0)
    expected = free.loc[free["rare"], "score"]
    given = generator.sample(600, given={"rare": True}, random_state=1)["score"]
    spread = np.sqrt(expected.var() * (1 / len(expected) + 1 / 600))
    assert given.mean() == pytest.approx(expected.mean(), abs=4 * spread)


def test_conditions_on_the_first_column_drop_no_row():
    from scenara.shared.generators.tables.conditions import read_conditions

    generator = make("table/cart", first=["rare"]).fit(groups())
    given = read_conditions({"rare": True}, generator.schema_, generator._outline.seen)
    assert len(generator._sample(500, given, np.random.default_rng(0))) == 500


def test_a_number_that_was_never_seen_is_refused():
    generator = make("table/cart").fit(example_table())
    with pytest.raises(
        DataError,
        match="given: column 'monthly income': no row learned from holds .* ask for a range",
    ):
        generator.sample(1, given={"monthly income": 2_000.001})


def test_rows_beyond_the_limit_still_are_donors():
    made = make("table/cart", max_rows=50).fit(line(2_000)).sample(3_000, random_state=0)
    assert made["y"].nunique() > 1_000


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"min_leaf": 0}, "min_leaf: expected a whole number from 1, found 0"),
        ({"min_leaf": 2.5}, "min_leaf: expected a whole number"),
        ({"max_rows": 1}, "max_rows: expected a whole number from 2"),
        ({"jitter": -1}, "jitter: expected a number of ranks from 0, found -1"),
        ({"jitter": float("nan")}, "jitter: expected"),
        ({"first": ["ag"]}, "first: no column 'ag' that varies; did you mean 'age'"),
        ({"first": "age"}, "first: expected a list of columns"),
        ({"random_state": -1}, "random_state: expected a whole number from 0"),
    ],
)
def test_settings_out_of_range_are_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        make("table/cart", **settings).fit(example_table(60))


def test_the_defaults_lie_in_the_space_that_is_searched():
    defaults = CartTable().get_params()
    assert all(defaults[name] in space for name, space in search_space(CartTable).items())
