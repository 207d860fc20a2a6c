"""Plant rows that no honest generator would draw, and look whether it draws them all the same."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import mannwhitneyu

from scenara.shared.data.schema import Schema
from scenara.shared.errors import ConfigError, DataError
from scenara.shared.evaluation.tables.columns import comparable
from scenara.shared.evaluation.tables.nearest import nearest_rows
from scenara.shared.evaluation.tables.rows import encode_rows
from scenara.shared.evaluation.two_sample import area_under_curve
from scenara.shared.types import RandomState

__all__ = ["Canaries", "CanaryExposure", "canary_exposure", "plant_canaries"]


@dataclass(frozen=True)
class Canaries:
    """Hold a training table with planted rows, and rows of the same law that were not planted.

    Args:
        train: Training rows and the planted ones, in random order; fit a generator on it.
        planted: The planted rows.
        decoys: Rows like them that are nowhere.
    """

    train: pd.DataFrame
    planted: pd.DataFrame
    decoys: pd.DataFrame


@dataclass(frozen=True)
class CanaryExposure:
    """Hold whether generated rows come closer to planted rows than to decoys.

    Args:
        auc: Chance that a planted row is nearer to a generated row than a decoy is; .5 is chance.
        p_value: Chance of such nearness or more if planting made no difference (Mann-Whitney).
        planted_median: Median distance of planted rows to the nearest generated row.
        decoy_median: The same of decoys.

    Example:
        >>> CanaryExposure(auc=0.97, p_value=1e-6, planted_median=0.1, decoy_median=2.0).is_exposed
        True
    """

    auc: float
    p_value: float
    planted_median: float
    decoy_median: float

    @property
    def is_exposed(self) -> bool:
        """Whether the generator has surely remembered planted rows (p below .01)."""
        return self.p_value < 0.01


def plant_canaries(
    train: pd.DataFrame,
    *,
    n_planted: int = 20,
    n_decoys: int = 200,
    random_state: RandomState = 0,
) -> Canaries:
    """Plant rows whose values are drawn uniformly from those of each column, independently.

    Each value is a known one, so that no rule of the table is broken, but the combination is an
    outlier that a generator can only know by heart.

    Args:
        train: Real rows to train on.
        n_planted: Number of rows planted.
        n_decoys: Number of rows kept back.
        random_state: Seed.

    Returns:
        The table to train on, the planted rows and the decoys.

    Raises:
        DataError: If there are no rows or no columns.
        ConfigError: If a number is below 1.

    Example:
        >>> canaries = plant_canaries(pd.DataFrame({"x": range(50)}), n_planted=2)
        >>> len(canaries.train), len(canaries.planted), len(canaries.decoys)
        (52, 2, 200)
    """
    if train.empty:
        raise DataError(f"train: found shape {train.shape}, expected at least one row and column")
    if min(n_planted, n_decoys) < 1:
        raise ConfigError(
            f"canaries: found n_planted {n_planted} and n_decoys {n_decoys}, expected at least 1"
        )
    rng = np.random.default_rng(random_state)
    outliers = pd.DataFrame(
        {
            name: train[name]
            .drop_duplicates()
            .sample(n_planted + n_decoys, replace=True, random_state=rng, ignore_index=True)
            for name in train.columns
        }
    )
    planted, decoys = outliers[:n_planted], outliers[n_planted:].reset_index(drop=True)
    mixed = pd.concat([train, planted], ignore_index=True)
    return Canaries(mixed.sample(frac=1, random_state=rng, ignore_index=True), planted, decoys)


def canary_exposure(
    canaries: Canaries,
    generated: pd.DataFrame,
    *,
    schema: Schema | None = None,
    categories: Collection[str] = (),
) -> CanaryExposure:
    """Measure whether a generator fitted on ``canaries.train`` draws rows near the planted ones.

    Args:
        canaries: From ``plant_canaries``.
        generated: Rows of the generator that was fitted on ``canaries.train``.
        schema: What the columns are; by default their dtypes say it.
        categories: Columns that are categories whatever else is said.

    Returns:
        How much nearer planted rows are than decoys.

    Raises:
        DataError: If the tables can't be compared.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> train = pd.DataFrame(rng.normal(size=(300, 6)), columns=list("abcdef"))
        >>> canaries = plant_canaries(train)
        >>> canary_exposure(canaries, canaries.train).is_exposed
        True

    References:
        Carlini, Liu, Erlingsson, Kos, Song (2019), The secret sharer: evaluating and testing
        unintended memorization in neural networks, USENIX Security,
        https://arxiv.org/abs/1802.08232
    """
    parts = {
        "train": canaries.train,
        "planted": canaries.planted,
        "decoys": canaries.decoys,
        "generated": generated,
    }
    tables = comparable(parts, schema=schema, categories=categories)
    _, planted, decoys, drawn = encode_rows(list(tables.frames.values()), tables.roles)
    near, far = (nearest_rows(rows, drawn)[0][:, 0].round(9) for rows in (planted, decoys))
    label = np.r_[np.ones(len(near)), np.zeros(len(far))]
    return CanaryExposure(
        auc=area_under_curve(label, -np.r_[near, far]),
        p_value=float(mannwhitneyu(near, far, alternative="less", method="asymptotic").pvalue),
        planted_median=float(np.median(near)),
        decoy_median=float(np.median(far)),
    )
