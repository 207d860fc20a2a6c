"""Finance's part of ``scenara demo``: a backtest over worlds, a stress of today, a household's plan."""

from pathlib import Path

from scenara.finance.advisor.settings import AdviceSettings
from scenara.finance.scenario_settings import ScenarioSettings
from scenara.finance.settings import STRATEGIES, StudySettings
from scenara.shared.progress import Progress, silent

__all__ = ["run_demo"]

FALL = "equal weight return below -20% within 63"
"""What the demo asks for: a quarter like the worst of 2008."""


def run_demo(
    out: Path, *, seed: int | None = 0, force: bool = False, progress: Progress = silent
) -> list[Path]:
    """Simulate the S&P 500 stocks, judge by 2015-2022, backtest; a fall by 20 % from today; advice.

    Args:
        out: Output folder; in it, the scenario goes into ``scenario``, an example client into
            ``client`` and the client's plan into ``advice``.
        seed: Seed of every draw.
        force: Replace the output folder.
        progress: Told how far it is.

    Returns:
        Paths of the three reports.

    Raises:
        ConfigError: ``out`` exists and ``force`` is not set.
        DataError: The sample data can't be had.
    """
    from scenara.finance.advisor.example import write_example
    from scenara.finance.advisor.study import run_advice
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
    client = write_example(Path(out) / "client")
    advised = run_advice(
        AdviceSettings(client=str(client), n_paths=1_000, seed=start),
        out=Path(out) / "advice",
        command="scenara demo",
        force=force,
        progress=progress,
    )
    return [judged.report, stressed.report, advised.report]
