"""A household to plan for, and small worlds to plan in."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from scenara.finance.advisor.client import Assumptions, Fees, Goal, Household, Person, Saving, Tax
from scenara.finance.advisor.client_file import Client
from scenara.finance.advisor.holdings import Holdings
from scenara.finance.advisor.instruments import Instrument
from scenara.finance.advisor.planning import price_history, simulate_markets
from scenara.finance.advisor.questionnaire import ITEMS
from scenara.finance.advisor.settings import AdviceSettings

MIDDLE = {item.key: list(item.points)[len(item.points) // 2 - 1] for item in ITEMS}

INSTRUMENTS = {
    symbol: Instrument(symbol, symbol.lower(), asset_class, price, expenses, tags)
    for symbol, asset_class, price, expenses, tags in (
        ("SHARE", "shares", 50.0, 0.001, frozenset({"fund"})),
        ("WORLD", "shares", 80.0, 0.002, frozenset({"fund"})),
        ("SMOKE", "shares", 10.0, 0.0, frozenset({"tobacco"})),
        ("BOND", "bonds", 100.0, 0.001, frozenset({"fund"})),
    )
}


@pytest.fixture(scope="session")
def settings():
    return AdviceSettings(families=("series/bootstrap",), n_paths=200, equity_step=0.1)


@pytest.fixture(scope="session")
def history():
    """Give 40 years of shares, bonds and cash with known means."""
    rng = np.random.default_rng(0)
    months = pd.date_range("1980-01-31", periods=481, freq="ME")
    means = [0.007, 0.003, 0.002]
    moves = rng.normal(0, [0.045, 0.012, 0.001], (481, 3))
    moves += means - moves.mean(axis=0)
    prices = pd.DataFrame(np.exp(moves.cumsum(axis=0)), months, ["shares", "bonds", "cash"])
    return price_history(prices, defensive=["bonds"])


@pytest.fixture(scope="session")
def markets(history):
    return simulate_markets(history, ["series/bootstrap"], n_paths=200, n_months=420, seed=1)


@pytest.fixture(scope="session")
def make_client():
    """Give a function that makes a client, with changes by part."""

    def make(**changes):
        parts = {
            "person": Person(as_of="2026-11-01", age=40, retirement_age=65, life_horizon=92),
            "household": Household(
                income_per_year=60_000, expenses_per_year=42_000, emergency_cash=15_000
            ),
            "saving": Saving(per_month=800, growth_per_year=0.02),
            "goals": (
                Goal(name="study", amount=12_000, priority="important", age=50, years=3),
                Goal(name="pension", amount=34_000, priority="essential", age=65, years=10),
            ),
            "questionnaire": MIDDLE,
            "assumptions": Assumptions(inflation_per_year=0.02),
            "tax": Tax(long_term=0.15, short_term=0.25),
            "fees": Fees(advice_per_year=0.003, trading=0.001),
            "holdings": Holdings(cash=Decimal(50_000)),
            "instruments": INSTRUMENTS,
        }
        return Client(**{**parts, **changes})

    return make


@pytest.fixture(scope="session")
def client(make_client):
    return make_client()
