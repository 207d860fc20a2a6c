"""Constraints that hold in a table without exception and hardly by chance, for the user to judge.

Each kind has to show evidence: had the columns nothing to do with each other, the table would
have broken the rule with probability of nearly one.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations, permutations

import numpy as np
import pandas as pd

from scenara.shared.data.column import BOUNDED, Column, Kind
from scenara.shared.data.constraint import Constraint, joint_codes, measured
from scenara.shared.data.constraints import (
    Combinations,
    Dependency,
    Inequality,
    Positive,
    Total,
    Unique,
)
from scenara.shared.data.schema import Schema
from scenara.shared.types import Array, FloatArray, IntArray

__all__ = ["suggest_constraints"]

ENOUGH_ROWS = 100
SEARCHED_ROWS = 10_000
SURPRISE = 14.0
"""Least -log of the probability that a rule holds by chance, about one in a million."""
GLIMPSE = 500
WIDE = 100.0
PART_SHARE = 0.05
RULED_OUT = 0.25
MOST_COLUMNS = 100
MOST_IN_KEY = 30
NUMBERS = (Kind.NUMERIC, Kind.INTEGER)
LEVELS = (Kind.CATEGORY, Kind.ORDINAL, Kind.BOOLEAN)


def suggest_constraints(frame: pd.DataFrame, schema: Schema) -> list[Constraint]:
    """List the constraints that hold in a table without exception and hardly by chance.

    Sums (of two columns, or of any number of columns that are not sums themselves), orders of
    two columns, columns determined by another one, pairs of columns with few of the possible
    combinations, numbers far below their greatest but never zero, and keys of one or two
    columns. What follows from others on the list is left out.

    Args:
        frame: The table, (rows, columns); under 100 rows nothing is evidence.
        schema: What the columns are.

    Returns:
        Suggestions, sums first; a user decides which are rules and which happen to hold.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> net = rng.integers(100, 900, 300)
        >>> bills = pd.DataFrame({"net": net, "tax": rng.integers(1, 90, 300)})
        >>> bills["gross"] = bills["net"] + bills["tax"]
        >>> [rule.in_words for rule in suggest_constraints(bills, Schema.infer(bills))]
        ['gross = net + tax']
    """
    if len(frame) < ENOUGH_ROWS:
        return []
    few = frame
    if len(frame) > SEARCHED_ROWS:
        rows = np.random.default_rng(0).choice(len(frame), SEARCHED_ROWS, replace=False)
        few = frame.iloc[np.sort(rows)]
    columns = [column for column in schema if column.name in frame.columns][:MOST_COLUMNS]
    totals = _all_hold(_totals(few, columns), frame, schema)
    orders = _all_hold(_orders(few, columns, totals), frame, schema)
    follows = _all_hold(_dependencies(few, columns), frame, schema)
    keys = _all_hold(_keys(few, columns), frame, schema)
    others = [*_pairs(few, columns, follows), *_positives(few, columns)]
    return [
        *totals,
        *_without_shortcuts(orders),
        *_without_shortcuts(follows),
        *_all_hold(others, frame, schema),
        *keys,
    ]


def _all_hold(
    found: "Iterator[Constraint] | Sequence[Constraint]", frame: pd.DataFrame, schema: Schema
) -> list[Constraint]:
    return [rule for rule in found if rule.holds(frame, schema.by_name).all()]


def _totals(frame: pd.DataFrame, columns: Sequence[Column]) -> Iterator[Constraint]:
    """Look for sums of pairs, then solve for each column left as a sum of the others."""
    names = [column.name for column in columns if column.kind in NUMBERS]
    values = np.column_stack(
        [np.zeros((len(frame), 0)), *(measured(frame[n], _named(columns, n)) for n in names)]
    )
    values = values[np.isfinite(values).all(axis=1)]
    used = np.mean(values != 0, axis=0) >= PART_SHARE if len(values) else np.zeros(len(names))
    usable = [int(place) for place in np.flatnonzero(used) if np.ptp(values[:, place]) > 0]
    if len(values) < ENOUGH_ROWS:
        return
    sums: dict[int, tuple[int, ...]] = {}
    for first, second in combinations(usable, 2):
        if np.array_equal(values[:, first], values[:, second]):
            sums.setdefault(second, (first,))
    distinct = [place for place in usable if place not in sums]
    for total, pair in _sums_of_two(values, distinct):
        sums.setdefault(total, pair)
    for total in [place for place in distinct if place not in sums]:
        left = [place for place in distinct if place not in sums and place != total]
        if parts := _sum_of_many(values, total, left):
            sums[total] = parts
    for total, parts in sums.items():
        yield Total(names[total], tuple(names[part] for part in parts))


def _sums_of_two(
    values: FloatArray, usable: Sequence[int]
) -> Iterator[tuple[int, tuple[int, int]]]:
    """Find t = a + b by looking every sum up among the columns, on a few rows first."""
    few = values[:: max(1, len(values) // 5)][:5]
    scale = np.abs(few).sum(axis=1, keepdims=True) + 1.0
    keys = {tuple(np.round(few[:, place] / scale[:, 0], 7)): place for place in usable}
    for first, second in combinations(usable, 2):
        total = keys.get(tuple(np.round((few[:, first] + few[:, second]) / scale[:, 0], 7)))
        if total not in (None, first, second):
            yield total, (first, second)


def _sum_of_many(values: FloatArray, total: int, others: Sequence[int]) -> tuple[int, ...]:
    """Solve for weights of 0 and 1; () where the best weights are others."""
    if len(others) < 2 or len(values) < 2 * len(others):
        return ()
    scale = np.abs(values[:, others]).max(axis=0)
    weights = np.linalg.lstsq(values[:, others] / scale, values[:, total], rcond=None)[0] / scale
    parts = np.abs(weights - 1) < 1e-5
    if parts.sum() < 2 or (np.abs(weights[~parts]) > 1e-5).any():
        return ()
    return tuple(int(place) for place in np.asarray(others)[parts])


def _orders(
    frame: pd.DataFrame, columns: Sequence[Column], totals: Sequence[Constraint]
) -> Iterator[Constraint]:
    sums = [rule for rule in totals if isinstance(rule, Total)]
    known = {(part, rule.total) for rule in sums for part in rule.parts}
    known |= {(rule.total, rule.parts[0]) for rule in sums if len(rule.parts) == 1}
    for times in (True, False):
        group = [c for c in columns if c.kind in BOUNDED and (c.kind is Kind.DATETIME) == times]
        values = {column.name: measured(frame[column.name], column) for column in group}
        for low, high in permutations(values, 2):
            if (low, high) not in known and _is_order(values[low], values[high], times=times):
                yield Inequality(low, high)


def _is_order(low: FloatArray, high: FloatArray, *, times: bool) -> bool:
    """Say whether low <= high everywhere, though values of other rows would break it often."""
    known = np.isfinite(low) & np.isfinite(high)
    if known.sum() < ENOUGH_ROWS or (low[known] > high[known]).any():
        return False
    if not times and _is_of_other_scale(low[known], high[known]):
        return False
    ranked = np.sort(high[known])
    chance = np.searchsorted(ranked, low[known], side="left").mean() / len(ranked)
    return bool(-known.sum() * np.log1p(-min(chance, 0.999999)) > SURPRISE)


def _is_of_other_scale(low: FloatArray, high: FloatArray) -> bool:
    """Tell a count of loans, which is below any amount of money, from the part of an amount."""
    both = (low > 0) & (high > 0)
    return bool(both.any() and np.median(high[both]) > WIDE * np.median(low[both]))


def _without_shortcuts(rules: Sequence[Constraint]) -> list[Constraint]:
    """Leave out a rule from a to c where there are rules from a to b and from b to c."""
    ends = {(rule.columns[-1], rule.columns[0]): rule for rule in rules}
    middles = {name for pair in ends for name in pair}
    return [
        rule
        for (start, end), rule in ends.items()
        if not any((start, middle) in ends and (middle, end) in ends for middle in middles)
    ]


def _dependencies(frame: pd.DataFrame, columns: Sequence[Column]) -> Iterator[Constraint]:
    codes = {
        column.name: joint_codes(frame, (column.name,))
        for column in columns
        if column.kind in (*LEVELS, *BOUNDED) and 1 < frame[column.name].nunique() < len(frame) / 2
    }
    kinds = {column.name: column.kind for column in columns}
    found: set[tuple[str, str]] = set()
    for cause, effect in permutations(codes, 2):
        if kinds[cause] in (Kind.NUMERIC, Kind.DATETIME) or (effect, cause) in found:
            continue
        if _determines(codes[cause], codes[effect]):
            found.add((cause, effect))
            yield Dependency((cause,), effect)


def _determines(cause: IntArray, effect: IntArray) -> bool:
    known = (cause >= 0) & (effect >= 0)
    cause, effect = cause[known], effect[known]
    if len(cause) < ENOUGH_ROWS:
        return False
    # Most pairs of columns contradict themselves within a few rows.
    for few in (slice(GLIMPSE), slice(None)):
        pairs = np.unique(cause[few] * (int(effect.max()) + 1) + effect[few])
        if len(pairs) > len(np.unique(cause[few])):
            return False
    share = np.bincount(effect)[effect] / len(effect)
    repeats = pd.Series(cause).duplicated().to_numpy(dtype=bool)
    return float(-np.log(share[repeats]).sum()) > SURPRISE


def _pairs(
    frame: pd.DataFrame, columns: Sequence[Column], follows: Sequence[Constraint]
) -> Iterator[Constraint]:
    """Look for pairs of levels of which independence would have shown many that are not there."""
    tied = {frozenset(rule.columns) for rule in follows}
    names = [column.name for column in columns if column.kind in LEVELS]
    codes = {name: joint_codes(frame, (name,)) for name in names}
    for first, second in combinations(names, 2):
        known = (codes[first] >= 0) & (codes[second] >= 0)
        if frozenset((first, second)) in tied or known.sum() < ENOUGH_ROWS:
            continue
        width = int(codes[second].max()) + 1
        size = (int(codes[first].max()) + 1) * width
        joint = codes[first][known] * width + codes[second][known]
        if _is_sparse(np.bincount(joint, minlength=size).reshape(-1, width)):
            yield Combinations((first, second))


def _is_sparse(counts: IntArray) -> bool:
    n = counts.sum()
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / n
    absent: FloatArray = expected[counts == 0]
    # An absent cell is evidence only where rows were to be expected in it.
    solid = absent[absent >= SURPRISE].sum()
    return bool(solid / n >= RULED_OUT and (counts > 0).sum() <= n / 10)


def _positives(frame: pd.DataFrame, columns: Sequence[Column]) -> Iterator[Constraint]:
    for column in columns:
        if column.kind not in NUMBERS:
            continue
        numbers = measured(frame[column.name], column)
        numbers = numbers[np.isfinite(numbers)]
        if len(numbers) >= ENOUGH_ROWS and 0 < numbers.min() <= numbers.max() / WIDE:
            yield Positive(column.name)


def _keys(frame: pd.DataFrame, columns: Sequence[Column]) -> Iterator[Constraint]:
    """Look for columns, alone or two together, that would repeat if they were not a key."""
    kinds = (Kind.INTEGER, Kind.DATETIME, Kind.IDENTIFIER, *LEVELS)
    names = [column.name for column in columns if column.kind in kinds and not column.unique]
    codes = {name: joint_codes(frame, (name,)) for name in names}
    clear = {name: value for name, value in codes.items() if (value >= 0).all()}
    alone = [name for name, value in clear.items() if _is_all_distinct(value)]
    for name in alone:
        column = _named(columns, name)
        if column.kind in BOUNDED and _is_crowded(measured(frame[name], column)):
            yield Unique((name,))
    shared = [name for name in clear if name not in alone][:MOST_IN_KEY]
    for first, second in combinations(shared, 2):
        joint = clear[first] * (int(clear[second].max()) + 1) + clear[second]
        meets = len(frame) ** 2 / 2 * _repeat_rate(clear[first]) * _repeat_rate(clear[second])
        if meets > SURPRISE and _is_all_distinct(joint):
            yield Unique((first, second))


def _is_all_distinct(codes: Array) -> bool:
    return len(np.unique(codes)) == len(codes)


def _is_crowded(numbers: FloatArray) -> bool:
    """Say whether so many whole numbers in so small a range would meet by chance."""
    places = np.ptp(numbers) / max(float(np.diff(np.sort(numbers)).min()), 1e-9)
    return bool(len(numbers) ** 2 / (2 * (places + 1)) > SURPRISE)


def _repeat_rate(codes: IntArray) -> float:
    """Give the probability that two rows drawn at random agree."""
    return float(((np.bincount(codes) / len(codes)) ** 2).sum())


def _named(columns: Sequence[Column], name: str) -> Column:
    """Give the column of that name."""
    return next(column for column in columns if column.name == name)
