"""Precision, recall and authenticity: an independent reference, brute force, known truths."""

import numpy as np
import pandas as pd
import pytest

from scenara.shared.errors import DataError
from scenara.shared.evaluation.tables import manifold_scores

# From an independent implementation of the definitions, on the tables of conftest.py.
REFERENCE = {
    "alpha_precision": 0.959728735632184,
    "beta_recall": 0.4914666666666667,
    "authenticity": 0.504,
}


def cloud(seed, centre=0.0, spread=1.0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(rng.normal(centre, spread, size=(500, 3)), columns=list("xyz"))


@pytest.mark.parametrize("score", sorted(REFERENCE))
def test_scores_are_those_of_the_reference(score, mixed):
    found = manifold_scores(mixed.train, mixed.generated, categories=["bad"])
    assert getattr(found, score) == pytest.approx(REFERENCE[score], abs=1e-6)


def test_fresh_rows_are_precise_and_reach_half():
    found = manifold_scores(cloud(0), cloud(1))
    assert found.alpha_precision > 0.9
    assert 0.4 < found.beta_recall < 0.6


def test_copies_are_not_authentic():
    assert manifold_scores(cloud(0), cloud(0)).authenticity < 0.02


def test_rows_elsewhere_are_neither_precise_nor_near():
    found = manifold_scores(cloud(0), cloud(1, centre=50))
    assert found.precision_curve == (0.0,) * 30
    assert found.recall_curve == (0.0,) * 30


def test_a_mode_collapse_reaches_few_real_rows():
    collapsed = manifold_scores(cloud(0), cloud(1, spread=0.1))
    assert collapsed.recall_curve[-1] < 0.2
    assert collapsed.precision_curve[-1] == 1


def test_the_precision_curve_counts_rows_inside_the_balls_of_the_real_rows():
    real, generated = cloud(0), cloud(1, spread=2)
    scaled = [(f - real.min()) / (real.max() - real.min()) for f in (real, generated)]
    radius = [np.linalg.norm(f - scaled[0].mean(), axis=1) for f in scaled]
    expected = [np.mean(radius[1] <= np.quantile(radius[0], q)) for q in np.linspace(0, 1, 30)]
    found = manifold_scores(real, generated).precision_curve
    assert found == pytest.approx(expected, abs=0.002 + 1e-9)


def test_rows_are_drawn_by_the_seed(mixed):
    found = {manifold_scores(mixed.train, mixed.generated, random_state=s) for s in (0, 0, 1)}
    assert len(found) == 2


def test_a_single_row_is_refused():
    with pytest.raises(DataError, match="found 500 and 1 rows, expected at least 2 of each"):
        manifold_scores(cloud(0), cloud(1)[:1])
