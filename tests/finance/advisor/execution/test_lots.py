"""Lots: the cheapest of all choices, what is left, and the tax that the rules of netting give."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations

import numpy as np
import pytest

from scenara.finance.advisor.execution.allocation import nearest_values
from scenara.finance.advisor.execution.lots import (
    buy_lot,
    gains_tax,
    remaining_lots,
    sell_lots,
)
from scenara.finance.advisor.execution.rules import TradingRules
from scenara.finance.advisor.holdings import Lot
from scenara.shared.errors import DataError

ON = date(2024, 6, 3)
RULES = TradingRules(short_term_tax=0.4, long_term_tax=0.15, lots="tax")


def lots_of(seed, n=7):
    rng = np.random.default_rng(seed)
    costs, ages = rng.integers(20, 100, n), rng.integers(100, 700, n)
    return [
        Lot("VTI", Decimal(1), ON - timedelta(days=int(age)), Decimal(int(cost)))
        for cost, age in zip(costs, ages, strict=True)
    ]


def tax_of(sales):
    short = sum((s.gain for s in sales if not s.is_long_term), start=Decimal(0))
    return gains_tax(short, sum((s.gain for s in sales), start=Decimal(0)) - short, RULES)


@pytest.mark.parametrize("seed", range(5))
def test_the_lots_chosen_for_tax_cost_the_least_of_all_choices(seed):
    lots = lots_of(seed)
    chosen = sell_lots(lots, Decimal(3), net_price=Decimal(100), on=ON, rules=RULES)
    taxes = [
        tax_of(sell_lots(few, Decimal(3), net_price=Decimal(100), on=ON, rules=RULES))
        for few in combinations(lots, 3)
    ]
    assert tax_of(chosen) == min(taxes)


def test_a_sale_and_what_is_left_are_together_what_was_held():
    lots = [*lots_of(0), *lots_of(0)]
    sales = sell_lots(lots, Decimal("4.5"), net_price=Decimal(100), on=ON, rules=RULES)
    left = remaining_lots(lots, sales)
    assert sum(lot.quantity for lot in left) == 14 - Decimal("4.5")
    taken = sum(sale.quantity * sale.lot.cost_per_share for sale in sales)
    assert sum(lot.cost for lot in left) + taken == sum(lot.cost for lot in lots)


@pytest.mark.parametrize(
    ("short", "long", "tax"),
    [(100, 100, 55), (-100, -1, 0), (100, -60, 16), (-60, 100, 6), (-100, 60, 0), (60, -100, 0)],
)
def test_losses_are_set_off_against_gains_of_the_other_term(short, long, tax):
    assert gains_tax(Decimal(short), Decimal(long), RULES) == tax


def test_more_than_is_held_cannot_be_sold():
    with pytest.raises(DataError, match="expected to sell at most 7 shares held, found 8"):
        sell_lots(lots_of(0), Decimal(8), net_price=Decimal(1), on=ON, rules=RULES)


def test_a_lot_that_is_not_held_cannot_be_taken_away():
    sales = sell_lots(lots_of(0), Decimal(1), net_price=Decimal(1), on=ON, rules=RULES)
    with pytest.raises(DataError, match="are sold that are not held"):
        remaining_lots([], sales)


def test_the_fee_belongs_to_the_cost_of_a_purchase():
    assert buy_lot("VTI", Decimal(4), paid=Decimal(1001), on=ON).cost_per_share == 250.25


@pytest.mark.parametrize("seed", range(5))
def test_the_nearest_values_are_those_of_a_general_solver(seed):
    from scipy.optimize import minimize

    rng = np.random.default_rng(seed)
    wanted, low = rng.uniform(0, 10, 5), rng.uniform(0, 4, 5)
    total = float(low.sum() + rng.uniform(0, 20))
    found = minimize(
        lambda v: np.square(v - wanted).sum(),
        low + (total - low.sum()) / 5,
        jac=lambda v: 2 * (v - wanted),
        bounds=[(bound, None) for bound in low],
        constraints={"type": "eq", "fun": lambda v: v.sum() - total, "jac": np.ones_like},
        method="SLSQP",
        options={"ftol": 1e-14},
    )
    np.testing.assert_allclose(nearest_values(wanted, low=low, total=total), found.x, atol=1e-5)
