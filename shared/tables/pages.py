"""Blocks that the reports of several table jobs share."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from scenara.shared.report import Cell, Column, Details, Facts, Row, Section, Table
from scenara.shared.report.blocks import Block
from scenara.shared.report.numbers import seconds
from scenara.shared.run import Run
from scenara.shared.tables.source import LoadedTable

__all__ = ["column_blocks", "frame_table", "made_section", "plain_records", "selection_block"]

_HEADINGS = {
    "family": Column("Family", numeric=False),
    "fit_cpu_s": Column("Fit", note="CPU s"),
    "detection_score": Column("Detection", note="1 = undetectable"),
    "closest": Column("Closest-record share", note="0.5 = blind"),
    "membership": Column("Membership AUC", note="0.5 = blind"),
    "why": Column("Why", numeric=False),
}


def frame_table(frame: pd.DataFrame, *, caption: str, digits: int = 4) -> Table:
    """Show a frame as it is, one column after the other.

    Args:
        frame: The rows.
        caption: What they say.
        digits: Digits of numbers that count.
    """
    numeric = [pd.api.types.is_numeric_dtype(dtype) for dtype in frame.dtypes]
    columns = tuple(
        Column(str(name).replace("_", " "), numeric=is_number)
        for name, is_number in zip(frame.columns, numeric, strict=True)
    )
    rows = tuple(
        Row(tuple(_shown(value, digits) for value in values))
        for values in frame.itertuples(index=False)
    )
    return Table(caption, columns, rows)


def column_blocks(columns: pd.DataFrame) -> tuple[Block, ...]:
    """Show what columns are, and folded away why they were taken for that.

    Args:
        columns: One row a column, with ``name``, ``kind`` and ``reason`` among its facts.
    """
    why = frame_table(columns[["name", "kind", "reason"]], caption="Reasons")
    what = frame_table(columns.drop(columns="reason"), caption="Columns", digits=3)
    return what, Details("Why each column was taken for what it is", (why,))


def selection_block(selection: pd.DataFrame) -> Table:
    """Show which family ``table/auto`` chose and why.

    Args:
        selection: ``AutoTable.selection_``.
    """
    rows = tuple(
        Row(
            (
                line["family"],
                _shown(line["fit_cpu_s"], 3),
                _shown(line["detection_score"], 3),
                _with_interval(line, "closest_share", "closest"),
                _with_interval(line, "membership_auc", "membership"),
                line["why"],
            ),
            "total" if line["chosen"] else "",
        )
        for line in selection.to_dict("records")
    )
    return Table("Families and why one was chosen", tuple(_HEADINGS.values()), rows)


def _with_interval(line: Mapping[Any, Any], value: str, name: str) -> Cell:
    if not np.isfinite(line[value]):
        return Cell("")
    return Cell(
        f"{line[value]:.3f}", note=f"{line[f'{name}_low']:.3f} to {line[f'{name}_high']:.3f}"
    )


def made_section(
    run: Run, table: LoadedTable | None, facts: Mapping[str, object] | None = None
) -> Section:
    """Say how a report was made, so that someone else can make it again.

    Args:
        run: The run that is being written.
        table: The table that was read, if there is one.
        facts: Further facts, by name; empty ones are left out.
    """
    shown: dict[str, object] = {}
    if table is not None:
        shown = {
            "Data": f"{table.name}, {len(table.frame):,} rows, {len(table.schema)} columns",
            "Files": ", ".join(f"{name} {digest[:12]}" for name, digest in table.files.items()),
            "Cleaning": table.cleaning,
        }
    shown |= facts or {}
    shown |= {
        "Seed": run.record["seed"],
        "Command": run.record["command"],
        "Versions": ", ".join(f"{name} {text}" for name, text in run.record["versions"].items()),
        "Wall clock": ", ".join(f"{name} {seconds(time)}" for name, time in run.durations.items()),
    }
    items = tuple((name, str(value)) for name, value in shown.items() if value not in (None, ""))
    return Section("How this was made", (Facts(items),))


def plain_records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Give the rows of a frame as plain dictionaries, ready for JSON; no number is ``None``.

    Args:
        frame: The rows.

    Example:
        >>> plain_records(pd.DataFrame({"x": [1.5, np.nan]}))
        [{'x': 1.5}, {'x': None}]
    """
    return [
        {str(name): _plain(value) for name, value in row.items()}
        for row in frame.to_dict("records")
    ]


def _plain(value: Any) -> Any:  # noqa: ANN401  (any cell)
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, float) and not np.isfinite(plain):
        return None
    return plain if isinstance(plain, (str, bool, int, float, type(None))) else str(plain)


def _shown(value: object, digits: int) -> str:
    if isinstance(value, (float, np.floating)):
        return f"{value:,.{digits}g}" if np.isfinite(value) else ""
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, (int, np.integer)) else str(value)
