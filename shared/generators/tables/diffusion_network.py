"""A network that reads the cells of a row before each cell, and says what the cell may be."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from scenara.shared.generators.tables.diffusion_cells import Cells
from scenara.shared.generators.tables.diffusion_paths import end_point, target

__all__ = ["FARTHEST", "CellNetwork", "NumberHeads", "spread_of"]

LEAST_SPREAD, MOST_SPREAD = -6.0, 3.0
FARTHEST = 8.0
FIRST_SHARE = 0.125
LEVEL_MEAN, LEVEL_SPREAD = -0.6, 1.2
"""Log noise levels are drawn from this normal law when learning."""


def spread_of(log_spread: Tensor) -> Tensor:
    """Give the standard deviation of a number from what the network says of it."""
    return log_spread.clamp(LEAST_SPREAD, MOST_SPREAD).exp()


class NumberHeads(nn.Module):
    """Clean noisy numbers, each column by a small network of its own.

    Args:
        n_numbers: Measured columns.
        n_context: Numbers that say what is known of the cell.
        width: Units in each of two hidden layers.
    """

    waves: Tensor

    def __init__(self, n_numbers: int, *, n_context: int, width: int) -> None:
        super().__init__()
        self.register_buffer("waves", torch.tensor([0.25, 0.5, 1.0, 2.0]), persistent=False)
        n_inputs = n_context + 2 + 4 * len(self.waves)
        self.first = nn.Parameter(torch.randn(n_numbers, n_inputs, width) / math.sqrt(n_inputs))
        self.second = nn.Parameter(torch.randn(n_numbers, width, width) / math.sqrt(width))
        self.last = nn.Parameter(torch.zeros(n_numbers, width, 1))
        self.shifts = nn.Parameter(torch.zeros(2, n_numbers, 1, width))

    def forward(self, context: Tensor, noisy: Tensor, level: Tensor, place: slice) -> Tensor:
        """Say of noisy numbers what :func:`~.diffusion_paths.target` asks for.

        Args:
            context: What is known, (columns, rows, context).
            noisy: Noisy numbers of unit variance without the noise, (columns, rows, 1).
            level: Their noise levels, (columns, rows, 1).
            place: Which measured columns these are.

        Returns:
            (columns, rows, 1).
        """
        seen, depth = noisy / (1 + level.square()).sqrt(), level.log()
        phase, beat = 2 * math.pi * seen * self.waves, depth * self.waves
        parts = [context, seen, depth / 4, phase.sin(), phase.cos(), beat.sin(), beat.cos()]
        shift = self.shifts[:, place]
        inputs = torch.cat(parts, dim=-1)
        hidden = functional.silu(torch.baddbmm(shift[0], inputs, self.first[place]))
        hidden = hidden + functional.silu(torch.baddbmm(shift[1], hidden, self.second[place]))
        return hidden @ self.last[place]


class ResidualBlock(nn.Module):
    """Hold the two layers that add to what a layer of units says; at first they add nothing.

    Args:
        width: Units in a layer.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.inner = nn.Linear(width, width)
        self.outer = nn.Linear(width, width)
        nn.init.zeros_(self.outer.weight)


class CellNetwork(nn.Module):
    """Give the law of each cell of a row given the cells before it and any that are known.

    Units of residual layers are ordered; a unit reads only cells before its own, so that one pass
    gives the laws of all cells. Cells that are known beforehand reach all units. A code has
    logits. A number has a mean and a spread, and the law of what is left is learned by diffusion
    in its own head, given a context.

    Args:
        cells: The cells.
        width: Units in a layer.
        n_blocks: Residual blocks of two layers.
        head_width: Units in the layers of a number's head.
        dropout: Share of units left out when learning.

    References:
        Germain, Gregor, Murray and Larochelle, 2015, MADE: masked autoencoder for distribution
        estimation, https://arxiv.org/abs/1502.03509 (ordered units); Zhang, Fang, Wu and Yu,
        2024, Diffusion-nested auto-regressive synthesis of heterogeneous tabular data,
        https://arxiv.org/abs/2410.21523 (a diffusion for each number of a sequence of cells);
        Gorishniy, Rubachev and Babenko, 2022, On embeddings for numerical features in tabular
        deep learning, https://arxiv.org/abs/2203.05556 (periodic features).
    """

    order: Tensor
    reads: Tensor
    mixes: Tensor
    gives: Tensor
    first_code: Tensor

    def __init__(
        self, cells: Cells, *, width: int, n_blocks: int, head_width: int, dropout: float
    ) -> None:
        super().__init__()
        self.cells, self.dropout = cells, dropout
        n_inputs, n_outputs = sum(cells.inputs), sum(cells.outputs)
        n_numbers = len(cells.plan.measured)
        waves = torch.logspace(-1, math.log10(4.0), cells.n_waves)
        self.waves = nn.Parameter(waves * (1 + 0.1 * torch.randn(n_numbers, cells.n_waves)))
        self.read = nn.Linear(n_inputs, width)
        self.know = nn.Linear(n_inputs, width, bias=False)
        self.blocks = nn.ModuleList(ResidualBlock(width) for _ in range(n_blocks))
        self.give = nn.Linear(width, n_outputs)
        self.heads = NumberHeads(n_numbers, n_context=cells.n_context, width=head_width)
        self._order_units(width)

    def _order_units(self, width: int) -> None:
        n_cells = len(self.cells.columns)
        # Units that read no cell serve the first cells and carry what is known beforehand.
        n_first = math.ceil(width * FIRST_SHARE)
        unit = torch.arange(-n_first, width - n_first).clamp(min=0)
        unit = unit * n_cells // max(width - n_first, 1)
        read_by = torch.repeat_interleave(torch.arange(n_cells), torch.tensor(self.cells.inputs))
        given_for = torch.repeat_interleave(torch.arange(n_cells), torch.tensor(self.cells.outputs))
        counts = torch.tensor(self.cells.n_codes, dtype=torch.long)
        buffers = {
            "order": unit,
            "reads": (unit[:, None] > read_by).float(),
            "mixes": (unit[:, None] >= unit).float(),
            "gives": (given_for[:, None] >= unit).float(),
            "first_code": torch.cumsum(counts, 0) - counts,
        }
        for name, value in buffers.items():
            self.register_buffer(name, value, persistent=False)

    def features(self, codes: Tensor, numbers: Tensor, there: Tensor) -> Tensor:
        """Give cells as numbers that the network reads.

        Args:
            codes: (rows, coded columns).
            numbers: Normal scores, (rows, measured columns).
            there: Whether each number is there, (rows, measured columns).

        Returns:
            (rows, inputs), one cell after the other.
        """
        hot = torch.zeros(len(codes), sum(self.cells.n_codes), device=codes.device)
        hot.scatter_(1, codes.long() + self.first_code, 1.0)
        return torch.cat([hot, self.number_features(numbers, there, slice(None))], dim=1)

    def number_features(self, numbers: Tensor, there: Tensor, place: slice) -> Tensor:
        """Give some of the measured columns as the network reads them, all 0 where none is."""
        phase = 2 * math.pi * numbers[:, :, None] * self.waves[place]
        spot = numbers[:, :, None]
        parts = torch.cat([torch.ones_like(spot), spot, phase.sin(), phase.cos()], dim=-1)
        return (parts * there[:, :, None]).flatten(1)

    def forward(self, features: Tensor, known: Tensor) -> Tensor:
        """Give what is said of each cell.

        Args:
            features: What :meth:`features` gave, (rows, inputs).
            known: Whether each of them is known beforehand, (rows, inputs).

        Returns:
            (rows, outputs), one cell after the other.
        """
        hidden = functional.linear(features, self.read.weight * self.reads, self.read.bias)
        hidden = hidden + self.know(features * known)
        for inner, outer in self.layers():
            inside = functional.linear(self._thin(hidden), inner.weight * self.mixes, inner.bias)
            inside = functional.linear(self._thin(inside), outer.weight * self.mixes, outer.bias)
            hidden = hidden + inside
        return functional.linear(self._thin(hidden), self.give.weight * self.gives, self.give.bias)

    def layers(self) -> list[tuple[nn.Linear, nn.Linear]]:
        """Give the two layers of each residual block."""
        blocks = [block for block in self.blocks if isinstance(block, ResidualBlock)]
        return [(block.inner, block.outer) for block in blocks]

    def _thin(self, hidden: Tensor) -> Tensor:
        return functional.dropout(functional.silu(hidden), self.dropout, self.training)

    def known_features(self, known: Tensor) -> Tensor:
        """Spread known columns (rows, columns of the table) over the inputs of their cells."""
        sizes = torch.tensor(self.cells.inputs, device=known.device)
        return known[:, list(self.cells.columns)].repeat_interleave(sizes, dim=1).float()

    def code_surprise(self, outputs: Tensor, codes: Tensor) -> Tensor:
        """Give minus the log probability of each code, (rows, coded columns)."""
        logits = outputs[:, : sum(self.cells.n_codes)]
        parts = torch.split(logits, list(self.cells.n_codes), dim=1)
        each = [
            functional.cross_entropy(part, codes[:, place].long(), reduction="none")
            for place, part in enumerate(parts)
        ]
        return torch.stack(each, 1) if each else codes.new_zeros(codes.shape).float()

    def number_laws(self, outputs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Part what is said of numbers into mean, log spread and context.

        Returns:
            Two (rows, measured columns), and (rows, measured columns, context).
        """
        n_numbers = len(self.cells.plan.measured)
        said = outputs[:, sum(self.cells.n_codes) :]
        said = said.reshape(len(said), n_numbers, 2 + self.cells.n_context)
        return said[..., 0], said[..., 1], said[..., 2:]

    def number_surprise(
        self, outputs: Tensor, numbers: Tensor, rng: torch.Generator, *, n_draws: int
    ) -> Tensor:
        """Give how badly numbers are foretold, (rows, measured columns).

        That is minus the log density of the normal law of mean and spread, plus the error of the
        heads at noise levels drawn at random.

        Args:
            outputs: What :meth:`forward` gave.
            numbers: Normal scores, (rows, measured columns).
            rng: The stream.
            n_draws: Noise levels drawn for each number.
        """
        mean, log_spread, context = self.number_laws(outputs)
        spread = spread_of(log_spread)
        rest = (numbers - mean) / spread
        surprise = rest.square().clamp(max=50) / 2 + spread.log()
        clean = rest.detach().clamp(-FARTHEST, FARTHEST).T[:, :, None].repeat(1, n_draws, 1)
        draws = torch.randn((2, *clean.shape), generator=rng, device=rng.device)
        level = (LEVEL_MEAN + LEVEL_SPREAD * draws[0]).exp()
        noisy = clean + level * draws[1]
        around = context.transpose(0, 1).repeat(1, n_draws, 1)
        said: Tensor = self.heads(around, noisy, level, slice(None))
        error = (said - target(clean, noisy, level)).square()[..., 0]
        mean_error = error.reshape(len(error), n_draws, len(numbers)).mean(1)
        return surprise + mean_error.T

    def cleaned(self, context: Tensor, noisy: Tensor, level: Tensor, place: int) -> Tensor:
        """Give the expected clean numbers of one measured column.

        Args:
            context: (rows, context).
            noisy: (rows,).
            level: Noise level of all of them, ().
            place: Which measured column.
        """
        spot = noisy[None, :, None]
        said = self.heads(context[None], spot, level.expand_as(spot), slice(place, place + 1))
        return end_point(noisy, said[0, :, 0], level)

    def start_from(self, shares: Tensor) -> None:
        """Let logits start at the logarithms of the shares of codes, (codes of all columns,)."""
        with torch.no_grad():
            self.give.bias[: len(shares)] = shares.clamp(min=1e-4).log()
