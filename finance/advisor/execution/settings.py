"""Settings of an account: the rules of its trades and its calendar."""

import json
from dataclasses import dataclass, fields
from pathlib import Path

from scenara.finance.advisor.execution.rules import TradingRules

__all__ = ["AccountSettings", "write_account_settings"]


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


def write_account_settings(settings: AccountSettings, path: str | Path) -> None:
    r"""Write settings as the file that ``account rebalance --config`` reads.

    Args:
        settings: Rules and calendar.
        path: TOML file, written over.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "account.toml"
        >>> write_account_settings(AccountSettings(fee_rate=0.001), path)
        >>> path.read_text().splitlines()[4]
        'fee_rate = 0.001'
    """
    lines = [f"{f.name} = {json.dumps(getattr(settings, f.name))}" for f in fields(settings)]
    Path(path).write_text("\n".join(lines) + "\n", encoding="utf-8")
