"""Columns of which generated rows reach only a part, as rows drawn under a condition do."""

import pandas as pd

from scenara.shared.evaluation.tables.cells import MISSING
from scenara.shared.evaluation.tables.columns import ComparableTables

__all__ = ["narrowed_columns", "narrowing_in_words"]

MOST_OUTSIDE = 0.5
MOST_NAMES = 3


def narrowed_columns(tables: ComparableTables) -> dict[str, float]:
    """Find columns in which most real rows lie beyond what generated rows reach.

    A number lies beyond below the smallest and above the largest generated one, a level if no
    generated row has it. Rows drawn under a condition stand out so, and all measures with them,
    whatever the generator is worth.

    Args:
        tables: Comparable tables named "test" and "generated".

    Returns:
        The share of held-out rows that lie beyond, by column, where it is above one half.

    Example:
        >>> from scenara.shared.evaluation.tables.columns import comparable
        >>> test = pd.DataFrame({"age": range(20, 80), "bad": [0, 0, 0, 0, 0, 1] * 10})
        >>> rows = test[(test["age"] < 30) & (test["bad"] == 1)]
        >>> narrowed_columns(comparable({"test": test, "generated": rows}, categories=["bad"]))
        {'age': 0.983..., 'bad': 0.833...}
    """
    shares = {
        name: _share_beyond(tables["test"][name], tables["generated"][name], name, tables)
        for name in tables.roles.names
    }
    return {name: share for name, share in shares.items() if share > MOST_OUTSIDE}


def narrowing_in_words(names: list[str]) -> str:
    """Say what narrow columns mean for whoever reads the verdicts, "" without any.

    Args:
        names: The columns.

    Example:
        >>> narrowing_in_words([])
        ''
    """
    if not names:
        return ""
    shown = ", ".join(map(repr, names[:MOST_NAMES])) + (" ..." if len(names) > MOST_NAMES else "")
    return (
        f"Generated rows reach less than half of the held-out rows in {shown}. If they were drawn "
        "under a condition, the verdicts are about the condition: judge rows drawn without one."
    )


def _share_beyond(
    test: "pd.Series", generated: "pd.Series", name: str, tables: ComparableTables
) -> float:
    if name in tables.roles.categories:
        known = test != MISSING
        beyond = known & ~test.isin(generated.unique())
    else:
        known = test.notna()
        beyond = known & ~test.between(generated.min(), generated.max())
    return float(beyond.sum() / known.sum()) if known.any() else 0.0
