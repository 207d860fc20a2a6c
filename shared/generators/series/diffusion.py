"""Flow matching over windows of days, chained for long horizons."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from scenara.shared.errors import ConfigError
from scenara.shared.generators.series.base import SeriesGenerator
from scenara.shared.generators.series.diffusion_days import DayModel, DayState
from scenara.shared.generators.series.diffusion_margins import NormalScores
from scenara.shared.generators.series.diffusion_network import WindowFlow, flow_loss
from scenara.shared.generators.series.diffusion_windows import (
    remembered,
    window_examples,
    window_starts,
)
from scenara.shared.generators.series.noise import uniform_rows
from scenara.shared.progress import Progress
from scenara.shared.store import State
from scenara.shared.training import TrainingSettings, initialised, train
from scenara.shared.types import FloatArray

__all__ = ["DiffusionSeries"]

_MAXIMUM_STARTS = 2_000
_UNKNOWN_SHARE = 0.15
_HEAVIEST_COMMON = 0.3
_FARTHEST_CONDITION = 3.0
_N_TARGETINGS = 3
_TARGETING_RATE = 0.1
_PARTS = {"days": DayModel, "margins": NormalScores, "starts": DayState}
_ARRAYS = ("memories", "centre", "spread")


class DiffusionSeries(SeriesGenerator):
    """Learn the law of a window of days given the days before, and chain windows to paths.

    A volatility filter takes each day apart into a few innovations: the common move, the level of
    the channels' own moves, and the first factors of their direction. Each is mapped to normal
    scores, with extreme-value tails beyond what was observed. Flow matching learns how the scores
    of a window depend on each other and on what came before; a sample follows its ordinary
    differential equation in few steps, so that a path is a function of its noise. What is left of
    a day's direction is drawn from observed days. Conditions are hidden from the flow now and
    then while it learns, so that ``guidance`` can ignore or exaggerate them.

    Args:
        window: Days in a window.
        n_factors: Factors of own moves that the flow draws; at most a quarter of the channels.
        half_lives: Half-lives of the averages that move volatilities, in steps.
        width: Units of the network for each day.
        n_blocks: Blocks of the network.
        n_stages: Steps from noise to data, each of two evaluations of the network.
        guidance: 1 follows what came before, 0 ignores it in the flow (volatilities go on all
            the same), more than 1 exaggerates it.
        n_steps: Training steps at most; the flow stops early when held-out windows say so.
        learning_rate: Highest learning rate.
        device: Where to train, see :class:`~scenara.shared.training.TrainingSettings`; paths are
            drawn on the CPU.
        random_state: Seed of the fit.

    Example:
        >>> returns = np.random.default_rng(0).standard_t(5, (600, 2)) * 0.01
        >>> model = DiffusionSeries(n_steps=20, random_state=0).fit(returns)
        >>> model.sample(3, horizon=30, random_state=1).shape
        (3, 30, 2)

    References:
        Lipman, Chen, Ben-Hamu, Nickel and Le (2023), Flow matching for generative modeling,
        https://arxiv.org/abs/2210.02747; Albergo and Vanden-Eijnden (2023), Building normalizing
        flows with stochastic interpolants, https://arxiv.org/abs/2209.15571; Ho and Salimans
        (2022), Classifier-free diffusion guidance, https://arxiv.org/abs/2207.12598; McNeil and
        Frey (2000), Estimation of tail-related risk measures for heteroscedastic financial time
        series, https://doi.org/10.1016/S0927-5398(00)00012-8 (filter, then extreme values).
    """

    family = "series/diffusion"
    minimum_steps = 250

    days_: DayModel
    margins_: NormalScores
    network_: WindowFlow
    starts_: DayState
    memories_: FloatArray
    centre_: FloatArray
    spread_: FloatArray
    length_: int

    def __init__(
        self,
        *,
        window: int = 10,
        n_factors: int = 2,
        half_lives: Sequence[float] = (4.0, 23.0),
        width: int = 24,
        n_blocks: int = 2,
        n_stages: int = 2,
        guidance: float = 1.0,
        n_steps: int = 2_000,
        learning_rate: float = 2e-3,
        device: str = "auto",
        random_state: int | None = None,
    ) -> None:
        self.window = window
        self.n_factors = n_factors
        self.half_lives = half_lives
        self.width = width
        self.n_blocks = n_blocks
        self.n_stages = n_stages
        self.guidance = guidance
        self.n_steps = n_steps
        self.learning_rate = learning_rate
        self.device = device
        self.random_state = random_state

    def _fit(self, data: FloatArray, *, progress: Progress, checkpoint: Path | None) -> None:
        self._check_settings()
        self.length_ = min(self.window, data.shape[1])
        lives = tuple(self.half_lives)
        self.days_ = DayModel.fit(data, half_lives=lives, n_factors=self.n_factors)
        states = self.days_.run(data)
        innovations = self.days_.innovations(data, states)
        heaviest = [_HEAVIEST_COMMON] + [0.0] * (innovations.shape[2] - 1)
        self.margins_ = NormalScores.fit(_flat(innovations), heaviest=heaviest)
        scores = self.margins_.apply(innovations)
        n_steps = data.shape[1]
        memories = np.stack([remembered(scores[:, :step]) for step in range(n_steps)], axis=1)
        before = np.stack([self._before(state) for state in states[:-1]], axis=1)
        known = np.concatenate([before, memories], axis=2)
        self.centre_, self.spread_ = _flat(known).mean(axis=0), _flat(known).std(axis=0) + 1e-3
        self._learn(scores, self._conditions(known), progress, checkpoint)
        self._choose_starts(states[:-1], memories)
        self._calibrate(data, progress)

    def _check_settings(self) -> None:
        least = {"window": 1, "n_factors": 0, "width": 1, "n_blocks": 1, "n_stages": 1}
        for name, low in least.items():
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < low:
                raise ConfigError(f"{name}: expected a whole number from {low}, found {value!r}")
        if not self.half_lives or not min(self.half_lives) > 0:
            raise ConfigError(f"half_lives: expected numbers above 0, found {self.half_lives!r}")
        if not self.guidance >= 0:
            raise ConfigError(f"guidance: expected a number from 0, found {self.guidance!r}")

    def _before(self, state: DayState) -> FloatArray:
        return self.days_.features(state)[:, :-1]

    def _conditions(self, known: FloatArray) -> FloatArray:
        """Standardise what came before; no path leaves what was learned by far."""
        reach = _FARTHEST_CONDITION
        return np.clip((known - self.centre_) / self.spread_, -reach, reach)

    def _learn(
        self,
        scores: FloatArray,
        conditions: FloatArray,
        progress: Progress,
        checkpoint: Path | None,
    ) -> None:
        n_series, n_steps = scores.shape[:2]
        kept, held = window_starts(n_series, n_steps, self.length_)
        cut = partial(window_examples, scores, conditions, length=self.length_)
        self.network_ = initialised(self._new_network, random_state=self.random_state)
        self.history_ = train(
            self.network_,
            partial(flow_loss, unknown_share=_UNKNOWN_SHARE),
            cut(kept),
            validation=cut(held) if len(held) else None,
            settings=self._training(),
            random_state=self.random_state,
            progress=progress,
            checkpoint=checkpoint,
        ).frame.drop(columns="seconds")
        self.network_.cpu().eval()

    def _new_network(self) -> WindowFlow:
        return WindowFlow(
            self.length_,
            self.days_.n_innovations,
            n_conditions=len(self.centre_),
            width=self.width,
            n_blocks=self.n_blocks,
        )

    def _training(self) -> TrainingSettings:
        return TrainingSettings(
            n_steps=self.n_steps,
            batch_size=256,
            learning_rate=self.learning_rate,
            weight_decay=0.1,
            ema_decay=0.99,
            validate_every=50,
            patience=6,
            device=self.device,
            bfloat16=False,
        )

    def _choose_starts(self, states: list[DayState], memories: FloatArray) -> None:
        """Keep what is known on days spread over the data; paths start there."""
        burn_in = min(63, len(states) // 4)
        state = DayState.joined(states[burn_in:])
        memory = _flat(memories[:, burn_in:].transpose(1, 0, 2))
        rows = np.linspace(0, len(memory) - 1, min(_MAXIMUM_STARTS, len(memory))).astype(np.int64)
        self.starts_, self.memories_ = state.taken(rows), memory[rows]

    def _calibrate(self, data: FloatArray, progress: Progress) -> None:
        """Move volatilities, then units, until paths have the variances of the data.

        The feedback of volatility on itself turns small errors of a day into larger ones of the
        variance in the long run, which the fit of single days does not see.
        """
        horizon = min(data.shape[1], 252)
        noise = np.random.default_rng(0).standard_normal((300, self._noise_size(horizon)))
        wanted = self.days_.variances(data)
        for round_ in range(_N_TARGETINGS):
            progress("calibration", round_, _N_TARGETINGS + 1)
            found = self.days_.variances(self._paths(noise, horizon, None))
            self.days_ = self.days_.shifted(_TARGETING_RATE * np.log(wanted / found))
        paths = self._paths(noise, horizon, None)
        ratio = data.std(axis=(0, 1)) / paths.std(axis=(0, 1))
        centre = data.mean(axis=(0, 1)) - ratio * (paths.mean(axis=(0, 1)) - self.days_.centre)
        self.days_ = replace(self.days_, spread=ratio * self.days_.spread, centre=centre)
        progress("calibration", _N_TARGETINGS + 1, _N_TARGETINGS + 1)

    def _noise_size(self, horizon: int) -> int:
        n_windows = -(-horizon // self.length_)
        return 1 + horizon + n_windows * self.length_ * self.days_.n_innovations

    def _paths(self, noise: FloatArray, horizon: int, history: FloatArray | None) -> FloatArray:
        state, memory = self._start(noise[:, 0], history)
        rows = uniform_rows(noise[:, 1 : 1 + horizon], len(self.days_.rest))
        shocks = noise[:, 1 + horizon :].reshape(len(noise), -1, self.length_, self._n_innovations)
        paths = np.empty((len(noise), horizon, len(self.days_.centre)))
        for window, first in enumerate(range(0, horizon, self.length_)):
            scores = self._window(shocks[:, window], state, memory)
            innovations = self.margins_.undo(scores)
            for step in range(first, min(first + self.length_, horizon)):
                day = self.days_.write(innovations[step - first], rows[:, step], state)
                state = self.days_.advance(day, state)
                paths[:, step] = day
            memory = remembered(scores.transpose(1, 0, 2))
        return paths

    @property
    def _n_innovations(self) -> int:
        return self.days_.n_innovations

    def _window(self, shocks: FloatArray, state: DayState, memory: FloatArray) -> FloatArray:
        """Turn noise (n, w, c) into normal scores, days first, (w, n, c)."""
        known = np.concatenate([self._before(state), memory], axis=1)
        scores = self.network_.draw(
            torch.from_numpy(shocks.transpose(1, 0, 2)).float().contiguous(),
            torch.from_numpy(self._conditions(known)).float(),
            n_stages=self.n_stages,
            guidance=self.guidance,
        )
        return scores.double().numpy()

    def _start(self, noise: FloatArray, history: FloatArray | None) -> tuple[DayState, FloatArray]:
        if history is None:
            rows = uniform_rows(noise, len(self.memories_))
            return self.starts_.taken(rows), self.memories_[rows]
        states = self.days_.run(history[None])
        scores = self.margins_.apply(self.days_.innovations(history[None], states))
        same = np.zeros(len(noise), dtype=np.int64)
        return states[-1].taken(same), remembered(scores)[same]

    def _state(self) -> State:
        weights = self.network_.state_dict()
        arrays: dict[str, Any] = {f"network.{name}": x.numpy() for name, x in weights.items()}
        for part in _PARTS:
            values = asdict(getattr(self, f"{part}_"))
            arrays |= {f"{part}.{name}": value for name, value in values.items()}
        arrays |= {name: getattr(self, f"{name}_") for name in _ARRAYS}
        return State(
            values={"length": self.length_}, arrays=arrays, frames={"history": self.history_}
        )

    def _restore(self, state: State) -> None:
        parts: dict[str, dict[str, Any]] = {name: {} for name in (*_PARTS, "network")}
        for name, value in state.arrays.items():
            part, _, field = name.partition(".")
            if field:
                parts[part][field] = value
        for part, made in _PARTS.items():
            setattr(self, f"{part}_", made(**parts[part]))
        for name in _ARRAYS:
            setattr(self, f"{name}_", state.arrays[name])
        self.length_ = int(state.values["length"])
        self.network_ = self._new_network()
        weights = {name: torch.from_numpy(np.array(x)) for name, x in parts["network"].items()}
        self.network_.load_state_dict(weights)
        self.network_.eval()
        self.history_ = state.frames["history"]


def _flat(values: FloatArray) -> FloatArray:
    """Put all steps of all series below each other."""
    return values.reshape(-1, values.shape[-1])
