"""Charts of a report: pure functions from numbers to SVG, nothing of any business in them."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from scenara.shared.errors import DataError
from scenara.shared.report.blocks import Svg
from scenara.shared.report.numbers import decimal, multiple
from scenara.shared.report.svg import chart_text, render_svg
from scenara.shared.report.theme import SERIES, SeriesStyle, axes_in_pixels, chart_colour
from scenara.shared.types import Array, FloatArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["fan_chart", "histograms", "line_chart", "ratio_plot"]

QUANTILES: Final = (0.05, 0.25, 0.50, 0.75, 0.95)
RATIO_LIMITS: Final = (0.2, 20.0)
_RATIO_TICKS: Final = (0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0)
_BINS: Final = 36

WriteNumber = Callable[[float], str]


def fan_chart(
    paths: FloatArray,
    *,
    observed: Mapping[str, FloatArray],
    title: str,
    bold: str | None = None,
    n_examples: int = 5,
    ticks: Sequence[float] | None = None,
    x_label: str = "",
    write: WriteNumber = decimal,
    width: int = 960,
    height: int = 380,
) -> Svg:
    """Draw simulated paths as quantile bands, with observed paths over them.

    The bands hold the middle 90 % and 50 % of the paths at each step on its own; a single path
    wanders through them.

    Args:
        paths: Simulated paths, shape (n_paths, steps).
        observed: Name -> observed path, shape (steps,) or shorter.
        title: What is drawn.
        bold: Name of the observed path that is drawn strongly.
        n_examples: How many single simulated paths are drawn, the first ones.
        ticks: Steps to mark on the horizontal axis.
        x_label: Unit of the steps.
        write: Writes a value of the vertical axis.
        width: Width in pixels.
        height: Height in pixels.

    Returns:
        The drawing.

    Raises:
        DataError: ``paths`` is not a finite matrix.

    Example:
        >>> walks = np.cumsum(np.random.default_rng(0).normal(size=(50, 20)), axis=1)
        >>> fan_chart(walks, observed={"real": walks[0]}, title="Fifty walks").width
        960
    """
    values = _matrix(paths, "paths")
    bands = np.quantile(values, QUANTILES, axis=0)
    steps = np.arange(values.shape[1])
    with axes_in_pixels(width, height, margins=(48, 48, 44, 12)) as axes:
        axes.grid(axis="y")
        axes.fill_between(steps, bands[0], bands[4], color=chart_colour("worlds"), alpha=0.16, lw=0)
        axes.fill_between(steps, bands[1], bands[3], color=chart_colour("worlds"), alpha=0.26, lw=0)
        axes.plot(values[:n_examples].T, color=chart_colour("worlds"), lw=0.8, alpha=0.5)
        axes.plot(steps, bands[2], color=chart_colour("worlds"), lw=2)
        for name, path in observed.items():
            is_bold = name == bold
            axes.plot(path, color=chart_colour("real"), lw=2.4 if is_bold else 1.1, zorder=3)
        axes.set_xlim(0, values.shape[1] - 1)
        _label_axes(axes, x_label=x_label, write_y=write)
        if ticks is not None:
            axes.set_xticks(list(ticks))
        _label_quantiles(axes, bands[:, -1], width=width, height=height)
        ends = ", ".join(write(float(value)) for value in bands[:, -1])
        description = (
            f"{len(values):,} simulated paths over {len(steps) - 1:,} steps; the 5, 25, 50, 75 and "
            f"95 % quantiles end at {ends}; {len(observed)} observed paths are drawn over them."
        )
        return _finish(axes, title=title, description=description)


def histograms(
    samples: Mapping[str, FloatArray],
    *,
    observed: Mapping[str, FloatArray],
    title: str,
    reference: float | None = None,
    write: WriteNumber = decimal,
    write_tick: WriteNumber | None = None,
    width: int = 300,
    row_height: int = 100,
) -> Svg:
    """Draw one distribution a row on a shared axis, observed values ticked below each.

    Under each histogram a line spans the 5 to 95 % quantiles, a thicker one the 25 to 75 %, a dot
    is the median; below it stand the observed values and, as a diamond, their mean. The axis shows
    the middle 99 % of the samples and all observed values.

    Args:
        samples: Name -> simulated values, one array a row of the chart.
        observed: Name -> observed values of the same row; a name may be absent.
        title: What is drawn.
        reference: Value at which a line is drawn, such as zero.
        write: Writes a value of the samples.
        write_tick: Writes a tick of the axis, by default as `write`.
        width: Width in pixels.
        row_height: Height of one row in pixels.

    Returns:
        The drawing.

    Raises:
        DataError: There is no row, or a row has no finite value.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> rows = {"calm": rng.normal(size=500), "wild": 2 * rng.normal(size=500)}
        >>> histograms(rows, observed={"calm": np.array([0.1, 0.4])}, title="Two laws").width
        300
    """
    kept = {name: _vector(values, name) for name, values in samples.items()}
    if not kept:
        raise DataError("histograms: expected at least one row of samples, found none")
    seen = {name: _vector(observed[name], name) for name in kept if name in observed}
    edges = _edges(kept, seen)
    tallest = max(np.histogram(values, edges)[0].max() / len(values) for values in kept.values())
    height = row_height * len(kept) + 36
    with axes_in_pixels(width, height, margins=(10, 14, 34, 2)) as axes:
        axes.grid(axis="x")
        if reference is not None and edges[0] < reference < edges[-1]:
            axes.axvline(reference, color=chart_colour("muted"), lw=1, zorder=0.5)
        for row, (name, values) in enumerate(reversed(kept.items())):
            _draw_row(axes, row, values, seen.get(name), edges=edges, tallest=float(tallest))
            _label_row(axes, row, name)
        axes.set_xlim(edges[0], edges[-1])
        axes.set_ylim(0, len(kept))
        axes.set_yticks([])
        axes.locator_params(axis="x", nbins=max(4, width // 56))
        axes.xaxis.set_major_formatter(lambda value, _: (write_tick or write)(value))
        description = "; ".join(
            f"{chart_text(name)}: median {write(float(np.median(values)))}, 5 to 95 % from "
            f"{write(float(np.quantile(values, 0.05)))} to {write(float(np.quantile(values, 0.95)))}"
            for name, values in kept.items()
        )
        return _finish(axes, title=title, description=description)


def ratio_plot(
    ratios: Mapping[str, Sequence[float]],
    *,
    labels: Sequence[str],
    title: str,
    baseline: str | None = None,
    x_label: str = "",
    width: int = 960,
    row_height: int = 34,
) -> Svg:
    """Draw ratios as dots on a log axis with a line at one, a row for each label.

    Args:
        ratios: Series -> one ratio for each label; NaN draws nothing, ratios outside 0.2 to 20
            are drawn at that edge.
        labels: The rows, from top to bottom.
        title: What is drawn.
        baseline: The series drawn as a hollow diamond; the others follow `theme.SERIES`.
        x_label: What the axis measures.
        width: Width in pixels.
        row_height: Height of a row in pixels.

    Returns:
        The drawing.

    Raises:
        DataError: A series has another length than ``labels``.

    Example:
        >>> ratio_plot({"A": [1.0, 2.1], "B": [0.8, 1.2]}, labels=["tails", "memory"],
        ...            title="Two models").width
        960
    """
    for name, values in ratios.items():
        if len(values) != len(labels):
            raise DataError(
                f"ratio_plot: series {name!r} has {len(values)} values for {len(labels)} labels"
            )
    height = row_height * len(labels) + 48
    left = min(190, round(width * 0.42))
    with axes_in_pixels(width, height, margins=(left, 16, 44, 4)) as axes:
        rows = np.arange(len(labels))[::-1]
        axes.set_xscale("log")
        axes.grid(axis="both")
        axes.axvline(1.0, color=chart_colour("muted"), lw=1.4, zorder=1)
        places = _side_by_side(len(ratios))
        styles = iter(SERIES * len(ratios))
        for (name, values), place in zip(ratios.items(), places, strict=True):
            shown = np.clip(np.asarray(values, float), *RATIO_LIMITS)
            marker = _baseline_marker() if name == baseline else _series_marker(next(styles))
            axes.plot(shown, rows + place, ls="none", zorder=3, **marker)
        _limit_ratios(axes, ratios)
        axes.set_yticks(rows, [chart_text(label, longest=28) for label in labels])
        axes.tick_params(axis="y", labelcolor=chart_colour("ink"))
        axes.set_ylim(-0.6, len(labels) - 0.4)
        axes.set_xlabel(x_label)
        description = "; ".join(
            f"{chart_text(name)}: "
            + ", ".join(
                f"{chart_text(label)} {multiple(float(value))}"
                for label, value in zip(labels, values, strict=True)
            )
            for name, values in ratios.items()
        )
        return _finish(axes, title=title, description=description)


def line_chart(
    lines: Mapping[str, FloatArray],
    *,
    x: Array,
    title: str,
    log: bool = False,
    write: WriteNumber = decimal,
    width: int = 960,
    height: int = 320,
) -> Svg:
    """Draw series over time or another ordered axis.

    Args:
        lines: Name -> values, each as long as ``x``; drawn in the order of `theme.SERIES`.
        x: Dates (datetime64) or numbers in rising order.
        title: What is drawn.
        log: Whether equal ratios are equally high.
        write: Writes a value of the vertical axis.
        width: Width in pixels.
        height: Height in pixels.

    Returns:
        The drawing.

    Raises:
        DataError: A line has another length than ``x``.

    Example:
        >>> days = np.arange("2020-01", "2021-01", dtype="datetime64[D]")
        >>> line_chart({"level": np.linspace(1, 2, len(days))}, x=days, title="Level").width
        960
    """
    for name, values in lines.items():
        if len(values) != len(x):
            raise DataError(f"line_chart: {name!r} has {len(values)} values for {len(x)} places")
    with axes_in_pixels(width, height, margins=(48, 16, 28, 12)) as axes:
        axes.grid(axis="y")
        for style, values in zip(SERIES * len(lines), lines.values(), strict=False):
            axes.plot(x, values, color=chart_colour(style.colour), ls=style.dashes, lw=1.8)
        axes.margins(x=0)
        if log:
            _log_y(axes)
        _label_axes(axes, x_label="", write_y=write)
        if np.issubdtype(x.dtype, np.datetime64):
            _date_ticks(axes, n_ticks=max(5, width // 90))
        description = "; ".join(
            f"{chart_text(name)}: from {write(float(values[0]))} to {write(float(values[-1]))}"
            for name, values in lines.items()
        )
        return _finish(axes, title=title, description=description)


def _finish(axes: "Axes", *, title: str, description: str) -> Svg:
    figure = axes.get_figure(root=True)
    assert figure is not None
    return render_svg(figure, title=title, description=description)


def _matrix(values: FloatArray, name: str) -> FloatArray:
    matrix = np.asarray(values, float)
    if matrix.ndim != 2 or not matrix.size or not np.isfinite(matrix).all():
        raise DataError(f"{name}: expected a finite matrix, found shape {matrix.shape}")
    return matrix


def _vector(values: FloatArray, name: str) -> FloatArray:
    vector = np.asarray(values, float).ravel()
    finite: FloatArray = vector[np.isfinite(vector)]
    if not finite.size:
        raise DataError(f"{name!r}: expected at least one finite value, found none")
    return finite


def _edges(samples: Mapping[str, FloatArray], seen: Mapping[str, FloatArray]) -> FloatArray:
    low = min(float(np.quantile(values, 0.005)) for values in samples.values())
    high = max(float(np.quantile(values, 0.995)) for values in samples.values())
    low = min([low, *(float(values.min()) for values in seen.values())])
    high = max([high, *(float(values.max()) for values in seen.values())])
    margin = 0.03 * (high - low) or 0.5
    return np.linspace(low - margin, high + margin, _BINS + 1)


def _draw_row(
    axes: "Axes",
    row: int,
    values: FloatArray,
    seen: FloatArray | None,
    *,
    edges: FloatArray,
    tallest: float,
) -> None:
    worlds, real = chart_colour("worlds"), chart_colour("real")
    heights = np.histogram(values, edges)[0] / len(values) / tallest * 0.46
    floor = row + 0.34
    axes.stairs(floor + heights, edges, baseline=floor, fill=True, color=worlds, alpha=0.42, lw=0)
    low, quarter, median, three_quarters, high = np.quantile(values, QUANTILES)
    axes.plot([low, high], [row + 0.26] * 2, color=worlds, lw=1.4, solid_capstyle="butt")
    axes.plot([quarter, three_quarters], [row + 0.26] * 2, color=worlds, lw=4)
    axes.plot(median, row + 0.26, "o", color=worlds, ms=7, mec=chart_colour("paper"), mew=1.4)
    if seen is not None:
        axes.vlines(seen, row + 0.09, row + 0.18, color=real, lw=1.4)
        axes.plot(seen.mean(), row + 0.135, "D", color=real, ms=7, mec=chart_colour("paper"))


def _label_row(axes: "Axes", row: int, name: str) -> None:
    backdrop = {"facecolor": chart_colour("paper"), "edgecolor": "none", "pad": 1}
    place = axes.get_yaxis_transform()
    axes.text(0, row + 0.97, chart_text(name), va="top", transform=place, bbox=backdrop)


def _label_axes(axes: "Axes", *, x_label: str, write_y: WriteNumber) -> None:
    axes.yaxis.set_major_formatter(lambda value, _: write_y(value))
    axes.set_xlabel(x_label)


def _label_quantiles(axes: "Axes", ends: FloatArray, *, width: int, height: int) -> None:
    low, high = axes.get_ylim()
    gap = 14 * (high - low) / (height - 56)
    places = _spread(ends, gap)
    for quantile, place in zip(QUANTILES, places, strict=True):
        axes.annotate(
            f"{100 * quantile:.0f} %",
            (1, place),
            xycoords=axes.get_yaxis_transform(),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            color=chart_colour("muted"),
            annotation_clip=False,
        )


def _spread(places: FloatArray, gap: float) -> FloatArray:
    """Push rising places apart until each is ``gap`` above the one before, the middle one kept."""
    spread = np.array(places, float)
    middle = len(spread) // 2
    for index in range(middle + 1, len(spread)):
        spread[index] = max(spread[index], spread[index - 1] + gap)
    for index in range(middle - 1, -1, -1):
        spread[index] = min(spread[index], spread[index + 1] - gap)
    return spread


def _side_by_side(n_series: int) -> FloatArray:
    return np.linspace(0.22, -0.22, n_series) if n_series > 1 else np.zeros(n_series)


def _series_marker(style: SeriesStyle) -> dict[str, Any]:
    paper = chart_colour("paper")
    return {"marker": style.marker, "color": chart_colour(style.colour), "ms": 9, "mec": paper}


def _baseline_marker() -> dict[str, Any]:
    return {
        "marker": "D",
        "mfc": chart_colour("paper"),
        "mec": chart_colour("muted"),
        "mew": 1.6,
        "ms": 7,
    }


def _limit_ratios(axes: "Axes", ratios: Mapping[str, Sequence[float]]) -> None:
    pooled = np.concatenate([np.asarray(values, float) for values in ratios.values()])
    finite = np.clip(pooled[np.isfinite(pooled)], *RATIO_LIMITS)
    low = min(0.7, float(finite.min(initial=1.0))) / 1.12
    high = max(2.0, float(finite.max(initial=1.0))) * 1.12
    axes.set_xlim(low, high)
    pixels = axes.get_window_extent().width / np.log(high / low)
    shown = _apart([tick for tick in _RATIO_TICKS if low <= tick <= high], gap=36 / pixels)
    axes.set_xticks(shown, [f"{tick:g}×" for tick in shown])
    axes.set_xticks([], minor=True)


def _apart(ticks: list[float], *, gap: float) -> list[float]:
    """Keep one, and of the others those whose logarithms are ``gap`` from all kept before."""
    kept: list[float] = []
    for tick in sorted(ticks, key=lambda tick: (tick != 1, tick)):
        if all(abs(np.log(tick / other)) >= gap for other in kept):
            kept.append(tick)
    return sorted(kept)


def _log_y(axes: "Axes") -> None:
    from matplotlib.ticker import LogLocator, NullFormatter

    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(base=10, subs=(1, 1.5, 2, 3, 5, 7)))
    axes.yaxis.set_minor_formatter(NullFormatter())


def _date_ticks(axes: "Axes", *, n_ticks: int) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator(minticks=2, maxticks=n_ticks)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    formatter = ConciseDateFormatter(locator, show_offset=False)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_formatter(formatter)
