"""Training examples: tensors whose first axis counts the examples."""

import torch
from torch import Tensor

from scenara.shared.errors import ConfigError, DataError
from scenara.shared.training.seeds import draw_seed
from scenara.shared.types import RandomState

__all__ = ["Examples", "checked", "hold_out"]

Examples = Tensor | tuple[Tensor, ...]
"""Examples along the first axis of one tensor, or of several of the same length."""


def checked(examples: Examples, name: str) -> tuple[Tensor, ...]:
    """Give examples as a tuple of tensors of one length.

    Args:
        examples: Examples ``(n, ...)``.
        name: What to call them in a message.

    Returns:
        The tensors.

    Raises:
        DataError: If there are no examples or their lengths differ.

    Example:
        >>> checked(torch.zeros(2), "examples")
        (tensor([0., 0.]),)
    """
    tensors = (examples,) if isinstance(examples, Tensor) else tuple(examples)
    lengths = [len(tensor) for tensor in tensors]
    if not lengths or min(lengths) == 0:
        raise DataError(f"{name}: expected at least one example, found none")
    if min(lengths) != max(lengths):
        raise DataError(f"{name}: expected tensors of one length, found lengths {lengths}")
    return tensors


def hold_out(
    examples: Examples, *, share: float = 0.1, random_state: RandomState = None
) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
    """Split exchangeable examples into training and validation examples at random.

    Args:
        examples: Examples ``(n, ...)``.
        share: Share of the examples that is held out; at least one is.
        random_state: Seed of the choice.

    Returns:
        The training examples and the validation examples, in their old order.

    Raises:
        DataError: If fewer than two examples are there or their lengths differ.
        ConfigError: If the share is not between 0 and 1.

    Example:
        >>> (kept,), (held,) = hold_out(torch.arange(10.0), share=0.2, random_state=0)
        >>> len(kept), len(held)
        (8, 2)
    """
    tensors = checked(examples, "examples")
    n_examples = len(tensors[0])
    if not 0 < share < 1:
        raise ConfigError(f"share: expected a number between 0 and 1, found {share!r}")
    if n_examples < 2:
        raise DataError("examples: expected at least 2 to hold some out, found 1")
    n_held = min(max(1, round(share * n_examples)), n_examples - 1)
    rng = torch.Generator().manual_seed(draw_seed(random_state))
    order = torch.randperm(n_examples, generator=rng)
    held, kept = order[:n_held].sort().values, order[n_held:].sort().values
    return tuple(x[kept.to(x.device)] for x in tensors), tuple(
        x[held.to(x.device)] for x in tensors
    )
