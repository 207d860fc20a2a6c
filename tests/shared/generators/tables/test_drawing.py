"""Rows are drawn until there are enough of them, and never for ever."""

import numpy as np
import pandas as pd
import pytest

from scenara.shared.errors import DataError
from scenara.shared.generators.tables.drawing import Budget, draw_accepted


class Source:
    """Give rows that count up, keep a share of them, and remember what was asked for."""

    def __init__(self, *, every=1):
        self.every = every
        self.sizes = []

    def draw(self, n):
        start = sum(self.sizes)
        self.sizes.append(n)
        return pd.DataFrame({"number": np.arange(start, start + n)})

    def holds(self, frame):
        return (frame["number"] % self.every == 0).to_numpy()


def drawn(source, n, draw=None, **budget):
    return draw_accepted(
        draw or source.draw, source.holds, n, budget=Budget(**budget), asked="what is asked"
    )


def test_rows_that_all_do_are_drawn_once():
    source = Source()
    drawn(source, 30)
    assert source.sizes == [30]


@pytest.mark.parametrize("n", [1, 7, 100])
@pytest.mark.parametrize("every", [2, 50])
def test_there_are_as_many_rows_as_wanted_and_all_do(n, every):
    frame = drawn(Source(every=every), n)
    assert frame["number"].tolist() == list(range(0, n * every, every))
    assert frame.index.tolist() == list(range(n))


def test_few_draws_are_needed_where_few_rows_do():
    source = Source(every=20)
    drawn(source, 1_000)
    assert len(source.sizes) <= 4
    assert sum(source.sizes) <= 1.5 * 20 * 1_000


def test_no_draw_is_larger_than_the_batch():
    source = Source(every=20)
    drawn(source, 100, batch=150)
    assert max(source.sizes) == 150


def test_a_spent_budget_is_an_error_that_counts():
    source = Source(every=10**6)
    with pytest.raises(DataError, match=r"only 1 of 500 rows drawn fulfil what is asked.* 5 are"):
        drawn(source, 5, least=500, factor=1)
    assert sum(source.sizes) == 500


def test_a_family_that_gives_no_row_at_all_spends_the_budget_too():
    source = Source()
    with pytest.raises(DataError, match="only 0 of 500 rows drawn"):
        drawn(source, 5, lambda n: source.draw(n).iloc[:0], least=500, factor=1)


def test_a_family_that_throws_rows_away_itself_is_asked_again():
    source = Source()
    frame = drawn(source, 50, lambda n: source.draw(n).iloc[::3])
    assert len(frame) == 50
