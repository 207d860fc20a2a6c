"""Automatic block lengths: memory makes them longer."""

import numpy as np
import pytest

from scenara.shared.generators import make
from scenara.shared.generators.series.block_length import suggested_block


def clustered(memory, n_steps=2_000, seed=0):
    """Give returns whose log volatility is an autoregression, (1, steps, 2)."""
    rng = np.random.default_rng(seed)
    level, levels = np.zeros(2), np.empty((n_steps, 2))
    for step in range(n_steps):
        level = memory * level + np.sqrt(1 - memory**2) * rng.normal(size=2)
        levels[step] = level
    return (np.exp(0.5 * levels) * rng.normal(size=(n_steps, 2)))[None]


@pytest.mark.parametrize("kind", ["stationary", "circular"])
def test_blocks_are_longer_where_volatility_remembers(kind):
    short, long = (suggested_block(clustered(memory), kind=kind) for memory in (0.0, 0.98))
    assert short < 15
    assert long > 30


def test_a_block_is_at_most_half_a_series():
    trend = np.linspace(0, 1, 60)[None, :, None] ** 2
    assert suggested_block(trend, kind="stationary") <= 30


@pytest.mark.parametrize(
    ("family", "setting"), [("bootstrap", "mean_block"), ("moving-block", "block")]
)
def test_bootstraps_choose_their_blocks(family, setting, tmp_path):
    from scenara.shared.generators import load

    model = make(f"series/{family}", **{setting: "auto"}).fit(clustered(0.98))
    assert getattr(model, f"{setting}_") > 25
    loaded = load(model.save(tmp_path / "saved"))
    assert getattr(loaded, f"{setting}_") == getattr(model, f"{setting}_")
