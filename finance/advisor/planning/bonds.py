"""Bond returns out of yields: a par bond is bought and repriced a month later."""

import numpy as np

from scenara.shared.types import FloatArray

__all__ = ["bond_returns", "duration", "par_bond_price"]

MATURITY_YEARS = 20.0
"""Years to maturity that Moody's seasoned corporate yields stand for, at least."""


def par_bond_price(
    coupon: FloatArray | float, yield_per_year: FloatArray | float, *, years: float
) -> FloatArray:
    r"""Give the price of a bond with half-yearly coupons, per unit of face value.

    .. math:: P = \frac{c}{y} (1 - v^{2m}) + v^{2m}, \qquad v = (1 + y / 2)^{-1}

    Args:
        coupon: Coupon per year as a share of the face value, any shape.
        yield_per_year: Yield to maturity, above 0, of the same shape.
        years: Time to maturity :math:`m`.

    Returns:
        Prices of that shape.

    Example:
        >>> [round(float(par_bond_price(0.05, y, years=20)), 4) for y in (0.05, 0.06)]
        [1.0, 0.8844]

    References:
        Fabozzi, F. J. (2012). The handbook of fixed income securities, 8th ed., chapter 5.
    """
    last = (1 + np.asarray(yield_per_year) / 2) ** (-2 * years)
    price: FloatArray = np.asarray(coupon) / yield_per_year * (1 - last) + last
    return price


def duration(yield_per_year: float, *, years: float = MATURITY_YEARS) -> float:
    """Give the modified duration of a par bond, in years, by a central difference.

    Args:
        yield_per_year: Yield and coupon.
        years: Time to maturity.

    Returns:
        Years.

    Example:
        >>> round(duration(0.05), 1)
        12.6
    """
    step = 1e-4
    up, down = (
        par_bond_price(yield_per_year, yield_per_year + move, years=years) for move in (step, -step)
    )
    return float((down - up) / (2 * step))


def bond_returns(
    before: FloatArray, after: FloatArray, *, years: float = MATURITY_YEARS
) -> FloatArray:
    r"""Give monthly total returns of bonds from the yields at both ends of the month.

    The bond is bought at par, pays a twelfth of its coupon, and is sold at the new yield with a
    month less to run: :math:`R_t = y_{t-1} / 12 + P(y_{t-1}, y_t, m - 1/12) - 1`. To second order
    that is carry less duration times the change, plus half the convexity times its square. Yields
    of an index are averages of a month over many bonds: the return is an approximation.

    Args:
        before: Yields per year at the beginning, any shape.
        after: Yields per year at the end, of the same shape.
        years: Time to maturity at purchase.

    Returns:
        Simple returns of that shape.

    Example:
        >>> bond_returns(np.array([0.06]), np.array([0.06])).round(4)
        array([0.005])

    References:
        Swinkels, L. (2019). Treasury bond return data starting in 1962. Data 4(3), 91.
        https://doi.org/10.3390/data4030091 (returns from constant-maturity yields).
    """
    found: FloatArray = before / 12 + par_bond_price(before, after, years=years - 1 / 12) - 1
    return found
