"""Settings of the market job, with the defaults that the command line shows."""

from dataclasses import dataclass

__all__ = ["StudySettings"]


@dataclass(frozen=True, kw_only=True)
class StudySettings:
    """Say what a market study reads, simulates, judges and trades.

    Args:
        data: Price file, web address or database URL; or None.
        sample: Name of a real sample data set; or None.
        query: SQL, for a database URL.
        date_column: Name of the column of dates, where it is not found.
        date_format: Format of dates that are not ISO 8601, such as ``%d.%m.%Y``.
        until: Last day that the simulator learns from (ISO 8601); later days judge it. Empty:
            the first three quarters of the days.
        family: Generator whose worlds are used.
        compare: Further families, judged beside it.
        worlds: File or folder of worlds to use instead of simulating.
        n_paths: Number of worlds.
        horizon: Days of a world.
        strategy: Names of strategies to trade in the worlds; none for a simulation alone.
        rebalance: Days between trades.
        costs: Proportional costs, as a fraction of the value traded.
        seed: Same seed, same numbers.
    """

    data: str | None = None
    sample: str | None = None
    query: str | None = None
    date_column: str | None = None
    date_format: str | None = None
    until: str = ""
    family: str = "series/bootstrap"
    compare: tuple[str, ...] = ()
    worlds: str | None = None
    n_paths: int = 1_000
    horizon: int = 252
    strategy: tuple[str, ...] = ()
    rebalance: int = 21
    costs: float = 0.0005
    seed: int = 0
