"""Dynamic conditional correlation against its recursion and a process that is known."""

import numpy as np
import pytest

from scenara.shared.generators.series.correlation import (
    DCC,
    filter_correlation,
    fit_dcc,
    simulate_shocks,
)


def target(n_channels, rho=0.4):
    return np.full((n_channels, n_channels), rho) + (1 - rho) * np.eye(n_channels)


def simulated(model, innovations):
    """Write the recursion as the paper does, for one path (steps, channels)."""
    quasi, shocks = model.target.copy(), np.empty_like(innovations)
    for step, innovation in enumerate(innovations):
        spread = np.sqrt(np.diag(quasi))
        shocks[step] = np.linalg.cholesky(quasi / np.outer(spread, spread)) @ innovation
        news = np.outer(shocks[step], shocks[step])
        quasi = model.drift * model.target + model.news * news + model.memory * quasi
    return shocks


def normal(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


@pytest.mark.parametrize("n_channels", [1, 3, 70])
def test_simulation_follows_the_recursion(n_channels):
    model = DCC(target(n_channels), news=0.05, memory=0.9)
    innovations = normal(15, n_channels, 4)
    quasi = np.repeat(model.target[..., None], 4, axis=2)
    found = simulate_shocks(model, quasi, innovations)
    expected = np.stack([simulated(model, innovations[..., i]) for i in range(4)], axis=2)
    np.testing.assert_allclose(found, expected, atol=1e-10)


def test_filter_gives_back_what_was_simulated():
    model = DCC(target(3), news=0.05, memory=0.9)
    innovations = normal(40, 3)
    shocks = simulated(model, innovations)
    [(steps, quasi)] = filter_correlation(shocks, model)
    spread = np.sqrt(np.einsum("tii->ti", quasi[:-1]))
    found = np.linalg.solve(np.linalg.cholesky(quasi[:-1]), (shocks * spread)[..., None])[..., 0]
    assert steps == slice(0, 40)
    np.testing.assert_allclose(found, innovations, atol=1e-10)


def test_filter_goes_on_from_block_to_block(monkeypatch):
    model, shocks = DCC(target(3), news=0.05, memory=0.9), normal(50, 3)
    [(_, whole)] = filter_correlation(shocks, model)
    monkeypatch.setattr("scenara.shared.generators.series.correlation._BLOCK_NUMBERS", 9 * 12)
    blocks = [quasi[:-1] for _, quasi in filter_correlation(shocks, model)]
    assert len(blocks) == 5
    np.testing.assert_array_equal(np.concatenate(blocks), whole[:-1])


@pytest.mark.parametrize(("news", "memory"), [(0.05, 0.92), (0.02, 0.97)])
def test_fits_of_many_samples_centre_on_the_truth(news, memory):
    model = DCC(target(3), news=news, memory=memory)
    fits = [fit_dcc(simulated(model, normal(4_000, 3, seed=seed))[None]) for seed in range(8)]
    for name, truth in (("news", news), ("memory", memory)):
        found = np.array([getattr(fit, name) for fit in fits])
        error = found.std(ddof=1) / np.sqrt(len(found))
        assert abs(found.mean() - truth) < 4 * error + 0.002  # the bias of a finite sample


def test_several_short_series_are_fitted_as_one_law():
    model = DCC(target(2), news=0.06, memory=0.9)
    series = np.stack([simulated(model, normal(800, 2, seed=seed)) for seed in range(10)])
    found = fit_dcc(series)
    assert found.news == pytest.approx(0.06, abs=0.02)
    assert found.memory == pytest.approx(0.9, abs=0.05)


def test_constant_correlation_has_hardly_any_news():
    root = np.linalg.cholesky(target(4))
    assert fit_dcc((normal(3_000, 4) @ root.T)[None]).news < 0.01


def test_one_channel_has_no_dynamics():
    found = fit_dcc(normal(1, 500, 1))
    assert (found.news, found.memory) == (0, 0)
    assert found.target == pytest.approx(1)
