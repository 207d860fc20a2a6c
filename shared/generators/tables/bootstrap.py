"""Rows drawn again from the table: the baseline that copies, faithful and not private."""

from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd

from scenara.shared.data.schema import Schema
from scenara.shared.errors import DataError
from scenara.shared.generators.tables.base import TableGenerator
from scenara.shared.generators.tables.conditions import Conditions
from scenara.shared.progress import Progress
from scenara.shared.store import State

__all__ = ["BootstrapTable"]


class BootstrapTable(TableGenerator):
    """Draw rows with replacement: every row made is a copy of a real one.

    It bounds the fidelity that any family can reach and must fail every privacy measure; use it
    as a yardstick, never to publish data. Conditions are exact: rows are drawn from those that
    fulfil them.

    Example:
        >>> frame = pd.DataFrame({"age": range(20, 60), "smoker": [False, True] * 20})
        >>> rows = BootstrapTable().fit(frame).sample(3, given={"smoker": True}, random_state=0)
        >>> bool(rows["smoker"].all())
        True

    References:
        Efron, 1979, Bootstrap methods: another look at the jackknife, Annals of Statistics 7,
        https://doi.org/10.1214/aos/1176344552.
    """

    family: ClassVar[str] = "table/bootstrap"
    minimum_rows: ClassVar[int] = 2

    def _fit(
        self, frame: pd.DataFrame, schema: Schema, *, progress: Progress, checkpoint: Path | None
    ) -> None:
        self._rows = frame.copy()

    def _sample(self, n: int, given: Conditions, rng: np.random.Generator) -> pd.DataFrame:
        known = np.flatnonzero(given.hold(self._rows))
        if not len(known):
            asked = ", ".join(map(repr, given))
            raise DataError(f"no row of the table fulfils the conditions on {asked} together")
        return self._rows.iloc[rng.choice(known, size=n)].reset_index(drop=True)

    def _state(self) -> State:
        return State(frames={"rows": self._rows})

    def _restore(self, state: State) -> None:
        self._rows = state.frames["rows"]
