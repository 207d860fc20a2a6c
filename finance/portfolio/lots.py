"""Tax lots of many paths at once: what was bought first is sold first."""

from dataclasses import dataclass

import torch
from torch import Tensor

from scenara.finance.portfolio.account import Tax

__all__ = ["Lots", "Offer", "closed_units", "tax_due"]


@dataclass(frozen=True, eq=False)
class Offer:
    """Hold what there is to sell (or to buy back) at the prices of one moment, oldest lot first.

    Args:
        units: Units of each lot without their sign, shape (lots, paths, assets).
        before: Units in older lots, same shape.
        gain: Taxable gain of closing a unit, same shape.
        n_long: Number of lots, from the oldest, whose gains are long.
    """

    units: Tensor
    before: Tensor
    gain: Tensor
    n_long: int

    def closed(self, quantity: Tensor) -> Tensor:
        """Give the units that each lot gives up.

        Args:
            quantity: Units closed, of all lots together, shape (paths, assets); inf for all.

        Returns:
            Units, shape (lots, paths, assets).
        """
        return torch.minimum((quantity - self.before).clamp_min(0), self.units)

    def gains(self, quantity: Tensor) -> tuple[Tensor, Tensor]:
        """Give the short and the long gain that closing would realise.

        Args:
            quantity: As for ``closed``.

        Returns:
            Short gains and long gains, losses negative, each of shape (paths,).
        """
        gain = (self.closed(quantity) * self.gain).sum(-1)
        return gain[self.n_long :].sum(0), gain[: self.n_long].sum(0)


class Lots:
    """Keep units and purchase price of every lot; those of short positions are negative.

    Args:
        n_lots: Most lots that an asset can have.
        like: A tensor of the shape (paths, assets), type and device of the computation.
        tax: Whose rules hold.

    Example:
        >>> price = torch.ones(1, 1)
        >>> lots = Lots(2, price, Tax(short_rate=0.3, long_rate=0.1, long_after_steps=1))
        >>> lots.open(price, price, step=0)
        >>> lots.open(price, 3 * price, step=2)
        >>> [gain.item() for gain in lots.offer(5 * price, step=2).gains(torch.tensor([[1.5]]))]
        [1.0, 4.0]
    """

    def __init__(self, n_lots: int, like: Tensor, tax: Tax) -> None:
        self.units = like.new_zeros(n_lots, *like.shape)
        self.paid = like.new_zeros(n_lots, *like.shape)
        self.opened: list[int] = []
        self.tax = tax

    def open(self, units: Tensor, price: Tensor, *, step: int) -> None:
        """Add a lot to every asset, empty where nothing is bought.

        Args:
            units: Units bought, or sold short where negative, shape (paths, assets).
            price: Price of a unit, shape (paths, assets).
            step: Number of returns that are over.
        """
        self.units[len(self.opened)] = units
        self.paid[len(self.opened)] = price
        self.opened.append(step)

    def offer(self, price: Tensor, *, step: int) -> Offer:
        """Give what there is to close.

        Args:
            price: Price of a unit, shape (paths, assets).
            step: Number of returns that are over.

        Returns:
            The lots, in their order.
        """
        n_lots = len(self.opened)
        owned = self.units[:n_lots]
        units = owned.abs()
        gain = owned.sign() * (price - self.paid[:n_lots])
        if not self.tax.loss_offset:
            gain = gain.clamp_min(0)
        n_long = sum(step - opened > self.tax.long_after_steps for opened in self.opened)
        return Offer(units, units.cumsum(0) - units, gain, n_long)

    def close(self, offer: Offer, quantity: Tensor) -> None:
        """Take units out of the lots.

        Args:
            offer: What there was to close.
            quantity: Units closed, of all lots together, shape (paths, assets); inf for all.
        """
        owned = self.units[: len(self.opened)]
        owned -= owned.sign() * offer.closed(quantity)

    def clear(self, paths: Tensor) -> None:
        """Empty the lots of some paths.

        Args:
            paths: Whether a path is meant, shape (paths,).
        """
        self.units[:, paths] = 0


def closed_units(before: Tensor, after: Tensor, price: Tensor) -> Tensor:
    """Give the units that a trade closes; a position that changes its sign is closed whole.

    Args:
        before: Value of each holding before the trade, shape (paths, assets).
        after: Value after it, same shape.
        price: Price of a unit, same shape.

    Returns:
        Units without their sign, same shape; inf where all are closed.

    Example:
        >>> before, after = torch.tensor([2.0, 2.0, -2.0, 2.0]), torch.tensor([1.0, 3.0, 1.0, 0.0])
        >>> closed_units(before, after, torch.ones(4))
        tensor([1., 0., inf, inf])
    """
    part = ((before.abs() - after.abs()) / price).clamp_min(0)
    return part.masked_fill((before * after <= 0) & (before != 0), torch.inf)


def tax_due(tax: Tax, short: Tensor, long: Tensor, carried: Tensor) -> tuple[Tensor, Tensor]:
    """Net gains and losses and tax what is left.

    Args:
        tax: The rules.
        short: Short gains less short losses, shape (paths,).
        long: Long gains less long losses, shape (paths,).
        carried: Losses carried forward, as positive numbers, shape (paths,).

    Returns:
        Tax, and the losses carried forward from now on, each of shape (paths,).

    Example:
        >>> gains = torch.tensor([-1.0]), torch.tensor([3.0])
        >>> tax_due(Tax(short_rate=0.4, long_rate=0.25), *gains, torch.tensor([0.5]))
        (tensor([0.3750]), tensor([0.]))
    """
    across = torch.minimum((-short).clamp_min(0), long.clamp_min(0))
    back = torch.minimum((-long).clamp_min(0), short.clamp_min(0))
    short, long = short + across - back, long - across + back
    lost = (-short).clamp_min(0) + (-long).clamp_min(0)
    first = torch.minimum(carried, short.clamp_min(0))
    second = torch.minimum(carried - first, long.clamp_min(0))
    due = tax.short_rate * (short.clamp_min(0) - first) + tax.long_rate * (
        long.clamp_min(0) - second
    )
    return due, carried - first - second + lost
