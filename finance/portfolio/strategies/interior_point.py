"""Convex programmes of many paths at once, by an interior point method."""

from dataclasses import dataclass
from typing import Protocol, Self

import torch
from torch import Tensor

from scenara.shared.errors import DataError

__all__ = ["NewtonStep", "Programme", "solve"]

TOLERANCE = 1e-9
"""Largest residual and mean complementarity at a solution; the dual one in units of the prices."""

MOST_STEPS = 100
_TO_THE_EDGE = 0.995


class Programme(Protocol):
    r"""Describe :math:`\min x' Q x / 2 + c' x` with :math:`G x \le h` and :math:`A x = b`.

    All tensors have paths first. Variables should be of the order of one.
    """

    @property
    def start(self) -> Tensor:
        """Where to begin, shape (paths, variables); it need not fulfil the constraints."""
        ...

    def take(self, paths: Tensor) -> Self:
        """Give the programmes of some paths."""
        ...

    def slope(self, point: Tensor) -> Tensor:
        """Give ``Q x + c``, shape (paths, variables)."""
        ...

    def excess(self, point: Tensor) -> Tensor:
        """Give ``G x - h``, shape (paths, inequalities)."""
        ...

    def reach(self, step: Tensor) -> Tensor:
        """Give ``G`` times a step, shape (paths, inequalities)."""
        ...

    def pull(self, prices: Tensor) -> Tensor:
        """Give ``G'`` times the prices of the inequalities, shape (paths, variables)."""
        ...

    def missing(self, point: Tensor) -> Tensor:
        """Give ``A x - b``, shape (paths, equalities)."""
        ...

    def hold(self, prices: Tensor) -> Tensor:
        """Give ``A'`` times the prices of the equalities, shape (paths, variables)."""
        ...

    def newton(self, stiffness: Tensor) -> "NewtonStep":
        """Make ready for ``(Q + G' diag(stiffness) G) dx + A' dy = u`` and ``A dx = v``."""
        ...


class NewtonStep(Protocol):
    """Solve the two equations of ``Programme.newton``: takes u and v, gives dx and dy."""

    def __call__(self, right: Tensor, equal: Tensor) -> tuple[Tensor, Tensor]:
        """Solve."""
        ...


def solve(programme: Programme) -> Tensor:
    """Find the minimum, by Mehrotra's predictor and corrector from an infeasible start.

    A path that is done rests, so that it does not depend on the others. Where there are many
    minima, the one in the middle of them is approached.

    Args:
        programme: What is minimised, in float64.

    Returns:
        The minimum, shape (paths, variables), with residuals below 1e-9.

    Raises:
        DataError: Some path has no minimum, or none that is found.

    References:
        Nocedal and Wright (2006), Numerical optimization, 2nd edition, algorithm 16.4 (for
        quadratic programmes), https://doi.org/10.1007/978-0-387-40065-5; Mehrotra (1992), On the
        implementation of a primal-dual interior point method, SIAM Journal on Optimization 2(4).

    Example:
        >>> from scenara.finance.portfolio.strategies.programmes import QuadraticProgramme
        >>> eye, one = torch.eye(2, dtype=torch.float64)[None], torch.ones(2, dtype=torch.float64)
        >>> costs = torch.tensor([[3.0, 0.0]], dtype=torch.float64)
        >>> rows, totals = one[None, None], one[None, :1]
        >>> programme = QuadraticProgramme(eye, costs, 0 * one, one, rows, totals)
        >>> solve(programme).round(decimals=6)
        tensor([[0., 1.]], dtype=torch.float64)
    """
    point = programme.start
    slack = (-programme.excess(point)).clamp_min(0.1)
    state = _State(point, slack, torch.ones_like(slack), torch.zeros_like(programme.missing(point)))
    solution = point.clone()
    paths = torch.arange(len(point), device=point.device)
    for _ in range(MOST_STEPS):
        gaps = _Gaps.of(programme, state)
        active = torch.nonzero(~(gaps.largest <= TOLERANCE)).squeeze(-1)
        if len(active) < len(paths):
            solution[paths] = state.point
            paths, programme = paths[active], programme.take(active)
            state, gaps = state.take(active), gaps.take(active)
        if len(paths) == 0:
            return solution
        state = _step(programme, state, gaps)
    raise DataError(f"optimisation: no minimum was found on {len(paths)} of {len(solution)} paths")


@dataclass(frozen=True, eq=False)
class _State:
    point: Tensor
    slack: Tensor
    prices: Tensor
    equal: Tensor

    def take(self, paths: Tensor) -> "_State":
        parts = (self.point, self.slack, self.prices, self.equal)
        return _State(*(part[paths] for part in parts))


@dataclass(frozen=True, eq=False)
class _Gaps:
    """Residuals of the conditions of a minimum, and the mean complementarity."""

    dual: Tensor
    primal: Tensor
    equal: Tensor
    centre: Tensor
    scale: Tensor

    @classmethod
    def of(cls, programme: Programme, state: _State) -> "_Gaps":
        dual = programme.slope(state.point)
        dual = dual + programme.pull(state.prices) + programme.hold(state.equal)
        return cls(
            dual,
            programme.excess(state.point) + state.slack,
            programme.missing(state.point),
            (state.slack * state.prices).mean(-1, keepdim=True),
            1 + state.prices.amax(-1, keepdim=True),
        )

    @property
    def largest(self) -> Tensor:
        residuals = (self.dual / self.scale, self.primal, self.equal, self.centre)
        return torch.cat(residuals, dim=-1).abs().amax(-1)

    def take(self, paths: Tensor) -> "_Gaps":
        parts = (self.dual, self.primal, self.equal, self.centre, self.scale)
        return _Gaps(*(part[paths] for part in parts))


def _step(programme: Programme, state: _State, gaps: _Gaps) -> _State:
    newton = programme.newton(state.prices / state.slack)
    aim = state.slack * state.prices
    ahead = _direction(programme, newton, state, gaps, aim)
    length = _length(state, ahead, 1.0)
    reached = (state.slack + length * ahead.slack) * (state.prices + length * ahead.prices)
    centre = reached.mean(-1, keepdim=True) ** 3 / gaps.centre**2
    # Damped where the predictor is short: in full, the corrector can go round in circles then.
    # And not aimed below the tolerance: slacks and prices would vanish before the residuals do.
    aim = aim + length**2 * ahead.slack * ahead.prices - centre.clamp_min(0.1 * TOLERANCE)
    ahead = _direction(programme, newton, state, gaps, aim)
    length = _length(state, ahead, _TO_THE_EDGE)
    return _State(
        state.point + length * ahead.point,
        state.slack + length * ahead.slack,
        state.prices + length * ahead.prices,
        state.equal + length * ahead.equal,
    )


def _direction(
    programme: Programme, newton: NewtonStep, state: _State, gaps: _Gaps, aim: Tensor
) -> _State:
    owed = (state.prices * gaps.primal - aim) / state.slack
    point, equal = newton(-gaps.dual - programme.pull(owed), -gaps.equal)
    reach = programme.reach(point)
    prices = owed + state.prices / state.slack * reach
    return _State(point, -gaps.primal - reach, prices, equal)


def _length(state: _State, ahead: _State, share: float) -> Tensor:
    """Give the longest common step that keeps slacks and prices positive."""
    now = torch.cat([state.slack, state.prices], dim=-1)
    change = torch.cat([ahead.slack, ahead.prices], dim=-1)
    most = torch.where(change < 0, -now / change, torch.inf).amin(-1, keepdim=True)
    return (share * most).clamp_max(1)
