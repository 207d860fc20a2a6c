import math

import pytest
import torch
from torch import nn

from scenara.shared.errors import ConfigError
from scenara.shared.training import (
    TrainingSettings,
    derive_seed,
    draw_seed,
    initialised,
    learning_rate,
    resolve_device,
    torch_generator,
)
from scenara.shared.training.device import autocast
from scenara.shared.training.ema import WeightAverage, average_decay


@pytest.mark.parametrize(
    ("step", "rate"),
    [
        (0, 0.1),
        (4, 0.5),
        (9, 1.0),  # ten of a hundred steps warm up
        (10, 1.0),
        (10 + 89 / 2, 0.55),
        (99, 0.1),
    ],
)
def test_the_schedule_warms_up_linearly_and_falls_by_a_cosine(step, rate):
    settings = TrainingSettings(
        n_steps=100, learning_rate=1.0, warmup_share=0.1, final_rate_share=0.1
    )
    assert learning_rate(step, settings=settings) == pytest.approx(rate)


def test_a_run_of_one_step_has_the_full_rate():
    settings = TrainingSettings(n_steps=1, learning_rate=0.3)
    assert learning_rate(0, settings=settings) == 0.3


def test_the_average_of_weights_follows_its_formula():
    module = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(module.weight)
    average, expected = WeightAverage(module, decay=0.5), 0.0
    for step, value in enumerate([4.0, -2.0, 7.0, 1.0], start=1):
        nn.init.constant_(module.weight, value)
        average.update(module, step=step)
        decay = min(0.5, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * value
    assert average.module.weight.item() == pytest.approx(expected, rel=1e-6)


def test_without_decay_the_average_is_the_weights():
    module = nn.Linear(2, 2)
    average = WeightAverage(module, decay=None)
    nn.init.constant_(module.weight, 3.0)
    average.update(module, step=1)
    assert torch.equal(average.module.weight, module.weight)


def test_buffers_are_copied_not_averaged():
    module = nn.BatchNorm1d(2)
    average = WeightAverage(module, decay=0.9)
    module.running_mean.fill_(5.0)
    average.update(module, step=1)
    assert torch.equal(average.module.running_mean, torch.full((2,), 5.0))


def test_the_decay_grows_to_its_long_run_value():
    decays = [average_decay(step, decay=0.99) for step in range(1, 2000)]
    assert decays == sorted(decays)
    assert decays[0] == pytest.approx(2 / 11)
    assert decays[-1] == 0.99


@pytest.mark.parametrize("name", ["tpu", "cuda:99", "cpu:x", "meta", ""])
def test_a_device_that_is_not_there_is_refused(name):
    with pytest.raises(ConfigError, match="device"):
        resolve_device(name)


def test_auto_takes_what_is_there():
    expected = "cuda" if torch.cuda.is_available() else "cpu"
    assert resolve_device("auto").type == expected


def test_autocast_is_off_on_a_cpu_unless_asked():
    with autocast(torch.device("cpu")):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.float32


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n_steps", 0),
        ("n_steps", 1.5),
        ("n_steps", None),
        ("batch_size", -1),
        ("learning_rate", 0.0),
        ("learning_rate", math.nan),
        ("warmup_share", 1.1),
        ("ema_decay", 1.0),
        ("clip_norm", 0),
        ("patience", True),
    ],
)
def test_a_setting_out_of_range_is_refused(name, value):
    with pytest.raises(ConfigError, match=name):
        TrainingSettings(**{name: value})


def test_first_weights_depend_on_the_seed_alone():
    torch.rand(3)
    first = initialised(lambda: nn.Linear(4, 4), random_state=5)
    torch.rand(3)
    again = initialised(lambda: nn.Linear(4, 4), random_state=5)
    other = initialised(lambda: nn.Linear(4, 4), random_state=6)
    assert torch.equal(first.weight, again.weight)
    assert not torch.equal(first.weight, other.weight)


def test_derived_seeds_differ():
    seeds = {derive_seed(1, stream, step) for stream in range(3) for step in range(1000)}
    assert len(seeds) == 3000


@pytest.mark.parametrize("random_state", [-1, "seed", 0.5])
def test_what_is_no_seed_is_refused(random_state):
    with pytest.raises(ConfigError, match="random_state"):
        draw_seed(random_state)


def test_a_generator_of_torch_repeats():
    first = torch.rand(5, generator=torch_generator(2))
    assert torch.equal(first, torch.rand(5, generator=torch_generator(2)))
