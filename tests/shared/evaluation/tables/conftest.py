"""The mixed tables that the evaluation of tables is tested on."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest


class Mixed(NamedTuple):
    train: pd.DataFrame
    test: pd.DataFrame
    generated: pd.DataFrame


def mixed_table(seed, n_rows=600, shift=0.0):
    """Make customers: a number with gaps, one with a spike, counts, rare levels, a target."""
    rng = np.random.default_rng(seed)
    income = np.round(np.exp(rng.normal(7.5 + shift, 0.6, n_rows)), 1)
    grade = rng.choice(["A", "B", "C", "rare"], n_rows, p=[0.5, 0.3, 0.19, 0.01])
    frame = pd.DataFrame(
        {
            "income": income,
            "debt": np.where(rng.random(n_rows) < 0.3, 0.0, income * rng.random(n_rows)),
            "n_loans": rng.poisson(1 + shift, n_rows),
            "grade": grade,
            "owner": rng.random(n_rows) < 0.4,
        }
    )
    frame["bad"] = (rng.random(n_rows) < 0.1 + 0.2 * (grade == "C")).astype(int)
    frame.loc[rng.random(n_rows) < 0.1, "income"] = np.nan
    frame.loc[rng.random(n_rows) < 0.05, "grade"] = None
    return frame


@pytest.fixture(scope="session")
def mixed():
    """Real training and test rows of one law, and fewer generated rows of a shifted one."""
    return Mixed(mixed_table(0), mixed_table(1), mixed_table(2, n_rows=500, shift=0.2))


@pytest.fixture(scope="session")
def numbers():
    """Training, test and fresh rows of one law of five dependent numbers."""
    rng = np.random.default_rng(7)
    mixing = rng.normal(size=(5, 5))
    return Mixed(
        *(pd.DataFrame(rng.normal(size=(500, 5)) @ mixing, columns=list("abcde")) for _ in "123")
    )


@pytest.fixture(scope="session")
def judged():
    """Rows of a shifted law, judged beside copies of the training rows."""
    from scenara.shared.evaluation import Efficiency
    from scenara.shared.evaluation.tables import evaluate

    tables = Mixed(mixed_table(0, 300), mixed_table(1, 300), mixed_table(2, 300, shift=0.3))
    costs = Efficiency(2.0, 0.1, n_sampled=300, peak_bytes=2.0**30)
    baselines = {"copies": tables.train}
    return tables, evaluate(*tables, target="bad", baselines=baselines, efficiency=costs)
