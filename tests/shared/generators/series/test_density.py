import numpy as np
import pytest
import torch
from scipy import stats
from torch.distributions import MultivariateNormal

from scenara.shared.generators.series.density import (
    log_stretch_slope,
    low_rank_log_density,
    low_rank_sample,
    shrink,
    stretch,
)


def parts(n_channels, n_factors, *, batch=(5,)):
    rng = torch.Generator().manual_seed(n_channels * 10 + n_factors)
    return {
        "loadings": torch.randn(n_channels, n_factors, generator=rng, dtype=torch.float64),
        "factor_scale": torch.rand(*batch, n_factors, generator=rng, dtype=torch.float64) + 0.2,
        "own_scale": torch.rand(*batch, n_channels, generator=rng, dtype=torch.float64) + 0.2,
    }


@pytest.mark.parametrize(("n_channels", "n_factors"), [(1, 1), (2, 1), (3, 3), (20, 4)])
def test_the_density_is_the_dense_normal_density(n_channels, n_factors):
    law = parts(n_channels, n_factors)
    values = torch.randn(5, n_channels, dtype=torch.float64)
    rooted = law["loadings"] * law["factor_scale"][:, None, :]
    covariance = rooted @ rooted.mT + torch.diag_embed(law["own_scale"].square())
    expected = MultivariateNormal(torch.zeros(n_channels, dtype=torch.float64), covariance)
    found = low_rank_log_density(values, **law)
    torch.testing.assert_close(found, expected.log_prob(values), rtol=1e-10, atol=1e-10)


def test_the_density_broadcasts_over_regimes():
    law = parts(4, 2, batch=(6, 3))
    values = torch.randn(6, 1, 4, dtype=torch.float64)
    found = low_rank_log_density(values, **law)
    one = {name: x if name == "loadings" else x[2, 1] for name, x in law.items()}
    torch.testing.assert_close(found[2, 1], low_rank_log_density(values[2, 0], **one))


def test_draws_have_the_covariance_of_the_law():
    law = parts(3, 2, batch=(1,))
    n_draws = 200_000
    wide = {k: x if k == "loadings" else x.expand(n_draws, -1) for k, x in law.items()}
    noise = torch.randn(n_draws, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    draws = low_rank_sample(noise, **wide)
    rooted = law["loadings"] * law["factor_scale"]
    covariance = rooted @ rooted.mT + torch.diag(law["own_scale"][0].square())
    found = torch.cov(draws.T)
    variances = covariance.diagonal()
    error = ((variances[:, None] * variances + covariance.square()) / n_draws).sqrt()
    assert ((found - covariance).abs() < 4 * error).all()  # 9 entries


@pytest.mark.parametrize("scale", [1.0, 2.5, 100.0])
def test_shrink_undoes_stretch(scale):
    values = torch.linspace(-5, 5, 11, dtype=torch.float64)
    scale = torch.tensor(scale, dtype=torch.float64)
    torch.testing.assert_close(shrink(stretch(values, scale), scale), values)


def test_the_slope_is_the_derivative_of_shrink():
    values = torch.linspace(-5, 5, 11, dtype=torch.float64, requires_grad=True)
    scale = torch.tensor(1.7, dtype=torch.float64)
    (slope,) = torch.autograd.grad(shrink(values, scale).sum(), values)
    torch.testing.assert_close(log_stretch_slope(values, scale), slope.log())


def test_a_stretched_normal_has_the_density_of_johnsons_law():
    values, scale = np.linspace(-8, 8, 9), 1.6
    point, reach = torch.from_numpy(values), torch.tensor(scale, dtype=torch.float64)
    normal = torch.distributions.Normal(torch.zeros((), dtype=torch.float64), 1.0)
    found = normal.log_prob(shrink(point, reach)) + log_stretch_slope(point, reach)
    expected = stats.johnsonsu(a=0, b=scale, scale=scale).logpdf(values)
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-10)
