"""The variational autoencoder keeps the contract, and its bound and draws are what they say."""

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.stats import spearmanr
from table_contracts import TableContract
from torch.distributions import Categorical, Normal, kl_divergence

from scenara.shared.errors import ConfigError, DataError, NotFittedError
from scenara.shared.generators.tables.heads import Heads, Plan
from scenara.shared.generators.tables.vae import VaeTable
from scenara.shared.generators.tables.vae_network import Asked, RowVae, bound_loss, divergence
from scenara.shared.generators.tables.vae_prior import fit_latents
from scenara.shared.tuning import search_space

PLAN = Plan(("level", "number", "both"), (3, 1, 4), (0, 1, 1))
SMALL = {"latent": 4, "width": 32, "learning_rate": 0.01, "random_state": 0}


class TestVaeTable(TableContract):
    family = "table/vae"
    slack = 1.5


class Stop(Exception):
    """The end of a process, as far as the fit can tell."""


def stop_late(stage, done, total, note=""):
    if done == 230:
        raise Stop


@pytest.fixture(scope="module")
def network():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        made = RowVae(Heads(PLAN), n_measured=2, latent=3, width=8).double()
        torch.nn.init.normal_(made.log_scale, std=0.5)
    return made.eval()


@pytest.fixture
def rng():
    return torch.Generator().manual_seed(1)


@pytest.fixture
def rows():
    codes = torch.tensor([[0, 0], [2, 1], [1, 3]])
    positions = torch.tensor([[0.3, -1.0], [2.0, 0.0], [-0.5, 0.0]], dtype=torch.float64)
    return codes, positions


def two_blobs(n_rows=600):
    """Give a number and a level that hang on one hidden cause."""
    rng = np.random.default_rng(0)
    cause = rng.random(n_rows) < 0.3
    number = np.where(cause, 5.0, -5.0) + rng.standard_normal(n_rows)
    return pd.DataFrame({"number": number, "level": np.where(cause, "up", "down")})


@pytest.fixture(scope="module")
def blobs():
    return VaeTable(n_steps=400, beta=0.3, **SMALL).fit(two_blobs())


def test_the_divergence_is_that_of_normal_laws(rng):
    mean, log_variance = torch.randn(2, 5, 3, generator=rng, dtype=torch.float64)
    expected = kl_divergence(Normal(mean, (log_variance / 2).exp()), Normal(0.0, 1.0))
    torch.testing.assert_close(divergence(mean, log_variance), expected)


def test_the_density_is_that_of_levels_and_normal_laws(network, rows, rng):
    codes, positions = rows
    latent = torch.randn(3, 3, generator=rng, dtype=torch.float64)
    outputs = network.writer(latent)
    levels = Categorical(logits=outputs[:, :3]).log_prob(codes[:, 0])
    levels = levels + Categorical(logits=outputs[:, 3:7]).log_prob(codes[:, 1])
    normal = Normal(outputs[:, 7:], network.scale).log_prob(positions)
    expected = levels + normal[:, 0] + normal[:, 1] * (codes[:, 1] == 0)
    torch.testing.assert_close(network.log_density(latent, codes, positions), expected)


def test_the_weight_of_the_divergence_rises_to_beta(network, rows):
    loss = bound_loss(beta=2.0, warmup_steps=4, free_bits=0.0)
    free = bound_loss(beta=0.0, warmup_steps=4, free_bits=0.0)
    spent = divergence(*network.read(*rows)).mean(0).sum().item()

    def weight():
        values = [
            each(network, rows, torch.Generator().manual_seed(2)).item() for each in (loss, free)
        ]
        return (values[0] - values[1]) / spent

    network.train()
    network.seen.zero_()
    assert weight() == pytest.approx(2.0 * 1 / 4)
    network.seen.fill_(30)
    assert weight() == pytest.approx(2.0)
    network.eval()


def test_free_bits_are_not_punished(network, rows):
    paid, free = (
        bound_loss(beta=1.0, warmup_steps=0, free_bits=bits)(
            network, rows, torch.Generator().manual_seed(2)
        ).item()
        for bits in (0.0, 100.0)
    )
    spent = divergence(*network.read(*rows)).mean(0).sum().item()
    assert free - paid == pytest.approx(300.0 - spent)


def test_draws_under_conditions_stay_within_them(network, rng):
    codes = torch.tensor([False, True, False, True, True, False, False])
    asked = Asked(codes, torch.tensor([0.5, -0.2]).double(), torch.tensor([0.6, 0.1]).double())
    drawn, positions = network.draw(torch.zeros(200, 3).double(), rng, asked=asked)
    assert (drawn[:, 0] == 1).all()
    assert (drawn[:, 1] <= 1).all()
    assert ((positions >= asked.low - 1e-6) & (positions <= asked.high + 1e-6)).all()


def test_the_chance_of_a_condition_is_how_often_draws_fulfil_it(network, rng):
    codes = torch.tensor([False, True, True, True, False, True, False])
    asked = Asked(codes, torch.tensor([-0.5, -9.0]).double(), torch.tensor([0.7, 0.2]).double())
    latent = torch.ones(40_000, 3).double()
    found, spots = network.draw(latent, rng)
    first = (found[:, 0] > 0) & (spots[:, 0] >= -0.5) & (spots[:, 0] <= 0.7)
    second = ((found[:, 1] == 0) & (spots[:, 1] <= 0.2)) | (found[:, 1] == 2)
    chance = network.log_chance(latent[:1], asked).exp().item()
    spread = np.sqrt(chance * (1 - chance) / len(latent))
    assert (first & second).double().mean().item() == pytest.approx(chance, abs=4 * spread)


def test_latent_points_part_what_is_apart(blobs):
    table = two_blobs()
    points = blobs.encode(table)
    assert points.shape == (len(table), 4)
    middle = points[:, blobs.usage_["spread"].idxmax()]
    ranks = spearmanr(middle, table["number"]).statistic
    assert abs(ranks) > 0.7


def test_rows_come_back_from_their_latent_points(blobs):
    table = two_blobs()
    back = blobs.decode(blobs.encode(table), random_state=0)
    assert (back["level"] == table["level"]).mean() > 0.97
    assert spearmanr(back["number"], table["number"]).statistic > 0.8


def test_columns_hang_together_as_in_the_data(blobs):
    rows = blobs.sample(2_000, random_state=0)
    up = rows["level"] == "up"
    assert up.mean() == pytest.approx(0.3, abs=0.05)
    assert (rows["number"][up] > 0).mean() > 0.85
    assert (rows["number"][~up] < 0).mean() > 0.85


def test_a_condition_on_a_number_moves_the_level(blobs):
    rows = blobs.sample(500, given={"number": (4.0, None)}, random_state=0)
    assert (rows["level"] == "up").mean() > 0.85


def test_a_latent_space_out_of_use_is_reported():
    model = VaeTable(n_steps=60, beta=100.0, warmup_share=0.0, **SMALL)
    with pytest.warns(UserWarning, match="posterior collapse"):
        model.fit(two_blobs())
    assert not model.usage_["active"].any()


def test_an_interrupted_fit_reaches_the_same_bits(tmp_path):
    table, settings = two_blobs(100), {"n_steps": 250, **SMALL}
    with pytest.raises(Stop):
        VaeTable(**settings).fit(table, checkpoint=tmp_path, progress=stop_late)
    resumed = VaeTable(**settings).fit(table, checkpoint=tmp_path)
    assert resumed.fingerprint() == VaeTable(**settings).fit(table).fingerprint()


def test_the_normal_prior_has_no_parameters():
    law = fit_latents(np.full((50, 2), 9.0), np.ones(2, dtype=bool), kind="normal")
    draws = law.draw(20_000, np.random.default_rng(0))
    assert np.abs(draws.mean(0)).max() < 4 / np.sqrt(20_000)


def test_latent_numbers_out_of_use_are_drawn_as_noise():
    points = np.random.default_rng(0).standard_normal((500, 3)) + np.array([5.0, 0.0, -5.0])
    law = fit_latents(points, np.array([True, False, True]), kind="mixture", n_components=1)
    draws = law.draw(20_000, np.random.default_rng(1))
    np.testing.assert_allclose(draws.mean(0), [5, 0, -5], atol=0.2)
    np.testing.assert_allclose(np.cov(draws.T), np.eye(3), atol=0.2)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"latent": 0}, "latent: expected a whole number"),
        ({"beta": -1.0}, "beta: expected a number from 0"),
        ({"prior": "flat"}, "prior: expected"),
    ],
)
def test_settings_out_of_range_are_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        VaeTable(**settings).fit(two_blobs(50))


def test_latent_points_of_another_width_are_refused(blobs):
    with pytest.raises(DataError, match=r"shape \(rows, 4\), found shape \(2, 3\)"):
        blobs.decode(np.zeros((2, 3)))


def test_nothing_is_encoded_before_the_fit():
    with pytest.raises(NotFittedError, match="not fitted"):
        VaeTable().encode(two_blobs(30))


def test_the_defaults_lie_in_the_space_that_is_searched():
    defaults = VaeTable().get_params()
    outside = [
        name for name, space in search_space(VaeTable).items() if defaults[name] not in space
    ]
    assert not outside
