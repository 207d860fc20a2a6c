"""The scorecard: its means, its table, its JSON, and what it refuses."""

import json
import math

import pytest

from scenara.shared.errors import DataError
from scenara.shared.evaluation import Score, Scorecard


@pytest.fixture
def card():
    scores = (
        Score("a", "first", 2.0, 1.0, {"history": 1.0}, meaning="means a"),
        Score("b", "first", 4.0, 0.5, {"history": 2.0}, floor_low=0.4, floor_high=0.7),
        Score("c", "second", 1.0, 4.0, {"history": 4.0}),
    )
    return Scorecard(scores, extras={"auc": 0.7}, about={"length": 251})


def test_the_overall_score_is_the_geometric_mean_of_value_over_floor(card):
    assert card.overall == pytest.approx((2 * 8 * 0.25) ** (1 / 3))


def test_a_group_is_scored_by_its_own_measures(card):
    assert card.groups == pytest.approx({"first": 4.0, "second": 0.25})


def test_a_baseline_is_scored_in_the_same_way(card):
    assert card.baselines == pytest.approx({"history": (1 * 4 * 1) ** (1 / 3)})


def test_a_ratio_counts_as_at_least_one_in_fifty():
    card = Scorecard((Score("lucky", "g", 0.0, 1.0), Score("b", "g", 1.0, 1.0)))
    assert card.overall == pytest.approx(math.sqrt(0.02))


def test_the_table_has_floor_and_baseline_beside_each_value(card):
    row = card.to_frame().loc["b"]
    shown = [row[c] for c in ("value", "floor", "ratio", "history", "history_ratio")]
    assert shown == [4.0, 0.5, 8.0, 2.0, 4.0]


def test_the_dictionary_is_json_without_nan(card):
    back = json.loads(json.dumps(card.to_dict(), allow_nan=False))
    assert back["scores"][0]["floor_low"] is None
    assert back["overall"] == card.overall


def test_the_text_ends_with_the_overall_score(card):
    assert str(card).endswith("overall 1.59, history 1.59 (1 = real against real)")


def test_an_unknown_measure_is_a_key_error(card):
    with pytest.raises(KeyError, match="'z'"):
        card["z"]


@pytest.mark.parametrize("value", [-0.1, math.nan, math.inf])
@pytest.mark.parametrize("name", ["value", "floor"])
def test_what_is_no_distance_is_refused(name, value):
    numbers = {"value": 1.0, "floor": 1.0, name: value}
    with pytest.raises(DataError, match=f"measure 'a': found {name}"):
        Score("a", "g", **numbers)


def test_an_empty_card_is_refused():
    with pytest.raises(DataError, match="no score"):
        Scorecard(())
