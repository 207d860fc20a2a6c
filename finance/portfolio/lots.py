"""Tax lots of many paths at once: what was bought first is sold first."""

from dataclasses import dataclass

import torch
from torch import Tensor

from scenara.finance.portfolio.account import Tax
from scenara.finance.portfolio.accounting import total

__all__ = ["Lots", "Offer", "closed_units", "tax_due"]


@dataclass(frozen=True, eq=False)
class Offer:
    """Hold what some paths have to sell (or to buy back) at one moment, oldest lot first.

    Args:
        paths: Number of each path, shape (paths,).
        units: Units of each lot without their sign, shape (lots, paths, assets).
        before: Units in older lots, same shape.
        gain: Taxable gain of closing a unit, same shape.
        is_long: Whether that gain is long, shape (lots, paths).
    """

    paths: Tensor
    units: Tensor
    before: Tensor
    gain: Tensor
    is_long: Tensor

    def closed(self, quantity: Tensor) -> Tensor:
        """Give the units that each lot gives up.

        Args:
            quantity: Units closed, of all lots together, shape (paths, assets); inf for all.

        Returns:
            Units, shape (lots, paths, assets).
        """
        return torch.minimum((quantity - self.before).clamp_min_(0), self.units)

    def gains(self, quantity: Tensor) -> tuple[Tensor, Tensor]:
        """Give the short and the long gain that closing would realise.

        Args:
            quantity: As for ``closed``.

        Returns:
            Short gains and long gains, losses negative, each of shape (paths,).
        """
        gain = total(self.closed(quantity).mul_(self.gain))
        long = gain * self.is_long
        return (gain - long).sum(0), long.sum(0)


class Lots:
    """Keep units and purchase price of every lot; those of short positions are negative.

    Args:
        like: A tensor of the shape (paths, assets), type and device of the computation.
        tax: Whose rules hold.

    Example:
        >>> price, path = torch.ones(1, 1), torch.tensor([0])
        >>> lots = Lots(price, Tax(short_rate=0.3, long_rate=0.1, long_after_steps=1))
        >>> lots.open(path, price, price, step=0)
        >>> lots.open(path, price, 3 * price, step=2)
        >>> offer = lots.offer(path, 5 * price, step=2)
        >>> [gain.item() for gain in offer.gains(torch.tensor([[1.5]]))]
        [1.0, 4.0]
    """

    def __init__(self, like: Tensor, tax: Tax) -> None:
        self.units = like.new_zeros(0, *like.shape)
        self.paid = like.new_zeros(0, *like.shape)
        self.opened = torch.zeros(0, len(like), dtype=torch.int64, device=like.device)
        self.n_lots = torch.zeros(len(like), dtype=torch.int64, device=like.device)
        self.tax = tax

    def open(self, paths: Tensor, units: Tensor, price: Tensor, *, step: int) -> None:
        """Add a lot to every asset of some paths, empty where nothing is bought.

        Args:
            paths: Number of each path, shape (paths,).
            units: Units bought, or sold short where negative, shape (paths, assets).
            price: Price of a unit, shape (paths, assets).
            step: Number of returns that are over.
        """
        buys = (units != 0).any(-1)
        paths, units, price = paths[buys], units[buys], price[buys]
        if len(paths) == 0:
            return
        place = self.n_lots[paths]
        self._make_room(int(place.max()) + 1)
        self.units[place, paths] = units
        self.paid[place, paths] = price
        self.opened[place, paths] = step
        self.n_lots[paths] = place + 1

    def _make_room(self, n_lots: int) -> None:
        missing = n_lots - len(self.units)
        if missing > 0:
            more = max(missing, len(self.units) // 2)
            self.units, self.paid, self.opened = (
                torch.cat([old, old.new_zeros(more, *old.shape[1:])])
                for old in (self.units, self.paid, self.opened)
            )

    def offer(self, paths: Tensor, price: Tensor, *, step: int) -> Offer:
        """Give what some paths have to close.

        Args:
            paths: Number of each path, shape (paths,).
            price: Price of a unit, shape (paths, assets).
            step: Number of returns that are over.

        Returns:
            The lots, in their order.
        """
        n_lots = int(self.n_lots[paths].max())
        owned = self.units[:n_lots, paths]
        units = owned.abs()
        gain = owned.sign().mul_(price - self.paid[:n_lots, paths])
        if not self.tax.loss_offset:
            gain.clamp_min_(0)
        is_long = step - self.opened[:n_lots, paths] > self.tax.long_after_steps
        return Offer(paths, units, units.cumsum(0).sub_(units), gain, is_long)

    def close(self, offer: Offer, quantity: Tensor) -> None:
        """Take units out of the lots.

        Args:
            offer: What there was to close.
            quantity: Units closed, of all lots together, shape (paths, assets); inf for all.
        """
        owned = self.units[: len(offer.units), offer.paths]
        owned -= owned.sign() * offer.closed(quantity)
        self.units[: len(offer.units), offer.paths] = owned

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
