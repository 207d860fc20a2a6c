"""What a strategy is: target weights from the past and the moment, for many paths at once."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral
from typing import Any, Protocol, runtime_checkable

import pandas as pd
from torch import Tensor

from scenara.finance.portfolio.strategies.calls import accepts, as_weights, name_of
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
        function: Takes a private copy of the history, shape (lookback, paths, assets), and the
            state if it needs a second argument or calls it ``state``; gives weights, shape
            (paths, assets) or (assets,), as a tensor or anything that becomes one.
        lookback: Number of returns that it needs. With 0, a function of the history alone is asked
            once, and one that takes the state at every trade.
        uses_holdings: Whether it asks its state for holdings.

    Raises:
        ConfigError: The lookback is negative, or the function takes neither one argument nor two.

    Example:
        >>> import torch
        >>> last_winner = FunctionStrategy(lambda past: (past[-1] > 0).double(), lookback=1)
        >>> last_winner.weights(torch.tensor([[[0.1, -0.1]]]), State())
        tensor([[1., 0.]])
    """

    function: Callable[..., Any]
    lookback: int = 63
    uses_holdings: bool = False

    def __post_init__(self) -> None:
        check_lookback(self.lookback, minimum=0)
        if not callable(self.function) or not (accepts(self.function, 1) or self.takes_state):
            raise ConfigError(
                f"strategy {name_of(self.function)!r}: expected a function of the past, or of the "
                "past and the state, found one that can't be called like that"
            )

    def weights(self, history: Tensor, state: State) -> Tensor:
        """Ask the function.

        Args:
            history: Simple returns, shape (lookback, paths, assets).
            state: The moment.

        Returns:
            Weights, shape (paths, assets).

        Raises:
            DataError: The answer is not made of numbers.
        """
        moment = (state,) if self.takes_state else ()
        found = self.function(history.clone(), *moment)
        return as_weights(found, history, name=name_of(self.function))

    @cached_property
    def takes_state(self) -> bool:
        """Whether the function is told the state."""
        if not accepts(self.function, 2):
            return False
        if not accepts(self.function, 1):
            return True
        try:
            names = list(inspect.signature(self.function).parameters)
        except ValueError:  # some built-in functions have no signature
            return False
        return names[1:2] == ["state"]


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
    is_whole = isinstance(lookback, Integral) and not isinstance(lookback, bool)
    if not is_whole or lookback < minimum:
        raise ConfigError(
            f"lookback: expected a whole number, at least {minimum} returns, found {lookback!r}"
        )
