"""An account with two lots and cash, shared by the tests of execution."""

from datetime import date
from decimal import Decimal

import pytest

from scenara.finance.advisor.execution.broker import PaperBroker, opening
from scenara.finance.advisor.execution.ledger import Ledger
from scenara.finance.advisor.holdings import Holdings, Lot

ON = date(2024, 6, 3)


@pytest.fixture
def holdings():
    return Holdings(
        (
            Lot("VTI", Decimal(20), date(2021, 3, 1), Decimal("150.5")),
            Lot("VTI", Decimal(10), date(2024, 2, 1), Decimal(240)),
        ),
        cash=Decimal("2500.55"),
    )


@pytest.fixture
def broker(holdings, tmp_path):
    first = opening(holdings, {"VTI": 250.0}, on=ON)
    with Ledger.create(tmp_path / "account.ledger", on=ON, first=first) as ledger:
        yield PaperBroker(ledger)
