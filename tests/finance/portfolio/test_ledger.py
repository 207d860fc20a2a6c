"""The general engine against a slow and obvious one, with everything on at once."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_engine import Path

from scenara.finance.portfolio import (
    Account,
    Band,
    Costs,
    FixedWeights,
    Limits,
    OnSignal,
    Tax,
    backtest,
)

NARROW = Limits(min_weight=-0.3, max_weight=0.4, keep_net=False)
"""Limits whose nearest weights are cut off at both ends."""


def share_out(wanted, there):
    """Give what is wanted of missing assets to the others of their side."""
    shared = np.zeros_like(wanted)
    for side in (wanted > 0, wanted < 0):
        held = side & there
        if held.any():
            shared[held] = wanted[held] * (wanted[side].sum() / wanted[held].sum())
    return shared


class Follower:
    """Hold what moved last, twenty times: long, short, in debt and different at each step."""

    lookback = 1

    def weights(self, history, state):
        return history[-1] * 20


def wanted_at(strategy, returns, step):
    there = ~np.isnan(returns[step])
    if isinstance(strategy, FixedWeights):
        return share_out(np.array(strategy.targets), there)
    if step == 0:
        return share_out(np.full(len(there), 1 / len(there)), there)
    known = there & ~np.isnan(returns[step - 1])
    return share_out(np.where(known, returns[step - 1] * 20, 0.0), known)


def orders_of(strategy, rule, limits, returns):
    """Give what to trade at a step, as a function of what is held."""
    last = {}

    def ask(step, held, wealth):
        target = wanted_at(strategy, returns, step)
        if limits is not None:
            target = np.clip(target, limits.min_weight, limits.max_weight)
        drifted = held / wealth
        if isinstance(rule, Band) and step > 0:
            width = np.abs(target) * rule.width if rule.relative else rule.width
            outside = np.abs(drifted - target) > width
            if rule.to == "edge":
                edge = np.clip(drifted, target - width, target + width)
                return {i: edge[i] for i in np.flatnonzero(outside)}
            return dict(enumerate(target)) if outside.any() else {}
        if isinstance(rule, OnSignal) and step > 0:
            moved = np.abs(target - last["target"]).sum() > rule.threshold
            last["target"] = target if moved else last["target"]
            return dict(enumerate(target)) if moved else {}
        last["target"] = target
        return dict(enumerate(target))

    return ask


@st.composite
def markets(draw):
    n_assets, n_steps = draw(st.integers(1, 3)), draw(st.integers(6, 14))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    returns = rng.normal(0.001, 0.04, (2, n_steps, n_assets))
    if n_assets > 1 and draw(st.booleans()):
        begin, end = sorted(draw(st.tuples(st.integers(0, n_steps), st.integers(0, n_steps))))
        returns[0, :begin, 1] = np.nan
        returns[0, end:, 1] = np.nan
    dividends = draw(st.sampled_from([None, rng.uniform(0, 0.02, returns.shape)]))
    return returns, dividends, draw(st.sampled_from([None, rng.normal(0, 0.03, (2, n_steps))]))


@st.composite
def rebalancings(draw):
    every, width = draw(st.integers(1, 5)), draw(st.sampled_from([0.0, 0.02, 0.1]))
    rules = [
        every,
        Band(width, every=every),
        Band(width, every=every, to="edge"),
        Band(5 * width, every=every, relative=True),
        OnSignal(every, threshold=5 * width),
    ]
    return draw(st.sampled_from(rules))


taxes = st.none() | st.builds(
    Tax,
    short_rate=st.just(0.35),
    long_rate=st.just(0.15),
    long_after_steps=st.integers(0, 6),
    loss_offset=st.booleans(),
)
accounts = st.builds(
    Account,
    cash_rate=st.sampled_from([0.0, 0.5]),
    borrow_spread=st.sampled_from([0.0, 0.5]),
    loan_fee=st.sampled_from([0.0, 1.0]),
    dividends=st.sampled_from(["reinvest", "cash"]),
    tax=taxes,
)


@st.composite
def cases(draw):
    returns, dividends, flows = draw(markets())
    n_assets = returns.shape[2]
    weights = draw(st.lists(st.sampled_from([-0.4, 0, 0.2, 0.5, 0.9]), min_size=3, max_size=3))
    strategy = draw(st.sampled_from([FixedWeights(tuple(weights[:n_assets])), Follower()]))
    costs = Costs(
        proportional=draw(st.sampled_from([0.0, 0.002])),
        fixed=draw(st.sampled_from([0.0, 3.0])),
        impact=draw(st.sampled_from([0.0, 1.0])),
        volatility=0.02,
        volume=[1e5, 1e6, 1e7][:n_assets],
        capital=1e4,
    )
    options = {
        "rebalance": draw(rebalancings()),
        "account": draw(accounts),
        "costs": costs,
        "dividends": dividends,
        "flows": flows,
        "limits": draw(st.sampled_from([None, NARROW])),
    }
    return returns, strategy, options


def references(returns, strategy, options):
    rebalance = options["rebalance"]
    rule = None if isinstance(rebalance, int) else rebalance
    every = rebalance if rule is None else rule.every
    for path in range(len(returns)):
        yield Path(
            returns[path],
            costs=options["costs"],
            account=options["account"],
            dividends=None if options["dividends"] is None else options["dividends"][path],
            flows=None if options["flows"] is None else options["flows"][path],
            schedule=range(0, returns.shape[1], every),
            ask=orders_of(strategy, rule, options["limits"], returns[path]),
        ).run()


@settings(max_examples=150, deadline=None)
@given(cases())
def test_every_cent_agrees_with_the_reference_whatever_is_switched_on(case):
    returns, strategy, options = case
    outcome = backtest(returns, strategy, **options)
    for path, expected in enumerate(references(returns, strategy, options)):
        pairs = {
            "wealth": expected.wealths,
            "cash": expected.cashes,
            "turnover": expected.turnover,
            "costs": expected.paid_costs,
            "interest": expected.interest,
            "taxes": expected.taxes,
            "dividends": expected.received,
            "flows": expected.flowed,
        }
        for name, values in pairs.items():
            found = getattr(outcome, name)
            if found is not None:
                np.testing.assert_allclose(found[path], values, atol=1e-9, err_msg=name)
