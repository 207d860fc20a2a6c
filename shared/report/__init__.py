"""One self-contained HTML report out of blocks, tables and charts."""

from scenara.shared.report.blocks import (
    Block,
    Bullets,
    Cell,
    Chart,
    Charts,
    Column,
    Details,
    Facts,
    KeyFigure,
    KeyFigures,
    LegendItem,
    Link,
    Links,
    Notice,
    Paragraph,
    Row,
    Section,
    Svg,
    Table,
)
from scenara.shared.report.charts import fan_chart, histograms, line_chart, ratio_plot
from scenara.shared.report.document import Report
from scenara.shared.report.html import render_html

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
    "Report",
    "Row",
    "Section",
    "Svg",
    "Table",
    "fan_chart",
    "histograms",
    "line_chart",
    "ratio_plot",
    "render_html",
]
