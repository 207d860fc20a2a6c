"""What fitting and judging a family of series costs: estimates, so that plans repeat."""

from collections.abc import Sequence

from scenara.shared.generators.budget import Cost, Plan, plan_fits

__all__ = ["COSTS", "cost_of", "judging_seconds", "plan_contest"]

COSTS = {
    "series/autoregressive": Cost(start=4.0, per_cell=1.1e-4),
    "series/bootstrap": Cost(start=0.05, per_cell=1e-7),
    "series/copula": Cost(start=0.1, per_cell=5e-6),
    "series/dcc": Cost(start=0.1, per_cell=2e-5),
    "series/diffusion": Cost(start=4.5, per_cell=6e-5),
    "series/fhs": Cost(start=0.1, per_cell=4e-6),
    "series/gan": Cost(start=17.0, per_cell=5e-6),
    "series/gaussian": Cost(start=0.05, per_cell=1e-6),
    "series/hybrid": Cost(start=0.2, per_cell=2.5e-6),
    "series/moving-block": Cost(start=0.05, per_cell=1e-7),
    "series/student": Cost(start=0.05, per_cell=2e-6),
    "series/vae": Cost(start=10.0, per_cell=5e-5),
}
"""On one thread of a server's core; a row is a step, a column a channel. Measured on 2,000 x 4,
2,000 x 20, 6,300 x 20 and 2,000 x 150; beyond these sizes the estimates are on the high side, as
networks train for a fixed number of steps."""

_UNKNOWN = Cost(start=20.0, per_cell=2e-4)
_CHEAP = 0.1
"""Share of the budget up to which a family is always taken before dearer ones."""


def cost_of(family: str) -> Cost:
    """Give the cost of a family; one of another package is taken to be slow.

    Args:
        family: ``series/name``.
    """
    return COSTS.get(family, _UNKNOWN)


def judging_seconds(n_steps: int, n_channels: int) -> float:
    """Estimate the CPU seconds of drawing from one family and judging its paths, for all eras.

    Args:
        n_steps: Steps of history.
        n_channels: Channels.
    """
    return 0.5 + 6e-6 * n_steps * min(n_channels, 40) + 0.02 * n_channels


def plan_contest(
    families: Sequence[str], *, n_steps: int, n_channels: int, n_eras: int, budget: float
) -> Plan:
    """Take families while the budget pays for all eras and for fitting one of them on all steps.

    What costs at most a tenth of the budget comes first, the rest in order of promise.

    Args:
        families: Candidates, the most promising first.
        n_steps: Steps of history.
        n_channels: Channels.
        n_eras: Eras; each leaves out its own part of the steps.
        budget: CPU seconds.

    Returns:
        The plan.

    Raises:
        ConfigError: If not one family fits.

    Example:
        >>> families = ["series/gan", "series/hybrid"]
        >>> plan_contest(families, n_steps=2_500, n_channels=8, n_eras=3, budget=30.0).taken
        ('series/hybrid',)
    """
    n_learned = n_steps * (n_eras - 1) // n_eras

    def needed(family: str) -> float:
        of_fits = n_eras * cost_of(family).seconds(n_learned, n_channels)
        return of_fits + judging_seconds(n_steps, n_channels)

    def again(family: str) -> float:
        return cost_of(family).seconds(n_steps, n_channels)

    order = sorted(families, key=lambda family: needed(family) > _CHEAP * budget)
    return plan_fits(order, needed=needed, again=again, budget=budget)
