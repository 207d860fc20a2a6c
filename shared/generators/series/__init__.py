"""Generators of series: market paths, demand, anything with a time axis."""

from scenara.shared.generators.series.base import SeriesGenerator, series_array
from scenara.shared.generators.series.conditions import (
    Conditioned,
    PathCondition,
    draw_conditioned,
)
from scenara.shared.generators.series.late_starts import filled_starts
from scenara.shared.generators.series.worlds import (
    Worlds,
    read_worlds,
    worlds_frame,
    write_worlds,
)

__all__ = [
    "Conditioned",
    "PathCondition",
    "SeriesGenerator",
    "Worlds",
    "draw_conditioned",
    "filled_starts",
    "read_worlds",
    "series_array",
    "worlds_frame",
    "write_worlds",
]
