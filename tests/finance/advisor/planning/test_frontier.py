"""The family of portfolios: within constraints, and no other mix earns more at no more risk."""

from itertools import product

import numpy as np
import pytest

from scenara.finance.advisor.client import Constraints
from scenara.finance.advisor.instruments import Instrument
from scenara.finance.advisor.planning import Universe, efficient_frontier
from scenara.finance.advisor.planning.frontier import shortfall, yearly_returns
from scenara.shared.errors import DataError

YEARS = 400


def made(client, markets, **constraints):
    universe = Universe(client.instruments, Constraints(**constraints), markets.history.classes)
    return efficient_frontier(markets, universe, n_years=YEARS), universe


def test_shares_of_equity_are_as_asked(frontier):
    np.testing.assert_allclose(frontier.weights[:, 0], frontier.equity, atol=1e-6)


def test_weights_sum_to_one_and_none_is_short(frontier):
    np.testing.assert_allclose(frontier.weights.sum(axis=1), 1)
    assert frontier.weights.min() >= 0


def test_no_mix_on_a_grid_is_better(frontier, markets):
    years = yearly_returns(markets, n=YEARS)
    for equity, mean in zip(frontier.equity[1:-1], frontier.mean[1:-1], strict=True):
        allowed = shortfall(years @ [equity, 1 - equity, 0])
        for share in np.linspace(0.7, 1, 31):
            mix = np.array([equity, share * (1 - equity), (1 - share) * (1 - equity)])
            if shortfall(years @ mix) <= allowed:
                assert (years @ mix).mean() <= mean + 1e-6


def test_no_mix_loses_more_than_the_reference(frontier, markets):
    years = yearly_returns(markets, n=YEARS)
    references = [shortfall(years @ [equity, 1 - equity, 0]) for equity in frontier.equity]
    # The program averages over exactly a twentieth of the years, the figure over whole years.
    assert (frontier.loss <= np.array(references) + 1e-4).all()


def test_caps_of_instruments_bound_classes(client, markets):
    frontier, _ = made(client, markets, maximum_weight=0.3, exclude=("tobacco",))
    assert frontier.equity[-1] == pytest.approx(0.6)
    assert frontier.weights[:, 1].max() <= 0.3 + 1e-9


def test_expenses_are_those_of_the_instruments(client, markets):
    frontier, universe = made(client, markets, maximum_weight=0.5, exclude=("tobacco",))
    row = frontier.weights[-1]
    symbols = universe.spread(dict(zip(frontier.classes, row, strict=True)))
    assert symbols == pytest.approx({"SHARE": 0.5, "WORLD": 0.5})
    assert frontier.expenses[-1] == pytest.approx(0.5 * 0.001 + 0.5 * 0.002)


def test_excluded_instruments_are_never_held(client, markets):
    _, universe = made(client, markets, exclude=("tobacco",))
    assert "SMOKE" not in universe.spread({"shares": 0.9, "cash": 0.1})


def test_the_cheapest_instrument_comes_first(client, markets):
    _, universe = made(client, markets)
    assert universe.spread({"shares": 0.4, "cash": 0.6}) == {"SMOKE": 0.4, "CASH": 0.6}


def test_more_than_a_class_may_hold_is_refused(client, markets):
    _, universe = made(client, markets, maximum_weight=0.2)
    with pytest.raises(DataError, match="more than its instruments may hold"):
        universe.spread({"bonds": 0.5})


def test_blending_lies_between_neighbours(frontier):
    middle = (frontier.equity[3] + frontier.equity[4]) / 2
    expected = (frontier.weights[3] + frontier.weights[4]) / 2
    np.testing.assert_allclose(list(frontier.mix(middle).values()), expected)


@pytest.mark.parametrize("shape", [(), (3,), (2, 4)])
def test_blends_sum_to_one(frontier, shape):
    equity = np.random.default_rng(0).uniform(0, 1, shape)
    np.testing.assert_allclose(frontier.blend(equity).sum(axis=-1), 1)


def test_every_class_without_an_instrument_stays_empty(markets):
    only = {"SHARE": Instrument("SHARE", "shares", "shares", 50.0)}
    universe = Universe(only, Constraints(), markets.history.classes)
    frontier = efficient_frontier(markets, universe, n_years=200, step=0.25)
    assert not frontier.weights[:, 1].any()


def test_caps_follow_the_number_of_instruments(client, markets):
    for most, exclude in product((0.2, 0.5), ((), ("tobacco",))):
        _, universe = made(client, markets, maximum_weight=most, exclude=exclude)
        n = 2 if exclude else 3
        assert universe.caps().tolist() == [min(1.0, most * n), most, 1.0]
