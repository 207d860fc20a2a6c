"""Scores of single columns, that ask no model: mutual information, correlation, variety."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import chi2, norm, rankdata

from scenara.shared.data.schema import Schema
from scenara.shared.features.design import MAX_LEVELS, TableDesign, loosened
from scenara.shared.features.table import TableEncoder
from scenara.shared.features.target import Target
from scenara.shared.types import Array, FloatArray, IntArray

__all__ = ["Ranking", "by_correlation", "by_mutual_information", "by_variance", "explained_by"]

FALSE_SHARE = 0.05
FEWEST_EXPECTED = 5
MAX_BINS = 16
LEAST_VARIETY = 0.01


@dataclass(frozen=True)
class Ranking:
    """Hold what a method says of each column.

    Args:
        scores: The higher the better, (columns,).
        chosen: Which ones to keep if their number is left open, (columns,).
        notes: The finding in words, one a column.
    """

    scores: FloatArray
    chosen: Array
    notes: tuple[str, ...]


def by_mutual_information(frame: pd.DataFrame, schema: Schema, target: Target) -> Ranking:
    """Score columns by the information that they share with the target, in nats.

    Numbers are cut in bins of equal mass, spikes and missing cells are values of their own, and
    the bias of the plug-in estimate is taken off. Kept are those whose likelihood-ratio test
    rejects independence, with at most 5 % false ones expected among them.

    Args:
        frame: The table, (rows, columns).
        schema: What each column is.
        target: What is to be predicted.

    References:
        Miller (1955), Note on the bias of information estimates; Benjamini and Hochberg (1995),
        Controlling the false discovery rate, https://doi.org/10.1111/j.2517-6161.1995.tb02031.x.
    """
    answers = _answer_codes(target)
    n_bins = int(np.clip(len(frame) / FEWEST_EXPECTED / (answers.max() + 1), 2, MAX_BINS))
    nullable = TableEncoder(
        schema=schema, method="bins", n_bins=n_bins, discrete="codes", max_levels=MAX_LEVELS
    )
    coded = nullable.fit(loosened(frame)).code(loosened(frame))
    found = [mutual_information(coded[name].codes, answers) for name in schema.names]
    scores, chances = map(np.array, zip(*found, strict=True))
    notes = tuple(f"{s:.3g} nats, p {p:.2g}" for s, p in found)
    return Ranking(scores, _significant(chances), notes)


def mutual_information(codes: IntArray, answers: IntArray) -> tuple[float, float]:
    """Give the mutual information of two codes and the chance of as much without a tie.

    Args:
        codes: Whole numbers from 0, (rows,).
        answers: Whole numbers from 0, (rows,).

    Returns:
        Nats, with the bias taken off, at least 0; and the p-value of the likelihood-ratio test.

    Example:
        >>> coins = np.tile([0, 1], 500)
        >>> nats, chance = mutual_information(coins, coins)
        >>> bool(abs(nats - (np.log(2) - 1 / 2000)) < 1e-12), chance < 1e-9
        (True, True)
    """
    n = len(codes)
    cells = np.bincount(codes * (answers.max() + 1) + answers)
    cells.resize((codes.max() + 1, answers.max() + 1))
    cells = cells[cells.sum(axis=1) > 0][:, cells.sum(axis=0) > 0]
    freedom = (cells.shape[0] - 1) * (cells.shape[1] - 1)
    expected = np.outer(cells.sum(axis=1), cells.sum(axis=0)) / n
    seen = cells > 0
    raw = float((cells[seen] * np.log(cells[seen] / expected[seen])).sum() / n)
    return max(raw - freedom / (2 * n), 0.0), float(chi2.sf(2 * n * raw, freedom))


def by_correlation(frame: pd.DataFrame, schema: Schema, target: Target) -> Ranking:
    """Score columns by their first canonical correlation with the target.

    Numbers are normal scores, so that of two numbers it is a rank correlation (of van der
    Waerden's kind); levels are indicators. Kept are those that Bartlett's test finds tied,
    with at most 5 % false ones expected among them.

    Args:
        frame: The table, (rows, columns).
        schema: What each column is.
        target: What is to be predicted.

    References:
        Hotelling (1936), Relations between two sets of variates; Bartlett (1938), Further aspects
        of the theory of multiple regression, https://doi.org/10.1017/S0305004100019897.
    """
    answers = _basis(_centred_answers(target))
    bases = _bases(frame, schema)
    found = [_canonical(bases[name], answers) for name in schema.names]
    scores, chances = map(np.array, zip(*found, strict=True))
    notes = tuple(f"correlation {s:.3g}, p {p:.2g}" for s, p in found)
    return Ranking(scores, _significant(chances), notes)


def by_variance(frame: pd.DataFrame, schema: Schema, target: Target | None = None) -> Ranking:
    """Score columns by the share of rows that differ from the most frequent value.

    Variances in different units can't be compared; this can, for numbers and levels alike. Kept
    are columns in which over 1 % of the rows differ. The target is not looked at.

    Args:
        frame: The table, (rows, columns).
        schema: What each column is.
        target: Ignored.
    """
    modes = [frame[name].value_counts(dropna=False).iloc[0] for name in schema.names]
    scores = 1 - np.array(modes) / len(frame)
    notes = tuple(
        f"{score:.3g} of the rows differ from the most frequent value" for score in scores
    )
    return Ranking(scores, scores > LEAST_VARIETY, notes)


def explained_by(frame: pd.DataFrame, schema: Schema) -> FloatArray:
    """Give how well each column is told by each other one.

    Args:
        frame: The table, (rows, columns).
        schema: What each column is.

    Returns:
        Multiple correlation of the column (second axis) given the first one, (columns, columns);
        of two numbers it is the size of their rank correlation.
    """
    bases = list(_bases(frame, schema).values())
    shares = [[((a.T @ b) ** 2).sum() / max(b.shape[1], 1) for b in bases] for a in bases]
    strengths: FloatArray = np.sqrt(np.clip(shares, 0, 1))
    return strengths


def _bases(frame: pd.DataFrame, schema: Schema) -> dict[str, FloatArray]:
    design = TableDesign.of(frame[list(schema.names)], schema)
    matrix = design.matrix(frame[list(schema.names)])
    return {name: _basis(matrix[:, places]) for name, places in design.places().items()}


def _basis(centred: FloatArray) -> FloatArray:
    """Give an orthonormal basis of the columns' span, (rows, rank)."""
    if not centred.shape[1]:
        return centred
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    return left[:, sizes > 1e-8 * max(sizes[0], 1e-300)]


def _canonical(one: FloatArray, other: FloatArray) -> tuple[float, float]:
    n, freedom = len(one), one.shape[1] * other.shape[1]
    if not freedom:
        return 0.0, 1.0
    squares = np.clip(np.linalg.svd(one.T @ other, compute_uv=False), 0, 1) ** 2
    weight = max(n - 1 - (one.shape[1] + other.shape[1] + 1) / 2, 1)
    statistic = -weight * np.log(np.maximum(1 - squares, 1e-300)).sum()
    return float(np.sqrt(squares[0])), float(chi2.sf(statistic, freedom))


def _centred_answers(target: Target) -> FloatArray:
    numbers = target.indicators()
    if not target.is_classes:
        numbers = norm.ppf(rankdata(target.values) / (len(numbers) + 1))[:, None]
    centred: FloatArray = numbers - numbers.mean(axis=0)
    return centred


def _answer_codes(target: Target) -> IntArray:
    """Give classes, or numbers cut into ten parts of equal mass."""
    if target.is_classes:
        return target.values
    edges = np.unique(np.quantile(target.values, np.linspace(0, 1, 11)[1:-1]))
    return np.searchsorted(edges, target.values, side="right")


def _significant(chances: FloatArray) -> Array:
    """Choose hypotheses to reject, with a bound on the share of false ones."""
    order = np.argsort(chances)
    limits = FALSE_SHARE * np.arange(1, len(chances) + 1) / len(chances)
    below = np.flatnonzero(chances[order] <= limits)
    chosen = np.zeros(len(chances), dtype=bool)
    chosen[order[: below[-1] + 1 if len(below) else 0]] = True
    return chosen
