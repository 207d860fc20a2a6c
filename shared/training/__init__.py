"""The one training loop: schedule, weight averaging, early stopping, checkpoints, resumption."""

from scenara.shared.training.device import resolve_device
from scenara.shared.training.examples import Examples, hold_out
from scenara.shared.training.history import History
from scenara.shared.training.loop import train
from scenara.shared.training.run import Loss
from scenara.shared.training.schedule import learning_rate
from scenara.shared.training.seeds import (
    derive_seed,
    draw_seed,
    forked,
    initialised,
    torch_generator,
)
from scenara.shared.training.settings import TrainingSettings

__all__ = [
    "Examples",
    "History",
    "Loss",
    "TrainingSettings",
    "derive_seed",
    "draw_seed",
    "forked",
    "hold_out",
    "initialised",
    "learning_rate",
    "resolve_device",
    "torch_generator",
    "train",
]
