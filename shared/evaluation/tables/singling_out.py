"""Whether what is unique among generated rows points at one single person."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pandas as pd

from scenara.shared.data.schema import Schema
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.evaluation.tables.encoding import as_seed
from scenara.shared.evaluation.tables.risk import AttackRisk
from scenara.shared.evaluation.tables.rows import Rows, drawn_rows, three_tables
from scenara.shared.types import Array, FloatArray, IntArray, RandomState

__all__ = ["singling_out"]

MOST_ROWS = 10_000
TRIES_PER_ATTACK = 20


def singling_out(
    train: pd.DataFrame,
    test: pd.DataFrame,
    generated: pd.DataFrame,
    *,
    schema: Schema | None = None,
    categories: Collection[str] = (),
    random_state: RandomState = 0,
    n_columns: int = 5,
    n_attacks: int = 1000,
) -> AttackRisk:
    """Guess predicates that hold for exactly one real person.

    The attacker takes a generated row and a few columns, and says "at least this" of values
    above the median, "at most this" of those below, "exactly this" of categories. A predicate
    that holds for no other generated row is tried: it succeeds if it holds for exactly one
    training row. The control tries the same predicates on as many held-out rows: some are unique
    in any table of that size. Guessing mixes the values of different rows.

    Args:
        train: Real rows that the generator has learnt from.
        test: Real rows that it never saw.
        generated: Generated rows.
        schema: What the columns are; by default their dtypes say it.
        categories: Columns that are categories whatever else is said.
        random_state: Seed of the rows drawn and the predicates.
        n_columns: Columns in a predicate.
        n_attacks: Predicates tried, fewer if few rows are unique.

    Returns:
        Success rates and the risk.

    Raises:
        DataError: If the tables can't be compared, one has fewer than 20 rows, or no predicate
            is unique among the generated rows.
        ConfigError: If a count is below 1.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> train, test = (pd.DataFrame(rng.normal(size=(300, 6)), columns=list("abcdef"))
        ...                for _ in range(2))
        >>> singling_out(train, test, train).is_significant
        True

    References:
        Giomi, Boenisch, Wehmeyer, Tasnadi (2023), A unified framework for quantifying privacy
        risk in synthetic data, PoPETs 2023(2), section 5.1, https://arxiv.org/abs/2211.10459
    """
    if min(n_columns, n_attacks) < 1:
        raise ConfigError(
            f"singling out: found n_columns {n_columns} and n_attacks {n_attacks}, expected at "
            f"least 1 of each"
        )
    tables = three_tables(train, test, generated, schema=schema, categories=categories)
    n_real = min(len(train), len(test), MOST_ROWS)
    sizes = {"train": n_real, "test": n_real, "generated": min(len(generated), n_real)}
    seed = as_seed(random_state)
    known, control, drawn = map(_cells, drawn_rows(tables, sizes=sizes, seed=seed))
    n_numbers = len(known) - len(tables.roles.categories)
    rng = np.random.default_rng(seed)
    boxes = _Boxes.around(drawn, n_numbers, n_columns, n_attacks * TRIES_PER_ATTACK, rng)
    tried = list(islice((box for box in boxes if _count(drawn, *box) == 1), n_attacks))
    if not tried:
        raise DataError(
            f"generated: found no predicate over {n_columns} columns that holds for one row "
            f"only; singling out can't be measured on so few distinct rows"
        )
    guesses = _Boxes.around(drawn, n_numbers, n_columns, len(tried), rng, mixed=True)
    return AttackRisk(
        "singling out",
        train_rate=_hit_rate(known, tried),
        control_rate=_hit_rate(control, tried),
        naive_rate=_hit_rate(known, guesses),
        n_train=len(tried),
        n_control=len(tried),
    )


@dataclass(frozen=True)
class _Boxes:
    """Hold predicates: for each, some columns with the least and largest value of each."""

    columns: IntArray
    low: FloatArray
    high: FloatArray

    @classmethod
    def around(
        cls,
        cells: FloatArray,
        n_numbers: int,
        n_columns: int,
        n_boxes: int,
        rng: np.random.Generator,
        *,
        mixed: bool = False,
    ) -> "_Boxes":
        """Describe random rows; if mixed, each column by another row."""
        n_all, n_rows = cells.shape
        width = min(n_columns, n_all)
        columns = rng.random((n_boxes, n_all)).argsort(axis=1)[:, :width]
        rows = rng.integers(0, n_rows, (n_boxes, width if mixed else 1))
        value = cells[columns, rows]
        is_level = columns >= n_numbers
        is_high = value > np.median(cells, axis=1)[columns]
        return cls(
            columns,
            low=np.where(is_level | is_high, value, -np.inf),
            high=np.where(is_level | ~is_high, value, np.inf),
        )

    def __iter__(self) -> Iterator[tuple[IntArray, FloatArray, FloatArray]]:
        return zip(self.columns, self.low, self.high, strict=True)


def _cells(rows: Rows) -> FloatArray:
    """Give all values column by column, the numbers first, shape ``(columns, rows)``."""
    return np.ascontiguousarray(np.concatenate([rows.numbers, rows.codes], axis=1).T)


def _count(cells: FloatArray, columns: IntArray, low: FloatArray, high: FloatArray) -> int:
    left: Array | slice = slice(None)
    for column, least, most in zip(columns, low, high, strict=True):
        values = cells[column][left]
        kept = np.flatnonzero((values >= least) & (values <= most))
        left = kept if isinstance(left, slice) else left[kept]
    return len(cells[0][left])


def _hit_rate(cells: FloatArray, boxes: Iterable[tuple[IntArray, FloatArray, FloatArray]]) -> float:
    return float(np.mean([_count(cells, *box) == 1 for box in boxes]))
