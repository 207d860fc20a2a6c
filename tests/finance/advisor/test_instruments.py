"""Instruments: what is read, and what is refused with which words."""

import pytest

from scenara.finance.advisor.instruments import Instrument, read_instruments
from scenara.shared.errors import DataError

HEADER = "symbol,name,asset_class,price,expense_ratio,tags\n"


@pytest.fixture
def written(tmp_path):
    def write(*rows, header=HEADER):
        path = tmp_path / "instruments.csv"
        path.write_text(header + "".join(f"{row}\n" for row in rows))
        return path

    return write


def test_rows_become_instruments_in_their_order(written):
    path = written("VTI,US shares,us-equity,250.5,0.0003,Fund; fossil", "BND,Bonds,bonds,75,0,")
    assert read_instruments(path) == {
        "VTI": Instrument("VTI", "US shares", "us-equity", 250.5, 0.0003, frozenset({"fund", "fossil"})),
        "BND": Instrument("BND", "Bonds", "bonds", 75.0),
    }  # fmt: skip


def test_tags_may_be_left_out(written):
    path = written("005930,Samsung,kr-equity,60000,0", header=HEADER.replace(",tags", ""))
    assert read_instruments(path)["005930"].tags == frozenset()


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("VTI,US,us-equity,0,0,", "line 3, column 'price': expected a number above 0, found 0.0"),
        ("VTI,US,us-equity,nan,0,", "line 3, column 'price': expected a number above 0, found nan"),
        ("VTI,US,us-equity,x,0,", "line 3, column 'price': expected a number, found 'x'"),
        ("VTI,US,us-equity,1,0.2,", "column 'expense_ratio': expected a number in [0, 0.1]"),
        ("VTI,,us-equity,1,0,", "line 3, column 'name': the cell is empty"),
        ("BND,US,us-equity,1,0,", "'BND' stands there already in line 2"),
        ("cash,US,us-equity,1,0,", "CASH is money"),
    ],
)
def test_a_wrong_cell_is_refused_with_its_place(written, row, words):
    path = written("BND,Bonds,bonds,75,0,", row)
    with pytest.raises(DataError) as caught:
        read_instruments(path)
    assert str(caught.value).startswith(str(path))
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("symbol,name,asset_class,price\n", "there is no column 'expense_ratio'"),
        ("symbol,name,asset_class,price,expense_ratio,Price\n", "stands there twice"),
    ],
)
def test_a_table_of_other_columns_is_refused(written, header, words):
    with pytest.raises(DataError, match=words):
        read_instruments(written(header.count(",") * "1," + "1", header=header))


def test_an_instrument_checks_itself():
    with pytest.raises(DataError, match="price above 0, found -1"):
        Instrument("VTI", "US", "us-equity", -1.0)
