import numpy as np
import pytest
import torch
from contracts import example_returns
from scipy import stats

from scenara.shared.errors import ConfigError
from scenara.shared.generators.series.diffusion import DiffusionSeries
from scenara.shared.generators.series.diffusion_days import DayModel
from scenara.shared.generators.series.diffusion_margins import NormalScores
from scenara.shared.generators.series.diffusion_network import WindowFlow, flow_loss
from scenara.shared.generators.series.diffusion_windows import remembered, window_starts

SMALL = {"n_steps": 30, "width": 8, "n_blocks": 1, "random_state": 0}


@pytest.fixture(scope="module")
def returns():
    return example_returns(n_days=600, assets=tuple("ABCDEFGH")).to_numpy()


@pytest.fixture(scope="module")
def days(returns):
    return DayModel.fit(returns[None], half_lives=(4.0, 23.0), n_factors=2)


@pytest.fixture(scope="module")
def fitted(returns):
    return DiffusionSeries(**SMALL).fit(returns)


def new_flow(seed=0, **settings):
    torch.manual_seed(seed)
    return WindowFlow(5, 3, n_conditions=2, **{"width": 8, "n_blocks": 1, **settings})


def test_innovations_of_a_day_give_the_day_back(days, returns):
    states = days.run(returns[None])
    for step in (100, 300, 599):
        innovations, _ = days.read(returns[None, step], states[step])
        again = days.write(innovations, np.array([step]), states[step])
        np.testing.assert_allclose(again[0], returns[step], rtol=0.05, atol=1e-4)


def test_no_move_passes_the_largest_one_by_more_than_two_fifths(days, returns):
    state = days.first_state(1)
    wild = days.write(np.array([[50.0, 3.0, 0.0, 0.0]]), np.array([0]), state)
    assert (np.abs(wild[0]) <= 1.4 * np.abs(returns).max(axis=0) + 1e-12).all()


def test_filtered_moves_have_unit_variance(days, returns):
    innovations = days.innovations(returns[None], days.run(returns[None]))
    assert np.square(innovations[0, :, 0]).mean() == pytest.approx(1, abs=0.02)


def test_volatility_is_high_after_wild_days(days, returns):
    wild, calm = (days.run(scale * returns[None, -60:])[-1] for scale in (3.0, 0.3))
    assert days.volatilities(wild)[0] > 1.5 * days.volatilities(calm)[0]


def test_normal_scores_are_normal():
    values = np.random.default_rng(0).standard_t(4, (4_000, 1))
    scores = NormalScores.fit(values, heaviest=[0.3]).apply(values)
    assert stats.kstest(scores[:, 0], "norm").statistic < 1.63 / np.sqrt(4_000)


@pytest.mark.parametrize("level", [0.001, 0.999])
def test_tails_beyond_the_knots_are_those_of_the_law(level):
    law = stats.t(4)
    values = law.rvs((20_000, 1), random_state=0)
    found = NormalScores.fit(values, heaviest=[0.4]).undo(stats.norm.ppf([[level]]))[0, 0]
    x = law.ppf(level)
    error = np.sqrt(0.001 * 0.999 / 20_000) / law.pdf(x)
    assert abs(found - x) < 3 * error


def test_a_flow_that_has_learned_nothing_leaves_noise_as_it_is():
    noise = torch.randn(5, 7, 3, generator=torch.Generator().manual_seed(0))
    assert (new_flow().draw(noise, torch.zeros(7, 2), n_stages=3) == noise).all()


def test_the_least_loss_of_independent_windows_is_that_of_no_velocity():
    windows = torch.randn(4_000, 5, 3, generator=torch.Generator().manual_seed(0))
    batch = (windows, torch.zeros(4_000, 2))
    rng = torch.Generator().manual_seed(1)
    loss = flow_loss(new_flow(), batch, rng, unknown_share=0.1).item()
    square = (np.pi / 2) ** 2
    assert abs(loss - square) < 3 * square * np.sqrt(2 / windows.numel())


def test_a_path_ignores_the_other_paths(fitted):
    noise = np.random.default_rng(0).standard_normal((6, fitted._noise_size(30)))
    together, alone = fitted._paths(noise, 30, None), fitted._paths(noise[2:3], 30, None)
    np.testing.assert_allclose(alone[0], together[2], rtol=1e-3, atol=1e-6)


def test_a_longer_path_is_drawn_window_by_window(fitted):
    paths = fitted.sample(50, horizon=70, random_state=0)
    assert paths.shape == (50, 70, 8)
    assert paths[:, 63:].std() == pytest.approx(paths[:, :63].std(), rel=0.4)


def test_guidance_moves_paths(returns):
    plain, strong = (
        DiffusionSeries(**SMALL | {"n_steps": 100}, guidance=guidance).fit(returns)
        for guidance in (1.0, 3.0)
    )
    assert (plain.sample(5, random_state=0) != strong.sample(5, random_state=0)).any()


def test_a_fit_that_was_cut_off_goes_on_to_the_same_model(returns, tmp_path):
    def stop(name, done, total, note=""):
        if name == "training" and done == 220:
            raise KeyboardInterrupt

    model = DiffusionSeries(**SMALL | {"n_steps": 250})
    with pytest.raises(KeyboardInterrupt):
        model.fit(returns, progress=stop, checkpoint=tmp_path)
    again = model.fit(returns, checkpoint=tmp_path).fingerprint()
    assert again == DiffusionSeries(**SMALL | {"n_steps": 250}).fit(returns).fingerprint()


@pytest.mark.parametrize("n_channels", [1, 2])
def test_few_channels_are_learned(n_channels):
    data = example_returns(n_days=400).to_numpy()[:, :n_channels]
    paths = DiffusionSeries(**SMALL).fit(data).sample(200, horizon=60, random_state=0)
    np.testing.assert_allclose(paths.std(axis=(0, 1)), data.std(axis=0), rtol=0.3)


def test_many_short_series_are_learned():
    data = np.random.default_rng(0).standard_t(5, (40, 10, 2)) * 0.01
    paths = DiffusionSeries(**SMALL).fit(data).sample(20, horizon=25, random_state=0)
    assert np.isfinite(paths).all()


@pytest.mark.parametrize("life", [1.0, 4.0, 16.0])
def test_memory_weighs_recent_steps_most(life):
    scores = np.zeros((1, 30, 1))
    scores[0, -1] = 1.0
    place = 2 * (1.0, 4.0, 16.0).index(life)
    assert remembered(scores)[0, place] == pytest.approx(1 - 0.5 ** (1 / life))


def test_no_window_to_train_on_shares_a_step_with_one_held_out():
    kept, held = (set(starts[:, 1]) for starts in window_starts(1, 2_000, 21))
    near = {start + shift for start in held for shift in range(-20, 21)}
    assert held
    assert not kept & near


@pytest.mark.parametrize(
    "wrong", [{"window": 0}, {"n_factors": -1}, {"half_lives": (0.0,)}, {"guidance": -1.0}]
)
def test_impossible_settings_are_refused(wrong, returns):
    with pytest.raises(ConfigError, match="expected"):
        DiffusionSeries(**wrong).fit(returns)
