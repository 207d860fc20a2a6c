"""Prices: what passes, what is refused and with which words, and returns."""

import os
import tempfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from scenara.finance.market.prices import check_prices, log_returns, read_prices, simple_returns
from scenara.shared.data import ReadOptions
from scenara.shared.errors import DataError

GOOD = "date,AAA,BBB\n2020-01-02,10,5\n2020-01-03,11,4.5\n2020-01-06,12,4.75\n"
EXPECTED = pd.DataFrame(
    {"AAA": [10.0, 11.0, 12.0], "BBB": [5.0, 4.5, 4.75]},
    index=pd.DatetimeIndex(["2020-01-02", "2020-01-03", "2020-01-06"], name="date"),
)


def with_rows(*rows):
    return "date,AAA,BBB\n2020-01-02,10,5\n" + "".join(f"{row}\n" for row in rows)


def refusal(path, **options):
    """Read, expect one line that names the file, and give it."""
    with pytest.raises(DataError) as caught:
        read_prices(path, **options)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert len(message.splitlines()) == 1
    return message


def same(found, expected=EXPECTED):
    pd.testing.assert_frame_equal(found, expected, check_index_type=False, check_freq=False)


REFUSED = {
    "missing price": (
        with_rows("2020-01-03,,4", "2020-01-06,11,4"),
        ["line 3", "column 'AAA'", "(2020-01-03)", "price is missing", "fill it in"],
    ),
    "missing price said in words": (
        with_rows("2020-01-03,11,NA", "2020-01-06,11,4"),
        ["line 3", "column 'BBB'", "price is missing"],
    ),
    "asset that starts later": (
        "date,AAA,BBB\n2020-01-02,10,\n2020-01-03,11,\n2020-01-06,12,3\n",
        ["line 2", "column 'BBB'", "the first one is of 2020-01-06: start the table there"],
    ),
    "asset that ends earlier": (
        with_rows("2020-01-03,11,4", "2020-01-06,12,"),
        ["line 4", "column 'BBB'", "the last one is of 2020-01-03: end the table there"],
    ),
    "empty column": (
        "date,AAA,BBB\n2020-01-02,10,\n2020-01-03,11,\n",
        ["column 'BBB'", "the whole column is empty"],
    ),
    "missing days": (
        with_rows("2020-01-03,11,4", "2020-01-20,11,4"),
        ["line 4", "column 'date'", "17 days lie between 2020-01-03 and 2020-01-20", "fill in"],
    ),
    "zero price": (
        with_rows("2020-01-03,11,0", "2020-01-06,-1,3"),
        ["line 3", "column 'BBB'", "expected a price above 0, found 0.0", "mend the cell"],
    ),
    "negative price": (
        with_rows("2020-01-03,-11,4"),
        ["line 3", "column 'AAA'", "expected a price above 0, found -11.0"],
    ),
    "infinite price": (
        with_rows("2020-01-03,11,inf"),
        ["line 3", "column 'BBB'", "found inf"],
    ),
    "text in a number column": (
        with_rows("2020-01-03,11,4", "2020-01-06,n.a.,4"),
        ["line 4", "column 'AAA'", "expected a number, found 'n.a.'", "mend the cell"],
    ),
    "truth value in a number column": (
        "date,AAA,BBB\n2020-01-02,10,True\n2020-01-03,11,False\n",
        ["line 2", "column 'BBB'", "expected a number, found True"],
    ),
    "two decimal marks": (
        "date;AAA;BBB\n2020-01-02;10,5;5\n2020-01-03;10,7;4\n2020-01-06;10.5;4\n",
        ["line 4", "column 'AAA'", "found '10.5'", "one decimal mark"],
    ),
    "duplicate dates": (
        with_rows("2020-01-03,11,4", "2020-01-03,11,4"),
        ["line 4", "column 'date'", "2020-01-03 stands there already in line 3", "one row a day"],
    ),
    "two rows in one day": (
        with_rows("2020-01-03 09:30,11,4", "2020-01-03 16:00,11,4"),
        ["line 4", "column 'date'", "stands there already in line 3"],
    ),
    "unsorted dates": (
        with_rows("2020-01-06,11,4", "2020-01-03,11,4"),
        ["line 4", "column 'date'", "2020-01-03 comes after 2020-01-06", "sort the rows"],
    ),
    "newest first": (
        "date,AAA,BBB\n2020-01-03,10,5\n2020-01-02,11,4\n",
        ["line 3", "column 'date'", "oldest first"],
    ),
    "one asset": (
        "date,AAA\n2020-01-02,10\n2020-01-03,11\n",
        ["found 1 asset, expected at least 2", "add columns"],
    ),
    "open, high, low, close": (
        "Date,Open,High,Low,Close,Volume\n2020-01-02,1,2,1,2,99\n2020-01-03,1,2,1,2,99\n",
        ["open, high, low and close of one asset", "join the closing prices"],
    ),
    "too few rows": (
        with_rows(),
        ["found 1 row of prices, expected at least 2", "longer history"],
    ),
    "header only": ("date,AAA,BBB\n", ["found 0 rows"]),
    "constant column": (
        with_rows("2020-01-03,11,5", "2020-01-06,12,5"),
        ["column 'BBB'", "the price is 5.0 in every row", "leave the column out"],
    ),
    "weekly prices": (
        "date,AAA,BBB\n"
        + "".join(
            f"{d:%Y-%m-%d},{d.day},1{d.day}\n" for d in pd.date_range("2020", periods=20, freq="W")
        ),
        ["column 'date'", "a row every 7 days", "give daily prices"],
    ),
    "split not adjusted": (
        with_rows("2020-01-03,11,4", "2020-01-06,0.011,4"),
        ["line 4", "column 'AAA'", "0.011 follows 11.0, a factor above 100", "split"],
    ),
    "empty file": ("", ["the file is empty"]),
    "NUL byte": (with_rows("2020-01-03,1\x001,4"), ["line 3", "NUL byte"]),
    "ragged row": (with_rows("2020-01-03,11"), ["line 3", "found 2 cells, expected 3"]),
    "ambiguous date": (
        "date,AAA,BBB\n03/04/2020,10,5\n04/04/2020,11,4\n",
        ["line 2", "column 'date'", "'03/04/2020'", "date_format='%d/%m/%Y' or '%m/%d/%Y'"],
    ),
    "ambiguous date in a column of another name": (
        "Datum;AAA;BBB\n03.04.2020;10;5\n04.04.2020;11;4\n",
        ["line 2", "column 'Datum'", "'03.04.2020'", "date_format='%d.%m.%Y'"],
    ),
    "date of another format below": (
        with_rows("03.01.2020,11,4"),
        ["line 3", "column 'date'", "'03.01.2020'", "ISO 8601"],
    ),
    "no date": (
        with_rows("yesterday,11,4"),
        ["line 3", "column 'date'", "found 'yesterday'", "2020-01-31, 2020/01/31 and 20200131"],
    ),
    "day that does not exist": (
        with_rows("2020-02-30,11,4"),
        ["line 3", "column 'date'", "found '2020-02-30'"],
    ),
    "missing date": (
        with_rows(",11,4"),
        ["line 3", "column 'date'", "the date is missing"],
    ),
    "mixed time zones": (
        "date,AAA,BBB\n2020-01-02T16:00:00-05:00,10,5\n2020-01-03T16:00:00+01:00,11,4\n",
        ["line 3", "column 'date'", "time zone +01:00, but -05:00", "one time zone throughout"],
    ),
    "a time zone in some rows": (
        "date,AAA,BBB\n2020-01-02 16:00:00,10,5\n2020-01-03T16:00:00Z,11,4\n",
        ["line 3", "column 'date'", "time zone Z, but none"],
    ),
    "no dates at all": (
        "AAA,BBB\n10,5\n11,4\n",
        ["found no column of dates among: AAA, BBB", "date_column="],
    ),
    "no column names": (
        "2020-01-02,10,5\n2020-01-03,11,4\n",
        ["the first line holds data ('2020-01-02')", "date,AAPL,MSFT"],
    ),
    "a column twice": ("date,AAA,AAA\n2020-01-02,1,2\n", ["line 1", "column 'AAA'", "twice"]),
    "long, a price twice": (
        "date,ticker,price\n2020-01-02,A,1\n2020-01-02,B,2\n2020-01-02,A,1\n",
        ["line 4", "column 'ticker'", "'A' has a price of 2020-01-02 already in line 2"],
    ),
    "long, with more than prices": (
        "date,ticker,close,volume\n2020-01-02,A,1,9\n",
        ["column 'ticker'", "just the columns date, ticker and price", "ticker, close, volume"],
    ),
    "a number without end": (
        with_rows("2020-01-03,11," + "9" * 400),
        ["line 3", "column 'BBB'", "expected a ", "found", "mend the cell"],
    ),
    "long, a zero price": (
        "date,ticker,price\n2020-01-02,A,1\n2020-01-02,B,0\n",
        ["line 3", "column 'price'", "found 0.0"],
    ),
    "long, an asset without name": (
        "date,ticker,price\n2020-01-02,A,1\n2020-01-02,,2\n",
        ["line 3", "column 'ticker'", "name of the asset is missing"],
    ),
    "long, a hole": (
        (
            "date,ticker,price\n2020-01-02,A,1\n2020-01-02,B,2\n2020-01-03,A,2\n2020-01-06,A,2\n"
            "2020-01-06,B,3\n"
        ),
        ["column 'B'", "(2020-01-03)", "price is missing"],
    ),
}


@pytest.mark.parametrize(("text", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_bad_prices_are_refused_by_file_line_and_column(tmp_path, text, words):
    path = tmp_path / "prices.csv"
    path.write_text(text)
    message = refusal(path)
    assert [word for word in words if word not in message] == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"minimum_rows": 252}, "found 3 rows of prices, expected at least 252"),
        ({"minimum_assets": 3}, "found 2 assets, expected at least 3"),
        ({"maximum_assets": 1}, "found 3 columns, expected at most 2"),
        ({"maximum_gap_days": 2}, "line 4, column 'date': 3 days lie between"),
        ({"maximum_jump": 1.05}, "line 3, column 'AAA' \\(2020-01-03\\): 11.0 follows 10.0"),
        ({"date_column": "day"}, "there is no column 'day'; it has: date, AAA, BBB"),
        ({"date_format": "%d.%m.%Y"}, "line 2, column 'date': expected a date as date_format="),
        ({"assets": ["AA"]}, "there is no column 'AA'; did you mean 'AAA'"),
    ],
)
def test_limits_and_options_decide_what_is_refused(tmp_path, options, words):
    path = tmp_path / "prices.csv"
    path.write_text(GOOD)
    with pytest.raises(DataError, match=words):
        read_prices(path, **options)


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        GOOD.replace("-", "/"),
        GOOD.replace("-", ""),
        GOOD.replace("date", "Trading day"),
        GOOD.replace("date", ""),
        GOOD.replace(",", ";").replace(".", ","),
        GOOD.replace("-02", "-02 16:00").replace("-03", "-03 16:00").replace("-06", "-06 13:00"),
        "\n\n" + GOOD.replace("\n", "\r\n\r\n"),
        (
            "date,ticker,price\n2020-01-06,BBB,4.75\n2020-01-02,AAA,10\n2020-01-02,BBB,5\n"
            "2020-01-03,AAA,11\n2020-01-03,BBB,4.5\n2020-01-06,AAA,12\n"
        ),
    ],
)
def test_good_prices_of_every_writing_come_back_alike(tmp_path, text):
    path = tmp_path / "prices.csv"
    path.write_text(text)
    same(read_prices(path))


@pytest.mark.parametrize("offset", ["Z", "+00:00", "-05:00", "+0530", " UTC"])
def test_one_time_zone_throughout_keeps_the_local_day(tmp_path, offset):
    path = tmp_path / "prices.csv"
    dates = ("2020-01-02", "2020-01-03", "2020-01-06")
    text = GOOD
    for date in dates:
        text = text.replace(date, f"{date}T23:30:00{offset}")
    path.write_text(text)
    same(read_prices(path))


@pytest.mark.parametrize(
    ("date_format", "dates"),
    [
        ("%d/%m/%Y", ["02/01/2020", "03/01/2020", "06/01/2020"]),
        ("%m/%d/%Y", ["01/02/2020", "01/03/2020", "01/06/2020"]),
        ("%d-%b-%y", ["02-Jan-20", "03-Jan-20", "06-Jan-20"]),
        ("%d.%m.%Y %H:%M:%S%z", [f"0{d}.01.2020 16:00:00+0100" for d in (2, 3, 6)]),
    ],
)
def test_a_format_makes_other_dates_readable(tmp_path, date_format, dates):
    path = tmp_path / "prices.csv"
    EXPECTED.set_axis(pd.Index(dates, name="when"), axis=0).to_csv(path)
    same(read_prices(path, date_column="when", date_format=date_format))


def test_parquet_with_dates_in_its_index_is_read(tmp_path):
    path = tmp_path / "prices.parquet"
    EXPECTED.tz_localize("Asia/Tokyo").to_parquet(path)
    same(read_prices(path))


def test_a_bad_price_in_parquet_is_named_by_its_row(tmp_path):
    path = tmp_path / "prices.parquet"
    EXPECTED.assign(BBB=[1.0, 2.0, -3.0]).to_parquet(path)
    assert ", row 3, column 'BBB' (2020-01-06)" in refusal(path)


def test_prices_come_out_of_a_database(tmp_path):
    import sqlite3

    connection = sqlite3.connect(tmp_path / "a.db")
    connection.execute("CREATE TABLE p (date DATE, AAA DECIMAL, BBB REAL)")
    rows = [
        (str(day.date()), *row)
        for day, row in zip(EXPECTED.index, EXPECTED.to_numpy(), strict=True)
    ]
    connection.executemany("INSERT INTO p VALUES (?, ?, ?)", rows)
    connection.commit()
    connection.close()
    same(read_prices(f"sqlite:///{tmp_path}/a.db", query="SELECT * FROM p"))


def test_chosen_assets_come_in_the_order_asked_for(tmp_path):
    path = tmp_path / "prices.csv"
    path.write_text(GOOD)
    same(read_prices(path, assets=["BBB", "AAA"]), EXPECTED[["BBB", "AAA"]])


def test_options_of_the_reader_are_passed_on(tmp_path):
    path = tmp_path / "prices.dat"
    path.write_text(GOOD.replace(",", "~"))
    same(read_prices(path, options=ReadOptions(file_format="csv", separator="~")))


def test_one_asset_passes_where_it_is_asked_for(tmp_path):
    path = tmp_path / "prices.csv"
    EXPECTED[["AAA"]].to_csv(path)
    assert read_prices(path, minimum_assets=1).shape == (3, 1)


def test_ten_thousand_columns_are_refused(tmp_path):
    path = tmp_path / "prices.csv"
    header = "date," + ",".join(f"A{i}" for i in range(10_000))
    path.write_text(f"{header}\n" + ("2020-01-02" + ",1.5" * 10_000 + "\n") * 50)
    assert "found 10,001 columns, expected at most 501" in refusal(path)


def test_a_directory_is_refused(tmp_path):
    assert "is a directory, expected a file" in refusal(tmp_path)


def test_a_file_without_permission_is_refused():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "prices.csv"
        path.write_text(GOOD)
        path.chmod(0)
        Path(folder).chmod(0o755)
        was_root = os.geteuid() == 0
        if was_root:  # root may read everything
            os.seteuid(65534)
        try:
            message = refusal(path)
        finally:
            if was_root:
                os.seteuid(0)
    assert "no permission to read it" in message


HOLIDAYS = {
    "New York, September 2001": ("2001-09-10", "2001-09-17"),
    "Shanghai, January 2020": ("2020-01-23", "2020-02-03"),
    "Tokyo, April 2019": ("2019-04-26", "2019-05-07"),
}


@pytest.mark.parametrize("days", HOLIDAYS.values(), ids=HOLIDAYS.keys())
def test_long_holidays_pass(days):
    table = EXPECTED.iloc[:2].set_axis(pd.to_datetime(list(days)), axis=0)
    assert len(check_prices(table)) == 2


@pytest.mark.skipif(find_spec("skfolio") is None, reason="needs the S&P 500 table of skfolio")
def test_real_prices_pass():
    places = find_spec("skfolio").submodule_search_locations
    prices = read_prices(Path(places[0]) / "datasets/data/sp500_dataset.csv.gz")
    assert (prices.shape, str(prices.index[-1].date())) == ((8313, 20), "2022-12-28")


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.astype(np.float32),
        lambda table: table.astype(str),
        lambda table: table.astype("Float64"),
        lambda table: table.set_axis(table.index.strftime("%Y-%m-%d"), axis=0),
        lambda table: table.set_axis(table.index.date, axis=0),
        lambda table: table.set_axis(table.index.astype("datetime64[ns]"), axis=0),
        lambda table: table.tz_localize("America/New_York"),
    ],
)
def test_a_table_of_any_type_is_given_in_one_form(change):
    same(check_prices(change(EXPECTED)))


def test_checking_leaves_the_table_as_it_was():
    table = EXPECTED.rename_axis("Day").astype(int)
    before = table.copy()
    check_prices(table)
    pd.testing.assert_frame_equal(table, before)


def test_a_table_without_dates_is_refused():
    with pytest.raises(DataError, match="expected dates in the index"):
        check_prices(EXPECTED.reset_index(drop=True))


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([f"A{i}" for i in range(501)], "found 501 assets, expected at most 500"),
        (["AAA", "BBB", "AAA"], "column 'AAA': stands there twice"),
    ],
)
def test_a_table_with_too_many_or_equal_columns_is_refused(names, words):
    table = pd.DataFrame(1.0, index=EXPECTED.index, columns=names)
    with pytest.raises(DataError, match=words):
        check_prices(table)


def test_a_table_in_memory_is_named_as_the_caller_says():
    with pytest.raises(DataError, match=r"^my table, row 2, column 'AAA' \(2020-01-03\)"):
        check_prices(EXPECTED.where(EXPECTED != 11.0), where="my table")


def test_log_returns_add_up_to_the_whole_way():
    found = log_returns(EXPECTED)
    np.testing.assert_allclose(
        found.sum(), np.log(EXPECTED.iloc[-1] / EXPECTED.iloc[0]), rtol=1e-14
    )
    assert list(found.index) == list(EXPECTED.index[1:])


def test_simple_returns_agree_with_those_of_pandas():
    found = simple_returns(log_returns(EXPECTED))
    pd.testing.assert_frame_equal(found, EXPECTED.pct_change().iloc[1:], rtol=1e-14)


@pytest.mark.parametrize("price", [0.0, -1.0, np.nan, np.inf])
def test_returns_of_a_bad_price_are_refused(price):
    with pytest.raises(DataError, match="expected finite prices above 0"):
        log_returns(EXPECTED.replace(11.0, price))
