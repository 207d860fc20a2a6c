"""The report of a scenario: what was asked, how likely it is, and what it does to the portfolio."""

import math
from functools import partial
from typing import Any

import numpy as np

from scenara.finance.market.scenarios.asset_section import asset_section
from scenara.finance.market.scenarios.holdings import named
from scenara.finance.market.scenarios.job import ScenarioJob
from scenara.shared.report import (
    Bullets,
    Chart,
    Charts,
    Details,
    Facts,
    KeyFigure,
    KeyFigures,
    LegendItem,
    Notice,
    Paragraph,
    Report,
    Row,
    Section,
    Table,
    fan_chart,
    histograms,
)
from scenara.shared.report.blocks import Block, Column
from scenara.shared.report.numbers import count, decimal, percent, seconds

__all__ = ["scenario_report"]

_FIGURES = {
    "return": "Return of the portfolio",
    "volatility": "Volatility of the portfolio",
    "drawdown": "Deepest fall from a peak",
    "correlation": "Mean correlation of the assets",
}
_KINDS = {"free": "all worlds", "scenario": "scenario"}
_LEVELS = ("5 %", "median", "95 %")
_LIMITS = (
    (
        "The chance is the model's. Its band holds the noise of a finite number of worlds and "
        "nothing else: not the error of the model, not the luck of the period it was fitted on."
    ),
    (
        "The worlds are not forecasts. They say how such a thing comes about under the laws of the "
        "past, so that its consequences can be weighed."
    ),
    (
        "The rarer the request, the further it lies from what the model has seen. Below a chance "
        "of one in the number of such periods it was fitted on, its details are a reasoned story."
    ),
    "The portfolio is brought back to its shares every day, without costs, taxes or market impact.",
)


def scenario_report(job: ScenarioJob) -> Report:
    """Compose the report of a scenario.

    Args:
        job: The request and the worlds.

    Returns:
        The report; `metrics` holds its figures, the same job gives the same page.
    """
    sections = [Section("What was asked", _asked(job))]
    if job.found is not None:
        sections += [_portfolio_section(job), _change_section(job), asset_section(job)]
    sections.append(_provenance_section(job))
    sections.append(Section("What this cannot tell you", (Bullets(_LIMITS),)))
    return Report(
        "Scenario" if job.past is None else f"Scenario: like {job.past.episode.name}",
        tuple(sections),
        subtitle=_subtitle(job),
        opening=_opening(job),
        metrics=_metrics(job),
    )


def _subtitle(job: ScenarioJob) -> str:
    first, last = job.period
    start = f"from {last:%Y-%m-%d} on" if job.is_from_today else "starting anywhere"
    return (
        f"{job.provenance.data}, {count(len(job.assets))} assets. Worlds of {job.horizon} days "
        f"{start}. Simulator: {job.family}, fitted on {first:%Y}–{last:%Y}."
    )


def _opening(job: ScenarioJob) -> tuple[Block, ...]:
    if job.found is None:
        notice = Notice("Not feasible.", f"{_sentence(job.obstacle)} No world is made up instead.")
        return Paragraph(_refusal(job), lead=True), notice
    return Paragraph(_headline(job), lead=True), KeyFigures(_key_figures(job)), _verdict(job)


def _refusal(job: ScenarioJob) -> str:
    """Say what can't be had, which part of it is the furthest away, and what to do."""
    table = job.event_table()
    worst = table.to_dict("records")[int(table["short"].to_numpy().argmax())]
    furthest = (
        f" Furthest away is the {worst['event']}: the nearest of {count(len(job.free))} worlds has "
        f"{_written(worst['measure'], worst['nearest'])}."
        if worst["short"] > 0
        else " Each part comes about alone, but not all together."
    )
    return (
        f"{job.family} has no worlds of {job.horizon} days with {_asked_words(job)}.{furthest} Ask "
        f"for less, or choose another --family.{_replayed(job)}"
    )


def _asked_words(job: ScenarioJob) -> str:
    if job.past is not None:
        return f"the return, volatility and correlation of {job.past.episode.name}"
    return f"{job.events[0]}" if len(job.events) == 1 else f"{len(job.events)} events at once"


def _replayed(job: ScenarioJob) -> str:
    if job.past is None:
        return ""
    return (
        f" Replayed day by day, {job.past.episode.name} takes {named(job.portfolio)} to "
        f"{percent(job.past.total_return)}, and {percent(job.past.drawdown)} below its peak."
    )


def _headline(job: ScenarioJob) -> str:
    ends = job.quantiles("return")
    low, middle, high = (percent(ends["scenario"].iloc[i]) for i in range(3))
    asked = _asked_words(job)
    assert job.found is not None
    return (
        f"{asked[0].upper()}{asked[1:]}: a chance of {_chance(job.found.probability)} in "
        f"{job.horizon} days. Then {named(job.portfolio)} ends at {middle} in the middle, "
        f"{low} to {high} in nine of ten worlds; over all worlds at "
        f"{percent(ends['free'].iloc[1])} ({percent(ends['free'].iloc[0])} to "
        f"{percent(ends['free'].iloc[2])}).{_replayed(job)}"
    )


def _key_figures(job: ScenarioJob) -> tuple[KeyFigure, ...]:
    assert job.found is not None
    found, (low, high) = job.found, job.band
    figures = [
        KeyFigure(
            "Chance under the model",
            _chance(found.probability),
            f"{_chance(low)} to {_chance(high)}; one in {count(1 / found.probability)}",
        ),
        KeyFigure(
            "Effective worlds",
            count(found.effective_size),
            f"of {count(len(found.paths))}; {count(found.n_simulated)} simulated, {found.method}",
            "warning" if found.effective_size < 200 else "",
        ),
    ]
    for name in job.figures["free"].columns:
        middle = {kind: float(table[name].median()) for kind, table in job.figures.items()}
        figures.append(
            KeyFigure(
                f"{_FIGURES[name]}, median",
                _written(name, middle["scenario"]),
                f"all worlds {_written(name, middle['free'])}",
            )
        )
    return tuple(figures)


def _verdict(job: ScenarioJob) -> Notice:
    assert job.found is not None
    size = job.found.effective_size
    error = percent(1 / math.sqrt(size), digits=1)
    text = (
        f"All {count(len(job.found.paths))} worlds fulfil the request, and follow the model's law "
        f"given the request. They are worth {count(size)} independent ones: a share read from them "
        f"has a 95 % band of at most {error} on either side."
    )
    return Notice("The request holds in every world.", text, tone="good")


def _asked(job: ScenarioJob) -> tuple[Block, ...]:
    columns = (
        Column("Event", numeric=False),
        Column("Chance alone", note=f"of {count(len(job.free))} worlds"),
        Column("Median", note="all worlds"),
        Column("Median", note="in the scenario") if job.found else Column("Nearest", note="world"),
    )
    rows = tuple(
        Row(
            (
                str(row["event"]),
                _share_of(row["chance"], len(job.free)),
                _written(row["measure"], row["free"]),
                _written(row["measure"], row["scenario" if job.found else "nearest"]),
            )
        )
        for row in job.event_table().to_dict("records")
    )
    blocks: list[Block] = [Table("Events, how likely each is alone", columns, rows)]
    if job.past is not None:
        blocks.append(_past_block(job))
    return tuple(blocks)


def _past_block(job: ScenarioJob) -> Paragraph:
    assert job.past is not None
    past = job.past
    proxies = (past.assets["proxy"] != "").sum()
    stand_in = f" Proxies stand in for {proxies} assets." if proxies else ""
    return Paragraph(
        f"{past.episode.title} ({past.episode.peak} to {past.episode.end}, "
        f"{len(past.wealth) - 1} days), replayed for this portfolio: return "
        f"{percent(past.total_return, digits=1)}, volatility {percent(past.volatility)}, deepest "
        f"fall {percent(past.drawdown)}, mean correlation {decimal(past.correlation)}.{stand_in}"
    )


def _portfolio_section(job: ScenarioJob) -> Section:
    assert job.found is not None
    scenario, free = job.wealth(job.found.paths), job.wealth(job.free)
    observed = {"typical": scenario[job.typical], "all": np.median(free, axis=0)}
    if job.past is not None:
        observed["past"] = job.past.wealth.to_numpy()[: job.horizon + 1]
        del observed["all"]
    wide, narrow = (
        fan_chart(
            scenario,
            observed=observed,
            bold="typical",
            title="Wealth of the portfolio over the worlds of the scenario",
            x_label="trading days",
            write=lambda value: f"{value:.3g}×",
            width=width,
            height=height,
        )
        for width, height in ((960, 380), (358, 300))
    )
    other = f"replay of {job.past.episode.name}" if job.past is not None else "median of all worlds"
    legend = (
        LegendItem("90\N{NO-BREAK SPACE}% of the scenario's worlds", "band", "worlds", 0.2),
        LegendItem("50\N{NO-BREAK SPACE}%", "band", "worlds", 0.45),
        LegendItem("median", "line", "worlds"),
        LegendItem("a typical world (the medoid)", "line", "real"),
        LegendItem(other, "thin", "real"),
    )
    chart = Chart(
        "Wealth of the portfolio in the scenario, start = 1",
        wide,
        narrow,
        caption="Bands hold the middle of the worlds on each day; the typical world is the one "
        "nearest to all others, in all assets at once.",
        legend=legend,
    )
    return Section("The portfolio in the scenario", (chart,))


def _change_section(job: ScenarioJob) -> Section:
    charts = [
        Chart(
            _FIGURES[name],
            histograms(
                {_KINDS[kind]: table[name].to_numpy() for kind, table in job.figures.items()},
                observed={},
                title=_FIGURES[name],
                write=partial(_written, name),
                write_tick=partial(_tick, name),
            ),
        )
        for name in job.figures["free"].columns
    ]
    how = (
        "The line below each spans 90 % of the worlds, the thick part 50 %, the dot is the median."
    )
    return Section(
        "Before and after: the scenario beside all worlds",
        (Charts(tuple(charts)), Paragraph(how), _quantile_table(job)),
    )


def _quantile_table(job: ScenarioJob) -> Table:
    columns = (
        Column("Over the horizon", numeric=False),
        *(Column(q, note=kind) for kind in _KINDS.values() for q in _LEVELS),
    )
    rows = []
    for name in job.figures["free"].columns:
        table = job.quantiles(name)
        values = [*table["free"], *table["scenario"]]
        rows.append(Row((_FIGURES[name], *(_written(name, value) for value in values))))
    return Table("Quantiles over the worlds", columns, tuple(rows))


def _provenance_section(job: ScenarioJob) -> Section:
    made, (first, last) = job.provenance, job.period
    under = f" and {count(len(job.found.paths))} under the request" if job.found else ""
    facts = {
        "Data": made.data,
        "File": made.file,
        "SHA-256": made.sha256,
        "Assets": ", ".join(job.assets),
        "Portfolio": named(job.portfolio),
        "Learned from": f"{first:%Y-%m-%d} to {last:%Y-%m-%d}",
        "Worlds": f"{count(len(job.free))} free{under} of {job.horizon} days",
        "Method": "" if job.found is None else job.found.method,
        "Seed": str(made.seed),
        "Command": made.command,
        "Versions": ", ".join(f"{name} {version}" for name, version in made.versions.items()),
        **made.notes,
    }
    blocks: list[Block] = [Facts(tuple((name, value) for name, value in facts.items() if value))]
    if made.durations:
        rows = tuple(Row((stage, seconds(spent))) for stage, spent in made.durations.items())
        table = Table("Durations", (Column("Stage", numeric=False), Column("Wall clock")), rows)
        blocks.append(Details("How long each stage took", (table,)))
    return Section("How this was made", tuple(blocks))


def _metrics(job: ScenarioJob) -> dict[str, Any]:
    first, last = job.period
    found = job.found
    base: dict[str, Any] = {
        "family": job.family,
        "portfolio": named(job.portfolio),
        "events": job.event_table().drop(columns=["measure", "short"]).to_dict("records"),
        "horizon": job.horizon,
        "n_paths": len(job.free),
        "learned": [f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}"],
        "start": "today" if job.is_from_today else "anywhere",
        "feasible": found is not None,
        "obstacle": job.obstacle,
        "seed": job.provenance.seed,
        "sha256": job.provenance.sha256,
    }
    if found is not None:
        base |= {
            "probability": found.probability,
            "probability_band": list(job.band),
            "effective_size": found.effective_size,
            "n_simulated": found.n_simulated,
            "method": found.method,
            "figures": {
                name: job.quantiles(name).to_dict("list") for name in job.figures["free"].columns
            },
        }
    return {name: _finite(value) for name, value in base.items()}


def _finite(value: Any) -> Any:  # noqa: ANN401  (anything that JSON holds)
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _written(measure: str, value: float) -> str:
    if measure == "correlation":
        return decimal(value)
    if measure == "level":
        return f"{value:.4g}"
    return percent(value, digits=1)


def _tick(measure: str, value: float) -> str:
    return decimal(value) if measure == "correlation" else percent(value)


def _chance(share: float) -> str:
    if share >= 0.001:
        return percent(share, digits=2 if share < 0.1 else 1)
    exponent = math.floor(math.log10(share))
    return f"{share / 10**exponent:.1f} × 10^{exponent}"


def _share_of(share: float, n: int) -> str:
    return f"under {_chance(1 / n)}" if share == 0 else _chance(share)


def _sentence(text: str) -> str:
    body = text.removeprefix("given: ")
    return f"{body[:1].upper()}{body[1:]}."
