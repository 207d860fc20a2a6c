"""The stylised facts of market returns, one file a group, and the distances between two sets."""

from scenara.finance.market.facts.compute import Facts, distances, stylised_facts
from scenara.finance.market.facts.marginal import hill_index, shortfall
from scenara.finance.market.facts.measures import GROUPS, MEASURES, Measure, measures_table
from scenara.finance.market.facts.panel import SHORTEST, Returns, windows
from scenara.finance.market.facts.path import max_drawdown
from scenara.finance.market.facts.signature import signature
from scenara.finance.market.facts.temporal import lagged_correlation

__all__ = [
    "GROUPS",
    "MEASURES",
    "SHORTEST",
    "Facts",
    "Measure",
    "Returns",
    "distances",
    "hill_index",
    "lagged_correlation",
    "max_drawdown",
    "measures_table",
    "shortfall",
    "signature",
    "stylised_facts",
    "windows",
]
