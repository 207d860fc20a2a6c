"""The family for those who don't want to choose: it fits several to eras and keeps the best."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from scenara.shared.engine import entropy_of
from scenara.shared.errors import ConfigError, DataError, ScenaraError
from scenara.shared.evaluation.held_out_paths import Era, EraScale, cut_eras
from scenara.shared.generators.budget import Plan
from scenara.shared.generators.candidates import candidate_settings, fit_folder, fit_once, seeded
from scenara.shared.generators.champion import (
    champion_state,
    repeatable_fingerprint,
    restored_champion,
)
from scenara.shared.generators.registry import make
from scenara.shared.generators.series.base import SeriesGenerator
from scenara.shared.generators.series.contest import (
    Entry,
    Judged,
    champion_among,
    selection_table,
)
from scenara.shared.generators.series.costs import cost_of, plan_contest
from scenara.shared.generators.series.era_trial import EraFigures, judge_era
from scenara.shared.progress import Progress
from scenara.shared.store import State
from scenara.shared.types import FloatArray

__all__ = ["PROMISE", "YARDSTICK", "AutoSeries"]

PROMISE: Mapping[str, Mapping[str, Any]] = {
    "series/hybrid": {},
    "series/diffusion": {},
    "series/autoregressive": {},
    "series/fhs": {},
    "series/dcc": {},
    "series/copula": {},
    "series/vae": {},
    "series/gan": {},
}
"""Families in the order in which they are tried while the budget lasts, with their settings."""
YARDSTICK = "series/bootstrap"
"""Copies of history: judged to show how near copies come, never chosen."""

_FEWEST_LEARNED, _FEWEST_HELD = 250, 100
_HORIZON, _MOST_PATHS, _FEWEST_PATHS = 252, 300, 100
_MOST_NUMBERS = 10_000_000
_N_PIECES = 2_000


class AutoSeries(SeriesGenerator):
    """Fit the families that a budget pays for, keep the one nearest to eras that it never saw.

    History is cut in contiguous eras. For each, every family learns from the rest and writes
    paths; their quarters and their daily quantiles are compared with the era's
    (:class:`EraScale`), and the distance is divided by that of the rest of history itself. The
    champion is the nearest over all eras of those that pass every gate: no copies of history, no
    impossible moves, the variance of history, finite numbers. Where others are as near, give or
    take one standard error over eras, the most promising of them wins. It is then fitted again
    on all steps. If no family passes every gate, the nearest is taken and ``selection_`` says so.

    What is fitted is decided by estimated seconds, never by the clock, so that the same series,
    settings and seed give the same champion on every machine. The estimates hold for families
    at about their default settings; ``selection_`` puts the measured seconds beside them.

    Args:
        budget: CPU seconds for all fits and judgements.
        candidates: Families in order of promise, or family -> settings; None for all.
        n_eras: Most eras, each of at least 100 steps.
        random_state: Seed of the fit.

    Example:
        >>> returns = np.random.default_rng(0).normal(0, 0.01, (500, 1))
        >>> auto = AutoSeries(candidates=["series/gaussian"], random_state=0).fit(returns)
        >>> auto.champion_.family, auto.sample(2, horizon=5).shape
        ('series/gaussian', (2, 5, 1))
    """

    family: ClassVar[str] = "series/auto"
    minimum_steps: ClassVar[int] = 375

    champion_: SeriesGenerator
    selection_: pd.DataFrame

    def __init__(
        self,
        *,
        budget: float = 120.0,
        candidates: Sequence[str] | Mapping[str, Mapping[str, Any]] | None = None,
        n_eras: int = 3,
        random_state: int | None = None,
    ) -> None:
        self.budget = budget
        self.candidates = candidates
        self.n_eras = n_eras
        self.random_state = random_state

    @property
    def keeps_state(self) -> bool:  # type: ignore[override]  # the champion's
        """Whether the champion's paths can go on from an observed window."""
        return "champion_" not in vars(self) or self.champion_.keeps_state

    @property
    def why_(self) -> str:
        """Why the champion was chosen, in one sentence."""
        (chosen,) = self.selection_.loc[self.selection_["chosen"]].to_dict("records")
        return f"{chosen['family']}: {chosen['why']}."

    def fingerprint(self) -> str:
        """Give a checksum of the settings and the fitted state, measured seconds left out.

        Raises:
            NotFittedError: The generator is not fitted.
        """
        return repeatable_fingerprint(self)

    def _fit(self, data: FloatArray, *, progress: Progress, checkpoint: Path | None) -> None:
        _check(self.budget, self.n_eras)
        settings = candidate_settings(
            self.candidates,
            promise=PROMISE,
            yardstick=YARDSTICK,
            itself=self.family,
            make=_make_series,
        )
        eras = cut_eras(data, _n_eras(data, most=self.n_eras))
        plan = _planned(list(settings), data, n_eras=len(eras), budget=self.budget)
        workshop = _Workshop(eras, settings, self.random_state, progress, checkpoint)
        entries = {name: workshop.enter(name, plan.refused.get(name)) for name in settings}
        champion = champion_among(list(entries.values()))
        if champion is None:
            reasons = "; ".join(f"{name}: {entry.why}" for name, entry in entries.items())
            raise DataError(f"no family could be fitted and judged: {reasons}")
        self.champion_, seconds = workshop.fit(champion.family, data, "champion")
        entries[champion.family] = replace(champion, cpu_s=champion.cpu_s + seconds)
        self.selection_ = selection_table([entries[name] for name in settings], champion)

    def _noise_size(self, horizon: int) -> int:
        return self.champion_._noise_size(horizon)

    def _paths(self, noise: FloatArray, horizon: int, history: FloatArray | None) -> FloatArray:
        return self.champion_._paths(noise, horizon, history)

    def _state(self) -> State:
        return champion_state(self.champion_, self.selection_)

    def _restore(self, state: State) -> None:
        champion, self.selection_ = restored_champion(state)
        assert isinstance(champion, SeriesGenerator)
        self.champion_ = champion


class _Workshop:
    """Fit and judge the candidates of one contest."""

    def __init__(
        self,
        eras: Sequence[Era],
        settings: Mapping[str, Mapping[str, Any]],
        random_state: int | None,
        progress: Progress,
        checkpoint: Path | None,
    ) -> None:
        self.eras = eras
        self.scales = [EraScale.of(era) for era in eras]
        self.settings = settings
        self.seed = entropy_of(random_state) % 2**31
        self.progress = progress
        self.checkpoint = checkpoint

    def enter(self, family: str, refused: str | None) -> Entry:
        """Fit one family to the rest of each era and judge what it writes, if it is not refused."""
        sizes = [(era.rest.shape[0] * era.rest.shape[1], era.rest.shape[2]) for era in self.eras]
        estimated = sum(cost_of(family).seconds(*size) for size in sizes)
        entry = Entry(family, estimated, why=refused or "")
        if refused is not None:
            return entry
        figures, seconds = [], 0.0
        for number in range(len(self.eras)):
            try:
                generator, spent = self.fit(family, self.eras[number].rest, f"era{number + 1}")
                figures.append(self.judge(generator, number))
            except ScenaraError as error:
                return replace(entry, why=f"failed: era {number + 1}: {error}")
            seconds += spent
        judged = Judged(tuple(figures), sizes[0][0], self._n_pieces() * len(figures))
        entry = replace(entry, cpu_s=seconds, judged=judged, competes=family != YARDSTICK)
        if not judged.is_finite:
            return replace(entry, why=f"refused: {judged.failures()[0]}")
        return entry if entry.competes else replace(entry, why=_why_never(judged))

    def judge(self, generator: SeriesGenerator, number: int) -> EraFigures:
        """Compare paths of a generator with the era that it never saw."""
        era = self.eras[number]
        horizon = min(era.held.shape[1], _HORIZON)
        room = _MOST_NUMBERS // (horizon * era.held.shape[2])
        n_paths = min(_MOST_PATHS, max(room, _FEWEST_PATHS))
        paths = generator.sample(n_paths, horizon=horizon, random_state=self.seed)
        return judge_era(era, self.scales[number], paths, n_pieces=self._n_pieces(), seed=self.seed)

    def fit(self, family: str, data: FloatArray, phase: str) -> tuple[SeriesGenerator, float]:
        """Fit a family, or load what an interrupted call has fitted; give its CPU seconds."""
        settings = seeded(family, self.settings[family], seed=self.seed)

        def told(stage: str, done: int, total: int, note: str = "") -> None:
            self.progress(f"{phase}: {family} {stage}", done, total, note)

        def run(checkpoint: Path | None) -> SeriesGenerator:
            return _make_series(family, settings).fit(data, progress=told, checkpoint=checkpoint)

        content = b""
        if self.checkpoint is not None:
            content = str(data.shape).encode() + np.ascontiguousarray(data).tobytes()
        folder = fit_folder(self.checkpoint, phase, family, settings=settings, content=content)
        return fit_once(SeriesGenerator, folder, run)  # type: ignore[type-abstract]

    def _n_pieces(self) -> int:
        return -(-_N_PIECES // len(self.eras))


def _why_never(judged: Judged) -> str:
    return f"a yardstick, never chosen: {judged.copies:.1%} of its pieces are copies of history"


def _make_series(family: str, settings: Mapping[str, Any]) -> SeriesGenerator:
    generator = make(family, **settings)
    if not isinstance(generator, SeriesGenerator):
        raise ConfigError(f"{family}: expected a family of series, such as series/hybrid")
    return generator


def _check(budget: float, n_eras: int) -> None:
    if not budget > 0:
        raise ConfigError(f"budget: expected CPU seconds above 0, found {budget!r}")
    if not isinstance(n_eras, int) or n_eras < 2:
        raise ConfigError(f"n_eras: expected a whole number from 2, found {n_eras!r}")


def _planned(families: list[str], data: FloatArray, *, n_eras: int, budget: float) -> Plan:
    """Plan the contest; the yardstick never takes part alone."""
    n_steps, n_channels = data.shape[0] * data.shape[1], data.shape[2]
    plan = plan_contest(
        families, n_steps=n_steps, n_channels=n_channels, n_eras=n_eras, budget=budget
    )
    if plan.taken == (YARDSTICK,):
        raise ConfigError(f"budget: it pays for {YARDSTICK} alone, a yardstick; raise the budget")
    return plan


def _n_eras(data: FloatArray, *, most: int) -> int:
    """Give the number of eras that leaves enough to learn from and to judge."""
    n_steps = int(data.shape[0] * data.shape[1])
    n_eras = min(most, n_steps // _FEWEST_HELD)
    learned = n_steps * (n_eras - 1) // n_eras
    if learned < _FEWEST_LEARNED:
        raise DataError(
            f"{n_eras} eras leave {learned} of {n_steps} steps to learn from, expected at least "
            f"{_FEWEST_LEARNED}; give more data or more eras"
        )
    return n_eras
