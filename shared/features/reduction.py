"""A table of mixed columns as a few numbers a row, and back."""

from collections.abc import Mapping
from typing import Any, Literal, Self, TypeAlias, get_args

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin

from scenara.shared.data.schema import Schema
from scenara.shared.errors import ArtifactError, ConfigError, DataError, NotFittedError
from scenara.shared.features.design import TableDesign, Unknown, unusable_columns
from scenara.shared.features.projections import (
    Projection,
    discriminants,
    principal_components,
)
from scenara.shared.features.registry import TYPES
from scenara.shared.features.selection import as_series
from scenara.shared.features.states import pack, unpack
from scenara.shared.features.storage import Series
from scenara.shared.features.table import TableEncoder
from scenara.shared.features.target import read_target
from scenara.shared.types import Array, FloatArray

__all__ = ["FeatureReducer", "ReductionMethod"]

ReductionMethod: TypeAlias = Literal["pca", "lda", "autoencoder"]


class FeatureReducer(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Reduce a table to a few numbers a row, as a step of a scikit-learn pipeline.

    Columns of any kind may have missing cells. Numbers become normal scores, with spikes and
    missing cells as levels; levels become indicators weighted as in factor analysis of mixed
    data, so that no column outweighs another by its unit. Identifiers, free text and columns
    with one value are left out and named in ``dropped_``.

    Fit it on training rows alone, as a pipeline does inside cross-validation: the axes, and
    with the method "lda" the target, of test rows must not be known before the test.

    Args:
        method: "pca" (axes of greatest variance), "lda" (axes that part the classes of a target
            best), "autoencoder" (a curved map that begins as "pca").
        n_components: How many numbers a row; with "pca" also a share of the variance in (0, 1);
            None for all axes, with "autoencoder" for 2.
        schema: What each column is; inferred if None.
        unknown: A level not seen in ``fit`` is refused ("error") or taken for a missing cell
            ("missing").
        hidden: Units in each hidden layer of the autoencoder.
        n_steps: Training steps of the autoencoder at most.
        random_state: Seed of the autoencoder, and of levels drawn by ``inverse_transform``.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> age = rng.uniform(18, 80, 300)
        >>> frame = pd.DataFrame({"age": age, "pension": 40 * age, "place": ["a", "b", "c"] * 100})
        >>> reducer = FeatureReducer(method="pca", n_components=2).fit(frame)
        >>> reducer.transform(frame).columns.tolist()
        ['pca0', 'pca1']
        >>> reducer.inverse_transform(reducer.transform(frame)).columns.tolist()
        ['age', 'pension', 'place']
    """

    design_: TableDesign
    map_: Any
    dropped_: dict[str, str]

    def __init__(
        self,
        *,
        method: ReductionMethod = "pca",
        n_components: float | None = None,
        schema: Schema | None = None,
        unknown: Unknown = "error",
        hidden: int = 64,
        n_steps: int = 3_000,
        random_state: int | None = None,
    ) -> None:
        self.method = method
        self.n_components = n_components
        self.schema = schema
        self.unknown = unknown
        self.hidden = hidden
        self.n_steps = n_steps
        self.random_state = random_state

    def fit(self, frame: pd.DataFrame, target: Series | Array | None = None) -> Self:
        """Learn the axes from training rows.

        Args:
            frame: The table, (rows, columns); it is not changed.
            target: Classes, (rows,), for the method "lda"; otherwise ignored.

        Returns:
            The reducer.

        Raises:
            DataError: If the table can't be encoded, has no usable column, or the target is
                missing or no classes.
            ConfigError: If an argument is wrong.
        """
        _check(self, frame)
        schema = self.schema or Schema.infer(frame)
        self.dropped_ = unusable_columns(frame, schema)
        usable = tuple(column for column in schema if column.name not in self.dropped_)
        if not usable:
            raise DataError("found no column that varies, apart from identifiers and free text")
        part = Schema(usable)
        self.design_ = TableDesign.of(frame[list(part.names)], part)
        self.map_ = self._learn(self.design_.matrix(frame[list(part.names)]), frame, target)
        self.feature_names_in_ = np.array(frame.columns, dtype=object)
        self.n_features_in_ = len(frame.columns)
        return self

    def transform(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Give the positions of rows on the axes.

        Args:
            frame: A table with at least the columns used, (rows, columns).

        Returns:
            The positions, (rows, axes), with the index of the table.

        Raises:
            NotFittedError: Before ``fit``.
            DataError: If a column is missing or a cell can't be encoded.
        """
        names = self.get_feature_names_out()
        used = list(self.design_.encoder.schema_.names)
        present = frame[[name for name in used if name in frame.columns]]
        scores = self.map_.transform(self.design_.matrix(present, unknown=self.unknown))
        return pd.DataFrame(scores, columns=names, index=frame.index)

    def inverse_transform(self, scores: pd.DataFrame | FloatArray) -> pd.DataFrame:
        """Give the rows that lie at positions, as near as the axes can tell.

        Args:
            scores: Positions, (rows, axes).

        Returns:
            The table of the columns used, (rows, columns).

        Raises:
            NotFittedError: Before ``fit``.
            ConfigError: If the method is "lda", which has no inverse.
            DataError: If the shape is another or a position is not finite.
        """
        names = self.get_feature_names_out()
        positions = np.asarray(scores, dtype=np.float64)
        if positions.ndim != 2 or positions.shape[1] != len(names):
            raise DataError(f"expected positions (rows, {len(names)}), found {positions.shape}")
        matrix = self.map_.inverse(positions)
        decoded = self.design_.frame(matrix, random_state=self.random_state)
        return decoded.set_index(scores.index) if isinstance(scores, pd.DataFrame) else decoded

    def get_feature_names_out(self, input_features: object = None) -> Array:
        """Give the names of the axes.

        Args:
            input_features: Ignored; it is part of scikit-learn's interface.

        Raises:
            NotFittedError: Before ``fit``.
        """
        if not hasattr(self, "map_"):
            raise NotFittedError("FeatureReducer is not fitted yet; call fit(frame) first")
        return np.array([f"{self.method}{i}" for i in range(self.map_.n_components)], dtype=object)

    def state(self) -> dict[str, Any]:
        """Give settings and what was learned as JSON values with arrays as leaves.

        ``split_state`` parts the two for the artifact store.

        Raises:
            NotFittedError: Before ``fit``.
        """
        self.get_feature_names_out()
        learned = {
            "design": self.design_,
            "map": self.map_,
            "dropped": self.dropped_,
            "columns": tuple(map(str, self.feature_names_in_)),
        }
        settings: Mapping[str, Any] = self.get_params(deep=False)
        packed: dict[str, Any] = pack({"settings": dict(settings), "learned": learned})
        return packed

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """Make a fitted reducer from what ``state`` gave.

        Args:
            state: The state, perhaps after a way through the artifact store.

        Raises:
            ArtifactError: If it is no state of a reducer.
        """
        from scenara.shared.features.autoencoder import CurvedMap

        own = (TableDesign, TableEncoder, Projection, CurvedMap)
        found = unpack(state, {**TYPES, **{each.__name__: each for each in own}})
        try:
            reducer, learned = cls(**found["settings"]), found["learned"]
            reducer.design_, reducer.map_ = learned["design"], learned["map"]
            reducer.dropped_ = learned["dropped"]
            reducer.feature_names_in_ = np.array(learned["columns"], dtype=object)
        except (KeyError, TypeError) as error:
            raise ArtifactError(f"state: expected that of a FeatureReducer: {error}") from error
        reducer.n_features_in_ = len(learned["columns"])
        return reducer

    def _learn(self, matrix: FloatArray, frame: pd.DataFrame, target: Series | Array | None) -> Any:  # noqa: ANN401  (a Projection, or a CurvedMap that would load torch)
        if self.method == "pca":
            most = min(matrix.shape)
            wanted = most if self.n_components is None else self.n_components
            return principal_components(matrix, n_components=wanted)
        if self.method == "lda":
            classes = _classes(frame, target)
            return discriminants(matrix, classes, n_components=_whole(self.n_components))
        return self._learn_curved(matrix)

    def _learn_curved(self, matrix: FloatArray) -> Any:  # noqa: ANN401  (see _learn)
        from scenara.shared.features.autoencoder import learn_curved_map
        from scenara.shared.training import TrainingSettings

        settings = TrainingSettings(n_steps=self.n_steps, learning_rate=3e-3, device="cpu")
        wanted = _whole(self.n_components)
        return learn_curved_map(
            matrix,
            n_components=2 if wanted is None else wanted,
            hidden=self.hidden,
            settings=settings,
            random_state=self.random_state,
        )


def _check(reducer: FeatureReducer, frame: pd.DataFrame) -> None:
    if not isinstance(frame, pd.DataFrame):
        raise DataError(f"expected a pandas DataFrame, found {type(frame).__name__}")
    if not len(frame):
        raise DataError("expected a table with rows, found none")
    for option, known in (("method", ReductionMethod), ("unknown", Unknown)):
        if (value := getattr(reducer, option)) not in get_args(known):
            raise ConfigError(f"{option}: expected one of {get_args(known)}, found {value!r}")


def _whole(n_components: float | None) -> int | None:
    if isinstance(n_components, float):
        raise ConfigError(
            f"n_components: a share is for the method 'pca'; expected a whole number, found "
            f"{n_components!r}"
        )
    return n_components


def _classes(frame: pd.DataFrame, target: Series | Array | None) -> Array:
    if target is None:
        raise DataError("the method 'lda' parts the classes of a target; give one to fit")
    return read_target(frame, as_series(frame, target), task="classification").values
