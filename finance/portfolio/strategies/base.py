"""What a strategy is: target weights from the past and the moment, for many paths at once."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, runtime_checkable

import pandas as pd
import torch
from torch import Tensor

from scenara.shared.errors import ConfigError

__all__ = ["FunctionStrategy", "State", "Strategy", "check_lookback"]


@dataclass(frozen=True, eq=False, kw_only=True)
class State:
    """Tell a strategy about the moment of a trade, beside the returns up to then.

    Args:
        step: Number of returns of the path that are over.
        assets: Name of each asset.
        date: Date of the return that comes next, where dates are known.
        dates: Date of each return that it is shown, shape (lookback,); None where not all are
            known.
        available: Whether each asset can be held now, shape (paths, assets); None if all can.
        drifted: Weights just before the trade, shape (paths, assets); None where the engine does
            not know them yet, see ``holdings``.

    Example:
        >>> State(step=21, assets=("a", "b")).step
        21
    """

    step: int = 0
    assets: tuple[str, ...] = ()
    date: pd.Timestamp | None = None
    dates: pd.DatetimeIndex | None = None
    available: Tensor | None = None
    drifted: Tensor | None = None

    @property
    def holdings(self) -> Tensor:
        """Weights just before the trade, shape (paths, assets).

        Raises:
            ConfigError: The strategy does not say that it uses them, so that the engine works on
                all trades at once and asks for targets before it knows what is held.
        """
        if self.drifted is None:
            raise ConfigError(
                "strategy: holdings are known only to a strategy that has uses_holdings = True"
            )
        return self.drifted


@runtime_checkable
class Strategy(Protocol):
    """Decide target weights from the last ``lookback`` returns and the moment, and nothing else.

    What the weights leave of one is cash; negative weights are short. The engine gives a copy of
    the history, so that nothing else changes where a strategy writes into it. A strategy with a
    lookback of 0 sees no returns and is asked once: it holds the same targets throughout.

    A strategy may also have ``uses_holdings = True``, if it asks its state for holdings, and a
    ``schedule`` of its own that goes before that of the backtest.
    """

    @property
    def lookback(self) -> int:
        """Number of returns that the strategy needs."""
        ...

    def weights(self, history: Tensor, state: State) -> Tensor:
        """Give target weights.

        Args:
            history: Simple returns up to now, oldest first, shape (lookback, paths, assets).
            state: The moment.

        Returns:
            Target weights as fractions of wealth, shape (paths, assets).
        """
        ...


@dataclass(frozen=True)
class FunctionStrategy:
    """Make a strategy of a plain function.

    Args:
        function: Takes a private copy of the history, shape (lookback, paths, assets), and, if it
            has a second argument, the state; gives weights, shape (paths, assets) or (assets,), as
            a tensor or anything that becomes one.
        lookback: Number of returns that it needs.
        uses_holdings: Whether it asks its state for holdings.

    Raises:
        ConfigError: The lookback is negative.

    Example:
        >>> last_winner = FunctionStrategy(lambda past: (past[-1] > 0).double(), lookback=1)
        >>> last_winner.weights(torch.tensor([[[0.1, -0.1]]]), State())
        tensor([[1., 0.]])
    """

    function: Callable[..., Any]
    lookback: int = 63
    uses_holdings: bool = False

    def __post_init__(self) -> None:
        check_lookback(self.lookback, minimum=0)

    def weights(self, history: Tensor, state: State) -> Tensor:
        """Ask the function.

        Args:
            history: Simple returns, shape (lookback, paths, assets).
            state: The moment.

        Returns:
            Weights, shape (paths, assets).
        """
        moment = (state,) if self._takes_state else ()
        found = torch.as_tensor(self.function(history.clone(), *moment))
        return found.to(dtype=history.dtype, device=history.device)

    @cached_property
    def _takes_state(self) -> bool:
        try:
            parameters = inspect.signature(self.function).parameters.values()
        except ValueError:  # some built-in functions have no signature
            return False
        positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        needed = [p for p in parameters if p.kind in positional and p.default is p.empty]
        return len(needed) > 1


def check_lookback(lookback: int, *, minimum: int) -> None:
    """Refuse a lookback that is no whole number of returns.

    Args:
        lookback: Number of returns.
        minimum: Fewest that make sense.

    Raises:
        ConfigError: It is no whole number, or too small.

    Example:
        >>> check_lookback(63, minimum=2)
    """
    if isinstance(lookback, bool) or lookback != int(lookback) or lookback < minimum:
        raise ConfigError(f"lookback: expected at least {minimum} returns, found {lookback!r}")
