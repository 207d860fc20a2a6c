"""Decisions among the assets that can be held, where some can't yet, or no longer."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import TypeVar

import torch
from torch import Tensor

from scenara.finance.portfolio.strategies.base import State

__all__ = ["among_available"]

Owner = TypeVar("Owner")


def among_available(
    decide: Callable[[Owner, Tensor, State], Tensor],
) -> Callable[[Owner, Tensor, State], Tensor]:
    """Let a strategy decide as if the assets that can't be held were not there.

    Their returns are not known, and zeros in their place would pass for an asset without risk.
    Paths in which the same assets are available are decided together; where none is, all is cash.

    Args:
        decide: A method that takes the history, shape (lookback, paths, assets), and the state.

    Returns:
        The same method, which heeds what the state says is available.

    Example:
        >>> class Even:
        ...     @among_available
        ...     def weights(self, history, state):
        ...         return history.new_full(history.shape[1:], 1 / history.shape[2])
        >>> there = torch.tensor([[True, True], [False, True]])
        >>> Even().weights(torch.zeros(3, 2, 2), State(available=there))
        tensor([[0.5000, 0.5000],
                [0.0000, 1.0000]])
    """

    @wraps(decide)
    def weights(owner: Owner, history: Tensor, state: State) -> Tensor:
        if state.available is None or bool(state.available.all()):
            return decide(owner, history, state)
        there = state.available.expand(history.shape[1:])
        patterns, groups = torch.unique(there, dim=0, return_inverse=True)
        found = history.new_zeros(history.shape[1:])
        for number, pattern in enumerate(patterns):
            paths, assets = torch.nonzero(groups == number)[:, 0], torch.nonzero(pattern)[:, 0]
            if len(assets):
                part = history[:, paths[:, None], assets]
                known = _among(state, paths, assets)
                found[paths[:, None], assets] = decide(owner, part, known).to(found)
        return found

    return weights


def _among(state: State, paths: Tensor, assets: Tensor) -> State:
    """Give the same moment for some paths and assets."""
    drifted = None if state.drifted is None else state.drifted[paths[:, None], assets]
    names = tuple(state.assets[place] for place in assets.tolist()) if state.assets else ()
    return replace(state, assets=names, available=None, drifted=drifted)
