"""Rules of cleaning that look at single cells: blanks, spelling, numerals, impossible values."""

from collections import Counter
from collections.abc import Mapping

import numpy as np
import pandas as pd

from scenara.shared.data.cleaning_table import Table, counted
from scenara.shared.data.column import LEVELLED, Column, Kind
from scenara.shared.data.numerals import parse_numerals
from scenara.shared.data.plain import as_numbers, as_objects, family, text
from scenara.shared.data.validate import expected, is_possible

__all__ = ["mend_blanks", "mend_impossible", "mend_numerals", "mend_spelling"]

NUMBERS = (Kind.NUMERIC, Kind.INTEGER)


def mend_blanks(table: Table, action: str) -> Table:
    """Find blanks around strings, doubled inside them, and strings of blanks alone.

    Free text keeps its blanks, but blanks alone are a missing value there too.

    Args:
        table: The table.
        action: "mend" or "report".
    """
    for column, present in table.columns(*Kind):
        declared = column.levels if column.name in table.declared else None
        cells = set(as_objects(present)).difference(declared or ())
        strings = [cell for cell in cells if isinstance(cell, str)]
        squeezed = {string: " ".join(string.split()) or None for string in strings}
        if column.kind is Kind.TEXT:
            squeezed = {string: None for string, short in squeezed.items() if short is None}
        table = _respelled(table, "blanks", action, column, squeezed)
    return table


def mend_spelling(table: Table, action: str) -> Table:
    """Find levels that differ from another by upper and lower case alone.

    The level that the user declared, or else the most frequent spelling, stands. Single letters
    are left alone unless levels are declared: "a" and "A" may well be two codes.

    Args:
        table: The table.
        action: "mend" or "report".
    """
    for column, present in table.columns(*LEVELLED):
        counts = Counter(cell for cell in as_objects(present) if isinstance(cell, str))
        declared = column.levels if column.name in table.declared else None
        standard = _standard_spelling(counts, declared)
        table = _respelled(table, "spelling", action, column, standard)
    return table


def mend_numerals(table: Table, action: str) -> Table:
    """Find numbers that are stored as text, such as "$1,200.50".

    A column declared numeric is read cell by cell. One that was not declared is read only if all
    its strings are numbers or placeholders such as "n/a", which become missing values.

    Args:
        table: The table.
        action: "mend" or "report".
    """
    for column, present in table.columns(*NUMBERS, Kind.TEXT, Kind.CATEGORY):
        is_declared = column.name in table.declared and column.kind not in NUMBERS
        if is_declared or isinstance(present.dtype, pd.CategoricalDtype):
            continue
        is_text = [isinstance(cell, str) for cell in as_objects(present)]
        read = _read_numerals(present[is_text], one_by_one=column.kind in NUMBERS)
        others = present[np.logical_not(is_text)]
        if read.empty or not _are_exact_numbers(others):
            continue
        detail = counted(len(read), "with numbers stored as text", present[read.index[0]])
        if action == "report":
            table = table.kept("numerals", column.name, read.index, detail)
            continue
        values = table.frame[column.name].astype(object)
        table = table.with_column(column.name, values).changed("numerals", read, detail)
        table = table.with_column(column.name, _as_stored_numbers(table.frame[column.name]))
    return table


def mend_impossible(table: Table, action: str) -> Table:
    """Find values that their column does not allow: out of bounds or levels, infinite, not whole.

    Args:
        table: The table.
        action: "mend" to set them missing, "drop" their rows, or "report".
    """
    for column, _ in table.columns(*Kind):
        present = table.frame[column.name].dropna()
        bad = present[~is_possible(present, column)]
        if bad.empty:
            continue
        detail = counted(len(bad), f"not among {expected(column)}", bad.iloc[0])
        if action == "report":
            table = table.kept("impossible", column.name, bad.index, detail)
        elif action == "drop":
            table = table.dropped("impossible", column.name, bad.index, detail)
        else:
            cells = pd.Series(None, index=bad.index, dtype=object, name=column.name)
            table = table.changed("impossible", cells, detail, action="set missing")
            if column.kind in NUMBERS:
                numbers = _as_stored_numbers(table.frame[column.name])
                table = table.with_column(column.name, numbers)
    return table


def _respelled(
    table: Table, rule: str, action: str, column: Column, spelling: Mapping[str, str | None]
) -> Table:
    """Change the strings of a column whose new spelling is another one."""
    new = {old: short for old, short in spelling.items() if old != short}
    values = table.frame[column.name]
    objects = pd.Series(as_objects(values), index=values.index, dtype=object, name=column.name)
    cells = objects[[isinstance(cell, str) and cell in new for cell in objects]]
    if cells.empty:
        return table
    example = cells.iloc[0]
    becomes = "missing" if new[example] is None else text(new[example])
    detail = f"{counted(len(cells), f'to respell, {len(new):,} spellings', example)} to {becomes}"
    if action == "report":
        return table.kept(rule, column.name, cells.index, detail)
    respelled = pd.Series([new[cell] for cell in cells], cells.index, dtype=object)
    return table.changed(rule, respelled.rename(column.name), detail)


def _standard_spelling(
    counts: Counter[str], levels: tuple[object, ...] | None
) -> dict[str, str | None]:
    if levels is not None:
        declared = {level.casefold(): level for level in levels if isinstance(level, str)}
        return {s: declared.get(s.casefold(), s) for s in counts if s not in levels}
    ranked = sorted(counts, key=lambda string: (-counts[string], string), reverse=True)
    standard = {string.casefold(): string for string in ranked}
    return {string: standard[string.casefold()] for string in ranked if len(string) > 1}


def _read_numerals(strings: pd.Series, *, one_by_one: bool) -> pd.Series:
    """Give the numbers that strings spell, without the strings that are none."""
    distinct = list(dict.fromkeys(as_objects(strings)))
    numbers = parse_numerals(distinct)
    if numbers is None and one_by_one:
        parsed = {string: _one_number(string) for string in distinct}
    else:
        parsed = {} if numbers is None else dict(zip(distinct, numbers.tolist(), strict=True))
    read = {row: parsed.get(string) for row, string in strings.items()}
    return pd.Series(
        {row: number for row, number in read.items() if number is not None},
        dtype=object,
        name=strings.name,
    )


def _one_number(string: str) -> float | None:
    numbers = parse_numerals([string])
    return None if numbers is None else float(numbers[0])


def _are_exact_numbers(values: pd.Series) -> bool:
    """Say whether all values are numbers that a float64 holds exactly."""
    return all(
        isinstance(cell, int | float) and not isinstance(cell, bool) and float(cell) == cell
        for cell in as_objects(values)
    )


def _as_stored_numbers(values: pd.Series) -> pd.Series:
    """Store objects as numbers if all of them are, whole ones as integers."""
    if values.dtype != object or family(values.dropna()) != "number":
        return values
    numbers = as_numbers(values)
    is_whole = np.isfinite(numbers).all() and np.all(np.mod(numbers, 1) == 0)
    dtype = np.int64 if is_whole and np.abs(numbers).max(initial=0) < 2**53 else np.float64
    return pd.Series(numbers.astype(dtype), index=values.index, name=values.name)
