"""A neural model of series with an exact density, learned by maximum likelihood."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from scenara.shared.errors import ConfigError, DataError
from scenara.shared.generators.series.base import SeriesGenerator, finite_series
from scenara.shared.generators.series.filters import FilterBank
from scenara.shared.generators.series.network import MixtureNetwork
from scenara.shared.generators.series.noise import uniform_rows
from scenara.shared.progress import Progress
from scenara.shared.store import State
from scenara.shared.training import TrainingSettings, initialised, train
from scenara.shared.types import FloatArray

__all__ = ["AutoregressiveSeries"]

_MAXIMUM_STARTS = 2_000
_NETWORK = "network."
_ARRAYS = ("mean", "deviation", "location", "scale", "starts")


class AutoregressiveSeries(SeriesGenerator):
    """Learn the law of the next step given all steps before, p(x_t | x_<t).

    Exponential averages of the past, at several half-lives, drive a small network; it moves the
    probabilities and scales of a mixture of normal laws with common factors and stretched tails.
    All channels share volatility, and their correlation can rise with it. The law has an exact
    density, is fitted by maximum likelihood, and is then rescaled so that simulated channels have
    the means and standard deviations of the observed ones.

    Args:
        n_factors: Common factors; at most as many as half of the channels are used.
        n_regimes: Normal laws in the mixture.
        width: Units in each hidden layer of the network.
        half_lives: Half-lives of the averages, in steps.
        n_steps: Training steps at most.
        learning_rate: Highest learning rate.
        device: Where to train, see :class:`~scenara.shared.training.TrainingSettings`; paths are
            drawn on the CPU.
        random_state: Seed of the fit.

    Example:
        >>> returns = np.random.default_rng(0).standard_t(5, (600, 2)) * 0.01
        >>> model = AutoregressiveSeries(n_steps=50, random_state=0).fit(returns)
        >>> model.sample(3, horizon=5, random_state=1).shape
        (3, 5, 2)
        >>> model.score_samples(returns).shape
        (600,)

    References:
        Bishop (1994), Mixture density networks, https://publications.aston.ac.uk/id/eprint/373/;
        Corsi (2009), A simple approximate long-memory model of realized volatility,
        https://doi.org/10.1093/jjfinec/nbp001 (averages at several horizons);
        Francq, Horvath and Zakoian (2011), Merits and drawbacks of variance targeting in GARCH
        models, https://doi.org/10.1093/jjfinec/nbr004.
    """

    family = "series/autoregressive"
    minimum_steps = 250

    network_: MixtureNetwork
    mean_: FloatArray
    deviation_: FloatArray
    location_: FloatArray
    scale_: FloatArray
    starts_: FloatArray

    def __init__(
        self,
        *,
        n_factors: int = 8,
        n_regimes: int = 6,
        width: int = 16,
        half_lives: Sequence[float] = (1.0, 5.0, 20.0, 60.0, 250.0),
        n_steps: int = 1_500,
        learning_rate: float = 3e-3,
        device: str = "auto",
        random_state: int | None = None,
    ) -> None:
        self.n_factors = n_factors
        self.n_regimes = n_regimes
        self.width = width
        self.half_lives = half_lives
        self.n_steps = n_steps
        self.learning_rate = learning_rate
        self.device = device
        self.random_state = random_state

    def score_samples(self, data: pd.DataFrame | FloatArray) -> FloatArray:
        """Give the log density of each step given the steps before it.

        It is exact (in float32) for what :meth:`sample` draws: the step after ``history`` has the
        density that it is given here after the same steps, and so has every later step of a path,
        given ``history`` and the path up to it. Before the first step the filters hold their
        averages over the fit. Paths drawn without ``history`` start from filters as they were on
        some day of the fit instead, so their own first steps are scored as if less were known.

        Args:
            data: Time x channels, or (series, steps, channels); one step is enough.

        Returns:
            Log densities per unit of all channels, ``(steps,)`` or ``(series, steps)``.

        Raises:
            NotFittedError: Before ``fit``.
            DataError: The data do not fit what was learned from.
        """
        self._check_fitted()
        values = finite_series(data)
        if values.shape[2] != len(self.scale_):
            raise DataError(
                f"expected {len(self.scale_)} channels as in fit, found {values.shape[2]}"
            )
        scores = np.stack([self._score(series) for series in values])
        return scores if np.ndim(data) == 3 else scores[0]

    @torch.no_grad()
    def _score(self, series: FloatArray) -> FloatArray:
        steps = self._in_units_of_draws(series)
        states = self.network_.bank.run(steps)[:-1]
        scores = self.network_.log_density(steps, self.network_.law(states))
        densities: FloatArray = scores.double().numpy() - np.log(self.scale_).sum()
        return densities

    def _standardised(self, values: FloatArray) -> Tensor:
        return torch.from_numpy((values - self.mean_) / self.deviation_).float()

    def _in_units_of_draws(self, values: FloatArray) -> Tensor:
        return torch.from_numpy((values - self.location_) / self.scale_).float()

    def _fit(self, data: FloatArray, *, progress: Progress, checkpoint: Path | None) -> None:
        self._check_settings()
        self.mean_, self.deviation_ = data.mean((0, 1)), data.std((0, 1))
        series = self._standardised(data)
        _refuse_copies(series.flatten(0, 1))
        self.network_ = initialised(lambda: self._network(series), random_state=self.random_state)
        states = torch.cat([self.network_.bank.run(steps)[:-1] for steps in series])
        kept, held = _validation_blocks(*series.shape[:2])
        examples = (states, series.flatten(0, 1))
        self.history_ = train(
            self.network_,
            _mean_surprise,
            tuple(tensor[kept] for tensor in examples),
            validation=tuple(tensor[held] for tensor in examples),
            settings=TrainingSettings(
                n_steps=self.n_steps,
                learning_rate=self.learning_rate,
                batch_size=256,
                ema_decay=0.98,
                device=self.device,
                bfloat16=False,
            ),
            random_state=self.random_state,
            progress=progress,
            checkpoint=checkpoint,
        ).frame.drop(columns="seconds")
        self.network_.cpu().eval()
        self._choose_starts(data)
        self._calibrate(data.shape[1], progress)

    def _check_settings(self) -> None:
        for name in ("n_factors", "n_regimes", "width"):
            value = getattr(self, name)
            if not isinstance(value, int) or value < 1:
                raise ConfigError(f"{name}: expected a whole number from 1, found {value!r}")
        if not self.half_lives or not min(self.half_lives) > 0:
            raise ConfigError(f"half_lives: expected numbers above 0, found {self.half_lives!r}")

    def _network(self, series: Tensor) -> MixtureNetwork:
        n_factors = min(self.n_factors, -(-series.shape[2] // 2))
        loadings, projection = _principal_components(series.flatten(0, 1), n_factors)
        bank = FilterBank(projection, half_lives=tuple(self.half_lives))
        bank.fit(series)
        return MixtureNetwork(bank, loadings=loadings, n_regimes=self.n_regimes, width=self.width)

    def _choose_starts(self, data: FloatArray) -> None:
        """Keep what the filters remember on days spread over the data; paths start there."""
        burn_in = min(63, data.shape[1] // 4)
        bank = self.network_.bank
        states = torch.cat([bank.run(self._standardised(series))[burn_in:] for series in data])
        rows = torch.linspace(0, len(states) - 1, min(_MAXIMUM_STARTS, len(states))).long()
        self.starts_ = states[rows].numpy()

    def _calibrate(self, n_steps: int, progress: Progress) -> None:
        """Rescale so that simulated means and deviations are the observed ones.

        Maximum likelihood fits one step ahead; the feedback of volatility on itself turns small
        errors of that into larger ones of the variance in the long run. Filters and network stay
        as they are; all that comes in or goes out after the fit changes its units alone, so that
        density and draws are of one law.
        """
        progress("calibration", 0, 1)
        n_paths, horizon = 500, min(n_steps, 504)
        noise = np.random.default_rng(0).standard_normal((n_paths, self._noise_size(horizon)))
        steps = self._walk(noise, horizon, self.starts_)
        moments = sum(torch.stack([x.double().mean(0), x.double().square().mean(0)]) for x in steps)
        mean, square = (torch.as_tensor(moments) / horizon).numpy()
        spread = np.sqrt(square - mean**2)
        self.scale_ = self.deviation_ / spread
        self.location_ = self.mean_ - self.scale_ * mean
        progress("calibration", 1, 1)

    def _noise_size(self, horizon: int) -> int:
        return 1 + horizon * self._noise_a_step

    @property
    def _noise_a_step(self) -> int:
        return 1 + sum(self.network_.loadings.shape)

    def _paths(self, noise: FloatArray, horizon: int, history: FloatArray | None) -> FloatArray:
        starts = self.starts_ if history is None else self._state_after(history)
        paths = np.empty((len(noise), horizon, self._n_channels))
        for step, values in enumerate(self._walk(noise, horizon, starts)):
            paths[:, step] = self.location_ + self.scale_ * values.numpy()
        return paths

    @property
    def _n_channels(self) -> int:
        return len(self.deviation_)

    def _state_after(self, history: FloatArray) -> FloatArray:
        bank = self.network_.bank
        return bank.run(self._in_units_of_draws(history))[-1:].numpy()

    @torch.no_grad()
    def _walk(self, noise: FloatArray, horizon: int, starts: FloatArray) -> Iterator[Tensor]:
        """Give standardised channels (n, d) of one step after the other."""
        states = torch.from_numpy(starts[uniform_rows(noise[:, 0], len(starts))])
        shocks = torch.from_numpy(noise[:, 1:]).float().view(len(noise), horizon, -1)
        for step in range(horizon):
            values = self.network_.draw(self.network_.law(states), shocks[:, step])
            states = self.network_.bank.advance(states, values)
            yield values

    def _state(self) -> State:
        weights = self.network_.state_dict()
        arrays: dict[str, Any] = {_NETWORK + name: x.numpy() for name, x in weights.items()}
        arrays |= {name: getattr(self, f"{name}_") for name in _ARRAYS}
        return State(arrays=arrays, frames={"history": self.history_})

    def _restore(self, state: State) -> None:
        arrays = state.arrays
        weights = {
            name.removeprefix(_NETWORK): torch.from_numpy(np.array(x))
            for name, x in arrays.items()
            if name.startswith(_NETWORK)
        }
        bank = FilterBank(weights["bank.projection"], half_lives=tuple(self.half_lives))
        self.network_ = MixtureNetwork(
            bank, loadings=weights["loadings"], n_regimes=self.n_regimes, width=self.width
        )
        self.network_.load_state_dict(weights)
        self.network_.eval()
        for name in _ARRAYS:
            setattr(self, f"{name}_", arrays[name])
        self.history_ = state.frames["history"]


def _mean_surprise(
    network: MixtureNetwork, batch: tuple[Tensor, ...], rng: torch.Generator
) -> Tensor:
    states, values = batch
    return -network.log_density(values, network.law(states)).mean() / values.shape[1]


def _refuse_copies(values: Tensor) -> None:
    """Refuse standardised channels that are one up to sign: their joint law has no density."""
    correlation = values.T.double() @ values.double() / len(values)
    copies = (correlation.abs().triu(1) > 1 - 1e-6).nonzero().tolist()
    if copies:
        first, second = copies[0]
        raise DataError(
            f"channel {second} is a copy of channel {first} (counted from 0), apart from location "
            "and scale; leave one of them out"
        )


def _principal_components(values: Tensor, n_factors: int) -> tuple[Tensor, Tensor]:
    """Give loadings (d, r) of factors of variance one, and the projection on them."""
    correlation = values.T.double() @ values.double() / len(values)
    sizes, directions = torch.linalg.eigh(correlation)
    root, directions = sizes[-n_factors:].clamp(min=1e-6).sqrt(), directions[:, -n_factors:]
    return (directions * root).flip(1).float(), (directions / root).flip(1).float()


def _validation_blocks(n_series: int, n_steps: int) -> tuple[Tensor, Tensor]:
    """Give the rows to train on, and every eighth block of up to 63 steps to validate on.

    Blocks spread over all times judge a model of changing times more surely than the last years
    alone. Of series too short for blocks, every eighth is held out. Neither part has the first
    steps of a series, before which the filters know nothing.
    """
    block = min(63, n_steps // 16)
    series, steps = torch.arange(n_series)[:, None], torch.arange(n_steps)
    place = steps // block if block else series
    held = (place % 8 == 4).expand(n_series, n_steps).flatten()
    known = (steps >= min(63, n_steps // 4)).repeat(n_series)
    return (known & ~held).nonzero()[:, 0], (known & held).nonzero()[:, 0]
