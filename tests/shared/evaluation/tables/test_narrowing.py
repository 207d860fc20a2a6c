"""Rows that were drawn under a condition are told from rows of a poor generator."""

import pandas as pd
import pytest

from scenara.shared.evaluation.tables import evaluate, evaluation_report
from scenara.shared.evaluation.tables.columns import comparable
from scenara.shared.evaluation.tables.narrowing import narrowed_columns, narrowing_in_words

TEST = pd.DataFrame({"age": range(20, 80), "bad": [0, 0, 0, 0, 0, 1] * 10})


@pytest.fixture(scope="module")
def conditioned(mixed):
    rows = mixed.generated[mixed.generated["bad"] == 1].head(60)
    return evaluate(mixed.train, mixed.test, rows, target="bad"), rows


def test_verdicts_about_rows_under_a_condition_say_so(conditioned):
    assert conditioned[0].about["narrowed"] == ["bad"]
    assert "judge rows drawn without one" in str(conditioned[0])


def test_the_report_asks_for_the_condition_before_it_answers(conditioned, mixed):
    report = evaluation_report(conditioned[0], mixed.train, mixed.test, conditioned[1])
    assert report.opening[1].title == "Were the rows drawn under a condition?"


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        (TEST, []),
        (TEST[TEST["age"] < 52], []),
        (TEST[TEST["age"] < 48], ["age"]),
        (TEST[TEST["bad"] == 1], ["bad"]),
        (TEST[TEST["bad"] == 0], []),
        (TEST.assign(age=float("nan")), ["age"]),
    ],
)
def test_a_column_is_narrow_if_it_misses_most_real_rows(rows, names):
    tables = comparable({"test": TEST, "generated": rows}, categories=["bad"])
    assert list(narrowed_columns(tables)) == names


def test_a_column_that_is_missing_everywhere_is_not_narrow():
    empty = TEST.assign(age=float("nan"))
    assert narrowed_columns(comparable({"test": empty, "generated": empty})) == {}


def test_many_narrow_columns_are_cut_short():
    assert "'a', 'b', 'c' ..." in narrowing_in_words(list("abcd"))
