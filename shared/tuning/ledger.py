"""The record of a search, kept by Optuna in memory or in a SQLite file.

Every trial has a slot. A trial that was cut off leaves its slot open, and the next run fills it
with the same settings and the same seed, so that a search gives what it would have given
undisturbed. Slots that were cut off several times are given up.
"""

import json
import math
import sqlite3
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pandas as pd
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import FrozenTrial, TrialState

from scenara.shared.errors import ArtifactError, ConfigError
from scenara.shared.tuning.space import Choice, Space, Uniform
from scenara.shared.tuning.trial import Direction, Pruner

__all__ = ["Ledger", "open_ledger"]

MAX_ATTEMPTS = 3
_NAME = "scenara"
_COLUMNS = ("trial", "state", "value", "seconds", "n_reports", "note")
_JUDGED = (TrialState.COMPLETE, TrialState.PRUNED)
_PRUNERS: dict[str, Callable[[], optuna.pruners.BasePruner]] = {
    "median": lambda: optuna.pruners.MedianPruner(n_startup_trials=5),
    "hyperband": optuna.pruners.HyperbandPruner,
    "none": optuna.pruners.NopPruner,
}


class Ledger:
    """Ask for settings, and keep what became of them."""

    def __init__(self, study: optuna.Study, space: Mapping[str, Space], *, seed: int) -> None:
        self.study = study
        self.space = space
        self.seed = seed

    def seed_of(self, slot: int) -> int:
        """Give the seed of what an objective draws in a slot."""
        return _derived(self.seed, slot, 1)

    def close_interrupted(self) -> None:
        """Mark trials that no process runs any more as failed."""
        for trial in self.study.get_trials(states=(TrialState.RUNNING,)):
            self.study.tell(trial.number, state=TrialState.FAIL)

    def slots(self) -> dict[int, list[FrozenTrial]]:
        """Give the trials of each slot, in order."""
        slots: dict[int, list[FrozenTrial]] = {}
        for trial in self.study.get_trials(deepcopy=False):
            if "slot" in trial.user_attrs and trial.state is not TrialState.WAITING:
                slots.setdefault(trial.user_attrs["slot"], []).append(trial)
        return slots

    def finished(self) -> dict[int, FrozenTrial]:
        """Give the last trial of each slot that is filled or given up."""
        return {
            slot: trials[-1]
            for slot, trials in self.slots().items()
            if _is_judged(trials[-1]) or len(trials) >= MAX_ATTEMPTS
        }

    def best(self) -> FrozenTrial | None:
        """Give the trial of the best value, None before any was complete."""
        completed = self.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        return self.study.best_trial if completed else None

    def seconds(self) -> float:
        """Add up the time of finished trials; those that were cut off ended no one knows when."""
        return sum(map(_seconds, filter(_is_judged, self.finished().values())))

    def table(self) -> pd.DataFrame:
        """Give one row a slot, in order; see :class:`~scenara.shared.tuning.Tuning`."""
        rows = [self._row(slot, trial) for slot, trial in sorted(self.finished().items())]
        names = [*_COLUMNS, *(f"setting_{name}" for name in self.space)]
        return pd.DataFrame(rows, columns=names)

    def _row(self, slot: int, trial: FrozenTrial) -> dict[str, Any]:
        outcome = {
            "trial": slot,
            "state": _state_in_words(trial),
            "value": math.nan if trial.value is None else trial.value,
            "seconds": _seconds(trial) if _is_judged(trial) else math.nan,
            "n_reports": len(trial.intermediate_values),
            "note": trial.user_attrs.get("reason", ""),
        }
        settings = self.settings(trial)
        return outcome | {f"setting_{name}": value for name, value in settings.items()}

    def n_interrupted(self) -> int:
        """Count the trials that were cut off."""
        trials = self.study.get_trials(deepcopy=False, states=(TrialState.FAIL,))
        return sum(not _is_judged(trial) for trial in trials)

    def ask(self, slot: int, fixed: Mapping[str, Any]) -> optuna.Trial:
        """Begin the trial of a slot.

        Args:
            slot: Which one.
            fixed: Settings that are to be tried in it, perhaps none.

        Returns:
            The trial, which depends on the seed, the slot and finished trials alone.
        """
        waiting = self.study.get_trials(deepcopy=False, states=(TrialState.WAITING,))
        if fixed and not waiting:
            self.study.enqueue_trial(self._plain(fixed))
        self.study.sampler = optuna.samplers.TPESampler(seed=_derived(self.seed, slot, 0))
        trial = self.study.ask({name: _distribution(each) for name, each in self.space.items()})
        trial.set_user_attr("slot", slot)
        return trial

    def tell(self, trial: optuna.Trial, value: float) -> None:
        """End a trial with its value."""
        self.study.tell(trial, value)

    def prune(self, trial: optuna.Trial) -> None:
        """End a trial that lags behind."""
        self.study.tell(trial, state=TrialState.PRUNED)

    def fail(self, trial: optuna.Trial, reason: str) -> None:
        """End a trial that gave no value."""
        trial.set_user_attr("reason", reason)
        self.study.tell(trial, state=TrialState.FAIL)

    def settings(self, trial: optuna.Trial | FrozenTrial) -> dict[str, Any]:
        """Give the settings of a trial as the objective takes them."""
        return {
            name: _value(trial.params[name], each)
            for name, each in self.space.items()
            if name in trial.params
        }

    def importance(self) -> dict[str, float]:
        """Give the share of each setting in reaching good values."""
        completed = self.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        if len({trial.value for trial in completed}) < 4:
            return {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return optuna.importance.get_param_importances(
                    self.study, evaluator=optuna.importance.PedAnovaImportanceEvaluator()
                )
            except (ValueError, RuntimeError):
                return {}

    def _plain(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: repr(value) if isinstance(self.space[name], Choice) else value
            for name, value in settings.items()
        }


def _derived(seed: int, *path: int) -> int:
    """Give the seed of a part of the search, in [0, 2^32)."""
    return int(np.random.SeedSequence((seed, *path)).generate_state(1)[0])


@contextmanager
def open_ledger(
    space: Mapping[str, Space],
    *,
    storage: Path | None,
    seed: int | None,
    direction: Direction,
    pruner: Pruner,
) -> Iterator[Ledger]:
    """Open the record of a search, the one begun before if there is one.

    Args:
        space: How each setting varies.
        storage: Folder of the record; None keeps it in memory.
        seed: Seed of the search; None takes that of the record, or fresh entropy.
        direction: "maximize" or "minimize".
        pruner: "median", "hyperband" or "none".

    Raises:
        ConfigError: If the record is of another search, or another process writes it.
        ArtifactError: If the record can't be read.
    """
    shapes = {name: repr(each) for name, each in space.items()}
    identity = {"space": shapes, "direction": direction, "pruner": pruner}
    with _quiet(), _opened(storage) as backend:
        study = optuna.create_study(
            storage=backend,
            study_name=_NAME,
            direction=direction,
            pruner=_PRUNERS[pruner](),
            load_if_exists=True,
        )
        ledger = Ledger(study, space, seed=_identify(study, identity, seed, storage))
        ledger.close_interrupted()
        yield ledger


def _identify(
    study: optuna.Study, identity: dict[str, Any], seed: int | None, storage: Path | None
) -> int:
    """Write what the search is, or check that it is the one that was begun."""
    if "identity" not in study.user_attrs:
        fresh = int(np.random.SeedSequence().generate_state(1)[0])
        study.set_user_attr(
            "identity", json.dumps(identity | {"seed": fresh if seed is None else seed})
        )
    found = json.loads(study.user_attrs["identity"])
    expected = identity | {"seed": found["seed"] if seed is None else seed}
    differing = [name for name, value in expected.items() if found.get(name) != value]
    if differing:
        name = differing[0]
        raise ConfigError(
            f"{storage}: holds a search with another {name} ({found.get(name)}, not "
            f"{expected[name]}); use another folder, or the arguments it was begun with"
        )
    return int(found["seed"])


@contextmanager
def _opened(storage: Path | None) -> Iterator[optuna.storages.RDBStorage | None]:
    if storage is None:
        yield None
        return
    storage.mkdir(parents=True, exist_ok=True)
    file = storage / "trials.sqlite3"
    _refuse_others(file)
    with _alone(storage):
        backend = optuna.storages.RDBStorage(f"sqlite:///{file}")
        try:
            yield backend
        finally:
            backend.remove_session()
            backend.engine.dispose()


def _refuse_others(file: Path) -> None:
    """Refuse a file that is no record of trials."""
    if not file.exists():
        return
    try:
        with closing(sqlite3.connect(file)) as connection:
            tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
            (state,) = connection.execute("PRAGMA quick_check").fetchone()
    except sqlite3.DatabaseError as error:
        raise ArtifactError(f"{file}: can't be read as a record of trials: {error}") from error
    if state != "ok" or (tables and ("trials",) not in tables):
        raise ArtifactError(f"{file}: is no whole record of trials; use another folder")


@contextmanager
def _alone(storage: Path) -> Iterator[None]:
    """Keep other processes off the record; the system lifts the lock when a process dies."""
    with closing(sqlite3.connect(storage / "lock.sqlite3", timeout=0)) as connection:
        connection.isolation_level = None
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise ConfigError(
                f"{storage}: another process tunes in this folder; wait for it or use another"
            ) from error
        yield


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Optuna from talking on standard error; progress is told by us."""
    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(level)


def _is_judged(trial: FrozenTrial) -> bool:
    return trial.state in _JUDGED or "reason" in trial.user_attrs


def _state_in_words(trial: FrozenTrial) -> str:
    if trial.state is TrialState.FAIL:
        return "failed" if _is_judged(trial) else "given up"
    return trial.state.name.lower()


def _seconds(trial: FrozenTrial) -> float:
    return 0.0 if trial.duration is None else trial.duration.total_seconds()


def _distribution(space: Space) -> BaseDistribution:
    if isinstance(space, Choice):
        return CategoricalDistribution(space.labels)
    if isinstance(space, Uniform):
        return FloatDistribution(space.low, space.high, log=space.log)
    return IntDistribution(space.low, space.high, log=space.log)


def _value(stored: Any, space: Space) -> Any:  # noqa: ANN401  (whatever the options are)
    return space.options[space.labels.index(stored)] if isinstance(space, Choice) else stored
