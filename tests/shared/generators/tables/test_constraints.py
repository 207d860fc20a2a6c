"""Whatever a family draws, rows given out keep the constraints, and conditions on them are exact."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenara.shared.data.column import Column
from scenara.shared.data.constraints import (
    Combinations,
    Dependency,
    Inequality,
    Positive,
    Total,
    Unique,
)
from scenara.shared.data.schema import Schema
from scenara.shared.errors import ConfigError, DataError, SchemaError
from scenara.shared.generators import load, make
from scenara.shared.generators.tables.base import TableGenerator
from scenara.shared.generators.tables.constraints import fit_rules

LANDS = {"Kiel": "north", "Rostock": "north", "Ulm": "south", "Bonn": "west"}
RULES = (
    Total("gross", ("net", "tax")),
    Total("owed", ("gross", "fee")),
    Dependency(("city",), "land"),
    Dependency(("age",), "band"),
    Combinations(("make", "model")),
    Inequality("opened", "closed"),
    Inequality("fee", "tax", strict=True),
    Positive("net"),
    Unique(("stamp",)),
)


class Careless(TableGenerator):
    """Draw every column by itself, and let no condition steer it."""

    family = "table/careless"
    minimum_rows = 2
    shard_size = 100

    def _fit(self, frame, schema, *, progress, checkpoint):
        self.names = schema.names
        self._rows = frame

    def _sample(self, n, given, rng):
        rows = {name: rng.integers(len(self._rows), size=n) for name in self._rows}
        drawn = {name: self._rows[name].array.take(rows[name]) for name in self._rows}
        return pd.DataFrame(drawn)

    def _state(self):
        raise NotImplementedError

    def _restore(self, state):
        raise NotImplementedError


class Forgetful(Careless):
    """Impute by drawing anew, score by counting columns."""

    can_impute = has_density = True

    def _impute(self, frame, rng):
        drawn = self._sample(len(frame), None, rng)
        return frame.where(frame.notna(), drawn.set_axis(frame.index))

    def _score(self, frame):
        return np.full(len(frame), -float(frame.shape[1]))


def example(n=400, seed=0):
    rng = np.random.default_rng(seed)
    cars = np.array([("VW", "Golf"), ("VW", "Polo"), ("Opel", "Corsa"), ("Seat", None)])
    car = cars[rng.choice(4, n, p=[0.4, 0.3, 0.2, 0.1])]
    frame = pd.DataFrame(
        {
            "id": [f"C-{i:05d}" for i in range(n)],
            "city": rng.choice(list(LANDS), n, p=[0.4, 0.3, 0.2, 0.1]),
            "net": np.round(rng.lognormal(4, 1, n), 2),
            "fee": np.round(rng.uniform(0, 5, n), 2),
            "age": rng.integers(18, 80, n),
            "make": car[:, 0],
            "model": car[:, 1],
            "opened": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 99, n), "D"),
            "currency": "EUR",
            "stamp": rng.permutation(4 * n)[:n],
        }
    )
    frame["land"] = frame["city"].map(LANDS)
    frame["tax"] = np.round(frame["fee"] + rng.uniform(1, 9, n), 2)
    frame["gross"] = np.round(frame["net"] + frame["tax"], 2)
    frame["owed"] = np.round(frame["gross"] + frame["fee"], 2)
    frame["band"] = np.where(frame["age"] < 30, "young", np.where(frame["age"] < 60, "mid", "old"))
    frame["closed"] = frame["opened"] + pd.to_timedelta(rng.integers(0, 60, n), "D")
    return frame


def declared(frame, *rules):
    known = Schema.infer(frame).override(
        make="category", model={"kind": "category", "levels": ("Golf", "Polo", "Corsa")}
    )
    return Schema(known.columns, rules)


@pytest.fixture(scope="module")
def table():
    return example()


@pytest.fixture(scope="module")
def fitted(table):
    return Careless().fit(table, schema=declared(table, *RULES))


def test_rows_of_a_family_that_knows_nothing_keep_every_constraint(fitted, table):
    rows = fitted.sample(250, random_state=0)
    fitted.schema_.validate(rows)
    assert (rows.dtypes == table.dtypes).all()
    assert list(rows) == list(table)


def test_what_constraints_fix_is_not_left_to_the_family(fitted):
    assert not {"gross", "owed", "land", "band", "city", "make", "model"} & set(fitted.names)


def test_what_is_looked_up_is_what_was_seen_with_it(fitted):
    rows = fitted.sample(250, random_state=0)
    assert (rows["land"] == rows["city"].map(LANDS)).all()
    young = rows["age"] < 30
    assert (rows.loc[young, "band"] == "young").mean() > 0.95


def test_only_combinations_of_the_data_occur_in_their_shares(fitted, table):
    rows = fitted.sample(250, random_state=0)
    drawn, real = (
        frame.groupby(["make", "model"], dropna=False).size() / len(frame)
        for frame in (rows, table)
    )
    assert set(drawn.index) == set(real.index)
    error = np.sqrt(real * (1 - real) * (1 / 250 + 1 / 400))
    assert ((drawn - real).abs() < 4 * error).all()


def test_no_two_shards_share_a_key(fitted):
    rows = fitted.sample(200, random_state=1)
    assert rows["stamp"].is_unique
    assert rows["stamp"].iloc[:100].max() > rows["stamp"].iloc[100:].min()


CONDITIONS = [
    {"gross": (100, 200)},
    {"gross": 100.0},
    {"owed": (None, 60.0)},
    {"land": "south"},
    {"city": ["Ulm", "Kiel"], "land": "north"},
    {"band": "young"},
    {"model": None},
    {"make": "VW", "band": ["mid"]},
    {"closed": ("2020-03-01", None)},
    {"currency": "EUR", "net": (1, 50)},
]


@pytest.mark.parametrize("asked", CONDITIONS)
def test_conditions_are_exact_on_columns_under_constraints(fitted, asked):
    from scenara.shared.generators.tables.conditions import read_conditions

    rows = fitted.sample(30, given=asked, random_state=2)
    fitted.schema_.validate(rows)
    assert read_conditions(asked, fitted.schema_, fitted._outline.seen).hold(rows).all()
    assert len(rows) == 30


@pytest.mark.parametrize("name", ["land", "band", "make"])
def test_a_column_under_a_constraint_can_be_balanced(fitted, name):
    counts = fitted.sample(36, balance=name, random_state=0)[name].value_counts()
    assert set(counts) == {12}


def test_a_total_asked_for_moves_near_rows_only(fitted, table):
    rows = fitted.sample(60, given={"gross": 120.0}, random_state=0)
    near = table[(table["gross"] - 120).abs() < 30]
    assert (rows["gross"] == 120.0).all()
    assert abs(rows["fee"].mean() - near["fee"].mean()) < 5 * table["fee"].std() / np.sqrt(60)


def test_a_combination_that_never_was_is_refused_at_once(fitted):
    with pytest.raises(ConfigError, match="no combination of 'city', 'land'"):
        fitted.sample(5, given={"city": "Ulm", "land": "north"})


def test_a_constraint_that_can_not_be_kept_is_named_when_the_budget_is_spent(table):
    few = table[["city", "fee"]].assign(slot=np.arange(len(table)) % 7)
    few = few.drop_duplicates(["city", "slot"])
    schema = Schema(Schema.infer(few).columns, (Unique(("city", "slot")),))
    schema = schema.override(slot="integer")
    with pytest.raises(DataError, match=r"only 28 of .* break the constraint unique city, slot"):
        Careless().fit(few, schema=schema).sample(50, random_state=0)


def test_data_that_break_a_constraint_are_refused(table):
    wrong = table.assign(gross=table["gross"].where(table.index != 3, 0.0))
    with pytest.raises(SchemaError, match=r"'gross': expected gross = net \+ tax.* in row 3"):
        Careless().fit(wrong, schema=declared(table, *RULES))


@pytest.mark.parametrize("family", ["table/bootstrap"])
def test_a_loaded_generator_keeps_constraints_with_the_same_bits(table, tmp_path, family):
    generator = make(family).fit(table, schema=declared(table, *RULES))
    loaded = load(generator.save(tmp_path / "saved"))
    assert loaded.fingerprint() == generator.fingerprint()
    drawn, again = (
        one.sample(40, given={"land": "north"}, random_state=3) for one in (generator, loaded)
    )
    pd.testing.assert_frame_equal(drawn, again)


def test_streamed_rows_keep_keys_apart_too(fitted, tmp_path, monkeypatch):
    monkeypatch.setattr(Careless, "fingerprint", lambda self: "f", raising=False)
    folder = fitted.sample_to(tmp_path / "rows", 250, random_state=4)
    rows = pd.read_parquet(folder)
    assert rows["stamp"].is_unique
    assert set(rows["stamp"]) == set(fitted.sample(250, random_state=4)["stamp"])


def test_totals_are_missing_as_often_as_they_were():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.integers(0, 99, (500, 2)), columns=["p", "q"]).astype(float)
    frame.loc[rng.random(500) < 0.3, "p"] = np.nan
    frame["sum"] = (frame["p"] + frame["q"]).mask(rng.random(500) < 0.2)
    schema = Schema(Schema.infer(frame).columns, (Total("sum", ("p", "q")),))
    rows = Careless().fit(frame, schema=schema).sample(500, random_state=0)
    assert rows.loc[rows["p"].isna(), "sum"].isna().all()
    whole = rows["p"].notna()
    assert abs(rows.loc[whole, "sum"].isna().mean() - 0.2) < 4 * np.sqrt(0.2 * 0.8 / whole.sum())


def test_a_constant_counts_in_a_sum_and_in_an_order():
    frame = pd.DataFrame({"base": 5, "more": np.arange(100) % 10})
    frame["all"] = frame["base"] + frame["more"]
    rules = (Total("all", ("base", "more")), Inequality("base", "all"))
    schema = Schema(tuple(Column(name, "integer") for name in frame), rules)
    generator = Careless().fit(frame, schema=schema)
    rows = generator.sample(50, random_state=0)
    assert (rows["base"] == 5).all()
    assert (rows["all"] == 5 + rows["more"]).all()


@pytest.mark.parametrize(
    "rules",
    [
        (Total("a", ("b",)), Total("b", ("a",))),
        (Total("a", ("b",)), Total("a", ("b",))),
        (Dependency(("b",), "a"), Dependency(("a",), "b"), Total("a", ("b",))),
        (Combinations(("a", "b")), Total("a", ("b",)), Inequality("a", "b")),
    ],
)
def test_constraints_that_fix_a_column_twice_or_in_a_circle_are_all_kept(rules):
    frame = pd.DataFrame({"a": np.arange(60) % 6, "c": np.arange(60) % 4})
    frame["b"] = frame["a"]
    schema = Schema(tuple(Column(name, "integer") for name in frame), rules)
    rows = Careless().fit(frame, schema=schema).sample(40, random_state=0)
    schema.validate(rows)
    assert (rows["a"] == rows["b"]).all()


def test_levels_and_numbers_determine_together(table):
    frame = table[["make", "age"]].copy()
    frame["rate"] = frame["age"] // 10 * 100 + frame["make"].map({"VW": 1, "Opel": 2, "Seat": 3})
    schema = Schema(Schema.infer(frame).columns, (Dependency(("make", "age"), "rate"),))
    rows = Careless().fit(frame, schema=schema).sample(300, random_state=0)
    both = pd.concat([frame, rows], ignore_index=True)
    schema.validate(both)
    assert (rows["rate"] % 100 == rows["make"].map({"VW": 1, "Opel": 2, "Seat": 3})).all()


@pytest.fixture(scope="module")
def forgetful(table):
    return Forgetful().fit(table, schema=declared(table, *RULES))


def test_imputed_rows_keep_the_constraints_and_what_was_there(forgetful, table):
    holes = table.copy()
    rng = np.random.default_rng(5)
    for name in ("land", "make", "net", "gross", "band", "closed"):
        holes.loc[rng.random(len(table)) < 0.2, name] = None
    filled = forgetful.impute(holes, random_state=0)
    forgetful.schema_.validate(filled)
    assert (filled["land"] == table["land"]).all()
    assert (filled.where(holes.notna()) == holes).to_numpy()[holes.notna().to_numpy()].all()


def test_an_only_missing_part_is_what_is_left_of_the_total(forgetful, table):
    filled = forgetful.impute(table.assign(tax=np.nan), random_state=0)
    np.testing.assert_allclose(filled["tax"], table["tax"], atol=1e-9)


@pytest.mark.parametrize(
    "change", [{"land": "west"}, {"gross": 1.0}, {"model": "Corsa"}, {"net": -1.0}]
)
def test_a_row_that_breaks_a_constraint_has_no_density(forgetful, table, change):
    row = table[table["city"].eq("Ulm") & table["make"].eq("VW")].iloc[[0]]
    scores = [forgetful.score_samples(part)[0] for part in (row, row.assign(**change))]
    assert np.isfinite(scores[0])
    assert scores[1] == -np.inf


CELLS = st.tuples(*[st.sampled_from([None, "x", "y"])] * 2, st.integers(0, 3))


@given(cells=st.lists(CELLS, min_size=2, max_size=20))
@settings(max_examples=40, deadline=None)
def test_merging_columns_and_parting_them_again_changes_nothing(cells):
    frame = pd.DataFrame(cells, columns=["a", "b", "c"])
    columns = [Column(name, "category", nullable=True) for name in "ab"] + [Column("c", "integer")]
    rules = fit_rules(Schema(tuple(columns), (Combinations(("a", "c")),)), frame)
    back = rules.complete(rules.reduce(frame), None, np.random.default_rng(0))
    pd.testing.assert_frame_equal(back[list(frame)], frame)
