"""Shards: numbered, repeatable, independent of each other."""

import numpy as np
import pytest

from scenara.shared.engine import cut, engine_named, entropy_of
from scenara.shared.errors import ConfigError


def test_shards_cover_the_request_once():
    shards = cut(2_345, size=100, random_state=0)
    rows = np.concatenate([np.arange(s.start, s.start + s.size) for s in shards])
    np.testing.assert_array_equal(rows, np.arange(2_345))


def test_a_shards_stream_does_not_depend_on_the_others():
    few, many = (cut(n, size=10, random_state=7) for n in (20, 200))
    assert (few[1].rng().random(5) == many[1].rng().random(5)).all()


def test_two_shards_have_different_streams():
    first, second = cut(20, size=10, random_state=7)
    assert (first.rng().random(5) != second.rng().random(5)).all()


def test_a_generator_gives_the_next_request_another_seed():
    rng = np.random.default_rng(0)
    assert entropy_of(rng) != entropy_of(rng)


@pytest.mark.parametrize("seed", [-1, 1.5, "7"])
def test_a_seed_that_is_none_is_refused(seed):
    with pytest.raises(ConfigError, match="random_state"):
        entropy_of(seed)


def test_an_unknown_engine_is_refused():
    with pytest.raises(ConfigError, match="local"):
        engine_named("cloud")
