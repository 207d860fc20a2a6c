"""Related tables: keys fit, numbers of children and what they look like follow from the parent."""

import numpy as np
import pandas as pd
import pytest

from scenara.shared.data.constraints import Inequality, Unique
from scenara.shared.data.relations import Relation
from scenara.shared.data.schema import Schema
from scenara.shared.errors import ConfigError, DataError, NotFittedError, SchemaError
from scenara.shared.generators import families, load
from scenara.shared.generators.tables.relational import RelationalTables

RELATIONS = (
    Relation("customers", "id", "loans", "customer"),
    Relation("loans", "number", "payments", "loan"),
    Relation("customers", "id", "cards", "holder"),
)
MEANS = {"north": 3.0, "south": 0.5}


def bank(n=400, seed=0):
    """Give customers, loans in the number that the region says, payments, and cards."""
    rng = np.random.default_rng(seed)
    customers = pd.DataFrame(
        {
            "id": [f"C-{i:05d}" for i in range(n)],
            "region": rng.choice(list(MEANS), n),
            "income": np.round(rng.lognormal(8, 0.5, n), 2),
        }
    )
    owner = np.repeat(np.arange(n), rng.poisson(customers["region"].map(MEANS)))
    own_rate = rng.normal(4, 1, n)[owner]
    loans = pd.DataFrame(
        {
            "number": np.arange(len(owner)) + 7_000,
            "customer": customers["id"].to_numpy()[owner],
            "rate": np.round(own_rate + rng.normal(0, 0.2, len(owner)), 2),
            "currency": np.where(customers["region"].to_numpy()[owner] == "north", "DKK", "EUR"),
        }
    )
    loan = np.repeat(np.arange(len(loans)), rng.integers(1, 4, len(loans)))
    place = pd.Series(loan).groupby(loan).cumcount().to_numpy()
    payments = pd.DataFrame(
        {
            "loan": loans["number"].to_numpy()[loan],
            "late": rng.random(len(loan)) < 0.05 + 0.3 * place,
            "paid": np.round(rng.lognormal(3, 0.3, len(loan)), 2),
        }
    )
    holders = customers["id"][customers["income"] > 3_000]
    cards = pd.DataFrame(
        {"holder": holders.to_numpy(), "limit": rng.choice([1e3, 5e3], len(holders))}
    )
    return {"payments": payments, "loans": loans, "customers": customers, "cards": cards}


@pytest.fixture(scope="module")
def real():
    return bank()


@pytest.fixture(scope="module")
def fitted(real):
    return RelationalTables(model="table/bootstrap").fit(real, relations=RELATIONS)


@pytest.fixture(scope="module")
def drawn(fitted):
    return fitted.sample(1_000, random_state=0)


def children(tables, relation):
    """Give the number of children of each parent."""
    keys = tables[relation.parent][relation.key]
    counts = tables[relation.child][relation.foreign_key].value_counts()
    return keys.map(counts).fillna(0).to_numpy(dtype=float)


def share_that_fits(tables):
    """Give the share of loans in the currency of their owner's region."""
    loans = tables["loans"].merge(tables["customers"], left_on="customer", right_on="id")
    return ((loans["currency"] == "DKK") == (loans["region"] == "north")).mean()


def test_tables_come_back_with_the_columns_and_dtypes_of_those_learned_from(real, drawn):
    assert list(drawn) == list(real)
    for name, frame in real.items():
        assert list(drawn[name]) == list(frame)
        assert (drawn[name].dtypes == frame.dtypes).all()


@pytest.mark.parametrize("relation", RELATIONS, ids=str)
def test_keys_are_new_unique_and_owned(real, drawn, relation):
    keys = drawn[relation.parent][relation.key]
    assert keys.is_unique
    assert not set(keys) & set(real[relation.parent][relation.key])
    assert set(drawn[relation.child][relation.foreign_key]) <= set(keys)


@pytest.mark.parametrize("region", sorted(MEANS))
def test_the_number_of_children_follows_from_the_parent(drawn, region):
    counts = children(drawn, RELATIONS[0])[drawn["customers"]["region"] == region]
    # Error of the mean over the rows learned from (about 200) and over those drawn.
    error = np.sqrt(MEANS[region] * (1 / 200 + 1 / len(counts)))
    assert abs(counts.mean() - MEANS[region]) < 4 * error


def test_children_depend_on_their_parent(drawn):
    assert share_that_fits(drawn) > 0.99


def test_siblings_resemble_each_other(real, drawn):
    real_tie, tie = (
        frame["rate"].corr(frame.groupby("customer")["rate"].shift())
        for frame in (real["loans"], drawn["loans"])
    )
    assert real_tie > 0.9
    assert tie > 0.5


def test_children_depend_on_their_place_among_the_siblings(drawn):
    payments = drawn["payments"]
    late = payments.groupby(payments.groupby("loan").cumcount())["late"].agg(["mean", "size"])
    expected = 0.05 + 0.3 * late.index
    error = np.sqrt(expected * (1 - expected) * (1 / 150 + 1 / late["size"]))
    assert ((late["mean"] - expected).abs() < 4 * error).all()


def test_grandchildren_depend_on_their_grandparent():
    rng = np.random.default_rng(0)
    kind = np.repeat(["a", "b"], 60)
    roots = pd.DataFrame({"id": range(120), "kind": kind})
    middles = pd.DataFrame({"key": range(240), "of": np.repeat(range(120), 2)})
    middles["noise"] = rng.random(240)
    leaves = pd.DataFrame({"of": np.repeat(range(240), 2), "seen": np.repeat(kind, 4)})
    relations = [
        Relation("roots", "id", "middles", "of"),
        Relation("middles", "key", "leaves", "of"),
    ]
    tables = {"roots": roots, "middles": middles, "leaves": leaves}
    drawn = RelationalTables(model="table/bootstrap").fit(tables, relations=relations).sample(50)
    whole = drawn["leaves"].merge(drawn["middles"], left_on="of", right_on="key")
    whole = whole.merge(drawn["roots"], left_on="of_y", right_on="id")
    assert len(whole) == 200
    assert (whole["seen"] == whole["kind"]).all()


def test_the_same_seed_gives_the_same_tables_and_another_one_others(fitted):
    first, second, other = (fitted.sample(40, random_state=seed) for seed in (1, 1, 2))
    for name in first:
        pd.testing.assert_frame_equal(first[name], second[name])
    assert not first["customers"].equals(other["customers"])


def test_a_loaded_generator_samples_the_same_bits(fitted, tmp_path):
    loaded = load(fitted.save(tmp_path / "bank"))
    assert loaded.fingerprint() == fitted.fingerprint()
    expected, found = (one.sample(30, random_state=3) for one in (fitted, loaded))
    for name in expected:
        pd.testing.assert_frame_equal(found[name], expected[name])


def test_conditions_hold_for_roots_and_by_table(fitted):
    drawn = fitted.sample(30, given={"region": "south"}, random_state=0)
    assert set(drawn["customers"]["region"]) == {"south"}
    drawn = fitted.sample(30, given={"payments": {"late": True}}, random_state=0)
    assert drawn["payments"]["late"].all()


def test_the_number_of_children_can_be_asked_for(fitted):
    asked = {"number of loans": (2, 4)}
    drawn = fitted.sample(30, given=asked, random_state=0)
    counts = children(drawn, RELATIONS[0])
    assert counts.min() >= 2
    assert counts.max() <= 4


def test_parents_without_children_give_empty_tables_of_the_right_form(fitted, real):
    drawn = fitted.sample(5, given={"number of loans": 0}, random_state=0)
    assert len(drawn["loans"]) == len(drawn["payments"]) == 0
    assert (drawn["payments"].dtypes == real["payments"].dtypes).all()


def test_the_input_is_not_changed(real):
    before = {name: frame.copy() for name, frame in real.items()}
    RelationalTables(model="table/bootstrap").fit(real, relations=RELATIONS)
    for name in real:
        pd.testing.assert_frame_equal(real[name], before[name])


def test_the_order_of_rows_of_the_tables_does_not_tie_them_together(real):
    loans = real["loans"].sample(frac=1, random_state=0)
    shuffled = RelationalTables(model="table/bootstrap").fit(
        {**real, "loans": loans}, relations=RELATIONS
    )
    assert share_that_fits(shuffled.sample(200, random_state=0)) > 0.99


def test_constraints_of_each_table_hold(real):
    rule = Inequality("rate", "ceiling")
    loans = real["loans"].assign(ceiling=real["loans"]["rate"] + 1)
    schema = Schema(Schema.infer(loans).columns, (rule,))
    tables = {"customers": real["customers"], "loans": loans}
    bank = RelationalTables(model="table/bootstrap")
    bank.fit(tables, relations=RELATIONS[:1], schemas={"loans": schema})
    drawn = bank.sample(50, random_state=0)["loans"]
    assert (drawn["rate"] <= drawn["ceiling"]).all()


def test_a_key_within_a_child_that_can_not_be_kept_is_refused(real):
    schema = Schema(Schema.infer(real["loans"]).columns, (Unique(("rate", "currency")),))
    tables = {"customers": real["customers"], "loans": real["loans"].drop_duplicates("rate")}
    with pytest.raises(SchemaError, match="'loans': 'unique rate, currency' can't be kept"):
        RelationalTables().fit(tables, relations=RELATIONS[:1], schemas={"loans": schema})


@pytest.mark.parametrize("model", ["table/cart"])
def test_other_families_take_their_place(real, model):
    tables = {name: real[name] for name in ("customers", "loans")}
    bank = RelationalTables(model={"loans": model, "customers": "table/bootstrap"})
    drawn = bank.fit(tables, relations=RELATIONS[:1]).sample(150, random_state=0)
    assert share_that_fits(drawn) > 0.99
    assert abs(children(drawn, RELATIONS[0]).mean() - 1.75) < 4 * np.sqrt(3.3 * (1 / 400 + 1 / 150))


def test_dangling_keys_are_refused(real):
    with pytest.raises(DataError, match="is no 'id' of 'customers'"):
        RelationalTables().fit(
            {**real, "customers": real["customers"].iloc[5:]}, relations=RELATIONS
        )


def test_too_few_rows_are_refused_by_the_name_of_the_table(real):
    tables = {"customers": real["customers"], "loans": real["loans"].iloc[:3]}
    with pytest.raises(DataError, match="table 'loans': expected at least"):
        RelationalTables().fit(tables, relations=RELATIONS[:1])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"model": {"loan": "table/cart"}}, "model: no table 'loan'; did you mean 'loans'"),
        ({"settings": {"x": {}}}, "settings: no table 'x'"),
        ({"n_contexts": 0}, "n_contexts: expected a whole number from 1"),
        ({"model": "table/nothing"}, "no generator is called"),
        ({"model": "series/bootstrap"}, "expected a family of tables"),
    ],
)
def test_settings_that_make_no_sense_are_refused(real, settings, message):
    with pytest.raises(ConfigError, match=message):
        RelationalTables(**settings).fit(real, relations=RELATIONS)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 0}, "n: expected a whole number"),
        ({"n": {"loans": 3}}, "n: expected rows of the root tables"),
        ({"n": 3, "given": {"loan": {"rate": 1}}}, "given: no table 'loan'"),
        ({"n": 3, "given": {"planet": "Mars"}}, "given: no column 'planet'"),
        ({"n": 3, "given": "north"}, "given: expected a mapping"),
    ],
)
def test_requests_that_make_no_sense_are_refused(fitted, arguments, message):
    with pytest.raises(ConfigError, match=message):
        fitted.sample(**arguments)


def test_sampling_before_the_fit_is_refused():
    with pytest.raises(NotFittedError, match="not fitted"):
        RelationalTables().sample(3)


def test_it_is_loaded_by_name_but_not_listed_as_a_family():
    assert "tables/relational" not in families()
