"""Tables by a generative adversarial network: a writer of rows against a critic of them."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from scenara.shared.data.schema import Schema
from scenara.shared.errors import ConfigError
from scenara.shared.features import Coded, TableEncoder
from scenara.shared.generators.tables.base import TableGenerator
from scenara.shared.generators.tables.conditions import Conditions
from scenara.shared.generators.tables.gan_conditions import Classes, RowSampler
from scenara.shared.generators.tables.gan_network import Critic, Game, Losses, Writer
from scenara.shared.generators.tables.heads import Heads, Plan
from scenara.shared.generators.tables.margins import Margins, balancing_bias, shares_of_codes
from scenara.shared.generators.tables.network_state import (
    encoder_of,
    network_state,
    part_of,
    with_weights_of,
)
from scenara.shared.generators.tables.relabelled import label_of, learned_label
from scenara.shared.generators.tables.steering import aim_at, aimed
from scenara.shared.progress import Progress
from scenara.shared.store import State
from scenara.shared.training import (
    TrainingSettings,
    initialised,
    resolve_device,
    torch_generator,
    train,
)
from scenara.shared.tuning import Choice, Space, Uniform, Whole
from scenara.shared.types import FloatArray

__all__ = ["GanTable"]

MAX_LEVELS = 256
N_CALIBRATION = 10_000


class GanTable(TableGenerator):
    """Learn to write rows that a critic can't tell from real ones, under conditions.

    A conditional Wasserstein game: each row is written for a class of one column, drawn so that
    rare classes are seen often; the critic sees several rows of theirs at once. Codes are drawn
    from logits; numbers are normal scores, or modes and places in them. After the training the
    margins are put right: codes by a constant added to their logits, numbers by a monotone map.

    Of several conditions the one that fewest rows fulfil is aimed at, and the others by drawing
    until they hold. Of a range of numbers the eighths of the column that it touches are aimed at.

    Args:
        width: Units in each hidden layer.
        noise: Numbers of noise behind a row.
        n_steps: Training steps of the critic.
        critic_steps: Steps of the critic for each of the writer.
        learning_rate: Highest learning rate of the writer.
        critic_rate: Learning rate of the critic as a multiple of the writer's (two time-scales).
        batch_size: Rows in a step.
        pack: Rows that the critic judges together; 1 judges each alone.
        lipschitz: How the critic's slope is bounded: ``penalty`` on gradients or ``spectral``
            norms of its layers.
        penalty: Weight of the gradient penalty.
        ema_decay: Decay per step of the averaged weights of the writer, which are kept; None
            keeps the last ones.
        temperature: Softness of the codes that gradients go through.
        hard_codes: Whether the critic sees whole codes, and only gradients see soft ones; False
            shows it soft ones.
        method: How numbers are coded: ``quantile`` normal scores, or ``mixture`` for modes and
            places in them; see :class:`~scenara.shared.features.TableEncoder`.
        target: Name of a label with few classes, which is drawn again from a calibrated classifier
            unless a condition is on it; for tables that models of it are to be trained on.
        device: Where to train; rows are drawn on the CPU.
        random_state: Seed of the fit.

    Example:
        >>> ages = np.random.default_rng(0).integers(18, 90, 300)
        >>> frame = pd.DataFrame({"age": ages, "retired": ages > 65})
        >>> model = GanTable(n_steps=20, random_state=0).fit(frame)
        >>> model.sample(3, given={"retired": True}, random_state=0)["retired"].tolist()
        [True, True, True]

    References:
        Xu, Skoularidou, Cuesta-Infante and Veeramachaneni, 2019, Modeling tabular data using
        conditional GAN, https://arxiv.org/abs/1907.00503; Gulrajani et al., 2017, Improved
        training of Wasserstein GANs, https://arxiv.org/abs/1704.00028; Heusel et al., 2017, GANs
        trained by a two time-scale update rule, https://arxiv.org/abs/1706.08500; Yazici et al.,
        2019, The unusual effectiveness of averaging in GAN training,
        https://arxiv.org/abs/1806.04498; Jang, Gu and Poole, 2017, Categorical
        reparameterization with Gumbel-softmax, https://arxiv.org/abs/1611.01144.
    """

    family: ClassVar[str] = "table/gan"

    history_: pd.DataFrame

    def __init__(
        self,
        *,
        width: int = 128,
        noise: int = 64,
        n_steps: int = 4_000,
        critic_steps: int = 1,
        learning_rate: float = 2e-3,
        critic_rate: float = 4.0,
        batch_size: int = 200,
        pack: int = 2,
        lipschitz: str = "penalty",
        penalty: float = 10.0,
        ema_decay: float | None = 0.998,
        temperature: float = 1.0,
        hard_codes: bool = True,
        method: str = "quantile",
        target: str | None = None,
        device: str = "auto",
        random_state: int | None = None,
    ) -> None:
        self.width = width
        self.noise = noise
        self.n_steps = n_steps
        self.critic_steps = critic_steps
        self.learning_rate = learning_rate
        self.critic_rate = critic_rate
        self.batch_size = batch_size
        self.pack = pack
        self.lipschitz = lipschitz
        self.penalty = penalty
        self.ema_decay = ema_decay
        self.temperature = temperature
        self.hard_codes = hard_codes
        self.method = method
        self.target = target
        self.device = device
        self.random_state = random_state

    @classmethod
    def search_space(cls) -> Mapping[str, Space]:
        """Give how the settings that matter most may vary."""
        return {
            "width": Choice((64, 128, 192, 256)),
            "noise": Choice((16, 32, 64, 128)),
            "critic_steps": Whole(1, 5),
            "learning_rate": Uniform(3e-4, 4e-3, log=True),
            "critic_rate": Uniform(1.0, 8.0, log=True),
            "pack": Choice((1, 2, 4, 8)),
            "n_steps": Choice((2_000, 4_000, 8_000)),
        }

    def _fit(
        self, frame: pd.DataFrame, schema: Schema, *, progress: Progress, checkpoint: Path | None
    ) -> None:
        self._check_settings()
        encoder = TableEncoder(schema=schema, method=self.method, max_levels=MAX_LEVELS)
        self.encoder_ = encoder.fit(frame)
        self.plan_ = Plan.of(self.encoder_)
        coded = self.encoder_.code(frame)
        self.label_ = learned_label(self.plan_, coded, self.target, seed=self.random_state)
        self.classes_ = Classes.of(self.plan_, coded)
        self.network_ = initialised(self._network, random_state=self.random_state)
        self.history_ = self._train(coded, progress, checkpoint)
        self.network_.cpu().eval()
        self._balance(coded)

    def _check_settings(self) -> None:
        for name in ("width", "noise", "critic_steps", "pack"):
            value = getattr(self, name)
            if not isinstance(value, int) or value < 1:
                raise ConfigError(f"{name}: expected a whole number from 1, found {value!r}")
        for name in ("critic_rate", "temperature", "penalty"):
            if not 0 < getattr(self, name) < np.inf:
                raise ConfigError(
                    f"{name}: expected a number above 0, found {getattr(self, name)!r}"
                )
        if self.lipschitz not in ("penalty", "spectral"):
            raise ConfigError(
                f"lipschitz: expected 'penalty' or 'spectral', found {self.lipschitz!r}"
            )

    def _network(self) -> Game:
        plan, n_classes = self.plan_, len(self.classes_.shares)
        writer = Writer(
            noise=self.noise, n_classes=n_classes, n_outputs=plan.n_outputs, width=self.width
        )
        critic = Critic(
            n_inputs=plan.n_outputs,
            n_classes=n_classes,
            pack=self.pack,
            width=self.width,
            rate=self.critic_rate,
            spectral=self.lipschitz == "spectral",
        )
        return Game(
            writer,
            critic,
            Heads(plan),
            self.classes_,
            temperature=self.temperature,
            hard=self.hard_codes,
        )

    def _train(
        self, coded: Mapping[str, Coded], progress: Progress, checkpoint: Path | None
    ) -> pd.DataFrame:
        device = resolve_device(self.device)
        codes, positions = (tensor.to(device) for tensor in self.plan_.read(coded))
        losses = Losses(
            RowSampler(self.classes_, self.classes_.number(coded), device=device),
            codes,
            positions,
            penalty=self.penalty if self.lipschitz == "penalty" else 0.0,
            critic_steps=self.critic_steps,
        )
        history = train(
            self.network_,
            {"critic": losses.critic, "writer": losses.writer},
            (codes, positions),
            settings=TrainingSettings(
                n_steps=self.n_steps,
                learning_rate=self.learning_rate,
                batch_size=self.batch_size,
                weight_decay=0.0,
                clip_norm=None,
                ema_decay=self.ema_decay,
                validate_every=100,
                device=self.device,
                bfloat16=False,
            ),
            random_state=self.random_state,
            progress=progress,
            checkpoint=checkpoint,
        )
        return history.frame.drop(columns=["seconds", "validation_loss"])

    @torch.no_grad()
    def _balance(self, coded: Mapping[str, Coded]) -> None:
        """Put the margins of rows written under no condition right."""
        seed = 0 if self.random_state is None else self.random_state
        stream = torch_generator(seed)
        game = self.network_
        numbers = self._numbers(N_CALIBRATION, Conditions(), np.random.default_rng(seed))
        logits, positions = game.outputs(numbers, stream)
        shares = torch.from_numpy(shares_of_codes(self.plan_, coded)).float()
        free = (game.heads.column != game.owner[numbers][:, None]).float()
        bias = balancing_bias(logits, shares, game.heads, free=free)
        game.bias += bias
        codes = game.drawn(logits + bias, numbers, stream)
        drawn = self.plan_.write(codes.numpy(), positions.numpy())
        self.margins_ = Margins.fit(self.plan_, coded, drawn)

    def _numbers(self, n: int, given: Conditions, rng: np.random.Generator) -> Tensor:
        """Draw the class that each row is written for, (n,) among those of all columns."""
        sizes, starts = self.classes_.sizes, self.classes_.starts
        weights = self._aims(given)
        if weights:
            mass = {place: weight.sum() for place, weight in weights.items()}
            place = min(mass, key=mass.__getitem__)
            law = weights[place] / mass[place]
            return torch.from_numpy(starts[place] + rng.choice(len(law), size=n, p=law))
        columns = rng.integers(len(sizes), size=n)
        numbers = np.empty(n, dtype=np.int64)
        for place in range(len(sizes)):
            rows = np.flatnonzero(columns == place)
            law = self.classes_.shares[starts[place] : starts[place] + sizes[place]]
            numbers[rows] = starts[place] + rng.choice(len(law), size=len(rows), p=law / law.sum())
        return torch.from_numpy(numbers)

    def _aims(self, given: Conditions) -> dict[int, FloatArray]:
        """Give the shares of the classes that will do, for each column with a condition."""
        aims = {}
        for name, condition in given.items():
            if name in self.encoder_.encoders_:
                place = self.plan_.names.index(name)
                column, encoder = self.encoder_.schema_[name], self.encoder_.encoders_[name]
                good = self.classes_.reached(place, aim_at(condition, column, encoder))
                start = self.classes_.starts[place]
                weights = good * self.classes_.shares[start : start + len(good)]
                aims[place] = weights if weights.sum() else good / max(good.sum(), 1)
        return {place: weights for place, weights in aims.items() if weights.sum()}

    def _sample(self, n: int, given: Conditions, rng: np.random.Generator) -> pd.DataFrame:
        numbers = self._numbers(n, given, rng)
        stream = torch_generator(rng)
        with torch.no_grad():
            logits, positions = self.network_.outputs(numbers, stream)
            codes = self.network_.drawn(logits, numbers, stream).numpy()
        spots = positions.double().numpy()
        mapped = self.margins_.apply(self.plan_.measured_codes(codes), spots)
        if self.label_ is not None and self.target not in given:
            codes = self.label_.redraw(codes, mapped, rng)
        encoder = aimed(self.encoder_, given)
        return encoder.decode(self.plan_.write(codes, mapped), random_state=rng)

    def _state(self) -> State:
        kept = network_state(
            self.encoder_,
            self.network_,
            margins=self.margins_,
            classes=self.classes_,
            label=self.label_,
        )
        return replace(kept, frames={"history": self.history_})

    def _restore(self, state: State) -> None:
        self.encoder_ = encoder_of(state)
        self.plan_ = Plan.of(self.encoder_)
        self.classes_ = Classes.from_arrays(self.plan_, **part_of(state, "classes"))
        network = initialised(self._network, random_state=0)
        self.network_ = with_weights_of(state, network)
        self.margins_ = Margins(**part_of(state, "margins"))
        self.label_ = label_of(state)
        self.history_ = state.frames["history"]
