"""The contract of generators of series: paths of many channels over many steps."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import pandas as pd

from scenara.shared.data.schema import Schema
from scenara.shared.engine import Shard, cut, engine_named
from scenara.shared.errors import ConfigError, DataError, SchemaError
from scenara.shared.generators.base import Generator
from scenara.shared.generators.series.conditions import (
    Conditioned,
    PathCondition,
    draw_conditioned,
    joined,
)
from scenara.shared.generators.series.late_starts import filled_starts
from scenara.shared.generators.series.worlds import stream_worlds
from scenara.shared.progress import Progress, silent
from scenara.shared.store import State
from scenara.shared.types import FloatArray, RandomState

__all__ = ["SeriesGenerator", "finite_series", "series_array"]


class SeriesGenerator(Generator):
    """Learn the law of a multivariate series and write new paths of it.

    A path is a function of standard normal numbers: a family writes ``_fit``, says in
    ``_noise_size`` how many numbers make a path, and turns them into paths in ``_paths``. Checks,
    shards, conditions, saving and streaming are here. The unit that ``n`` counts is a path.
    """

    minimum_steps: ClassVar[int] = 100
    """Fewest steps that the family can be fitted on."""

    keeps_state: ClassVar[bool] = True
    """Whether paths can go on from an observed window (``history``)."""

    channels_: list[str]

    def fit(
        self,
        data: pd.DataFrame | FloatArray,
        *,
        schema: Schema | None = None,
        progress: Progress = silent,
        checkpoint: str | Path | None = None,
    ) -> Self:
        """Learn from one or several observed series.

        Args:
            data: Time x channels, or an array (series, steps, channels) or (steps, channels).
                Channels of a single series may start later than others, with missing values
                before; these are filled by :func:`filled_starts`.
            schema: Kinds of the channels; each must be a number.
            progress: Told how far the fit is.
            checkpoint: Folder in which a long fit keeps its state; the same call after a crash
                goes on from there and reaches the same result.

        Returns:
            The fitted generator.

        Raises:
            DataError: Missing or infinite values, too few steps, a constant channel.
            SchemaError: The schema does not fit the data.
        """
        if hasattr(self, "channels_"):
            del self.channels_
        values = series_array(filled_starts(data), minimum_steps=self.minimum_steps)
        channels = _channel_names(data, values.shape[2])
        _check_schema(schema, channels)
        self._fit(values, progress=progress, checkpoint=Path(checkpoint) if checkpoint else None)
        self.channels_ = channels
        return self

    def sample(
        self,
        n: int,
        *,
        horizon: int = 252,
        given: PathCondition | None = None,
        history: pd.DataFrame | FloatArray | None = None,
        random_state: RandomState = None,
    ) -> FloatArray:
        """Write new paths.

        Args:
            n: Number of paths.
            horizon: Steps in each path.
            given: What every path fulfils; :meth:`sample_given` tells also how likely that is.
            history: Last observed window (steps, channels) from which the paths go on; without
                it they start anywhere in the law that was learned.
            random_state: Seed; the same seed and arguments give the same bits.

        Returns:
            Paths of shape (n, horizon, channels).

        Raises:
            NotFittedError: Before ``fit``.
            ConfigError: An argument is out of range, or the family can't do what is asked.
            DataError: ``history`` does not fit the data that was learned from, or no path
                fulfils ``given``.
        """
        window = self._check_request(horizon, given, history)
        shards = cut(n, size=self.shard_size, random_state=random_state)
        paths = np.empty((n, horizon, len(self.channels_)))
        for shard in shards:
            rows = slice(shard.start, shard.start + shard.size)
            paths[rows] = self._drawn(shard, horizon, given, window)
        return paths

    def sample_given(
        self,
        n: int,
        given: PathCondition,
        *,
        horizon: int = 252,
        history: pd.DataFrame | FloatArray | None = None,
        random_state: RandomState = None,
    ) -> Conditioned:
        """Write paths that fulfil a condition, and tell how likely it is and what they are worth.

        Args:
            n: Number of paths.
            given: What every path fulfils.
            horizon: Steps in each path.
            history: As in :meth:`sample`.
            random_state: Seed; the paths equal those of :meth:`sample`.

        Returns:
            The paths with the chance of the condition and their effective size.

        Raises:
            NotFittedError: Before ``fit``.
            ConfigError: An argument is out of range, or the family can't do what is asked.
            DataError: No path fulfils ``given``, or too few independent ones do.
        """
        window = self._check_request(horizon, given, history)
        shards = cut(n, size=self.shard_size, random_state=random_state)
        return joined([self._conditioned(shard, horizon, given, window) for shard in shards])

    def sample_to(
        self,
        path: str | Path,
        n: int,
        *,
        horizon: int = 252,
        given: PathCondition | None = None,
        history: pd.DataFrame | FloatArray | None = None,
        random_state: RandomState = None,
        engine: str = "local",
        progress: Progress = silent,
    ) -> Path:
        """Stream new paths to a folder of Parquet files; memory stays flat in ``n``.

        The same call after an interruption keeps the parts that are there and writes the rest.

        Args:
            path: The folder.
            n: Number of paths.
            horizon: Steps in each path.
            given: As in :meth:`sample`.
            history: As in :meth:`sample`.
            random_state: Seed; None draws one at the first call and keeps it in the folder.
            engine: Where the shards run.
            progress: Told how many shards are done.

        Returns:
            The folder, for :func:`read_worlds`; its paths equal those of :meth:`sample`.

        Raises:
            NotFittedError: Before ``fit``.
            ConfigError: An argument is out of range, or the folder holds another request.
        """
        window = self._check_request(horizon, given, history)
        request = {
            "fingerprint": self.fingerprint(),
            "given": repr(given),
            "horizon": horizon,
            "history": None if window is None else window.tolist(),
            "n": n,
        }

        def draw(shard: Shard) -> FloatArray:
            return self._drawn(shard, horizon, given, window)

        return stream_worlds(
            Path(path),
            request,
            draw,
            channels=self.channels_,
            shard_size=self.shard_size,
            random_state=random_state,
            engine=engine_named(engine),
            progress=progress,
        )

    def state(self) -> State:
        """Give what ``fit`` learned, apart from the settings.

        Raises:
            NotFittedError: The generator is not fitted.
        """
        state = super().state()
        return replace(state, values={**state.values, "channels": self.channels_})

    def restore(self, state: State) -> Self:
        """Take over what another generator of the same family and settings has learned.

        Args:
            state: From a saved artifact.
        """
        self._restore(state)
        self.channels_ = list(state.values["channels"])
        return self

    @abstractmethod
    def _fit(self, data: FloatArray, *, progress: Progress, checkpoint: Path | None) -> None:
        """Learn from (series, steps, channels), all finite."""

    @abstractmethod
    def _noise_size(self, horizon: int) -> int:
        """Give how many standard normal numbers make a path."""

    @abstractmethod
    def _paths(self, noise: FloatArray, horizon: int, history: FloatArray | None) -> FloatArray:
        """Turn noise (n, noise size) into paths (n, horizon, channels).

        Each path depends on its own row alone. With ``history`` (steps, channels) paths go on
        from it.
        """

    def _drawn(
        self, shard: Shard, horizon: int, given: PathCondition | None, history: FloatArray | None
    ) -> FloatArray:
        if given is not None:
            return self._conditioned(shard, horizon, given, history).paths
        noise = shard.rng().standard_normal((shard.size, self._noise_size(horizon)))
        return self._paths(noise, horizon, history)

    def _conditioned(
        self, shard: Shard, horizon: int, given: PathCondition, history: FloatArray | None
    ) -> Conditioned:
        return draw_conditioned(
            lambda noise: self._paths(noise, horizon, history),
            given,
            shard.size,
            noise_size=self._noise_size(horizon),
            channels=self.channels_,
            rng=shard.rng(),
        )

    def __sklearn_is_fitted__(self) -> bool:
        return "channels_" in vars(self)

    def _check_request(
        self, horizon: int, given: object, history: pd.DataFrame | FloatArray | None
    ) -> FloatArray | None:
        self._check_fitted()
        if given is not None and not isinstance(given, PathCondition):
            raise ConfigError(
                f"given: expected a condition on paths, with a method shortfall, found {given!r}"
            )
        if not isinstance(horizon, (int, np.integer)) or horizon < 1:
            raise ConfigError(
                f"horizon: expected a whole number of steps from 1, found {horizon!r}"
            )
        if history is None:
            return None
        if not self.keeps_state:
            raise ConfigError(f"{self.family} keeps no state; leave history out")
        return _window(history, self.channels_)


def series_array(data: pd.DataFrame | FloatArray, *, minimum_steps: int) -> FloatArray:
    """Check observed series and give them in one shape.

    Args:
        data: Time x channels, or an array (series, steps, channels) or (steps, channels).
        minimum_steps: Fewest steps in all series together.

    Returns:
        Float64 array (series, steps, channels).

    Raises:
        DataError: Not numbers, missing or infinite values, too few steps, a constant channel.

    Example:
        >>> series_array(np.random.default_rng(0).normal(size=(200, 3)), minimum_steps=100).shape
        (1, 200, 3)
    """
    values = finite_series(data)
    n_steps = values.shape[0] * values.shape[1]
    if n_steps < minimum_steps:
        raise DataError(f"expected at least {minimum_steps} steps to learn from, found {n_steps}")
    constant = np.flatnonzero(np.ptp(values, axis=(0, 1)) == 0)
    if constant.size:
        name = _channel_names(data, values.shape[2])[constant[0]]
        raise DataError(f"channel {name!r}: the value never changes; leave the channel out")
    return values


def finite_series(data: pd.DataFrame | FloatArray) -> FloatArray:
    """Give series in one shape, and refuse values that are no finite numbers.

    Args:
        data: Time x channels, or an array (series, steps, channels) or (steps, channels).

    Returns:
        Float64 array (series, steps, channels).

    Raises:
        DataError: Not numbers, missing or infinite values, or another shape.
    """
    try:
        values = np.array(data, dtype=np.float64, order="C")
    except (TypeError, ValueError) as error:
        raise DataError(f"expected numbers in every channel: {error}") from error
    values = values[None] if values.ndim == 2 else values
    if values.ndim != 3 or 0 in values.shape:
        raise DataError(
            "expected time x channels or (series, steps, channels) with at least one of each, "
            f"found shape {np.shape(data)}"
        )
    if not np.isfinite(values).all():
        series, step, channel = np.argwhere(~np.isfinite(values))[0]
        name = _channel_names(data, values.shape[2])[channel]
        raise DataError(
            f"channel {name!r}: missing or infinite value in series {series}, step {step}; "
            "clean the data first"
        )
    return values


def _channel_names(data: pd.DataFrame | FloatArray, n_channels: int) -> list[str]:
    if isinstance(data, pd.DataFrame):
        return [str(name) for name in data.columns]
    return [f"channel_{i}" for i in range(n_channels)]


def _check_schema(schema: Schema | None, channels: Sequence[str]) -> None:
    if schema is None:
        return
    if list(schema.names) != list(channels):
        raise SchemaError(f"schema: expected the columns {list(channels)}, found {schema.names}")
    for column in schema.columns:
        if column.kind not in ("numeric", "integer"):
            raise SchemaError(f"column {column.name!r}: expected a number, found {column.kind}")


def _window(history: pd.DataFrame | FloatArray, channels: list[str]) -> FloatArray:
    values = finite_series(history)
    if values.shape[0] != 1 or values.shape[2] != len(channels):
        raise DataError(
            f"history: expected steps x {len(channels)} channels, found shape {np.shape(history)}"
        )
    if isinstance(history, pd.DataFrame) and [str(c) for c in history.columns] != channels:
        raise DataError(f"history: expected the channels {channels}, found {list(history.columns)}")
    window: FloatArray = values[0]
    return window
