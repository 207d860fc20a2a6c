"""What is luck: tests of skill, and how often they are wrong where nothing can be earned."""

from scenara.finance.portfolio.luck.error_rates import (
    SKILL_TESTS,
    ErrorRate,
    SkillTest,
    best_alone_test,
    deflated_test,
    false_discovery_rate,
    luck_test,
    mirrored_test,
    power,
)
from scenara.finance.portfolio.luck.mirrored_days import mirrored_days_test
from scenara.finance.portfolio.luck.overfitting import (
    BacktestOverfitting,
    probability_of_backtest_overfitting,
)
from scenara.finance.portfolio.luck.sharpe_ratios import (
    SharpeRatio,
    deflated_sharpe_ratio,
    expected_maximum_sharpe,
    independent_trials,
    minimum_track_record_length,
    probabilistic_sharpe_ratio,
)
from scenara.finance.portfolio.luck.superior_ability import (
    SuperiorAbility,
    reality_check,
    stationary_indices,
    superior_predictive_ability,
)
from scenara.finance.portfolio.luck.verdict import LuckVerdict, luck_verdict
from scenara.finance.portfolio.luck.zero_edge import planted_edge, zero_edge

__all__ = [
    "SKILL_TESTS",
    "BacktestOverfitting",
    "ErrorRate",
    "LuckVerdict",
    "SharpeRatio",
    "SkillTest",
    "SuperiorAbility",
    "best_alone_test",
    "deflated_sharpe_ratio",
    "deflated_test",
    "expected_maximum_sharpe",
    "false_discovery_rate",
    "independent_trials",
    "luck_test",
    "luck_verdict",
    "minimum_track_record_length",
    "mirrored_days_test",
    "mirrored_test",
    "planted_edge",
    "power",
    "probabilistic_sharpe_ratio",
    "probability_of_backtest_overfitting",
    "reality_check",
    "stationary_indices",
    "superior_predictive_ability",
    "zero_edge",
]
