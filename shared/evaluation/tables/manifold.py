"""Whether generated rows fill the place that real rows fill: precision, recall, authenticity."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from scenara.shared.data.schema import Schema
from scenara.shared.errors import DataError
from scenara.shared.evaluation.tables.columns import comparable
from scenara.shared.evaluation.tables.encoding import as_seed, draw_rows, one_hot
from scenara.shared.types import FloatArray, IntArray, RandomState

__all__ = ["ManifoldScores", "manifold_scores"]

MOST_ROWS = 5000
N_LEVELS = 30


@dataclass(frozen=True)
class ManifoldScores:
    """Hold how far generated rows fill the place of real ones.

    Args:
        alpha_precision: 1 if the share of generated rows inside the ball that holds a share
            alpha of the real rows is alpha, whatever alpha.
        beta_recall: 1 if the share of real rows near one of the innermost generated rows of
            share beta is beta. Its ceiling is about one half: read it beside fresh real rows.
        authenticity: Share of real rows whose nearest generated row is further than a real row
            is from its nearest real one; 0 for copies.
        levels: The shares alpha and beta looked at.
        precision_curve: Share of generated rows inside, by level.
        recall_curve: Share of real rows reached, by level.
        n_rows: Rows looked at on each side.
    """

    alpha_precision: float
    beta_recall: float
    authenticity: float
    levels: tuple[float, ...]
    precision_curve: tuple[float, ...]
    recall_curve: tuple[float, ...]
    n_rows: int


def manifold_scores(
    real: pd.DataFrame,
    generated: pd.DataFrame,
    *,
    schema: Schema | None = None,
    categories: Collection[str] = (),
    random_state: RandomState = 0,
) -> ManifoldScores:
    """Compute alpha-precision, beta-recall and authenticity in the space of the columns.

    Numbers over their real range and one-hot levels make the space; balls are around the means,
    distances Euclidean. A score is ``1 - sum |level - curve| / sum level`` over 30 levels, the
    "naive" variant that tables of published results use. In that variant authenticity sets
    each distance against that of a real row drawn at random in effect, not of the same row; it
    is kept so that the number can be compared.

    Args:
        real: Real rows.
        generated: Generated rows.
        schema: What the columns are; by default their dtypes say it.
        categories: Columns that are categories whatever else is said.
        random_state: Seed of the rows drawn, at most 5,000 a side and equally many.

    Returns:
        The three scores and the two curves.

    Raises:
        DataError: If the tables can't be compared or have fewer than two rows.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> real, fresh = (pd.DataFrame({"x": rng.normal(size=500)}) for _ in range(2))
        >>> manifold_scores(real, fresh).alpha_precision > 0.9
        True

    References:
        Alaa, van Breugel, Saveliev, van der Schaar (2022), How faithful is your synthetic
        data?, ICML, sections 3 and 4, https://arxiv.org/abs/2102.08921
    """
    seed = as_seed(random_state)
    tables = comparable(
        {"real": real, "generated": generated}, schema=schema, categories=categories
    )
    drawn = draw_rows(list(tables.frames.values()), seeds=(seed, seed), most=MOST_ROWS)
    if len(drawn[0]) < 2:
        raise DataError(
            f"real and generated: found {len(real)} and {len(generated)} rows, expected at least "
            f"2 of each"
        )
    return _scores(*one_hot(drawn))


def _scores(real: FloatArray, generated: FloatArray) -> ManifoldScores:
    levels = np.linspace(0, 1, N_LEVELS)
    inside = _shares_inside(
        _distance_to(real.mean(0), generated),
        np.quantile(_distance_to(real.mean(0), real), levels),
    )
    among_real = _nearest(real, real, n=2)[0][:, 1]
    distance, nearest = (found[:, 0] for found in _nearest(real, generated, n=1))
    depth = _distance_to(generated.mean(0), generated)[nearest]
    reached = _shares_inside(
        np.where(distance <= among_real, depth, np.inf), np.quantile(depth, levels)
    )
    return ManifoldScores(
        alpha_precision=_closeness(levels, inside),
        beta_recall=_closeness(levels, reached),
        authenticity=float(np.mean(among_real[nearest] < distance)),
        levels=tuple(levels.tolist()),
        precision_curve=tuple(inside.tolist()),
        recall_curve=tuple(reached.tolist()),
        n_rows=len(real),
    )


def _distance_to(centre: FloatArray, rows: FloatArray) -> FloatArray:
    distance: FloatArray = np.sqrt(((rows - centre) ** 2).sum(axis=1))
    return distance


def _nearest(queries: FloatArray, rows: FloatArray, *, n: int) -> tuple[FloatArray, IntArray]:
    from sklearn.neighbors import NearestNeighbors
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        distance, position = NearestNeighbors(n_neighbors=n).fit(rows).kneighbors(queries)
    return distance, position


def _shares_inside(distance: FloatArray, radii: FloatArray) -> FloatArray:
    shares: FloatArray = (distance <= radii[:, None]).mean(axis=1)
    return shares


def _closeness(levels: FloatArray, curve: FloatArray) -> float:
    return float(1 - np.abs(levels - curve).sum() / levels.sum())
