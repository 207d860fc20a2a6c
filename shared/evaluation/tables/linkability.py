"""Whether generated rows tell that two partial records belong to the same person."""

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from scenara.shared.data.schema import Schema
from scenara.shared.errors import DataError
from scenara.shared.evaluation.tables.encoding import as_seed
from scenara.shared.evaluation.tables.nearest import nearest_rows
from scenara.shared.evaluation.tables.risk import AttackRisk
from scenara.shared.evaluation.tables.rows import Rows, drawn_rows, three_tables
from scenara.shared.types import RandomState

__all__ = ["linkability"]

MOST_GENERATED = 15_000


def linkability(
    train: pd.DataFrame,
    test: pd.DataFrame,
    generated: pd.DataFrame,
    *,
    known: tuple[Sequence[str], Sequence[str]] | None = None,
    schema: Schema | None = None,
    categories: Collection[str] = (),
    random_state: RandomState = 0,
    n_attacks: int = 1000,
    n_nearest: int = 1,
) -> AttackRisk:
    """Link two records of a person that share no column, through one generated row.

    One source knows some columns of a person, another source other columns. For each, the
    attacker looks up the nearest generated rows; if one row is among them both times, the
    records are linked. Control people are as many held-out rows. Guessing takes generated rows
    at random.

    Args:
        train: Real rows that the generator has learnt from.
        test: Real rows that it never saw.
        generated: Generated rows.
        known: The columns of the two sources; by default a random half each.
        schema: What the columns are; by default their dtypes say it.
        categories: Columns that are categories whatever else is said.
        random_state: Seed of the rows drawn and the halves.
        n_attacks: Most people attacked on each side.
        n_nearest: Nearest rows looked up for each source.

    Returns:
        Success rates and the risk.

    Raises:
        DataError: If the tables can't be compared, one has fewer than 20 rows, or a source knows
            no column or one that the other one knows too.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> train, test = (pd.DataFrame(rng.normal(size=(300, 6)), columns=list("abcdef"))
        ...                for _ in range(2))
        >>> linkability(train, test, train).train_rate
        1.0

    References:
        Giomi, Boenisch, Wehmeyer, Tasnadi (2023), A unified framework for quantifying privacy
        risk in synthetic data, PoPETs 2023(2), section 5.2, https://arxiv.org/abs/2211.10459
    """
    tables = three_tables(train, test, generated, schema=schema, categories=categories)
    seed = as_seed(random_state)
    n_people = min(len(train), len(test), n_attacks)
    sizes = {
        "train": min(len(train), MOST_GENERATED),
        "test": n_people,
        "generated": min(len(generated), MOST_GENERATED),
    }
    members, control, drawn = drawn_rows(tables, sizes=sizes, seed=seed)
    sources = _sources(tables.roles.names, known, seed)
    n_nearest = min(n_nearest, len(drawn))
    return AttackRisk(
        "linkability",
        train_rate=_link_rate(members.take(slice(n_people)), drawn, sources, n_nearest),
        control_rate=_link_rate(control, drawn, sources, n_nearest),
        naive_rate=1 - (1 - n_nearest / len(drawn)) ** n_nearest,
        n_train=n_people,
        n_control=n_people,
    )


def _link_rate(
    people: Rows, drawn: Rows, sources: tuple[Sequence[str], Sequence[str]], n_nearest: int
) -> float:
    first, second = (
        nearest_rows(people.only(names), drawn.only(names), n_nearest=n_nearest)[1]
        for names in sources
    )
    return float(np.mean((first[:, :, None] == second[:, None, :]).any(axis=(1, 2))))


def _sources(
    names: tuple[str, ...], known: tuple[Sequence[str], Sequence[str]] | None, seed: int
) -> tuple[Sequence[str], Sequence[str]]:
    if len(names) < 2:
        raise DataError(f"train: found the one column {names[0]!r}, expected two or more to link")
    if known is None:
        order = np.random.default_rng(seed).permutation(len(names))
        half = len(names) // 2
        return [names[i] for i in order[:half]], [names[i] for i in order[half:]]
    both = [*known[0], *known[1]]
    wrong = [name for name in both if name not in names or both.count(name) > 1]
    if wrong or not all(known):
        found = repr(wrong[0]) if wrong else "a source without columns"
        raise DataError(
            f"known: found {found}, expected two disjoint lists of the compared columns: "
            f"{', '.join(names)}"
        )
    return known
