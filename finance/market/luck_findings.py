"""What the market job found out about luck, for its report."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scenara.shared.errors import DataError

if TYPE_CHECKING:
    from scenara.finance.portfolio.luck import ErrorRate, LuckVerdict, SuperiorAbility

__all__ = ["LuckFindings"]


@dataclass(frozen=True, kw_only=True)
class LuckFindings:
    """Hold how much of what the strategies earned in the real later years may be luck.

    Args:
        verdicts: Name -> verdict on what it earned more than cash over the real later years.
        leads: Name -> verdict on what it earned more than equal weights, where that is not the same.
        silent: Strategies that held nothing but cash, so that there is nothing to judge.
        n_tried_before: Strategies that were tried before and are not among these.
        overfitting: Probability of backtest overfitting; None for fewer than ten strategies.
        over_equal: Test whether any strategy is better than equal weights; None if there is no
            other.
        over_cash: Test whether any is better than cash.
        false_claims: Rates of claims of skill where nothing can be earned.
        true_claims: Rates of claims where the owner has an edge.
        no_rates: Why rates could not be found, one kind or both; empty where they were.
        edge: That edge, as a Sharpe ratio a year.
        owner: Name of the strategy with the best record, which is given the edge.

    Raises:
        DataError: There is no verdict.
    """

    verdicts: "Mapping[str, LuckVerdict]"
    leads: "Mapping[str, LuckVerdict]" = field(default_factory=dict)
    silent: tuple[str, ...] = ()
    n_tried_before: int = 0
    overfitting: float | None = None
    over_equal: "SuperiorAbility | None" = None
    over_cash: "SuperiorAbility | None" = None
    false_claims: "tuple[ErrorRate, ...]" = ()
    true_claims: "tuple[ErrorRate, ...]" = ()
    no_rates: str = ""
    edge: float = 1.0
    owner: str = ""

    def __post_init__(self) -> None:
        if not self.verdicts:
            raise DataError("luck: expected a verdict on at least one strategy, found none")

    @property
    def n_trials(self) -> int:
        """Number of strategies tried, those before included."""
        return len(self.verdicts) + len(self.silent) + self.n_tried_before
