"""Fitted generators of tables with their costs, kept in a folder so that each is fitted once."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from measure import peak_megabytes
from table_data import TABLES, split

from scenara.shared.evaluation import Stopwatch
from scenara.shared.generators import family_class, load, make

MOST_TIMED = 50_000
TIMED_SECONDS = 5.0
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Job:
    """One measurement: what is measured, of which family, on which table and split."""

    part: str
    family: str
    table: str
    seed: int
    store: str
    settings: dict = field(default_factory=dict)
    sdv: str = ""
    n_conditions: int = 200
    n_rows: int = 1_000_000

    @property
    def name(self):
        """Name the generator: the family and what was set."""
        return " ".join([self.family, *(f"{k}={v}" for k, v in sorted(self.settings.items()))])

    def path(self, part):
        """Give the place of what is kept, without its suffix."""
        words = [part, self.table, self.name.replace("/", "-").replace(" ", "-"), str(self.seed)]
        return Path(self.store) / "--".join(words)


@dataclass(frozen=True)
class Fit:
    """What a measurement needs: both halves, rows of the generator, its costs."""

    train: pd.DataFrame
    test: pd.DataFrame
    rows: pd.DataFrame
    costs: dict


def unfitted(job, *, target=None):
    """Make a generator; seed and target are told to families that have such a setting."""
    known = family_class(job.family)._get_param_names()
    told = {"random_state": job.seed, "target": target or TABLES[job.table].target}
    return make(job.family, **{k: v for k, v in told.items() if k in known} | job.settings)


def fitted(job):
    """Fit, or take what an earlier measurement has fitted; the generator is at ``path``."""
    train, test = split(job.table, job.seed)
    home = job.path("fit")
    if not (home / "costs.json").exists():
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        found = _by_sdv(job, train, home) if job.family.startswith("sdv/") else _fit(job, train)
        if found:
            (home / "costs.json").write_text(json.dumps(found), encoding="utf-8")
    costs = json.loads((home / "costs.json").read_text(encoding="utf-8"))
    return Fit(train, test, pd.read_parquet(home / "rows.parquet"), costs)


def kept_generator(job):
    """Give the generator that ``fitted`` has kept."""
    return load(job.path("fit") / "generator")


def timed_rate(draw):
    """Give rows per CPU-second of a call that draws ``n`` rows, from about five seconds of it."""
    draw(1_000)
    n = 2_000
    while True:
        with Stopwatch() as watch:
            draw(n)
        rate = n / max(watch.cpu_seconds, 1e-3)
        if n == MOST_TIMED or watch.cpu_seconds > TIMED_SECONDS / 2:
            return rate
        n = int(np.clip(rate * TIMED_SECONDS, n + 1, MOST_TIMED))


def warm_up():
    """Import what fits import inside, so that no family pays for it."""
    import lightgbm  # noqa: F401
    import sklearn.ensemble  # noqa: F401
    import torch

    torch.set_num_threads(1)


def _fit(job, train):
    warm_up()
    home, generator = job.path("fit"), unfitted(job)
    with Stopwatch() as fit:
        generator.fit(train)
    rows = generator.sample(len(train), random_state=job.seed)
    peak = peak_megabytes()
    rate = timed_rate(lambda n: generator.sample(n, random_state=job.seed))
    rows.to_parquet(home / "rows.parquet")
    generator.save(home / "generator")
    return {"fit_cpu_s": fit.cpu_seconds, "rows_per_cpu_s": rate, "peak_mb": peak}


def _by_sdv(job, train, home):
    train.to_parquet(home / "train.parquet")
    names = ["train.parquet", "rows.parquet", "costs.json"]
    subprocess.run(
        [
            job.sdv or sys.executable,
            HERE / "sdv_rows.py",
            job.family.removeprefix("sdv/"),
            *(home / name for name in names),
            str(job.seed),
        ],
        check=True,
        stdout=sys.stderr,
    )
