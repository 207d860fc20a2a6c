"""Contents of columns in order, and cells by their place among them."""

import numpy as np
import pandas as pd
import pytest
from table_contracts import example_table

from scenara.shared.data import Schema
from scenara.shared.features import TableEncoder
from scenara.shared.generators.tables.ranked import rank_columns, standardised


def ranked(frame):
    schema = Schema.infer(frame)
    return rank_columns(frame, schema, TableEncoder(schema=schema, rare=0).fit(frame))


def test_ranks_lead_back_to_the_cells():
    frame = example_table().drop(columns="customer")
    contents, ranks = ranked(frame)
    for place, name in enumerate(frame.columns):
        back = pd.Series(contents[name].cells.array.take(ranks[:, place]), name=name)
        pd.testing.assert_series_equal(back, frame[name])


@pytest.mark.parametrize("name", ["age", "monthly income", "debt, other", "opened", "years 🙂"])
def test_contents_of_measured_columns_increase_and_missing_comes_first(name):
    contents, _ = ranked(example_table()[[name, "smoker"]])
    cells = contents[name].cells
    assert not cells[1:].isna().any()
    assert (np.diff(contents[name].numbers[int(cells.isna().sum()) :]) > 0).all()


def test_levels_with_like_rows_are_neighbours():
    rng = np.random.default_rng(0)
    means = {"a": 0.0, "b": 9.0, "c": 1.0, "d": 8.0, "e": 4.0}
    level = rng.choice(list(means), 500)
    score = np.array([means[one] for one in level]) + rng.standard_normal(500)
    contents, _ = ranked(pd.DataFrame({"level": level, "score": score}))
    assert contents["level"].cells.tolist() in (list("acedb"), list("bdeca"))


def test_standardised_columns_have_mean_0_and_variance_1_where_they_are():
    frame = example_table()[["years 🙂", "age", "grade"]]
    scores = standardised(*ranked(frame))
    for place, name in enumerate(frame.columns):
        present = scores[frame[name].notna().to_numpy(), place]
        assert present.mean() == pytest.approx(0, abs=1e-12)
        assert present.var() == pytest.approx(1)
    assert (scores[frame["years 🙂"].isna(), 0] == 0).all()
