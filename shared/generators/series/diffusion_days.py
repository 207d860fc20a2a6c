"""A day of a series as a few innovations: what a flow over windows of days has to learn."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from scipy.optimize import minimize

from scenara.shared.types import FloatArray, IntArray

__all__ = ["DayModel", "DayState"]

_PULL = 0.8
"""Memory of the average of the market's last moves, which stands for leverage."""
_OWN_GAIN, _OWN_MEMORY = 0.05, 0.93
_N_FILTERINGS = 3
"""The market's last moves are measured in its volatility, which depends on them in turn."""
_TAME = 9.0
"""Squares of own moves count up to this much, so that one jump does not last for months."""
_LEAST_SIZE = 0.02
_BEYOND = 0.3
"""How far log volatilities may leave what was observed."""
_REACH = 1.4
"""No move is larger than this many times the largest one observed of its channel."""


@dataclass(frozen=True)
class DayState:
    """What is known of the past before a day.

    Args:
        sizes: Averages of the size of common and of own moves at each speed, ``(n, 2 speeds)``.
        pull: Average of the last common moves in units of their volatility, ``(n,)``.
        own: Variance of each channel's own moves next to that of all, ``(n, d)``.
    """

    sizes: FloatArray
    pull: FloatArray
    own: FloatArray

    def taken(self, rows: IntArray) -> "DayState":
        """Give some of the states.

        Args:
            rows: Their numbers.
        """
        return DayState(self.sizes[rows], self.pull[rows], self.own[rows])

    @classmethod
    def joined(cls, states: "list[DayState]") -> Self:
        """Put states one after the other.

        Args:
            states: At least one.
        """
        return cls(
            np.concatenate([state.sizes for state in states]),
            np.concatenate([state.pull for state in states]),
            np.concatenate([state.own for state in states]),
        )


@dataclass(frozen=True)
class DayModel:
    """Turn days into innovations and back, given the days before.

    With y the standardised channels, y = b f + u: a common move f and own moves u. Both have a
    volatility that is a log-linear function of averages of past sizes and of past common moves,

        f = h z,    u = k exp(l) s * v,

    where s are slow volatilities of the channels' own and v is a direction of mean size one. The innovations of a day are z, l and the first scores of v; the rest of v is drawn from
    days that were observed.

    Args:
        centre: Mean of each channel, ``(d,)``.
        spread: Unit of each channel, ``(d,)``.
        loadings: b, ``(d,)``.
        projection: Gives f of y, ``(d,)``.
        own_spread: Unit of each channel's own moves, ``(d,)``.
        tame_mean: Mean of the squares that move own variances, ``(d,)``.
        gains: How fast each average forgets, ``(speeds,)``.
        size_units: Mean size of common and of own moves, ``(2,)``.
        weights: Of log variances on the features, ``(2, 2 speeds + 2)``.
        bounds: Lowest and highest log volatility, ``(2, 2)``.
        basis: Directions whose scores are innovations, ``(d, k)``.
        rest: What is left of v on each observed day, ``(days, d)``.
        largest: Largest move of each channel, ``(d,)``.

    References:
        Corsi (2009), A simple approximate long-memory model of realized volatility,
        https://doi.org/10.1093/jjfinec/nbp001 (averages at several horizons); Francq and
        Zakoian (2010), GARCH models, chapter 7 (quasi-maximum likelihood).
    """

    centre: FloatArray
    spread: FloatArray
    loadings: FloatArray
    projection: FloatArray
    own_spread: FloatArray
    tame_mean: FloatArray
    gains: FloatArray
    size_units: FloatArray
    weights: FloatArray
    bounds: FloatArray
    basis: FloatArray
    rest: FloatArray
    largest: FloatArray

    @property
    def has_own(self) -> bool:
        """Tell whether channels move apart from each other."""
        return bool(self.own_spread.any())

    @property
    def n_innovations(self) -> int:
        """Number of innovations of a day."""
        return 2 + self.basis.shape[1] if self.has_own else 1

    def first_state(self, n: int) -> DayState:
        """Give what is assumed before a first day.

        Args:
            n: Number of series.
        """
        n_sizes, d = 2 * len(self.gains), len(self.centre)
        return DayState(np.ones((n, n_sizes)), np.zeros(n), np.ones((n, d)))

    def features(self, state: DayState) -> FloatArray:
        """Give what volatilities depend on.

        Args:
            state: Before the day.

        Returns:
            Log averages, the pull and a one, ``(n, 2 speeds + 2)``.
        """
        one = np.ones_like(state.pull)
        return np.column_stack([2 * np.log(state.sizes), state.pull, one])

    def volatilities(self, state: DayState) -> tuple[FloatArray, FloatArray]:
        """Give h and k of the next day.

        Args:
            state: Before the day.

        Returns:
            Volatilities of common and of own moves, ``(n,)`` each.
        """
        logs = 0.5 * self.features(state) @ self.weights.T
        common, own = np.exp(np.clip(logs, self.bounds[0], self.bounds[1])).T
        return common, own

    def read(self, returns: FloatArray, state: DayState) -> tuple[FloatArray, FloatArray]:
        """Give the innovations of a day and the direction of own moves.

        Args:
            returns: The day, ``(n, d)``.
            state: Before it.

        Returns:
            Innovations ``(n, c)`` and directions ``(n, d)``.
        """
        common, own = self._parts(returns)
        common_scale, own_scale = self.volatilities(state)
        z = common / common_scale
        if not self.has_own:
            return z[:, None], np.zeros_like(own)
        moves = own / own_scale[:, None] / np.sqrt(state.own)
        level = np.abs(moves).mean(axis=1) + 1e-3
        direction = moves / level[:, None]
        return np.column_stack([z, np.log(level), direction @ self.basis]), direction

    def write(self, innovations: FloatArray, rows: IntArray, state: DayState) -> FloatArray:
        """Give the day that innovations stand for.

        Args:
            innovations: From the law of the days, ``(n, c)``.
            rows: Observed days from which the rest of the direction is taken, ``(n,)``.
            state: Before the day.

        Returns:
            The day, ``(n, d)``.
        """
        common_scale, own_scale = self.volatilities(state)
        y = (innovations[:, 0] * common_scale)[:, None] * self.loadings
        if self.has_own:
            direction = innovations[:, 2:] @ self.basis.T + self.rest[rows]
            direction /= np.abs(direction).mean(axis=1, keepdims=True) + 1e-3
            level = np.exp(innovations[:, 1]) * own_scale
            y += level[:, None] * np.sqrt(state.own) * self.own_spread * direction
        return self.bent(self.centre + self.spread * y)

    def bent(self, returns: FloatArray) -> FloatArray:
        """Bend moves beyond the largest ones observed in place; none passes 1.4 times that.

        Args:
            returns: Days, ``(n, d)``.

        Returns:
            The same array.
        """
        return _bent(returns, self.largest)

    def advance(self, returns: FloatArray, state: DayState) -> DayState:
        """Take in a day.

        Args:
            returns: The day, ``(n, d)``.
            state: Before it.

        Returns:
            What is known after it.
        """
        common, own = self._parts(returns)
        common_scale, own_scale = self.volatilities(state)
        now = np.stack([np.abs(common), np.abs(own).mean(axis=1)], axis=1) / self.size_units
        now = np.repeat(now, len(self.gains), axis=1)
        sizes = state.sizes + np.tile(self.gains, 2) * (now - state.sizes)
        tame = np.minimum(np.square(own / own_scale[:, None]), _TAME) / self.tame_mean
        return DayState(
            np.maximum(sizes, _LEAST_SIZE),
            _PULL * state.pull + (1 - _PULL) * common / common_scale,
            1 - _OWN_GAIN - _OWN_MEMORY + _OWN_GAIN * tame + _OWN_MEMORY * state.own,
        )

    def run(self, series: FloatArray) -> list[DayState]:
        """Follow series from their first days.

        Args:
            series: ``(series, steps, d)``.

        Returns:
            What is known before each step and after the last.
        """
        states = [self.first_state(len(series))]
        for step in range(series.shape[1]):
            states.append(self.advance(series[:, step], states[-1]))
        return states

    def innovations(self, series: FloatArray, states: list[DayState]) -> FloatArray:
        """Give the innovations of all days.

        Args:
            series: ``(series, steps, d)``.
            states: From :meth:`run`.

        Returns:
            ``(series, steps, c)``.
        """
        days = [self.read(series[:, step], state)[0] for step, state in enumerate(states[:-1])]
        return np.stack(days, axis=1)

    def variances(self, series: FloatArray) -> FloatArray:
        """Give the variance of common moves and the mean variance of own ones, ``(2,)``.

        Args:
            series: ``(series, steps, d)``.
        """
        common, own = self._parts(series.reshape(-1, series.shape[2]))
        return np.array([np.square(common).mean(), np.square(own).mean() + 1e-12])

    def shifted(self, log_variances: FloatArray) -> "DayModel":
        """Give a model whose log variances are higher by constants.

        Args:
            log_variances: Of common and of own moves, ``(2,)``.
        """
        weights = self.weights.copy()
        weights[:, -1] += log_variances
        return replace(self, weights=weights)

    def _parts(self, returns: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Give common moves and own moves in their units."""
        y = (returns - self.centre) / self.spread
        common = y @ self.projection
        own = (y - common[:, None] * self.loadings) / np.where(
            self.own_spread > 0, self.own_spread, np.inf
        )
        return common, own

    @classmethod
    def fit(cls, data: FloatArray, *, half_lives: tuple[float, ...], n_factors: int) -> Self:
        """Learn from series.

        Args:
            data: ``(series, steps, d)``.
            half_lives: Of the averages, in steps.
            n_factors: Scores of the direction that are innovations, at most; a quarter of the
                channels at most.
        """
        model = cls._plain(data, 1 - 0.5 ** (1 / np.asarray(half_lives, dtype=float)))
        for _ in range(_N_FILTERINGS):
            model = model._with_volatilities(data)
        return model._with_directions(data, n_factors)

    @classmethod
    def _plain(cls, data: FloatArray, gains: FloatArray) -> Self:
        days = data.reshape(-1, data.shape[2])
        centre, spread = days.mean(axis=0), days.std(axis=0)
        y = (days - centre) / spread
        sizes, vectors = np.linalg.eigh(y.T @ y / len(y))
        axis = vectors[:, -1] * np.sign(vectors[:, -1].sum() or 1.0)
        loadings, projection = axis * np.sqrt(sizes[-1]), axis / np.sqrt(sizes[-1])
        common = y @ projection
        own_spread = (y - common[:, None] * loadings).std(axis=0)
        own_spread[own_spread < 1e-6] = 0.0
        d, n_features = len(centre), 2 * len(gains) + 2
        own = (y - common[:, None] * loadings) / np.where(own_spread > 0, own_spread, np.inf)
        return cls(
            centre=centre,
            spread=spread,
            loadings=loadings,
            projection=projection,
            own_spread=own_spread,
            tame_mean=np.ones(d),
            gains=gains,
            size_units=np.array([np.abs(common).mean(), np.abs(own).mean() or 1.0]),
            weights=np.zeros((2, n_features)),
            bounds=np.array([[-20.0, -20.0], [20.0, 20.0]]),
            basis=np.zeros((d, 0)),
            rest=np.zeros((1, d)),
            largest=np.abs(days).max(axis=0),
        )

    def _with_volatilities(self, data: FloatArray) -> Self:
        features = np.concatenate([self.features(state) for state in self.run(data)[:-1]])
        common, own = self._parts(_days(data))
        weights = np.zeros_like(self.weights)
        weights[0] = _log_variance_weights(features, np.square(common))
        if self.has_own:
            weights[1] = _log_variance_weights(features, np.square(own).mean(axis=1))
        logs = 0.5 * features @ weights.T
        bounds = np.stack([logs.min(axis=0) - _BEYOND, logs.max(axis=0) + _BEYOND])
        moves = own / np.exp(logs[:, 1:])
        size = np.sqrt(np.square(moves).mean(axis=0))
        tame = np.minimum(np.square(moves / np.where(size > 0, size, 1.0)), _TAME).mean(axis=0)
        return replace(
            self,
            weights=weights,
            bounds=bounds,
            own_spread=self.own_spread * size,
            tame_mean=np.where(tame > 0, tame, 1.0),
        )

    def _with_directions(self, data: FloatArray, n_factors: int) -> Self:
        if not self.has_own:
            return self
        states = self.run(data)[:-1]
        read = [self.read(data[:, step], state)[1] for step, state in enumerate(states)]
        directions = np.concatenate(read)
        _, vectors = np.linalg.eigh(directions.T @ directions)
        basis = vectors[:, ::-1][:, : min(n_factors, len(vectors) // 4)]
        rest = directions - directions @ basis @ basis.T
        return replace(self, basis=np.ascontiguousarray(basis), rest=rest)


def _days(data: FloatArray) -> FloatArray:
    """Give days (steps x series, d) in the order of states: all series of a step together."""
    days: FloatArray = data.transpose(1, 0, 2).reshape(-1, data.shape[2])
    return days


def _log_variance_weights(features: FloatArray, squares: FloatArray) -> FloatArray:
    """Fit log variances, linear in the features, by quasi-maximum likelihood."""
    capped = np.minimum(squares, np.quantile(squares, 0.9995))
    n = len(squares)

    def loss(weights: FloatArray) -> tuple[float, FloatArray]:
        logs = np.clip(features @ weights, -30, 30)
        ratio = capped * np.exp(-logs)
        penalty = np.r_[weights[:-1], 0.0] * 1e-3
        slope = features.T @ (1 - ratio) / n + 2 * penalty
        return float((logs + ratio).mean() + penalty @ weights), slope

    first = np.r_[np.full(features.shape[1] - 2, 0.2), 0.0, np.log(squares.mean())]
    return minimize(loss, first, jac=True, method="L-BFGS-B").x  # type: ignore[no-any-return]


def _bent(returns: FloatArray, largest: FloatArray) -> FloatArray:
    """Bend moves beyond the largest ones in place; none passes ``_REACH`` times that."""
    rows, channels = np.nonzero(np.abs(returns) > largest)
    if rows.size:
        most, room = largest[channels], _REACH - 1
        far = returns[rows, channels]
        size = 1 + room * np.tanh((np.abs(far) / most - 1) / room)
        returns[rows, channels] = np.sign(far) * size * most
    return returns
