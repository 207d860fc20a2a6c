"""Pictures of the columns and pairs in which generated rows differ most from real ones."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from scenara.shared.evaluation.tables.cells import MISSING
from scenara.shared.evaluation.tables.columns import ComparableTables
from scenara.shared.evaluation.tables.shape import ColumnError
from scenara.shared.evaluation.tables.trend import PairError
from scenara.shared.report.blocks import Chart, LegendItem
from scenara.shared.report.comparisons import cell_map, paired_bars, paired_histogram, shown_share
from scenara.shared.report.numbers import decimal, percent
from scenara.shared.report.svg import chart_text
from scenara.shared.types import FloatArray

__all__ = ["LEGEND", "column_chart", "importance_chart", "pair_chart"]

LEGEND: Final = (
    LegendItem("real (training rows)", "line", "real"),
    LegendItem("generated", "band", "worlds", 0.5),
)
MOST_BARS = 8
WIDTH = 300
MOST_CELLS = 6
FEW_VALUES = 12
OTHERS = "rest"
_NUMBER_WORDS: Final = (
    (1e9, "bn"),
    (1e6, "m"),
    (1e3, "k"),
)


def column_chart(error: ColumnError, tables: ComparableTables) -> Chart:
    """Draw one column of the real and of the generated table.

    Args:
        error: How far the column is off.
        tables: Comparable tables named "real" and "generated".

    Returns:
        A histogram of numbers, bars of categories and of numbers with few values.
    """
    real, drawn = (tables[name][error.name] for name in ("real", "generated"))
    title = chart_text(f"{error.name}: {percent(error.error, digits=1)} off", longest=60)
    caption = ""
    if abs(error.missing_gap) > 0.001:
        points = decimal(100 * error.missing_gap, digits=1)
        caption = f"Missing cells: {points} points."
    is_number = error.name in tables.roles.numbers
    has_values = real.notna().any() and drawn.notna().any()
    if is_number and has_values and real.nunique() > FEW_VALUES:
        write = _writer(error.name, tables)
        values = (real.to_numpy(float), drawn.to_numpy(float))
        share = shown_share(values[0])
        svg = paired_histogram(*values, title=title, share=share, write=write, width=WIDTH)
        return Chart(
            title, svg, caption=f"{caption} Axis: middle {percent(share)} of real values.".strip()
        )
    shares = _shares(real, drawn, _writer(error.name, tables) if is_number else str)
    svg = paired_bars(
        {"real": shares["real"].tolist(), "generated": shares["generated"].tolist()},
        labels=[str(label) for label in shares.index],
        title=title,
        width=WIDTH,
    )
    return Chart(title, svg, caption=caption)


def pair_chart(error: PairError, tables: ComparableTables) -> Chart:
    """Draw where a pair of columns has too many or too few generated rows.

    Args:
        error: How far the pair is off.
        tables: Comparable tables named "real" and "generated".

    Returns:
        A map of cells: generated minus real share, in points.
    """
    coded = {name: _cells_of(name, tables) for name in (error.first, error.second)}
    rows, columns = coded[error.first][0], coded[error.second][0]
    counts = [
        pd.crosstab(
            pd.Categorical(coded[error.first][1][side], categories=range(len(rows))),
            pd.Categorical(coded[error.second][1][side], categories=range(len(columns))),
            dropna=False,
            normalize=True,
        ).to_numpy(float)
        for side in (0, 1)
    ]
    gaps: FloatArray = counts[1] - counts[0]
    title = chart_text(f"{error.first} and {error.second}", longest=64)
    svg = cell_map(
        gaps,
        rows=rows,
        columns=columns,
        title=title,
        x_label=str(error.second),
        y_label=str(error.first),
        width=WIDTH,
    )
    return Chart(title, svg, caption=_pair_caption(error))


def importance_chart(importance: Mapping[str, float]) -> Chart:
    """Draw which columns gave the generated rows away.

    Args:
        importance: Share of the classifier's gain by column, largest first.

    Returns:
        Bars of the first eight.
    """
    first = dict(list(importance.items())[:MOST_BARS])
    title = "Gain of the classifier by column"
    svg = paired_bars(
        {"share": list(first.values())},
        labels=list(map(str, first)),
        title=title,
        colours=("series-1",),
        row_height=24,
    )
    caption = (
        "The classifier that tells generated from held-out rows; the eight columns it uses most."
    )
    return Chart(title, svg, caption=caption)


def _pair_caption(error: PairError) -> str:
    if math.isnan(error.real):
        return f"{percent(error.error, digits=1)} of rows stand in wrong cells."
    return f"Correlation {decimal(error.generated)}, in real rows {decimal(error.real)}."


def _shares(
    real: "pd.Series", drawn: "pd.Series", write: Callable[[float], str] | type[str]
) -> pd.DataFrame:
    """Give the shares of the most frequent values, the rest together."""
    parts = {
        name: values.astype(object).where(values.notna(), MISSING).value_counts(normalize=True)
        for name, values in (("real", real), ("generated", drawn))
    }
    known = [level for part in parts.values() for level in part.index[part > 0]]
    levels = pd.Index(list(dict.fromkeys(known)), dtype=object)
    aligned = {name: part.reindex(levels, fill_value=0.0) for name, part in parts.items()}
    shares = pd.DataFrame(aligned)
    shares = shares.loc[shares.max(axis=1).sort_values(ascending=False, kind="stable").index]
    rest = shares[MOST_BARS:].sum()
    shares = shares[:MOST_BARS]
    shares = shares.loc[_in_order(list(shares.index))]
    shares.index = [_label(label, write) for label in shares.index]
    return shares if not rest.sum() else pd.concat([shares, rest.to_frame(OTHERS).T])


def _in_order(levels: list[Any]) -> list[Any]:
    """Sort levels that are all numerals, missing last; leave others as they are."""
    try:
        return sorted(levels, key=lambda level: math.inf if level == MISSING else float(level))
    except ValueError:
        return levels


def _label(value: object, write: Callable[[float], str] | type[str]) -> str:
    if value == MISSING:
        return "(missing)"
    return write(value) if isinstance(value, float) else str(value)


def _cells_of(name: str, tables: ComparableTables) -> tuple[list[str], tuple[FloatArray, ...]]:
    """Cut a column into at most seven cells: names and the codes in both tables."""
    real, drawn = (tables[side][name] for side in ("real", "generated"))
    if name in tables.roles.numbers:
        return _bins_of(real, drawn, _writer(name, tables, is_rough=True))
    top = _in_order(list(real.value_counts().index[:MOST_CELLS]))
    names = ["(missing)" if level == MISSING else str(level) for level in top]
    codes = tuple(
        np.asarray(part.astype(object).map({v: i for i, v in enumerate(top)}).fillna(len(top)))
        for part in (real, drawn)
    )
    is_whole = all((code < len(top)).all() for code in codes)
    return (names if is_whole else [*names, OTHERS]), codes


def _bins_of(
    real: "pd.Series", drawn: "pd.Series", write: Callable[[float], str]
) -> tuple[list[str], tuple[FloatArray, ...]]:
    known = real.dropna().to_numpy(float)
    inner = np.linspace(0, 1, MOST_CELLS)[1:-1]
    cuts: FloatArray = np.unique(np.quantile(known, inner)) if len(known) else known
    codes = tuple(
        np.where(part.isna(), len(cuts) + 1, np.searchsorted(cuts, part, side="left"))
        for part in (real, drawn)
    )
    ends = [write(float(cut)) for cut in cuts]
    names = [f"≤ {end}" for end in ends] + [f"> {ends[-1]}" if ends else "any"]
    return [*names, "(missing)"] if real.isna().any() or drawn.isna().any() else names, codes


def _writer(
    name: str, tables: ComparableTables, *, is_rough: bool = False
) -> Callable[[float], str]:
    if name in tables.roles.times:
        return _date
    return _rough if is_rough else _short


def _date(days: float) -> str:
    if not math.isfinite(days):
        return "–"
    try:
        return str((pd.Timestamp(0) + pd.Timedelta(days=days)).date())
    except (OverflowError, pd.errors.OutOfBoundsDatetime, pd.errors.OutOfBoundsTimedelta):
        return decimal(days, digits=0)


def _short(value: float, *, digits: int = 3) -> str:
    size, word = next((pair for pair in _NUMBER_WORDS if abs(value) >= pair[0]), (1.0, ""))
    scaled = value / size
    text = f"{scaled:.0f}" if 10 ** (digits - 1) <= abs(scaled) < 1e4 else f"{scaled:.{digits}g}"
    return text.replace("-", "\N{MINUS SIGN}") + word


def _rough(value: float) -> str:
    return _short(value, digits=2)
