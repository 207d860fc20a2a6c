"""Winners against losers: what rose most among the assets, and what fell most."""

from dataclasses import dataclass

import torch
from torch import Tensor

from scenara.finance.portfolio.strategies.availability import among_available
from scenara.finance.portfolio.strategies.base import State, check_lookback
from scenara.finance.portfolio.strategies.estimates import check_positive
from scenara.shared.errors import ConfigError

__all__ = ["CrossSectionMomentum", "MeanReversion", "share_of_best"]


@dataclass(frozen=True, kw_only=True)
class CrossSectionMomentum:
    """Hold the assets that rose most in the year up to a month ago, in equal parts.

    With ``short`` those that rose least are sold short as much, so that the weights sum to zero:
    the zero-cost portfolio of the paper. Assets that tie share what is left to them.

    Args:
        lookback: Number of returns in the formation period and the skipped one together (12
            months).
        skip: Latest returns that are left out, since short-term returns revert (1 month).
        share: Share of the assets that are winners, and of those that are losers; at least one
            asset is (a tenth in the paper).
        short: Whether losers are sold short.

    Raises:
        ConfigError: A setting is out of its range.

    References:
        Jegadeesh and Titman (1993), Returns to buying winners and selling losers, Journal of
        Finance 48(1), section I. https://doi.org/10.1111/j.1540-6261.1993.tb04702.x

    Example:
        >>> past = torch.tensor([[[0.01, 0.02, 0.03]], [[0.9, 0.0, 0.0]]])
        >>> CrossSectionMomentum(lookback=2, skip=1, short=True).weights(past, State())
        tensor([[-1.,  0.,  1.]])
    """

    lookback: int = 252
    skip: int = 21
    share: float = 0.1
    short: bool = False

    def __post_init__(self) -> None:
        check_lookback(self.lookback, minimum=1)
        if isinstance(self.skip, bool) or not 0 <= self.skip < self.lookback:
            raise ConfigError(
                f"skip: expected from 0 to below the lookback of {self.lookback}, "
                f"found {self.skip!r}"
            )
        if not 0 < self.share <= 0.5:
            raise ConfigError(f"share: expected a fraction in (0, 0.5], found {self.share!r}")

    @among_available
    def weights(self, history: Tensor, state: State) -> Tensor:
        """Rank the assets of each path.

        Args:
            history: Simple returns, shape (lookback, paths, assets).
            state: Ignored.

        Returns:
            Weights that sum to one, or to zero with ``short``, shape (paths, assets).
        """
        rise = torch.log1p(history[: self.lookback - self.skip]).sum(0)
        winners = share_of_best(rise, share=self.share)
        return winners - share_of_best(-rise, share=self.share) if self.short else winners


@dataclass(frozen=True, kw_only=True)
class MeanReversion:
    r"""Hold what has fallen behind the mean of the assets, in proportion to how far.

    The weight of asset i is :math:`-(R_i - R_m) / c`, with its return over the lookback, that of
    the equal-weight market, and c such that the absolute weights sum to ``gross``. Without
    ``short`` only what has fallen behind is held. Where nothing differs, nothing is held.

    Args:
        lookback: Number of returns that are expected to revert (1 week).
        short: Whether what ran ahead is sold short, so that the weights sum to zero as in the
            paper.
        gross: What the absolute weights sum to.

    Raises:
        ConfigError: A setting is out of its range.

    References:
        Lo and MacKinlay (1990), When are contrarian profits due to stock market overreaction?,
        Review of Financial Studies 3(2), equation 1. https://doi.org/10.1093/rfs/3.2.175;
        Lehmann (1990), Fads, martingales, and market efficiency, Quarterly Journal of Economics
        105(1), for the scale. https://doi.org/10.2307/2937816

    Example:
        >>> past = torch.tensor([[[0.0, 0.25, 0.5]]], dtype=torch.float64)
        >>> MeanReversion(lookback=1, short=True).weights(past, State())
        tensor([[ 0.5000,  0.0000, -0.5000]], dtype=torch.float64)
    """

    lookback: int = 5
    short: bool = False
    gross: float = 1.0

    def __post_init__(self) -> None:
        check_lookback(self.lookback, minimum=1)
        check_positive(gross=self.gross)

    @among_available
    def weights(self, history: Tensor, state: State) -> Tensor:
        """Weigh the assets of each path.

        Args:
            history: Simple returns, shape (lookback, paths, assets).
            state: Ignored.

        Returns:
            Weights whose absolute values sum to ``gross``, shape (paths, assets).
        """
        grown = (1 + history).prod(0)
        behind = grown.mean(-1, keepdim=True) - grown
        # What is left by rounding where all assets are the same is no difference.
        behind[behind.abs() < 8 * torch.finfo(grown.dtype).eps * grown] = 0
        exposure = behind if self.short else behind.clamp_min(0)
        total = exposure.abs().sum(-1, keepdim=True)
        return self.gross * exposure / total.masked_fill(total == 0, 1)


def share_of_best(scores: Tensor, *, share: float) -> Tensor:
    """Give equal weights to the assets of highest score; ties at the edge share what is left.

    Args:
        scores: Scores, shape (paths, assets).
        share: Share of the assets that are chosen; at least one asset is.

    Returns:
        Weights that sum to one, shape (paths, assets).

    Example:
        >>> share_of_best(torch.tensor([[3.0, 1.0, 1.0, 0.0]]), share=0.5)
        tensor([[0.5000, 0.2500, 0.2500, 0.0000]])
    """
    n_best = max(1, round(share * scores.shape[-1]))
    edge = scores.topk(n_best).values[..., -1:]
    above, tied = (scores > edge).to(scores.dtype), (scores == edge).to(scores.dtype)
    left = n_best - above.sum(-1, keepdim=True)
    return (above + tied * left / tied.sum(-1, keepdim=True)) / n_best
