"""Steer a chain of forests towards conditions, column by column, with a masked network."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from scenara.shared.generators.tables.masked import MaskedCodes
from scenara.shared.generators.tables.masked_sampling import BLOCK, draw_code, logits_of, start
from scenara.shared.types import IntArray

__all__ = ["Guide"]

TOLD = 0.02
"""Nats that conditions have to tell about a column for the network to draw its code; what the
network takes for less is mostly the noise of its own fit."""
PROBED = 512
"""Rows on which it is measured how much conditions tell."""


class Guide:
    """Draw codes given conditions, and leave columns alone that conditions tell nothing about.

    Columns come in the order in which :meth:`observe` is told of them. Before a column is drawn,
    the network gives its law given all columns so far, with and without the conditions on columns
    still to come. Where the mean Kullback-Leibler divergence of the first from the second is less
    than ``TOLD`` nats, any finer model of the second may draw the column.

    Args:
        network: The network.
        given: By conditioned column, the code of each row, (rows,).
        n: Number of rows.

    Example:
        >>> network = MaskedCodes([2, 3], width=8).eval()
        >>> guide = Guide(network, {1: np.array([2, 0])}, 2)
        >>> guide.observe(0, np.array([1, 1])), guide.is_done
        (None, False)
        >>> guide.observe(1, np.array([2, 0])), guide.is_done
        (None, True)
    """

    def __init__(self, network: MaskedCodes, given: Mapping[int, IntArray], n: int) -> None:
        self._network = network
        self._waiting = dict(given)
        self._sums = start(network, n)
        self._free = start(network, min(n, PROBED))
        with torch.inference_mode():
            for column, codes in given.items():
                self._add(self._sums, column, codes)

    @property
    def is_done(self) -> bool:
        """Say whether no condition is on a column still to come."""
        return not self._waiting

    @torch.inference_mode()
    def draw(self, column: int, rng: np.random.Generator) -> IntArray | None:
        """Draw the codes of a column.

        Args:
            column: Which column.
            rng: The stream.

        Returns:
            Codes, (rows,); None where the conditions tell too little about it.
        """
        if self.told(column) < TOLD:
            return None
        parts = [self._logits(column, sums) for sums in torch.split(self._sums, BLOCK)]
        return np.concatenate([draw_code(part, rng).numpy() for part in parts])

    @torch.inference_mode()
    def told(self, column: int) -> float:
        """Give how many nats the conditions tell about a column, beyond the columns so far."""
        n = len(self._free)
        bound, free = (
            self._logits(column, sums).log_softmax(0) for sums in (self._sums[:n], self._free)
        )
        return float((bound.exp() * (bound - free)).sum() / max(n, 1))

    @torch.inference_mode()
    def observe(self, column: int, codes: IntArray) -> None:
        """Take notice of the codes of a column, (rows,); those of a condition are known."""
        self._add(self._free, column, codes[: len(self._free)])
        if self._waiting.pop(column, None) is None:
            self._add(self._sums, column, codes)

    def _logits(self, column: int, sums: Tensor) -> Tensor:
        _, weights, biases = self._network.column_weights(column)
        return logits_of(self._network, sums, weights, biases)

    def _add(self, sums: Tensor, column: int, codes: IntArray) -> None:
        effects = self._network.column_weights(column)[0]
        sums.add_(effects.index_select(0, torch.from_numpy(np.asarray(codes, dtype=np.int64))))
