"""Past returns that the tests of strategies share."""

import pytest
import torch


@pytest.fixture
def past():
    """Returns of 8 paths and 5 assets of rising volatility, which a common factor ties together."""
    generator = torch.Generator().manual_seed(0)
    common = torch.randn(63, 8, 1, generator=generator, dtype=torch.float64)
    own = torch.randn(63, 8, 5, generator=generator, dtype=torch.float64)
    return 0.005 * common + 0.004 * own * torch.arange(1, 6)
