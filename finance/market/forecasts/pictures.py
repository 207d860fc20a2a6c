"""Pictures of forecasts: the coming days as fans, and whether past fans had the right width."""

import numpy as np

from scenara.shared.report.blocks import Svg
from scenara.shared.report.numbers import percent
from scenara.shared.report.svg import render_svg
from scenara.shared.report.theme import axes_in_pixels, chart_colour
from scenara.shared.types import FloatArray

__all__ = ["N_BINS", "rank_chart"]

N_BINS = 10


def rank_chart(pit: FloatArray, *, title: str, width: int = 300, height: int = 190) -> Svg:
    """Draw where in the forecast what happened lay, as shares of ten equal parts.

    The line is the share that a calibrated forecast has in each, the band its 95 % interval if
    forecasts did not overlap.

    Args:
        pit: Probability below what happened, shape (n,).
        title: What is drawn.
        width: Width in pixels.
        height: Height in pixels.

    Returns:
        The drawing.

    Example:
        >>> rank_chart(np.linspace(0.01, 0.99, 99), title="A uniform law").width
        300
    """
    shares = np.histogram(pit, np.linspace(0, 1, N_BINS + 1))[0] / len(pit)
    expected = 1 / N_BINS
    margin = 1.96 * np.sqrt(expected * (1 - expected) / len(pit))
    with axes_in_pixels(width, height, margins=(46, 24, 44, 8)) as axes:
        axes.grid(axis="y")
        places = (np.arange(N_BINS) + 0.5) / N_BINS
        axes.bar(places, shares, 0.085, color=chart_colour("worlds"), alpha=0.45, lw=0)
        muted = chart_colour("muted")
        axes.axhspan(expected - margin, expected + margin, color=muted, alpha=0.2, lw=0)
        axes.axhline(expected, color=muted, lw=1.2)
        axes.set_xlim(0, 1)
        axes.set_ylim(0, max(2.2 * expected, 1.1 * float(shares.max())))
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1])
        axes.xaxis.set_major_formatter(lambda value, _: percent(value))
        axes.yaxis.set_major_formatter(lambda value, _: percent(value))
        axes.locator_params(axis="y", nbins=4)
        axes.set_xlabel("rank in the forecast")
        figure = axes.get_figure(root=True)
        assert figure is not None
        listed = ", ".join(percent(float(share)) for share in shares)
        return render_svg(figure, title=title, description=f"Shares of ten parts: {listed}.")
