"""Scenarios: events on paths, views on worlds, episodes of history, and stress in reverse."""

from typing import TYPE_CHECKING

from scenara.shared.lazy import lazy_names

if TYPE_CHECKING:
    from scenara.finance.market.scenarios.covariates import (
        MacroPanel,
        join_covariates,
        read_covariates,
    )
    from scenara.finance.market.scenarios.historical import (
        EPISODES,
        Episode,
        Replay,
        episode_days,
        episodes_within,
        find_episode,
        like_episode,
        replay,
    )
    from scenara.finance.market.scenarios.holdings import (
        EQUAL_WEIGHT,
        Holding,
        holding_returns,
        holding_weights,
    )
    from scenara.finance.market.scenarios.path_events import AllOf, PathEvent, as_condition
    from scenara.finance.market.scenarios.pooling import (
        Pooled,
        effective_scenarios,
        entropy_pooling,
        relative_entropy,
        weighted_quantile,
    )
    from scenara.finance.market.scenarios.reversal import (
        ReverseStress,
        Simulator,
        reverse_stress,
        what_moved,
    )
    from scenara.finance.market.scenarios.sentences import parse_event, parse_holding
    from scenara.finance.market.scenarios.views import View

__all__ = [
    "EPISODES",
    "EQUAL_WEIGHT",
    "AllOf",
    "Episode",
    "Holding",
    "MacroPanel",
    "PathEvent",
    "Pooled",
    "Replay",
    "ReverseStress",
    "Simulator",
    "View",
    "as_condition",
    "effective_scenarios",
    "entropy_pooling",
    "episode_days",
    "episodes_within",
    "find_episode",
    "holding_returns",
    "holding_weights",
    "join_covariates",
    "like_episode",
    "parse_event",
    "parse_holding",
    "read_covariates",
    "relative_entropy",
    "replay",
    "reverse_stress",
    "weighted_quantile",
    "what_moved",
]

_HOMES = {
    "covariates": ("MacroPanel", "join_covariates", "read_covariates"),
    "pooling": (
        "Pooled",
        "effective_scenarios",
        "entropy_pooling",
        "relative_entropy",
        "weighted_quantile",
    ),
    "historical": (
        "EPISODES",
        "Episode",
        "Replay",
        "episode_days",
        "episodes_within",
        "find_episode",
        "like_episode",
        "replay",
    ),
    "holdings": ("EQUAL_WEIGHT", "Holding", "holding_returns", "holding_weights"),
    "path_events": ("AllOf", "PathEvent", "as_condition"),
    "reversal": ("ReverseStress", "Simulator", "reverse_stress", "what_moved"),
    "sentences": ("parse_event", "parse_holding"),
    "views": ("View",),
}

__getattr__ = lazy_names(__name__, _HOMES)
