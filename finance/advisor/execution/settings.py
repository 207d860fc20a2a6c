"""Settings of an account: the rules of its trades and its calendar."""

from dataclasses import dataclass, fields

from scenara.finance.advisor.execution.rules import TradingRules

__all__ = ["AccountSettings"]


@dataclass(frozen=True)
class AccountSettings(TradingRules):
    """Hold when an account is rebalanced and how; ``TradingRules`` says the rest.

    Args:
        every: Calendar: ``week``, ``month-end``, ``quarter``, ``year`` or ``never``; a weight
            outside of ``drift_band`` does not wait for it.

    Raises:
        ConfigError: A setting can't be meant.

    Example:
        >>> AccountSettings(fee_fixed=1.0).rules.drift_band
        0.0
    """

    every: str = "quarter"

    @property
    def rules(self) -> TradingRules:
        """Rules of a rebalance that is due, which trades inside of the band as well."""
        same = {field.name: getattr(self, field.name) for field in fields(TradingRules)}
        return TradingRules(**{**same, "drift_band": 0.0})
