"""Tables by a variational autoencoder: a small latent space behind the rows that one can look at."""

import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from scenara.shared.data.schema import Schema
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.features import Coded, TableEncoder
from scenara.shared.generators.tables.base import TableGenerator
from scenara.shared.generators.tables.conditions import Conditions
from scenara.shared.generators.tables.heads import Heads, Plan
from scenara.shared.generators.tables.margins import Margins, balancing_bias, shares_of_codes
from scenara.shared.generators.tables.network_state import (
    encoder_of,
    network_state,
    part_of,
    with_weights_of,
)
from scenara.shared.generators.tables.relabelled import CodedLabel, label_of, learned_label
from scenara.shared.generators.tables.steering import Aim, aim_at, aimed
from scenara.shared.generators.tables.vae_network import Asked, RowVae, bound_loss, divergence
from scenara.shared.generators.tables.vae_prior import LatentLaw, fit_latents
from scenara.shared.progress import Progress
from scenara.shared.store import State
from scenara.shared.training import (
    TrainingSettings,
    hold_out,
    initialised,
    torch_generator,
    train,
)
from scenara.shared.tuning import Choice, Space, Uniform, Whole
from scenara.shared.types import FloatArray, RandomState

__all__ = ["VaeTable"]

MAX_LEVELS = 256
N_CALIBRATION = 10_000
N_CANDIDATES = 20_000
ACTIVE = 0.01


class VaeTable(TableGenerator):
    """Learn a latent point behind each row, and the law of rows given the point.

    Numbers enter as normal scores with spikes of their own, categories as codes; the scales of
    the scores are learned. After the training a mixture of normal laws is fitted to the latent
    points of the rows and drawn from in place of the standard normal law, and the margins are
    put right: codes by a constant added to their logits, scores by a monotone map of each.
    Conditions choose among latent points by how likely they make what is asked.

    Args:
        latent: Numbers of the latent point.
        width: Units in each hidden layer.
        n_steps: Training steps at most.
        learning_rate: Highest learning rate.
        batch_size: Rows in a step.
        beta: Weight of the divergence from the prior; above 1 the latent space is smoother and
            the rows less faithful.
        warmup_share: Share of the steps in which that weight rises from 0.
        free_bits: Nats of each latent number that are not punished.
        prior: What latent points are drawn from: ``mixture`` or ``normal``.
        method: How numbers are coded, see :class:`~scenara.shared.features.TableEncoder`.
        target: Name of a label with few classes, which is drawn again from a calibrated classifier
            unless a condition is on it; for tables that models of it are to be trained on.
        device: Where to train; rows are drawn on the CPU.
        random_state: Seed of the fit.

    Example:
        >>> ages = np.random.default_rng(0).integers(18, 90, 300)
        >>> frame = pd.DataFrame({"age": ages, "retired": ages > 65})
        >>> model = VaeTable(n_steps=50, random_state=0).fit(frame)
        >>> model.sample(3, given={"retired": True}, random_state=0).shape
        (3, 2)
        >>> model.decode(model.encode(frame)).shape
        (300, 2)

    References:
        Xu, Skoularidou, Cuesta-Infante and Veeramachaneni, 2019, Modeling tabular data using
        conditional GAN, https://arxiv.org/abs/1907.00503, section 4.5 (TVAE); Ghosh, Sajjadi,
        Vergari, Black and Schoelkopf, 2020, From variational to deterministic autoencoders,
        https://arxiv.org/abs/1903.12436, section 4 (a density fitted after the training); Burda,
        Grosse and Salakhutdinov, 2016, Importance weighted autoencoders,
        https://arxiv.org/abs/1509.00519, section 5.2 (latent numbers in use).
    """

    family: ClassVar[str] = "table/vae"

    usage_: pd.DataFrame
    """For each latent number: nats it carries (``divergence``), the variance of its mean over
    the rows (``spread``), and whether it is in use (``active``)."""
    history_: pd.DataFrame

    def __init__(
        self,
        *,
        latent: int = 24,
        width: int = 192,
        n_steps: int = 2_500,
        learning_rate: float = 2e-3,
        batch_size: int = 256,
        beta: float = 0.5,
        warmup_share: float = 0.2,
        free_bits: float = 0.0,
        prior: str = "mixture",
        method: str = "quantile",
        target: str | None = None,
        device: str = "auto",
        random_state: int | None = None,
    ) -> None:
        self.latent = latent
        self.width = width
        self.n_steps = n_steps
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.beta = beta
        self.warmup_share = warmup_share
        self.free_bits = free_bits
        self.prior = prior
        self.method = method
        self.target = target
        self.device = device
        self.random_state = random_state

    @classmethod
    def search_space(cls) -> Mapping[str, Space]:
        """Give how the settings that matter most may vary."""
        return {
            "latent": Whole(8, 48, log=True),
            "width": Choice((64, 128, 192, 256, 384)),
            "beta": Uniform(0.1, 1.0, log=True),
            "learning_rate": Uniform(5e-4, 5e-3, log=True),
            "n_steps": Choice((1_000, 2_500, 5_000)),
        }

    def encode(self, data: pd.DataFrame) -> FloatArray:
        """Give the latent point of each row: the mean of its latent law.

        Args:
            data: Rows with the columns learned from, (rows, columns).

        Returns:
            Latent points, (rows, latent); near standard normal along numbers in use.

        Raises:
            NotFittedError: Before ``fit``.
            DataError: The columns are not those learned from, or a cell can't be coded.
        """
        self._check_fitted()
        core = self._outline.known_columns(data)
        if self._outline.core is None:
            return np.zeros((len(data), self.latent))
        with torch.no_grad():
            mean, _ = self.network_.read(*self.plan_.read(self.encoder_.code(core)))
        points: FloatArray = mean.double().numpy()
        return points

    def decode(self, latent: FloatArray, *, random_state: RandomState = None) -> pd.DataFrame:
        """Give the likeliest row at each latent point.

        Args:
            latent: Latent points, (rows, latent).
            random_state: Seed of what the latent point says nothing of: rare levels, contents of
                identifiers.

        Returns:
            The rows, (rows, columns learned): each column's likeliest code and the middle of its
            law.

        Raises:
            NotFittedError: Before ``fit``.
            DataError: The points have another number of axes.
        """
        self._check_fitted()
        points = np.asarray(latent, dtype=np.float32)
        if points.ndim != 2 or points.shape[1] != self.latent or not np.isfinite(points).all():
            raise DataError(
                f"latent: expected finite numbers of shape (rows, {self.latent}), found shape "
                f"{points.shape}"
            )
        if self._outline.core is None:
            return pd.DataFrame(index=range(len(points)))
        with torch.no_grad():
            logits, means = self.network_.write(torch.from_numpy(points.copy()))
            codes = self.network_.heads.codes(logits)
        return self._frame(codes, means, self.encoder_, np.random.default_rng(random_state))

    def _fit(
        self, frame: pd.DataFrame, schema: Schema, *, progress: Progress, checkpoint: Path | None
    ) -> None:
        self._check_settings()
        self._core_schema = schema
        encoder = TableEncoder(schema=schema, method=self.method, max_levels=MAX_LEVELS)
        self.encoder_ = encoder.fit(frame)
        self.plan_ = Plan.of(self.encoder_)
        coded = self.encoder_.code(frame)
        self.label_ = learned_label(self.plan_, coded, self.target, seed=self.random_state)
        examples = self.plan_.read(coded)
        self.network_ = initialised(self._network, random_state=self.random_state)
        self.history_ = self._train(examples, progress, checkpoint)
        self.network_.cpu().eval()
        rng = torch_generator(self._calibration_seed())
        points = self._look(examples, rng)
        self.latents_ = fit_latents(points, self.usage_["active"].to_numpy(), kind=self.prior)
        self._balance(coded, rng)

    def _check_settings(self) -> None:
        for name in ("latent", "width"):
            value = getattr(self, name)
            if not isinstance(value, int) or value < 1:
                raise ConfigError(f"{name}: expected a whole number from 1, found {value!r}")
        for name in ("beta", "warmup_share", "free_bits"):
            if not 0 <= getattr(self, name) < np.inf:
                raise ConfigError(
                    f"{name}: expected a number from 0, found {getattr(self, name)!r}"
                )
        if self.prior not in ("mixture", "normal"):
            raise ConfigError(f"prior: expected 'mixture' or 'normal', found {self.prior!r}")

    def _network(self) -> RowVae:
        n_measured = len(self.plan_.measured)
        heads = Heads(self.plan_)
        return RowVae(heads, n_measured=n_measured, latent=self.latent, width=self.width)

    def _train(
        self, examples: tuple[Tensor, Tensor], progress: Progress, checkpoint: Path | None
    ) -> pd.DataFrame:
        kept, held = hold_out(examples, random_state=self._calibration_seed())
        loss = bound_loss(
            beta=self.beta,
            warmup_steps=round(self.warmup_share * self.n_steps),
            free_bits=self.free_bits,
        )
        history = train(
            self.network_,
            loss,
            kept,
            validation=held,
            settings=TrainingSettings(
                n_steps=self.n_steps,
                learning_rate=self.learning_rate,
                batch_size=self.batch_size,
                weight_decay=1e-4,
                validate_every=100,
                device=self.device,
                bfloat16=False,
            ),
            random_state=self.random_state,
            progress=progress,
            checkpoint=checkpoint,
        )
        return history.frame.drop(columns="seconds")

    def _calibration_seed(self) -> int:
        """Give the seed of what follows the training; the same in a resumed fit."""
        return 0 if self.random_state is None else self.random_state

    @torch.no_grad()
    def _look(self, examples: tuple[Tensor, ...], rng: torch.Generator) -> FloatArray:
        """Draw latent points of rows, and note what each latent number is used for."""
        mean, log_variance = self.network_.read(*examples)
        carried, spread = divergence(mean, log_variance).mean(0), mean.var(0)
        active = spread > ACTIVE
        self.usage_ = pd.DataFrame(
            {"divergence": carried.numpy(), "spread": spread.numpy(), "active": active.numpy()}
        )
        if not active.any():
            warnings.warn(
                "table/vae: no latent number is in use, so columns are drawn as if they were "
                "independent (posterior collapse); try a smaller beta, a longer warmup_share or "
                "more n_steps",
                stacklevel=4,
            )
        noise = torch.randn(mean.shape, generator=rng)
        points: FloatArray = (mean + noise * (log_variance / 2).exp()).double().numpy()
        return points

    @torch.no_grad()
    def _balance(self, coded: Mapping[str, Coded], rng: torch.Generator) -> None:
        """Put the margins of what is drawn right."""
        draws = np.random.default_rng(self._calibration_seed())
        latent = torch.from_numpy(self.latents_.draw(N_CALIBRATION, draws)).float()
        logits, _ = self.network_.write(latent)
        shares = torch.from_numpy(shares_of_codes(self.plan_, coded)).float()
        self.network_.bias.copy_(balancing_bias(logits, shares, self.network_.heads))
        codes, positions = self.network_.draw(latent, rng)
        drawn = self.plan_.write(codes.numpy(), positions.numpy())
        self.margins_ = Margins.fit(self.plan_, coded, drawn)

    def _sample(self, n: int, given: Conditions, rng: np.random.Generator) -> pd.DataFrame:
        asked = self._asked(given)
        stream = torch_generator(rng)
        with torch.no_grad():
            latent = self._points(n, asked, rng)
            codes, positions = self.network_.draw(latent, stream, asked=asked)
        label = None if self.target in given else self.label_
        return self._frame(codes, positions, aimed(self.encoder_, given), rng, label=label)

    def _points(self, n: int, asked: Asked | None, rng: np.random.Generator) -> Tensor:
        """Draw latent points, under conditions by their chances of doing what is asked."""
        if asked is None:
            return torch.from_numpy(self.latents_.draw(n, rng)).float()
        candidates = torch.from_numpy(self.latents_.draw(max(n, N_CANDIDATES), rng)).float()
        chances = self.network_.log_chance(candidates, asked).double()
        weights = torch.softmax(chances, 0).numpy()
        return candidates[rng.choice(len(candidates), size=n, p=weights / weights.sum())]

    def _asked(self, given: Conditions) -> Asked | None:
        aims = {
            name: aim_at(condition, self._core_schema[name], self.encoder_.encoders_[name])
            for name, condition in given.items()
            if name in self.encoder_.encoders_
        }
        if not aims:
            return None
        plan = self.plan_
        codes = np.ones(plan.n_hot, dtype=bool)
        low, high = np.full((2, len(plan.measured)), [[-np.inf], [np.inf]])
        for name, aim in aims.items():
            place = plan.names.index(name)
            if place in plan.coded:
                start = plan.starts[place]
                codes[start : start + plan.n_codes[place]] = aim.codes
            if place in plan.measured:
                spot = plan.measured.index(place)
                low[spot], high[spot] = self._hull(spot, aim)
        return Asked(torch.from_numpy(codes), _single(low), _single(high))

    def _hull(self, spot: int, aim: Aim) -> tuple[float, float]:
        """Give the least and greatest position, as drawn, at which a code will do."""
        ends = [
            self.margins_.undo(spot, code, np.array([aim.low[code], aim.high[code]]))
            for code in np.flatnonzero(aim.codes[: len(aim.low)]).tolist()
        ]
        return (min(end[0] for end in ends), max(end[1] for end in ends)) if ends else (0.0, 0.0)

    def _frame(
        self,
        codes: Tensor,
        positions: Tensor,
        encoder: TableEncoder,
        rng: np.random.Generator,
        *,
        label: CodedLabel | None = None,
    ) -> pd.DataFrame:
        found, spots = codes.numpy(), positions.double().numpy()
        mapped = self.margins_.apply(self.plan_.measured_codes(found), spots)
        if label is not None:
            found = label.redraw(found, mapped, rng)
        return encoder.decode(self.plan_.write(found, mapped), random_state=rng)

    def _state(self) -> State:
        kept = network_state(
            self.encoder_,
            self.network_,
            margins=self.margins_,
            latents=self.latents_,
            label=self.label_,
        )
        return replace(kept, frames={"usage": self.usage_, "history": self.history_})

    def _restore(self, state: State) -> None:
        self.encoder_ = encoder_of(state)
        self._core_schema = self.encoder_.schema_
        self.plan_ = Plan.of(self.encoder_)
        self.network_ = with_weights_of(state, self._network())
        self.margins_ = Margins(**part_of(state, "margins"))
        self.latents_ = LatentLaw(**part_of(state, "latents"))
        self.label_ = label_of(state)
        self.usage_, self.history_ = state.frames["usage"], state.frames["history"]


def _single(values: FloatArray) -> Tensor:
    return torch.from_numpy(values).float()
