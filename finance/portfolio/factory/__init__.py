"""The strategy factory: settings tried on real history and in worlds, side by side."""

from scenara.finance.portfolio.factory.best_of import BestOf
from scenara.finance.portfolio.factory.grid import grid_settings, read_grid
from scenara.finance.portfolio.factory.ground import OBJECTIVES, Ground
from scenara.finance.portfolio.factory.result import Pick, StrategySearch
from scenara.finance.portfolio.factory.search import search_strategy

__all__ = [
    "OBJECTIVES",
    "BestOf",
    "Ground",
    "Pick",
    "StrategySearch",
    "grid_settings",
    "read_grid",
    "search_strategy",
]
