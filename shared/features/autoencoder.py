"""A curved map of a matrix to a few axes and back, learned by reconstruction."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from scenara.shared.errors import DataError
from scenara.shared.features.projections import principal_components
from scenara.shared.progress import Progress, silent
from scenara.shared.training import TrainingSettings, hold_out, initialised, train
from scenara.shared.types import Array, FloatArray, RandomState

__all__ = ["CurvedMap", "learn_curved_map"]

FEWEST_ROWS = 10


@dataclass(frozen=True)
class CurvedMap:
    """Hold a fitted autoencoder as plain arrays.

    Args:
        weights: Its weights by name.
        loss: Mean squared error of the reconstruction on rows held out from training, per
            column of the matrix.
    """

    weights: Mapping[str, Array]
    loss: float

    @property
    def n_components(self) -> int:
        """Count the axes."""
        return int(self.weights["axes"].shape[1])

    def transform(self, matrix: FloatArray) -> FloatArray:
        """Give the positions on the axes, (rows, axes).

        Args:
            matrix: The rows, (rows, width).
        """
        with torch.no_grad():
            scores: FloatArray = self._network().encode(_tensor(matrix)).double().numpy()
        return scores

    def inverse(self, scores: FloatArray) -> FloatArray:
        """Give the rows that lie at positions, (rows, width).

        Args:
            scores: Positions, (rows, axes).
        """
        with torch.no_grad():
            matrix: FloatArray = self._network().decode(_tensor(scores)).double().numpy()
        return matrix

    def _network(self) -> "_Network":
        n_columns, n_components = self.weights["axes"].shape
        hidden = self.weights["bend_in.0.weight"].shape[0]
        network = _Network(n_columns, n_components, hidden)
        network.load_state_dict({name: torch.tensor(x) for name, x in self.weights.items()})
        return network.eval()


def learn_curved_map(
    matrix: FloatArray,
    *,
    n_components: int,
    hidden: int = 64,
    settings: TrainingSettings | None = None,
    random_state: RandomState = None,
    progress: Progress = silent,
) -> CurvedMap:
    """Learn an autoencoder whose first state is the principal components.

    Both ways are the linear map of the principal components plus a network of two hidden layers
    that is zero at first, so that training can only bend what is already the best straight map.
    A tenth of the rows is held out to decide when to stop.

    Args:
        matrix: The rows, (rows, width); columns of like scale.
        n_components: How many axes.
        hidden: Units in each hidden layer.
        settings: How it is trained; None for 3,000 steps at most.
        random_state: Seed.
        progress: Told after every step.

    Returns:
        The map; positions have about unit variance and no order.

    Raises:
        ConfigError: If there are not as many axes.
        DataError: If there are fewer than ten rows.

    Example:
        >>> t = np.random.default_rng(0).normal(size=(200, 1))
        >>> rows = np.hstack([t, 2 * t, -t])
        >>> settings = TrainingSettings(n_steps=20)
        >>> learned = learn_curved_map(rows, n_components=1, settings=settings, random_state=0)
        >>> learned.transform(rows).shape, learned.inverse(learned.transform(rows)).shape
        ((200, 1), (200, 3))

    References:
        Kramer (1991), Nonlinear principal component analysis using autoassociative neural
        networks, https://doi.org/10.1002/aic.690370209.
    """
    if len(matrix) < FEWEST_ROWS:
        raise DataError(f"expected at least {FEWEST_ROWS} rows, found {len(matrix)}")
    rng = np.random.default_rng(random_state)
    kept, held = hold_out(_tensor(matrix), random_state=rng)
    network = initialised(lambda: _Network(matrix.shape[1], n_components, hidden), random_state=rng)
    network.begin_with(kept[0].double().numpy(), n_components)
    history = train(
        network,
        _squared_error,
        kept,
        validation=held,
        settings=settings or TrainingSettings(n_steps=3_000, learning_rate=3e-3, device="cpu"),
        random_state=rng,
        progress=progress,
    )
    weights = {name: x.cpu().numpy() for name, x in network.state_dict().items()}
    return CurvedMap(weights, float(history.best_loss))


class _Network(nn.Module):
    """A linear map to few axes and back, and what bends both."""

    mean: Tensor
    axes: Tensor
    back: Tensor

    def __init__(self, n_columns: int, n_components: int, hidden: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(n_columns))
        self.register_buffer("axes", torch.zeros(n_columns, n_components))
        self.register_buffer("back", torch.zeros(n_components, n_columns))
        self.bend_in = _bend(n_columns, n_components, hidden)
        self.bend_out = _bend(n_components, n_columns, hidden)

    def begin_with(self, matrix: FloatArray, n_components: int) -> None:
        """Take the principal components, scaled to unit variance, as the straight part."""
        straight = principal_components(matrix, n_components=n_components)
        deviations = np.maximum(straight.transform(matrix).std(axis=0), 1e-6)
        self.mean.copy_(_tensor(straight.mean))
        self.axes.copy_(_tensor(straight.weights / deviations))
        self.back.copy_(_tensor(straight.weights.T * deviations[:, None]))

    def encode(self, rows: Tensor) -> Tensor:
        centred = rows - self.mean
        bent: Tensor = self.bend_in(centred)
        return centred @ self.axes + bent

    def decode(self, scores: Tensor) -> Tensor:
        bent: Tensor = self.bend_out(scores)
        return scores @ self.back + bent + self.mean


def _bend(n_in: int, n_out: int, hidden: int) -> nn.Sequential:
    last = nn.Linear(hidden, n_out)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)
    first, second = nn.Linear(n_in, hidden), nn.Linear(hidden, hidden)
    return nn.Sequential(first, nn.SiLU(), second, nn.SiLU(), last)


def _squared_error(network: _Network, batch: tuple[Tensor, ...], rng: torch.Generator) -> Tensor:
    (rows,) = batch
    return (network.decode(network.encode(rows)) - rows).square().mean()


def _tensor(matrix: FloatArray) -> Tensor:
    # A copy: tables may lend arrays that must not be written to, which torch warns of.
    return torch.from_numpy(np.array(matrix, dtype=np.float32))
