"""Settings of the advice job, with the defaults that the command line shows."""

import math
from dataclasses import dataclass

from scenara.shared.errors import ConfigError

__all__ = ["AdviceSettings"]


@dataclass(frozen=True, kw_only=True)
class AdviceSettings:
    """Say what advice reads, simulates and compares.

    Args:
        client: The client's file (TOML).
        data: Price file of asset classes, web address or database URL; None for the sample.
        sample: Name of a real sample data set; None for ``us-monthly`` where there is no ``data``.
        query: SQL, for a database URL.
        date_column: Name of the column of dates, where it is not found.
        date_format: Format of dates that are not ISO 8601.
        defensive: Columns of the price file that are no equity, such as bonds; ``cash`` is one.
        families: Generators of worlds, which need not agree.
        n_paths: Worlds of each generator.
        equity_step: Distance between the shares of equity that are compared.
        tilt: How far an asset class may be from its reference, as a share of equity or of the rest.
        glide_years: Years before a payment over which equity is cut.
        uncertain_means: Whether each world has mean returns of its own, drawn from their error.
        wanted: Chance that remedies aim at.
        seed: Same seed, same numbers.

    Raises:
        ConfigError: A number is out of its range.

    Example:
        >>> AdviceSettings(client="client.toml").families
        ('series/bootstrap', 'series/dcc', 'series/hybrid')
    """

    client: str = "client.toml"
    data: str | None = None
    sample: str | None = None
    query: str | None = None
    date_column: str | None = None
    date_format: str | None = None
    defensive: tuple[str, ...] = ()
    families: tuple[str, ...] = ("series/bootstrap", "series/dcc", "series/hybrid")
    n_paths: int = 2_000
    equity_step: float = 0.05
    tilt: float = 0.3
    glide_years: float = 10.0
    uncertain_means: bool = True
    wanted: float = 0.8
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse numbers out of range."""
        bounds = {
            "n_paths": (100, math.inf),
            "equity_step": (0.01, 0.5),
            "tilt": (0, 1),
            "glide_years": (0.5, 40),
            "wanted": (0.5, 0.99),
            "seed": (0, math.inf),
        }
        for name, (low, high) in bounds.items():
            value = getattr(self, name)
            if not low <= value <= high:
                upper = f" and at most {high:g}" if math.isfinite(high) else ""
                raise ConfigError(f"{name}: expected at least {low:g}{upper}, found {value}")
        if not self.families or not all(self.families):
            raise ConfigError(f"families: expected names of generators, found {self.families}")
        if len(set(self.families)) < len(self.families):
            raise ConfigError(f"families: expected each once, found {', '.join(self.families)}")
        if self.data is not None and self.sample is not None:
            raise ConfigError("expected at most one of --data and --sample, found both")
