"""The noise floor: what real data score against real data."""

import json

import numpy as np
import pytest

from scenara.shared.errors import DataError
from scenara.shared.evaluation import NoiseFloor, exchangeable_floor


def gap(test, others):
    return {"gap": abs(test.mean() - others.mean())}


def test_the_floor_of_a_mean_is_its_sampling_noise():
    units = np.random.default_rng(0).normal(size=100)
    floor = exchangeable_floor(units, gap, n_test=50, n_draws=2000)
    expected = np.sqrt(2 / np.pi) * units.std(ddof=1) * np.sqrt(2 / 50)
    assert floor.mean["gap"] == pytest.approx(expected, rel=3 * 0.76 / np.sqrt(2000))


def test_each_draw_splits_the_units_in_order_and_without_overlap():
    seen = []

    def measure(test, others):
        seen.append((list(test), list(others)))
        return {"none": 0.0}

    exchangeable_floor(np.arange(9), measure, n_test=3, n_draws=5)
    assert all(t == sorted(t) and o == sorted(o) for t, o in seen)
    assert all(sorted(t + o) == list(range(9)) for t, o in seen)


def test_percentiles_enclose_the_mean():
    floor = NoiseFloor.from_draws([{"a": float(i)} for i in range(11)], about={})
    assert (floor.low["a"], floor.mean["a"], floor.high["a"]) == (1.0, 5.0, 9.0)


def test_the_sizes_are_kept_beside_the_description():
    floor = exchangeable_floor(np.arange(4.0), gap, n_test=1, n_draws=2, about={"data": "toy"})
    assert floor.about == {"data": "toy", "n_units": 4, "n_test": 1, "n_draws": 2}


def test_the_seed_decides_the_draws():
    units = np.random.default_rng(0).normal(size=20)
    first, again, other = (
        exchangeable_floor(units, gap, n_test=5, n_draws=3, random_state=s) for s in (0, 0, 1)
    )
    assert first == again != other


def test_a_floor_comes_back_from_json():
    floor = exchangeable_floor(np.arange(4.0), gap, n_test=1, n_draws=3)
    assert NoiseFloor.from_dict(json.loads(json.dumps(floor.to_dict()))) == floor


def test_each_draw_is_reported():
    calls = []

    def report(stage, done, total, note=""):
        calls.append((stage, done, total))

    exchangeable_floor(np.arange(4.0), gap, n_test=1, n_draws=2, progress=report)
    assert calls == [("noise floor", 1, 2), ("noise floor", 2, 2)]


@pytest.mark.parametrize("n_test", [0, 4, 5])
def test_a_draw_needs_units_on_both_sides(n_test):
    with pytest.raises(DataError, match=f"found {n_test} of 4 real units"):
        exchangeable_floor(np.arange(4.0), gap, n_test=n_test)


def test_a_floor_without_its_parts_is_refused():
    with pytest.raises(DataError, match="found no .'high', 'low'."):
        NoiseFloor.from_dict({"mean": {}, "about": {}})


def test_the_overall_score_of_the_draws_counts_only_what_is_scored():
    draws = [{"a": 1.0, "auc": 9.0}, {"a": 3.0, "auc": 1.0}]
    floor = NoiseFloor.from_draws(draws, about={}, scored=["a"])
    assert floor.overall == pytest.approx((0.6, 1.0, 1.4))
