"""The verdict on generated worlds: only what beats both rivals helps."""

import numpy as np
import pytest

from scenara.finance.market.forecasts import ForecastScores, augmented_forecasts
from scenara.shared.errors import ConfigError, DataError

NAMES = {"alone": "real", "augmented": "worlds", "repeated": "repeats"}


def scores_of(crps):
    rest = np.zeros((len(crps), 5, 2, 3))
    return ForecastScores(crps, crps, crps, rest, rest[:, 0, :, 0])


@pytest.fixture(scope="module")
def base():
    return np.random.default_rng(0).gamma(2.0, size=(630, 2, 3))


def judged(base, worlds, repeats):
    noise = np.random.default_rng(1).normal(0, 0.05, (2, *base.shape))
    found = {"real": base, "worlds": worlds * base + noise[0], "repeats": repeats * base + noise[1]}
    return augmented_forecasts({k: scores_of(v) for k, v in found.items()}, **NAMES)


@pytest.mark.parametrize(
    ("worlds", "repeats", "verdict"),
    [
        (0.95, 1.0, "helps"),
        (0.95, 0.95, "no difference"),
        (1.0, 1.0, "no difference"),
        (1.05, 1.0, "hurts"),
    ],
)
def test_verdict_is_the_simulated_one(base, worlds, repeats, verdict):
    assert judged(base, worlds, repeats).verdict == verdict


def test_gain_is_the_share_of_the_score_that_is_saved(base):
    gain = judged(base, 0.95, 1.0).gain
    assert gain.low < 0.05 < gain.high
    assert gain.high - gain.low < 0.02


def test_unit_of_a_target_does_not_matter(base):
    scaled = base * np.array([1.0, 100.0, 1e4])
    factors = np.array([0.9, 1.0, 1.1])
    found = {"real": scaled, "worlds": scaled * factors, "repeats": scaled}
    judged = augmented_forecasts({k: scores_of(v) for k, v in found.items()}, **NAMES)
    assert judged.gain.mean == pytest.approx(0.0, abs=1e-12)


def test_too_few_blocks_are_refused(base):
    with pytest.raises(DataError, match="blocks of 63"):
        judged(base[:200], 1.0, 1.0)


def test_a_model_that_is_not_there_is_refused(base):
    with pytest.raises(ConfigError, match="worlds"):
        augmented_forecasts({"real": scores_of(base), "repeats": scores_of(base)}, **NAMES)
