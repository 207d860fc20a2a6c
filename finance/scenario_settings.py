"""Settings of the scenario job, with the defaults that the command line shows."""

from dataclasses import dataclass
from typing import Literal, get_args

from scenara.finance.settings import PriceSettings, check_least
from scenara.shared.errors import ConfigError

__all__ = ["ScenarioSettings", "Start"]

Start = Literal["auto", "today", "anywhere"]


@dataclass(frozen=True, kw_only=True)
class ScenarioSettings(PriceSettings):
    """Say what a scenario reads, asks for and simulates.

    Worlds begin after ``until``; if that is empty, after the last day of all.

    Args:
        covariates: File of levels by date (VIX, rates) that take part; or None.
        family: Generator whose worlds are used.
        portfolio: What is held, such as ``equal weight`` or ``SPX=0.6,TLT=0.4``.
        event: What has to happen, such as ``SPX return below -20% within 63``; all at once.
        like: An episode that worlds have to be like, such as ``2008``; may be empty.
        severity: Factor of the episode's log return and volatility.
        loss: Share of the wealth that the portfolio has to lose; or None.
        start: Whether worlds go on from ``today`` or begin ``anywhere`` in the law; ``auto`` for
            anywhere where an episode is asked for, which brings its own state, else for today
            where the family keeps a state.
        n_paths: Number of worlds.
        horizon: Days of a world; 0 for as many as the events need, and at least 63.
        seed: Same seed, same numbers.

    Raises:
        ConfigError: Nothing is asked for, or a number is out of its range.
    """

    covariates: str | None = None
    family: str = "series/hybrid"
    portfolio: str = "equal weight"
    event: tuple[str, ...] = ()
    like: str = ""
    severity: float = 1.0
    loss: float | None = None
    start: Start = "auto"
    n_paths: int = 1_000
    horizon: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse numbers out of range, and a scenario that asks for nothing."""
        check_least(self, n_paths=100, horizon=0, seed=0)
        if self.start not in get_args(Start):
            raise ConfigError(
                f"start: expected 'auto', 'today' or 'anywhere', found {self.start!r}"
            )
        if self.loss is not None and not 0 < self.loss < 1:
            raise ConfigError(f"loss: expected a share such as 0.2, found {self.loss!r}")
        if not all(isinstance(text, str) for text in self.event):
            raise ConfigError(f"event: expected texts, found {list(self.event)}")
        if self.severity != 1 and not self.like:
            raise ConfigError("severity: means nothing without an episode to be --like")
        if not (self.event or self.like or self.loss is not None):
            raise ConfigError(
                "nothing is asked for; give an --event such as 'SPX return below -20% within 63', "
                "an episode to be --like, or a --loss"
            )
