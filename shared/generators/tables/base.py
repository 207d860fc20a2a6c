"""The contract of generators of tables: rows like those of a business table."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from scenara.shared.data.schema import Schema
from scenara.shared.engine import Shard, engine_named, entropy_of
from scenara.shared.errors import ConfigError
from scenara.shared.generators.base import Generator
from scenara.shared.generators.tables.admission import admitted
from scenara.shared.generators.tables.conditions import Conditions
from scenara.shared.generators.tables.drawing import draw_accepted
from scenara.shared.generators.tables.keeping import Keeper
from scenara.shared.generators.tables.outline import Balance, Outline
from scenara.shared.generators.tables.parts import stream_rows
from scenara.shared.progress import Progress, silent
from scenara.shared.store import State
from scenara.shared.types import FloatArray, RandomState

__all__ = ["TableGenerator"]


class TableGenerator(Generator):
    """Learn the law of a table's rows and write new rows of it.

    A family writes ``_fit`` and ``_sample`` on the columns that there is something to learn of.
    Identifiers and columns with one single content are kept here, and so are checks, conditions,
    shards, saving and streaming. The unit that ``n`` counts is a row.
    """

    shard_size: ClassVar[int] = 10_000
    minimum_rows: ClassVar[int] = 20
    """Fewest rows that the family can be fitted on."""
    has_density: ClassVar[bool] = False
    """Whether ``score_samples`` gives a log density."""
    can_impute: ClassVar[bool] = False
    """Whether ``impute`` fills missing cells."""

    schema_: Schema

    def fit(
        self,
        data: pd.DataFrame,
        *,
        schema: Schema | None = None,
        progress: Progress = silent,
        checkpoint: str | Path | None = None,
    ) -> Self:
        """Learn from the rows of a table.

        Args:
            data: The table, (rows, columns): numbers, categories, booleans, times, identifiers,
                with missing cells; it is not changed.
            schema: What each column is; inferred from the table if None.
            progress: Told how far the fit is.
            checkpoint: Folder in which a long fit keeps its state; the same call after a crash
                goes on from there and reaches the same result.

        Returns:
            The fitted generator.

        Raises:
            DataError: Too few rows, infinite numbers, free text, or no rows at all.
            SchemaError: The schema does not fit the data.
        """
        if hasattr(self, "schema_"):
            del self.schema_
        frame, known = admitted(data, schema, minimum_rows=self.minimum_rows)
        self._outline = outline = Outline.of(frame, known)
        if outline.core is not None:
            self._fit(
                outline.rules.reduce(frame)[outline.core_names],
                outline.core,
                progress=progress,
                checkpoint=Path(checkpoint) if checkpoint else None,
            )
        self.schema_ = known
        return self

    def sample(
        self,
        n: int,
        *,
        given: Mapping[str, Any] | None = None,
        balance: Balance = None,
        random_state: RandomState = None,
    ) -> pd.DataFrame:
        """Write new rows.

        Args:
            n: Number of rows.
            given: What every row fulfils, exactly: ``{"age": (18, 25), "default": 1}``; a tuple
                is a closed range, a list or set a choice, ``None`` a missing cell.
            balance: Name of a column whose values are to occur equally often, or
                ``{"default": {0: 900, 1: 100}}`` for exact counts or shares.
            random_state: Seed; the same seed and arguments give the same rows.

        Returns:
            The rows, (n, columns), with the columns and dtypes of the table learned from.

        Raises:
            NotFittedError: Before ``fit``.
            ConfigError: An argument is not known, or a condition was never seen when fitting.
            DataError: Rows that fulfil the conditions can't be found within the budget.
        """
        self._check_fitted()
        shards = self._pieces(n, given, balance, random_state)
        rows = [self._draw(shard, asked) for shard, asked in shards]
        frame = pd.concat(rows, ignore_index=True) if len(rows) > 1 else rows[0]
        if balance is None:
            return frame
        order = np.random.default_rng((shards[0][0].entropy, 1)).permutation(len(frame))
        return frame.iloc[order].reset_index(drop=True)

    def sample_to(
        self,
        path: str | Path,
        n: int,
        *,
        given: Mapping[str, Any] | None = None,
        balance: Balance = None,
        random_state: RandomState = None,
        engine: str = "local",
        progress: Progress = silent,
    ) -> Path:
        """Stream new rows to a folder of Parquet files; memory stays flat in ``n``.

        The same call after an interruption keeps the parts that are there and writes the rest.

        Args:
            path: The folder; ``pandas.read_parquet`` reads it as one table.
            n: Number of rows.
            given: As in :meth:`sample`.
            balance: As in :meth:`sample`; the values follow one another in the parts.
            random_state: Seed; None draws one at the first call and keeps it in the folder.
            engine: Where the shards run.
            progress: Told how many shards are done.

        Returns:
            The folder; its rows equal those of :meth:`sample` (under ``balance``: in another
            order).

        Raises:
            NotFittedError: Before ``fit``.
            ConfigError: An argument is out of range, or the folder holds another request.
            DataError: Rows that fulfil the conditions can't be found within the budget.
        """
        self._check_fitted()
        request = {
            "fingerprint": self.fingerprint(),
            "given": repr(given),
            "balance": repr(balance),
            "n": n,
        }

        def pieces(seed: int) -> list[tuple[Shard, Conditions]]:
            return self._pieces(n, given, balance, seed)

        return stream_rows(
            Path(path),
            request,
            pieces,
            self._draw,
            random_state=random_state,
            engine=engine_named(engine),
            progress=progress,
        )

    def impute(self, data: pd.DataFrame, *, random_state: RandomState = None) -> pd.DataFrame:
        """Fill missing cells with draws from their law given the cells that are there.

        Several calls with different seeds give multiple imputations.

        Args:
            data: Rows with the columns learned from, (rows, columns); not changed.
            random_state: Seed.

        Returns:
            The rows; only missing cells differ. A cell stays missing where no value was seen in
            its column.

        Raises:
            NotFittedError: Before ``fit``.
            ConfigError: The family can't impute.
            DataError: The columns are not those learned from.
        """
        self._check_fitted()
        if not self.can_impute:
            raise ConfigError(f"{self.family} can't impute; use table/autoregressive")
        known = self._outline.known_columns(data)
        filled = data.copy()
        if self._outline.core is None or not known.isna().to_numpy().any():
            return filled
        rng, names = np.random.default_rng(entropy_of(random_state)), self._outline.core_names
        drawn = self._outline.rules.impute(known, lambda rows: self._impute(rows[names], rng), rng)
        for name in known.columns[known.isna().any()]:
            filled[name] = known[name].where(known[name].notna(), drawn[name])
        return filled

    def score_samples(self, data: pd.DataFrame) -> FloatArray:
        """Give the log density of rows; low for rows unlike those learned from.

        Args:
            data: Rows with the columns learned from, (rows, columns).

        Returns:
            Log density of each row in nats, (rows,): per unit of measured columns, per level of
            others; minus infinity where a row breaks a constraint. Columns computed from others
            add nothing, and the share of rows rejected for a constraint is not made up for.

        Raises:
            NotFittedError: Before ``fit``.
            ConfigError: The family has no density.
            DataError: The columns are not those learned from.
        """
        self._check_fitted()
        if not self.has_density:
            raise ConfigError(f"{self.family} has no density; use table/autoregressive")
        outline = self._outline
        known = outline.known_columns(data)
        if outline.core is None:
            return np.zeros(len(data))
        core, possible = outline.rules.scorable(known)
        return np.where(possible, self._score(core[outline.core_names]), -np.inf)

    def state(self) -> State:
        """Give what ``fit`` learned, apart from the settings.

        Raises:
            NotFittedError: The generator is not fitted.
        """
        self._check_fitted()
        inner = self._state() if self._outline.core is not None else State()
        outer = self._outline.state()
        return replace(
            inner,
            values={**inner.values, **outer.values},
            arrays={**inner.arrays, **outer.arrays},
        )

    def restore(self, state: State) -> Self:
        """Take over what another generator of the same family and settings has learned.

        Args:
            state: From a saved artifact.
        """
        self._outline = Outline.from_state(state)
        if self._outline.core is not None:
            self._restore(state)
        self.schema_ = self._outline.schema
        return self

    @abstractmethod
    def _fit(
        self, frame: pd.DataFrame, schema: Schema, *, progress: Progress, checkpoint: Path | None
    ) -> None:
        """Learn from the columns that vary: no identifiers, no text, at least two contents each."""

    @abstractmethod
    def _sample(self, n: int, given: Conditions, rng: np.random.Generator) -> pd.DataFrame:
        """Give ``n`` or fewer rows of the columns learned.

        Rows that don't fulfil ``given`` are thrown away and drawn again by the caller, so a
        family that can steer by only some conditions is still exact.
        """

    def _impute(self, frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        raise NotImplementedError

    def _score(self, frame: pd.DataFrame) -> FloatArray:
        raise NotImplementedError

    def __sklearn_is_fitted__(self) -> bool:
        return "schema_" in vars(self)

    def _pieces(
        self, n: int, given: Mapping[str, Any] | None, balance: Balance, random_state: RandomState
    ) -> list[tuple[Shard, Conditions]]:
        entropy = entropy_of(random_state)
        return self._outline.pieces(n, given, balance, entropy=entropy, size=self.shard_size)

    def _draw(self, shard: Shard, asked: Conditions) -> pd.DataFrame:
        outline, rng = self._outline, shard.rng()
        parts = []
        if outline.core is not None:
            parts.append(self._draw_core(shard.size, asked, rng))
        if outline.fixed is not None:
            parts.append(outline.fixed_rows(shard, rng))
        frame = pd.concat(parts, axis=1) if len(parts) > 1 else parts[0]
        return frame[list(outline.schema.names)]

    def _draw_core(self, n: int, asked: Conditions, rng: np.random.Generator) -> pd.DataFrame:
        rules = self._outline.rules
        within, keeper = rules.translate(asked, self._outline.core), Keeper(rules, asked)
        rows = draw_accepted(
            lambda size: rules.complete(self._sample(size, within, rng), asked, rng),
            keeper.keep,
            n,
            budget=keeper.budget(),
            asked=keeper,
        )
        return rules.drop_constants(rows)
