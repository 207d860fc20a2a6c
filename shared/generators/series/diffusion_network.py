"""A network that moves windows of noise towards windows of innovations, and how it is taught."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["WindowFlow", "flow_loss"]

_QUARTER = math.pi / 2


class WindowFlow(nn.Module):
    """Give the velocity of windows on their way from normal noise to the law of the data.

    On the way, x_t = cos(pi t / 2) x_0 + sin(pi t / 2) x_1, so that windows of independent normal
    numbers need no velocity at all: with its last layer at zero the network leaves noise as it
    is, and all that it learns is dependence. Blocks mix days, then channels.

    Args:
        length: Days in a window, w.
        n_channels: Innovations of a day, c.
        n_conditions: Numbers that describe what came before.
        width: Units of a day.
        n_blocks: Blocks.

    References:
        Albergo and Vanden-Eijnden (2023), Building normalizing flows with stochastic
        interpolants, https://arxiv.org/abs/2209.15571 (trigonometric interpolant); Lipman et
        al. (2023), Flow matching for generative modeling, https://arxiv.org/abs/2210.02747;
        Ho and Salimans (2022), Classifier-free diffusion guidance,
        https://arxiv.org/abs/2207.12598; Tolstikhin et al. (2021), MLP-Mixer,
        https://arxiv.org/abs/2105.01601.
    """

    waves: Tensor

    def __init__(
        self, length: int, n_channels: int, *, n_conditions: int, width: int, n_blocks: int
    ) -> None:
        super().__init__()
        self.length, self.n_channels = length, n_channels
        self.register_buffer("waves", torch.arange(1, 5) * math.pi / 2, persistent=False)
        self.know = nn.Sequential(nn.Linear(n_conditions + 1, width), nn.SiLU())
        self.clock = nn.Linear(2 * len(self.waves), width)
        self.read = nn.Linear(2 * n_channels, width)
        self.place = nn.Parameter(0.1 * torch.randn(length, 1, width))
        self.films = nn.Linear(width, 2 * n_blocks * width)
        self.days = nn.ParameterList(
            torch.randn(length, length) / math.sqrt(length) for _ in range(n_blocks)
        )
        self.inner = nn.ModuleList(nn.Linear(2 * width, width) for _ in range(n_blocks))
        self.outer = nn.ModuleList(nn.Linear(width, width) for _ in range(n_blocks))
        self.give = nn.Linear(width, n_channels)
        for layer in (self.give, self.films):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def knowledge(self, conditions: Tensor, known: Tensor) -> Tensor:
        """Encode what came before; it does not change on the way.

        Args:
            conditions: ``(n, conditions)``.
            known: 1 where they are known, else 0, ``(n, 1)``.

        Returns:
            ``(n, width)``.
        """
        code: Tensor = self.know(torch.cat([conditions * known, known], dim=1))
        return code

    def forward(self, windows: Tensor, time: Tensor, knowledge: Tensor) -> Tensor:
        """Give velocities.

        Args:
            windows: Days first, ``(w, n, c)``.
            time: From 0 (noise) to 1 (data), ``(n, 1)`` or ``(1, 1)``.
            knowledge: From :meth:`knowledge`, ``(n, width)``.

        Returns:
            ``(w, n, c)``.
        """
        beat = time * self.waves
        code = functional.silu(knowledge + self.clock(torch.cat([beat.sin(), beat.cos()], dim=1)))
        films = self.films(code).chunk(2 * len(self.days), dim=1)
        hidden = self.read(torch.cat([windows, windows.abs() - 0.8], dim=2)) + self.place
        for block, days in enumerate(self.days):
            scale, shift = films[2 * block], films[2 * block + 1]
            units = functional.silu(hidden * (1 + scale) + shift)
            mixed = (days @ units.flatten(1)).view_as(units)
            inner = functional.silu(self.inner[block](torch.cat([units, mixed], dim=2)))
            hidden = hidden + self.outer[block](inner)
        velocity: Tensor = self.give(hidden)
        return velocity

    @torch.no_grad()
    def draw(
        self, noise: Tensor, conditions: Tensor, *, n_stages: int, guidance: float = 1.0
    ) -> Tensor:
        """Move noise to windows, by the midpoint rule.

        Args:
            noise: Standard normal numbers, ``(w, n, c)``.
            conditions: What came before, ``(n, conditions)``.
            n_stages: Steps of the rule, each of two evaluations.
            guidance: 1 follows the conditions, 0 ignores them, more exaggerates them.

        Returns:
            Windows ``(w, n, c)``.
        """
        known = torch.ones(len(conditions), 1)
        codes = [(guidance, self.knowledge(conditions, known))]
        if guidance != 1:
            codes.append((1 - guidance, self.knowledge(conditions, 0 * known)))

        def velocity(windows: Tensor, time: float) -> Tensor:
            clock = torch.full((1, 1), time)
            parts = [weight * self(windows, clock, code) for weight, code in codes if weight]
            return torch.stack(parts).sum(0) if len(parts) > 1 else parts[0]

        windows, step = noise, 1 / n_stages
        for stage in range(n_stages):
            time = stage * step
            middle = windows + 0.5 * step * velocity(windows, time)
            windows = windows + step * velocity(middle, time + 0.5 * step)
        return windows


def flow_loss(
    network: WindowFlow,
    batch: tuple[Tensor, ...],
    rng: torch.Generator,
    *,
    unknown_share: float,
) -> Tensor:
    """Give the mean squared error of velocities at random moments.

    Args:
        network: The flow.
        batch: Windows ``(n, w, c)`` and what came before them ``(n, conditions)``.
        rng: Draws noise, moments and which conditions are hidden.
        unknown_share: Share of windows whose conditions are hidden.
    """
    windows, conditions = batch
    data = windows.transpose(0, 1)
    n = len(windows)
    noise = torch.randn(data.shape, generator=rng, device=rng.device)
    time, coin = torch.rand((2, n, 1), generator=rng, device=rng.device)
    known = (coin >= unknown_share).float()
    angle = _QUARTER * time
    now = angle.cos() * noise + angle.sin() * data
    velocity = _QUARTER * (angle.cos() * data - angle.sin() * noise)
    found = network(now, time, network.knowledge(conditions, known))
    error: Tensor = (found - velocity).square().mean()
    return error
