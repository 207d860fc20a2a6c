"""The one-page report of a search: what settings earned, on which side, and what of it is luck."""

from dataclasses import asdict
from typing import Any, Final

import numpy as np
import pandas as pd

from scenara.finance.portfolio.factory.heat_section import heat_blocks
from scenara.finance.portfolio.factory.job import SearchJob, SearchLuck
from scenara.finance.portfolio.factory.luck_section import luck_blocks, luck_metrics
from scenara.finance.portfolio.factory.result import SIDES, Pick, StrategySearch
from scenara.finance.portfolio.factory.wording import RANK_WORDS, figure_name, write_figure
from scenara.shared.report import (
    Block,
    Bullets,
    Column,
    Details,
    Facts,
    KeyFigure,
    KeyFigures,
    Paragraph,
    Report,
    Row,
    Section,
    Table,
)
from scenara.shared.report.numbers import count, decimal, percent, seconds

__all__ = ["search_report"]

_SHOWN: Final = 12
_LIMITS: Final = (
    (
        "Worlds are as good as the generator that made them. A setting that suits its worlds need "
        "not suit the future, and a weakness of the generator is a weakness of every row."
    ),
    (
        "Real history is one path. The Sharpe ratio of a few years has an error of about one over "
        "the root of the years, which is often more than all settings differ by."
    ),
    (
        "Only the settings listed here are counted as trials. Those that were tried before, by "
        "anyone on the same days, make luck likelier and are not known to this page."
    ),
    (
        "Unlikely to be luck means that something was earned, which may be no more than the premium "
        "of the market: whether a setting beats the baseline is what the table and Hansen's test say."
    ),
    "Past and simulated results are hypothetical, and no promise of any return.",
)


def search_report(job: SearchJob) -> Report:
    """Compose the report of a search.

    Args:
        job: The trials and what tests of luck say.

    Returns:
        The report; ``metrics`` holds its figures.
    """
    search = job.search
    sections = [
        Section("Real history beside worlds", (*heat_blocks(search), *_trials(job))),
        Section("What the pick of one side earns on the other", (_picks(job),)),
        Section("What is luck", luck_blocks(job)),
        _provenance(job),
        Section("What this cannot tell you", (Bullets(_LIMITS),)),
    ]
    return Report(
        f"Settings of {search.strategy}",
        tuple(sections),
        subtitle=f"{count(search.n_trials)} settings on {job.provenance.data}, traded from "
        f"{job.real_period[0]:%Y-%m-%d} to {job.real_period[1]:%Y-%m-%d} and in "
        f"{count(job.n_paths)} worlds of {job.family}.",
        opening=(Paragraph(_lead(job), lead=True), KeyFigures(_key_figures(job))),
        metrics=_metrics(job),
    )


def _lead(job: SearchJob) -> str:
    search = job.search
    ours, theirs = search.pick("real"), search.pick("worlds")
    if ours.trial == theirs.trial:
        picked = f"Real history and worlds pick the same setting, {ours.setting}."
    else:
        picked = (
            f"By {figure_name(search.objective)} real history picks {ours.setting}, which is "
            f"{_rank(ours.worlds_rank)} of {count(search.n_trials)} in the worlds; the worlds pick "
            f"{theirs.setting}, which is {_rank(theirs.real_rank)} on real history."
        )
    return f"{picked} {_beside_baseline(search, ours)} {_luck_sentence(job.luck)}"


def _beside_baseline(search: StrategySearch, pick: Pick) -> str:
    best = search.best_baseline
    real, worlds = float(search.baselines_real[best]), float(search.baselines[best].median())
    told = " and ".join(write_figure(search.objective, value) for value in (real, worlds))
    share = percent(pick.beats_baseline)
    return (
        f"Beside it, {best} reaches {told} in the middle of worlds, where the pick of real history "
        f"is better in {share}."
    )


def _luck_sentence(luck: SearchLuck | None) -> str:
    if luck is None:
        return "There is too little to judge luck by."
    judged = "may be luck" if luck.verdict.is_luck else "is unlikely to be luck"
    numbers = luck.verdict.sentence.partition(": ")[2]
    return f"What the pick of real history earned {judged}: {numbers}"


def _rank(rank: int) -> str:
    return RANK_WORDS.get(rank, f"number {rank}")


def _key_figures(job: SearchJob) -> tuple[KeyFigure, ...]:
    search, pick = job.search, job.search.pick("real")
    agreement = search.rank_agreement
    figure = figure_name(search.objective)
    found = [
        KeyFigure(
            "Settings tried", count(search.n_trials), "drawn" if job.drawn else "all of a grid"
        ),
        KeyFigure(
            "Agreement of ranks",
            "\N{EN DASH}" if np.isnan(agreement) else decimal(agreement),
            "real history with worlds (Spearman); 1 is full, 0 is none",
        ),
        KeyFigure(
            "Pick of real history",
            write_figure(search.objective, pick.real),
            f"{figure}; {write_figure(search.objective, pick.median)} in the middle of worlds",
        ),
    ]
    if job.luck is not None and job.luck.overfitting is not None:
        found.append(
            KeyFigure(
                "Overfitting",
                percent(job.luck.overfitting.probability),
                "chance that the best on half of the days is below the middle on the others",
            )
        )
    return tuple(found)


def _trials(job: SearchJob) -> tuple[Block, ...]:
    search = job.search
    table = search.table.sort_values("real_rank", kind="stable")
    best = search.best_baseline
    name = figure_name(search.objective)
    columns = (
        Column("Setting", numeric=False),
        Column("Real history", note=name),
        Column("Worlds", note="middle"),
        Column("5 to 95\N{NO-BREAK SPACE}%", note="of worlds"),
        Column(f"Better than {best}", note="share of worlds"),
        Column("Rank", note="real / worlds"),
    )
    caption = f"By {name} after costs, best on real history first."
    rows = [_trial_row(search.objective, str(label), row) for label, row in table.iterrows()]
    shown = Table(caption, columns, (*rows[:_SHOWN], _baseline_row(search)))
    if len(rows) <= _SHOWN:
        return (shown,)
    others = Table(
        f"The other {count(len(rows) - _SHOWN)} settings.", columns, tuple(rows[_SHOWN:])
    )
    return (shown, Details("All other settings", (others,)))


def _baseline_row(search: StrategySearch) -> Row:
    best = search.best_baseline
    real = float(search.baselines_real[best])
    low, middle, high = np.quantile(search.baselines[best], [0.05, 0.5, 0.95])
    figures = (
        write_figure(search.objective, real),
        write_figure(search.objective, middle),
        _span(search.objective, low, high),
    )
    return Row((best, *figures, "", ""), "total")


def _trial_row(objective: str, label: str, row: "pd.Series[Any]") -> Row:
    return Row(
        (
            label,
            write_figure(objective, row["real"]),
            write_figure(objective, row["median"]),
            _span(objective, row["low"], row["high"]),
            percent(row["beats_baseline"]),
            f"{row['real_rank']} / {row['worlds_rank']}",
        )
    )


def _span(objective: str, low: float, high: float) -> str:
    return f"{write_figure(objective, low)} to {write_figure(objective, high)}"


def _picks(job: SearchJob) -> Table:
    search = job.search
    columns = (
        Column("Picked by", numeric=False),
        Column("Setting", numeric=False),
        Column("Real history", note="and its rank"),
        Column("Worlds", note="middle, and its rank"),
        Column(f"Better than {search.best_baseline}", note="share of worlds"),
    )
    words = {"real": "real history", "worlds": "worlds"}
    rows = tuple(_pick_row(words[side], search.objective, search.pick(side)) for side in SIDES)
    return Table(f"The best by {figure_name(search.objective)} of each side.", columns, rows)


def _pick_row(side: str, objective: str, pick: Pick) -> Row:
    return Row(
        (
            side,
            pick.setting,
            f"{write_figure(objective, pick.real)} ({pick.real_rank})",
            f"{write_figure(objective, pick.median)} ({pick.worlds_rank})",
            percent(pick.beats_baseline),
        )
    )


def _provenance(job: SearchJob) -> Section:
    made = job.provenance
    facts = {
        "Data": made.data,
        "File": made.file,
        "SHA-256": made.sha256,
        "Worlds": f"{count(job.n_paths)} of {job.horizon} days, {job.family}, learned from "
        f"{job.train_period[0]:%Y-%m-%d} to {job.train_period[1]:%Y-%m-%d}",
        "Trades": f"every {job.rebalance} days, at {1e4 * job.costs:g} basis points of the value "
        "traded; cash earns nothing",
        "Seed": str(made.seed),
        "Command": made.command,
        "Versions": ", ".join(f"{name} {version}" for name, version in made.versions.items()),
        "Wall clock": ", ".join(f"{n} {seconds(took)}" for n, took in made.durations.items()),
    }
    return Section("How this was made", (Facts(tuple((n, v) for n, v in facts.items() if v)),))


def _metrics(job: SearchJob) -> dict[str, Any]:
    search, luck = job.search, job.luck
    agreement = search.rank_agreement
    table = search.table.drop(columns=list(search.settings[0]), errors="ignore")
    found: dict[str, Any] = {
        "strategy": search.strategy,
        "objective": search.objective,
        "n_trials": search.n_trials,
        "rank_agreement": None if np.isnan(agreement) else agreement,
        "best_baseline": search.best_baseline,
        "trials": {str(label): row.to_dict() for label, row in table.astype(float).iterrows()},
        "picks": {side: asdict(search.pick(side)) for side in SIDES},
    }
    if luck is not None:
        found["luck"] = luck_metrics(luck)
    return found
