"""The pictures of a plan: the fan of wealth, the glide paths, and chances by share of equity."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from scenara.finance.advisor.goals import DatedGoal
from scenara.shared.report import LegendItem
from scenara.shared.report.blocks import Svg
from scenara.shared.report.numbers import count, percent
from scenara.shared.report.svg import chart_text, render_svg
from scenara.shared.report.theme import SERIES, axes_in_pixels, chart_colour
from scenara.shared.types import FloatArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["FAN_LEGEND", "chance_lines", "fan_picture", "glide_picture", "line_legend"]

FAN_LEGEND = (
    LegendItem("10th to 90th percentile", "band", "worlds", 0.25),
    LegendItem("median", "line", "worlds"),
    LegendItem("a goal begins", "dashed", "real"),
)


def _thousands(value: float) -> str:
    if abs(value) >= 1e6:
        return f"{value / 1e6:.3g} m"
    return f"{count(value / 1e3)} k" if abs(value) >= 1e3 else count(value)


def fan_picture(
    fan: pd.DataFrame,
    goals: Sequence[DatedGoal],
    *,
    age: float,
    column: str,
    title: str,
    width: int = 960,
    height: int = 360,
) -> Svg:
    """Draw the 10th, 50th and 90th percentile of wealth by age, with the beginnings of goals.

    Args:
        fan: Columns year, quantile and the one that is drawn.
        goals: Their first payments are marked.
        age: Of the client today.
        column: ``"real"`` or ``"nominal"``.
        title: What is drawn.
        width: Width in pixels.
        height: Height in pixels.

    Returns:
        The drawing.
    """
    table = fan.pivot(index="year", columns="quantile", values=column)
    ages = age + table.index.to_numpy(float)
    low, middle, high = (table[q].to_numpy(float) for q in sorted(table.columns))
    with axes_in_pixels(width, height, margins=(56, 16, 44, 12)) as axes:
        axes.grid(axis="y")
        axes.fill_between(ages, low, high, color=chart_colour("worlds"), alpha=0.22, lw=0)
        axes.plot(ages, middle, color=chart_colour("worlds"), lw=2.2)
        axes.margins(x=0)
        axes.set_ylim(0, float(high.max()) * 1.12)
        _mark_goals(axes, goals, age=age)
        axes.yaxis.set_major_formatter(lambda value, _: _thousands(value))
        axes.set_xlabel("age")
        figure = axes.get_figure(root=True)
        assert figure is not None
        best = int(np.argmax(middle))
        description = (
            f"Median wealth is largest at age {ages[best]:.0f} with {count(middle[best])}; the "
            f"10th percentile is {count(low[best])} then, the 90th {count(high[best])}."
        )
        return render_svg(figure, title=title, description=description)


def _mark_goals(axes: "Axes", goals: Sequence[DatedGoal], *, age: float) -> None:
    _, last = axes.get_xlim()
    for number, goal in enumerate(sorted(goals, key=lambda goal: goal.first_month)):
        place = age + goal.first_month / 12
        axes.axvline(place, color=chart_colour("real"), lw=1.4, ls=(0, (4, 3)))
        is_late = place > age + 0.75 * (last - age)
        axes.annotate(
            chart_text(goal.name, longest=18),
            (place, 1 - 0.06 * (number % 3)),
            xycoords=axes.get_xaxis_transform(),
            xytext=(-5 if is_late else 5, -2),
            textcoords="offset points",
            ha="right" if is_late else "left",
            va="top",
            color=chart_colour("real"),
        )


def glide_picture(glide: pd.DataFrame, *, title: str, width: int = 960, height: int = 260) -> Svg:
    """Draw the share of equity of each goal's account by age.

    Args:
        glide: Columns goal, age, equity.
        title: What is drawn.
        width: Width in pixels.
        height: Height in pixels.

    Returns:
        The drawing.
    """
    parts = {str(name): part for name, part in glide.groupby("goal", sort=False)}
    with axes_in_pixels(width, height, margins=(48, 16, 44, 12)) as axes:
        axes.grid(axis="y")
        for style, part in zip(SERIES * len(parts), parts.values(), strict=False):
            line = {"color": chart_colour(style.colour), "ls": style.dashes}
            axes.plot(part["age"], part["equity"], lw=2, **line)
        axes.margins(x=0)
        axes.set_ylim(0, 1)
        axes.yaxis.set_major_formatter(lambda value, _: percent(value))
        axes.set_xlabel("age")
        figure = axes.get_figure(root=True)
        assert figure is not None
        description = "; ".join(
            f"{chart_text(name)}: from {percent(part['equity'].iloc[0])} to "
            f"{percent(part['equity'].iloc[-1])} at the last payment"
            for name, part in parts.items()
        )
        return render_svg(figure, title=title, description=description)


def chance_lines(
    equity: FloatArray,
    chances: Mapping[str, FloatArray],
    *,
    chosen: float,
    largest: float,
    title: str,
    width: int = 960,
    height: int = 280,
) -> Svg:
    """Draw the chance of each goal over the share of equity, with the choice and the limit.

    Args:
        equity: Shares of equity, rising.
        chances: Goal -> chance at each share.
        chosen: The share that was chosen.
        largest: The largest share within the limits of risk.
        title: What is drawn.
        width: Width in pixels.
        height: Height in pixels.

    Returns:
        The drawing.
    """
    with axes_in_pixels(width, height, margins=(48, 16, 44, 12)) as axes:
        axes.grid(axis="y")
        if largest < equity[-1]:
            axes.axvspan(largest, float(equity[-1]), color=chart_colour("muted"), alpha=0.12, lw=0)
        axes.axvline(chosen, color=chart_colour("real"), lw=1.6)
        for style, values in zip(SERIES * len(chances), chances.values(), strict=False):
            line = {"color": chart_colour(style.colour), "ls": style.dashes}
            axes.plot(equity, values, lw=2, **line)
        axes.set_xlim(float(equity[0]), float(equity[-1]))
        axes.set_ylim(0, 1)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(lambda value, _: percent(value))
        axes.set_xlabel("share of equity of accounts far from their payments")
        figure = axes.get_figure(root=True)
        assert figure is not None
        description = "; ".join(
            f"{chart_text(name)}: {percent(float(values[0]))} without equity, "
            f"{percent(float(values[-1]))} at {percent(float(equity[-1]))}"
            for name, values in chances.items()
        )
        return render_svg(figure, title=title, description=description)


def line_legend(names: Sequence[str]) -> tuple[LegendItem, ...]:
    """Explain lines that are drawn in the order of the styles.

    Args:
        names: What the lines stand for.

    Returns:
        One item for each name.
    """
    return tuple(
        LegendItem(name, style.line, style.colour)
        for style, name in zip(SERIES * len(names), names, strict=False)
    )
