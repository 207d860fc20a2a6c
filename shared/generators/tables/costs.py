"""What fitting a family costs, from the size of the table: an estimate, so that plans repeat."""

from collections.abc import Sequence

from scenara.shared.generators.budget import Cost, Plan, plan_fits

__all__ = ["COSTS", "Cost", "Plan", "cost_of", "judging_seconds", "plan_race"]


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

    def needed(family: str) -> float:
        judging = judging_seconds(n_holdout, n_columns)
        return cost_of(family).seconds(n_train, n_columns) + judging

    def again(family: str) -> float:
        return cost_of(family).seconds(n_train + n_holdout, n_columns)

    return plan_fits(families, needed=needed, again=again, budget=budget)
