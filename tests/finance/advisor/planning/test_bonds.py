"""Bonds: prices against their cash flows, returns against duration and convexity."""

import numpy as np
import pytest

from scenara.finance.advisor.planning.bonds import bond_returns, duration, par_bond_price


def discounted(coupon, rate, n_halves):
    """Price a bond coupon by coupon."""
    times = np.arange(1, n_halves + 1)
    return (coupon / 2 / (1 + rate / 2) ** times).sum() + (1 + rate / 2) ** -n_halves


@pytest.mark.parametrize("rate", [0.01, 0.05, 0.15])
@pytest.mark.parametrize("years", [1, 7, 20])
def test_price_is_the_sum_of_discounted_payments(rate, years):
    price = par_bond_price(0.06, rate, years=years)
    assert price == pytest.approx(discounted(0.06, rate, 2 * years), rel=1e-12)


def test_a_bond_at_par_costs_one():
    assert par_bond_price(0.07, 0.07, years=19 + 11 / 12) == pytest.approx(1)


def test_carry_is_earned_where_yields_stay():
    assert bond_returns(np.array(0.06), np.array(0.06)) == pytest.approx(0.005)


@pytest.mark.parametrize("move", [-0.004, 0.001, 0.004])
def test_returns_follow_duration_and_convexity(move):
    years, rate, step = 20 - 1 / 12, 0.05, 1e-3
    p = [float(par_bond_price(rate, rate + k * step, years=years)) for k in (-2, -1, 0, 1, 2)]
    convexity = (p[1] - 2 * p[2] + p[3]) / step**2
    third = abs(p[4] - 2 * p[3] + 2 * p[1] - p[0]) / (2 * step**3)
    second_order = rate / 12 - duration(rate, years=years) * move + convexity * move**2 / 2
    exact = float(bond_returns(np.array(rate), np.array(rate + move)))
    # What is left is of third order, up to the differences' own error of a tenth.
    assert exact == pytest.approx(second_order, abs=1.1 * third * abs(move) ** 3 / 6 + 1e-7)


def test_duration_is_the_published_one():
    # A 20-year par bond at 6 %: modified duration 11.56 (closed form for par bonds).
    rate, halves = 0.06, 40
    closed = (1 - (1 + rate / 2) ** -halves) / rate
    assert duration(0.06) == pytest.approx(closed, rel=1e-5)
    assert closed == pytest.approx(11.557, abs=5e-4)
