"""The look of a report: one palette for light, dark and paper, shared by the page and its charts."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from scenara.shared.report.blocks import Mark

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "PALETTE",
    "SERIES",
    "axes_in_pixels",
    "chart_colour",
    "css_variables",
    "replace_colours",
]

# Name -> colour on a light page, colour on a dark page.
PALETTE: Final[dict[str, tuple[str, str]]] = {
    "paper": ("#ffffff", "#14171a"),
    "surface": ("#f5f6f8", "#1d2125"),
    "ink": ("#1b1f24", "#e6e8ea"),
    "muted": ("#57606a", "#9ca6b0"),
    "rule": ("#d5dbe1", "#3a4148"),
    "grid": ("#e7ebef", "#272d33"),
    "link": ("#1f5fa8", "#7db4f0"),
    "worlds": ("#2a66a9", "#6ca8ea"),
    "real": ("#b9480f", "#f2915a"),
    "series-1": ("#2a66a9", "#6ca8ea"),
    "series-2": ("#0d7a6f", "#4fbdac"),
    "series-3": ("#8549a8", "#c79fe3"),
    "series-4": ("#8a6100", "#dcae45"),
    "good": ("#1a7438", "#5fc979"),
    "warning": ("#8a5a00", "#e6b44c"),
    "warning-surface": ("#fff6dd", "#2d2612"),
    "good-surface": ("#e9f5ec", "#16291c"),
    "level-1": ("#dff0e5", "#18352a"),
    "level-2": ("#f4f2dc", "#35331b"),
    "level-3": ("#fce6cc", "#4a331b"),
    "level-4": ("#f8d1c5", "#562920"),
}


class SeriesStyle(NamedTuple):
    """How one of several series is told from the others, with colour and without."""

    colour: str
    marker: str
    mark: Mark
    dashes: Any
    line: Mark


SERIES: Final[tuple[SeriesStyle, ...]] = (
    SeriesStyle("series-1", "o", "dot", "solid", "line"),
    SeriesStyle("series-2", "s", "square", (0, (5, 2)), "dashed"),
    SeriesStyle("series-3", "^", "triangle", (0, (1.5, 1.5)), "dotted"),
    SeriesStyle("series-4", "D", "diamond", (0, (7, 2, 1.5, 2)), "dashed"),
)

# Charts are drawn in placeholder colours, so that the page can give each its colour by theme.
_PLACEHOLDERS: Final = {name: f"#0a{number:02x}0b" for number, name in enumerate(PALETTE)}
_VARIABLES: Final = {code: f"var(--{name})" for name, code in _PLACEHOLDERS.items()}


def chart_colour(name: str) -> str:
    """Give the placeholder in which a chart draws a colour of the palette.

    Args:
        name: A key of `PALETTE`.

    Returns:
        A hexadecimal colour that `replace_colours` turns into a CSS variable.

    Example:
        >>> replace_colours("stroke: " + chart_colour("real"))
        'stroke: var(--real)'
    """
    return _PLACEHOLDERS[name]


def replace_colours(style: str) -> str:
    """Turn the placeholders in the style of an SVG element into CSS variables.

    Args:
        style: The value of a `style` attribute.

    Returns:
        The same with `var(--name)` for each placeholder.
    """
    for code, variable in _VARIABLES.items():
        style = style.replace(code, variable)
    return style


def css_variables() -> str:
    """Write the palette as CSS: light by default and on paper, dark where the reader prefers it.

    Returns:
        A style sheet that defines `--name` for every colour.

    Example:
        >>> css_variables().splitlines()[0][:29]
        ':root { --paper: #ffffff; --s'
    """
    light = " ".join(f"--{name}: {pair[0]};" for name, pair in PALETTE.items())
    dark = " ".join(f"--{name}: {pair[1]};" for name, pair in PALETTE.items())
    return (
        f":root {{ {light} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}"
    )


def _settings() -> dict[str, Any]:
    """Matplotlib's own defaults with ours on top, so that a user's matplotlibrc changes nothing."""
    import matplotlib

    kept = {
        name: value
        for name, value in matplotlib.rcParamsDefault.items()
        if not name.startswith(("backend", "interactive", "toolbar", "webagg", "date.epoch"))
    }
    ours = {
        "svg.fonttype": "none",
        "svg.hashsalt": "scenara",
        "text.parse_math": False,
        "font.family": ["DejaVu Sans"],
        "font.size": 12,
        "axes.labelsize": 12,
        "xtick.labelsize": 12,
        "ytick.labelsize": 12,
        "text.color": chart_colour("ink"),
        "axes.edgecolor": chart_colour("rule"),
        "axes.labelcolor": chart_colour("muted"),
        "xtick.color": chart_colour("rule"),
        "ytick.color": chart_colour("rule"),
        "xtick.labelcolor": chart_colour("muted"),
        "ytick.labelcolor": chart_colour("muted"),
        "grid.color": chart_colour("grid"),
        "grid.linewidth": 1.0,
        "axes.axisbelow": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.spines.left": False,
        "ytick.major.size": 0,
        "ytick.minor.size": 0,
        "xtick.minor.size": 0,
    }
    return kept | ours


@contextmanager
def axes_in_pixels(
    width: int, height: int, *, margins: tuple[int, int, int, int]
) -> Iterator["Axes"]:
    """Open axes in the report's style on a figure of its own, outside pyplot.

    Args:
        width: Width of the figure in CSS pixels.
        height: Height in CSS pixels.
        margins: Space left of, right of, below and above the axes, in pixels.

    Yields:
        The axes; draw and render them inside the block, where the style holds.
    """
    import matplotlib
    from matplotlib.figure import Figure

    left, right, below, above = margins
    settings: Any = _settings()
    with matplotlib.rc_context(settings):
        figure = Figure(figsize=(width / 72, height / 72), dpi=72)
        figure.patch.set_visible(False)
        inside = (width - left - right) / width, (height - below - above) / height
        axes = figure.add_axes((left / width, below / height, *inside))
        axes.patch.set_visible(False)
        yield axes
