"""Paths under conditions against laws that are known."""

from dataclasses import dataclass

import numpy as np
import pytest
from scipy.stats import norm

from scenara.shared.errors import DataError
from scenara.shared.generators.series import draw_conditioned


@dataclass(frozen=True)
class SumAtMost:
    level: float

    def shortfall(self, paths, channels):
        return np.maximum(paths.sum(axis=(1, 2)) - self.level, 0)


@dataclass(frozen=True)
class Impossible:
    def shortfall(self, paths, channels):
        return 1 + np.abs(paths).sum(axis=(1, 2))


@dataclass(frozen=True)
class Flat:
    def shortfall(self, paths, channels):
        return np.ones(len(paths))


def walk(noise):
    return noise[:, :, None]


def found(level, n=2_000, seed=0, steps=20):
    """Condition the sum of ``steps`` normal steps, in units of its own deviation."""
    condition = SumAtMost(level * np.sqrt(steps))
    return draw_conditioned(
        walk, condition, n, noise_size=steps, channels=["x"], rng=np.random.default_rng(seed)
    )


@pytest.mark.parametrize(("level", "method"), [(-1.0, "rejection"), (-4.0, "subset simulation")])
def test_the_chance_is_the_known_one(level, method):
    result = found(level)
    assert result.method == method
    assert abs(result.probability - norm.cdf(level)) < 4 * result.probability_error


@pytest.mark.parametrize("level", [-1.0, -4.0])
def test_the_sum_has_its_conditional_law(level):
    result = found(level)
    sums = result.paths.sum(axis=(1, 2)) / np.sqrt(20)
    mean = -norm.pdf(level) / norm.cdf(level)
    spread = np.sqrt(1 + level * mean * -1 - mean**2) if level == 0 else sums.std()
    assert abs(sums.mean() - mean) < 4 * spread / np.sqrt(result.effective_size)


def test_steps_share_the_fall_equally():
    result = found(-4.0)
    steps = result.paths[:, :, 0].mean(axis=0)
    error = result.paths[:, :, 0].std(axis=0) / np.sqrt(result.effective_size)
    assert (abs(steps - steps.mean()) < 4 * error).all()


def test_the_effective_size_is_what_repeated_runs_show():
    results = [found(-3.5, n=1_000, seed=seed) for seed in range(30)]
    firsts = np.array([result.paths[:, 0, 0].mean() for result in results])
    spread = results[0].paths[:, 0, 0].std()
    shown = (spread / firsts.std(ddof=1)) ** 2
    claimed = np.mean([result.effective_size for result in results])
    assert claimed < 2.5 * shown


def test_the_error_of_the_chance_is_what_repeated_runs_show():
    results = [found(-3.5, n=1_000, seed=seed) for seed in range(30)]
    shown = np.std([result.probability for result in results], ddof=1)
    claimed = np.mean([result.probability_error for result in results])
    assert 0.5 < claimed / shown < 2


@pytest.mark.parametrize("condition", [Impossible(), Flat()], ids=["impossible", "flat"])
def test_says_that_no_path_fulfils_the_condition(condition):
    with pytest.raises(DataError, match="no path fulfils it; the nearest ones fall short"):
        draw_conditioned(
            walk, condition, 10, noise_size=3, channels=["x"], rng=np.random.default_rng(0)
        )
