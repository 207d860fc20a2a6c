"""The risk a person may take: tolerance and capacity, of which the lower binds."""

from dataclasses import dataclass
from typing import Final

from scenara.finance.advisor.anchors import Anchors, on_lines
from scenara.finance.advisor.capacity import Capacity, risk_capacity
from scenara.finance.advisor.client_file import Client
from scenara.finance.advisor.questionnaire import Tolerance, tolerance
from scenara.shared.report.numbers import percent

__all__ = ["RiskProfile", "equity_of_capacity", "equity_of_tolerance", "loss_limit", "risk_profile"]

_BY_TOLERANCE: Final[Anchors] = (
    (13, 0.10),
    (18, 0.25),
    (22, 0.40),
    (28, 0.65),
    (32, 0.80),
    (38, 1.0),
)
_BY_CAPACITY: Final[Anchors] = ((0, 0.0), (30, 0.2), (50, 0.5), (70, 0.8), (85, 1.0))
_LOSS_BY_EQUITY: Final[Anchors] = (
    (0.0, 0.06),
    (0.25, 0.12),
    (0.40, 0.17),
    (0.65, 0.26),
    (0.80, 0.32),
    (1.0, 0.42),
)


@dataclass(frozen=True)
class RiskProfile:
    """Hold how much risk a person may take, and why.

    Args:
        tolerance: What the questionnaire says.
        capacity: What the balance sheet says.
        equity_by_tolerance: Largest share of equity that the person wants to bear.
        equity_by_capacity: Largest share of equity that the household can bear.
    """

    tolerance: Tolerance
    capacity: Capacity
    equity_by_tolerance: float
    equity_by_capacity: float

    @property
    def maximum_equity(self) -> float:
        """Largest share of equity: the lower of the two."""
        return min(self.equity_by_tolerance, self.equity_by_capacity)

    @property
    def maximum_loss(self) -> float:
        """Largest mean loss in the worst twentieth of years, as a share of the wealth."""
        return loss_limit(self.maximum_equity)

    @property
    def binding(self) -> str:
        """Which of the two binds: ``"tolerance"``, ``"capacity"`` or ``"both"``."""
        gap = self.equity_by_tolerance - self.equity_by_capacity
        if abs(gap) < 1e-9:
            return "both"
        return "tolerance" if gap < 0 else "capacity"

    @property
    def sentence(self) -> str:
        """Which binds and why, in words."""
        if self.binding == "tolerance":
            return (
                f"The risk tolerance binds: {self.tolerance.score} points of 47 are "
                f"{self.tolerance.band}, which allows {percent(self.equity_by_tolerance)} in "
                f"shares; the balance sheet could bear {percent(self.equity_by_capacity)}."
            )
        why = self.capacity.cap_reason or f"its score is {self.capacity.score:.0f} of 100"
        if self.binding == "capacity":
            return (
                f"The risk capacity binds: {why}, which allows {percent(self.equity_by_capacity)} "
                f"in shares; the answers would allow {percent(self.equity_by_tolerance)}."
            )
        return f"Tolerance and capacity both allow {percent(self.maximum_equity)} in shares."


def risk_profile(client: Client) -> RiskProfile:
    """Find the risk that a client may take.

    Args:
        client: With answers that can be scored.

    Returns:
        Tolerance, capacity and their limits.
    """
    willing, able = tolerance(client.questionnaire), risk_capacity(client)
    return RiskProfile(
        willing,
        able,
        equity_of_tolerance(willing.score),
        min(equity_of_capacity(able.score), able.cap),
    )


def equity_of_tolerance(score: float) -> float:
    """Give the largest share of equity for a tolerance; it never falls with the score.

    The published scale gives bands, not portfolios: straight lines between the ends of the bands
    are our choice. The average scorer of the paper is near the balanced portfolio.

    Args:
        score: Points, from 13 to 47.

    Returns:
        A share from 0.1 to 1.

    Example:
        >>> equity_of_tolerance(13), equity_of_tolerance(25), equity_of_tolerance(47)
        (0.1, 0.525, 1.0)
    """
    return on_lines(score, _BY_TOLERANCE)


def equity_of_capacity(score: float) -> float:
    """Give the largest share of equity for a capacity; it never falls with the score.

    Args:
        score: From 0 to 100.

    Returns:
        A share from 0 to 1.

    Example:
        >>> equity_of_capacity(0), equity_of_capacity(60)
        (0.0, 0.65)
    """
    return on_lines(score, _BY_CAPACITY)


def loss_limit(equity: float) -> float:
    """Give the largest tolerated loss that goes with a limit on equity.

    It is the mean loss in the worst twentieth of years (95 % expected shortfall over a year), a
    little above what a plain mix of shares and bonds of that limit has lost in history.

    Args:
        equity: Largest share of equity.

    Returns:
        A loss as a share of the wealth.

    Example:
        >>> round(loss_limit(0.65), 3)
        0.26
    """
    return on_lines(equity, _LOSS_BY_EQUITY)
