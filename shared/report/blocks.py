"""What a report is made of: small frozen blocks of plain text, numbers and charts.

Text is text: every string a block holds is escaped when the report is rendered, so names of columns
and files can be passed as they are. Only an `Svg`, which the charts of this package make, is markup.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias
from urllib.parse import urlsplit

from scenara.shared.errors import ConfigError

__all__ = [
    "Block",
    "Bullets",
    "Cell",
    "Chart",
    "Charts",
    "Column",
    "Details",
    "Facts",
    "KeyFigure",
    "KeyFigures",
    "LegendItem",
    "Link",
    "Links",
    "Notice",
    "Paragraph",
    "Row",
    "Section",
    "Svg",
    "Table",
]

Tone: TypeAlias = Literal["", "good", "warning"]
Level: TypeAlias = Literal["", "level-1", "level-2", "level-3", "level-4"]
Mark: TypeAlias = Literal[
    "line",
    "dashed",
    "dotted",
    "thin",
    "band",
    "tick",
    "dot",
    "square",
    "triangle",
    "diamond",
    "hollow",
]


@dataclass(frozen=True)
class Svg:
    """Hold one drawing as SVG markup whose ids are local to it.

    Args:
        markup: An `<svg>` element, made by `scenara.shared.report.svg.render_svg`.
        width: Width in CSS pixels at which its text has the size of the page's.
    """

    markup: str
    width: int


@dataclass(frozen=True)
class Paragraph:
    """Say something in plain words.

    Args:
        text: The words.
        lead: Whether this is an opening sentence, set larger.
    """

    text: str
    lead: bool = False
    kind: ClassVar[str] = "paragraph"


@dataclass(frozen=True)
class Notice:
    """Show a verdict that must not be overlooked.

    Args:
        title: The verdict in a few words.
        text: What it means for the reader.
        tone: ``"warning"`` or ``"good"``; a word is shown with the colour.
    """

    title: str
    text: str
    tone: Tone = "warning"
    kind: ClassVar[str] = "notice"


@dataclass(frozen=True)
class KeyFigure:
    """Give one number with its name and its reference.

    Args:
        label: What is counted or measured.
        value: The number as text, with its unit.
        note: The reference that makes the number readable.
        tone: ``"warning"`` where the reader should be careful.
    """

    label: str
    value: str
    note: str = ""
    tone: Tone = ""


@dataclass(frozen=True)
class KeyFigures:
    """Show a handful of numbers side by side."""

    items: tuple[KeyFigure, ...]
    kind: ClassVar[str] = "key_figures"


@dataclass(frozen=True)
class Column:
    """Name one column of a table.

    Args:
        label: The heading.
        numeric: Whether its cells are numbers, aligned on the right.
        note: A second, smaller line of the heading, such as the unit.
    """

    label: str
    numeric: bool = True
    note: str = ""


@dataclass(frozen=True)
class Cell:
    """Fill one place of a table.

    Args:
        text: What stands there.
        note: A smaller second text, such as a ratio or an interval.
        level: A soft shade from ``"level-1"`` (as good as can be) to ``"level-4"`` (far off); the
            text must say the same without the colour.
    """

    text: str
    note: str = ""
    level: Level = ""


@dataclass(frozen=True)
class Row:
    """Hold the cells of one line of a table.

    Args:
        cells: One cell, or plain text, for each column.
        emphasis: ``"total"`` for a line that sums up, ``"group"`` for one that opens a group and
            holds a single text.
    """

    cells: tuple[Cell | str, ...]
    emphasis: Literal["", "total", "group"] = ""


@dataclass(frozen=True)
class Table:
    """Show rows and columns; the first column names the row.

    Args:
        caption: What the table says, read out before it.
        columns: The headings.
        rows: The lines.

    Raises:
        ConfigError: A row has another number of cells than there are columns.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    kind: ClassVar[str] = "table"

    def __post_init__(self) -> None:
        for number, row in enumerate(self.rows):
            expected = 1 if row.emphasis == "group" else len(self.columns)
            if len(row.cells) != expected:
                raise ConfigError(
                    f"table {self.caption!r}, row {number}: expected {expected} cells, "
                    f"found {len(row.cells)}"
                )


@dataclass(frozen=True)
class LegendItem:
    """Explain one mark of a chart.

    Args:
        label: What the mark stands for.
        mark: Its form.
        colour: A name of `scenara.shared.report.theme.PALETTE`.
        opacity: How strong the colour is, from 0 to 1.
    """

    label: str
    mark: Mark
    colour: str
    opacity: float = 1.0


@dataclass(frozen=True)
class Chart:
    """Show a drawing with its title and a sentence on how to read it.

    Args:
        title: What is drawn, in a few words.
        svg: The drawing.
        narrow: The same drawing laid out for a telephone; without it ``svg`` is scaled down.
        caption: How to read it.
        legend: The marks explained.
    """

    title: str
    svg: Svg
    narrow: Svg | None = None
    caption: str = ""
    legend: tuple[LegendItem, ...] = ()
    kind: ClassVar[str] = "chart"


@dataclass(frozen=True)
class Charts:
    """Set small charts side by side where there is room, below each other where not.

    Args:
        items: The charts; the legend of the first stands for all.
    """

    items: tuple[Chart, ...]
    kind: ClassVar[str] = "charts"


@dataclass(frozen=True)
class Facts:
    """List names and their values, such as where data came from.

    Args:
        items: Name and value of each fact.
    """

    items: tuple[tuple[str, str], ...]
    kind: ClassVar[str] = "facts"


@dataclass(frozen=True)
class Bullets:
    """List short statements."""

    items: tuple[str, ...]
    kind: ClassVar[str] = "bullets"


@dataclass(frozen=True)
class Link:
    """Lead to another document.

    Args:
        label: The words to click.
        href: A relative path, or an address that starts with http:// or https://.
        note: What is found there.

    Raises:
        ConfigError: ``href`` has another scheme, such as javascript:.
    """

    label: str
    href: str
    note: str = ""

    def __post_init__(self) -> None:
        address = urlsplit(self.href.strip())
        is_web = address.scheme in {"http", "https"}
        is_relative = not address.scheme and not address.netloc and "\\" not in self.href
        if not (is_web or is_relative) or any(ord(letter) < 32 for letter in self.href):
            raise ConfigError(
                f"link {self.label!r}: expected a relative path or an http(s) address, "
                f"found {self.href!r}"
            )


@dataclass(frozen=True)
class Links:
    """List links."""

    items: tuple[Link, ...]
    kind: ClassVar[str] = "links"


@dataclass(frozen=True)
class Details:
    """Keep blocks folded away until the reader opens them; paper shows them open.

    Args:
        summary: The words to click.
        blocks: What is inside.
    """

    summary: str
    blocks: tuple["Block", ...]
    kind: ClassVar[str] = "details"


Block: TypeAlias = (
    Paragraph | Notice | KeyFigures | Table | Chart | Charts | Facts | Bullets | Links | Details
)


@dataclass(frozen=True)
class Section:
    """Answer one question of the reader.

    Args:
        title: The question or its answer.
        blocks: What is shown, in order.
    """

    title: str
    blocks: tuple[Block, ...]
