"""What a training run leaves behind beside the weights."""

import math
from dataclasses import dataclass, field

import pandas as pd

__all__ = ["History", "Tally"]

_COLUMNS = ["step", "train_loss", "validation_loss", "learning_rate", "seconds"]


@dataclass(frozen=True)
class History:
    """Tell how a run went.

    Args:
        frame: One row every ``validate_every`` steps and one at the end: ``step``,
            ``train_loss`` (mean since the row before), ``validation_loss`` (of the averaged
            weights; missing without validation data), ``learning_rate``, ``seconds`` of work so
            far (a pause between interruption and resumption is not counted).
        best_step: The step whose weights were kept.
        best_loss: Its validation loss; without validation data, the last training loss.
        stopped_early: Whether the run ended before its last step for lack of improvement.
    """

    frame: pd.DataFrame
    best_step: int
    best_loss: float
    stopped_early: bool


@dataclass
class Tally:
    """Count what a run has done so far, in values that JSON keeps exactly.

    Args:
        step: Steps done.
        rows: Rows of the history.
        loss_sum: Sum of the losses since the last row.
        loss_count: Number of losses in it.
        last_loss: Loss of the last step.
        best_loss: Best validation loss so far.
        best_step: Its step; 0 before the first validation.
        stale: Validations since the best one.
        seconds: Seconds of work.
        stopped_early: Whether patience has run out.
    """

    step: int = 0
    rows: list[list[float]] = field(default_factory=list)
    loss_sum: float = 0.0
    loss_count: int = 0
    last_loss: float = math.nan
    best_loss: float = math.inf
    best_step: int = 0
    stale: int = 0
    seconds: float = 0.0
    stopped_early: bool = False

    def count(self, loss: float) -> None:
        """Add the loss of one step.

        Args:
            loss: The loss.
        """
        self.step += 1
        self.last_loss = loss
        self.loss_sum += loss
        self.loss_count += 1

    def record(self, validation_loss: float, *, rate: float) -> bool:
        """Close a row of the history.

        Args:
            validation_loss: Loss on the validation data; nan without any.
            rate: Learning rate of the last step.

        Returns:
            Whether the weights of this step are the best so far; without validation data the
            last ones always are.
        """
        train_loss = self.loss_sum / self.loss_count
        self.rows.append([self.step, train_loss, validation_loss, rate, self.seconds])
        self.loss_sum, self.loss_count = 0.0, 0
        if validation_loss >= self.best_loss:
            self.stale += 1
            return False
        self.best_loss = train_loss if math.isnan(validation_loss) else validation_loss
        self.best_step, self.stale = self.step, 0
        return True

    def history(self) -> History:
        """Give the finished history.

        Returns:
            The history, with one row per closed row.
        """
        frame = pd.DataFrame(self.rows, columns=_COLUMNS).astype(float).astype({"step": "int64"})
        return History(frame, self.best_step, self.best_loss, self.stopped_early)
