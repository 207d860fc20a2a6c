"""Whether an attacker with the generated rows can tell who was in the training table."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from scenara.shared.data.schema import Schema
from scenara.shared.evaluation.tables.discrimination import (
    area_with_interval,
    true_positive_rate,
    true_positive_rate_interval,
)
from scenara.shared.evaluation.tables.encoding import as_seed
from scenara.shared.evaluation.tables.nearest import distance_blocks, nearest_rows
from scenara.shared.evaluation.tables.rows import Rows, drawn_rows, three_tables
from scenara.shared.types import FloatArray, RandomState

__all__ = ["MembershipAttack", "membership_attacks"]

MOST_KNOWN = 15_000
# A kernel as wide as the distance to the nearest neighbour blurs single people away.
BANDWIDTH = 0.1


@dataclass(frozen=True)
class MembershipAttack:
    """Hold how well one attack tells training rows (members) from strangers.

    Args:
        attack: What the attack looks at.
        auc: Chance that a member looks more like a member than a stranger does; .5 is blind.
        auc_low: Lower end of the 95 % interval of the area (Hanley and McNeil).
        auc_high: Upper end.
        tpr: Share of members found when one stranger in a hundred is accused; .01 is blind.
        tpr_low: Lower end of its 95 % interval (bootstrap of both sides).
        tpr_high: Upper end.
        n_members: Members attacked.
        n_strangers: Strangers attacked.

    Example:
        >>> attack = MembershipAttack("nearest", 0.8, 0.78, 0.82, 0.3, 0.2, 0.4, 2000, 2000)
        >>> attack.is_significant
        True
    """

    attack: str
    auc: float
    auc_low: float
    auc_high: float
    tpr: float
    tpr_low: float
    tpr_high: float
    n_members: int
    n_strangers: int

    @property
    def is_significant(self) -> bool:
        """Whether members are surely told from strangers, over all or among the surest."""
        return self.auc_low > 0.5 or self.tpr_low > 0.01


def membership_attacks(
    train: pd.DataFrame,
    test: pd.DataFrame,
    generated: pd.DataFrame,
    *,
    schema: Schema | None = None,
    categories: Collection[str] = (),
    random_state: RandomState = 0,
    max_rows: int = 4000,
) -> dict[str, MembershipAttack]:
    """Attack membership by the nearest generated row and by a ratio of densities.

    ``nearest`` holds a row for a member if a generated row is close. ``density ratio`` knows
    that everybody is close to something where people are many: it compares the density of
    generated rows with that of other real rows, as DOMIAS does. Both densities are means of
    ``exp(-distance / h)`` with h a tenth of the median distance between nearest real rows: a
    product of Laplace kernels over numbers and of Aitchison and Aitken's over categories. Half of the held-out
    rows are the strangers, the other half are the real rows that the attacker knows.

    Args:
        train: Real rows that the generator has learnt from.
        test: Real rows that it never saw.
        generated: Generated rows.
        schema: What the columns are; by default their dtypes say it.
        categories: Columns that are categories whatever else is said.
        random_state: Seed of the rows drawn.
        max_rows: Most members attacked, and most strangers.

    Returns:
        The attacks ``nearest`` and ``density ratio``, by name.

    Raises:
        DataError: If the tables can't be compared, or one has fewer than 20 rows.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> train, test = (pd.DataFrame({"x": rng.normal(size=400)}) for _ in range(2))
        >>> membership_attacks(train, test, train)["nearest"].auc
        1.0

    References:
        van Breugel, Sun, Qian, van der Schaar (2023), Membership inference attacks against
        synthetic data through overfitting detection, AISTATS, equation 2,
        https://arxiv.org/abs/2302.12580
    """
    tables = three_tables(train, test, generated, schema=schema, categories=categories)
    n_attacked = min(len(train), len(test) // 2, max_rows)
    n_known = min(len(test) - n_attacked, MOST_KNOWN)
    sizes = {
        "train": min(len(train), MOST_KNOWN),
        "test": n_attacked + n_known,
        "generated": min(len(generated), MOST_KNOWN),
    }
    seed = as_seed(random_state)
    members, others, drawn = drawn_rows(tables, sizes=sizes, seed=seed)
    known = others.take(slice(n_attacked, None))
    people = _joined(members.take(slice(n_attacked)), others.take(slice(n_attacked)))
    bandwidth = _bandwidth(known)
    nearest, log_drawn = _nearness_and_density(people, drawn, bandwidth)
    _, log_known = _nearness_and_density(people, known, bandwidth)
    scores = {"nearest": nearest, "density ratio": log_drawn - log_known}
    return {name: _attack(name, score, n_attacked, seed) for name, score in scores.items()}


def _attack(name: str, score: FloatArray, n_members: int, seed: int) -> MembershipAttack:
    sides = score[:n_members], score[n_members:]
    low, high = true_positive_rate_interval(*sides, random_state=seed)
    return MembershipAttack(
        name,
        *area_with_interval(*sides),
        tpr=true_positive_rate(*sides),
        tpr_low=low,
        tpr_high=high,
        n_members=n_members,
        n_strangers=len(score) - n_members,
    )


def _bandwidth(rows: Rows, *, n_rows: int = 500) -> float:
    distance, _ = nearest_rows(rows.take(slice(n_rows)), rows, n_nearest=2)
    return max(BANDWIDTH * float(np.median(distance[:, 1])), 1e-4)


def _nearness_and_density(
    queries: Rows, rows: Rows, bandwidth: float
) -> tuple[FloatArray, FloatArray]:
    """Give minus the distance to the nearest row, and the log density, at each query."""
    nearness, density = np.empty(len(queries)), np.empty(len(queries))
    for block, distance in distance_blocks(queries, rows):
        nearest = distance.min(axis=1)
        beyond = (nearest[:, None] - distance).astype(np.float32) / np.float32(bandwidth)
        nearness[block] = -nearest
        density[block] = np.log(np.exp(beyond).sum(axis=1)) - nearest / bandwidth
    return nearness, density - np.log(len(rows))


def _joined(first: Rows, second: Rows) -> Rows:
    return Rows(
        np.concatenate([first.numbers, second.numbers]),
        np.concatenate([first.codes, second.codes]),
        first.number_names,
        first.code_names,
    )
