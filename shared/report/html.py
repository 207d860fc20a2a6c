"""From blocks to one HTML file that needs nothing else: no network, no script, escaped text."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import count
from typing import TYPE_CHECKING

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template
from markupsafe import Markup

from scenara.shared.report.blocks import Svg
from scenara.shared.report.svg import with_id_prefix
from scenara.shared.report.theme import css_variables

if TYPE_CHECKING:
    from scenara.shared.report.document import Report

__all__ = ["render_html"]


def render_html(report: "Report") -> str:
    """Render a report as one self-contained HTML page.

    The page forbids scripts and every request by its content security policy, and escapes every
    text it was given.

    Args:
        report: The report.

    Returns:
        The page; the same report gives the same characters.

    Example:
        >>> from scenara.shared.report import Paragraph, Report, Section
        >>> page = render_html(Report("A < B", (Section("One", (Paragraph("Text"),)),)))
        >>> page.splitlines()[0], "<h1>A &lt; B</h1>" in page
        ('<!doctype html>', True)
    """
    numbers = count(1)
    page = _template().render(
        report=report,
        styles=Markup(css_variables() + "\n" + _read("style.css")),
        draw=lambda svg: _draw(svg, numbers),
    )
    return page.encode("utf-8", "replace").decode("utf-8")


def _draw(svg: Svg, numbers: Iterator[int]) -> Markup:
    return Markup(with_id_prefix(svg, f"c{next(numbers)}-"))


def _read(name: str) -> str:
    return (files("scenara.shared.report") / name).read_text(encoding="utf-8")


@cache
def _template() -> Template:
    environment = Environment(
        loader=FunctionLoader(_read),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("template.html.jinja")
