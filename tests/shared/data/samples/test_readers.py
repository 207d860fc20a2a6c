"""The traps of each source are undone; tiny copies of the sources' layouts stand for them."""

import gzip
import io

import numpy as np
import pandas as pd
import pytest
from tests.shared.data.samples.pickles import PACKED

from scenara.shared.data.samples import find_sample


def read(name, *parts, table=None):
    return find_sample(name).table(table).reader(*parts)


def as_parquet(frame):
    buffer = io.BytesIO()
    frame.to_parquet(buffer)
    return buffer.getvalue()


def test_prices_are_indexed_by_date():
    prices = read("sp500", gzip.compress(b"Date,A,B\n1990-01-02,1,2.5\n1990-01-03,2,3.5\n"))
    assert prices.index.name == "date"
    assert prices.index[0] == pd.Timestamp(1990, 1, 2)
    assert prices.to_numpy().tolist() == [[1.0, 2.5], [2.0, 3.5]]


def test_holidays_are_left_out_of_the_volatility_index():
    index = read("vix", gzip.compress(b"Date,vix\n1/17/2014,12.44\n1/20/2014,.\n1/21/2014,12.87\n"))
    assert index["vix"].tolist() == [12.44, 12.87]


def test_bars_have_names_of_one_form():
    bars = read("nasdaq", gzip.compress(b"Date,Open,Adj Close,Volume\n1/4/1999,1,2,3\n"))
    assert bars.columns.tolist() == ["open", "adjusted_close", "volume"]


def test_months_join_on_their_last_day_as_decimals():
    factors = gzip.compress(b"Date,Mkt-RF,SMB,HML,RF\n192602,1.0,2.0,3.0,0.5\n")
    yields = gzip.compress(b"Date,AAA,BAA\n1/1/1926,4.0,5.0\n2/1/1926,4.5,5.5\n")
    months = read("us-monthly", factors, yields)
    assert months.index.tolist() == [pd.Timestamp(1926, 1, 31), pd.Timestamp(1926, 2, 28)]
    assert months["market_excess"].isna().tolist() == [True, False]
    np.testing.assert_allclose(months.iloc[1], [0.01, 0.02, 0.03, 0.005, 0.045, 0.055])


def one_hot_clients():
    flags = {f"EDUCATION_{code}": [int(code == own) for own in (3, 0)] for code in range(7)}
    flags |= {f"MARRIAGE_{code}": [int(code == own) for own in (1, 2)] for code in range(4)}
    first = {"ID": [1, 2], "LIMIT_BAL": [10.0, 20.0], "SEX": [1, 0], "AGE": [24, 25]}
    return pd.DataFrame(first | {"default-payment-next-month": [1, 0]} | flags)


def test_one_hot_columns_become_codes_again_and_the_target_is_last():
    clients = read("taiwan-credit", one_hot_clients().to_csv(index=False).encode())
    assert clients.to_dict("list") == {
        "LIMIT_BAL": [10.0, 20.0],
        "SEX": [1, 0],
        "EDUCATION": [3, 0],
        "MARRIAGE": [1, 2],
        "AGE": [24, 25],
        "default-payment-next-month": [1, 0],
    }
    assert clients.columns[-1] == "default-payment-next-month"


def test_the_word_none_is_a_value():
    applicants = read("german-credit", b"telephone,creditability\nnone,good\nNA,bad\n")
    assert applicants["telephone"].tolist() == ["none", "NA"]


@pytest.mark.parametrize("name", ["lending-club", "health-claims", "workers-comp"])
def test_pickled_tables_lose_the_row_names_of_the_exporter(name):
    assert read(name, PACKED).columns.tolist() == ["n", "x", "word"]


def test_triangle_cells_come_in_order():
    cells = pd.DataFrame(
        {
            "company_code": ["10", "9", "9"],
            "line_of_business": ["a", "a", "a"],
            "accident_year": [1988, 1989, 1988],
            "development_age": [1, 1, 1],
            "calendar_age": [1, 1, 1],
        }
    )
    ordered = read("schedule-p-long", as_parquet(cells))
    assert ordered["company_code"].tolist() == [9, 9, 10]
    assert ordered["accident_year"].tolist() == [1988, 1989, 1988]
    assert "calendar_age" not in ordered


@pytest.fixture
def groceries():
    products = pd.DataFrame(
        {
            "product_id": [1, 2, 3, 4],
            "department": ["GROCERY", "FUEL", "GROCERY", "MISCELLANEOUS"],
            "product_category": ["BREAD", "FUEL", "COUPON/MISC ITEMS", None],
        }
    )
    lines = pd.DataFrame(
        {
            "product_id": [1, 1, 1, 2, 3, 4, 99],
            "week": [1, 2, 52, 10, 10, 10, 53],
            "transaction_timestamp": pd.to_datetime(["2017-07-01 02:00:00"] * 7),
        }
    )
    return as_parquet(lines), as_parquet(products)


def test_coupons_fuel_and_broken_weeks_are_left_out(groceries):
    lines = read("grocery", *groceries)
    assert lines[["product_id", "week"]].to_numpy().tolist() == [[1, 2], [1, 52], [4, 10]]
    assert lines.index.tolist() == [0, 1, 2]


def test_the_time_of_a_receipt_is_that_of_the_shop(groceries):
    moment = read("grocery", *groceries)["transaction_timestamp"].iloc[0]
    assert moment == pd.Timestamp("2017-06-30 22:00:00", tz="America/New_York")
    assert str(moment.tz) == "America/New_York"


def test_ratings_are_in_order_of_time():
    part = b"user_id:token\titem_id:token\trating:float\ttimestamp:float\n7\t1\t3\t60\n8\t2\t5\t0\n"
    ratings = read("movielens-100k", part)
    assert ratings["user_id"].tolist() == [8, 7]
    assert ratings["timestamp"].iloc[0] == pd.Timestamp(0, tz="UTC")


def test_a_film_whose_year_is_no_number_has_none():
    part = b'item_id:token\trelease_year:token\tclass:token_seq\n1\t1995\tDrama\n2\tV\t"Comedy\n'
    films = read("movielens-100k", part, table="items")
    assert films["release_year"].isna().tolist() == [False, True]
    assert films["genres"].tolist() == ["Drama", '"Comedy']


def test_store_days_are_in_order_of_store_and_day():
    part = (
        b"Date,Store,Sales,Open\n2013-01-02,1,5,True\n2013-01-01,2,0,False\n2013-01-01,1,7,True\n"
    )
    days = read("rossmann", part)
    assert days["Sales"].tolist() == [7, 5, 0]
    assert days["Date"].iloc[0] == pd.Timestamp(2013, 1, 1)
    assert days["Open"].dtype == bool
