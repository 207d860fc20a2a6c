"""The page on a portfolio's risk: what it can lose, who carries it, and whether to believe it."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from scenara.finance.market.results import Provenance
from scenara.finance.market.risk.pictures import exceedance_chart, exceedance_legend
from scenara.finance.market.risk.rolling import RollingRisk
from scenara.shared.report import (
    Bullets,
    Cell,
    Chart,
    Column,
    Details,
    Facts,
    KeyFigure,
    KeyFigures,
    Notice,
    Paragraph,
    Report,
    Row,
    Section,
    Table,
)
from scenara.shared.report.blocks import Block
from scenara.shared.report.comparisons import paired_bars
from scenara.shared.report.numbers import percent, seconds

__all__ = ["OURS", "RiskJob", "risk_report", "worlds_name"]

OURS: Final = "memory"
_DRAWN: Final = (OURS, "GJR FHS", "historical simulation 250")
_MOST_ASSETS = 30
_HOW: Final = (
    "Every day of the backtest, each model forecasts tomorrow's VaR and ES from the days before it. "
    f"“{OURS}” scales recent shocks by a volatility that remembers at several speeds and lets a "
    "Pareto law go on beyond the worst of them; worlds go on from the day before, by a family "
    "fitted anew once a year; the others are the field's baselines. Small p-values speak against a "
    "model."
)
_LIMITS: Final = (
    "The bands hold the noise of a finite number of worlds, not the error of the model.",
    "Positions are bought and held over a horizon; in the backtest shares are restored every day.",
    "Tests of rare losses have little power: a model that passes may still be wrong.",
    "Costs, taxes and market impact of selling in a crisis are left out.",
)


@dataclass(frozen=True)
class RiskJob:
    """Hold everything the report of a risk job shows.

    Args:
        family: Generator whose worlds the figures are read off.
        today: Last day known to the worlds.
        is_from_today: Whether worlds go on from that day's state, or start anywhere.
        n_paths: Number of worlds.
        portfolio: What is held, in words.
        used_family: The family, with the one that it chose where it chooses.
        weights: Share of each asset.
        measures: From `portfolio_risk`.
        contributions: From `risk_contributions`, rows named by asset.
        level: Level of the contributions.
        horizon: Days of the contributions.
        backtest: The rolling forecasts.
        table: Its table of tests.
        provenance: Where the figures come from.
    """

    family: str
    today: pd.Timestamp
    is_from_today: bool
    n_paths: int
    portfolio: str
    used_family: str
    weights: pd.Series
    measures: pd.DataFrame
    contributions: pd.DataFrame
    level: float
    horizon: int
    backtest: RollingRisk
    table: pd.DataFrame
    provenance: Provenance

    @property
    def longest(self) -> int:
        """The most days over which the portfolio is held."""
        return int(max(self.measures.index.get_level_values("horizon")))

    @property
    def worlds(self) -> str:
        """What the backtest calls the worlds that the figures are read off."""
        return worlds_name(self.family)

    @property
    def tested(self) -> tuple[str, ...]:
        """The models of ours that the backtest holds."""
        known = self.table.index.get_level_values("model")
        return tuple(name for name in (OURS, self.worlds) if name in known)


def worlds_name(family: str) -> str:
    """Give what the backtest calls the worlds of a family.

    Args:
        family: Registered name.

    Example:
        >>> worlds_name("series/fhs")
        'worlds of series/fhs'
    """
    return f"worlds of {family}"


def risk_report(job: RiskJob) -> Report:
    """Compose the report of a risk job.

    Args:
        job: The figures.

    Returns:
        The report; its ``metrics`` hold the same figures.
    """
    sections = (
        Section("What can the portfolio lose?", _losses(job, ("VaR", "ES"))),
        Section("Which assets carry the risk?", _carriers(job)),
        Section("How deep can it fall from a peak?", _losses(job, _DRAWDOWNS)),
        Section("Were such forecasts right?", _backtest(job)),
        Section("Where it comes from", (_facts(job), Bullets(_LIMITS))),
    )
    return Report(
        "Risk of a portfolio",
        sections,
        subtitle=f"{job.provenance.data}: {job.portfolio}. {_worlds(job)}.",
        opening=_opening(job),
        metrics=_metrics(job),
    )


_DRAWDOWNS: Final = ("drawdown", "mean drawdown beyond")
_NAMES: Final = {
    "VaR": "VaR",
    "ES": "ES",
    "drawdown": "Drawdown-at-risk",
    "mean drawdown beyond": "Mean drawdown beyond",
}


def _opening(job: RiskJob) -> tuple[Block, ...]:
    figures = [
        KeyFigure(f"{_NAMES[measure]} {100 * job.level:g} %, {_days(horizon)}", *_written(found))
        for horizon in dict.fromkeys((job.horizon, job.longest))
        for measure in ("VaR", "ES")
        for found in (_figure(job.measures, horizon, measure, job.level),)
    ]
    if (job.longest, "drawdown", job.level) in job.measures.index:
        deepest = _figure(job.measures, job.longest, "drawdown", job.level)
        label = f"Drawdown-at-risk {100 * job.level:g} %, {_days(job.longest)}"
        figures.append(KeyFigure(label, *_written(deepest)))
    figures.append(_largest(job))
    notices = (_verdict(job, model) for model in job.tested)
    return (Paragraph(_lead(job), lead=True), KeyFigures(tuple(figures)), *notices)


def _lead(job: RiskJob) -> str:
    """Answer in words: what a bad day costs, and what a bad stretch does."""
    once = f"one {'day' if job.horizon == 1 else 'time'} in {round(1 / (1 - job.level))}"
    var, es = _estimates(job, job.horizon)
    over = "" if job.horizon == 1 else f" over {_days(job.horizon)}"
    sentence = (
        f"{job.portfolio[0].upper()}{job.portfolio[1:]} loses over {var}{over} on {once}, and on "
        f"average {es} when it does."
    )
    if job.longest == job.horizon:
        return sentence
    var, es = _estimates(job, job.longest)
    return f"{sentence} Over {_days(job.longest)} these losses are {var} and {es}."


def _estimates(job: RiskJob, horizon: int) -> tuple[str, str]:
    var, es = (
        percent(float(_figure(job.measures, horizon, name, job.level)["estimate"]), digits=1)
        for name in ("VaR", "ES")
    )
    return var, es


def _written(found: "pd.Series[float]") -> tuple[str, str]:
    return percent(float(found["estimate"]), digits=2), _band(found)


def _largest(job: RiskJob) -> KeyFigure:
    parts = job.contributions["component_es"]
    asset = parts.index[int(np.argmax(parts.to_numpy()))]
    share = percent(float(parts[asset] / parts.sum()), digits=1)
    weight = percent(float(job.weights[asset]), digits=1)
    return KeyFigure("Largest part of the ES", str(asset), f"{share} of it, weight {weight}")


def _verdict(job: RiskJob, model: str) -> Notice:
    found = job.table.xs(model, level="model")
    n_days = f"{len(job.backtest.returns):,} days"
    wrong = {tail: word for tail, word in found["verdict"].items() if word != "right"}
    if not wrong:
        return Notice(
            f"Backtest of {model}: no test refuses it.",
            f"Its one-day VaR and ES passed the tests of frequency, independence, dynamic quantiles "
            f"and severity at {_listed(found.index)} over {n_days}.",
            "good",
        )
    listed = "; ".join(f"at {100 * float(str(tail)):g} % {word}" for tail, word in wrong.items())
    return Notice(
        f"Backtest of {model}: some forecasts are refused.",
        f"Its one-day VaR and ES over {n_days}: {listed}.",
    )


def _listed(tails: pd.Index) -> str:
    return ", ".join(f"{100 * tail:g} %" for tail in tails)


def _days(n: int) -> str:
    return "1 day" if n == 1 else f"{n} days"


def _band(found: "pd.Series[float]") -> str:
    low, high = (percent(float(found[end]), digits=2) for end in ("low", "high"))
    return f"{low} to {high}"


def _figure(measures: pd.DataFrame, horizon: int, measure: str, level: float) -> "pd.Series[float]":
    found = measures.xs((horizon, measure, level))
    assert isinstance(found, pd.Series)
    return found


def _losses(job: RiskJob, measures: tuple[str, ...]) -> tuple[Block, ...]:
    chosen = job.measures[job.measures.index.get_level_values("measure").isin(measures)]
    if chosen.empty:
        return (Paragraph("The portfolio has no positive value to fall from."),)
    levels = sorted(set(chosen.index.get_level_values("level")))
    rows = []
    for horizon in dict.fromkeys(chosen.index.get_level_values("horizon")):
        for measure in measures:
            found = [_figure(chosen, horizon, measure, level) for level in levels]
            cells = [Cell(percent(float(f["estimate"]), digits=2), _band(f)) for f in found]
            rows.append(Row((f"{_NAMES[measure]}, {_days(horizon)}", *cells)))
    table = Table(
        "Share of the portfolio, with 95 % bands of the simulation (asymptotic)",
        (Column("", numeric=False), *(Column(f"{100 * level:g} %") for level in levels)),
        tuple(rows),
    )
    return (table,)


def _carriers(job: RiskJob) -> tuple[Block, ...]:
    parts = job.contributions.assign(weight=job.weights)
    order = parts["component_es"].abs().sort_values(ascending=False).index[:_MOST_ASSETS]
    shown = parts.loc[order]
    total_var, total_es = (float(parts[f"component_{name}"].sum()) for name in ("var", "es"))
    rows = [
        Row(
            (
                str(asset),
                percent(float(row["weight"]), digits=1),
                percent(float(row["component_var"]) / total_var, digits=1),
                Cell(
                    percent(float(row["component_es"]) / total_es, digits=1),
                    f"{percent(float(row['es_low']) / total_es, digits=1)} to "
                    f"{percent(float(row['es_high']) / total_es, digits=1)}",
                ),
            )
        )
        for asset, row in shown.iterrows()
    ]
    headings = ("Asset", "Weight", "Share of VaR", "Share of ES")
    label = f"{100 * job.level:g} % over {_days(job.horizon)}"
    table = Table(
        f"Components at {label}; over all assets they add up to the whole",
        tuple(Column(name, numeric=place > 0) for place, name in enumerate(headings)),
        tuple(rows),
    )
    shares = shown["component_es"] / total_es
    if shares.min() < 0 or shown["weight"].min() < 0:
        return (table,)
    drawing = paired_bars(
        {"weight": shown["weight"].tolist(), "share of ES": shares.tolist()},
        labels=[str(name) for name in order],
        title="Weight and share of ES",
        colours=("muted", "worlds"),
        width=960,
        row_height=24,
    )
    caption = "Grey: weight. Blue: share of the ES. A longer blue bar brings more risk than weight."
    chart = Chart(f"Who carries the ES, {label}", drawing, caption=caption)
    return (chart, Details("Components of every asset, with bands", (table,)))


def _backtest(job: RiskJob) -> tuple[Block, ...]:
    place = int(np.argmin(job.backtest.tails))
    tail = job.backtest.tails[place]
    var = {
        name: job.backtest.forecasts[name].var[:, place]
        for name in _DRAWN
        if name in job.backtest.forecasts
    }
    chart = Chart(
        f"Daily returns and the one-day VaR at {100 * tail:g} %",
        exceedance_chart(job.backtest.returns, var, title="Exceedances of the VaR"),
        caption="Each day's line was drawn from the days before it alone.",
        legend=exceedance_legend(var),
    )
    return (Paragraph(_HOW), chart, _tests(job))


def _tests(job: RiskJob) -> Table:
    rows = []
    models = dict.fromkeys((*job.tested, *job.table.index.get_level_values("model")))
    for model in models:
        part = job.table.xs(model, level="model")
        rows.append(Row((str(model),), emphasis="group"))
        for tail, row in part.iterrows():
            rows.append(Row((f"{100 * float(str(tail)):g} %", *_test_cells(row))))
    headings = (
        ("Tail", ""),
        ("Hits", "expected"),
        ("Kupiec", "p"),
        ("Christoffersen", "p"),
        ("Dynamic quantile", "p"),
        ("Acerbi-Szekely", "p"),
        ("FZ0 loss", "lower is better"),
        ("Loss / ES", "beyond VaR"),
        ("Verdict", ""),
    )
    columns = tuple(
        Column(name, numeric=name not in ("Tail", "Verdict"), note=note) for name, note in headings
    )
    return Table("Tests of the one-day forecasts, by model and tail", columns, tuple(rows))


def _test_cells(row: "pd.Series[Any]") -> tuple[Cell | str, ...]:
    tests = ("kupiec", "christoffersen", "dynamic_quantile", "acerbi_szekely")
    right = row["verdict"] == "right"
    return (
        Cell(f"{row['hits']}", f"{row['expected']:.1f}"),
        *(f"{row[name]:.3f}" for name in tests),
        f"{row['fz0']:.3f}",
        f"{row['es_ratio']:.2f}",
        Cell(str(row["verdict"]), level="level-1" if right else "level-3"),
    )


def _worlds(job: RiskJob) -> str:
    start = "going on from" if job.is_from_today else "starting anywhere in the law learned to"
    return f"{job.n_paths:,} worlds of {job.used_family}, {start} {job.today:%Y-%m-%d}"


def _facts(job: RiskJob) -> Facts:
    source = job.provenance
    return Facts(
        (
            ("Portfolio", job.portfolio),
            ("Worlds", _worlds(job)),
            ("Data", source.data),
            ("File", source.file),
            ("SHA-256", source.sha256 or "none"),
            ("Seed", str(source.seed)),
            ("Command", source.command),
            *((name, value) for name, value in source.notes.items()),
            *((f"Time: {name}", seconds(value)) for name, value in source.durations.items()),
        )
    )


def _metrics(job: RiskJob) -> dict[str, Any]:
    return {
        "measures": _records(job.measures),
        "contributions": _records(job.contributions.rename_axis("asset")),
        "backtest": _records(job.table),
        "family": job.family,
        "portfolio": job.portfolio,
        "start": "today" if job.is_from_today else "anywhere",
        "today": f"{job.today:%Y-%m-%d}",
    }


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    plain = frame.reset_index().astype(object)
    rows = plain.where(plain.notna(), None).to_numpy().tolist()
    return [dict(zip(map(str, plain.columns), row, strict=True)) for row in rows]
