"""What of the real table a generator has lost, and what it has invented."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import pandas as pd

from scenara.shared.data.schema import Schema
from scenara.shared.errors import ConfigError
from scenara.shared.evaluation.tables.cells import MISSING
from scenara.shared.evaluation.tables.columns import comparable
from scenara.shared.evaluation.tables.encoding import pair_counts
from scenara.shared.types import IntArray

__all__ = ["Coverage", "LevelCoverage", "PairCoverage", "category_coverage"]


@dataclass(frozen=True)
class LevelCoverage:
    """Hold which levels of one category the generated rows have.

    Args:
        name: Name of the column.
        n_levels: Levels that real rows have often enough to be expected.
        n_found: Those of them that generated rows have.
        n_rare: Expected levels that are rare in the real rows.
        n_rare_found: Those of them that generated rows have.
        lost: Expected levels that no generated row has, with their real counts, largest first.
        invented_share: Share of generated rows whose level no real row has.
    """

    name: str
    n_levels: int
    n_found: int
    n_rare: int
    n_rare_found: int
    lost: tuple[tuple[str, int], ...]
    invented_share: float


@dataclass(frozen=True)
class PairCoverage:
    """Hold how many of the level pairs of two categories the generated rows have.

    Args:
        first: Name of one column.
        second: Name of the other.
        n_pairs: Pairs of levels that real rows have often enough to be expected.
        n_found: Those of them that generated rows have.
    """

    first: str
    second: str
    n_pairs: int
    n_found: int


@dataclass(frozen=True)
class Coverage:
    """Hold what of the real categories and ranges the generated rows reach.

    Args:
        columns: The categories, in the order of the table.
        pairs: The pairs of categories.
        ranges: Share of the real range that generated values span, by number.

    Example:
        >>> lost = LevelCoverage("city", 4, 3, 2, 1, (("Oslo", 7),), 0.0)
        >>> Coverage((lost,)).levels, Coverage((lost,)).rare_levels
        (0.75, 0.5)
    """

    columns: tuple[LevelCoverage, ...]
    pairs: tuple[PairCoverage, ...] = ()
    ranges: Mapping[str, float] = field(default_factory=dict)

    @property
    def levels(self) -> float | None:
        """Share of the expected levels that are there; None where none is expected."""
        return _share((column.n_found, column.n_levels) for column in self.columns)

    @property
    def rare_levels(self) -> float | None:
        """Share of the expected rare levels that are there; None where there is none."""
        return _share((column.n_rare_found, column.n_rare) for column in self.columns)

    @property
    def level_pairs(self) -> float | None:
        """Share of the expected level pairs that are there; None where none is expected."""
        return _share((pair.n_found, pair.n_pairs) for pair in self.pairs)

    @property
    def range_share(self) -> float | None:
        """Mean share of the real ranges that is spanned; None where there is no number."""
        return _share((share, 1) for share in self.ranges.values())

    @property
    def invented_share(self) -> float:
        """Largest share of generated rows, over the columns, with a level that is not real."""
        return max((column.invented_share for column in self.columns), default=0.0)

    def worst(self, n: int = 5) -> tuple[LevelCoverage, ...]:
        """Give the columns that lost most real rows, most first.

        Args:
            n: How many, at most.
        """
        return tuple(sorted(self.columns, key=_n_lost_rows, reverse=True)[:n])

    def worst_pairs(self, n: int = 5) -> tuple[PairCoverage, ...]:
        """Give the pairs that lost the largest share of their level pairs, most first.

        Args:
            n: How many, at most.
        """
        return tuple(sorted(self.pairs, key=lambda pair: pair.n_found / max(pair.n_pairs, 1))[:n])


def category_coverage(
    real: pd.DataFrame,
    generated: pd.DataFrame,
    *,
    schema: Schema | None = None,
    categories: Collection[str] = (),
    min_count: int = 5,
    rare_share: float = 0.01,
) -> Coverage:
    """Find the levels, level pairs and ranges of the real rows that generated rows have.

    A level is expected if at least ``min_count`` real rows have it: of as many fresh rows, all
    lack one with five real rows with a chance of ``exp(-5)``, 0.7 %. Missing is a level.

    Args:
        real: Real rows.
        generated: Generated rows; with fewer than real rows, chance loses more levels.
        schema: What the columns are; by default their dtypes say it.
        categories: Columns that are categories whatever else is said.
        min_count: Real rows that make a level, or a pair of levels, expected.
        rare_share: Share of the real rows up to which an expected level is rare.

    Returns:
        Counts by column and by pair, and shares of all.

    Raises:
        DataError: If the tables can't be compared.
        ConfigError: If ``min_count`` is below 1 or ``rare_share`` not between 0 and 1.

    Example:
        >>> real = pd.DataFrame({"city": ["Rome"] * 90 + ["Oslo"] * 10})
        >>> category_coverage(real, real[:50]).columns[0].lost
        (('Oslo', 10),)
    """
    if min_count < 1 or not 0 < rare_share <= 1:
        raise ConfigError(
            f"min_count and rare_share: found {min_count} and {rare_share}, expected at least 1 "
            f"and a number between 0 and 1"
        )
    tables = comparable(
        {"real": real, "generated": generated}, schema=schema, categories=categories
    )
    first, second = tables.frames.values()
    names = tables.roles.categories
    n_rare = rare_share * len(real)
    return Coverage(
        tuple(_levels(name, first[name], second[name], min_count, n_rare) for name in names),
        tuple(_pairs(first, second, names, min_count)),
        {name: _range_share(first[name], second[name]) for name in tables.roles.numbers},
    )


def _levels(
    name: str, real: "pd.Series", generated: "pd.Series", min_count: int, n_rare: float
) -> LevelCoverage:
    levels = real.cat.categories
    before, after = (
        np.bincount(part.cat.codes, minlength=len(levels)) for part in (real, generated)
    )
    expected, found = before >= min_count, after > 0
    rare = expected & (before <= n_rare)
    lost = np.flatnonzero(expected & ~found)
    return LevelCoverage(
        name=name,
        n_levels=int(expected.sum()),
        n_found=int((expected & found).sum()),
        n_rare=int(rare.sum()),
        n_rare_found=int((rare & found).sum()),
        lost=tuple(
            ("(missing)" if levels[i] == MISSING else str(levels[i]), int(before[i]))
            for i in lost[np.argsort(-before[lost], kind="stable")]
        ),
        invented_share=float(after[before == 0].sum() / len(generated)),
    )


def _pairs(
    real: pd.DataFrame, generated: pd.DataFrame, names: tuple[str, ...], min_count: int
) -> Iterable[PairCoverage]:
    codes: dict[str, tuple[IntArray, ...]] = {
        name: tuple(frame[name].cat.codes.to_numpy() for frame in (real, generated))
        for name in names
    }
    for a, b in combinations(names, 2):
        n_codes = len(real[a].cat.categories), len(real[b].cat.categories)
        before, after = pair_counts(codes[a], codes[b], n_codes=n_codes)
        expected = before >= min_count
        yield PairCoverage(a, b, int(expected.sum()), int((expected & (after > 0)).sum()))


def _range_share(real: "pd.Series", generated: "pd.Series") -> float:
    """Give the spanned share; a single real value is spanned by any range around it."""
    known, drawn = real.dropna(), generated.dropna()
    if known.empty or drawn.empty:
        return float(known.empty)
    low, high = max(known.min(), drawn.min()), min(known.max(), drawn.max())
    width = known.max() - known.min()
    return float(max(high - low, 0) / width) if width else float(low <= high)


def _n_lost_rows(column: LevelCoverage) -> int:
    return sum(count for _, count in column.lost)


def _share(parts: Iterable[tuple[float, float]]) -> float | None:
    found, expected = np.sum([(0.0, 0.0), *parts], axis=0)
    return float(found / expected) if expected else None
