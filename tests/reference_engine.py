"""A backtest of one path as one would write it first: lists, loops and a search by halving."""

import numpy as np

NOTHING = 1e-9


class Path:
    """Follow the money of one path, one cent after the other."""

    def __init__(self, returns, *, costs, account, dividends=None, flows=None, schedule=(), ask):
        self.returns, self.costs, self.account = returns, costs, account
        self.dividends, self.flows, self.schedule, self.ask = dividends, flows, schedule, ask
        self.n_steps, self.n_assets = returns.shape
        self.cash, self.held = 1.0, [0.0] * self.n_assets
        self.price = [1.0] * self.n_assets
        self.lots = [[] for _ in range(self.n_assets)]
        self.carried, self.ruined = 0.0, False
        self.wealths, self.cashes, self.turnover, self.paid_costs = [], [], [], []
        self.interest, self.taxes, self.received, self.flowed = [], [], [], []

    def wealth(self):
        return self.cash + sum(self.held)

    def run(self):
        for step in range(self.n_steps):
            self.look()
            self.flow(step)
            gains = self.pay_out(step)
            self.taxes.append(0.0)
            if step in self.schedule:
                self.trade(step, gains)
            elif gains != (0.0, 0.0):
                self.settle(step, {}, gains)
            self.live(step)
        self.look()
        return self

    def look(self):
        if not self.wealth() > 0:
            self.lose_all()
        self.wealths.append(self.wealth())
        self.cashes.append(self.cash)

    def lose_all(self):
        self.ruined, self.cash, self.held = True, 0.0, [0.0] * self.n_assets
        self.lots = [[] for _ in range(self.n_assets)]

    def flow(self, step):
        money = 0.0 if self.flows is None else self.flows[step]
        money = 0.0 if self.ruined else max(money, -self.wealth())
        self.flowed.append(money)
        self.cash += money
        if not self.wealth() > 0:
            self.lose_all()

    def pay_out(self, step):
        short = long = 0.0
        for i in range(self.n_assets):
            if np.isnan(self.returns[step, i]) and self.held[i] != 0:
                one, other = self.gains(i, 0.0, step, sell=True)
                short, long = short + one, long + other
                self.cash += self.held[i]
                self.held[i] = 0.0
        return short, long

    def gains(self, i, after, step, *, sell=False):
        """Give the gains of bringing asset i to a value, first in, first out."""
        tax, before = self.account.tax, self.held[i]
        if tax is None or before == 0:
            return 0.0, 0.0
        sign = 1.0 if before > 0 else -1.0
        closed = max(abs(before) - abs(after), 0.0) / self.price[i]
        left = np.inf if after * before <= 0 else closed
        short = long = 0.0
        kept = []
        for units, paid, bought in self.lots[i]:
            part = min(left, units)
            left -= part
            gain = part * sign * (self.price[i] - paid)
            gain = gain if tax.loss_offset else max(gain, 0.0)
            if step - bought > tax.long_after_steps:
                long += gain
            else:
                short += gain
            kept.append([units - part, paid, bought])
        if sell:
            self.lots[i] = kept
        return short, long

    def tax(self, short, long):
        """Give the tax and the losses that are carried forward."""
        tax = self.account.tax
        if tax is None:
            return 0.0, 0.0
        if short < 0 < long:
            used = min(-short, long)
            short, long = short + used, long - used
        elif long < 0 < short:
            used = min(-long, short)
            short, long = short - used, long + used
        carried = self.carried
        lost = max(-short, 0) + max(-long, 0)
        short, long = max(short, 0), max(long, 0)
        first = min(carried, short)
        second = min(carried - first, long)
        due = tax.short_rate * (short - first) + tax.long_rate * (long - second)
        return due, carried - first - second + lost

    def bill(self, trades):
        costs = self.costs
        rates = costs.impact_rates(self.n_assets)
        due = 0.0
        for i, trade in trades.items():
            due += costs.proportional * abs(trade) + rates[i] * abs(trade) ** 1.5
            due += costs.fixed_share
        return due

    def trade(self, step, gains):
        goals = {} if self.ruined else self.ask(step, np.array(self.held), self.wealth())
        self.settle(step, goals, gains, record=True)

    def settle(self, step, goals, gains, *, record=False):
        before = self.wealth()
        if self.costs.fixed_share > 0:
            sizes = {i: abs(goal * before - self.held[i]) for i, goal in goals.items()}
            goals = {i: goal for i, goal in goals.items() if sizes[i] > NOTHING * before}

        def owed(left):
            short, long = gains
            for i, goal in goals.items():
                one, other = self.gains(i, goal * left, step)
                short, long = short + one, long + other
            return self.tax(short, long)

        def spent(left):
            trades = {i: goal * left - self.held[i] for i, goal in goals.items()}
            return self.bill(trades) + owed(left)[0]

        low, high = 0.0, before
        while low < (low + high) / 2 < high:
            left = (low + high) / 2
            low, high = (low, left) if left + spent(left) > before else (left, high)
        left = before if spent(before) == 0 else low
        trades = {i: goal * left - self.held[i] for i, goal in goals.items()}
        if record:
            self.turnover.append(sum(map(abs, trades.values())) / before if before else 0.0)
            self.paid_costs.append(self.bill(trades))
        due, self.carried = owed(left)
        self.taxes[-1] = due
        for i, goal in goals.items():
            self.gains(i, goal * left, step, sell=True)
            self.buy(i, goal * left, step)
        self.cash = left - sum(self.held)
        if not self.wealth() > 0:
            self.lose_all()

    def buy(self, i, after, step):
        before = self.held[i]
        bought = abs(after) if before * after <= 0 else max(abs(after) - abs(before), 0.0)
        self.lots[i].append([bought / self.price[i], self.price[i], step])
        self.held[i] = after

    def live(self, step):
        account = self.account
        rate = account.cash_rates(self.n_steps)[step]
        rate += account.borrow_spread / account.periods_per_year if self.cash < 0 else 0.0
        interest = self.cash * rate
        interest += sum(min(x, 0) for x in self.held) * account.loan_fee / account.periods_per_year
        received = 0.0
        for i in range(self.n_assets):
            value, change = self.held[i], self.returns[step, i]
            if np.isnan(change):
                continue
            paid = 0.0 if self.dividends is None else value * self.dividends[step, i]
            received += paid
            self.price[i] *= 1 + change
            self.held[i] = value * (1 + change)
            if paid > 0 and account.dividends == "reinvest":
                self.held[i] += paid
                self.lots[i].append([paid / self.price[i], self.price[i], step + 1])
            else:
                self.cash += paid
        self.cash += interest
        self.interest.append(interest)
        self.received.append(received)
