"""Observed days beside what a volatility filter knew before them: what a recurrent model reads."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from scenara.shared.generators.series.diffusion_days import DayModel, DayState
from scenara.shared.types import FloatArray

__all__ = ["DayRecord", "day_signals", "factor_start", "scales"]

_LEAST_OWN = 0.1
"""Least own scale of a channel as a share of its common one; keeps densities finite where a
channel is all common move."""
_LARGEST_MOVE = 8.0


@dataclass(frozen=True)
class DayRecord:
    """Series day by day, in the units of a day model.

    Args:
        values: Standardised channels y, ``(series, steps, d)``.
        common: Scale of each channel's share in the common move, ``(series, steps, d)``.
        own: Scale of each channel's own move, ``(series, steps, d)``.
        conditions: What the filter knows before each day, ``(series, steps, conditions)``.
        signals: What each day tells, ``(series, steps, signals)``.
    """

    values: Tensor
    common: Tensor
    own: Tensor
    conditions: Tensor
    signals: Tensor

    @classmethod
    def of(cls, days: DayModel, data: FloatArray, states: list[DayState]) -> "DayRecord":
        """Read series.

        Args:
            days: The day model.
            data: ``(series, steps, d)``.
            states: What it knows before each step, from its ``run``.
        """
        both = [scales(days, state) for state in states[:-1]]
        innovations = days.innovations(data, states)
        parts = (
            (data - days.centre) / days.spread,
            np.stack([common for common, _ in both], axis=1),
            np.stack([own for _, own in both], axis=1),
            np.stack([days.features(state)[:, :-1] for state in states[:-1]], axis=1),
            day_signals(innovations),
        )
        return cls(*(torch.from_numpy(part).float() for part in parts))

    def window(self, series: Tensor, first: Tensor, length: int) -> "DayRecord":
        """Cut out windows.

        Args:
            series: Number of the series of each window, ``(n,)``.
            first: First step of each window, ``(n,)``.
            length: Steps.

        Returns:
            A record of n series of that many steps.
        """
        steps = first[:, None] + torch.arange(length, device=first.device)
        rows = (series[:, None], steps)
        return DayRecord(*(part[rows] for part in self.parts))

    def to(self, device: torch.device) -> "DayRecord":
        """Give the record on a device.

        Args:
            device: Where to.
        """
        return DayRecord(*(part.to(device) for part in self.parts))

    @property
    def parts(self) -> tuple[Tensor, ...]:
        """All tensors, in the order of the constructor."""
        return self.values, self.common, self.own, self.conditions, self.signals


def scales(days: DayModel, state: DayState) -> tuple[FloatArray, FloatArray]:
    """Give the scales of a day that the filter expects.

    Args:
        days: The day model.
        state: Before the day.

    Returns:
        Of each channel's share in the common move, with its sign, and of its own move,
        ``(n, d)`` each.
    """
    common_scale, own_scale = days.volatilities(state)
    common = common_scale[:, None] * days.loadings
    own = own_scale[:, None] * np.sqrt(state.own) * days.own_spread
    return common, np.sqrt(np.square(own) + np.square(_LEAST_OWN * common))


def day_signals(innovations: FloatArray) -> FloatArray:
    """Give innovations and the size of the common one, bent so that no day overwhelms.

    Args:
        innovations: Of a :class:`DayModel`, ``(..., c)``.

    Returns:
        ``(..., c + 1)``.

    Example:
        >>> day_signals(np.zeros((5, 3))).shape
        (5, 4)
    """
    common = innovations[..., :1]
    tame = _LARGEST_MOVE * np.tanh(innovations / _LARGEST_MOVE)
    return np.concatenate([tame, np.log(np.abs(common) + 0.1)], axis=-1)


def factor_start(record: DayRecord, n_factors: int) -> tuple[Tensor, Tensor]:
    """Give loadings of own factors and what is left of each channel, to begin with.

    Args:
        record: Observed days.
        n_factors: Factors r.

    Returns:
        Loadings ``(d, r)`` and log scales ``(d,)``, in units of the channels' own scales.
    """
    moves = ((record.values - _common_part(record)) / record.own).flatten(0, 1).double()
    moves = moves.clamp(-_LARGEST_MOVE, _LARGEST_MOVE)
    sizes, vectors = torch.linalg.eigh(moves.T @ moves / len(moves))
    keep = slice(len(sizes) - n_factors, len(sizes))
    loadings = vectors[:, keep] * sizes[keep].clamp(min=1e-6).sqrt()
    left = (moves.square().mean(0) - loadings.square().sum(1)).clamp(min=0.1)
    return loadings.float(), (0.5 * left.log()).float()


def _common_part(record: DayRecord) -> Tensor:
    weights = record.common / record.own.square()
    share = (weights * record.values).sum(-1) / (weights * record.common).sum(-1)
    return share[..., None] * record.common
