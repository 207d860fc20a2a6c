"""A table on its way through the rules of cleaning, and how cells and rows of it are changed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from pandas.api import types as dtypes

from scenara.shared.data.cleaning_report import KEPT, Finding
from scenara.shared.data.column import Column, Kind
from scenara.shared.data.infer import infer_column
from scenara.shared.data.plain import as_objects, text
from scenara.shared.data.schema import Schema

__all__ = ["Table", "counted", "put"]


@dataclass(frozen=True)
class Table:
    """A table on its way through the rules.

    Args:
        frame: The rows that are left, indexed by their positions in the table that was given.
        declared: The columns that the user described, by name; their description stands.
        known: All columns, as declared or inferred.
        findings: What has been found in this pass.
    """

    frame: pd.DataFrame
    declared: Mapping[str, Column]
    known: Mapping[str, Column] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def schema(self) -> Schema:
        """Give the schema of the table as it is now."""
        return Schema(tuple(self.known[str(name)] for name in self.frame))

    def columns(self, *kinds: Kind) -> Iterator[tuple[Column, pd.Series]]:
        """Go through the columns of some kinds, each with its present values."""
        for column in self.schema:
            if column.kind in kinds:
                yield column, self.frame[column.name].dropna()

    def described(self) -> "Table":
        """Forget what was found and infer anew what columns are, before another pass."""
        return replace(self, findings=(), known={}).described_anew(set())

    def described_anew(self, changed: set[str]) -> "Table":
        """Infer what changed or new columns are, unless they are declared."""
        known = {name: column for name, column in self.known.items() if name not in changed}
        inferred = {
            name: self.declared.get(name) or infer_column(self.frame[name])
            for name in map(str, self.frame)
            if name not in known
        }
        return replace(self, known={**known, **inferred})

    def kept(self, rule: str, column: str, rows: pd.Index, detail: str) -> "Table":
        """Note what was found in cells, or in whole rows for the column "", and left alone."""
        return self._noted(rule, column, rows, KEPT, detail)

    def changed(
        self, rule: str, cells: pd.Series, detail: str, *, action: str = "mended"
    ) -> "Table":
        """Put cells, named like their column and indexed by row, and note it."""
        name = str(cells.name)
        table = self._noted(rule, name, cells.index, action, detail)
        return table.with_column(name, put(self.frame[name], cells))

    def dropped(self, rule: str, column: str, rows: pd.Index, detail: str) -> "Table":
        """Drop rows and note it."""
        table = self._noted(rule, column, rows, "rows dropped", detail)
        return replace(table, frame=table.frame.drop(index=rows))

    def without_column(self, rule: str, column: str, detail: str) -> "Table":
        """Drop a column and note it."""
        table = self._noted(rule, column, self.frame.index, "column dropped", detail)
        return replace(table, frame=table.frame.drop(columns=column))

    def added(self, rule: str, values: pd.Series, detail: str) -> "Table":
        """Add a column, named like its values, and note it."""
        table = self._noted(rule, str(values.name), values.index, "column added", detail)
        return table.with_column(str(values.name), values)

    def with_column(self, name: str, values: pd.Series) -> "Table":
        """Set a whole column; whoever does it notes it."""
        frame = self.frame.copy(deep=False)
        frame[name] = values
        return replace(self, frame=frame)

    def _noted(self, rule: str, column: str, rows: pd.Index, action: str, detail: str) -> "Table":
        n_cells = len(rows) * (1 if column and action != "rows dropped" else self.frame.shape[1])
        finding = Finding(rule, column, tuple(map(int, rows)), n_cells, action, detail)
        return replace(self, findings=(*self.findings, finding))


def put(values: pd.Series, cells: pd.Series) -> pd.Series:
    """Give a column with some cells changed, in the same type, or its nullable twin if need be.

    Args:
        values: The column.
        cells: New values, indexed by row.

    Example:
        >>> put(pd.Series([1, 2]), pd.Series([None], index=[1])).tolist()
        [1, <NA>]
    """
    if isinstance(values.dtype, pd.CategoricalDtype):
        return _put_levels(values, cells)
    if isinstance(values.dtype, np.dtype) and values.dtype.kind in "iub" and cells.isna().any():
        values = values.astype(pd.api.types.pandas_dtype(_nullable_twin(values.dtype)))
    changed = values.copy()
    changed.loc[cells.index] = pd.Series(cells.to_list(), index=cells.index, dtype=values.dtype)
    return changed


def counted(n: int, what: str, example: object) -> str:
    """Say how many cells are wrong, and show one.

    Example:
        >>> counted(2, "outside [0, 1]", 7)
        '2 cells outside [0, 1], such as 7'
    """
    return f"{n:,} cell{'' if n == 1 else 's'} {what}, such as {text(example)}"


def _nullable_twin(dtype: "np.dtype[np.generic]") -> str:
    if dtypes.is_bool_dtype(dtype):
        return "boolean"
    return dtype.name.replace("uint", "UInt") if dtype.kind == "u" else dtype.name.capitalize()


def _put_levels(values: pd.Series, cells: pd.Series) -> pd.Series:
    dtype = values.dtype
    assert isinstance(dtype, pd.CategoricalDtype)
    objects = pd.Series(as_objects(values), index=values.index, dtype=object)
    replaced = set(objects.loc[cells.index])
    objects.loc[cells.index] = cells.astype(object)
    present = set(objects.dropna())
    levels = [level for level in dtype.categories if level in present or level not in replaced]
    levels += [level for level in dict.fromkeys(cells.dropna()) if level not in levels]
    categories = pd.Index(levels, dtype=dtype.categories.dtype)
    return objects.astype(pd.CategoricalDtype(categories, ordered=dtype.ordered))
