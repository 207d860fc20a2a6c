"""The allowed weights nearest to the targets, against a solver and the truths of projections."""

from math import inf

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, minimize

from scenara.finance.portfolio import Limits

targets = st.lists(st.floats(-1, 1), min_size=1, max_size=5).map(
    lambda x: torch.tensor([x]).double()
)
limits = st.builds(
    Limits,
    min_weight=st.sampled_from([0.0, -0.1, -0.5, -inf]),
    max_weight=st.sampled_from([0.2, 0.6, inf]),
    max_gross=st.sampled_from([0.5, 1.0, 1.5, inf]),
    min_net=st.sampled_from([0.0, -0.3, -inf]),
    max_net=st.sampled_from([0.4, 1.0, inf]),
    keep_net=st.booleans(),
)


def solved(wanted, allowed):
    """Project by a general solver, in bought and sold parts: w = u - v with u, v >= 0."""
    n_assets = len(wanted)
    most = np.full(2 * n_assets, np.inf)
    most[:n_assets] = allowed.max_weight
    most[n_assets:] = -allowed.min_weight
    signs = np.concatenate([np.ones(n_assets), -np.ones(n_assets)])

    def distance(parts):
        miss = parts[:n_assets] - parts[n_assets:] - wanted
        return miss @ miss, 2 * np.concatenate([miss, -miss])

    rows = [
        LinearConstraint(signs, allowed.min_net, allowed.max_net),
        LinearConstraint(np.ones(2 * n_assets), -np.inf, allowed.max_gross),
    ]
    found = minimize(
        distance,
        np.zeros(2 * n_assets),
        jac=True,
        bounds=Bounds(0, most),
        constraints=[row for row in rows if np.isfinite([row.lb, row.ub]).any()],
        method="SLSQP",
        options={"ftol": 1e-15, "maxiter": 500},
    )
    return found.x[:n_assets] - found.x[n_assets:]


@settings(max_examples=60, deadline=None)
@given(targets, limits)
def test_nearest_weights_agree_with_a_general_solver(wanted, allowed):
    allowed = Limits(**{**vars(allowed), "keep_net": False})
    expected = solved(wanted[0].numpy(), allowed)
    np.testing.assert_allclose(allowed.apply(wanted)[0], expected, atol=2e-5)


@settings(max_examples=100, deadline=None)
@given(targets, limits)
def test_what_comes_out_is_allowed(wanted, allowed):
    weights = allowed.apply(wanted)
    net, gross = weights.sum(), weights.abs().sum()
    assert allowed.min_weight <= weights.min()
    assert weights.max() <= allowed.max_weight
    assert allowed.min_net - 1e-12 <= net <= allowed.max_net + 1e-12
    assert gross <= allowed.max_gross + 1e-12


@settings(max_examples=100, deadline=None)
@given(targets, limits)
def test_allowed_weights_stay_as_they_are(wanted, allowed):
    once = allowed.apply(wanted)
    torch.testing.assert_close(allowed.apply(once), once, atol=1e-12, rtol=0)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=3, max_size=6))
def test_the_sum_of_weights_is_kept_where_there_is_room(parts):
    wanted = torch.tensor([parts]).double() / (sum(parts) or 1.0)
    weights = Limits(min_weight=0.0, max_weight=0.4).apply(wanted)
    assert weights.sum() == pytest.approx(float(wanted.sum()), abs=1e-12)


def test_the_largest_weight_is_shared_out_evenly():
    weights = Limits(max_weight=0.5).apply(torch.tensor([[0.8, 0.2, 0.0]]).double())
    np.testing.assert_allclose(weights[0], [0.5, 0.35, 0.15])


def test_assets_that_are_not_there_get_nothing():
    there = torch.tensor([[True, True, False]])
    weights = Limits(max_weight=0.5).apply(
        torch.tensor([[0.8, 0.2, 0.0]]).double(), available=there
    )
    np.testing.assert_allclose(weights[0], [0.5, 0.5, 0])


def test_paths_do_not_touch_each_other():
    wanted = torch.randn(20, 4, generator=torch.Generator().manual_seed(0)).double()
    allowed = Limits(max_weight=0.3, max_gross=0.8)
    alone = torch.cat([allowed.apply(row[None]) for row in wanted])
    torch.testing.assert_close(allowed.apply(wanted), alone, atol=1e-12, rtol=0)
