"""One network for all conditional laws of the columns of a table of codes."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from scenara.shared.errors import ArtifactError, ConfigError, DataError
from scenara.shared.generators.tables.strata import MAX_STRATA_ROWS, Chances, Strata
from scenara.shared.progress import Progress, silent
from scenara.shared.training import (
    TrainingSettings,
    draw_seed,
    hold_out,
    initialised,
    resolve_device,
    train,
)
from scenara.shared.types import Array, IntArray, RandomState

__all__ = ["MaskedCodes", "check_codes", "fit_masked", "from_state", "to_state"]

_MAXIMUM_VALIDATION = 5_000
_SHARE_PLAIN, _SHARE_FEW = 0.3, 0.45
"""Of the masks that are trained, the shares with no and with a few columns ahead of their turn."""


class MaskedCodes(nn.Module):
    """Give p(code of a column | codes of any of the other columns).

    Each column adds a vector to a sum: that of its code where it is observed, one of its own where
    it is not. Residual layers and one matrix lead from the sum to the logits of all codes of all
    columns, a soft-max for each column.

    Args:
        n_codes: Number of codes of each of d columns; column j holds 0 to ``n_codes[j] - 1``.
        width: Units of each layer.
        n_layers: Residual layers.
        dropout: Share of units left out of the last layer in training.

    Example:
        >>> network = MaskedCodes([2, 3], width=8)
        >>> codes = torch.tensor([[0, 2]])
        >>> network.log_probabilities(codes, torch.tensor([[True, False]])).shape
        torch.Size([1, 2])
    """

    def __init__(
        self, n_codes: Sequence[int], *, width: int = 128, n_layers: int = 1, dropout: float = 0.1
    ) -> None:
        super().__init__()
        self.n_codes = tuple(int(n) for n in n_codes)
        self.width, self.n_layers, self.dropout = width, n_layers, dropout
        total, n_columns = sum(self.n_codes), len(self.n_codes)
        self.starts = [sum(self.n_codes[:column]) for column in range(n_columns)]
        self.table = nn.Parameter(0.15 * torch.randn(total + n_columns, width))
        self.layers = nn.ModuleList(nn.Linear(width, width) for _ in range(n_layers))
        self.output = nn.Linear(width, total)
        nn.init.normal_(self.output.weight, std=0.02)
        owner = torch.repeat_interleave(torch.arange(n_columns), torch.tensor(self.n_codes))
        self.register_buffer("_first", torch.tensor(self.starts), persistent=False)
        members = functional.one_hot(owner, n_columns).float()
        self.register_buffer("_members", members, persistent=False)
        self._first: Tensor
        self._members: Tensor

    def embed(self, codes: Tensor, observed: Tensor) -> Tensor:
        """Give the sum of the vectors of all columns.

        Args:
            codes: Codes, (rows, d); what is not observed may be any code.
            observed: Whether a cell is observed, (rows, d).

        Returns:
            Sums, (rows, width).
        """
        own = len(self._members) + torch.arange(len(self.n_codes), device=codes.device)
        places = torch.where(observed, codes + self._first, own)
        return functional.embedding_bag(places, self.table, mode="sum")

    def hidden(self, sums: Tensor) -> Tensor:
        """Give the last layer before the logits, (rows, width), for sums of vectors.

        Args:
            sums: From ``embed``, (rows, width).
        """
        for layer in self.layers:
            sums = sums + layer(functional.relu(sums))
        return functional.dropout(functional.relu(sums), self.dropout, self.training)

    def log_probabilities(self, codes: Tensor, observed: Tensor) -> Tensor:
        """Give log p(own code | the observed columns) of every column, (rows, d), in nats.

        Only the entries of columns that are not observed mean something.

        Args:
            codes: Codes, (rows, d).
            observed: Whether a cell is observed, (rows, d).
        """
        logits: Tensor = self.output(self.hidden(self.embed(codes, observed)))
        peak = logits.detach().amax(1, keepdim=True)
        masses = ((logits - peak).exp() @ self._members).clamp_min(1e-30)
        return logits.gather(1, codes + self._first) - masses.log() - peak

    def column_weights(self, column: int) -> tuple[Tensor, Tensor, Tensor]:
        """Give what drawing one column takes.

        Args:
            column: Which column.

        Returns:
            What observing each code adds to the sum, (codes, width); the rows of the output
            matrix, (codes, width), and their biases, (codes, 1).
        """
        start = self.starts[column]
        own = slice(start, start + self.n_codes[column])
        absent = self.table[len(self._members) + column]
        return (
            self.table[own] - absent,
            self.output.weight[own],
            self.output.bias[own][:, None],
        )


def fit_masked(
    codes: IntArray,
    n_codes: Sequence[int],
    *,
    width: int = 128,
    n_layers: int = 1,
    dropout: float = 0.1,
    n_steps: int | None = None,
    soft: Mapping[int, Chances] | None = None,
    random_state: RandomState = None,
    progress: Progress = silent,
    checkpoint: Path | None = None,
    device: str = "cpu",
) -> MaskedCodes:
    """Fit the network by maximum likelihood over masks like those that drawing meets.

    Columns are always drawn in their order, after those that were given; so a mask observes all
    columns before a random one and a random choice of those after it. The column whose turn it
    is counts as much as all other unobserved ones together. Where columns after the turn are
    observed, the row is drawn by the code of one of them, rare codes more often than they are:
    the law given the code stays what it is, and the network gets to see it. A tenth of the rows,
    5,000 at most, tells when to stop.

    Args:
        codes: Codes, (rows, d).
        n_codes: Number of codes of each column.
        width: Units of each layer.
        n_layers: Residual layers.
        dropout: Share of units left out in training.
        n_steps: Training steps at most; None chooses by the number of rows.
        soft: By column, what gives the chances of its codes given the rest of rows, if something
            better than the network knows them; the law given a code is learned from all rows
            then, each by its chance of the code.
        random_state: Seed.
        progress: Told after every step.
        checkpoint: Folder in which an interrupted fit goes on.
        device: Where to train; the network is given back on the CPU.

    Returns:
        The fitted network.

    Raises:
        DataError: The codes are not whole numbers in range, or there are fewer than two rows.
        ConfigError: A setting is out of range, or the checkpoint is of another fit.

    Example:
        >>> codes = np.random.default_rng(0).integers(3, size=(200, 2))
        >>> fit_masked(codes, [3, 3], width=8, n_steps=20, random_state=0).n_codes
        (3, 3)

    References:
        Uria, Murray and Larochelle, 2014, A deep and tractable density estimator, eq. 8,
        https://arxiv.org/abs/1310.1757 (one network for all orders, loss on all columns left);
        Shih, Sadigh and Ermon, 2022, Training and inference on any-order autoregressive models
        the right way, https://arxiv.org/abs/2205.13554 (only the conditionals that one fixed
        order needs, masks as at the time of use); Hoogeboom et al., 2022, Autoregressive
        diffusion models, https://arxiv.org/abs/2110.02037.
    """
    _check_settings(n_codes, width=width, n_layers=n_layers, dropout=dropout)
    checked = check_codes(codes, n_codes)
    if len(checked) < 2:
        raise DataError(f"codes: expected two rows or more, found {len(checked)}")
    seed = draw_seed(random_state)
    network = initialised(
        lambda: MaskedCodes(n_codes, width=width, n_layers=n_layers, dropout=dropout),
        random_state=seed,
    )
    _start_at_margins(network, checked)
    examples = torch.from_numpy(_small(checked, n_codes)), torch.arange(len(checked))
    (kept, numbers), (held, _) = hold_out(examples, random_state=seed)
    settings = _settings(len(kept), n_steps, device)
    strata = _strata(kept.numpy(), numbers.numpy(), n_codes, soft or {}, device=device, seed=seed)
    train(
        network,
        partial(_mask_loss, strata=strata),
        kept,
        validation=held[:_MAXIMUM_VALIDATION],
        settings=settings,
        random_state=seed,
        progress=progress,
        checkpoint=checkpoint,
    )
    return network.cpu().eval()


def to_state(network: MaskedCodes) -> tuple[dict[str, Any], dict[str, Array]]:
    """Give a network as plain values and arrays.

    Args:
        network: The network.

    Returns:
        What JSON can say, and the weights by name.
    """
    values = {
        "n_codes": list(network.n_codes),
        "width": network.width,
        "n_layers": network.n_layers,
        "dropout": network.dropout,
    }
    weights = network.state_dict()
    return values, {name: x.detach().cpu().numpy().copy() for name, x in weights.items()}


def from_state(values: Mapping[str, Any], arrays: Mapping[str, Array]) -> MaskedCodes:
    """Make a network from what ``to_state`` gave.

    Args:
        values: Its values.
        arrays: Its weights by name.

    Raises:
        ArtifactError: They are not those of such a network.
    """
    try:
        network = MaskedCodes(
            values["n_codes"],
            width=values["width"],
            n_layers=values["n_layers"],
            dropout=values["dropout"],
        )
        weights = {name: torch.from_numpy(np.array(array)) for name, array in arrays.items()}
        network.load_state_dict(weights)
    except (KeyError, RuntimeError, TypeError, ValueError) as error:
        found = " ".join(str(error).split())
        raise ArtifactError(f"state: expected that of a network over codes: {found}") from error
    return network.eval()


def check_codes(
    codes: IntArray, n_codes: Sequence[int], *, observed: Array | None = None
) -> IntArray:
    """Give codes as a contiguous array after checking them.

    Args:
        codes: Codes, (rows, d).
        n_codes: Number of codes of each column.
        observed: Cells that count, (rows, d); all if None. Others become 0.

    Raises:
        DataError: The shape or a code is out of range.
    """
    array = np.asarray(codes)
    if array.ndim != 2 or array.shape[1] != len(n_codes) or array.dtype.kind not in "iu":
        raise DataError(
            f"codes: expected whole numbers of shape (rows, {len(n_codes)}), found "
            f"{array.dtype} of shape {array.shape}"
        )
    if observed is not None:
        array = np.where(observed, array, 0)
    for column, n in enumerate(n_codes):
        wrong = (array[:, column] < 0) | (array[:, column] >= n)
        if wrong.any():
            row = int(wrong.argmax())
            raise DataError(
                f"codes: expected 0 to {n - 1} in column {column}, found {array[row, column]} "
                f"in row {row}"
            )
    return np.ascontiguousarray(array)


def _check_settings(n_codes: Sequence[int], **settings: float) -> None:
    if not len(n_codes) or min(n_codes) < 1:
        raise ConfigError(f"n_codes: expected a number from 1 for each column, found {n_codes!r}")
    for name, least in (("width", 1), ("n_layers", 0)):
        value = settings[name]
        if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < least:
            raise ConfigError(f"{name}: expected a whole number from {least}, found {value!r}")
    if not 0 <= settings["dropout"] < 1:
        raise ConfigError(f"dropout: expected a share below 1, found {settings['dropout']!r}")


def _settings(n_rows: int, n_steps: int | None, device: str) -> TrainingSettings:
    """Let the batch grow with the table and the number of steps hardly at all."""
    batch_size = int(2 ** np.clip(np.round(np.log2(n_rows / 52)), 5, 11))
    if n_steps is None:
        n_steps = int(np.clip(1_600 * (n_rows / 10_000) ** 0.5, 300, 4_000))
    return TrainingSettings(
        n_steps=n_steps,
        batch_size=batch_size,
        learning_rate=3e-3,
        ema_decay=0.99,
        validate_every=max(1, min(100, n_steps // 8)),
        patience=6,
        device=device,
        bfloat16=False,
    )


def _small(codes: IntArray, n_codes: Sequence[int]) -> IntArray:
    return codes.astype(np.int16 if max(n_codes) <= 2**15 else np.int32)


@torch.no_grad()
def _start_at_margins(network: MaskedCodes, codes: IntArray) -> None:
    """Start training at independent columns."""
    counts = [np.bincount(codes[:, j], minlength=n) + 0.5 for j, n in enumerate(network.n_codes)]
    margins = [np.log(count / count.sum()) for count in counts]
    network.output.bias.copy_(torch.from_numpy(np.concatenate(margins)))


def _strata(
    codes: IntArray,
    numbers: IntArray,
    n_codes: Sequence[int],
    soft: Mapping[int, Chances],
    *,
    device: str,
    seed: int,
) -> Strata:
    if len(codes) > MAX_STRATA_ROWS:
        some = np.random.default_rng(seed).choice(len(codes), MAX_STRATA_ROWS, replace=False)
        codes, numbers = codes[some], numbers[some]
    chances = {column: chance(numbers) for column, chance in soft.items()}
    return Strata.of(codes, n_codes, soft=chances, device=resolve_device(device))


def _mask_loss(
    network: MaskedCodes, batch: tuple[Tensor, ...], rng: torch.Generator, *, strata: Strata
) -> Tensor:
    codes = batch[0].long()
    observed, weights, asked = _masks(codes.shape[0], codes.shape[1], rng)
    if network.training:
        codes = torch.where((asked >= 0)[:, None], strata.draw(asked.clamp_min(0), rng), codes)
    return -(network.log_probabilities(codes, observed) * weights).sum() / len(codes)


def _masks(n_rows: int, n_columns: int, rng: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Draw which cells are observed, and the weights of the others, (rows, d) each.

    Also give one of the columns observed after the turn, (rows,); -1 where there is none.
    """
    columns = torch.arange(n_columns, device=rng.device)
    turn = (torch.arange(n_rows, device=rng.device) * n_columns // n_rows)[:, None]
    kind, share = torch.rand(2, n_rows, 1, generator=rng, device=rng.device)
    share = torch.where(kind < _SHARE_PLAIN + _SHARE_FEW, min(1.0, 2 / n_columns), share)
    share = torch.where(kind < _SHARE_PLAIN, 0.0, share)
    given = torch.rand(n_rows, n_columns, generator=rng, device=rng.device) < share
    ahead = columns > turn
    observed = (columns < turn) | (given & ahead)
    rest = (ahead & ~given).float()
    weights = rest / rest.sum(1, keepdim=True).clamp_min(1.0) + (columns == turn)
    lots = torch.rand(n_rows, n_columns, generator=rng, device=rng.device)
    lot, asked = torch.where(given & ahead, lots, -1.0).max(1)
    return observed, weights, torch.where(lot >= 0, asked, -1)
