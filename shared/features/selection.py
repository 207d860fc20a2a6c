"""Which columns of a table are worth keeping for a model of its target."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self, TypeAlias, get_args

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin

from scenara.shared.data.schema import Schema
from scenara.shared.errors import ConfigError, DataError, NotFittedError
from scenara.shared.features import filters, models
from scenara.shared.features.design import unusable_columns
from scenara.shared.features.filters import Ranking
from scenara.shared.features.storage import Series
from scenara.shared.features.target import Target, Task, read_target
from scenara.shared.types import Array, RandomState

__all__ = ["FeatureSelector", "Method", "Selection", "select"]

Method: TypeAlias = Literal["filter", "wrapper", "embedded"]
_WAYS: Mapping[str, tuple[str, ...]] = {
    "filter": ("mutual-information", "correlation", "variance"),
    "wrapper": ("elimination", "forward"),
    "embedded": ("gain", "penalty"),
}


@dataclass(frozen=True)
class Selection:
    """Hold which columns are kept, and why.

    Args:
        kept: Names of the kept columns, in the order of the table.
        table: One row a column, in the order of the table: ``column``, ``score`` (the higher
            the better, missing for columns that can't be used), ``kept``, ``reason``.
    """

    kept: tuple[str, ...]
    table: pd.DataFrame


def select(
    frame: pd.DataFrame,
    target: Series,
    *,
    method: Method = "filter",
    by: str | None = None,
    n_features: int | None = None,
    max_correlation: float | None = None,
    task: Task = "auto",
    schema: Schema | None = None,
    estimator: Any = None,  # noqa: ANN401  (scikit-learn ships no types)
    random_state: RandomState = None,
) -> Selection:
    """Choose the columns that tell something about a target.

    Columns of any kind may have missing cells. Identifiers, free text and columns with one value
    are never kept. Give training rows alone: a model that is tested on rows which helped to
    choose its columns looks better than it is. That also holds for the scores in the table.

    Args:
        frame: The columns, (rows, columns), without the target; they are not changed.
        target: The target, (rows,), with the same index.
        method: "filter" scores columns one by one; "wrapper" tries sets of columns with a
            model; "embedded" reads the importances of one model.
        by: How the method does so; None takes the first. filter: "mutual-information",
            "correlation", "variance"; wrapper: "elimination" (recursive, from all columns down),
            "forward" (from none up); embedded: "gain" (boosted trees), "penalty" (linear, L1).
        n_features: How many columns to keep, fewer if fewer can be used; None lets the method
            decide: by significance, cross-validation or shuffled copies.
        max_correlation: Drop a column of which a kept one with a better score tells more than
            this multiple correlation; None drops none.
        task: "classification", "regression", or "auto" by the kind of the target.
        schema: What each column is; inferred if None.
        estimator: The wrapper's scikit-learn model, fitted on one number a cell, NaN where
            missing; None for small boosted trees.
        random_state: Seed of folds, shuffles and models.

    Returns:
        The selection; nothing may be kept.

    Raises:
        DataError: If table and target do not fit together, or there are too few rows.
        ConfigError: If an argument is wrong.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> frame = pd.DataFrame({"age": rng.uniform(18, 80, 500), "noise": rng.normal(size=500)})
        >>> found = select(frame, (frame["age"] > 40).rename("old"))
        >>> found.kept
        ('age',)

    References:
        Guyon and Elisseeff (2003), An introduction to variable and feature selection,
        https://www.jmlr.org/papers/v3/guyon03a.html (filters, wrappers, embedded methods);
        Ambroise and McLachlan (2002), Selection bias in gene extraction,
        https://doi.org/10.1073/pnas.102102699 (why the rows of the test must stay out).
    """
    way = _way(method, by)
    _check_numbers(n_features, max_correlation)
    answers = read_target(frame, target, task=task)
    schema = _schema(frame, schema)
    unusable = unusable_columns(frame, schema)
    usable = [column for column in schema if column.name not in unusable]
    if not usable:
        return _selection(frame, {}, (), unusable)
    part = Schema(tuple(usable))
    columns = frame[list(part.names)]
    ranking = _ranking(columns, part, answers, way, n_features, estimator, random_state)
    dropped = _redundant(columns, part, ranking, max_correlation)
    kept = _kept(part.names, ranking, dropped, n_features)
    rows = _rows(part.names, ranking, kept, dropped, n_features)
    return _selection(frame, rows, kept, unusable)


class FeatureSelector(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Keep the columns that :func:`select` chooses, as a step of a scikit-learn pipeline.

    Inside a pipeline that is cross-validated it is fitted on the training rows of each fold, so
    that no test row helps to choose.

    Args:
        method: "filter", "wrapper" or "embedded"; see :func:`select` for it and the others.
        by: How the method scores.
        n_features: How many columns to keep; None lets the method decide.
        max_correlation: Most that a kept column may be told by a better one.
        task: "classification", "regression" or "auto".
        schema: What each column is.
        estimator: The wrapper's model.
        random_state: Seed.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> frame = pd.DataFrame({"age": rng.uniform(18, 80, 500), "noise": rng.normal(size=500)})
        >>> selector = FeatureSelector().fit(frame, frame["age"] > 40)
        >>> selector.transform(frame).columns.tolist()
        ['age']
    """

    selection_: Selection

    def __init__(
        self,
        *,
        method: Method = "filter",
        by: str | None = None,
        n_features: int | None = None,
        max_correlation: float | None = None,
        task: Task = "auto",
        schema: Schema | None = None,
        estimator: Any = None,  # noqa: ANN401  (scikit-learn ships no types)
        random_state: int | None = None,
    ) -> None:
        self.method = method
        self.by = by
        self.n_features = n_features
        self.max_correlation = max_correlation
        self.task = task
        self.schema = schema
        self.estimator = estimator
        self.random_state = random_state

    def fit(self, frame: pd.DataFrame, target: Series | Array) -> Self:
        """Choose the columns on training rows.

        Args:
            frame: The columns, (rows, columns).
            target: The target, (rows,); an array is taken in the order of the rows.

        Returns:
            The selector.

        Raises:
            DataError: If table and target do not fit together, or no column would be kept.
            ConfigError: If an argument is wrong.
        """
        self.selection_ = select(frame, as_series(frame, target), **self.get_params(deep=False))
        if not self.selection_.kept:
            raise DataError(
                "no column tells anything about the target; name how many to keep with "
                "n_features, or look for other columns"
            )
        self.feature_names_in_ = np.array(frame.columns, dtype=object)
        self.n_features_in_ = len(frame.columns)
        return self

    def transform(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Give the kept columns.

        Args:
            frame: A table with at least the kept columns, (rows, columns).

        Raises:
            NotFittedError: Before ``fit``.
            DataError: If a kept column is missing.
        """
        kept = list(self.get_feature_names_out())
        lacking = [name for name in kept if name not in frame.columns]
        if lacking:
            raise DataError(f"column {lacking[0]!r} is missing, which was kept in fit")
        return frame[kept]

    def get_feature_names_out(self, input_features: object = None) -> Array:
        """Give the names of the kept columns.

        Args:
            input_features: Ignored; it is part of scikit-learn's interface.

        Raises:
            NotFittedError: Before ``fit``.
        """
        if not hasattr(self, "selection_"):
            raise NotFittedError("FeatureSelector is not fitted yet; call fit(frame, target) first")
        return np.array(self.selection_.kept, dtype=object)


def as_series(frame: pd.DataFrame, target: Series | Array) -> Series:
    """Give a target the index of its table, if it is an array and has none.

    Args:
        frame: The table, (rows, columns).
        target: A series, or an array (rows,).

    Raises:
        DataError: If the lengths differ.
    """
    if isinstance(target, pd.Series):
        return target
    if np.shape(target) != (len(frame),):
        raise DataError(
            f"target: expected {len(frame)} values as there are rows, found shape {np.shape(target)}"
        )
    return pd.Series(target, index=frame.index)


def _way(method: str, by: str | None) -> str:
    if method not in _WAYS:
        raise ConfigError(f"method: expected one of {get_args(Method)}, found {method!r}")
    if by is not None and by not in _WAYS[method]:
        raise ConfigError(f"by: expected one of {_WAYS[method]} with {method!r}, found {by!r}")
    return by or _WAYS[method][0]


def _check_numbers(n_features: int | None, max_correlation: float | None) -> None:
    if n_features is not None and (not isinstance(n_features, int) or n_features < 1):
        raise ConfigError(f"n_features: expected a whole number from 1, found {n_features!r}")
    if max_correlation is not None and not 0 < max_correlation <= 1:
        raise ConfigError(
            f"max_correlation: expected a number in (0, 1], found {max_correlation!r}"
        )


def _schema(frame: pd.DataFrame, schema: Schema | None) -> Schema:
    if schema is None:
        return Schema.infer(frame)
    strange = [name for name in frame.columns if name not in schema]
    if strange:
        raise DataError(f"column {strange[0]!r} is not in the schema; drop it or add it there")
    return Schema(tuple(schema[name] for name in frame.columns))


def _ranking(
    frame: pd.DataFrame,
    schema: Schema,
    target: Target,
    way: str,
    n_features: int | None,
    estimator: Any,  # noqa: ANN401  (scikit-learn ships no types)
    random_state: RandomState,
) -> Ranking:
    rng = np.random.default_rng(random_state)
    n_kept = None if n_features is None else min(n_features, len(schema))
    ways: Mapping[str, Callable[..., Ranking]] = {
        "mutual-information": filters.by_mutual_information,
        "correlation": filters.by_correlation,
        "variance": filters.by_variance,
        "elimination": models.by_elimination,
        "forward": models.by_forward_steps,
        "gain": models.by_gain,
        "penalty": models.by_penalty,
    }
    options: dict[str, Any] = {}
    if way in _WAYS["wrapper"]:
        options = {"estimator": estimator, "rng": rng, "n_features": n_kept}
    elif way == "gain":
        options = {"rng": rng}
    elif way == "penalty":
        options = {"rng": rng, "n_features": n_kept}
    return ways[way](frame, schema, target, **options)


def _redundant(
    frame: pd.DataFrame, schema: Schema, ranking: Ranking, max_correlation: float | None
) -> dict[str, str]:
    """Give the columns that a better one tells, with the reason; the best ones go first."""
    if max_correlation is None:
        return {}
    told, names = filters.explained_by(frame, schema), schema.names
    better: list[int] = []
    dropped: dict[str, str] = {}
    for place in np.argsort(-ranking.scores, kind="stable"):
        teller = max(better, key=lambda other: told[other, place], default=None)
        if teller is not None and told[teller, place] > max_correlation:
            strength = told[teller, place]
            dropped[names[place]] = f"correlation {strength:.3g} with {names[teller]!r}"
        else:
            better.append(int(place))
    return dropped


def _kept(
    names: tuple[str, ...], ranking: Ranking, dropped: Mapping[str, str], n_features: int | None
) -> tuple[str, ...]:
    if n_features is None:
        chosen = [name for name, is_kept in zip(names, ranking.chosen, strict=True) if is_kept]
        return tuple(name for name in chosen if name not in dropped)
    order = [names[place] for place in np.argsort(-ranking.scores, kind="stable")]
    best = [name for name in order if name not in dropped][:n_features]
    return tuple(name for name in names if name in best)


def _rows(
    names: tuple[str, ...],
    ranking: Ranking,
    kept: tuple[str, ...],
    dropped: Mapping[str, str],
    n_features: int | None,
) -> dict[str, tuple[float, bool, str]]:
    rows = {}
    for name, score, note in zip(names, ranking.scores, ranking.notes, strict=True):
        why = "" if name in kept else "; too little"
        if name not in kept and n_features is not None:
            why = f"; not among the best {n_features}"
        reason = f"{note}; {dropped[name]}" if name in dropped else note + why
        rows[name] = (float(score), name in kept, reason)
    return rows


def _selection(
    frame: pd.DataFrame,
    rows: Mapping[str, tuple[float, bool, str]],
    kept: tuple[str, ...],
    unusable: Mapping[str, str],
) -> Selection:
    lines = [
        (name, *rows[name]) if name in rows else (name, np.nan, False, unusable[name])
        for name in frame.columns
    ]
    return Selection(kept, pd.DataFrame(lines, columns=["column", "score", "kept", "reason"]))
