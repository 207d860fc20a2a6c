"""The truths that every generator of tables must keep; a new family is added to TABLES alone."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ks_2samp

from scenara.shared.data import Schema
from scenara.shared.data.column import BOUNDED, Kind
from scenara.shared.data.plain import as_numbers, as_objects, as_seconds
from scenara.shared.errors import ConfigError, DataError, NotFittedError, SchemaError
from scenara.shared.generators import family_class, load, make

TABLES = {
    "table/auto": {"candidates": {"table/cart": {"min_leaf": 15}}, "random_state": 0},
    "table/autoregressive": {
        "n_steps": 40,
        "width": 32,
        "n_trees": 3,
        "min_leaf_levels": 10,
        "random_state": 0,
    },
    "table/bootstrap": {},
    "table/cart": {},
    "table/copula": {},
    "table/diffusion": {
        "n_steps": 120,
        "batch_size": 64,
        "width": 48,
        "head_width": 32,
        "n_levels": 6,
        "random_state": 0,
    },
    "table/gan": {"n_steps": 40, "width": 32, "batch_size": 100, "random_state": 0},
    "table/vae": {
        "n_steps": 150,
        "width": 32,
        "latent": 6,
        "learning_rate": 0.01,
        "random_state": 0,
    },
}
"""Family -> settings with which its fit on the example table takes well under a second."""

GRADES = pd.CategoricalDtype(["low", "middle", "high"], ordered=True)
GIVEN = {
    "a boolean": {"smoker": True},
    "a category": {"class": "b"},
    "a choice of categories": {"class": ["a", "c"]},
    "a date-time range": {"opened": ("2020-01-01", "2020-12-31")},
    "a grade": {"grade": "high"},
    "a missing category": {"job": None},
    "a missing number": {"years 🙂": None},
    "a number or missing": {"years 🙂": [3, None]},
    "a range": {"age": (30, 40)},
    "a rare category": {"class": "rare"},
    "a spike": {"debt, other": 0.0},
    "a whole number": {"age": 40},
    "an open range": {"monthly income": (2_000, None)},
    "several": {"smoker": False, "age": (25, 70), "class": ["a", "b"]},
    "the only content there is": {"currency": "EUR"},
}
REFUSED = {
    "a category never seen": ({"class": "zebra"}, "'zebra' was not there"),
    "a column never seen": ({"clas": "a"}, "did you mean 'class'"),
    "a missing cell where none was": ({"age": None}, "no cell was missing"),
    "a range never seen": ({"age": (200, 300)}, "lies within"),
    "a range upside down": ({"age": (40, 30)}, "is empty"),
    "an identifier": ({"customer": "C-0001"}, "takes no conditions"),
    "text for a number": ({"age": "old"}, "finite number"),
}
SMALL_SHARD = 50


def example_table(n_rows=400, seed=0):
    """Give customers with every kind of column and ties between them; the seed says which."""
    rng = np.random.default_rng(seed)
    age = rng.integers(18, 80, n_rows)
    group = np.where(age < 35, "a", rng.choice(["a", "b", "c"], n_rows, p=[0.2, 0.5, 0.3]))
    group = group.astype(object)
    group[rng.choice(n_rows, n_rows // 100, replace=False)] = "rare"
    income = np.round(np.exp(6.5 + age / 60 + 0.8 * rng.standard_normal(n_rows)), 2)
    owes = rng.random(n_rows) < np.where(group == "a", 0.8, 0.3)
    smoker = rng.random(n_rows) < np.where(group == "b", 0.6, 0.2)
    wealth = np.searchsorted(np.quantile(income, [0.3, 0.8]), income)
    opened = pd.Timestamp("2019-01-01") + pd.to_timedelta(rng.integers(0, 1_000, n_rows), unit="D")
    years = np.where(rng.random(n_rows) < 0.3, np.nan, np.minimum(age - 18, rng.poisson(4, n_rows)))
    job = pd.Series(rng.choice(["clerk", "nurse", "عامل"], n_rows))
    return pd.DataFrame(
        {
            "customer": [f"C-{row:04d}" for row in range(n_rows)],
            "age": age,
            "monthly income": income,
            "debt, other": np.where(owes, np.round(income * rng.random(n_rows), 1), 0.0),
            "class": group,
            "grade": pd.Categorical.from_codes(wealth, dtype=GRADES),
            "smoker": smoker,
            "opened": opened,
            "years 🙂": years,
            "job": job.mask(rng.random(n_rows) < 0.2),
            "currency": "EUR",
        }
    )


def odd_table(n_rows=120):
    """Give a table of what is valid and seldom thought of."""
    rng = np.random.default_rng(1)
    dates = pd.date_range("2024-03-20", periods=n_rows, freq="4h", tz="Europe/Berlin")
    return pd.DataFrame(
        {
            "nothing": np.full(n_rows, np.nan),
            "target": np.zeros(n_rows, dtype=np.int64),
            "when": dates,
            "mood": rng.choice(["🙂", "🙁", "👩‍👩‍👧", "شكرا", "תודה"], n_rows),
            "amount": rng.standard_normal(n_rows),
            "count": pd.array(rng.integers(0, 50, n_rows), dtype="Int64"),
            "flag": pd.array(rng.random(n_rows) < 0.5, dtype="boolean"),
            "half": rng.standard_normal(n_rows).astype(np.float32),
        },
        index=np.arange(n_rows) * 3 + 7,
    )


def many_levels(n_rows=20_000, n_levels=10_000):
    """Give a category with ten thousand levels, and a number that it moves."""
    rng = np.random.default_rng(2)
    codes = rng.permutation(np.arange(n_rows) % n_levels)
    amount = codes / n_levels + rng.standard_normal(n_rows)
    return pd.DataFrame({"item": [f"item {code}" for code in codes], "amount": amount})


def numbers_of(values, column):
    """Give the cells of a measured column that are there as numbers, times in seconds."""
    numbers = as_seconds(values) if column.kind is Kind.DATETIME else as_numbers(values)
    return numbers[~np.isnan(numbers)]


def shares_of(values):
    """Give the share of each content of a column, missing ones as None."""
    cells = pd.Series(as_objects(values), dtype=object)
    return cells.where(cells.notna(), None).value_counts(normalize=True, dropna=False)


class TableContract:
    """Hold the truths; a test class inherits them and sets ``family``.

    ``slack`` widens the tolerance of the margins, for a family that learns in steps and is given
    few of them here; ``cheap`` is for a family that learns 20,000 rows in seconds.
    """

    family: str
    slack = 1.0
    cheap = False

    @classmethod
    def new(cls):
        return make(cls.family, **TABLES[cls.family])

    @pytest.fixture(scope="class")
    @staticmethod
    def table():
        return example_table()

    @pytest.fixture(scope="class")
    @classmethod
    def fitted(cls, table):
        return cls.new().fit(table)

    @pytest.fixture(scope="class")
    @classmethod
    def rows(cls, fitted):
        return fitted.sample(2_000, random_state=0)

    @pytest.fixture(scope="class")
    @classmethod
    def second(cls, table):
        """Give another generator, what its fit gave back, and what that left of its input."""
        data, generator = table.copy(), cls.new()
        return generator, generator.fit(data), data

    @pytest.fixture(scope="class")
    @classmethod
    def odd(cls):
        return cls.new().fit(odd_table())

    @pytest.fixture
    def small_shards(self, fitted, monkeypatch):
        monkeypatch.setattr(type(fitted), "shard_size", SMALL_SHARD)

    def test_fit_returns_self(self, second):
        assert second[0] is second[1]

    def test_fit_does_not_change_its_input(self, second, table):
        pd.testing.assert_frame_equal(second[2], table)

    def test_fitting_twice_gives_the_same_generator(self, second, fitted):
        assert second[0].fingerprint() == fitted.fingerprint()

    def test_sample_has_as_many_rows_as_asked_for(self, fitted):
        assert [len(fitted.sample(n, random_state=0)) for n in (1, 7)] == [1, 7]

    def test_sample_has_the_columns_and_dtypes_of_the_data(self, rows, table):
        assert list(rows.columns) == list(table.columns)
        pd.testing.assert_series_equal(rows.dtypes, table.dtypes)

    def test_rows_are_numbered_from_zero(self, rows):
        assert (rows.index == np.arange(len(rows))).all()

    def test_sample_is_valid_for_the_schema(self, fitted, rows):
        fitted.schema_.validate(rows)

    def test_contents_are_those_that_were_seen(self, rows, table):
        for name in ("class", "grade", "smoker", "job", "currency"):
            assert set(shares_of(rows[name]).index) <= set(shares_of(table[name]).index)

    @pytest.mark.parametrize("name", ["age", "monthly income", "debt, other", "opened", "years 🙂"])
    def test_numbers_stay_within_the_range_that_was_seen(self, rows, table, name):
        assert rows[name].min() >= table[name].min()
        assert rows[name].max() <= table[name].max()

    @pytest.mark.usefixtures("small_shards")
    def test_identifiers_are_new_and_never_occur_twice(self, fitted, table):
        rows = fitted.sample(3 * SMALL_SHARD + 1, random_state=0)
        assert rows["customer"].is_unique
        assert not rows["customer"].isin(table["customer"]).any()

    def test_same_seed_gives_the_same_bits(self, fitted):
        first, second = (fitted.sample(60, random_state=3) for _ in range(2))
        pd.testing.assert_frame_equal(first, second, check_exact=True)

    def test_another_seed_gives_other_rows(self, fitted):
        first, second = (fitted.sample(60, random_state=seed) for seed in (3, 4))
        assert not first.equals(second)

    @pytest.mark.usefixtures("small_shards")
    def test_shards_do_not_share_a_stream(self, fitted):
        rows = fitted.sample(2 * SMALL_SHARD, random_state=0).drop(columns="customer")
        first, second = rows[:SMALL_SHARD], rows[SMALL_SHARD:].reset_index(drop=True)
        assert not first.equals(second)

    def test_loaded_generator_samples_the_same_bits(self, fitted, tmp_path):
        loaded = load(fitted.save(tmp_path / "saved"))
        asked = {"given": {"age": (30, 60)}, "balance": "smoker", "random_state": 1}
        expected = fitted.sample(40, **asked)
        pd.testing.assert_frame_equal(loaded.sample(40, **asked), expected, check_exact=True)
        assert loaded.fingerprint() == fitted.fingerprint()

    @pytest.mark.usefixtures("small_shards")
    def test_streamed_rows_equal_sampled_ones(self, fitted, tmp_path):
        asked = {"given": {"class": ["a", "b"]}, "random_state": 5}
        folder = fitted.sample_to(tmp_path / "rows", 130, **asked)
        pd.testing.assert_frame_equal(pd.read_parquet(folder), fitted.sample(130, **asked))

    @pytest.mark.usefixtures("small_shards")
    def test_an_interrupted_stream_goes_on_to_the_same_bytes(self, fitted, tmp_path):
        folder = fitted.sample_to(tmp_path / "rows", 130, random_state=5)
        parts = sorted(folder.glob("*.parquet"))
        before = [part.read_bytes() for part in parts]
        parts[1].unlink()
        fitted.sample_to(folder, 130)
        assert [part.read_bytes() for part in parts] == before

    @pytest.mark.parametrize("asked", sorted(GIVEN))
    def test_every_row_does_what_is_given(self, fitted, asked):
        from scenara.shared.generators.tables.conditions import read_conditions

        given = GIVEN[asked]
        rows = fitted.sample(20, given=given, random_state=0)
        conditions = read_conditions(given, fitted.schema_, fitted._outline.seen)
        assert len(rows) == 20
        assert conditions.hold(rows).all()

    def test_a_range_holds_as_pandas_reads_it(self, fitted):
        given = {"age": (30, 40), "opened": ("2020-01-01", pd.Timestamp("2020-12-31"))}
        rows = fitted.sample(20, given=given, random_state=0)
        assert rows["age"].between(30, 40).all()
        assert rows["opened"].between("2020-01-01", "2020-12-31").all()

    @pytest.mark.parametrize("asked", sorted(REFUSED))
    def test_what_can_not_be_is_refused(self, fitted, asked):
        given, message = REFUSED[asked]
        with pytest.raises(ConfigError, match=message):
            fitted.sample(5, given=given)

    def test_balance_makes_values_equally_frequent(self, fitted):
        rows = fitted.sample(40, balance="class", random_state=0)
        assert rows["class"].value_counts().to_dict() == dict.fromkeys(["a", "b", "c", "rare"], 10)

    def test_balance_keeps_the_counts_asked_for(self, fitted):
        rows = fitted.sample(40, balance={"smoker": {True: 31, False: 9}}, random_state=0)
        assert rows["smoker"].sum() == 31

    def test_margins_are_near_those_of_the_data(self, fitted, rows, table):
        for column in fitted.schema_:
            if column.kind in BOUNDED:
                real, made = (numbers_of(frame[column.name], column) for frame in (table, rows))
                # The distance of two samples of one law exceeds this once in a thousand.
                bound = 1.95 * np.sqrt(1 / len(real) + 1 / len(made))
                distance = ks_2samp(real, made, method="asymp").statistic
                assert distance <= self.slack * bound, column.name

    def test_levels_are_as_frequent_as_in_the_data(self, rows, table):
        for name in ("class", "grade", "smoker", "job", "currency"):
            real = shares_of(table[name])
            made = shares_of(rows[name]).reindex(real.index, fill_value=0.0)
            spread = np.sqrt(real * (1 - real) * (1 / len(table) + 1 / len(rows)))
            assert ((real - made).abs() <= 4 * self.slack * spread).all(), name

    def test_cells_are_missing_as_often_as_in_the_data(self, rows, table):
        real, made = table.isna().mean(), rows.isna().mean()
        spread = np.sqrt(real * (1 - real) * (1 / len(table) + 1 / len(rows)))
        assert ((real - made).abs() <= 4 * self.slack * spread).all()

    def test_missing_cells_are_filled_or_it_is_refused(self, fitted, table):
        if not fitted.can_impute:
            with pytest.raises(ConfigError, match="can't impute"):
                fitted.impute(table)
            return
        filled = fitted.impute(table, random_state=0)
        assert not filled.isna().to_numpy().any()
        pd.testing.assert_series_equal(filled.dtypes, table.dtypes)
        pd.testing.assert_frame_equal(filled.where(table.notna()), table.where(table.notna()))

    def test_every_row_has_a_density_or_it_is_refused(self, fitted, table):
        if not fitted.has_density:
            with pytest.raises(ConfigError, match="no density"):
                fitted.score_samples(table)
            return
        scores = fitted.score_samples(table)
        assert scores.shape == (len(table),)
        assert np.isfinite(scores).all()

    @pytest.mark.parametrize("verb", ["sample", "save", "impute", "score_samples"])
    def test_refuses_before_fit(self, verb, tmp_path):
        argument = {"sample": 1, "save": tmp_path / "saved"}.get(verb, example_table(30))
        with pytest.raises(NotFittedError, match="not fitted"):
            getattr(self.new(), verb)(argument)

    def test_a_fit_that_fails_leaves_nothing_fitted(self, second, table):
        generator = load_copy(second[0])
        with pytest.raises(DataError, match="at least"):
            generator.fit(table.iloc[:1])
        with pytest.raises(NotFittedError):
            generator.sample(1)

    def test_clone_keeps_the_settings(self):
        from sklearn.base import clone

        assert clone(self.new()).get_params() == self.new().get_params()

    @pytest.mark.parametrize("n", [0, -1, 2.5, True])
    def test_refuses_a_wrong_number_of_rows(self, fitted, n):
        with pytest.raises(ConfigError, match="whole number"):
            fitted.sample(n)

    def test_three_rows_work_or_are_refused(self, table):
        least = family_class(self.family).minimum_rows
        if least > 3:
            with pytest.raises(DataError, match=f"at least {least} rows"):
                self.new().fit(table.iloc[:3])
            return
        assert len(self.new().fit(table.iloc[:3]).sample(5, random_state=0)) == 5

    def test_refuses_an_infinite_number_by_name_and_row(self, table):
        endless = table.copy()
        endless.loc[17, "monthly income"] = np.inf
        with pytest.raises(DataError, match="'monthly income'.*row 17"):
            self.new().fit(endless)

    def test_refuses_a_column_that_is_there_twice(self, table):
        with pytest.raises(SchemaError, match="'age' is there twice"):
            self.new().fit(pd.concat([table, table["age"]], axis=1))

    def test_refuses_nested_cells_by_name(self, table):
        nested = table.assign(basket=[[row] for row in range(len(table))])
        with pytest.raises(DataError, match="'basket'.*list"):
            self.new().fit(nested)

    def test_refuses_free_text_by_name(self, table):
        words = [
            " ".join(f"word{row * k % 977}" for k in range(1, 12)) for row in range(len(table))
        ]
        with pytest.raises(DataError, match="'note': free text"):
            self.new().fit(table.assign(note=words))

    def test_a_schema_must_name_the_columns(self, table):
        schema = Schema.infer(table.rename(columns={"age": "other"}))
        with pytest.raises(SchemaError, match="expected the columns"):
            self.new().fit(table, schema=schema)

    def test_odd_columns_keep_their_dtypes(self, odd):
        rows = odd.sample(30, random_state=0)
        pd.testing.assert_series_equal(rows.dtypes, odd_table().dtypes)
        odd.schema_.validate(rows)

    def test_a_column_of_missing_cells_stays_missing(self, odd):
        assert odd.sample(30, random_state=0)["nothing"].isna().all()

    def test_a_target_with_one_class_keeps_it(self, odd):
        rows = odd.sample(30, given={"target": 0}, balance="mood", random_state=0)
        assert (rows["target"] == 0).all()

    def test_emoji_and_text_from_right_to_left_can_be_asked_for(self, odd):
        rows = odd.sample(20, given={"mood": ["👩‍👩‍👧", "شكرا"]}, random_state=0)
        assert set(rows["mood"]) <= {"👩‍👩‍👧", "شكرا"}

    def test_times_in_a_zone_can_be_asked_for(self, odd):
        noon = pd.Timestamp("2024-03-25 12:00", tz="Europe/Berlin")
        rows = odd.sample(20, given={"when": (noon, None)}, random_state=0)
        assert (rows["when"] >= noon).all()

    def test_a_table_of_nothing_to_learn_is_repeated(self):
        table = pd.DataFrame({"key": [f"K{row}" for row in range(100, 140)], "unit": "kg"})
        rows = self.new().fit(table).sample(5, random_state=0)
        assert (rows["unit"] == "kg").all()
        assert not rows["key"].isin(table["key"]).any()

    @pytest.mark.slow
    def test_ten_thousand_categories_work(self):
        if not self.cheap:
            pytest.skip("the family learns in steps; its own tests say how it copes")
        table = many_levels()
        schema = Schema.infer(table).override(item="category")
        rows = self.new().fit(table, schema=schema).sample(1_000, random_state=0)
        assert rows["item"].isin(table["item"]).all()
        assert rows["item"].nunique() > 500


def load_copy(generator):
    """Give a fitted generator again, made from its state."""
    return make(generator.family, **generator.get_params()).restore(generator.state())
