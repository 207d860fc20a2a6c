"""Whether generated rows lie closer to the training rows than to people nobody trained on."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from scenara.shared.data.schema import Schema
from scenara.shared.evaluation.tables.columns import ColumnRoles
from scenara.shared.evaluation.tables.encoding import as_seed
from scenara.shared.evaluation.tables.nearest import nearest_rows
from scenara.shared.evaluation.tables.risk import wilson_interval
from scenara.shared.evaluation.tables.rows import drawn_rows, three_tables
from scenara.shared.types import Array, FloatArray, IntArray, RandomState

__all__ = ["ClosestRecords", "CopyRates", "closest_records", "copy_rates"]

TIE = 1e-6
DECIMALS = 6


@dataclass(frozen=True)
class ClosestRecords:
    """Hold how close generated rows come to training rows and to held-out rows.

    Args:
        share: Share of generated rows closer to a training row than to any held-out row, ties
            counted half; .5 remembers nobody, 1 is copies.
        share_low: Lower end of the 95 % interval of the share.
        share_high: Upper end.
        ratio_5: Fifth percentile, over generated rows, of the distance to the nearest training
            row over that to the second nearest; near 0 means that rows hug single people.
        train_median: Median distance to the nearest training row.
        test_median: Median distance to the nearest held-out row.
        n_generated: Generated rows looked at.
        n_real: Training rows looked at, and as many held-out rows.

    Example:
        >>> ClosestRecords(0.64, 0.62, 0.66, 0.5, 1.0, 1.2, 5000, 15000).is_significant
        True
    """

    share: float
    share_low: float
    share_high: float
    ratio_5: float
    train_median: float
    test_median: float
    n_generated: int
    n_real: int

    @property
    def is_significant(self) -> bool:
        """Whether generated rows are surely nearer to training rows than to strangers."""
        return self.share_low > 0.5


@dataclass(frozen=True)
class CopyRates:
    """Hold how many rows repeat a training row in every column.

    Args:
        generated: Share of generated rows.
        real: Share of held-out real rows: people happen to be alike.
        n_generated: Number of generated rows.
        n_real: Number of held-out rows.

    Example:
        >>> CopyRates(generated=0.02, real=0.001, n_generated=5000, n_real=5000).is_significant
        True
    """

    generated: float
    real: float
    n_generated: int
    n_real: int

    @property
    def is_significant(self) -> bool:
        """Whether copies are surely more frequent than among real people (95 % intervals)."""
        low, _ = wilson_interval(round(self.generated * self.n_generated), self.n_generated)
        _, high = wilson_interval(round(self.real * self.n_real), self.n_real)
        return low > high


def closest_records(
    train: pd.DataFrame,
    test: pd.DataFrame,
    generated: pd.DataFrame,
    *,
    schema: Schema | None = None,
    categories: Collection[str] = (),
    random_state: RandomState = 0,
    max_rows: int = 5000,
) -> ClosestRecords:
    """Measure whether generated rows are closer to training rows than to held-out ones.

    The distance is the sum of absolute gaps over the training range, and 2 for each category
    that differs. As many training rows as held-out rows are searched; had the generator learnt
    nothing about single rows, each would be equally often the nearest. The interval of the
    share takes that chance as given and knows that generated rows around one real row stand or
    fall together.

    Args:
        train: Real rows that the generator has learnt from.
        test: Real rows that it never saw.
        generated: Generated rows.
        schema: What the columns are; by default their dtypes say it.
        categories: Columns that are categories whatever else is said.
        random_state: Seed of the rows drawn.
        max_rows: Generated rows looked at; of real ones at most three times as many a side.

    Returns:
        The share with its interval, and the distances behind it.

    Raises:
        DataError: If the tables can't be compared, or one has fewer than 20 rows.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> train, test = (pd.DataFrame({"x": rng.normal(size=500)}) for _ in range(2))
        >>> closest_records(train, test, train).share
        1.0

    References:
        Platzer, Reutterer (2021), Holdout-based empirical assessment of mixed-type synthetic
        data, Frontiers in Big Data 4, https://doi.org/10.3389/fdata.2021.679939
    """
    tables = three_tables(train, test, generated, schema=schema, categories=categories)
    n_real = min(len(train), len(test), 3 * max_rows)
    sizes = {"train": n_real, "test": n_real, "generated": min(len(generated), max_rows)}
    near_train, near_test, drawn = drawn_rows(tables, sizes=sizes, seed=as_seed(random_state))
    to_train, train_position = nearest_rows(drawn, near_train, n_nearest=2)
    to_test, test_position = nearest_rows(drawn, near_test)
    first, second, other = to_train[:, 0], to_train[:, 1], to_test[:, 0]
    closer, tied = first < other - TIE, np.abs(first - other) <= TIE
    share = float(np.mean(closer) + 0.5 * np.mean(tied))
    owner = np.where(first <= other, train_position[:, 0], n_real + test_position[:, 0])
    half_width = _half_width(owner[~tied], len(drawn))
    ratio = np.where(second > 0, first / np.maximum(second, 1e-9), 1.0)
    return ClosestRecords(
        share,
        max(share - half_width, 0.0),
        min(share + half_width, 1.0),
        ratio_5=float(np.quantile(ratio, 0.05)),
        train_median=float(np.median(first)),
        test_median=float(np.median(other)),
        n_generated=len(drawn),
        n_real=n_real,
    )


def copy_rates(
    train: pd.DataFrame,
    test: pd.DataFrame,
    generated: pd.DataFrame,
    *,
    schema: Schema | None = None,
    categories: Collection[str] = (),
) -> CopyRates:
    """Count the rows that repeat a training row in every column, to six decimals.

    Args:
        train: Real rows that the generator has learnt from.
        test: Real rows that it never saw.
        generated: Generated rows.
        schema: What the columns are; by default their dtypes say it.
        categories: Columns that are categories whatever else is said.

    Returns:
        The share of generated rows, beside that of held-out real rows.

    Raises:
        DataError: If the tables can't be compared, or one has fewer than 20 rows.

    Example:
        >>> train, test = pd.DataFrame({"x": range(50)}), pd.DataFrame({"x": range(40, 90)})
        >>> rates = copy_rates(train, test, train)
        >>> rates.generated, rates.real
        (1.0, 0.2)
    """
    tables = three_tables(train, test, generated, schema=schema, categories=categories)
    key = {name: _row_keys(frame, tables.roles) for name, frame in tables.frames.items()}
    known = np.unique(key["train"])
    return CopyRates(
        generated=float(np.isin(key["generated"], known).mean()),
        real=float(np.isin(key["test"], known).mean()),
        n_generated=len(generated),
        n_real=len(test),
    )


def _half_width(owner: IntArray, n_rows: int) -> float:
    """Half the 95 % interval of the share if each real row were train or test by a coin."""
    n_owned = np.unique(owner, return_counts=True)[1]
    deviation: FloatArray = np.sqrt((n_owned.astype(float) ** 2).sum()) / (2 * n_rows)
    return float(ndtri(0.975)) * float(deviation)


def _row_keys(frame: pd.DataFrame, roles: ColumnRoles) -> Array:
    # Adding zero makes one zero of the two that rounding leaves.
    columns = {name: frame[name].round(DECIMALS) + 0.0 for name in roles.numbers}
    columns |= {name: frame[name].cat.codes for name in roles.categories}
    keys: Array = pd.util.hash_pandas_object(pd.DataFrame(columns), index=False).to_numpy()
    return keys
