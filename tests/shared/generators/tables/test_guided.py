"""A guide bends a chain towards conditions and leaves alone what they tell nothing about."""

from itertools import product

import numpy as np
import pytest
import torch

from scenara.shared.generators.tables import forests, guided
from scenara.shared.generators.tables.forests import Bounds, Forest
from scenara.shared.generators.tables.guided import Guide
from scenara.shared.generators.tables.masked import MaskedCodes
from scenara.shared.generators.tables.masked_sampling import log_probability
from scenara.shared.generators.tables.trees import Growth, grow
from scenara.shared.training import initialised

N_CODES = (2, 3, 4)
N_ROWS = 40_000
SPACE = np.array(list(product(*map(range, N_CODES))))


@pytest.fixture(scope="module")
def wild():
    """A network with large random weights, whose own law is held against what is drawn."""
    network = initialised(lambda: MaskedCodes(N_CODES, width=16), random_state=1).eval()
    with torch.no_grad():
        network.output.weight.mul_(40)
        network.table.mul_(4)
    return network


@pytest.fixture
def lonely():
    """A network in which no column says anything about another."""
    network = MaskedCodes(N_CODES, width=8).eval()
    with torch.no_grad():
        network.output.weight.zero_()
    return network


def rng(seed=0):
    return np.random.default_rng(seed)


def test_codes_follow_the_law_given_a_condition_and_the_codes_before(wild):
    guide = Guide(wild, {0: np.ones(N_ROWS, dtype=np.int64)}, N_ROWS)
    first = guide.draw(1, rng(1))
    guide.observe(1, first)
    drawn = np.column_stack([np.ones(N_ROWS, dtype=np.int64), first, guide.draw(2, rng(2))])
    law = np.exp(log_probability(wild, SPACE)) * (SPACE[:, 0] == 1)
    law /= law.sum()
    found = np.bincount(np.ravel_multi_index(drawn.T, N_CODES), minlength=len(SPACE)) / N_ROWS
    # Three standard errors of each share, and as much as one row.
    assert (np.abs(found - law) < 3.5 * np.sqrt(law / N_ROWS) + 1 / N_ROWS).all()


def test_what_a_condition_tells_is_the_divergence_of_the_two_laws(wild):
    guide = Guide(wild, {1: np.full(N_ROWS, 2)}, N_ROWS)
    codes = torch.zeros(1, 3, dtype=torch.long) + torch.tensor([[0, 2, 0]])
    laws = []
    for observed in ([[False, True, False]], [[False, False, False]]):
        rows = torch.cat([codes, codes + torch.tensor([[1, 0, 0]])])
        laws.append(wild.log_probabilities(rows, torch.tensor(observed).expand(2, -1))[:, 0])
    bound, free = (law.detach().numpy().astype(float) for law in laws)
    assert guide.told(0) == pytest.approx(np.exp(bound) @ (bound - free), rel=1e-3)


def test_columns_that_a_condition_tells_nothing_about_are_left_alone(lonely):
    assert Guide(lonely, {2: np.zeros(5, dtype=np.int64)}, 5).draw(0, rng()) is None


def test_columns_that_a_condition_tells_about_are_drawn(wild):
    assert Guide(wild, {2: np.zeros(500, dtype=np.int64)}, 500).told(0) > guided.TOLD


def test_nothing_is_told_by_what_was_observed_already(wild):
    guide = Guide(wild, {0: np.ones(50, dtype=np.int64)}, 50)
    guide.observe(0, np.ones(50, dtype=np.int64))
    assert guide.is_done
    assert guide.told(1) == pytest.approx(0, abs=1e-5)


def test_places_within_bounds_are_the_same_looked_up_and_searched(monkeypatch):
    stream = rng()
    features = stream.random((500, 2)).astype(np.float32)
    target = stream.integers(9, size=500)
    growth = Growth(min_leaf=20, max_rows=500, seed=0)
    tree = grow(features, target, target, is_class=True, growth=growth)
    ranks = np.concatenate([[0], np.cumsum(np.bincount(target, minlength=9))])
    forest = Forest.of([tree], ranks, is_fine=False)
    low = stream.choice([0, 3, 7], size=500)
    bounds = Bounds(low, low + 2)
    looked_up = forest.draw(features, rng(1), bounds)
    monkeypatch.setattr(forests, "_ENTRIES_OF_ROW", 0)
    assert (forest.draw(features, rng(1), bounds) == looked_up).all()
    assert ((looked_up >= low) & (looked_up < low + 2)).all()
