"""What is lost and what is new: known truths."""

import numpy as np
import pandas as pd
import pytest

from scenara.shared.errors import ConfigError
from scenara.shared.evaluation.tables import category_coverage, novelty


@pytest.fixture
def real():
    return pd.DataFrame(
        {
            "city": ["Rome"] * 500 + ["Oslo"] * 480 + ["Bern"] * 8 + ["Cork"] * 8 + ["Nice"] * 4,
            "kind": ["a", "b"] * 500,
            "x": np.arange(1000.0),
        }
    )


def test_a_table_covers_itself(real):
    found = category_coverage(real, real)
    assert (found.levels, found.rare_levels, found.level_pairs, found.range_share) == (1, 1, 1, 1)


def test_a_lost_level_is_named_with_its_real_rows(real):
    found = category_coverage(real, real[real["city"] != "Cork"])
    assert found.worst(1)[0].lost == (("Cork", 8),)
    assert (found.levels, found.rare_levels) == (5 / 6, 1 / 2)


@pytest.mark.parametrize(("min_count", "expected"), [(5, 1.0), (4, 4 / 5)])
def test_levels_too_rare_to_be_expected_do_not_count(min_count, expected, real):
    kept = real[real["city"] != "Nice"]
    found = category_coverage(real, kept, min_count=min_count)
    assert found.columns[0].n_found / found.columns[0].n_levels == expected


def test_lost_pairs_are_found_where_every_level_is_there(real):
    generated = real.assign(kind=["a"] * 500 + ["b"] * 500)
    found = category_coverage(real, generated)
    assert (found.levels, found.level_pairs) == (1, 2 / 4)
    assert (found.worst_pairs(1)[0].first, found.worst_pairs(1)[0].second) == ("city", "kind")


def test_missing_values_are_a_level_that_can_be_lost(real):
    holes = real.assign(kind=real["kind"].where(real["x"] >= 50))
    assert category_coverage(holes, real).columns[1].lost == (("(missing)", 50),)


def test_invented_levels_are_counted_in_rows(real):
    generated = real.assign(city=real["city"].replace("Rome", "Atlantis"))
    assert category_coverage(real, generated).invented_share == 0.5


@pytest.mark.parametrize(
    ("values", "expected"),
    [([0.0, 999.0], 1.0), ([-5.0, 2000.0], 1.0), ([0.0, 99.9], 0.1), ([2000.0], 0.0), ([None], 0)],
)
def test_ranges_are_covered_by_their_ends(values, expected, real):
    found = category_coverage(real[["x"]], pd.DataFrame({"x": np.array(values, float)}))
    assert found.range_share == pytest.approx(expected)


def test_shares_of_nothing_are_none():
    numbers = pd.DataFrame({"x": [1.0, 2.0]})
    found = category_coverage(numbers, numbers)
    assert (found.levels, found.rare_levels, found.level_pairs) == (None, None, None)


@pytest.mark.parametrize("setting", [{"min_count": 0}, {"rare_share": 0.0}, {"rare_share": 2.0}])
def test_settings_that_mean_nothing_are_refused(setting, real):
    with pytest.raises(ConfigError, match="min_count and rare_share"):
        category_coverage(real, real, **setting)


def test_copies_are_not_new_and_repeat_each_other(real):
    found = novelty(real, real.sample(3000, replace=True, random_state=0))
    assert (found.new_rows, found.new_combinations) == (0, 0)
    assert found.distinct_rows < 1 / 3


def test_a_new_combination_of_known_levels_is_seen(real):
    generated = real[:500].assign(city="Bern", kind="c")
    assert novelty(real, generated).new_combinations == 1


@pytest.mark.parametrize(("step", "expected"), [(0.0, 0.0), (1e-8, 0.0), (1e-4, 1.0)])
def test_numbers_equal_to_six_decimals_are_equal(step, expected, real):
    assert novelty(real, real.assign(x=real["x"] + step)).new_rows == expected


def test_copied_rows_are_counted_as_in_the_reference(mixed):
    found = novelty(mixed.train, mixed.generated, categories=["bad"])
    assert 1 - found.new_rows == pytest.approx(0.014, abs=1e-12)  # independent implementation
