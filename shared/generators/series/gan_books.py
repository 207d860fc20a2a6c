"""Books of channels, and how well the tails of written ones fit those of observed ones."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from torch import Tensor

from scenara.shared.generators.series.diffusion_days import DayModel, DayState
from scenara.shared.generators.series.diffusion_margins import NormalScores
from scenara.shared.generators.series.vae_days import scales
from scenara.shared.types import FloatArray

__all__ = ["Books", "expected_tails", "tail_score"]

_MOST_DAYS = 8_000
_LARGEST_SCORE = 4.5
_FARTHEST = 25.0


def expected_tails(profits: Tensor, level: float) -> tuple[Tensor, Tensor]:
    """Give value-at-risk and expected shortfall of samples, as (negative) profits.

    Args:
        profits: ``(n, books)``.
        level: Share of the worst ones.

    Returns:
        The quantile and the mean below it, ``(books,)`` each; gradients reach the profits.

    Example:
        >>> v, e = expected_tails(torch.arange(100.0)[:, None] - 60, 0.05)
        >>> v.item(), e.item()
        (-56.0, -58.0)
    """
    n_worst = max(1, round(level * len(profits)))
    worst = profits.topk(n_worst, dim=0, largest=False).values
    return worst[-1], worst.mean(0)


def tail_score(
    value_at_risk: Tensor, shortfall: Tensor, profits: Tensor, *, level: float
) -> Tensor:
    """Give the joint score of value-at-risk and expected shortfall; least for the true ones.

    S(v, e; x) = 1{x <= v} (x - v) / (level e) + v / e + log(-e) - 1, for v, e < 0.

    Args:
        value_at_risk: v, as a (negative) profit, ``(books,)``.
        shortfall: e, the same.
        profits: Observed ones x, ``(n, books)``.
        level: Share of the worst days.

    Returns:
        Mean score of each book, ``(books,)``.

    Example:
        >>> x = torch.linspace(-1, 1, 2_001)[:, None]
        >>> right, wrong = (
        ...     tail_score(torch.tensor([v]), torch.tensor([e]), x, level=0.1)
        ...     for v, e in [(-0.8, -0.9), (-0.6, -0.9)]
        ... )
        >>> bool(right < wrong)
        True

    References:
        Fissler and Ziegel (2016), Higher order elicitability and Osband's principle,
        https://doi.org/10.1214/16-AOS1439; Patton, Ziegel and Chen (2019), Dynamic semiparametric
        models for expected shortfall (and value-at-risk),
        https://doi.org/10.1016/j.jeconom.2018.10.008, eq. 6.
    """
    below = torch.relu(value_at_risk - profits).mean(0)
    score: Tensor = (value_at_risk - below / level) / shortfall + (-shortfall).log() - 1
    return score


@dataclass(frozen=True)
class Books:
    """Profits of books of channels, in units of what the filter expects of each on that day.

    Args:
        observed: Profits of the books on observed days, ``(days, books)``.
        common: Weight of the common move in each book on each day, ``(days, books)``.
        own: Weight of each channel's own move, divided by the same scale, ``(days, d)``.
        unit: Expected scale of each book, ``(days, books)``.
        holdings: Books in units of the channels' spreads, ``(d, books)``.
        basis: Directions whose scores are innovations, ``(d, k)``.
        rest: What is left of directions on observed days, ``(days, d)``.
        knots: Normal scores of the margins' knots, ``(knots,)``.
        quantiles: Their values, ``(knots, c)``.
        tails: Of the margins, ``(2, 2, c)``.

    References:
        Cont, Cucuringu, Xu and Zhang (2022), Tail-GAN: learning to simulate tail risk scenarios,
        https://arxiv.org/abs/2203.01664.
    """

    observed: Tensor
    common: Tensor
    own: Tensor
    unit: Tensor
    holdings: Tensor
    basis: Tensor
    rest: Tensor
    knots: Tensor
    quantiles: Tensor
    tails: Tensor

    @classmethod
    def of(
        cls,
        days: DayModel,
        margins: NormalScores,
        data: FloatArray,
        states: list[DayState],
        *,
        n_books: int,
        rng: np.random.Generator,
    ) -> Self:
        """Draw books and follow them over observed days.

        Half of them hold every channel, half are long some and short others; all are in the list
        with both signs.

        Args:
            days: The day model.
            margins: Of its innovations.
            data: ``(series, steps, d)``.
            states: What is known before each step.
            n_books: Number of books, both signs together.
            rng: Draws them.
        """
        holdings = _holdings(data.shape[2], n_books, rng)
        rows = np.linspace(0, data.shape[0] * data.shape[1] - 1, _MOST_DAYS).astype(np.int64)
        rows = np.unique(rows)
        common, own = scales(days, DayState.joined(states[:-1]).taken(rows))
        y = ((data - days.centre) / days.spread).transpose(1, 0, 2).reshape(-1, data.shape[2])
        joint = common @ holdings
        unit = np.sqrt(np.square(joint) + np.square(own) @ np.square(holdings))
        profits = y[rows] @ holdings / unit
        parts = [profits, joint / unit, own, unit, holdings, days.basis, days.rest]
        parts += [margins.scores, margins.quantiles, margins.tails]
        return cls(*(torch.from_numpy(np.array(x, np.float32, order="C")) for x in parts))

    def profits(self, scores: Tensor, rng: torch.Generator) -> Tensor:
        """Give profits of written days, each on the scales of an observed day at random.

        Args:
            scores: Normal scores of innovations, ``(n, c)``.
            rng: Draws the observed days.

        Returns:
            ``(n, books)``.
        """
        device = scores.device
        rows = torch.randint(len(self.unit), (len(scores),), generator=rng, device=device)
        innovations = self._innovations(scores)
        profits = innovations[:, :1] * self.common[rows]
        if innovations.shape[1] > 1:
            left = torch.randint(len(self.rest), (len(scores),), generator=rng, device=device)
            direction = innovations[:, 2:] @ self.basis.T + self.rest[left]
            direction = direction / (direction.abs().mean(1, keepdim=True) + 1e-3)
            moves = innovations[:, 1:2].exp() * direction * self.own[rows]
            profits = profits + (moves @ self.holdings) / self.unit[rows]
        return profits.clamp(-_FARTHEST, _FARTHEST)

    def _innovations(self, scores: Tensor) -> Tensor:
        """Undo normal scores as :class:`NormalScores` does, with gradients."""
        bent = scores.clamp(-_LARGEST_SCORE, _LARGEST_SCORE)
        end = self.knots[-1]
        inside = bent.detach().clamp(-end, end).contiguous()
        place = torch.searchsorted(self.knots, inside).clamp(1, len(self.knots) - 1)
        low, high = self.knots[place - 1], self.knots[place]
        left = self.quantiles.gather(0, place - 1)
        share = (bent.clamp(-end, end) - low) / (high - low)
        values = left + share * (self.quantiles.gather(0, place) - left)
        scale, shape = torch.where(scores < 0, self.tails[0, :, None], self.tails[1, :, None])
        mass = torch.special.ndtr(-bent.abs().clamp(min=float(end)))
        beyond = scale * ((torch.special.ndtr(-end) / mass) ** shape - 1) / shape
        return values + torch.where(bent.abs() > end, scores.sign() * beyond, 0.0)

    def to(self, device: torch.device) -> "Books":
        """Give the books on a device.

        Args:
            device: Where to.
        """
        return Books(**{name: value.to(device) for name, value in vars(self).items()})


def _holdings(n_channels: int, n_books: int, rng: np.random.Generator) -> FloatArray:
    half = max(n_books // 2, 1)
    sizes = rng.dirichlet(np.ones(n_channels), half)
    signs = rng.choice([-1.0, 1.0], (half, n_channels))
    signs[::2] = 1.0
    books = (sizes * signs).T
    return np.concatenate([books, -books], axis=1)
