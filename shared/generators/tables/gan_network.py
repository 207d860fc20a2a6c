"""The two players of the adversarial game on rows, and what each of them minimises."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import parametrizations

from scenara.shared.generators.tables.gan_conditions import Classes, RowSampler
from scenara.shared.generators.tables.heads import Heads, gumbel
from scenara.shared.types import FloatArray

__all__ = ["Critic", "Game", "Losses", "Writer", "gradient_penalty"]


class _Layer(nn.Module):
    """A linear map whose weights move ``rate`` times as far in a step of Adam.

    Weights are kept divided by ``rate``, which is the learning rate of its own that a player of
    two time-scales needs, inside one optimiser.

    References:
        Karras, Laine and Aila, 2019, A style-based generator architecture for generative
        adversarial networks, https://arxiv.org/abs/1812.04948, appendix C (the mapping network).
    """

    def __init__(self, n_in: int, n_out: int, *, rate: float = 1.0, spectral: bool = False) -> None:
        super().__init__()
        drawn = nn.Linear(n_in, n_out)
        self.weight = nn.Parameter(drawn.weight.detach() / rate)
        self.bias = nn.Parameter(drawn.bias.detach() / rate)
        self.rate = rate
        self.spectral = spectral
        if spectral:
            parametrizations.spectral_norm(self)

    def forward(self, values: Tensor) -> Tensor:
        if self.spectral:  # A weight divided by its norm has lost the factor already.
            return functional.linear(values, self.weight, self.bias * self.rate)
        return functional.linear(values, self.weight, self.bias) * self.rate


class Writer(nn.Module):
    """Write rows: noise and a condition in, logits and positions out.

    Args:
        noise: Numbers of noise.
        n_classes: Classes that can be asked for.
        n_outputs: Logits and positions.
        width: Units in a layer.
        depth: Layers; each also passes on what came in.
    """

    def __init__(
        self, *, noise: int, n_classes: int, n_outputs: int, width: int, depth: int = 2
    ) -> None:
        super().__init__()
        self.noise = noise
        self.asked = nn.Embedding(n_classes, width)
        self.entry = nn.Linear(noise, width)
        self.layers = nn.ModuleList(nn.Linear(width, width) for _ in range(depth))
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(depth))
        self.exit = nn.Linear(width, n_outputs)

    def forward(self, noise: Tensor, numbers: Tensor) -> Tensor:
        """Give logits and positions of rows for noise (rows, noise) and their classes."""
        hidden = self.entry(noise) + self.asked(numbers)
        for norm, layer in zip(self.norms, self.layers, strict=True):
            hidden = hidden + functional.silu(layer(norm(hidden)))
        outputs: Tensor = self.exit(functional.silu(hidden))
        return outputs


class Critic(nn.Module):
    """Judge several rows at once, each with its condition; higher for real ones.

    A first layer reads each row; what it finds in the rows of a pack is judged side by side, so
    that too little variety shows. With a gradient penalty, how well each row matches its
    condition is judged also, by a product of the two.

    Args:
        n_inputs: Numbers of one row.
        n_classes: Classes that can be asked for.
        pack: Rows judged together.
        width: Units in a layer.
        rate: Learning rate, as a multiple of the writer's.
        spectral: Whether to bound the norm of each layer.

    References:
        Lin, Khetan, Fanti and Oh, 2018, PacGAN: the power of two samples in generative
        adversarial networks, https://arxiv.org/abs/1712.04086; Miyato, Kataoka, Koyama and
        Yoshida, 2018, Spectral normalization for generative adversarial networks,
        https://arxiv.org/abs/1802.05957; Miyato and Koyama, 2018, cGANs with projection
        discriminator, https://arxiv.org/abs/1802.05637, eq. 4 (the product).
    """

    def __init__(
        self,
        *,
        n_inputs: int,
        n_classes: int,
        pack: int,
        width: int,
        rate: float,
        spectral: bool,
    ) -> None:
        super().__init__()
        self.pack, self.rate = pack, rate
        self.asked = nn.Embedding(n_classes, width)
        self.asked.weight.data.div_(rate)
        self.match = None if spectral else nn.Embedding(n_classes, width)
        if self.match is not None:
            nn.init.zeros_(self.match.weight)
        self.entry = _Layer(n_inputs, width, rate=rate, spectral=spectral)
        self.middle = _Layer(width * pack, width, rate=rate, spectral=spectral)
        self.exit = _Layer(width, 1, rate=rate, spectral=spectral)

    def forward(self, rows: Tensor, numbers: Tensor) -> Tensor:
        """Give the scores of packs, (rows / pack, 1), of rows and their classes."""
        found = self.entry(rows) + self.rate * self.asked(numbers)
        found = functional.leaky_relu(found, 0.2)
        packs = found.reshape(len(rows) // self.pack, -1)
        scores: Tensor = self.exit(functional.leaky_relu(self.middle(packs), 0.2))
        if self.match is None:
            return scores
        matched: Tensor = (found * self.match(numbers)).sum(1) * self.rate
        return scores + matched.reshape(len(packs), self.pack).mean(1, keepdim=True)


class Game(nn.Module):
    """Hold both players, the heads of the rows and what may be asked for.

    Args:
        writer: Writes rows.
        critic: Judges them.
        heads: Turns outputs into rows.
        classes: What can be asked for.
        temperature: Softness of the codes that gradients see.
        hard: Whether the critic sees whole codes, and only gradients see soft ones.
    """

    owner: Tensor
    logit: Tensor
    bias: Tensor
    turn: Tensor

    def __init__(
        self,
        writer: Writer,
        critic: Critic,
        heads: Heads,
        classes: Classes,
        *,
        temperature: float,
        hard: bool,
    ) -> None:
        super().__init__()
        self.writer, self.critic, self.heads = writer, critic, heads
        self.temperature, self.hard = temperature, hard
        owner, logit = classes.outputs()
        self.register_buffer("owner", torch.from_numpy(owner), persistent=False)
        self.register_buffer("logit", torch.from_numpy(logit), persistent=False)
        self.register_buffer("bias", torch.from_numpy(_log_shares(classes)))
        self.register_buffer("turn", torch.zeros((), dtype=torch.long))

    def outputs(self, numbers: Tensor, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """Give logits, with those of the condition decided, and positions."""
        noise = torch.randn(len(numbers), self.writer.noise, generator=rng, device=rng.device)
        outputs = self.writer(noise, numbers)
        n_hot = self.heads.n_hot
        return outputs[:, :n_hot] + self.bias, outputs[:, n_hot:]

    def imposed(self, hot: Tensor, numbers: Tensor) -> Tensor:
        """Put the code that was asked for into the rows."""
        owned = self.heads.column == self.owner[numbers][:, None]
        place = torch.arange(self.heads.n_hot, device=hot.device)
        return torch.where(owned, (place == self.logit[numbers][:, None]).float(), hot)

    def drawn(self, logits: Tensor, numbers: Tensor, rng: torch.Generator) -> Tensor:
        """Draw codes by their logits, those asked for apart, (rows, coded columns)."""
        noisy = logits + gumbel(logits.shape, rng)
        return self.heads.codes(self.imposed(self.heads.hardest(noisy), numbers))

    def rows(self, numbers: Tensor, rng: torch.Generator) -> Tensor:
        """Write rows under conditions, (rows, logits and positions), gradients and all."""
        logits, positions = self.outputs(numbers, rng)
        noisy = logits + gumbel(logits.shape, rng)
        soft = self.heads.log_softmax(noisy / self.temperature).exp()
        hot = self.heads.hardest(noisy) + soft - soft.detach() if self.hard else soft
        return self.heads.vector(self.imposed(hot, numbers), positions)


@dataclass(frozen=True)
class Losses:
    """Give the losses of the players of a game.

    Both draw their own conditions and rows, so that rare classes are seen often; of a batch only
    the size matters.

    Args:
        sampler: Draws conditions and rows.
        codes: Codes of the real rows, (rows, coded columns).
        positions: Their positions, (rows, measured columns).
        penalty: Weight of the gradient penalty; 0 for none.
        critic_steps: Steps of the critic for each of the writer.
    """

    sampler: RowSampler
    codes: Tensor
    positions: Tensor
    penalty: float
    critic_steps: int

    def critic(self, game: Game, batch: tuple[Tensor, ...], rng: torch.Generator) -> Tensor:
        """Give how much higher written rows are judged than real ones, and the penalty."""
        numbers, chosen = self.sampler.draw(self._size(game, batch), rng)
        with torch.no_grad():
            written = game.rows(numbers, rng)
        real = game.heads.vector(game.heads.hot(self.codes[chosen]), self.positions[chosen])
        game.turn += 1
        distance: Tensor = game.critic(written, numbers).mean() - game.critic(real, numbers).mean()
        if not self.penalty:
            return distance
        slope = gradient_penalty(
            lambda rows: game.critic(rows, numbers), real, written, rng, pack=game.critic.pack
        )
        distance = distance + self.penalty * slope
        return distance

    def writer(self, game: Game, batch: tuple[Tensor, ...], rng: torch.Generator) -> Tensor:
        """Give minus the judgement of written rows; nothing to learn from between its turns."""
        if int(game.turn) % self.critic_steps:
            return 0.0 * next(game.critic.parameters()).sum()
        numbers, _ = self.sampler.draw(self._size(game, batch), rng)
        judged: Tensor = -game.critic(game.rows(numbers, rng), numbers).mean()
        return judged

    def _size(self, game: Game, batch: tuple[Tensor, ...]) -> int:
        pack = game.critic.pack
        return max(len(batch[0]) // pack, 1) * pack


def gradient_penalty(
    critic: Callable[[Tensor], Tensor],
    real: Tensor,
    written: Tensor,
    rng: torch.Generator,
    *,
    pack: int = 1,
) -> Tensor:
    """Punish slopes of the critic other than 1 between real and written packs of rows.

    The mean of ``(|grad D(x)| - 1)^2`` over points x drawn evenly between pairs.

    Args:
        critic: Gives a score to each pack.
        real: Rows, (rows, numbers).
        written: Rows, (rows, numbers).
        rng: Draws the points.
        pack: Rows in a pack, which are one point.

    Returns:
        A scalar whose gradient reaches the critic's weights.

    Example:
        >>> rng, line = torch.Generator().manual_seed(0), torch.nn.Linear(2, 1)
        >>> _ = torch.nn.init.constant_(line.weight, 3.0)
        >>> penalty = gradient_penalty(line, torch.zeros(4, 2), torch.ones(4, 2), rng)
        >>> round(penalty.item(), 4) == round((18**0.5 - 1) ** 2, 4)
        True

    References:
        Gulrajani, Ahmed, Arjovsky, Dumoulin and Courville, 2017, Improved training of
        Wasserstein GANs, https://arxiv.org/abs/1704.00028, eq. 3.
    """
    n_packs = len(real) // pack
    share = torch.rand(n_packs, 1, generator=rng, device=rng.device).repeat_interleave(pack, 0)
    between = (share * real + (1 - share) * written).requires_grad_()
    (slopes,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    excess: Tensor = slopes.reshape(n_packs, -1).norm(dim=1) - 1
    return excess.square().mean()


def _log_shares(classes: Classes) -> FloatArray:
    """Give the log share of each code, to begin with the right margins."""
    _, logit = classes.outputs()
    shares = np.zeros(classes.plan.n_hot)
    np.add.at(shares, logit[logit >= 0], classes.shares[logit >= 0])
    return np.log(np.maximum(shares, 1e-4)).astype(np.float32)
