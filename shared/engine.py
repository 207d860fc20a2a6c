"""Where work runs: numbered shards, each with a random stream of its own.

A shard's stream depends on the seed and the shard's number alone, so that the same request gives
the same bits in one process or on many, in any order.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np

from scenara.shared.errors import ConfigError
from scenara.shared.types import RandomState

__all__ = ["Engine", "LocalEngine", "Shard", "cut", "engine_named", "entropy_of"]

Result = TypeVar("Result")


@dataclass(frozen=True)
class Shard:
    """Name one piece of a request.

    Args:
        number: Position among the shards, from 0.
        start: First row, series or user of the piece.
        size: How many of them.
        entropy: The request's seed.
    """

    number: int
    start: int
    size: int
    entropy: int

    def rng(self) -> np.random.Generator:
        """Give the shard's own stream, afresh at every call."""
        return np.random.default_rng(np.random.SeedSequence(self.entropy, spawn_key=(self.number,)))


def entropy_of(random_state: RandomState) -> int:
    """Turn what a caller passes as ``random_state`` into one integer.

    Args:
        random_state: A seed, a generator (one draw is taken from it), or None for fresh entropy.

    Raises:
        ConfigError: A seed below zero, or something else than these.

    Example:
        >>> entropy_of(7)
        7
    """
    if random_state is None:
        return int(np.random.SeedSequence().generate_state(1, np.uint64)[0] >> 1)
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(2**63))
    if not isinstance(random_state, (int, np.integer)) or random_state < 0:
        raise ConfigError(
            f"random_state: expected a whole number from 0, a numpy Generator or None, "
            f"found {random_state!r}"
        )
    return int(random_state)


def cut(n: int, *, size: int, random_state: RandomState) -> list[Shard]:
    """Cut a request for ``n`` items into shards of ``size``, the last one smaller.

    Args:
        n: Items asked for, at least 1.
        size: Items in a shard.
        random_state: Seed of the whole request.

    Raises:
        ConfigError: ``n`` is not a positive whole number.

    Example:
        >>> [shard.size for shard in cut(2_500, size=1_000, random_state=0)]
        [1000, 1000, 500]
    """
    if not isinstance(n, (int, np.integer)) or n < 1:
        raise ConfigError(f"n: expected a whole number from 1, found {n!r}")
    entropy = entropy_of(random_state)
    starts = range(0, int(n), size)
    return [Shard(i, start, min(size, n - start), entropy) for i, start in enumerate(starts)]


class Engine(Protocol):
    """Run one function over shards and give the results in the order of the shards."""

    def map(self, function: Callable[[Shard], Result], shards: Iterable[Shard]) -> Iterator[Result]:
        """Give ``function(shard)`` for each shard, in order."""


class LocalEngine:
    """Run shards one after another in this process."""

    def map(self, function: Callable[[Shard], Result], shards: Iterable[Shard]) -> Iterator[Result]:
        """Give ``function(shard)`` for each shard, in order."""
        return map(function, shards)


_ENGINES: dict[str, Callable[[], Engine]] = {"local": LocalEngine}


def engine_named(name: str) -> Engine:
    """Give the engine of that name.

    Raises:
        ConfigError: No engine has that name.

    Example:
        >>> type(engine_named("local")).__name__
        'LocalEngine'
    """
    if name not in _ENGINES:
        raise ConfigError(f"engine: expected one of {sorted(_ENGINES)}, found {name!r}")
    return _ENGINES[name]()
