"""What a report of advice is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scenara.finance.advisor.planning.checks import PlanChecks
from scenara.finance.advisor.planning.plan import Plan
from scenara.finance.advisor.settings import AdviceSettings

if TYPE_CHECKING:
    from scenara.finance.advisor.execution.plan import OrderPlan

__all__ = ["AdviceJob"]


@dataclass(frozen=True)
class AdviceJob:
    """Hold everything that the report of a plan shows.

    Args:
        plan: What is advised.
        checks: What it was asked.
        settings: How it was made.
        orders: What to trade; None where there is nothing to invest yet.
        versions: Package -> version.
        sources: File -> SHA-256.
        command: What was called.
        made_on: Day on which it was made (ISO 8601).
    """

    plan: Plan
    checks: PlanChecks
    settings: AdviceSettings
    orders: "OrderPlan | None" = None
    versions: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    command: str = ""
    made_on: str = ""

    @property
    def currency(self) -> str:
        """Currency of all amounts."""
        return self.plan.client.person.currency

    @property
    def room(self) -> float:
        """Currency units a month that are left over after expenses, debts and saving."""
        client = self.plan.client
        return max(client.household.surplus / 12 - client.saving.per_month, 0.0)

    def is_beyond_means(self, extra: float) -> bool:
        """Say whether more is to be saved than is left over today.

        Args:
            extra: Currency units a month in today's money.

        Returns:
            Whether it is more than that.
        """
        return extra > self.room + 0.5

    @property
    def n_worlds(self) -> int:
        """Worlds of all generators."""
        return self.plan.markets.n_paths * len(self.plan.markets.families)
