"""What cleaning found and what it did about it, down to the cell."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

__all__ = ["KEPT", "CleaningReport", "Finding"]

KEPT = "kept"
SHOWN_ROWS = 5
SHOWN_COLUMNS = 3


@dataclass(frozen=True)
class Finding:
    """One thing that one rule found in one column.

    Args:
        rule: Name of the rule.
        column: Name of the column, "" where whole rows are meant.
        rows: Positions in the table that was given, from 0; all of them.
        n_cells: Number of cells concerned.
        action: What was done: "kept", "mended", "set missing", "imputed", "winsorised",
            "rows dropped", "column added" or "column dropped".
        detail: What was found, in words.
    """

    rule: str
    column: str
    rows: tuple[int, ...]
    n_cells: int
    action: str
    detail: str

    @property
    def changes(self) -> bool:
        """Say whether the table is another one after it."""
        return self.action != KEPT


@dataclass(frozen=True)
class CleaningReport:
    """List all that cleaning found; what is not listed was not touched.

    Args:
        n_rows: Rows of the table that was given.
        n_rows_left: Rows of the table that came out.
        findings: What was found, in the order in which it was treated.

    Example:
        >>> finding = Finding("missing", "age", (3, 8), 2, "kept", "2 of 10 values are missing")
        >>> CleaningReport(10, 10, (finding,)).summary()
        '10 rows came in and 10 went out. Kept: 2 cells by missing (age).'
    """

    n_rows: int
    n_rows_left: int
    findings: tuple[Finding, ...]

    @property
    def changes(self) -> tuple[Finding, ...]:
        """Give the findings after which the table is another one."""
        return tuple(finding for finding in self.findings if finding.changes)

    def to_frame(self) -> pd.DataFrame:
        """Give one row a finding: rule, column, action, cells, first rows, detail; for people."""
        return pd.DataFrame(
            {
                "rule": [finding.rule for finding in self.findings],
                "column": [finding.column for finding in self.findings],
                "action": [finding.action for finding in self.findings],
                "cells": pd.Series([finding.n_cells for finding in self.findings], dtype="int64"),
                "rows": [_first(finding.rows) for finding in self.findings],
                "detail": [finding.detail for finding in self.findings],
            }
        )

    def to_dict(self) -> dict[str, Any]:
        """Give the report as plain values for JSON, with the rows of every finding."""
        return {
            "n_rows": self.n_rows,
            "n_rows_left": self.n_rows_left,
            "findings": [{**vars(found), "rows": list(found.rows)} for found in self.findings],
        }

    def summary(self) -> str:
        """Say in one paragraph what was found and done."""
        opening = f"{self.n_rows:,} rows came in and {self.n_rows_left:,} went out."
        actions = dict.fromkeys(finding.action for finding in self.findings)
        found = [self._of_action(action) for action in actions] or ["Nothing was found."]
        return " ".join([opening, *found])

    def _of_action(self, action: str) -> str:
        rules: dict[str, list[Finding]] = {}
        for finding in self.findings:
            if finding.action == action:
                rules.setdefault(finding.rule, []).append(finding)
        return f"{action.capitalize()}: {'; '.join(map(_of_rule, rules.values()))}."


def _of_rule(findings: list[Finding]) -> str:
    columns = list(dict.fromkeys(finding.column for finding in findings if finding.column))
    more = f" and {len(columns) - SHOWN_COLUMNS} more" if len(columns) > SHOWN_COLUMNS else ""
    where = f" ({', '.join(columns[:SHOWN_COLUMNS])}{more})" if columns else ""
    of_rows = findings[0].action == "rows dropped" or not columns
    unit = "row" if of_rows else "cell"
    n = sum(len(found.rows) if of_rows else found.n_cells for found in findings)
    return f"{n:,} {unit}{'' if n == 1 else 's'} by {findings[0].rule}{where}"


def _first(rows: tuple[int, ...]) -> str:
    more = len(rows) - SHOWN_ROWS
    shown = ", ".join(map(str, rows[:SHOWN_ROWS]))
    return f"{shown} and {more:,} more" if more > 0 else shown
