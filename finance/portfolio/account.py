"""What an account earns and pays: interest, loan fees, trading costs and taxes on gains."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from scenara.finance.portfolio.checks import is_number
from scenara.shared.errors import ConfigError
from scenara.shared.types import FloatArray

__all__ = ["Account", "Costs", "Tax"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Costs:
    r"""Say what a trade costs: a share of its value, a fee for each asset, and market impact.

    Trading the value x of asset i in currency costs :math:`c |x| + f \, 1_{x \ne 0} + b \, \sigma_i
    |x|^{3/2} / V_i^{1/2}`.

    Args:
        proportional: c, a fraction of the value traded, in [0, 0.5]; 5 basis points are 0.0005.
        fixed: f, in currency, for each asset traded.
        impact: b, without unit; about 1.
        volatility: Standard deviation of a step's return, for all assets or for each.
        volume: V, the market's volume in a step in currency, for all assets or for each.
        capital: Initial wealth in currency; fixed costs and impact need it.

    Raises:
        ConfigError: A number is out of its range, or one that another needs is missing.

    References:
        Boyd, Busseti, Diamond, Kahn, Koh, Nystrup and Speth (2017), Multi-Period Trading via Convex
        Optimization, Foundations and Trends in Optimization 3(1), section 2.3 (transaction cost).
        https://arxiv.org/abs/1705.00109

    Example:
        >>> costs = Costs(impact=1.0, volatility=0.01, volume=1e8, capital=1e6)
        >>> costs.impact_rates(2).tolist()
        [0.001, 0.001]
    """

    proportional: float = 0.0
    fixed: float = 0.0
    impact: float = 0.0
    volatility: float | Sequence[float] | None = None
    volume: float | Sequence[float] | None = None
    capital: float | None = None

    def __post_init__(self) -> None:
        if not is_number(self.proportional) or not 0 <= self.proportional <= 0.5:
            raise ConfigError(
                "costs: expected a fraction of the value traded in [0, 0.5], found "
                f"{self.proportional!r} (5 basis points are 0.0005)"
            )
        _check_not_negative(self, "fixed", "impact")
        needed = ["capital"] if self.fixed > 0 or self.impact > 0 else []
        needed += ["volatility", "volume"] if self.impact > 0 else []
        for name in needed:
            value = getattr(self, name)
            found = _as_numbers(value)
            if found is None or not np.all((found > 0) & np.isfinite(found)):
                raise ConfigError(
                    f"costs: fixed costs and impact need positive numbers for {name}=, "
                    f"found {value!r}"
                )

    @property
    def is_proportional(self) -> bool:
        """Whether costs are a share of the value traded and nothing else."""
        return self.fixed == 0 and self.impact == 0

    @property
    def fixed_share(self) -> float:
        """The fee for each asset traded, in units of the initial wealth."""
        return 0.0 if self.capital is None else self.fixed / self.capital

    def impact_rates(self, n_assets: int) -> FloatArray:
        """Give what impact costs for a trade of the size of the initial wealth, in units of it.

        A trade of x times the initial wealth costs ``x ** 1.5`` times that.

        Args:
            n_assets: Number of assets.

        Returns:
            Rates, shape (n_assets,).

        Raises:
            ConfigError: There is neither one volatility or volume for all assets nor one for each.

        Example:
            >>> Costs().impact_rates(1).tolist()
            [0.0]
        """
        if self.impact == 0 or self.capital is None:
            return np.zeros(n_assets)
        volatility, volume = (
            _for_each(np.asarray(getattr(self, name), np.float64), name, n_assets)
            for name in ("volatility", "volume")
        )
        rates: FloatArray = self.impact * volatility * np.sqrt(self.capital / volume)
        return rates


@dataclass(frozen=True, kw_only=True)
class Tax:
    """Tax realised gains when they are realised, first in, first out.

    What is sold is what was bought first. Gains and losses of one moment are netted, first within
    and then across the two kinds, then set against the losses carried forward (short gains first);
    what is left is taxed at once, out of wealth, like costs. Losses that are left are carried
    forward without limit and earn nothing back. Buying back what was sold short realises gains
    alike. Costs are no part of a purchase price, and dividends are not taxed.

    Args:
        short_rate: Tax on a gain on what was held for ``long_after_steps`` steps at most, in
            [0, 1).
        long_rate: Tax on a gain on what was held longer, in [0, 1).
        long_after_steps: Steps after which a gain is long.
        loss_offset: Whether losses count; otherwise every lot sold at a gain is taxed in full.

    Raises:
        ConfigError: A number is out of its range.

    Example:
        >>> Tax(short_rate=0.35, long_rate=0.15)
        Tax(short_rate=0.35, long_rate=0.15, long_after_steps=252, loss_offset=True)
    """

    short_rate: float
    long_rate: float
    long_after_steps: int = 252
    loss_offset: bool = True

    def __post_init__(self) -> None:
        for name in ("short_rate", "long_rate"):
            rate = getattr(self, name)
            if not is_number(rate) or not 0 <= rate < 1:
                raise ConfigError(f"{name}: expected a rate in [0, 1), found {rate!r}")
        if not is_number(self.long_after_steps) or not self.long_after_steps >= 0:
            raise ConfigError(
                f"long_after_steps: expected at least 0 steps, found {self.long_after_steps!r}"
            )


@dataclass(frozen=True, eq=False, kw_only=True)
class Account:
    """Say what cash, debt, loans of shares, dividends and gains mean for an account.

    Args:
        cash_rate: Interest on cash: a rate per year, earned in equal parts at each step, or the
            rate of each step, shape (steps,). Proceeds of short sales are cash.
        borrow_spread: What is paid per year on negative cash, on top of the cash rate.
        loan_fee: What is paid per year on the value of short positions.
        periods_per_year: Steps in a year.
        dividends: Whether dividends buy more of what paid them at the end of their step, free of
            costs, or stay in cash. Those on short positions are paid from cash.
        tax: Tax on realised gains; None for none.

    Raises:
        ConfigError: A number is out of its range.

    Example:
        >>> Account(cash_rate=0.0252).cash_rates(2).tolist()
        [0.0001, 0.0001]
    """

    cash_rate: float | Sequence[float] | FloatArray = 0.0
    borrow_spread: float = 0.0
    loan_fee: float = 0.0
    periods_per_year: float = 252.0
    dividends: Literal["reinvest", "cash"] = "reinvest"
    tax: Tax | None = None

    def __post_init__(self) -> None:
        _check_not_negative(self, "borrow_spread", "loan_fee")
        if not is_number(self.periods_per_year) or not 0 < self.periods_per_year < np.inf:
            raise ConfigError(
                f"periods_per_year: expected a positive number, found {self.periods_per_year!r}"
            )
        if self.dividends not in ("reinvest", "cash"):
            raise ConfigError(f"dividends: expected 'reinvest' or 'cash', found {self.dividends!r}")
        rates = _as_numbers(self.cash_rate)
        if rates is None or not np.isfinite(rates).all():
            found = f"{self.cash_rate!r:.60}" if rates is None else "nan or inf"
            raise ConfigError(f"cash_rate: expected finite rates, found {found}")
        if self.tax is not None and not isinstance(self.tax, Tax):
            raise ConfigError(f"tax: expected Tax(...) or None, found {self.tax!r}")

    def cash_rates(self, n_steps: int) -> FloatArray:
        """Give the interest on cash in each step.

        Args:
            n_steps: Number of steps.

        Returns:
            Rates per step, shape (n_steps,).

        Raises:
            ConfigError: There are rates for another number of steps.

        Example:
            >>> Account(cash_rate=[0.0, 0.001]).cash_rates(2).tolist()
            [0.0, 0.001]
        """
        rate = np.asarray(self.cash_rate, np.float64)
        if rate.ndim == 0:
            return np.full(n_steps, float(rate) / self.periods_per_year)
        if rate.shape != (n_steps,):
            raise ConfigError(
                f"cash_rate: expected a rate per year or one for each of the {n_steps} steps, "
                f"found shape {rate.shape}"
            )
        return rate


def _check_not_negative(settings: Account | Costs, *names: str) -> None:
    for name in names:
        value = getattr(settings, name)
        if not is_number(value) or not 0 <= value < np.inf:
            raise ConfigError(f"{name}: expected a number of at least 0, found {value!r}")


def _as_numbers(values: object) -> FloatArray | None:
    """Give an array of numbers, or None where there are others."""
    try:
        found: FloatArray = np.asarray(values)
        return None if found.dtype.kind not in "fiu" else found.astype(np.float64)
    except ValueError:
        return None


def _for_each(values: FloatArray, name: str, n_assets: int) -> FloatArray:
    if values.shape not in ((), (1,), (n_assets,)):
        raise ConfigError(
            f"costs: expected one {name} or one for each of the {n_assets} assets, "
            f"found shape {values.shape}"
        )
    return np.broadcast_to(values, n_assets)
