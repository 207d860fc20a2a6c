"""A latent state per step: known truths of its filter, its density and its paths."""

import numpy as np
import pytest
import torch
from scipy import stats
from scipy.integrate import cumulative_trapezoid

from scenara.shared.errors import ConfigError, DataError
from scenara.shared.generators.series.diffusion_days import DayModel
from scenara.shared.generators.series.vae import VaeSeries
from scenara.shared.generators.series.vae_bound import EvidenceBound, inferred
from scenara.shared.generators.series.vae_days import DayRecord
from scenara.shared.generators.series.vae_decoder import factor_log_density
from scenara.shared.generators.series.vae_network import Normal, RecurrentVae
from scenara.shared.generators.series.vae_particles import followed

SMALL = {"n_steps": 80, "width": 8, "n_memory": 4, "window": 16, "random_state": 0}


def simulate(n_days, *, seed, n_channels=8, jump=0.5):
    """Give returns that share a GARCH(1,1) variance, a factor, and a size drawn anew each day."""
    rng = np.random.default_rng(seed)
    variance, returns = 1.0, np.empty((n_days, n_channels))
    sizes = jump * rng.standard_normal(n_days)
    for day in range(n_days):
        shock = 0.6 * rng.standard_normal() + 0.8 * rng.standard_normal(n_channels)
        returns[day] = np.sqrt(variance) * np.exp(sizes[day] - jump**2) * shock
        variance = 0.02 + 0.08 * np.square(returns[day]).mean() + 0.9 * variance
    return 0.01 * returns, sizes


@pytest.fixture(scope="module")
def known():
    return simulate(900, seed=1)


@pytest.fixture(scope="module")
def fitted(known):
    return VaeSeries(**SMALL).fit(known[0])


@pytest.fixture(scope="module")
def single():
    return VaeSeries(**SMALL | {"n_steps": 30}).fit(simulate(500, seed=2, n_channels=1)[0])


@pytest.fixture(scope="module")
def paths(fitted):
    return fitted.sample(200, horizon=252, random_state=0)


def new_network(record, n_latents=2):
    torch.manual_seed(0)
    return RecurrentVae(
        torch.zeros(record.values.shape[2], 1),
        torch.zeros(record.values.shape[2]),
        n_conditions=record.conditions.shape[2],
        n_signals=record.signals.shape[2],
        n_latents=n_latents,
        n_memory=3,
        width=4,
    ).eval()


@pytest.fixture(scope="module")
def record(known):
    data = known[0][None, :120]
    days = DayModel.fit(known[0][None], half_lives=(4.0, 23.0), n_factors=1)
    return DayRecord.of(days, data, days.run(data))


def test_the_factor_density_is_that_of_the_normal_law():
    rng = np.random.default_rng(0)
    loadings, own, x = rng.normal(size=(5, 2)), rng.uniform(0.5, 2, 5), rng.normal(size=5)
    found = factor_log_density(*(torch.from_numpy(part)[None] for part in (x, loadings, own)))
    expected = stats.multivariate_normal.logpdf(x, cov=loadings @ loadings.T + np.diag(own**2))
    assert found.item() == pytest.approx(expected, rel=1e-10)


def test_the_divergence_is_that_of_normal_laws():
    means, logs = torch.randn(2, 2, 4, generator=torch.Generator().manual_seed(0))
    found = Normal(means[0], logs[0]).divergence(Normal(means[1], logs[1]))
    laws = [torch.distributions.Normal(m, s.exp()) for m, s in zip(means, logs, strict=True)]
    torch.testing.assert_close(found, torch.distributions.kl_divergence(*laws))


def test_a_decoder_that_ignores_its_state_has_an_exact_density(record):
    network = new_network(record)
    torch.nn.init.zeros_(network.decoder.skip.weight)
    states = torch.zeros(*record.values.shape[:2], 2)
    law = network.decoder.law(states, network.conditions(record.conditions))
    exact = network.decoder.log_density(law, *record.parts[:3])
    walk = followed(network, record, n_particles=3)
    found = torch.stack([particles.log_density for particles in walk], dim=1)
    torch.testing.assert_close(found, exact)


def test_before_it_learns_the_posterior_is_the_prior(record):
    network = new_network(record)
    parts = (network.conditions(record.conditions), network.signals(record.signals))
    conditions, signals = (part.transpose(0, 1) for part in parts)
    found = inferred(network, conditions, signals, torch.zeros(120, 1, 2))
    assert found.posterior.divergence(found.prior).abs().max() == 0


def test_free_nats_and_the_warm_up_lower_the_price_while_it_learns(record):
    network, batch = new_network(record), (torch.zeros(1, 2, dtype=torch.long),)
    torch.nn.init.ones_(network.posterior_net[2].bias)
    bound = EvidenceBound(record, length=20, burn_in=4, warm_up=9, free_nats=0.0)
    full, first = (
        bound(network.train(learns), batch, torch.Generator().manual_seed(0)).item()
        for learns in (False, True)
    )
    # Each latent is one spread and a factor e of spread off: (e^2 + 1 - 1) / 2 - 1 nats.
    apart = 2 * (np.exp(2.0) / 2 - 1) / record.values.shape[2]
    assert full - first == pytest.approx(0.8 * apart, rel=1e-4)


def test_the_posterior_does_not_collapse(fitted, known):
    record = fitted._record(known[0][None])
    network = fitted.network_
    parts = (network.conditions(record.conditions), network.signals(record.signals))
    conditions, signals = (part.transpose(0, 1) for part in parts)
    noise = torch.randn(900, 1, 4, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        found = inferred(network, conditions, signals, noise)
    # Eight normal moves tell a log size to 1 / sqrt(16) of its spread .5 by themselves.
    told = np.log(0.5 / np.sqrt(1 / (16 + 1 / 0.5**2)))
    assert found.posterior.divergence(found.prior).sum(-1).mean() > 0.2 * told


def test_filtered_states_tell_the_size_of_the_day(fitted, known):
    returns, sizes = (part[:500] for part in known)
    means = fitted.latent_states(returns).mean
    design = np.column_stack([np.ones(len(means)), means])
    left = sizes - design @ np.linalg.lstsq(design, sizes, rcond=None)[0]
    # Even one who knew the variance would leave 1 / (1 + .25 * 16) of it.
    assert left[100:].var() < 0.5 * sizes.var()


def test_spreads_shrink_from_prior_to_filter(fitted, known):
    latents = fitted.latent_states(known[0][-300:])
    assert latents.spread.shape == (300, 4)
    assert (
        latents.spread[:, 0].mean()
        < 0.9 * np.sqrt(latents.spread[:, 0] ** 2 + latents.mean[:, 0].var()).mean()
    )


def test_variances_of_paths_are_those_of_the_data(paths, known):
    np.testing.assert_allclose(paths.std((0, 1)), known[0].std(0), rtol=0.1)


def test_correlations_of_paths_are_those_of_the_data(paths, known):
    found = np.corrcoef(paths.reshape(-1, 8), rowvar=False)
    np.testing.assert_allclose(found, np.corrcoef(known[0], rowvar=False), atol=0.1)


def test_paths_have_the_heavy_tails_of_the_process(paths):
    # The size alone gives 3 exp(4 jump^2) - 3 = 5.2 of excess kurtosis; a normal law has none.
    assert 2 < np.median(stats.kurtosis(paths.reshape(-1, 8))) < 20


def test_volatility_clusters_in_paths(paths):
    sizes = np.abs(paths).mean(axis=2)
    sizes = sizes - sizes.mean()
    correlation = (sizes[:, 5:] * sizes[:, :-5]).mean() / np.square(sizes).mean()
    assert 0.04 < correlation < 0.5


def test_no_move_passes_the_largest_one_by_more_than_two_fifths(paths, known):
    assert (np.abs(paths).max((0, 1)) <= 1.4 * np.abs(known[0]).max(0) + 1e-12).all()


def test_scores_on_new_days_beat_an_independent_normal_law(fitted, known):
    new = simulate(300, seed=11)[0]
    normal = stats.multivariate_normal(known[0].mean(0), np.cov(known[0].T)).logpdf(new)
    gain = fitted.score_samples(new) - normal
    assert gain.mean() > 3 * gain.std() / np.sqrt(len(gain))


def test_more_particles_tighten_the_bound(fitted):
    new = simulate(150, seed=12)[0]
    few, many = (fitted.score_samples(new, n_particles=n).mean() for n in (1, 50))
    assert many > few


def test_the_density_is_that_of_the_draws(single):
    past = simulate(30, seed=5, n_channels=1)[0]
    grid = np.linspace(-0.1, 0.1, 161)
    series = np.concatenate([np.tile(past, (len(grid), 1, 1)), grid[:, None, None]], axis=1)
    density = np.exp(single.score_samples(series, n_particles=100)[:, -1])
    assert np.trapezoid(density, grid) == pytest.approx(1, abs=0.02)
    distribution = cumulative_trapezoid(density, grid, initial=0) / np.trapezoid(density, grid)
    draws = single.sample(4_000, horizon=1, history=past, random_state=0)[:, 0, 0]
    distance = stats.kstest(draws, lambda x: np.interp(x, grid, distribution)).statistic
    assert distance < 1.95 / np.sqrt(4_000) + 0.02  # once in a thousand, and particles' error


def test_a_path_ignores_the_other_paths(fitted):
    noise = np.random.default_rng(0).standard_normal((6, fitted._noise_size(20)))
    together, alone = fitted._paths(noise, 20, None), fitted._paths(noise[2:3], 20, None)
    np.testing.assert_allclose(alone[0], together[2], rtol=1e-3, atol=1e-6)


def test_a_fit_that_was_cut_off_goes_on_to_the_same_model(tmp_path):
    def stop(name, done, total, note=""):
        if name == "training" and done == 52:
            raise KeyboardInterrupt

    data = simulate(300, seed=3, n_channels=2)[0]
    settings = SMALL | {"n_steps": 56, "window": 1, "width": 2}
    with pytest.raises(KeyboardInterrupt):
        VaeSeries(**settings).fit(data, progress=stop, checkpoint=tmp_path)
    again = VaeSeries(**settings).fit(data, checkpoint=tmp_path)
    assert again.fingerprint() == VaeSeries(**settings).fit(data).fingerprint()


def test_several_series_are_learned_and_scored_together():
    data = np.stack([simulate(100, seed=seed, n_channels=2)[0] for seed in range(4)])
    model = VaeSeries(**SMALL | {"n_steps": 5}).fit(data)
    assert model.score_samples(data, n_particles=2).shape == (4, 100)
    with pytest.raises(DataError, match="expected one series, found 4"):
        model.latent_states(data)


def test_many_short_series_are_learned():
    data = np.random.default_rng(0).standard_t(5, (40, 10, 2)) * 0.01
    model = VaeSeries(**SMALL | {"n_steps": 5}).fit(data)
    assert np.isfinite(model.sample(20, horizon=25, random_state=0)).all()


def test_scores_refuse_another_number_of_channels(fitted):
    with pytest.raises(DataError, match="expected 8 channels"):
        fitted.score_samples(np.zeros((5, 3)))


@pytest.mark.parametrize(
    "wrong", [{"n_latents": 0}, {"n_factors": -1}, {"half_lives": (0.0,)}, {"free_nats": -1.0}]
)
def test_impossible_settings_are_refused(wrong, known):
    with pytest.raises(ConfigError, match="expected"):
        VaeSeries(**wrong).fit(known[0])
