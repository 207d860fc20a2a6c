"""The learning rate as a pure function of the step, so that a resumed run needs no state."""

import math

from scenara.shared.training.settings import TrainingSettings

__all__ = ["learning_rate"]


def learning_rate(step: int, *, settings: TrainingSettings) -> float:
    """Give the learning rate of a step: linear warm-up, then a cosine.

    Args:
        step: Number of the step, from 0 to ``settings.n_steps - 1``.
        settings: The run's settings.

    Returns:
        The rate: ``learning_rate`` at the end of the warm-up, ``final_rate_share`` of it in the
        last step.

    Example:
        >>> settings = TrainingSettings(n_steps=101, learning_rate=1.0, warmup_share=0.0)
        >>> [round(learning_rate(step, settings=settings), 3) for step in (0, 50, 100)]
        [1.0, 0.505, 0.01]

    References:
        Loshchilov and Hutter (2017), SGDR, eq. 5, https://arxiv.org/abs/1608.03983.
    """
    warmup = round(settings.warmup_share * settings.n_steps)
    if step < warmup:
        return settings.learning_rate * (step + 1) / warmup
    done = (step - warmup) / max(1, settings.n_steps - 1 - warmup)
    cosine = 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))
    floor = settings.final_rate_share
    return settings.learning_rate * (floor + (1 - floor) * cosine)
