"""Clean a table and say, cell by cell, what was found and what was done about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from scenara.shared.data import cleaning_cells as cells
from scenara.shared.data import cleaning_rows as rows
from scenara.shared.data.cleaning_report import CleaningReport, Finding
from scenara.shared.data.cleaning_table import Table
from scenara.shared.data.column import nearest
from scenara.shared.data.plain import check_names
from scenara.shared.data.schema import Schema
from scenara.shared.errors import ConfigError, SchemaError

__all__ = ["RULES", "Cleaned", "CleaningReport", "Finding", "Rule", "clean"]

MOST_PASSES = 20
SKIP = "skip"


@dataclass(frozen=True)
class Rule:
    """A named rule of cleaning.

    Args:
        apply: Takes the table and the action, gives the table after it; changes neither.
        actions: What can be done about what is found; the first is done unless told otherwise.
    """

    apply: Callable[[Table, str], Table]
    actions: tuple[str, ...]

    @property
    def purpose(self) -> str:
        """Say what the rule looks for."""
        return (self.apply.__doc__ or "").splitlines()[0]


RULES: dict[str, Rule] = {
    "blanks": Rule(cells.mend_blanks, ("mend", "report")),
    "numerals": Rule(cells.mend_numerals, ("mend", "report")),
    "spelling": Rule(cells.mend_spelling, ("mend", "report")),
    "impossible": Rule(cells.mend_impossible, ("mend", "drop", "report")),
    "duplicates": Rule(rows.find_duplicates, ("auto", "drop", "report")),
    "keys": Rule(rows.find_duplicate_keys, ("report", "drop")),
    "missing": Rule(rows.treat_missing, ("report", "drop", "impute")),
    "outliers": Rule(rows.treat_outliers, ("report", "winsorise")),
    "constants": Rule(rows.find_constants, ("report", "drop")),
}


@dataclass(frozen=True)
class Cleaned:
    """A clean table, how it came to be, and what its columns are now.

    Args:
        frame: The table; its index has the labels of the rows that are left.
        report: What was found and done.
        schema: What the columns of ``frame`` are: as declared, or else inferred anew.
    """

    frame: pd.DataFrame
    report: CleaningReport
    schema: Schema


def clean(
    frame: pd.DataFrame,
    *,
    schema: Schema | None = None,
    rules: Mapping[str, str] | None = None,
) -> Cleaned:
    """Clean a table by named rules, and list every change.

    The rules of ``RULES`` run in order, again and again until a pass changes nothing, so that
    cleaning a clean table changes nothing. Without being told, cells are mended where they can
    mean one thing only (blanks, spelling, numbers stored as text), impossible values are set
    missing, and repeated rows are dropped where a key proves them the same; missing values,
    outliers, repeated keys and constant columns are listed and left alone.

    Args:
        frame: The table, (rows, columns); not changed.
        schema: What columns are and may be; those not in it are inferred.
        rules: For each rule to be treated another way its action, or "skip"; see ``RULES``.

    Returns:
        The clean table, the report and the schema of the clean table.

    Raises:
        SchemaError: If the schema has a column that the table has not, or the table can't be
            described.
        ConfigError: If a rule or an action is not known.
        DataError: If a flag column can't be added because its name is taken.

    Example:
        >>> frame = pd.DataFrame({"city": ["Rome", "rome ", "Rome"], "fee": ["$1,000", "5", "n/a"]})
        >>> cleaned = clean(frame, rules={"constants": "skip"})
        >>> cleaned.frame["fee"].tolist()
        [1000.0, 5.0, nan]
        >>> [finding.rule for finding in cleaned.report.changes]
        ['blanks', 'numerals', 'spelling']
    """
    actions = _actions(rules or {})
    check_names(frame)
    declared = {column.name: column for column in schema or ()}
    for name in declared:
        if name not in frame:
            raise SchemaError(
                f"column {name!r} of the schema is not in the table"
                f"{nearest(name, list(frame.columns))}"
            )
    table = Table(frame.reset_index(drop=True), declared=declared)
    changes: tuple[Finding, ...] = ()
    for _ in range(MOST_PASSES):
        table = _one_pass(table.described(), actions)
        changed = tuple(finding for finding in table.findings if finding.changes)
        changes += changed
        if not changed:
            break
    report = CleaningReport(len(frame), len(table.frame), (*changes, *table.findings))
    known = table.schema
    rules_kept = () if schema is None else schema.constraints
    kept = tuple(rule for rule in rules_kept if set(rule.columns) <= set(known.names))
    known = replace(known, constraints=kept)
    return Cleaned(table.frame.set_axis(frame.index[table.frame.index]), report, known)


def _actions(rules: Mapping[str, str]) -> dict[str, str]:
    for name, action in rules.items():
        if name not in RULES:
            raise ConfigError(f"rule {name!r} of cleaning is not known{nearest(name, list(RULES))}")
        if action not in (known := (*RULES[name].actions, SKIP)):
            raise ConfigError(
                f"rule {name!r} of cleaning: expected one of {', '.join(known)}, found {action!r}"
            )
    return {name: rules.get(name, rule.actions[0]) for name, rule in RULES.items()}


def _one_pass(table: Table, actions: Mapping[str, str]) -> Table:
    for name, action in actions.items():
        if action == SKIP:
            continue
        n_before = len(table.findings)
        table = RULES[name].apply(table, action)
        changes = [finding for finding in table.findings[n_before:] if finding.changes]
        table = table.described_anew({finding.column for finding in changes})
    return table
