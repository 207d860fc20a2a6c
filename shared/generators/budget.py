"""What a budget of CPU seconds pays for, by estimates alone, so that plans repeat everywhere."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from scenara.shared.errors import ConfigError

__all__ = ["Cost", "Plan", "plan_fits"]


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
        """Give the estimate for data of this size."""
        return self.start + self.per_cell * min(n_rows, self.most_rows) * n_columns

    def rows_within(self, seconds: float, n_columns: int) -> float:
        """Give the greatest number of rows that can be fitted in so many seconds."""
        if seconds >= self.seconds(int(min(self.most_rows, 1e12)), n_columns):
            return float("inf")
        return max(seconds - self.start, 0.0) / (self.per_cell * n_columns)


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


def plan_fits(
    families: Sequence[str],
    *,
    needed: Callable[[str], float],
    again: Callable[[str], float],
    budget: float,
) -> Plan:
    """Take families in order while the budget pays for them and for fitting one of them again.

    Args:
        families: Candidates, the most promising first.
        needed: CPU seconds of fitting and judging a family.
        again: CPU seconds of fitting it on all data, should it win.
        budget: CPU seconds.

    Returns:
        The plan.

    Raises:
        ConfigError: If not one family fits.

    Example:
        >>> seconds = {"slow": 9.0, "quick": 1.0}.__getitem__
        >>> plan_fits(["slow", "quick"], needed=seconds, again=seconds, budget=5.0).taken
        ('quick',)
    """
    taken: list[str] = []
    refused: dict[str, str] = {}
    spent = kept = 0.0
    for family in families:
        last = max(kept, again(family))
        if spent + needed(family) + last > budget:
            refused[family] = (
                f"not fitted: about {needed(family):.0f} CPU-s and {last:.0f} to fit the champion "
                f"again, {budget - spent:.0f} of {budget:.0f} left"
            )
            continue
        taken.append(family)
        spent, kept = spent + needed(family), last
    if not taken:
        family = min(refused, key=needed)
        raise ConfigError(f"budget: no family fits; {family}: {refused[family]}; raise the budget")
    return Plan(tuple(taken), refused, spent)
