"""Finance's part of ``scenara demo``: worlds and a backtest of real prices, and a stress of today."""

from pathlib import Path

from scenara.finance.scenario_settings import ScenarioSettings
from scenara.finance.settings import STRATEGIES, StudySettings
from scenara.shared.progress import Progress, silent

__all__ = ["run_demo"]

FALL = "equal weight return below -20% within 63"
"""What the demo asks for: a quarter like the worst of 2008."""


def run_demo(
    out: Path, *, seed: int | None = 0, force: bool = False, progress: Progress = silent
) -> list[Path]:
    """Simulate the S&P 500 stocks, judge by 2015-2022, backtest; then a fall by 20 % from today.

    Args:
        out: Output folder; the scenario goes into the folder ``scenario`` in it.
        seed: Seed of every draw.
        force: Replace the output folder.
        progress: Told how far it is.

    Returns:
        Paths of the two reports.

    Raises:
        ConfigError: ``out`` exists and ``force`` is not set.
        DataError: The sample data can't be had.
    """
    from scenara.finance.scenario_study import run_scenario
    from scenara.finance.study import run_study

    start = 0 if seed is None else seed
    study = StudySettings(
        sample="sp500",
        until="2014-12-31",
        compare=("series/bootstrap", "series/fhs"),
        strategy=STRATEGIES,
        seed=start,
    )
    scenario = ScenarioSettings(sample="sp500", event=(FALL,), seed=start)
    judged = run_study(study, out=out, command="scenara demo", force=force, progress=progress)
    stressed = run_scenario(
        scenario,
        out=Path(out) / "scenario",
        command="scenara demo",
        force=force,
        progress=progress,
    )
    return [judged.report, stressed.report]
