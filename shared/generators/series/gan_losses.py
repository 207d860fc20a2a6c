"""What each player of the adversarial game on series minimises."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from scenara.shared.generators.series.gan_books import Books, expected_tails, tail_score
from scenara.shared.generators.series.gan_network import Game

__all__ = ["Losses"]

_LEVELS = (0.01, 0.05)
_LEAST_SHORTFALL = 0.1


@dataclass(frozen=True)
class Losses:
    """Give the losses of the players of a game.

    The critic tells windows of observed scores from written ones, with a penalty on its slope at
    observed ones, so that it falls silent where there is nothing left to tell; the writer wants
    its windows to be judged observed, and the tails of its books to fit.

    Args:
        penalty: Weight of the penalty on the critic's slope.
        critic_steps: Steps of the critic for each of the writer.
        books: Books whose tails are compared.
        tail_weight: Weight of their score.

    References:
        Mescheder, Geiger and Nowozin (2018), Which training methods for GANs do actually
        converge?, https://arxiv.org/abs/1801.04406, eq. 9 (the penalty); Cont, Cucuringu, Xu and
        Zhang (2022), Tail-GAN: learning to simulate tail risk scenarios,
        https://arxiv.org/abs/2203.01664.
    """

    penalty: float
    critic_steps: int
    books: Books
    tail_weight: float

    def critic(self, game: Game, batch: tuple[Tensor, ...], rng: torch.Generator) -> Tensor:
        """Give how often the critic errs, as a log loss, and the penalty on its slope.

        Args:
            game: Both players.
            batch: Windows of observed scores, ``(n, w, c)``.
            rng: Draws noise.
        """
        game.turn += 1
        observed = batch[0].transpose(0, 1).detach().requires_grad_()
        with torch.no_grad():
            written = _written(game, batch[0], rng)
        judged = game.critic(observed)
        surprise = functional.softplus(game.critic(written)) + functional.softplus(-judged)
        (slopes,) = torch.autograd.grad(judged.sum(), observed, create_graph=True)
        cost: Tensor = surprise.mean() + self.penalty * slopes.square().sum((0, 2)).mean()
        return cost

    def writer(self, game: Game, batch: tuple[Tensor, ...], rng: torch.Generator) -> Tensor:
        """Give how well written windows are found out, and how ill the tails of books fit.

        Args:
            game: Both players.
            batch: Their number and length alone matter.
            rng: Draws noise.
        """
        if int(game.turn) % self.critic_steps:
            return 0.0 * next(game.writer.parameters()).sum()
        written = _written(game, batch[0], rng)
        judged: Tensor = functional.softplus(-game.critic(written)).mean()
        return judged + self.tail_weight * self._misfit(written, rng)

    def _misfit(self, written: Tensor, rng: torch.Generator) -> Tensor:
        profits = self.books.profits(written.flatten(0, 1), rng)
        return torch.stack([self._score(profits, level) for level in _LEVELS]).mean()

    def _score(self, profits: Tensor, level: float) -> Tensor:
        value_at_risk, shortfall = expected_tails(profits, level)
        shortfall = shortfall.clamp(max=-_LEAST_SHORTFALL)
        return tail_score(value_at_risk, shortfall, self.books.observed, level=level)


def _written(game: Game, windows: Tensor, rng: torch.Generator) -> Tensor:
    """Write as many windows of that length, steps first."""
    n, length = windows.shape[:2]
    shape = (length + game.writer.reach, n, game.writer.n_noise)
    written: Tensor = game.writer(torch.randn(shape, generator=rng, device=rng.device))
    return written
