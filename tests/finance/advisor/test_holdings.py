"""Holdings: lots and cash as they are read, and what is refused with which words."""

from datetime import date
from decimal import Decimal

import pytest

from scenara.finance.advisor.holdings import Holdings, Lot, read_holdings
from scenara.shared.errors import DataError

HEADER = "symbol,quantity,purchase_date,cost_per_share\n"
ON = date(2024, 6, 3)


@pytest.fixture
def written(tmp_path):
    def write(*rows):
        path = tmp_path / "holdings.csv"
        path.write_text(HEADER + "".join(f"{row}\n" for row in rows))
        return path

    return write


def test_rows_become_lots_and_cash_exactly(written):
    path = written("VTI,10.1,2020-03-02,200.10", "CASH,1500.05,,", "VTI,5,2021-06-01,210")
    assert read_holdings(path, on=ON) == Holdings(
        (
            Lot("VTI", Decimal("10.1"), date(2020, 3, 2), Decimal("200.1")),
            Lot("VTI", Decimal(5), date(2021, 6, 1), Decimal(210)),
        ),
        cash=Decimal("1500.05"),
    )


def test_values_add_up_to_the_total():
    lots = tuple(Lot(s, Decimal(2), ON, Decimal(1)) for s in ("VTI", "BND", "VTI"))
    holdings = Holdings(lots, cash=Decimal(7))
    prices = {"VTI": 10.0, "BND": 3.0}
    assert holdings.values(prices) == {"VTI": 40.0, "BND": 6.0}
    assert holdings.total(prices) == 53.0


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("VTl,1,2020-01-02,5", "column 'symbol': 'VTl' is not among the instruments; did you mean 'VTI'?"),
        ("VTI,1,2024-06-04,5", "column 'purchase_date': expected a date up to 2024-06-03, found 2024-06-04"),
        ("VTI,1,3.2.2020,5", "column 'purchase_date': expected a date such as 2024-03-31, found '3.2.2020'"),
        ("VTI,1,,5", "column 'purchase_date': the cell is empty"),
        ("VTI,-1,2020-01-02,5", "column 'quantity': expected a number above 0, found -1.0"),
        ("VTI,nan,2020-01-02,5", "column 'quantity': expected a number above 0, found nan"),
        ("VTI,inf,2020-01-02,5", "column 'quantity': expected a number above 0, found inf"),
        ("VTI,1,2020-01-02,-5", "column 'cost_per_share': expected a number of at least 0, found -5.0"),
        ("CASH,-5,,", "column 'quantity': expected a number of at least 0, found -5.0"),
    ],
)  # fmt: skip
def test_a_wrong_cell_is_refused_with_its_place(written, row, words):
    path = written("VTI,1,2020-01-02,5", row)
    with pytest.raises(DataError) as caught:
        read_holdings(path, instruments=["VTI", "BND"], on=ON)
    assert str(caught.value).startswith(f"{path}, line 3, ")
    assert words in str(caught.value)


def test_a_purchase_after_today_is_refused(written):
    with pytest.raises(DataError, match="expected a date up to"):
        read_holdings(written("VTI,1,2999-01-01,5"))


@pytest.mark.parametrize(
    ("quantity", "cost"), [("0", "1"), ("-1", "1"), ("NaN", "1"), ("1", "-1"), ("1", "Infinity")]
)
def test_a_lot_checks_itself(quantity, cost):
    with pytest.raises(DataError, match="VTI: expected"):
        Lot("VTI", Decimal(quantity), ON, Decimal(cost))


def test_holdings_refuse_a_debt():
    with pytest.raises(DataError, match="cash: expected at least 0, found -1"):
        Holdings(cash=Decimal(-1))
