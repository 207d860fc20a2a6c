"""What a user's function can be called with, and what becomes of its answer."""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from scenara.shared.errors import ConfigError, DataError

__all__ = ["accepts", "as_weights", "check_arguments", "name_of"]


def accepts(function: Callable[..., Any], n: int) -> bool:
    """Say whether a function can be called with so many arguments.

    Args:
        function: The function; built-in ones that do not tell are taken to accept any.
        n: Number of arguments, by position.

    Returns:
        Whether it can.

    Example:
        >>> accepts(lambda past, state: past, 2), accepts(lambda past: past, 2)
        (True, False)
    """
    try:
        inspect.signature(function).bind(*[None] * n)
    except TypeError:
        return False
    except ValueError:
        return True
    return True


def check_arguments(strategy: object) -> None:
    """Refuse an object whose ``weights`` can't be asked.

    Args:
        strategy: Something with a method ``weights``.

    Raises:
        ConfigError: Its method does not take the history and the state.

    Example:
        >>> class Rule:
        ...     def weights(self, history, state):
        ...         return history[-1]
        >>> check_arguments(Rule())
    """
    method = getattr(strategy, "weights", None)
    if not callable(method) or not accepts(method, 2):
        raise ConfigError(
            f"strategy {name_of(strategy)!r}: expected a method weights(history, state), found one "
            "that does not take these two"
        )


def as_weights(found: object, history: Tensor, *, name: str) -> Tensor:
    """Take what a strategy answers for weights.

    Args:
        found: A tensor, or what NumPy makes an array of numbers of.
        history: What it was shown, for type and device.
        name: Name of the strategy.

    Returns:
        The weights, of the same shape as the answer.

    Raises:
        DataError: The answer is not made of real numbers.

    Example:
        >>> as_weights([0.5, 0.5], torch.zeros(3, 1, 2), name="even")
        tensor([0.5000, 0.5000])
    """
    try:
        weights = found if isinstance(found, Tensor) else torch.as_tensor(np.array(found))
    except (TypeError, ValueError, RuntimeError):
        weights = None
    if weights is None or weights.is_complex():
        kind = type(found).__name__ if weights is None else "complex numbers"
        raise DataError(
            f"strategy {name!r}: expected weights as a tensor, an array or a list of numbers, "
            f"found {kind}"
        )
    return weights.detach().to(dtype=history.dtype, device=history.device)


def name_of(value: object) -> str:
    """Give the name of a function, or of the class of an object.

    Args:
        value: Anything.

    Returns:
        Its name.

    Example:
        >>> name_of(len), name_of(3)
        ('len', 'int')
    """
    return str(getattr(value, "__name__", type(value).__name__))
