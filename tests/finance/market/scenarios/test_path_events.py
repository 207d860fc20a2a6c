"""Events: what they measure, how far paths are from them, and what is refused."""

import numpy as np
import pytest

from scenara.finance.market.scenarios.holdings import holding_returns, holding_weights
from scenara.finance.market.scenarios.path_events import AllOf, PathEvent, as_condition
from scenara.finance.portfolio.performance import max_drawdown
from scenara.shared.errors import ConfigError

CHANNELS = ["A", "B", "C"]
EVENTS = {
    "return": PathEvent("A", "return", below=-0.05),
    "return of a portfolio": PathEvent({"A": 0.7, "B": -0.2}, "return", above=0.05),
    "return on any day": PathEvent("equal weight", "return", below=-0.03, within=15),
    "return over the first days": PathEvent("B", "return", equals=0.02, day=10),
    "volatility": PathEvent("equal weight", "volatility", above=0.12),
    "volatility near a value": PathEvent("C", "volatility", equals=0.16),
    "drawdown": PathEvent("A", "drawdown", above=0.06),
    "drawdown on the first days": PathEvent("A", "drawdown", above=0.04, within=12),
    "level": PathEvent("B", "level", above=104, day=20, start=100),
    "level of differences": PathEvent("B", "level", below=2.95, start=3, change="difference"),
    "correlation": PathEvent("equal weight", "correlation", above=0.3),
    "correlation of a pair": PathEvent(["A", "C"], "correlation", below=0.0),
    "band": PathEvent("A", "return", above=-0.02, below=0.01),
}


@pytest.fixture(scope="module")
def paths():
    rng = np.random.default_rng(3)
    common = rng.normal(size=(400, 21, 1))
    return 0.01 * (0.5 * common + 0.9 * rng.standard_t(5, size=(400, 21, 3)))


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_paths_fall_short_by_nothing_exactly_where_the_measure_lies_within_the_bounds(event, paths):
    values, (low, high) = event.values(paths, CHANNELS), event.bounds
    happens = (values >= low) & (values <= high)
    assert 0 < happens.mean() < 1
    np.testing.assert_array_equal(event.shortfall(paths, CHANNELS) == 0, happens)


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_the_shortfall_is_counted_in_the_events_own_spread(event, paths):
    short = event.shortfall(paths, CHANNELS)
    assert 0.2 < short[short > 0].std() * np.sqrt(21 / (event.days or 21)) < 5


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_the_shortfall_of_a_path_does_not_depend_on_the_paths_beside_it(event, paths):
    whole = event.shortfall(paths, CHANNELS)
    np.testing.assert_allclose(event.shortfall(paths[7:9], CHANNELS), whole[7:9], rtol=1e-9)


def test_the_shortfall_changes_continuously_with_the_path(paths):
    moved = paths + 1e-9
    for event in EVENTS.values():
        step = event.shortfall(moved, CHANNELS) - event.shortfall(paths, CHANNELS)
        assert np.abs(step).max() < 1e-4


def test_a_portfolio_is_brought_back_to_its_shares_every_day(paths):
    weights = np.array([0.5, 0.3, 0.1])
    wealth = np.prod(1 + np.expm1(paths) @ weights, axis=1)
    daily = holding_returns(paths, dict(zip(CHANNELS, weights, strict=True)), CHANNELS)
    np.testing.assert_allclose(np.exp(daily.sum(axis=1)), wealth)


def test_the_drawdown_is_that_of_the_wealth(paths):
    wealth = np.exp(np.cumsum(np.pad(paths[:, :, 0], ((0, 0), (1, 0))), axis=1))
    measured = PathEvent("A", "drawdown", above=0.1).values(paths, CHANNELS)
    np.testing.assert_allclose(measured, max_drawdown(wealth), atol=1e-12)


def test_the_mean_correlation_is_that_of_numpy(paths):
    measured = PathEvent("equal weight", "correlation", above=0.1).values(paths, CHANNELS)
    expected = [np.corrcoef(path.T)[np.triu_indices(3, 1)].mean() for path in paths]
    np.testing.assert_allclose(measured, expected, atol=1e-12)


def test_within_is_fulfilled_by_any_of_the_days():
    path = np.log([[[0.7], [1.6]]])
    assert PathEvent("A", "return", below=-0.25, within=2).shortfall(path, ["A"]) == 0
    assert PathEvent("A", "return", below=-0.25).shortfall(path, ["A"]) > 0


def test_a_level_that_falls_as_its_channel_rises_is_an_event_like_another(paths):
    falling = PathEvent("A", "level", above=104, start=100, unit=-1.0)
    rising = PathEvent("A", "level", above=104, start=100)
    short = falling.shortfall(paths, CHANNELS)
    np.testing.assert_allclose(short, rising.shortfall(-paths, CHANNELS))
    assert 0 < (short > 0).mean() < 1


def test_several_events_fall_short_by_the_one_that_is_missed_most(paths):
    events = tuple(EVENTS.values())
    each = [event.shortfall(paths, CHANNELS) for event in events]
    np.testing.assert_array_equal(AllOf(events).shortfall(paths, CHANNELS), np.max(each, axis=0))


def test_a_tuple_of_events_asks_for_all_of_them():
    events = (EVENTS["return"], EVENTS["volatility"])
    assert as_condition(events) == AllOf(events)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"measure": "mood"}, "measure: expected one of return"),
        ({"measure": "correlation", "below": 1.5}, "below=1.5 can't happen"),
        ({"below": -1.0}, "a return is above -1"),
        ({"measure": "volatility", "below": -0.1}, "a volatility is above 0"),
        ({"measure": "drawdown", "below": -0.3}, "share of the peak between 0 and 1"),
        ({"below": None}, "expected below, above or both, or equals alone, found none"),
        ({"equals": 0.1}, "found below, equals"),
        ({"above": 0.5}, "no value is above 0.5 and below -0.1; swap them"),
        ({"below": float("nan")}, "can't happen"),
        ({"within": 0}, "within: expected a number of days from 1, found 0"),
        ({"within": 5, "day": 5}, "expected within or day, found both"),
        ({"measure": "volatility", "below": 0.2, "within": 5}, "use day to measure"),
        ({"of": {}}, "expected an asset or a portfolio, found none"),
        ({"of": ["A", "A", "B"]}, "found 'A' twice"),
        ({"of": {"A": 5000.0}}, "divide amounts by their total"),
        ({"below": None, "equals": 0.1, "tolerance": -1.0}, "tolerance: expected a number above 0"),
        ({"measure": "level", "unit": 0.0}, "unit: expected a finite number other than 0"),
        ({"measure": "level", "unit": float("nan")}, "unit: expected a finite number"),
        ({"measure": "level", "start": float("inf")}, "start: expected a finite level"),
        ({"measure": "level", "start": 0.0}, "other than 0 where changes are logarithmic"),
        ({"below": None, "equals": 0.0, "measure": "volatility"}, "use below and above"),
        ({"tolerance": 0.01}, "tolerance belongs to equals, found below"),
        ({"above": -0.1}, "no path hits -0.1 exactly; use equals"),
        ({"measure": "drawdown", "below": None, "above": 1.0}, "above=1 can't happen"),
        ({"measure": "correlation", "below": None, "above": 1.0}, "above=1 can't happen"),
        ({"measure": "correlation", "below": -1.0}, "below=-1 can't happen"),
        ({"measure": "volatility", "below": 0.2, "day": 1}, "needs 2 days or more, found 1"),
        ({"measure": "correlation", "below": 0.2, "day": 2}, "needs 3 days or more, found 2"),
    ],
)
def test_impossible_and_unclear_events_are_refused(change, message):
    with pytest.raises(ConfigError, match=message):
        PathEvent(**{"of": "A", "measure": "return", "below": -0.1, **change})


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (PathEvent("AA", "return", below=0.1), "unknown asset 'AA'; did you mean 'A'"),
        (PathEvent("A", "return", below=-0.1, within=22), "beyond the horizon of 21 days"),
        (PathEvent("A", "correlation", above=0.1), "expected two assets or more"),
        (PathEvent("equal weight", "correlation", below=-0.6), "never below -0.500"),
        (PathEvent({"A": 0.5, "B": 0.5}, "level", below=1.0), "level: expected one asset"),
    ],
)
def test_events_that_the_paths_can_not_have_are_refused(event, message, paths):
    with pytest.raises(ConfigError, match=message):
        event.shortfall(paths, CHANNELS)


def test_a_name_given_twice_has_no_weights():
    with pytest.raises(ConfigError, match="found 'A' twice"):
        holding_weights(["A", "B", "A"], CHANNELS)


@pytest.mark.parametrize(("measure", "n_days"), [("volatility", 1), ("correlation", 2)])
def test_paths_too_short_for_a_measure_are_refused(measure, n_days, paths):
    event = PathEvent("equal weight", measure, above=0.1)
    with pytest.raises(ConfigError, match=f"horizon: a {measure} needs"):
        event.shortfall(paths[:, :n_days], CHANNELS)


def test_an_event_that_always_happens_has_no_shortfall(paths):
    event = PathEvent("A", "volatility", above=0.0)
    assert (event.shortfall(paths, CHANNELS) == 0).all()


@pytest.mark.parametrize("given", [(), "crash", 3, [PathEvent("A", "return", below=0.0), "x"]])
def test_what_is_no_event_is_refused(given):
    with pytest.raises(ConfigError, match="expected"):
        as_condition(given)
