"""The knobs of a training run, checked once."""

import math
from dataclasses import dataclass

from scenara.shared.errors import ConfigError

__all__ = ["TrainingSettings"]


@dataclass(frozen=True, kw_only=True)
class TrainingSettings:
    """Say how a run of :func:`~scenara.shared.training.train` goes.

    Args:
        n_steps: Gradient steps at most; the schedule ends there.
        batch_size: Examples in a step.
        learning_rate: Peak of the schedule.
        warmup_share: Share of the steps in which the rate climbs linearly to its peak.
        final_rate_share: Rate of the last step as a share of the peak (cosine in between).
        weight_decay: Decoupled decay per unit of rate, on matrices only.
        clip_norm: Largest gradient norm of a step; None leaves gradients as they are.
        ema_decay: Decay per step of the averaged weights, which are validated and given back;
            None gives back the raw weights.
        validate_every: Steps between two rows of the history, each with a validation if there
            is validation data.
        patience: Validations in a row without a better loss before the run stops; None never
            stops early.
        checkpoint_every: Steps between two checkpoints.
        device: "auto" (CUDA where it is available, else the CPU) or a torch device.
        bfloat16: Whether to compute losses under bfloat16 autocast; None means on CUDA only,
            where it is faster.

    Raises:
        ConfigError: If a value is out of its range.

    Example:
        >>> TrainingSettings(n_steps=500, patience=None).n_steps
        500

    References:
        Loshchilov and Hutter (2019), Decoupled weight decay regularization,
        https://arxiv.org/abs/1711.05101; the same (2017), SGDR, eq. 5,
        https://arxiv.org/abs/1608.03983.
    """

    n_steps: int = 2_000
    batch_size: int = 128
    learning_rate: float = 1e-3
    warmup_share: float = 0.05
    final_rate_share: float = 0.01
    weight_decay: float = 1e-2
    clip_norm: float | None = 1.0
    ema_decay: float | None = 0.99
    validate_every: int = 50
    patience: int | None = 10
    checkpoint_every: int = 200
    device: str = "auto"
    bfloat16: bool | None = None

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        for name, (low, high, whole) in _RANGES.items():
            _check(name, getattr(self, name), low, high, whole)


# The lowest and highest value and whether it is a whole number.
_RANGES: dict[str, tuple[float, float, bool]] = {
    "n_steps": (1, math.inf, True),
    "batch_size": (1, math.inf, True),
    "learning_rate": (1e-12, math.inf, False),
    "warmup_share": (0, 1, False),
    "final_rate_share": (0, 1, False),
    "weight_decay": (0, math.inf, False),
    "clip_norm": (1e-12, math.inf, False),
    "ema_decay": (0, 1 - 1e-12, False),
    "validate_every": (1, math.inf, True),
    "patience": (1, math.inf, True),
    "checkpoint_every": (1, math.inf, True),
}
_OPTIONAL = {"clip_norm", "ema_decay", "patience"}


def _check(name: str, value: object, low: float, high: float, whole: bool) -> None:
    if value is None and name in _OPTIONAL:
        return
    kind = "a whole number" if whole else "a number"
    types = int if whole else (int, float)
    if not isinstance(value, types) or isinstance(value, bool) or not low <= value <= high:
        raise ConfigError(f"{name}: expected {kind} in [{low:g}, {high:g}], found {value!r}")
