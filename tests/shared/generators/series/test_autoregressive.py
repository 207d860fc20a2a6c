import copy

import numpy as np
import pytest
import torch
from scipy import stats
from scipy.integrate import cumulative_trapezoid

from scenara.shared.errors import ConfigError, DataError
from scenara.shared.generators.series.autoregressive import AutoregressiveSeries
from scenara.shared.generators.series.filters import FilterBank

SMALL = {"n_steps": 200, "n_factors": 2, "width": 16, "random_state": 0}


def simulate_garch(n_days, *, seed, n_channels=1, loading=0.0):
    """Give returns whose channels share one GARCH(1,1) variance (alpha .1, beta .88)."""
    rng = np.random.default_rng(seed)
    variance, returns = 1.0, np.empty((n_days, n_channels))
    for day in range(n_days):
        shock = loading * rng.standard_normal() + np.sqrt(1 - loading**2) * rng.standard_normal(
            n_channels
        )
        returns[day] = np.sqrt(variance) * shock
        variance = 0.02 + 0.1 * np.square(returns[day]).mean() + 0.88 * variance
    return 0.01 * returns


@pytest.fixture(scope="module")
def single():
    return AutoregressiveSeries(**SMALL).fit(simulate_garch(3000, seed=1))


@pytest.fixture(scope="module")
def triple():
    return AutoregressiveSeries(**SMALL).fit(
        simulate_garch(2000, seed=2, n_channels=3, loading=0.7)
    )


@pytest.fixture(scope="module")
def past():
    return simulate_garch(100, seed=5)


@pytest.fixture(scope="module")
def grid():
    return np.linspace(-0.12, 0.12, 601)


@pytest.fixture(scope="module")
def density(single, past, grid):
    """The density of the step after ``past`` at each point of ``grid``."""
    series = np.concatenate([np.tile(past, (len(grid), 1, 1)), grid[:, None, None]], axis=1)
    return np.exp(single.score_samples(series)[:, -1])


def test_the_conditional_density_integrates_to_one(density, grid):
    assert np.trapezoid(density, grid) == pytest.approx(1, abs=1e-4)


def test_the_density_is_that_of_the_draws(single, past, density, grid):
    distribution = cumulative_trapezoid(density, grid, initial=0)
    draws = single.sample(20_000, horizon=1, history=past, random_state=0)[:, 0, 0]
    distance = stats.kstest(draws, lambda x: np.interp(x, grid, distribution)).statistic
    assert distance < 1.95 / np.sqrt(20_000)  # exceeded once in a thousand


@pytest.mark.parametrize("power", [1, 2])
def test_the_mean_of_draws_is_the_integral_of_the_density(single, past, density, grid, power):
    expected = np.trapezoid(grid**power * density, grid)
    draws = single.sample(20_000, horizon=1, history=past, random_state=1)[:, 0, 0] ** power
    assert abs(draws.mean() - expected) < 3 * draws.std() / np.sqrt(len(draws))


def test_the_density_is_that_of_the_second_step_of_a_path_too(single):
    model = copy.deepcopy(single)
    model.location_, model.scale_ = model.location_ + 0.01, 3 * model.scale_  # far from the fit
    past = model.sample(1, horizon=5, random_state=0)[0]
    grid = 0.24 * np.linspace(-1, 1, 33)
    ends = np.stack(np.meshgrid(grid, grid, indexing="ij"), -1).reshape(-1, 2, 1)
    series = np.concatenate([np.tile(past, (len(ends), 1, 1)), ends], axis=1)
    first, second = np.exp(model.score_samples(series)[:, -2:]).T.reshape(2, 33, 33)
    size = np.trapezoid(grid**2 * second, grid, axis=1)
    expected = np.trapezoid(size * first[:, 0], grid)
    draws = model.sample(20_000, horizon=2, history=past, random_state=1)[:, 1, 0] ** 2
    assert abs(draws.mean() - expected) < 3 * draws.std() / np.sqrt(len(draws))


@pytest.mark.parametrize("n_steps", [1, 5])
def test_a_short_window_is_scored_as_the_beginning_of_a_long_one(single, past, n_steps):
    whole = single.score_samples(past)
    np.testing.assert_allclose(single.score_samples(past[:n_steps]), whole[:n_steps], rtol=1e-5)


def test_unchanged_values_are_scored(triple):
    assert np.isfinite(triple.score_samples(np.zeros((5, 3)))).all()


def test_many_series_of_four_steps_are_learned():
    data = np.random.default_rng(0).standard_t(5, (100, 4, 2)) * 0.01
    model = AutoregressiveSeries(**SMALL | {"n_steps": 30}).fit(data)
    assert np.isfinite(model.score_samples(data)).all()
    assert model.history_["validation_loss"].notna().any()


@pytest.mark.parametrize("factor", [1.0, -2.0])
def test_a_copy_of_a_channel_is_refused(factor):
    data = simulate_garch(400, seed=1, n_channels=3)
    data[:, 2] = factor * data[:, 0] + 0.001
    with pytest.raises(DataError, match="channel 2 is a copy of channel 0"):
        AutoregressiveSeries(**SMALL).fit(data)


def test_fit_on_garch_beats_an_independent_normal_law_on_new_days(single):
    train, new = simulate_garch(3000, seed=1), simulate_garch(3000, seed=11)
    normal = stats.norm(train.mean(), train.std()).logpdf(new[:, 0])
    gain = single.score_samples(new) - normal
    assert gain.mean() > 3 * gain.std() / np.sqrt(len(gain))


def test_fit_on_garch_comes_near_the_true_law_on_new_days(single):
    new = simulate_garch(3000, seed=11)
    variance, truth = 1e-4, np.empty(len(new))
    for day, value in enumerate(new[:, 0]):
        truth[day] = stats.norm.logpdf(value, scale=np.sqrt(variance))
        variance = 2e-6 + 0.1 * value**2 + 0.88 * variance
    assert (truth - single.score_samples(new)).mean() < 0.02


def test_volatility_is_higher_after_turbulence_than_after_calm(triple):
    new = simulate_garch(3000, seed=4, n_channels=3, loading=0.7)
    windows = np.lib.stride_tricks.sliding_window_view(new, 60, axis=0).transpose(0, 2, 1)
    recent = windows[:, -20:].std((1, 2))
    calm, wild = (
        triple.sample(4000, horizon=1, history=windows[place], random_state=0).std()
        for place in (recent.argmin(), recent.argmax())
    )
    assert wild > 1.5 * calm


def test_worlds_keep_correlation_and_deviation(triple):
    data = simulate_garch(2000, seed=2, n_channels=3, loading=0.7)
    paths = triple.sample(500, horizon=504, random_state=0)
    found = np.corrcoef(paths.reshape(-1, 3), rowvar=False)
    np.testing.assert_allclose(found, np.corrcoef(data, rowvar=False), atol=0.07)
    np.testing.assert_allclose(paths.std((0, 1)), data.std(0), rtol=0.05)


def test_worlds_keep_clusters_of_volatility(single):
    sizes = np.abs(single.sample(500, horizon=250, random_state=0)[:, :, 0])
    sizes = sizes - sizes.mean()
    correlation = (sizes[:, 5:] * sizes[:, :-5]).mean() / np.square(sizes).mean()
    assert 0.05 < correlation < 0.4  # iid: 0; the simulated law: about .2


def test_long_paths_do_not_explode(triple):
    paths = triple.sample(50, horizon=2000, random_state=0)
    late = paths[:, 1000:].std() / paths[:, :1000].std()
    assert 0.8 < late < 1.25
    assert np.abs(paths).max() < 60 * paths.std()


def test_worlds_repeat_no_day_of_history(triple):
    days = simulate_garch(2000, seed=2, n_channels=3, loading=0.7)
    made = triple.sample(50, horizon=20, random_state=0).reshape(-1, 3)
    assert not set(map(tuple, made.round(6))) & set(map(tuple, days.round(6)))


def test_several_series_are_learned_together():
    data = np.stack([simulate_garch(300, seed=seed) for seed in range(4)])
    model = AutoregressiveSeries(**SMALL | {"n_steps": 30}).fit(data)
    assert model.score_samples(data).shape == (4, 300)
    assert model.sample(2, horizon=3, random_state=0).shape == (2, 3, 1)


def test_an_interrupted_fit_ends_as_if_it_had_not_been(tmp_path):
    data = simulate_garch(400, seed=1)
    settings = SMALL | {"n_steps": 220}

    def stop(stage, done, total, note=""):
        if done == 210:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        AutoregressiveSeries(**settings).fit(data, progress=stop, checkpoint=tmp_path)
    resumed = AutoregressiveSeries(**settings).fit(data, checkpoint=tmp_path)
    assert resumed.fingerprint() == AutoregressiveSeries(**settings).fit(data).fingerprint()


def test_filters_follow_their_formula():
    bank = FilterBank(torch.ones(1, 1), half_lives=(3.0,))
    values = torch.tensor([[1.0], [-2.0], [0.5]])
    states = bank.run(values)
    expected, decay = torch.zeros(6), 0.5 ** (1 / 3)
    for value in values:
        expected = decay * expected + (1 - decay) * bank.signals(value)
    torch.testing.assert_close(states[-1, 0], expected)


def test_filters_know_nothing_of_the_step_that_they_precede(triple):
    data = simulate_garch(300, seed=2, n_channels=3)
    changed = data.copy()
    changed[200:] *= 5
    first, second = triple.score_samples(data), triple.score_samples(changed)
    np.testing.assert_array_equal(first[:200], second[:200])
    assert (first[200:] != second[200:]).all()


def test_filtering_in_two_parts_is_filtering_in_one():
    bank = FilterBank(torch.ones(2, 1), half_lives=(2.0, 30.0))
    values = torch.randn(50, 2, generator=torch.Generator().manual_seed(0))
    middle = bank.run(values[:20])[-1]
    torch.testing.assert_close(bank.run(values[20:], start=middle)[-1], bank.run(values)[-1])


def test_scores_refuse_another_number_of_channels(triple):
    with pytest.raises(DataError, match="expected 3 channels"):
        triple.score_samples(simulate_garch(50, seed=0))


@pytest.mark.parametrize(
    ("name", "value"),
    [("n_factors", 0), ("n_regimes", 1.5), ("width", -1), ("half_lives", ()), ("n_steps", 0)],
)
def test_settings_out_of_range_are_refused(name, value):
    with pytest.raises(ConfigError, match=name):
        AutoregressiveSeries(**{name: value}).fit(simulate_garch(300, seed=0))
