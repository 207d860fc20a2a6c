"""A robo-advisor: what a person owns and wants, a plan, and its execution.

The names are loaded when they are used, so that the command line stays quick.
"""

from typing import TYPE_CHECKING

from scenara.shared.lazy import lazy_names

if TYPE_CHECKING:
    from scenara.finance.advisor.capacity import Capacity, risk_capacity
    from scenara.finance.advisor.client import (
        Assumptions,
        Constraints,
        Debt,
        Fees,
        Goal,
        Household,
        MarketView,
        Person,
        Saving,
        Tax,
    )
    from scenara.finance.advisor.client_file import AdviceRefusedError, Client, read_client
    from scenara.finance.advisor.contradictions import check_client, find_contradictions
    from scenara.finance.advisor.example import write_example
    from scenara.finance.advisor.holdings import Holdings, Lot, read_holdings
    from scenara.finance.advisor.instruments import Instrument, read_instruments
    from scenara.finance.advisor.profile import RiskProfile, risk_profile
    from scenara.finance.advisor.questionnaire import Tolerance, tolerance
    from scenara.finance.advisor.settings import AdviceSettings
    from scenara.finance.advisor.study import client_history, client_orders, run_advice

__all__ = [
    "AdviceRefusedError",
    "AdviceSettings",
    "Assumptions",
    "Capacity",
    "Client",
    "Constraints",
    "Debt",
    "Fees",
    "Goal",
    "Holdings",
    "Household",
    "Instrument",
    "Lot",
    "MarketView",
    "Person",
    "RiskProfile",
    "Saving",
    "Tax",
    "Tolerance",
    "check_client",
    "client_history",
    "client_orders",
    "find_contradictions",
    "read_client",
    "read_holdings",
    "read_instruments",
    "risk_capacity",
    "risk_profile",
    "run_advice",
    "tolerance",
    "write_example",
]

_HOMES = {
    "capacity": ["Capacity", "risk_capacity"],
    "client": [
        "Assumptions",
        "Constraints",
        "Debt",
        "Fees",
        "Goal",
        "Household",
        "MarketView",
        "Person",
        "Saving",
        "Tax",
    ],
    "client_file": ["AdviceRefusedError", "Client", "read_client"],
    "contradictions": ["check_client", "find_contradictions"],
    "example": ["write_example"],
    "holdings": ["Holdings", "Lot", "read_holdings"],
    "instruments": ["Instrument", "read_instruments"],
    "profile": ["RiskProfile", "risk_profile"],
    "questionnaire": ["Tolerance", "tolerance"],
    "settings": ["AdviceSettings"],
    "study": ["client_history", "client_orders", "run_advice"],
}

__getattr__ = lazy_names(__name__, _HOMES)
