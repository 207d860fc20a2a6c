"""Distances to closest records: an independent reference, brute force, copies and odd input."""

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist

from scenara.shared.errors import DataError
from scenara.shared.evaluation.tables.columns import comparable
from scenara.shared.evaluation.tables.distance import closest_records, copy_rates
from scenara.shared.evaluation.tables.nearest import all_distances, nearest_rows
from scenara.shared.evaluation.tables.rows import encode_rows

# From an independent implementation of all definitions, on the tables of conftest.py; "copied"
# has the first 40 training rows appended to the generated ones.
REFERENCE = {
    "copied": {
        "share": 0.5277777777777778,
        "ratio_5": 0.0,
        "train_median": 0.0565224252641201,
        "test_median": 0.056388331577181816,
    },
    "generated": {
        "share": 0.491,
        "ratio_5": 0.11587416305804638,
        "train_median": 0.06360900402069092,
        "test_median": 0.056388331577181816,
    },
}
COPIES = {"copied": 0.08703703703703704, "generated": 0.014}
REAL_COPIES = 0.016666666666666666


def drawn(mixed, name):
    rows = [mixed.generated, mixed.train[:40]] if name == "copied" else [mixed.generated]
    return pd.concat(rows, ignore_index=True)


@pytest.mark.parametrize(
    ("name", "number"), [(name, number) for name in REFERENCE for number in REFERENCE[name]]
)
def test_closest_records_are_those_of_the_reference(name, number, mixed):
    found = closest_records(mixed.train, mixed.test, drawn(mixed, name), categories=["bad"])
    assert getattr(found, number) == pytest.approx(REFERENCE[name][number], abs=1e-6)


@pytest.mark.parametrize("name", ["copied", "generated"])
def test_copy_rates_are_those_of_the_reference(name, mixed):
    found = copy_rates(mixed.train, mixed.test, drawn(mixed, name), categories=["bad"])
    assert (found.generated, found.real) == pytest.approx((COPIES[name], REAL_COPIES), abs=1e-12)


def test_distances_are_those_of_one_hot_categories_beside_scaled_numbers(mixed):
    tables = comparable({"train": mixed.train, "test": mixed.test})
    train, test = encode_rows(list(tables.frames.values()), tables.roles)
    wide = [
        np.hstack([rows.numbers, *(np.eye(9)[code] for code in rows.codes.T)])
        for rows in (train, test)
    ]
    np.testing.assert_allclose(all_distances(train, test), cdist(*wide, "cityblock"), atol=1e-12)


def test_the_nearest_rows_are_those_of_sorting_all_distances(mixed):
    tables = comparable({"train": mixed.train, "test": mixed.test})
    train, test = encode_rows(list(tables.frames.values()), tables.roles)
    distance, position = nearest_rows(test, train, n_nearest=3)
    brute = all_distances(test, train)
    np.testing.assert_array_equal(distance, np.sort(brute, axis=1)[:, :3])
    np.testing.assert_array_equal(np.take_along_axis(brute, position, axis=1), distance)


def test_repeated_rows_are_caught(mixed):
    repeated = mixed.train.sample(500, replace=True, random_state=0)
    closest = closest_records(mixed.train, mixed.test, repeated)
    copies = copy_rates(mixed.train, mixed.test, repeated)
    assert (closest.share, closest.is_significant) == (pytest.approx(1, abs=0.02), True)
    assert (copies.generated, copies.is_significant) == (1, True)


def test_fresh_real_rows_remember_nobody(numbers):
    closest = closest_records(*numbers)
    copies = copy_rates(*numbers)
    assert closest.share_low < 0.5 < closest.share_high
    assert (copies.generated, copies.is_significant) == (0, False)


def test_the_interval_of_the_share_covers_one_half_in_ninety_five_of_a_hundred_tables():
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(200):
        parts = (pd.DataFrame(rng.normal(size=(60, 2)), columns=["x", "y"]) for _ in range(3))
        found = closest_records(*parts)
        covered += found.share_low <= 0.5 <= found.share_high
    assert covered / 200 == pytest.approx(0.95, abs=3 * np.sqrt(0.95 * 0.05 / 200))


def test_rows_that_hug_one_real_row_count_as_one_piece_of_evidence(numbers):
    train, test, _ = numbers
    hugging = pd.concat([train[:1]] * 300)
    found = closest_records(train, test, hugging)
    assert (found.share, found.is_significant) == (1, False)


@pytest.mark.parametrize("name", ["income", "grade"])
def test_columns_that_are_all_missing_or_all_alike_leave_the_numbers_finite(name, mixed):
    train, test, generated = (frame.assign(**{name: None, "debt": 1.0}) for frame in mixed)
    found = closest_records(train, test, generated)
    assert np.isfinite([found.share, found.ratio_5, found.train_median]).all()


@pytest.mark.parametrize("measure", [closest_records, copy_rates])
def test_few_rows_are_refused(measure, mixed):
    with pytest.raises(DataError, match="test: found 5 rows, too few to measure"):
        measure(mixed.train, mixed.test[:5], mixed.generated)
