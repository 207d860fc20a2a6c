"""The state of a run and how one step changes it."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from math import inf, isfinite, nan
from typing import Generic, TypeVar

import torch
from torch import Tensor, nn

from scenara.shared.errors import TrainingError
from scenara.shared.training.device import autocast, resolve_device
from scenara.shared.training.ema import WeightAverage
from scenara.shared.training.history import Tally
from scenara.shared.training.schedule import learning_rate
from scenara.shared.training.seeds import derive_seed, forked
from scenara.shared.training.settings import TrainingSettings

__all__ = ["Loss", "Module", "Run"]

Module = TypeVar("Module", bound=nn.Module)
Loss = Callable[[Module, tuple[Tensor, ...], torch.Generator], Tensor]
"""Give the mean loss of a batch: ``loss(module, batch, rng)``."""

_ORDER, _STEP, _VALIDATION = range(3)


@dataclass
class Player(Generic[Module]):
    loss: Loss[Module]
    parameters: list[nn.Parameter]
    optimiser: torch.optim.Optimizer


class Run(Generic[Module]):
    """The state of a run between two steps."""

    def __init__(
        self,
        *,
        module: Module,
        losses: Mapping[str, Loss[Module]],
        examples: tuple[Tensor, ...],
        validation: tuple[Tensor, ...] | None,
        settings: TrainingSettings,
        seed: int,
    ) -> None:
        self.module = module
        self.players = {name: _player(module, name, losses[name], settings) for name in losses}
        self.examples = examples
        self.validation = validation
        self.settings = settings
        self.seed = seed
        self.device = resolve_device(settings.device)
        self.average = WeightAverage(module, decay=settings.ema_decay)
        self.best = _copied(self.average.module)
        self.tally = Tally()

    @property
    def is_over(self) -> bool:
        """Tell whether no step is left to take."""
        return self.tally.stopped_early or self.tally.step >= self.settings.n_steps

    @property
    def is_due(self) -> bool:
        """Tell whether this is a moment to write a checkpoint."""
        return self.is_over or self.tally.step % self.settings.checkpoint_every == 0

    @property
    def note(self) -> str:
        """Say in a few words how it goes."""
        stop = ", stopped early" if self.tally.stopped_early else ""
        return f"loss {self.tally.last_loss:.4g}, best {self.tally.best_loss:.4g}{stop}"

    def advance(self) -> None:
        """Take one step, and close a row of the history where one is due."""
        started = time.monotonic()
        step, settings = self.tally.step, self.settings
        rate = learning_rate(step, settings=settings)
        batch = self._batch(step)
        self.module.train()
        with self._randomness(_STEP, step) as rng:
            losses = [self._update(player, batch, rng, rate) for player in self.players.values()]
        self.tally.count(losses[-1])
        self.average.update(self.module, step=step + 1)
        self.tally.seconds += time.monotonic() - started
        if self.tally.step % settings.validate_every == 0 or self.tally.step == settings.n_steps:
            self._close_row(rate)

    def _batch(self, step: int) -> tuple[Tensor, ...]:
        n_examples = len(self.examples[0])
        size = min(self.settings.batch_size, n_examples)
        epoch, place = divmod(step, n_examples // size)
        order = _order(n_examples, derive_seed(self.seed, _ORDER, epoch))
        return self._gather(self.examples, order[place * size : (place + 1) * size])

    def _gather(self, tensors: tuple[Tensor, ...], rows: Tensor) -> tuple[Tensor, ...]:
        return tuple(tensor[rows.to(tensor.device)].to(self.device) for tensor in tensors)

    @contextmanager
    def _randomness(self, stream: int, step: int) -> Iterator[torch.Generator]:
        seed = derive_seed(self.seed, stream, step)
        with forked(seed, device=self.device):
            yield torch.Generator(self.device).manual_seed(seed + 1)

    def _update(
        self, player: Player[Module], batch: tuple[Tensor, ...], rng: torch.Generator, rate: float
    ) -> float:
        self.module.zero_grad(set_to_none=True)
        with autocast(self.device, bfloat16=self.settings.bfloat16):
            loss = player.loss(self.module, batch, rng)
        self._guard("loss", loss.item())
        loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(player.parameters, self.settings.clip_norm or inf)
        self._guard("gradient norm", norm.item())
        for group in player.optimiser.param_groups:
            group["lr"] = rate
        player.optimiser.step()
        return loss.item()

    def _guard(self, what: str, value: float) -> None:
        if isfinite(value):
            return
        step, settings = self.tally.step, self.settings
        raise TrainingError(
            f"training: the {what} became {value} in step {step + 1} of {settings.n_steps}; the last "
            f"good loss was {self.tally.last_loss:.6g}; look for extreme values in the data, or try "
            f"a smaller learning_rate (it is {settings.learning_rate:g}) or clip_norm "
            f"(it is {settings.clip_norm})"
        )

    def _close_row(self, rate: float) -> None:
        started = time.monotonic()
        loss = nan if self.validation is None else self._validate(self.validation)
        self.tally.seconds += time.monotonic() - started
        if self.tally.record(loss, rate=rate):
            self.best = _copied(self.average.module)
        patience = self.settings.patience
        self.tally.stopped_early = (
            patience is not None
            and self.tally.stale >= patience
            and self.tally.step < self.settings.n_steps
        )

    @torch.no_grad()
    def _validate(self, tensors: tuple[Tensor, ...]) -> float:
        *_, judge = self.players.values()
        total, size, n_examples = 0.0, self.settings.batch_size, len(tensors[0])
        with self._randomness(_VALIDATION, 0) as rng:
            for first in range(0, n_examples, size):
                batch = self._gather(tensors, torch.arange(first, min(first + size, n_examples)))
                with autocast(self.device, bfloat16=self.settings.bfloat16):
                    loss = judge.loss(self.average.module, batch, rng).item()
                total += loss * len(batch[0])
        self._guard("validation loss", total)
        return total / n_examples


def _copied(module: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.detach().clone() for name, tensor in module.state_dict().items()}


@lru_cache(maxsize=2)
def _order(n_examples: int, seed: int) -> Tensor:
    return torch.randperm(n_examples, generator=torch.Generator().manual_seed(seed))


def _player(
    module: Module, name: str, loss: Loss[Module], settings: TrainingSettings
) -> Player[Module]:
    parameters = [p for p in module.get_submodule(name).parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in parameters if p.ndim >= 2], "weight_decay": settings.weight_decay},
        {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
    ]
    optimiser = torch.optim.AdamW(groups, lr=settings.learning_rate, fused=True)
    return Player(loss, parameters, optimiser)
