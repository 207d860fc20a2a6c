"""The family for those who don't want to choose: it fits several and keeps the best."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from scenara.shared.data.column import nearest
from scenara.shared.data.schema import Schema
from scenara.shared.engine import Shard, entropy_of
from scenara.shared.errors import ConfigError, DataError, ScenaraError
from scenara.shared.generators.candidates import candidate_settings, fit_folder, fit_once, seeded
from scenara.shared.generators.champion import (
    champion_state,
    repeatable_fingerprint,
    restored_champion,
)
from scenara.shared.generators.registry import family_class
from scenara.shared.generators.tables.base import TableGenerator
from scenara.shared.generators.tables.conditions import Conditions
from scenara.shared.generators.tables.contest import (
    Entry,
    Race,
    champion_among,
    judge,
    race_rows,
    selection_table,
)
from scenara.shared.generators.tables.costs import Plan, cost_of, plan_race
from scenara.shared.generators.tables.making import make_table
from scenara.shared.progress import Progress
from scenara.shared.store import State
from scenara.shared.types import FloatArray

__all__ = ["PROMISE", "YARDSTICK", "AutoTable"]

PROMISE: Mapping[str, Mapping[str, Any]] = {
    "table/autoregressive": {},
    "table/cart": {"min_leaf": 40, "jitter": 5.0},
    "table/diffusion": {},
    "table/vae": {},
    "table/gan": {},
    "table/copula": {},
}
"""Families in the order in which they are tried while the budget lasts, with their settings;
trees with smaller leaves copy people."""
YARDSTICK = "table/bootstrap"
"""Copies of real rows: judged to show what failing privacy looks like, never chosen."""

WORTH_REFIT = 1.2
"""More rows than this many times those of the race are worth fitting the champion again."""


class AutoTable(TableGenerator):
    """Fit the families that a budget pays for, keep the one that is hardest to detect in private.

    Half of the rows (at most 10,000) learn, as many judge. Families are taken in order of promise
    while their estimated cost fits the budget, and each is judged on the held-out rows: by
    boosted trees that tell its rows from them, by the share of its rows that are closer to a
    training row than to a held-out one, and by membership attacks. The champion is the hardest
    to detect of those that keep the privacy limit, give or take one standard error; it is then
    fitted again on all rows, or on as many as the rest of the budget pays for. If no family keeps
    the limit, the most private is taken and ``selection_`` says so.

    What is fitted is decided by estimated seconds, never by the clock, so that the same table,
    settings and seed give the same champion on every machine. The estimates hold for families
    at about their default settings; ``selection_`` puts the measured seconds beside them.

    Args:
        budget: CPU seconds for all fits and judgements.
        candidates: Families in order of promise, or family -> settings; None for all.
        privacy_limit: Most that the closest-record share and the membership AUC may be, between
            .5 (nobody is remembered) and 1.
        target: Name of a label with few classes, for tables that models of it are to be trained
            on; told to the families that draw it from a classifier of its own.
        random_state: Seed of the fit.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> frame = pd.DataFrame({"x": rng.normal(size=200), "y": rng.normal(size=200)})
        >>> auto = AutoTable(candidates=["table/bootstrap"], random_state=0)
        >>> auto.fit(frame)
        Traceback (most recent call last):
        scenara.shared.errors.ConfigError: candidates: table/bootstrap copies rows and is a ...
    """

    family: ClassVar[str] = "table/auto"
    minimum_rows: ClassVar[int] = 40

    champion_: TableGenerator
    selection_: pd.DataFrame

    def __init__(
        self,
        *,
        budget: float = 120.0,
        candidates: Sequence[str] | Mapping[str, Mapping[str, Any]] | None = None,
        privacy_limit: float = 0.53,
        target: str | None = None,
        random_state: int | None = None,
    ) -> None:
        self.budget = budget
        self.candidates = candidates
        self.privacy_limit = privacy_limit
        self.target = target
        self.random_state = random_state

    @property
    def can_impute(self) -> bool:  # type: ignore[override]  # the champion's
        """Whether the champion fills missing cells."""
        return "champion_" in vars(self) and self.champion_.can_impute

    @property
    def has_density(self) -> bool:  # type: ignore[override]  # the champion's
        """Whether the champion gives a log density."""
        return "champion_" in vars(self) and self.champion_.has_density

    def fingerprint(self) -> str:
        """Give a checksum of the settings and the fitted state, measured seconds left out.

        Raises:
            NotFittedError: The generator is not fitted.
        """
        return repeatable_fingerprint(self)

    def _fit(
        self, frame: pd.DataFrame, schema: Schema, *, progress: Progress, checkpoint: Path | None
    ) -> None:
        _check(self.budget, self.privacy_limit)
        candidates = candidate_settings(
            self.candidates,
            promise=PROMISE,
            yardstick=YARDSTICK,
            itself=self.family,
            make=make_table,
        )
        settings = _with_target(candidates, self.target, schema)
        seed = entropy_of(self.random_state)
        race = race_rows(frame, seed=seed)
        plan = _planned(settings, race, n_columns=len(schema), budget=self.budget)
        work = _Workshop(race, schema, settings, seed, progress, checkpoint)
        fitted = [work.enter(family) for family in plan.taken]
        entries = {entry.family: entry for entry, _ in fitted}
        champion = champion_among(list(entries.values()), limit=self.privacy_limit)
        if champion is None:
            reasons = "; ".join(f"{name}: {entry.why}" for name, entry in entries.items())
            raise DataError(f"no family could be fitted and judged: {reasons}")
        generator = next(made for entry, made in fitted if entry is champion)
        rest = self.budget - plan.seconds
        self.champion_, refit, seconds = work.crown(champion, generator, frame, rest=rest)
        champion = replace(champion, cpu_s=champion.cpu_s + seconds)
        entries |= {name: work.refused(name, why) for name, why in plan.refused.items()}
        entries[champion.family] = champion
        self.selection_ = selection_table(
            [entries[name] for name in settings], champion, limit=self.privacy_limit, refit=refit
        )

    def _sample(self, n: int, given: Conditions, rng: np.random.Generator) -> pd.DataFrame:
        return self.champion_._draw(Shard(0, 0, n, entropy_of(rng)), given)

    def _impute(self, frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        return self.champion_.impute(frame, random_state=rng)

    def _score(self, frame: pd.DataFrame) -> FloatArray:
        return self.champion_.score_samples(frame)

    def _state(self) -> State:
        return champion_state(self.champion_, self.selection_)

    def _restore(self, state: State) -> None:
        champion, self.selection_ = restored_champion(state)
        assert isinstance(champion, TableGenerator)
        self.champion_ = champion


class _Workshop:
    """Fit and judge the candidates of one race."""

    def __init__(
        self,
        race: Race,
        schema: Schema,
        settings: Mapping[str, Mapping[str, Any]],
        seed: int,
        progress: Progress,
        checkpoint: Path | None,
    ) -> None:
        self.race = race
        self.schema = schema
        self.settings = settings
        self.seed = seed
        self.progress = progress
        self.checkpoint = checkpoint

    def enter(self, family: str) -> tuple[Entry, TableGenerator | None]:
        """Fit one family on the rows of the race and judge what it writes."""
        estimated = cost_of(family).seconds(len(self.race.train), len(self.schema))
        entry = Entry(family, estimated, n_rows=len(self.race.train), competes=family != YARDSTICK)
        try:
            generator, seconds = self.fit(family, self.race.train, "race")
            entry = replace(entry, cpu_s=seconds)
            rows = generator.sample(len(self.race.train), random_state=self.seed)
            judged = judge(
                self.race.train, self.race.holdout, rows, schema=self.schema, seed=self.seed % 2**31
            )
        except ScenaraError as error:
            return replace(entry, why=f"failed: {error}"), None
        why = "" if entry.competes else f"a yardstick, never chosen: {judged.in_words()}"
        return replace(entry, judged=judged, why=why), generator

    def refused(self, family: str, why: str) -> Entry:
        """Give the line of a family that the budget does not pay for."""
        estimated = cost_of(family).seconds(len(self.race.train), len(self.schema))
        return Entry(family, estimated, why=why)

    def crown(
        self, champion: Entry, generator: TableGenerator | None, frame: pd.DataFrame, *, rest: float
    ) -> tuple[TableGenerator, str, float]:
        """Fit the champion again on as many rows as the rest of the budget pays for."""
        assert generator is not None
        within = cost_of(champion.family).rows_within(rest, len(self.schema))
        n_rows = int(min(len(frame), within))
        if n_rows < WORTH_REFIT * champion.n_rows:
            return generator, f"kept as fitted on {champion.n_rows:,} of {len(frame):,} rows", 0.0
        rows = frame
        if n_rows < len(frame):
            chosen = np.random.default_rng((self.seed, 1)).permutation(len(frame))[:n_rows]
            rows = frame.iloc[np.sort(chosen)].reset_index(drop=True)
        again, seconds = self.fit(champion.family, rows, "champion")
        spent = f"{n_rows:,} of {len(frame):,} rows" if n_rows < len(frame) else "all rows"
        words = f"figures are of {champion.n_rows:,} rows, then fitted again on {spent}"
        return again, words, seconds

    def fit(self, family: str, rows: pd.DataFrame, stage: str) -> tuple[TableGenerator, float]:
        """Fit a family, or load what an interrupted call has fitted; give its CPU seconds."""

        def run(checkpoint: Path | None) -> TableGenerator:
            return make_table(family, self._seeded(family)).fit(
                rows,
                schema=self.schema,
                progress=self._told(family, stage),
                checkpoint=checkpoint,
            )

        return fit_once(TableGenerator, self._folder(family, stage, rows), run)  # type: ignore[type-abstract]

    def _seeded(self, family: str) -> dict[str, Any]:
        return seeded(family, self.settings[family], seed=self.seed % 2**31)

    def _told(self, family: str, phase: str) -> Progress:
        def told(stage: str, done: int, total: int, note: str = "") -> None:
            self.progress(f"{phase}: {family} {stage}", done, total, note)

        return told

    def _folder(self, family: str, stage: str, rows: pd.DataFrame) -> Path | None:
        """Give a place of its own to each family, its settings and its rows."""
        content = pd.util.hash_pandas_object(rows, index=False).to_numpy().tobytes()
        settings = self._seeded(family)
        return fit_folder(self.checkpoint, stage, family, settings=settings, content=content)


def _with_target(
    settings: Mapping[str, Mapping[str, Any]], target: str | None, schema: Schema
) -> Mapping[str, Mapping[str, Any]]:
    """Tell the label to those families that have a setting for it, unless they were told one."""
    if target is None:
        return settings
    if target not in schema:
        raise ConfigError(
            f"target: no column {target!r} that varies{nearest(target, schema.names)}"
        )
    return {
        family: {"target": target, **chosen}
        if "target" in family_class(family)._get_param_names()
        else chosen
        for family, chosen in settings.items()
    }


def _planned(families: Collection[str], race: Race, *, n_columns: int, budget: float) -> Plan:
    """Plan the race; the yardstick runs on what the others leave, and never alone."""
    others = [family for family in families if family != YARDSTICK]
    plan = Plan(())
    for order in (others, [*others, YARDSTICK] if YARDSTICK in families else others):
        plan = plan_race(
            order,
            n_train=len(race.train),
            n_holdout=len(race.holdout),
            n_columns=n_columns,
            budget=budget,
        )
    return plan


def _check(budget: float, privacy_limit: float) -> None:
    if not budget > 0:
        raise ConfigError(f"budget: expected CPU seconds above 0, found {budget!r}")
    if not 0.5 <= privacy_limit <= 1:
        raise ConfigError(
            f"privacy_limit: expected a number from 0.5 to 1, found {privacy_limit!r}"
        )
