"""The one-page report of forecasts: the coming days, and how such forecasts did before."""

from typing import Any, Final

import numpy as np
import pandas as pd

from scenara.finance.market.forecasts.calibration_section import (
    TOLERANCE,
    calibration_notice,
    calibration_section,
    covered,
)
from scenara.finance.market.forecasts.quantities import PORTFOLIO
from scenara.finance.market.forecasts.quantities import Cell as Forecast
from scenara.finance.market.forecasts.results import REFERENCE, ForecastJob
from scenara.finance.market.forecasts.tables import ASSETS, SCORES
from scenara.finance.market.scenarios.holdings import EQUAL_WEIGHT, named
from scenara.shared.evaluation.tables.augmentation import PairedDifference
from scenara.shared.report import (
    Block,
    Bullets,
    Cell,
    Chart,
    Charts,
    Column,
    Details,
    Facts,
    KeyFigure,
    KeyFigures,
    LegendItem,
    Paragraph,
    Report,
    Row,
    Section,
    Svg,
    Table,
    fan_chart,
)
from scenara.shared.report.numbers import count, decimal, multiple, percent, seconds

__all__ = ["forecast_report"]

_MOST_FANS = 3
_FAN_LEGEND: Final = (
    LegendItem("90\N{NO-BREAK SPACE}% of worlds", "band", "worlds", 0.2),
    LegendItem("50\N{NO-BREAK SPACE}%", "band", "worlds", 0.45),
    LegendItem("median", "line", "worlds"),
)
_TO: Final = "\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}"
_LIMITS: Final = (
    (
        "A law, not a number. The forecast says how likely moves are; the median return is close to "
        "zero for any honest model of days, and nothing here is a reason to buy or sell."
    ),
    (
        "Volatility is measured from daily returns, for want of intraday prices. Over five days that "
        "measure is itself noisy, and scores of volatility are worse than they would be against a "
        "finer one, for all models alike."
    ),
    "HAR was made for realised variance of intraday returns; here it sees absolute daily returns.",
    (
        "The trial holds storms that came once. Tests allow for luck in days, not for a period that "
        "happened to suit a model."
    ),
    (
        "Overlapping forecasts over many days are few in truth: eight years hold fewer than a hundred "
        "separate months."
    ),
)
_VERDICTS: Final = {
    "helps": "worlds help",
    "no difference": "no difference",
    "hurts": "worlds hurt",
}


def forecast_report(job: ForecastJob) -> Report:
    """Compose the report of a forecast job.

    Args:
        job: The forecast and its trial.

    Returns:
        The report; ``metrics`` holds its figures.
    """
    sections = [_coming_section(job), _scores_section(job), calibration_section(job)]
    if job.augmented is not None:
        sections.append(_augmentation_section(job))
    sections.append(_provenance_section(job))
    sections.append(Section("What this cannot tell you", (Bullets(_LIMITS),)))
    assets = ", ".join(job.quantities.assets)
    return Report(
        "Forecast of the coming days",
        tuple(sections),
        subtitle=f"{job.provenance.data}: the portfolio and {assets}, from {job.today:%Y-%m-%d} "
        f"on. Worlds of {job.family}.",
        opening=_opening(job),
        metrics=_metrics(job),
    )


def _range(draws: np.ndarray[Any, Any], *, coverage: float = 0.8, digits: int = 1) -> str:
    low, high = np.quantile(draws, [(1 - coverage) / 2, (1 + coverage) / 2])
    return _TO.join(percent(float(value), digits=digits) for value in (low, high))


def _simple(job: ForecastJob, cell: Forecast, target: str) -> np.ndarray[Any, Any]:
    """Give draws as a reader takes them: returns of prices, not of their logarithms."""
    draws = job.draws(cell, target)
    return np.asarray(np.expm1(draws)) if cell.quantity == "return" else draws


def _period(job: ForecastJob) -> str:
    first = job.days[0] + pd.offsets.BDay(1)
    return f"{first:%Y}–{job.days[-1]:%Y}"


def _held(job: ForecastJob) -> str:
    return named(dict(job.quantities.weights) or EQUAL_WEIGHT)


def _opening(job: ForecastJob) -> tuple[Block, ...]:
    cells = job.quantities.cells
    longest = max((c for c in cells if c.quantity == "return"), key=lambda cell: cell.days)
    value = _range(_simple(job, longest, PORTFOLIO))
    lead = (
        f"Over the {longest.days} trading days after {job.today:%Y-%m-%d} the value of {_held(job)} "
        f"changes by {value} in 80\N{NO-BREAK SPACE}% of worlds. {_trial_sentence(job)}"
    )
    return (
        Paragraph(lead, lead=True),
        KeyFigures(_key_figures(job)),
        calibration_notice(job),
    )


def _trial_sentence(job: ForecastJob) -> str:
    rivals = [name for name in job.scores if name != job.ours]
    best = [
        str(cell)
        for cell in job.quantities.cells
        if job.row(model=job.ours, cell=cell, group=PORTFOLIO)["in_set"]
    ]
    n_cells = len(job.quantities.cells)
    return (
        f"Tried on {count(len(job.days))} days of {_period(job)} that its models had not seen, "
        f"such a forecast of the portfolio may be the best of {len(rivals) + 1} models for "
        f"{len(best)} of {n_cells} quantities (model confidence set, 90\N{NO-BREAK SPACE}%)."
    )


def _verdict(row: pd.Series) -> str:
    if not row["stars"]:
        return f"no difference from {REFERENCE} (p = {row['p_value']:.2f})"
    word = "better" if row["statistic"] < 0 else "worse"
    return f"{word} than {REFERENCE} (p = {row['p_value']:.3f})"


def _key_figures(job: ForecastJob) -> tuple[KeyFigure, ...]:
    cells = job.quantities.cells
    first, last = cells[0], cells[-1]
    against = job.row(model=job.ours, cell=first, group=PORTFOLIO)
    held = covered(job, job.ours, PORTFOLIO)
    figures = [
        KeyFigure(
            f"Portfolio, {first}",
            _range(_simple(job, first, PORTFOLIO)),
            "80\N{NO-BREAK SPACE}% of worlds",
        ),
        KeyFigure(
            f"Portfolio, {last}",
            percent(float(np.median(job.draws(last, PORTFOLIO)))),
            f"a year; 80\N{NO-BREAK SPACE}% of worlds: "
            f"{_range(job.draws(last, PORTFOLIO), digits=0)}",
        ),
        KeyFigure(
            f"CRPS beside {REFERENCE}, {first}", multiple(against["against"], digits=3),
            _verdict(against), "warning" if _is_worse(against) else "",
        ),
        KeyFigure(
            "80\N{NO-BREAK SPACE}% intervals held",
            percent(held[0.8]),
            "of all portfolio forecasts in the trial",
            "" if abs(held[0.8] - 0.8) < TOLERANCE else "warning",
        ),
    ]  # fmt: skip
    if job.augmented is not None:
        gain = job.augmented.gain
        figures.append(
            KeyFigure("Worlds for a learner", _VERDICTS[job.augmented.verdict], _interval(gain))
        )
    return tuple(figures)


def _is_worse(row: pd.Series) -> bool:
    return bool(row["stars"]) and row["statistic"] > 0


def _interval(gain: PairedDifference) -> str:
    ends = sorted(abs(100 * value) for value in (gain.low, gain.high))
    low, high = (decimal(end, digits=1) for end in ends)
    if gain.sign == 0:
        signed = (decimal(100 * value, digits=1) for value in (gain.low, gain.high))
        return f"CRPS saved, 95\N{NO-BREAK SPACE}%: {_TO.join(signed)}\N{NO-BREAK SPACE}%"
    word = "lower" if gain.sign > 0 else "higher"
    return f"CRPS {word} by {low}{_TO}{high}\N{NO-BREAK SPACE}% (95\N{NO-BREAK SPACE}% interval)"


def _coming_section(job: ForecastJob) -> Section:
    days = job.quantities.horizon
    wide, narrow = _fan(job, PORTFOLIO, 960, 320), _fan(job, PORTFOLIO, 358, 260)
    chart = Chart(
        "Change of the portfolio's value",
        wide,
        narrow,
        caption=f"{count(len(job.paths))} worlds that go on from {job.today:%Y-%m-%d}. Bands hold "
        "the middle of the worlds on each day.",
        legend=_FAN_LEGEND,
    )
    small = tuple(
        Chart(name, _fan(job, name, 300, 220), legend=_FAN_LEGEND)
        for name in job.quantities.assets[:_MOST_FANS]
    )
    return Section(f"The coming {days} days", (chart, Charts(small), _coming_table(job)))


def _fan(job: ForecastJob, target: str, width: int, height: int) -> Svg:
    return fan_chart(
        job.wealth(target),
        observed={},
        title=f"Change of value of {target} over the coming days",
        n_examples=0,
        ticks=_ticks(job.quantities.horizon),
        x_label="trading days",
        write=lambda value: percent(value),
        width=width,
        height=height,
    )


def _ticks(horizon: int) -> list[int]:
    step = next(step for step in (1, 5, 21, 63, horizon) if horizon <= 6 * step)
    return list(range(0, horizon + 1, step))


def _coming_table(job: ForecastJob) -> Table:
    cells = job.quantities.cells
    columns = (
        Column("", numeric=False),
        *(Column(str(cell).capitalize(), note=_unit(cell)) for cell in cells),
    )
    rows = tuple(
        Row((target, *(_coming_cell(job, cell, target) for cell in cells)))
        for target in job.quantities.targets
    )
    return Table("Median, and the middle 90 % of worlds", columns, rows)


def _unit(cell: Forecast) -> str:
    return "over all days" if cell.quantity == "return" else "a year"


def _coming_cell(job: ForecastJob, cell: Forecast, target: str) -> Cell:
    draws = _simple(job, cell, target)
    return Cell(percent(float(np.median(draws)), digits=1), note=_range(draws, coverage=0.9))


def _scores_section(job: ForecastJob) -> Section:
    text = (
        f"Each model was fitted anew every {job.refit_every} days on all days up to then, and "
        f"forecast every {_nth(job.every)}. A number below 1 is better than {REFERENCE}; stars "
        "mark Diebold and Mariano's test at 10, 5 and 1\N{NO-BREAK SPACE}%; “in set” marks models "
        "that can't be told from the best (model confidence set, 90\N{NO-BREAK SPACE}%). CRPS "
        "judges the whole law."
    )
    others = [_score_table(job, score) for score in ("log", "quantile", "energy")]
    note = Paragraph(
        "The log score is of a kernel estimate (Student's t, four degrees of freedom) and is given "
        f"as nats above {REFERENCE}; the quantile loss is the mean of the levels 1, 5, 50, 95 and "
        "99\N{NO-BREAK SPACE}%; the energy score judges the assets together, and leaves out models "
        "that don't join them."
    )
    return Section(
        f"How good such forecasts were, {_period(job)}",
        (
            Paragraph(text),
            _score_table(job, "crps"),
            Details("Log score, quantile loss and energy score", (note, *others)),
        ),
    )


def _nth(every: int) -> str:
    return "day" if every == 1 else f"{every} days"


def _score_table(job: ForecastJob, score: str) -> Table:
    table = job.compared[job.compared["score"] == score]
    cells = [cell for cell in job.quantities.cells if _has(table, cell)]
    columns = (Column("Model", numeric=False), *(Column(str(c).capitalize()) for c in cells))
    rows: list[Row] = []
    for group, title in ((PORTFOLIO, "Portfolio"), (ASSETS, "Assets, mean")):
        part = table[table["group"] == group]
        if part.empty:
            continue
        rows.append(Row((title,), "group"))
        for model in dict.fromkeys(part["model"]):
            found = (_score_cell(part, str(model), cell) for cell in cells)
            rows.append(Row((str(model), *found)))
    how = "nats above" if score == "log" else "ratio to"
    return Table(f"{SCORES[score]}, {how} {REFERENCE}", columns, tuple(rows))


def _has(table: pd.DataFrame, cell: Forecast) -> bool:
    return bool(((table["quantity"] == cell.quantity) & (table["days"] == cell.days)).any())


def _score_cell(part: pd.DataFrame, model: str, cell: Forecast) -> Cell:
    own = part[(part["model"] == model) & (part["quantity"] == cell.quantity)]
    row = own[own["days"] == cell.days].iloc[0]
    text = decimal(float(row["against"]), digits=3) + str(row["stars"])
    return Cell(
        text, note="in set" if row["in_set"] else "", level="level-1" if row["in_set"] else ""
    )


def _augmentation_section(job: ForecastJob) -> Section:
    judged = job.augmented
    assert judged is not None
    meaning = {
        "helps": "Worlds help: better than real days alone, and than as many repeated days.",
        "no difference": "Worlds make no difference that could be told from luck, or none beyond "
        "what mere repetition of days does.",
        "hurts": "Worlds hurt: the model is better off with real days alone.",
    }[judged.verdict]
    text = (
        f"Quantile models (LightGBM) were learned from real days, from real days with as many rows "
        f"of worlds of {job.family}, and from real days with as many repeated. {meaning}"
    )
    lines = (
        ("worlds, over real days alone", judged.gain),
        ("worlds, over repeated days", judged.gain_over_repeats),
        ("repeated days, over real days alone", judged.gain_of_repeats),
    )
    columns = (Column("Gain", numeric=False), Column("CRPS saved"), Column("95 % interval"))
    rows = tuple(
        Row(
            (
                name,
                percent(g.mean, digits=2),
                _TO.join(percent(v, digits=2) for v in (g.low, g.high)),
            )
        )
        for name, g in lines
    )
    table = Table(
        f"Over {judged.gain.n_splits} blocks of days, all quantities together", columns, rows
    )
    return Section(f"Do worlds make a learner better? {judged.verdict.capitalize()}",
                   (Paragraph(text), table))  # fmt: skip


def _provenance_section(job: ForecastJob) -> Section:
    made = job.provenance
    facts = {
        "Data": made.data,
        "File": made.file,
        "SHA-256": made.sha256,
        "Portfolio": f"{_held(job)}, rebalanced daily",
        "Last day": f"{job.today:%Y-%m-%d}",
        "Worlds": f"{count(len(job.paths))} of {job.quantities.horizon} days, {job.family}",
        "Trial": f"{count(len(job.days))} forecasts, {job.days[0]:%Y-%m-%d} to "
        f"{job.days[-1]:%Y-%m-%d}, fitted anew every {job.refit_every} days",
        "Seed": str(made.seed),
        "Command": made.command,
        "Versions": ", ".join(f"{name} {version}" for name, version in made.versions.items()),
        **made.notes,
    }
    stages = ", ".join(f"{name} {seconds(took)}" for name, took in made.durations.items())
    shown = {**facts, "Wall clock": stages}
    return Section(
        "How this was made",
        (Facts(tuple((name, value) for name, value in shown.items() if value)),),
    )


def _metrics(job: ForecastJob) -> dict[str, Any]:
    compared = job.compared.astype(object).where(job.compared.notna(), None)
    coming = {
        target: {
            str(cell): [float(v) for v in np.quantile(job.draws(cell, target), (0.05, 0.5, 0.95))]
            for cell in job.quantities.cells
        }
        for target in job.quantities.targets
    }
    covered = [
        {str(name): value for name, value in row.items()} for row in job.covered.to_dict("records")
    ]
    augmented = None
    if job.augmented is not None:
        gain = job.augmented.gain
        augmented = {
            "verdict": job.augmented.verdict,
            "gain": [gain.low, gain.mean, gain.high],
            "gain_over_repeats": job.augmented.gain_over_repeats.mean,
        }
    return {
        "family": job.family,
        "today": f"{job.today:%Y-%m-%d}",
        "quantiles_5_50_95": coming,
        "n_forecasts": len(job.days),
        "compared": compared.to_dict("records"),
        "covered": covered,
        "augmentation": augmented,
        "seed": job.provenance.seed,
        "sha256": job.provenance.sha256,
    }
