"""Two varying settings as a map: what each pair earned on real history, and in the worlds."""

import pandas as pd

from scenara.finance.portfolio.factory.result import StrategySearch
from scenara.finance.portfolio.factory.wording import figure_name, write_figure
from scenara.shared.report import Block, Cell, Column, Row, Table
from scenara.shared.report.blocks import Level

__all__ = ["heat_blocks"]

_MOST = 8
_LEVELS: tuple[Level, ...] = ("level-1", "level-2", "level-3", "level-4")


def heat_blocks(search: StrategySearch) -> tuple[Block, ...]:
    """Draw two maps, if just two settings vary and every pair of a few values was tried.

    Args:
        search: The trials.

    Returns:
        Two tables, or nothing.
    """
    names = [n for n in search.settings[0] if len({repr(s[n]) for s in search.settings}) > 1]
    if len(names) != 2:
        return ()
    table = search.table.assign(**{n: [repr(s[n]) for s in search.settings] for n in names})
    wide = [len(table[name].unique()) for name in names]
    if max(wide) > _MOST or wide[0] * wide[1] != search.n_trials:
        return ()
    sides = (("real", "real_rank", "Real history"), ("median", "worlds_rank", "Middle of worlds"))
    return tuple(_map(search, table, names, *side) for side in sides)


def _map(
    search: StrategySearch,
    table: pd.DataFrame,
    names: list[str],
    figure: str,
    rank: str,
    title: str,
) -> Table:
    down, across = names
    values = list(table[across].unique())
    columns = (Column(down, numeric=False), *(Column(f"{across}={value}") for value in values))
    rows = []
    for here in table[down].unique():
        cells = table[table[down] == here].set_index(across).loc[values]
        shaded = [
            Cell(write_figure(search.objective, value), level=_level(int(place), search.n_trials))
            for value, place in zip(cells[figure], cells[rank], strict=True)
        ]
        rows.append(Row((str(here), *shaded)))
    caption = f"{title}: {figure_name(search.objective)}, shaded by quarters of ranks."
    return Table(caption, columns, tuple(rows))


def _level(rank: int, n_trials: int) -> Level:
    return _LEVELS[min(4 * (rank - 1) // n_trials, 3)]
