"""Charts that set two sources side by side: distributions, shares, cells, and a front of choices."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from scenara.shared.errors import DataError
from scenara.shared.report.blocks import Svg
from scenara.shared.report.numbers import decimal, percent
from scenara.shared.report.svg import chart_text, render_svg
from scenara.shared.report.theme import SERIES, axes_in_pixels, chart_colour
from scenara.shared.types import FloatArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["cell_map", "paired_bars", "paired_histogram", "scatter", "shown_share"]

COLOURS: Final = ("real", "worlds")
_BINS: Final = 30
_MOST_SHOWN, _LEAST_SHOWN = 0.99, 0.90
_LONG_TAIL = 3.0

WriteNumber = Callable[[float], str]


def paired_histogram(
    real: FloatArray,
    generated: FloatArray,
    *,
    title: str,
    share: float = _MOST_SHOWN,
    write: WriteNumber = decimal,
    width: int = 420,
    height: int = 190,
) -> Svg:
    """Draw two distributions over each other: generated as an area, real as a line.

    What lies beyond the axis is left out, and so are missing values; the shares are those of all
    known values.

    Args:
        real: Real values, shape (n,).
        generated: Generated values, shape (m,).
        title: What is drawn.
        share: Middle share of the real values that the axis holds.
        write: Writes a value of the horizontal axis.
        width: Width in pixels.
        height: Height in pixels.

    Returns:
        The drawing.

    Raises:
        DataError: One of them has no finite value.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> paired_histogram(rng.normal(size=99), rng.normal(size=99), title="Two laws").width
        420
    """
    sides = {"real": _finite(real, "real"), "generated": _finite(generated, "generated")}
    low, high = np.quantile(sides["real"], [(1 - share) / 2, (1 + share) / 2])
    edges = np.linspace(low, high if high > low else low + 1, _BINS + 1)
    shares = {name: np.histogram(values, edges)[0] / len(values) for name, values in sides.items()}
    with axes_in_pixels(width, height, margins=(48, 12, 30, 8)) as axes:
        axes.grid(axis="y")
        drawn = chart_colour("worlds")
        axes.stairs(shares["generated"], edges, fill=True, color=drawn, alpha=0.4, lw=0)
        axes.stairs(shares["real"], edges, color=chart_colour("real"), lw=1.8)
        axes.set_xlim(edges[0], edges[-1])
        axes.set_ylim(0, None)
        axes.locator_params(axis="x", nbins=max(3, width // 90))
        axes.locator_params(axis="y", nbins=4)
        axes.xaxis.set_major_formatter(lambda value, _: write(value))
        axes.yaxis.set_major_formatter(lambda value, _: percent(value))
        medians = ", ".join(f"{k} median {write(float(np.median(v)))}" for k, v in sides.items())
        return _finish(axes, title, f"Two distributions: {medians}.")


def shown_share(values: FloatArray) -> float:
    """Choose how much of a distribution a chart shows, so that a long tail does not flatten it.

    Args:
        values: The values, shape (n,).

    Returns:
        .99, or .90 if the tail from the 95 to the 99.5 % quantile is over three times as long as
        the way there from the median, at either end.

    Example:
        >>> shown_share(np.arange(1000.0)), shown_share(np.exp(np.linspace(0, 60, 1000)))
        (0.99, 0.9)
    """
    low, near_low, middle, near_high, high = np.quantile(
        _finite(values, "values"), [0.005, 0.05, 0.5, 0.95, 0.995]
    )
    is_long = (
        high - middle > _LONG_TAIL * (near_high - middle) > 0
        or middle - low > _LONG_TAIL * (middle - near_low) > 0
    )
    return _LEAST_SHOWN if is_long else _MOST_SHOWN


def paired_bars(
    series: Mapping[str, Sequence[float]],
    *,
    labels: Sequence[str],
    title: str,
    write: WriteNumber = percent,
    colours: Sequence[str] = COLOURS,
    width: int = 420,
    row_height: int = 30,
) -> Svg:
    """Draw bars for each label, one a series, below each other.

    Args:
        series: Name -> one value of at least 0 for each label.
        labels: The rows, from top to bottom.
        title: What is drawn.
        write: Writes a value.
        colours: Colour of each series, names of `theme.PALETTE`.
        width: Width in pixels.
        row_height: Height of a row in pixels.

    Returns:
        The drawing.

    Raises:
        DataError: There is no label, or a series has another number of values.

    Example:
        >>> paired_bars({"real": [0.7, 0.3], "generated": [0.6, 0.4]}, labels=["a", "b"],
        ...             title="Levels").width
        420
    """
    for name, values in series.items():
        if len(values) != len(labels) or not labels:
            raise DataError(f"paired_bars: {name!r} has {len(values)} values, {len(labels)} labels")
    rows = np.arange(len(labels))[::-1]
    thickness = 0.76 / len(series)
    longest = max(len(chart_text(label)) for label in labels)
    left = min(150, round(width * 0.36), 16 + round(7.5 * longest))
    with axes_in_pixels(width, row_height * len(labels) + 40, margins=(left, 24, 30, 4)) as axes:
        axes.grid(axis="x")
        for place, (values, colour) in enumerate(zip(series.values(), colours, strict=False)):
            offset = ((len(series) - 1) / 2 - place) * thickness
            axes.barh(rows + offset, values, thickness, color=chart_colour(colour), lw=0)
        axes.set_yticks(rows, [chart_text(label, longest=round(left / 7.5)) for label in labels])
        axes.tick_params(axis="y", labelcolor=chart_colour("ink"))
        axes.set_ylim(-0.6, len(labels) - 0.4)
        axes.set_xlim(0, None)
        axes.locator_params(axis="x", nbins=max(3, width // 90))
        axes.xaxis.set_major_formatter(lambda value, _: write(value))
        description = "; ".join(
            f"{chart_text(label)}: "
            + ", ".join(f"{name} {write(values[i])}" for name, values in series.items())
            for i, label in enumerate(labels)
        )
        return _finish(axes, title, description)


def cell_map(
    gaps: FloatArray,
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    title: str,
    x_label: str = "",
    y_label: str = "",
    width: int = 420,
    row_height: int = 30,
) -> Svg:
    """Draw a table of gaps as shaded cells, with the number in each.

    Cells of too many generated rows have the colour of generated rows, cells of too few that of
    real rows; the largest gap is drawn strongest.

    Args:
        gaps: Generated minus real share, shape (rows, columns).
        rows: Names of the rows, from top to bottom.
        columns: Names of the columns.
        title: What is drawn.
        x_label: What the columns are.
        y_label: What the rows are; drawn above them.
        width: Width in pixels.
        row_height: Height of a row in pixels.

    Returns:
        The drawing.

    Raises:
        DataError: The names don't fit the shape.

    Example:
        >>> cell_map(np.array([[0.1, -0.1]]), rows=["a"], columns=["x", "y"], title="Gap").width
        420
    """
    if gaps.shape != (len(rows), len(columns)) or not gaps.size:
        raise DataError(
            f"cell_map: found gaps of shape {gaps.shape}, {len(rows)} rows, {len(columns)} columns"
        )
    from matplotlib.patches import Rectangle
    from matplotlib.transforms import blended_transform_factory

    largest = float(np.abs(gaps).max()) or 1.0
    left = min(118, round(width * 0.23))
    with axes_in_pixels(width, row_height * len(rows) + 78, margins=(left, 8, 54, 24)) as axes:
        for (i, j), gap in np.ndenumerate(gaps):
            colour = chart_colour("worlds" if gap > 0 else "real")
            place = (j, len(rows) - 1 - i)
            strength = 0.75 * abs(float(gap)) / largest
            axes.add_patch(Rectangle(place, 1, 1, facecolor=colour, alpha=strength, lw=0))
            text = decimal(100 * float(gap), digits=1)
            axes.text(place[0] + 0.5, place[1] + 0.5, text, ha="center", va="center", fontsize=11)
        axes.set_xlim(0, len(columns))
        axes.set_ylim(0, len(rows))
        longest = max(4, int((width - left) / len(columns) / 7.5))
        axes.set_xticks(
            np.arange(len(columns)) + 0.5, [chart_text(c, longest=longest) for c in columns]
        )
        axes.set_yticks(
            np.arange(len(rows))[::-1] + 0.5,
            [chart_text(r, longest=round(left / 7.5)) for r in rows],
        )
        axes.tick_params(labelcolor=chart_colour("ink"), length=0)
        axes.set_xlabel(chart_text(x_label))
        axes.text(
            0, 1, chart_text(y_label, longest=round(width / 8)), va="bottom", ha="left",
            transform=blended_transform_factory(axes.figure.transFigure, axes.transAxes),
            color=chart_colour("muted"),
        )  # fmt: skip
        axes.spines["bottom"].set_visible(False)
        worst = divmod(int(np.abs(gaps).argmax()), len(columns))
        where = f"{chart_text(rows[worst[0]])} and {chart_text(columns[worst[1]])}"
        description = (
            f"Largest gap {decimal(100 * float(gaps[worst]), digits=1)} points at {where}."
        )
        return _finish(axes, title, description)


def scatter(
    points: Mapping[str, tuple[float, float]],
    *,
    title: str,
    x_label: str,
    y_label: str,
    x_limit: float | None = None,
    y_limit: float | None = None,
    y_range: tuple[float, float] | None = None,
    bold: str | None = None,
    log: bool = False,
    write_x: WriteNumber = decimal,
    write_y: WriteNumber = decimal,
    width: int = 480,
    height: int = 340,
) -> Svg:
    """Draw named points, with lines at limits.

    Args:
        points: Name -> horizontal and vertical value; a point that is not finite is left out.
        title: What is drawn.
        x_label: What the horizontal axis measures.
        y_label: What the vertical axis measures; drawn above it.
        x_limit: Where a vertical line is drawn.
        y_limit: Where a horizontal line is drawn.
        y_range: What the vertical axis shows at least; by default what the points need.
        bold: Name of the point that is drawn strongly.
        log: Whether the horizontal axis is logarithmic.
        write_x: Writes a horizontal value.
        write_y: Writes a vertical value.
        width: Width in pixels.
        height: Height in pixels.

    Returns:
        The drawing.

    Raises:
        DataError: There is no point to draw.

    Example:
        >>> scatter({"a": (1.0, 0.5), "b": (2.0, 0.7)}, title="Front", x_label="cost",
        ...         y_label="quality").width
        480
    """
    shown = {name: place for name, place in points.items() if np.isfinite(place).all()}
    if log:
        shown = {name: place for name, place in shown.items() if place[0] > 0}
    if not shown:
        raise DataError("scatter: found no finite point, expected at least one")
    with axes_in_pixels(width, height, margins=(56, 20, 48, 28)) as axes:
        axes.grid(axis="both")
        if log:
            axes.set_xscale("log")
        for line, limit in ((axes.axvline, x_limit), (axes.axhline, y_limit)):
            if limit is not None:
                line(limit, color=chart_colour("warning"), lw=1.4, ls=(0, (5, 3)), zorder=1)
        _place_points(axes, shown, bold)
        axes.margins(x=0.18, y=0.12)
        if y_range is not None:
            low, high = axes.get_ylim()
            axes.set_ylim(min(low, y_range[0]), max(high, y_range[1]))
        axes.xaxis.set_major_formatter(lambda value, _: write_x(value))
        axes.yaxis.set_major_formatter(lambda value, _: write_y(value))
        if log:
            axes.xaxis.set_minor_formatter(lambda *_: "")
        else:
            axes.locator_params(axis="x", nbins=6)
        axes.set_xlabel(x_label)
        axes.text(
            0, 1.02, y_label, transform=axes.transAxes, va="bottom", color=chart_colour("muted")
        )
        description = "; ".join(
            f"{chart_text(name)}: {write_x(x)}, {write_y(y)}" for name, (x, y) in shown.items()
        )
        return _finish(axes, title, description)


def _place_points(
    axes: "Axes", points: Mapping[str, tuple[float, float]], bold: str | None
) -> None:
    middle = float(np.median([x for x, _ in points.values()]))
    for name, (x, y) in points.items():
        is_bold = name == bold
        style = SERIES[0] if is_bold else SERIES[2]
        colour = chart_colour(style.colour if is_bold else "muted")
        axes.plot(
            x, y, ls="none", marker="D" if is_bold else "o", color=colour, ms=10 if is_bold else 8
        )
        is_right = x > middle
        axes.annotate(
            chart_text(name, longest=24),
            (x, y),
            xytext=(-9 if is_right else 9, 5),
            textcoords="offset points",
            ha="right" if is_right else "left",
            va="bottom",
            fontweight="bold" if is_bold else "normal",
        )


def _finite(values: FloatArray, name: str) -> FloatArray:
    vector = np.asarray(values, float).ravel()
    finite: FloatArray = vector[np.isfinite(vector)]
    if not finite.size:
        raise DataError(f"{name!r}: expected at least one finite value, found none")
    return finite


def _finish(axes: "Axes", title: str, description: str) -> Svg:
    figure = axes.get_figure(root=True)
    assert figure is not None
    return render_svg(figure, title=title, description=description)
