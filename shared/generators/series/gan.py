"""Temporal convolutional players of an adversarial game that minds the tails of books."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from scenara.shared.errors import ConfigError
from scenara.shared.generators.series.base import SeriesGenerator
from scenara.shared.generators.series.day_targeting import balanced, targeted, targeting_noise
from scenara.shared.generators.series.diffusion_days import DayModel, DayState
from scenara.shared.generators.series.diffusion_margins import NormalScores
from scenara.shared.generators.series.gan_books import Books
from scenara.shared.generators.series.gan_losses import Losses
from scenara.shared.generators.series.gan_network import (
    Game,
    SeriesCritic,
    SeriesWriter,
    dilations_within,
)
from scenara.shared.generators.series.noise import uniform_rows
from scenara.shared.generators.series.part_state import (
    grouped_arrays,
    named_arrays,
    network_weights,
)
from scenara.shared.progress import Progress
from scenara.shared.store import State
from scenara.shared.training import TrainingSettings, initialised, resolve_device, train
from scenara.shared.types import FloatArray

__all__ = ["GanSeries"]

_MAXIMUM_STARTS = 2_000
_HEAVIEST_COMMON = 0.3
_N_TARGETINGS = 2
_PARTS = {"days": DayModel, "margins": NormalScores, "written": NormalScores, "starts": DayState}


class GanSeries(SeriesGenerator):
    """Learn innovations by a game of temporal convolutional networks, and put volatility on them.

    A volatility filter takes each day apart into a few innovations: the common move, the level of
    the channels' own moves, and the first factors of their direction; what is left of a day's
    direction is drawn from observed days. A writer turns noise into series of innovations by
    causal dilated convolutions, a critic of the same kind tells them from observed ones, and
    value-at-risk and expected shortfall of many books of channels are scored beside. The law of
    each innovation is then put right, and the filter turns innovations into days, so that paths
    go on from any observed window.

    Args:
        window: Days in the windows that the critic judges; convolutions look back over at most
            half of them.
        n_factors: Factors of own moves that are written; at most a quarter of the channels.
        half_lives: Half-lives of the averages that move volatilities, in steps.
        width: Units of each network for each day.
        critic_rate: Learning rate of the critic, as a multiple of the writer's.
        critic_steps: Steps of the critic for each of the writer.
        penalty: Weight of the penalty on the critic's slope.
        n_books: Books whose tails are compared, both signs together.
        tail_weight: Weight of the score of their value-at-risk and expected shortfall.
        n_steps: Training steps of the critic.
        learning_rate: Highest learning rate of the writer.
        device: Where to train, see :class:`~scenara.shared.training.TrainingSettings`; paths are
            drawn on the CPU.
        random_state: Seed of the fit.

    Example:
        >>> returns = np.random.default_rng(0).standard_t(5, (600, 2)) * 0.01
        >>> model = GanSeries(n_steps=20, random_state=0).fit(returns)
        >>> model.sample(3, horizon=30, random_state=1).shape
        (3, 30, 2)

    References:
        Wiese, Knobloch, Korn and Kretschmer (2020), Quant GANs: deep generation of financial
        time series, https://arxiv.org/abs/1907.06673; Cont, Cucuringu, Xu and Zhang (2022),
        Tail-GAN: learning to simulate tail risk scenarios, https://arxiv.org/abs/2203.01664;
        Mescheder, Geiger and Nowozin (2018), Which training methods for GANs do actually
        converge?, https://arxiv.org/abs/1801.04406.
    """

    family = "series/gan"
    minimum_steps = 250

    days_: DayModel
    margins_: NormalScores
    written_: NormalScores
    game_: Game
    starts_: DayState
    length_: int

    def __init__(
        self,
        *,
        window: int = 30,
        n_factors: int = 2,
        half_lives: Sequence[float] = (4.0, 23.0),
        width: int = 24,
        critic_rate: float = 4.0,
        critic_steps: int = 1,
        penalty: float = 1.0,
        n_books: int = 40,
        tail_weight: float = 1.0,
        n_steps: int = 400,
        learning_rate: float = 1e-3,
        device: str = "auto",
        random_state: int | None = None,
    ) -> None:
        self.window = window
        self.n_factors = n_factors
        self.half_lives = half_lives
        self.width = width
        self.critic_rate = critic_rate
        self.critic_steps = critic_steps
        self.penalty = penalty
        self.n_books = n_books
        self.tail_weight = tail_weight
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
        self.margins_ = NormalScores.fit(_flat(innovations), heaviest=self._heaviest())
        books = Books.of(
            self.days_,
            self.margins_,
            data,
            states,
            n_books=self.n_books,
            rng=np.random.default_rng(0),
        )
        self.game_ = initialised(self._new_game, random_state=self.random_state)
        self._learn(self.margins_.apply(innovations), books, progress, checkpoint)
        self._right_margins()
        self._choose_starts(states[:-1])
        self._calibrate(data)

    def _check_settings(self) -> None:
        least = {"window": 1, "n_factors": 0, "width": 1, "critic_steps": 1, "n_books": 1}
        for name, low in least.items():
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < low:
                raise ConfigError(f"{name}: expected a whole number from {low}, found {value!r}")
        if not self.half_lives or not min(self.half_lives) > 0:
            raise ConfigError(f"half_lives: expected numbers above 0, found {self.half_lives!r}")
        for name in ("critic_rate", "penalty"):
            if not getattr(self, name) > 0:
                raise ConfigError(
                    f"{name}: expected a number above 0, found {getattr(self, name)!r}"
                )
        if not self.tail_weight >= 0:
            raise ConfigError(f"tail_weight: expected a number from 0, found {self.tail_weight!r}")

    def _heaviest(self) -> list[float]:
        return [_HEAVIEST_COMMON] + [0.0] * (self.days_.n_innovations - 1)

    def _new_game(self) -> Game:
        n_scores, dilations = self.days_.n_innovations, dilations_within(self.length_)
        return Game(
            SeriesWriter(n_scores, 2 * n_scores, width=self.width, dilations=dilations),
            SeriesCritic(n_scores, width=self.width, dilations=dilations, rate=self.critic_rate),
        )

    def _learn(
        self, scores: FloatArray, books: Books, progress: Progress, checkpoint: Path | None
    ) -> None:
        observed = torch.from_numpy(scores).float().unfold(1, self.length_, 1)
        losses = Losses(
            penalty=self.penalty,
            critic_steps=self.critic_steps,
            books=books.to(resolve_device(self.device)),
            tail_weight=self.tail_weight,
        )
        history = train(
            self.game_,
            {"critic": losses.critic, "writer": losses.writer},
            observed.flatten(0, 1).transpose(1, 2).contiguous(),
            settings=self._training(),
            random_state=self.random_state,
            progress=progress,
            checkpoint=checkpoint,
        )
        self.history_ = history.frame.drop(columns=["seconds", "validation_loss"])
        self.game_.cpu().eval()

    def _training(self) -> TrainingSettings:
        return TrainingSettings(
            n_steps=self.n_steps,
            batch_size=64,
            learning_rate=self.learning_rate,
            weight_decay=0.0,
            clip_norm=None,
            ema_decay=0.99,
            validate_every=100,
            checkpoint_every=50,
            device=self.device,
            bfloat16=False,
        )

    def _right_margins(self) -> None:
        """Learn the law of written scores; what is written goes through it to the observed law."""
        noise = np.random.default_rng(0).standard_normal(
            (200, 300 + self.game_.writer.reach, self._n_noise)
        )
        scores = self._scores(noise)
        light = [0.0] * self.days_.n_innovations
        self.written_ = NormalScores.fit(_flat(scores), heaviest=light)

    def _choose_starts(self, states: list[DayState]) -> None:
        """Keep what is known on days spread over the data; paths start there."""
        state = DayState.joined(states[min(63, len(states) // 4) :])
        n = len(state.pull)
        rows = np.linspace(0, n - 1, min(_MAXIMUM_STARTS, n)).astype(np.int64)
        self.starts_ = state.taken(rows)

    def _calibrate(self, data: FloatArray) -> None:
        noise, horizon = targeting_noise(data.shape[1], data.shape[2], self._noise_size)
        for _ in range(_N_TARGETINGS):
            paths = self._paths(noise, horizon, None)
            self.days_ = balanced(self.days_, data=data, paths=paths)
        paths = self._paths(noise, horizon, None)
        self.days_ = targeted(self.days_, data=data, paths=paths)

    @property
    def _n_noise(self) -> int:
        return self.game_.writer.n_noise

    def _noise_size(self, horizon: int) -> int:
        return 1 + horizon + (horizon + self.game_.writer.reach) * self._n_noise

    def _paths(self, noise: FloatArray, horizon: int, history: FloatArray | None) -> FloatArray:
        state = self._start(noise[:, 0], history)
        rows = uniform_rows(noise[:, 1 : 1 + horizon], len(self.days_.rest))
        shocks = noise[:, 1 + horizon :].reshape(
            len(noise), horizon + self.game_.writer.reach, self._n_noise
        )
        innovations = self.margins_.undo(self.written_.apply(self._scores(shocks)))
        paths = np.empty((len(noise), horizon, len(self.days_.centre)))
        for step in range(horizon):
            day = self.days_.write(innovations[:, step], rows[:, step], state)
            state = self.days_.advance(day, state)
            paths[:, step] = day
        return paths

    @torch.no_grad()
    def _scores(self, noise: FloatArray) -> FloatArray:
        """Turn noise (n, steps + reach, noise) into normal scores (n, steps, c)."""
        steps_first = torch.from_numpy(noise).float().transpose(0, 1).contiguous()
        scores: FloatArray = self.game_.writer(steps_first).transpose(0, 1).double().numpy()
        return scores

    def _start(self, noise: FloatArray, history: FloatArray | None) -> DayState:
        if history is None:
            return self.starts_.taken(uniform_rows(noise, len(self.starts_.pull)))
        last = self.days_.run(history[None])[-1]
        return last.taken(np.zeros(len(noise), dtype=np.int64))

    def _state(self) -> State:
        parts = {name: getattr(self, f"{name}_") for name in (*_PARTS, "game")}
        return State(
            values={"length": self.length_},
            arrays=named_arrays(parts),
            frames={"history": self.history_},
        )

    def _restore(self, state: State) -> None:
        parts = grouped_arrays(state.arrays)
        for part, made in _PARTS.items():
            setattr(self, f"{part}_", made(**parts[part]))
        self.length_ = int(state.values["length"])
        self.game_ = self._new_game()
        self.game_.load_state_dict(network_weights(parts["game"]))
        self.game_.eval()
        self.history_ = state.frames["history"]


def _flat(values: FloatArray) -> FloatArray:
    """Put all steps of all series below each other."""
    return values.reshape(-1, values.shape[-1])
