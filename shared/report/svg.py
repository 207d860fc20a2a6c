"""From a matplotlib figure to a small SVG that can stand inside a page beside others."""

import io
import re
import unicodedata
import warnings
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from scenara.shared.report.blocks import Svg
from scenara.shared.report.theme import replace_colours

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["chart_text", "render_svg", "with_id_prefix"]

_NO_METADATA = {"Creator": None, "Date": None, "Format": None, "Type": None}
_LONG_NUMBER = re.compile(r"-?\d+\.\d{2,}")
_REFERENCE = re.compile(r"(?:url\(#|^#)([\w-]+)\)?")
_FAMILY = re.compile(r"font-family: [^;]*(?:; )?")
_FONT = re.compile(r"font: (?:[a-z]+ )?(?:(\d+) )?([\d.]+px)[^;]*")
_DROPPED = {"metadata", "style"}


def chart_text(text: str, *, longest: int = 40) -> str:
    r"""Make any string fit to be drawn: one line, no control characters, not too long.

    Args:
        text: A name from data, a file or a user.
        longest: Characters kept; a longer text ends in an ellipsis.

    Returns:
        The text to draw.

    Example:
        >>> chart_text("a\x00b\nc")
        'a�b c'
    """
    line = " ".join(str(text).split())
    clean = "".join(
        "\N{REPLACEMENT CHARACTER}"
        if unicodedata.category(letter) in {"Cc", "Cs", "Cn"}
        else letter
        for letter in line
    )
    return clean if len(clean) <= longest else clean[: longest - 1] + "…"


def render_svg(figure: "Figure", *, title: str, description: str) -> Svg:
    """Render a figure as SVG: no metadata, no global style, colours by theme, readable aloud.

    Args:
        figure: The figure, drawn in the colours of `scenara.shared.report.theme.chart_colour`.
        title: Name of the drawing for those who can't see it.
        description: What the drawing shows, in a sentence or two.

    Returns:
        The drawing; the same figure gives the same characters.
    """
    buffer = io.StringIO()
    with warnings.catch_warnings():
        # Text stays text, so the reader's fonts, not the bundled one, must have the glyph.
        warnings.filterwarnings("ignore", message=r"Glyph \d+ .* missing from")
        figure.savefig(buffer, format="svg", metadata=_NO_METADATA, transparent=False)
    root = ElementTree.fromstring(buffer.getvalue())
    _strip(root)
    _shorten_ids(root)
    width, height = (
        float(root.attrib.pop(side).removesuffix("pt")) for side in ("width", "height")
    )
    root.attrib = {
        "viewBox": f"0 0 {width:g} {height:g}",
        "role": "img",
        "aria-labelledby": "title description",
    }
    for position, (tag, text) in enumerate((("title", title), ("desc", description))):
        element = ElementTree.Element(tag, {"id": "description" if position else "title"})
        element.text = chart_text(text, longest=1_000)
        root.insert(position, element)
    return Svg(ElementTree.tostring(root, encoding="unicode"), width=round(width))


def with_id_prefix(svg: Svg, prefix: str) -> str:
    """Give the ids of a drawing a prefix, so that several drawings can share one page.

    Args:
        svg: The drawing.
        prefix: Letters, digits and hyphens that no other drawing on the page has.

    Returns:
        The markup with every id and every reference to it renamed.

    Example:
        >>> with_id_prefix(Svg('<svg><g id="a" /><use href="#a" /></svg>', width=1), "c1-")
        '<svg><g id="c1-a" /><use href="#c1-a" /></svg>'
    """
    root = ElementTree.fromstring(svg.markup)
    for element in root.iter():
        for name, value in element.attrib.items():
            element.set(name, _prefixed(name, value, prefix))
    return ElementTree.tostring(root, encoding="unicode")


def _prefixed(name: str, value: str, prefix: str) -> str:
    if name == "id":
        return prefix + value
    if name == "aria-labelledby":
        return " ".join(prefix + word for word in value.split())
    if name in {"href", "clip-path"}:
        return value.replace("#", "#" + prefix)
    return value


def _strip(element: ElementTree.Element) -> None:
    element.tag = element.tag.rpartition("}")[2]
    element.attrib = {
        name.rpartition("}")[2]: _lean(name, value) for name, value in element.attrib.items()
    }
    for child in list(element):
        if child.tag.rpartition("}")[2] in _DROPPED:
            element.remove(child)
        else:
            _strip(child)
    if not element.text or element.tag != "text":
        element.text = None
    element.tail = None


def _lean(name: str, value: str) -> str:
    if name == "style":
        return replace_colours(_FONT.sub(_font_without_family, _FAMILY.sub("", value)))
    return _LONG_NUMBER.sub(lambda number: f"{float(number[0]):.1f}", " ".join(value.split()))


def _font_without_family(font: re.Match[str]) -> str:
    weight = f"; font-weight: {font[1]}" if font[1] else ""
    return f"font-size: {font[2]}{weight}"


def _shorten_ids(root: ElementTree.Element) -> None:
    used = [
        found
        for element in root.iter()
        for name in ("href", "clip-path")
        for found in _REFERENCE.findall(element.get(name, ""))
    ]
    short = {identifier: f"i{number}" for number, identifier in enumerate(dict.fromkeys(used))}
    for element in root.iter():
        identifier = element.attrib.pop("id", None)
        if identifier in short:
            element.set("id", short[identifier])
        for name in ("href", "clip-path"):
            if name in element.attrib:
                value = element.attrib[name]
                element.set(name, _REFERENCE.sub(lambda m: m[0].replace(m[1], short[m[1]]), value))
