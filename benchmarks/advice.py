"""The robo-advisor: chances by generator and seed, cost, monotone choices, and past calibration.

    advice.py [SEED...]

The client is the one of ``scenara finance client``. The calibration lets plans made from the years
to 1970 face the years after it, and plans made at each year's end face the fifteen years that
followed; windows overlap, so that 15-year windows since 1971 are worth about three.
"""

import json
import sys
import tempfile
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from measure import cpu_seconds, peak_megabytes, table

from scenara.finance.advisor.client import Constraints, Goal, Household, Saving
from scenara.finance.advisor.client_file import read_client
from scenara.finance.advisor.example import write_example
from scenara.finance.advisor.goals import DatedGoal
from scenara.finance.advisor.planning import (
    Candidate,
    Charges,
    HouseholdModel,
    Timetable,
    Universe,
    admissible_equity,
    choose,
    efficient_frontier,
    glide_path,
    project,
    scores,
    simulate_markets,
    timetable,
    us_history,
)
from scenara.finance.advisor.planning.plan import candidate_grid
from scenara.finance.advisor.planning.projection import portfolio_returns
from scenara.finance.advisor.profile import risk_profile
from scenara.finance.advisor.questionnaire import ITEMS
from scenara.finance.advisor.settings import AdviceSettings
from scenara.finance.advisor.study import run_advice
from scenara.shared.data.samples import load_sample

FAMILIES = AdviceSettings().families
N_CLIENTS = 200
YEARS = 15
MIXES = (0.0, 0.3, 0.6, 0.9)
FREE = Charges(turnover_per_year=0.0)


def percent(share, digits=1):
    return f"{100 * share:.{digits}f} %"


def whole_runs(seeds):
    """Advise the example client with several seeds: chances, costs, CPU seconds."""
    rows = []
    for seed in seeds:
        folder = Path(tempfile.mkdtemp())
        settings = AdviceSettings(client=str(write_example(folder / "client")), seed=seed)
        start = cpu_seconds()
        run_advice(settings, out=folder / "advice", command="benchmark")
        seconds = cpu_seconds() - start
        found = json.loads((folder / "advice" / "metrics.json").read_text())
        size = (folder / "advice" / "report.html").stat().st_size
        for name, goal in found["goals"].items():
            own = {f: percent(p) for f, p in goal["by_family"].items()}
            rows.append(
                {
                    "seed": seed,
                    "goal": name,
                    "equity": percent(found["equity"], 0),
                    "chance": percent(goal["chance"]),
                    "interval": f"{percent(goal['low'])} to {percent(goal['high'])}",
                    **own,
                    "without charges": percent(found["fees"]["chances_without"][name]),
                    "wealth lost to charges": percent(found["fees"]["share_lost"]),
                    "CPU s": f"{seconds:.1f}",
                    "report kB": f"{size / 1e3:.0f}",
                }
            )
    return rows


def random_client(client, rng):
    """Draw goals, money, household and answers."""
    goals = tuple(
        Goal(
            name=f"goal {k}",
            amount=float(rng.uniform(2_000, 60_000)),
            priority=str(rng.choice(["essential", "important", "wish"])),
            age=float(rng.integers(37, 60)),
            years=int(rng.integers(1, 10)),
        )
        for k in range(rng.integers(1, 4))
    )
    return replace(
        client,
        goals=goals,
        saving=Saving(per_month=float(rng.uniform(0, 1_400))),
        questionnaire={item.key: str(rng.choice(list(item.points))) for item in ITEMS},
        household=Household(
            income_per_year=60_000,
            expenses_per_year=float(rng.uniform(20_000, 43_000)),
            emergency_cash=float(rng.uniform(100, 40_000)),
            dependants=int(rng.integers(0, 4)),
            job_stability=str(rng.choice(["secure", "stable", "variable", "uncertain"])),
        ),
    )


def monotone_counts(history):
    """Count violations over random clients in the same worlds."""
    rng = np.random.default_rng(0)
    client = read_client(write_example(Path(tempfile.mkdtemp()) / "client"))
    markets = simulate_markets(history, FAMILIES, n_paths=60, n_months=450, seed=0)
    universe = Universe(client.instruments, client.constraints, history.classes)
    frontier = efficient_frontier(markets, universe)
    model = HouseholdModel.of(
        timetable(client), markets, frontier, charges=Charges.of(client.fees, client.tax)
    )
    grid = candidate_grid(frontier, 0.1)
    wrong = dict.fromkeys(("tolerance", "saving", "later goal"), 0)
    tried = dict.fromkeys(wrong, 0)
    for _ in range(N_CLIENTS):
        drawn = random_client(client, rng)
        flows = timetable(drawn)
        projection = model.run(grid, flows=flows)
        found = scores(projection, flows, glide_years=model.glide_years)
        equity = [chosen_equity(found, frontier, replace_answers(drawn, k)) for k in range(4)]
        tried["tolerance"] += 3
        wrong["tolerance"] += sum(b < a - 1e-12 for a, b in pairwise(equity))
        richer = model.run(grid, flows=flows.more_saving(float(rng.uniform(10, 500))))
        tried["saving"] += projection.reached[..., 0].size
        wrong["saving"] += int((richer.chances() < projection.chances()).sum())
        for goal in flows.goals:
            later = replace(goal, first_month=goal.first_month + int(rng.integers(1, 120)))
            early, late = (glide_path(g, n_months=900, glide_years=10) for g in (goal, later))
            tried["later goal"] += 1
            wrong["later goal"] += bool((late < early - 1e-12)[: goal.first_month].any())
    names = {
        "tolerance": "more risk tolerance, less equity to hold today",
        "saving": "more saving, a lower chance of a goal",
        "later goal": "a later goal, a lower or shorter glide path",
    }
    return [
        {"what never may be": names[k], "tried": f"{tried[k]:,}", "found": wrong[k]} for k in wrong
    ]


def replace_answers(client, step):
    """Answer every question some steps more boldly."""
    answers = {}
    for item in ITEMS:
        words = list(item.points)
        answers[item.key] = words[
            min(words.index(client.questionnaire[item.key]) + step, len(words) - 1)
        ]
    return replace(client, questionnaire=answers)


def chosen_equity(found, frontier, client):
    """Give the equity to hold today."""
    profile = risk_profile(client)
    largest = admissible_equity(
        frontier, maximum_equity=profile.maximum_equity, maximum_loss=profile.maximum_loss
    )
    return found.today[choose(found, largest_equity=largest)]


def saver(goal):
    """Give the flows of someone who saves 500 a month for one sum, without inflation."""
    months = 12 * YEARS + 1
    works = (np.arange(months) < 12 * YEARS).astype(float)
    goals = (DatedGoal("sum", "essential", goal, 12 * YEARS),)
    return Timetable(goals, 500 * works, works, np.ones(months), 50_000.0, 50_000.0)


def wealths(worlds, frontier):
    """Give final wealth of each mix before a goal of next to nothing, (mixes, worlds)."""
    returns = portfolio_returns(worlds, frontier)
    mixes = [Candidate(equity) for equity in MIXES]
    return project(saver(1e-6), mixes, returns, frontier, charges=FREE).final


def learned(months, until, *, n_paths, seed=0):
    """Learn worlds from the months up to a day; cash may not be in the mixes' names."""
    history = us_history(months, until=until)
    markets = simulate_markets(
        history, FAMILIES, n_paths=n_paths, n_months=12 * YEARS + 1, seed=seed
    )
    client = read_client(write_example(Path(tempfile.mkdtemp()) / "client"))
    universe = Universe(client.instruments, Constraints(), history.classes)
    frontier = efficient_frontier(markets, universe)
    free = replace(frontier, expenses=np.zeros_like(frontier.expenses))
    return markets, free


def realised(returns, starts, frontier):
    """Give what each mix became from each start on, (mixes, starts)."""
    windows = np.stack([returns[s : s + 12 * YEARS + 1] for s in starts])
    return wealths(windows.astype(np.float32), frontier)


def one_origin(months):
    """Let plans made at the end of 1970 face all later windows of 15 years."""
    markets, frontier = learned(months, "1970-12-31", n_paths=2_000)
    plan = wealths(markets.pooled(), frontier)
    whole = us_history(months).returns
    later = whole.index.get_loc("1971-01-31")
    starts = np.arange(later, len(whole) - 12 * YEARS - 1)
    seen = realised(whole.to_numpy(), starts, frontier)
    rows = []
    for k, equity in enumerate(MIXES):
        row = {"equity": percent(equity, 0), "windows": len(starts)}
        for wanted in (0.9, 0.5, 0.1):
            goal = np.quantile(plan[k], 1 - wanted)
            row[f"goal planned with {percent(wanted, 0)}"] = percent((seen[k] >= goal).mean(), 0)
        rows.append(row)
    return rows


def every_year(months):
    """Let a plan made at the end of each year face the 15 years that followed."""
    whole = us_history(months).returns
    ranks = []
    for year in range(1947, 2003):
        markets, frontier = learned(months, f"{year}-12-31", n_paths=300, seed=year)
        plan = wealths(markets.pooled(), frontier)
        start = whole.index.get_loc(pd.Timestamp(f"{year + 1}-01-31"))
        seen = realised(whole.to_numpy(), [start], frontier)
        ranks.append((plan < seen).mean(axis=1))
    found = np.array(ranks)
    return [
        {
            "equity": percent(equity, 0),
            "plans": len(found),
            "below the 10th percentile": percent((found[:, k] < 0.1).mean(), 0),
            "below the median": percent((found[:, k] < 0.5).mean(), 0),
            "below the 90th": percent((found[:, k] < 0.9).mean(), 0),
            "mean rank": f"{found[:, k].mean():.2f}",
        }
        for k, equity in enumerate(MIXES)
    ]


def main():
    seeds = [int(seed) for seed in sys.argv[1:]] or [0, 1, 2]
    months = load_sample("us-monthly")
    print(table("Advice for the example client, 3 x 2,000 worlds", whole_runs(seeds)))
    print(f"Peak memory: {peak_megabytes():,.0f} MB.\n")
    print(table(f"Monotone over {N_CLIENTS} random clients", monotone_counts(us_history(months))))
    title = "Planned in 1970 from 1926-1970, realised in all 15-year windows since (overlapping)"
    print(table(title, one_origin(months)))
    title = "Planned at the end of each year from the years since 1926, realised in the next 15"
    print(table(title, every_year(months)))


if __name__ == "__main__":
    main()
