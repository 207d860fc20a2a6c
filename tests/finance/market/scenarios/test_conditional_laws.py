"""Conditional worlds follow the conditional law: closed forms, and rejection from a million paths."""

import functools

import numpy as np
import pytest
from scipy.stats import norm

from scenara.finance.market.scenarios.path_events import AllOf, PathEvent
from scenara.shared.generators.series.conditions import draw_conditioned

HORIZON = 63
LIMIT = 4
N = 2_000


def garch_paths(noise):
    """GJR-GARCH(1,1), started at its stationary variance, 1 % a day."""
    z, variance = noise.T, np.ones(len(noise))
    days = np.empty_like(noise)
    for day, shock in enumerate(z):
        days[:, day] = 0.02 + np.sqrt(variance) * shock
        variance = 0.03 + variance * (0.86 + (0.04 + 0.14 * (shock < 0)) * shock**2)
    return 0.01 * days[:, :, None]


def regime_paths(noise):
    """Two states of volatility that a path enters and leaves at random."""
    shocks, jumps = np.split(noise, 2, axis=1)
    wild = jumps[:, 0] < norm.ppf(0.2)
    days = np.empty_like(shocks)
    for day in range(shocks.shape[1]):
        days[:, day] = np.where(wild, -0.1 + 2.5 * shocks[:, day], 0.05 + 0.8 * shocks[:, day])
        change = np.where(wild, norm.ppf(0.05), norm.ppf(0.0125))
        wild = wild ^ (jumps[:, day] < change)
    return 0.01 * days[:, :, None]


def two_assets(noise):
    first, second = np.split(0.01 * noise, 2, axis=1)
    return np.stack([first, 0.6 * first + 0.8 * second], axis=2)


LAWS = {"gjr-garch": (garch_paths, HORIZON), "regimes": (regime_paths, 2 * HORIZON)}
EVENTS = {
    "fall": PathEvent("X", "return", below=-0.20, within=63),
    "volatility": PathEvent("X", "volatility", above=0.34),
    "fall and volatility": AllOf(
        (PathEvent("X", "return", equals=-0.17), PathEvent("X", "volatility", equals=0.27))
    ),
}


def conditioned(law, size, event, *, channels=("X",), n=N, seed=0):
    rng = np.random.default_rng(seed)
    return draw_conditioned(law, event, n, noise_size=size, channels=list(channels), rng=rng)


@functools.cache
def rejected(name, n_blocks=20, seed=99):
    """Give the paths of each event among a million."""
    (law, size), rng = LAWS[name], np.random.default_rng(seed)
    kept = {event: [] for event in EVENTS}
    for _ in range(n_blocks):
        paths = law(rng.standard_normal((50_000, size)))
        for event, found in kept.items():
            found.append(paths[EVENTS[event].shortfall(paths, ["X"]) == 0])
    return {event: np.concatenate(found) for event, found in kept.items()}


def features(paths):
    """Give end, volatility, worst day, and whether the worst tenth days are as bad as 3 %."""
    days = paths[:, :, 0]
    tail = (days < -0.03).mean(axis=1)
    return np.column_stack([days.sum(axis=1), days.std(axis=1), days.min(axis=1), tail])


def z_scores(a, size_a, b, size_b):
    error = np.sqrt(a.var(axis=0) / size_a + b.var(axis=0) / size_b)
    return (a.mean(axis=0) - b.mean(axis=0)) / error


def test_a_random_walk_that_ends_low_has_the_truncated_normal_law_at_its_end():
    event = PathEvent("X", "return", below=float(np.expm1(-0.3)))
    found = conditioned(lambda noise: 0.01 * noise[:, :, None], HORIZON, event)
    spread = 0.01 * np.sqrt(HORIZON)
    bound = -0.3 / spread
    probability = norm.cdf(bound)
    mills = norm.pdf(bound) / probability
    mean, sd = -spread * mills, spread * np.sqrt(1 - bound * mills - mills**2)
    ends = found.paths.sum(axis=(1, 2))
    assert abs(found.probability - probability) < LIMIT * found.probability_error
    assert abs(ends.mean() - mean) < LIMIT * sd / np.sqrt(found.effective_size)
    assert abs(ends.std() - sd) < LIMIT * sd * np.sqrt(8 / found.effective_size / 2)


def test_a_random_walk_tied_at_its_end_is_a_bridge():
    event = PathEvent("X", "return", equals=float(np.expm1(-0.25)), tolerance=0.001)
    found = conditioned(lambda noise: 0.01 * noise[:, :, None], HORIZON, event)
    middle = found.paths[:, :21].sum(axis=(1, 2))
    sd = 0.01 * np.sqrt(21 * 42 / 63)
    error = sd / np.sqrt(found.effective_size)
    assert abs(middle.mean() + 0.25 / 3) < LIMIT * error + 0.001
    assert abs(middle.var() / sd**2 - 1) < LIMIT * np.sqrt(2 / found.effective_size)


def test_an_asset_follows_the_fall_of_another_by_its_beta():
    event = PathEvent("X", "return", below=-0.25)
    found = conditioned(two_assets, 2 * HORIZON, event, channels=("X", "Y"))
    first, second = found.paths.sum(axis=1).T
    rest = second - 0.6 * first
    sd = 0.008 * np.sqrt(HORIZON)
    assert abs(rest.mean()) < LIMIT * sd / np.sqrt(found.effective_size)
    assert abs(rest.var() / sd**2 - 1) < LIMIT * np.sqrt(2 / found.effective_size)


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("law", LAWS)
@pytest.mark.slow
def test_conditional_worlds_agree_with_rejection_from_a_million_paths(law, event):
    made, size = LAWS[law]
    found = conditioned(made, size, EVENTS[event])
    truth = rejected(law)[event]
    z = z_scores(features(found.paths), found.effective_size, features(truth), len(truth))
    assert len(truth) > 200
    assert np.abs(z).max() < LIMIT, (z, found.method, found.effective_size)
    share = len(truth) / 1e6
    error = np.hypot(found.probability_error, np.sqrt(share / 1e6))
    assert abs(found.probability - share) < LIMIT * error


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.slow
def test_every_conditional_world_fulfils_every_event(law):
    made, size = LAWS[law]
    events = EVENTS["fall and volatility"]
    found = conditioned(made, size, events, n=500)
    for event in events.events:
        low, high = event.bounds
        values = event.values(found.paths, ["X"])
        assert ((values >= low) & (values <= high)).all()
    assert found.effective_size >= 50
