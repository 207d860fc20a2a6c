import numpy as np
import pytest
import torch
from torch import nn

from scenara.shared.errors import ConfigError, DataError, TrainingError
from scenara.shared.training import TrainingSettings, hold_out, initialised, train


def squared_error(module, batch, rng):
    return (module(batch[0])[:, 0] - batch[1]).square().mean()


def noisy_error(module, batch, rng):
    noise = torch.randn(batch[0].shape, generator=rng)
    return squared_error(module, (batch[0] + 0.1 * noise, batch[1]), rng)


def network(random_state=0, *, dropout=0.2):
    def factory():
        return nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Dropout(dropout), nn.Linear(8, 1))

    return initialised(factory, random_state=random_state)


@pytest.fixture
def examples():
    rng = torch.Generator().manual_seed(7)
    x = torch.randn(200, 3, generator=rng)
    y = x @ torch.tensor([1.0, -2.0, 0.5]) + 0.1 * torch.randn(200, generator=rng)
    return x, y


def test_linear_regression_recovers_the_closed_form(examples):
    x, y = examples
    line = initialised(lambda: nn.Linear(3, 1), random_state=1)
    settings = TrainingSettings(n_steps=1500, batch_size=200, learning_rate=0.05, weight_decay=0.0)
    train(line, squared_error, examples, settings=settings, random_state=0)
    design = np.column_stack([x.numpy(), np.ones(len(x))]).astype(float)
    solution, *_ = np.linalg.lstsq(design, y.numpy().astype(float), rcond=None)
    found = np.append(line.weight.detach().numpy()[0], line.bias.item())
    np.testing.assert_allclose(found, solution, atol=1e-4)


@pytest.mark.parametrize("loss", [squared_error, noisy_error])
def test_the_same_arguments_give_the_same_bits(loss, examples):
    def weights():
        module = network()
        settings = TrainingSettings(n_steps=40, batch_size=32)
        train(module, loss, examples, settings=settings, random_state=3)
        return torch.cat([p.flatten() for p in module.parameters()])

    assert torch.equal(weights(), weights())


def test_another_seed_gives_other_weights(examples):
    def weights(seed):
        module = network()
        settings = TrainingSettings(n_steps=40, batch_size=32)
        train(module, squared_error, examples, settings=settings, random_state=seed)
        return module[0].weight

    assert not torch.equal(weights(1), weights(2))


def test_the_global_stream_of_random_numbers_stays_where_it_was(examples):
    before = torch.random.get_rng_state()
    train(network(), noisy_error, examples, settings=TrainingSettings(n_steps=5), random_state=0)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_every_example_is_drawn_once_an_epoch():
    seen = []

    def loss(module, batch, rng):
        seen.append(batch[1])
        return squared_error(module, batch, rng)

    data = (torch.zeros(20, 3), torch.arange(20.0))
    settings = TrainingSettings(n_steps=8, batch_size=5)
    train(network(), loss, data, settings=settings, random_state=0)
    first, second = torch.cat(seen[:4]), torch.cat(seen[4:])
    assert torch.equal(first.sort().values, torch.arange(20.0))
    assert torch.equal(second.sort().values, torch.arange(20.0))
    assert not torch.equal(first, second)


def test_what_is_left_over_at_the_end_of_an_epoch_is_left_out_of_it():
    seen = []

    def loss(module, batch, rng):
        seen.append(batch[1])
        return squared_error(module, batch, rng)

    data = (torch.zeros(23, 3), torch.arange(23.0))
    settings = TrainingSettings(n_steps=8, batch_size=5)
    train(network(), loss, data, settings=settings, random_state=0)
    first, second = torch.cat(seen[:4]).unique(), torch.cat(seen[4:]).unique()
    assert len(first) == len(second) == 20
    assert not torch.equal(first, second)


def test_early_stopping_ends_the_run_and_restores_the_best_weights(examples):
    kept, held = (tuple(part) for part in hold_out(examples, share=0.2, random_state=0))
    adrift = (held[0], -held[1])  # what is learned makes this validation worse
    line = initialised(lambda: nn.Linear(3, 1), random_state=1)
    settings = TrainingSettings(n_steps=1000, validate_every=10, patience=3, ema_decay=None)
    history = train(line, squared_error, kept, validation=adrift, settings=settings, random_state=0)
    assert history.stopped_early
    assert history.frame["step"].iloc[-1] == history.best_step + 30
    assert squared_error(line, adrift, None).item() == pytest.approx(history.best_loss, rel=1e-6)
    assert history.best_loss == history.frame["validation_loss"].min()


def test_a_run_without_validation_data_takes_all_its_steps(examples):
    settings = TrainingSettings(n_steps=120, validate_every=50, patience=1)
    history = train(network(), squared_error, examples, settings=settings, random_state=0)
    assert history.frame["step"].tolist() == [50, 100, 120]
    assert history.best_step == 120
    assert history.frame["validation_loss"].isna().all()


def test_the_history_gives_the_mean_loss_between_its_rows(examples):
    losses = []

    def loss(module, batch, rng):
        value = squared_error(module, batch, rng)
        losses.append(value.item())
        return value

    settings = TrainingSettings(n_steps=20, validate_every=10)
    history = train(network(), loss, examples, settings=settings, random_state=0)
    expected = [np.mean(losses[:10]), np.mean(losses[10:])]
    np.testing.assert_allclose(history.frame["train_loss"], expected)


def test_progress_counts_every_step(examples):
    calls = []
    train(
        network(),
        squared_error,
        examples,
        settings=TrainingSettings(n_steps=3),
        progress=lambda stage, done, total, note="": calls.append((stage, done, total)),
    )
    assert calls == [("training", done, 3) for done in (1, 2, 3)]


def test_a_loss_that_is_not_a_number_stops_the_run_and_says_where():
    x = torch.ones(64, 3)
    x[40:] = float("nan")
    settings = TrainingSettings(n_steps=50, batch_size=1)
    with pytest.raises(TrainingError, match=r"loss became nan in step \d+ of 50; the last good"):
        train(network(), squared_error, (x, torch.ones(64)), settings=settings, random_state=0)


def test_a_gradient_that_is_not_finite_stops_the_run(examples):
    def loss(module, batch, rng):
        return module[0].weight.sum().mul(0).sqrt()  # the loss is 0, its derivative infinite

    with pytest.raises(TrainingError, match="gradient norm became nan in step 1"):
        train(network(), loss, examples, settings=TrainingSettings(n_steps=5), random_state=0)


def test_a_step_moves_no_further_than_the_clipped_gradient_allows(examples):
    moved = []

    def loss(module, batch, rng):
        moved.append(module[0].weight.detach().clone())
        return 1e6 * squared_error(module, batch, rng)

    settings = TrainingSettings(n_steps=3, clip_norm=1e-3, warmup_share=0.0, weight_decay=0.0)
    train(network(), loss, examples, settings=settings, random_state=0)
    assert (moved[1] - moved[0]).abs().max() <= 1.01e-3  # Adam's step is at most the rate


def test_bfloat16_computes_losses_in_bfloat16_when_asked(examples):
    seen = []

    def loss(module, batch, rng):
        seen.append(module(batch[0]).dtype)
        return squared_error(module, batch, rng)

    settings = TrainingSettings(n_steps=2, bfloat16=True, device="cpu")
    train(network(), loss, examples, settings=settings, random_state=0)
    assert set(seen) == {torch.bfloat16}


def test_each_player_moves_its_own_child_only(examples):
    pair = nn.ModuleDict({"first": network(0), "second": network(1)})
    second = pair["second"][0].weight.detach().clone()

    def both(module, batch, rng):
        return squared_error(module["first"], batch, rng) + squared_error(
            module["second"], batch, rng
        )

    train(pair, {"first": both}, examples, settings=TrainingSettings(n_steps=5), random_state=0)
    assert torch.equal(pair["second"][0].weight, second)
    assert not torch.equal(pair["first"][0].weight, network(0)[0].weight)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (torch.zeros(0, 3), "found none"),
        ((torch.zeros(4, 3), torch.zeros(5)), r"found lengths \[4, 5\]"),
    ],
)
def test_examples_that_do_not_fit_are_refused(data, message):
    with pytest.raises(DataError, match=message):
        train(network(), squared_error, data, random_state=0)


@pytest.mark.parametrize("share", [0.0, 1.0, -1.0])
def test_a_share_that_holds_out_nothing_or_all_is_refused(share, examples):
    with pytest.raises(ConfigError, match="share"):
        hold_out(examples, share=share, random_state=0)


def test_held_out_examples_are_a_partition(examples):
    (kept, _), (held, _) = hold_out(examples, share=0.25, random_state=0)
    rows = torch.cat([kept, held])
    assert len(held) == 50
    assert torch.equal(rows.sort(dim=0).values, examples[0].sort(dim=0).values)
