"""The tables' part of ``scenara demo``: a generator of loan applicants, fitted, used and judged."""

from pathlib import Path

from scenara.shared.progress import Progress, silent

__all__ = ["run_demo"]

SAMPLE = "german-credit"
BUDGET = 25.0


def run_demo(
    out: Path, *, seed: int | None = 0, force: bool = False, progress: Progress = silent
) -> Path:
    """Fit on half of the German loan applicants, draw young bad ones, judge by the other half.

    Args:
        out: Output folder of the demo; the folder ``tables`` in it is written.
        seed: Seed of every draw.
        force: Replace what is there.
        progress: Told how far it is.

    Returns:
        Path of the report.

    Raises:
        ConfigError: The folder exists and ``force`` is not set.
        DataError: The sample data can't be had.
    """
    from scenara.shared.tables.evaluate import run_evaluation
    from scenara.shared.tables.fit import run_fit
    from scenara.shared.tables.sample import run_sampling
    from scenara.shared.tables.settings import EvaluateSettings, FitSettings, SampleSettings

    home, start = Path(out) / "tables", 0 if seed is None else seed
    fit = FitSettings(sample=SAMPLE, settings={"budget": BUDGET}, test_size=0.5, seed=start)
    run_fit(fit, out=home / "fit", command="scenara demo", force=force, progress=progress)
    wanted = SampleSettings(
        generator=str(home / "fit"),
        given=("age_in_years=18..25", "creditability=bad"),
        seed=start,
    )
    run_sampling(wanted, out=home / "young-and-bad.parquet", force=force, progress=progress)
    judged = EvaluateSettings(generator=str(home / "fit"), seed=start)
    return run_evaluation(
        judged, out=home / "evaluation", command="scenara demo", force=force, progress=progress
    ).path
