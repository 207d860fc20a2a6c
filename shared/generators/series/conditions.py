"""Paths under conditions: worlds in which something rare happens, drawn from the model's own law."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from scenara.shared.errors import DataError
from scenara.shared.generators.series.chains import Chains, Population
from scenara.shared.types import FloatArray

__all__ = ["MINIMUM_EFFECTIVE_SIZE", "Conditioned", "PathCondition", "draw_conditioned", "joined"]

MINIMUM_EFFECTIVE_SIZE = 50
"""Fewest independent paths that conditional paths may be worth."""

_COMMON = 0.02
"""Share of paths that fulfil a condition above which paths that don't are thrown away."""
_SURVIVORS = 0.2
_FEWEST = 1_000
_MOST_LEVELS = 60
_MOST_MOVES = 240
_MOST_LAST_MOVES = 400
_MOST_MORE = 3
"""How often the last moves are made again where paths are still worth too little."""
_ENOUGH_KINSHIP = 1.0
_STALLED = 1e-6


@runtime_checkable
class PathCondition(Protocol):
    """Say what a path has to fulfil."""

    def shortfall(self, paths: FloatArray, channels: Sequence[str]) -> FloatArray:
        """Tell how far paths are from fulfilling the condition.

        Args:
            paths: (n, horizon, channels).
            channels: Name of each channel.

        Returns:
            0 where a path fulfils it, else how far it is from it: a number above 0 that goes to
            0 as the path comes nearer, (n,).
        """


@dataclass(frozen=True)
class Conditioned:
    """Hold paths that fulfil a condition.

    Args:
        paths: (n, horizon, channels); every one fulfils it.
        probability: Chance of the condition under the model.
        probability_error: Standard error of that chance.
        effective_size: How many independent paths these are worth.
        n_simulated: Paths that were simulated on the way.
        method: ``rejection`` or ``subset simulation``.
    """

    paths: FloatArray
    probability: float
    probability_error: float
    effective_size: float
    n_simulated: int
    method: str


Drawn = Callable[[FloatArray], FloatArray]


def draw_conditioned(
    paths_of: Drawn,
    condition: PathCondition,
    n: int,
    *,
    noise_size: int,
    channels: Sequence[str],
    rng: np.random.Generator,
) -> Conditioned:
    """Draw paths under a condition from a model whose paths are a function of normal noise.

    Where the condition is common, paths that don't fulfil it are thrown away. Where it is rare,
    the level of shortfall that is allowed is lowered step by step: the best fifth of the paths is
    kept, multiplied, and moved by Markov chains that leave the law of the noise within the level
    as it is. In the end every path fulfils the condition, and the paths follow the model's law
    given the condition (exactly so as their number grows).

    Args:
        paths_of: Gives paths (m, horizon, channels) of noise (m, noise_size).
        condition: What every path has to fulfil.
        n: Number of paths.
        noise_size: Standard normal numbers that make a path.
        channels: Name of each channel.
        rng: The stream.

    Returns:
        The paths, the chance of the condition, and what the paths are worth.

    Raises:
        DataError: No path comes nearer to the condition, or too few independent ones do.

    Example:
        >>> class Falls:
        ...     def shortfall(self, paths, channels):
        ...         return np.maximum(paths.sum(axis=(1, 2)) + 8, 0)
        >>> found = draw_conditioned(
        ...     lambda noise: noise[:, :, None], Falls(), 500, noise_size=4, channels=["x"],
        ...     rng=np.random.default_rng(0),
        ... )
        >>> bool((found.paths.sum(axis=(1, 2)) <= -8).all())
        True

    References:
        Au and Beck (2001), Estimation of small failure probabilities in high dimensions by subset
        simulation, https://doi.org/10.1016/S0266-8920(01)00019-4. Cotter, Roberts, Stuart and
        White (2013), MCMC methods for functions, https://doi.org/10.1214/13-STS421 (the moves).
        Cerou, Del Moral, Furon and Guyader (2012), Sequential Monte Carlo for rare event
        estimation, https://doi.org/10.1007/s11222-011-9231-6.
    """

    def population(noise: FloatArray) -> Population:
        paths = paths_of(noise)
        return Population(noise, paths, condition.shortfall(paths, channels))

    size = max(n, _FEWEST)
    first = population(rng.standard_normal((size, noise_size)))
    share = float((first.short <= 0).mean())
    if share >= _COMMON:
        return _rejected(population, first, n, share, rng)
    return _lowered(population, first, n, rng)


def joined(parts: Sequence[Conditioned]) -> Conditioned:
    """Join paths that were drawn apart under the same condition.

    Args:
        parts: At least one.
    """
    if len(parts) == 1:
        return parts[0]
    weights = np.array([part.n_simulated for part in parts], dtype=np.float64)
    weights /= weights.sum()
    errors = np.array([part.probability_error for part in parts])
    return Conditioned(
        paths=np.concatenate([part.paths for part in parts]),
        probability=float(weights @ [part.probability for part in parts]),
        probability_error=float(np.sqrt((weights**2) @ errors**2)),
        effective_size=sum(part.effective_size for part in parts),
        n_simulated=sum(part.n_simulated for part in parts),
        method=max((part.method for part in parts), key=len),
    )


def _rejected(
    population: Callable[[FloatArray], Population],
    first: Population,
    n: int,
    share: float,
    rng: np.random.Generator,
) -> Conditioned:
    kept, simulated, fulfilled = [first.paths[first.short <= 0]], len(first.short), 0
    fulfilled = len(kept[0])
    while fulfilled < n:
        size = int(min(1.2 * (n - fulfilled) / share + 100, 4 * _FEWEST))
        more = population(rng.standard_normal((size, first.noise.shape[1])))
        kept.append(more.paths[more.short <= 0])
        simulated, fulfilled = simulated + size, fulfilled + len(kept[-1])
    probability = fulfilled / simulated
    error = float(np.sqrt(probability * (1 - probability) / simulated))
    paths = np.concatenate(kept)[:n]
    return Conditioned(paths, probability, error, float(len(paths)), simulated, "rejection")


def _lowered(
    population: Callable[[FloatArray], Population],
    now: Population,
    n: int,
    rng: np.random.Generator,
) -> Conditioned:
    size = len(now.short)
    probability, variance, kinship, simulated = 1.0, 0.0, 0.0, size
    level, chains = np.inf, Chains(population, rng, _pull(now))
    for _ in range(_MOST_LEVELS):
        lower = max(float(np.quantile(now.short, _SURVIVORS)), 0.0)
        good = np.flatnonzero(now.short <= lower)
        if level < np.inf and lower > level * (1 - _STALLED):
            raise _unreachable(level, probability)
        level, share = lower, len(good) / size
        if share == 1 and level > 0:
            raise _unreachable(level, probability)
        probability *= share
        variance += (1 - share) / (share * size) * (1 + kinship)
        copies = rng.permutation(np.resize(rng.permutation(good), size))
        kinship = (1 + kinship) / share - 1
        now = now.taken(copies)
        most = _MOST_LAST_MOVES if level == 0 else _MOST_MOVES
        enough = float(np.sqrt(_ENOUGH_KINSHIP / max(kinship, _ENOUGH_KINSHIP)))
        alike, n_moves = chains.moved(now, level, enough=enough, most=most)
        kinship *= alike**2
        simulated += n_moves * size
        if level == 0:
            break
    else:
        raise _unreachable(level, probability)
    for _ in range(_MOST_MORE):
        if size / (1 + kinship) >= MINIMUM_EFFECTIVE_SIZE:
            break
        alike, n_moves = chains.moved(now, level, enough=0.5, most=_MOST_LAST_MOVES)
        kinship, simulated = kinship * alike**2, simulated + n_moves * size
    worth = size / (1 + kinship)
    if worth < MINIMUM_EFFECTIVE_SIZE:
        raise DataError(
            f"given: the {size:,} paths found are worth {worth:.0f} independent ones, expected at "
            f"least {MINIMUM_EFFECTIVE_SIZE}; ask for more paths, or for less extreme ones"
        )
    error = probability * float(np.sqrt(variance))
    return Conditioned(
        now.paths[:n], probability, error, min(worth, float(n)), simulated, "subset simulation"
    )


def _pull(first: Population) -> FloatArray:
    """Give how much the paths' mean end rises with each number of their noise, (noise size,)."""
    ends = first.paths.sum(axis=(1, 2))
    pull: FloatArray = (ends - ends.mean()) @ first.noise
    return pull


def _unreachable(level: float, probability: float) -> DataError:
    return DataError(
        f"given: no path fulfils it; the nearest ones fall short by {level:.3g}, and coming so "
        f"near has a chance of {probability:.1g}; ask for less"
    )
