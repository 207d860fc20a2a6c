"""Finance's part of ``scenara demo``: from real prices to worlds to a backtest report."""

from pathlib import Path

from scenara.finance.settings import STRATEGIES, StudySettings
from scenara.shared.progress import Progress, silent

__all__ = ["run_demo"]


def run_demo(
    out: Path, *, seed: int | None = 0, force: bool = False, progress: Progress = silent
) -> Path:
    """Fit on the S&P 500 stocks to the end of 2014, simulate, judge on 2015-2022, backtest.

    Args:
        out: Output folder.
        seed: Seed of every draw.
        force: Replace the output folder.
        progress: Told how far it is.

    Returns:
        Path of the report.

    Raises:
        ConfigError: ``out`` exists and ``force`` is not set.
        DataError: The sample data can't be had.
    """
    from scenara.finance.study import run_study

    settings = StudySettings(
        sample="sp500",
        until="2014-12-31",
        compare=("series/fhs", "series/autoregressive"),
        strategy=STRATEGIES,
        seed=0 if seed is None else seed,
    )
    return run_study(
        settings, out=out, command="scenara demo", force=force, progress=progress
    ).report
