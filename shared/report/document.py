"""The report itself: a title, sections of blocks, and the numbers in a form machines read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scenara.shared.errors import ConfigError
from scenara.shared.report.blocks import Block, Section
from scenara.shared.report.html import render_html

__all__ = ["Report"]


@dataclass(frozen=True)
class Report:
    """Tell a reader what was done and what came out.

    Args:
        title: Name of the report.
        sections: The questions it answers, in the reader's order.
        subtitle: One line on what it is about.
        opening: What is shown above the first section.
        metrics: The figures of the report, ready for JSON: dicts, lists, texts, finite numbers
            and None.

    Raises:
        ConfigError: ``metrics`` can't be written as JSON.

    Example:
        >>> from scenara.shared.report import Paragraph
        >>> report = Report("Trial", (Section("Result", (Paragraph("It works."),)),),
        ...                 metrics={"n": 3})
        >>> "It works." in report.html(), report.metrics["n"]
        (True, 3)
    """

    title: str
    sections: tuple[Section, ...]
    subtitle: str = ""
    opening: tuple[Block, ...] = ()
    metrics: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        try:
            json.dumps(self.metrics, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise ConfigError(
                f"report {self.title!r}: metrics must be ready for JSON ({error}); "
                "convert arrays to lists and NaN to None"
            ) from error

    def html(self) -> str:
        """Render the report as one HTML page.

        Returns:
            The page as text, the same for the same report.
        """
        return render_html(self)

    def save(self, path: str | Path) -> Path:
        """Write the page to a file, as UTF-8.

        Args:
            path: The file; its folder must exist.

        Returns:
            The path written.
        """
        target = Path(path)
        target.write_text(self.html(), encoding="utf-8", newline="\n")
        return target
