"""Constraints are suggested where they hold and where chance does not explain it, else not."""

import numpy as np
import pandas as pd
import pytest

from scenara.shared.data.constraints import Combinations, Dependency, Inequality, Total, Unique
from scenara.shared.data.schema import Schema
from scenara.shared.data.suggest import suggest_constraints


def unrelated(n=400, seed=0):
    rng = np.random.default_rng(seed)
    days = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 300, n), "D")
    return pd.DataFrame(
        {
            "amount": np.round(rng.normal(500, 100, n), 2),
            "count": rng.poisson(3, n),
            "city": rng.choice(["Kiel", "Ulm", "Bonn"], n),
            "grade": rng.choice(list("ABCDE"), n),
            "day": days,
            "flag": rng.random(n) < 0.3,
        }
    )


def suggested(frame):
    return suggest_constraints(frame, Schema.infer(frame))


@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_suggested_of_unrelated_columns(seed):
    assert suggested(unrelated(seed=seed)) == []


def test_nothing_is_suggested_of_few_rows():
    frame = unrelated(n=60)
    assert suggested(frame.assign(twice=frame["amount"])) == []


def with_total(frame, rng):
    parts = {name: np.round(rng.lognormal(4, 1, len(frame)) + 5, 2) for name in ("p", "q", "r")}
    frame = frame.assign(**parts)
    return frame.assign(total=np.round(frame["p"] + frame["q"] + frame["r"], 2))


def with_pair(frame, rng):
    return frame.assign(gross=np.round(frame["amount"] + frame["count"], 2))


def with_later_day(frame, rng):
    return frame.assign(due=frame["day"] + pd.to_timedelta(rng.integers(0, 30, len(frame)), "D"))


def with_region(frame, rng):
    return frame.assign(region=frame["city"].map({"Kiel": "N", "Ulm": "S", "Bonn": "W"}))


def with_key(frame, rng):
    places = rng.permutation(3 * len(frame))[: len(frame)]
    return frame.assign(box=places)


def with_sparse_pair(frame, rng):
    models = {"A": "xy", "B": "yz", "C": "zx", "D": "uv", "E": "vw"}
    return frame.assign(model=[rng.choice(list(models[grade])) for grade in frame["grade"]])


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (with_total, Total("total", ("p", "q", "r"))),
        (with_pair, Total("gross", ("amount", "count"))),
        (with_later_day, Inequality("day", "due")),
        (with_region, Dependency(("city",), "region")),
        (with_key, Unique(("box",))),
        (with_sparse_pair, Combinations(("grade", "model"))),
    ],
)
def test_what_was_built_in_is_suggested_and_nothing_else_of_its_kind(change, expected):
    found = suggested(change(unrelated(), np.random.default_rng(1)))
    assert [rule for rule in found if rule.rule == expected.rule] == [expected]


def test_one_exception_withdraws_a_suggestion():
    frame = with_later_day(unrelated(), np.random.default_rng(1))
    frame.loc[7, "due"] = frame.loc[7, "day"] - pd.Timedelta(days=1)
    assert suggested(frame) == []


def test_an_exception_outside_of_the_rows_searched_counts_too(monkeypatch):
    monkeypatch.setattr("scenara.shared.data.suggest.SEARCHED_ROWS", 150)
    frame = with_later_day(unrelated(), np.random.default_rng(1))
    assert suggested(frame) == [Inequality("day", "due")]
    worse = frame.assign(due=frame["due"].where(np.arange(len(frame)) != 211, frame["day"].min()))
    worse.loc[211, "day"] = frame["day"].max()
    assert suggested(worse) == []


def test_what_follows_from_other_suggestions_is_left_out():
    rng = np.random.default_rng(2)
    frame = with_later_day(unrelated(), rng)
    frame["paid"] = frame["due"] + pd.to_timedelta(rng.integers(0, 30, len(frame)), "D")
    assert suggested(frame) == [Inequality("day", "due"), Inequality("due", "paid")]
