"""The section of the forecast report on calibration: whether intervals hold what they promise."""

from collections.abc import Iterable
from typing import Final

from scenara.finance.market.forecasts.pictures import rank_chart
from scenara.finance.market.forecasts.quantities import PORTFOLIO
from scenara.finance.market.forecasts.results import ForecastJob
from scenara.finance.market.forecasts.tables import ASSETS
from scenara.shared.report import (
    Chart,
    Charts,
    Column,
    LegendItem,
    Notice,
    Paragraph,
    Row,
    Section,
    Table,
)
from scenara.shared.report.numbers import percent

__all__ = ["TOLERANCE", "calibration_notice", "calibration_section", "covered"]

TOLERANCE: Final = 0.07
"""How far the share within an interval may be from its level."""

_LEVELS: Final = (0.5, 0.8, 0.95)
_PLURALS: Final = {"return": "Returns", "volatility": "Volatilities"}
_RANK_LEGEND: Final = (
    LegendItem("what happened, by rank", "band", "worlds", 0.45),
    LegendItem("calibrated, 95\N{NO-BREAK SPACE}%", "band", "muted", 0.2),
)


def covered(job: ForecastJob, model: str, group: str, quantity: str = "") -> dict[float, float]:
    """Give the share of what happened that lay within intervals.

    Args:
        job: The forecast and its trial.
        model: Name of the model.
        group: The portfolio, or the assets.
        quantity: ``return`` or ``volatility``; both if empty.

    Returns:
        Level of the interval -> share.
    """
    table = job.covered
    chosen = table[(table["model"] == model) & (table["group"] == group)]
    if quantity:
        chosen = chosen[chosen["quantity"] == quantity]
    return {level: float(chosen[level].mean()) for level in _LEVELS}


def calibration_notice(job: ForecastJob) -> Notice:
    """Say whether intervals hold what they promise.

    Args:
        job: The forecast and its trial.
    """
    held = {name: covered(job, job.ours, PORTFOLIO, name)[0.8] for name in _quantities(job)}
    listed = " and ".join(
        f"{percent(share)} of {_PLURALS[name].lower()}" for name, share in held.items()
    )
    text = f"In the trial, 80\N{NO-BREAK SPACE}% intervals of the portfolio held {listed}."
    if all(abs(share - 0.8) < TOLERANCE for share in held.values()):
        return Notice("Intervals hold.", text, tone="good")
    off = min(held.values())
    way = "narrow" if off < 0.8 - TOLERANCE else "wide"
    return Notice(f"Warning: intervals are too {way}.", text)


def calibration_section(job: ForecastJob) -> Section:
    """Show where what happened ranked in the forecasts, and how often intervals held it.

    Args:
        job: The forecast and its trial.
    """
    cells = job.quantities.cells
    shown = [cells[0], *cells[1:-1][-2:-1], cells[-1]] if len(cells) > 2 else list(cells)
    charts = tuple(
        Chart(
            f"Portfolio, {cell}",
            rank_chart(
                job.scores[job.ours].pit[:, cells.index(cell), 0],
                title=f"Rank of what happened in forecasts of {cell}",
            ),
            legend=_RANK_LEGEND,
        )
        for cell in dict.fromkeys(shown)
    )
    text = (
        "Where what happened ranks in the forecast should be anywhere alike. A heap in the middle "
        "means forecasts too wide, heaps at both ends too narrow, a slope too low or too high."
    )
    return Section("Calibration", (Paragraph(text), Charts(charts), _coverage_table(job)))


def _coverage_table(job: ForecastJob) -> Table:
    columns = [Column("Model", numeric=False)]
    columns += [
        Column(_PLURALS[quantity], note=f"{percent(level)} interval")
        for quantity in _quantities(job)
        for level in _LEVELS
    ]
    rows: list[Row] = []
    for group, title in ((PORTFOLIO, "Portfolio"), (ASSETS, "Assets")):
        rows.append(Row((title,), "group"))
        for model in job.scores:
            shares = (covered(job, model, group, quantity) for quantity in _quantities(job))
            texts = [percent(found[level]) for found in shares for level in _LEVELS]
            rows.append(Row((model, *texts)))
    return Table("Share of what happened within the interval", tuple(columns), tuple(rows))


def _quantities(job: ForecastJob) -> Iterable[str]:
    return dict.fromkeys(cell.quantity for cell in job.quantities.cells)
