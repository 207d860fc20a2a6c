"""The contract of generators of tables: rows like those of a business table."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from scenara.shared.data.schema import Column, Kind, Schema
from scenara.shared.engine import Shard, cut, engine_named, entropy_of
from scenara.shared.errors import ConfigError, DataError, SchemaError
from scenara.shared.features import TableEncoder, join_state, split_state
from scenara.shared.generators.base import Generator
from scenara.shared.generators.tables.balance import allotted
from scenara.shared.generators.tables.conditions import Conditions, Seen, observe, read_conditions
from scenara.shared.generators.tables.constraints import Rules, fit_rules
from scenara.shared.generators.tables.drawing import draw_accepted
from scenara.shared.generators.tables.keeping import Keeper, portioned
from scenara.shared.generators.tables.parts import stream_rows
from scenara.shared.progress import Progress, silent
from scenara.shared.store import State
from scenara.shared.types import FloatArray, RandomState

__all__ = ["TableGenerator", "admitted"]

_OUTER, _RULES = "outer.", "rules."
Balance = str | Mapping[str, Mapping[Any, float]] | None


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
        seen = {c.name: observe(frame[c.name], c) for c in known if c.kind is not Kind.IDENTIFIER}
        constant = [name for name in seen if not _varies(seen[name])]
        fixed = [c for c in known if c.name not in seen or c.name in constant]
        self._rules = fit_rules(known, frame, constant=constant)
        learned = [c for c in self._rules.columns if c.name not in constant]
        self._seen = seen
        self._fixed = _fitted_fixed(frame, fixed)
        self._core = Schema(tuple(learned)) if learned else None
        if self._core is not None:
            self._fit(
                self._rules.reduce(frame)[list(self._core.names)],
                self._core,
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
        shards = self._shards(n, given, balance, random_state)
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
            return self._shards(n, given, balance, seed)

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
        known = self._known_columns(data)
        filled = data.copy()
        if self._core is None or not known.isna().to_numpy().any():
            return filled
        rng, names = np.random.default_rng(entropy_of(random_state)), list(self._core.names)
        drawn = self._rules.impute(known, lambda rows: self._impute(rows[names], rng), rng)
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
        known = self._known_columns(data)
        if self._core is None:
            return np.zeros(len(data))
        core, possible = self._rules.scorable(known)
        return np.where(possible, self._score(core[list(self._core.names)]), -np.inf)

    def state(self) -> State:
        """Give what ``fit`` learned, apart from the settings.

        Raises:
            NotFittedError: The generator is not fitted.
        """
        self._check_fitted()
        inner = self._state() if self._core is not None else State()
        fixed, kept = (None, {}) if self._fixed is None else split_state(self._fixed.state())
        outer = {
            "schema": self.schema_.to_dict(),
            "core": list(self._core.names) if self._core is not None else [],
            "seen": {name: _seen_to_plain(seen) for name, seen in self._seen.items()},
            "fixed": fixed,
        }
        outer["rules"], held = split_state(self._rules.state())
        arrays = {_OUTER + name: array for name, array in kept.items()}
        arrays |= {_RULES + name: array for name, array in held.items()}
        return replace(
            inner,
            values={**inner.values, "outer": outer},
            arrays={**inner.arrays, **arrays},
        )

    def restore(self, state: State) -> Self:
        """Take over what another generator of the same family and settings has learned.

        Args:
            state: From a saved artifact.
        """
        outer = state.values["outer"]
        schema = Schema.from_dict(outer["schema"])
        self._seen = {name: _seen_from_plain(value) for name, value in outer["seen"].items()}
        kept, held = (
            {k.removeprefix(start): v for k, v in state.arrays.items() if k.startswith(start)}
            for start in (_OUTER, _RULES)
        )
        self._rules = Rules.from_state(schema, join_state(outer["rules"], held))
        learned = tuple(c for c in self._rules.columns if c.name in outer["core"])
        self._core = Schema(learned) if learned else None
        fixed = outer["fixed"]
        self._fixed = None if fixed is None else TableEncoder.from_state(join_state(fixed, kept))
        if self._core is not None:
            self._restore(state)
        self.schema_ = schema
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

    def _shards(
        self, n: int, given: Mapping[str, Any] | None, balance: Balance, random_state: RandomState
    ) -> list[tuple[Shard, Conditions]]:
        """Cut a request into shards, each with the conditions of its rows."""
        entropy = entropy_of(random_state)
        requests = allotted(n, given, balance, self.schema_, self._seen)
        pieces: list[tuple[Shard, Conditions]] = []
        start = 0
        for count, wanted in requests:
            asked = read_conditions(wanted, self.schema_, self._seen)
            for shard in cut(count, size=self.shard_size, random_state=entropy):
                number, first = len(pieces), start + shard.start
                pieces.append((Shard(number, first, shard.size, entropy), asked))
            start += count
            self._rules.translate(asked, self._core)
        return portioned(pieces) if self._rules.unique else pieces

    def _draw(self, shard: Shard, asked: Conditions) -> pd.DataFrame:
        rng = shard.rng()
        parts = []
        if self._core is not None:
            parts.append(self._draw_core(shard.size, asked, rng))
        if self._fixed is not None:
            parts.append(_fixed_rows(self._fixed, shard, rng))
        frame = pd.concat(parts, axis=1) if len(parts) > 1 else parts[0]
        return frame[list(self.schema_.names)]

    def _draw_core(self, n: int, asked: Conditions, rng: np.random.Generator) -> pd.DataFrame:
        within, keeper = self._rules.translate(asked, self._core), Keeper(self._rules, asked)
        rows = draw_accepted(
            lambda size: self._rules.complete(self._sample(size, within, rng), asked, rng),
            keeper.keep,
            n,
            budget=keeper.budget(),
            asked=keeper,
        )
        return self._rules.drop_constants(rows)

    def _known_columns(self, data: pd.DataFrame) -> pd.DataFrame:
        if not isinstance(data, pd.DataFrame):
            raise DataError(f"expected a pandas DataFrame, found {type(data).__name__}")
        lacking = [name for name in self.schema_.names if name not in data.columns]
        if lacking:
            raise DataError(f"column {lacking[0]!r} is missing; it was there when fitting")
        return data[[c.name for c in self.schema_ if c.kind is not Kind.IDENTIFIER]]


def admitted(
    data: pd.DataFrame, schema: Schema | None, *, minimum_rows: int
) -> tuple[pd.DataFrame, Schema]:
    """Check a table before anything is learned from it.

    Args:
        data: The table, (rows, columns).
        schema: What each column is; inferred if None.
        minimum_rows: Fewest rows.

    Returns:
        The table with its rows numbered from 0, and its schema.

    Raises:
        DataError: It is no table, or has too few rows, infinite numbers or free text.
        SchemaError: The schema does not fit the table, or a cell holds something nested.
    """
    if not isinstance(data, pd.DataFrame):
        raise DataError(f"expected a pandas DataFrame, found {type(data).__name__}")
    if len(data) < minimum_rows:
        raise DataError(f"expected at least {minimum_rows} rows to learn from, found {len(data)}")
    frame = data.reset_index(drop=True)
    _refuse_infinite(frame)
    known = Schema.infer(frame) if schema is None else schema
    if set(known.names) != set(frame.columns) or not frame.columns.is_unique:
        raise SchemaError(
            f"schema: expected the columns {list(known.names)}, found {list(frame.columns)}"
        )
    if schema is not None:
        known.validate(frame)
    for column in known:
        if column.kind is Kind.TEXT:
            raise DataError(
                f"column {column.name!r}: free text can't be generated and is not copied; leave "
                "the column out, or declare it a category or an identifier in the schema"
            )
    return frame[list(known.names)], known


def _refuse_infinite(frame: pd.DataFrame) -> None:
    for position, name in enumerate(frame.columns):
        values = frame.iloc[:, position]
        if getattr(values.dtype, "kind", "O") != "f":
            continue
        endless = np.isinf(values.to_numpy(dtype=np.float64, na_value=np.nan))
        if endless.any():
            raise DataError(
                f"column {name!r}: expected finite numbers, found an infinite one in row "
                f"{int(np.argmax(endless))}; mark it as missing or leave the row out"
            )


def _varies(seen: Seen) -> bool:
    contents = len(seen.levels) + seen.missing
    if seen.low is not None:
        contents += 1 + (seen.high != seen.low)
    return contents > 1


def _fitted_fixed(frame: pd.DataFrame, columns: list[Column]) -> TableEncoder | None:
    if not columns:
        return None
    schema = Schema(tuple(columns))
    return TableEncoder(schema=schema, rare=0).fit(frame[list(schema.names)])


def _fixed_rows(encoder: TableEncoder, shard: Shard, rng: np.random.Generator) -> pd.DataFrame:
    blank = np.zeros((shard.size, encoder.layout_.width))
    return encoder.inverse(blank, random_state=rng, first_row=shard.start)


def _seen_to_plain(seen: Seen) -> dict[str, Any]:
    plain = {"levels": list(seen.levels), "low": seen.low, "high": seen.high}
    return {**plain, "missing": seen.missing}


def _seen_from_plain(value: Mapping[str, Any]) -> Seen:
    return Seen(tuple(value["levels"]), value["low"], value["high"], value["missing"])
