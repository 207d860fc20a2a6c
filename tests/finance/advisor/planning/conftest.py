"""A household in small worlds, with everything computed once."""

import pytest

from scenara.finance.advisor.planning import (
    Charges,
    HouseholdModel,
    Universe,
    efficient_frontier,
    plan_in,
    timetable,
)


@pytest.fixture(scope="session")
def plan(client, markets, settings):
    return plan_in(client, markets, settings)


@pytest.fixture(scope="session")
def frontier(client, markets):
    universe = Universe(client.instruments, client.constraints, markets.history.classes)
    return efficient_frontier(markets, universe, n_years=400)


@pytest.fixture(scope="session")
def model(client, markets, frontier):
    charges = Charges.of(client.fees, client.tax)
    return HouseholdModel.of(timetable(client), markets, frontier, charges=charges)
