"""What fitting a family costs, from the size of the table: an estimate, so that plans repeat."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from scenara.shared.errors import ConfigError

__all__ = ["COSTS", "Cost", "Plan", "cost_of", "judging_seconds", "plan_race"]


@dataclass(frozen=True)
class Cost:
    """Estimate the CPU seconds of a fit at the family's default settings.

    ``start + per_cell * min(rows, most_rows) * columns``; a family that trains for a fixed number
    of steps costs no more beyond ``most_rows``.

    Args:
        start: Seconds that any fit takes.
        per_cell: Seconds for each cell.
        most_rows: Rows beyond which the cost stays.

    Example:
        >>> Cost(start=1.0, per_cell=1e-5).seconds(10_000, 20)
        3.0
    """

    start: float
    per_cell: float
    most_rows: float = float("inf")

    def seconds(self, n_rows: int, n_columns: int) -> float:
        """Give the estimate for a table of this size."""
        return self.start + self.per_cell * min(n_rows, self.most_rows) * n_columns

    def rows_within(self, seconds: float, n_columns: int) -> float:
        """Give the greatest number of rows that can be fitted in so many seconds."""
        if seconds >= self.seconds(int(min(self.most_rows, 1e12)), n_columns):
            return float("inf")
        return max(seconds - self.start, 0.0) / (self.per_cell * n_columns)


COSTS = {
    "table/autoregressive": Cost(start=4.0, per_cell=6e-5, most_rows=100_000),
    "table/bootstrap": Cost(start=0.05, per_cell=1e-7),
    "table/cart": Cost(start=0.3, per_cell=8e-6),
    "table/copula": Cost(start=0.3, per_cell=3e-6),
    "table/diffusion": Cost(start=5.0, per_cell=2.5e-3, most_rows=1_000),
    "table/gan": Cost(start=10.0, per_cell=1e-3, most_rows=1_000),
    "table/vae": Cost(start=5.0, per_cell=5e-4, most_rows=1_000),
}
"""On one thread of a server's core. Trees and the bootstrap were measured on tables of 500 and
7,500 rows, the copula on 500; neural families take a fixed number of steps, and their figures are
rough."""

_UNKNOWN = Cost(start=10.0, per_cell=1.5e-4)


def cost_of(family: str) -> Cost:
    """Give the cost of a family; one of another package is taken to be slow.

    Args:
        family: ``table/name``.
    """
    return COSTS.get(family, _UNKNOWN)


def judging_seconds(n_rows: int, n_columns: int) -> float:
    """Estimate the CPU seconds of sampling from one family and judging its rows.

    Args:
        n_rows: Held-out rows.
        n_columns: Columns.
    """
    return 1.0 + 3e-5 * min(n_rows, 5_000) * n_columns + 5e-6 * n_rows * n_columns


@dataclass(frozen=True)
class Plan:
    """Say which families are fitted, by estimates alone.

    Args:
        taken: Families that fit the budget, in order of promise.
        refused: Why the others don't, by name.
        seconds: Estimated CPU seconds of fitting and judging those taken.
    """

    taken: tuple[str, ...]
    refused: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0


def plan_race(
    families: Sequence[str], *, n_train: int, n_holdout: int, n_columns: int, budget: float
) -> Plan:
    """Take families in order while the budget pays for them and for fitting one of them again.

    Args:
        families: Candidates, the most promising first.
        n_train: Rows that each learns from.
        n_holdout: Rows that judge it.
        n_columns: Columns.
        budget: CPU seconds.

    Returns:
        The plan.

    Raises:
        ConfigError: If not one family fits.

    Example:
        >>> plan_race(["table/gan", "table/copula"], n_train=700, n_holdout=300, n_columns=10,
        ...           budget=5.0).taken
        ('table/copula',)
    """
    taken: list[str] = []
    refused: dict[str, str] = {}
    spent = kept = 0.0
    for family in families:
        cost = cost_of(family)
        needed = cost.seconds(n_train, n_columns) + judging_seconds(n_holdout, n_columns)
        again = max(kept, cost.seconds(n_train + n_holdout, n_columns))
        if spent + needed + again > budget:
            refused[family] = (
                f"not fitted: about {needed:.0f} CPU-s and {again:.0f} to fit the champion again, "
                f"{budget - spent:.0f} of {budget:.0f} left"
            )
            continue
        taken.append(family)
        spent, kept = spent + needed, again
    if not taken:
        family, reason = min(
            refused.items(), key=lambda item: cost_of(item[0]).seconds(n_train, n_columns)
        )
        raise ConfigError(f"budget: no family fits; {family}: {reason}; raise the budget")
    return Plan(tuple(taken), refused, spent)
