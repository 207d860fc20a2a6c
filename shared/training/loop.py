"""The one training loop of all families."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import torch

from scenara.shared.progress import Progress, silent
from scenara.shared.training.device import resolve_device
from scenara.shared.training.examples import Examples, checked
from scenara.shared.training.history import History
from scenara.shared.training.resume import Keeper
from scenara.shared.training.run import Loss, Module, Run
from scenara.shared.training.seeds import draw_seed
from scenara.shared.training.settings import TrainingSettings
from scenara.shared.types import RandomState

__all__ = ["train"]


def train(
    module: Module,
    loss: Loss[Module] | Mapping[str, Loss[Module]],
    examples: Examples,
    *,
    validation: Examples | None = None,
    settings: TrainingSettings | None = None,
    random_state: RandomState = None,
    progress: Progress = silent,
    checkpoint: Path | None = None,
) -> History:
    """Fit a module's weights by AdamW and leave the best ones in it.

    Each step takes the next batch of an order that is drawn anew for each epoch, clips the gradient
    and follows the schedule; the moving average of the weights is validated, and its best state
    is put into the module at the end. All batches are full: no example comes twice in an epoch,
    and the examples left over at its end are left out of it (others in each epoch). The same arguments give the same bits on one machine; with
    ``checkpoint`` this also holds for a run that was killed and called again.

    Args:
        module: What to train; it is moved to the device of the settings and left there.
        loss: Gives the mean loss of a batch, a scalar; dropout inside it is repeatable, and all
            else that it draws at random comes from ``rng``. For several players, one loss per
            child module by its name: in each step, in this order, each loss moves the weights of
            its own child; the last one is the one that is validated.
        examples: Training examples ``(n, ...)``; batches reach the loss as tuples.
        validation: Validation examples, in the same form; see :func:`hold_out`. Without them the
            last weights are the best ones and nothing stops early.
        settings: How the run goes; None for :class:`TrainingSettings` as it is.
        random_state: Seed of the batch order and of the losses' draws. None takes fresh entropy,
            or continues a checkpoint with whatever seed it began with.
        progress: Told after every step.
        checkpoint: Folder for the state of the run; where there is one already, the run goes on
            from there.

    Returns:
        The history of the run.

    Raises:
        DataError: If there are no examples or their lengths differ.
        TrainingError: If a loss or a gradient is not finite.
        ConfigError: If the device is not there or the checkpoint is of another run.
        ArtifactError: If the checkpoint is damaged.

    Example:
        >>> x = torch.linspace(-1, 1, 64)[:, None]
        >>> line = torch.nn.Linear(1, 1)
        >>> def squared_error(module, batch, rng):
        ...     return (module(batch[0]) - batch[1]).square().mean()
        >>> settings = TrainingSettings(n_steps=400, learning_rate=0.05, weight_decay=0.0)
        >>> history = train(line, squared_error, (x, 3 * x), settings=settings, random_state=0)
        >>> round(line.weight.item(), 2)
        3.0
    """
    settings = settings or TrainingSettings()
    run = Run(
        module=module.to(resolve_device(settings.device)),
        losses=loss if isinstance(loss, Mapping) else {"": loss},
        examples=checked(examples, "examples"),
        validation=None if validation is None else checked(validation, "validation"),
        settings=settings,
        seed=draw_seed(random_state),
    )
    path = None if checkpoint is None else Path(checkpoint) / "training.safetensors"
    keeper = None if path is None else Keeper(run, path, seeded=random_state is not None)
    with _repeatable():
        while not run.is_over:
            run.advance()
            if keeper is not None and run.is_due:
                keeper.write()
            progress("training", run.tally.step, settings.n_steps, run.note)
    module.load_state_dict(run.best)
    return run.tally.history()


@contextmanager
def _repeatable() -> Iterator[None]:
    cudnn = torch.backends.cudnn
    if not cudnn.is_available():  # type: ignore[no-untyped-call]  # torch leaves it bare
        yield
        return
    with cudnn.flags(enabled=True, benchmark=False, deterministic=True):
        yield
