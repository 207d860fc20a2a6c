"""The picture of a backtest: realised returns, each model's VaR below them, exceedances marked."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from scenara.shared.report import LegendItem
from scenara.shared.report.blocks import Svg
from scenara.shared.report.numbers import percent
from scenara.shared.report.svg import render_svg
from scenara.shared.report.theme import SERIES, axes_in_pixels, chart_colour
from scenara.shared.types import FloatArray

__all__ = ["exceedance_chart", "exceedance_legend"]


def exceedance_chart(
    returns: pd.Series,
    var: Mapping[str, FloatArray],
    *,
    title: str,
    width: int = 960,
    height: int = 360,
) -> Svg:
    """Draw daily returns over the loss that each model did not expect to be exceeded.

    Args:
        returns: Daily returns, indexed by date.
        var: Model -> VaR of each day as a positive loss; exceedances of the first are marked.
        title: What is drawn.
        width: Width in pixels.
        height: Height in pixels.

    Returns:
        The drawing.

    Example:
        >>> days = pd.bdate_range("2024-01-01", periods=3)
        >>> day = pd.Series([0.01, -0.03, 0.0], days)
        >>> exceedance_chart(day, {"flat": np.full(3, 0.02)}, title="Three days").width
        960
    """
    days, values = returns.index.to_numpy(), returns.to_numpy()
    first = next(iter(var))
    hits = values < -var[first]
    with axes_in_pixels(width, height, margins=(52, 16, 28, 12)) as axes:
        axes.grid(axis="y")
        axes.plot(days, values, ".", color=chart_colour("muted"), ms=2.4, alpha=0.6)
        for number, (style, losses) in reversed(
            list(enumerate(zip(SERIES, var.values(), strict=False)))
        ):
            line = {"color": chart_colour(style.colour), "ls": style.dashes}
            axes.plot(days, -losses, lw=1.0 if number else 1.6, zorder=3 - number, **line)
        axes.plot(days[hits], values[hits], "o", color=chart_colour("real"), ms=5, zorder=4)
        axes.margins(x=0)
        axes.yaxis.set_major_formatter(lambda value, _: percent(value))
        figure = axes.get_figure(root=True)
        assert figure is not None
        description = (
            f"{len(values):,} daily returns with the value at risk of {', '.join(var)}; "
            f"{int(np.sum(hits))} days lost more than that of {first}."
        )
        return render_svg(figure, title=title, description=description)


def exceedance_legend(models: Mapping[str, FloatArray]) -> tuple[LegendItem, ...]:
    """Explain the marks of `exceedance_chart`.

    Args:
        models: As there.

    Example:
        >>> [item.label for item in exceedance_legend({"flat": np.ones(1)})]
        ['VaR: flat', 'exceedance of flat', 'return of a day']
    """
    lines = [
        LegendItem(f"VaR: {name}", style.line, style.colour)
        for style, name in zip(SERIES, models, strict=False)
    ]
    first = next(iter(models))
    return (
        *lines,
        LegendItem(f"exceedance of {first}", "dot", "real"),
        LegendItem("return of a day", "dot", "muted", 0.6),
    )
