"""What a recurrent network with latent states is taught by: the evidence lower bound on windows."""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from scenara.shared.generators.series.vae_days import DayRecord
from scenara.shared.generators.series.vae_network import Normal, RecurrentVae

__all__ = ["EvidenceBound", "Inferred", "inferred"]


class Inferred(NamedTuple):
    """Latent states of windows, drawn from their posterior.

    Args:
        states: z, steps first, ``(w, n, k)``.
        prior: Their laws before each day.
        posterior: Their laws after it.
        memory: h after the last day, ``(n, memory)``.
    """

    states: Tensor
    prior: Normal
    posterior: Normal
    memory: Tensor


def inferred(network: RecurrentVae, conditions: Tensor, signals: Tensor, noise: Tensor) -> Inferred:
    """Draw the latent states of windows one after the other, from an empty memory on.

    Args:
        network: Prior, posterior and recurrence.
        conditions: Standardised, steps first, ``(w, n, conditions)``.
        signals: Standardised, ``(w, n, signals)``.
        noise: Standard normal numbers, ``(w, n, k)``.
    """
    memory = torch.zeros(conditions.shape[1], network.n_memory, device=conditions.device)
    steps = []
    for condition, signal, shock in zip(conditions, signals, noise, strict=True):
        prior = network.prior(memory, condition)
        posterior = network.posterior(prior, memory, condition, signal)
        state = posterior.draw(shock)
        memory = network.advance(memory, state, signal)
        steps.append((state, *prior, *posterior))
    states, *laws = (torch.stack(parts) for parts in zip(*steps, strict=True))
    return Inferred(states, Normal(*laws[:2]), Normal(*laws[2:]), memory)


@dataclass(frozen=True)
class EvidenceBound:
    """Give minus the evidence lower bound of windows, per day and channel.

    log p(x_1..w) >= sum_t E_q[log p(x_t | z_t, past)] - KL(q(z_t | x_t, past) || p(z_t | past)).
    While the network learns, divergences count little at first and up to ``free_nats`` of each
    latent cost nothing, against posteriors that collapse onto the prior. The memory starts empty;
    a window's first steps only fill it.

    Args:
        record: Observed days.
        length: Days in a window.
        burn_in: Days of it that fill the memory.
        warm_up: Steps until divergences count in full.
        free_nats: Divergence of each latent that costs nothing.

    References:
        Chung et al. (2015), A recurrent latent variable model for sequential data,
        https://arxiv.org/abs/1506.02216, eq. 11; Bowman et al. (2016), Generating sentences from
        a continuous space, https://arxiv.org/abs/1511.06349 (warm-up); Kingma et al. (2016),
        Improved variational inference with inverse autoregressive flow,
        https://arxiv.org/abs/1606.04934, appendix C.8 (free bits).
    """

    record: DayRecord
    length: int
    burn_in: int
    warm_up: int
    free_nats: float

    def __call__(
        self, network: RecurrentVae, batch: tuple[Tensor, ...], rng: torch.Generator
    ) -> Tensor:
        """Give the loss.

        Args:
            network: The network.
            batch: Rows (series, first step) of windows, ``(n, 2)``.
            rng: Draws the latent states.
        """
        series, first = batch[0].T
        window = self.record.window(series, first, self.length)
        conditions = network.conditions(window.conditions).transpose(0, 1)
        signals = network.signals(window.signals).transpose(0, 1)
        shape = (*conditions.shape[:2], network.n_latents)
        noise = torch.randn(shape, generator=rng, device=rng.device)
        found = inferred(network, conditions, signals, noise)
        days = slice(self.burn_in, None)
        law = network.decoder.law(found.states[days], conditions[days])
        seen = (part.transpose(0, 1)[days] for part in window.parts[:3])
        fit = network.decoder.log_density(law, *seen).mean()
        apart = found.posterior.divergence(found.prior)[days].mean((0, 1))
        cost: Tensor = (self._price(network, apart) - fit) / window.values.shape[2]
        return cost

    def _price(self, network: RecurrentVae, apart: Tensor) -> Tensor:
        if not network.training:
            return apart.sum()
        network.turn += 1
        weight = min(1.0, (1 + int(network.turn)) / (1 + self.warm_up))
        return weight * apart.clamp(min=self.free_nats).sum()
