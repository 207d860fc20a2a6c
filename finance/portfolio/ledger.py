"""The general engine: step by step over time, all paths at once, every cent accounted for.

At moment k, after k returns: money comes or goes, ended assets are paid out at their last price,
and the portfolio is traded; then step k brings price changes, dividends, interest and fees.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from scenara.finance.portfolio.account import Account
from scenara.finance.portfolio.accounting import total
from scenara.finance.portfolio.decisions import ask, place
from scenara.finance.portfolio.lots import Lots, closed_units, tax_due
from scenara.finance.portfolio.plan import Plan
from scenara.finance.portfolio.rebalancing import Orders
from scenara.finance.portfolio.trading import Bill, Trade, settle

__all__ = ["Market", "Records", "keep_books"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Market:
    """Hold what happens to some paths, time first.

    Args:
        returns: Simple price returns, shape (steps, paths, assets).
        past: Returns before the first step, shape (days, paths, assets).
        present: Whether there is a return, shape as ``returns``; None if there always is.
        dividends: Dividends as a fraction of the price before the step, shape as ``returns``.
        flows: Money that comes (or goes, where negative) before each step, shape (steps, paths).
    """

    returns: Tensor
    past: Tensor | None
    present: Tensor | None
    dividends: Tensor | None
    flows: Tensor | None


@dataclass(frozen=True, eq=False)
class Records:
    """Hold what happened, time first, as in ``Backtest``."""

    wealth: Tensor
    cash: Tensor
    interest: Tensor
    dividends: Tensor
    taxes: Tensor
    flows: Tensor
    turnover: Tensor
    costs: Tensor
    traded: Tensor
    weights: Tensor
    drifted: Tensor | None

    @classmethod
    def empty(cls, market: Market, plan: Plan) -> "Records":
        """Make room.

        Args:
            market: What happens.
            plan: What to do.

        Returns:
            Records that are still to be written.
        """
        n_steps, n_paths, n_assets = market.returns.shape
        n_trades = len(plan.steps)

        def room(*shape: int, dtype: torch.dtype = plan.dtype) -> Tensor:
            return torch.zeros(shape, dtype=dtype, device=plan.device)

        return cls(
            wealth=room(n_steps + 1, n_paths),
            cash=room(n_steps + 1, n_paths),
            interest=room(n_steps, n_paths),
            dividends=room(n_steps, n_paths),
            taxes=room(n_steps, n_paths),
            flows=room(n_steps, n_paths),
            turnover=room(n_trades, n_paths),
            costs=room(n_trades, n_paths),
            traded=room(n_trades, n_paths, dtype=torch.bool),
            weights=room(n_trades, n_paths, n_assets),
            drifted=room(n_trades, n_paths, n_assets) if plan.keep_drifted else None,
        )


def keep_books(market: Market, plan: Plan) -> Records:
    """Follow every path from its first step to its last.

    Args:
        market: What happens.
        plan: What to do.

    Returns:
        What became of it.
    """
    book = _Book(market, plan)
    trades = {step: i for i, step in enumerate(plan.steps.tolist())}
    for step in range(len(market.returns)):
        book.note(step)
        book.receive(step)
        book.trade(step, trades.get(step))
        book.live(step)
    book.note(len(market.returns))
    return book.records


class _Book:
    """The state of all paths at one moment."""

    def __init__(self, market: Market, plan: Plan) -> None:
        self.market, self.plan = market, plan
        self.account = plan.account or Account()
        self.records = Records.empty(market, plan)
        _, n_paths, n_assets = market.returns.shape
        self.held = torch.zeros(n_paths, n_assets, dtype=plan.dtype, device=plan.device)
        self.cash = torch.ones(n_paths, dtype=plan.dtype, device=plan.device)
        self.ruined = torch.zeros(n_paths, dtype=torch.bool, device=plan.device)
        self.bill = Bill.of(plan.costs, self.held)
        self.rates = self.account.cash_rates(len(market.returns)).tolist()
        self.last = torch.full_like(self.held, torch.inf)
        self.fixed = ask(market.returns, None, 0, plan) if plan.is_asked_once else None
        self.price = torch.ones_like(self.held)
        self.carried = torch.zeros_like(self.cash)
        self.short, self.long = torch.zeros_like(self.cash), torch.zeros_like(self.cash)
        self.lots = Lots(self.held, self.account.tax) if self.account.tax else None

    @property
    def wealth(self) -> Tensor:
        return self.cash + total(self.held)

    def note(self, step: int) -> None:
        """Write down wealth; a path that has lost everything stays where it is."""
        wealth = self.wealth
        self._ruin(~(wealth > 0))
        self.records.wealth[step] = wealth.masked_fill(self.ruined, 0)
        self.records.cash[step] = self.cash

    def _ruin(self, lost: Tensor) -> None:
        new = lost & ~self.ruined
        if not bool(new.any()):
            return
        self.ruined |= new
        self.cash.masked_fill_(new, 0)
        self.held.masked_fill_(new[:, None], 0)
        if self.lots is not None:
            self.lots.clear(new)

    def receive(self, step: int) -> None:
        """Take in what is paid in and pay out what is drawn, at most all there is."""
        if self.market.flows is not None:
            flow = torch.maximum(self.market.flows[step], -self.wealth)
            flow = flow.masked_fill(self.ruined, 0)
            self.records.flows[step] = flow
            self.cash += flow
            self._ruin(~(self.wealth > 0))
        self.short, self.long = torch.zeros_like(self.cash), torch.zeros_like(self.cash)
        if self.market.present is not None:
            self._pay_out(~self.market.present[step], step)

    def _pay_out(self, over: Tensor, step: int) -> None:
        """Turn assets that have ended into cash, at their last price and free of costs."""
        over = over & (self.held != 0)
        if not bool(over.any()):
            return
        left = self.held.masked_fill(over, 0)
        paths = torch.nonzero(over.any(-1))[:, 0]
        if self.lots is not None:
            price = self.price[paths]
            offer = self.lots.offer(paths, price, step=step)
            units = closed_units(self.held[paths], left[paths], price)
            self.short[paths], self.long[paths] = offer.gains(units)
            self.lots.close(offer, units)
        self.cash += total(self.held - left)
        self.held = left

    def trade(self, step: int, number: int | None) -> None:
        """Trade the paths whose time it is, and pay the taxes of the moment."""
        wealth = self.wealth
        orders = None if number is None else self._orders(step, number, wealth)
        active = (self.short != 0) | (self.long != 0)
        if orders is not None:
            active |= orders.moved.any(-1)
        paths = torch.nonzero(active)[:, 0]
        if len(paths) == 0:
            return
        if orders is None:
            orders = Orders(self.held, torch.zeros_like(self.held, dtype=torch.bool))
        trade = self._settle(step, paths, orders.of(paths), wealth[paths])
        self.held[paths] = trade.held
        self.cash[paths] = trade.wealth - total(trade.held)
        self.records.taxes[step, paths] = trade.taxes
        if number is not None:
            self.records.turnover[number, paths] = trade.traded / wealth[paths]
            self.records.costs[number, paths] = trade.costs
            self.records.traded[number] = orders.moved.any(-1)
        self._ruin(active & ~(self.wealth > 0))

    def _settle(self, step: int, paths: Tensor, orders: Orders, wealth: Tensor) -> Trade:
        held, price = self.held[paths], self.price[paths]
        if self.lots is None:
            return settle(orders, held, wealth, bill=self.bill)
        lots, offer = self.lots, self.lots.offer(paths, price, step=step)
        gained = self.short[paths], self.long[paths], self.carried[paths]

        def tax(after: Tensor) -> tuple[Tensor, Tensor]:
            short, long = offer.gains(closed_units(held, after, price))
            return tax_due(lots.tax, gained[0] + short, gained[1] + long, gained[2])

        trade = settle(orders, held, wealth, bill=self.bill, taxes=lambda after: tax(after)[0])
        self.carried[paths] = tax(trade.held)[1]
        lots.close(offer, closed_units(held, trade.held, price))
        kept = torch.where(held * trade.held > 0, held.abs(), torch.zeros_like(held))
        bought = trade.held.sign() * (trade.held.abs() - kept).clamp_min(0)
        lots.open(paths, bought / price, price, step=step)
        return trade

    def _orders(self, step: int, number: int, wealth: Tensor) -> Orders:
        drifted = self.held / wealth.masked_fill(self.ruined, 1)[:, None]
        targets = self._targets(step, drifted)
        self.records.weights[number] = targets
        if self.records.drifted is not None:
            self.records.drifted[number] = drifted
        orders = Orders(targets, torch.ones_like(targets, dtype=torch.bool))
        if self.plan.rule is not None and step > 0:
            orders = self.plan.rule.orders(targets, drifted, self.last)
        moved = orders.moved & ~self.ruined[:, None]
        self.last = torch.where(moved.any(-1, keepdim=True), targets, self.last)
        return Orders(orders.goals, moved)

    def _targets(self, step: int, drifted: Tensor) -> Tensor:
        plan, market = self.plan, self.market
        available = None if market.present is None else market.present[step].clone()
        wanted = self.fixed
        if wanted is None:
            wanted = ask(
                market.returns,
                market.past,
                step,
                plan,
                available=available,
                drifted=drifted if plan.uses_holdings else None,
            )
        return place(wanted, plan, available=available)

    def live(self, step: int) -> None:
        """Let one step pass: interest and fees, prices, dividends."""
        account, market = self.account, self.market
        returns = market.returns[step].to(self.held.dtype)
        if market.present is not None:
            returns = returns.masked_fill(~market.present[step], 0)
        year = account.periods_per_year
        interest = self.cash * self.rates[step]
        if account.borrow_spread > 0:
            interest += account.borrow_spread / year * self.cash.clamp_max(0)
        if account.loan_fee > 0:
            interest -= account.loan_fee / year * total((-self.held).clamp_min(0))
        paid = None if market.dividends is None else self.held * market.dividends[step]
        self.held = self.held + self.held * returns
        self.price = self.price + self.price * returns
        self.cash = self.cash + interest
        self.records.interest[step] = interest
        if paid is not None:
            self._share_out(paid, step)

    def _share_out(self, paid: Tensor, step: int) -> None:
        self.records.dividends[step] = total(paid)
        if self.account.dividends == "cash":
            self.cash = self.cash + total(paid)
            return
        bought = paid.clamp_min(0)
        self.cash = self.cash + total(paid - bought)
        self.held = self.held + bought
        if self.lots is not None:
            every = torch.arange(len(bought), device=bought.device)
            self.lots.open(every, bought / self.price, self.price, step=step + 1)
