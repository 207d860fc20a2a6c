"""A variational recurrent network: a latent state per step, and days drawn from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from scenara.shared.errors import ConfigError, DataError
from scenara.shared.generators.series.base import SeriesGenerator, finite_series
from scenara.shared.generators.series.day_targeting import balanced, targeted, targeting_noise
from scenara.shared.generators.series.diffusion_days import DayModel, DayState
from scenara.shared.generators.series.diffusion_windows import window_starts
from scenara.shared.generators.series.noise import uniform, uniform_rows
from scenara.shared.generators.series.part_state import (
    grouped_arrays,
    named_arrays,
    network_weights,
)
from scenara.shared.generators.series.vae_bound import EvidenceBound, inferred
from scenara.shared.generators.series.vae_days import (
    DayRecord,
    day_signals,
    factor_start,
    scales,
)
from scenara.shared.generators.series.vae_network import RecurrentVae
from scenara.shared.generators.series.vae_particles import followed
from scenara.shared.progress import Progress
from scenara.shared.store import State
from scenara.shared.training import TrainingSettings, initialised, resolve_device, train
from scenara.shared.types import FloatArray

__all__ = ["LatentStates", "VaeSeries"]

_MAXIMUM_STARTS = 2_000
_START_PARTICLES = 64
_REMEMBERED = 40
_BURN_IN = 8
_WARM_UP_SHARE = 0.3
_N_TARGETINGS = 3
_PARTS = {"days": DayModel, "starts": DayState}


@dataclass(frozen=True)
class LatentStates:
    """What is known of the latent state after each observed step.

    Args:
        mean: Mean of each latent given the days up to its own, ``(steps, k)``.
        spread: Its standard deviation, ``(steps, k)``.
    """

    mean: FloatArray
    spread: FloatArray


class VaeSeries(SeriesGenerator):
    """Learn a latent state per step, how it moves, and the law of a day given the state.

    A volatility filter gives the scales to expect; a variational recurrent network gives each day
    a latent state that moves scales and skewness away from them, and remembers days and states.
    Given its state a day is normal with common factors and stretched tails; integrated over the
    state, tails are heavy for all channels at once. Prior, posterior and decoder are learned by
    the evidence lower bound, and the posterior makes the model a filter:
    :meth:`latent_states` follows the state of an observed series.

    Args:
        n_latents: Numbers in a latent state.
        n_factors: Factors of the channels' own moves; at most a quarter of the channels.
        n_memory: Units of the recurrent memory.
        width: Units in each hidden layer.
        half_lives: Half-lives of the averages that move volatilities, in steps.
        window: Days in a window to learn from, after eight days that fill the memory.
        free_nats: Divergence of posterior from prior that costs nothing, by latent and day.
        n_steps: Training steps at most; it stops early when held-out windows say so.
        learning_rate: Highest learning rate.
        device: Where to train, see :class:`~scenara.shared.training.TrainingSettings`; paths are
            drawn on the CPU.
        random_state: Seed of the fit.

    Example:
        >>> returns = np.random.default_rng(0).standard_t(5, (600, 2)) * 0.01
        >>> model = VaeSeries(n_steps=20, random_state=0).fit(returns)
        >>> model.sample(3, horizon=30, random_state=1).shape
        (3, 30, 2)
        >>> model.latent_states(returns[-50:]).mean.shape
        (50, 4)

    References:
        Chung, Kastner, Dinh, Goel, Courville and Bengio (2015), A recurrent latent variable model
        for sequential data, https://arxiv.org/abs/1506.02216; Kim, Shephard and Chib (1998),
        Stochastic volatility: likelihood inference and comparison with ARCH models,
        https://doi.org/10.1111/1467-937X.00050 (scales that no past decides).
    """

    family = "series/vae"
    minimum_steps = 250

    days_: DayModel
    network_: RecurrentVae
    starts_: DayState
    memories_: FloatArray

    def __init__(
        self,
        *,
        n_latents: int = 4,
        n_factors: int = 3,
        n_memory: int = 12,
        width: int = 16,
        half_lives: Sequence[float] = (4.0, 23.0),
        window: int = 24,
        free_nats: float = 0.02,
        n_steps: int = 300,
        learning_rate: float = 5e-3,
        device: str = "auto",
        random_state: int | None = None,
    ) -> None:
        self.n_latents = n_latents
        self.n_factors = n_factors
        self.n_memory = n_memory
        self.width = width
        self.half_lives = half_lives
        self.window = window
        self.free_nats = free_nats
        self.n_steps = n_steps
        self.learning_rate = learning_rate
        self.device = device
        self.random_state = random_state

    def latent_states(self, data: pd.DataFrame | FloatArray) -> LatentStates:
        """Follow the latent state of an observed series.

        Particles drawn from the posterior are weighted by how well they fit, so that means and
        spreads are those of the model given the days up to each step, to Monte Carlo error.

        Args:
            data: Time x channels.

        Returns:
            Mean and spread of each step.

        Raises:
            NotFittedError: Before ``fit``.
            DataError: The data do not fit what was learned from.
        """
        series = self._checked(data)
        if len(series) != 1:
            raise DataError(f"data: expected one series, found {len(series)}; pass them one by one")
        moments = [
            particles.moments()
            for particles in followed(self.network_, self._record(series), n_particles=64)
        ]
        mean, spread = (
            torch.stack(part)[:, 0].double().numpy() for part in zip(*moments, strict=True)
        )
        return LatentStates(mean, spread)

    def score_samples(
        self, data: pd.DataFrame | FloatArray, *, n_particles: int = 100
    ) -> FloatArray:
        """Estimate the log density of each step given the steps before it.

        Each is the logarithm of a particle filter's mean weight, an importance-weighted bound:
        right from below on average, and closer the more particles there are. It is that of the
        law before moves beyond the largest observed ones are bent.

        Args:
            data: Time x channels, or (series, steps, channels); one step is enough.
            n_particles: Particles of each series.

        Returns:
            Log densities per unit of all channels, ``(steps,)`` or ``(series, steps)``.

        Raises:
            NotFittedError: Before ``fit``.
            DataError: The data do not fit what was learned from.

        References:
            Burda, Grosse and Salakhutdinov (2016), Importance weighted autoencoders,
            https://arxiv.org/abs/1509.00519; Maddison et al. (2017), Filtering variational
            objectives, https://arxiv.org/abs/1705.09279.
        """
        series = self._checked(data)
        walk = followed(self.network_, self._record(series), n_particles=n_particles)
        scores = torch.stack([particles.log_density for particles in walk], dim=1)
        densities: FloatArray = scores.double().numpy() - np.log(self.days_.spread).sum()
        return densities if np.ndim(data) == 3 else densities[0]

    def _checked(self, data: pd.DataFrame | FloatArray) -> FloatArray:
        self._check_fitted()
        values = finite_series(data)
        if values.shape[2] != len(self.days_.centre):
            raise DataError(
                f"expected {len(self.days_.centre)} channels as in fit, found {values.shape[2]}"
            )
        return values

    def _record(self, series: FloatArray) -> DayRecord:
        return DayRecord.of(self.days_, series, self.days_.run(series))

    def _fit(self, data: FloatArray, *, progress: Progress, checkpoint: Path | None) -> None:
        self._check_settings()
        lives = tuple(self.half_lives)
        self.days_ = DayModel.fit(data, half_lives=lives, n_factors=self.n_factors)
        states = self.days_.run(data)
        record = DayRecord.of(self.days_, data, states)
        self.network_ = initialised(lambda: self._learner(record), random_state=self.random_state)
        self._learn(record, progress, checkpoint)
        self._choose_starts(states[:-1], record)
        self._calibrate(data)

    def _check_settings(self) -> None:
        least = {"n_latents": 1, "n_factors": 0, "n_memory": 1, "width": 1, "window": 1}
        for name, low in least.items():
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < low:
                raise ConfigError(f"{name}: expected a whole number from {low}, found {value!r}")
        if not self.half_lives or not min(self.half_lives) > 0:
            raise ConfigError(f"half_lives: expected numbers above 0, found {self.half_lives!r}")
        if not self.free_nats >= 0:
            raise ConfigError(f"free_nats: expected a number from 0, found {self.free_nats!r}")

    def _learner(self, record: DayRecord) -> RecurrentVae:
        n_factors = min(self.n_factors, record.values.shape[2] // 4)
        network = self._network(*factor_start(record, n_factors))
        network.measure(record)
        return network

    def _network(self, loadings: Tensor, log_own_scale: Tensor) -> RecurrentVae:
        return RecurrentVae(
            loadings,
            log_own_scale,
            n_conditions=2 * len(self.days_.gains) + 1,
            n_signals=self.days_.n_innovations + 1,
            n_latents=self.n_latents,
            n_memory=self.n_memory,
            width=self.width,
        )

    def _learn(self, record: DayRecord, progress: Progress, checkpoint: Path | None) -> None:
        n_series, n_steps = record.values.shape[:2]
        burn_in = min(_BURN_IN, n_steps // 2)
        length = min(burn_in + self.window, n_steps)
        kept, held = (torch.from_numpy(x) for x in window_starts(n_series, n_steps, length))
        bound = EvidenceBound(
            record.to(resolve_device(self.device)),
            length=length,
            burn_in=burn_in,
            warm_up=int(_WARM_UP_SHARE * self.n_steps),
            free_nats=self.free_nats,
        )
        self.history_ = train(
            self.network_,
            bound,
            kept,
            validation=held if len(held) else None,
            settings=self._training(),
            random_state=self.random_state,
            progress=progress,
            checkpoint=checkpoint,
        ).frame.drop(columns="seconds")
        self.network_.cpu().eval()

    def _training(self) -> TrainingSettings:
        return TrainingSettings(
            n_steps=self.n_steps,
            batch_size=32,
            learning_rate=self.learning_rate,
            ema_decay=0.98,
            validate_every=50,
            checkpoint_every=50,
            patience=6,
            device=self.device,
            bfloat16=False,
        )

    @torch.no_grad()
    def _choose_starts(self, states: list[DayState], record: DayRecord) -> None:
        """Keep what is known on days spread over the data; paths start there."""
        n_series, n_steps = record.conditions.shape[:2]
        reach = min(_REMEMBERED, n_steps // 4)
        rows = np.linspace(
            reach * n_series,
            n_steps * n_series - 1,
            min(_MAXIMUM_STARTS, (n_steps - reach) * n_series),
        ).astype(np.int64)
        self.starts_ = DayState.joined(states).taken(rows)
        step, series = (torch.from_numpy(part) for part in divmod(rows, n_series))
        days = step - reach + torch.arange(reach)[:, None]
        network = self.network_
        conditions = network.conditions(record.conditions[series, days])
        noise = torch.randn(*days.shape, self.n_latents, generator=torch.Generator().manual_seed(0))
        signals = network.signals(record.signals[series, days])
        self.memories_ = inferred(network, conditions, signals, noise).memory.numpy()

    def _calibrate(self, data: FloatArray) -> None:
        """Put the sizes of innovations right, then the balance and the units of volatilities."""
        noise, horizon = targeting_noise(data.shape[1], data.shape[2], self._noise_size)
        wanted = self._sizes(data)
        for round_ in range(_N_TARGETINGS):
            paths = self._paths(noise, horizon, None)
            self.network_.decoder.moved(*(wanted - self._sizes(paths)))
            if round_ > 0:
                self.days_ = balanced(self.days_, data=data, paths=paths)
        paths = self._paths(noise, horizon, None)
        self.days_ = targeted(self.days_, data=data, paths=paths)

    def _sizes(self, series: FloatArray) -> FloatArray:
        """Give the log mean size of common innovations and of own ones, which move volatility."""
        innovations = self.days_.innovations(series, self.days_.run(series))
        common = np.log(np.abs(innovations[..., 0]).mean())
        own = np.log(np.exp(innovations[..., 1]).mean()) if self.days_.has_own else 0.0
        return np.array([common, own])

    @property
    def _noise_a_step(self) -> int:
        return self.n_latents + 1 + sum(self.network_.decoder.loadings.shape)

    def _noise_size(self, horizon: int) -> int:
        return 1 + horizon * self._noise_a_step

    def _paths(self, noise: FloatArray, horizon: int, history: FloatArray | None) -> FloatArray:
        state, memory = self._start(noise[:, 0], history)
        shocks = torch.from_numpy(noise[:, 1:]).float().view(len(noise), horizon, -1)
        paths = np.empty((len(noise), horizon, len(self.days_.centre)))
        for step in range(horizon):
            paths[:, step], state, memory = self._day(shocks[:, step], state, memory)
        return paths

    @torch.no_grad()
    def _day(
        self, shocks: Tensor, state: DayState, memory: Tensor
    ) -> tuple[FloatArray, DayState, Tensor]:
        days, network = self.days_, self.network_
        raw = torch.from_numpy(days.features(state)[:, :-1]).float()
        conditions = network.conditions(raw)
        latent = network.prior(memory, conditions).draw(shocks[:, : self.n_latents])
        expected = (torch.from_numpy(scale).float() for scale in scales(days, state))
        law = network.decoder.law(latent, conditions)
        y = network.decoder.draw(law, shocks[:, self.n_latents :], *expected).double().numpy()
        day = days.bent(days.centre + days.spread * y)
        signals = torch.from_numpy(day_signals(days.read(day, state)[0])).float()
        memory = network.advance(memory, latent, network.signals(signals))
        return day, days.advance(day, state), memory

    def _start(self, noise: FloatArray, history: FloatArray | None) -> tuple[DayState, Tensor]:
        if history is None:
            rows = uniform_rows(noise, len(self.memories_))
            return self.starts_.taken(rows), torch.from_numpy(self.memories_[rows])
        states = self.days_.run(history[None])
        recent = slice(-1 - _REMEMBERED, None)
        record = DayRecord.of(self.days_, history[None, -_REMEMBERED:], states[recent])
        *_, last = followed(self.network_, record, n_particles=_START_PARTICLES)
        levels = torch.from_numpy(uniform(noise)).float()
        chosen = torch.searchsorted(last.weights[0].cumsum(0), levels, right=True)
        same = np.zeros(len(noise), dtype=np.int64)
        return states[-1].taken(same), last.after[0, chosen.clamp(max=_START_PARTICLES - 1)]

    def _state(self) -> State:
        parts = {name: getattr(self, f"{name}_") for name in (*_PARTS, "network")}
        arrays = named_arrays(parts) | {"memories": self.memories_}
        return State(arrays=arrays, frames={"history": self.history_})

    def _restore(self, state: State) -> None:
        parts = grouped_arrays(state.arrays)
        for part, made in _PARTS.items():
            setattr(self, f"{part}_", made(**parts[part]))
        self.memories_ = state.arrays["memories"]
        weights = network_weights(parts["network"])
        first = weights["decoder.loadings"], weights["decoder.log_own_scale"]
        self.network_ = self._network(*first)
        self.network_.load_state_dict(weights)
        self.network_.eval()
        self.history_ = state.frames["history"]
