"""What an objective is given, and how a hopeless trial is ended."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

__all__ = ["Direction", "Objective", "Pruned", "Pruner", "Trial"]

Direction: TypeAlias = Literal["maximize", "minimize"]
Pruner: TypeAlias = Literal["median", "hyperband", "none"]


class Pruned(Exception):
    """End a trial that does worse than others did at the same step."""


@dataclass(frozen=True)
class Trial:
    """Accompany one run of an objective.

    Args:
        number: Which trial this is, from 0; an interrupted one keeps its number when repeated.
        seed: Seed for what the objective draws at random.
        folder: Where the objective may keep checkpoints; an interrupted trial finds there what
            it left, and the folder is removed when the trial is over. None without a storage.
    """

    number: int
    seed: int
    folder: Path | None
    _judge: Callable[[int, float], bool] = field(repr=False)

    def report(self, step: int, value: float) -> None:
        """Tell how well the trial does so far, in the unit of the objective.

        A trial that lags behind is ended here: the call then does not return. Let what it
        raises pass.

        Args:
            step: How far the trial is, from 0, growing.
            value: What the objective would be if it ended now.
        """
        if self._judge(step, value):
            raise Pruned(f"worse than other trials at step {step}")


class Objective(Protocol):
    """Judge settings."""

    def __call__(self, settings: dict[str, Any], trial: Trial, /) -> float:
        """Give the value of the settings; it may call ``trial.report`` on the way."""
