"""The section of the scenario report on the assets: what each does, and its part of the whole."""

from typing import Final

import numpy as np
import pandas as pd

from scenara.finance.market.scenarios.job import ScenarioJob
from scenara.shared.report import Block, Column, Paragraph, Row, Section, Table
from scenara.shared.report.numbers import decimal, percent

__all__ = ["asset_section"]

_MOST_ASSETS: Final = 30


def asset_section(job: ScenarioJob) -> Section:
    """Show what each asset does in the scenario and in all worlds, largest part of the loss first.

    Args:
        job: The request and the worlds, which are there.
    """
    columns = (
        Column("Asset", numeric=False),
        Column("Share"),
        Column("Return", note="mean"),
        Column("All worlds"),
        Column("Shift", note="in deviations"),
        Column("Volatility", note="median"),
        Column("All worlds"),
        Column("Part of return"),
    )
    moved = job.moved
    rows = [_asset_row(str(name), row) for name, row in moved.head(_MOST_ASSETS).iterrows()]
    blocks: list[Block] = [
        Paragraph(
            "What each asset does over the horizon; the parts sum to the portfolio's mean return."
            + (
                f" The first {_MOST_ASSETS} of {len(moved)}; all are in assets.parquet."
                if len(moved) > _MOST_ASSETS
                else ""
            )
        ),
        Table("Assets in the scenario and in all worlds", columns, tuple(rows)),
    ]
    if job.panel is not None:
        blocks.append(_covariate_table(job))
    return Section("Asset by asset", tuple(blocks))


def _asset_row(name: str, row: "pd.Series[float]") -> Row:
    return Row(
        (
            name,
            percent(row["share"], digits=1),
            percent(row["return"], digits=1),
            percent(row["return before"], digits=1),
            decimal(row["shift"]),
            percent(row["volatility"]),
            percent(row["volatility before"]),
            percent(row["contribution"], digits=2),
        )
    )


def _covariate_table(job: ScenarioJob) -> Table:
    assert job.panel is not None
    assert job.found is not None
    columns = (
        Column("Covariate", numeric=False),
        Column("Last day"),
        *(Column("At the end", note=note) for note in ("median, scenario", "median, all worlds")),
    )
    rows = []
    for name, last in job.panel.last.items():
        ends = [
            float(np.median(job.panel.levels(paths, name)[:, -1]))
            for paths in (job.found.paths, job.free)
        ]
        rows.append(Row((name, decimal(last), *(decimal(end) for end in ends))))
    return Table("Covariates", columns, tuple(rows))
