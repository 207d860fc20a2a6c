"""The family that chooses keeps the contract, is repeatable, and says why it chose."""

import numpy as np
import pandas as pd
import pytest
from table_contracts import TableContract, example_table

from scenara.shared.errors import ConfigError, DataError
from scenara.shared.evaluation.tables import ClosestRecords, Detection, MembershipAttack
from scenara.shared.generators import load, make
from scenara.shared.generators.tables.contest import Entry, Judged, champion_among, race_rows
from scenara.shared.generators.tables.costs import COSTS, Cost, plan_race

CANDIDATES = {"table/cart": {"min_leaf": 40}, "table/bootstrap": {}}


class TestAutoTable(TableContract):
    family = "table/auto"
    slack = 1.5


@pytest.fixture(scope="module")
def table():
    return example_table(300)


@pytest.fixture(scope="module")
def auto(table):
    return make("table/auto", candidates=CANDIDATES, random_state=0).fit(table)


def judged(score, share, auc=0.5, width=0.02):
    """Give figures with intervals of a half width."""
    return Judged(
        Detection(1 - score / 2, score, 500),
        ClosestRecords(share, share - width, share + width, 0.5, 1.0, 1.0, 500, 500),
        MembershipAttack("nearest", auc, auc - width, auc + width, 0.01, 0.0, 0.02, 500, 500),
    )


def test_copies_fail_the_privacy_limit_and_are_never_chosen(auto):
    line = auto.selection_.set_index("family").loc["table/bootstrap"]
    assert line["closest_share"] > 0.9
    assert not line["private"]
    assert "never chosen" in line["why"]


def test_one_family_is_chosen_and_its_line_says_why(auto):
    (chosen,) = auto.selection_.loc[auto.selection_["chosen"]].to_dict("records")
    assert chosen["family"] == auto.champion_.family == "table/cart"
    assert "fitted again on all rows" in chosen["why"]


def test_champion_keeps_the_settings_of_its_candidate(auto):
    assert auto.champion_.get_params()["min_leaf"] == 40


def test_the_label_is_told_to_families_that_have_a_stage_for_it(table):
    some = table.assign(bad=np.arange(len(table)) % 4 == 0)
    chosen = {"table/autoregressive": {"any_order": False, "n_trees": 2}}
    made = make("table/auto", candidates=chosen, target="bad", privacy_limit=1.0, random_state=0)
    assert made.fit(some).champion_.get_params()["target"] == "bad"


def test_the_table_of_reasons_is_saved_with_the_generator(auto, tmp_path):
    loaded = load(auto.save(tmp_path / "auto"))
    pd.testing.assert_frame_equal(loaded.selection_, auto.selection_)


def test_an_interrupted_fit_goes_on_to_the_same_generator(auto, table, tmp_path):
    again = [
        make("table/auto", candidates=CANDIDATES, random_state=0).fit(table, checkpoint=tmp_path)
        for _ in range(2)
    ]
    assert {one.fingerprint() for one in again} == {auto.fingerprint()}
    seconds = [one.selection_["fit_cpu_s"].tolist() for one in again]
    assert seconds[0] == seconds[1]


def test_a_family_beyond_the_budget_is_named_with_its_cost(table):
    wanted = ["table/slow", "table/cart"]
    plan = plan_race(wanted, n_train=150, n_holdout=150, n_columns=11, budget=5.0)
    assert plan.taken == ("table/cart",)
    assert "not fitted: about" in plan.refused["table/slow"]


def test_a_budget_for_nothing_names_the_cheapest_family(table):
    with pytest.raises(ConfigError, match=r"no family fits; table/cart: .*raise the budget"):
        make("table/auto", budget=0.5, candidates=CANDIDATES).fit(table)


def test_the_hardest_to_detect_wins_among_the_private():
    entries = [
        Entry("table/copier", 1.0, judged=judged(0.99, 0.64)),
        Entry("table/plain", 1.0, judged=judged(0.60, 0.50)),
        Entry("table/good", 1.0, judged=judged(0.80, 0.52)),
    ]
    assert champion_among(entries, limit=0.53).family == "table/good"


def test_the_most_private_wins_where_none_keeps_the_limit():
    entries = [
        Entry("table/copier", 1.0, judged=judged(0.99, 0.64)),
        Entry("table/half", 1.0, judged=judged(0.90, 0.50, auc=0.58)),
    ]
    assert champion_among(entries, limit=0.53).family == "table/half"


@pytest.mark.parametrize(("width", "keeps"), [(0.01, False), (0.05, True)])
def test_a_limit_is_kept_within_one_standard_error(width, keeps):
    assert judged(0.9, 0.55, width=width).keeps(0.53) is keeps


def test_a_champion_beyond_the_limit_comes_with_a_warning(table):
    generator = make(
        "table/auto", candidates={"table/cart": {"min_leaf": 1}}, privacy_limit=0.5, random_state=0
    ).fit(table)
    (why,) = generator.selection_["why"]
    assert why.startswith("WARNING: no family keeps the privacy limit of 0.5")


def test_halves_of_the_race_share_no_row():
    race = race_rows(pd.DataFrame({"x": np.arange(401)}), seed=0)
    assert len(race.train) == len(race.holdout) == 200
    assert not set(race.train["x"]) & set(race.holdout["x"])


def test_cost_grows_with_rows_up_to_the_most_it_uses():
    cost = Cost(start=1.0, per_cell=0.01, most_rows=100)
    assert [cost.seconds(n, 2) for n in (50, 100, 1_000)] == [2.0, 3.0, 3.0]
    assert cost.rows_within(2.0, 2) == 50
    assert cost.rows_within(3.0, 2) == np.inf


def test_every_built_in_family_has_a_cost():
    from scenara.shared.generators import families

    assert {*COSTS, "table/auto"} >= {name for name in families("table") if "/" in name}


def test_a_fit_in_which_every_family_fails_says_what_each_one_said(table):
    generator = make("table/auto", candidates={"table/cart": {"min_leaf": 0}})
    with pytest.raises(DataError, match="table/cart: failed: min_leaf: expected"):
        generator.fit(table)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"budget": 0}, "CPU seconds above 0"),
        ({"target": "defualt"}, "no column 'defualt' that varies"),
        ({"privacy_limit": 0.4}, "from 0.5 to 1"),
        ({"candidates": "table/cart"}, "expected a list"),
        ({"candidates": []}, "at least one family"),
        ({"candidates": ["table/bootstrap"]}, "is a yardstick"),
        ({"candidates": ["table/auto"]}, "candidate of itself"),
        ({"candidates": ["table/cort"]}, "did you mean 'table/cart'"),
        ({"candidates": ["series/fhs"]}, "expected a family of tables"),
        ({"candidates": {"table/cart": {"min_leav": 3}}}, "did you mean 'min_leaf'"),
    ],
)
def test_wrong_settings_are_refused_by_name(table, settings, message):
    with pytest.raises(ConfigError, match=message):
        make("table/auto", **settings).fit(table)
