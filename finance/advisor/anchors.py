"""Scores by straight lines between documented anchors."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

__all__ = ["Anchors", "on_lines"]

Anchors: TypeAlias = Sequence[tuple[float, float]]
"""Places in rising order with the score of each."""


def on_lines(value: float, anchors: Anchors) -> float:
    """Give the score of a value; beyond the anchors it is that of the nearest one.

    Args:
        value: What is scored.
        anchors: Places and their scores.

    Returns:
        The score.

    Example:
        >>> on_lines(3, [(0, 0), (6, 1)])
        0.5
    """
    places = np.array([place for place, _ in anchors], dtype=float)
    points = np.array([score for _, score in anchors], dtype=float)
    return float(np.interp(value, places, points))
