"""Margins put right after a fit: shares of codes, and the spread of positions inside them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from torch import Tensor

from scenara.shared.features import Coded
from scenara.shared.generators.tables.heads import Heads, Plan
from scenara.shared.types import Array, FloatArray, IntArray

__all__ = ["Margins", "balancing_bias", "shares_of_codes"]

N_KNOTS = 501
FEWEST = 5
N_ROUNDS = 40


@dataclass(frozen=True)
class Margins:
    """Map drawn positions so that they are spread as the learned ones are.

    Each code with positions has a monotone map from the quantiles of what a network draws to
    those of the data, straight between knots and of slope 1 beyond the last. Order, and with it
    the ties between columns in ranks, stays as it was drawn.

    Args:
        keys: Column among the measured ones and code of each map, (maps, 2).
        drawn: Quantiles of draws, increasing, (maps, knots).
        learned: Quantiles of the data, increasing, (maps, knots).
    """

    keys: IntArray
    drawn: FloatArray
    learned: FloatArray

    @classmethod
    def fit(cls, plan: Plan, real: Mapping[str, Coded], drawn: Mapping[str, Coded]) -> Self:
        """Learn the maps.

        Args:
            plan: What the columns are.
            real: The columns of the data.
            drawn: The columns of rows that a network drew.
        """
        keys, sources, targets = [], [], []
        for spot, place in enumerate(plan.measured):
            name = plan.names[place]
            for code in range(plan.n_positioned[place]):
                source, target = _inside(drawn[name], code), _inside(real[name], code)
                if min(len(source), len(target)) >= FEWEST:
                    keys.append((spot, code))
                    sources.append(_quantiles(source))
                    targets.append(_quantiles(target))
        shape = (len(keys), N_KNOTS)
        return cls(
            np.array(keys, dtype=np.int64).reshape(-1, 2),
            np.array(sources).reshape(shape),
            np.array(targets).reshape(shape),
        )

    def apply(self, codes: IntArray, positions: FloatArray) -> FloatArray:
        """Give the positions as the data spread them.

        Args:
            codes: Code of each measured column, (rows, measured columns).
            positions: As drawn, (rows, measured columns).
        """
        mapped = positions.copy()
        for number, (spot, code) in enumerate(self.keys):
            rows = codes[:, spot] == code
            mapped[rows, spot] = _mapped(
                positions[rows, spot], self.drawn[number], self.learned[number]
            )
        return mapped

    def undo(self, spot: int, code: int, positions: FloatArray) -> FloatArray:
        """Give where positions of one code were drawn.

        Args:
            spot: Column among the measured ones.
            code: The code.
            positions: As the data spread them, (positions,).
        """
        for number, key in enumerate(self.keys.tolist()):
            if key == [spot, code]:
                return _mapped(positions, self.learned[number], self.drawn[number])
        return positions

    def arrays(self) -> dict[str, Array]:
        """Give what it holds by name."""
        return {"keys": self.keys, "drawn": self.drawn, "learned": self.learned}


def balancing_bias(
    logits: Tensor, shares: Tensor, heads: Heads, *, free: Tensor | None = None
) -> Tensor:
    """Find what to add to logits so that codes are drawn as often as they occur.

    Repeats ``b += log(share) - log(mean softmax(logits + b))`` within each column.

    Args:
        logits: Logits of many draws, (rows, logits).
        shares: Share of each code in the data, (logits,).
        heads: Which logits belong together.
        free: Which logits of which rows count, (rows, logits); all if None.

    Returns:
        The bias, (logits,).
    """
    bias = torch.zeros_like(shares)
    wanted = shares.clamp(min=1e-7).log()
    free = torch.ones_like(logits) if free is None else free
    weight = free.sum(0).clamp(min=1.0)
    for _ in range(N_ROUNDS):
        found = (heads.log_softmax(logits + bias).exp() * free).sum(0) / weight
        bias = (bias + wanted - found.clamp(min=1e-9).log()).clamp(-30, 30)
    return bias


def shares_of_codes(plan: Plan, coded: Mapping[str, Coded]) -> FloatArray:
    """Give the share of each code among the rows, (logits,)."""
    shares = [np.zeros(0)]
    for place in plan.coded:
        codes = coded[plan.names[place]].codes
        shares.append(np.bincount(codes, minlength=plan.n_codes[place]) / len(codes))
    joined: FloatArray = np.concatenate(shares)
    return joined


def _inside(column: Coded, code: int) -> FloatArray:
    positions: FloatArray = column.positions[column.codes == code]
    return positions


def _quantiles(values: FloatArray) -> FloatArray:
    quantiles: FloatArray = np.quantile(values, np.linspace(0, 1, N_KNOTS))
    return quantiles


def _mapped(values: FloatArray, source: FloatArray, target: FloatArray) -> FloatArray:
    inside: FloatArray = np.interp(values, source, target)
    inside += np.minimum(values - source[0], 0) + np.maximum(values - source[-1], 0)
    return inside
