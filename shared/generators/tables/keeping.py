"""Which of the rows drawn are kept: conditions, constraints, and keys that no other row has."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from scenara.shared.engine import Shard
from scenara.shared.generators.tables.conditions import Conditions
from scenara.shared.generators.tables.constraints import Rules
from scenara.shared.generators.tables.drawing import Budget
from scenara.shared.types import Array

__all__ = ["Keeper", "Portion", "portioned"]


@dataclass(frozen=True)
class Portion(Conditions):
    """Ask also that a row's key belongs to one of several classes, so that shards share no key.

    Args:
        number: The class.
        of_all: How many classes there are.
    """

    number: int = 0
    of_all: int = 1


def portioned(pieces: Sequence[tuple[Shard, Conditions]]) -> list[tuple[Shard, Conditions]]:
    """Give each shard of a request keys of its own.

    Args:
        pieces: The shards, each with what is asked of its rows.
    """
    of_all = len(pieces)
    return [
        (shard, Portion(asked.of, asked.schema, number=shard.number, of_all=of_all))
        for shard, asked in pieces
    ]


@dataclass(eq=False)
class Keeper:
    """Say which rows of one shard are kept, batch after batch; its text says what rows fail at.

    Args:
        rules: The constraints.
        asked: What is asked of the rows.
    """

    rules: Rules
    asked: Conditions
    taken: list[Array] = field(init=False)
    failed: dict[str, int] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Start with no key taken."""
        self.taken = [np.zeros(0, dtype=np.uint64) for _ in self.rules.unique]

    def keep(self, frame: pd.DataFrame) -> Array:
        """Say which rows are kept, and remember their keys.

        Args:
            frame: The next rows drawn, (rows, columns).

        Returns:
            (rows,) booleans.
        """
        good = self._counted("the conditions", self.asked.hold(frame))
        for words, holds in self.rules.tests(frame):
            good = good & self._counted(f"the constraint {words}", holds)
        keys = [_keys(frame, rule.of) for rule in self.rules.unique]
        for place, (hashes, exempt) in enumerate(keys):
            words = f"the constraint {self.rules.unique[place].in_words}"
            good = self._counted(words, self._fresh(hashes, exempt, good, place), among=good)
        for place, (hashes, exempt) in enumerate(keys):
            self.taken[place] = np.concatenate([self.taken[place], hashes[good & ~exempt]])
        return good

    def budget(self) -> Budget:
        """Say how many rows may be drawn: more where a shard has only keys of its own."""
        plain, of_all = Budget(), self._portion[1]
        return replace(plain, least=plain.least * of_all, factor=plain.factor * of_all)

    def __str__(self) -> str:
        wanted = f"the conditions on {', '.join(map(repr, self.asked))}" if self.asked else ""
        broken = {words: count for words, count in self.failed.items() if count}
        if not broken or list(broken) == ["the conditions"]:
            return wanted
        worst = max(broken, key=lambda words: broken[words])
        all_of_it = f"{wanted} and all constraints" if wanted else "all constraints"
        return f"{all_of_it} ({broken[worst]:,} break {worst})"

    @property
    def _portion(self) -> tuple[int, int]:
        asked = self.asked
        return (asked.number, asked.of_all) if isinstance(asked, Portion) else (0, 1)

    def _counted(self, words: str, holds: Array, among: Array | None = None) -> Array:
        broken = ~holds if among is None else among & ~holds
        self.failed[words] = self.failed.get(words, 0) + int(broken.sum())
        return holds

    def _fresh(self, hashes: Array, exempt: Array, good: Array, place: int) -> Array:
        """Say which good rows have a key that is this shard's and that no row before them has."""
        number, of_all = self._portion
        fresh: Array = good & ~exempt & (hashes % np.uint64(of_all) == np.uint64(number))
        rows = np.flatnonzero(fresh)
        fresh[rows[pd.Series(hashes[rows]).duplicated().to_numpy(dtype=bool)]] = False
        fresh &= ~np.isin(hashes, self.taken[place])
        return fresh | (good & exempt)


def _keys(frame: pd.DataFrame, names: Sequence[str]) -> tuple[Array, Array]:
    """Give a number for each row's key, the same on any machine, and which keys are exempt."""
    part = frame[[name for name in names if name in frame]]
    # Adding 0 turns -0.0, which is hashed apart, into 0.0.
    floats = {str(name): part[name] + 0.0 for name in part if part[name].dtype.kind == "f"}
    hashes = pd.util.hash_pandas_object(part.assign(**floats), index=False)
    return hashes.to_numpy(dtype=np.uint64), part.isna().any(axis=1).to_numpy(dtype=bool)
