"""Parts of VaR and ES: they add up, follow the normal law, and their bands cover the truth."""

import numpy as np
import pytest
from scipy.stats import norm

from scenara.finance.market.risk import expected_shortfall, portfolio_losses, value_at_risk
from scenara.finance.market.risk.contributions import risk_contributions

LEVEL, N_PATHS = 0.95, 4_000
SIZE = 0.01


def normal_worlds(rng, n_assets):
    """Give one day of independent simple returns that are normal, as log returns."""
    return np.log1p(SIZE * rng.standard_normal((N_PATHS, 1, n_assets)))


@pytest.mark.parametrize("is_weighted", [False, True])
def test_components_add_up_to_the_risk_of_the_whole(is_weighted):
    rng = np.random.default_rng(0)
    worlds, weights = normal_worlds(rng, 3), np.array([0.6, 0.5, -0.3])
    chances = rng.dirichlet(np.ones(N_PATHS)) if is_weighted else None
    losses = portfolio_losses(worlds, weights)

    parts = risk_contributions(worlds, weights, level=LEVEL, probabilities=chances)

    var = value_at_risk(losses, level=LEVEL, probabilities=chances)
    es = expected_shortfall(losses, level=LEVEL, probabilities=chances)
    assert parts["component_var"].sum() == pytest.approx(var, rel=1e-9)
    assert parts["component_es"].sum() == pytest.approx(es, rel=1e-9)


@pytest.mark.parametrize("weights", [[1.0], [0.9, 0.1], [0.5, 0.5]], ids=str)
@pytest.mark.parametrize("name", ["var", "es"])
def test_bands_of_components_cover_those_of_the_normal_law(weights, name):
    rng = np.random.default_rng(1)
    shares, n_trials = np.array(weights), 100
    unit = norm.ppf(LEVEL) if name == "var" else norm.pdf(norm.ppf(LEVEL)) / (1 - LEVEL)
    truth = unit * SIZE * shares**2 / np.linalg.norm(shares)
    covered = []
    for _ in range(n_trials):
        worlds = normal_worlds(rng, len(shares))
        parts = risk_contributions(worlds, shares, level=LEVEL)
        covered.append((parts[f"{name}_low"] <= truth) & (truth <= parts[f"{name}_high"]))

    share = np.mean(covered, axis=0)
    assert (np.abs(share - 0.95) < 3 * np.sqrt(0.95 * 0.05 / n_trials) + 0.02).all()
