"""What every registered strategy promises, whatever it does."""

import numpy as np
import pytest
import torch

from scenara.finance.portfolio import backtest
from scenara.finance.portfolio.strategies import (
    STRATEGIES,
    State,
    Strategy,
    make_strategy,
    strategy_name,
)

ASSETS = ("SPY", "EFA", "EEM", "AGG", "GLD")
STATE = State(step=50, assets=ASSETS)

SETTINGS = {
    "60-40": {"bonds": ["AGG"]},
    "mix": {"targets": {"SPY": 0.5, "AGG": 0.3}},
    "mean-variance": {"lookback": 42},
    "minimum-variance": {"lookback": 42},
    "minimum-cvar": {"lookback": 42, "level": 0.9},
    "risk-parity": {"lookback": 42},
    "hierarchical-risk-parity": {"lookback": 42},
    "black-litterman": {"lookback": 42, "views": ["SPY - 0.5*AGG = 0.05"]},
    "momentum": {"lookback": 42},
    "cross-section-momentum": {"lookback": 42, "skip": 5, "share": 0.4},
    "volatility-target": {"window": 42, "strategy": "momentum(lookback=21)"},
    "tree-ranking": {
        "lookback": 60,
        "horizon": 5,
        "refit_every": 10,
        "windows": [3, 10],
        "n_trees": 5,
    },
}
VARIANTS = [
    ("mean-variance", {"lookback": 42, "target_return": 0.2}),
    ("mean-variance", {"lookback": 42, "lower": -0.5, "upper": 1.0}),
    ("minimum-cvar", {"lookback": 42, "lower": -0.5}),
    ("risk-parity", {"lookback": 42, "budgets": {"EFA": 2, "AGG": 4}, "shrinkage": 0.0}),
    ("black-litterman", {"lookback": 42, "long_only": False}),
    ("momentum", {"lookback": 42, "short": True}),
    ("cross-section-momentum", {"lookback": 42, "skip": 5, "short": True}),
    ("mean-reversion", {"short": True}),
]
EVERY = [(name, SETTINGS.get(name, {})) for name in STRATEGIES]
EVERYTHING = pytest.mark.parametrize(
    "strategy",
    [pytest.param(make_strategy(n, **s), id=f"{n}{s or ''}"[:60]) for n, s in EVERY + VARIANTS],
)
FULLY_INVESTED = [n for n in STRATEGIES if n not in ("mix", "momentum", "volatility-target")]


def decide(strategy, past, state=STATE):
    return strategy.weights(past[len(past) - strategy.lookback :], state)


@EVERYTHING
def test_it_follows_the_protocol(strategy, past):
    assert isinstance(strategy, Strategy)
    assert decide(strategy, past).shape == (8, 5)


@pytest.mark.parametrize(("name", "settings"), EVERY)
def test_it_is_known_by_its_name(name, settings):
    assert strategy_name(make_strategy(name, **settings)) == name


@pytest.mark.parametrize("name", FULLY_INVESTED)
def test_it_invests_all_wealth_and_sells_nothing_short(name, past):
    if name == "minimum-variance":
        settings = {"long_only": True}
    else:
        settings = SETTINGS.get(name, {})
    weights = decide(make_strategy(name, **settings), past)
    torch.testing.assert_close(
        weights.sum(-1), torch.ones(8, dtype=weights.dtype), atol=1e-8, rtol=0
    )
    assert weights.min() >= -1e-8


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("cross-section-momentum", {"lookback": 42, "skip": 0, "short": True}),
        ("mean-reversion", {"short": True}),
        ("tree-ranking", {**SETTINGS["tree-ranking"], "short": True}),
    ],
)
def test_what_it_sells_short_pays_for_what_it_buys(name, settings, past):
    weights = decide(make_strategy(name, **settings), past)
    torch.testing.assert_close(weights.sum(-1), torch.zeros(8, dtype=weights.dtype))
    assert bool((weights.abs().sum(-1) > 0.5).all())


@EVERYTHING
def test_it_leaves_its_history_alone(strategy, past):
    before = past.clone()
    decide(strategy, past)
    assert torch.equal(past, before)


@EVERYTHING
def test_it_answers_in_the_type_it_was_asked_in(strategy, past):
    assert decide(strategy, past.float()).dtype == torch.float32


@EVERYTHING
def test_a_path_does_not_depend_on_the_others(strategy, past):
    alone = decide(strategy, past[:, 5:6])
    torch.testing.assert_close(decide(strategy, past)[5:6], alone, rtol=0, atol=1e-7)


@EVERYTHING
@pytest.mark.parametrize(
    "market",
    [
        pytest.param(lambda past: 0 * past, id="still"),
        pytest.param(lambda past: 0 * past + 0.001, id="rising"),
        pytest.param(lambda past: past[..., [0, 0, 0, 0, 0]], id="the same five times"),
        pytest.param(lambda past: past[..., [0, 1, 2, 2, 0]], id="twins"),
        pytest.param(lambda past: past * torch.tensor([1, 0, 1, 1, 0]), id="two stand still"),
        pytest.param(
            lambda past: torch.stack([past[..., 0], -past[..., 0], *past[..., 2:].unbind(-1)], -1),
            id="opposites",
        ),
        pytest.param(lambda past: (past * 100).round() / 100, id="ticks"),
        pytest.param(lambda past: past * 1e-6, id="calm"),
        pytest.param(lambda past: (past * 20).clamp(-0.9), id="wild"),
    ],
)
def test_it_decides_in_odd_markets_too(strategy, market, past):
    weights = decide(strategy, market(past))
    assert bool(weights.isfinite().all())
    assert weights.abs().sum(-1).max() < 20


@pytest.mark.parametrize("name", [n for n in STRATEGIES if n not in ("60-40", "mix")])
def test_a_market_of_one_asset_will_do(name, past):
    settings = {k: v for k, v in SETTINGS.get(name, {}).items() if k not in ("views", "market")}
    weights = decide(make_strategy(name, **settings), past[..., :1], State(assets=("SPY",)))
    assert weights.shape == (8, 1)
    assert bool(((weights > -1e-9) & (weights < 1 + 1e-9)).all())


@EVERYTHING
def test_later_returns_change_no_earlier_decision(strategy):
    rng = np.random.default_rng(1)
    returns = rng.normal(0, 0.01, (3, 126, 5))
    changed = returns.copy()
    changed[:, 84:] = rng.normal(0, 0.3, changed[:, 84:].shape).clip(-0.9)
    before, after = (backtest(paths, strategy, assets=ASSETS) for paths in (returns, changed))
    known = before.steps <= 84
    np.testing.assert_array_equal(after.weights[:, known], before.weights[:, known])


@pytest.mark.parametrize(
    "name",
    [
        *("equal-weight", "60-40", "mix", "mean-variance", "minimum-cvar", "risk-parity"),
        *("black-litterman", "momentum", "cross-section-momentum", "mean-reversion"),
        *("volatility-target", "minimum-variance"),
    ],
)
def test_the_order_of_the_assets_means_nothing(name, past):
    strategy = make_strategy(name, **SETTINGS.get(name, {}))
    order = [3, 0, 4, 2, 1]
    state = State(step=50, assets=tuple(ASSETS[place] for place in order))
    turned = decide(strategy, past[..., order], state)
    torch.testing.assert_close(turned, decide(strategy, past)[:, order], rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    "name",
    [
        *("minimum-variance", "mean-variance", "minimum-cvar", "risk-parity", "mean-reversion"),
        *("hierarchical-risk-parity", "black-litterman", "cross-section-momentum", "tree-ranking"),
    ],
)
def test_it_decides_as_if_what_can_not_be_held_were_not_there(name, past):
    strategy = make_strategy(name, **SETTINGS.get(name, {}))
    there = torch.ones(8, 5, dtype=torch.bool)
    there[2:, 1] = False
    there[5:, 4] = False
    shown = past.masked_fill(~there, 0)
    weights = decide(strategy, shown, State(step=50, assets=ASSETS, available=there))
    assert not weights[~there].any()
    for paths, assets in (
        (slice(0, 2), range(5)),
        (slice(2, 5), [0, 2, 3, 4]),
        (slice(5, 8), [0, 2, 3]),
    ):
        alone = State(step=50, assets=tuple(ASSETS[place] for place in assets))
        expected = decide(strategy, past[:, paths][..., list(assets)], alone)
        torch.testing.assert_close(weights[paths][:, list(assets)], expected, rtol=0, atol=1e-6)


def test_views_on_what_can_not_be_held_are_not_heeded(past):
    there = torch.tensor([False, True, True, True, True]).expand(8, 5)
    settings = {"lookback": 42, "views": ["SPY - AGG = 0.5"]}
    state = State(assets=ASSETS, available=there)
    heeded = decide(make_strategy("black-litterman", **settings), past, state)
    without = decide(make_strategy("black-litterman", lookback=42), past, state)
    torch.testing.assert_close(heeded, without)
