"""The adversarial network keeps the contract, and its parts do what their papers say."""

import numpy as np
import pandas as pd
import pytest
import torch
from table_contracts import TableContract, example_table
from torch import nn

from scenara.shared.errors import ConfigError
from scenara.shared.features import Coded
from scenara.shared.generators.tables.gan import GanTable
from scenara.shared.generators.tables.gan_conditions import Classes, RowSampler
from scenara.shared.generators.tables.gan_network import (
    Critic,
    Game,
    Losses,
    Writer,
    gradient_penalty,
)
from scenara.shared.generators.tables.heads import Heads, Plan
from scenara.shared.tuning import search_space

PLAN = Plan(("level", "number"), (3, 2), (0, 1))
SMALL = {"width": 16, "noise": 8, "batch_size": 40, "random_state": 0}
COUNTS = (900, 90, 10)


class TestGanTable(TableContract):
    family = "table/gan"
    slack = 1.5


class Stop(Exception):
    """The end of a process, as far as the fit can tell."""


def stop_late(stage, done, total, note=""):
    if done == 230:
        raise Stop


def coded_columns():
    """Give a level of 900, 90 and 10 rows, and a number of which a quarter are spikes."""
    spikes = np.arange(1_000) % 4 == 0
    numbers = np.random.default_rng(0).standard_normal(1_000)
    return {
        "level": Coded(np.repeat([0, 1, 2], COUNTS), np.zeros(1_000)),
        "number": Coded(spikes.astype(np.int64), np.where(spikes, 0.0, numbers)),
    }


@pytest.fixture(scope="module")
def classes():
    return Classes.of(PLAN, coded_columns(), n_parts=4)


@pytest.fixture
def rng():
    return torch.Generator().manual_seed(1)


def game_of(classes, *, pack=2, rate=1.0, spectral=False, hard=True):
    n_classes = len(classes.shares)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        writer = Writer(noise=4, n_classes=n_classes, n_outputs=6, width=8)
        critic = Critic(
            n_inputs=6, n_classes=n_classes, pack=pack, width=8, rate=rate, spectral=spectral
        )
    return Game(writer, critic, Heads(PLAN), classes, temperature=0.5, hard=hard)


def losses_of(classes, *, critic_steps=1, penalty=10.0):
    coded = coded_columns()
    sampler = RowSampler(classes, classes.number(coded))
    return Losses(sampler, *PLAN.read(coded), penalty=penalty, critic_steps=critic_steps)


def test_numbers_are_cut_into_parts_of_equal_mass_beside_their_spikes(classes):
    assert classes.sizes.tolist() == [3, 5]
    np.testing.assert_allclose(classes.shares[3:], [3 / 16] * 4 + [1 / 4], atol=0.002)


def test_columns_are_drawn_evenly_and_classes_by_the_log_of_their_rows(classes, rng):
    n = 40_000
    numbers, _ = losses_of(classes).sampler.draw(n, rng)
    found = np.bincount(numbers.numpy(), minlength=8) / n
    weights = [np.log1p(np.round(1_000 * part)) for part in np.split(classes.shares, [3])]
    expected = np.concatenate([weight / weight.sum() / 2 for weight in weights])
    spread = np.sqrt(expected * (1 - expected) / n)
    assert (np.abs(found - expected) <= 4 * spread).all()


def test_rows_drawn_are_of_the_class_drawn(classes, rng):
    coded = coded_columns()
    own = torch.from_numpy(classes.number(coded) + classes.starts)
    numbers, rows = losses_of(classes).sampler.draw(2_000, rng)
    assert (own[rows] == numbers[:, None]).any(1).all()


def test_every_row_of_a_class_is_drawn_evenly(classes, rng):
    numbers, rows = losses_of(classes).sampler.draw(60_000, rng)
    rare = np.bincount(rows[numbers == 2].numpy() - 990, minlength=10)
    assert len(rare) == 10
    assert rare.min() > rare.mean() - 4.5 * np.sqrt(rare.mean())


def test_the_penalty_agrees_with_finite_differences(rng):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        critic = nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 1)).double()
    real, written = torch.randn(2, 8, 3, generator=rng, dtype=torch.float64)

    def packed(rows):
        return critic(rows.reshape(4, 6))

    found = gradient_penalty(packed, real, written, torch.Generator().manual_seed(5), pack=2)
    share = torch.rand(4, 1, generator=torch.Generator().manual_seed(5)).repeat_interleave(2, 0)
    points = (share * real + (1 - share) * written).reshape(4, 6)
    steps = 1e-6 * torch.eye(6, dtype=torch.float64)
    slopes = [(critic(points + step) - critic(points - step)) / 2e-6 for step in steps]
    norms = torch.cat(slopes, dim=1).norm(dim=1)
    assert found.item() == pytest.approx((norms - 1).square().mean().item(), rel=1e-6)


def test_the_penalty_moves_the_weights_of_the_critic(rng):
    line = nn.Linear(2, 1)
    nn.init.constant_(line.weight, 3.0)
    gradient_penalty(line, torch.zeros(4, 2), torch.ones(4, 2), rng).backward()
    # d/dw (|w| - 1)^2 = 2 (|w| - 1) w / |w|
    expected = 2 * (18**0.5 - 1) / 2**0.5
    torch.testing.assert_close(line.weight.grad, torch.full((1, 2), expected))


@pytest.mark.parametrize("pack", [1, 2, 5])
def test_one_score_is_given_to_each_pack(classes, pack, rng):
    game = game_of(classes, pack=pack)
    numbers = torch.zeros(20, dtype=torch.long)
    assert game.critic(torch.randn(20, 6, generator=rng), numbers).shape == (20 // pack, 1)


def test_rows_of_one_pack_are_judged_together(classes, rng):
    game, numbers = game_of(classes, pack=2), torch.zeros(6, dtype=torch.long)
    rows = torch.randn(6, 6, generator=rng)
    changed = rows.clone()
    changed[3] += 1.0
    moved = (game.critic(rows, numbers) != game.critic(changed, numbers))[:, 0]
    assert moved.tolist() == [False, True, False]


def test_rows_hold_the_code_that_was_asked_for(classes, rng):
    game = game_of(classes)
    numbers = torch.arange(8)
    with torch.no_grad():
        codes = game.heads.codes(game.rows(numbers, rng)[:, :5])
    assert codes[:3, 0].tolist() == [0, 1, 2]
    assert codes[3:, 1].tolist() == [0, 0, 0, 0, 1]


@pytest.mark.parametrize("hard", [False, True])
def test_codes_seen_by_the_critic_are_whole_or_soft(classes, hard, rng):
    with torch.no_grad():
        rows = game_of(classes, hard=hard).rows(torch.full((50,), 3), rng)
    whole = (rows[:, :3] - rows[:, :3].round()).abs().max() < 1e-6
    assert bool(whole) is hard
    torch.testing.assert_close(rows[:, :3].sum(1), torch.ones(50))


def test_gradients_pass_through_whole_codes(classes, rng):
    game = game_of(classes)
    losses_of(classes).writer(game, (torch.zeros(40),), rng).backward()
    assert game.writer.exit.weight.grad[:5].abs().sum() > 0


def test_the_writer_moves_once_in_so_many_turns(classes, rng):
    game, losses = game_of(classes), losses_of(classes, critic_steps=3)
    moved = []
    for _ in range(6):
        losses.critic(game, (torch.zeros(40),), rng)
        game.zero_grad(set_to_none=True)
        losses.writer(game, (torch.zeros(40),), rng).backward()
        moved.append(game.writer.exit.weight.grad is not None)
    assert moved == [False, False, True, False, False, True]


@pytest.mark.parametrize("rate", [0.5, 4.0])
def test_the_critic_moves_at_its_own_rate(classes, rate, rng):
    games = [game_of(classes, rate=each) for each in (1.0, rate)]
    rows, numbers = torch.randn(20, 6, generator=rng), torch.arange(20) % 8
    steps = []
    for game in games:
        optimiser = torch.optim.Adam(game.critic.parameters(), lr=1e-6)
        before = game.critic(rows, numbers).mean()
        before.backward()
        optimiser.step()
        steps.append((before - game.critic(rows, numbers).mean()).item())
    first = game_of(classes).critic(rows, numbers)
    torch.testing.assert_close(games[1].critic(rows, numbers), first, atol=1e-3, rtol=1e-2)
    assert steps[1] / steps[0] == pytest.approx(rate, rel=0.1)


def test_spectral_norms_bound_the_slopes_of_the_critic(classes, rng):
    critic = game_of(classes, pack=1, rate=2.0, spectral=True).critic
    numbers, rows = torch.zeros(50, dtype=torch.long), torch.randn(50, 6, generator=rng)
    for _ in range(50):
        critic(rows, numbers)
    rows.requires_grad_()
    (slopes,) = torch.autograd.grad(critic(rows, numbers).sum(), rows)
    assert slopes.norm(dim=1).max() <= 1.01


def test_a_class_of_one_in_a_hundred_is_written_when_asked_for():
    rng = np.random.default_rng(0)
    rare = rng.random(1_000) < 0.01
    frame = pd.DataFrame({"rare": rare, "number": rng.standard_normal(1_000)})
    model = GanTable(n_steps=10, **SMALL).fit(frame)
    drawn = []
    plain, model._sample = model._sample, lambda n, *rest: drawn.append(n) or plain(n, *rest)
    assert model.sample(300, given={"rare": True}, random_state=0)["rare"].all()
    assert sum(drawn) == 300


@pytest.mark.parametrize(
    "options",
    [
        {"lipschitz": "spectral", "critic_rate": 2.0},
        {"method": "mixture", "hard_codes": False},
        {"pack": 1, "critic_steps": 2, "ema_decay": None},
    ],
)
def test_every_option_learns_and_draws(options):
    model = GanTable(n_steps=6, **SMALL, **options).fit(example_table(120))
    rows = model.sample(30, given={"age": (30, 60)}, random_state=0)
    assert rows["age"].between(30, 60).all()
    assert load_again(model).sample(5, random_state=0).equals(model.sample(5, random_state=0))


def load_again(model):
    return GanTable(**model.get_params()).restore(model.state())


def test_an_interrupted_fit_reaches_the_same_bits(tmp_path):
    table, settings = (
        example_table(80)[["age", "class"]],
        {"n_steps": 250, "critic_steps": 3, **SMALL},
    )
    with pytest.raises(Stop):
        GanTable(**settings).fit(table, checkpoint=tmp_path, progress=stop_late)
    resumed = GanTable(**settings).fit(table, checkpoint=tmp_path)
    assert resumed.fingerprint() == GanTable(**settings).fit(table).fingerprint()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"pack": 0}, "pack: expected a whole number"),
        ({"penalty": 0.0}, "penalty: expected a number above 0"),
        ({"lipschitz": "clip"}, "lipschitz: expected"),
    ],
)
def test_settings_out_of_range_are_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        GanTable(**settings).fit(example_table(40))


def test_the_defaults_lie_in_the_space_that_is_searched():
    defaults = GanTable().get_params()
    outside = [
        name for name, space in search_space(GanTable).items() if defaults[name] not in space
    ]
    assert not outside
