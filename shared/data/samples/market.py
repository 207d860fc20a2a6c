"""Sample prices, factors and yields: the readers that tidy them, and their catalogue entries."""

import io

import pandas as pd

from scenara.shared.data.samples.entry import Member, Package, Sample, Table

__all__ = ["MARKET_SAMPLES"]

SKFOLIO = Package(
    name="skfolio",
    version="1.12.2",
    sha256="2d324c62a4188dc0b62a713f8d5cea177e208a5b45987e3d3f204dd56d3a669b",
    megabytes=1.5,
    licence="BSD-3-Clause",
)
ARCH = Package(
    name="arch",
    version="8.0.0",
    sha256="975ec3bdf7926335742ac362251fafe32b448b8f194dead062f22a00beef772d",
    megabytes=1.0,
    licence="NCSA",
    platform="manylinux2014_x86_64",
)


def _dated(part: bytes, *, date_format: str) -> pd.DataFrame:
    frame = pd.read_csv(io.BytesIO(part), compression="gzip", na_values=["."])
    dates = pd.to_datetime(frame["Date"].astype(str), format=date_format)
    return frame.drop(columns="Date").set_index(pd.DatetimeIndex(dates, name="date"))


def _prices(part: bytes) -> pd.DataFrame:
    """Read adjusted closes, one column an asset."""
    return _dated(part, date_format="%Y-%m-%d")


def _vix(part: bytes) -> pd.DataFrame:
    """Read the volatility index without the holidays, which the source lists as missing."""
    return _dated(part, date_format="%m/%d/%Y").dropna()


def _nasdaq(part: bytes) -> pd.DataFrame:
    """Read the daily bars of the index."""
    frame = _dated(part, date_format="%m/%d/%Y")
    return frame.rename(columns=lambda name: name.lower().replace("adj ", "adjusted_"))


def _us_monthly(factors: bytes, yields: bytes) -> pd.DataFrame:
    """Join factor returns and bond yields on the last day of their month, as decimals."""
    names = {"Mkt-RF": "market_excess", "SMB": "smb", "HML": "hml", "RF": "risk_free"}
    returns = _dated(factors, date_format="%Y%m").rename(columns=names)
    rates = _dated(yields, date_format="%m/%d/%Y")
    rates = rates.rename(columns={"AAA": "aaa_yield", "BAA": "baa_yield"})
    joined = returns.join(rates, how="outer") / 100
    return joined.set_index(pd.DatetimeIndex(joined.index).to_period("M").end_time.normalize())


MARKET_SAMPLES = (
    Sample(
        name="sp500",
        summary="daily prices of 20 large US shares, 1990-2022",
        description=(
            "Adjusted closing prices in US dollars, one column a share (ticker), indexed by "
            "trading day."
        ),
        package=SKFOLIO,
        tables=(
            Table(
                name="prices",
                members=(
                    Member(
                        "skfolio/datasets/data/sp500_dataset.csv.gz",
                        "ee21cac28befb1d0a739a9ceb22184f995394726aa0cfde9a21941d1ac04ac0d",
                    ),
                ),
                reader=_prices,
                rows=8_313,
                columns=20,
            ),
        ),
        data_licence="not stated (published for testing and examples)",
        citation="skfolio developers, skfolio.datasets.load_sp500_dataset, version 1.12.2.",
        period=("1990-01-02", "2022-12-28"),
        traps=(
            (
                "early prices are tiny and rounded (3 % of the returns are exactly zero): "
                "calibrate on 2000 onward"
            ),
            (
                "20 survivors: the shares are those that still existed at the end, so history "
                "looks better than it was"
            ),
            "no bonds and no cash",
        ),
    ),
    Sample(
        name="factors",
        summary="daily prices of 5 US factor funds, 2014-2022",
        description=(
            "Adjusted closing prices in US dollars of the ETFs MTUM (momentum), QUAL (quality), "
            "SIZE (size), USMV (low volatility) and VLUE (value), indexed by trading day."
        ),
        package=SKFOLIO,
        tables=(
            Table(
                name="prices",
                members=(
                    Member(
                        "skfolio/datasets/data/factors_dataset.csv.gz",
                        "6eb089953db90c9a38d3283582751701a90db6f59965847fd64b0578de497161",
                    ),
                ),
                reader=_prices,
                rows=2_264,
                columns=5,
            ),
        ),
        data_licence="not stated (published for testing and examples)",
        citation="skfolio developers, skfolio.datasets.load_factors_dataset, version 1.12.2.",
        period=("2014-01-02", "2022-12-28"),
        traps=("long-only funds, strongly correlated with the market and with one another",),
    ),
    Sample(
        name="us-monthly",
        summary="US market, size and value factors, cash and bond yields by month, 1919-2018",
        description=(
            "market_excess (market less cash), smb, hml and risk_free (cash) are simple returns "
            "per month; aaa_yield and baa_yield are yields per year of long corporate bonds "
            "(average of the month). All are decimals: 0.01 is one per cent. Indexed by the last "
            "day of the month."
        ),
        package=ARCH,
        tables=(
            Table(
                name="months",
                members=(
                    Member(
                        "arch/data/frenchdata/frenchdata.csv.gz",
                        "f23436727b01d879e1372e3ee277514b0962a23d2b158f1aee6a402a90994f52",
                    ),
                    Member(
                        "arch/data/default/default.csv.gz",
                        "cc5453068cedc7ef4836956358dce1d20eaf1e639b69c3107a7531a8e6bb982d",
                    ),
                ),
                reader=_us_monthly,
                rows=1_200,
                columns=6,
            ),
        ),
        data_licence="not stated (Kenneth R. French data library; Moody's seasoned yields)",
        citation=(
            "Fama and French (1993), Common risk factors in the returns on stocks and bonds, "
            "Journal of Financial Economics 33, 3-56; Moody's seasoned Aaa and Baa corporate "
            "bond yields."
        ),
        period=("1919-01-31", "2018-12-31"),
        traps=(
            "the source is in per cent: divided by 100 here",
            (
                "returns begin in 1926-07 and end in 2018-11 (1,109 months); the other months have "
                "yields only and are missing in the return columns"
            ),
            (
                "yields are not returns: a bond return made from them by duration is an "
                "approximation and must be called one"
            ),
        ),
    ),
    Sample(
        name="vix",
        summary="daily volatility index of the S&P 500 options, 2014-2019",
        description="vix: annualised implied volatility in per cent, indexed by trading day.",
        package=ARCH,
        tables=(
            Table(
                name="vix",
                members=(
                    Member(
                        "arch/data/vix/vix.csv.gz",
                        "410bd07360dc798f7206d681b8347c6150e7fbd8b05fb1ae29bbe2c9985d66ef",
                    ),
                ),
                reader=_vix,
                rows=1_259,
                columns=1,
            ),
        ),
        data_licence="not stated (Cboe)",
        citation="Cboe Volatility Index, as shipped with arch 8.0.0 (Sheppard et al.).",
        period=("2014-01-03", "2019-01-03"),
        traps=("46 exchange holidays stand in the source as '.': left out here",),
    ),
    Sample(
        name="nasdaq",
        summary="daily bars of the Nasdaq Composite index, 1999-2018",
        description=(
            "open, high, low, close and adjusted_close in index points, volume in shares, "
            "indexed by trading day."
        ),
        package=ARCH,
        tables=(
            Table(
                name="bars",
                members=(
                    Member(
                        "arch/data/nasdaq/nasdaq.csv.gz",
                        "b2009535343ebb14e0aa11ed086788d2997a416ffe4f9450eed9a561ae30ac59",
                    ),
                ),
                reader=_nasdaq,
                rows=5_031,
                columns=6,
            ),
        ),
        data_licence="not stated",
        citation="Nasdaq Composite index, as shipped with arch 8.0.0 (Sheppard et al.).",
        period=("1999-01-04", "2018-12-31"),
        traps=("an index without dividends: close and adjusted_close are the same",),
    ),
)
