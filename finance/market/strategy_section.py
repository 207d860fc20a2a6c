"""The section of the market report that shows what the strategies do over worlds and real years."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from scenara.finance.market.comparisons import (
    MOST_NAMED,
    Comparison,
    compare_strategies,
    describe_leader,
    describe_place,
    find_leader,
    percentile_interval,
    percentile_of_mean,
)
from scenara.finance.market.results import MarketJob
from scenara.shared.report import (
    Bullets,
    Cell,
    Chart,
    Charts,
    Column,
    Details,
    Facts,
    LegendItem,
    Paragraph,
    Row,
    Section,
    Table,
    fan_chart,
    histograms,
    line_chart,
)
from scenara.shared.report.blocks import Block
from scenara.shared.report.numbers import decimal, multiple, ordinal, percent
from scenara.shared.report.theme import SERIES

__all__ = ["metrics_of_strategies", "strategy_section"]


def _plain_tick(value: float) -> str:
    return f"{value:g}".replace("-", "\N{MINUS SIGN}")


def _multiple_tick(value: float) -> str:
    return f"{value:g}×"


@dataclass(frozen=True)
class _Figure:
    name: str
    label: str
    write: Callable[[float], str]
    more_is_better: bool | None = None
    reference: float | None = None
    better: str = ""
    write_tick: Callable[[float], str] | None = None


_COMPARED: Final = (
    _Figure("sharpe", "Sharpe ratio", decimal, True, 0.0, "Higher Sharpe ratio", _plain_tick),
    _Figure("max_drawdown", "Maximum drawdown", percent, False, None, "Smaller drawdown"),
    _Figure(
        "final_wealth", "Final wealth", multiple, True, 1.0, "Higher final wealth", _multiple_tick
    ),
)
_MOST_FANS: Final = 6
_OTHERS: Final = (
    _Figure("cagr", "Return a year", lambda value: percent(value, digits=1)),
    _Figure("volatility", "Volatility a year", lambda value: percent(value, digits=1)),
    _Figure("turnover", "Turnover a year (bought and sold, over wealth)", decimal),
    _Figure("costs", "Costs paid, over starting wealth", lambda value: percent(value, digits=2)),
)


def strategy_section(job: MarketJob) -> Section:
    """Show the distribution of each strategy's outcomes, with the real ones marked.

    Args:
        job: The job; it has at least one strategy.

    Returns:
        The section.
    """
    blocks: list[Block] = [
        Paragraph(_introduction(job)),
        _distributions(job),
        *_fans(job),
        _outcome_table(job, _COMPARED),
        _places(job),
    ]
    if len(job.strategies) > 1:
        blocks.append(_comparison_table(job))
    if all(outcome.wealth is not None for outcome in job.strategies.values()):
        blocks.append(_wealth_chart(job))
    others = _figures(job)[len(_COMPARED) :]
    if others:
        blocks.append(Details("Return, risk, turnover and costs", (_outcome_table(job, others),)))
    notes = _notes(job)
    if notes:
        blocks.append(Details("The strategies and their assumptions", notes))
    return Section("What the strategies earn", tuple(blocks))


def _places(job: MarketJob) -> Block:
    sentences = Bullets(tuple(describe_place(name, o) for name, o in job.strategies.items()))
    if len(job.strategies) <= MOST_NAMED + 1:
        return sentences
    return Details("Where the real years of each strategy fall among the worlds", (sentences,))


def _notes(job: MarketJob) -> tuple[Block, ...]:
    described = tuple((str(k), o.description) for k, o in job.strategies.items() if o.description)
    return (
        *((Facts(described),) if described else ()),
        *((Bullets(tuple(job.assumptions)),) if job.assumptions else ()),
    )


def metrics_of_strategies(job: MarketJob) -> dict[str, Any]:
    """Give the numbers of the section, ready for JSON.

    Args:
        job: The job.

    Returns:
        `strategies` (name -> figure -> statistics) and `comparisons` (a list).
    """
    return {
        "strategies": {
            name: {figure.name: _statistics(job, name, figure) for figure in _figures(job)}
            for name in job.strategies
        },
        "comparisons": [_as_json(comparison) for comparison in _comparisons(job)],
    }


def _as_json(comparison: Comparison) -> dict[str, Any]:
    return {
        key: None if isinstance(value, float) and not np.isfinite(value) else value
        for key, value in vars(comparison).items()
    }


def _figures(job: MarketJob) -> tuple[_Figure, ...]:
    frames = [outcome.worlds for outcome in job.strategies.values()]
    frames += [outcome.windows for outcome in job.strategies.values()]
    others = (figure for figure in _OTHERS if all(figure.name in frame.columns for frame in frames))
    return (*_COMPARED, *others)


def _introduction(job: MarketJob) -> str:
    n = len(job.window_starts)
    return (
        f"Each strategy is run over the same {len(job.worlds):,} worlds of {job.horizon} days and "
        f"over {n} real windows of the same length. {describe_leader(job.strategies)}"
    )


def _comparisons(job: MarketJob) -> tuple[Comparison, ...]:
    return compare_strategies(job.strategies, {f.name: bool(f.more_is_better) for f in _COMPARED})


def _distributions(job: MarketJob) -> Charts:
    legend = (
        LegendItem("worlds", "band", "worlds", 0.45),
        LegendItem(
            "their median, 25–75\N{NO-BREAK SPACE}% and 5–95\N{NO-BREAK SPACE}%", "dot", "worlds"
        ),
        LegendItem("each real window", "tick", "real"),
        LegendItem("mean of the real windows", "diamond", "real"),
    )
    charts = (
        Chart(
            figure.label,
            histograms(
                {name: o.worlds[figure.name].to_numpy(float) for name, o in job.strategies.items()},
                observed={
                    name: o.windows[figure.name].to_numpy(float)
                    for name, o in job.strategies.items()
                },
                title=f"{figure.label} of each strategy over worlds and real windows",
                reference=figure.reference,
                write=figure.write,
                write_tick=figure.write_tick,
            ),
            legend=legend,
        )
        for figure in _COMPARED
    )
    return Charts(tuple(charts))


def _fans(job: MarketJob) -> tuple[Charts, ...]:
    """Draw wealth over time in the worlds and in the real windows, for the first strategies."""
    shown = [(k, o) for k, o in job.strategies.items() if o.paths is not None][:_MOST_FANS]
    legend = (
        LegendItem("90\N{NO-BREAK SPACE}% of worlds", "band", "worlds", 0.2),
        LegendItem("50\N{NO-BREAK SPACE}%", "band", "worlds", 0.45),
        LegendItem("median", "line", "worlds"),
        LegendItem("each real window", "thin", "real"),
    )
    charts = (
        Chart(
            f"Wealth over time, {name}",
            fan_chart(
                outcome.paths,
                observed=outcome.lived,
                title=f"Wealth of {name} over the simulated worlds and real windows",
                n_examples=0,
                x_label="trading days",
                write=lambda value: f"{value:g}×",
                width=358,
                height=240,
            ),
            legend=legend,
        )
        for name, outcome in shown
        if outcome.paths is not None
    )
    return (Charts(tuple(charts)),) if shown else ()


def _statistics(job: MarketJob, name: str, figure: _Figure) -> dict[str, float | None]:
    outcome = job.strategies[name]
    worlds, windows = outcome.worlds[figure.name], outcome.windows[figure.name]
    place = percentile_of_mean(worlds, windows)
    low, high = percentile_interval(worlds, windows)
    numbers = {
        "median": float(worlds.median()),
        "q05": float(worlds.quantile(0.05)),
        "q95": float(worlds.quantile(0.95)),
        "real_mean": float(windows.mean()),
        "real_percentile": place,
        "real_percentile_low": low,
        "real_percentile_high": high,
        "real_whole": float(outcome.whole.get(figure.name, float("nan"))),
    }
    return {key: value if np.isfinite(value) else None for key, value in numbers.items()}


def _outcome_table(job: MarketJob, figures: tuple[_Figure, ...]) -> Table:
    n = len(job.window_starts)
    later = f"{job.real.index[0]:%Y}–{job.real.index[-1]:%Y}"
    columns = (
        Column("Strategy", numeric=False),
        Column("Median", note="worlds"),
        Column("5\N{NO-BREAK SPACE}%", note="worlds"),
        Column("95\N{NO-BREAK SPACE}%", note="worlds"),
        Column("Real mean", note=f"{n} windows"),
        Column("Its percentile", note=f"among means of {n} worlds · interval"),
        Column("Real", note=f"{later} at once"),
    )
    rows = []
    for figure in figures:
        rows.append(Row((figure.label,), "group"))
        rows.extend(_outcome_row(job, name, figure) for name in job.strategies)
    caption = (
        f"Outcomes over {job.horizon} days. The mean of {n} real windows is ranked among means of "
        f"{n} worlds, because a mean varies less than a single world; near the 50th percentile the "
        "real outcome is an ordinary one."
    )
    return Table(caption, columns, tuple(rows))


def _outcome_row(job: MarketJob, name: str, figure: _Figure) -> Row:
    numbers = {
        key: float("nan") if value is None else value
        for key, value in _statistics(job, name, figure).items()
    }
    shown = (figure.write(numbers[key]) for key in ("median", "q05", "q95", "real_mean"))
    low, high = (ordinal(numbers[f"real_percentile_{end}"]) for end in ("low", "high"))
    rank = Cell(ordinal(numbers["real_percentile"]), note=f"{low}–{high}")
    return Row((name, *shown, rank, figure.write(numbers["real_whole"])))


def _comparison_table(job: MarketJob) -> Table:
    found = _comparisons(job)
    pairs = list(dict.fromkeys((comparison.better, comparison.other) for comparison in found))
    few = len(job.strategies) <= MOST_NAMED + 1
    leader = find_leader(job.strategies)
    pairs = [pair for pair in pairs if few or leader in pair]
    by_place = {((c.better, c.other), c.figure): c for c in found}
    columns = (
        Column("Pair", numeric=False),
        *(
            Column(figure.better, note="share of worlds · interval · real windows")
            for figure in _COMPARED
        ),
    )
    rows = tuple(
        Row(
            (
                f"{pair[0]} against {pair[1]}",
                *(_comparison_cell(by_place[pair, figure.name]) for figure in _COMPARED),
            )
        )
        for pair in pairs
    )
    caption = (
        "How often the first strategy of a pair does better than the second in the same world, "
        "with the 95\N{NO-BREAK SPACE}% interval of the simulation (Wilson; it holds no error of the model)."
    )
    if not few:
        caption += f" Pairs with {leader} alone; all are in metrics.json."
    return Table(caption, columns, rows)


def _comparison_cell(comparison: Comparison) -> Cell:
    interval = f"{100 * comparison.low:.0f}–{percent(comparison.high)}"
    real = f"{comparison.real_wins} of {comparison.n_real}"
    return Cell(percent(comparison.probability), note=f"· {interval} · {real}")


def _wealth_chart(job: MarketJob) -> Chart:
    wealth = pd.DataFrame({name: o.wealth for name, o in job.strategies.items()})
    step = max(1, len(wealth) // 250)
    wealth = wealth.iloc[::step]
    lines = {str(name): wealth[name].to_numpy(float) for name in wealth.columns}
    wide, narrow = (
        line_chart(
            lines,
            x=wealth.index.to_numpy(),
            title="Wealth of each strategy over the real later years",
            log=True,
            write=lambda value: f"{value:g}×",
            width=width,
            height=height,
        )
        for width, height in ((960, 300), (358, 260))
    )
    legend = tuple(
        LegendItem(name, style.line, style.colour)
        for name, style in zip(lines, SERIES * len(lines), strict=False)
    )
    return Chart(
        "Wealth over the real later years, start = 1, log scale",
        wide,
        narrow,
        caption="" if step == 1 else f"One point for every {step} days.",
        legend=legend,
    )
