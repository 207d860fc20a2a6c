"""The adversarial game on series: its scores of tails, its players, and the paths it writes."""

import numpy as np
import pytest
import torch
from scipy import stats

from scenara.shared.errors import ConfigError
from scenara.shared.generators.series.diffusion_days import DayModel
from scenara.shared.generators.series.diffusion_margins import NormalScores
from scenara.shared.generators.series.gan import GanSeries
from scenara.shared.generators.series.gan_books import Books, expected_tails, tail_score
from scenara.shared.generators.series.gan_losses import Losses
from scenara.shared.generators.series.gan_network import (
    Game,
    SeriesCritic,
    SeriesWriter,
    dilations_within,
)
from scenara.shared.training import TrainingSettings, train

DILATIONS = (1, 2, 4)
REACH = sum(DILATIONS)
SMALL = {"n_steps": 40, "width": 8, "n_books": 10, "random_state": 0}


def simulate(n_days, *, seed, n_channels=8):
    """Give heavy-tailed returns that share a GARCH(1,1) variance (alpha .08, beta .9)."""
    rng = np.random.default_rng(seed)
    variance, returns = 1.0, np.empty((n_days, n_channels))
    for day in range(n_days):
        common = rng.standard_t(6) / np.sqrt(1.5)
        shock = 0.6 * common + 0.8 * rng.standard_normal(n_channels)
        returns[day] = np.sqrt(variance) * shock
        variance = 0.02 + 0.08 * np.square(returns[day]).mean() + 0.9 * variance
    return 0.01 * returns


@pytest.fixture(scope="module")
def returns():
    return simulate(1_200, seed=1)


@pytest.fixture(scope="module")
def fitted(returns):
    return GanSeries(**SMALL).fit(returns)


@pytest.fixture(scope="module")
def paths(fitted):
    return fitted.sample(300, horizon=252, random_state=0)


@pytest.fixture(scope="module")
def parts(returns):
    days = DayModel.fit(returns[None], half_lives=(4.0, 23.0), n_factors=2)
    states = days.run(returns[None])
    innovations = days.innovations(returns[None], states)
    margins = NormalScores.fit(innovations[0], heaviest=[0.3, 0.0, 0.0, 0.0])
    books = Books.of(days, margins, returns[None], states, n_books=10, rng=np.random.default_rng(0))
    return books, margins, torch.from_numpy(margins.apply(innovations)).float()


def new_game(rate=1.0):
    torch.manual_seed(0)
    return Game(
        SeriesWriter(2, 3, width=6, dilations=DILATIONS),
        SeriesCritic(2, width=6, dilations=DILATIONS, rate=rate),
    )


@pytest.mark.parametrize("level", [0.01, 0.05])
def test_the_tail_score_is_least_at_the_tails_of_the_law(level):
    law = stats.norm()
    value = law.ppf(level)
    shortfall = -law.pdf(value) / level
    profits = torch.from_numpy(law.ppf((np.arange(200_000) + 0.5) / 200_000))[:, None]
    off = np.linspace(-0.3, 0.3, 7)
    scores = [
        [
            tail_score(
                *(torch.tensor([x]) for x in (value + v, shortfall + e)), profits, level=level
            )
            for e in off
        ]
        for v in off
    ]
    assert np.unravel_index(np.argmin(scores), (7, 7)) == (3, 3)


def test_tails_of_samples_are_those_of_the_law():
    x = torch.randn(200_000, 1, generator=torch.Generator().manual_seed(0))
    value, shortfall = (part.item() for part in expected_tails(x, 0.05))
    v = stats.norm.ppf(0.05)
    error = np.sqrt(0.05 * 0.95 / 200_000) / stats.norm.pdf(v)
    assert abs(value - v) < 3 * error
    assert abs(shortfall + stats.norm.pdf(v) / 0.05) < 6 * error


def test_the_score_pulls_tails_that_are_too_thin_outwards():
    thin = (
        0.5 * torch.randn(4_000, 1, generator=torch.Generator().manual_seed(0))
    ).requires_grad_()
    observed = torch.randn(4_000, 1, generator=torch.Generator().manual_seed(1))
    tail_score(*expected_tails(thin, 0.05), observed, level=0.05).sum().backward()
    worst = thin.detach()[:, 0].argsort()[:200]
    assert (thin.grad[worst] > 0).all()  # descent moves them down


def test_innovations_of_books_are_those_of_the_margins(parts):
    books, margins, _ = parts
    scores = torch.linspace(-4.4, 4.4, 400)[:, None].expand(-1, 4)
    expected = margins.undo(scores.double().numpy())
    np.testing.assert_allclose(books._innovations(scores).numpy(), expected, rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize("level", [0.05, 0.2])
def test_books_of_observed_innovations_have_the_tails_of_observed_books(parts, level):
    books, _, scores = parts
    repeated = scores[0].repeat(20, 1)
    made = books.profits(repeated, torch.Generator().manual_seed(0))
    found, expected = (torch.stack(expected_tails(x, level)) for x in (made, books.observed))
    # Of some 1,200 observed days; both estimates of a quantile of a law of about unit scale.
    error = np.sqrt(level * (1 - level) / 1_200) / stats.norm.pdf(stats.norm.ppf(level))
    assert (found - expected).abs().max() < 5 * error


def test_a_writer_that_has_learned_nothing_leaves_noise_as_it_is():
    noise = torch.randn(10 + REACH, 5, 3, generator=torch.Generator().manual_seed(0))
    assert (new_game().writer(noise) == noise[REACH:, :, :2]).all()


def test_a_score_depends_on_noise_of_its_reach_alone():
    writer = new_game().writer
    torch.nn.init.normal_(writer.shift.weight)
    noise = torch.randn(40 + REACH, 1, 3, generator=torch.Generator().manual_seed(0))
    changed = noise.clone()
    changed[20] += 1
    moved = (writer(noise) != writer(changed)).any(dim=2)[:, 0].nonzero()[:, 0]
    # Step t of the scores reads noise t to t + reach.
    assert moved.min() >= 20 - REACH
    assert moved.max() == 20


def test_the_critic_moves_by_its_own_rate():
    moves = []
    for rate in (1.0, 4.0):
        game = new_game(rate)
        layer = game.critic.body.read
        before = (layer.weight * layer.rate).detach().clone()
        settings = TrainingSettings(n_steps=1, warmup_share=0.0, ema_decay=None, weight_decay=0.0)

        def judge(game, batch, rng):
            return game.critic(batch[0].transpose(0, 1)).mean()

        windows = torch.randn(8, 30, 2, generator=torch.Generator().manual_seed(0))
        train(game, {"critic": judge}, windows, settings=settings, random_state=0)
        moves.append(((layer.weight * layer.rate) - before).abs().mean().item())
    assert moves[1] == pytest.approx(4 * moves[0], rel=0.05)


def test_the_penalty_grows_with_the_slope_of_the_critic(parts):
    books, _, scores = parts
    game = new_game()
    batch, rng = scores[:, :30, :2], torch.Generator()

    def cost(penalty):
        losses = Losses(penalty, 1, books, 0.0)
        return losses.critic(game, (batch,), rng.manual_seed(0)).item()

    slope = cost(1.0) - cost(0.0)
    assert slope > 0
    assert cost(3.0) - cost(0.0) == pytest.approx(3 * slope, rel=1e-3)


def test_the_writer_waits_for_its_turn(parts):
    losses, game = Losses(1.0, 3, parts[0], 1.0), new_game()
    game.turn += 1
    assert losses.writer(game, (torch.zeros(4, 30, 2),), torch.Generator()).item() == 0


def test_margins_of_written_innovations_are_observed_ones(fitted, returns):
    noise = np.random.default_rng(5).standard_normal(
        (40, 250 + fitted.game_.writer.reach, fitted._n_noise)
    )
    made = fitted.margins_.undo(fitted.written_.apply(fitted._scores(noise)))
    days = fitted.days_
    seen = days.innovations(returns[None], days.run(returns[None]))
    # The common move in units of volatility, before the last change of units by a few percent.
    distance = stats.ks_2samp(made[..., 0].ravel(), seen[..., 0].ravel()).statistic
    assert distance < 1.95 / np.sqrt(1_200) + 0.03


def test_variances_of_paths_are_those_of_the_data(paths, returns):
    np.testing.assert_allclose(paths.std((0, 1)), returns.std(0), rtol=0.1)


def test_correlations_of_paths_are_those_of_the_data(paths, returns):
    found = np.corrcoef(paths.reshape(-1, 8), rowvar=False)
    np.testing.assert_allclose(found, np.corrcoef(returns, rowvar=False), atol=0.1)


def test_volatility_clusters_in_paths(paths):
    sizes = np.abs(paths).mean(axis=2)
    sizes = sizes - sizes.mean()
    correlation = (sizes[:, 5:] * sizes[:, :-5]).mean() / np.square(sizes).mean()
    assert 0.04 < correlation < 0.5


def test_paths_have_the_tails_of_the_data(paths, returns):
    book = (paths.mean(2).ravel(), returns.mean(1))
    made, seen = (np.quantile(x, [0.01, 0.99]) / x.std() for x in book)
    # A quantile of 1,200 clustered days, some 3 times less sure than of independent ones.
    np.testing.assert_allclose(made, seen, atol=0.6)


def test_no_move_passes_the_largest_one_by_more_than_two_fifths(paths, returns):
    assert (np.abs(paths).max((0, 1)) <= 1.4 * np.abs(returns).max(0) + 1e-12).all()


def test_a_path_ignores_the_other_paths(fitted):
    noise = np.random.default_rng(0).standard_normal((6, fitted._noise_size(20)))
    together, alone = fitted._paths(noise, 20, None), fitted._paths(noise[2:3], 20, None)
    np.testing.assert_allclose(alone[0], together[2], rtol=1e-3, atol=1e-6)


def test_a_fit_that_was_cut_off_goes_on_to_the_same_model(tmp_path):
    def stop(name, done, total, note=""):
        if name == "training" and done == 52:
            raise KeyboardInterrupt

    data = simulate(300, seed=3, n_channels=2)
    settings = SMALL | {"n_steps": 56, "width": 4}
    with pytest.raises(KeyboardInterrupt):
        GanSeries(**settings).fit(data, progress=stop, checkpoint=tmp_path)
    again = GanSeries(**settings).fit(data, checkpoint=tmp_path)
    assert again.fingerprint() == GanSeries(**settings).fit(data).fingerprint()


def test_a_checkpoint_of_other_data_is_refused(tmp_path):
    settings = SMALL | {"n_steps": 3, "width": 4}
    GanSeries(**settings).fit(simulate(260, seed=3, n_channels=2), checkpoint=tmp_path)
    with pytest.raises(ConfigError, match="another run"):
        GanSeries(**settings).fit(simulate(260, seed=4, n_channels=2), checkpoint=tmp_path)


@pytest.mark.slow
def test_a_dependence_within_the_day_is_learned():
    rng = np.random.default_rng(0)
    common, own = rng.standard_normal((2, 2_000))
    level = np.exp(0.3 * (0.7 * (np.abs(common) - 0.8) / 0.6 + np.sqrt(1 - 0.49) * own))
    moves = level[:, None] * rng.standard_normal((2_000, 8))
    data = 0.01 * (common[:, None] + moves)
    model = GanSeries(n_steps=200, n_books=10, random_state=0).fit(data)
    made = model.sample(50, horizon=252, random_state=0)

    def together(series):
        seen = model.days_.innovations(series, model.days_.run(series))
        return np.corrcoef(np.abs(seen[..., 0]).ravel(), seen[..., 1].ravel())[0, 1]

    # Independent innovations have none of it; few steps learn most of it, and no more than that.
    assert together(data[None]) > 0.3
    assert 0.5 < together(made) / together(data[None]) < 1.3


@pytest.mark.parametrize("n_channels", [1, 2])
def test_few_channels_are_learned(n_channels):
    data = simulate(300, seed=2, n_channels=n_channels)
    model = GanSeries(**SMALL | {"n_steps": 5}).fit(data)
    spread = model.sample(200, horizon=60, random_state=0).std((0, 1))
    np.testing.assert_allclose(spread, data.std(0), rtol=0.3)


def test_many_short_series_are_learned():
    data = np.random.default_rng(0).standard_t(5, (40, 10, 2)) * 0.01
    model = GanSeries(**SMALL | {"n_steps": 5}).fit(data)
    assert np.isfinite(model.sample(20, horizon=25, random_state=0)).all()


@pytest.mark.parametrize("length", [1, 2, 10, 30, 100])
def test_convolutions_look_back_over_at_most_half_of_a_window(length):
    assert 2 * sum(dilations_within(length)) <= length


@pytest.mark.parametrize(
    "wrong", [{"window": 0}, {"n_factors": -1}, {"half_lives": ()}, {"penalty": 0}, {"n_books": 0}]
)
def test_impossible_settings_are_refused(wrong, returns):
    with pytest.raises(ConfigError, match="expected"):
        GanSeries(**wrong).fit(returns)
