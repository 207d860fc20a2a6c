"""A variational autoencoder of mixed rows: its two networks, its bound, and how it draws."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from scenara.shared.generators.tables.heads import Heads, gumbel

__all__ = ["Asked", "RowVae", "bound_loss", "divergence"]

LEAST_LOG_SCALE = -5.0


@dataclass(frozen=True)
class Asked:
    """Say what drawn rows may be, in codes and positions.

    Args:
        codes: Which codes will do, (logits,) booleans.
        low: Least position that will do, (measured columns,), for codes with positions.
        high: Greatest one.
    """

    codes: Tensor
    low: Tensor
    high: Tensor


class RowVae(nn.Module):
    """Map rows to a latent law and latent points to laws of rows.

    Given the latent point z the columns are independent: a code has probabilities, a position a
    normal law with a mean that depends on z and a scale of its column, learned like any weight.

    Args:
        heads: What rows consist of.
        n_measured: Columns with positions.
        latent: Numbers of the latent point.
        width: Units in a layer.
    """

    seen: Tensor
    bias: Tensor

    def __init__(self, heads: Heads, *, n_measured: int, latent: int, width: int) -> None:
        super().__init__()
        n_outputs = heads.n_hot + n_measured
        self.heads, self.latent = heads, latent
        self.reader = _mlp(n_outputs, width, 2 * latent)
        self.writer = _mlp(latent, width, n_outputs)
        self.log_scale = nn.Parameter(torch.zeros(n_measured))
        self.register_buffer("seen", torch.zeros((), dtype=torch.long))
        self.register_buffer("bias", torch.zeros(heads.n_hot))

    def read(self, codes: Tensor, positions: Tensor) -> tuple[Tensor, Tensor]:
        """Give means and log variances of the latent law of rows, (rows, latent) each."""
        rows = self.heads.vector(self.heads.hot(codes), positions)
        mean, log_variance = self.reader(rows).chunk(2, dim=1)
        return mean, log_variance.clamp(-12, 4)

    def write(self, latent: Tensor) -> tuple[Tensor, Tensor]:
        """Give log probabilities of codes and means of positions at latent points."""
        outputs = self.writer(latent)
        n_hot = self.heads.n_hot
        logits = self.heads.log_softmax(outputs[:, :n_hot] + self.bias)
        return logits, outputs[:, n_hot:]

    @property
    def scale(self) -> Tensor:
        """Give the standard deviation of each position given z, (measured columns,)."""
        return self.log_scale.clamp(min=LEAST_LOG_SCALE).exp()

    def log_density(self, latent: Tensor, codes: Tensor, positions: Tensor) -> Tensor:
        """Give the log density of rows at latent points, (rows,)."""
        logits, means = self.write(latent)
        hot = self.heads.hot(codes)
        distance = (positions - means) / self.scale
        normal = -distance.square() / 2 - self.scale.log() - math.log(2 * math.pi) / 2
        return (logits * hot).sum(1) + (normal * self.heads.gate(hot)).sum(1)

    def draw(
        self, latent: Tensor, rng: torch.Generator, *, asked: Asked | None = None
    ) -> tuple[Tensor, Tensor]:
        """Draw rows at latent points.

        Args:
            latent: Points, (rows, latent).
            rng: The stream.
            asked: What the rows may be; anything if None.

        Returns:
            Codes (rows, coded columns) and positions (rows, measured columns).
        """
        logits, means = self.write(latent)
        if asked is not None:
            logits = logits.masked_fill(~asked.codes, -torch.inf)
        codes = self.heads.codes(logits + gumbel(logits.shape, rng))
        uniform = torch.rand(means.shape, generator=rng, device=means.device, dtype=torch.float64)
        if asked is not None:
            low, high = self._reach(means, asked)
            uniform = low + uniform * (high - low)
        drawn = torch.special.ndtri(uniform.clamp(1e-12, 1 - 1e-12)).to(means) * self.scale + means
        if asked is not None:
            drawn = torch.minimum(torch.maximum(drawn, asked.low), asked.high)
        return codes, drawn

    def log_chance(self, latent: Tensor, asked: Asked) -> Tensor:
        """Give the log probability of what is asked at latent points, (rows,)."""
        logits, means = self.write(latent)
        low, high = self._reach(means, asked)
        inside = (high - low).clamp(min=1e-9).log().to(logits)
        chances = logits.masked_fill(~asked.codes, -torch.inf) + inside @ self.heads.gates.T
        codes = chances.exp() @ self.heads.members
        return codes.clamp(min=1e-30).log().sum(1) + inside @ self.heads.always

    def _reach(self, means: Tensor, asked: Asked) -> tuple[Tensor, Tensor]:
        low = torch.special.ndtr(((asked.low - means) / self.scale).double())
        return low, torch.special.ndtr(((asked.high - means) / self.scale).double())


def divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Give KL(N(mean, variance) || N(0, 1)) of each latent number, (rows, latent).

    Args:
        mean: Means, (rows, latent).
        log_variance: Log variances, (rows, latent).

    Example:
        >>> divergence(torch.tensor([[1.0]]), torch.tensor([[0.0]]))
        tensor([[0.5000]])

    References:
        Kingma and Welling, 2014, Auto-encoding variational Bayes,
        https://arxiv.org/abs/1312.6114, appendix B.
    """
    return (mean.square() + log_variance.exp() - 1 - log_variance) / 2


def bound_loss(
    *, beta: float, warmup_steps: int, free_bits: float
) -> Callable[[RowVae, tuple[Tensor, ...], torch.Generator], Tensor]:
    """Make the loss: minus the evidence lower bound, with a weight on the divergence.

    The weight rises from 0 to ``beta`` over the first steps, and each latent number may carry
    ``free_bits`` nats for nothing; both keep the latent point in use.

    Args:
        beta: Weight of the divergence in the end.
        warmup_steps: Steps in which it rises.
        free_bits: Nats of each latent number that are not punished.

    References:
        Higgins et al., 2017, beta-VAE, https://openreview.net/forum?id=Sy2fzU9gl; Bowman et al.,
        2016, Generating sentences from a continuous space, https://arxiv.org/abs/1511.06349
        (warm-up); Kingma et al., 2016, Improving variational inference with inverse
        autoregressive flow, https://arxiv.org/abs/1606.04934, appendix C.8 (free bits); Rybkin,
        Daniilidis and Levine, 2021, Simple and effective VAE training with calibrated decoders,
        https://arxiv.org/abs/2006.13202 (learned scales).
    """

    def loss(network: RowVae, batch: tuple[Tensor, ...], rng: torch.Generator) -> Tensor:
        codes, positions = batch
        mean, log_variance = network.read(codes, positions)
        noise = torch.randn(mean.shape, generator=rng, device=mean.device)
        density = network.log_density(mean + noise * (log_variance / 2).exp(), codes, positions)
        spent = divergence(mean, log_variance).mean(0)
        weight = beta
        if network.training:
            network.seen += 1
            weight *= min(1.0, int(network.seen) / max(warmup_steps, 1))
        return weight * spent.clamp(min=free_bits).sum() - density.mean()

    return loss


def _mlp(n_in: int, width: int, n_out: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(n_in, width),
        nn.SiLU(),
        nn.Linear(width, width),
        nn.SiLU(),
        nn.Linear(width, n_out),
    )
