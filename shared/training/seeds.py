"""Seeds for torch that never touch the global stream of random numbers.

Randomness is counted, not carried: each epoch and each step has a seed of its own, derived from
the run's seed. So a run that continues at step 700 needs no saved state of any stream.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import numpy as np
import torch

from scenara.shared.errors import ConfigError
from scenara.shared.types import RandomState

__all__ = ["derive_seed", "draw_seed", "forked", "initialised", "torch_generator"]

T = TypeVar("T")


def draw_seed(random_state: RandomState) -> int:
    """Draw a seed for torch from a seed or a numpy generator.

    Args:
        random_state: A seed, a generator (which moves on), or None for fresh entropy.

    Returns:
        A whole number in [0, 2^63).

    Raises:
        ConfigError: If ``random_state`` is none of these.

    Example:
        >>> draw_seed(0) == draw_seed(0)
        True
    """
    try:
        return int(np.random.default_rng(random_state).integers(2**63))
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f"random_state: expected a whole number >= 0, a numpy Generator or None, "
            f"found {random_state!r}"
        ) from error


def derive_seed(seed: int, *path: int) -> int:
    """Derive the seed of a part of a run from the run's seed.

    Args:
        seed: The run's seed, at least 0.
        path: Numbers that name the part, such as a stream and a step; at least 0.

    Returns:
        A whole number in [0, 2^63); parts have independent streams.

    Example:
        >>> derive_seed(1, 0, 5) == derive_seed(1, 0, 5) != derive_seed(1, 0, 6)
        True
    """
    state = np.random.SeedSequence((seed, *path)).generate_state(1, np.uint64)
    return int(state[0] >> np.uint64(1))


def torch_generator(
    random_state: RandomState, *, device: torch.device | str = "cpu"
) -> torch.Generator:
    """Make a torch generator from a seed or a numpy generator.

    Args:
        random_state: A seed, a numpy generator (which moves on), or None for fresh entropy.
        device: Where its numbers are drawn.

    Returns:
        The generator.

    Raises:
        ConfigError: If ``random_state`` is none of these.

    Example:
        >>> torch.rand(1, generator=torch_generator(3)) == torch.rand(1, generator=torch_generator(3))
        tensor([True])
    """
    return torch.Generator(device).manual_seed(draw_seed(random_state))


@contextmanager
def forked(seed: int, *, device: torch.device | str = "cpu") -> Iterator[None]:
    """Seed torch's global stream inside a block and put it back afterwards.

    Dropout and the initialisers of layers draw from the global stream and from nowhere else.

    Args:
        seed: The seed inside the block.
        device: The device whose stream is seeded beside the CPU's.

    Example:
        >>> before = torch.random.get_rng_state()
        >>> with forked(1):
        ...     _ = torch.rand(3)
        >>> bool((torch.random.get_rng_state() == before).all())
        True
    """
    cuda = [torch.device(device)] if torch.device(device).type == "cuda" else []
    with torch.random.fork_rng(devices=cuda):
        torch.default_generator.manual_seed(seed)
        if cuda:
            torch.cuda.manual_seed(seed)
        yield


def initialised(factory: Callable[[], T], *, random_state: RandomState) -> T:
    """Build a module whose first weights depend on the seed alone.

    Args:
        factory: Builds the module, for example ``lambda: torch.nn.Linear(3, 1)``.
        random_state: A seed, a numpy generator (which moves on), or None for fresh entropy.

    Returns:
        What the factory gives.

    Raises:
        ConfigError: If ``random_state`` is none of these.

    Example:
        >>> first = initialised(lambda: torch.nn.Linear(2, 1), random_state=0)
        >>> again = initialised(lambda: torch.nn.Linear(2, 1), random_state=0)
        >>> torch.equal(first.weight, again.weight)
        True
    """
    with forked(draw_seed(random_state)):
        return factory()
