"""The search for settings: ask, judge, keep, until trials or time are used up."""

import math
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from scenara.shared.errors import ConfigError, MissingExtraError, ScenaraError, TrainingError
from scenara.shared.progress import Progress, silent
from scenara.shared.tuning.result import Tuning
from scenara.shared.tuning.space import Space, check_settings
from scenara.shared.tuning.trial import Direction, Objective, Pruned, Pruner, Trial
from scenara.shared.types import RandomState

if TYPE_CHECKING:
    import optuna

    from scenara.shared.tuning.ledger import Ledger

__all__ = ["tune"]

_CHOICES = {"direction": get_args(Direction), "pruner": get_args(Pruner)}


def tune(
    objective: Objective,
    space: Mapping[str, Space],
    *,
    n_trials: int = 50,
    budget_seconds: float | None = None,
    direction: Direction = "maximize",
    pruner: Pruner = "median",
    first: Sequence[Mapping[str, Any]] = (),
    storage: str | Path | None = None,
    random_state: RandomState = None,
    progress: Progress = silent,
) -> Tuning:
    """Look for the settings that make an objective greatest, or least.

    Settings are proposed by a tree-structured Parzen estimator (the first ten at random), and a
    trial whose reports lag behind those of others is ended early. With a storage, a search
    that was killed goes on where it was when it is called again: finished trials are kept, and
    the trial that was cut off is repeated with the same settings and seed, at most three times
    in all. With the pruners "median" and "none", and an objective that repeats under
    ``trial.seed``, it then finds what it would have found undisturbed.

    A trial fails if the objective raises an error of scenara or gives no finite number; others
    go on. Any other exception ends the search.

    Args:
        objective: Gives the value of settings; see :class:`~scenara.shared.tuning.Trial` for
            what it is given beside them. It must judge on rows that it did not train on.
        space: How each setting varies, by name.
        n_trials: Trials in all, those of earlier calls on the same storage included.
        budget_seconds: Seconds of trials in all, after which none is begun; None for no limit.
        direction: "maximize" or "minimize".
        pruner: "median" ends a trial below the median of the others, "hyperband" gives several
            brackets of trials budgets that differ, "none" ends none.
        first: Settings to try first, such as the defaults; those left out are proposed.
        storage: Folder of the record, one search a folder; None keeps it in memory.
        random_state: Seed of the search; None takes fresh entropy or goes on with the record's.
        progress: Told after every trial.

    Returns:
        The best settings and the table of trials.

    Raises:
        ConfigError: If an argument is wrong, or the storage is of another search or in use.
        ArtifactError: If the storage can't be read.
        TrainingError: If no trial gave a value.
        MissingExtraError: If Optuna is not installed.

    Example:
        >>> from scenara.shared.tuning import Uniform
        >>> def height(settings, trial):
        ...     return -((settings["x"] - 2) ** 2)
        >>> found = tune(height, {"x": Uniform(-5, 5)}, n_trials=40, random_state=0)
        >>> abs(found.best["x"] - 2) < 0.5
        True

    References:
        Bergstra, Bardenet, Bengio and Kegl (2011), Algorithms for hyper-parameter optimization,
        https://papers.nips.cc/paper/4443; Akiba et al. (2019), Optuna,
        https://arxiv.org/abs/1907.10902; Li et al. (2018), Hyperband,
        https://arxiv.org/abs/1603.06560.
    """
    _check(space, n_trials=n_trials, budget_seconds=budget_seconds)
    _check_choices(direction=direction, pruner=pruner)
    for settings in first:
        check_settings(settings, space)
    folder = None if storage is None else Path(storage)
    seed = None if random_state is None else _seed(random_state)
    opened = _opener()(space, storage=folder, seed=seed, direction=direction, pruner=pruner)
    with opened as ledger:
        search = _Search(objective, ledger, folder, first)
        limit = math.inf if budget_seconds is None else budget_seconds
        while (done := len(ledger.finished())) < n_trials and ledger.seconds() < limit:
            search.fill(done)
            progress("tuning", done + 1, n_trials, _note(ledger))
        return _result(ledger)


@dataclass
class _Search:
    objective: Objective
    ledger: "Ledger"
    storage: Path | None
    first: Sequence[Mapping[str, Any]] = field(default=())

    def fill(self, slot: int) -> None:
        """Run the trial of a slot and keep its outcome."""
        fixed = self.first[slot] if slot < len(self.first) else {}
        asked = self.ledger.ask(slot, fixed)
        folder = None if self.storage is None else self.storage / "trials" / f"{slot:05d}"
        self._run(asked, Trial(slot, self.ledger.seed_of(slot), folder, _judge_of(asked)))
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    def _run(self, asked: "optuna.Trial", trial: Trial) -> None:
        try:
            value = float(self.objective(self.ledger.settings(asked), trial))
        except Pruned:
            self.ledger.prune(asked)
        except ScenaraError as error:
            self.ledger.fail(asked, f"{type(error).__name__}: {error}")
        else:
            if math.isfinite(value):
                self.ledger.tell(asked, value)
            else:
                self.ledger.fail(asked, f"the objective gave {value}")


def _judge_of(asked: "optuna.Trial") -> Callable[[int, float], bool]:
    def judge(step: int, value: float) -> bool:
        asked.report(float(value), step)
        return asked.should_prune()

    return judge


def _opener() -> "Callable[..., AbstractContextManager[Ledger]]":
    try:
        from scenara.shared.tuning.ledger import open_ledger
    except ModuleNotFoundError as error:
        raise MissingExtraError("optuna", extra="tune", purpose="tuning") from error
    return open_ledger


def _note(ledger: "Ledger") -> str:
    best = ledger.best()
    return "no value yet" if best is None else f"best {best.value:.4g}"


def _result(ledger: "Ledger") -> Tuning:
    trials = ledger.table()
    best = ledger.best()
    if best is None or best.value is None:
        notes = [note for note in trials["note"] if note]
        why = f"the last one failed with {notes[-1]}" if notes else "raise n_trials or the budget"
        raise TrainingError(f"tuning: none of {len(trials)} trials gave a value; {why}")
    return Tuning(
        best=ledger.settings(best),
        value=best.value,
        trials=trials,
        importance=ledger.importance(),
        n_interrupted=ledger.n_interrupted(),
    )


def _seed(random_state: RandomState) -> int:
    try:
        return int(np.random.default_rng(random_state).integers(2**63))
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f"random_state: expected a whole number >= 0, a numpy Generator or None, "
            f"found {random_state!r}"
        ) from error


def _check(space: Mapping[str, Space], *, n_trials: int, budget_seconds: float | None) -> None:
    if not space:
        raise ConfigError("space: expected at least one setting to vary, found none")
    for name, each in space.items():
        if not isinstance(each, Space):
            raise ConfigError(f"space: setting {name!r} is {each!r}; use Uniform, Whole or Choice")
    if not isinstance(n_trials, int) or isinstance(n_trials, bool) or n_trials < 1:
        raise ConfigError(f"n_trials: expected a whole number from 1, found {n_trials!r}")
    if budget_seconds is not None and not budget_seconds > 0:
        raise ConfigError(f"budget_seconds: expected a number above 0, found {budget_seconds!r}")


def _check_choices(**found: str) -> None:
    for option, value in found.items():
        if value not in _CHOICES[option]:
            raise ConfigError(f"{option}: expected one of {_CHOICES[option]}, found {value!r}")
