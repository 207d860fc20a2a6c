"""The truths that every generator of series must keep; a new family is added to SERIES alone."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from scenara.shared.errors import ConfigError, DataError, NotFittedError, SchemaError
from scenara.shared.generators import family_class, load, make

SERIES = {
    "series/auto": {"candidates": ["series/hybrid", "series/gaussian"], "random_state": 0},
    "series/autoregressive": {"n_steps": 100, "n_factors": 2, "width": 16, "random_state": 0},
    "series/bootstrap": {},
    "series/copula": {},
    "series/dcc": {},
    "series/diffusion": {"n_steps": 30, "width": 8, "n_blocks": 1, "random_state": 0},
    "series/fhs": {},
    "series/gan": {"n_steps": 6, "width": 8, "n_books": 4, "random_state": 0},
    "series/gaussian": {},
    "series/hybrid": {},
    "series/moving-block": {},
    "series/student": {},
    "series/vae": {"n_steps": 6, "width": 8, "n_memory": 4, "window": 8, "random_state": 0},
}


def example_returns(n_days=400, assets=("AAA", "B B", "ü"), seed=0):
    """Give daily log returns with clustered volatility and a common factor."""
    rng = np.random.default_rng(seed)
    calm = np.exp(0.5 * np.sin(np.arange(n_days) / 40))[:, None]
    common = rng.standard_t(5, (n_days, 1))
    own = rng.standard_normal((n_days, len(assets)))
    index = pd.bdate_range("2015-01-01", periods=n_days, name="date")
    return pd.DataFrame(0.01 * calm * (common + own), index=index, columns=list(assets))


@dataclass(frozen=True)
class Falls:
    """Ask that the first channel loses this much over a path."""

    loss: float

    def shortfall(self, paths, channels):
        return np.maximum(paths[:, :, 0].sum(axis=1) + self.loss, 0)


class SeriesContract:
    """Hold the truths; a test class inherits them and sets ``family``."""

    family: str

    @pytest.fixture(scope="class")
    @staticmethod
    def returns():
        return example_returns()

    @pytest.fixture(scope="class")
    @classmethod
    def fitted(cls, returns):
        return cls.new().fit(returns)

    @classmethod
    def new(cls):
        return make(cls.family, **SERIES[cls.family])

    def test_fit_returns_self(self, returns):
        generator = self.new()
        assert generator.fit(returns) is generator

    def test_fit_does_not_change_its_input(self, returns):
        before = returns.copy()
        self.new().fit(returns)
        pd.testing.assert_frame_equal(returns, before)

    def test_sample_has_the_shape_asked_for(self, fitted):
        assert fitted.sample(7, horizon=11, random_state=0).shape == (7, 11, 3)

    def test_sample_is_finite_float64(self, fitted):
        paths = fitted.sample(20, horizon=50, random_state=0)
        assert paths.dtype == np.float64
        assert np.isfinite(paths).all()

    def test_same_seed_gives_the_same_bits(self, fitted):
        first, second = (fitted.sample(5, horizon=9, random_state=3) for _ in range(2))
        assert (first == second).all()

    def test_another_seed_gives_other_paths(self, fitted):
        first, second = (fitted.sample(5, horizon=9, random_state=seed) for seed in (3, 4))
        assert (first != second).any()

    def test_shards_do_not_share_a_stream(self, fitted):
        size = fitted.shard_size
        paths = fitted.sample(2 * size, horizon=2, random_state=0)
        assert (paths[:size] != paths[size:]).any()

    def test_fitting_twice_gives_the_same_generator(self, fitted, returns):
        assert self.new().fit(returns).fingerprint() == fitted.fingerprint()

    def test_loaded_generator_samples_the_same_bits(self, fitted, tmp_path):
        loaded = load(fitted.save(tmp_path / "saved"))
        expected = fitted.sample(4, horizon=6, random_state=1)
        assert (loaded.sample(4, horizon=6, random_state=1) == expected).all()
        assert loaded.channels_ == fitted.channels_

    def test_streamed_worlds_equal_sampled_ones(self, fitted, tmp_path):
        from scenara.shared.generators.series import read_worlds

        folder = fitted.sample_to(tmp_path / "worlds", 6, horizon=4, random_state=5)
        worlds = read_worlds(folder)
        assert (worlds.paths == fitted.sample(6, horizon=4, random_state=5)).all()
        assert worlds.channels == fitted.channels_

    def test_volatility_of_worlds_is_that_of_history(self, fitted, returns):
        paths = fitted.sample(400, horizon=100, random_state=0)
        ratio = paths.std(axis=(0, 1)) / returns.to_numpy().std(axis=0)
        np.testing.assert_allclose(ratio, 1, atol=0.3)

    def test_history_moves_paths_or_is_refused(self, fitted, returns):
        if not fitted.keeps_state:
            with pytest.raises(ConfigError, match="keeps no state"):
                fitted.sample(2, history=returns)
            return
        wild, calm = (
            fitted.sample(500, horizon=1, history=scale * returns.iloc[-60:], random_state=0)
            for scale in (3.0, 0.1)
        )
        assert wild.std() > 1.2 * calm.std()

    def test_schema_must_name_the_channels(self, returns):
        from scenara.shared.data.schema import Schema

        schema = Schema.infer(returns.rename(columns={"AAA": "other"}))
        with pytest.raises(SchemaError, match="expected the columns"):
            self.new().fit(returns, schema=schema)

    def test_refuses_before_fit(self):
        with pytest.raises(NotFittedError, match="not fitted"):
            self.new().sample(1)

    def test_a_fit_that_fails_leaves_nothing_fitted(self, returns):
        generator = self.new().fit(returns)
        with pytest.raises(DataError):
            generator.fit(returns.iloc[:5])
        with pytest.raises(NotFittedError):
            generator.sample(1)

    @pytest.mark.parametrize("n", [0, -1, 2.5])
    def test_refuses_a_wrong_number_of_paths(self, fitted, n):
        with pytest.raises(ConfigError, match="whole number"):
            fitted.sample(n)

    def test_refuses_what_is_no_condition_on_paths(self, fitted):
        with pytest.raises(ConfigError, match="condition on paths"):
            fitted.sample(1, given={"AAA": -0.2})

    def test_every_path_fulfils_a_rare_condition(self, fitted):
        found = fitted.sample_given(40, Falls(0.18), horizon=20, random_state=0)
        assert (found.paths[:, :, 0].sum(axis=1) <= -0.18).all()
        assert 0 < found.probability < 0.2

    def test_conditional_paths_repeat_by_seed(self, fitted):
        first, second = (
            fitted.sample(30, given=Falls(0.1), horizon=20, random_state=2) for _ in range(2)
        )
        assert (first == second).all()

    def test_a_channel_may_start_later(self, returns):
        late = returns.copy()
        late.iloc[:150, 1] = np.nan
        paths = self.new().fit(late).sample(20, horizon=10, random_state=0)
        assert np.isfinite(paths).all()

    def test_refuses_missing_values_by_name(self, returns):
        holed = returns.copy()
        holed.iloc[17, 1] = np.nan
        with pytest.raises(DataError, match=r"'B B'.*step 17"):
            self.new().fit(holed)

    def test_refuses_a_constant_channel_by_name(self, returns):
        with pytest.raises(DataError, match="'ü': the value never changes"):
            self.new().fit(returns.assign(ü=0.0))

    def test_refuses_too_few_steps(self, returns):
        with pytest.raises(DataError, match="at least"):
            self.new().fit(returns.iloc[: family_class(self.family).minimum_steps - 1])

    def test_clone_keeps_the_settings(self):
        from sklearn.base import clone

        assert clone(self.new()).get_params() == self.new().get_params()
