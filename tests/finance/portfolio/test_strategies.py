"""Each strategy against its formula, another implementation or the conditions of its optimum."""

import numpy as np
import pytest
import torch
from sklearn.covariance import ledoit_wolf

from scenara.finance.portfolio import (
    EqualWeight,
    FixedWeights,
    FunctionStrategy,
    MinimumVariance,
    Momentum,
    SixtyForty,
    State,
    Strategy,
    TreeRanking,
    as_strategy,
    make_strategy,
    strategy_name,
)
from scenara.finance.portfolio.covariance import ledoit_wolf_intensity, sample_covariance
from scenara.shared.errors import ConfigError, DataError


@pytest.fixture
def past():
    generator = torch.Generator().manual_seed(0)
    common = torch.randn(63, 8, 1, generator=generator, dtype=torch.float64)
    own = torch.randn(63, 8, 5, generator=generator, dtype=torch.float64)
    return 0.01 * common + 0.01 * own * torch.arange(1, 6)


@pytest.mark.parametrize("name", ["equal-weight", "minimum-variance", "momentum"])
def test_every_registered_strategy_follows_the_protocol(name, past):
    strategy = make_strategy(name)
    history = past.repeat(5, 1, 1)[: strategy.lookback]
    assert isinstance(strategy, Strategy)
    assert strategy.weights(history, State()).shape == (8, 5)
    assert strategy_name(strategy) == name


def test_sample_covariance_agrees_with_numpy(past):
    expected = [np.cov(path.T, bias=True) for path in past.transpose(0, 1).numpy()]
    np.testing.assert_allclose(sample_covariance(past), expected, rtol=1e-12)


@pytest.mark.parametrize("n_steps", [3, 10, 63])
def test_ledoit_wolf_intensity_agrees_with_scikit_learn(past, n_steps):
    window = past[:n_steps]
    expected = [ledoit_wolf(path)[1] for path in window.transpose(0, 1).numpy()]
    np.testing.assert_allclose(ledoit_wolf_intensity(window), expected, rtol=1e-10)


@pytest.mark.parametrize("shrinkage", [0.0, 0.3, 1.0])
def test_minimum_variance_agrees_with_the_inverse_covariance(past, shrinkage):
    weights = MinimumVariance(shrinkage=shrinkage).weights(past, State())[3].numpy()
    sample = np.cov(past[:, 3].numpy().T, bias=True)
    shrunk = (1 - shrinkage) * sample + shrinkage * np.trace(sample) / 5 * np.eye(5)
    inverse = np.linalg.inv(shrunk).sum(axis=1)
    np.testing.assert_allclose(weights, inverse / inverse.sum(), rtol=1e-9)


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e6])
def test_minimum_variance_does_not_depend_on_the_scale(past, scale):
    expected = MinimumVariance().weights(past, State())
    torch.testing.assert_close(MinimumVariance().weights(past * scale, State()), expected)


def test_long_only_minimum_variance_meets_the_conditions_of_its_optimum(past):
    """Karush-Kuhn-Tucker: assets that are held share the least marginal variance."""
    weights = MinimumVariance(shrinkage=0.0, long_only=True).weights(past, State())
    marginal = (sample_covariance(past) @ weights[..., None]).squeeze(-1)
    least = marginal.amin(-1, keepdim=True).expand_as(marginal)
    held = weights > 0
    assert bool((~held).any())
    torch.testing.assert_close(marginal[held], least[held], rtol=1e-8, atol=0.0)
    torch.testing.assert_close(weights.sum(-1), torch.ones(8, dtype=weights.dtype))


def test_minimum_variance_of_markets_that_stand_still_is_equal_weight():
    weights = MinimumVariance().weights(torch.zeros(63, 2, 4), State())
    torch.testing.assert_close(weights, torch.full((2, 4), 0.25))


def test_a_singular_covariance_is_refused(past):
    twins = past[:, :, [0, 0]]
    with pytest.raises(DataError, match="covariance of 8 of 8 paths is singular"):
        MinimumVariance(shrinkage=0.0).weights(twins, State())


def test_momentum_agrees_with_the_paper(past):
    """Weights are sign(r) * 40 % / volatility / n, with exponentially weighted volatility."""
    weights = Momentum(lookback=63, short=True, max_gross=np.inf).weights(past, State())[2].numpy()
    path = past[:, 2].numpy()
    share = (60 / 61) ** np.arange(62, -1, -1)
    share /= share.sum()
    spread = np.sqrt(252 * share @ (path - share @ path) ** 2)
    expected = np.sign(np.prod(1 + path, axis=0) - 1) * 0.4 / spread / 5
    np.testing.assert_allclose(weights, expected, rtol=1e-12)


def test_momentum_counts_the_assets_that_can_be_held(past):
    """Moskowitz, Ooi and Pedersen (2012), equation 5: the factor is 1 / S_t."""
    there = torch.tensor([[True, False, True, True, False]]).expand(8, 5)
    momentum = Momentum(lookback=63, short=True, max_gross=np.inf)
    shown = past.masked_fill(~there, 0)
    found = momentum.weights(shown, State(available=there))[:, [0, 2, 3]]
    torch.testing.assert_close(found, momentum.weights(past[..., [0, 2, 3]], State()))


def test_momentum_of_assets_none_of_which_can_be_held_is_cash(past):
    nothing = torch.zeros(8, 5, dtype=torch.bool)
    momentum = Momentum(lookback=63)
    assert not momentum.weights(torch.zeros_like(past), State(available=nothing)).any()


def test_momentum_without_short_positions_leaves_falling_assets_in_cash(past):
    weights = Momentum(lookback=63).weights(past, State())
    fell = (1 + past).prod(0) < 1
    assert bool((weights[fell] == 0).all())
    assert bool((weights[~fell] > 0).all())


@pytest.mark.parametrize("short", [False, True])
def test_momentum_keeps_to_its_gross_limit(past, short):
    gross = Momentum(lookback=63, short=short, max_gross=0.7).weights(past, State()).abs().sum(-1)
    assert gross.max() <= 0.7 + 1e-12


def test_momentum_of_markets_that_stand_still_is_cash():
    assert not Momentum().weights(torch.zeros(252, 2, 3), State()).any()


def test_a_plain_function_is_given_a_private_copy(past):
    before = past.clone()
    as_strategy(lambda history: history.zero_()[0]).weights(past, State())
    assert torch.equal(past, before)


@pytest.mark.parametrize("result", [[0.5] * 5, np.full((8, 5), 0.2), torch.ones(5)])
def test_a_plain_function_may_give_lists_arrays_or_tensors(past, result):
    assert FunctionStrategy(lambda history: result).weights(past, State()).dtype == past.dtype


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: make_strategy("momentun"), "did you mean 'momentum'"),
        (lambda: make_strategy("momentum", look=3), "did you mean 'lookback'"),
        (lambda: make_strategy("equal-weight", size=3), "Known: none"),
        (lambda: MinimumVariance(lookback=1), "at least 2 returns, found 1"),
        (lambda: MinimumVariance(shrinkage=1.5), "found 1.5"),
        (lambda: Momentum(volatility_target=0), "volatility_target: expected a positive"),
        (lambda: FunctionStrategy(len, lookback=-1), "found -1"),
        (lambda: FixedWeights(()), "found none"),
        (lambda: as_strategy(EqualWeight), "expected a name"),
        (lambda: SixtyForty(bonds=("a", "a")), "bonds: 'a' is there twice"),
        (lambda: SixtyForty(bonds=("a",), equities=("b", "b")), "equities: 'b' is there twice"),
        (lambda: SixtyForty(bonds=(1,)), "bonds: expected a list of names .* found 1"),
        (lambda: SixtyForty(bonds="AGG"), "bonds: expected a list of names .* found 'AGG'"),
        (lambda: TreeRanking(windows=("a",)), "windows: expected lengths from 1, found .*a"),
    ],
)
def test_wrong_settings_are_refused(make, message):
    with pytest.raises(ConfigError, match=message):
        make()
