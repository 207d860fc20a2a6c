"""The hybrid family: regimes of history, fast variances, shocks from days around a day."""

import numpy as np
import pytest
from scipy.special import ndtri

from scenara.shared.errors import ConfigError
from scenara.shared.evaluation import path_copy_share
from scenara.shared.generators import make
from scenara.shared.generators.series.hybrid_drift import Drift
from scenara.shared.generators.series.hybrid_volatility import (
    FastVariance,
    FastVariances,
    Moves,
    slow_levels,
)
from scenara.shared.generators.series.regimes import Regimes


def market(n_steps=3_000, n_channels=4, seed=0):
    """Give returns in two kinds of years: calm ones apart, wild ones together."""
    rng = np.random.default_rng(seed)
    wild = np.arange(n_steps)[:, None] // 250 % 3 == 2
    common = rng.standard_t(6, (n_steps, 1)) * np.where(wild, 2.5, 0.7)
    own = rng.standard_t(6, (n_steps, n_channels)) * np.where(wild, 1.2, 0.9)
    return 0.0004 + 0.01 * (common + own)


@pytest.fixture(scope="module")
def returns():
    return market()


@pytest.fixture(scope="module")
def fitted(returns):
    return make("series/hybrid").fit(returns)


@pytest.fixture(scope="module")
def paths(fitted):
    return fitted.sample(600, horizon=252, random_state=0)


# ------------------------------------------------------------------------------------- volatility
def test_slow_levels_follow_a_known_volatility():
    rng = np.random.default_rng(0)
    truth = np.exp(0.5 * np.sin(np.arange(4_000) / 150))
    moves = Moves(truth[None] * rng.normal(size=(1, 4_000)), np.zeros((1, 4_000, 1)))
    found = slow_levels(moves, bandwidth=20.0).common[0]
    # A square has a variance of 2; the normal weights average about 2 sqrt(pi) 20 = 71 of them.
    error = np.sqrt(2 / (2 * np.sqrt(np.pi) * 20)) / 2
    assert np.std(np.log(found / truth)) < 1.5 * error


def test_a_jump_hardly_moves_the_slow_level():
    rng = np.random.default_rng(0)
    calm = rng.normal(size=(1, 1_000, 1))
    jumped = calm.copy()
    jumped[0, 500] = 12.0
    levels = [
        slow_levels(Moves(np.ones((1, 1_000)), x), bandwidth=30.0).own for x in (calm, jumped)
    ]
    assert levels[1].max() < 1.25 * levels[0].max()


def test_the_filter_equals_step_after_step():
    rng = np.random.default_rng(0)
    moves = Moves(rng.normal(size=50), rng.normal(size=(50, 3)))
    variances = FastVariances.fit(moves)
    memories = variances.run(moves)
    run, memory = variances.of(memories), memories.at(slice(0, 1))
    for step in range(50):
        memory = variances.after(moves.at(slice(step, step + 1)), memory)
        now = variances.of(memory)
        np.testing.assert_allclose(now.common[0], run.common[step + 1])
        np.testing.assert_allclose(now.own[0], run.own[step + 1])


def test_the_response_to_news_is_found():
    rng = np.random.default_rng(0)
    gains = 1 - 0.5 ** (1 / np.array([1.0, 20.0]))
    truth = FastVariance(np.array([0, 0]), gains, np.array([0.2, 0.5]), np.ones(2))
    memory, squares, other = (np.ones(1),) * 2, np.empty(20_000), rng.chisquare(1, 20_000)
    for step in range(20_000):
        squares[step] = truth.of(memory)[0] * rng.chisquare(1)
        memory = truth.after((squares[step : step + 1], other[step : step + 1]), memory)
    found = FastVariance.fit((squares, other), squares)
    weights = np.zeros((2, 3))
    for kind, gain, weight in zip(found.kinds, found.gains, found.weights, strict=True):
        weights[kind, np.argmin(np.abs(gain - np.array([0.5, 0.13, 0.034])))] = weight
    # Averages of near speeds are alike: each weight is known to about .05, their sum better.
    np.testing.assert_allclose(weights, [[0.2, 0.0, 0.5], [0.0, 0.0, 0.0]], atol=0.15)
    assert weights[0].sum() == pytest.approx(0.7, abs=0.08)
    assert weights[1].sum() == pytest.approx(0.0, abs=0.04)


def test_variances_stay_bounded_whatever_comes():
    rng = np.random.default_rng(0)
    moves = Moves(rng.normal(size=500), rng.normal(size=(500, 2)))
    model = FastVariances.fit(moves)
    memory = model.run(moves).at(slice(0, 1))
    for _ in range(500):
        memory = model.after(Moves(np.full(1, -50.0), np.full((1, 2), 50.0)), memory)
    for variance, found in (
        (model.of_common, model.of(memory).common),
        (model.of_own, model.of(memory).own),
    ):
        assert found.max() <= 1 + (25 / variance.news_mean[variance.kinds]) @ variance.weights


# ------------------------------------------------------------------------------------------ drift
def test_the_part_that_is_taken_back_is_found():
    rng = np.random.default_rng(0)
    truth = Drift(np.array([0.1, -0.3]), np.array([0.0, -0.2]), 1 - 0.5 ** (1 / np.array([1, 5])))
    past, steps = truth.none(1, 4), []
    for _ in range(6_000):
        expected = truth.of(past)
        moves = Moves(expected.common + rng.normal(size=1), expected.own + rng.normal(size=(1, 4)))
        past = truth.after(moves, past)
        steps.append(moves)
    found = Drift.fit(
        Moves(*(np.concatenate(x) for x in zip(*(vars(m).values() for m in steps), strict=True)))
    )
    # Weights of averages have errors of .03 to .06 for the common move, half of it for own ones.
    np.testing.assert_allclose(found.of_common, truth.of_common, atol=0.15)
    np.testing.assert_allclose(found.of_own, truth.of_own, atol=0.08)


def test_averages_of_the_past_equal_step_after_step():
    rng = np.random.default_rng(0)
    moves = Moves(rng.normal(size=30), rng.normal(size=(30, 2)))
    drift = Drift.fit(moves)
    run, past = drift.run(moves), drift.none(1, 2)
    for step in range(30):
        past = drift.after(moves.at(slice(step, step + 1)), past)
        np.testing.assert_allclose(past.common[0], run.common[step + 1])
        np.testing.assert_allclose(past.own[0], run.own[step + 1])


# ---------------------------------------------------------------------------------------- regimes
@pytest.fixture(scope="module")
def regimes():
    rng = np.random.default_rng(0)
    found, _ = Regimes.around(
        rng.normal(size=(2, 300)), rng.normal(size=(2, 300, 3)), reach=20, mean_stay=50.0
    )
    return found


def test_paths_jump_as_often_as_said_to_anywhere(regimes):
    noise = np.random.default_rng(1).standard_normal(40_000)
    day, jumps = regimes.next_day(np.full(40_000, 100), noise)
    assert jumps.mean() == pytest.approx(1 / 50, abs=4 * np.sqrt(0.02 / 40_000))
    assert (day[~jumps] == 101).all()
    share = np.histogram(day[jumps], bins=6, range=(0, 600))[0] / jumps.sum()
    np.testing.assert_allclose(share, 1 / 6, atol=4 * np.sqrt(1 / 6 / jumps.sum()))


def test_paths_always_jump_from_the_end_of_a_series(regimes):
    noise = np.random.default_rng(1).standard_normal(2_000)
    day, jumps = regimes.next_day(np.full(2_000, 299), noise)
    assert jumps.all()
    assert np.ptp(day) > 500


@pytest.mark.parametrize("day", [0, 150, 299, 300, 599])
def test_shocks_are_those_of_days_around_in_the_same_series(regimes, day):
    noise = ndtri(np.linspace(0.001, 0.999, 2_000))
    _, own = regimes.shocks(np.full(2_000, day), noise)
    rows = {tuple(x) for x in own}
    near = slice(max(day - 40, day // 300 * 300), min(day + 41, day // 300 * 300 + 300))
    assert rows <= {tuple(x) for x in regimes.own[near]}
    assert len(rows) == 41


def test_common_shocks_rise_with_the_noise(regimes):
    noise = np.linspace(-5, 5, 300)
    common, _ = regimes.shocks(np.full(300, 150), noise)
    assert (np.diff(common) >= 0).all()


# ------------------------------------------------------------------------------------- the family
def test_moments_are_those_of_the_data(returns, paths):
    np.testing.assert_allclose(paths.std((0, 1)), returns.std(0), rtol=0.03)
    error = returns.std(0) / np.sqrt(600 * 252)
    assert (np.abs(paths.mean((0, 1)) - returns.mean(0)) < 12 * error).all()


def test_a_part_of_a_move_is_taken_back_as_in_history():
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(6_001, 3)) + rng.normal(size=(6_001, 1))
    history = 0.01 * (noise[1:] - 0.25 * noise[:-1])
    paths = make("series/hybrid").fit(history).sample(300, horizon=252, random_state=0)

    def ratio(values):
        weeks = values.reshape(-1, 5, 3).sum(axis=1)
        return weeks.var(axis=0).mean() / (5 * values.var(axis=(0, 1)).mean())

    found = ratio(paths[:, :250])
    assert found == pytest.approx(ratio(history[None, :6_000]), abs=0.08)
    assert found < 0.85


def test_wild_years_move_together_and_calm_ones_apart(returns, paths):
    def by_volatility(values):
        quarters = values[:, :252].reshape(-1, 63, 4)
        wild = quarters.mean(axis=2).std(axis=1) > 0.013
        return [
            np.mean([np.corrcoef(q.T)[np.triu_indices(4, 1)].mean() for q in quarters[some][:300]])
            for some in (wild, ~wild)
        ]

    history = returns[: len(returns) // 252 * 252].reshape(-1, 252, 4)
    np.testing.assert_allclose(by_volatility(paths), by_volatility(history), atol=0.06)


def test_no_month_of_a_path_is_a_month_of_history(returns, paths):
    assert path_copy_share(paths, returns).share <= 0.03


def test_no_move_is_far_beyond_the_largest_one(returns, fitted):
    paths = fitted.sample(2_000, horizon=252, random_state=1)
    largest = np.abs(returns - returns.mean(0)).max(0)
    assert (np.abs(paths - returns.mean(0)) <= 1.5 * largest).all()


def test_what_today_is_fades_with_time(fitted, returns):
    wild, calm = (
        fitted.sample(800, horizon=500, history=scale * returns[-60:], random_state=0)
        for scale in (4.0, 0.25)
    )
    assert wild[:, 0].std() > 3 * calm[:, 0].std()
    assert wild[:, 400:].std() == pytest.approx(calm[:, 400:].std(), rel=0.1)


def test_one_channel_alone_keeps_its_law(returns):
    alone = returns[:, :1]
    paths = make("series/hybrid").fit(alone).sample(500, horizon=252, random_state=0)
    levels = [0.01, 0.1, 0.5, 0.9, 0.99]
    found, expected = (np.quantile(x, levels) for x in (paths, alone))
    np.testing.assert_allclose(found, expected, atol=0.12 * alone.std())


def test_more_channels_than_days_are_no_trouble():
    rng = np.random.default_rng(0)
    many = 0.01 * (rng.normal(size=(500, 1)) + rng.normal(size=(500, 500)))
    paths = make("series/hybrid").fit(many).sample(40, horizon=60, random_state=0)
    correlation = np.corrcoef(paths.reshape(-1, 500)[:, ::25].T)[np.triu_indices(20, 1)]
    assert correlation.mean() == pytest.approx(0.5, abs=0.08)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"bandwidth": 0.0}, "bandwidth: expected a number above 0"),
        ({"reach": 0}, "reach: expected a whole number"),
        ({"reach": 2.5}, "reach: expected a whole number"),
        ({"mean_stay": 1.0}, "mean_stay: expected more than 1"),
    ],
)
def test_refuses_settings_that_mean_nothing(returns, setting, message):
    with pytest.raises(ConfigError, match=message):
        make("series/hybrid", **setting).fit(returns)
