"""Trends, reversals, fixed mixes and steady risk against their formulas in plain loops."""

import numpy as np
import pytest
import torch

from scenara.finance.portfolio import backtest
from scenara.finance.portfolio.strategies import (
    BuyAndHold,
    CrossSectionMomentum,
    EqualWeight,
    FunctionStrategy,
    MeanReversion,
    Mix,
    Momentum,
    SixtyForty,
    State,
    VolatilityTarget,
)
from scenara.finance.portfolio.strategies.cross_section import share_of_best
from scenara.shared.errors import ConfigError

ASSETS = ("SPY", "EFA", "EEM", "AGG", "GLD")


@pytest.mark.parametrize("short", [False, True])
@pytest.mark.parametrize(("share", "n_best"), [(0.1, 1), (0.4, 2)])
def test_winners_of_the_skipped_year_are_held(past, short, share, n_best):
    strategy = CrossSectionMomentum(lookback=60, skip=10, share=share, short=short)
    weights = strategy.weights(past[3:], State()).numpy()
    for path in range(8):
        order = np.argsort(np.prod(1 + past[3:53, path].numpy(), axis=0))
        expected = np.zeros(5)
        expected[order[-n_best:]] = 1 / n_best
        if short:
            expected[order[:n_best]] -= 1 / n_best
        np.testing.assert_allclose(weights[path], expected)


def test_ties_share_what_is_left():
    scores = torch.tensor([[5.0, 3.0, 3.0, 3.0, 1.0]])
    expected = torch.tensor([[1 / 2, 1 / 6, 1 / 6, 1 / 6, 0.0]])
    torch.testing.assert_close(share_of_best(scores, share=0.4), expected)


def test_contrarian_weights_are_those_of_the_paper_up_to_their_scale(past):
    """Lo and MacKinlay (1990), equation 1: w = -(R - mean R) / N."""
    weights = MeanReversion(lookback=1, short=True).weights(past[-1:], State())
    last = past[-1]
    published = -(last - last.mean(-1, keepdim=True)) / 5
    scale = weights[:, :1] / published[:, :1]
    torch.testing.assert_close(weights, published * scale)
    assert bool((scale > 0).all())
    torch.testing.assert_close(weights.abs().sum(-1), torch.ones(8, dtype=weights.dtype))


def test_without_short_positions_only_what_fell_behind_is_bought(past):
    weights = MeanReversion(lookback=5, gross=0.5).weights(past[-5:], State())
    grown = (1 + past[-5:]).prod(0)
    ahead = grown > grown.mean(-1, keepdim=True)
    assert not weights[ahead].any()
    torch.testing.assert_close(weights.sum(-1), torch.full((8,), 0.5, dtype=weights.dtype))


def test_contrarian_weights_earn_what_the_paper_decomposes():
    """Equations 6 to 8 for one lag, on returns that revert: profits are positive on average."""
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 0.01, (400, 61, 4))
    reverting = noise[:, 1:] - 0.5 * noise[:, :-1]
    outcome = backtest(reverting, MeanReversion(lookback=1, short=True), rebalance=1)
    gains = np.log(outcome.wealth[:, -1])
    assert gains.mean() > 5 * gains.std() / np.sqrt(len(gains))


@pytest.mark.parametrize("inner", [EqualWeight(), Momentum(lookback=30, short=True)])
def test_volatility_is_as_wanted_in_the_window(past, inner):
    strategy = VolatilityTarget(strategy=inner, volatility=0.05, window=40, most=10.0)
    weights = strategy.weights(past[len(past) - strategy.lookback :], State())
    moves = torch.einsum("tpa,pa->tp", past[-40:], weights).numpy()
    np.testing.assert_allclose(moves.std(axis=0) * np.sqrt(252), 0.05, rtol=1e-10)


def test_calm_leads_to_no_more_than_the_cap(past):
    strategy = VolatilityTarget(volatility=5.0, window=40, most=1.5)
    torch.testing.assert_close(
        strategy.weights(past[-40:], State()), torch.full((8, 5), 0.3, dtype=past.dtype)
    )


def test_the_scaled_strategy_keeps_its_ways():
    holder = FunctionStrategy(lambda past, state: state.holdings, lookback=9, uses_holdings=True)
    assert VolatilityTarget(strategy=holder, window=5).uses_holdings
    assert VolatilityTarget(strategy=holder, window=5).lookback == 9
    assert VolatilityTarget(strategy=BuyAndHold()).schedule == "never"
    assert VolatilityTarget().schedule is None


def test_the_scaled_strategy_sees_only_what_it_asks_for(past):
    seen = []
    inner = FunctionStrategy(lambda history: seen.append(history) or [0.2] * 5, lookback=9)
    VolatilityTarget(strategy=inner, window=40).weights(past[-40:], State())
    assert torch.equal(seen[0], past[-9:])


def test_buy_and_hold_trades_once():
    returns = np.random.default_rng(0).normal(0, 0.01, (3, 63, 2))
    outcome = backtest(returns, BuyAndHold())
    grown = np.prod(1 + returns, axis=1).mean(axis=1)
    np.testing.assert_allclose(outcome.wealth[:, -1], grown, rtol=1e-12)


def test_names_say_what_is_held():
    history, state = torch.zeros(0, 2, 5), State(assets=ASSETS)
    mixed = Mix(targets={"GLD": 0.1, "SPY": 0.7}).weights(history, state)
    torch.testing.assert_close(mixed, torch.tensor([[0.7, 0, 0, 0, 0.1]]).expand(2, 5))
    fixed = SixtyForty(bonds=["AGG"], equities=["SPY", "EFA"]).weights(history, state)
    torch.testing.assert_close(fixed, torch.tensor([[0.3, 0.3, 0, 0.4, 0]]).expand(2, 5))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SixtyForty(bonds=["A"], equities=["A"]), "'A' is named among the equities too"),
        (lambda: SixtyForty(bonds=["A"], share=1.5), "share: expected a fraction"),
        (lambda: Mix(), "targets: expected a weight for some assets"),
        (lambda: Mix(targets={"A": "x"}), "expected a number for 'A'"),
        (lambda: BuyAndHold(targets={"A": True}), "expected a number for 'A'"),
        (lambda: CrossSectionMomentum(skip=252), "skip: expected from 0 to below"),
        (lambda: CrossSectionMomentum(share=0.6), "share: expected a fraction"),
        (lambda: MeanReversion(gross=0), "gross: expected a positive number"),
        (lambda: VolatilityTarget(most=0), "most: expected a positive number"),
    ],
)
def test_wrong_settings_are_refused(make, message):
    with pytest.raises(ConfigError, match=message):
        make()


@pytest.mark.parametrize(
    ("strategy", "assets", "message"),
    [
        (Mix(targets={"SPX": 1.0}), ASSETS, "there is no asset 'SPX'; did you mean 'SPY'"),
        (Mix(targets={"SPY": 1.0}), (), "the returns name no assets"),
        (SixtyForty(bonds=ASSETS), ASSETS, "all assets are named as bonds"),
    ],
)
def test_names_that_do_not_fit_are_refused(strategy, assets, message):
    with pytest.raises(ConfigError, match=message):
        strategy.weights(torch.zeros(0, 1, 5), State(assets=assets))
