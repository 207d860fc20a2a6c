"""Steps within a level leave the law of the noise as it is."""

import numpy as np
import pytest
from scipy.stats import norm

from scenara.shared.generators.series.chains import Chains, Move, Population

SIZE, N = 6, 20_000
LOWEST = 1.0
MOVES = {
    "all a little": Move(1.0, 0.5, "length"),
    "some anew": Move(0.3, 1.0, "share"),
    "some a little": Move(0.3, 0.5, "length"),
    "mirrored": Move(0.7, 1.0, "share", turns=True),
}


def population(noise):
    """Fall short by how far the mean of the noise, in its own deviations, is below 1."""
    mean = noise.sum(axis=1) / np.sqrt(SIZE)
    return Population(noise, noise[:, :, None], np.maximum(LOWEST - mean, 0))


def exact(rng):
    """Draw noise given that it does not fall short."""
    noise = rng.standard_normal((N, SIZE))
    mean = norm.isf(rng.uniform(size=N) * norm.sf(LOWEST))
    centred = noise - noise.mean(axis=1, keepdims=True)
    return population(centred + mean[:, None] / np.sqrt(SIZE))


def chains(rng, *moves):
    return Chains(population, rng, np.ones(SIZE), list(moves))


@pytest.mark.parametrize("kind", MOVES)
def test_a_step_keeps_the_truncated_law(kind):
    rng = np.random.default_rng(0)
    now = exact(rng)
    chains(rng, MOVES[kind]).moved(now, 0.0, enough=0.0, most=40)
    means = now.noise.sum(axis=1) / np.sqrt(SIZE)
    mills = norm.pdf(LOWEST) / norm.sf(LOWEST)
    variance = 1 + LOWEST * mills - mills**2
    assert (now.short == 0).all()
    assert abs(means.mean() - mills) < 4 * np.sqrt(variance / N)
    assert abs(means.var() / variance - 1) < 4 * np.sqrt(8 / N)
    assert abs(now.noise[:, 0].var() - (1 + (variance - 1) / SIZE)) < 4 * np.sqrt(2 / N)


def test_steps_forget_where_paths_came_from():
    rng = np.random.default_rng(1)
    now = exact(rng)
    alike, n_moves = chains(rng, *MOVES.values()).moved(now, 0.0, enough=0.05, most=400)
    assert alike <= 0.05
    assert n_moves < 400


def test_a_mirror_keeps_the_end_and_the_sum_of_squares():
    rng = np.random.default_rng(2)
    now = exact(rng)
    before = now.noise.copy()
    chains(rng, Move(1.0, 1.0, "share", turns=True)).moved(now, 0.0, enough=0.0, most=4)
    assert np.allclose(now.noise.sum(axis=1), before.sum(axis=1))
    assert np.allclose((now.noise**2).sum(axis=1), (before**2).sum(axis=1))
    assert np.abs(np.corrcoef(now.noise[:, 0] - now.noise[:, 1], before[:, 0])[0, 1]) < 0.5


def test_sizes_shrink_where_steps_are_refused_and_grow_where_they_are_not():
    shy, bold = Move(1.0, 0.5, "length"), Move(0.5, 1.0, "share")
    shy.learn(0.0)
    bold.learn(1.0)
    assert shy.length < 0.5
    assert bold.share > 0.5
    assert shy.gain == 0
    assert bold.gain == 0.5
