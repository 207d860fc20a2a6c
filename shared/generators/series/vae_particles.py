"""What a recurrent network with latent states knows after each day, by particles."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from scenara.shared.generators.series.vae_days import DayRecord
from scenara.shared.generators.series.vae_network import RecurrentVae

__all__ = ["Particles", "followed"]

_FEWEST = 0.5
"""Particles are drawn anew where their weights are worth less than this share of them."""


class Particles(NamedTuple):
    """Particles of a step.

    Args:
        before: Memory of each before the day, ``(series, particles, memory)``.
        after: Memory after it.
        states: Latent states of the day, ``(series, particles, k)``.
        weights: Their weights after it, which sum to one, ``(series, particles)``.
        log_density: Of the day given the days before, estimated, ``(series,)``.
    """

    before: Tensor
    after: Tensor
    states: Tensor
    weights: Tensor
    log_density: Tensor

    def moments(self) -> tuple[Tensor, Tensor]:
        """Give mean and standard deviation of the latent states, ``(series, k)`` each."""
        weights = self.weights[..., None]
        mean = (weights * self.states).sum(1)
        return mean, (weights * (self.states - mean[:, None]).square()).sum(1).sqrt()


@dataclass
class _Cloud:
    memory: Tensor
    log_weights: Tensor

    def refreshed(self, rng: torch.Generator) -> None:
        """Draw particles anew, by their weights, where too few carry most of the weight."""
        n = self.log_weights.shape[1]
        weights = self.log_weights.softmax(1)
        poor = weights.square().sum(1).reciprocal() < _FEWEST * n
        if not poor.any():
            return
        comb = (torch.arange(n) + torch.rand(len(weights), 1, generator=rng)) / n
        rows = torch.searchsorted(weights.cumsum(1), comb).clamp(max=n - 1)
        chosen = torch.take_along_dim(self.memory, rows[..., None], dim=1)
        self.memory = torch.where(poor[:, None, None], chosen, self.memory)
        self.log_weights = torch.where(poor[:, None], 0.0, self.log_weights)


@torch.no_grad()
def followed(
    network: RecurrentVae, record: DayRecord, *, n_particles: int, seed: int = 0
) -> Iterator[Particles]:
    """Follow series day by day with particles drawn from the posterior.

    Each particle draws z_t from q and is weighted by p(x_t | z_t) p(z_t) / q(z_t); the mean weight
    estimates p(x_t | past), without bias for the product over days.

    Args:
        network: The network.
        record: Observed days.
        n_particles: Particles of each series.
        seed: Of the draws.

    Yields:
        The particles of each step.

    References:
        Doucet and Johansen (2009), A tutorial on particle filtering and smoothing,
        https://www.stats.ox.ac.uk/~doucet/doucet_johansen_tutorialPF2011.pdf, section 3.
    """
    rng = torch.Generator().manual_seed(seed)
    conditions, signals = network.conditions(record.conditions), network.signals(record.signals)
    shape = (len(conditions), n_particles)
    cloud = _Cloud(torch.zeros(*shape, network.n_memory), torch.zeros(shape))
    for step in range(conditions.shape[1]):
        cloud.refreshed(rng)
        condition = conditions[:, step, None].expand(-1, n_particles, -1)
        signal = signals[:, step, None].expand(-1, n_particles, -1)
        prior = network.prior(cloud.memory, condition)
        posterior = network.posterior(prior, cloud.memory, condition, signal)
        states = posterior.draw(torch.randn(*shape, network.n_latents, generator=rng))
        seen = (part[:, step, None] for part in record.parts[:3])
        density = network.decoder.log_density(network.decoder.law(states, condition), *seen)
        gain = density + prior.log_density(states) - posterior.log_density(states)
        now = cloud.log_weights.log_softmax(1) + gain
        before = cloud.memory
        flat = (part.flatten(0, 1) for part in (before, states, signal))
        after = network.advance(*flat).view(*shape, -1)
        cloud = _Cloud(after, now)
        yield Particles(before, after, states, now.softmax(1), torch.logsumexp(now, 1))
