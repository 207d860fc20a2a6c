"""Quadratic programmes of few variables, and the linear algebra of a step towards their minimum."""

from dataclasses import dataclass

import torch
from torch import Tensor

from scenara.finance.portfolio.strategies.interior_point import NewtonStep

__all__ = ["QuadraticProgramme", "equality_step", "times"]

_ROUNDING = 1e-15
"""Stiffness of every direction as a share of the greatest, so that none is lost by rounding."""


@dataclass(frozen=True, eq=False)
class QuadraticProgramme:
    """Hold a quadratic programme of few variables within limits, under few equalities.

    Args:
        quadratic: ``Q``, shape (paths, variables, variables).
        linear: ``c``, shape (paths, variables).
        lower: Least value of each variable, shape (variables,).
        upper: Greatest value of each variable, shape (variables,).
        rows: ``A``, shape (paths, equalities, variables).
        totals: ``b``, shape (paths, equalities).
    """

    quadratic: Tensor
    linear: Tensor
    lower: Tensor
    upper: Tensor
    rows: Tensor
    totals: Tensor

    @property
    def start(self) -> Tensor:
        """The middle of the limits."""
        return (0.5 * (self.lower + self.upper)).expand_as(self.linear)

    def take(self, paths: Tensor) -> "QuadraticProgramme":
        """Give the programmes of some paths."""
        parts = (self.quadratic, self.linear, self.rows, self.totals)
        quadratic, linear, rows, totals = (part[paths] for part in parts)
        return QuadraticProgramme(quadratic, linear, self.lower, self.upper, rows, totals)

    def slope(self, point: Tensor) -> Tensor:
        """Give ``Q x + c``."""
        return times(self.quadratic, point) + self.linear

    def excess(self, point: Tensor) -> Tensor:
        """Give what is above the upper limits, and what is below the lower ones."""
        return torch.cat([point - self.upper, self.lower - point], dim=-1)

    def reach(self, step: Tensor) -> Tensor:
        """Give the step and its opposite."""
        return torch.cat([step, -step], dim=-1)

    def pull(self, prices: Tensor) -> Tensor:
        """Give the prices of the upper limits less those of the lower ones."""
        above, below = prices.chunk(2, dim=-1)
        return above - below

    def missing(self, point: Tensor) -> Tensor:
        """Give ``A x - b``."""
        return times(self.rows, point) - self.totals

    def hold(self, prices: Tensor) -> Tensor:
        """Give ``A'`` times prices."""
        return times(self.rows.mT, prices)

    def newton(self, stiffness: Tensor) -> NewtonStep:
        """Factor the matrix of the step."""
        above, below = stiffness.chunk(2, dim=-1)
        return equality_step(self.quadratic + torch.diag_embed(above + below), self.rows)


def times(matrix: Tensor, vector: Tensor) -> Tensor:
    """Multiply matrices with vectors.

    Args:
        matrix: Shape (paths, rows, columns).
        vector: Shape (paths, columns).

    Returns:
        Products, shape (paths, rows).
    """
    # As rows from the left: several times faster than columns from the right.
    return (vector[:, None] @ matrix.mT)[:, 0]


def equality_step(curve: Tensor, rows: Tensor) -> NewtonStep:
    """Make ready to solve for steps under equalities.

    Args:
        curve: Positive definite matrix, shape (paths, variables, variables).
        rows: The equalities' coefficients, shape (paths, equalities, variables).

    Returns:
        What gives the step and the prices of the equalities.
    """
    # Scaled to a unit diagonal: stiffness differs by twenty orders of magnitude near a solution.
    scale = curve.diagonal(dim1=-2, dim2=-1).rsqrt()
    even = rows * scale[:, None, :]
    norm = torch.linalg.vector_norm(even, dim=-1)
    even = even / norm[..., None]
    n_rows = rows.shape[1]
    none = curve.new_zeros(len(curve), n_rows, n_rows)
    scaled = curve * scale[:, :, None] * scale[:, None, :]
    scaled.diagonal(dim1=-2, dim2=-1).add_(_ROUNDING)
    upper, lower = torch.cat([scaled, even.mT], dim=-1), torch.cat([even, none], dim=-1)
    factors, pivots, _ = torch.linalg.lu_factor_ex(torch.cat([upper, lower], dim=1))

    def step(right: Tensor, equal: Tensor) -> tuple[Tensor, Tensor]:
        both = torch.cat([right * scale, equal / norm], dim=-1)
        found = torch.linalg.lu_solve(factors, pivots, both[..., None]).squeeze(-1)
        return found[:, :-n_rows] * scale, found[:, -n_rows:] / norm

    return step
